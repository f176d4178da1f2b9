/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runtimes.h"

#include <string.h>

#include "base/util.h"
#include "ctr/ctr.h"
#include "runner/rt_bwrap.h"
#include "runner/rt_host.h"
#include "runner/rt_null.h"
#include "runner/rt_oci.h"
#include "runner/rt_qemu.h"
#include "runner/rt_vfork.h"
#include "runner/ui.h"
#include "vmm/vmm.h"

const struct runtime_ops *const runtimes[] = {
	&host_runtime,
	&ctr_runtime,
	&kvm_runtime,
	&vm_runtime,
	&vfork_runtime,
	&bwrap_runtime,
	&crun_runtime,
	&runc_runtime,
	&qemu_runtime,
	&null_runtime,
};
const size_t n_runtimes = ARRAY_SIZE(runtimes);

const struct runtime_ops *runtime_find(const char *name)
{
	for (size_t i = 0; i < n_runtimes; i++) {
		if (!strcmp(runtimes[i]->name, name))
			return runtimes[i];
	}
	return NULL;
}

int runtime_unknown(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(runtimes)];
	size_t n = 0;

	for (size_t i = 0; i < n_runtimes; i++) {
		if (!(runtimes[i]->caps & RT_HIDDEN))
			names[n++] = runtimes[i]->name;
	}
	return ui_unknown(e, "runtime", name, names, n);
}
