/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ten claims and how each is tested. docs/claims.md has the sources and says why the limits are
 * what they are; a change here is one there.
 */
#include "results/claims.h"

#include "base/util.h"

/* Times of a VM that are to tell of virtualization by hardware. */
#define VM_TIME (NEED_REAL_TIME | NEED_KVM | NEED_LINUX)
#define VM_COUNT (NEED_KVM | NEED_LINUX)

/* Within 3 %: C1 says so itself. Within 5 %, for "equal within noise": see docs/claims.md. */
#define CLOSE 0.03
#define NOISE 0.05
/* Timer interrupts fall into any batch: what the operation itself does comes out as a whole number.
 */
#define STRAY 0.1
#define ONE_EACH 0.95

#define RUN_SYSCALLS "bench run --suite syscalls"
#define RUN_PAGING "bench run --suite paging"
#define RUN_WAKEUP "bench run --suite wakeup --vcpus 2"
#define RUN_STARTUP "bench run --suite startup --start cold,restore"
#define RUN_MEMORY "bench run --suite memory"
#define RUN_EXITS "bench run --suite exits"

#define LATENCY .metric = "latency"

#define FIRST_TOUCH "paging/touch/first-*|syscalls/page-touch/first"
#define PING_PONG(where)                                                                           \
	"wakeup/ping-pong/*" where "|syscalls/pipe/" where "|syscalls/unix-socket/" where          \
	"|syscalls/futex/" where

