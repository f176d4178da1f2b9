/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "windows": a valid program of Windows (workloads/demo/images.c) is offered to the kernel of each
 * side, beside one of Linux' made in the same way, so that it is not the folder or the rights. Then
 * the other way round: the hello kernel, which is not Linux, runs as the kernel of a VM, and its
 * file is offered to the others as if it were a program; each is asked for a call of the other's.
 */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"

#define HELLO "vm:hello"
#define RUNS "exit 42" /* IMAGE_STATUS of workloads/demo/images.h */

/* Where the kernel is Linux. */
static const char *const linuxes[] = { "host", "ctr", "vm" };

/* --- collecting --- */

static int collect_linux(
	struct demo_run *run, const char *side, struct demo_facts *f, struct err *e)
{
	char *const argv[] = { (char *)"demo-probe", (char *)"--windows", NULL };
	/* The kernel is to answer, not a filter before it. */
	const struct side_job job = { .runtime = side, .argv = argv, .no_seccomp = true };

	return side_collect_job(run, side, &job, f, e);
}

/* It needs less of /dev/kvm than Linux does. Nothing is to be measured in it. */
static int collect_hello(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	char *const argv[] = { (char *)"hello", (char *)"--suite=startup", NULL };
	const struct side_job job = { .runtime = "vm", .kernel = "hello", .argv = argv };

	return side_collect_job(run, HELLO, &job, f, e);
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(linuxes) && !r; i++)
		r = collect_linux(run, linuxes[i], f, e);
	return r ? r : collect_hello(run, f, e);
}

/* --- the table --- */

/* What the facts say, in words; else the fact as it is. */
static const struct {
	const char *fact;
	enum msg msg;
} words[] = {
	{ RUNS, MSG_WINDOWS_RUNS },
	{ "ENOEXEC", MSG_WINDOWS_REFUSED },
	{ "SIGSEGV", MSG_WINDOWS_KILLED },
	{ "not tried", MSG_WINDOWS_NOT_TRIED },
	{ "no such call", MSG_WINDOWS_NO_SUCH_CALL },
};

static const char *word_of(const struct page *p, const char *fact)
{
	for (size_t i = 0; fact && i < ARRAY_SIZE(words); i++) {
		if (!strcmp(fact, words[i].fact))
			return msg_text(p->lang, words[i].msg);
	}
	return fact;
}

static const struct row {
	enum msg label;
	enum msg instead;  /* where @hello is NULL: this; MSG_NONE: "-" */
	const char *key;   /* as workloads/demo/windows.c reports it */
	const char *hello; /* as the hello kernel's program does; NULL: it has no such thing */
} rows[] = {
	{ MSG_WINDOWS_ELF, MSG_NONE, "windows.elf", NULL },
	{ MSG_WINDOWS_PE, MSG_NONE, "windows.pe", NULL },
	{ MSG_WINDOWS_HELLO, MSG_WINDOWS_IS_KERNEL, "windows.hello", NULL },
	{ MSG_WINDOWS_HELLO_ADD, MSG_NONE, "windows.hello_add", "hello.add" },
	{ MSG_WINDOWS_GETPID, MSG_NONE, "windows.getpid", "hello.linux_getpid" },
};

static void show_row(struct page *p, const struct demo_facts *f, const struct row *row)
{
	const char *cells[PAGE_COLUMNS];

	for (size_t i = 0; i < p->n_columns; i++) {
		const char *side = page_side(f, i);
		const char *key = strcmp(side, HELLO) ? row->key : row->hello;

		cells[i] = key            ? word_of(p, demo_get(f, side, key))
			   : row->instead ? msg_text(p->lang, row->instead)
					  : "-";
	}
	page_row(p, msg_text(p->lang, row->label), cells);
}

/* "Linux 6.1.0": two facts. */
static void show_kernels(struct page *p, const struct demo_facts *f)
{
	char *names[PAGE_COLUMNS] = { 0 };

	for (size_t i = 0; i < p->n_columns; i++) {
		const char *name = demo_get(f, page_side(f, i), "kernel.sysname");
		const char *release = demo_get(f, page_side(f, i), "kernel.release");

		names[i] = name && release ? format_text("%s %s", name, release) : NULL;
	}
	page_row(p, msg_text(p->lang, MSG_WINDOWS_KERNEL), (const char *const *)names);
	for (size_t i = 0; i < p->n_columns; i++)
		free(names[i]);
}

