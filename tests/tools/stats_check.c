/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "make stats-check": do the statistics hold what they promise (docs/statistics.md)? On made-up
 * launches, of which the truth is known, and on recorded ones, which nobody has made smooth:
 *
 *   null       two groups from the same population: how often is a difference found?
 *   drift      the same of recorded launches in the order in which they were measured
 *   family     the whole of "bench compare" on two runs of equal cells: is any called different?
 *   interval   how often does the 95 % interval of a ratio hold the true ratio?
 *   power      is a difference that is there found? (A test that never rejects passes the others.)
 *
 * All seeds are fixed: the same table everywhere, and no luck involved in passing twice. Bounds
 * leave room for the noise of so many repetitions and no more. Exit status 1 where one is broken.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/permute.h"
#include "base/stats.h"
#include "base/util.h"
#include "results/compare.h"
#include "results/samples.h"
#include "results/summary.h"

#define LAUNCHES 10 /* what "bench run" does by default */
#define MAX_LAUNCHES 40
#define MAX_RECORDED 16
#define NULLS 200
#define NULLS_MANY 5000
#define FAMILIES 200
#define INTERVALS 8000 /* of 2000 alone the noise, 0.4 points, is too much beside a bound of 2 */
#define INTERVALS_OTHER 300
#define POWERS 2000
#define SLOWER 1.1 /* the true ratio of intervals and power */
#define SEED 20260102

/* A population of launches: made up, or the recorded ones of a cell. Their median needs not be
 * known: that of others, which are all so many times as long, is as many times as much. */
struct population {
	char name[80];
	double (*draw)(gsl_rng *rng);
	const struct summary_group *recorded;
};

static double draw_normal(gsl_rng *rng)
{
	return 100 + gsl_ran_gaussian(rng, 5);
}

static double draw_lognormal(gsl_rng *rng)
{
	return 100 * gsl_ran_lognormal(rng, 0, 0.5);
}

/* As where a launch lands on a fast or on a slow CPU, or in a lucky or unlucky layout. */
#define MODE_PART 0.7
static double draw_bimodal(gsl_rng *rng)
{
	return gsl_rng_uniform(rng) < MODE_PART ? 100 + gsl_ran_gaussian(rng, 2)
						: 150 + gsl_ran_gaussian(rng, 3);
}

static struct population populations[3 + MAX_RECORDED] = {
	{ .name = "normal, sd 5 %", .draw = draw_normal },
	{ .name = "lognormal, sigma 0.5", .draw = draw_lognormal },
	{ .name = "bimodal, 70 % at 1, 30 % at 1.5", .draw = draw_bimodal },
};
static size_t n_populations = 3;
static unsigned broken;

static void add_recorded(const struct summary *s)
{
	for (size_t i = 0; i < s->n_groups && n_populations < ARRAY_SIZE(populations); i++) {
		const struct summary_row *row = &s->rows[s->groups[i].row];
		struct population *p = &populations[n_populations];

		if (s->groups[i].n_replicates < 2 * LAUNCHES)
			continue; /* no two groups without a launch in common */
		n_populations++;

		p->recorded = &s->groups[i];
		snprintf(p->name, sizeof(p->name), "recorded: %.20s %.12s%.12s", row->benchmark,
			row->params, row->phase);
	}
}

/* @n launches, with replacement. */
static void draw(const struct population *p, gsl_rng *rng, double *out, size_t n, double times)
{
	for (size_t i = 0; i < n; i++) {
		const struct summary_group *g = p->recorded;

		out[i] = times * (g ? g->replicates[gsl_rng_uniform_int(rng, g->n_replicates)]
				    : p->draw(rng));
	}
}

/* Two groups of a null comparison: of recorded launches, no launch is in both. */
static void draw_two(const struct population *p, gsl_rng *rng, double *a, double *b, size_t n)
{
	double both[2 * MAX_LAUNCHES];

	if (p->recorded)
		gsl_ran_choose(rng, both, 2 * n, p->recorded->replicates, p->recorded->n_replicates,
			sizeof(double));
	else
		draw(p, rng, both, 2 * n, 1);
	if (p->recorded)
		gsl_ran_shuffle(rng, both, 2 * n, sizeof(double));
	memcpy(a, both, n * sizeof(double));
	memcpy(b, both + n, n * sizeof(double));
}

static gsl_rng *generator(unsigned long seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (!rng)
		abort();
	gsl_rng_set(rng, seed);
	return rng;
}

static const char *judge(bool good)
{
	broken += !good;
	return good ? "ok" : "BROKEN";
}

static double p_of(const double *a, const double *b, size_t n)
{
	double p;

	if (permute_test(a, n, b, n, SEED, &p, NULL) < 0)
		abort();
	return p;
}

