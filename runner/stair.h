/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the suites that hold instances have in common: one more at a time, as long as the host has
 * memory left; what they take, read after each; and the release, which is waited for.
 */
#ifndef BENCH_RUNNER_STAIR_H
#define BENCH_RUNNER_STAIR_H

#include "runner/hold.h"
#include "runner/meminfo.h"
#include "runner/rows_held.h"
#include "runner/schedule.h"
#include "runner/settle.h"

struct stair {
	struct schedule *s;
	size_t launch; /* index into the plan */
	struct hold hold;
	struct held_rows rows;
	struct settle before;
	struct meminfo last;
	size_t last_n;        /* how many were held when it was read */
	uint64_t floor_bytes; /* of MemAvailable: below it nothing more is started */
	uint64_t step_bytes;  /* the most that one has taken so far, or the first guess */
	char stopped[700];    /* what stopped it before the number asked for; "" */
	bool broken;          /* not the host's limits did: one failed to become ready */
};

/*
 * Begin with nothing held, for at most @max of them, each of which is a process of @touched_bytes
 * besides its own (which only says what the first one may take; later ones are judged by the
 * others). stair_end is due in every case. 0; -ENOTSUP with a reason
 * where this way or this host cannot do it; or an error of the harness.
 */
int stair_begin(struct stair *st, struct schedule *s, size_t launch, const char *benchmark,
	size_t max, uint64_t touched_bytes, struct err *e);

/*
 * One more; @wish as in hold_start. 1: it is held; 0: it is not, st->stopped says why, and this is
 * the end of the stair (with none held, *@e has the reason and its code); -ECANCELED.
 */
int stair_step(struct stair *st, char *const *argv, unsigned wish, struct err *e);

/* Read the host's memory into st->last, and take part of how much one more costs: @since is what
 * was read @steps steps before. */
int stair_read(struct stair *st, const struct meminfo *since, size_t steps, struct err *e);

/* A warning where it was stopped before @wanted were held. */
void stair_say_stopped(const struct stair *st, size_t wanted);

/* Nothing was held at all, for the reason in @why: the one row that says so, in the place of the
 * suite's own metric. 0 or what put returned. */
int stair_put_nothing(const struct stair *st, const struct err *why, struct err *e);

/*
 * Release all and wait until the host is as before; what is not is a warning and in *@left (may be
 * NULL). *@took_ns (may be NULL): until the last one was reaped. -ECANCELED, or an error.
 */
int stair_end(struct stair *st, struct left_behind *left, uint64_t *took_ns, struct err *e);

#endif
