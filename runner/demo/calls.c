/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "calls": a program makes 100,000 system calls on each side, and a tracer on the host counts what
 * arrives there: on the program itself, and, since of a guest's program there is nothing to be
 * traced, on the VMM with all its threads. The guest's exits are counted by KVM.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"
#include "runner/demo/watch.h"

#define CALLS "100000"
#define TIMEOUT_NS                                                                                 \
	(90 * NSEC_PER_SEC) /* a stop costs some 10 us, emulated some 100, two a call              \
			     */
#define HANDFUL 10          /* the VM's calls are this many times more than its VMM's, at least */

static const char *const sides[] = { "ctr", "vm" };

/* --- collecting --- */

/* Where the program is, by its report. */
enum stage { BEFORE, MEANWHILE, AFTER };

struct count {
	int report_fd;
	enum stage stage;
	bool written; /* the report may say more than when it was looked at */
	uint64_t getppid, others;
};

static enum stage stage_of(int report_fd)
{
	struct report rep;
	struct err ignored;
	enum stage stage = BEFORE;

	report_read(report_fd, &rep, &ignored); /* of one that is being written the good part */
	if (report_info(&rep, "calls.end"))
		stage = AFTER;
	else if (report_info(&rep, "calls.begin"))
		stage = MEANWHILE;
	report_free(&rep);
	return stage;
}

/* The report is written by the program itself, and a guest's by its VMM: none but that moves on. */
static void on_call(void *ctx, const struct watch_call *call)
{
	struct count *c = ctx;

	if (c->written) {
		c->stage = stage_of(c->report_fd);
		c->written = false;
	}
	if (call->nr == SYS_write || call->nr == SYS_pwrite64)
		c->written = true;
	if (c->stage == MEANWHILE)
		call->nr == SYS_getppid ? c->getppid++ : c->others++;
}

static int watch(struct demo_run *run, const char *side, struct count *c,
	struct side_result *result, struct err *e)
{
	char *const argv[] = { (char *)"demo-probe", (char *)"--calls=" CALLS, NULL };
	const struct side_job job = { .runtime = side, .argv = argv, .report_fd = c->report_fd };
	struct err ignored;
	int r = watch_run(run, &job, on_call, c, result, e);

	if (!r)
		report_read(c->report_fd, &result->report, &ignored);
	return r;
}

static int collect_side(struct demo_run *run, const char *side, struct demo_facts *f, struct err *e)
{
	cleanup_fd int report_fd = report_file();
	struct count c = { .report_fd = report_fd };
	struct side_result result = { 0 };
	int r;

	if (report_fd < 0)
		return err_set(e, report_fd, "memfd_create", "making a report file: %s",
			strerror(-report_fd));
	r = watch(run, side, &c, &result, e);
	if (!r)
		side_put(f, side, &result);
	if (!r && !*result.missing) {
		demo_put(f, side, "host.getppid", "%" PRIu64, c.getppid);
		demo_put(f, side, "host.others", "%" PRIu64, c.others);
	}
	side_free(&result);
	return r;
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sides) && !r; i++)
		r = collect_side(run, sides[i], f, e);
	return r;
}

/* --- showing --- */

static void show_who(struct page *p, const struct demo_facts *f)
{
	const char *cells[PAGE_COLUMNS], *side;

	for (size_t i = 0; i < p->n_columns; i++) {
		side = page_side(f, i);
		cells[i] = msg_text(
			p->lang, side && !strcmp(side, "vm") ? MSG_CALLS_VMM : MSG_CALLS_PROGRAM);
	}
	page_row(p, msg_text(p->lang, MSG_CALLS_WHO), cells);
}

/* Only a guest has exits. */
static void show_exits(struct page *p, const struct demo_facts *f, enum msg label, const char *key)
{
	const char *cells[PAGE_COLUMNS], *side;

	for (size_t i = 0; i < p->n_columns; i++) {
		side = page_side(f, i);
		cells[i] = side && !strcmp(side, "vm") ? demo_get(f, side, key) : "-";
	}
	page_row(p, msg_text(p->lang, label), cells);
}

static bool judge_ctr(struct page *p, const struct demo_facts *f)
{
	const char *made = demo_get(f, "ctr", "calls.end"),
		   *seen = demo_get(f, "ctr", "host.getppid");

	if (!strcmp(made, seen) && strcmp(made, "0") != 0)
		return true;
	page_fail(p, MSG_CALLS_NOT_ALL, PAGE_ARGS(made, seen));
	return false;
}

/* Is the fact far below the calls that the VM has made? What KVM does not count is not judged. */
static bool is_handful(const struct demo_facts *f, const char *key)
{
	uint64_t made, n;

	if (!demo_get(f, "vm", key))
		return true;
	return demo_number(f, "vm", "calls.end", &made) && demo_number(f, "vm", key, &n) &&
	       n < made / HANDFUL;
}

static bool judge_vm(struct page *p, const struct demo_facts *f)
{
	static const struct {
		const char *key;
		enum msg msg;
	} few[] = {
		{ "host.others", MSG_CALLS_VMM_MANY },
		{ "calls.exits", MSG_CALLS_EXITS_MANY },
	};
	const char *seen = demo_get(f, "vm", "host.getppid");

	if (strcmp(seen, "0") != 0) {
		page_fail(p, MSG_CALLS_VM_SEEN, PAGE_ARGS(seen));
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(few); i++) {
		if (is_handful(f, few[i].key))
			continue;
		page_fail(p, few[i].msg,
			PAGE_ARGS(demo_get(f, "vm", few[i].key), demo_get(f, "vm", "calls.end")));
		return false;
	}
	return true;
}

static void show(struct page *p, const struct demo_facts *f)
{
	static const char *const needed[] = { "calls.end", "host.getppid", "host.others" };

	page_sides(p, f);
	page_fact(p, f, MSG_CALLS_MADE, "calls.end");
	show_who(p, f);
	page_fact(p, f, MSG_CALLS_ARRIVED, "host.getppid");
	page_fact(p, f, MSG_CALLS_OTHERS, "host.others");
	show_exits(p, f, MSG_CALLS_EXITS, "calls.exits");
	show_exits(p, f, MSG_CALLS_EXITS_USER, "calls.exits_user");
	page_table_end(p);
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(needed); k++) {
			if (page_cannot_side(p, f, sides[i], needed[k]))
				return;
		}
	}
	if (!judge_ctr(p, f) || !judge_vm(p, f))
		return;
	page_seen(p, MSG_CALLS_SAID, demo_get(f, "ctr", "calls.end"),
		demo_get(f, "ctr", "host.getppid"), demo_get(f, "vm", "calls.end"),
		demo_get(f, "vm", "host.others"));
	page_pass(p, MSG_CALLS_NOT_VM);
}

const struct demo calls_demo = {
	.name = "calls",
	.title = MSG_CALLS_TITLE,
	.question = MSG_CALLS_QUESTION,
	.choices = { MSG_CALLS_ALL, MSG_CALLS_NOT_VM, MSG_CALLS_NONE },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
