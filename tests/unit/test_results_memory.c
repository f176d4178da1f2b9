/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suite "memory": its model, its tables on a terminal, its plots and its section. */
#include "tests/unit/held_fixture.h"
#include "tests/unit/results_output.h"

#include <errno.h>
#include <locale.h>

#include "results/covered.h"
#include "results/memory.h"
#include "results/report.h"

/* A number in bytes: state, way, launch, sample, metric. */
#define FULL(state, params, rt, kernel, rep, phase, at, n, metric, unit, value)                    \
	"1,r,memory," state "," params "," rt "," kernel "," rep "," rep "," phase "," at "," n    \
	"," metric "," unit "," value ",0,ok,\n"
#define IS(state, rt, kernel, rep, metric, value)                                                  \
	FULL(state, "", rt, kernel, rep, "", "0", "1", metric, "bytes", value)
#define STEP(rt, rep, at, value)                                                                   \
	FULL("idle", "", rt, "", rep, "", at, "1", "mem-available", "bytes", value)
#define OTHER_RUN(at, value)                                                                       \
	"1,another,memory,idle,,host,,0,0,," at ",1,mem-available,bytes," value ",0,ok,\n"
#define SLOPE(rt, kernel, rep, n, value)                                                           \
	FULL("idle", "", rt, kernel, rep, "", "0", n, "slope", "bytes", value)
#define NONE(state, rt, rep, metric, status, why)                                                  \
	"1,r,memory," state ",," rt ",," rep "," rep ",,0,," metric ",bytes,,," status "," why "\n"

/* host: shared memory makes the parts more than the slope. vm: a guest kernel that took more than
 * the host has given. ctr: kernel memory only by its cgroup. */
static const char small[] = HEADER IS("touched", "host", "", "0", "pss", "67108864") SLOPE(
	"host", "", "0", "50", "102400") SLOPE("host", "", "1", "38", "122880") IS("idle", "host",
	"", "0", "pss", "81920") IS("idle", "host", "", "0", "slope-kernel", "40960") NONE("idle",
	"host", "0", "cgroup-current", "skipped", "no controller") SLOPE("vm", "minimal", "0", "50",
	"8388608") IS("idle", "vm", "minimal", "0", "pss-guest", "4194304") IS("idle", "vm",
	"minimal", "0", "pss-vmm", "524288") IS("idle", "vm", "minimal", "0", "guest-taken",
	"5242880") IS("idle", "vm", "minimal", "0", "slope-kernel", "262144") IS("idle", "vm",
	"minimal", "0", "slope-kvm-page-tables", "65536") SLOPE("ctr", "", "0", "50", "409600")
	IS("idle", "ctr", "", "0", "kernel", "204800") IS("idle", "ctr", "", "0", "kvm-page-tables",
		"4096") IS("idle", "ctr", "", "0", "cgroup-current", "307200")
		NONE("idle", "crun", "0", "slope", "skipped", "cannot hold")
			NONE("idle", "runc", "0", "slope", "failed", "killed by SIGKILL");

static const char small_table[] =
	"Memory of an instance, idle\n"
	"             | one more instance takes (slope)                        | PSS               "
	"          | cgroup\n"
	"way          |  held  MemAvailable  [95%]         kernel  unexplained |      all     "
	"guest      VMM | current\n"
	"host         | 38-50       110 KiB  [100, 120]  40.0 KiB    -10.0 KiB | 80.0 KiB          "
	"          | n/a (3)\n"
	"ctr          |    50       400 KiB                            200 KiB |                   "
	"          | 300 KiB\n"
	"vm (minimal) |    50      8.00 MiB               256 KiB     3.19 MiB |           4.00 "
	"MiB  512 KiB |\n"
	"crun         | skipped (1)\n"
	"runc         | failed (2)\n"
	"\n"
	"             | guest memory\n"
	"way          |    by kernel\n"
	"host         |\n"
	"ctr          |\n"
	"vm (minimal) |     5.00 MiB\n"
	"crun         | skipped (1)\n"
	"runc         | failed (2)\n"
	"\n"
	"What it consists of, idle\n"
	"             | kernel memory by slope | memory.stat\n"
	"way          |                    KVM |  kernel       KVM\n"
	"host         |                        |\n"
	"ctr          |                        | 200 KiB  4.00 KiB\n"
	"vm (minimal) |               64.0 KiB |\n"
	"crun         | skipped (1)\n"
	"runc         | failed (2)\n"
	"\n"
	"Memory of an instance, touched\n"
	"     | PSS\n"
	"way  |      all\n"
	"host | 64.0 MiB\n"
	"\n"
	"(1) cannot hold\n"
	"(2) killed by SIGKILL\n"
	"(3) no controller\n"
	"Medians of 1 to 2 launches, 1 to 2 samples a cell. One launch has no interval.\n";

