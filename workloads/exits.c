/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes a guest leave, one kind of exit a benchmark: cpuid and port-write are in boundary.c, a
 * sleep in time.c. Where there is no hypervisor of ours underneath, a benchmark that has no meaning
 * says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/bench.h"
#include "workloads/boundary.h"
#include "workloads/counts.h"
#include "workloads/guest_init.h"
#include "workloads/raw.h"

static long not_here(struct bench_ctx *c, const char *why)
{
	strncpy(c->why, why, sizeof(c->why) - 1);
	return -EOPNOTSUPP;
}

/* --- memory where a device may be --- */

/* On a real machine there may be something at that address: only in a guest of ours. */
long setup_mmio(struct bench_ctx *c)
{
	if (!guest_id)
		return not_here(c, "no VMM that answers for memory where no device is");
	c->fd[0] = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	if (c->fd[0] < 0)
		return bench_refused(c, "open(/dev/mem)", -errno);
	c->mem_len = BENCH_PAGE;
	c->mem = mmap(NULL, c->mem_len, PROT_READ, MAP_SHARED, c->fd[0], NOWHERE_ADDRESS);
	if (c->mem != MAP_FAILED)
		return 0;
	c->mem = NULL;
	return bench_refused(c, "mmap(/dev/mem)", -errno);
}

long run_mmio_read(uint64_t iterations, struct bench_ctx *c)
{
	const volatile uint32_t *const nowhere = (const volatile void *)c->mem;

	for (uint64_t i = 0; i < iterations; i++)
		if (unlikely(*nowhere != UINT32_MAX))
			return bench_refused(c, "a read where nothing is", -EIO);
	return 0;
}

/* --- a hypercall --- */

/*
 * Each vendor has its own instruction. KVM would rewrite the other one's in place (it does so for
 * old guests), and the page it is in is shared with the page cache.
 */
enum hypercall { HYPERCALL_NONE, HYPERCALL_INTEL, HYPERCALL_AMD };
static enum hypercall instruction;
static sigjmp_buf no_instruction;

/* A number that KVM does not know; it does not come so far, since ring 3 may call none
 * (-KVM_EPERM). */
#define HYPERCALL_NUMBER 0x62656e63

static inline long hypercall(enum hypercall how)
{
	long result = HYPERCALL_NUMBER;

	if (how == HYPERCALL_AMD)
		__asm__ volatile("vmmcall" : "+a"(result) : "b"(0), "c"(0), "d"(0), "S"(0));
	else
		__asm__ volatile("vmcall" : "+a"(result) : "b"(0), "c"(0), "d"(0), "S"(0));
	return result;
}

static enum hypercall of_this_cpu(void)
{
	static const struct {
		const char *vendor; /* CPUID leaf 0: ebx, edx, ecx */
		enum hypercall how;
	} vendors[] = {
		{ "GenuineIntel", HYPERCALL_INTEL },
		{ "AuthenticAMD", HYPERCALL_AMD },
		{ "HygonGenuine", HYPERCALL_AMD },
	};
	uint32_t r[4];

	if (!cpuid_allowed())
		return HYPERCALL_NONE;
	cpuid(0, r);
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (!memcmp(&r[1], vendors[i].vendor, 4) &&
			!memcmp(&r[3], vendors[i].vendor + 4, 4) &&
			!memcmp(&r[2], vendors[i].vendor + 8, 4))
			return vendors[i].how;
	return HYPERCALL_NONE;
}

static void on_bad_instruction(int sig)
{
	siglongjmp(no_instruction, sig);
}

/* Once under guard: where nobody takes it, it is an instruction that does not exist. */
static int hypercall_faults(void)
{
	static const int signals[] = { SIGILL, SIGSEGV };
	struct sigaction guard = { .sa_handler = on_bad_instruction }, old[2];
	int sig;

	for (int i = 0; i < 2; i++)
		sigaction(signals[i], &guard, &old[i]);
	sig = sigsetjmp(no_instruction, 1);
	if (!sig)
		hypercall(instruction);
	for (int i = 0; i < 2; i++)
		sigaction(signals[i], &old[i], NULL);
	return sig;
}

long setup_hypercall(struct bench_ctx *c)
{
	if (!guest_id)
		return not_here(c, "no VMM of ours underneath that a hypercall would go to");
	instruction = of_this_cpu();
	if (instruction == HYPERCALL_NONE)
		return not_here(c, "no hypercall instruction is known for this CPU's vendor");
	if (hypercall_faults())
		return not_here(c, "the hypercall instruction does not exist here");
	return 0;
}

