/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two runs held against each other: verdicts, gates, what is refused, what differs beside. */
#include "tests/unit/results_fixture.h"

#include <errno.h>

#include "results/compare.h"
#include "results/compare_rows.h"
#include "results/compare_table.h"

#define NO NAN

/* A run in DIR/NAME of one cell for each list of launches' values that is given. */
struct made_cell {
	const char *benchmark, *metric, *unit;
	size_t n;
	double value, step; /* launch i has value + i * step */
	enum sample_status status;
};

static char *write_cells(const char *dir, const char *name, const struct made_cell *cells, size_t n)
{
	char *path = path_in(dir, name);
	struct samples_writer *w = NULL;

	assert_int_equal(make_dirs(path), 0);
	assert_int_equal(samples_create(path, &w, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		struct sample s = plain_sample();

		s.benchmark = cells[i].benchmark;
		s.metric = cells[i].metric;
		s.unit = cells[i].unit;
		s.status = cells[i].status;
		s.reason = sample_has_value(&s) ? "" : "made up";
		for (s.replicate = 0; s.replicate < cells[i].n; s.replicate++) {
			s.value = cells[i].value + s.replicate * cells[i].step;
			assert_int_equal(samples_append(w, &s, NULL), 0);
		}
	}
	samples_close(w);
	return path;
}

static struct comparison *compared(const char *dir, const struct made_cell *a, size_t na,
	const struct made_cell *b, size_t nb, struct compare_options o)
{
	cleanup_free char *in_a = write_cells(dir, "a", a, na),
			  *in_b = write_cells(dir, "b", b, nb);
	struct comparison *c = NULL;
	struct err e = { 0 };

	if (compare_make(in_a, in_b, &o, &c, &e) < 0)
		fail_msg("%s", e.message);
	remove_tree(in_a);
	remove_tree(in_b);
	return c;
}

/*
 * One cell against one, ten launches each where not said otherwise. The values of A are 100, 101,
 * ... 109, or as given; what is expected of B is worked out beside each.
 */
static const struct {
	const char *unit;
	struct made_cell a, b;
	double fail_above, equivalence;
	const char *verdict;
	bool worse, equal, fails;
} verdicts[] = {
	/* the same */
	{ "ns", { .n = 10, .value = 100, .step = 1 }, { .n = 10, .value = 100, .step = 1 }, 0, 10,
		"no difference found", false, true, false },
	/* all of B above all of A, by half: p = 2 / C(20, 10) */
	{ "ns", { .n = 10, .value = 100, .step = 1 }, { .n = 10, .value = 150, .step = 1 }, 20, 10,
		"slower", true, false, true },
	/* the same, but less than the gate: the ratio is near 1.48 */
	{ "ns", { .n = 10, .value = 100, .step = 1 }, { .n = 10, .value = 150, .step = 1 }, 50, NO,
		"slower", true, false, false },
	{ "ns", { .n = 10, .value = 150, .step = 1 }, { .n = 10, .value = 100, .step = 1 }, 0, NO,
		"faster", false, false, false },
	/* different and equal within: 1000 to 1009 and 1020 to 1029 */
	{ "ns", { .n = 10, .value = 1000, .step = 1 }, { .n = 10, .value = 1020, .step = 1 }, 5, 5,
		"slower", true, true, false },
	/* a rate: more is better */
	{ "1/s", { .n = 10, .value = 100, .step = 1 }, { .n = 10, .value = 150, .step = 1 }, 0, NO,
		"faster", false, false, false },
	{ "1/s", { .n = 10, .value = 150, .step = 1 }, { .n = 10, .value = 100, .step = 1 }, 20, NO,
		"slower", true, false, true },
	/* 154.5 / 104.5 - 1 = 0.478: by that much slower is not by more than 60 % */
	{ "1/s", { .n = 10, .value = 150, .step = 1 }, { .n = 10, .value = 100, .step = 1 }, 60, NO,
		"slower", true, false, false },
	{ "bytes", { .n = 10, .value = 100, .step = 1 }, { .n = 10, .value = 150, .step = 1 }, 20,
		NO, "more", true, false, true },
	{ "count", { .n = 10, .value = 150, .step = 1 }, { .n = 10, .value = 100, .step = 1 }, 20,
		NO, "less", false, false, false },
	{ "no unit that is known", { .n = 10, .value = 1, .step = 1 },
		{ .n = 10, .value = 50, .step = 1 }, 20, NO, "more", true, false, true },
	/* from nothing to something has no ratio, and is above any percentage */
	{ "count", { .n = 10 }, { .n = 10, .value = 1 }, 1e6, NO, "more", true, false, true },
	{ "count", { .n = 10, .value = 1 }, { .n = 10 }, 0, NO, "less", false, false, false },
	/* nothing before and nothing now */
	{ "count", { .n = 10 }, { .n = 10 }, 0, 1, "no difference found", false, true, false },
	{ "ns", { .n = 10, .value = -2 }, { .n = 10, .value = -1 }, NO, NO, "slower", true, false,
		false },
	/* 3 against 3: the smallest p is 0.1 */
	{ "ns", { .n = 3, .value = 100, .step = 1 }, { .n = 3, .value = 900, .step = 1 }, 0, 5,
		"too few launches", false, false, false },
	/* 4 against 4: 2 / 70; of four launches no interval is one of 95 % */
	{ "ns", { .n = 4, .value = 100, .step = 1 }, { .n = 4, .value = 900, .step = 1 }, 0, 5,
		"slower", true, false, true },
	{ "ns", { .n = 4, .value = 100 }, { .n = 4, .value = 100 }, 0, 5, "no difference found",
		false, false, false },
	{ "ns", { .n = 1, .value = 100 }, { .n = 10, .value = 900 }, 0, 5, "too few launches",
		false, false, false },
	/* 1 against 39 can be told; one launch has no interval */
	{ "ns", { .n = 1, .value = 100 }, { .n = 39, .value = 900, .step = 1 }, 0, 5,
		"no difference found", false, false, false },
};

static void one_cell(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		struct made_cell a = verdicts[i].a, b = verdicts[i].b;
		struct compare_options o = { verdicts[i].fail_above, verdicts[i].equivalence };
		struct comparison *c;

		a.benchmark = b.benchmark = "x";
		a.metric = b.metric = "m";
		a.unit = b.unit = verdicts[i].unit;
		c = compared(*state, &a, 1, &b, 1, o);
		assert_int_equal(c->n_cells, 1);
		if (strcmp(compare_verdict(&c->cells[0]), verdicts[i].verdict))
			fail_msg("case %zu: %s", i, compare_verdict(&c->cells[0]));
		if (compare_is_worse(&c->cells[0]) != verdicts[i].worse ||
			c->cells[0].equal != verdicts[i].equal ||
			c->cells[0].fails != verdicts[i].fails || c->failing != verdicts[i].fails)
			fail_msg("case %zu: worse %d equal %d fails %d", i,
				compare_is_worse(&c->cells[0]), c->cells[0].equal,
				c->cells[0].fails);
		compare_free(c);
	}
}

