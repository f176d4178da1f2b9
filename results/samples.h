/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.csv, the one file of a run from which all others can be made again: append only, one row
 * a number (docs/results.md). RFC 4180 quoting by libcsv. Numbers are written and read in the C
 * locale: the program leaves LC_NUMERIC alone.
 */
#ifndef BENCH_RESULTS_SAMPLES_H
#define BENCH_RESULTS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/sample.h"

#define SAMPLES_FILE "samples.csv"

/* Columns of samples.csv in their order; the header line is these names. */
enum samples_column {
	COL_SCHEMA,
	COL_RUN_ID,
	COL_SUITE,
	COL_BENCHMARK,
	COL_PARAMS,
	COL_RUNTIME,
	COL_KERNEL,
	COL_REPLICATE,
	COL_BLOCK,
	COL_PHASE,
	COL_SAMPLE,
	COL_ITERATIONS,
	COL_METRIC,
	COL_UNIT,
	COL_VALUE,
	COL_OVERHEAD_NS,
	COL_STATUS,
	COL_REASON,
	COL_COUNT,
	COL_HOST = COL_COUNT, /* a last column in a data set of many hosts alone ("bench merge") */
	COL_ALL
};

extern const char *const samples_columns[COL_ALL];

struct samples_writer;

/*
 * Make DIR/samples.csv with its header; -EEXIST where there is one, which is not touched. The
 * caller owns *@w and ends it with samples_close.
 */
int samples_create(const char *dir, struct samples_writer **w, struct err *e);

/* The same with the column "host". */
int samples_create_merged(const char *dir, struct samples_writer **w, struct err *e);

/*
 * Append one row by one write(2), so that a reader at any moment sees whole rows, but for the last
 * one: the kernel may show a write page by page, and samples_read leaves a cut row out. When the
 * row cannot be written whole (disk full), its beginning is cut off again: the rows before it stay
 * valid.
 */
int samples_append(struct samples_writer *w, const struct sample *s, struct err *e);

/*
 * Go on with DIR/samples.csv behind its first @size bytes, which are whole rows (sample_set.ends);
 * what follows is cut off. 0: behind nothing, so that the header is written again.
 */
int samples_reopen(const char *dir, off_t size, struct samples_writer **w, struct err *e);

/*
 * Wait until all rows are on the disk, where a power cut leaves them. It takes as long as the disk
 * does: not to be called while something is measured.
 */
int samples_sync(struct samples_writer *w, struct err *e);

/* Has the file been removed since? Rows that are appended then are nowhere. */
bool samples_removed(const struct samples_writer *w);

/* Write all rows into a new samples.csv in @dir; it works for a removed file as well. */
int samples_rescue(const struct samples_writer *w, const char *dir, struct err *e);

/* NULL is allowed. */
void samples_close(struct samples_writer *w);

/* All rows of a file; their strings live as long as the set. */
struct sample_set {
	struct sample *rows;
	off_t *ends; /* of each row: where in the file it ends, in bytes from its beginning */
	size_t n;
	bool torn;     /* the last row was cut short (a crash, a full disk) and is not among them */
	void *strings; /* private: the pool that rows[].* point into */
};

/*
 * The path of the samples in @dir, which the caller frees; an error says what is wrong with a
 * folder that somebody took for that of a run: -ENOENT, -ENOTDIR.
 */
int samples_find(const char *dir, char **path, struct err *e);

/*
 * Read @path whole and strictly: header, schema version, every number and every status are
 * checked, and the error names the line. A file without any row is an error too. On success the
 * caller releases @set with samples_free.
 */
int samples_read(const char *path, struct sample_set *set, struct err *e);

void samples_free(struct sample_set *set);

/* Is there a number in it (status ok or warmup)? */
bool sample_has_value(const struct sample *s);

#endif
