/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmrun [-r] [-H] [-n LAUNCHES] [-m MIB] [-c VCPUS] [-t SECONDS] [-k NAME] KERNEL PROGRAM LIBEXEC
 * [ARGS] -r: restored from a snapshot; -H: memory on huge pages. Boots PROGRAM as init of KERNEL
 * through the runtime "vm" alone and prints, for each launch, how it ended and the time from
 * request to main: for work on the VMM without the rest of the harness.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/vmm.h"

static const char *const kinds[] = { "exited", "signaled", "timeout", "broken" };

static void put_fact(void *ctx, const char *key, const char *value)
{
	(void)ctx;
	printf("%s: %s\n", key, value);
}

static int complain(const char *what, const struct err *e)
{
	fprintf(stderr, "%s: %s: %s%s%s\n", what, e->step, e->message, *e->remedy ? "; " : "",
		e->remedy);
	return 1;
}

static double ms(uint64_t from, uint64_t to)
{
	return to ? (double)(to - from) / 1e6 : -1;
}

static void show_report(int fd)
{
	char buf[4096];
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);

	if (n > 0) {
		buf[n] = '\0';
		printf("%s", buf);
	}
}

static int once(struct runtime *rt, char *const *argv, uint64_t seconds, struct err *e)
{
	cleanup_fd int report = memfd_create("report", MFD_CLOEXEC);
	struct job job = { .argv = argv,
		.report_fd = report,
		.output_fd = 2,
		.deadline_ns = now_ns() + seconds * NSEC_PER_SEC };
	struct outcome out = { 0 };
	struct instance *in;
	int r;

	r = ftruncate(report, REPORT_MAX);
	if (!r)
		r = vm_runtime.launch(rt, &job, &in, e);
	if (r < 0)
		return r;
	r = vm_runtime.wait(in, &out, e);
	vm_runtime.reap(in);
	if (r < 0)
		return r;
	show_report(report);
	printf("%s %d: enter %.3f init %.3f main %.3f work %.3f exit %.3f ms, user %ld.%03ld sys "
	       "%ld.%03ld "
	       "s, "
	       "%ld KiB %s\n",
		kinds[out.kind], out.code, ms(out.at[PHASE_REQUESTED], out.at[PHASE_SANDBOX]),
		ms(out.at[PHASE_REQUESTED], out.at[PHASE_INIT]),
		ms(out.at[PHASE_REQUESTED], out.at[PHASE_MAIN]),
		ms(out.at[PHASE_REQUESTED], out.at[PHASE_WORK]),
		ms(out.at[PHASE_REQUESTED], out.at[PHASE_EXIT]), out.usage.ru_utime.tv_sec,
		out.usage.ru_utime.tv_usec / 1000, out.usage.ru_stime.tv_sec,
		out.usage.ru_stime.tv_usec / 1000, out.usage.ru_maxrss, out.reason);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct rt_config cfg = { .vcpus = 1, .cancel_fd = -1, .cache = NULL };
	uint64_t launches = 1, mib = 0, vcpus = 1, seconds = 60;
	struct runtime *rt;
	struct err e;
	int opt, r = 0;

	while ((opt = getopt(argc, argv, "+rHn:m:c:t:k:")) != -1) {
		uint64_t *number = opt == 'n'   ? &launches
				   : opt == 'm' ? &mib
				   : opt == 'c' ? &vcpus
						: &seconds;

		if (opt == 'r')
			cfg.restore = true;
		else if (opt == 'H')
			cfg.huge_pages = true;
		else if (opt == 'k')
			cfg.kernel_name = optarg;
		else if (opt == '?' || parse_u64(optarg, 0, UINT32_MAX, number) < 0)
			return 2;
	}
	if (argc - optind < 3) {
		fprintf(stderr, "usage: vmrun [options] KERNEL PROGRAM LIBEXEC [ARGS]\n");
		return 2;
	}
	cfg.kernel = argv[optind];
	cfg.workload = argv[optind + 1];
	cfg.libexec = argv[optind + 2];
	cfg.mem_bytes = mib << 20;
	cfg.vcpus = (unsigned)vcpus;
	sched_getaffinity(0, sizeof(cfg.cpus), &cfg.cpus);
	if (vm_runtime.probe(&cfg, &e) < 0)
		return complain("probe", &e);
	if (vm_runtime.open(&cfg, &rt, &e) < 0)
		return complain("open", &e);
	vm_runtime.describe(rt, put_fact, NULL);
	while (launches-- && !r)
		r = once(rt, argv + optind + 2, seconds, &e);
	vm_runtime.close(rt);
	return r < 0 ? complain("launch", &e) : 0;
}
