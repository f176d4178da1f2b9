/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The null comparison: what it finds, how often it is wrong, and where it is shown. */
#include "tests/unit/results_fixture.h"

#include <gsl/gsl_randist.h>

#include "results/null.h"
#include "results/plot.h"
#include "results/report.h"
#include "results/summary_csv.h"
#include "results/table.h"

#define MAX_ROWS 64
#define MAX_LAUNCHES 30

/* A summary with the two sides alone, put together by hand. */
struct made {
	struct summary s;
	struct summary_row rows[MAX_ROWS];
	struct summary_column columns[2];
	struct summary_group groups[2 * MAX_ROWS];
	const struct summary_group *cells[MAX_ROWS];
	double values[2 * MAX_ROWS][MAX_LAUNCHES];
};

struct shape {
	size_t rows, launches;
	double shift; /* of the second side in the first row, as a factor */
};

static void make_two_sides(struct made *m, gsl_rng *rng, struct shape shape)
{
	*m = (struct made){ .columns = { { "host", "" }, { "host:null", "" } } };
	m->s = (struct summary){ .rows = m->rows,
		.columns = m->columns,
		.groups = m->groups,
		.cells = m->cells,
		.n_rows = shape.rows,
		.n_columns = 1,
		.n_groups = shape.rows,
		.n_null_groups = shape.rows,
		.n_null_columns = 1 };
	for (size_t i = 0; i < 2 * shape.rows; i++) {
		bool second = i >= shape.rows;
		size_t row = i % shape.rows;
		struct summary_group *g = &m->groups[i];
		double sorted[MAX_LAUNCHES];

		m->rows[row] =
			(struct summary_row){ "syscalls", "b", "", "latency", "ns", "", NULL };
		*g = (struct summary_group){ .row = row,
			.column = second,
			.replicates = m->values[i],
			.n_replicates = shape.launches };
		for (size_t k = 0; k < shape.launches; k++)
			g->replicates[k] = 100 * gsl_ran_lognormal(rng, 0, 0.02) *
					   (second && !row ? shape.shift : 1);
		memcpy(sorted, g->replicates, sizeof(sorted));
		stats_sort(sorted, shape.launches);
		g->median = stats_median(sorted, shape.launches);
		g->ratio = second ? g->median / m->groups[row].median : NAN;
		g->ratio_ci = (struct interval){ NAN, NAN };
		if (!second)
			m->cells[row] = g;
	}
}

/* How many of @runs null comparisons fail, and in how many the first row is among what differs. */
static unsigned failures(struct shape shape, unsigned runs, unsigned *first_found)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	static struct made m;
	unsigned failed = 0;

	*first_found = 0;
	gsl_rng_set(rng, 1);
	for (unsigned i = 0; i < runs; i++) {
		struct null_comparison n;

		make_two_sides(&m, rng, shape);
		assert_int_equal(null_make(&m.s, &n, NULL), 0);
		assert_int_equal(n.compared, shape.rows);
		assert_int_equal(n.launches, shape.launches);
		assert_true(n.half <= n.all);
		failed += n.n_differs > 0;
		for (size_t k = 0; k < n.n_differs; k++)
			*first_found += n.differs[k].group->row == 0;
		null_free(&n);
	}
	gsl_rng_free(rng);
	return failed;
}

/* Of 400 runs 20 may fail on the average: 35 would be three deviations and more above. */
static void it_is_wrong_in_one_run_of_twenty_at_most(void **state)
{
	static const struct shape shapes[] = { { 31, 10, 1 }, { 5, 8, 1 }, { 1, 10, 1 },
		{ 31, 3, 1 } };
	unsigned found;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		unsigned failed = failures(shapes[i], 400, &found);

		if (failed > 35)
			fail_msg("shape %zu: %u of 400", i, failed);
	}
	assert_int_equal(failures((struct shape){ 31, 3, 1 }, 50, &found), 0); /* cannot */
}

/* The launches' spread is 2 %: a side that is 8 % off is four deviations away. */
static void it_finds_what_differs(void **state)
{
	unsigned found, failed = failures((struct shape){ 31, 10, 1.08 }, 200, &found);

	(void)state;
	assert_true(failed >= 195);
	assert_true(found >= 195);
}

#define ROW(bench, runtime, rep, value)                                                            \
	"1,r,s," bench ",," runtime ",," #rep ",0,,0,10,latency,ns," #value ",0,ok,\n"
