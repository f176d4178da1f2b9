/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/option_values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "runner/ui.h"

int option_number(const char *option, const char *value, uint64_t min, uint64_t max, uint64_t *out,
	struct err *e)
{
	int r = parse_u64(value, min, max, out);

	if (r == -EINVAL)
		return err_set(
			e, -EINVAL, "usage", "--%s: '%s' is not a whole number", option, value);
	if (r)
		return err_set(e, -EINVAL, "usage", "--%s: %s is not between %ju and %ju", option,
			value, (uintmax_t)min, (uintmax_t)max);
	return 0;
}

int option_choice(
	const char *option, const char *value, const char *const *names, size_t n, struct err *e)
{
	char what[32];

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(value, names[i]))
			return (int)i;
	}
	snprintf(what, sizeof(what), "--%s", option);
	return ui_unknown(e, what, value, names, n);
}

int option_format(const char *value, enum table_format *out, struct err *e)
{
	static const char *const names[] = {
		[TABLE_TEXT] = "table", [TABLE_CSV] = "csv", [TABLE_JSON] = "json"
	};
	int i = option_choice("format", value, names, ARRAY_SIZE(names), e);

	if (i < 0)
		return i;
	*out = (enum table_format)i;
	return 0;
}

bool names_have(const struct name_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->names[i], name))
			return true;
	}
	return false;
}

static int no_memory(const char *option, struct err *e)
{
	return err_set(e, -ENOMEM, "usage", "no memory for --%s", option);
}

int option_names(const char *option, const char *value, struct name_list *out, struct err *e)
{
	cleanup_free char *copy = strdup(value);
	char *next = copy, *part;

	if (!copy)
		return no_memory(option, e);
	while ((part = strsep(&next, ","))) {
		if (!*part)
			return err_set(
				e, -EINVAL, "usage", "--%s: an empty name in '%s'", option, value);
		if (names_have(out, part))
			return err_set(
				e, -EINVAL, "usage", "--%s: '%s' is named twice", option, part);
		if (out->n == MAX_NAMES)
			return err_set(
				e, -EINVAL, "usage", "--%s: more than %d names", option, MAX_NAMES);
		out->names[out->n] = strdup(part);
		if (!out->names[out->n++])
			return no_memory(option, e);
	}
	return 0;
}

int option_bits(const char *option, const char *value, const char *const *names, size_t n,
	unsigned *out, struct err *e)
{
	cleanup_free char *copy = strdup(value);
	char *next = copy, *part;

	if (!copy)
		return no_memory(option, e);
	*out = 0;
	while ((part = strsep(&next, ","))) {
		int i = option_choice(option, part, names, n, e);

		if (i < 0)
			return i;
		*out |= 1u << i;
	}
	return 0;
}

void names_free(struct name_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	l->n = 0;
}
