/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "visible": on each side a program starts three children with a name of their own and stays. The
 * host looks for that name in its list of processes, and the program for the host's.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"
#include "runner/facts.h"

static const struct visible_side {
	const char *name;
	const char *children; /* what the children there are called, at most 15 bytes */
} sides[] = {
	{ "host", "on-the-host" },
	{ "ctr", "in-the-ctr" },
	{ "vm", "in-the-vm" },
};

/* --- collecting --- */

/* What is put down while a program stays. */
struct look {
	const struct visible_side *side;
	char outside[128],
		inside[128]; /* their numbers in the host's list: its own, the innermost */
	unsigned found;
	pid_t pid; /* whom the host has for it */
	char comm[64];
};

static void add_number(char *list, size_t size, const char *number)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len ? " " : "", number);
}

/* "NSpid: 4242 2": a number for each namespace, the outermost first. */
static void note_child(struct look *l, const char *pid)
{
	char path[64], numbers[128] = "", *last;

	snprintf(path, sizeof(path), "/proc/%.10s/status", pid);
	if (!facts_field("", path, "NSpid", numbers, sizeof(numbers)))
		return; /* it has ended */
	for (char *p = numbers; *p; p++)
		*p = *p == '\t' ? ' ' : *p;
	last = strrchr(numbers, ' ');
	add_number(l->outside, sizeof(l->outside), pid);
	add_number(l->inside, sizeof(l->inside), last ? last + 1 : numbers);
	l->found++;
}

static int look(void *ctx, const struct rt_view *view, int report_fd, struct err *e)
{
	struct look *l = ctx;
	DIR *dir = opendir("/proc");
	char path[64], comm[64];
	struct dirent *d;

	(void)report_fd;
	if (!dir)
		return err_sys(e, "opendir", "the list of processes, /proc");
	while ((d = readdir(dir))) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%.10s/comm", d->d_name);
		if (!read_line(path, comm, sizeof(comm)) && !strcmp(comm, l->side->children))
			note_child(l, d->d_name);
	}
	closedir(dir);
	l->pid = view->pid;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)view->pid);
	if (read_line(path, l->comm, sizeof(l->comm)))
		l->comm[0] = '\0';
	return 0;
}

static int collect_side(
	struct demo_run *run, const struct visible_side *s, struct demo_facts *f, struct err *e)
{
	struct look l = { .side = s };
	char option[64];
	char *const argv[] = { (char *)"demo-probe", option, NULL };
	const struct side_job job = { .runtime = s->name, .argv = argv, .look = look, .ctx = &l };
	struct side_result result;
	int r;

	snprintf(option, sizeof(option), "--visible=%s:%d", s->children, (int)getpid());
	r = side_run(run, &job, &result, e);
	if (!r)
		side_put(f, s->name, &result);
	if (!r && !*result.missing) {
		demo_put(f, s->name, "host.found", "%u", l.found);
		demo_put(f, s->name, "host.outside", "%s", l.outside);
		demo_put(f, s->name, "host.inside", "%s", l.inside);
		demo_put(f, s->name, "host.process", "%s, %d", l.comm, (int)l.pid);
		demo_put(f, s->name, "host.runner", "%s", program_invocation_short_name);
	}
	side_free(&result);
	return r;
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sides) && !r; i++)
		r = collect_side(run, &sides[i], f, e);
	return r;
}

/* --- showing --- */

/* Has the program found bench? By the number alone it may have found somebody else. */
static bool sees_runner(const struct demo_facts *f, const char *side)
{
	const char *found = demo_get(f, side, "visible.runner");
	const char *runner = demo_get(f, side, "host.runner");

	return found && runner && !strcmp(found, runner);
}

static void show_outside(struct page *p, const struct demo_facts *f)
{
	const char *cells[PAGE_COLUMNS], *side;

	for (size_t i = 0; i < p->n_columns; i++) {
		side = page_side(f, i);
		cells[i] = side ? demo_get(f, side, "host.outside") : NULL;
		if (cells[i] && !*cells[i])
			cells[i] = msg_text(p->lang, MSG_VISIBLE_NONE);
	}
	page_row(p, msg_text(p->lang, MSG_VISIBLE_OUTSIDE), cells);
}

