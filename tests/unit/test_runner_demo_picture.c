/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars and ratios as characters: pictures of made-up numbers, compared as a whole. */
#include "tests/unit/check.h"

#include <locale.h>
#include <string.h>

#include "base/util.h"
#include "runner/demo/picture.h"

static char *drawn;
static size_t drawn_size;

static struct term open_term(bool utf8, bool color, unsigned width)
{
	struct term t = { .utf8 = utf8, .color = color, .width = width };

	free(drawn);
	drawn = NULL;
	t.f = open_memstream(&drawn, &drawn_size);
	assert_non_null(t.f);
	return t;
}

static const char *close_term(struct term *t)
{
	fclose(t->f);
	return drawn;
}

static int free_drawn(void **state)
{
	(void)state;
	free(drawn);
	drawn = NULL;
	return 0;
}

#define MS 1e6

static const struct picture_bar bars[] = {
	{ "host", { 1 * MS, 1 * MS, 0, 2 * MS, 1 * MS, 1 * MS }, "6.00 ms" },
	{ "container", { 2 * MS, 8 * MS, NAN, 4 * MS, 4 * MS, 2 * MS }, "20.0 ms" },
	{ "VM", { 1, 0, 40 * MS, 0, 0, 0 }, "40.0 ms" },
	{ "a hair", { 0, 1000, 0, 0, 0, 0 }, "1.00 us" },
	{ "nothing", { NAN, -1, INFINITY, 0, 0, 0 }, "" },
};

static void bars_in_ascii(void **state)
{
	static const char as_expected[] =
		"host                  .=++%-                                     6.00 ms\n"
		"container             ..========++++%%%%--                       20.0 ms\n"
		"VM                    #########################################  40.0 ms\n"
		"a hair                |                                          1.00 us\n"
		"nothing\n"
		"                      +---------+---------+---------+---------+\n"
		"                      0         10        20        30       40  ms\n";
	struct term t = open_term(false, false, 72);

	(void)state;
	picture_bars(&t, bars, ARRAY_SIZE(bars), "ns");
	assert_string_equal(close_term(&t), as_expected);
}

static void bars_in_utf8(void **state)
{
	struct term t = open_term(true, false, 71);

	(void)state;
	picture_bars(&t, bars, 2, "ns");
	assert_non_null(strstr(close_term(&t), "░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▞▞▞▞▞▞▞▞▤▤▤▤  20.0"));
	assert_non_null(strstr(drawn, "┴─"));
}

/* The same picture, with escape sequences between its runs. */
static void colours_tell_nothing_more(void **state)
{
	cleanup_free char *plain = NULL, *colored = NULL;
	struct term t = open_term(true, false, 80);
	char *to;

	(void)state;
	picture_bars(&t, bars, ARRAY_SIZE(bars), "ns");
	plain = strdup(close_term(&t));
	t = open_term(true, true, 80);
	picture_bars(&t, bars, ARRAY_SIZE(bars), "ns");
	colored = to = strdup(close_term(&t));
	assert_non_null(strstr(colored, "\033[33m█"));
	for (const char *s = colored; *s; s++) {
		if (*s == '\033')
			s += strcspn(s, "m");
		else
			*to++ = *s;
	}
	*to = '\0';
	assert_string_equal(plain, colored);
}

static void no_bars_no_picture(void **state)
{
	struct term t = open_term(true, false, 80);

	(void)state;
	picture_bars(&t, &bars[4], 1, "ns");
	picture_bars(&t, bars, 0, "ns");
	picture_dots(&t, NULL, 0);
	picture_legend(&t, (const char *const[PICTURE_PARTS]){ NULL });
	assert_string_equal(close_term(&t), "");
	assert_true(picture_length(&bars[4]) == 0);
	assert_near(picture_length(&bars[0]), 6 * MS, 1e-3);
}

/* Ticks are 1, 2 or 5 times a power of ten, and the last may be the end. */
static const struct {
	double ns;
	const char *labels;
} scales[] = {
	{ 1, " 0 0.2 0.4 0.6 0.8 1 ns" },
	{ 999, " 0 200 400 600 800 ns" },
	{ 1000, " 0 0.2 0.4 0.6 0.8 1 us" },
	{ 3.1e6, " 0 1 2 3 ms" },
	{ 7e9, " 0 2 4 6 s" },
	{ 86400e9, " 0 20000 40000 60000 80000 s" },
};

/* The last line, its blanks one each. */
static char *last_line(const char *text)
{
	char *copy = strdup(text), *start, *to;

	assert_non_null(copy);
	copy[strlen(copy) - 1] = '\0';
	start = strrchr(copy, '\n') + 1;
	to = copy;
	for (const char *s = start; *s; s++) {
		if (*s != ' ' || (to > copy && to[-1] != ' ') || to == copy)
			*to++ = *s;
	}
	*to = '\0';
	return copy;
}

