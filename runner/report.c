/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/report_abi.h"
#include "base/util.h"

#define MAX_FIELDS 8
#define MAX_RECORDS 20000u /* a suite is some 50 benchmarks of some 20 batches */
#define MAX_INFOS 2000u    /* a demonstration asks for some 400 system calls */
#define MAX_ITERATIONS (1ull << 40)
#define MAX_NS (3600 * NSEC_PER_SEC)

struct parser {
	struct report *out;
	char **fields; /* of the current line, fields[0] being the record's type */
	bool magic;    /* the first line was seen */
	unsigned infos;
	int error; /* why there was no place for a record */
};

static int number(const char *s, uint64_t max, uint64_t *out)
{
	return parse_u64(s, 0, max, out) ? -EPROTO : 0;
}

/* NULL with p->error: there is no room for another, or no memory. */
static struct record *add(struct parser *p, enum record_kind kind)
{
	struct report *r = p->out;
	struct record *rec;

	p->error = -EPROTO;
	if (r->n >= MAX_RECORDS)
		return NULL;
	if (r->n % 256 == 0) {
		struct record *more = reallocarray(r->records, r->n + 256, sizeof(*more));

		if (!more) {
			p->error = -ENOMEM;
			return NULL;
		}
		r->records = more;
	}
	rec = &r->records[r->n++];
	*rec = (struct record){ .kind = kind, .name = p->fields[1], .params = "", .text = "" };
	return rec;
}

/*
 * Printable ASCII, and no more of it than the workload says: what a guest says ends up on
 * terminals, where bytes beyond ASCII may be control characters too (C1: 0x9b begins an escape
 * sequence), and in a row of samples.csv, which its reader takes for damaged where a field is too
 * long.
 */
static bool is_plain(const char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f)
		n++;
	return !s[n] && n < REPORT_VALUE_MAX;
}

/* The key of an info becomes a path in the manifest: words with dots between them. */
static bool is_key(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	return n > 0 && n < REPORT_KEY_MAX && !s[n];
}

static int on_magic(struct parser *p)
{
	uint64_t version;

	if (p->magic || number(p->fields[1], UINT32_MAX, &version))
		return -EPROTO;
	p->magic = true;
	return version == REPORT_VERSION ? 0 : -EPROTO;
}

static int on_info(struct parser *p)
{
	struct record *rec;

	if (!is_key(p->fields[1]) || p->infos++ == MAX_INFOS)
		return -EPROTO;
	rec = add(p, RECORD_INFO);
	if (!rec)
		return p->error;
	rec->text = p->fields[2];
	return 0;
}

static int on_begin(struct parser *p)
{
	struct record *rec = add(p, RECORD_BEGIN);

	if (!rec)
		return p->error;
	rec->params = p->fields[2];
	return 0;
}

static int on_sample(struct parser *p)
{
	struct record rec = { .kind = RECORD_SAMPLE };
	struct record *new;
	uint64_t index;

	if (number(p->fields[3], MAX_RECORDS, &index) ||
		number(p->fields[4], MAX_ITERATIONS, &rec.iterations) || rec.iterations == 0 ||
		number(p->fields[5], MAX_NS, &rec.elapsed_ns) ||
		number(p->fields[6], MAX_NS, &rec.overhead_ns))
		return -EPROTO;
	new = add(p, RECORD_SAMPLE);
	if (!new)
		return p->error;
	new->params = p->fields[2];
	new->index = (uint32_t)index;
	new->iterations = rec.iterations;
	new->elapsed_ns = rec.elapsed_ns;
	new->overhead_ns = rec.overhead_ns;
	return 0;
}

/* A metric ends up as a column's value and in headings of plots: a plain word. */
static bool is_metric(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return n > 0 && n < REPORT_METRIC_MAX && !s[n];
}

static const char *known_unit(const char *s)
{
	static const char *const units[] = { "ns", "bytes", "count" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (!strcmp(units[i], s))
			return units[i];
	}
	return NULL;
}

static int on_value(struct parser *p)
{
	const char *unit = known_unit(p->fields[4]);
	uint64_t iterations, total;
	struct record *new;

	if (!is_metric(p->fields[3]) || !unit ||
		number(p->fields[5], MAX_ITERATIONS, &iterations) || iterations == 0 ||
		number(p->fields[6], UINT64_MAX, &total))
		return -EPROTO;
	new = add(p, RECORD_VALUE);
	if (!new)
		return p->error;
	new->params = p->fields[2];
	new->metric = p->fields[3];
	new->unit = unit;
	new->iterations = iterations;
	new->total = total;
	return 0;
}

