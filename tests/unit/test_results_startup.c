/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suite "startup": its model, its tables on a terminal, its plots and its section. */
#include "tests/unit/startup_fixture.h"
#include "tests/unit/results_output.h"

#include <errno.h>
#include <locale.h>

#include "results/report.h"
#include "results/startup.h"

/* A number of the suite: metric, phase and value of a launch. */
#define AT(runtime, rep, metric, phase, value)                                                     \
	"1,r,startup,launch,," runtime ",," rep ",0," phase ",0,1," metric ",ns," value ",0,ok,\n"
#define OTHER(params, runtime, metric, phase, unit, value)                                         \
	"1,r,startup,launch," params "," runtime ",,0,0," phase ",0,1," metric "," unit "," value  \
	",0,ok,\n"
#define LOST(runtime, rep, metric, phase, status, why)                                             \
	"1,r,startup,launch,," runtime ",," rep ",0," phase ",0,," metric ",ns,,," status "," why  \
	"\n"
#define PHASE(runtime, rep, phase, value) AT(runtime, rep, "phase", phase, value)
#define SINCE(runtime, rep, phase, value) AT(runtime, rep, "since-request", phase, value)
#define EXIT(runtime, rep, value) SINCE(runtime, rep, "exit", value)

static const char small[] = HEADER PHASE("host", "0", "process", "100000") PHASE("host", "0",
	"main", "50000") PHASE("host", "0", "exit", "30000") EXIT("host", "0", "180000") AT("host",
	"0", "cpu", "", "120000") PHASE("ctr", "0", "process", "110000") LOST("ctr", "0", "phase",
	"main", "skipped", "not told apart") PHASE("ctr", "0", "exit", "1000000") EXIT("ctr", "0",
	"1110000") EXIT("ctr", "1", "1310000") LOST("ctr", "2", "since-request", "exit", "timeout",
	"late") LOST("crun", "0", "phase", "process", "skipped", "not installed") LOST("crun", "0",
	"since-request", "exit", "skipped",
	"not installed") LOST("runc", "0", "since-request", "exit", "failed",
	"killed by SIGSEGV") EXIT("ctr:00-bare", "0", "500000") EXIT("ctr:00-bare", "1",
	"500000") EXIT("ctr:01-user", "0", "700000") EXIT("ctr:01-user", "1",
	"700000") "1,r,startup,sustained,2s,host,,0,0,,0,1,rate,1/s,1234,0,ok,\n"
		  "1,r,startup,sustained,2s,ctr,,0,0,,0,,rate,1/s,,,failed,killed by SIGSEGV\n"
		  "1,r,startup,launch,concurrency=8,host,,0,0,,0,1,rate,1/s,2500,0,ok,\n";

static const char small_table[] =
	"Start-up\n"
	"     | phases, medians           | CPU      | since the request\n"
	"way  | process     main     exit | user+sys |    exit  [95%]         ratio      p99\n"
	"host |  100 us  50.0 us  30.0 us |   120 us |  180 us                        180 us\n"
	"ctr  |  110 us      (2)  1.00 ms |          | 1.21 ms  [1.11, 1.31]   6.72  1.31 ms  (3)\n"
	"crun | skipped (1)\n"
	"runc | failed (4)\n"
	"\n"
	"What each step adds to the one before\n"
	"            | to exit | adds\n"
	"step        |  median | median  [95%]\n"
	"ctr:00-bare |  500 us |\n"
	"ctr:01-user |  700 us | 200 us  [200 us, 200 us]\n"
	"\n"
	"Launches per second\n"
	"     | sustained 2s | launch concurrency=8\n"
	"way  |         rate |                 rate\n"
	"host |     1.23 k/s |             2.50 k/s\n"
	"ctr  |   failed (4) |                    -\n"
	"\n"
	"(1) not installed\n"
	"(2) not told apart\n"
	"(3) some launches have no value (0 failed, 1 late, 0 skipped): late\n"
	"(4) killed by SIGSEGV\n"
	"Medians of 1 to 2 launches, 1 to 2 samples a cell. One launch has no interval.\n";

