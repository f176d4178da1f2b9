/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/vmm.h"

/*
 * Hardware runs both rings alike. Where ring 0 is interpreted it is 1000 times slower and more; in
 * between there is nothing but a disturbed measurement.
 */
#define FULL_SPEED_RATIO 20

#define GUEST_DEADLINE_NS (2 * NSEC_PER_SEC)
#define REPORT_SIZE 4096 /* its report without measurements has some 600 bytes */

#define REMEDY_EMULATED "use --machine emulated, or a host with VT-x or AMD-V"

static int say_no(struct kvm_probe *p, const struct err *why)
{
	snprintf(p->reason, sizeof(p->reason), "%s: %s", why->step, why->message);
	snprintf(p->remedy, sizeof(p->remedy), "%s", *why->remedy ? why->remedy : REMEDY_EMULATED);
	return 0;
}

static void find_module(struct kvm_probe *p)
{
	static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm_pvm" };
	char path[64];

	snprintf(p->module, sizeof(p->module), "unknown");
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", modules[i]);
		if (access(path, F_OK) == 0)
			snprintf(p->module, sizeof(p->module), "%s", modules[i]);
	}
}

uint32_t kvm_tsc_khz(int vm_fd, unsigned vcpu)
{
	cleanup_fd int fd = kvm_call(vm_fd, KVM_CREATE_VCPU, vcpu, NULL);
	int khz = fd < 0 ? 0 : kvm_call(fd, KVM_GET_TSC_KHZ, 0, NULL);

	return khz > 0 ? (uint32_t)khz : 0;
}

/* The host's side: open, create, and ask for the clock. False: @why says what was refused. */
static bool ask_kvm(struct kvm_probe *p, uint32_t *khz, struct err *why)
{
	cleanup_fd int kvm = -1, vm = -1;
	uint64_t start;

	if (kvm_open(&kvm, why) < 0)
		return false;
	p->opened = true;
	p->api_version = kvm_call(kvm, KVM_GET_API_VERSION, 0, NULL);
	start = now_ns();
	vm = kvm_call(kvm, KVM_CREATE_VM, 0, why);
	if (vm < 0)
		return false;
	p->create_vm_us = (double)(now_ns() - start) / 1e3;
	*khz = kvm_tsc_khz(vm, 0);
	return true;
}

/* The text after @prefix at the start of a line, up to the line's end; NULL where there is none. */
static const char *after(const char *report, const char *prefix, char *out, size_t size)
{
	size_t len = strlen(prefix);

	for (const char *line = report; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, prefix, len) == 0) {
			snprintf(out, size, "%.*s", (int)strcspn(line + len, "\n"), line + len);
			return out;
		}
	}
	return NULL;
}

static uint64_t number_after(const char *report, const char *prefix)
{
	char text[32];
	uint64_t value = 0;

	if (!after(report, prefix, text, sizeof(text)) ||
		parse_u64(text, 0, UINT64_MAX, &value) < 0)
		return 0;
	return value;
}

