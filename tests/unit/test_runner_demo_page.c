/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a demonstration: lines, tables and verdicts, in widths that terminals have. */
#include "tests/unit/check.h"

#include <locale.h>
#include <string.h>

#include "base/util.h"
#include "runner/demo/page.h"

#define MIN_WIDTH 40

static char *made;
static size_t made_size;

static struct page open_page(unsigned width, enum lang lang)
{
	struct page p;
	FILE *f;

	free(made);
	made = NULL;
	f = open_memstream(&made, &made_size);
	assert_non_null(f);
	page_open(&p, f, width, lang);
	return p;
}

static const char *close_page(struct page *p)
{
	fclose(p->term.f);
	return made;
}

static int free_made(void **state)
{
	(void)state;
	free(made);
	made = NULL;
	return 0;
}

/* The lines of what was made, one after the other; they are cut apart in it. */
static char *next_of(char **rest)
{
	return strsep(rest, "\n");
}

#define ENGLISH                                                                                    \
	"Host and container gave the same answers: there is one kernel, started once. The VM's "   \
	"kernel is another one (6.12.117+deb12-cloud-amd64 beside 6.1.0-56-cloud-amd64), and "     \
	"https://example.org/a/name/that/is/so/long/that/no/terminal/has/room/for/it/in/a/line."
#define CHINESE                                                                                                                                   \
	"宿主机和容器的回答完全相同：只有一个内核，只启动过一次。虚拟机有“另一个”专为它启动的内核" \
	"（6.12，宿主机是 "                                                                                                                 \
	"6.1）；容器、虚拟机、进程！谁的内核？《操作系统》里说，“容器共享宿主机的内核。”boot_"           \
	"id、uname。"
#define WORD "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"

static const char *const texts[] = { ENGLISH, CHINESE, WORD, WORD CHINESE, CHINESE WORD " x", "",
	" ", "   blanks   everywhere   ", "。",
	"，，，，，，，，，，，，，，，，，，，，，，，，，，，，，，，，" };

static const unsigned widths[] = { 0, 1, 10, 39, 40, 41, 42, 43, 44, 45, 79, 80, 100, 200 };

static const char *const closing[] = { "，", "。", "、", "；", "：", "？", "！", "）", "”", "》" };
static const char *const opening[] = { "（", "“", "《" };

static void check_line(const char *line, unsigned width, bool first)
{
	int is = term_width(line), limit = (int)(width < MIN_WIDTH ? MIN_WIDTH : width);
	size_t len = strlen(line);

	if (is > limit)
		fail_msg("%d columns of %d: %s", is, limit, line);
	if (len && line[len - 1] == ' ')
		fail_msg("a line ends in a blank: '%s'", line);
	for (size_t i = 0; !first && i < ARRAY_SIZE(closing); i++) {
		if (!strncmp(line, closing[i], strlen(closing[i])))
			fail_msg("a line begins with %s: %s", closing[i], line);
	}
	for (size_t i = 0; i < ARRAY_SIZE(opening); i++) {
		size_t n = strlen(opening[i]);

		if (len >= n && !strcmp(line + len - n, opening[i]))
			fail_msg("a line ends with %s: %s", opening[i], line);
	}
}

/* All of @text is there in its order, whatever blanks and line ends are between. */
static void check_complete(const char *text, const char *page)
{
	while (*text) {
		if (*text == ' ') {
			text++;
			continue;
		}
		page += strspn(page, " \n");
		if (*page++ != *text++)
			fail_msg("something is missing: %s | %s", text - 1, page - 1);
	}
}

static void no_line_is_too_wide(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(widths); k++) {
			struct page p = open_page(widths[k], i % 2 ? LANG_ZH : LANG_EN);
			char *rest, *line;
			bool first = true,
			     commas = texts[i][0] && strspn(texts[i], "，") == strlen(texts[i]);

			page_say(&p, MSG_SIDE_WITHOUT, "", texts[i]);
			close_page(&p);
			check_complete(texts[i], made + strlen(i % 2 ? "：" : ":"));
			rest = made;
			while ((line = next_of(&rest))) {
				check_line(line, widths[k], first || commas);
				first = false;
			}
		}
	}
}