/*
 * What chance alone may do: were each of @n rejected with probability 0.05, at most so many would
 * be in 999 of 1000 cases.
 */
static unsigned most(unsigned n)
{
	unsigned k = n / 20;

	while (gsl_cdf_binomial_P(k, 0.05, n) < 0.999)
		k++;
	return k;
}

static unsigned rejections(const struct population *p, gsl_rng *rng, unsigned n)
{
	double a[LAUNCHES], b[LAUNCHES];
	unsigned rejected = 0;

	for (unsigned i = 0; i < n; i++) {
		draw_two(p, rng, a, b, LAUNCHES);
		rejected += p_of(a, b, LAUNCHES) <= COMPARE_LEVEL;
	}
	return rejected;
}

static void check_null(void)
{
	gsl_rng *rng = generator(SEED);
	unsigned all_few = 0, all_many = 0;

	printf("\nnull: p <= 0.05 in %d comparisons of %d against %d launches of one population "
	       "(at most %u may be, by chance), and in %d (at most %u)\n",
		NULLS, LAUNCHES, LAUNCHES, most(NULLS), NULLS_MANY, most(NULLS_MANY));
	for (size_t i = 0; i < n_populations; i++) {
		unsigned few = rejections(&populations[i], rng, NULLS);
		unsigned many = rejections(&populations[i], rng, NULLS_MANY);

		all_few += few;
		all_many += many;

		printf("  %-34s %3u (%4.1f %%)  %5u (%4.2f %%)  %s\n", populations[i].name, few,
			100.0 * few / NULLS, many, 100.0 * many / NULLS_MANY,
			judge(few <= most(NULLS) && many <= most(NULLS_MANY)));
	}
	/* Of so many there is no room for chance to be left: the promise itself is the bound. */
	printf("  %-34s %3u (%4.1f %%)  %5u (%4.2f %%)  %s\n", "all (the many: 5 % or less)",
		all_few, 100.0 * all_few / (double)(NULLS * n_populations), all_many,
		100.0 * all_many / (double)(NULLS_MANY * n_populations),
		judge(all_few <= most(NULLS * (unsigned)n_populations) &&
			all_many <= NULLS_MANY * n_populations / 20));
	gsl_rng_free(rng);
}

/*
 * Recorded launches not dealt out at random, but ten and then the next ten, as two runs are one
 * after the other: what is found more often than above is how the machine drifted, which is there.
 */
static void show_drift(void)
{
	printf("\ndrift: p <= 0.05 between %d launches and the next %d, at every place of the "
	       "recorded ones; not judged, it is the machine's\n",
		LAUNCHES, LAUNCHES);
	for (size_t i = 0; i < n_populations; i++) {
		const struct summary_group *g = populations[i].recorded;
		unsigned n = 0, rejected = 0;

		for (size_t k = 0; g && k + 2 * LAUNCHES <= g->n_replicates; k++, n++)
			rejected += p_of(g->replicates + k, g->replicates + k + LAUNCHES,
					    LAUNCHES) <= COMPARE_LEVEL;
		if (n)
			printf("  %-34s %3u of %u (%4.1f %%)\n", populations[i].name, rejected, n,
				100.0 * rejected / n);
	}
}

/* A run with a cell for each population, written as a run is. */
static void write_run(const char *dir, double values[][LAUNCHES])
{
	struct samples_writer *w = NULL;
	struct sample s = { .run_id = "made-up",
		.suite = "check",
		.params = "",
		.runtime = "host",
		.kernel = "",
		.phase = "",
		.iterations = 1,
		.metric = "latency",
		.unit = "ns",
		.reason = "" };

	if (make_dirs(dir) < 0 || samples_create(dir, &w, NULL) < 0)
		abort();
	for (size_t i = 0; i < n_populations; i++) {
		s.benchmark = populations[i].name;
		for (s.replicate = 0; s.replicate < LAUNCHES; s.replicate++) {
			s.value = values[i][s.replicate];
			if (samples_append(w, &s, NULL) < 0)
				abort();
		}
	}
	samples_close(w);
}

/* Of cells that are all equal, or all slower by SLOWER: how many are called different? */
static size_t differences(const char *dir, gsl_rng *rng, double times)
{
	const struct compare_options o = { NAN, NAN };
	cleanup_free char *a = format_text("%s/a", dir), *b = format_text("%s/b", dir);
	double values[2][3 + MAX_RECORDED][LAUNCHES];
	struct comparison *c = NULL;
	struct err e;
	size_t n;

	for (size_t i = 0; i < n_populations; i++) {
		draw_two(&populations[i], rng, values[0][i], values[1][i], LAUNCHES);
		for (size_t k = 0; k < LAUNCHES; k++)
			values[1][i][k] *= times;
	}
	if (!a || !b)
		abort();
	write_run(a, values[0]);
	write_run(b, values[1]);
	if (compare_make(a, b, &o, &c, &e) < 0) {
		fprintf(stderr, "stats_check: %s\n", e.message);
		exit(1);
	}
	n = c->count[VERDICT_MORE] + c->count[VERDICT_LESS];
	compare_free(c);
	remove_tree(a);
	remove_tree(b);
	return n;
}