static void model(void **state)
{
	struct summary *s = summary_of_text(*state, small);
	struct memory m;
	const struct memory_way *w;
	double part[MEMORY_PARTS];

	assert_int_equal(memory_make(s, &m, NULL), 0);
	assert_int_equal(m.n_sets, 2);
	assert_string_equal(m.sets[0].state, "idle"); /* though it comes second */
	assert_string_equal(m.sets[1].state, "touched");
	assert_int_equal(m.sets[0].n_ways, 5);
	w = m.sets[0].ways;
	assert_string_equal(s->columns[w[0].column].runtime, "host");
	assert_string_equal(s->columns[w[1].column].runtime, "ctr");
	assert_string_equal(s->columns[w[2].column].runtime, "vm");
	assert_int_equal(w[0].least, 38);
	assert_int_equal(w[0].most, 50);
	assert_int_equal(w[3].most, 0);
	assert_true(isnan(memory_total(&w[3])));

	memory_parts(&w[0], part);
	assert_true(isnan(part[PART_VMM]) && isnan(part[PART_GUEST_KERNEL]));
	assert_near(part[PART_PROGRAM], 81920, 0);
	assert_near(part[PART_KERNEL], 40960, 0);
	assert_near(part[PART_UNEXPLAINED], 112640 - 81920 - 40960, 0);

	memory_parts(&w[1], part); /* memory.stat's kernel holds KVM's page tables */
	assert_near(part[PART_KERNEL], 204800, 0);
	assert_true(isnan(part[PART_KVM]));
	assert_true(isnan(part[PART_PROGRAM]));
	assert_near(part[PART_UNEXPLAINED], 204800, 0);

	memory_parts(&w[2], part); /* no more of it than the guest's memory that is there */
	assert_near(part[PART_VMM], 524288, 0);
	assert_near(part[PART_GUEST_KERNEL], 4194304, 0);
	assert_near(part[PART_PROGRAM], 0, 0);
	assert_near(part[PART_KVM], 65536, 0);
	assert_near(part[PART_UNEXPLAINED], 8388608 - 4194304 - 524288 - 262144 - 65536, 0);

	assert_near(memory_total(&m.sets[1].ways[0]), 67108864, 0); /* no slope: what is known */
	memory_free(&m);
	summary_free(s);
}

/* A stair that was stopped early says why, below its table and in the report. */
static void stopped_early(void **state)
{
	cleanup_free char *html = NULL;
	size_t len;

	summary_free(summary_of_text(*state,
		HEADER SLOPE("host", "", "0", "50", "9") SLOPE("ctr", "", "0", "50",
			"9") "1,r,memory,idle,,ctr,,1,1,,0,12,slope,bytes,8,0,ok,no <more> room\n"
			     "1,r,memory,idle,,vm,,0,0,,0,12,slope,bytes,8,0,warmup,not shown\n"));
	assert_non_null(strstr(printed(*state, 100),
		"\n\nctr: held 12, fewer than asked for: no <more> room.\n\n"));
	assert_null(strstr(printed(*state, 100), "not shown"));
	assert_null(strstr(printed(*state, 100), "host: held"));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(
		strstr(html, "<li>ctr: held 12, fewer than asked for: no &lt;more&gt; room.</li>"));
}

