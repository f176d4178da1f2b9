/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "distro": two distributions' userlands (scripts/userland) as containers on one host. What a
 * distribution is made of differs: os-release, C library, programs. What the kernel is does not:
 * release and boot_id are the host's. And underneath, a tracer sees cat of both make system calls
 * of the same table.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/memstream.h"
#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"
#include "runner/demo/userland.h"
#include "runner/demo/watch.h"

#define MAX_NR 1024 /* numbers of system calls; x86-64 has some 470 */
#define MAX_WORK 64 /* calls that are kept of cat's work with its file */
#define MAX_NAMES 128
#define OS_RELEASE "/etc/os-release"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define HOST "host"

/* --- collecting --- */

/* A userland, and what of it says what it is. */
static const struct {
	const char *name;   /* of the side, as in userlands[] */
	const char *script; /* prints lines KEY=VALUE */
} sides[] = {
	{ "glibc", "echo \"release=$(uname -r)\"\n"
		   "echo \"boot_id=$(cat " BOOT_ID ")\"\n"
		   "echo \"loader=$(/lib64/ld-linux-x86-64.so.2 --version | head -n 1)\"\n"
		   "echo \"cat=$(cat --version | head -n 1)\"\n" },
	{ "musl", "echo \"release=$(uname -r)\"\n"
		  "echo \"boot_id=$(cat " BOOT_ID ")\"\n"
		  "echo \"loader=$(echo $(/lib/ld-musl-x86_64.so.1 2>&1 | head -n 2))\"\n"
		  "set -- $(cat --help 2>&1 | head -n 1)\n"
		  "echo \"cat=$1 $2\"\n" },
};

#define N ARRAY_SIZE(sides)

/* The value of the line KEY=VALUE in @text, quotes taken off; the caller frees. NULL: none. */
static char *value_of(const char *text, const char *key)
{
	size_t len = strlen(key), n;

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) || line[len] != '=')
			continue;
		line += len + 1;
		n = strcspn(line, "\n");
		if (n >= 2 && line[0] == '"' && line[n - 1] == '"') {
			line++;
			n -= 2;
		}
		return n ? strndup(line, n) : NULL;
	}
	return NULL;
}

static void put_value(
	struct demo_facts *f, const char *side, const char *fact, const char *text, const char *key)
{
	cleanup_free char *value = value_of(text, key);

	if (value)
		demo_put(f, side, fact, "%s", value);
}

/* "glibc 2.36" from what its loader says: "ld.so (Debian GLIBC 2.36-9) ... version 2.36.". */
static void put_libc(struct demo_facts *f, const char *side, const char *text)
{
	cleanup_free char *loader = value_of(text, "loader");
	const char *version = loader ? strcasestr(loader, "version ") : NULL;
	const char *name;
	size_t n;

	if (!version)
		return;
	version += strlen("version ");
	n = strspn(version, "0123456789.");
	if (n && version[n - 1] == '.') /* the full stop of its sentence */
		n--;
	name = strstr(loader, "GLIBC") ? "glibc" : strstr(loader, "musl") ? "musl" : "?";
	demo_put(f, side, "distro.libc", "%s %.*s", name, (int)n, version);
}

static void put_said(struct demo_facts *f, const char *side, const char *text)
{
	put_value(f, side, "distro.release", text, "release");
	put_value(f, side, "distro.boot_id", text, "boot_id");
	put_value(f, side, "distro.cat", text, "cat");
	put_libc(f, side, text);
}

/* What a tracer saw of cat: which calls at all, and in their order those on the file. */
struct seen {
	uint64_t total;
	bool made[MAX_NR];
	uint64_t work[MAX_WORK];
	size_t n_work;
	bool closed;
};

/* Does the call open the file that cat is to show? */
static bool opens_it(const struct watch_call *c)
{
	char path[sizeof(OS_RELEASE)] = "";
	size_t i = c->nr == SYS_open ? 0 : 1;

	if (c->nr != SYS_open && c->nr != SYS_openat && c->nr != SYS_openat2)
		return false;
	return watch_memory(c->pid, c->args[i], path, sizeof(path)) == sizeof(path) &&
	       !memcmp(path, OS_RELEASE, sizeof(path));
}

static void on_call(void *ctx, const struct watch_call *c)
{
	struct seen *s = ctx;

	s->total++;
	if (c->nr < MAX_NR)
		s->made[c->nr] = true;
	if (s->closed || s->n_work == MAX_WORK || (!s->n_work && !opens_it(c)))
		return;
	s->work[s->n_work++] = c->nr;
	s->closed = c->nr == SYS_close;
}

/* Add the call's name, or its number where it has none, to a list with blanks between. */
static void add_name(FILE *f, uint64_t nr)
{
	cleanup_free char *name = watch_call_name(nr);

	if (name)
		fprintf(f, "%s%s", ftell(f) ? " " : "", name);
	else
		fprintf(f, "%s%ju", ftell(f) ? " " : "", (uintmax_t)nr);
}