static void show_runner(struct page *p, const struct demo_facts *f)
{
	const char *cells[PAGE_COLUMNS], *side;

	for (size_t i = 0; i < p->n_columns; i++) {
		side = page_side(f, i);
		cells[i] = !side || !demo_get(f, side, "visible.runner")
				   ? NULL
				   : msg_text(p->lang, sees_runner(f, side) ? MSG_VISIBLE_FOUND
									    : MSG_VISIBLE_NOTHING);
	}
	page_row(p, msg_text(p->lang, MSG_VISIBLE_RUNNER), cells);
}

static void show_table(struct page *p, const struct demo_facts *f)
{
	page_sides(p, f);
	page_fact(p, f, MSG_VISIBLE_INSIDE, "visible.children");
	show_outside(p, f);
	page_fact(p, f, MSG_VISIBLE_PROCESS, "host.process");
	page_fact(p, f, MSG_VISIBLE_PROGRAMS, "visible.programs");
	show_runner(p, f);
	page_table_end(p);
}

/* How many numbers are in a list that blanks separate? */
static unsigned count_words(const char *list)
{
	unsigned n = 0;

	for (const char *s = list; *s; s++)
		n += *s != ' ' && (s == list || s[-1] == ' ');
	return n;
}

static bool judge_runner(struct page *p, const struct demo_facts *f, const char *side)
{
	cleanup_free char *name = page_side_name(p, f, side);

	if (!sees_runner(f, side))
		return true;
	page_fail(p, MSG_VISIBLE_HOST_SEEN, PAGE_ARGS(name ? name : side));
	return false;
}

static void judge(struct page *p, const struct demo_facts *f)
{
	const char *children = demo_get(f, "ctr", "visible.children");
	const char *inside = demo_get(f, "ctr", "host.inside");
	const char *found = demo_get(f, "ctr", "host.found");
	const char *of_vm = demo_get(f, "vm", "host.found");
	char n_ctr[16], n_vm[16];

	snprintf(n_ctr, sizeof(n_ctr), "%u", count_words(children));
	snprintf(n_vm, sizeof(n_vm), "%u", count_words(demo_get(f, "vm", "visible.children")));
	if (strcmp(found, n_ctr) != 0 || !strcmp(n_ctr, "0"))
		page_fail(p, MSG_VISIBLE_CTR_HIDDEN, PAGE_ARGS(found));
	else if (strcmp(of_vm, "0") != 0 || !strcmp(n_vm, "0"))
		page_fail(p, MSG_VISIBLE_VM_SEEN, PAGE_ARGS(of_vm));
	else if (strcmp(inside, children) != 0)
		page_fail(p, MSG_VISIBLE_NUMBERS, PAGE_ARGS(children, inside));
	else if (judge_runner(p, f, "ctr") && judge_runner(p, f, "vm")) {
		page_seen(p, MSG_VISIBLE_SAID, n_ctr, n_vm, demo_get(f, "vm", "host.process"));
		page_pass(p, MSG_VISIBLE_NOT_VM);
	}
}

static void show(struct page *p, const struct demo_facts *f)
{
	static const char *const needed[] = { "visible.children", "visible.runner", "host.found",
		"host.inside", "host.process", "host.runner" };

	show_table(p, f);
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(needed); k++) {
			if (page_cannot_side(p, f, sides[i].name, needed[k]))
				return;
		}
	}
	judge(p, f);
}

const struct demo visible_demo = {
	.name = "visible",
	.title = MSG_VISIBLE_TITLE,
	.question = MSG_VISIBLE_QUESTION,
	.choices = { MSG_VISIBLE_ALL, MSG_VISIBLE_NOT_VM, MSG_VISIBLE_OWN },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