static void numbers(void **state)
{
	const struct made_cell a = { "x", "latency", "ns", 10, 100, 0, SAMPLE_OK },
			       b = { "x", "latency", "ns", 10, 125, 0, SAMPLE_OK };
	struct comparison *c = compared(*state, &a, 1, &b, 1, (struct compare_options){ NO, NO });
	const struct compared *x = &c->cells[0];

	assert_near(x->ratio, 1.25, 0);
	assert_near(x->ratio_ci.low, 1.25, 0);
	assert_near(x->ratio_ci.high, 1.25, 0);
	assert_near(x->difference, 25, 0);
	assert_near(x->difference_ci.high, 25, 0);
	assert_near(x->p, 2.0 / 184756, 1e-15);
	assert_near(x->p_corrected, x->p, 0);
	assert_false(c->blind);
	assert_int_equal(c->needed, 4);
	compare_free(c);
}

/*
 * 5 against 5 can have p = 2 / 252 = 0.0079: enough for one cell and for six, not for seven. Cells
 * of 3 against 3, which can tell nothing, do not count.
 */
static void many_cells(void **state)
{
	static const struct {
		size_t able, unable;
		bool blind;
		size_t needed;
	} cases[] = { { 1, 0, false, 4 }, { 6, 0, false, 5 }, { 7, 0, true, 6 }, { 6, 4, false, 6 },
		{ 0, 2, true, 5 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char names[16][24];
		struct made_cell a[16], b[16];
		size_t n = cases[i].able + cases[i].unable;
		struct comparison *c;

		for (size_t k = 0; k < n; k++) {
			snprintf(names[k], sizeof(names[k]), "b%zu", k);
			a[k] = (struct made_cell){ names[k], "latency", "ns",
				k < cases[i].able ? 5 : 3, 100, 1, SAMPLE_OK };
			b[k] = a[k];
			b[k].value = 200;
		}
		c = compared(*state, a, n, b, n, (struct compare_options){ 0, NO });
		assert_int_equal(c->tested, cases[i].able);
		assert_int_equal(c->blind, cases[i].blind);
		assert_int_equal(c->needed, cases[i].needed);
		assert_int_equal(c->count[VERDICT_MORE], cases[i].blind ? 0 : cases[i].able);
		assert_int_equal(c->count[VERDICT_TOO_FEW], cases[i].blind ? n : cases[i].unable);
		compare_free(c);
	}
}

static void only_one_has(void **state)
{
	const struct made_cell a[] = { { "both", "latency", "ns", 10, 100, 1, SAMPLE_OK },
		{ "gone", "latency", "ns", 10, 100, 1, SAMPLE_OK },
		{ "broken", "latency", "ns", 10, 100, 1, SAMPLE_OK },
		{ "skipped", "latency", "ns", 10, 100, 1, SAMPLE_OK } };
	const struct made_cell b[] = { { "both", "latency", "ns", 10, 100, 1, SAMPLE_OK },
		{ "broken", "latency", "ns", 10, 0, 0, SAMPLE_FAILED },
		{ "skipped", "latency", "ns", 10, 0, 0, SAMPLE_SKIPPED },
		{ "new", "latency", "ns", 10, 100, 1, SAMPLE_OK } };
	struct comparison *c = compared(*state, a, 4, b, 4, (struct compare_options){ 5, NO });

	assert_int_equal(c->n_cells, 1);
	assert_int_equal(c->n_others, 4);
	assert_string_equal(c->others[0].row->benchmark, "gone");
	assert_null(c->others[0].other);
	assert_false(c->others[0].fails);
	assert_string_equal(c->others[1].row->benchmark, "broken");
	assert_true(c->others[1].fails); /* it ran, and runs no more: no gate lets that pass */
	assert_false(c->others[2].fails);
	assert_string_equal(c->others[3].row->benchmark, "new");
	assert_false(c->others[3].in_a);
	assert_int_equal(c->failing, 1);
	compare_free(c);
	c = compared(*state, a, 4, b, 4, (struct compare_options){ NO, NO });
	assert_int_equal(c->failing, 0);
	compare_free(c);
}

static void with_itself(void **state)
{
	const struct made_cell a = { "x", "latency", "ns", 10, 100, 3, SAMPLE_OK };
	cleanup_free char *dir = write_cells(*state, "a", &a, 1);
	struct comparison *c = NULL;

	assert_int_equal(compare_make(dir, dir, &(struct compare_options){ 0, 50 }, &c, NULL), 0);
	assert_int_equal(c->count[VERDICT_NONE], 1);
	assert_near(c->cells[0].p, 1, 1e-12);
	assert_int_equal(c->equal, 1);
	compare_free(c);
}

/* --- facts --- */

static const struct {
	const char *key, *a, *b; /* NULL: not there */
	size_t n, n_grave;
	const char *name;
} facts[] = {
	{ "host.cpu.model", "X", "X", 0, 0, NULL },
	{ "host.cpu.model", "X", "Y", 1, 1, "host.cpu.model" },
	{ "host.cpu.model", "X", NULL, 1, 0, "host.cpu.model" },
	{ "host.cpu.model", "unknown", "Y", 1, 0, "host.cpu.model" },
	{ "host.cpu.model", NULL, NULL, 0, 0, NULL },
	{ "machine", "native", "emulated", 1, 1, "machine" },
	{ "workload.sha256", "1", "2", 1, 1, "workload.sha256" },
	{ "host.kernel.release", "6.1", "6.12", 1, 1, "host.kernel.release" },
	{ "host.cpu.governor", "performance", "powersave", 1, 1, "host.cpu.governor" },
	{ "host.cpu.vulnerabilities.meltdown", "Mitigation: PTI", "Vulnerable", 1, 1,
		"host.cpu.vulnerabilities.meltdown" },
	{ "host.cpu.vulnerabilities.new", NULL, "Vulnerable", 1, 0,
		"host.cpu.vulnerabilities.new" },
	{ "tool.version", "0.1", "0.2", 1, 0, "tool.version" },
	/* different in any two runs */
	{ "run.id", "a", "b", 0, 0, NULL },
	{ "run.seed", "1", "2", 0, 0, NULL },
	{ "host.load.before", "1", "2", 0, 0, NULL },
	/* of a way: the names are set below */
	{ "ways.1.kernel_sha256", "1", "2", 1, 1, "vm (distro): kernel_sha256" },
	{ "ways.1.inside.vuln.l1tf", "x", "y", 1, 1, "vm (distro): inside.vuln.l1tf" },
	{ "ways.0.inside.vuln.l1tf", "x", "y", 0, 0, NULL }, /* the host's, said already */
	{ "ways.0.ctr.seccomp", "on", "off", 1, 1, "ctr: ctr.seccomp" },
};

static struct manifest *with_ways(void)
{
	struct manifest *m = manifest_new();

	assert_int_equal(manifest_set(m, "ways.0.runtime", "ctr", NULL), 0);
	assert_int_equal(manifest_set(m, "ways.0.kernel", "", NULL), 0);
	assert_int_equal(manifest_set(m, "ways.1.runtime", "vm", NULL), 0);
	assert_int_equal(manifest_set(m, "ways.1.kernel", "distro", NULL), 0);
	return m;
}

static void unlike_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		struct manifest *a = with_ways(), *b = with_ways();
		struct facts_differences d;

		if (facts[i].a)
			assert_int_equal(manifest_set(a, facts[i].key, facts[i].a, NULL), 0);
		if (facts[i].b)
			assert_int_equal(manifest_set(b, facts[i].key, facts[i].b, NULL), 0);
		assert_int_equal(facts_compare(a, b, &d, NULL), 0);
		if (d.n != facts[i].n || d.n_grave != facts[i].n_grave)
			fail_msg("case %zu: %zu differences, %zu grave", i, d.n, d.n_grave);
		if (d.n)
			assert_string_equal(d.list[0].key, facts[i].name);
		facts_free(&d);
		manifest_free(a);
		manifest_free(b);
	}
}

