/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VM that does nothing and stays (bench-vmm --hold).
 *
 * The first VM on a host makes its kernel patch its own code (static keys: preempt notifiers, APICs
 * that are off), and the last one's end makes it patch back. QEMU before 8.1 may run stale code
 * when a kernel that it emulates patches itself on several CPUs ("accel/tcg: Always lock pages
 * before translation" repaired it). In the emulated machine one VM is therefore kept from the start
 * on, so that this happens once, while it boots, and not at each launch.
 */
#ifndef BENCH_VMM_HOLD_H
#define BENCH_VMM_HOLD_H

#include "base/err.h"

/* Make a VM with interrupt chips and a vCPU that never runs. 0, then pause() until killed. */
int vm_hold(struct err *e);

#endif
