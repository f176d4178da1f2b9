/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/differences.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"

#define KEY_SIZE 256

static const char *inside(const struct manifest *m, size_t way, const char *key)
{
	char full[KEY_SIZE + 64];

	snprintf(full, sizeof(full), "ways.%zu.inside.%s", way, key);
	return manifest_get(m, full);
}

static int differ(const char *a, const char *b)
{
	return strcmp(a, MANIFEST_UNKNOWN) && strcmp(b, MANIFEST_UNKNOWN) && strcmp(a, b);
}

/* Names of the mitigations that differ, collected over all of way @a. */
struct collector {
	const struct manifest *m;
	char prefix[KEY_SIZE]; /* of @a's mitigations */
	size_t b;
	char names[256];
};

static void compare_one(void *ctx, const char *key, const char *value)
{
	struct collector *c = ctx;
	size_t len = strlen(c->prefix), used = strlen(c->names);
	char in_b[KEY_SIZE];

	if (strncmp(key, c->prefix, len))
		return;
	snprintf(in_b, sizeof(in_b), "vuln.%s", key + len);
	if (differ(value, inside(c->m, c->b, in_b)))
		snprintf(c->names + used, sizeof(c->names) - used, "%s%s", used ? ", " : "",
			key + len);
}

/* What the workload finds out wherever it runs, and what it is to blame for where it differs. */
static const struct {
	const char *key;
	const char *what; /* behind "A and B " */
	const char *why, *remedy;
} singles[] = {
	{ "kernel.release", "ran different kernels", "figures may differ for that alone",
		"--kernel host" },
	{ "mem.thp", "ran with different transparent huge pages",
		"faults and random reads may differ for that alone",
		"the same transparent_hugepage= on both kernel command lines" },
};

int differences_find(const struct manifest *m, size_t a, const char *a_label, size_t b,
	const char *b_label, void (*warn)(void *ctx, const char *text), void *ctx)
{
	struct collector c = { .m = m, .b = b };
	char text[768];
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(singles); i++) {
		const char *in_a = inside(m, a, singles[i].key);
		const char *in_b = inside(m, b, singles[i].key);

		if (!differ(in_a, in_b))
			continue;
		snprintf(text, sizeof(text), "%s and %s %s (%.*s, %.*s), and %s; try: %s", a_label,
			b_label, singles[i].what, (int)strcspn(in_a, "\n"), in_a,
			(int)strcspn(in_b, "\n"), in_b, singles[i].why, singles[i].remedy);
		warn(ctx, text);
		n++;
	}
	snprintf(c.prefix, sizeof(c.prefix), "ways.%zu.inside.vuln.", a);
	manifest_each(m, compare_one, &c);
	if (*c.names) {
		snprintf(text, sizeof(text),
			"%s and %s ran with different mitigations (%s), and system calls may "
			"differ for that alone; try: one kernel for both (--kernel host), and the "
			"same mitigations= on both kernel command lines",
			a_label, b_label, c.names);
		warn(ctx, text);
		n++;
	}
	return n;
}
