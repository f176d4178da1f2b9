/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is only written while the program relocates itself becomes read-only. */
#ifndef BENCH_VMM_RELRO_H
#define BENCH_VMM_RELRO_H

#include "base/err.h"

/*
 * Write-protect the program's own PT_GNU_RELRO segment: the addresses that indirect calls go to
 * (tables of functions, the GOT) are in there. ld.so has done so for a program that it started, and
 * then nothing changes; the start of a static one of musl leaves it undone. 0 or a negative errno.
 */
int relro_protect(struct err *e);

#endif
