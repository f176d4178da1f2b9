/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of many hosts in one folder: what is in it, what is refused, what readers make of it. */
#include "tests/unit/results_fixture.h"

#include <errno.h>

#include "results/compare.h"
#include "results/density.h"
#include "results/merge.h"
#include "results/report.h"
#include "results/summary.h"
#include "results/table.h"
#include "results/text.h"

#define RUN(run, x)                                                                                \
	HEADER "1," run ",s,read,,host,,0,0,,0,10,latency,ns," x "1,0,ok,\n"                       \
	       "1," run ",s,read,,host,,1,1,,0,10,latency,ns," x "2,0,ok,\n"                       \
	       "1," run ",s,read,,ctr,,0,0,,0,10,latency,ns," x "3,0,ok,\n"                        \
	       "1," run ",s,read,,ctr,,1,1,,0,10,latency,ns," x "5,0,ok,\n"

static char *put_run(const char *dir, const char *name, const char *samples, const char *cpu)
{
	char *path = path_in(dir, name);
	struct manifest *m = manifest_new();

	assert_int_equal(make_dirs(path), 0);
	put_file(path, SAMPLES_FILE, samples, strlen(samples));
	assert_int_equal(manifest_set(m, "host.cpu.model", cpu, NULL), 0);
	assert_int_equal(manifest_set(m, "machine", MACHINE_NATIVE, NULL), 0);
	assert_int_equal(manifest_set(m, "run.suite", "syscalls", NULL), 0);
	assert_int_equal(manifest_set(m, "run.suites", "syscalls,cpu", NULL), 0);
	assert_int_equal(manifest_set(m, "warnings.0", "it was loud", NULL), 0);
	assert_int_equal(manifest_write(m, path, NULL), 0);
	manifest_free(m);
	return path;
}

static char *out_folder(const char *dir, const char *name)
{
	char *path = path_in(dir, name);

	assert_int_equal(make_dirs(path), 0);
	return path;
}

static int merged(const char *out, const struct merge_source *s, size_t n, struct err *e)
{
	return merge_runs(s, n, out, NULL, NULL, e);
}

/* Two hosts of the same second, so with the same run's id: each keeps its own baseline. */
static void two_hosts(void **state)
{
	cleanup_free char *a = put_run(*state, "web1", RUN("r", "10"), "X");
	cleanup_free char *b = put_run(*state, "web2", RUN("r", "20"), "Y");
	cleanup_free char *out = out_folder(*state, "out");
	const struct merge_source sources[] = { { b, NULL }, { a, "one, two" } };
	char label[LABEL_SIZE];
	struct manifest *m = NULL;
	struct summary *s = NULL;

	assert_int_equal(merged(out, sources, 2, NULL), 0);
	assert_int_equal(summary_make(out, &s, NULL), 0);
	assert_int_equal(s->n_rows, 1);
	assert_int_equal(s->n_columns, 4);
	assert_true(summary_many_hosts(s));
	assert_string_equal(text_column(&s->columns[0], label), "host@one, two");
	assert_string_equal(text_column(&s->columns[3], label), "ctr@web2");
	assert_string_equal(text_baseline(s, label), "host on the same machine");
	assert_true(isnan(summary_cell(s, 0, 2)->ratio));
	assert_near(summary_cell(s, 0, 1)->ratio, 104 / 101.5, 1e-12);
	assert_near(summary_cell(s, 0, 3)->ratio, 204 / 201.5, 1e-12);
	summary_free(s);
	assert_int_equal(manifest_read(out, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "machine"), "native");
	assert_string_equal(manifest_suites(m), "syscalls,cpu");
	assert_true(manifest_merged(m));
	assert_string_equal(manifest_get(m, "host.cpu.model"), "Y, X");
	assert_string_equal(manifest_get(m, "runs.0.name"), "web2");
	assert_string_equal(manifest_get(m, "runs.1.name"), "one, two");
	assert_string_equal(manifest_get(m, "runs.1.host.cpu.model"), "X");
	manifest_free(m);
}

