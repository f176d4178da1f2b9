/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of a VMM's calls holds nothing that VMMs do not need: real ones are watched, and a row
 * that none of them uses fails. And it holds all they need, or they would be killed. Needs
 * /dev/kvm; the row of the clock is looked for in the emulated machine alone.
 */
#include "tests/unit/check.h"

#include <cpuid.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <sys/stat.h>

#include "tests/unit/guest_fixture.h"
#include "tests/unit/sandbox_fixture.h"
#include "tests/unit/sandbox_watch.h"
#include "vmm/runtime_vm.h"

#define CLOCKS "/sys/devices/system/clocksource/clocksource0/"

/* To the console, whose interrupt is on; to the report; counts of exits, entropy, and a mark. */
#define ALL_PORTS                                                                                  \
	"cld\n mov $0x3f9, %dx\n mov $2, %al\n out %al, %dx\n"                                     \
	"mov $0x3f8, %dx\n mov $'x', %al\n out %al, %dx\n mov $'\\n', %al\n out %al, %dx\n"        \
	"mov $0x8800, %edi\n mov $2, %ecx\n mov $0x5e0, %dx\n rep insl\n"                          \
	"mov $0x8800, %edi\n mov $2, %ecx\n mov $0x5fc, %dx\n rep insl\n"                          \
	"mov $0x8800, %esi\n mov $8, %ecx\n mov $0x5f0, %dx\n rep outsb\n"                         \
	"mov $0x5f4, %dx\n mov $3, %eax\n out %eax, %dx\n"

/* vCPU 1 started at 0x8000 in real mode with @code: Intel SDM 3, 9.4 (INIT, then SIPI), and the
 * local APIC's interrupt command register at 0xfee00300. vCPU 0 waits. */
#define ON_SECOND(code)                                                                            \
	"lea 2f(%rip), %rsi\n mov $0x8000, %edi\n mov $(3f - 2f), %ecx\n cld\n rep movsb\n"        \
	"mov $0xfee00300, %ebx\n movl $0x01000000, 0x10(%rbx)\n movl $0x4500, (%rbx)\n"            \
	"mov $1000000, %ecx\n 1: loop 1b\n"                                                        \
	"movl $0x01000000, 0x10(%rbx)\n movl $0x4608, (%rbx)\n 1: jmp 1b\n"                        \
	"2: .code16\n xor %ax, %ax\n mov %ax, %ds\n mov %ax, %es\n" code "\n.code64\n 3:"

GUEST(all_exit, ALL_PORTS EXIT_WITH(0));
GUEST(all_crash, ALL_PORTS "ud2");
GUEST(second_exit, ON_SECOND(ALL_PORTS EXIT_WITH(0)));
GUEST(second_crash, ON_SECOND("lidt 0x8c00\n int $3"));
GUEST(second_spins, ON_SECOND("mov $0x5f4, %dx\n mov $3, %eax\n out %eax, %dx\n 4: jmp 4b"));
GUEST(ready, "mov $0x5f4, %dx\n mov $6, %eax\n out %eax, %dx\n" EXIT_WITH(0));

static const struct scene {
	const char *name;
	const uint8_t *from, *to;
	unsigned vcpus;
	bool restore;
	enum outcome_kind kind;
	bool unready; /* it ends before its snapshot, which is then not to be had */
} scenes[] = {
#define SCENE(g, ...)                                                                              \
	{                                                                                          \
#g, g, g##_end, __VA_ARGS__, false                                                 \
	}
#define UNREADY(g, vcpus)                                                                          \
	{                                                                                          \
#g, g, g##_end, vcpus, true, OUTCOME_BROKEN, true                                  \
	}
	SCENE(all_exit, 1, false, OUTCOME_EXITED),
	SCENE(second_exit, 2, false, OUTCOME_EXITED),
	UNREADY(all_exit, 1),
#define SCENES_WITH_MARKS 3 /* those before, which read the clock in each list */
	SCENE(all_crash, 1, false, OUTCOME_BROKEN),
	SCENE(second_crash, 2, false, OUTCOME_BROKEN),
	SCENE(ready, 1, true, OUTCOME_EXITED),
	SCENE(ready, 2, true, OUTCOME_EXITED),
	UNREADY(all_crash, 1),
	UNREADY(second_exit, 2),
#undef SCENE
#undef UNREADY
};

#define TRIES 20

static struct watched *seen;

static void play(const struct scene *s)
{
	struct fixture f = { .cfg = { .cancel_fd = -1, .restore = s->restore } };
	struct instance *in = NULL;
	struct outcome out = { 0 };
	struct err e = { 0 };

	f.cfg.vcpus = s->vcpus;
	if (s->unready) {
		assert_int_equal(fixture_open(&f, s->from, s->to, &e), -EIO);
		assert_string_equal(e.step, "snapshot");
		assert_null(strstr(e.message, "sandbox:"));
		fixture_close(&f);
		return;
	}
	if (fixture_open(&f, s->from, s->to, &e) < 0 || launch(&f, PATIENT, &in, &e) < 0 ||
		vm_runtime.wait(in, &out, &e) < 0)
		fail_msg("guest %s: %s: %s", s->name, e.step, e.message);
	if (out.kind != s->kind)
		fail_msg("guest %s: %s", s->name, out.reason);
	vm_runtime.reap(in);
	fixture_close(&f);
}