/* The lines after the first stand below it. */
static void a_lead_indents_what_follows(void **state)
{
	struct page p = open_page(60, LANG_EN);
	char *rest, *line;

	(void)state;
	page_seen(&p, MSG_SIDE_WITHOUT, "x", ENGLISH);
	close_page(&p);
	rest = made;
	assert_int_equal(strncmp(next_of(&rest), "Seen: x: Host", 13), 0);
	while ((line = next_of(&rest)) && *line) {
		assert_int_equal(strspn(line, " "), strlen("Seen: "));
		check_line(line, 60, false);
	}
	p = open_page(60, LANG_ZH);
	page_seen(&p, MSG_SIDE_WITHOUT, "x", CHINESE);
	close_page(&p);
	rest = made;
	next_of(&rest);
	while ((line = next_of(&rest)) && *line)
		assert_int_equal(strspn(line, " "), term_width("看到的："));
}

static void a_table_as_a_whole(void **state)
{
	static const char expected[] =
		"\n"
		"                  主机               container          C\n"
		"─────────────────────────────────────────────────────────────────────────\n"
		"内核              a                  unknown            wwwwwwwwwwwwwwwww\n"
		"                                                        xyz\n"
		"a label that is   内核               b c d\n"
		"long\n"
		"\n";
	struct page p = open_page(76, LANG_EN);

	(void)state;
	page_table(&p, (const char *const[]){ "主机", "container", "C" }, 3);
	page_row(&p, "内核", (const char *const[]){ "a", NULL, "wwwwwwwwwwwwwwwwwxyz" });
	page_row(&p, "a label that is long", (const char *const[]){ "内核", "b c d", "" });
	page_table_end(&p);
	assert_string_equal(close_page(&p), expected);
}

/* Cells of any length and width: columns stay where they are, and long cells are cut. */
static void columns_are_aligned(void **state)
{
	static const unsigned tables[] = { 40, 60, 80, 100, 133 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (size_t n = 1; n <= 3; n++) {
			struct page p = open_page(tables[i], LANG_ZH);
			const char *cells[3] = { CHINESE, ENGLISH, CHINESE };
			const char *names[3] = { "宿主机", "容器", "虚拟机 (distro-6.12)" };
			char *rest, *line;
			size_t lines = 0;

			page_table(&p, names, n);
			page_row(&p, "内核命令行", cells);
			page_table_end(&p);
			close_page(&p);
			rest = made;
			while ((line = next_of(&rest))) {
				check_line(line, tables[i], true);
				lines++;
			}
			assert_true(lines <= 1 + 6 + 1 + 6 + 1 + 1); /* headings, rule, a cell */
			if (n == 3 && tables[i] == 60)
				assert_int_equal(p.column_width, (60 - 18) / 3 - 2);
		}
	}
}

static void a_cell_too_long_says_so(void **state)
{
	struct page p = open_page(60, LANG_EN);

	(void)state;
	page_table(&p, (const char *const[]){ "a", "b" }, 2);
	page_row(&p, "x", (const char *const[]){ ENGLISH ENGLISH ENGLISH, "short" });
	close_page(&p);
	assert_non_null(strstr(made, "\n                  ...\n"));
	p = open_page(60, LANG_EN);
	page_table(&p, (const char *const[]){ "a", "b" }, 2);
	page_row(&p, "x", (const char *const[]){ "short", "short" });
	assert_null(strstr(close_page(&p), "..."));
}

static void more_columns_than_there_can_be(void **state)
{
	const char *names[PAGE_COLUMNS + 5];
	struct page p = open_page(100, LANG_EN);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = "x";
	page_table(&p, names, ARRAY_SIZE(names));
	assert_int_equal(p.n_columns, PAGE_COLUMNS);
	page_row(&p, "x", names);
	page_table(&p, names, 0);
	page_row(&p, "x", names);
	close_page(&p);
}

static const char *const dangerous[] = { "\033[2J\033[31mred", "a\tb\rc\bd\ae",
	"\x9b"
	"31m",
	"\xc2\x9b"
	"31m",
	"half \xe5\x86", "\xff\xfe", "line\nline", "\x7f" };

static bool is_harmless(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			return false;
		if (c == 0xc2 && (unsigned char)s[1] < 0xa0) /* C1 controls */
			return false;
	}
	return true;
}

