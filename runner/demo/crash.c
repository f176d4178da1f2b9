/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "crash": the kernel of a VM panics, by the "c" that its init writes to /proc/sysrq-trigger
 * (workloads/demo/crash.c). Before and after, host and container tell which kernel they have and
 * for how long it has been up. From a container the same is not done: what is looked at is whether
 * that file could be opened for writing.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/number.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"

/* Of the kernel's console: kernel/panic.c. */
#define LAST_WORDS "Kernel panic - not syncing: "

/* Those who have the host's kernel. */
static const char *const survivors[] = { "host", "ctr" };

/* --- collecting --- */

static int collect_survivors(
	struct demo_run *run, const char *option, struct demo_facts *f, struct err *e)
{
	char *const argv[] = { (char *)"demo-probe", (char *)option, NULL };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(survivors) && !r; i++)
		r = side_collect(run, survivors[i], argv, f, e);
	return r;
}

/* The line of the console, from the words on: before them may be a time, or who wrote it. */
static void put_last_words(struct demo_facts *f, const char *console)
{
	const char *at = console ? strstr(console, LAST_WORDS) : NULL;

	if (at)
		demo_put(f, "vm", "vm.panic", "%.*s", (int)strcspn(at, "\r\n"), at);
}

static void put_vmm(struct demo_facts *f, pid_t pid)
{
	bool ended = kill(pid, 0) < 0 && errno == ESRCH;

	demo_put(f, "vm", "vmm.pid", "%d", (int)pid);
	demo_put(f, "vm", "vmm.after", "%s", ended ? "ended" : "there");
}

static int collect_vm(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	char *const argv[] = { (char *)"demo-probe", (char *)"--crash=before", NULL };
	const struct side_job job = { .runtime = "vm", .argv = argv };
	struct side_result result;
	int r = side_run(run, &job, &result, e);

	if (!r) {
		side_put(f, "vm", &result);
		put_last_words(f, result.output);
		if (result.pid > 0)
			put_vmm(f, result.pid);
	}
	side_free(&result);
	return r;
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r = collect_survivors(run, "--crash=before", f, e);

	if (!r)
		r = collect_vm(run, f, e);
	return r ? r : collect_survivors(run, "--crash=after", f, e);
}

/* --- the table --- */

static const struct {
	const char *fact;
	enum msg msg;
} triggers[] = {
	{ "opened", MSG_CRASH_OPENED },
	{ "written", MSG_CRASH_WRITTEN },
	{ "no effect", MSG_CRASH_INIT_ENDED },
	{ "ENOENT", MSG_CRASH_NOT_THERE },
};

/* The caller frees each; NULL: unknown. */
static char *cell_trigger(const struct page *p, const struct demo_facts *f, const char *side)
{
	const char *fact = demo_get(f, side, "before.trigger");

	for (size_t i = 0; fact && i < ARRAY_SIZE(triggers); i++) {
		if (!strcmp(fact, triggers[i].fact))
			return strdup(msg_text(p->lang, triggers[i].msg));
	}
	return fact ? strdup(fact) : NULL;
}

static char *cell_last_words(const struct page *p, const struct demo_facts *f, const char *side)
{
	const char *fact = demo_get(f, side, "vm.panic");

	(void)p;
	if (strncmp(side, "vm", 2) != 0)
		return strdup("-");
	return fact ? strdup(fact) : NULL;
}

static char *cell_uptime(const struct page *p, const struct demo_facts *f, const char *side)
{
	const char *before = demo_get(f, side, "before.uptime");
	const char *after = demo_get(f, side, "after.uptime");

	if (before && after)
		return msg_format(p->lang, MSG_CRASH_SECONDS, PAGE_ARGS(before, after));
	return before ? msg_format(p->lang, MSG_CRASH_UNTIL, PAGE_ARGS(before)) : NULL;
}

static char *cell_after(const struct page *p, const struct demo_facts *f, const char *side)
{
	const char *fact = demo_get(f, side, "after.boot_id");
	const char *pid = demo_get(f, side, "vmm.pid");

	if (!fact && pid && demo_get(f, side, "vmm.after") &&
		!strcmp(demo_get(f, side, "vmm.after"), "ended"))
		return msg_format(p->lang, MSG_CRASH_GONE, PAGE_ARGS(pid));
	return fact ? strdup(fact) : NULL;
}

static const struct row {
	enum msg label;
	char *(*cell)(const struct page *p, const struct demo_facts *f, const char *side);
} rows[] = {
	{ MSG_CRASH_TRIGGER, cell_trigger },
	{ MSG_CRASH_LAST_WORDS, cell_last_words },
	{ MSG_CRASH_AFTER, cell_after },
	{ MSG_CRASH_UPTIME, cell_uptime },
};