/* Ended from outside, once vCPU 1 is in its guest: signals, and threads that end at the same time.
 */
static void play_a_signal(void)
{
	struct fixture f = { .cfg.cancel_fd = -1, .cfg.vcpus = 4 };
	struct rt_view view = { 0 };
	struct instance *in = NULL;
	struct err e = { 0 };
	siginfo_t si;

	print_message("guest second_spins on %u\n", f.cfg.vcpus);
	assert_int_equal(fixture_open(&f, second_spins, second_spins_end, &e), 0);
	assert_int_equal(launch(&f, PATIENT, &in, &e), 0);
	assert_int_equal(vm_runtime.ready(in, &e), 0);
	vm_runtime.view(in, &view);
	/* To its first thread: of a process's signals any thread may be given, when that is
	 * stopped. */
	assert_int_equal(syscall(SYS_tgkill, view.pid, view.pid, SIGTERM), 0);
	assert_int_equal(waitid(P_PID, (id_t)view.pid, &si, WEXITED | WNOWAIT), 0);
	assert_int_equal(si.si_code, CLD_EXITED);
	vm_runtime.reap(in);
	fixture_close(&f);
}

static void play_first(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_message("guest %s on %u\n", scenes[i].name, scenes[i].vcpus);
		play(&scenes[i]);
	}
}

static int write_line(const char *path, const char *text)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* Is this a machine of QEMU's emulator (its name in CPUID), and so one that was made for tests? */
static bool is_emulated(void)
{
	uint32_t eax, name[3];

	__cpuid(0x40000000, eax, name[0], name[1], name[2]);
	return !memcmp(name, "TCGTCGTCGTCG", sizeof(name));
}

/*
 * Those with marks once more, on a clock that is not to be read without the kernel: any of the
 * host's but those that have a vDSO mode (vclocks of arch/x86). False where there is none, or where
 * the clock is not a test's to change.
 */
static bool play_with_a_slow_clock(void)
{
	static const char *const slow[] = { "hpet", "acpi_pm", "refined-jiffies", "jiffies" };
	char before[64], after[64];
	bool played = false;

	if (!is_emulated() || read_line(CLOCKS "current_clocksource", before, sizeof(before)) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(slow) && !played; i++) {
		if (write_line(CLOCKS "current_clocksource", slow[i]) < 0 ||
			read_line(CLOCKS "current_clocksource", after, sizeof(after)) < 0 ||
			strcmp(slow[i], after))
			continue;
		print_message("clock %s\n", after);
		play_first(SCENES_WITH_MARKS);
		played = true;
	}
	write_line(CLOCKS "current_clocksource", before);
	return played;
}

/* Whether a vCPU is in its guest when another one ends it, and so has to be told, is chance. */
static void play_until_told(void)
{
	const uint32_t all = (1u << SANDBOX_LISTS) - 1;
	size_t row = 0;

	while (row < sandbox_rows_count && sandbox_rows[row].call != SYS_tgkill)
		row++;
	assert_true(row < sandbox_rows_count);
	for (int i = 0; i < TRIES && (seen->used[row] & all) != sandbox_rows[row].lists; i++)
		play(&scenes[ARRAY_SIZE(scenes) - 1]);
}

static unsigned count_unused(bool slow_clock)
{
	unsigned unused = 0;

	for (size_t i = 0; i < sandbox_rows_count; i++) {
		const struct sandbox_row *row = &sandbox_rows[i];

		for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++) {
			if (!(row->lists & 1u << list) || seen->used[i] & 1u << list)
				continue;
			if (row->elsewhere || (row->call == SYS_clock_gettime && !slow_clock)) {
				print_message("%s, list %s: not looked for here (%s)\n", row->name,
					sandbox_list_names[list],
					row->elsewhere
						? row->elsewhere
						: "not a machine whose clock may be changed");
				continue;
			}
			print_error("%s, list %s: no run uses it\n", row->name,
				sandbox_list_names[list]);
			unused++;
		}
	}
	return unused;
}

static void each_row_is_used(void **state)
{
	bool slow_clock;
	pid_t tracer;

	(void)state;
	assert_true(sandbox_rows_count <= WATCH_ROWS);
	if (SANITIZED)
		SKIP("built with a sanitizer, VMMs have no filter");
	tracer = watch_begin(seen);
	if (seen->error) {
		watch_end(tracer);
		SKIP("this process may not be traced");
	}
	play_first(ARRAY_SIZE(scenes));
	play_a_signal();
	slow_clock = play_with_a_slow_clock();
	play_until_told();
	watch_end(tracer);
	assert_int_equal(seen->error, 0);
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
		assert_true(seen->threads[list] > 0);
	assert_int_equal(count_unused(slow_clock), 0);
}

