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
 *   skip BENCHMARK PARAMS REASON
 *   fail BENCHMARK PARAMS REASON
 *   end STATUS
 *
 * ELAPSED_NS and OVERHEAD_NS are whole nanoseconds for all ITERATIONS together;
 * the value of the sample is (ELAPSED_NS - OVERHEAD_NS) / ITERATIONS. INDEX
 * counts the batches of a benchmark from 0. "begin" is sent before a benchmark
 * starts, so that a crash has a culprit. PARAMS may be empty.
 * Readers treat all of it as untrusted (runner/report.c).
 *
 * A process or a container writes the report to the file descriptor REPORT_FD,
 * a memory file of REPORT_MAX bytes that cannot grow. A guest writes it with
 * "rep outsb" or "rep outsl" to REPORT_PORT, and the VMM puts it into the same kind of file.
 */
#ifndef BENCH_BASE_REPORT_ABI_H
#define BENCH_BASE_REPORT_ABI_H

#define REPORT_VERSION 1
#define REPORT_MAGIC "bench-report"
#define REPORT_FD 3
#define REPORT_MAX (1u << 20)

/*
 * Ports of a guest of our VMM. 0x510-0x5ff hold nothing but QEMU's fw_cfg
 * (0x510-0x51b) in the emulators known to us, and nothing on a PC: a guest that
 * finds no answer here runs under another VMM.
 */
#define REPORT_PORT 0x5f0    /* out 8 or 32 bit, single or rep outs: report text */
#define MARK_PORT 0x5f4      /* out 32 bit: enum mark in bits 0-7, argument in bits 8-31 */
#define ID_PORT 0x5f8        /* in 32 bit: ID_VALUE under our VMM, all ones where nobody answers */
#define ID_VALUE 0x48434e42u /* "BNCH" */

/* Events of a launch as a guest tells them. The VMM stamps each first one with the host's clock. */
enum mark {
	MARK_NONE = 0,
	MARK_KERNEL =
		1, /* first instruction of the guest kernel's own code, where the kernel can tell */
	MARK_MAIN = 2, /* first statement of the workload's main */
	MARK_WORK = 3, /* first useful work done */
	MARK_EXIT = 4, /* the guest is done; the argument is the exit status. The VMM ends here. */
	MARK_COUNT
};

#endif