#define HOST(bench)                                                                                \
	ROW(bench, "host", 0, 100)                                                                 \
	ROW(bench, "host", 1, 101) ROW(bench, "host", 2, 102) ROW(bench, "host", 3, 103)
#define NULL_LIKE(bench)                                                                           \
	ROW(bench, "host:null", 0, 103)                                                            \
	ROW(bench, "host:null", 1, 100)                                                            \
	ROW(bench, "host:null", 2, 102) ROW(bench, "host:null", 3, 101)
#define NULL_OFF(bench)                                                                            \
	ROW(bench, "host:null", 0, 120)                                                            \
	ROW(bench, "host:null", 1, 121)                                                            \
	ROW(bench, "host:null", 2, 122) ROW(bench, "host:null", 3, 123)
#define CTR(bench) ROW(bench, "ctr", 0, 150) ROW(bench, "ctr", 1, 151)

/* What a run says. */
static const struct {
	const char *rows;
	size_t compared, n_differs;
	const char *says; /* NULL: there was none */
} runs[] = {
	{ HOST("a") NULL_LIKE("a") CTR("a"), 1, 0,
		"Null comparison, host against host: no difference found in 1 comparison; the two "
		"medians lie 0% apart." },
	{ HOST("a") NULL_OFF("a"), 1, 1,
		"The null comparison failed: host differs from host in 1 of 1 comparisons, by up "
		"to 20%. " },
	{ HOST("a") NULL_LIKE("a") HOST("b") NULL_OFF("b"), 2, 0,
		"Null comparison, host against host: 4 launches each are too few to find a "
		"difference in 2 comparisons (5 would do); half of the pairs of medians lie within "
		"9.9% of each other, all within 20%." },
	{ HOST("a") CTR("a"), 0, 0, NULL },
	{ HOST("a") ROW("b", "host:null", 0, 1) ROW("c", "host", 0, 0) ROW("c", "host:null", 0, 1),
		0, 0, NULL }, /* nothing beside it, or nothing above zero */
};

static struct summary *summary_of(const char *dir, const char *rows)
{
	cleanup_free char *text = format_text("%s%s", HEADER, rows);

	return summary_of_text(dir, text);
}

static void what_it_says(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		struct summary *s = summary_of(*state, runs[i].rows);
		char text[NULL_TEXT_SIZE] = "";
		struct null_comparison n;

		assert_int_equal(null_make(s, &n, NULL), 0);
		assert_int_equal(n.compared, runs[i].compared);
		assert_int_equal(n.n_differs, runs[i].n_differs);
		assert_int_equal(n.way != NULL, runs[i].says != NULL);
		if (n.way && strncmp(null_text(&n, text), runs[i].says, strlen(runs[i].says)))
			fail_msg("run %zu: '%s'", i, text);
		null_free(&n);
		summary_free(s);
	}
}

static void the_furthest_comes_first(void **state)
{
	static const char rows[] = HOST("a") NULL_OFF("a") HOST("b") ROW("b", "host:null", 0, 10)
		ROW("b", "host:null", 1, 11) ROW("b", "host:null", 2, 12)
			ROW("b", "host:null", 3, 13) ROW("a", "host", 4, 104)
				ROW("a", "host:null", 4, 124) ROW("b", "host", 4, 104)
					ROW("b", "host:null", 4, 14);
	struct summary *s = summary_of(*state, rows);
	char text[NULL_TEXT_SIZE];
	struct null_comparison n;

	assert_int_equal(null_make(s, &n, NULL), 0);
	assert_int_equal(n.n_differs, 2);
	assert_string_equal(null_difference_text(s, &n.differs[0], text), "b: -88% [-90%, -86%]");
	assert_string_equal(null_difference_text(s, &n.differs[1], text), "a: +20% [+17%, +23%]");
	assert_true(n.differs[0].p <= n.differs[1].p + 1e-12 && n.differs[1].p <= NULL_LEVEL);
	null_free(&n);
	summary_free(s);
}

