/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memstream.h"
#include "base/util.h"

/* Both languages, or no program. */
#define M(name, en, zh) _Static_assert(sizeof(en) > 1 && sizeof(zh) > 1, #name " lacks a language");
#include "runner/demo/messages.def"
#undef M

static const char *const table[MSG_COUNT][LANG_COUNT] = {
	[MSG_NONE] = { "", "" },
#define M(name, en, zh) [MSG_##name] = { en, zh },
#include "runner/demo/messages.def"
#undef M
};

const char *const lang_names[LANG_COUNT] = { [LANG_EN] = "en", [LANG_ZH] = "zh" };

enum lang lang_default(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value) /* the first that is set decides, as in setlocale(3) */
			return !strncmp(value, "zh", 2) ? LANG_ZH : LANG_EN;
	}
	return LANG_EN;
}

const char *msg_text(enum lang lang, enum msg msg)
{
	return table[msg][lang];
}

char *msg_format(enum lang lang, enum msg msg, const char *const *args)
{
	struct memstream out;
	size_t n = 0;

	if (memstream_open(&out) < 0)
		return NULL;
	while (args && args[n])
		n++;
	for (const char *s = msg_text(lang, msg); *s; s++) {
		size_t i = *s == '$' && s[1] >= '1' && s[1] <= '9' ? (size_t)(s[1] - '1') : n;

		if (i < n) {
			fputs(args[i], out.f);
			s++;
		} else {
			fputc(*s, out.f);
		}
	}
	return memstream_close(&out);
}
