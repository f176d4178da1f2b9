/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/raw.h"

/*
 * What a small service does before its first answer: 256 KiB of fresh memory, every page of it
 * touched, so that pages which are brought in late (nested paging, a restored snapshot) are paid
 * for here; and some calls through the kernel's usual parts: a file, a pipe, time, the scheduler.
 */
#define WORK_PAGES 64
#define WORK_CALLS 16

long setup_startup(struct bench_ctx *c)
{
	c->mem_len = WORK_PAGES * BENCH_PAGE;
	c->mem = mmap(NULL, c->mem_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c->mem != MAP_FAILED)
		return 0;
	c->mem = NULL;
	return bench_refused(c, "mmap", -errno);
}

/* Words that depend on each other from page to page: their sum proves that all were kept. */
static uint64_t touch_pages(char *mem)
{
	uint64_t word = UINT64_C(0x9e3779b97f4a7c15), sum = 0;

	for (size_t i = 0; i < WORK_PAGES; i++) {
		word = word * UINT64_C(6364136223846793005) + i;
		memcpy(mem + i * BENCH_PAGE + i % 64 * 64, &word, sizeof(word));
	}
	for (size_t i = 0; i < WORK_PAGES; i++) {
		memcpy(&word, mem + i * BENCH_PAGE + i % 64 * 64, sizeof(word));
		sum = (sum << 7 | sum >> 57) ^ word;
	}
	return sum;
}

static long write_null(struct bench_ctx *c)
{
	long fd = raw4(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY | O_CLOEXEC, 0), r;

	if (fd < 0)
		return bench_refused(c, "open(/dev/null)", fd);
	r = raw3(SYS_write, fd, (long)c->block, sizeof(c->block));
	raw1(SYS_close, fd);
	return r == (long)sizeof(c->block) ? 0 : bench_refused(c, "write", r);
}

static long through_pipe(struct bench_ctx *c)
{
	char byte = 1;
	long r;

	for (int i = 0; i < WORK_CALLS; i++) {
		r = raw3(SYS_write, c->fd[1], (long)&byte, 1);
		if (r == 1)
			r = raw3(SYS_read, c->fd[0], (long)&byte, 1);
		if (r != 1)
			return bench_refused(c, "pipe", r);
	}
	return 0;
}

/* The result is kept in the context's block, where a caller can find it. */
long run_startup(uint64_t iterations, struct bench_ctx *c)
{
	struct timespec now;
	uint64_t sum;
	long r = 0;

	for (uint64_t i = 0; i < iterations && r >= 0; i++) {
		if (c->fd[0] < 0 && pipe2(c->fd, O_CLOEXEC) < 0)
			return bench_refused(c, "pipe2", -errno);
		sum = touch_pages(c->mem);
		r = write_null(c);
		if (r >= 0)
			r = through_pipe(c);
		raw2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now);
		raw0(SYS_sched_yield);
		memcpy(c->block, &sum, sizeof(sum));
	}
	return r < 0 ? r : 0;
}

static void tell_clock(struct report *r, const char *key, const struct timespec *t)
{
	report_info(r, key, "%" PRIu64,
		(uint64_t)t->tv_sec * UINT64_C(1000000000) + (uint64_t)t->tv_nsec);
}

int startup_run(struct report *r, const struct timespec *main_began, void (*mark_work)(void))
{
	static struct bench_ctx c; /* initialized it would be in .data: pages of the file to copy */
	struct timespec done;
	struct utsname u;
	uint64_t sum;
	long code;

	c.fd[0] = c.fd[1] = -1;
	code = setup_startup(&c);
	if (code == 0)
		code = run_startup(1, &c);
	if (mark_work)
		mark_work();
	else
		clock_gettime(CLOCK_MONOTONIC, &done);
	if (code < 0) {
		fprintf(stderr, "workload: the first work failed: %s\n", c.why);
		report_end(r, 1);
		return (int)code;
	}
	if (!mark_work) {
		tell_clock(r, "mark.main_ns", main_began);
		tell_clock(r, "mark.work_ns", &done);
	}
	memcpy(&sum, c.block, sizeof(sum));
	report_info(r, "work.sum", "%016" PRIx64, sum);
	if (uname(&u) == 0)
		report_info(r, "kernel.release", "%s", u.release);
	return report_end(r, 0);
}