long run_hypercall(uint64_t iterations, struct bench_ctx *c)
{
	(void)c;
	if (instruction == HYPERCALL_AMD)
		for (uint64_t i = 0; i < iterations; i++)
			hypercall(HYPERCALL_AMD);
	else
		for (uint64_t i = 0; i < iterations; i++)
			hypercall(HYPERCALL_INTEL);
	return 0;
}

/* --- a page that was never used --- */

/*
 * What a guest's kernel gets back it gives out again first, and the host has backed it long ago. So
 * no page of this area is used twice: each batch takes the next FRESH_STEP of it. And in a guest
 * the area begins where the kernel's stock of used pages ends, which its own exits tell.
 */
#define FRESH_STEP 128 /* pages: max_iterations of the row */
#define FRESH_STEPS 32 /* batches that there are pages for */
#define FRESH_ROW 8    /* steps of fresh pages one after the other: no mere island of them */
#define FRESH_SPARE 32 /* steps that are left to the rest of the system */

static size_t fresh_at; /* the next step */

static long map_fresh(struct bench_ctx *c)
{
	const size_t step_bytes = (size_t)FRESH_STEP * BENCH_PAGE;
	struct sysinfo memory;
	size_t steps;

	steps = sysinfo(&memory) < 0 ? 0 : memory.freeram * memory.mem_unit / step_bytes;
	if (steps < 2 * FRESH_STEPS)
		return not_here(c, "needs 32 MiB of free memory: more with --mem MIB");
	return bench_map_small(
		c, (guest_id ? steps - FRESH_SPARE : FRESH_STEPS) * step_bytes, MAP_NORESERVE);
}

/* Touch the next step; did nearly all of its pages make the host's page tables grow? */
static int was_fresh(struct bench_ctx *c)
{
	struct counts before, after;

	counts_read(&before);
	for (size_t i = 0; i < FRESH_STEP; i++)
		((volatile char *)c->mem)[(fresh_at * FRESH_STEP + i) * BENCH_PAGE] = 1;
	fresh_at++;
	counts_read(&after);
	return after.n[COUNT_PAGE_FAULT] - before.n[COUNT_PAGE_FAULT] > FRESH_STEP * 9 / 10;
}

/* Of a guest: go on to where its memory is fresh. */
static long find_fresh(struct bench_ctx *c)
{
	struct counts now;
	unsigned in_a_row = 0;

	counts_read(&now);
	if (now.n[COUNT_PAGE_FAULT] == COUNT_UNKNOWN)
		return not_here(
			c, "this KVM counts no page faults, by which fresh memory is known");
	while ((in_a_row = was_fresh(c) ? in_a_row + 1 : 0) < FRESH_ROW)
		if ((fresh_at + FRESH_STEPS) * FRESH_STEP * BENCH_PAGE > c->mem_len)
			return not_here(c,
				"no free memory has a page fault of the host for each page: the "
				"guest has used all of it, or the host gives bigger pages; more "
				"with --mem MIB");
	return 0;
}

long setup_fresh_touch(struct bench_ctx *c)
{
	long r = map_fresh(c);

	fresh_at = 0;
	return r < 0 || !guest_id ? r : find_fresh(c);
}

long before_fresh_touch(struct bench_ctx *c)
{
	if (++fresh_at * FRESH_STEP * BENCH_PAGE > c->mem_len)
		return not_here(c, "more batches than there are fresh pages: fewer with --batches");
	return 0;
}

long run_fresh_touch(uint64_t iterations, struct bench_ctx *c)
{
	volatile char *const mem = c->mem + (fresh_at - 1) * FRESH_STEP * BENCH_PAGE;

	for (uint64_t i = 0; i < iterations; i++)
		mem[i * BENCH_PAGE + i % 64 * 64] = 1;
	return 0;
}

/* --- a timer --- */

long setup_timer_busy(struct bench_ctx *c)
{
	c->fd[0] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return c->fd[0] < 0 ? bench_refused(c, "timerfd_create", -errno) : 0;
}

/* The CPU never goes idle: what is counted is arming the timer and its interrupt. */
long run_timer_busy(uint64_t iterations, struct bench_ctx *c)
{
	const struct itimerspec when = { .it_value.tv_nsec = (long)c->bench->arg };

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw4(SYS_timerfd_settime, c->fd[0], 0, (long)&when, 0);

		if (unlikely(r < 0))
			return bench_refused(c, "timerfd_settime", r);
		do
			r = raw3(SYS_read, c->fd[0], (long)c->block, sizeof(uint64_t));
		while (r == -EAGAIN);
		if (unlikely(r != sizeof(uint64_t)))
			return bench_refused(c, "read(timerfd)", r);
	}
	return 0;
}
