/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/json_value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/json_alloc.h"
#include "results/text.h"

json_t *json_of_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *json_of_text(const char *s)
{
	size_t size = strlen(s) + 1;
	cleanup_free char *clean = malloc(size);

	if (!clean) {
		json_alloc_missed();
		return NULL;
	}
	text_clean(s, true, clean, size);
	return json_string(clean);
}

int json_print(FILE *f, const json_t *root)
{
	if (json_alloc_failed()) /* to set nothing is an error that nobody looks at: until here */
		return -ENOMEM;
	if (json_dumpf(root, f, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) < 0 ||
		fputc('\n', f) == EOF)
		return -EIO;
	return 0;
}
