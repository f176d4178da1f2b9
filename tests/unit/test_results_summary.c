/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run so small that its summary can be worked out by hand. */
#include "tests/unit/results_fixture.h"

#include <errno.h>

#include "results/summary.h"

#define ROW(bench, runtime, rep, value)                                                            \
	"1,r,s," bench ",," runtime ",," rep ",0,,0,10,latency,ns," value ",0,ok,\n"
#define LOST(bench, runtime, rep, status, why)                                                     \
	"1,r,s," bench ",," runtime ",," rep ",0,,0,,latency,ns,,," status "," why "\n"

/*
 * read under host: launches 0 {1, 3, 100} -> 3, 1 {5} -> 5, 2 {7, 9} -> 8: median 5. All samples
 * 1 3 5 7 9 100: quartiles 3.5 and 8.5, fences 16 and 23.5: one extreme; median 6, deviations
 * 5 3 1 1 3 94: MAD 3; p99 is 9 + 0.95 * 91 = 95.45.
 * read under vm: {10}, {20}, {30}: median 20, ratio 4.
 */
static const char small[] = HEADER ROW("read", "vm", "0", "10") ROW("read", "vm", "1", "20") LOST(
	"write", "vm", "0", "skipped", "no such call") ROW("read", "host", "0", "1")
	ROW("read", "host", "0", "3") "1,r,s,read,,host,,9,0,,0,10,latency,ns,1000,0,warmup,\n" ROW(
		"read", "host", "0", "100") ROW("read", "host", "1", "5") ROW("read", "host", "2",
		"9") ROW("read", "host", "2", "7") ROW("write", "host", "0", "4") LOST("write",
		"host", "1", "failed", "killed by SIGSEGV") ROW("read", "vm", "2", "30")
		LOST("write", "ctr", "0", "skipped", "first") LOST("write", "ctr", "1", "timeout",
			"second") "1,r,s,nap,,host,,0,0,,0,10,latency,ns,8,0,warmup,\n";

static void grid(void **state)
{
	struct summary *s = summary_of_text(*state, small);

	assert_int_equal(s->n_rows, 3);
	assert_string_equal(s->rows[0].benchmark, "read");
	assert_string_equal(s->rows[1].benchmark, "write");
	assert_string_equal(s->rows[2].benchmark, "nap");
	assert_int_equal(s->n_columns, 3);
	assert_string_equal(s->columns[0].runtime, "host");
	assert_string_equal(s->columns[1].runtime, "ctr");
	assert_string_equal(s->columns[2].runtime, "vm");
	assert_int_equal(s->n_groups, 6);
	assert_null(summary_cell(s, 0, 1));
	summary_free(s);
}

static void by_hand(void **state)
{
	struct summary *s = summary_of_text(*state, small);
	const struct summary_group *host = summary_cell(s, 0, 0), *vm = summary_cell(s, 0, 2);

	assert_int_equal(host->n_replicates, 3);
	assert_int_equal(host->n_samples, 6);
	assert_near(host->median, 5, 0);
	assert_near(host->ci.low, 3, 0); /* of three launches: the extremes (test_base_stats.c) */
	assert_near(host->ci.high, 8, 0);
	assert_near(host->mad, 3, 0);
	assert_near(host->p99, 95.45, 1e-9);
	assert_near(host->min, 1, 0);
	assert_near(host->max, 100, 0);
	assert_int_equal(host->outliers.mild, 0);
	assert_int_equal(host->outliers.extreme, 1);
	assert_int_equal(host->count[SAMPLE_WARMUP], 1);
	assert_true(isnan(host->ratio));
	assert_near(vm->median, 20, 0);
	assert_near(vm->ratio, 4, 0);
	assert_near(vm->ratio_ci.low, 10.0 / 8, 1e-9);
	assert_near(vm->ratio_ci.high, 30.0 / 3, 1e-9);
	assert_int_equal(summary_comparisons(s), 1);
	assert_int_equal(summary_range(s).replicates_min, 1);
	assert_int_equal(summary_range(s).samples_max, 6);
	summary_free(s);
}

static void without_values(void **state)
{
	struct summary *s = summary_of_text(*state, small);
	const struct summary_group *host = summary_cell(s, 1, 0), *ctr = summary_cell(s, 1, 1);
	const struct summary_group *vm = summary_cell(s, 1, 2), *nap = summary_cell(s, 2, 0);

	assert_int_equal(host->status, SAMPLE_OK);
	assert_string_equal(host->reason, "killed by SIGSEGV");
	assert_true(summary_has_failures(host));
	assert_false(stats_has_interval(host->ci)); /* one launch */
	assert_int_equal(ctr->status, SAMPLE_TIMEOUT);
	assert_string_equal(ctr->reason, "second");
	assert_int_equal(ctr->count[SAMPLE_SKIPPED], 1);
	assert_true(isnan(ctr->median));
	assert_int_equal(vm->status, SAMPLE_SKIPPED);
	assert_string_equal(vm->reason, "no such call");
	assert_false(summary_has_failures(vm));
	assert_int_equal(nap->status, SAMPLE_WARMUP);
	assert_int_equal(nap->n_samples, 0);
	summary_free(s);
}

