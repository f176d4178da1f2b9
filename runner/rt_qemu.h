/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU (https://www.qemu.org/docs/master/system/i386/microvm.html) as a runtime to compare with. */
#ifndef BENCH_RUNNER_RT_QEMU_H
#define BENCH_RUNNER_RT_QEMU_H

#include "base/runtime.h"

extern const struct runtime_ops qemu_runtime;

#endif
