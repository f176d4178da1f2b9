/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a demonstration ("bench demo") has seen, as DIR/<name>.json: facts by side ("host", "ctr",
 * "vm", "vm:distro-6.12", ...) and key. All that is shown is made from it, also later and elsewhere
 * (--replay), and the report shows some of it.
 */
#ifndef BENCH_RESULTS_DEMO_FACTS_H
#define BENCH_RESULTS_DEMO_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DEMO_SCHEMA 1
#define DEMO_ABOUT                                                                                 \
	"about" /* the side that is none: machine, time, release of the host's kernel              \
		 */

struct demo_facts;

/* Empty, of the demonstration @demo. NULL: no memory. The caller frees. */
struct demo_facts *demo_facts_new(const char *demo);
void demo_facts_free(struct demo_facts *f);

/* DIR/<demo>.json, whole or not at all. Tells of memory that was missing in demo_put too. */
int demo_facts_write(const struct demo_facts *f, const char *dir, struct err *e);

/*
 * Read DIR/<demo>.json, which may be anybody's: -ENOENT; -EINVAL with what is wrong with it. On
 * success the caller frees *@f.
 */
int demo_facts_read(const char *dir, const char *demo, struct demo_facts **f, struct err *e);

/* Name of the demonstration. */
const char *demo_facts_name(const struct demo_facts *f);

/* Add a fact; bytes that are not UTF-8 become '?'. A second one with that key replaces it. */
void demo_put(struct demo_facts *f, const char *side, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The fact, or NULL. Borrowed from @f. */
const char *demo_get(const struct demo_facts *f, const char *side, const char *key);

/* The fact as a whole number; false where there is none. */
bool demo_number(const struct demo_facts *f, const char *side, const char *key, uint64_t *out);

/* Have both sides the fact, and is it the same? */
bool demo_same(const struct demo_facts *f, const char *a, const char *b, const char *key);

/* Say that a side could not be shown on this host, and why. */
void demo_put_missing(struct demo_facts *f, const char *side, const char *reason);

/* Why a side could not be shown; NULL where it was. */
const char *demo_missing(const struct demo_facts *f, const char *side);

/* The sides in the order in which they were put, without DEMO_ABOUT: NULL after the last. */
const char *demo_side(const struct demo_facts *f, size_t i);

/* The keys of a side in the order in which they were put: NULL after the last. */
const char *demo_key(const struct demo_facts *f, const char *side, size_t i);

#endif
