/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest kernel's command line: its options, and the arguments of its init. */
#ifndef BENCH_VMM_CMDLINE_H
#define BENCH_VMM_CMDLINE_H

#include <stddef.h>

#include "base/err.h"

/* Options that every Linux guest gets, each with its reason in cmdline.c. */
extern const char *const cmdline_linux;

/*
 * "@options -- ARGS" into @out. @argv is NULL-terminated; argv[0] is left out, for the kernel puts
 * the init's own path there. -E2BIG: too long, or more arguments than a kernel takes; -EINVAL: an
 * argument that its parser cannot take (empty, quotes, control characters).
 */
int cmdline_make(const char *options, char *const *argv, char *out, size_t size, struct err *e);

#endif
