/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a step that the kernel refused to the setting that makes it do so. */
#ifndef BENCH_CTR_REMEDY_H
#define BENCH_CTR_REMEDY_H

#include "base/err.h"

/*
 * Add to @e, whose step and code are filled, what helps: settings are looked up below @proc
 * ("/proc"; tests have their own). Leaves @e alone where nothing is known. Returns e->code.
 */
int remedy_add(struct err *e, const char *proc);

#endif
