/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation: told apart from times, in the table, the plot and the report. */
#include "tests/unit/results_output.h"

#include <errno.h>
#include <locale.h>

#include "results/covered.h"
#include "results/exits.h"
#include "results/plot.h"
#include "results/report.h"
#include "results/summary.h"
#include "results/table.h"
#include "results/text.h"

#define TIME(bench, way, rep, value)                                                               \
	"1,r,exits," bench ",," way "," rep ",0,,0,10,latency,ns," value ",0,ok,\n"
#define COUNT(bench, way, rep, metric, value)                                                      \
	"1,r,exits," bench ",," way "," rep ",0,,0,10," metric ",count," value ",0,ok,\n"
#define VM "vm,distro"
#define HOST "host,"

/* Two launches of a guest that counts, beside a host that has nothing to count. */
static const char small[] = HEADER TIME("getppid", HOST, "0", "100") TIME(
	"getppid", VM, "0", "102") COUNT("getppid", VM, "0", "exits", "0.0008") COUNT("getppid", VM,
	"0", "exits-user", "0") COUNT("getppid", VM, "0", "exits-irq", "0.0008") TIME("port-write",
	HOST, "0", "900") TIME("port-write", VM, "0", "9000") COUNT("port-write", VM, "0", "exits",
	"1.016") COUNT("port-write", VM, "0", "exits-user", "1") COUNT("port-write", VM, "0",
	"exits-io", "1") COUNT("port-write", VM, "0", "exits-irq", "0.004") TIME("getppid", HOST,
	"1", "100") TIME("getppid", VM, "1", "102") COUNT("getppid", VM, "1", "exits", "0.0008")
	COUNT("getppid", VM, "1", "exits-user", "0") COUNT(
		"getppid", VM, "1", "exits-irq", "0.0008") TIME("port-write", HOST, "1", "900")
		TIME("port-write", VM, "1", "9000") COUNT("port-write", VM, "1", "exits", "1.016")
			COUNT("port-write", VM, "1", "exits-user", "1")
				COUNT("port-write", VM, "1", "exits-io", "1")
					COUNT("port-write", VM, "1", "exits-irq", "0.004");

static const char table[] = "benchmark  | host   | vm (distro)\n"
			    "           | median |  median  ratio [95%]\n"
			    "getppid    | 100 ns |  102 ns   1.02 [1.02, 1.02]\n"
			    "port-write | 900 ns | 9.00 us   10.0 [10.0, 10.0]\n"
			    "\n"
			    "Exits per operation, vm (distro)\n"
			    "           | per operation                   | by kind\n"
			    "benchmark  | exits  [95%]         to the VMM |      io\n"
			    "getppid    | <0.01                         0 |\n"
			    "port-write |  1.02  [1.02, 1.02]        1.00 |    1.00\n"
			    "\n"
			    "Exits are counted";

static const char *printed_in(const char *dir, enum table_format format)
{
	setlocale(LC_CTYPE, "C");
	return printed_as(dir, (struct table_options){ .format = format, .width = 100 });
}

static const char *table_of(const char *dir, const char *run)
{
	put_file(dir, SAMPLES_FILE, run, strlen(run));
	return printed_in(dir, TABLE_TEXT);
}

static void a_table_of_their_own(void **state)
{
	const char *text = table_of(*state, small);

	if (strncmp(text, table, strlen(table)))
		fail_msg("%s", text);
	/* One count a launch says nothing of how many batches a cell has; no ratio is of counts. */
	assert_non_null(strstr(text, "Medians of 2 launches, 2 samples a cell."));
	assert_non_null(strstr(text, "2 ratios stand side by side"));
	/* Programs get them all. */
	assert_non_null(strstr(printed_in(*state, TABLE_CSV), ",exits-irq,count,"));
}

static void numbers(void **state)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1e-9, "<0.01" },
		{ 0.0049, "<0.01" },
		{ 0.005, "0.01" },
		{ 0.01, "0.01" },
		{ 1, "1.00" },
		{ 3.456, "3.46" },
		{ 12.34, "12.3" },
		{ 12345, "12345" },
		{ NAN, "" },
	};
	char text[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(exits_text(cases[i].v, text), cases[i].text);
}