/* Names of columns, and which of them are ways. */
static const struct {
	const char *rows, *ways, *nulls;
} columns[] = {
	{ ROW("a", "host", 0, 1) ROW("a", "host:null", 0, 1) ROW("a", "ctr", 0, 1), "host ctr ",
		"host:null " },
	{ ROW("a", "host:null", 0, 1) ROW("a", "ctr", 0, 1), "ctr host:null ", "" },
	{ ROW("a", "host", 0, 1) ROW("a", "host:null", 0, 1) ROW("a", "host:null:null", 0, 1),
		"host host:null:null ", "host:null " },
	{ ROW("a", ":null", 0, 1), ":null ", "" },
	{ ROW("a", "hos", 0, 1) ROW("a", "host:null", 0, 1), "hos host:null ", "" },
	{ ROW("a", "crun", 0, 1) ROW("a", "crun:null", 0, 1) ROW("a", "host", 0, 1)
			ROW("a", "host:null", 0, 1),
		"host crun ", "crun:null host:null " },
};

static void only_what_repeats_a_way_is_taken_out(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		struct summary *s = summary_of(*state, columns[i].rows);
		char ways[128] = "", nulls[128] = "";

		for (size_t k = 0; k < s->n_columns + s->n_null_columns; k++) {
			strcat(k < s->n_columns ? ways : nulls, s->columns[k].runtime);
			strcat(k < s->n_columns ? ways : nulls, " ");
		}
		assert_string_equal(ways, columns[i].ways);
		assert_string_equal(nulls, columns[i].nulls);
		for (size_t k = 0; k < s->n_null_groups; k++)
			assert_non_null(null_repeated(s, &s->groups[s->n_groups + k]));
		summary_free(s);
	}
}

static char *table_of(const char *dir, const struct summary *s, enum table_format format)
{
	const struct table_options opt = { .format = format, .width = 200 };
	struct manifest *m;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	assert_int_equal(table_print(f, s, m, &opt, NULL), 0);
	fclose(f);
	manifest_free(m);
	return text;
}

/* One sentence: at the end when it holds, before all else when it does not; no column, no mark. */
static void where_it_is_shown(void **state)
{
	static const struct {
		const char *rows, *sentence;
		bool first;
	} cases[] = {
		{ HOST("read") NULL_LIKE("read") CTR("read"), "Null comparison, host", false },
		{ HOST("read") NULL_OFF("read") CTR("read"), "The null comparison failed", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct summary *s = summary_of(*state, cases[i].rows);
		cleanup_free char *table = table_of(*state, s, TABLE_TEXT);
		cleanup_free char *csv = table_of(*state, s, TABLE_CSV);
		cleanup_free char *json = table_of(*state, s, TABLE_JSON);
		cleanup_free char *html = NULL;
		const char *at = strstr(table, cases[i].sentence), *row = strstr(table, "\nread ");

		assert_non_null(at);
		assert_non_null(row);
		assert_int_equal(at < row, cases[i].first);
		assert_null(strstr(table, "host:null"));
		assert_non_null(strstr(csv, "s,read,,host:null,,latency,ns,,4,4,"));
		assert_non_null(strstr(json, "\"null_comparison\": {"));
		assert_non_null(strstr(json, "\"comparisons\": 1,"));
		assert_int_equal(strstr(json, "\"p\": ") != NULL, cases[i].first);
		assert_int_equal(report_write(*state, NULL), 0);
		html = get_file(*state, REPORT_FILE, NULL);
		at = strstr(html, cases[i].sentence);
		row = strstr(html, ">read</th>");
		assert_non_null(at);
		assert_non_null(row);
		assert_int_equal(at < row, cases[i].first);
		assert_null(strstr(html, "host:null"));
		summary_free(s);
	}
}

static void a_run_without_one_says_nothing(void **state)
{
	struct summary *s = summary_of(*state, HOST("read") CTR("read"));
	cleanup_free char *table = table_of(*state, s, TABLE_TEXT);
	cleanup_free char *json = table_of(*state, s, TABLE_JSON);

	assert_null(strstr(table, "ull comparison"));
	assert_non_null(strstr(json, "\"null_comparison\": null,"));
	summary_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_wrong_in_one_run_of_twenty_at_most),
		cmocka_unit_test(it_finds_what_differs),
		in_folder(what_it_says),
		in_folder(the_furthest_comes_first),
		in_folder(only_what_repeats_a_way_is_taken_out),
		in_folder(where_it_is_shown),
		in_folder(a_run_without_one_says_nothing),
	};

	return cmocka_run_group_tests_name("results/null", tests, NULL, NULL);
}