/* Of all calls, and below of the program's own work. The caller frees; NULL: no memory. */
static char *all_names(const struct seen *s)
{
	struct memstream names;

	if (memstream_open(&names) < 0)
		return NULL;
	for (uint64_t nr = 0; nr < MAX_NR; nr++) {
		if (s->made[nr])
			add_name(names.f, nr);
	}
	return memstream_close(&names);
}

static char *names_of_work(const struct seen *s)
{
	struct memstream names;

	if (memstream_open(&names) < 0)
		return NULL;
	for (size_t i = 0; i < s->n_work; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= s->work[k] == s->work[i];
		if (!again)
			add_name(names.f, s->work[i]);
	}
	return memstream_close(&names);
}

static void put_seen(struct demo_facts *f, const char *side, const struct seen *s)
{
	cleanup_free char *all = all_names(s), *work = names_of_work(s);

	if (all)
		demo_put(f, side, "distro.names", "%s", all);
	if (work && s->n_work)
		demo_put(f, side, "distro.work", "%s", work);
	demo_put(f, side, "distro.calls", "%ju", (uintmax_t)s->total);
}

/* Run a program in the tree; false where it could not be, or ended badly, which is a fact then. */
static bool ran(struct demo_facts *f, const char *side, const struct side_result *r)
{
	if (*r->missing)
		demo_put_missing(f, side, r->missing);
	else if (*r->outcome.reason)
		demo_put(f, side, "side.ended", "%s", r->outcome.reason);
	return !*r->missing && !*r->outcome.reason;
}

static int collect_in(
	struct demo_run *run, size_t i, const char *root, struct demo_facts *f, struct err *e)
{
	char *const env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C", NULL };
	char *const cat[] = { (char *)"cat", (char *)OS_RELEASE, NULL };
	char *const sh[] = { (char *)"sh", (char *)"-c", (char *)sides[i].script, NULL };
	struct rt_program program = {
		.tree = root, .whole = true, .path = "/bin/sh", .dir = "/", .argv = sh, .envp = env
	};
	struct side_job job = { .runtime = "ctr", .argv = sh, .program = &program };
	const char *side = sides[i].name;
	struct side_result result;
	struct seen seen = { .total = 0 };
	int r = side_run(run, &job, &result, e);
	bool go_on = !r && ran(f, side, &result);

	if (go_on)
		put_said(f, side, result.output);
	side_free(&result);
	if (r || !go_on)
		return r;
	program.path = "/bin/cat";
	program.argv = job.argv = cat;
	r = watch_run(run, &job, on_call, &seen, &result, e);
	if (!r && ran(f, side, &result)) {
		put_value(f, side, "distro.os", result.output, "PRETTY_NAME");
		put_seen(f, side, &seen);
	}
	side_free(&result);
	return r;
}

static void collect_host(struct demo_facts *f)
{
	cleanup_free char *os = NULL;
	char text[256];
	struct utsname u;

	if (uname(&u) == 0)
		demo_put(f, HOST, "distro.release", "%s", u.release);
	if (read_line(BOOT_ID, text, sizeof(text)) == 0)
		demo_put(f, HOST, "distro.boot_id", "%s", text);
	if (read_file(OS_RELEASE, 1 << 16, &os, NULL) == 0)
		put_value(f, HOST, "distro.os", os, "PRETTY_NAME");
	else
		demo_put(f, HOST, "distro.os", "no " OS_RELEASE);
#ifdef _CS_GNU_LIBC_VERSION
	if (confstr(_CS_GNU_LIBC_VERSION, text, sizeof(text)))
		demo_put(f, HOST, "distro.libc", "%s", text);
#endif
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r = 0;

	collect_host(f);
	for (size_t i = 0; i < N && !r; i++) {
		struct userland u;
		struct err why = { 0 };

		r = userland_need(sides[i].name, run->paths, &u, &why);
		if (!r) {
			r = collect_in(run, i, u.root, f, e);
		} else if (r == -ECANCELED) {
			*e = why;
		} else {
			side_put_missing(f, sides[i].name, &why);
			r = 0;
		}
	}
	return r;
}

/* --- showing --- */

/* Names with blanks between, taken apart. */
struct names {
	char *text; /* owned */
	const char *list[MAX_NAMES];
	size_t n;
};

static void take_apart(struct names *out, const char *text)
{
	char *rest;

	*out = (struct names){ .text = strdup(text ? text : "") };
	if (!out->text)
		return;
	for (char *word = strtok_r(out->text, " ", &rest); word && out->n < MAX_NAMES;
		word = strtok_r(NULL, " ", &rest))
		out->list[out->n++] = word;
}

static bool has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->list[i], name))
			return true;
	}
	return false;
}

/* The names that both have, with commas between; the caller frees. */
static char *in_both(const struct names *a, const struct names *b, size_t *n)
{
	struct memstream names;

	*n = 0;
	if (memstream_open(&names) < 0)
		return NULL;
	for (size_t i = 0; i < a->n; i++) {
		if (has(b, a->list[i]))
			fprintf(names.f, "%s%s", (*n)++ ? ", " : "", a->list[i]);
	}
	return memstream_close(&names);
}

static const char *const columns[] = { HOST, "glibc", "musl" };

