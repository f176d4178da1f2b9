/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one symbol of this folder for the runner: programs as init of a Linux guest of our own VMM.
 */
#ifndef BENCH_VMM_VMM_H
#define BENCH_VMM_VMM_H

#include "base/runtime.h"

extern const struct runtime_ops vm_runtime;

/* A guest's memory in bytes where rt_config.mem_bytes does not say it. */
#define VM_RAM_DEFAULT (128ul << 20)

#endif