static void model(void **state)
{
	struct summary *s = summary_of_text(*state, small);
	struct startup st;
	const struct startup_set *set;

	assert_int_equal(startup_make(s, &st, NULL), 0);
	assert_int_equal(st.n_sets, 1);
	assert_int_equal(st.n_rates, 2);
	set = &st.sets[0];
	assert_int_equal(set->n_ways, 4); /* by total: host, ctr, and those without one */
	assert_string_equal(s->columns[set->ways[0].column].runtime, "host");
	assert_string_equal(s->columns[set->ways[1].column].runtime, "ctr");
	assert_near(startup_total(&set->ways[0]), 180000, 0);
	assert_near(startup_total(&set->ways[1]), 1210000, 0);
	assert_true(isnan(startup_total(&set->ways[2])));
	assert_near(summary_median(set->ways[0].cpu), 120000, 0);
	assert_null(set->ways[0].phase[PHASE_WORK]);
	assert_true(isnan(summary_median(set->ways[1].phase[PHASE_MAIN])));
	assert_int_equal(set->n_steps, 2);
	assert_true(set->steps[0].first);
	assert_true(isnan(set->steps[0].added));
	assert_string_equal(set->steps[1].way.step, "user");
	assert_near(set->steps[1].added, 200000, 0);
	assert_near(set->steps[1].added_ci.low, 200000, 0);
	startup_free(&st);
	summary_free(s);
}

/* The median launch's events, whatever order the rows have. */
static void median_launch(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER PHASE("host", "1", "exit", "7") PHASE("host", "1", "process", "20") EXIT(
			"host", "1", "27") EXIT("host", "0", "5") EXIT("host", "2", "1000")
			PHASE("host", "0", "process", "5") PHASE("host", "1", "released", "3")
				LOST("host", "1", "phase", "main", "skipped", "-"));
	struct startup st;
	double at[PHASE_COUNT];

	assert_int_equal(startup_make(s, &st, NULL), 0);
	assert_true(startup_median_launch(s, &st.sets[0], &st.sets[0].ways[0], at));
	assert_near(at[PHASE_PROCESS], 20, 0);
	assert_true(isnan(at[PHASE_SANDBOX]));
	assert_true(isnan(at[PHASE_MAIN]));
	assert_near(at[PHASE_EXIT], 27, 0);
	assert_near(at[PHASE_RELEASED], 30, 0);
	startup_free(&st);
	summary_free(s);
}

/* The general table has nothing left to say. */
static void on_a_terminal(void **state)
{
	setlocale(LC_CTYPE, "C");
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_string_equal(printed(*state, 120), small_table);
}

static void fits_the_terminal(void **state)
{
	static const unsigned widths[] = { 200, 100, 80, 60 };

	make_startup(*state, (struct made_up_start){ 4, true, true, false });
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		const char *text = printed(*state, widths[i]);

		assert_in_range(widest_line(text), 20, widths[i]);
		assert_null(strstr(text, " \n"));
		for (unsigned p = PHASE_PROCESS; p < PHASE_COUNT; p++)
			assert_non_null(strstr(text, phase_names[p]));
	}
}

/* What the suite's tables do not know stays in the general one, and other suites beside it. */
static void general_table_keeps_the_rest(void **state)
{
	const char *text;

	summary_free(summary_of_text(*state,
		HEADER EXIT("host", "0", "5") PHASE("host", "0", "later", "7")
			AT("host", "0", "energy", "", "3") EXIT(
				"vfork", "0", "4") "1,r,syscalls,read,,host,,0,0,,0,10,latency,ns,"
						   "98,0,ok,\n"));
	text = printed(*state, 100);
	assert_non_null(strstr(text, "Start-up\n"));
	assert_non_null(strstr(text, "launch later, phase"));
	assert_non_null(strstr(text, "launch, energy"));
	assert_non_null(strstr(text, "read "));
	assert_null(strstr(text, "since-request"));
	assert_null(strstr(strstr(text, "benchmark"), "vfork")); /* an empty column */
}

