/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/smaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/amount.h"

#define TEXT_MAX (16u << 20) /* a mapping takes some 800 bytes */

enum field {
	RSS,
	PSS,
	PRIVATE_CLEAN,
	PRIVATE_DIRTY,
	NEEDED,
	PRIVATE_HUGETLB = NEEDED, /* Linux 4.4 */
	FIELDS
};

static const char *const names[FIELDS] = {
	[RSS] = "Rss",
	[PSS] = "Pss",
	[PRIVATE_CLEAN] = "Private_Clean",
	[PRIVATE_DIRTY] = "Private_Dirty",
	[PRIVATE_HUGETLB] = "Private_Hugetlb",
};

/* "55d0-55e0 r--p ...": the first line of a mapping. */
static bool is_header(const char *line, uint64_t *from, uint64_t *to)
{
	char perms[5];

	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", from, to, perms) == 3;
}

static void add(struct smaps_part *p, const uint64_t bytes[FIELDS])
{
	p->rss += bytes[RSS] + bytes[PRIVATE_HUGETLB];
	p->pss += bytes[PSS] + bytes[PRIVATE_HUGETLB];
	p->private += bytes[PRIVATE_CLEAN] + bytes[PRIVATE_DIRTY] + bytes[PRIVATE_HUGETLB];
}

/* The fields of one mapping; @text ends where the next begins. */
static int take(const char *text, uint64_t bytes[FIELDS], struct err *e)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		struct amount a = amount_find(text, names[i], "kB", "smaps");

		bytes[i] = amount_known(&a) ? a.bytes : 0;
		if (!amount_known(&a) && i < NEEDED)
			return err_set(e, -EPROTO, "smaps", "%s", a.why);
	}
	return 0;
}

/* Where the mapping after the one at @text begins: at a header, or at the end. */
static const char *next_mapping(const char *text)
{
	uint64_t from, to;

	while ((text = strchr(text, '\n'))) {
		text++;
		if (!*text || is_header(text, &from, &to))
			return text;
	}
	return NULL;
}

static int take_mapping(const char *text, size_t len, uint64_t guest_at, uint64_t guest_bytes,
	struct smaps *out, struct err *e)
{
	cleanup_free char *one = strndup(text, len);
	uint64_t from, to, bytes[FIELDS];
	int r;

	if (!one)
		return err_set(e, -ENOMEM, "smaps", "out of memory");
	if (!is_header(one, &from, &to))
		return err_set(e, -EPROTO, "smaps", "it begins with no mapping");
	r = take(one, bytes, e);
	if (r < 0)
		return r;
	add(&out->all, bytes);
	if (from < guest_at + guest_bytes && to > guest_at)
		add(&out->guest, bytes);
	return 0;
}

int smaps_parse(
	const char *text, uint64_t guest_at, uint64_t guest_bytes, struct smaps *out, struct err *e)
{
	*out = (struct smaps){ 0 };
	if (!*text)
		return err_set(e, -EPROTO, "smaps", "it is empty: the process has ended");
	while (*text) {
		const char *next = next_mapping(text);
		int r;

		if (!next)
			return err_set(e, -EPROTO, "smaps", "it is cut off");
		r = take_mapping(text, (size_t)(next - text), guest_at, guest_bytes, out, e);
		if (r < 0)
			return r;
		text = next;
	}
	return 0;
}

int smaps_read(pid_t pid, uint64_t guest_at, uint64_t guest_bytes, struct smaps *out, struct err *e)
{
	cleanup_free char *text = NULL;
	char path[40];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	r = read_file(path, TEXT_MAX, &text, NULL);
	if (r < 0)
		return err_set(e, r, "smaps", "reading '%s': %s", path, strerror(-r));
	return smaps_parse(text, guest_at, guest_bytes, out, e);
}