/* The same way may have another number: its name counts. */
static void ways_by_name(void **state)
{
	struct manifest *a = with_ways(), *b = manifest_new();
	struct facts_differences d;

	(void)state;
	assert_int_equal(manifest_set(b, "ways.0.runtime", "vm", NULL), 0);
	assert_int_equal(manifest_set(b, "ways.0.kernel", "distro", NULL), 0);
	assert_int_equal(manifest_set(b, "ways.0.vcpus", "2", NULL), 0);
	assert_int_equal(manifest_set(a, "ways.1.vcpus", "2", NULL), 0);
	assert_int_equal(manifest_set(a, "ways.0.vcpus", "1", NULL), 0);
	assert_int_equal(facts_compare(a, b, &d, NULL), 0);
	assert_int_equal(d.n, 0);
	facts_free(&d);
	manifest_free(a);
	manifest_free(b);
}

/* --- bad input --- */

static void bad_folders(void **state)
{
	static const struct {
		const char *name, *samples;
		int code;
	} bad[] = {
		{ "missing", NULL, -ENOENT },
		{ "empty", "", -ENODATA },
		{ "damaged", HEADER "1,r,s\n", -EBADMSG },
		{ "other", HEADER "1,r,s,y,,host,,0,0,,0,1,latency,ns,5,0,ok,\n", -ENODATA },
		{ "no-values", HEADER "1,r,s,x,,host,,0,0,,0,,latency,ns,,,failed,it did\n",
			-ENODATA },
	};
	const struct made_cell cell = { "x", "latency", "ns", 3, 1, 1, SAMPLE_OK };
	cleanup_free char *good = write_cells(*state, "good", &cell, 1);
	cleanup_free char *file = path_in(*state, "file");
	const struct compare_options o = { NO, NO };
	struct comparison *c = NULL;
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cleanup_free char *dir = path_in(*state, bad[i].name);

		if (bad[i].samples) {
			assert_int_equal(make_dirs(dir), 0);
			put_file(dir, SAMPLES_FILE, bad[i].samples, strlen(bad[i].samples));
		}
		assert_int_equal(compare_make(good, dir, &o, &c, &e), bad[i].code);
		assert_true(*e.message);
		assert_int_equal(compare_make(dir, good, &o, &c, &e), bad[i].code);
	}
	put_file(*state, "file", "x", 1);
	assert_int_equal(compare_make(good, file, &o, &c, &e), -ENOTDIR);
	assert_null(c);
}

