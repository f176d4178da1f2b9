/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits around batches, with a counter of our own in place of the port. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "workloads/measure.h"
#include "workloads/report.h"
#include "workloads/suite.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* The world: what was counted so far, and what happens when. */
static struct {
	uint64_t time, n[COUNT_COUNT];
	uint64_t reading;  /* exits of one reading */
	uint64_t stray_at; /* this reading meets with 100 more; 0: none */
	uint64_t readings, befores;
	int no_kvm;
} world;

static void reset(uint64_t reading)
{
	memset(&world, 0, sizeof(world));
	world.reading = reading;
}

static void fake_read(struct counts *c)
{
	if (++world.readings == world.stray_at)
		world.n[COUNT_ALL] += 100;
	world.n[COUNT_ALL] += world.reading;
	world.n[COUNT_USER]++;
	world.n[COUNT_IO]++;
	memcpy(c->n, world.n, sizeof(c->n));
	if (world.no_kvm)
		for (int i = 0; i < COUNT_COUNT; i++)
			if (i != COUNT_USER)
				c->n[i] = COUNT_UNKNOWN;
}

static uint64_t fake_now(void)
{
	return world.time += 20;
}

/* An operation: one exit by a port, and three in all. */
static long fake_run(uint64_t iterations, struct bench_ctx *c)
{
	(void)c;
	world.time += 1000 * iterations;
	world.n[COUNT_ALL] += 3 * iterations;
	world.n[COUNT_IO] += iterations;
	world.n[COUNT_USER] += iterations;
	return 0;
}

/* Exits that belong to no operation. */
static long fake_before(struct bench_ctx *c)
{
	(void)c;
	world.befores++;
	world.n[COUNT_ALL] += 1000;
	world.n[COUNT_HALT] += 1000;
	return 0;
}

static void a_readings_own_are_left_out(void **state)
{
	static const uint64_t costs[] = { 1, 2, 7 };

	(void)state;
	for (size_t i = 0; i < ROWS(costs); i++) {
		struct tally t;

		reset(costs[i]);
		tally_begin(&t, fake_read);
		for (int k = 0; k < 5; k++) {
			tally_before(&t);
			tally_after(&t);
		}
		for (int k = 0; k < COUNT_COUNT; k++)
			assert_int_equal(t.sum[k], 0);
		tally_before(&t);
		world.n[COUNT_ALL] += 11;
		world.n[COUNT_MMIO] += 4;
		tally_after(&t);
		world.n[COUNT_MMIO] += 99; /* outside */
		tally_before(&t);
		world.n[COUNT_ALL] += 1;
		tally_after(&t);
		assert_int_equal(t.sum[COUNT_ALL], 12);
		assert_int_equal(t.sum[COUNT_MMIO], 4);
		assert_int_equal(t.sum[COUNT_IO], 0);
		assert_int_equal(t.sum[COUNT_USER], 0);
	}
}

/* A tick of the host's clock in one of the readings by which their cost is found, any of them. */
static void a_stray_exit_does_not_make_readings_dear(void **state)
{
	(void)state;
	for (uint64_t at = 1; at <= 8; at++) {
		struct tally t;

		reset(1);
		world.stray_at = at;
		tally_begin(&t, fake_read);
		tally_before(&t);
		world.n[COUNT_ALL] += 5;
		tally_after(&t);
		assert_int_equal(t.sum[COUNT_ALL], 5);
	}
}

static void unknown_stays_unknown(void **state)
{
	struct tally t;

	(void)state;
	reset(1);
	world.no_kvm = 1;
	tally_begin(&t, fake_read);
	tally_before(&t);
	world.n[COUNT_USER] += 6;
	tally_after(&t);
	for (int i = 0; i < COUNT_COUNT; i++)
		assert_int_equal(t.sum[i], i == COUNT_USER ? 6 : COUNT_UNKNOWN);
}

static const struct args wishes = { .batch_ns = 1000000, .budget_ns = 10000000, .batches = 5 };

