/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the workload and whoever runs it agree on. No dependencies: it is
 * compiled into the static workload (musl), the freestanding hello kernel, the
 * VMM and the runner.
 *
 * The report is text, a record a line, fields separated by one tab (shown as a
 * space), values without tabs and newlines. It is sent after a timed loop, never
 * inside:
 *
 *   bench-report VERSION
 *   info KEY VALUE
 *   begin BENCHMARK PARAMS
 *   sample BENCHMARK PARAMS INDEX ITERATIONS ELAPSED_NS OVERHEAD_NS
 *   value BENCHMARK PARAMS METRIC UNIT ITERATIONS TOTAL
 *   skip BENCHMARK PARAMS REASON
 *   fail BENCHMARK PARAMS REASON
 *   end STATUS
 *
 * All of it is printable ASCII. KEY is of letters, digits, "_", "-" and ".", at most
 * REPORT_KEY_MAX - 1 of them; no other field is longer than REPORT_VALUE_MAX - 1.
 *
 * ELAPSED_NS and OVERHEAD_NS are whole nanoseconds for all ITERATIONS together;
 * the value of the sample is (ELAPSED_NS - OVERHEAD_NS) / ITERATIONS. INDEX
 * counts the batches of a benchmark from 0. "begin" is sent before a benchmark
 * starts, so that a crash has a culprit. PARAMS may be empty. A "value" is anything else that was
 * found out about a benchmark: TOTAL over all ITERATIONS, in UNIT ("ns", "bytes" or "count");
 * METRIC is a word of small letters, digits, "-" and ".", at most REPORT_METRIC_MAX - 1 of them.
 * Readers treat all of it as untrusted (runner/report.c).
 *
 * A process or a container writes the report to the file descriptor REPORT_FD,
 * a memory file of REPORT_MAX bytes that cannot grow. A guest writes it with
 * "rep outsb" or "rep outsl" to REPORT_PORT, and the VMM puts it into the same kind of file.
 *
 * What is held ("--hold=STATE", workloads/held.c) ends its report not at all, or much later: it is
 * *ready* when it has done what its state asks for. A process then writes what there is to report,
 * all at once, and wakes (futex(2), FUTEX_WAKE, not private) who sleeps on the file's first 32
 * bits, which are 0 until then; a word of its own would cost a page for each one held. A guest says
 * MARK_WORK, and its VMM wakes who waits. In the state "beat" it tells how late it wakes up, as
 * values of the metric "late": HELD_BEATS of them from beats that follow each other, then nothing
 * for as many beats, and so on.
 */
#ifndef BENCH_BASE_REPORT_ABI_H
#define BENCH_BASE_REPORT_ABI_H

#define REPORT_VERSION 1
#define REPORT_MAGIC "bench-report"
#define REPORT_FD 3
#define REPORT_MAX (1u << 20)
#define REPORT_METRIC_MAX 32
#define REPORT_KEY_MAX 64       /* bytes of the key of an "info" with its NUL */
#define REPORT_VALUE_MAX 1024   /* bytes of any other field with its NUL; longer ones are cut */
#define HELD_BYTES (64ul << 20) /* what the states "touched" and "returned" touch */
#define HELD_BEATS 25

/*
 * Ports of a guest of our VMM. 0x510-0x5ff hold nothing but QEMU's fw_cfg
 * (0x510-0x51b) in the emulators known to us, and nothing on a PC: a guest that
 * finds no answer here runs under another VMM.
 */
#define COUNTS_PORT 0x5e0  /* in 32 bit, single or rep ins: exits so far, see below */
#define ARGS_PORT 0x5ec    /* in 8 bit, single or rep ins: what this launch is to do, see below */
#define REPORT_PORT 0x5f0  /* out 8 or 32 bit, single or rep outs: report text */
#define MARK_PORT 0x5f4    /* out 32 bit: enum mark in bits 0-7, argument in bits 8-31 */
#define ID_PORT 0x5f8      /* in 32 bit: one of the two below; all ones where nobody answers */
#define ENTROPY_PORT 0x5fc /* in 32 bit, single or rep ins: fresh words of the host's getrandom */
#define PORTS_FIRST OUTPUT_PORT /* below */
#define PORTS_COUNT (ENTROPY_PORT + 4 - PORTS_FIRST)

#define ID_VALUE 0x48434e42    /* "BNCH": our VMM */
#define ID_SNAPSHOT 0x53434e42 /* "BNCS": our VMM, which wants to take a snapshot at MARK_READY */

/*
 * A guest that goes on after MARK_READY goes on in many launches, each with arguments of its own;
 * those it was booted with mean nothing. ARGS_PORT gives them, byte by byte from the first: the
 * host's CLOCK_REALTIME in nanoseconds (decimal), argv[0], argv[1], ..., each ended by a NUL, and
 * an empty one at the end; then NULs for ever. All together fits into ARGS_MAX bytes.
 */
