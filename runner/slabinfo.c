/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/slabinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define SLABINFO_MAX (1u << 20)
#define VERSION "slabinfo - version: 2." /* since Linux 2.6 */
#define NAME_LEN 63
#define LINE_LEN 256

/* A line "name active_objs num_objs objsize ...", added to @sum. */
static bool add_line(const char *line, bool (*leave_out)(const char *cache), uint64_t *sum)
{
	char name[NAME_LEN + 1];
	uint64_t active, all, size, bytes;

	if (sscanf(line, "%63s %" SCNu64 " %" SCNu64 " %" SCNu64 " ", name, &active, &all, &size) !=
			4 ||
		active > all || !size)
		return false;
	if (leave_out && leave_out(name))
		return true;
	return !__builtin_mul_overflow(all - active, size, &bytes) &&
	       !__builtin_add_overflow(*sum, bytes, sum);
}

struct amount slabinfo_free(const char *text, bool (*leave_out)(const char *cache))
{
	uint64_t sum = 0;
	unsigned lines = 0;
	const char *end;

	if (strncmp(text, VERSION, strlen(VERSION)))
		return amount_unknown("/proc/slabinfo is not of version 2");
	for (; *text; text = end + 1, lines++) {
		char line[LINE_LEN];

		end = strchr(text, '\n');
		if (!end)
			return amount_unknown("/proc/slabinfo is cut off");
		if (!lines || *text == '#')
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		if (!add_line(line, leave_out, &sum))
			return amount_unknown("/proc/slabinfo: not a cache: '%.60s'", line);
	}
	if (lines < 3)
		return amount_unknown("/proc/slabinfo lists no cache");
	return amount_of(sum);
}

/* MemAvailable counts slabs of such a cache, whether their objects are in use or not. */
static bool reclaimable(const char *cache)
{
	char path[NAME_LEN + 64], line[16];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/reclaim_account", cache);
	return read_line(path, line, sizeof(line)) >= 0 && *line == '1';
}

struct amount slabinfo_active(const char *text, const char *cache)
{
	size_t len = strlen(cache);
	uint64_t active;

	for (const char *at = text; (at = strchr(at, '\n'));) {
		at++;
		if (!strncmp(at, cache, len) && at[len] == ' ' &&
			sscanf(at + len, "%" SCNu64, &active) == 1)
			return amount_of(active);
	}
	return amount_unknown("/proc/slabinfo does not list %s", cache);
}

int slabinfo_text(char **text)
{
	return read_file("/proc/slabinfo", SLABINFO_MAX, text, NULL);
}

struct amount slabinfo_read(void)
{
	cleanup_free char *text = NULL;
	int r = slabinfo_text(&text);

	if (r < 0)
		return amount_unknown("unavailable: /proc/slabinfo cannot be read: %s%s",
			strerror(-r), r == -EACCES ? " (it takes root)" : "");
	return slabinfo_free(text, reclaimable);
}