/* More launches of a host are more launches of its cells, whatever numbers they had. */
static void two_runs_of_a_host(void **state)
{
	cleanup_free char *a = put_run(*state, "mon", RUN("r1", "10"), "X");
	cleanup_free char *b = put_run(*state, "tue", RUN("r2", "20"), "X");
	cleanup_free char *out = out_folder(*state, "out");
	const struct merge_source sources[] = { { a, "web" }, { b, "web" } };
	struct summary *s = NULL;

	assert_int_equal(merged(out, sources, 2, NULL), 0);
	assert_int_equal(summary_make(out, &s, NULL), 0);
	assert_int_equal(s->n_columns, 2);
	assert_false(summary_many_hosts(s));
	assert_int_equal(summary_cell(s, 0, 0)->n_replicates, 4);
	assert_near(summary_cell(s, 0, 0)->median, (102 + 201) / 2.0, 1e-12);
	summary_free(s);
}

static void merged_again(void **state)
{
	cleanup_free char *a = put_run(*state, "a", RUN("r", "10"), "X");
	cleanup_free char *b = put_run(*state, "b", RUN("r", "20"), "X");
	cleanup_free char *c = put_run(*state, "c", RUN("r", "30"), "Z");
	cleanup_free char *first = out_folder(*state, "first"),
			  *second = out_folder(*state, "second"),
			  *third = out_folder(*state, "third");
	struct manifest *m = NULL;
	struct summary *s = NULL;
	struct err e;

	assert_int_equal(
		merged(first, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, NULL), 0);
	assert_int_equal(
		merged(second, (struct merge_source[]){ { first, NULL }, { c, NULL } }, 2, NULL),
		0);
	assert_int_equal(summary_make(second, &s, NULL), 0);
	assert_int_equal(s->n_columns, 6);
	assert_string_equal(s->columns[4].host, "c");
	summary_free(s);
	assert_int_equal(manifest_read(second, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "runs.0.name"), "a");
	assert_string_equal(manifest_get(m, "runs.1.name"), "b");
	assert_string_equal(manifest_get(m, "runs.2.name"), "c");
	assert_string_equal(manifest_get(m, "runs.3.name"), "unknown");
	/* a warning says once of which host it is, however often it is merged */
	assert_string_equal(manifest_get(m, "warnings.0"), "a: it was loud");
	assert_string_equal(manifest_get(m, "warnings.2"), "c: it was loud");
	assert_string_equal(manifest_get(m, "warnings.3"), "unknown");
	manifest_free(m);
	/* what is in it already */
	assert_int_equal(
		merged(third, (struct merge_source[]){ { second, NULL }, { b, NULL } }, 2, &e),
		-EEXIST);
	/* one name cannot be that of all its hosts */
	assert_int_equal(merged(third, (struct merge_source[]){ { second, "x" } }, 1, &e), -EINVAL);
}

static void same_run_twice(void **state)
{
	cleanup_free char *a = put_run(*state, "a", RUN("r", "10"), "X");
	cleanup_free char *copy = put_run(*state, "copy", RUN("r", "10"), "X");
	cleanup_free char *out = out_folder(*state, "out"), *left = path_in(out, SAMPLES_FILE);
	struct err e;

	/* under its own name, and under another's */
	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, NULL }, { a, NULL } }, 2, &e), -EEXIST);
	assert_non_null(strstr(e.message, "the same run"));
	assert_int_equal(merged(out, (struct merge_source[]){ { a, NULL }, { copy, NULL } }, 2, &e),
		-EEXIST);
	assert_non_null(strstr(e.message, "/copy'"));
	assert_int_equal(access(left, F_OK), -1); /* nothing was written */
}

