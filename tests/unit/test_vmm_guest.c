/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "vm" from launch to verdict, on guests of a few instructions. Needs /dev/kvm. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "tests/unit/guest_fixture.h"
#include "vmm/layout.h"
#include "vmm/vm_proto.h"
#include "vmm/vmm.h"

GUEST(exit_3, EXIT_WITH(3));
GUEST(marks, "mov $0x5f4, %dx\n mov $5, %eax\n out %eax, %dx\n mov $2, %eax\n out %eax, %dx\n"
	     "mov $3, %eax\n out %eax, %dx\n" EXIT_WITH(0));
GUEST(bad_marks,
	"mov $0x5f4, %dx\n mov $0xff, %eax\n out %eax, %dx\n xor %eax, %eax\n out %eax, %dx\n"
	"mov $4, %al\n mov $0x5f6, %dx\n out %al, %dx\n" EXIT_WITH(0));
GUEST(spin, "1: jmp 1b");
GUEST(halt, "cli\n hlt");
GUEST(triple_fault, "ud2");
GUEST(reset, "mov $0xfe, %al\n out %al, $0x64\n 1: jmp 1b");
GUEST(nowhere, "mov $0xd0000000, %eax\n jmp *%rax");
/* What nobody answers reads as all ones: 8, 16 and 32 bit ports, and memory beyond RAM. */
GUEST(all_ones, "mov $0xcf8, %dx\n in %dx, %eax\n inc %eax\n jnz 9f\n"
		"in %dx, %ax\n inc %ax\n jnz 9f\n in %dx, %al\n inc %al\n jnz 9f\n"
		"mov $0xd0000000, %ebx\n mov (%rbx), %eax\n inc %eax\n jnz 9f\n mov %eax, "
		"(%rbx)\n" EXIT_WITH(0) "9:" EXIT_WITH(1));
GUEST(id_port, "mov $0x5f8, %dx\n in %dx, %eax\n cmp $0x48434e42, %eax\n jne 9f\n" EXIT_WITH(
		       0) "9:" EXIT_WITH(1));
/* The command line, by way of the zero page at rsi, as the report. */
GUEST(cmdline,
	"mov 0x228(%rsi), %esi\n mov %esi, %edi\n mov $4096, %ecx\n xor %eax, %eax\n repne scasb\n"
	"sub %esi, %edi\n lea -1(%rdi), %ecx\n mov $0x5f0, %dx\n rep outsb\n" EXIT_WITH(0));
GUEST(flood, "1: mov $0x3f8, %dx\n mov $'x', %al\n out %al, %dx\n mov $0x5f0, %dx\n out %al, %dx\n"
	     "jmp 1b");
GUEST(panic,
	"lea 1f(%rip), %rsi\n mov $(2f - 1f), %ecx\n mov $0x3f8, %dx\n rep outsb\n mov $0xfe, %al\n"
	"out %al, $0x64\n 1: .ascii \"one\\ntwo\\n[ 0.1] Kernel panic - not syncing: no "
	"init\\n\"\n 2:");
GUEST(init_crash,
	"lea 1f(%rip), %rsi\n mov $(2f - 1f), %ecx\n mov $0x3f8, %dx\n rep outsb\n mov $0xfe, %al\n"
	"out %al, $0x64\n 1: .ascii \"Kernel panic - not syncing: Attempted to kill init! "
	"exitcode=0x0000000b\\n\"\n 2:");

static const struct guest_case {
	const char *name;
	const uint8_t *from, *to;
	unsigned deadline_ms;
	enum outcome_kind kind;
	int code;           /* of EXITED and SIGNALED */
	const char *reason; /* must be part of it; NULL: must be empty */
} cases[] = {
#define CASE(g, ...)                                                                               \
	{                                                                                          \
#g, g, g##_end, __VA_ARGS__                                                        \
	}
	CASE(exit_3, PATIENT, OUTCOME_EXITED, 3, "exit status 3"),
	CASE(marks, PATIENT, OUTCOME_EXITED, 0, NULL),
	CASE(bad_marks, PATIENT, OUTCOME_EXITED, 0, NULL),
	CASE(all_ones, PATIENT, OUTCOME_EXITED, 0, NULL),
	CASE(id_port, PATIENT, OUTCOME_EXITED, 0, NULL),
	CASE(spin, SHORT, OUTCOME_TIMEOUT, 0, "running in ring 0 at rip 0x100000"),
	CASE(halt, SHORT, OUTCOME_TIMEOUT, 0, "halted with interrupts off"),
	CASE(triple_fault, PATIENT, OUTCOME_BROKEN, 0, "triple fault"),
	CASE(reset, PATIENT, OUTCOME_BROKEN, 0, "reset itself without an exit status"),
	CASE(nowhere, PATIENT, OUTCOME_BROKEN, 0, "rip 0x"),
	CASE(panic, PATIENT, OUTCOME_BROKEN, 0,
		"panicked; console: [ 0.1] Kernel panic - not syncing: no init"),
	CASE(init_crash, PATIENT, OUTCOME_SIGNALED, 11, "killed by signal 11"),
#undef CASE
};

