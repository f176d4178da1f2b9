/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "libc": three programs make the same two calls, through glibc, through musl, and by the bare
 * instruction (workloads/demo/libc/). A tracer stands at the kernel's entry: it notes number,
 * arguments, the two bytes that entered, and in which file these lie. The same in a container.
 *
 * The calls are told by their place, not by their number: the two before the one that ends the
 * program. That the numbers are the same is seen, and could be seen not to be.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"
#include "runner/demo/watch.h"
#include "runner/needs.h"
#include "runner/tree.h"

#define LAST 3 /* calls that are kept: the two, and the end */
#define TEXT_MAX 16
#define IN_CTR "ctr:" /* before the name of the side */

static const struct {
	const char *side; /* build/demo-libc-<side> */
	enum msg heading;
} programs[] = {
	{ "glibc", MSG_LIBC_GLIBC },
	{ "musl", MSG_LIBC_MUSL },
	{ "bare", MSG_LIBC_BARE },
};

#define N ARRAY_SIZE(programs)

/* --- collecting --- */

struct seen_call {
	uint64_t nr, args[6];
	uint8_t code[2]; /* the instruction before the one it returns to */
	bool has_code, has_file;
	char file[PATH_SIZE];
	uint64_t offset; /* of the instruction in it */
	char text[4 * TEXT_MAX + 1];
};

struct seen {
	struct seen_call last[LAST]; /* a ring: number i is at i % LAST */
	uint64_t n;
};

/* What args[1] points to, as in C. Of a call that takes no pointer it is what happens to lie there.
 */
static void read_text(pid_t pid, struct seen_call *c)
{
	uint8_t bytes[TEXT_MAX];
	size_t n = c->args[2] > TEXT_MAX ? TEXT_MAX : (size_t)c->args[2], used = 0;

	n = watch_memory(pid, c->args[1], bytes, n);
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(c->text + used, sizeof(c->text) - used,
			bytes[i] == '\n'    ? "\\n"
			: isprint(bytes[i]) ? "%c"
					    : "\\%03o",
			bytes[i]);
}

static void on_call(void *ctx, const struct watch_call *call)
{
	struct seen *s = ctx;
	struct seen_call *c = &s->last[s->n++ % LAST];
	uint64_t at = call->ip - sizeof(c->code);

	*c = (struct seen_call){ .nr = call->nr };
	memcpy(c->args, call->args, sizeof(c->args));
	c->has_code = watch_memory(call->pid, at, c->code, sizeof(c->code)) == sizeof(c->code);
	c->has_file = watch_file(call->pid, at, c->file, sizeof(c->file), &c->offset);
	read_text(call->pid, c);
}

/* What the two bytes are called (Intel SDM, vol. 2); NULL: no way into the kernel that we know. */
static const char *instruction(const uint8_t code[2])
{
	static const struct {
		uint8_t code[2];
		const char *name;
	} names[] = {
		{ { 0x0f, 0x05 }, "syscall" },
		{ { 0x0f, 0x34 }, "sysenter" },
		{ { 0xcd, 0x80 }, "int 0x80" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!memcmp(names[i].code, code, sizeof(names[i].code)))
			return names[i].name;
	}
	return NULL;
}

/* "libc.<which>.<what>"; nothing where @text is NULL, which the page then misses. */
static void put(struct demo_facts *f, const char *side, const char *which, const char *what,
	const char *text)
{
	cleanup_free char *key = format_text("libc.%s.%s", which, what);

	if (key && text)
		demo_put(f, side, key, "%s", text);
}

static void put_call(
	struct demo_facts *f, const char *side, const char *which, const struct seen_call *c)
{
	cleanup_free char *name = watch_call_name(c->nr), *nr = format_text("%" PRIu64, c->nr);
	cleanup_free char *offset = format_text("0x%" PRIx64, c->offset);
	cleanup_free char *code = format_text("%02x %02x", c->code[0], c->code[1]);

	put(f, side, which, "nr", nr);
	put(f, side, which, "name", name);
	put(f, side, which, "code", c->has_code ? code : NULL);
	put(f, side, which, "instruction", c->has_code ? instruction(c->code) : NULL);
	put(f, side, which, "file", c->has_file ? c->file : NULL);
	put(f, side, which, "offset", c->has_file ? offset : NULL);
}

/* Of the call that has arguments: a file descriptor, a text and its length. */
static void put_args(
	struct demo_facts *f, const char *side, const char *which, const struct seen_call *c)
{
	cleanup_free char *args =
		format_text("%" PRIu64 ", \"%s\", %" PRIu64, c->args[0], c->text, c->args[2]);

	put(f, side, which, "args", args);
}

