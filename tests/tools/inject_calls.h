/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may go wrong with each system call, for tests/tools/inject.c. */
#ifndef BENCH_TESTS_INJECT_CALLS_H
#define BENCH_TESTS_INJECT_CALLS_H

enum mode {
	SKIPPED, /* it cannot fail, or cannot be told to */
	REFUSED, /* it is not made at all */
	DONE,    /* it is made, and its result replaced: what it frees is freed */
};

enum {
	INTERRUPTIBLE = 1,
	IN_PARTS = 2,  /* it may do less than it was asked for */
	BY_STREAM = 4, /* libc's streams make it, and give up when they are interrupted */
};

struct call {
	const char *name;
	long nr;
	int error; /* 0: EIO */
	enum mode mode;
	unsigned how;
};

/* NULL: one that is in no row; it fails with EIO. */
const struct call *find_call(long nr);

#endif
