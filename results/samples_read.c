/* SPDX-License-Identifier: GPL-3.0-or-later */
/* samples.csv in: everything in it is untrusted, since a run's folder may come from anywhere. */
#include "results/samples.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "results/number.h"
#include "results/strings.h"

#define MAX_FIELD (64 * 1024)  /* our longest, a reason, has below 1 KiB */
#define MAX_ROWS 4000000       /* half a gigabyte in memory; a full run has some ten thousand */
#define MAX_REPLICATE UINT_MAX /* all counters but iterations are unsigned in struct sample */

struct reader {
	const char *path;
	struct sample_set *set;
	struct err *e;
	size_t capacity;
	size_t line, row_line; /* of the file; where the row being read began */
	off_t end;             /* of the line being read: a row ends nowhere else */
	bool header_done;
	unsigned columns; /* COL_COUNT, or one more where there is a column "host" */
	unsigned n_fields;
	unsigned nul;          /* the field of the row being read that holds a NUL byte, from 1 */
	char *fields[COL_ALL]; /* of the row being read */
	int error;             /* the first one; the rest of the file is then passed over */
};

#define bad(rd, ...)                                                                               \
	do {                                                                                       \
		char why_[512];                                                                    \
		snprintf(why_, sizeof(why_), __VA_ARGS__);                                         \
		complain(rd, why_);                                                                \
	} while (0)

/* Text of the file goes into a message of one line: whatever could break that is masked. */
static void complain(struct reader *rd, char *why)
{
	if (rd->error)
		return;
	for (char *p = why; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	}
	rd->error = err_set(
		rd->e, -EBADMSG, "samples", "'%s' line %zu: %s", rd->path, rd->row_line, why);
}

static void drop_fields(struct reader *rd)
{
	for (size_t i = 0; i < COL_ALL; i++) {
		free(rd->fields[i]);
		rd->fields[i] = NULL;
	}
	rd->n_fields = rd->nul = 0;
}

static void on_field(void *text, size_t len, void *ctx)
{
	struct reader *rd = ctx;

	if (!rd->n_fields)
		rd->row_line = rd->line;
	if (rd->error)
		return;
	if (memchr(text, '\0', len)) {
		rd->nul = rd->n_fields + 1;
	} else if (rd->n_fields < COL_ALL) {
		rd->fields[rd->n_fields] = strndup(text, len);
		if (!rd->fields[rd->n_fields])
			rd->error =
				err_set(rd->e, -ENOMEM, "malloc", "no memory for '%s'", rd->path);
	}
	rd->n_fields++;
}

static void check_header(struct reader *rd)
{
	rd->header_done = true;
	rd->columns = rd->n_fields == COL_ALL ? COL_ALL : COL_COUNT;
	for (unsigned i = 0; i < rd->columns; i++) {
		const char *name = i < rd->n_fields ? rd->fields[i] : "";

		if (strcmp(name, samples_columns[i]))
			bad(rd, "not a file of samples: column %u is '%.40s', not '%s'", i + 1,
				name, samples_columns[i]);
	}
	if (rd->n_fields > rd->columns)
		bad(rd, "not a file of samples: %u columns, not %u", rd->n_fields, rd->columns);
}

static uint64_t count_of(struct reader *rd, enum samples_column col, uint64_t max)
{
	uint64_t v = 0;

	if (parse_u64(rd->fields[col], 0, max, &v) < 0)
		bad(rd, "%s '%.40s' is not a whole number up to %ju", samples_columns[col],
			rd->fields[col], (uintmax_t)max);
	return v;
}

static double number_of(struct reader *rd, enum samples_column col)
{
	double v = 0;

	if (number_parse(rd->fields[col], &v) < 0)
		bad(rd, "%s '%.40s' is not a finite number", samples_columns[col], rd->fields[col]);
	return v;
}