static void put_seen(
	struct demo_facts *f, const char *side, const struct seen *s, const struct side_result *r)
{
	static const char *const names[LAST] = { "first", "second", "end" };
	int line = (int)strcspn(r->output ? r->output : "", "\n");

	if (*r->missing) {
		demo_put_missing(f, side, r->missing);
		return;
	}
	demo_put(f, side, "libc.calls", "%" PRIu64, s->n);
	demo_put(f, side, "libc.output", "%.*s", line, r->output);
	if (*r->outcome.reason)
		demo_put(f, side, "side.ended", "%s", r->outcome.reason);
	for (size_t i = 0; i < LAST && s->n >= LAST; i++)
		put_call(f, side, names[i], &s->last[(s->n - LAST + i) % LAST]);
	if (s->n >= LAST)
		put_args(f, side, names[1], &s->last[(s->n - LAST + 1) % LAST]);
}

static int collect_on(struct demo_run *run, const char *runtime, const char *side,
	const struct rt_program *program, struct demo_facts *f, struct err *e)
{
	const struct side_job job = {
		.runtime = runtime, .argv = program->argv, .program = program
	};
	struct seen seen = { .n = 0 };
	struct side_result result;
	struct err why = { 0 };
	int r = watch_run(run, &job, on_call, &seen, &result, &why);

	if (!r) {
		put_seen(f, side, &seen, &result);
	} else if (r == -ENOENT || r == -EACCES) { /* no such program, or no loader for it */
		side_put_missing(f, side, &why);
		r = 0;
	} else {
		*e = why;
	}
	side_free(&result);
	return r;
}

/* What the program needs to start, and nothing else. */
static int fill_tree(struct tree *t, const char *path, char *const *env, struct err *e)
{
	struct needs needs = { .n = 0 };
	int r = tree_make(t, e);

	if (!r)
		r = tree_put(t, path, e);
	if (!r)
		r = needs_of(path, env, &needs, e);
	if (!r)
		r = tree_put_needs(t, &needs, e);
	needs_free(&needs);
	return r ? r : tree_finish(t, e);
}

static int collect_ctr(struct demo_run *run, const char *side, struct rt_program *program,
	struct demo_facts *f, struct err *e)
{
	cleanup_free char *name = format_text(IN_CTR "%s", side);
	struct tree tree = { .bytes = 0 };
	struct err why = { 0 };
	int r = 0;

	if (!name)
		return err_set(e, -ENOMEM, "demo", "out of memory");
	if (fill_tree(&tree, program->path, program->envp, &why) < 0) {
		side_put_missing(f, name, &why);
	} else {
		program->tree = tree.root;
		r = collect_on(run, "ctr", name, program, f, e);
	}
	tree_close(&tree);
	return r;
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	char path[PATH_SIZE + 32], *const env[] = { NULL };
	int r = 0;

	for (size_t i = 0; i < N && !r; i++) {
		char *const argv[] = { path, NULL };
		struct rt_program program = {
			.tree = "/", .path = path, .dir = "/", .argv = argv, .envp = env
		};

		snprintf(path, sizeof(path), "%s/demo-libc-%s", run->paths->libexec,
			programs[i].side);
		r = collect_on(run, "host", programs[i].side, &program, f, e);
		if (!r)
			r = collect_ctr(run, programs[i].side, &program, f, e);
	}
	return r;
}

/* --- showing --- */

/* The container's side of the @i-th program. */
static const char *ctr_side(size_t i)
{
	static const char *const names[N] = { IN_CTR "glibc", IN_CTR "musl", IN_CTR "bare" };

	return names[i];
}

/* A row: message and the facts that are put into it; a cell lacks where a fact does. */
static void put_row(struct page *p, const struct demo_facts *f, enum msg label, bool ctr,
	const char *a, enum msg between, const char *b)
{
	char *cells[N] = { 0 };

	for (size_t i = 0; i < N; i++) {
		const char *side = ctr ? ctr_side(i) : programs[i].side;
		const char *first = demo_get(f, side, a), *second = demo_get(f, side, b);

		if (first && second)
			cells[i] = msg_format(p->lang, between, PAGE_ARGS(first, second));
	}
	page_row(p, msg_text(p->lang, label), (const char *const *)cells);
	for (size_t i = 0; i < N; i++)
		free(cells[i]);
}