const struct claim claims[] = {
	{ "C1", "Plain computation costs the same everywhere, within 3 %.",
		{
			{ "container", "computation takes as long in a container as in a process",
				TEST_EQUAL, CLOSE, .needs = NEED_REAL_TIME, .rows = "cpu/*",
				LATENCY, .way = "ctr", .base = "host",
				.get = "bench run --suite cpu" },
			{ "VM", "computation takes as long in a VM as in a process", TEST_EQUAL,
				CLOSE, .needs = NEED_REAL_TIME, .rows = "cpu/*", LATENCY,
				.way = "vm", .base = "host", .get = "bench run --suite cpu" },
		} },
	{ "C2", "A trivial system call costs the same in the VM, and does not leave it.",
		{
			{ "exits", "no VM exit per call", TEST_NONE, STRAY, .needs = VM_COUNT,
				.rows = "syscalls/getppid/|exits/getppid/", .metric = "exits",
				.way = "vm", .get = RUN_SYSCALLS },
			{ "timing", "the call takes as long in the VM", TEST_EQUAL, NOISE,
				.needs = VM_TIME | NEED_KERNEL | NEED_MITIGATIONS,
				.rows = "syscalls/getppid/|exits/getppid/", LATENCY, .way = "vm",
				.base = "host", .get = RUN_SYSCALLS " --kernel host" },
		} },
	{ "C3", "The first touch of memory is slower in the VM; the second pass closes the gap.",
		{
			{ "first touch", "slower in the VM", TEST_SLOWER,
				.needs = VM_TIME | NEED_NPT, .rows = FIRST_TOUCH, LATENCY,
				.way = "vm", .base = "host", .get = RUN_PAGING },
			{ "second touch", "the gap is smaller in the second pass", TEST_SHRINKS,
				.needs = VM_TIME | NEED_NPT, .rows = FIRST_TOUCH, LATENCY,
				.way = "vm", .base = "host", .swap = "first", .swapped = "second",
				.get = RUN_PAGING },
		} },
	{ "C4", "A random walk that misses the TLB is slower in the VM; huge pages shrink the gap.",
		{
			{ "4 KiB pages", "slower in the VM", TEST_SLOWER,
				.needs = VM_TIME | NEED_NPT, .rows = "paging/walk/*-4k", LATENCY,
				.way = "vm", .base = "host", .get = RUN_PAGING },
			{ "huge pages", "the gap is smaller with huge pages on both sides",
				TEST_SHRINKS, .needs = VM_TIME | NEED_NPT,
				.rows = "paging/walk/*-4k", LATENCY, .way = "vm", .base = "host",
				.swap = "-4k", .swapped = "-huge", .swapped_way = "vm:huge",
				.get = RUN_PAGING " --pages 4k,huge" },
		} },
	{ "C5",
		"A ping-pong between two processes costs the same on one CPU; across idle CPUs it "
		"is slower in the VM, for the exits of halting and interrupting.",
		{
			{ "one CPU", "as fast in the VM", TEST_EQUAL, NOISE, .needs = VM_TIME,
				.rows = PING_PONG("same-cpu"), LATENCY, .way = "vm", .base = "host",
				.get = RUN_WAKEUP },
			{ "two CPUs", "slower in the VM", TEST_SLOWER,
				.needs = VM_TIME | NEED_2_VCPUS, .rows = PING_PONG("cross-cpu"),
				LATENCY, .way = "vm", .base = "host", .get = RUN_WAKEUP },
			{ "exits", "at least one exit a round trip", TEST_SOME, ONE_EACH,
				.needs = VM_COUNT | NEED_2_VCPUS, .rows = PING_PONG("cross-cpu"),
				.metric = "exits", .way = "vm", .get = RUN_WAKEUP },
			{ "never idle", "the gap is smaller where no CPU goes idle", TEST_SHRINKS,
				.needs = VM_TIME | NEED_2_VCPUS,
				.rows = "wakeup/ping-pong/*cross-cpu", LATENCY, .way = "vm",
				.base = "host", .swap = "cross-cpu", .swapped = "cross-cpu-polling",
				.get = RUN_WAKEUP },
		} },
	{ "C6", "fork, exec and mmap are slower in the VM, more so on cold memory.",
		{
			{ "warm", "slower in the VM", TEST_SLOWER, .needs = VM_TIME,
				.rows = "syscalls/fork/*|syscalls/vfork-exec/*|"
					"syscalls/mmap-munmap/*|paging/mmap-storm/*",
				LATENCY, .way = "vm", .base = "host", .get = RUN_SYSCALLS },
			{ "cold",
				"the gap is smaller on memory that the guest has used before than "
				"on memory that it never has",
				TEST_SHRINKS, .needs = VM_TIME, .rows = "paging/touch/cold",
				LATENCY, .way = "vm", .base = "host", .swap = "cold",
				.swapped = "first-4k", .get = RUN_PAGING },
			{ "cold exits", "the first use of such memory leaves the VM", TEST_SOME,
				ONE_EACH, .needs = VM_COUNT,
				.rows = "exits/page-touch/fresh|paging/touch/cold",
				.metric = "exits", .way = "vm", .get = RUN_EXITS },
		} },
	{ "C7", "Short sleeps wake up later in the VM.",
		{
			{ "lateness", "later in the VM", TEST_SLOWER, .needs = VM_TIME,
				.rows = "wakeup/timer/*|syscalls/sleep/*", LATENCY, .way = "vm",
				.base = "host", .get = RUN_WAKEUP },
		} },
	{ "C8", "Starting: a process is faster than a container, a restored VM, a booted VM.",
		{
			{ "container", "a container takes longer than a process", TEST_SLOWER,
				.needs = NEED_REAL_TIME, .rows = "startup/launch/",
				.metric = "since-request", .phase = "work", .way = "ctr",
				.base = "host", .get = RUN_STARTUP },
			{ "restored VM", "a restored VM takes longer than a container", TEST_SLOWER,
				.needs = NEED_REAL_TIME, .rows = "startup/launch/",
				.metric = "since-request", .phase = "work", .way = "vm:restore",
				.base = "ctr", .get = RUN_STARTUP },
			{ "booted VM", "a booted VM takes longer than a restored one", TEST_SLOWER,
				.needs = NEED_REAL_TIME, .rows = "startup/launch/",
				.metric = "since-request", .phase = "work", .way = "vm",
				.base = "vm:restore", .get = RUN_STARTUP },
		} },
	{ "C9",
		"The VMM's own memory is nearly constant; the guest kernel is most of what a VM "
		"costs.",
		{
			{ "VMM", "as much whatever the guest does and is given", TEST_CONSTANT, 0.1,
				.rows = "memory/*", .metric = "pss-vmm", .way = "vm*",
				.get = RUN_MEMORY },
			{ "guest", "an idle guest's memory is most of what one more VM costs",
				TEST_SHARE, 0.5, .needs = NEED_LINUX, .rows = "memory/idle/",
				.metric = "pss-guest", .base_metric = "slope", .way = "vm",
				.get = RUN_MEMORY },
		} },
	{ "C10",
		"Instructions that always exit (cpuid, port output) take thousands of cycles in "
		"the "
		"VM; cpuid takes some hundred outside.",
		{
			{ "exits", "at least one exit each", TEST_SOME, ONE_EACH, .needs = NEED_KVM,
				.rows = "exits/cpuid/*|exits/port-write/*|syscalls/cpuid/|"
					"syscalls/port-write/",
				.metric = "exits", .way = "vm", .get = RUN_EXITS },
			{ "in the VM", "at least a thousand cycles", TEST_CYCLES, 1000, 1e12,
				.needs = NEED_REAL_TIME | NEED_KVM | NEED_TSC,
				.rows = "exits/cpuid/*|exits/port-write/*|syscalls/cpuid/|"
					"syscalls/port-write/",
				LATENCY, .way = "vm", .get = RUN_EXITS },
			{ "outside", "cpuid takes 50 to 1000 cycles", TEST_CYCLES, 50, 1000,
				.needs = NEED_REAL_TIME | NEED_BARE_METAL | NEED_TSC,
				.rows = "exits/cpuid/*|syscalls/cpuid/", LATENCY, .way = "host",
				.get = RUN_EXITS },
		} },
};
const size_t n_claims = ARRAY_SIZE(claims);