static void check_family(const char *dir)
{
	gsl_rng *rng = generator(SEED + 1);
	unsigned wrong = 0;

	for (unsigned i = 0; i < FAMILIES; i++)
		wrong += differences(dir, rng, 1) > 0;
	printf("\nfamily: of %d times \"bench compare\" with two runs of %zu equal cells, any "
	       "difference was found in (at most %u, by chance)\n  %-34s %3u (%4.1f %%)  %s\n",
		FAMILIES, n_populations, most(FAMILIES), "all of the above at once", wrong,
		100.0 * wrong / FAMILIES, judge(wrong <= most(FAMILIES)));
	gsl_rng_free(rng);
}

static double coverage(const struct population *p, gsl_rng *rng, size_t n, unsigned rounds)
{
	double a[MAX_LAUNCHES], b[MAX_LAUNCHES];
	unsigned hits = 0;

	for (unsigned i = 0; i < rounds; i++) {
		struct interval ci;

		draw(p, rng, a, n, 1);
		draw(p, rng, b, n, SLOWER);
		if (stats_bootstrap_ratio(b, n, a, n, SEED + i, &ci, NULL) < 0)
			abort();
		/* Recorded values end at some digit, and so does the ratio of two of them. */
		hits += ci.low <= SLOWER * (1 + 1e-12) && SLOWER * (1 - 1e-12) <= ci.high;
	}
	return 100.0 * hits / rounds;
}

static void check_interval(void)
{
	static const size_t others[] = { 3, 5, 20 };
	gsl_rng *rng = generator(SEED + 2);

	printf("\ninterval: %% of the 95 %% intervals of a ratio that hold the true one, by "
	       "launches "
	       "a side: %d intervals of %d launches of the made-up ones (must be 95 +- 2), %d of "
	       "the others\n  %-34s %7s",
		INTERVALS, LAUNCHES, INTERVALS_OTHER, "", "10");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		printf(" %5zu", others[i]);
	printf("\n");
	for (size_t i = 0; i < n_populations; i++) {
		double ten = coverage(&populations[i], rng, LAUNCHES,
			populations[i].recorded ? INTERVALS_OTHER : INTERVALS);

		printf("  %-34s %7.2f", populations[i].name, ten);
		for (size_t k = 0; k < ARRAY_SIZE(others); k++)
			printf(" %5.1f",
				coverage(&populations[i], rng, others[k], INTERVALS_OTHER));
		printf("  %s\n", populations[i].recorded ? "-" : judge(fabs(ten - 95) <= 2));
		fflush(stdout);
	}
	gsl_rng_free(rng);
}

/* Of the narrow population only: how much is found in a wide one is a matter of its width. */
static void check_power(void)
{
	gsl_rng *rng = generator(SEED + 3);

	printf("\npower: %% of %d comparisons in which %g times slower is found, alone (the first: "
	       "at least 90)\n",
		POWERS, SLOWER);
	for (size_t i = 0; i < n_populations; i++) {
		double a[LAUNCHES], b[LAUNCHES], percent;
		unsigned found = 0;

		for (unsigned k = 0; k < POWERS; k++) {
			draw(&populations[i], rng, a, LAUNCHES, 1);
			draw(&populations[i], rng, b, LAUNCHES, SLOWER);
			found += p_of(a, b, LAUNCHES) <= COMPARE_LEVEL;
		}
		percent = 100.0 * found / POWERS;
		printf("  %-34s %5.1f  %s\n", populations[i].name, percent,
			i ? "-" : judge(percent >= 90));
	}
	gsl_rng_free(rng);
}

int main(int argc, char **argv)
{
	struct summary *s = NULL;
	char work[] = "/tmp/bench-stats-XXXXXX";
	struct err e;

	if (argc != 2) {
		fprintf(stderr, "usage: stats_check FOLDER-OF-A-RECORDED-RUN\n");
		return 2;
	}
	if (summary_make(argv[1], &s, &e) < 0 || !mkdtemp(work)) {
		fprintf(stderr, "stats_check: %s\n", s ? "no temporary folder" : e.message);
		return 1;
	}
	add_recorded(s);
	check_null();
	show_drift();
	check_family(work);
	check_interval();
	check_power();
	remove_tree(work);
	summary_free(s);
	printf("\n%s\n", broken ? "BROKEN" : "all within their bounds");
	return broken ? 1 : 0;
}