static enum sample_status status_of(struct reader *rd)
{
	for (int i = 0; i < SAMPLE_STATUS_COUNT; i++) {
		if (!strcmp(rd->fields[COL_STATUS], sample_status_names[i]))
			return (enum sample_status)i;
	}
	bad(rd, "unknown status '%.40s'", rd->fields[COL_STATUS]);
	return SAMPLE_FAILED;
}

/* Of a column that the file need not have: "". */
static const char *string_of(struct reader *rd, enum samples_column col)
{
	const char *s =
		strings_keep(&rd->set->strings, (unsigned)col < rd->columns ? rd->fields[col] : "");

	if (!s && !rd->error)
		rd->error = err_set(rd->e, -ENOMEM, "malloc", "no memory for '%s'", rd->path);
	return s;
}

/* A number where there should be none would be a result that nobody has measured. */
static void check_empty(struct reader *rd)
{
	static const enum samples_column cols[] = { COL_ITERATIONS, COL_VALUE, COL_OVERHEAD_NS };

	for (size_t i = 0; i < ARRAY_SIZE(cols); i++) {
		if (*rd->fields[cols[i]])
			bad(rd, "status '%.40s' with a value in column %s", rd->fields[COL_STATUS],
				samples_columns[cols[i]]);
	}
}

static struct sample sample_of(struct reader *rd)
{
	struct sample s = {
		.run_id = string_of(rd, COL_RUN_ID),
		.suite = string_of(rd, COL_SUITE),
		.benchmark = string_of(rd, COL_BENCHMARK),
		.params = string_of(rd, COL_PARAMS),
		.runtime = string_of(rd, COL_RUNTIME),
		.kernel = string_of(rd, COL_KERNEL),
		.replicate = (unsigned)count_of(rd, COL_REPLICATE, MAX_REPLICATE),
		.block = (unsigned)count_of(rd, COL_BLOCK, MAX_REPLICATE),
		.phase = string_of(rd, COL_PHASE),
		.sample = (unsigned)count_of(rd, COL_SAMPLE, MAX_REPLICATE),
		.metric = string_of(rd, COL_METRIC),
		.unit = string_of(rd, COL_UNIT),
		.status = status_of(rd),
		.reason = string_of(rd, COL_REASON),
		.host = string_of(rd, COL_HOST),
	};

	if (sample_has_value(&s)) {
		s.iterations = count_of(rd, COL_ITERATIONS, UINT64_MAX);
		s.value = number_of(rd, COL_VALUE);
		s.overhead_ns = number_of(rd, COL_OVERHEAD_NS);
	} else {
		check_empty(rd);
	}
	return s;
}

static int grow(struct reader *rd)
{
	size_t capacity = rd->capacity ? rd->capacity * 2 : 1024;
	struct sample *rows;
	off_t *ends;

	if (rd->set->n < rd->capacity)
		return 0;
	rows = reallocarray(rd->set->rows, capacity, sizeof(*rows));
	rd->set->rows = rows ? rows : rd->set->rows;
	ends = reallocarray(rd->set->ends, capacity, sizeof(*ends));
	rd->set->ends = ends ? ends : rd->set->ends;
	if (!rows || !ends)
		return err_set(rd->e, -ENOMEM, "malloc", "no memory for '%s'", rd->path);
	rd->capacity = capacity;
	return 0;
}

static void take_row(struct reader *rd)
{
	uint64_t schema;
	struct sample s;

	if (rd->n_fields != rd->columns) {
		bad(rd, "%u fields instead of %u", rd->n_fields, rd->columns);
		return;
	}
	schema = count_of(rd, COL_SCHEMA, UINT64_MAX);
	if (schema != SAMPLE_SCHEMA)
		bad(rd, "schema version %ju: this program knows version %d", (uintmax_t)schema,
			SAMPLE_SCHEMA);
	if (rd->set->n == MAX_ROWS)
		bad(rd, "more than %d rows", MAX_ROWS);
	if (rd->error)
		return;
	s = sample_of(rd);
	if (!rd->error)
		rd->error = grow(rd);
	if (rd->error)
		return;
	rd->set->ends[rd->set->n] = rd->end;
	rd->set->rows[rd->set->n++] = s;
}

