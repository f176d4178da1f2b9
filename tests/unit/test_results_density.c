/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suite "density": what grows and what does not, its table, its plots and its section. */
#include "tests/unit/held_fixture.h"
#include "tests/unit/results_output.h"

#include <errno.h>
#include <locale.h>

#include "results/density.h"
#include "results/report.h"

#define AT(rt, rep, at, metric, unit, value)                                                       \
	"1,r,density,hold,," rt ",," rep "," rep ",," at ",1," metric "," unit "," value ",0,ok,"  \
	"\n"
#define WHY(rt, metric, unit, value, status, why)                                                  \
	"1,r,density,hold,," rt ",,0,0,,0,1," metric "," unit "," value ",0," status "," why "\n"
#define NONE(rt, metric, unit, status, why)                                                        \
	"1,r,density,hold,," rt ",,0,0,,0,," metric "," unit ",,," status "," why "\n"
#define START(rt, at, value) AT(rt, "0", at, "start", "ns", value)
#define LATE(rt, at, value) AT(rt, "0", at, "late", "ns", value)
#define THERE(rt, at, value) AT(rt, "0", at, "mem-available", "bytes", value)

#define AT_HELD(at, is)                                                                            \
	{                                                                                          \
		.held = (at), .value = (is)                                                        \
	}

/* Points and the line of least squares through them. */
static void lines(void **state)
{
	static const struct {
		struct held_point p[4];
		size_t n;
		double slope, at_zero;
	} cases[] = {
		{ { AT_HELD(0, 5), AT_HELD(1, 7), AT_HELD(2, 9) }, 3, 2, 5 },
		{ { AT_HELD(10, -1), AT_HELD(20, -2) }, 2, -0.1, 0 },
		{ { AT_HELD(0, 0), AT_HELD(1, 3), AT_HELD(2, 0), AT_HELD(3, 3) }, 4, 0.6, 0.6 },
		{ { AT_HELD(7, 5), AT_HELD(7, 9) }, 2, NAN, NAN },
		{ { AT_HELD(7, 5) }, 1, NAN, NAN },
		{ { AT_HELD(0, 0) }, 0, NAN, NAN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct held_line line = held_fit(cases[i].p, cases[i].n);

		assert_int_equal(isnan(line.slope), isnan(cases[i].slope));
		if (isnan(line.slope))
			continue;
		assert_near(line.slope, cases[i].slope, 1e-9);
		assert_near(line.at_zero, cases[i].at_zero, 1e-9);
	}
}

/* A launch of so many instances whose costs go from 1 to @last times that, with noise. */
struct course {
	const char *what;
	unsigned n;
	double last, noise;
	enum growth start, memory;
};

static const struct course courses[] = {
	{ "level", 200, 1, 0.02, GROWTH_NONE, GROWTH_NONE },
	{ "a little more", 200, 1.1, 0.02, GROWTH_NONE, GROWTH_NONE },
	{ "half as much again", 200, 1.5, 0.02, GROWTH_MORE, GROWTH_MORE },
	{ "half", 200, 0.5, 0.02, GROWTH_LESS, GROWTH_LESS },
	{ "level in much noise", 30, 1, 5, GROWTH_UNCLEAR, GROWTH_UNCLEAR },
	{ "twenty, level", 20, 1, 0.01, GROWTH_NONE, GROWTH_NONE },
	{ "twenty, twice as much", 20, 2.1, 0.01, GROWTH_MORE, GROWTH_MORE },
	{ "three", 3, 1, 0.01, GROWTH_UNKNOWN, GROWTH_NONE },
	{ "one", 1, 1, 0, GROWTH_UNKNOWN, GROWTH_UNKNOWN },
};

/* start, late and mem-available from 0 held on. */
static void put_course(const char *dir, const struct course *c)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct sample s = plain_sample();
	struct samples_writer *w;
	double there = 8e9;

	gsl_rng_set(rng, 7);
	s.suite = "density";
	s.benchmark = "hold";
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	for (s.sample = 0; s.sample < c->n; s.sample++) {
		double part = c->n > 1 ? (double)s.sample / (c->n - 1) : 0;
		double cost = 1 + (c->last - 1) * part;

		s.metric = "start";
		s.unit = "ns";
		s.value = 1e6 * cost * gsl_ran_lognormal(rng, 0, c->noise);
		put_one(w, &s);
		s.metric = "mem-available";
		s.unit = "bytes";
		s.value = there + gsl_ran_gaussian(rng, c->noise * MIB);
		put_one(w, &s);
		there -= cost * MIB;
	}
	s.metric = "mem-available";
	s.unit = "bytes";
	s.value = there;
	put_one(w, &s);
	samples_close(w);
	gsl_rng_free(rng);
}