/* All threads of a VMM that runs, and what it runs in. */
static void check_task(pid_t vmm, const char *tid)
{
	static const char *const wanted[] = { "CapPrm:\t0000000000000000\n",
		"CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n" };
	cleanup_free char *path = format_text("/proc/%d/task/%s/status", (int)vmm, tid),
			  *text = NULL;

	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!strstr(text, wanted[i]))
			fail_msg("not '%s' in thread %s:\n%s", wanted[i], tid, text);
	}
}

/* The descriptors that are kept (sandbox_close), and what KVM gave. */
static void check_fd(pid_t vmm, const char *name)
{
	static const int kept[] = { STDERR_FILENO, VM_FD_REPORT, VM_FD_CONSOLE, VM_FD_OUTPUT };
	static const char *const of_kvm[] = { "/dev/kvm", "anon_inode:kvm-vm",
		"anon_inode:kvm-vcpu" };
	cleanup_free char *path = format_text("/proc/%d/fd/%s", (int)vmm, name);
	char to[256] = "";

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (atoi(name) == kept[i])
			return;
	}
	assert_true(readlink(path, to, sizeof(to) - 1) > 0);
	for (size_t i = 0; i < ARRAY_SIZE(of_kvm); i++) {
		if (!strncmp(to, of_kvm[i], strlen(of_kvm[i])))
			return;
	}
	fail_msg("descriptor %s is open: %s", name, to);
}

static void check_is_own(pid_t vmm, const char *kind)
{
	cleanup_free char *mine = format_text("/proc/self/ns/%s", kind),
			  *its = format_text("/proc/%d/ns/%s", (int)vmm, kind);
	struct stat a, b;

	assert_int_equal(stat(mine, &a), 0);
	assert_int_equal(stat(its, &b), 0);
	if (a.st_ino == b.st_ino)
		fail_msg("its %s namespace is the runner's", kind);
}

static void check_namespaces(pid_t vmm, uint32_t flags)
{
	cleanup_free char *path = format_text("/proc/%d/mountinfo", (int)vmm), *text = NULL;

	if (flags & CLONE_NEWNET)
		check_is_own(vmm, "net");
	if (!(flags & CLONE_NEWNS))
		return;
	check_is_own(vmm, "mnt");
	assert_int_equal(proc_entries(vmm, "root", NULL), 0);
	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	if (!strstr(text, " / / ro,nosuid,nodev,noexec") || strcmp(strchr(text, '\n'), "\n"))
		fail_msg("not one empty mount:\n%s", text);
}

/* Those that vmm/sandbox.c sets, hard and soft: what it says of their sizes, and what they are
 * here. */
static void check_limits(pid_t vmm, unsigned vcpus)
{
	static const uint64_t mib = UINT64_C(1) << 20;
	const struct {
		const char *name;
		uint64_t from, to;
	} limits[] = {
		{ "Max address space", VM_RAM_DEFAULT, VM_RAM_DEFAULT + 32 * mib },
		{ "Max open files", VM_FD_COUNT + 2 * vcpus, VM_FD_COUNT + 8 + 2 * vcpus },
		{ "Max core file size", 1, 1 },
		{ "Max locked memory", 0, 0 },
	};
	cleanup_free char *path = format_text("/proc/%d/limits", (int)vmm), *text = NULL;

	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const char *at = strstr(text, limits[i].name);
		uint64_t soft, hard;

		assert_non_null(at);
		if (sscanf(at + strlen(limits[i].name), "%" SCNu64 " %" SCNu64, &soft, &hard) !=
				2 ||
			soft != hard || hard < limits[i].from || hard > limits[i].to)
			fail_msg("%.70s", at);
	}
}

/* Until it has marked its first work, a guest's threads may still be on their way inside. */
GUEST(work_and_spin, "mov $0x5f4, %dx\n mov $3, %eax\n out %eax, %dx\n 1: jmp 1b");

static void every_thread_is_inside(void **state)
{
	struct fixture f = { .cfg.cancel_fd = -1, .cfg.vcpus = 3 };
	struct instance *in = NULL;
	struct rt_view view = { 0 };
	struct err e = { 0 };

	(void)state;
	if (SANITIZED)
		SKIP("built with a sanitizer, VMMs have no filter");
	assert_int_equal(fixture_open(&f, work_and_spin, work_and_spin_end, &e), 0);
	assert_int_equal(launch(&f, PATIENT, &in, &e), 0);
	assert_int_equal(vm_runtime.ready(in, &e), 0);
	vm_runtime.view(in, &view);
	assert_int_equal(proc_entries(view.pid, "task", check_task), 3);
	assert_true(proc_entries(view.pid, "fd", check_fd) > 4);
	check_namespaces(view.pid, f.rt->ns.flags);
	check_limits(view.pid, f.cfg.vcpus);
	vm_runtime.reap(in);
	fixture_close(&f);
}

static int set_up(void **state)
{
	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return seen == MAP_FAILED ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_thread_is_inside),
		cmocka_unit_test(each_row_is_used),
	};

	return cmocka_run_group_tests_name("vmm/sandbox_rows", tests, set_up, NULL);
}