static void names(void **state)
{
	cleanup_free char *a = put_run(*state, "x/run", RUN("r", "10"), "X");
	cleanup_free char *b = put_run(*state, "y/run", RUN("q", "20"), "X");
	cleanup_free char *out = out_folder(*state, "out");
	static const char *const bad[] = { "", "line\nbreak", "\033[31m", "\xff",
		"a name of more than sixty letters, which would not fit any heading" };
	struct err e;

	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, &e), -EINVAL);
	assert_non_null(strstr(e.message, "'run'"));
	assert_non_null(strstr(e.remedy, "--name"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(
			merged(out, (struct merge_source[]){ { a, bad[i] } }, 1, &e), -EINVAL);
	/* the launches of two runs of one id and one host could not be told from each other */
	put_file(b, SAMPLES_FILE, RUN("r", "20"), strlen(RUN("r", "20")));
	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, "x" }, { b, "x" } }, 2, &e), -EEXIST);
	/* one given is not enough, where the other becomes the same */
	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, "run" }, { b, NULL } }, 2, &e), -EINVAL);
}

static void machines(void **state)
{
	static const struct {
		const char *of[2], *expected;
	} cases[] = {
		{ { MACHINE_NATIVE, MACHINE_NATIVE }, "native" },
		{ { MACHINE_NATIVE, MACHINE_EMULATED }, "emulated" },
		{ { MACHINE_NATIVE, MACHINE_NESTED }, "several kinds" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *a = put_run(*state, "a", RUN("r", "10"), "X");
		cleanup_free char *b = put_run(*state, "b", RUN("r", "20"), "X");
		cleanup_free char *out = out_folder(*state, "out");
		struct manifest *m = manifest_new();

		assert_int_equal(manifest_set(m, "machine", cases[i].of[0], NULL), 0);
		assert_int_equal(manifest_write(m, a, NULL), 0);
		assert_int_equal(manifest_set(m, "machine", cases[i].of[1], NULL), 0);
		assert_int_equal(manifest_write(m, b, NULL), 0);
		manifest_free(m);
		assert_int_equal(
			merged(out, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, NULL),
			0);
		assert_int_equal(manifest_read(out, &m, NULL), 0);
		assert_string_equal(manifest_get(m, "machine"), cases[i].expected);
		manifest_free(m);
		remove_tree(out);
	}
}

static void count_warning(void *ctx, const char *text)
{
	assert_non_null(strstr(text, "cut short"));
	++*(int *)ctx;
}

static void torn_and_bad(void **state)
{
	static const struct {
		const char *samples;
		int code;
	} bad[] = {
		{ "", -ENODATA },
		{ "nonsense\n", -EBADMSG },
		{ HEADER, -ENODATA },
		/* a nineteenth column of another name, or in the header alone */
		{ "schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,"
		  "sample,iterations,metric,unit,value,overhead_ns,status,reason,node\n",
			-EBADMSG },
		{ "schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,"
		  "sample,iterations,metric,unit,value,overhead_ns,status,reason,host\n"
		  "1,r,s,read,,host,,0,0,,0,10,latency,ns,5,0,ok,\n",
			-EBADMSG },
		{ HEADER "1,r,s,read,,host,,0,0,,0,10,latency,ns,5,0,ok,,web1\n", -EBADMSG },
	};
	cleanup_free char *torn = put_run(*state, "torn", RUN("r", "10") "1,r,s", "X");
	cleanup_free char *out = out_folder(*state, "out"), *nowhere = path_in(*state, "nowhere"),
			  *file = path_in(*state, "file");
	struct err e;
	int warnings = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cleanup_free char *dir = put_run(*state, "bad", bad[i].samples, "X");

		assert_int_equal(
			merged(out, (struct merge_source[]){ { dir, NULL } }, 1, &e), bad[i].code);
	}
	assert_int_equal(merged(out, (struct merge_source[]){ { nowhere, NULL } }, 1, &e), -ENOENT);
	put_file(*state, "file", "x", 1);
	assert_int_equal(merged(out, (struct merge_source[]){ { file, NULL } }, 1, &e), -ENOTDIR);
	assert_int_equal(merge_runs((struct merge_source[]){ { torn, NULL } }, 1, out,
				 count_warning, &warnings, NULL),
		0);
	assert_int_equal(warnings, 1);
}