/* Steps of several launches, in any order and not always from 0 on. */
static void stair(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER STEP("host", "1", "2", "700") STEP("host", "0", "1", "990") STEP("host", "0",
			"0", "1000") STEP("host", "1", "1", "800") STEP("host", "0", "2", "995")
			STEP("ctr", "0", "0", "5") OTHER_RUN("0", "6000") OTHER_RUN(
				"1", "5993") "1,r,memory,idle,,host,,7,0,,0,1,mem-available,"
					     "bytes,1,0,warmup,\n" NONE("idle", "host", "2",
						     "mem-available", "failed", "x"));
	static const double held[] = { 0, 1, 0, 1, 2, 1, 2 }, taken[] = { 0, 7, 0, 10, 5, 0, 100 };
	struct memory m;
	struct held_point *p;
	const struct memory_way *host;
	size_t n;

	assert_int_equal(memory_make(s, &m, NULL), 0);
	host = &m.sets[0].ways[0];
	assert_string_equal(s->columns[host->column].runtime, "host");
	assert_int_equal(memory_stair(s, &m.sets[0], host, &p, &n, NULL), 0);
	assert_int_equal(n, ARRAY_SIZE(held));
	for (size_t i = 0; i < n; i++) {
		assert_near(p[i].held, held[i], 0);
		assert_near(p[i].value, taken[i], 0);
	}
	free(p);
	memory_free(&m);
	summary_free(s);
}

/* They are counted, but no statistic is made of them, and nothing is said to be wrong. */
static void steps_have_no_statistics(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER STEP("host", "0", "0", "1000") STEP("host", "0", "1", "900") STEP("ctr", "0",
			"0", "800") "1,r,density,hold,,host,,0,0,,0,1,mem-available,bytes,7,0,ok,\n"
				    "1,r,density,hold,,host,,0,0,,1,1,start,ns,7,0,ok,\n"
				    "1,r,other,idle,,host,,0,0,,0,1,mem-available,bytes,7,0,ok,\n");
	static const struct {
		size_t n;
		bool steps;
	} rows[] = { { 0, true }, { 0, true }, { 1, false }, { 1, false } };

	assert_int_equal(s->n_rows, ARRAY_SIZE(rows));
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct summary_group *g = summary_cell(s, i, 0);

		assert_int_equal(covered_is_steps(&s->rows[i]), rows[i].steps);
		assert_int_equal(g->n_samples, rows[i].n);
		assert_int_equal(isnan(g->median), rows[i].steps);
		assert_int_equal(g->status, SAMPLE_OK);
		assert_int_equal(g->count[SAMPLE_OK], i ? 1 : 2);
	}
	assert_true(isnan(summary_cell(s, 0, 1)->ratio));
	summary_free(s);
	assert_null(strstr(printed(*state, 100), "no reason given"));
}

static void on_a_terminal(void **state)
{
	setlocale(LC_CTYPE, "C");
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_string_equal(printed(*state, 120), small_table);
}

static void fits_the_terminal(void **state)
{
	static const unsigned widths[] = { 240, 120, 80, 60 };

	make_held(*state, &(struct made_up_hold){ .launches = 3, .instances = 5 }, put_memory);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		const char *text = printed(*state, widths[i]);

		assert_in_range(widest_line(text), 20, widths[i]);
		assert_null(strstr(text, " \n"));
		assert_non_null(strstr(text, "Memory of an instance, idle\n"));
		assert_non_null(strstr(text, "Memory of an instance, returned\n"));
		assert_non_null(strstr(text, "What it consists of, touched\n"));
		assert_non_null(strstr(text, "n/a (2)"));
		assert_non_null(strstr(text, "skipped (1)"));
		assert_null(strstr(text, "benchmark"));
	}
}

