/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "kernel": the same questions to the kernel from each side. Equal, equal, different. */
#include <stdio.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"

static const struct {
	enum msg label;
	const char *key; /* as workloads/demo/kernel.c reports it */
} rows[] = {
	{ MSG_KERNEL_RELEASE, "kernel.release" },
	{ MSG_KERNEL_VERSION, "kernel.proc_version" },
	{ MSG_KERNEL_BOOT_ID, "kernel.boot_id" },
	{ MSG_KERNEL_CMDLINE, "kernel.cmdline" },
	{ MSG_KERNEL_MODULES, "kernel.modules" },
};

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	static const char *const sides[] = { "host", "ctr", "vm" };
	char *const argv[] = { (char *)"demo-probe", (char *)"--kernel", NULL };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sides) && !r; i++)
		r = side_collect(run, sides[i], argv, f, e);
	return r;
}

static void judge(struct page *p, const struct demo_facts *f)
{
	char n[24];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!demo_same(f, "host", "ctr", rows[i].key)) {
			page_fail(p, MSG_KERNEL_NOT_SAME,
				PAGE_ARGS(msg_text(p->lang, rows[i].label)));
			return;
		}
	}
	if (demo_same(f, "host", "vm", "kernel.boot_id")) {
		page_fail(p, MSG_KERNEL_NOT_OTHER, NULL);
		return;
	}
	snprintf(n, sizeof(n), "%zu", ARRAY_SIZE(rows));
	page_seen(p, MSG_KERNEL_SAID, n, demo_get(f, "vm", "kernel.release"),
		demo_get(f, "host", "kernel.release"));
	page_pass(p, MSG_KERNEL_CTR_SAME);
}

static void show(struct page *p, const struct demo_facts *f)
{
	page_sides(p, f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		page_fact(p, f, rows[i].label, rows[i].key);
	page_table_end(p);
	if (!page_cannot_without(p, f, "kernel.boot_id"))
		judge(p, f);
}

const struct demo kernel_demo = {
	.name = "kernel",
	.title = MSG_KERNEL_TITLE,
	.question = MSG_KERNEL_QUESTION,
	.choices = { MSG_KERNEL_ALL_SAME, MSG_KERNEL_CTR_SAME, MSG_KERNEL_ALL_DIFFER },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