/* --- judging --- */

/* All that is to be compared is there; or the page ends here. */
static bool is_complete(struct page *p, const struct demo_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(linuxes); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			if (page_cannot_side(p, f, linuxes[i], rows[k].key))
				return false;
		}
	}
	return !page_cannot_side(p, f, HELLO, "kernel.sysname") &&
	       !page_cannot_side(p, f, HELLO, "hello.add") &&
	       !page_cannot_side(p, f, HELLO, "hello.linux_getpid");
}

static bool is(const struct demo_facts *f, const char *side, const char *key, const char *text)
{
	const char *fact = demo_get(f, side, key);

	return fact && !strcmp(fact, text);
}

/* Was the .exe put to the question at all? Wine and WSL run it in the kernel's stead. */
static bool cannot_ask(struct page *p, const struct demo_facts *f)
{
	cleanup_free char *reason = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(linuxes) && !reason; i++) {
		const char *who = demo_get(f, linuxes[i], "windows.interpreter");
		const char *elf = demo_get(f, linuxes[i], "windows.elf");
		cleanup_free char *name = page_side_name(p, f, linuxes[i]);

		if (who)
			reason = msg_format(p->lang, MSG_WINDOWS_INTERPRETER, PAGE_ARGS(who));
		else if (strcmp(elf, RUNS) != 0)
			reason = msg_format(
				p->lang, MSG_WINDOWS_NO_PROGRAMS, PAGE_ARGS(name ? name : "", elf));
	}
	if (reason)
		page_cannot(p, reason);
	return reason;
}

/* Ended by a signal, or refused: then it did not run. */
static bool did_not_run(const char *fact)
{
	return !strncmp(fact, "SIG", 3) || (fact[0] == 'E' && fact[1] != '\0');
}

static void fail(
	struct page *p, const struct demo_facts *f, enum msg msg, const char *side, const char *key)
{
	cleanup_free char *name = page_side_name(p, f, side);

	page_fail(p, msg, PAGE_ARGS(name ? name : "", demo_get(f, side, key)));
}

static bool judge_linux(struct page *p, const struct demo_facts *f, const char *side)
{
	uint64_t pid;

	if (!is(f, side, "windows.pe", "ENOEXEC"))
		fail(p, f, MSG_WINDOWS_PE_ANSWER, side, "windows.pe");
	else if (!did_not_run(demo_get(f, side, "windows.hello")))
		fail(p, f, MSG_WINDOWS_HELLO_RAN, side, "windows.hello");
	else if (!is(f, side, "windows.hello_add", "ENOSYS"))
		fail(p, f, MSG_WINDOWS_ADD_ANSWER, side, "windows.hello_add");
	else if (!demo_number(f, side, "windows.getpid", &pid))
		fail(p, f, MSG_WINDOWS_GETPID_ANSWER, side, "windows.getpid");
	else
		return true;
	return false;
}

static void judge(struct page *p, const struct demo_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(linuxes); i++) {
		if (!judge_linux(p, f, linuxes[i]))
			return;
	}
	if (!is(f, HELLO, "kernel.sysname", "hello")) {
		fail(p, f, MSG_WINDOWS_NOT_HELLO, HELLO, "kernel.sysname");
	} else if (!is(f, HELLO, "hello.add", "42")) {
		fail(p, f, MSG_WINDOWS_ADD_WRONG, HELLO, "hello.add");
	} else if (!is(f, HELLO, "hello.linux_getpid", "no such call")) {
		fail(p, f, MSG_WINDOWS_GETPID_SERVED, HELLO, "hello.linux_getpid");
	} else {
		page_seen(p, MSG_WINDOWS_SAID, demo_get(f, HELLO, "hello.add"));
		page_pass(p, MSG_WINDOWS_NOWHERE);
	}
}

static void show(struct page *p, const struct demo_facts *f)
{
	page_sides(p, f);
	show_kernels(p, f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		show_row(p, f, &rows[i]);
	page_table_end(p);
	if (is_complete(p, f) && !cannot_ask(p, f))
		judge(p, f);
}

const struct demo windows_demo = {
	.name = "windows",
	.title = MSG_WINDOWS_TITLE,
	.question = MSG_WINDOWS_QUESTION,
	.choices = { MSG_WINDOWS_EVERYWHERE, MSG_WINDOWS_VM_ONLY, MSG_WINDOWS_NOWHERE },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
