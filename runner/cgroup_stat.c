/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/cgroup_stat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define TEXT_MAX 65536

const char *const cgroup_amount_names[CG_AMOUNTS] = {
	[CG_CURRENT] = "cgroup-current",
	[CG_PEAK] = "cgroup-peak",
	[CG_ANON] = "anon",
	[CG_FILE] = "file",
	[CG_SHMEM] = "shmem",
	[CG_KERNEL_STACK] = "kernel-stack",
	[CG_PAGE_TABLES] = "page-tables",
	[CG_SLAB] = "slab",
	[CG_PERCPU] = "percpu",
	[CG_KVM_PAGE_TABLES] = "kvm-page-tables",
	[CG_KERNEL] = "kernel",
};

/* Where a number stands: the line @key of @file, or all of it where there is no key. */
struct place {
	const char *file, *key;
};

static const struct place v2[CG_AMOUNTS] = {
	[CG_CURRENT] = { "memory.current", NULL },
	[CG_PEAK] = { "memory.peak", NULL }, /* Linux 5.19 */
	[CG_ANON] = { "memory.stat", "anon" },
	[CG_FILE] = { "memory.stat", "file" },
	[CG_SHMEM] = { "memory.stat", "shmem" },
	[CG_KERNEL_STACK] = { "memory.stat", "kernel_stack" },
	[CG_PAGE_TABLES] = { "memory.stat", "pagetables" }, /* Linux 5.11 */
	[CG_SLAB] = { "memory.stat", "slab" },
	[CG_PERCPU] = { "memory.stat", "percpu" },
	[CG_KVM_PAGE_TABLES] = { "memory.stat", "sec_pagetables" }, /* Linux 6.1 */
	[CG_KERNEL] = { "memory.stat", "kernel" },                  /* Linux 5.18 */
};

static const struct place v1[CG_AMOUNTS] = {
	[CG_CURRENT] = { "memory.usage_in_bytes", NULL },
	[CG_PEAK] = { "memory.max_usage_in_bytes", NULL },
	[CG_ANON] = { "memory.stat", "rss" },
	[CG_FILE] = { "memory.stat", "cache" },
	[CG_SHMEM] = { "memory.stat", "shmem" }, /* Linux 4.12 */
	[CG_KERNEL] = { "memory.kmem.usage_in_bytes", NULL },
	/* The rest v1 does not tell apart. */
};

static int read_text(const char *folder, const char *file, char **text)
{
	char path[640];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	return read_file(path, TEXT_MAX, text, NULL);
}

static struct amount whole(const char *text, const char *file)
{
	size_t n = strcspn(text, "\n");
	char digits[24];
	uint64_t value;

	if (text[n] == '\n' && !text[n + 1] && n < sizeof(digits)) {
		snprintf(digits, sizeof(digits), "%.*s", (int)n, text);
		if (!parse_u64(digits, 0, UINT64_MAX, &value))
			return amount_of(value);
	}
	return amount_unknown("%s of the cgroup is not understood", file);
}

static struct amount find(const char *folder, const struct place *p)
{
	cleanup_free char *text = NULL;
	int r;

	if (!p->file)
		return amount_unknown("cgroup v1 does not tell it apart");
	r = read_text(folder, p->file, &text);
	if (r == -ENOENT)
		return amount_unknown("this kernel's cgroups have no %s", p->file);
	if (r < 0)
		return amount_unknown("%s of the cgroup: %s", p->file, strerror(-r));
	return p->key ? amount_find(text, p->key, "", p->file) : whole(text, p->file);
}

void cgroup_stat_none(const char *why, struct cgroup_stat *out)
{
	for (unsigned i = 0; i < CG_AMOUNTS; i++)
		out->at[i] = amount_unknown("%s", why);
}

void cgroup_stat_read(const char *folder, struct cgroup_stat *out)
{
	const struct place *places = NULL;
	char path[640];

	snprintf(path, sizeof(path), "%s/%s", folder, v2[CG_CURRENT].file);
	if (!access(path, F_OK))
		places = v2;
	snprintf(path, sizeof(path), "%s/%s", folder, v1[CG_CURRENT].file);
	if (!places && !access(path, F_OK))
		places = v1;
	if (!places) {
		cgroup_stat_none("the cgroup has no memory controller", out);
		return;
	}
	for (unsigned i = 0; i < CG_AMOUNTS; i++)
		out->at[i] = find(folder, &places[i]);
}