/* ITERATIONS, ELAPSED_NS and OVERHEAD_NS of the first batch of port writes. */
static double exit_us(const char *report)
{
	char text[128], *rest = text, *field[3];
	uint64_t n, elapsed, overhead;

	if (!after(report, "sample\tport-write\t\t0\t", text, sizeof(text)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = strsep(&rest, "\t");
		if (!field[i])
			return 0;
	}
	if (parse_u64(field[0], 1, UINT32_MAX, &n) < 0 ||
		parse_u64(field[1], 0, UINT32_MAX, &elapsed) < 0 ||
		parse_u64(field[2], 0, elapsed, &overhead) < 0)
		return 0;
	return (double)(elapsed - overhead) / (double)n / 1e3;
}

/* What Linux needs, and how it is said where it is missing. */
static int judge(struct kvm_probe *p, uint64_t ring0, uint64_t ring3)
{
	char slow[96] = "", stays[64] = "";

	p->ring0_full_speed = ring0 <= ring3 * FULL_SPEED_RATIO;
	p->linux_can_run = p->ring0_full_speed && p->syscall_enters_ring0;
	if (p->linux_can_run)
		return 0;
	if (!p->ring0_full_speed)
		snprintf(slow, sizeof(slow),
			"a guest's ring 0 is interpreted, %" PRIu64 " times slower than its ring 3",
			ring0 / ring3);
	if (!p->syscall_enters_ring0)
		snprintf(stays, sizeof(stays), "%sits SYSCALL does not enter ring 0",
			*slow ? ", and " : "");
	snprintf(p->reason, sizeof(p->reason), "KVM is software only here (%s): %s%s", p->module,
		slow, stays);
	snprintf(p->remedy, sizeof(p->remedy),
		REMEDY_EMULATED "; our own kernel runs natively all the same: --kernel hello");
	return 0;
}

/* The report comes from a guest: what is not as expected is a "no". */
static int read_answers(struct kvm_probe *p, const char *report, uint32_t khz)
{
	uint64_t ring0 = number_after(report, "info\thello.ring0_ticks_1000_turns\t");
	uint64_t ring3 = number_after(report, "info\thello.ring3_ticks_1000_turns\t");
	char entry[16];
	struct err why;

	if (!ring0 || !ring3 || ring3 > UINT64_MAX / FULL_SPEED_RATIO ||
		!after(report, "info\thello.entry\t", entry, sizeof(entry))) {
		err_set(&why, -EPROTO, "probe guest", "it ran, but its report tells too little");
		return say_no(p, &why);
	}
	p->runs = true;
	p->syscall_enters_ring0 = !strcmp(entry, "syscall");
	p->exit_us = exit_us(report);
	if (khz) {
		p->ring0_ns = (double)ring0 * 1e3 / (double)khz;
		p->ring3_ns = (double)ring3 * 1e3 / (double)khz;
	}
	return judge(p, ring0, ring3);
}

/* One launch through the runtime. 0: see @out and the report. */
static int launch(
	struct runtime *rt, uint32_t khz, int report_fd, struct outcome *out, struct err *e)
{
	/* Words of the kernel's command line; argv[0] is left out there. */
	char name[] = "hello", batches[] = "--batches=1", batch[] = "--batch-ns=100000",
	     filter[] = "--filter=port-write", clock[32];
	char *argv[] = { name, batches, batch, filter, khz ? clock : NULL, NULL };
	const struct job job = {
		.argv = argv,
		.deadline_ns = now_ns() + GUEST_DEADLINE_NS,
		.report_fd = report_fd,
		.output_fd = -1,
	};
	struct instance *in;
	int r;

	snprintf(clock, sizeof(clock), "tsc_khz=%" PRIu32, khz);
	r = vm_runtime.launch(rt, &job, &in, e);
	if (r < 0)
		return r;
	r = vm_runtime.wait(in, out, e);
	if (r == -ECANCELED)
		err_set(e, r, "probe guest", "interrupted");
	vm_runtime.reap(in);
	return r;
}

static int run_guest(struct runtime *rt, uint32_t khz, struct kvm_probe *p, struct err *e)
{
	cleanup_fd int fd = memfd_create("bench-report", MFD_CLOEXEC);
	char report[REPORT_SIZE + 1];
	struct outcome out = { 0 };
	struct err why;
	ssize_t n;
	int r;

	if (fd < 0 || ftruncate(fd, REPORT_MAX) < 0)
		return err_sys(e, "memfd_create", "a file for the probe guest's report");
	r = launch(rt, khz, fd, &out, e);
	if (r < 0)
		return r;
	if (out.kind != OUTCOME_EXITED || out.code) {
		err_set(&why, -EIO, "probe guest", "%s", out.reason);
		return say_no(p, &why);
	}
	n = pread_all(fd, report, REPORT_SIZE, 0);
	if (n < 0)
		return err_sys(e, "pread", "the probe guest's report");
	report[n] = '\0';
	return read_answers(p, report, khz);
}

int kvm_probe_guest(const struct rt_config *cfg, struct kvm_probe *out, struct err *e)
{
	cleanup_free char *kernel = format_text("%s/hello.elf", cfg->libexec);
	struct rt_config own = {
		.libexec = cfg->libexec,
		.kernel = kernel,
		.kernel_name = "hello",
		.mem_bytes = RAM_MIN,
		.vcpus = 1,
		.cpus = cfg->cpus,
		.cancel_fd = cfg->cancel_fd,
	};
	struct runtime *rt;
	uint32_t khz = 0;
	struct err why;
	int r;

	*out = (struct kvm_probe){ 0 };
	find_module(out);
	if (!kernel)
		return err_set(e, -ENOMEM, "probe guest", "out of memory");
	r = vm_runtime.open(&own, &rt, e);
	if (r < 0)
		return r;
	r = ask_kvm(out, &khz, &why) ? run_guest(rt, khz, out, e) : say_no(out, &why);
	vm_runtime.close(rt);
	return r;
}