/* What the suite's tables do not know stays in the general one. */
static void general_table_keeps_the_rest(void **state)
{
	const char *text;

	summary_free(summary_of_text(*state,
		HEADER SLOPE("host", "", "0", "50", "1000") IS("idle", "host", "", "0", "coffee",
			"7") FULL("idle", "", "host", "", "0", "", "0", "1", "pss", "cups", "7")
			FULL("idle", "", "host", "", "0", "exit", "0", "1", "pss", "bytes",
				"7") "1,r,syscalls,read,,host,,0,0,,0,10,latency,ns,"
				     "98,0,ok,\n"));
	text = printed(*state, 100);
	assert_non_null(strstr(text, "Memory of an instance, idle\n"));
	assert_non_null(strstr(text, "\nidle, coffee"));
	assert_non_null(strstr(text, "\nidle, pss"));
	assert_non_null(strstr(text, "\nidle exit, pss"));
	assert_non_null(strstr(text, "\nread "));
	assert_null(strstr(text, "idle, slope"));
}

/* Files that a table, plots and a report have to bear: what is wrong, and can any be drawn? */
static const struct odd_file odd[] = {
	{ "a slope alone", HEADER SLOPE("host", "", "0", "50", "5"), true },
	{ "below zero", HEADER SLOPE("host", "", "0", "50", "-5"), false },
	{ "below zero beside more",
		HEADER SLOPE("host", "", "0", "50", "-5") SLOPE("vm", "", "0", "50", "7"), true },
	{ "zero", HEADER SLOPE("host", "", "0", "50", "0"), false },
	{ "steps alone", HEADER STEP("host", "0", "0", "5") STEP("host", "0", "1", "4"), true },
	{ "one step", HEADER STEP("host", "0", "0", "5"), true },
	{ "the same step again", HEADER STEP("host", "0", "3", "5") STEP("host", "0", "3", "9"),
		true },
	{ "steps very far apart",
		HEADER STEP("host", "0", "0", "-1.7e308") STEP("host", "0", "1", "1.7e308"), true },
	{ "a step of step 4 thousand million", HEADER STEP("host", "0", "4294967295", "5"), true },
	{ "a slope of no instance", HEADER SLOPE("host", "", "0", "0", "5"), true },
	{ "a slope of very many",
		HEADER SLOPE("host", "", "0", "18446744073709551615", "5")
			SLOPE("host", "", "1", "1", "5"),
		true },
	{ "far apart",
		HEADER SLOPE("host", "", "0", "50", "1e-300") SLOPE("vm", "", "0", "50", "1e300"),
		true },
	{ "a thousand times apart",
		HEADER SLOPE("host", "", "0", "50", "1e3") SLOPE("vm", "", "0", "50", "1e6")
			SLOPE("ctr", "", "0", "50", "1e9"),
		true },
	{ "parts below zero",
		HEADER IS("idle", "vm", "", "0", "pss-guest", "-5") IS("idle", "vm", "", "0",
			"guest-taken", "50") IS("idle", "vm", "", "0", "pss-vmm", "9"),
		true },
	{ "parts that overflow",
		HEADER IS("idle", "vm", "", "0", "pss-guest", "1.7e308") IS("idle", "vm", "", "0",
			"pss-vmm", "1.7e308") SLOPE("vm", "", "0", "50", "-1.7e308"),
		false },
	{ "kernel memory alone",
		HEADER IS("idle", "host", "", "0", "slope-slab", "5")
			IS("idle", "host", "", "0", "slope-percpu", "-3"),
		true },
	{ "a cgroup alone", HEADER IS("idle", "host", "", "0", "cgroup-peak", "5"), false },
	{ "all skipped", HEADER NONE("idle", "host", "0", "slope", "skipped", "no"), false },
	{ "all failed", HEADER NONE("idle", "vm", "0", "pss", "failed", "x"), false },
	{ "only warm-ups",
		HEADER "1,r,memory,idle,,host,,0,0,,0,1,slope,bytes,5,0,warmup,\n"
		       "1,r,memory,idle,,host,,0,0,,0,1,mem-available,bytes,5,0,warmup,\n",
		false },
	{ "an unknown state", HEADER IS("asleep", "host", "", "0", "slope", "5"), true },
	{ "no name for a state", HEADER IS("", "host", "", "0", "slope", "5"), true },
	{ "parameters",
		HEADER FULL("idle", "4KiB", "host", "", "0", "", "0", "1", "slope", "bytes", "5")
			SLOPE("host", "", "0", "50", "7"),
		true },
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

		s.suite = "memory";
		s.benchmark = s.runtime = s.kernel = s.params = hostile[i];
		s.unit = "bytes";
		s.reason = hostile[i];
		for (size_t m = 0; m < MEM_METRICS; m++) {
			s.metric = memory_metrics[m];
			s.status = m % 5 == 3 ? SAMPLE_SKIPPED : SAMPLE_OK;
			s.value = 5 * (double)m;
			put_one(w, &s);
		}
	}
	samples_close(w);
	check_harmless(*state);
}