/* Without "host" the baseline is the first by name, whatever comes first in the file. */
static void other_baseline(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER ROW("read", "vm", "0", "10") ROW("read", "bwrap", "0", "5")
			ROW("read", "ctr", "0", "0"));

	assert_string_equal(s->columns[0].runtime, "bwrap");
	assert_near(summary_cell(s, 0, 2)->ratio, 2, 0);
	assert_near(summary_cell(s, 0, 1)->ratio, 0, 0);
	summary_free(s);
}

/* Nothing is a multiple of a baseline that is not above zero. */
static void no_ratio_to_nothing(void **state)
{
	struct summary *s = summary_of_text(
		*state, HEADER ROW("read", "host", "0", "-0.5") ROW("read", "vm", "0", "5"));

	assert_true(isnan(summary_cell(s, 0, 1)->ratio));
	summary_free(s);
}

static void rows_are_told_apart(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER "1,r,s,read,1B,host,,0,0,,0,10,latency,ns,5,0,ok,\n"
		       "1,r,s,read,4KiB,host,,0,0,,0,10,latency,ns,5,0,ok,\n"
		       "1,r,s,read,1B,host,,0,0,,0,10,size,bytes,5,0,ok,\n"
		       "1,r,s,read,1B,host,,0,0,boot,0,10,latency,ns,5,0,ok,\n"
		       "1,r,t,read,1B,host,,0,0,,0,10,latency,ns,5,0,ok,\n"
		       "1,r,s,read,1B,vm,distro,0,0,,0,10,latency,ns,5,0,ok,\n"
		       "1,r,s,read,1B,vm,host,0,0,,0,10,latency,ns,5,0,ok,\n"
		       "1,q,s,read,1B,host,,1,0,,0,10,latency,ns,7,0,ok,\n");

	assert_int_equal(s->n_rows, 5);
	assert_int_equal(s->n_columns, 3);
	assert_string_equal(s->columns[1].kernel, "distro");
	assert_int_equal(summary_cell(s, 0, 0)->n_replicates, 2);
	summary_free(s);
}

static void csv(void **state)
{
	struct summary *s = summary_of_text(*state,
		HEADER ROW("read", "host", "0",
			"1.5") "1,r,s,write,,host,,0,0,,0,,latency,ns,,,skipped,\"a, b\"\n");
	cleanup_free char *text = NULL, *again = NULL;
	size_t len;

	assert_int_equal(summary_write(s, *state, NULL), 0);
	text = get_file(*state, SUMMARY_FILE, &len);
	assert_string_equal(text,
		"suite,benchmark,params,runtime,kernel,metric,unit,phase,replicates,samples,median,"
		"ci_low,ci_high,mad,p99,min,max,outliers_mild,outliers_extreme,baseline,ratio,"
		"ratio_low,ratio_high,ok,warmup,skipped,failed,timeout,status,reason,host\n"
		"s,read,,host,,latency,ns,,1,1,1.5,,,0,1.5,1.5,1.5,0,0,host,,,,1,0,0,0,0,ok,,\n"
		"s,write,,host,,latency,ns,,0,0,,,,,,,,0,0,host,,,,0,0,1,0,0,skipped,\"a, b\",\n");
	assert_int_equal(summary_write(s, *state, NULL), 0);
	again = get_file(*state, SUMMARY_FILE, &len);
	assert_string_equal(text, again);
	summary_free(s);
}

static void bad_folders(void **state)
{
	cleanup_free char *missing = path_in(*state, "missing"), *file = path_in(*state, "file");
	struct summary *s;
	struct err e = { 0 };

	assert_int_equal(summary_make(missing, &s, &e), -ENOENT);
	assert_int_equal(summary_make(*state, &s, &e), -ENOENT);
	assert_non_null(strstr(e.message, "not the folder of a run"));
	assert_non_null(strstr(e.remedy, "bench run"));
	put_file(*state, "file", "x", 1);
	assert_int_equal(summary_make(file, &s, &e), -ENOTDIR);
	put_file(*state, SAMPLES_FILE, "", 0);
	assert_int_equal(summary_make(*state, &s, &e), -ENODATA);
}

/* The order of launches is random: it must not change a number. */
static void order_does_not_matter(void **state)
{
	struct summary *a = summary_of_text(*state,
		HEADER ROW("read", "host", "1", "5") ROW("read", "host", "0", "3")
			ROW("read", "host", "0", "1") ROW("read", "host", "2", "4"));
	struct summary *b = summary_of_text(*state,
		HEADER ROW("read", "host", "0", "1") ROW("read", "host", "0", "3")
			ROW("read", "host", "1", "5") ROW("read", "host", "2", "4"));

	assert_memory_equal(&summary_cell(a, 0, 0)->median, &summary_cell(b, 0, 0)->median, 8);
	assert_memory_equal(&summary_cell(a, 0, 0)->ci, &summary_cell(b, 0, 0)->ci, 16);
	summary_free(a);
	summary_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(grid),
		in_folder(by_hand),
		in_folder(without_values),
		in_folder(other_baseline),
		in_folder(no_ratio_to_nothing),
		in_folder(rows_are_told_apart),
		in_folder(csv),
		in_folder(bad_folders),
		in_folder(order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