static void show_row(struct page *p, const struct demo_facts *f, const struct row *row)
{
	char *cells[PAGE_COLUMNS] = { 0 };

	for (size_t i = 0; i < p->n_columns; i++)
		cells[i] = row->cell(p, f, page_side(f, i));
	page_row(p, msg_text(p->lang, row->label), (const char *const *)cells);
	for (size_t i = 0; i < p->n_columns; i++)
		free(cells[i]);
}

/* --- judging --- */

static bool is_complete(struct page *p, const struct demo_facts *f)
{
	static const char *const of_survivor[] = { "before.boot_id", "before.uptime",
		"before.trigger", "after.boot_id", "after.uptime" };
	static const char *const of_vm[] = { "before.boot_id", "before.trigger", "vmm.pid",
		"vmm.after" };

	for (size_t i = 0; i < ARRAY_SIZE(survivors); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(of_survivor); k++) {
			if (page_cannot_side(p, f, survivors[i], of_survivor[k]))
				return false;
		}
	}
	for (size_t k = 0; k < ARRAY_SIZE(of_vm); k++) {
		if (page_cannot_side(p, f, "vm", of_vm[k]))
			return false;
	}
	return true;
}

/* How many seconds older a side is than it was before; 0 or less: not. */
static double older(const struct demo_facts *f, const char *side)
{
	double before, after;

	if (number_parse(demo_get(f, side, "before.uptime"), &before) ||
		number_parse(demo_get(f, side, "after.uptime"), &after))
		return 0;
	return after - before;
}

/* It is what it was: the same kernel, older by some. */
static bool has_survived(struct page *p, const struct demo_facts *f, const char *side)
{
	const char *before = demo_get(f, side, "before.boot_id");
	cleanup_free char *name = page_side_name(p, f, side);

	if (strcmp(before, demo_get(f, side, "after.boot_id")) != 0)
		page_fail(p, MSG_CRASH_ANOTHER_KERNEL, PAGE_ARGS(name ? name : ""));
	else if (!(older(f, side) > 0))
		page_fail(p, MSG_CRASH_NOT_OLDER, PAGE_ARGS(name ? name : ""));
	else
		return true;
	return false;
}

static bool has_crashed(struct page *p, const struct demo_facts *f)
{
	const char *panic = demo_get(f, "vm", "vm.panic");

	if (!panic || strncmp(panic, LAST_WORDS, strlen(LAST_WORDS)) != 0)
		page_fail(p, MSG_CRASH_NO_PANIC, NULL);
	else if (strcmp(demo_get(f, "vm", "vmm.after"), "ended") != 0)
		page_fail(p, MSG_CRASH_VMM_LIVES, PAGE_ARGS(demo_get(f, "vm", "vmm.pid")));
	else if (demo_same(f, "host", "vm", "before.boot_id"))
		page_fail(p, MSG_CRASH_VM_IS_HOST, NULL);
	else
		return true;
	return false;
}

/* What was not done, and what would be in its way. */
static void say_of_container(struct page *p, const struct demo_facts *f)
{
	const char *trigger = demo_get(f, "ctr", "before.trigger");

	page_say(p, MSG_CRASH_CONTAINER);
	if (!strcmp(trigger, "ENOENT"))
		page_say(p, MSG_CRASH_NO_FILE);
	else
		page_say(p, MSG_CRASH_PREVENTED, trigger);
}

static void judge(struct page *p, const struct demo_facts *f)
{
	char seconds[32];

	if (!has_crashed(p, f) || !has_survived(p, f, "host") || !has_survived(p, f, "ctr"))
		return;
	if (!demo_same(f, "host", "ctr", "before.boot_id")) {
		page_fail(p, MSG_CRASH_NOT_ONE, NULL);
		return;
	}
	if (!strcmp(demo_get(f, "ctr", "before.trigger"), "opened")) {
		page_fail(p, MSG_CRASH_CTR_MAY, NULL);
		return;
	}
	snprintf(seconds, sizeof(seconds), "%.1f", older(f, "host"));
	page_seen(p, MSG_CRASH_SAID, demo_get(f, "vm", "vmm.pid"), seconds);
	say_of_container(p, f);
	page_pass(p, MSG_CRASH_VM_GONE);
}

static void show(struct page *p, const struct demo_facts *f)
{
	page_sides(p, f);
	page_fact(p, f, MSG_CRASH_BEFORE, "before.boot_id");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		show_row(p, f, &rows[i]);
	page_table_end(p);
	if (is_complete(p, f))
		judge(p, f);
}

const struct demo crash_demo = {
	.name = "crash",
	.title = MSG_CRASH_TITLE,
	.question = MSG_CRASH_QUESTION,
	.choices = { MSG_CRASH_NOBODY, MSG_CRASH_VM_GONE, MSG_CRASH_ALL_THERE },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
