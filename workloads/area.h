/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anonymous memory on the kind of pages that is asked for. */
#ifndef BENCH_WORKLOADS_AREA_H
#define BENCH_WORKLOADS_AREA_H

#include <stddef.h>
#include <stdint.h>

#include "workloads/bench.h"

#define AREA_HUGE_PAGE (UINT64_C(2) << 20) /* x86-64's, by the page table's second level */

/*
 * @bytes (whole huge pages) of untouched memory, aligned to a huge page, into @c->mem: on huge
 * pages where the row says so, else on small ones only. Released with the context. 0, or what
 * bench_refused() returns, also where there is not so much memory.
 */
long area_map(struct bench_ctx *c, size_t bytes);

/*
 * Touch [@mem + @filled, @mem + @bytes), and move @filled on. 0 or what bench_refused() returns;
 * -EOPNOTSUPP with @c->why where that takes longer than anybody would wait.
 */
long area_fill(struct bench_ctx *c, char *mem, size_t bytes, size_t *filled);

/* The same judgement for who fills something else: @done of @bytes since @since (meter_clock). */
long area_patience(struct bench_ctx *c, uint64_t since, size_t done, size_t bytes);

/* Did the touched @bytes from @mem on come as huge pages? 0, or -EOPNOTSUPP and @c->why. */
long area_check_huge(struct bench_ctx *c, const char *mem, size_t bytes);

/*
 * The first @bytes (at most AREA_MOST) of the area that the rows of a group share, touched, in
 * @mem. It grows and stays, since to fill it takes longer than to walk through it; the other
 * group's is released. 0 or as above.
 */
#define AREA_MOST (UINT64_C(2) << 30)
long area_share(struct bench_ctx *c, size_t bytes, char **mem);

/* Release what is shared, for rows that need memory of their own. */
void area_release(void);

/* Does what transparent_hugepage/enabled says, as in "always madvise [never]", mean none? */
int area_huge_are_off(const char *enabled);

/* Bytes of huge pages between @from and @to by one line after the other of smaps (proc(5)). */
struct smaps_sum {
	unsigned long from, to;
	int inside; /* the lines are about a mapping that lies in between */
	unsigned long bytes;
};
void smaps_line(struct smaps_sum *s, const char *line);

#endif