static void batches_are_counted_and_what_is_before_them_is_not(void **state)
{
	struct benchmark b = { .run = fake_run, .before = fake_before };
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(2);
	struct meter m = meter_new(fake_now, &wishes);

	m.count = fake_read;
	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(r.batches, 5);
	assert_int_equal(r.exits.sum[COUNT_ALL], 3 * r.batches * r.iterations);
	assert_int_equal(r.exits.sum[COUNT_IO], r.batches * r.iterations);
	assert_int_equal(r.exits.sum[COUNT_USER], r.batches * r.iterations);
	assert_int_equal(r.exits.sum[COUNT_HALT], 0);
	assert_true(world.befores > r.batches);
}

/* What can be had but once: its only batch is counted like any other. */
static void once_is_counted(void **state)
{
	struct benchmark b = {
		.run = fake_run, .before = fake_before, .max_iterations = 64, .once = 1
	};
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(2);
	struct meter m = meter_new(fake_now, &wishes);

	m.count = fake_read;
	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(r.exits.sum[COUNT_ALL], 3 * 64);
	assert_int_equal(r.exits.sum[COUNT_IO], 64);
	assert_int_equal(world.befores, 1);
}

static void nobody_counts_nobody_asks(void **state)
{
	struct benchmark b = { .run = fake_run };
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(2);
	struct meter m = meter_new(fake_now, &wishes);

	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(world.readings, 0);
	assert_null(r.exits.read);
}

static char sent[1 << 16];

static int keep(struct report *r, const char *buf, size_t len)
{
	size_t used = strlen(sent);

	(void)r;
	assert_true(used + len < sizeof(sent));
	memcpy(sent + used, buf, len);
	sent[used + len] = '\0';
	return 0;
}

/* One row of the suite, by the program's own way, and what it reports. */
static void report_of_a_row(counts_read_fn *count)
{
	static struct report report;
	const struct args a = { .suite = "exits",
		.filter = "getppid",
		.batch_ns = 1000,
		.budget_ns = 1000,
		.batches = 3 };
	const struct cpus cpus = { .count = 1 };
	struct suite_plan plan;
	struct meter m = meter_new(meter_clock, &a);
	char why[200];

	sent[0] = '\0';
	m.count = count;
	assert_int_equal(suite_plan(&plan, &a, why, sizeof(why)), 0);
	report_open(&report, keep, -1);
	suite_run(&plan, &m, &cpus, &report, NULL);
	assert_int_equal(report_end(&report, 0), 0);
}

static unsigned lines_with(const char *text)
{
	unsigned n = 0;

	for (const char *p = sent; (p = strstr(p, text)); p++)
		n++;
	return n;
}

static void records_of_a_row(void **state)
{
	(void)state;
	reset(1);
	report_of_a_row(fake_read);
	assert_int_equal(lines_with("\nsample\t"), 3);
	assert_int_equal(lines_with("\nvalue\tgetppid\t\texits"), COUNT_COUNT);
	assert_int_equal(lines_with("\nvalue\tgetppid\t\texits\tcount\t"), 1);
	assert_int_equal(lines_with("\nvalue\tgetppid\t\texits-halt\tcount\t"), 1);
	reset(1);
	world.no_kvm = 1;
	report_of_a_row(fake_read);
	assert_int_equal(lines_with("\nvalue\t"), 1);
	assert_int_equal(lines_with("\nvalue\tgetppid\t\texits-user\tcount\t"), 1);
	report_of_a_row(NULL);
	assert_int_equal(lines_with("\nvalue\t"), 0);
	assert_int_equal(lines_with("\nsample\t"), 3);
}

/* Each ends as a metric in files and headings (report_abi.h). */
static void metrics_are_words(void **state)
{
	(void)state;
	for (int i = 0; i < COUNT_COUNT; i++) {
		const char *m = counts_metrics[i];

		assert_int_equal(strncmp(m, "exits", 5), 0);
		assert_int_equal(strspn(m, "abcdefghijklmnopqrstuvwxyz-"), strlen(m));
		assert_true(strlen(m) < REPORT_METRIC_MAX);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(m, counts_metrics[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_readings_own_are_left_out),
		cmocka_unit_test(a_stray_exit_does_not_make_readings_dear),
		cmocka_unit_test(unknown_stays_unknown),
		cmocka_unit_test(batches_are_counted_and_what_is_before_them_is_not),
		cmocka_unit_test(once_is_counted),
		cmocka_unit_test(nobody_counts_nobody_asks),
		cmocka_unit_test(records_of_a_row),
		cmocka_unit_test(metrics_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
