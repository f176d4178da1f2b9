/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests that attack their VMM (tests/unit/hostile_guests.h). Whatever one tries: it ends with a
 * verdict of its own, in time, its report, log and memory stay within their bounds, nothing is left
 * behind, and the next guest runs. Needs /dev/kvm.
 */
#include "tests/unit/check.h"

#include <cpuid.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/guest_fixture.h"
#include "tests/unit/hostile_guests.h"
#include "vmm/vm_proto.h"

#define RAM (16ul << 20)        /* hostile_guests.h knows of it in pages_lie */
#define VMM_MEMORY (32ul << 20) /* of the VMM beside the guest's RAM */
#define IN_VAIN 1500            /* ms, for guests that do not end by themselves */

/*
 * Kinds of outcome. What a CPU or another version of KVM may answer either way has several. So has
 * what interrupts vCPU 0 while vCPU 1 runs: on QEMU's emulated CPU, the only one tried, that is a
 * triple fault now and then.
 */
#define GOOD (1u << OUTCOME_EXITED) /* with status 0: it survived all of it */
#define LATE (1u << OUTCOME_TIMEOUT)
#define DEAD (1u << OUTCOME_BROKEN)

GUEST(harmless, EXIT_WITH(0));

static const struct attack {
	const char *name;
	const uint8_t *from, *to;
	unsigned kinds;
	const char *reason; /* part of it; NULL: any */
	unsigned vcpus;
	bool real_cpu; /* QEMU 7.2 emulates this one by an assertion that fails (softmmu/cpus.c) */
	bool program;  /* it runs a program of the user's own: output ports lead somewhere */
	size_t out, error; /* what must have come out there, of a program */
} attacks[] = {
#define ATTACK(g, ends, ...)                                                                       \
	{                                                                                          \
		.name = #g, .from = g, .to = g##_end, .kinds = (ends), __VA_ARGS__                 \
	}
	ATTACK(ports_read, GOOD),
	ATTACK(ports_write, GOOD),
	ATTACK(strings, GOOD),
	ATTACK(strings_elsewhere, GOOD),
	ATTACK(wrap_around, GOOD),
	ATTACK(pages_lie, GOOD, .program = true, .out = 5),
	ATTACK(pages_change, GOOD, .vcpus = 2, .program = true, .out = 200 * 4096),
	ATTACK(pages_flood, GOOD, .program = true, .out = 4200 * 4096, .error = VM_ERROR_MAX + 36),
	ATTACK(pages_fewer, GOOD), /* nobody asked for it: it goes nowhere */
	ATTACK(reads_flood, GOOD),
	ATTACK(report_endless, LATE, .reason = "the deadline"),
	ATTACK(marks_endless, LATE, .reason = "the deadline"),
	ATTACK(console_endless, LATE, .reason = "the deadline"),
	ATTACK(console_escapes, DEAD, .reason = "reset itself without an exit status; console: "),
	ATTACK(exit_twice, GOOD),
	ATTACK(memory_edges, GOOD),
	ATTACK(ram_end, GOOD),
	ATTACK(memory_above, GOOD),
	ATTACK(memory_exotic, GOOD | DEAD),
	ATTACK(run_in_apic, GOOD | DEAD),
	ATTACK(run_over_ram_end, GOOD | DEAD),
	ATTACK(idt_in_hole, DEAD),
	ATTACK(stack_in_hole, GOOD | DEAD),
	ATTACK(page_tables_in_hole, DEAD),
	ATTACK(msrs, GOOD | DEAD), /* by one of Hyper-V's an old KVM lets it end itself */
	ATTACK(shared_with_kvm, GOOD),
	ATTACK(cpuids, GOOD),
	ATTACK(hypercalls, GOOD),
	ATTACK(nested, GOOD),
	ATTACK(control_registers, GOOD),
	ATTACK(debug_registers, GOOD),
	ATTACK(debug_watch, GOOD | DEAD, .real_cpu = true),
	ATTACK(debug_loop, DEAD | LATE),
	ATTACK(interrupt_storm, GOOD),
	ATTACK(apic_nonsense, GOOD | DEAD, .vcpus = 2),
	ATTACK(management_mode, GOOD | DEAD),
	ATTACK(init_to_itself, DEAD | LATE),
	ATTACK(start_storm, GOOD | DEAD, .vcpus = 2),
	ATTACK(start_badly, DEAD, .reason = "triple fault, vCPU 1", .vcpus = 2),
	ATTACK(resets, DEAD, .reason = "reset itself", .vcpus = 2),
	ATTACK(resets_elsewhere, GOOD),
	ATTACK(all_halted, LATE, .reason = "the deadline", .vcpus = 2),
	ATTACK(code_changes, GOOD | DEAD, .vcpus = 2),
	ATTACK(pages_move, GOOD | DEAD, .vcpus = 2),
#undef ATTACK
};