static void scales_have_round_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scales); i++) {
		struct picture_bar bar = { "x", { scales[i].ns }, "" };
		struct term t = open_term(false, false, 90);
		cleanup_free char *labels = NULL;

		picture_bars(&t, &bar, 1, "ns");
		labels = last_line(close_term(&t));
		assert_string_equal(labels, scales[i].labels);
	}
}

static void legend_names_what_is_there(void **state)
{
	static const char *const names[PICTURE_PARTS] = { "process", NULL, "内核", NULL, NULL,
		"end" };
	struct term t = open_term(true, false, 80);

	(void)state;
	picture_legend(&t, names);
	assert_string_equal(close_term(&t), "░ process  █ 内核  ▤ end\n");
	t = open_term(true, false, 18);
	picture_legend(&t, names);
	assert_string_equal(close_term(&t), "░ process  █ 内核\n▤ end\n");
}

static const struct picture_dot dots[] = {
	{ "holds 1", 1.1, { 0.8, 1.3 }, "1.10" },
	{ "does not", 1.6, { 1.5, 1.8 }, "1.60" },
	{ "no interval", 0.5, { NAN, NAN }, "0.50" },
	{ "all the same", 1, { 1, 1 }, "1.00" },
	{ "backwards", 1.5, { 1.8, 1.3 }, "1.50" },
	{ "none", NAN, { 0.7, 0.9 }, "" },
	{ "not a ratio", -2, { -3, -1 }, "" },
};

static void dots_in_ascii(void **state)
{
	static const char as_expected[] =
		"holds 1                             [------+--o----]               1.10\n"
		"does not                                   |           [-o---]     1.60\n"
		"no interval           o                    |                       0.50\n"
		"all the same                               o                       1.00\n"
		"backwards                                  |           o           1.50\n"
		"none                                       |\n"
		"not a ratio                                |\n"
		"                      +--------------------+--------------------+\n"
		"                      0.5                  1                    2\n";
	struct term t = open_term(false, false, 71);

	(void)state;
	picture_dots(&t, dots, ARRAY_SIZE(dots));
	assert_string_equal(close_term(&t), as_expected);
}

static void dots_in_utf8(void **state)
{
	struct term t = open_term(true, false, 71);

	(void)state;
	picture_dots(&t, dots, 2);
	assert_non_null(strstr(close_term(&t), "├──────┼──●────┤"));
	assert_non_null(strstr(drawn, "│           ├─●───┤"));
}

/* Far ratios widen the axis: 1 keeps its place on it, and labels do not run into each other. */
static void far_ratios(void **state)
{
	static const double values[] = { 1e-300, 1e-6, 0.01, 40, 5000, 1e9, 1e300 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct picture_dot d = { "x", values[i], { values[i] * 0.9, values[i] * 1.1 }, "" };
		struct term t = open_term(false, false, 60);
		cleanup_free char *labels = NULL;

		picture_dots(&t, &d, 1);
		labels = last_line(close_term(&t));
		if (!strstr(labels, " 1 ") && strcmp(labels + strlen(labels) - 2, " 1"))
			fail_msg("1 is not on the axis: %s", drawn);
		assert_non_null(strchr(drawn, 'o'));
	}
}

/* No line is wider than the terminal, as far as there is room for anything at all. */
static void nothing_is_too_wide(void **state)
{
	static const unsigned widths[] = { 40, 41, 60, 79, 80, 100, 120 };
	static const struct picture_bar wide[] = {
		{ "虚拟机（同一内核，很长的名字，很长）", { 3, 4, 5, 6, 7, 8 }, "33 ns" },
		{ "a name that has no end at all, none", { 1, 1, 1, 1, 1, 1 }, "6 ns" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct term t = open_term(true, false, widths[i]);
		char *rest, *line;

		picture_bars(&t, wide, 2, "ns");
		picture_dots(&t,
			(const struct picture_dot[]){ { wide[0].label, 3, { 2, 4 }, "3.00" } }, 1);
		close_term(&t);
		rest = drawn;
		while ((line = strsep(&rest, "\n"))) {
			if (term_width(line) > (int)widths[i])
				fail_msg("%u: %d columns: %s", widths[i], term_width(line), line);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(bars_in_ascii, free_drawn),
		cmocka_unit_test_teardown(bars_in_utf8, free_drawn),
		cmocka_unit_test_teardown(colours_tell_nothing_more, free_drawn),
		cmocka_unit_test_teardown(no_bars_no_picture, free_drawn),
		cmocka_unit_test_teardown(scales_have_round_numbers, free_drawn),
		cmocka_unit_test_teardown(legend_names_what_is_there, free_drawn),
		cmocka_unit_test_teardown(dots_in_ascii, free_drawn),
		cmocka_unit_test_teardown(dots_in_utf8, free_drawn),
		cmocka_unit_test_teardown(far_ratios, free_drawn),
		cmocka_unit_test_teardown(nothing_is_too_wide, free_drawn),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		fputs("there is no locale C.UTF-8: wide characters count as narrow\n", stderr);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