/* What only looks like one stays where it was. */
static void which_rows_are_counts_of_exits(void **state)
{
	static const struct {
		const char *metric, *unit;
		bool covered;
	} cases[] = {
		{ "exits", "count", true },
		{ "exits-user", "count", true },
		{ "exits-page-fault", "count", true },
		{ "exits", "ns", false },
		{ "exits-of-tomorrow", "count", false },
		{ "exits-", "count", false },
		{ "exit", "count", false },
		{ "latency", "ns", false },
		{ "", "count", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct summary_row row = { .suite = "s",
			.benchmark = "b",
			.params = "",
			.metric = cases[i].metric,
			.unit = cases[i].unit,
			.phase = "" };

		if (exits_covers(&row) != cases[i].covered || covered(&row) != cases[i].covered)
			fail_msg("%s in %s", cases[i].metric, cases[i].unit);
	}
}

static void nobody_counted(void **state)
{
	static const char run[] = HEADER TIME("getppid", HOST, "0", "100");
	cleanup_free char *html = NULL;
	const char *text;
	size_t len;

	text = table_of(*state, run);
	assert_null(strstr(text, "Exits"));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_null(strstr(html, "<h2>Exits</h2>"));
}

/* A KVM without statistics: those that reached the VMM are known, the others are not 0. */
static void only_what_reached_the_vmm(void **state)
{
	static const char run[] = HEADER TIME("port-write", VM, "0", "9000")
		COUNT("port-write", VM, "0", "exits-user", "1");
	struct summary *s;
	struct exits x;

	put_file(*state, SAMPLES_FILE, run, strlen(run));
	assert_int_equal(summary_make(*state, &s, NULL), 0);
	assert_int_equal(exits_make(s, &x, NULL), 0);
	assert_int_equal(x.n, 1);
	assert_null(exits_group(s, &x.benches[0], COUNT_ALL, 0));
	assert_near(exits_group(s, &x.benches[0], COUNT_USER, 0)->median, 1, 0);
	exits_free(&x);
	summary_free(s);
	assert_non_null(strstr(printed_in(*state, TABLE_TEXT), "benchmark  |    to the VMM\n"
							       "port-write |          1.00\n"));
}

/* Warm-ups and failures have no value, and a way without any has no table. */
static void rows_without_a_value(void **state)
{
	static const char run[] = HEADER TIME("cpuid", VM, "0", "9000")
		COUNT("cpuid", VM, "0", "exits", "1") TIME("cpuid", "vm,hello", "0",
			"8000") "1,r,exits,cpuid,,vm,hello,0,0,,0,10,exits,count,5,0,warmup,\n"
				"1,r,exits,cpuid,,vm,other,0,0,,0,,exits,count,,,failed,it broke\n";
	const char *text = table_of(*state, run);

	assert_non_null(strstr(text, "Exits per operation, vm (distro)"));
	assert_null(strstr(text, "Exits per operation, vm (hello)"));
	assert_null(strstr(text, "Exits per operation, vm (other)"));
}

/* The same name in two suites: which is which is said. */
static void names_in_two_suites(void **state)
{
	static const char run[] = HEADER TIME("cpuid", VM, "0", "9000")
		COUNT("cpuid", VM, "0", "exits", "1") TIME("getppid", VM, "0",
			"100") "1,r,syscalls,cpuid,,vm,distro,0,0,,0,10,latency,ns,7,0,ok,\n";
	const char *text = table_of(*state, run);

	assert_non_null(strstr(text, "exits: cpuid "));
	assert_non_null(strstr(text, "syscalls: cpuid "));
	assert_non_null(strstr(text, "\ngetppid "));
}

static void in_the_report(void **state)
{
	cleanup_free char *html = NULL;
	size_t len;

	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "<h2>Exits</h2>"));
	assert_non_null(strstr(html,
		"<th scope=\"row\">port-write</th><td class=\"first\" data-l=\"per operation, "
		"exits\">1.02</td><td data-l=\"per operation, [95%]\">[1.02, 1.02]</td><td "
		"data-l=\"per operation, to the VMM\">1.00</td><td class=\"first\" "
		"data-l=\"by kind, "));
	assert_non_null(strstr(html, "data-l=\"per operation, exits\">&lt;0.01</td>"));
	assert_null(strstr(html, "getppid, exits"));
	assert_null(strstr(html, COUNTS_INFO_NONE));
}