/* --- printing --- */

static char *printed(const struct comparison *c, enum table_format format)
{
	const struct table_options o = { format, false, 100 };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(compare_print(f, c, "before", "after", &o, NULL), 0);
	fclose(f);
	return text;
}

static void in_words(void **state)
{
	const struct made_cell a[] = { { "x", "latency", "ns", 10, 100, 1, SAMPLE_OK },
		{ "gone", "latency", "ns", 10, 100, 1, SAMPLE_OK } };
	const struct made_cell b = { "x", "latency", "ns", 10, 200, 1, SAMPLE_OK };
	const struct made_cell few = { "x", "latency", "ns", 3, 100, 1, SAMPLE_OK };
	struct comparison *c = compared(*state, a, 2, &b, 1, (struct compare_options){ 5, 10 });
	cleanup_free char *text = printed(c, TABLE_TEXT), *csv = printed(c, TABLE_CSV),
			  *json = printed(c, TABLE_JSON), *too_few = NULL;

	compare_free(c);
	assert_non_null(strstr(text, "A: before"));
	assert_non_null(strstr(text, "slower: FAILS"));
	assert_non_null(strstr(text, "Only in A: gone, host; in B it was not measured."));
	assert_non_null(strstr(text, "--fail-above 5: 1 cells fail."));
	assert_non_null(strstr(csv, ",slower,no,yes,\n"));
	assert_non_null(strstr(csv, ",only in A,,no,\n"));
	assert_non_null(strstr(json, "\"verdict\": \"slower\""));
	c = compared(*state, &few, 1, &few, 1, (struct compare_options){ NO, NO });
	too_few = printed(c, TABLE_TEXT);
	compare_free(c);
	assert_non_null(strstr(too_few, "TOO FEW LAUNCHES"));
	assert_non_null(strstr(too_few, "--launches 4 or more"));
}

/* Names from a file of anybody's do not reach the terminal as they are. */
static void hostile_names(void **state)
{
	const struct made_cell a = { "\033[31mx", "latency", "ns", 10, 100, 1, SAMPLE_OK };
	struct comparison *c = compared(*state, &a, 1, &a, 1, (struct compare_options){ NO, NO });
	cleanup_free char *text = printed(c, TABLE_TEXT);

	compare_free(c);
	assert_null(strchr(text, '\033'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(one_cell),
		in_folder(numbers),
		in_folder(many_cells),
		in_folder(only_one_has),
		in_folder(with_itself),
		cmocka_unit_test(unlike_facts),
		cmocka_unit_test(ways_by_name),
		in_folder(bad_folders),
		in_folder(in_words),
		in_folder(hostile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
