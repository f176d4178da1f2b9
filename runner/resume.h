/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going on with a run that was stopped: by Ctrl-C, by a full disk, by a power cut between any two
 * writes. Its manifest says the options, from which comes the very same plan; the rows of its
 * samples.csv say how far it came. A launch that may not have all of its rows is carried out again.
 * The folder may come from anybody: all of it is read as untrusted.
 */
#ifndef BENCH_RUNNER_RESUME_H
#define BENCH_RUNNER_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "results/manifest.h"
#include "results/samples.h"
#include "runner/plan.h"
#include "runner/run_options.h"
#include "runner/rundir.h"
#include "runner/words.h"

struct resume {
	struct rundir dir;         /* locked; handed on by resume_take_dir */
	struct manifest *manifest; /* as the run left it */
	struct words words;        /* what the options of the run point into */
	bool complete;             /* nothing is left to be measured */
	bool emulated;             /* it ran in the emulated machine, and we do not */

	/* Filled by resume_find. */
	size_t from; /* the first launch of the plan that is to be carried out */
	size_t rows; /* that stay in samples.csv; */
	off_t bytes; /* where they end, */
	off_t cut;   /* and how much lies behind that: rows of that launch, a torn one */
};

/*
 * Read what the run in o->resume was, and make *@o its options; of those given, format, raw and
 * dry_run stay. -EINVAL: it is no run that can be gone on with; -EBUSY: another one is writing
 * there. resume_close is due in every case.
 */
int resume_open(struct resume *r, struct run_options *o, struct err *e);

/* Hand over the locked folder. */
void resume_take_dir(struct resume *r, struct rundir *d);

/*
 * Hold the ways of @p, opened or not, against those of the run. What could not be used then is not
 * used now; -ENODEV where it is the other way round.
 */
int resume_ways(struct resume *r, struct plan *p, struct err *e);

/* How far did it come? -EBADMSG where the rows are not of this plan. */
int resume_find(struct resume *r, const struct plan *p, struct err *e);

/*
 * -EINVAL where tool, program, machine, CPU, kernels or other people's runtimes are not those of
 * the run, by what is known of now: @prefix "" or "outside.", of an emulated machine's real host.
 */
int resume_fits(
	const struct resume *r, const struct manifest *now, const char *prefix, struct err *e);

/*
 * Go on: cut off what is behind the rows that stay (it is kept in the log), and write into the
 * manifest when and where it was gone on. The caller ends *@w with samples_close.
 */
int resume_begin(struct resume *r, const struct rundir *d, const char *command,
	struct samples_writer **w, struct err *e);

void resume_close(struct resume *r);

#endif