/* Whatever a guest says, the terminal is told nothing but characters. */
static void facts_cannot_steer_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
		for (enum lang lang = LANG_EN; lang < LANG_COUNT; lang++) {
			struct demo_facts *f = demo_facts_new("kernel");
			struct page p = open_page(80, lang);

			demo_put(f, "host", "k", "%s", dangerous[i]);
			demo_put(f, dangerous[i], "k", "%s", dangerous[i]);
			demo_put(f, "vm", "side.kernel", "%s", dangerous[i]);
			demo_put_missing(f, "ctr", dangerous[i]);
			page_sides(&p, f);
			page_fact(&p, f, MSG_SIDE_HOST, "k");
			page_table_end(&p);
			page_say(&p, MSG_SIDE_WITHOUT, dangerous[i], dangerous[i]);
			page_cannot(&p, dangerous[i]);
			page_fail(&p, MSG_SIDE_WITHOUT, PAGE_ARGS(dangerous[i], dangerous[i]));
			if (!is_harmless(close_page(&p)))
				fail_msg("text %zu comes through: %s", i, made);
			demo_facts_free(f);
		}
	}
}

static void sides_that_are_missing_have_no_column(void **state)
{
	struct demo_facts *f = demo_facts_new("kernel");
	struct page p = open_page(80, LANG_EN);

	(void)state;
	demo_put(f, DEMO_ABOUT, "k", "no side");
	demo_put(f, "host", "k", "1");
	demo_put_missing(f, "ctr", "not here");
	demo_put(f, "vm:distro-6.12", "other", "2");
	demo_put(f, "peer", "k", "3");
	page_sides(&p, f);
	assert_int_equal(p.n_columns, 3);
	page_fact(&p, f, MSG_YES, "k");
	assert_true(page_cannot_without(&p, f, "k"));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	close_page(&p);
	assert_null(strstr(made, "no side"));
	assert_non_null(strstr(made, "VM (distro-6.12)"));
	assert_non_null(strstr(made, "peer"));
	assert_non_null(strstr(made, "unknown"));
	assert_non_null(strstr(made, "container: not here"));
	demo_facts_free(f);
}

static void verdicts(void **state)
{
	struct page p = open_page(80, LANG_EN);

	(void)state;
	assert_int_equal(p.verdict, VERDICT_NONE);
	page_pass(&p, MSG_KERNEL_CTR_SAME);
	assert_int_equal(p.verdict, VERDICT_PASS);
	assert_int_equal(p.seen, MSG_KERNEL_CTR_SAME);
	assert_string_equal(close_page(&p), "PASS\n");
	p = open_page(80, LANG_ZH);
	page_fail(&p, MSG_KERNEL_NOT_OTHER, NULL);
	assert_int_equal(p.verdict, VERDICT_FAIL);
	close_page(&p);
	assert_non_null(strstr(made, msg_text(LANG_ZH, MSG_KERNEL_NOT_OTHER)));
	assert_non_null(strstr(made, "\n不符\n"));
}

/* Where the locale has no UTF-8, English is ASCII. */
static void ascii_where_there_is_no_utf8(void **state)
{
	struct page p;

	(void)state;
	setlocale(LC_CTYPE, "C");
	p = open_page(60, LANG_EN);
	page_table(&p, (const char *const[]){ "内核" }, 1);
	page_say(&p, MSG_SIDE_WITHOUT, "µ", "内");
	close_page(&p);
	setlocale(LC_CTYPE, "C.UTF-8");
	for (const char *s = made; *s; s++)
		assert_true((unsigned char)*s < 0x80);
	assert_non_null(strstr(made, "-----"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(no_line_is_too_wide, free_made),
		cmocka_unit_test_teardown(a_lead_indents_what_follows, free_made),
		cmocka_unit_test_teardown(a_table_as_a_whole, free_made),
		cmocka_unit_test_teardown(columns_are_aligned, free_made),
		cmocka_unit_test_teardown(a_cell_too_long_says_so, free_made),
		cmocka_unit_test_teardown(more_columns_than_there_can_be, free_made),
		cmocka_unit_test_teardown(facts_cannot_steer_the_terminal, free_made),
		cmocka_unit_test_teardown(sides_that_are_missing_have_no_column, free_made),
		cmocka_unit_test_teardown(verdicts, free_made),
		cmocka_unit_test_teardown(ascii_where_there_is_no_utf8, free_made),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		const char *must = getenv("MUST_RUN");

		fputs("SKIP: there is no locale C.UTF-8\n", stderr);
		return must && *must == '1';
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