/* @end is the byte that ended the row, or -1 where the file ended first: a torn row. */
static void on_row(int end, void *ctx)
{
	struct reader *rd = ctx;

	if (end == -1) /* also the zeros that a power cut may leave where a row was to be */
		rd->set->torn = true;
	else if (rd->error)
		; /* passed over */
	else if (rd->nul)
		bad(rd, "field %u holds a NUL byte", rd->nul);
	else if (!rd->header_done)
		check_header(rd);
	else
		take_row(rd);
	drop_fields(rd);
}

/* Line by line into the parser, so that an error can name its line. */
static void parse_chunk(struct reader *rd, struct csv_parser *csv, const char *text, size_t len)
{
	while (len && !rd->error) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) + 1 : len;

		rd->end += (off_t)n;
		if (csv_parse(csv, text, n, on_field, on_row, rd) != n) {
			rd->row_line = rd->line;
			if (csv_error(csv) == CSV_EPARSE)
				bad(rd, "a quote in the middle of a field");
			else
				bad(rd, "%s", csv_strerror(csv_error(csv)));
		}
		if (csv_get_buffer_size(csv) > MAX_FIELD) {
			rd->row_line = rd->line;
			bad(rd, "a field of more than %d bytes", MAX_FIELD);
		}
		rd->line += newline != NULL;
		text += n;
		len -= n;
	}
}

static int read_all(struct reader *rd, struct csv_parser *csv, int fd)
{
	char buf[16 * 1024];
	ssize_t n;

	while (!rd->error && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(rd->e, "read", "'%s'", rd->path);
		parse_chunk(rd, csv, buf, (size_t)n);
	}
	/* An open quote at the end of the file is a torn row like any other. */
	if (!rd->error && csv_fini(csv, on_field, on_row, rd) < 0)
		rd->set->torn = true;
	return rd->error;
}

/* O_NONBLOCK: a pipe of this name must not block us for ever. */
static int open_regular(const char *path, int *fd, struct err *e)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0)
		return err_sys(e, "open", "'%s'", path);
	if (fstat(*fd, &st) < 0)
		return err_sys(e, "fstat", "'%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "open", "'%s' is not a regular file", path);
	if (st.st_size == 0)
		return err_set(e, -ENODATA, "samples", "'%s' is empty", path);
	return 0;
}

int samples_find(const char *dir, char **path, struct err *e)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return err_sys(e, "stat", "'%s'", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "stat", "'%s' is not a folder", dir);
	*path = format_text("%s/" SAMPLES_FILE, dir);
	if (!*path)
		return err_set(e, -ENOMEM, "malloc", "no memory for the name of a file");
	if (access(*path, F_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return err_sys(e, "access", "'%s'", *path);
	err_set(e, -ENOENT, "open", "'%s' holds no " SAMPLES_FILE ": not the folder of a run", dir);
	err_help(e, "give a folder that 'bench run' made, by default out/<UTC time>-<suite>");
	return -ENOENT;
}

int samples_read(const char *path, struct sample_set *set, struct err *e)
{
	struct reader rd = { .path = path, .set = set, .e = e, .line = 1, .row_line = 1 };
	cleanup_fd int fd = -1;
	struct csv_parser csv;
	int r;

	*set = (struct sample_set){ 0 };
	r = open_regular(path, &fd, e);
	if (r < 0)
		return r;
	if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return err_set(e, -ENOMEM, "csv_init", "no memory for '%s'", path);
	r = read_all(&rd, &csv, fd);
	csv_free(&csv);
	drop_fields(&rd);
	if (!r && !set->n)
		r = err_set(e, -ENODATA, "samples", "'%s' holds no samples", path);
	if (r < 0)
		samples_free(set);
	return r;
}

void samples_free(struct sample_set *set)
{
	free(set->rows);
	free(set->ends);
	strings_free(set->strings);
	*set = (struct sample_set){ 0 };
}