static size_t file_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

static void no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct guest_case *c = &cases[i];
		struct fixture f = { .cfg.cancel_fd = -1 };
		struct outcome out;
		struct err e;

		print_message("guest %s\n", c->name);
		assert_int_equal(fixture_open(&f, c->from, c->to, &e), 0);
		run(&f, c->deadline_ms, &out);
		if (c->reason && !strstr(out.reason, c->reason))
			fail_msg("reason is '%s', not '%s'", out.reason, c->reason);
		if (!c->reason)
			assert_string_equal(out.reason, "");
		assert_int_equal(out.kind, c->kind);
		if (c->kind == OUTCOME_EXITED || c->kind == OUTCOME_SIGNALED)
			assert_int_equal(out.code, c->code);
		assert_null(strchr(out.reason, '\n'));
		fixture_close(&f);
		no_child_is_left();
	}
}

static void test_phases_are_in_order(void **state)
{
	static const enum phase order[] = { PHASE_REQUESTED, PHASE_PROCESS, PHASE_SANDBOX,
		PHASE_INIT, PHASE_MAIN, PHASE_WORK, PHASE_EXIT };
	struct fixture f = { .cfg.cancel_fd = -1 };
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, marks, marks_end, &e), 0);
	for (int launches = 0; launches < 3; launches++) {
		run(&f, PATIENT, &out);
		assert_true(out.at[PHASE_REQUESTED] > 0);
		for (size_t i = 1; i < ARRAY_SIZE(order); i++)
			assert_true(out.at[order[i - 1]] <= out.at[order[i]]);
		assert_true(out.usage.ru_maxrss > 0);
	}
	fixture_close(&f);
}

static void test_command_line_reaches_the_guest(void **state)
{
	static const char want[] = " -- \"--suite=a b\" x";
	struct fixture f = { .cfg.cancel_fd = -1 };
	char got[256] = "";
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, cmdline, cmdline_end, &e), 0);
	run(&f, PATIENT, &out);
	assert_int_equal(out.kind, OUTCOME_EXITED);
	assert_true(pread(f.report_fd, got, sizeof(got) - 1, 0) > 0);
	assert_true(strlen(got) >= strlen(want)); /* options of the kernel may come before */
	assert_string_equal(got + strlen(got) - strlen(want), want);
	fixture_close(&f);
}

/* How far it comes depends on the host: the exact bounds are test_vmm_ports' and _console's. */
static void test_flood_ends_at_the_deadline(void **state)
{
	struct fixture f = { .cfg.cancel_fd = -1 };
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, flood, flood_end, &e), 0);
	run(&f, 2000, &out);
	assert_int_equal(out.kind, OUTCOME_TIMEOUT);
	assert_non_null(strstr(out.reason, "; console: xxxx"));
	assert_in_range(file_size(f.report_fd), 1, REPORT_MAX);
	assert_in_range(file_size(f.output_fd), 1, VM_CONSOLE_MAX + 64);
	fixture_close(&f);
}

static void test_cancel_then_reap(void **state)
{
	struct fixture f = { .cfg.cancel_fd = eventfd(1, EFD_CLOEXEC) };
	struct instance *in = NULL;
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, spin, spin_end, &e), 0);
	assert_int_equal(launch(&f, PATIENT, &in, &e), 0);
	assert_int_equal(vm_runtime.wait(in, &out, &e), -ECANCELED);
	vm_runtime.reap(in);
	no_child_is_left();
	fixture_close(&f);
	close(f.cfg.cancel_fd);
}