static void what_grows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(courses); i++) {
		cleanup_free char *path = path_in(*state, SAMPLES_FILE);
		struct summary *s;
		struct density d;
		const struct density_way *w;

		unlink(path);
		put_course(*state, &courses[i]);
		assert_int_equal(summary_make(*state, &s, NULL), 0);
		assert_int_equal(density_make(s, &d, NULL), 0);
		assert_int_equal(d.n_ways, 1);
		w = d.ways;
		if (w->tenths[DENSITY_START].growth != courses[i].start ||
			w->tenths[DENSITY_MEMORY].growth != courses[i].memory)
			fail_msg("%s: start %s, memory %s [%g, %g]", courses[i].what,
				density_verdict(&w->tenths[DENSITY_START]),
				density_verdict(&w->tenths[DENSITY_MEMORY]),
				w->tenths[DENSITY_MEMORY].ci.low,
				w->tenths[DENSITY_MEMORY].ci.high);
		assert_int_equal(w->tenths[DENSITY_LATE].growth, GROWTH_UNKNOWN);
		density_free(&d);
		summary_free(s);
	}
}

/* Of 200 instances that take 1 MiB each, the first @served took a part of it from free objects. */
static const struct {
	const char *what;
	unsigned served;
	double part, last; /* of the last, times the first, where slabs do not explain it */
	bool read, stops;  /* slab-free: is there at all; is missing from one reading */
	enum growth memory, corrected;
	const char *says, *verdict;
} slabs[] = {
	{ "explained", 60, 0.4, 1, true, false, GROWTH_MORE, GROWTH_NONE,
		"free in slabs already there. Corrected for that, 1.00 MiB in the first tenth and "
		"1.00 MiB in the last: +0%",
		"slabs; within 20%" },
	{ "a part", 60, 0.4, 2, true, false, GROWTH_MORE, GROWTH_MORE, "the rest is unexplained",
		"grows" },
	{ "not by slabs", 0, 0, 2, true, false, GROWTH_MORE, GROWTH_MORE,
		"0 points of it because the first", "grows" },
	{ "not read", 60, 0.4, 1, false, false, GROWTH_MORE, GROWTH_UNKNOWN,
		"why memory grows is unexplained", "grows" },
	{ "one is missing", 60, 0.4, 1, true, true, GROWTH_MORE, GROWTH_UNKNOWN,
		"why memory grows is unexplained", "grows" },
	{ "level", 0, 0, 1, true, false, GROWTH_NONE, GROWTH_NONE, "Nothing that could",
		"within 20%" },
};

static void put_slabs(const char *dir, size_t k)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct sample s = plain_sample();
	struct samples_writer *w;
	double there = 8e9, lies_free = 100 * MIB;

	gsl_rng_set(rng, 7);
	s.suite = "density";
	s.benchmark = "hold";
	s.unit = "bytes";
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	for (s.sample = 0; s.sample <= 200; s.sample++) {
		double cost = (1 + (slabs[k].last - 1) * s.sample / 200) * MIB;
		double part = s.sample < slabs[k].served ? slabs[k].part * MIB : 0;
		double noise = gsl_ran_gaussian(rng, 0.02 * MIB);

		s.metric = "mem-available";
		s.value = there + noise;
		put_one(w, &s);
		s.metric = "slab-free";
		s.value = lies_free;
		if (slabs[k].read && !(slabs[k].stops && s.sample == 100))
			put_one(w, &s);
		there -= cost - part;
		lies_free -= part;
	}
	samples_close(w);
	gsl_rng_free(rng);
}