/* Merged sets are compared host by host, and their facts too. */
static void compared(void **state)
{
	cleanup_free char *a = put_run(*state, "a", RUN("r", "10"), "X");
	cleanup_free char *b = put_run(*state, "b", RUN("r", "20"), "X");
	cleanup_free char *c = put_run(*state, "c", RUN("q", "30"), "Z");
	cleanup_free char *first = out_folder(*state, "first"),
			  *second = out_folder(*state, "second");
	const struct compare_options o = { NAN, NAN };
	struct comparison *cmp = NULL;

	assert_int_equal(
		merged(first, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, NULL), 0);
	assert_int_equal(
		merged(second, (struct merge_source[]){ { b, NULL }, { c, "a" } }, 2, NULL), 0);
	assert_int_equal(compare_make(first, second, &o, &cmp, NULL), 0);
	assert_int_equal(cmp->n_cells, 4);
	assert_string_equal(cmp->cells[0].column->host, "a");
	assert_near(cmp->cells[0].ratio, 301.5 / 101.5, 1e-12);
	assert_string_equal(cmp->cells[3].column->host, "b");
	assert_near(cmp->cells[3].ratio, 1, 0);
	assert_int_equal(cmp->facts.n_grave, 1);
	assert_string_equal(cmp->facts.list[0].key, "a: host.cpu.model");
	compare_free(cmp);
}

static void shown(void **state)
{
	cleanup_free char *a = put_run(*state, "a", RUN("r", "10"), "X");
	cleanup_free char *b = put_run(*state, "b", RUN("r", "20"), "X");
	cleanup_free char *out = out_folder(*state, "out"), *text = NULL, *html = NULL;
	const struct table_options o = { TABLE_TEXT, false, 100 };
	struct summary *s = NULL;
	struct manifest *m = manifest_new();
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, NULL), 0);
	assert_int_equal(summary_make(out, &s, NULL), 0);
	assert_int_equal(table_print(f, s, m, &o, NULL), 0);
	fclose(f);
	/* each host's table begins with its own baseline */
	assert_non_null(strstr(text, "host@a | ctr@a\n"));
	assert_non_null(strstr(text, "host@b | ctr@b\n"));
	assert_int_equal(report_write(out, NULL), 0);
	html = get_file(out, "report.html", &len);
	assert_non_null(strstr(html, "ctr@b"));
	assert_non_null(strstr(html, "Ratios are to host on the same machine."));
	/* and has no ratio to itself */
	assert_non_null(strstr(html, "colspan=\"2\" scope=\"colgroup\">host@b</th>"));
	assert_null(strstr(html, "data-l=\"host@b, ratio\""));
	assert_non_null(strstr(html, "data-l=\"ctr@b, ratio\">"));
	manifest_free(m);
	summary_free(s);
}

/* Numbers that are read row by row (of density, those held) go to the way of their own host. */
static void series_of_hosts(void **state)
{
	static const char rows[] = HEADER "1,r,density,hold,,host,,0,0,,0,1,start,ns,100,0,ok,\n"
					  "1,r,density,hold,,host,,0,0,,1,1,start,ns,110,0,ok,\n"
					  "1,r,density,hold,,host,,0,0,,2,1,start,ns,120,0,ok,\n";
	cleanup_free char *a = put_run(*state, "a", rows, "X"), *b = NULL;
	cleanup_free char *more =
		format_text("%s1,r,density,hold,,host,,0,0,,3,1,start,ns,130,0,ok,\n", rows);
	cleanup_free char *out = out_folder(*state, "out");
	struct summary *s = NULL;
	struct density d;

	b = put_run(*state, "b", more, "X");
	assert_int_equal(
		merged(out, (struct merge_source[]){ { a, NULL }, { b, NULL } }, 2, NULL), 0);
	assert_int_equal(summary_make(out, &s, NULL), 0);
	assert_int_equal(density_make(s, &d, NULL), 0);
	assert_int_equal(d.n_ways, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(d.ways[i].series[DENSITY_START].n,
			strcmp(s->columns[d.ways[i].column].host, "a") ? 4 : 3);
	density_free(&d);
	summary_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(two_hosts),
		in_folder(two_runs_of_a_host),
		in_folder(merged_again),
		in_folder(same_run_twice),
		in_folder(names),
		in_folder(machines),
		in_folder(torn_and_bad),
		in_folder(compared),
		in_folder(shown),
		in_folder(series_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
