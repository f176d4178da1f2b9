/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/csv_row.h"

struct samples_writer {
	int fd;
	char *path;
	off_t size;  /* up to the end of the last whole row */
	bool merged; /* with the column "host" */
	struct csv_row row;
};

const char *const samples_columns[COL_ALL] = {
	[COL_SCHEMA] = "schema",
	[COL_RUN_ID] = "run_id",
	[COL_SUITE] = "suite",
	[COL_BENCHMARK] = "benchmark",
	[COL_PARAMS] = "params",
	[COL_RUNTIME] = "runtime",
	[COL_KERNEL] = "kernel",
	[COL_REPLICATE] = "replicate",
	[COL_BLOCK] = "block",
	[COL_PHASE] = "phase",
	[COL_SAMPLE] = "sample",
	[COL_ITERATIONS] = "iterations",
	[COL_METRIC] = "metric",
	[COL_UNIT] = "unit",
	[COL_VALUE] = "value",
	[COL_OVERHEAD_NS] = "overhead_ns",
	[COL_STATUS] = "status",
	[COL_REASON] = "reason",
	[COL_HOST] = "host",
};

bool sample_has_value(const struct sample *s)
{
	return s->status == SAMPLE_OK || s->status == SAMPLE_WARMUP;
}

static int write_row(struct samples_writer *w, struct err *e)
{
	/* One write(2); a second only where the first took a part, and then it says why. */
	int r = write_all(w->fd, w->row.text, w->row.len);

	if (!r) {
		w->size += (off_t)w->row.len;
		return 0;
	}
	err_set(e, r, "write", "'%s': a row could not be written; the rows before it are kept: %s",
		w->path, strerror(-r));
	if (ftruncate(w->fd, w->size) < 0)
		return err_sys(e, "ftruncate", "'%s': its last row is cut short", w->path);
	return e ? err_help(e, "make room, or choose another disk with --out") : r;
}

static int write_header(struct samples_writer *w, struct err *e)
{
	csv_row_begin(&w->row);
	for (size_t i = 0; i < (w->merged ? COL_ALL : COL_COUNT); i++)
		csv_row_text(&w->row, samples_columns[i]);
	if (csv_row_end(&w->row) < 0)
		return err_set(e, -ENOMEM, "malloc", "no memory for the header of '%s'", w->path);
	return write_row(w, e);
}

static int create(const char *dir, bool merged, struct samples_writer **out, struct err *e)
{
	struct samples_writer *w = calloc(1, sizeof(*w));
	int r;

	if (w) {
		w->fd = -1;
		w->merged = merged;
	}
	if (!w || !(w->path = format_text("%s/" SAMPLES_FILE, dir))) {
		samples_close(w);
		return err_set(e, -ENOMEM, "malloc", "no memory for writing samples");
	}
	/* O_EXCL: what somebody measured before is never overwritten. */
	w->fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (w->fd < 0) {
		r = err_sys(e, "open", "cannot make '%s'", w->path);
		samples_close(w);
		return r;
	}
	r = write_header(w, e);
	if (r < 0) {
		unlink(w->path); /* ours, and empty: nothing but the header was to be in it */
		samples_close(w);
		return r;
	}
	*out = w;
	return 0;
}

int samples_create(const char *dir, struct samples_writer **w, struct err *e)
{
	return create(dir, false, w, e);
}

int samples_create_merged(const char *dir, struct samples_writer **w, struct err *e)
{
	return create(dir, true, w, e);
}

int samples_append(struct samples_writer *w, const struct sample *s, struct err *e)
{
	struct csv_row *row = &w->row;
	bool valued = sample_has_value(s);

	csv_row_begin(row);
	csv_row_count(row, SAMPLE_SCHEMA);
	csv_row_text(row, s->run_id);
	csv_row_text(row, s->suite);
	csv_row_text(row, s->benchmark);
	csv_row_text(row, s->params);
	csv_row_text(row, s->runtime);
	csv_row_text(row, s->kernel);
	csv_row_count(row, s->replicate);
	csv_row_count(row, s->block);
	csv_row_text(row, s->phase);
	csv_row_count(row, s->sample);
	if (valued)
		csv_row_count(row, s->iterations);
	else
		csv_row_text(row, "");
	csv_row_text(row, s->metric);
	csv_row_text(row, s->unit);
	csv_row_number(row, valued ? s->value : NAN);
	csv_row_number(row, valued ? s->overhead_ns : NAN);
	csv_row_text(row, sample_status_names[s->status]);
	csv_row_text(row, s->reason);
	if (w->merged)
		csv_row_text(row, s->host ? s->host : "");
	if (csv_row_end(row) < 0)
		return err_set(e, -ENOMEM, "malloc", "no memory for a row of '%s'", w->path);
	return write_row(w, e);
}

void samples_close(struct samples_writer *w)
{
	if (!w)
		return;
	close_fd(&w->fd);
	csv_row_free(&w->row);
	free(w->path);
	free(w);
}