static void what_lay_free_in_slabs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(slabs); i++) {
		cleanup_free char *path = path_in(*state, SAMPLES_FILE);
		const char *text;
		struct summary *s;
		struct density d;

		unlink(path);
		put_slabs(*state, i);
		assert_int_equal(summary_make(*state, &s, NULL), 0);
		assert_int_equal(density_make(s, &d, NULL), 0);
		if (d.ways[0].tenths[DENSITY_MEMORY].growth != slabs[i].memory ||
			d.ways[0].corrected.growth != slabs[i].corrected)
			fail_msg("%s: %s, corrected %s", slabs[i].what,
				density_verdict(&d.ways[0].tenths[DENSITY_MEMORY]),
				density_verdict(&d.ways[0].corrected));
		density_free(&d);
		summary_free(s);
		text = printed(*state, 1000);
		if (!strstr(text, slabs[i].says) || !strstr(text, slabs[i].verdict))
			fail_msg("%s: %s", slabs[i].what, text);
		if (slabs[i].memory != GROWTH_MORE && strstr(text, "memory grows"))
			fail_msg("%s: %s", slabs[i].what, text);
	}
}

/* Two runs of one host count their launches alike, and are told apart all the same. */
static void launches_of_two_runs(void **state)
{
	static const struct {
		const char *run;
		int there[5];
	} runs[] = { { "r", { 5000, 4900, 4800, 4700, 4600 } },
		{ "other", { 900, 800, 700, 600, 500 } } };
	cleanup_free char *text = strdup(HEADER);
	struct density d;
	struct summary *s;

	for (int held = 0; held < 5; held++) {
		for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
			char *longer = format_text("%s1,%s,density,hold,,host,,0,0,,%d,1,"
						   "mem-available,bytes,%d,0,ok,\n",
				text, runs[i].run, held, runs[i].there[held]);

			assert_non_null(longer);
			free(text);
			text = longer;
		}
	}
	s = summary_of_text(*state, text);
	assert_int_equal(density_make(s, &d, NULL), 0);
	assert_near(d.ways[0].tenths[DENSITY_MEMORY].first, 100, 1e-9);
	assert_near(d.ways[0].tenths[DENSITY_MEMORY].last, 100, 1e-9);
	assert_near(d.ways[0].tenths[DENSITY_MEMORY].ci.high, 1, 1e-9);
	density_free(&d);
	summary_free(s);
}

/* Tenths are of each launch: one that was stopped early has a last tenth too. */
static void launches_of_unlike_length(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER AT("host", "0", "0", "start", "ns", "10") AT("host", "0", "10", "start",
			"ns", "20") AT("host", "1", "0", "start", "ns", "30") AT("host", "1", "5",
			"start", "ns", "50") AT("host", "1", "2", "start", "ns", "1000")
			WHY("host", "start", "ns", "7", "warmup", ""));
	struct density d;
	const struct density_tenths *t;

	assert_int_equal(density_make(s, &d, NULL), 0);
	t = &d.ways[0].tenths[DENSITY_START];
	assert_int_equal(t->n, 2);
	assert_near(t->first, 20, 0);
	assert_near(t->last, 35, 0);
	assert_near(t->ratio, 1.75, 0);
	density_free(&d);
	summary_free(s);
}

static const char small[] = HEADER START("ctr", "0", "1000000") START("ctr", "1", "1010000") START(
	"ctr", "9", "1000000") START("ctr", "19", "2000000") START("ctr", "20", "2020000")
	LATE("ctr", "1", "50000") LATE("ctr", "20", "50000") LATE("ctr", "1", "51000")
		LATE("ctr", "20", "52000") THERE("ctr", "0", "1048576000") THERE(
			"ctr", "2", "1046478848") THERE("ctr", "10", "1038090240")
			THERE("ctr", "19", "1028653056") THERE("ctr", "21", "1026555904") WHY(
				"ctr", "held", "count", "21", "ok", "the floor of 10 % is reached")
				WHY("ctr", "release", "ns", "30000000", "ok", "")
					WHY("ctr", "left-behind", "count", "1", "ok", "") NONE(
						"host", "start", "ns", "skipped", "no pidfd")
						NONE("vm", "held", "count", "failed", "it died");

