/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_null.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/suites.h"

#define BATCHES 5
#define ITERATIONS 1000

struct runtime {
	struct rt_config cfg;
};

struct instance {
	const struct runtime *rt;
	const char *mode;
	uint64_t requested_ns;
	uint64_t deadline_ns;
};

static int null_probe(const struct rt_config *cfg, struct err *e)
{
	(void)cfg;
	(void)e;
	return 0;
}

static int null_open(const struct rt_config *cfg, struct runtime **rt, struct err *e)
{
	*rt = malloc(sizeof(**rt));
	if (!*rt)
		return err_set(e, -ENOMEM, "null", "out of memory");
	(*rt)->cfg = *cfg;
	return 0;
}

/* The value of --@key= among the workload's arguments, or NULL. */
static const char *argument(char *const *argv, const char *key)
{
	size_t len = strlen(key);

	for (; *argv; argv++) {
		if (!strncmp(*argv, "--", 2) && !strncmp(*argv + 2, key, len) &&
			(*argv)[2 + len] == '=')
			return *argv + 3 + len;
	}
	return NULL;
}

static void write_bench(FILE *f, const struct bench *b, const char *mode, const gsl_rng *rng)
{
	fprintf(f, "begin\t%s\t%s\n", b->name, b->params);
	if (!strcmp(mode, "skip") || !strcmp(mode, "fail")) {
		fprintf(f, "%s\t%s\t%s\tmade up by the null runtime\n", mode, b->name, b->params);
		return;
	}
	for (int i = 0; i < BATCHES; i++) {
		double ns = 100.0 * gsl_ran_lognormal(rng, 0.0, 0.05);

		fprintf(f, "sample\t%s\t%s\t%d\t%d\t%.0f\t%d\n", b->name, b->params, i, ITERATIONS,
			(ns + 0.3) * ITERATIONS, ITERATIONS * 3 / 10);
	}
}

/* The whole made-up report; a crash or a short one ends half-way. */
static int write_report(FILE *f, char *const *argv, const char *mode, struct err *e)
{
	const char *suite = argument(argv, "suite"), *filter = argument(argv, "filter");
	const char *seed = argument(argv, "seed");
	bool half = !strcmp(mode, "crash") || !strcmp(mode, "short") || !strcmp(mode, "garbage");
	gsl_rng *rng;
	size_t left;

	if (!suite)
		return err_set(e, -EINVAL, "null", "no suite in the workload's arguments");
	left = suite_count(suite, filter);
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!rng)
		return err_set(e, -ENOMEM, "null", "out of memory");
	gsl_rng_set(rng, seed ? strtoul(seed, NULL, 10) : 1);
	if (half)
		left = (left + 1) / 2;
	fprintf(f, "%s\t%d\ninfo\tkernel.sysname\tLinux\n", REPORT_MAGIC, REPORT_VERSION);
	for (size_t i = 0; i < n_benches && left; i++) {
		if (strcmp(benches[i].suite, suite) || !bench_matches(&benches[i], filter))
			continue;
		write_bench(f, &benches[i], mode, rng);
		left--;
	}
	if (!strcmp(mode, "garbage"))
		fputs("\x1b[31mthis is no report\n", f);
	else if (strcmp(mode, "crash"))
		fputs("end\t0\n", f);
	gsl_rng_free(rng);
	return fflush(f) == 0 && !ferror(f) ? 0
					    : err_sys(e, "write", "the report of the null runtime");
}

static int null_launch(
	struct runtime *rt, const struct job *job, struct instance **in, struct err *e)
{
	const char *mode = getenv("BENCH_NULL");
	cleanup_free struct instance *new = calloc(1, sizeof(*new));
	cleanup_file FILE *f = NULL;
	int fd, r;

	if (!new)
		return err_set(e, -ENOMEM, "null", "out of memory");
	new->rt = rt;
	new->mode = mode ? mode : "";
	new->requested_ns = now_ns();
	new->deadline_ns = job->deadline_ns;
	if (!strcmp(new->mode, "refuse"))
		return err_set(e, -EACCES, "null", "the null runtime was told to refuse");
	fd = dup(job->report_fd);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		close_fd(&fd);
		return err_sys(e, "fdopen", "the report of the null runtime");
	}
	r = write_report(f, job->argv, new->mode, e);
	if (r < 0)
		return r;
	*in = steal_pointer(&new);
	return 0;
}

static int null_wait(struct instance *in, struct outcome *out, struct err *e)
{
	*out = (struct outcome){ .kind = OUTCOME_EXITED };
	out->at[PHASE_REQUESTED] = in->requested_ns;
	out->at[PHASE_PROCESS] = out->at[PHASE_SANDBOX] = in->requested_ns;
	out->at[PHASE_MAIN] = out->at[PHASE_WORK] = now_ns();
	if (!strcmp(in->mode, "disorder"))
		out->at[PHASE_WORK] = in->requested_ns - 1;
	if (!strcmp(in->mode, "hang")) {
		struct pollfd p = { .fd = in->rt->cfg.cancel_fd, .events = POLLIN };
		uint64_t now = now_ns();

		if (in->deadline_ns > now &&
			poll(&p, 1, (int)((in->deadline_ns - now) / 1000000)) > 0)
			return err_set(e, -ECANCELED, "wait", "interrupted");
		out->kind = OUTCOME_TIMEOUT;
		snprintf(out->reason, sizeof(out->reason), "still running at the deadline, killed");
	}
	if (!strcmp(in->mode, "crash")) {
		out->kind = OUTCOME_SIGNALED;
		out->code = SIGSEGV;
		snprintf(out->reason, sizeof(out->reason), "killed by signal %d (%s)", SIGSEGV,
			strsignal(SIGSEGV));
	}
	out->at[PHASE_EXIT] = now_ns();
	return 0;
}

static void null_reap(struct instance *in)
{
	free(in);
}

static void null_close(struct runtime *rt)
{
	free(rt);
}

const struct runtime_ops null_runtime = {
	.name = "null",
	.summary = "runs nothing and makes up a report: tests the harness",
	.caps = RT_HIDDEN,
	.probe = null_probe,
	.open = null_open,
	.launch = null_launch,
	.wait = null_wait,
	.reap = null_reap,
	.close = null_close,
};