/* Files that a table, plots and a report have to bear: what is wrong, and can any be drawn? */
static const struct odd_file odd[] = {
	{ "no phases", HEADER EXIT("host", "0", "5") EXIT("vm", "0", "9"), true },
	{ "no totals", HEADER PHASE("host", "0", "process", "5"), false },
	{ "all skipped",
		HEADER LOST("host", "0", "phase", "exit", "skipped", "no")
			LOST("host", "0", "since-request", "exit", "skipped", "no"),
		false },
	{ "all failed", HEADER LOST("vm", "0", "since-request", "exit", "failed", "x"), false },
	{ "only warm-ups",
		HEADER "1,r,startup,launch,,host,,0,0,exit,0,1,since-request,ns,5,0,warmup,\n",
		false },
	{ "one launch", HEADER PHASE("host", "0", "exit", "5") EXIT("host", "0", "5"), true },
	{ "zero", HEADER PHASE("host", "0", "exit", "0") EXIT("host", "0", "0"), false },
	{ "zero beside more", HEADER EXIT("host", "0", "0") EXIT("vm", "0", "1"), true },
	{ "below zero", HEADER PHASE("host", "0", "exit", "-5") EXIT("host", "0", "-5"), false },
	{ "a phase below zero",
		HEADER PHASE("host", "0", "main", "-5") PHASE("host", "0", "exit", "9")
			EXIT("host", "0", "4"),
		true },
	{ "far apart", HEADER EXIT("host", "0", "1e-300") EXIT("vm", "0", "1e300"), true },
	{ "far and near",
		HEADER EXIT("host", "0", "1") EXIT("vm", "0", "1e6") EXIT("ctr", "0", "1e3"),
		true },
	{ "phases that do not add up",
		HEADER PHASE("host", "0", "exit", "1e9") EXIT("host", "0", "5")
			AT("host", "0", "cpu", "", "1e12"),
		true },
	{ "an unknown phase", HEADER PHASE("host", "0", "coffee", "5"), true },
	{ "a phase of its own", HEADER PHASE("host", "0", "requested", "5"), true },
	{ "steps alone", HEADER EXIT("ctr:00-bare", "0", "5") EXIT("ctr:01-user", "0", "4"), true },
	{ "a step that is lost",
		HEADER EXIT("ctr:00-bare", "0", "5") LOST("ctr:01-user", "0", "since-request",
			"exit", "failed", "x") EXIT("ctr:02-mount", "0", "9"),
		true },
	{ "steps of two",
		HEADER EXIT("a:0-x", "0", "5") EXIT("a:1-y", "0", "6") EXIT("b:0-x", "0", "7")
			EXIT("a:", "0", "7") EXIT("a:7-", "0", "7"),
		true },
	{ "at once alone",
		HEADER OTHER("concurrency=8", "host", "since-request", "exit", "ns", "5"), true },
	{ "two units",
		HEADER EXIT("host", "0", "5")
			OTHER("", "host", "since-request", "exit", "instructions", "5000000"),
		true },
	{ "CPU in another unit",
		HEADER EXIT("host", "0", "5") OTHER("", "host", "cpu", "", "instructions", "5"),
		true },
	{ "an unknown unit", HEADER OTHER("", "host", "since-request", "exit", "cups", "5"), true },
	{ "rates alone", HEADER OTHER("", "host", "rate", "", "1/s", "5"), false },
	{ "a rate of nothing", HEADER OTHER("", "host", "rate", "", "1/s", "0"), false },
	{ "a rate with a phase", HEADER OTHER("", "host", "rate", "exit", "1/s", "5"), true },
};

static void odd_files(void **state)
{
	check_odd_files(*state, odd, ARRAY_SIZE(odd));
}

static void hostile_names(void **state)
{
	struct samples_writer *w;

	need_gnuplot();
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct sample s = plain_sample();

		s.suite = "startup";
		s.benchmark = "launch";
		s.runtime = s.kernel = s.params = hostile[i];
		s.unit = i % 2 ? "ns" : hostile[i];
		s.reason = hostile[i];
		for (s.replicate = 0; s.replicate < 3; s.replicate++) {
			s.status = SAMPLE_OK;
			put_event(w, s, "phase", PHASE_EXIT, 5 + s.replicate);
			put_event(w, s, "since-request", PHASE_EXIT, 5 + s.replicate);
			s.status = SAMPLE_FAILED;
			put_event(w, s, "phase", PHASE_MAIN, 0);
		}
		s.metric = "rate";
		put_sample(w, &s);
	}
	samples_close(w);
	check_harmless(*state);
}