/* A fact that only the containers have leaves the host's cell empty. */
static void put_row(
	struct page *p, const struct demo_facts *f, enum msg label, const char *key, bool host)
{
	const char *cells[ARRAY_SIZE(columns)] = { "" };

	for (size_t i = host ? 0 : 1; i < ARRAY_SIZE(columns); i++)
		cells[i] = demo_get(f, columns[i], key);
	page_row(p, msg_text(p->lang, label), cells);
}

static void put_table(struct page *p, const struct demo_facts *f)
{
	const char *const headings[] = { msg_text(p->lang, MSG_SIDE_HOST),
		msg_text(p->lang, MSG_DISTRO_GLIBC), msg_text(p->lang, MSG_DISTRO_MUSL) };

	page_table(p, headings, ARRAY_SIZE(headings));
	put_row(p, f, MSG_DISTRO_OS, "distro.os", true);
	put_row(p, f, MSG_DISTRO_LIBC, "distro.libc", true);
	put_row(p, f, MSG_DISTRO_CAT, "distro.cat", false);
	put_row(p, f, MSG_KERNEL_RELEASE, "distro.release", true);
	put_row(p, f, MSG_KERNEL_BOOT_ID, "distro.boot_id", true);
	put_row(p, f, MSG_DISTRO_WORK, "distro.work", false);
	page_table_end(p);
}

/* What of whom is needed to judge. */
static bool cannot(struct page *p, const struct demo_facts *f)
{
	static const struct {
		const char *key;
		bool host;
	} needed[] = { { "distro.release", true }, { "distro.boot_id", true },
		{ "distro.libc", false }, { "distro.os", false }, { "distro.names", false } };

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *side = columns[i], *why = demo_missing(f, side);
		bool lacks = why != NULL;

		for (size_t k = 0; k < ARRAY_SIZE(needed); k++)
			lacks |= (i || needed[k].host) && !demo_get(f, side, needed[k].key);
		if (!lacks)
			continue;
		page_cannot_named(p, i ? side : msg_text(p->lang, MSG_SIDE_HOST),
			why ? why : demo_get(f, side, "side.ended"));
		return true;
	}
	return false;
}

/* What is to be the distribution's own, and what is to be the host's. */
static bool contradicts(struct page *p, const struct demo_facts *f)
{
	static const struct {
		const char *key;
		enum msg label;
	} own[] = { { "distro.os", MSG_DISTRO_OS }, { "distro.libc", MSG_DISTRO_LIBC } },
	  shared[] = { { "distro.release", MSG_KERNEL_RELEASE },
		  { "distro.boot_id", MSG_KERNEL_BOOT_ID } };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (demo_same(f, sides[0].name, sides[1].name, own[i].key)) {
			page_fail(p, MSG_DISTRO_SAME, PAGE_ARGS(msg_text(p->lang, own[i].label)));
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(shared) * N; i++) {
		const char *key = shared[i / N].key, *side = sides[i % N].name;

		if (!demo_same(f, HOST, side, key)) {
			page_fail(p, MSG_DISTRO_NOT_HOST,
				PAGE_ARGS(side, msg_text(p->lang, shared[i / N].label)));
			return true;
		}
	}
	return false;
}

static void judge_calls(
	struct page *p, const struct demo_facts *f, const struct names *a, const struct names *b)
{
	char numbers[3][24];
	size_t n;
	cleanup_free char *both = in_both(a, b, &n);

	/* To end is no choice of theirs. */
	if (n <= (has(a, "exit_group") && has(b, "exit_group"))) {
		page_fail(p, MSG_DISTRO_NO_CALLS, NULL);
		return;
	}
	snprintf(numbers[0], sizeof(numbers[0]), "%zu", a->n);
	snprintf(numbers[1], sizeof(numbers[1]), "%zu", b->n);
	snprintf(numbers[2], sizeof(numbers[2]), "%zu", n);
	page_seen(p, MSG_DISTRO_SAID, demo_get(f, sides[0].name, "distro.libc"),
		demo_get(f, sides[1].name, "distro.libc"), demo_get(f, HOST, "distro.release"),
		numbers[0], numbers[1], numbers[2], both ? both : "");
	page_pass(p, MSG_DISTRO_NOT_KERNEL);
}

static void show(struct page *p, const struct demo_facts *f)
{
	struct names a, b;

	put_table(p, f);
	if (cannot(p, f) || contradicts(p, f))
		return;
	take_apart(&a, demo_get(f, sides[0].name, "distro.names"));
	take_apart(&b, demo_get(f, sides[1].name, "distro.names"));
	judge_calls(p, f, &a, &b);
	free(a.text);
	free(b.text);
}

const struct demo distro_demo = {
	.name = "distro",
	.title = MSG_DISTRO_TITLE,
	.question = MSG_DISTRO_QUESTION,
	.choices = { MSG_DISTRO_ALL, MSG_DISTRO_NOT_KERNEL, MSG_DISTRO_NAME_ONLY },
	.needs = DEMO_USERLANDS,
	.collect = collect,
	.show = show,
};