static int add_reason(struct parser *p, enum record_kind kind)
{
	struct record *rec = add(p, kind);

	if (!rec)
		return p->error;
	rec->params = p->fields[2];
	rec->text = p->fields[3];
	return 0;
}

static int on_skip(struct parser *p)
{
	return add_reason(p, RECORD_SKIP);
}

static int on_fail(struct parser *p)
{
	return add_reason(p, RECORD_FAIL);
}

static int on_end(struct parser *p)
{
	uint64_t status;

	if (number(p->fields[1], 255, &status))
		return -EPROTO;
	p->out->ended = true;
	p->out->status = (int)status;
	return 0;
}

static const struct {
	const char *type;
	int fields; /* with the type itself */
	int (*take)(struct parser *p);
} record_types[] = {
	{ REPORT_MAGIC, 2, on_magic },
	{ "info", 3, on_info },
	{ "begin", 3, on_begin },
	{ "sample", 7, on_sample },
	{ "value", 7, on_value },
	{ "skip", 4, on_skip },
	{ "fail", 4, on_fail },
	{ "end", 2, on_end },
};

static int parse_line(struct parser *p, char *line)
{
	char *fields[MAX_FIELDS], *next = line;
	int n = 0;

	do
		fields[n++] = strsep(&next, "\t");
	while (next && n < MAX_FIELDS);
	for (int i = 0; i < n; i++) {
		if (!is_plain(fields[i]))
			return -EPROTO;
	}
	for (size_t i = 0; i < ARRAY_SIZE(record_types); i++) {
		if (strcmp(record_types[i].type, fields[0]))
			continue;
		if (n != record_types[i].fields || p->out->ended || (i > 0 && !p->magic))
			return -EPROTO;
		p->fields = fields;
		return record_types[i].take(p);
	}
	return -EPROTO;
}

/* The first bytes of a bad line, made printable. */
static void quote_line(const char *line, char *out, size_t size)
{
	size_t i;

	for (i = 0; i < size - 1 && line[i]; i++)
		out[i] = line[i] >= 0x20 && line[i] < 0x7f ? line[i] : '?';
	out[i] = '\0';
}

int report_parse(const char *text, size_t len, struct report *out, struct err *e)
{
	struct parser p = { .out = out };
	char shown[61];
	unsigned line_no = 0;
	char *next;
	int r;

	*out = (struct report){ 0 };
	out->buffer = malloc(len + 1);
	if (!out->buffer)
		return err_set(e, -ENOMEM, "report", "no memory for a report of %zu bytes", len);
	memcpy(out->buffer, text, len);
	out->buffer[len] = '\0';
	for (next = out->buffer; *next;) {
		char *line = next, *end = strchr(line, '\n');

		if (!end) /* cut off in the middle of a line: the rest of it never came */
			break;
		*end = '\0';
		next = end + 1;
		line_no++;
		quote_line(line, shown, sizeof(shown)); /* before strsep cuts it up */
		r = parse_line(&p, line);
		if (r == -ENOMEM)
			return err_set(e, r, "report", "no memory for the workload's report");
		if (r < 0)
			return err_set(e, r, "report",
				"line %u of the workload's report is not understood: '%s'", line_no,
				shown);
	}
	return 0;
}

int report_read(int fd, struct report *out, struct err *e)
{
	void *map = mmap(NULL, REPORT_MAX, PROT_READ, MAP_PRIVATE, fd, 0);
	int r;

	*out = (struct report){ 0 };
	if (map == MAP_FAILED)
		return err_sys(e, "mmap", "reading the workload's report");
	r = report_parse(map, strnlen(map, REPORT_MAX), out, e);
	munmap(map, REPORT_MAX);
	return r;
}

void report_free(struct report *r)
{
	free(r->buffer);
	free(r->records);
	*r = (struct report){ 0 };
}

const char *report_info(const struct report *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->records[i].kind == RECORD_INFO && !strcmp(r->records[i].name, key))
			return r->records[i].text;
	}
	return NULL;
}

int report_file(void)
{
	cleanup_fd int fd = memfd_create("bench-report", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, REPORT_MAX) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return steal_fd(&fd);
}