static const struct picture pictures[] = {
	{ "startup-phases", "vfork" },
	{ "startup-phases-2", "vfork" },
	{ "startup-timeline", "vfork" },
	{ "startup-distribution", "vfork" },
	{ "startup-cpu", "vfork" },
	{ "startup-steps", "04-net" },
};

static void plots(void **state)
{
	need_gnuplot();
	make_startup(*state, (struct made_up_start){ 5, true, true, false });
	check_pictures(*state, pictures, ARRAY_SIZE(pictures));
}

/* Pages that a run with more ways left are removed. */
static void old_pages_go(void **state)
{
	need_gnuplot();
	make_startup(*state, (struct made_up_start){ 2, true, false, false });
	plot(*state);
	assert_true(exists(*state, PLOTS_DIR "/startup-phases-2.svg"));
	assert_true(exists(*state, PLOTS_DIR "/startup-steps.svg"));
	put_file(*state, SAMPLES_FILE, odd[0].text, strlen(odd[0].text));
	plot(*state);
	assert_true(exists(*state, PLOTS_DIR "/startup-phases.svg"));
	assert_false(exists(*state, PLOTS_DIR "/startup-phases-2.svg"));
	assert_false(exists(*state, PLOTS_DIR "/startup-steps.svg"));
}

static void instructions_are_marked(void **state)
{
	cleanup_free char *svg = NULL, *html = NULL;
	size_t len;

	need_gnuplot();
	make_startup(*state, (struct made_up_start){ 3, false, false, true });
	make_manifest(*state, "emulated");
	assert_non_null(strstr(printed(*state, 120), INSTRUCTIONS_MARK));
	assert_non_null(strstr(printed(*state, 120), "Start-up, in instructions"));
	plot(*state);
	svg = get_file(*state, PLOTS_DIR "/startup-phases.svg", &len);
	assert_non_null(strstr(svg, "M instructions"));
	assert_non_null(strstr(svg, INSTRUCTIONS_MARK));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "thousand millions"));
}

static void report_section(void **state)
{
	cleanup_free char *html = NULL, *again = NULL, *other = NULL;
	size_t len;

	make_startup(*state, (struct made_up_start){ 3, true, true, false });
	make_manifest(*state, "native");
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "<h2>Start-up</h2>"));
	assert_null(strstr(html, "<h2>Results</h2>"));
	assert_non_null(strstr(html, "each is reseeded"));
	assert_null(strstr(html, INSTRUCTIONS_MARK));
	assert_non_null(strstr(html, "skipped <a href=\"#note-"));
	assert_non_null(strstr(html, "What each step of a container adds"));
	assert_non_null(strstr(html, "Launches per second"));
	assert_null(strstr(html, "millisecond"));
	for (unsigned p = PHASE_REQUESTED; p < PHASE_COUNT; p++) {
		cleanup_free char *definition =
			format_text("<dt>%s</dt><dd>%s.</dd>", phase_names[p], startup_events[p]);

		assert_non_null(strstr(html, definition));
	}
	assert_int_equal(report_write(*state, NULL), 0);
	again = get_file(*state, REPORT_FILE, &len);
	assert_string_equal(html, again);
	summary_free(summary_of_text(
		*state, HEADER EXIT("vm", "0",
				"5") "1,r,syscalls,read,,host,,0,0,,0,10,latency,ns,98,0,ok,\n"));
	assert_int_equal(report_write(*state, NULL), 0);
	other = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(other, "<h2>Start-up</h2>"));
	assert_non_null(strstr(other, "<h2>Results</h2>"));
	assert_null(strstr(other, "scope=\"colgroup\">vm</th>")); /* no column of nothing */
	assert_null(strstr(other, "reseeded"));
	assert_null(strstr(other, "since-request"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(model),
		in_folder(median_launch),
		in_folder(on_a_terminal),
		in_folder(fits_the_terminal),
		in_folder(general_table_keeps_the_rest),
		in_folder(odd_files),
		in_folder(hostile_names),
		in_folder(plots),
		in_folder(old_pages_go),
		in_folder(instructions_are_marked),
		in_folder(report_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