/* The one child of this process, by the kernel's own list. */
static pid_t find_child(void)
{
	cleanup_free char *path = format_text("/proc/self/task/%d/children", (int)getpid());
	char line[64] = "";

	if (read_line(path, line, sizeof(line)) < 0)
		SKIP("this kernel has no /proc/PID/task/TID/children");
	return (pid_t)strtol(line, NULL, 10);
}

static void test_vmm_is_killed(void **state)
{
	struct fixture f = { .cfg.cancel_fd = -1 };
	struct outcome out = { 0 };
	struct instance *in = NULL;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, spin, spin_end, &e), 0);
	assert_int_equal(launch(&f, PATIENT, &in, &e), 0);
	assert_int_equal(kill(find_child(), SIGKILL), 0);
	assert_int_equal(vm_runtime.wait(in, &out, &e), 0);
	assert_int_equal(out.kind, OUTCOME_BROKEN);
	assert_non_null(strstr(out.reason, "the VMM: killed by signal 9"));
	vm_runtime.reap(in);
	no_child_is_left();
	fixture_close(&f);
}

static void test_empty_guest(void **state)
{
	struct fixture f = { .cfg = { .cancel_fd = -1, .kernel_name = "empty" } };
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, spin, spin_end, &e), 0); /* its kernel is not looked at */
	run(&f, PATIENT, &out);
	assert_int_equal(out.kind, OUTCOME_EXITED);
	assert_int_equal(out.code, 0);
	fixture_close(&f);
}

static void test_memory_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		int result;
	} sizes[] = {
		{ 0, 0 }, /* the default */
		{ 1, -EINVAL },
		{ RAM_MIN - RAM_ALIGN, -EINVAL },
		{ RAM_MIN, 0 },
		{ RAM_MIN + 4096, -EINVAL },
		{ RAM_MAX, 0 },
		{ RAM_MAX + RAM_ALIGN, -EINVAL },
		{ UINT64_MAX, -EINVAL },
		{ UINT64_MAX & ~(RAM_ALIGN - 1), -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = sizes[i].bytes } };
		struct outcome out;
		struct err e;
		int r = fixture_open(&f, exit_3, exit_3_end, &e);

		assert_int_equal(r, sizes[i].result);
		if (r < 0) {
			assert_true(strlen(e.remedy) > 0);
		} else {
			run(&f, PATIENT, &out);
			assert_int_equal(out.code, 3);
		}
		fixture_close(&f);
	}
}

static void test_vcpu_numbers(void **state)
{
	struct fixture f = { .cfg = { .cancel_fd = -1 } };
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, exit_3, exit_3_end, &e), 0);
	vm_runtime.close(f.rt);
	f.rt = NULL;
	f.cfg.vcpus = 0;
	assert_int_equal(vm_runtime.open(&f.cfg, &f.rt, &e), -EINVAL);
	f.cfg.vcpus = VM_CPUS_MAX + 1;
	assert_int_equal(vm_runtime.open(&f.cfg, &f.rt, &e), -EINVAL);
	fixture_close(&f);
}

static void test_initramfs_larger_than_memory(void **state)
{
	struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = RAM_MIN, .kernel_name = "k" } };
	int big = memfd_create("big", MFD_CLOEXEC);
	struct outcome out;
	char path[64];
	struct err e;

	(void)state;
	assert_int_equal(ftruncate(big, RAM_MIN + 1), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", big);
	f.cfg.workload = path;
	assert_int_equal(fixture_open(&f, exit_3, exit_3_end, &e), 0);
	run(&f, PATIENT, &out);
	assert_int_equal(out.kind, OUTCOME_BROKEN);
	assert_non_null(strstr(out.reason, "initramfs"));
	assert_non_null(strstr(out.reason, "--mem"));
	fixture_close(&f);
	close(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_phases_are_in_order),
		cmocka_unit_test(test_command_line_reaches_the_guest),
		cmocka_unit_test(test_flood_ends_at_the_deadline),
		cmocka_unit_test(test_cancel_then_reap),
		cmocka_unit_test(test_vmm_is_killed),
		cmocka_unit_test(test_empty_guest),
		cmocka_unit_test(test_memory_sizes),
		cmocka_unit_test(test_vcpu_numbers),
		cmocka_unit_test(test_initramfs_larger_than_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
