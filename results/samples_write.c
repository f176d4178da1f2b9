/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "results/csv_row.h"

struct samples_writer {
	int fd;
	char *path;
	off_t size;   /* up to the end of the last whole row */
	off_t synced; /* and of what is on the disk for certain */
	bool merged;  /* with the column "host" */
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
	err_help(e, r == -EFBIG ? "raise the limit of file sizes (ulimit -f)"
				: "make room, or choose another disk");
	return r;
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

static struct samples_writer *new_writer(const char *dir, bool merged)
{
	struct samples_writer *w = calloc(1, sizeof(*w));

	if (w) {
		w->fd = -1;
		w->merged = merged;
	}
	if (!w || !(w->path = format_text("%s/" SAMPLES_FILE, dir))) {
		samples_close(w);
		return NULL;
	}
	return w;
}

static int create(const char *dir, bool merged, struct samples_writer **out, struct err *e)
{
	struct samples_writer *w = new_writer(dir, merged);
	int r;

	if (!w)
		return err_set(e, -ENOMEM, "malloc", "no memory for writing samples");
	/* O_EXCL: what somebody measured before is never overwritten. Read as well: samples_rescue.
	 */
	w->fd = open(w->path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
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

/* Open the file at the end of its first @size bytes. */
static int reopen(struct samples_writer *w, off_t size, struct err *e)
{
	struct stat st;

	/* The folder may come from anybody: no link, and no pipe to wait at. */
	w->fd = open(w->path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (w->fd < 0 || fstat(w->fd, &st) < 0)
		return err_sys(e, "open", "'%s' cannot be written on", w->path);
	if (!S_ISREG(st.st_mode) || st.st_size < size)
		return err_set(e, -EBADMSG, "open", "'%s' is not the file that was read", w->path);
	if (ftruncate(w->fd, size) < 0)
		return err_sys(e, "ftruncate", "'%s': its end cannot be cut off", w->path);
	w->size = size;
	return size ? 0 : write_header(w, e);
}

int samples_reopen(const char *dir, off_t size, struct samples_writer **out, struct err *e)
{
	struct samples_writer *w = new_writer(dir, false);
	int r = w ? reopen(w, size, e)
		  : err_set(e, -ENOMEM, "malloc", "no memory for writing samples");

	if (r < 0)
		samples_close(w);
	else
		*out = w;
	return r;
}

int samples_sync(struct samples_writer *w, struct err *e)
{
	if (w->synced == w->size)
		return 0;
	if (fdatasync(w->fd) < 0) {
		err_sys(e, "fdatasync", "'%s': its last rows may not be on the disk", w->path);
		return err_help(e, "see to the disk, or choose another one");
	}
	w->synced = w->size;
	return 0;
}

bool samples_removed(const struct samples_writer *w)
{
	struct stat st;

	return !fstat(w->fd, &st) && !st.st_nlink;
}

static int copy_all(const struct samples_writer *w, int to)
{
	char buf[16 * 1024];
	off_t at = 0;

	while (at < w->size) {
		ssize_t n = pread_all(w->fd, buf, sizeof(buf), at);
		int r = n > 0 ? write_all(to, buf, (size_t)n) : n < 0 ? -errno : -EIO;

		if (r < 0)
			return r;
		at += n;
	}
	return fsync(to) < 0 ? -errno : 0;
}

int samples_rescue(const struct samples_writer *w, const char *dir, struct err *e)
{
	cleanup_free char *path = format_text("%s/" SAMPLES_FILE, dir);
	cleanup_fd int to = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
	int r;

	if (to < 0)
		return err_sys(e, "open", "making a " SAMPLES_FILE " in '%s'", dir);
	r = copy_all(w, to);
	return r < 0 ? err_set(e, r, "write", "'%s': %s", path, strerror(-r)) : 0;
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