static const char small_table[] =
	"Density: the first tenth of what was held, and the last\n"
	"     | held                   | starts a second | time to start, medians\n"
	"way  | at most  release  left |  first     last |   first     last  ratio  [95%]\n"
	"host | skipped (1)\n"
	"ctr  |      21  30.0 ms     1 | 995 /s   498 /s | 1.00 ms  2.01 ms   2.00  [1.98, 2.02]  "
	"grows\n"
	"vm   | failed (2)\n"
	"\n"
	"     | memory an instance\n"
	"way  |    first      last  ratio  [95%]\n"
	"host | skipped (1)\n"
	"ctr  | 1.00 MiB  1.00 MiB   1.00  [1.00, 1.00]  within 20%\n"
	"vm   | failed (2)\n"
	"\n"
	"     | wake-up lateness, medians\n"
	"way  |   first     last  ratio  [95%]                     p99 first  p99 last\n"
	"host | skipped (1)\n"
	"ctr  | 50.5 us  51.0 us   1.01  [0.98, 1.04]  within 20%    51.0 us   52.0 us\n"
	"vm   | failed (2)\n"
	"\n"
	"ctr: held 21, fewer than asked for: the floor of 10 % is reached.\n"
	"ctr: the time to start grows, from 1.00 ms in the first tenth to 2.01 ms in the last: "
	"2.00 times,\n"
	"95% interval 1.98 to 2.02.\n"
	"ctr: 1 of what it made stayed behind: processes, cgroups or network namespaces.\n"
	"\n"
	"(1) no pidfd\n"
	"(2) it died\n"
	"Medians of 1 launch, 1 to 5 samples a cell. One launch has no interval.\n";

static void on_a_terminal(void **state)
{
	setlocale(LC_CTYPE, "C");
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_string_equal(printed(*state, 100), small_table);
}

static void fits_the_terminal(void **state)
{
	static const unsigned widths[] = { 240, 120, 80 };

	make_held(*state, &(struct made_up_hold){ .launches = 2, .instances = 60 }, put_density);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		const char *text = printed(*state, widths[i]);

		assert_in_range(widest_line(text), 20, widths[i]);
		assert_null(strstr(text, " \n"));
		assert_non_null(strstr(text, "Density: "));
		assert_non_null(strstr(text, "ctr: the time to start grows"));
		assert_non_null(strstr(text, "fewer than asked for"));
		assert_non_null(
			strstr(text, "vm (hello): 2 of what it made stayed behind: 2 cgroups."));
		assert_null(strstr(text, "Nothing that could"));
		assert_null(strstr(text, "benchmark"));
	}
}

static void nothing_grows(void **state)
{
	make_held(*state,
		&(struct made_up_hold){ .launches = 1, .instances = 200, .only_host = true },
		put_density);
	assert_non_null(strstr(printed(*state, 0), "Nothing that could be judged costs over 20%"));
}

/* What the suite's table does not know stays in the general one. */
static void general_table_keeps_the_rest(void **state)
{
	const char *text;

	summary_free(summary_of_text(*state,
		HEADER START("host", "0", "5") AT("host", "0", "0", "start", "instructions", "7")
			AT("host", "0", "0", "coffee", "count",
				"7") "1,r,density,drop,,host,,0,0,,0,1,start,ns,7,0,ok,\n"
				     "1,r,density,hold,x,host,,0,0,,0,1,start,ns,7,0,ok,\n"));
	text = printed(*state, 100);
	assert_non_null(strstr(text, "Density: "));
	assert_non_null(strstr(text, "\nhold, start "));
	assert_non_null(strstr(text, "\nhold, coffee"));
	assert_non_null(strstr(text, "\ndrop, start"));
	assert_non_null(strstr(text, "\nhold x, start"));
}

