/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says, in sentences made from its summary: for people who read nothing else. Each has
 * the numbers that it rests on, and nothing is said where there are none.
 */
#ifndef BENCH_RESULTS_CONCLUSIONS_H
#define BENCH_RESULTS_CONCLUSIONS_H

#include "results/manifest.h"
#include "results/summary.h"

#define CONCLUSION_SIZE 1280

enum conclusion_verdict {
	CONCLUSION_SAME,    /* the ratio's whole interval lies within the band around 1 */
	CONCLUSION_MORE,    /* the whole interval lies above 1, but not within the band */
	CONCLUSION_LESS,    /* below 1, likewise */
	CONCLUSION_UNKNOWN, /* it holds 1 and is wider than the band: no difference found */
	CONCLUSION_NUMBER,  /* there is no interval to judge by: too few launches, or one side */
	CONCLUSION_VERDICTS
};

/* By the interval alone; @band: 0.05 for "the same within 5 %". */
enum conclusion_verdict conclusion_verdict(struct interval ratio, double band);

/*
 * Given one sentence a call, with its final stop; untrusted, in UTF-8. @subject: what this and its
 * neighbours are about, as a heading, the same pointer for all. @column: the way that it is about,
 * of the summary.
 */
typedef void (*conclusion_fn)(void *ctx, const char *subject, const char *text,
	enum conclusion_verdict verdict, size_t column);

/* All of them, subject by subject; returns how many. */
size_t conclusions(const struct summary *s, const struct manifest *m, conclusion_fn put, void *ctx);

#endif
