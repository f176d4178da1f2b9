/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/sys.h"

unsigned caps_known(void)
{
	cap_value_t max = cap_max_bits();

	return max > 0 ? (unsigned)max : CAP_LAST_CAP + 1;
}

bool caps_have(int cap)
{
	cap_flag_value_t v = CAP_CLEAR;
	cap_t c = cap_get_proc();

	if (!c)
		return false;
	if (cap_get_flag(c, cap, CAP_EFFECTIVE, &v) < 0)
		v = CAP_CLEAR;
	cap_free(c);
	return v == CAP_SET;
}

/* A new user namespace had filled the bounding set again, whatever the runner's was. */
CHILD_CODE long caps_drop_bounds(unsigned known)
{
	long r;

	for (unsigned cap = 0; cap < known; cap++) {
		r = sys2(SYS_prctl, PR_CAPBSET_DROP, cap);
		if (r < 0 && r != -EINVAL) /* EINVAL: past the kernel's last */
			return r;
	}
	return 0;
}

CHILD_CODE long caps_drop_all(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };
	long r = sys5(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	return r < 0 ? r : sys2(SYS_capset, &head, none);
}