/* Files that a table, plots and a report have to bear: what is wrong, and can any be drawn? */
static const struct odd_file odd[] = {
	{ "one start", HEADER START("host", "0", "5"), true },
	{ "the same number held again and again",
		HEADER START("host", "3", "5") START("host", "3", "6") START("host", "3", "7"),
		true },
	{ "starts of nothing", HEADER START("host", "0", "0") START("host", "1", "0"), true },
	{ "starts below zero", HEADER START("host", "0", "-5") START("host", "9", "-7"), true },
	{ "starts very far apart",
		HEADER START("host", "0", "1e-300") START("host", "1", "1e300") START("host", "2",
			"1e-300") START("host", "30", "1e300") START("host", "31", "1e300"),
		true },
	{ "lateness alone", HEADER LATE("host", "4294967295", "5"), true },
	{ "memory alone", HEADER THERE("host", "0", "5") THERE("host", "1", "4"), true },
	{ "memory that comes back", HEADER THERE("host", "0", "5") THERE("host", "1", "9"), true },
	{ "memory that overflows",
		HEADER THERE("host", "0", "-1.7e308") THERE("host", "1", "1.7e308")
			THERE("host", "2", "-1.7e308") THERE("host", "3", "1.7e308"),
		true },
	{ "counts alone",
		HEADER WHY("host", "held", "count", "5", "ok", "")
			WHY("host", "left-behind", "count", "1e300", "ok", ""),
		false },
	{ "less than nothing left behind",
		HEADER WHY("host", "left-behind", "count", "-3", "ok", ""), false },
	{ "all skipped", HEADER NONE("host", "start", "ns", "skipped", "no"), false },
	{ "all failed",
		HEADER NONE("host", "start", "ns", "failed", "x")
			NONE("host", "mem-available", "bytes", "timeout", "y"),
		false },
	{ "only warm-ups", HEADER WHY("host", "start", "ns", "5", "warmup", ""), false },
};

static void odd_files(void **state)
{
	check_odd_files(*state, odd, ARRAY_SIZE(odd));
}

static void hostile_names(void **state)
{
	static const char *const metrics[] = { "start", "late", "held" };
	struct samples_writer *w;

	need_gnuplot();
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct sample s = plain_sample();

		s.suite = "density";
		s.benchmark = "hold";
		s.runtime = s.kernel = s.reason = hostile[i];
		for (size_t m = 0; m < ARRAY_SIZE(metrics); m++) {
			s.metric = metrics[m];
			s.unit = m == 2 ? "count" : "ns";
			for (s.sample = 0; s.sample < (m == 2 ? 1 : 40); s.sample++) {
				s.value = 5 + s.sample;
				put_one(w, &s);
			}
		}
	}
	samples_close(w);
	check_harmless(*state);
}

static const struct picture pictures[] = {
	{ "density-growth", "wake-up lateness" },
	{ "density-start", "running median" },
	{ "density-late", "vm (hello)" },
	{ "density-memory", "least squares" },
};

static void plots(void **state)
{
	need_gnuplot();
	make_held(*state, &(struct made_up_hold){ .launches = 2, .instances = 50 }, put_density);
	check_pictures(*state, pictures, ARRAY_SIZE(pictures));
}

static void report_section(void **state)
{
	cleanup_free char *html = NULL;
	size_t len;

	make_held(*state, &(struct made_up_hold){ .launches = 2, .instances = 60, .failed = true },
		put_density);
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(html, "<h2>Density</h2>"));
	assert_null(strstr(html, "<h2>Memory of an instance</h2>"));
	assert_null(strstr(html, "<h2>Results</h2>"));
	assert_non_null(strstr(html, "<li><strong>ctr: the time to start grows"));
	assert_non_null(strstr(html, ">grows</td>"));
	assert_non_null(strstr(html, "instance 7 died"));
	assert_non_null(strstr(html, "<td class=\"first none\" colspan=\"10\">skipped <a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		in_folder(what_grows),
		in_folder(what_lay_free_in_slabs),
		in_folder(launches_of_two_runs),
		in_folder(launches_of_unlike_length),
		in_folder(on_a_terminal),
		in_folder(fits_the_terminal),
		in_folder(nothing_grows),
		in_folder(general_table_keeps_the_rest),
		in_folder(odd_files),
		in_folder(hostile_names),
		in_folder(plots),
		in_folder(report_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