static void put_table(struct page *p, const struct demo_facts *f)
{
	const char *headings[N];

	for (size_t i = 0; i < N; i++)
		headings[i] = msg_text(p->lang, programs[i].heading);
	page_table(p, headings, N);
	put_row(p, f, MSG_LIBC_FIRST, false, "libc.first.nr", MSG_LIBC_NUMBER, "libc.first.name");
	put_row(p, f, MSG_LIBC_SECOND, false, "libc.second.nr", MSG_LIBC_NUMBER,
		"libc.second.name");
	put_row(p, f, MSG_LIBC_ARGS, false, "libc.second.args", MSG_LIBC_ONE, "libc.second.args");
	put_row(p, f, MSG_LIBC_CODE, false, "libc.first.code", MSG_LIBC_NUMBER,
		"libc.first.instruction");
	put_row(p, f, MSG_LIBC_WHERE, false, "libc.first.file", MSG_LIBC_ONE, "libc.first.file");
	put_row(p, f, MSG_LIBC_IN_CTR, true, "libc.first.nr", MSG_LIBC_NUMBER_CODE,
		"libc.first.code");
	put_row(p, f, MSG_LIBC_CALLS, false, "libc.calls", MSG_LIBC_ONE, "libc.calls");
	page_table_end(p);
}

/* What has to be the same of all. */
static const struct {
	const char *key;
	enum msg what;
} same[] = {
	{ "libc.first.nr", MSG_LIBC_FIRST },
	{ "libc.first.code", MSG_LIBC_CODE },
	{ "libc.second.nr", MSG_LIBC_SECOND },
	{ "libc.second.args", MSG_LIBC_ARGS },
	{ "libc.second.code", MSG_LIBC_CODE },
	{ "libc.output", MSG_LIBC_OUTPUT },
};

static bool cannot(struct page *p, const struct demo_facts *f)
{
	static const char *const needed[] = { "libc.first.file", "libc.first.name",
		"libc.first.instruction", "libc.second.name" };

	for (size_t i = 0; i < N; i++) {
		const char *side = programs[i].side, *why = demo_missing(f, side);
		bool lacks = false;

		for (size_t k = 0; k < ARRAY_SIZE(same); k++)
			lacks |= !demo_get(f, side, same[k].key);
		for (size_t k = 0; k < ARRAY_SIZE(needed); k++)
			lacks |= !demo_get(f, side, needed[k]);
		why = why ? why : demo_get(f, side, "side.ended");
		if (lacks || why) {
			page_cannot_named(p, msg_text(p->lang, programs[i].heading), why);
			return true;
		}
	}
	return false;
}

/* The programs with each other, and each with itself in the container, where it could be there. */
static bool differs(struct page *p, const struct demo_facts *f)
{
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(same); k++) {
			const char *a = programs[0].side, *b = programs[i].side;

			if (!demo_same(f, a, b, same[k].key)) {
				page_fail(p, MSG_LIBC_DIFFERS,
					PAGE_ARGS(a, b, msg_text(p->lang, same[k].what)));
				return true;
			}
			a = ctr_side(i);
			if (demo_get(f, a, same[k].key) && !demo_same(f, a, b, same[k].key)) {
				page_fail(p, MSG_LIBC_DIFFERS,
					PAGE_ARGS(a, b, msg_text(p->lang, same[k].what)));
				return true;
			}
		}
	}
	return false;
}

static bool same_place(struct page *p, const struct demo_facts *f)
{
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!demo_same(f, programs[i].side, programs[k].side, "libc.first.file"))
				continue;
			page_fail(p, MSG_LIBC_ONE_PLACE,
				PAGE_ARGS(programs[k].side, programs[i].side,
					demo_get(f, programs[i].side, "libc.first.file")));
			return true;
		}
	}
	return false;
}

/* The name of a file without its folders. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void show(struct page *p, const struct demo_facts *f)
{
	const char *files[N];

	put_table(p, f);
	if (cannot(p, f) || differs(p, f) || same_place(p, f))
		return;
	for (size_t i = 0; i < N; i++)
		files[i] = base_name(demo_get(f, programs[i].side, "libc.first.file"));
	page_say(p, MSG_LIBC_IN_VM);
	fputc('\n', p->term.f);
	page_seen(p, MSG_LIBC_SAID, demo_get(f, "bare", "libc.first.instruction"),
		demo_get(f, "bare", "libc.first.nr"), demo_get(f, "bare", "libc.first.name"),
		demo_get(f, "bare", "libc.second.nr"), demo_get(f, "bare", "libc.second.name"),
		files[0], files[1], files[2]);
	page_pass(p, MSG_LIBC_ALL_SAME);
}

const struct demo libc_demo = {
	.name = "libc",
	.title = MSG_LIBC_TITLE,
	.question = MSG_LIBC_QUESTION,
	.choices = { MSG_LIBC_ALL_SAME, MSG_LIBC_OWN_NUMBERS, MSG_LIBC_NO_ENTRY },
	.needs = DEMO_LIBC,
	.collect = collect,
	.show = show,
};
