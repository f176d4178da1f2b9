/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the state that a VMM process left behind to what the runner is told. */
#ifndef BENCH_VMM_VERDICT_H
#define BENCH_VMM_VERDICT_H

#include "base/runtime.h"
#include "vmm/vm_proto.h"

/*
 * @out holds what proc_wait said of the process; kind, code, reason and the phases that the VMM
 * stamped are replaced by what is true of the guest. @st is untrusted.
 */
void vm_verdict(const struct vm_state *st, struct outcome *out);

#endif