#define ARGS_MAX 2048u
#define ENTROPY_BYTES 32 /* what a restored guest reseeds itself with: a key of its generator */

/*
 * How often the guest's vCPUs have left guest mode since they were made, all vCPUs together: one
 * 64-bit number for each of EXIT_COUNTS, in that order, the low half of each first. Reading the
 * first word takes all of them at that moment, the exit of that very reading among them; after the
 * last word it begins again. A buffer that lies in one page takes one exit. COUNT_UNKNOWN: not
 * available.
 *
 * X(name, metric, statistic): "statistic" is KVM's own name for it (vmm/exit_counts.c), "" what the
 * run loop counts; "metric" is that of the "value" records that come of it.
 */
#define EXIT_COUNTS(X)                                                                             \
	X(ALL, "exits", "exits")                          /* whatever the reason */                \
	X(USER, "exits-user", "")                         /* handed on to the VMM */               \
	X(IO, "exits-io", "io_exits")                     /* a port */                             \
	X(MMIO, "exits-mmio", "mmio_exits")               /* memory where a device may be */       \
	X(HALT, "exits-halt", "halt_exits")               /* HLT */                                \
	X(IRQ, "exits-irq", "irq_exits")                  /* an interrupt of the host */           \
	X(WINDOW, "exits-irq-window", "irq_window_exits") /* an interrupt could not go in yet */   \
	X(HYPERCALL, "exits-hypercall", "hypercalls")                                              \
	X(PAGE_FAULT, "exits-page-fault", "pf_taken")   /* nested or shadow page tables */         \
	X(EMULATED, "exits-emulated", "insn_emulation") /* instructions that KVM carried out */
#define COUNT_UNKNOWN 0xffffffffffffffff

/* The "info" record by which a guest tells whether KVM counts; else there are no such values. */
#define COUNTS_INFO "exits.counted"
#define COUNTS_INFO_ALL "by KVM's statistics"
#define COUNTS_INFO_NONE                                                                           \
	"not by KVM: it has no statistics descriptor (Linux 5.14 and newer have), only those "     \
	"that "                                                                                    \
	"reach the VMM are known"

/*
 * An address of guest-physical memory where nothing is, and where the VMM answers: reads give all
 * ones. Above RAM_MAX and below the interrupt controllers (vmm/layout.h).
 */
#define NOWHERE_ADDRESS 0xd0000000

/*
 * What a program of the user's own prints in a guest: init passes it on as bytes (OUT 8 or 32 bit,
 * string output), or, with one exit for all of them, as a part of a page: the page's number in bits
 * 12-31, how many of its bytes count, from its beginning, in bits 0-11, where 0 means all 4096.
 */
#define OUTPUT_PORT 0x5d0      /* its stdout, exact */
#define ERROR_PORT 0x5d4       /* its stderr */
#define OUTPUT_PAGE_PORT 0x5d8 /* the same by pages: out 32 bit */
#define ERROR_PAGE_PORT 0x5dc
#define OUTPUT_PAGE_SIZE 4096u

/*
 * What a guest's init is to run when its argument is "--exec": a file of texts that end with a NUL
 * each: EXEC_MAGIC, working directory, path of the program, number of arguments, the arguments
 * (argv[0] is the first), and the environment up to the file's end. Init reports "info" records
 * exec.status (128+N for signal N), exec.signal (where one ended it), exec.user_ns, exec.system_ns
 * and exec.maxrss_bytes, and exec.error where it could not be started.
 */
#define EXEC_FILE "/.bench/exec"
#define EXEC_MAGIC "bench-exec 1"
#define EXEC_FILE_MAX (256u * 1024)

#ifdef __ASSEMBLER__
#define MARK_INIT 5 /* the assembler has no enums */
#else
/* Events of a launch as a guest tells them. The VMM stamps each first one with the host's clock. */
enum mark {
	MARK_NONE = 0,
	MARK_KERNEL =
		1, /* first instruction of the guest kernel's own code, where the kernel can tell */
	MARK_MAIN = 2, /* first statement of the workload's main */
	MARK_WORK = 3, /* first useful work done */
	MARK_EXIT = 4, /* the guest is done; the argument is the exit status. The VMM ends here. */
	MARK_INIT =
		5, /* first instruction of user space: the guest kernel has handed over to init */
	MARK_READY = 6, /* about to run: a snapshot is taken here if one is wanted */
	MARK_COUNT
};

/* Of EXIT_COUNTS. */
enum exit_count {
#define X(name, metric, statistic) COUNT_##name,
	EXIT_COUNTS(X)
#undef X
		COUNT_COUNT
};
#endif

#endif
