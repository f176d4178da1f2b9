/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload: one static program that is a plain child, process 1 of a
 * container, or the init of a guest, and measures the same in each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "workloads/args.h"
#include "workloads/cpus.h"
#include "workloads/exec.h"
#include "workloads/guest_init.h"
#include "workloads/info.h"
#include "workloads/measure.h"
#include "workloads/report.h"
#include "workloads/room.h"
#include "workloads/startup.h"
#include "workloads/suite.h"
#include "workloads/workdir.h"

/* A benchmark that fails is a record of the report, not a failure of the program. */
enum status {
	STATUS_OK,     /* the report is complete */
	STATUS_BROKEN, /* it could not be made, or not whole */
	STATUS_USAGE,
};

static void mark_work(void)
{
	guest_mark(MARK_WORK, 0);
}

static void open_report(struct report *r, int guest)
{
	if (guest)
		report_open(r, report_to_port, -1);
	else
		report_open(r, report_to_fd, report_default_fd());
}

static int refuse(struct report *r, const char *why)
{
	fprintf(stderr, "workload: %s\n", why);
	args_usage(stderr);
	report_end(r, STATUS_USAGE);
	return STATUS_USAGE;
}

static int measure_suite(
	struct report *r, const struct args *a, const struct suite_plan *plan, int guest)
{
	const struct cpus cpus = cpus_pin();
	const struct meter m = meter_new(meter_clock, a);
	int code = workdir_enter(a->tmp);

	if (code < 0) {
		fprintf(stderr, "workload: cannot work in %s: %s\n", a->tmp ? a->tmp : "/tmp",
			strerror(-code));
		report_end(r, STATUS_BROKEN);
		return STATUS_BROKEN;
	}
	room_set_limit(a->mem_limit);
	report_info(r, "args.seed", "%" PRIu64, a->seed);
	info_report(r, &m, &cpus);

	suite_run(plan, &m, &cpus, r, guest ? mark_work : NULL);
	code = report_end(r, STATUS_OK);
	if (code < 0)
		fprintf(stderr, "workload: the report is incomplete: %s\n", strerror(-code));
	return code < 0 ? STATUS_BROKEN : STATUS_OK;
}

static int work(int argc, char **argv, int guest, const struct timespec *entered)
{
	static struct report report;
	static struct suite_plan plan;
	struct args args;
	char why[200];

	open_report(&report, guest);
	if (args_parse(&args, argc, argv, why, sizeof(why)) < 0)
		return refuse(&report, why);
	if (args.help || args.list) {
		args.help ? args_usage(stdout) : suite_list(stdout);
		return STATUS_OK;
	}
	if (suite_plan(&plan, &args, why, sizeof(why)) < 0)
		return refuse(&report, why);
	if (args.clone_check)
		guest_report_clone(&report);
	if (strcmp(args.suite, SUITE_STARTUP) == 0)
		return startup_run(&report, entered, guest ? mark_work : NULL) < 0 ? STATUS_BROKEN
										   : STATUS_OK;
	if (!guest) /* where the launcher's clock is ours too: its PHASE_MAIN */
		report_info(&report, "mark.main_ns", "%" PRIu64,
			(uint64_t)entered->tv_sec * UINT64_C(1000000000) +
				(uint64_t)entered->tv_nsec);
	return measure_suite(&report, &args, &plan, guest);
}

static int exec_program(void)
{
	static struct report report;

	open_report(&report, 1);
	return exec_run(&report);
}

int main(int argc, char **argv)
{
	const int guest = guest_enter();
	struct timespec entered;
	int exec = 0;

	if (argc == 2 && strcmp(argv[1], ARG_TRUE) == 0)
		return STATUS_OK;
	clock_gettime(CLOCK_MONOTONIC, &entered);
	if (guest) {
		argc = guest_args(argc, argv);
		exec = argc == 2 && strcmp(argv[1], ARG_EXEC) == 0;
		guest_setup(!exec);
		if (guest_ready(&argc, &argv) < 0) /* the same program again, where restored */
			guest_exit(STATUS_BROKEN);
	}
	int status = exec ? exec_program() : work(argc, argv, guest, &entered);

	if (guest) {
		fflush(NULL); /* nobody returns from here */
		guest_exit(status);
	}
	return status;
}
