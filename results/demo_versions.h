/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The facts of "bench demo versions" as a matrix: which system calls, on which side, there or not.
 * DEMO_ABOUT has "since.CALL" (the version of Linux that first had it) and "option.CALL" (the word
 * without which a kernel is built without it; "": none); a side has "kernel.release", "call.CALL"
 * (the errno that it answered with) and "versions.seccomp" (0: no filter between it and its
 * kernel).
 */
#ifndef BENCH_RESULTS_DEMO_VERSIONS_H
#define BENCH_RESULTS_DEMO_VERSIONS_H

#include "results/demo_facts.h"

#define VERSIONS_DEMO "versions"
#define VERSIONS_CALLS 64 /* more rows than these are not looked at */

enum call_state {
	CALL_UNKNOWN,  /* no answer, or a kernel of unknown version */
	CALL_THERE,    /* as its version says */
	CALL_NOT_YET,  /* the kernel is older than the call */
	CALL_LEFT_OUT, /* new enough, and built without the call */
	CALL_EARLY,    /* the kernel is older than the call, and has it all the same */
	CALL_LOST      /* new enough, has it not, and there is no building without it */
};

/* The @i-th call, as the facts have them; NULL after the last. Borrowed from @f. */
const char *versions_call(const struct demo_facts *f, size_t i);

/* The version that first had it, and the option; NULL: the facts do not say. */
const char *versions_since(const struct demo_facts *f, const char *call);
const char *versions_option(const struct demo_facts *f, const char *call);

enum call_state versions_state(const struct demo_facts *f, const char *side, const char *call);

/* Does the kernel have it, at whatever version? */
bool versions_has(enum call_state state);

/*
 * "6.12.48-amd64" as a number that is greater for a newer kernel, each of three parts below 65536,
 * what is missing 0. False where it does not begin with a version.
 */
bool versions_parse(const char *release, uint64_t *out);

/* The version at the beginning of a release, "6.12.48", into @out. */
void versions_short(const char *release, char *out, size_t size);

#endif