static const struct picture pictures[] = {
	{ "memory-parts", "guest kernel" },
	{ "memory-parts-2", "the small ones" },
	{ "memory-kernel", "page tables" },
	{ "memory-kernel-3", "returned" },
	{ "memory-stair", "each [" },
	{ "memory-stair-2", "touched" },
};

static void plots(void **state)
{
	need_gnuplot();
	make_held(*state, &(struct made_up_hold){ .launches = 3, .instances = 12 }, put_memory);
	check_pictures(*state, pictures, ARRAY_SIZE(pictures));
}

/* A way that has nothing is there all the same; pages that are no more are removed. */
static void what_is_missing_is_said(void **state)
{
	cleanup_free char *svg = NULL;
	size_t len;

	need_gnuplot();
	make_held(*state,
		&(struct made_up_hold){ .launches = 2, .instances = 3, .no_meminfo = true },
		put_memory);
	plot(*state);
	assert_true(exists(*state, PLOTS_DIR "/memory-parts-2.svg"));
	assert_false(exists(*state, PLOTS_DIR "/memory-kernel.svg"));
	svg = get_file(*state, PLOTS_DIR "/memory-parts.svg", &len);
	assert_non_null(strstr(svg, "crun"));
	assert_non_null(strstr(svg, "not available"));
	put_file(*state, SAMPLES_FILE, odd[0].text, strlen(odd[0].text));
	plot(*state);
	assert_true(exists(*state, PLOTS_DIR "/memory-parts.svg"));
	assert_false(exists(*state, PLOTS_DIR "/memory-parts-2.svg"));
	assert_false(exists(*state, PLOTS_DIR "/memory-stair.svg"));
}

static void report_section(void **state)
{
	cleanup_free char *html = NULL, *again = NULL;
	size_t len;

	make_held(*state, &(struct made_up_hold){ .launches = 3, .instances = 5, .failed = true },
		put_memory);
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "<h2>Memory of an instance</h2>"));
	assert_null(strstr(html, "<h2>Density</h2>"));
	assert_null(strstr(html, "<h2>Results</h2>"));
	assert_non_null(strstr(html, "<h3>touched</h3>"));
	assert_non_null(strstr(html, "n/a <a href=\"#note-"));
	assert_non_null(strstr(html, "<li id=\"note-1\">crun cannot hold"));
	assert_non_null(strstr(html, "colspan=\"5\" scope=\"colgroup\">guest memory"));
	assert_non_null(strstr(html, "instance 7 died"));
	assert_null(strstr(html, "millisecond"));
	assert_int_equal(report_write(*state, NULL), 0);
	again = get_file(*state, REPORT_FILE, &len);
	assert_string_equal(html, again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(model),
		in_folder(stopped_early),
		in_folder(stair),
		in_folder(steps_have_no_statistics),
		in_folder(on_a_terminal),
		in_folder(fits_the_terminal),
		in_folder(general_table_keeps_the_rest),
		in_folder(odd_files),
		in_folder(hostile_names),
		in_folder(plots),
		in_folder(what_is_missing_is_said),
		in_folder(report_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
