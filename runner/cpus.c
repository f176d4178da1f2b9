/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/cpus.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

static int allowed_cpus(cpu_set_t *out, struct err *e)
{
	if (sched_getaffinity(0, sizeof(*out), out) < 0)
		return err_sys(e, "sched_getaffinity", "which CPUs may be used");
	return 0;
}

/* "3" or "2-5": the range's ends. */
static int parse_range(char *text, uint64_t *lo, uint64_t *hi)
{
	char *dash = strchr(text, '-');

	if (dash)
		*dash = '\0';
	if (parse_u64(text, 0, CPU_SETSIZE - 1, lo))
		return -EINVAL;
	*hi = *lo;
	if (dash && parse_u64(dash + 1, *lo, CPU_SETSIZE - 1, hi))
		return -EINVAL;
	return 0;
}

int cpus_parse(const char *list, cpu_set_t *out, struct err *e)
{
	cleanup_free char *copy = strdup(list);
	cpu_set_t allowed;
	char *next = copy, *part;
	int r = copy ? allowed_cpus(&allowed, e) : err_set(e, -ENOMEM, "cpus", "out of memory");

	if (r < 0)
		return r;
	CPU_ZERO(out);
	while ((part = strsep(&next, ","))) {
		uint64_t lo, hi;

		if (parse_range(part, &lo, &hi))
			return err_set(
				e, -EINVAL, "cpus", "'%s' is not a list of CPUs like 0,2-3", list);
		for (uint64_t c = lo; c <= hi; c++) {
			if (!CPU_ISSET(c, &allowed)) {
				char have[128];

				cpus_format(&allowed, have, sizeof(have));
				return err_set(e, -EINVAL, "cpus",
					"CPU %ju may not be used here (these may: %s)",
					(uintmax_t)c, have);
			}
			CPU_SET(c, out);
		}
	}
	return 0;
}

/* Do @a and @b share a core? Unknown topology counts as no. */
static bool siblings(int a, int b)
{
	char path[96], list[256];
	cpu_set_t set;
	uint64_t lo, hi;
	char *next = list, *part;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
		a);
	if (read_line(path, list, sizeof(list)))
		return false;
	CPU_ZERO(&set);
	while ((part = strsep(&next, ","))) {
		if (parse_range(part, &lo, &hi))
			return false;
		for (uint64_t c = lo; c <= hi; c++)
			CPU_SET(c, &set);
	}
	return CPU_ISSET(b, &set);
}

/* Does @cpu share a core with one of @set? */
static bool has_sibling(const cpu_set_t *set, int cpu)
{
	for (int c = 0; c < CPU_SETSIZE; c++) {
		if (CPU_ISSET(c, set) && siblings(c, cpu))
			return true;
	}
	return false;
}

/* The highest of @from that is not in @set, on a core of its own where there is one; -1: none. */
static int next_cpu(const cpu_set_t *from, const cpu_set_t *set)
{
	int second_best = -1;

	for (int c = CPU_SETSIZE - 1; c >= 0; c--) {
		if (!CPU_ISSET(c, from) || CPU_ISSET(c, set))
			continue;
		if (!has_sibling(set, c))
			return c;
		if (second_best < 0)
			second_best = c;
	}
	return second_best;
}

int cpus_choose(unsigned n, cpu_set_t *out, struct err *e)
{
	cpu_set_t allowed;
	int r = allowed_cpus(&allowed, e);

	if (r < 0)
		return r;
	CPU_ZERO(out);
	for (int c; n && (c = next_cpu(&allowed, out)) >= 0; n--)
		CPU_SET(c, out);
	return 0;
}

void cpus_first(const cpu_set_t *from, unsigned n, cpu_set_t *out)
{
	cpu_set_t all = *from;

	CPU_ZERO(out);
	for (int c = 0; c < CPU_SETSIZE && n; c++) {
		if (!CPU_ISSET(c, &all))
			continue;
		CPU_SET(c, out);
		n--;
	}
}

void cpus_format(const cpu_set_t *set, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int c = 0; c < CPU_SETSIZE; c++) {
		int end = c;

		if (!CPU_ISSET(c, set))
			continue;
		while (end + 1 < CPU_SETSIZE && CPU_ISSET(end + 1, set))
			end++;
		if (used < size)
			used += (size_t)snprintf(out + used, size - used,
				end > c ? "%s%d-%d" : "%s%d", used ? "," : "", c, end);
		c = end;
	}
}
