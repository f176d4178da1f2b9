/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/remedy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define STATUS_MAX 65536

/* A row fits when step and code do and the setting has this value. First fit wins. */
struct remedy {
	const char *step; /* NULL: any */
	int code;         /* 0: any */
	const char *file; /* below /proc; NULL: nothing to look up */
	const char *value;
	const char *help;
};

static const struct remedy remedies[] = {
	{ "root file system", -ESTALE, NULL, NULL,
		"the program's tree was changed while it was used: leave it alone until the end" },
	{ "clone", -EPERM, "sys/kernel/unprivileged_userns_clone", "0",
		"this host lets only root make user namespaces: sysctl "
		"kernel.unprivileged_userns_clone=1, or run as root" },
	{ "clone", 0, "sys/user/max_user_namespaces", "0",
		"this host allows no user namespaces: sysctl user.max_user_namespaces=15000" },
	{ "clone", -ENOSPC, NULL, NULL,
		"a limit on namespaces is reached: see sysctl user.max_user_namespaces and its "
		"neighbours; at most 32 can be nested" },
	{ NULL, 0, "sys/kernel/apparmor_restrict_unprivileged_userns", "1",
		"AppArmor lets user namespaces come to life without rights (Ubuntu 24.04): sysctl "
		"kernel.apparmor_restrict_unprivileged_userns=0, a profile with 'userns,' for "
		"bench, or run as root" },
	{ "clone", -EPERM, "self/status", "\nSeccomp:\t2",
		"a filter around us forbids namespaces, as Docker's does: docker run "
		"--security-opt "
		"seccomp=unconfined" },
	{ "root file system", -EPERM, NULL, NULL,
		"the kernel gives no fresh /proc where parts of the present one are masked, as in "
		"Docker: docker run --security-opt systempaths=unconfined; or switch the "
		"namespace mount off" },
	{ "clone", -EPERM, NULL, NULL, "run as root, or leave the namespace user switched on" },
	{ "execve", -EACCES, NULL, NULL,
		"the program must be executable by others, and on a file system without noexec" },
	{ "execveat", -EACCES, NULL, NULL,
		"the program must be executable by others, and on a file system without noexec" },
};

static bool setting_is(const char *proc, const struct remedy *rm)
{
	cleanup_free char *path = format_text("%s/%s", proc, rm->file), *text = NULL;

	if (!path || read_file(path, STATUS_MAX, &text, NULL) < 0)
		return false;
	if (rm->value[0] == '\n')
		return strstr(text, rm->value) != NULL;
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, rm->value);
}

int remedy_add(struct err *e, const char *proc)
{
	if (!e)
		return -EIO;
	if (e->remedy[0] || (e->code != -EPERM && e->code != -EACCES && e->code != -ENOSPC &&
				    e->code != -ESTALE))
		return e->code;
	for (unsigned i = 0; i < ARRAY_SIZE(remedies); i++) {
		const struct remedy *rm = &remedies[i];

		if ((rm->step && strcmp(rm->step, e->step)) || (rm->code && rm->code != e->code) ||
			(rm->file && !setting_is(proc, rm)))
			continue;
		return err_help(e, "%s", rm->help);
	}
	return e->code;
}