/* clang-format off: its second run is never content with its first */
#define EVERY(rep)                                                                                 \
	COUNT("b", VM, rep, "exits", "8")                                                          \
	COUNT("b", VM, rep, "exits-user", "1")                                                     \
	COUNT("b", VM, rep, "exits-io", "1")                                                       \
	COUNT("b", VM, rep, "exits-mmio", "1")                                                     \
	COUNT("b", VM, rep, "exits-halt", "1")                                                     \
	COUNT("b", VM, rep, "exits-irq", "1")                                                      \
	COUNT("b", VM, rep, "exits-irq-window", "1")                                               \
	COUNT("b", VM, rep, "exits-hypercall", "1")                                                \
	COUNT("b", VM, rep, "exits-page-fault", "1")                                               \
	COUNT("b", VM, rep, "exits-emulated", "1")
/* clang-format on */

/* More than fits a page goes into a table below, with the names again. */
static void every_kind(void **state)
{
	static const char run[] = HEADER EVERY("0") EVERY("1");
	cleanup_free char *html = NULL;
	size_t len;

	put_file(*state, SAMPLES_FILE, run, strlen(run));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "colspan=\"3\" scope=\"colgroup\">per operation</th></tr>"));
	assert_non_null(strstr(html, "colspan=\"8\" scope=\"colgroup\">by kind</th></tr>"));
	assert_non_null(strstr(html, "<th scope=\"row\">b</th><td class=\"first\" data-l=\"per "
				     "operation, exits\">8.00</td>"));
	assert_non_null(strstr(html,
		"<th scope=\"row\">b</th><td class=\"first\" data-l=\"by kind, io\">1.00</td>"));
}

static void a_kvm_that_does_not_count_is_named(void **state)
{
	cleanup_free char *html = NULL;
	struct manifest *m = manifest_new();
	struct err e;
	size_t len;

	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_int_equal(manifest_set(m, "ways.1.inside." COUNTS_INFO, COUNTS_INFO_NONE, &e), 0);
	assert_int_equal(manifest_write(m, *state, &e), 0);
	manifest_free(m);
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "Exits were counted not by KVM"));
}

static void in_a_plot(void **state)
{
	struct err e = { 0 };
	cleanup_free char *dat = NULL, *overview = NULL, *svg = NULL;
	size_t len;
	int r;

	put_file(*state, SAMPLES_FILE, small, strlen(small));
	r = plot_run(*state, &e);
	if (r == -ENOENT)
		SKIP(e.message);
	assert_int_equal(r, 0);
	svg = get_file(*state, PLOTS_DIR "/exits.svg", &len);
	assert_true(len > 1000);
	dat = get_file(*state, PLOTS_DIR "/exits.dat", &len);
	assert_non_null(strstr(dat, "\t1.016\t1.016\t1.016\tport-write\n"));
	assert_non_null(strstr(dat, "\t0\t0\t0\tgetppid\n")); /* a 0 has its place */
	overview = get_file(*state, PLOTS_DIR "/overview.dat", &len);
	assert_null(strstr(overview, "exits"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(a_table_of_their_own),
		cmocka_unit_test(numbers),
		cmocka_unit_test(which_rows_are_counts_of_exits),
		in_folder(nobody_counted),
		in_folder(only_what_reached_the_vmm),
		in_folder(rows_without_a_value),
		in_folder(names_in_two_suites),
		in_folder(in_the_report),
		in_folder(every_kind),
		in_folder(a_kvm_that_does_not_count_is_named),
		in_folder(in_a_plot),
	};

	return cmocka_run_group_tests_name("results/exits", tests, NULL, NULL);
}
