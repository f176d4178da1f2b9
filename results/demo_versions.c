/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/demo_versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define SINCE "since."
#define PARTS 3

static const char *get_named(
	const struct demo_facts *f, const char *side, const char *prefix, const char *call)
{
	cleanup_free char *key = format_text("%s%s", prefix, call);

	return key ? demo_get(f, side, key) : NULL;
}

const char *versions_call(const struct demo_facts *f, size_t i)
{
	const char *key;

	if (i >= VERSIONS_CALLS)
		return NULL;
	for (size_t k = 0; (key = demo_key(f, DEMO_ABOUT, k)); k++) {
		if (!strncmp(key, SINCE, strlen(SINCE)) && !i--)
			return key + strlen(SINCE);
	}
	return NULL;
}

const char *versions_since(const struct demo_facts *f, const char *call)
{
	return get_named(f, DEMO_ABOUT, SINCE, call);
}

const char *versions_option(const struct demo_facts *f, const char *call)
{
	return get_named(f, DEMO_ABOUT, "option.", call);
}

bool versions_parse(const char *release, uint64_t *out)
{
	uint64_t value = 0;
	size_t parts = 0;

	while (parts < PARTS && *release >= '0' && *release <= '9') {
		char *end;
		unsigned long part = strtoul(release, &end, 10);

		if (part > UINT16_MAX)
			return false;
		value = value << 16 | part;
		parts++;
		release = *end == '.' ? end + 1 : end;
		if (*end != '.')
			break;
	}
	*out = value << 16 * (PARTS - parts);
	return parts > 0;
}

void versions_short(const char *release, char *out, size_t size)
{
	size_t n = strspn(release, "0123456789.");

	while (n && release[n - 1] == '.')
		n--;
	snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), release);
}

bool versions_has(enum call_state state)
{
	return state == CALL_THERE || state == CALL_EARLY;
}

enum call_state versions_state(const struct demo_facts *f, const char *side, const char *call)
{
	const char *answer = get_named(f, side, "call.", call);
	const char *release = demo_get(f, side, "kernel.release");
	const char *since = versions_since(f, call), *option = versions_option(f, call);
	uint64_t kernel, first;

	if (!answer || !release || !since || !versions_parse(release, &kernel) ||
		!versions_parse(since, &first))
		return CALL_UNKNOWN;
	if (strcmp(answer, "ENOSYS") != 0)
		return kernel >= first ? CALL_THERE : CALL_EARLY;
	if (kernel < first)
		return CALL_NOT_YET;
	return option && *option ? CALL_LEFT_OUT : CALL_LOST;
}
