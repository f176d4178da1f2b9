/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "vm" on a tiny guest, for tests that launch it. */
#ifndef BENCH_TESTS_GUEST_FIXTURE_H
#define BENCH_TESTS_GUEST_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "tests/unit/tiny_guest.h"
#include "vmm/vmm.h"

#define PATIENT 60000 /* ms: never reached by a guest that ends */
#define SHORT 1500    /* ms: for one that never ends, and has to get there */

/* A runtime whose kernel is @from..@to; the build folder is this test's parent folder. */
struct fixture {
	struct rt_config cfg;
	struct runtime *rt;
	char kernel[64], libexec[4096];
	int kernel_fd, report_fd, output_fd, error_fd;
};

static inline int fixture_open(
	struct fixture *f, const uint8_t *from, const uint8_t *to, struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", f->libexec, sizeof(f->libexec) - 1);

	assert_true(n > 0);
	f->libexec[n] = '\0';
	for (int up = 0; up < 2; up++)
		*strrchr(f->libexec, '/') = '\0';
	f->kernel_fd = guest_elf(from, to);
	snprintf(f->kernel, sizeof(f->kernel), "/proc/self/fd/%d", f->kernel_fd);
	f->report_fd = memfd_create("report", MFD_CLOEXEC);
	f->output_fd = memfd_create("output", MFD_CLOEXEC);
	f->error_fd = memfd_create("error", MFD_CLOEXEC); /* not looked at without cfg.program */
	f->cfg.libexec = f->libexec;
	f->cfg.kernel = f->kernel;
	if (!f->cfg.kernel_name)
		f->cfg.kernel_name = "hello";
	if (!f->cfg.vcpus)
		f->cfg.vcpus = 1;
	if (vm_runtime.probe(&f->cfg, e) < 0)
		SKIP(e->message);
	return vm_runtime.open(&f->cfg, &f->rt, e);
}

static inline void fixture_close(struct fixture *f)
{
	vm_runtime.close(f->rt);
	close(f->kernel_fd);
	close(f->report_fd);
	close(f->output_fd);
	close(f->error_fd);
}

static inline int launch(
	struct fixture *f, unsigned deadline_ms, struct instance **in, struct err *e)
{
	char *argv[] = { (char[]){ "workload" }, (char[]){ "--suite=a b" }, (char[]){ "x" }, NULL };
	struct job job = {
		.argv = argv,
		.deadline_ns = now_ns() + deadline_ms * UINT64_C(1000000),
		.report_fd = f->report_fd,
		.output_fd = f->output_fd,
		.error_fd = f->error_fd,
	};

	return vm_runtime.launch(f->rt, &job, in, e);
}

/* One launch, which must come as far as an outcome. */
static inline void run(struct fixture *f, unsigned deadline_ms, struct outcome *out)
{
	struct instance *in = NULL;
	struct err e = { 0 };

	*out = (struct outcome){ 0 };
	if (launch(f, deadline_ms, &in, &e) < 0 || vm_runtime.wait(in, out, &e) < 0)
		fail_msg("%s: %s", e.step, e.message);
	vm_runtime.reap(in);
}

#endif