static struct fixture next; /* the harmless guest's */

static int open_next(void **state)
{
	struct err e;

	(void)state;
	next = (struct fixture){ .cfg = { .cancel_fd = -1, .mem_bytes = RAM } };
	return fixture_open(&next, harmless, harmless_end, &e);
}

static int close_next(void **state)
{
	(void)state;
	fixture_close(&next);
	return 0;
}

static size_t file_size(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (size_t)st.st_size;
}

static unsigned count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void nothing_is_left(unsigned fds)
{
	struct outcome out;

	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(count_fds(), fds);
	run(&next, PATIENT, &out);
	assert_int_equal(out.kind, OUTCOME_EXITED);
	assert_int_equal(out.code, 0);
}

/* What vmm/verdict.c says where it was the VMM that ended: killed, by its filter, after the
 * deadline.
 */
static const char *const of_the_vmm[] = { "the VMM:", "sandbox:", "the VMM was" };

/* It is the guest that ended, not its VMM; and what is said of it is one line of plain text. */
static void assert_verdict(const struct outcome *out, unsigned kinds, const char *reason)
{
	if (!(kinds & 1u << out->kind) || (out->kind == OUTCOME_EXITED && out->code))
		fail_msg("outcome %d, code %d: '%s'", out->kind, out->code, out->reason);
	if (out->kind != OUTCOME_EXITED && (!*out->reason || !strstr(out->reason, reason)))
		fail_msg("reason is '%s', not '%s'", out->reason, reason);
	for (size_t i = 0; i < ARRAY_SIZE(of_the_vmm); i++) {
		if (strstr(out->reason, of_the_vmm[i]))
			fail_msg("the VMM itself: '%s'", out->reason);
	}
	for (const char *p = out->reason; *p; p++)
		assert_in_range((unsigned char)*p, ' ', '~');
}

static void assert_bounds(
	const struct fixture *f, const struct attack *a, const struct outcome *out)
{
	assert_in_range(file_size(f->report_fd), 0, REPORT_MAX);
	assert_in_range((size_t)out->usage.ru_maxrss * 1024, 1, RAM + VMM_MEMORY);
	if (a->program) {
		assert_int_equal(file_size(f->output_fd), a->out);
		assert_int_equal(file_size(f->error_fd), a->error);
	} else {
		assert_in_range(file_size(f->output_fd), 0, VM_CONSOLE_MAX + 64);
		assert_int_equal(file_size(f->error_fd), 0);
	}
}

/* Is the CPU that KVM runs on QEMU's emulator? */
static bool is_emulated_cpu(void)
{
	uint32_t eax, ebx = 0, ecx, edx;

	__cpuid(0x40000000, eax, ebx, ecx, edx);
	return !memcmp(&ebx, "TCGT", sizeof(ebx));
}

static void attack(const struct attack *a)
{
	static const struct rt_program program = { .tree = "/" };
	struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = RAM, .vcpus = a->vcpus } };
	unsigned fds = count_fds();
	struct outcome out;
	struct err e;

	print_message("guest %s\n", a->name);
	if (a->real_cpu && is_emulated_cpu()) {
		print_message("  passed over: it would end QEMU, not its VMM\n");
		return;
	}
	f.cfg.program = a->program ? &program : NULL;
	assert_int_equal(fixture_open(&f, a->from, a->to, &e), 0);
	run(&f, a->kinds & LATE ? IN_VAIN : PATIENT, &out);
	print_message("  %s\n", out.kind == OUTCOME_EXITED ? "ended by itself" : out.reason);
	assert_verdict(&out, a->kinds, a->reason ? a->reason : "");
	assert_bounds(&f, a, &out);
	fixture_close(&f);
	nothing_is_left(fds);
}

static char *const
	*chosen; /* names on the command line, for trying some by hand, or one test's; none: all */

static bool is_chosen(const char *name)
{
	bool found = !*chosen;

	for (char *const *c = chosen; *c && !found; c++)
		found = !strcmp(*c, name);
	return found;
}

