/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * manifest.json: what was measured, on what, with what. Nested objects addressed by dotted keys
 * ("host.cpu.model"); leaves are strings, numbers and truth values.
 */
#ifndef BENCH_RESULTS_MANIFEST_H
#define BENCH_RESULTS_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define MANIFEST_FILE "manifest.json"
#define MANIFEST_UNKNOWN "unknown"

/* The key "schema": what the keys mean. A manifest without it is from before it was written: 1. */
#define MANIFEST_SCHEMA 1

/* The known values of the key "machine". */
#define MACHINE_NATIVE "native"
#define MACHINE_EMULATED "emulated"
#define MACHINE_NESTED "nested"

struct manifest;

/* An empty one, or NULL when out of memory. The caller owns it. */
struct manifest *manifest_new(void);
void manifest_free(struct manifest *m);

/*
 * Set a leaf, making the objects on its way; an existing leaf is replaced. Text that is not UTF-8
 * is kept with each bad byte as '?'. -EINVAL where a leaf stands in the way of an object or the
 * other way round, or the key is empty.
 */
int manifest_set(struct manifest *m, const char *key, const char *value, struct err *e);
int manifest_set_number(struct manifest *m, const char *key, double value, struct err *e);
int manifest_set_count(struct manifest *m, const char *key, int64_t value, struct err *e);

/*
 * Set the object @key to a copy of all of @part, or of its object @part_key where that is not "".
 * -EINVAL where there is no such object.
 */
int manifest_embed(struct manifest *m, const char *key, const struct manifest *part,
	const char *part_key, struct err *e);

/* The text of a leaf, numbers as text; "unknown" where there is none. Valid until @m changes. */
const char *manifest_get(const struct manifest *m, const char *key);

/* "cpu,paging", the suites of the run; of a manifest from before all were written the first. */
const char *manifest_suites(const struct manifest *m);

/* Is it of several runs joined ("bench merge")? Their facts are then below "runs.N" each. */
bool manifest_merged(const struct manifest *m);

/* Calls @put for every leaf with its dotted key, sorted by key. */
void manifest_each(const struct manifest *m,
	void (*put)(void *ctx, const char *key, const char *value), void *ctx);

/* Write DIR/manifest.json: keys sorted, indented, whole or not at all. */
int manifest_write(const struct manifest *m, const char *dir, struct err *e);

/*
 * Read DIR/manifest.json, at most 32 MiB; the error names the line. A folder without one gives an
 * empty manifest, of which everything is unknown: samples.csv alone is enough for all results.
 */
int manifest_read(const char *dir, struct manifest **m, struct err *e);

/* Do the numbers come from an emulated machine, whose absolute times mean nothing? */
bool manifest_emulated(const struct manifest *m);

/* The sentence that stands wherever such numbers are shown. */
#define EMULATED_MARK "emulated: the shape of a comparison holds, absolute times do not"

/*
 * Is the host a virtual machine itself? By "machine", or by the hypervisor that its CPU names. An
 * emulated machine is not told so: it has the mark above.
 */
bool manifest_nested(const struct manifest *m);

/* The sentence that stands wherever numbers of its guests are shown. */
#define NESTED_MARK                                                                                \
	"nested: the host is a virtual machine itself, so that what its guests leave to the "      \
	"hypervisor takes several times as long as on a real one"

#endif
