/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of messages: both languages say the same, and the environment chooses. */
#include "tests/unit/check.h"

#include <string.h>

#include "base/util.h"
#include "results/text.h"
#include "runner/demo/messages.h"

static const char *const names[MSG_COUNT] = {
#define M(name, en, zh) [MSG_##name] = #name,
#include "runner/demo/messages.def"
#undef M
};

/* Bits 1 << n of the "$n" in @s. */
static unsigned arguments(const char *s)
{
	unsigned bits = 0;

	for (; (s = strchr(s, '$')); s++) {
		if (s[1] < '1' || s[1] > '9')
			fail_msg("'$' without a number: %s", s);
		bits |= 1u << (s[1] - '0');
	}
	return bits;
}

static void both_languages_use_the_same_arguments(void **state)
{
	(void)state;
	for (enum msg m = MSG_NONE + 1; m < MSG_COUNT; m++) {
		unsigned en = arguments(msg_text(LANG_EN, m)), zh = arguments(msg_text(LANG_ZH, m));

		if (en != zh)
			fail_msg("%s: %s | %s", names[m], msg_text(LANG_EN, m),
				msg_text(LANG_ZH, m));
		if (en & (en + 2)) /* bits 1 to n, none left out */
			fail_msg("%s leaves a number out: %s", names[m], msg_text(LANG_EN, m));
	}
}

static bool has_chinese(const char *s)
{
	while (*s) {
		unsigned code;
		size_t n = text_utf8_char(s, &code);

		if (n == 3 && code >= 0x4e00 && code <= 0x9fff)
			return true;
		s += n ? n : 1;
	}
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void chinese_is_chinese(void **state)
{
	(void)state;
	for (enum msg m = MSG_NONE + 1; m < MSG_COUNT; m++) {
		const char *en = msg_text(LANG_EN, m), *zh = msg_text(LANG_ZH, m), *s = en;
		bool words = false;

		for (; *s; s++) /* "$1: $2" has none */
			words |= is_letter(*s);
		if (has_chinese(en))
			fail_msg("%s is Chinese in English: %s", names[m], en);
		/* A name that is the same everywhere ("uname -r", "/proc/version") stays. */
		if (words && !has_chinese(zh) && strcmp(en, zh))
			fail_msg("%s is not Chinese: %s", names[m], zh);
	}
}

/* What stands in both languages as it is: the names of things, and no sentence. */
static void only_names_are_left_untranslated(void **state)
{
	static const char *const kept[] = { "DISTRO_OS", "KERNEL_BOOT_ID", "KERNEL_RELEASE",
		"KERNEL_VERSION", "LIBC_GLIBC", "LIBC_MUSL", "LIBC_NUMBER", "LIBC_ONE",
		"VERSIONS_NOT_YET" };

	(void)state;
	for (enum msg m = MSG_NONE + 1; m < MSG_COUNT; m++) {
		bool listed = false;

		if (strcmp(msg_text(LANG_EN, m), msg_text(LANG_ZH, m)))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			listed |= !strcmp(kept[i], names[m]);
		if (!listed)
			fail_msg("%s is the same in both languages: %s", names[m],
				msg_text(LANG_EN, m));
	}
}

static void every_text_is_fit_to_print(void **state)
{
	(void)state;
	for (enum msg m = MSG_NONE + 1; m < MSG_COUNT; m++) {
		for (enum lang lang = LANG_EN; lang < LANG_COUNT; lang++) {
			const char *text = msg_text(lang, m);
			char clean[2048];

			assert_true(strlen(text) < sizeof(clean));
			text_clean(text, true, clean, sizeof(clean));
			if (strcmp(text, clean))
				fail_msg("%s: %s", names[m], text);
		}
	}
}

static const struct {
	const char *lc_all, *lc_messages, *lang;
	enum lang is;
} environments[] = {
	{ NULL, NULL, NULL, LANG_EN },
	{ NULL, NULL, "zh_CN.UTF-8", LANG_ZH },
	{ NULL, NULL, "zh", LANG_ZH },
	{ NULL, NULL, "zh_TW.UTF-8", LANG_ZH },
	{ NULL, NULL, "en_US.UTF-8", LANG_EN },
	{ NULL, NULL, "de_DE.UTF-8", LANG_EN },
	{ NULL, NULL, "", LANG_EN },
	{ NULL, NULL, "C", LANG_EN },
	{ NULL, "zh_CN", "en_US", LANG_ZH },
	{ NULL, "en_US", "zh_CN", LANG_EN },
	{ "C", "zh_CN", "zh_CN", LANG_EN },
	{ "zh_CN", "en_US", "en_US", LANG_ZH },
	{ "", "", "zh_CN", LANG_ZH },
	{ "", "zh_CN", "C", LANG_ZH },
};

static void put_env(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void the_environment_chooses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(environments); i++) {
		put_env("LC_ALL", environments[i].lc_all);
		put_env("LC_MESSAGES", environments[i].lc_messages);
		put_env("LANG", environments[i].lang);
		if (lang_default() != environments[i].is)
			fail_msg("environment %zu gives %s", i, lang_names[lang_default()]);
	}
}

/* "$1" to "$9"; what is not there stays; what is put in is not looked at again. */
static void puts_arguments_in(void **state)
{
	static const struct {
		enum msg msg;
		const char *args[4], *is;
	} cases[] = {
		{ MSG_GUESSED_WRONG, { "a", "b" }, "You predicted \"a\"; what was seen is \"b\"." },
		{ MSG_GUESSED_WRONG, { "$2", "$1" },
			"You predicted \"$2\"; what was seen is \"$1\"." },
		{ MSG_GUESSED_WRONG, { "a" }, "You predicted \"a\"; what was seen is \"$2\"." },
		{ MSG_GUESSED_WRONG, { NULL }, "You predicted \"$1\"; what was seen is \"$2\"." },
		{ MSG_SIDE_WITHOUT, { "", "%s" }, ": %s" },
		{ MSG_SIDE_HOST, { "unused" }, "host" },
		{ MSG_NONE, { "unused" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *text = msg_format(LANG_EN, cases[i].msg, cases[i].args);

		assert_string_equal(text, cases[i].is);
	}
}

static void holds_without_arguments(void **state)
{
	cleanup_free char *text = msg_format(LANG_ZH, MSG_SIDE_HOST, NULL);

	(void)state;
	assert_string_equal(text, msg_text(LANG_ZH, MSG_SIDE_HOST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_languages_use_the_same_arguments),
		cmocka_unit_test(chinese_is_chinese),
		cmocka_unit_test(only_names_are_left_untranslated),
		cmocka_unit_test(every_text_is_fit_to_print),
		cmocka_unit_test(the_environment_chooses),
		cmocka_unit_test(puts_arguments_in),
		cmocka_unit_test(holds_without_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