static void test_attacks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		if (is_chosen(attacks[i].name))
			attack(&attacks[i]);
	}
}

/* A flood of output into @fd, which the test keeps. */
static void flood_into(int fd, unsigned deadline_ms, struct outcome *out)
{
	static const struct rt_program program = { .tree = "/" };
	struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = RAM, .program = &program } };
	struct err e;

	assert_int_equal(fixture_open(&f, pages_fewer, pages_fewer_end, &e), 0);
	assert_int_equal(dup2(fd, f.output_fd), f.output_fd);
	assert_int_equal(dup2(fd, f.error_fd), f.error_fd);
	run(&f, deadline_ms, out);
	fixture_close(&f);
}

/* The program's reader has gone: that is no end of the VMM. */
static void test_flood_to_a_closed_reader(void **state)
{
	unsigned fds = count_fds();
	struct outcome out;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	flood_into(ends[1], PATIENT, &out);
	close(ends[1]);
	assert_verdict(&out, GOOD, "");
	nothing_is_left(fds);
}

/* It reads nothing: the deadline ends the guest all the same. */
static void test_flood_to_a_reader_that_sleeps(void **state)
{
	unsigned fds = count_fds();
	struct outcome out;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	flood_into(ends[1], IN_VAIN, &out);
	close(ends[0]);
	close(ends[1]);
	assert_verdict(&out, LATE, "the deadline");
	nothing_is_left(fds);
}

static void test_flood_to_a_full_disk(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	unsigned fds = count_fds();
	struct outcome out;

	(void)state;
	flood_into(full, PATIENT, &out);
	assert_verdict(&out, GOOD, "");
	nothing_is_left(fds);
	close(full);
}

/* The same by the limit on the size of files, which is a signal where nobody ignores it. */
static void test_flood_over_the_limit_of_files(void **state)
{
	int file = memfd_create("limited", MFD_CLOEXEC);
	unsigned fds = count_fds();
	struct rlimit old, limit;
	struct outcome out;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){ 4 << 20, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	flood_into(file, PATIENT, &out);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_verdict(&out, GOOD, "");
	assert_int_equal(file_size(file), 4 << 20);
	nothing_is_left(fds);
	close(file);
}

/* Restored guests that ask for a snapshot again, and one that was taken in the middle of a block.
 */
static void test_ready_again_and_again(void **state)
{
	struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = RAM, .restore = true } };
	unsigned fds = count_fds();
	struct outcome out;
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, ready_storm, ready_storm_end, &e), 0);
	for (int i = 0; i < 2; i++) {
		run(&f, IN_VAIN, &out);
		assert_verdict(&out, LATE, "the deadline");
	}
	fixture_close(&f);
	nothing_is_left(fds);
}

static void test_ready_while_the_other_reads(void **state)
{
	unsigned fds = count_fds();

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct fixture f = {
			.cfg = { .cancel_fd = -1, .mem_bytes = RAM, .vcpus = 2, .restore = true }
		};
		struct outcome out;
		struct err e = { 0 };

		if (fixture_open(&f, ready_while_reading, ready_while_reading_end, &e) < 0)
			fail_msg("%s: %s", e.step, e.message);
		run(&f, PATIENT, &out);
		assert_verdict(&out, GOOD, "");
		fixture_close(&f);
	}
	nothing_is_left(fds);
}

static void test_never_ready(void **state)
{
	struct fixture f = { .cfg = { .cancel_fd = -1, .mem_bytes = RAM, .restore = true } };
	unsigned fds = count_fds();
	struct err e;

	(void)state;
	assert_int_equal(fixture_open(&f, harmless, harmless_end, &e), -EIO);
	assert_non_null(strstr(e.message, "it knows nothing of snapshots"));
	fixture_close(&f);
	nothing_is_left(fds);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attacks),
		cmocka_unit_test(test_flood_to_a_closed_reader),
		cmocka_unit_test(test_flood_to_a_reader_that_sleeps),
		cmocka_unit_test(test_flood_to_a_full_disk),
		cmocka_unit_test(test_flood_over_the_limit_of_files),
		cmocka_unit_test(test_ready_again_and_again),
		cmocka_unit_test(test_ready_while_the_other_reads),
		cmocka_unit_test(test_never_ready),
	};

	chosen = argv + !!argc;
	if (*chosen)
		cmocka_set_test_filter(strncmp(*chosen, "test_", 5) ? "test_attacks" : *chosen);
	return cmocka_run_group_tests(tests, open_next, close_next);
}
