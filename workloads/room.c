/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/room.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/bench.h"
#include "workloads/slurp.h"

#define PATH_ROOM 512

static uint64_t launcher_limit;

void room_set_limit(uint64_t bytes)
{
	launcher_limit = bytes;
}

uint64_t room_of_meminfo(const char *text, const char *name)
{
	const size_t len = strlen(name);

	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, name, len) == 0 && p[len] == ':')
			return strtoull(p + len + 1, NULL, 10) << 10;
	}
	return ROOM_UNKNOWN;
}

/* The files of one version: what may be used, what is used. */
static const struct version {
	const char *line;   /* what stands in /proc/self/cgroup before the path */
	const char *folder; /* of the tree below the mount point */
	const char *limit, *usage;
} versions[] = {
	{ "0::", "", "memory.max", "memory.current" },
	{ ":memory:", "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes" },
};

/* "max" is no number, and neither is a file that is not there. */
static uint64_t number_in(const char *dir, const char *file)
{
	char path[PATH_ROOM + 32], text[32];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (slurp(path, text, sizeof(text)) < 0 || text[0] < '0' || text[0] > '9')
		return ROOM_UNKNOWN;
	return strtoull(text, NULL, 10);
}

static uint64_t left_in(const char *dir, const struct version *v)
{
	uint64_t limit = number_in(dir, v->limit), usage = number_in(dir, v->usage);

	if (limit == ROOM_UNKNOWN || usage == ROOM_UNKNOWN)
		return ROOM_UNKNOWN;
	return limit > usage ? limit - usage : 0;
}

/* From the cgroup's own folder up to the tree's root; one that does not show here (a container's
 * tree begins at its own) counts as without limit. */
static uint64_t least_upwards(
	const char *mount, const struct version *v, const char *cgroup, size_t len)
{
	uint64_t least = ROOM_UNKNOWN;
	char dir[PATH_ROOM];
	int root = snprintf(dir, sizeof(dir), "%s%s", mount, v->folder);

	if (root < 0 || (size_t)root + len >= sizeof(dir))
		return ROOM_UNKNOWN;
	memcpy(dir + root, cgroup, len);
	dir[(size_t)root + len] = '\0';
	for (;;) {
		uint64_t left = left_in(dir, v);
		char *slash = strrchr(dir + root, '/');

		least = left < least ? left : least;
		if (!slash)
			return least;
		*slash = '\0';
	}
}

uint64_t room_of_cgroup(const char *cgroup, const char *mount)
{
	uint64_t least = ROOM_UNKNOWN;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const char *at = strstr(cgroup, versions[i].line);

		if (!at)
			continue;
		at += strlen(versions[i].line);
		uint64_t left = least_upwards(mount, &versions[i], at, strcspn(at, "\n"));

		least = left < least ? left : least;
	}
	return least;
}

/* What is left of the launcher's limit: all that counts there is ours. statm (proc(5)): its second
 * number is what is resident, in pages. */
static uint64_t left_of_limit(void)
{
	char text[128];
	uint64_t used = 0;

	if (slurp("/proc/self/statm", text, sizeof(text)) == 0)
		used = strtoull(text + strcspn(text, " "), NULL, 10) * BENCH_PAGE;
	return launcher_limit > used ? launcher_limit - used : 0;
}

uint64_t room_left(void)
{
	uint64_t least = launcher_limit ? left_of_limit() : ROOM_UNKNOWN, left;
	char text[4096];

	if (slurp("/proc/meminfo", text, sizeof(text)) == 0) {
		left = room_of_meminfo(text, "MemAvailable");
		least = left < least ? left : least;
	}
	if (slurp("/proc/self/cgroup", text, sizeof(text)) == 0) {
		left = room_of_cgroup(text, "/sys/fs/cgroup");
		least = left < least ? left : least;
	}
	return least;
}

/* A guest's kernel takes its own part, and a sixteenth is more than the structures of its pages; a
 * round number, since not every one is whole huge pages. */
static uint64_t enough_mib(uint64_t needed)
{
	return ((needed + needed / 16) >> 20) / 64 * 64 + 192;
}

long room_for(struct bench_ctx *c, size_t bytes, size_t held)
{
	const uint64_t left = room_left(), needed = bytes + ROOM_SPARE(bytes);

	if (left != ROOM_UNKNOWN && left + held >= needed)
		return 0;
	if (left == ROOM_UNKNOWN)
		snprintf(c->why, sizeof(c->why),
			"needs %llu MiB of memory: how much there is cannot be found out (no "
			"MemAvailable in /proc/meminfo)",
			(unsigned long long)needed >> 20);
	else
		snprintf(c->why, sizeof(c->why),
			"needs %llu MiB of memory, %llu are there; a guest or a limited container "
			"has enough by --mem %llu",
			(unsigned long long)needed >> 20, (unsigned long long)(left + held) >> 20,
			(unsigned long long)enough_mib(needed));
	return -EOPNOTSUPP;
}
