/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/linux_guest.h"

#include <errno.h>

#include "runner/machine.h"
#include "runner/ui.h"
#include "vmm/probe.h"

int linux_guest_check(struct linux_guest *g, const struct rt_config *cfg, struct err *why)
{
	struct kvm_probe probe;

	if (!g->asked && !kvm_probe_guest(cfg, &probe, &g->no) && !probe.linux_can_run) {
		err_set(&g->no, -ENODEV, "probe", "%s", probe.reason);
		err_help(&g->no, "%s", probe.remedy);
	}
	g->asked = true;
	if (g->no.code)
		*why = g->no;
	return g->no.code;
}

int linux_guest_place(const struct rt_config *cfg, bool *emulated, struct err *e)
{
	struct linux_guest guest = { .asked = false };
	struct err no, why;
	int r = linux_guest_check(&guest, cfg, &no);

	*emulated = false;
	if (!r)
		return 0;
	if (r != -ENODEV) {
		*e = no;
		return r;
	}
	if (machine_probe(&why) < 0) { /* neither: what can run natively does */
		ui_warn("no emulated machine either: %s", why.message);
		return 0;
	}
	ui_note("%s: running in the emulated machine", no.message);
	*emulated = true;
	return 0;
}
