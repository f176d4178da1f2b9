/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hello kernel in a VM of ours, its report read record by record; and the probe that uses it.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/probe.h"
#include "vmm/vmm.h"

#define LONG_NS (60 * NSEC_PER_SEC)
#define SHORT_NS (NSEC_PER_SEC / 2)
#define MAX_FIELDS 8
#define MAX_LINES 300
#define MAX_WORDS 6

static char build_dir[PATH_MAX]; /* with bench-vmm and hello.elf; this test is in its tests/ */

/* One launch of the hello kernel, and what came of it. */
struct launch {
	const char *words[MAX_WORDS]; /* of its command line */
	uint64_t mem_bytes, life_ns;

	struct outcome out;
	char report[REPORT_MAX + 1];
	char console[4096];
	char *field[MAX_LINES][MAX_FIELDS]; /* of the report's lines; NULL where there is none */
	size_t lines;
};

static struct launch launch;

static int find_build_dir(void **state)
{
	char self[PATH_MAX] = "";

	(void)state;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	snprintf(build_dir, sizeof(build_dir), "%s", dirname(dirname(self)));
	return 0;
}

/* "" where VMs can be made, else why not. */
static const char *no_kvm(void)
{
	static char why[sizeof(struct err)];
	cleanup_fd int fd = -1;
	struct err e;

	why[0] = '\0';
	if (kvm_open(&fd, &e) < 0)
		snprintf(why, sizeof(why), "%s: %s", e.step, e.message);
	return why;
}

#define NEED_KVM()                                                                                 \
	do {                                                                                       \
		if (*no_kvm())                                                                     \
			SKIP(no_kvm());                                                            \
	} while (0)

static int memory_file(off_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

static void split_report(struct launch *l)
{
	char *rest = l->report, *line;

	while (*rest && (line = strsep(&rest, "\n")) && rest) {
		assert_true(l->lines < MAX_LINES);
		for (size_t n = 0; line; n++) {
			assert_true(n < MAX_FIELDS);
			l->field[l->lines][n] = strsep(&line, "\t");
		}
		l->lines++;
	}
}

static void run_hello(struct launch *l)
{
	cleanup_free char *kernel = format_text("%s/hello.elf", build_dir);
	cleanup_fd int report = memory_file(REPORT_MAX), console = memory_file(0);
	const struct rt_config cfg = { .libexec = build_dir,
		.kernel = kernel,
		.kernel_name = "hello",
		.mem_bytes = l->mem_bytes ? l->mem_bytes : RAM_MIN,
		.vcpus = 1,
		.cancel_fd = -1 };
	char *argv[MAX_WORDS + 2] = { kernel }; /* argv[0] is left out of the command line */
	struct job job = { .argv = argv, .report_fd = report, .output_fd = console };
	struct runtime *rt;
	struct instance *in;
	struct err e;

	for (size_t i = 0; i < MAX_WORDS && l->words[i]; i++)
		argv[i + 1] = strdup(l->words[i]);
	assert_int_equal(vm_runtime.open(&cfg, &rt, &e), 0);
	job.deadline_ns = now_ns() + (l->life_ns ? l->life_ns : LONG_NS);
	assert_int_equal(vm_runtime.launch(rt, &job, &in, &e), 0);
	assert_int_equal(vm_runtime.wait(in, &l->out, &e), 0);
	vm_runtime.reap(in);
	vm_runtime.close(rt);
	assert_int_equal(pread(report, l->report, REPORT_MAX, 0), REPORT_MAX);
	assert_true(pread(console, l->console, sizeof(l->console) - 1, 0) >= 0);
	for (size_t i = 1; argv[i]; i++)
		free(argv[i]);
	split_report(l);
}

static const char *info(const struct launch *l, const char *key)
{
	for (size_t i = 0; i < l->lines; i++) {
		if (!strcmp(l->field[i][0], "info") && !strcmp(l->field[i][1], key))
			return l->field[i][2];
	}
	fail_msg("no info %s", key);
	return NULL;
}

static uint64_t number(const char *s)
{
	uint64_t value;

	assert_non_null(s);
	assert_int_equal(parse_u64(s, 0, UINT64_MAX, &value), 0);
	return value;
}

/* The records of one benchmark: so many samples, numbered from 0, or one skip. */
static size_t check_records(const struct launch *l, const char *name, const char *params)
{
	size_t samples = 0, skips = 0;

	for (size_t i = 0; i < l->lines; i++) {
		char *const *f = l->field[i];

		if (!f[1] || !f[2] || strcmp(f[1], name) || strcmp(f[2], params))
			continue;
		if (!strcmp(f[0], "sample")) {
			assert_int_equal(number(f[3]), samples++);
			assert_true(number(f[4]) > 0);
			assert_true(number(f[5]) > 0);
			assert_true(number(f[6]) <= number(f[5]));
			assert_null(f[7]);
		} else if (!strcmp(f[0], "skip")) {
			assert_true(strlen(f[3]) > 10);
			skips++;
		}
	}
	assert_int_equal(skips, samples ? 0 : 1);
	return samples;
}

static void check_table(const struct launch *l, size_t wanted)
{
	static const struct {
		const char *suite, *name, *params;
	} rows[] = {
#define BENCHMARK(suite, name, params, ...) { suite, name, params },
#include "workloads/benchmarks.def"
#undef BENCHMARK
	};
	size_t measured = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t samples;

		if (strcmp(rows[i].suite, "syscalls"))
			continue;
		samples = check_records(l, rows[i].name, rows[i].params);
		assert_true(samples == 0 || samples == wanted);
		measured += samples > 0;
	}
	assert_int_equal(measured, 3); /* cpuid, rdtsc and port-write need no Linux */
}

static void report_is_complete(void **state)
{
	struct launch *l = &launch;

	(void)state;
	NEED_KVM();
	*l = (struct launch){ .words = { "tsc_khz=1000000", "--batches=3", "--batch-ns=20000" } };
	run_hello(l);
	assert_int_equal(l->out.kind, OUTCOME_EXITED);
	assert_int_equal(l->out.code, 0);
	assert_string_equal(l->field[0][0], REPORT_MAGIC);
	assert_int_equal(number(l->field[0][1]), REPORT_VERSION);
	assert_string_equal(info(l, "kernel.sysname"), "hello");
	assert_string_equal(info(l, "hello.linux_getpid"), "no such call");
	assert_string_equal(info(l, "hello.add"), "42");
	assert_string_equal(info(l, "hello.tsc_khz"), "1000000");
	assert_true(!strcmp(info(l, "hello.entry"), "syscall") ||
		    !strcmp(info(l, "hello.entry"), "trap"));
	assert_true(number(info(l, "hello.ring0_ticks_1000_turns")) > 0);
	assert_true(number(info(l, "hello.ring3_ticks_1000_turns")) > 0);
	check_table(l, 3);
	assert_string_equal(l->field[l->lines - 1][0], "end");
	assert_string_equal(l->field[l->lines - 1][1], "0");
	assert_non_null(strstr(l->console, "hello: a kernel of our own, not Linux"));
}

static void marks_come_in_order(void **state)
{
	const uint64_t *at = launch.out.at;

	(void)state;
	NEED_KVM();
	launch = (struct launch){ .words = { "--batches=0" } };
	run_hello(&launch);
	assert_true(at[PHASE_REQUESTED] > 0);
	assert_true(at[PHASE_SANDBOX] > at[PHASE_REQUESTED]);
	assert_true(at[PHASE_MAIN] > at[PHASE_SANDBOX]);
	assert_true(at[PHASE_WORK] > at[PHASE_MAIN]);
	assert_true(at[PHASE_EXIT] > at[PHASE_WORK]);
}

/* The memory map that the VMM hands over is all of the RAM but the hole below 1 MiB. */
static void sees_its_ram(void **state)
{
	static const uint64_t sizes[] = { RAM_MIN, 64ul << 20 };

	(void)state;
	NEED_KVM();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t seen;

		launch = (struct launch){ .words = { "--batches=0" }, .mem_bytes = sizes[i] };
		run_hello(&launch);
		seen = number(info(&launch, "hello.ram_bytes"));
		assert_in_range(sizes[i] - seen, 0, GPA_KERNEL_MIN - GPA_LOWMEM_END);
	}
}

static void filter_chooses(void **state)
{
	static const struct {
		const char *word;
		size_t records; /* of benchmarks: skips and begins */
	} rows[] = {
		{ "--filter=cpuid", 1 },
		{ "--filter=p*-w?ite", 1 },
		{ "--filter=read/*", 2 },
		{ "--filter=*d*/*1*B", 2 }, /* read/1B, getrandom/16B */
		{ "--filter=nothing", 0 },
	};

	(void)state;
	NEED_KVM();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t n = 0;

		launch = (struct launch){ .words = { rows[i].word, "tsc_khz=1000000", "--batches=1",
						  "--batch-ns=1000" } };
		run_hello(&launch);
		for (size_t k = 0; k < launch.lines; k++)
			n += !strcmp(launch.field[k][0], "skip") ||
			     !strcmp(launch.field[k][0], "begin");
		if (n != rows[i].records)
			fail_msg("%s: %zu instead of %zu", rows[i].word, n, rows[i].records);
	}
}

static void wrong_words_are_refused(void **state)
{
	static const char *const words[] = { "tsc_khz=", "tsc_khz=0", "tsc_khz=-1", "--batches=257",
		"--batches=1x", "--batch-ns=99999999999999999999999",
		"--filter=", "--misbehave=nicely" };

	(void)state;
	NEED_KVM();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		launch = (struct launch){ .words = { words[i] } };
		run_hello(&launch);
		assert_int_equal(launch.out.kind, OUTCOME_EXITED);
		assert_int_equal(launch.out.code, 2);
		assert_non_null(strstr(launch.console, "not understood"));
		assert_string_equal(launch.field[launch.lines - 1][0], "end");
		assert_string_equal(launch.field[launch.lines - 1][1], "2");
	}
}

static void bad_guests_end_as_they_should(void **state)
{
	static const struct {
		const char *word;
		enum outcome_kind kind;
		int code;
		uint64_t life_ns;
		const char *console, *reason; /* contained; NULL: any */
	} rows[] = {
		{ "misbehave=fault", OUTCOME_EXITED, 1, LONG_NS,
			"unexpected exception 0xe error 0x5", NULL },
		{ "misbehave=crash", OUTCOME_BROKEN, -1, LONG_NS, NULL, "triple fault" },
		{ "misbehave=spin", OUTCOME_TIMEOUT, -1, SHORT_NS, NULL, "deadline" },
		{ "misbehave=halt", OUTCOME_TIMEOUT, -1, SHORT_NS, NULL, "deadline" },
		{ "misbehave=flood", OUTCOME_TIMEOUT, -1, 4 * SHORT_NS, "flood flood", "deadline" },
		{ "misbehave=silent", OUTCOME_EXITED, 0, LONG_NS, NULL, NULL },
	};

	(void)state;
	NEED_KVM();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		launch = (struct launch){ .words = { rows[i].word }, .life_ns = rows[i].life_ns };
		run_hello(&launch);
		if (launch.out.kind != rows[i].kind ||
			(rows[i].code >= 0 && launch.out.code != rows[i].code))
			fail_msg("%s: kind %d, code %d: %s", rows[i].word, launch.out.kind,
				launch.out.code, launch.out.reason);
		if (rows[i].console)
			assert_non_null(strstr(launch.console, rows[i].console));
		if (rows[i].reason)
			assert_non_null(strstr(launch.out.reason, rows[i].reason));
	}
}

static void probe_answers(void **state)
{
	const struct rt_config cfg = { .libexec = build_dir, .vcpus = 1, .cancel_fd = -1 };
	struct kvm_probe p;
	struct err e;

	(void)state;
	NEED_KVM();
	assert_int_equal(kvm_probe_guest(&cfg, &p, &e), 0);
	assert_true(p.opened);
	assert_int_equal(p.api_version, 12);
	if (!p.runs)
		fail_msg("%s", p.reason);
	assert_int_equal(p.linux_can_run, p.ring0_full_speed && p.syscall_enters_ring0);
	assert_int_equal(p.linux_can_run, *p.reason == '\0');
	assert_int_equal(p.linux_can_run, *p.remedy == '\0');
	assert_true(p.create_vm_us > 0);
	assert_true(p.ring3_ns > 0 && p.ring0_ns > 0 && p.exit_us > 0);
	assert_true(strlen(p.module) > 0);
}

/* A folder for libexec: bench-vmm and hello.elf are links to the given files; NULL: none. */
static void make_libexec(char dir[], const char *vmm, const char *kernel)
{
	const char *const targets[] = { vmm, kernel }, *const names[] = { "bench-vmm",
		"hello.elf" };

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		cleanup_free char *path = format_text("%s/%s", dir, names[i]);
		char target[PATH_MAX + 16];

		if (!targets[i])
			continue;
		if (*targets[i] == '/')
			snprintf(target, sizeof(target), "%s", targets[i]);
		else
			snprintf(target, sizeof(target), "%s/%s", build_dir, targets[i]);
		assert_int_equal(symlink(target, path), 0);
	}
}

static void probe_names_what_is_missing(void **state)
{
	static const struct {
		const char *vmm, *kernel; /* below the build folder, absolute, or not there */
		int code;
		const char *message; /* contained */
	} rows[] = {
		{ NULL, "hello.elf", -ENOENT, "bench-vmm" },
		{ "bench-vmm", NULL, -ENOENT, "hello.elf" },
		{ "bench-vmm", "/dev/null", -EINVAL, "hello.elf" },
		{ "bench-vmm", "/proc/version", -ENOEXEC, "hello.elf" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char dir[] = "/tmp/test-probe-XXXXXX";
		const struct rt_config cfg = { .libexec = dir, .vcpus = 1, .cancel_fd = -1 };
		struct err e = { 0 };
		struct kvm_probe p;

		make_libexec(dir, rows[i].vmm, rows[i].kernel);
		assert_int_equal(kvm_probe_guest(&cfg, &p, &e), rows[i].code);
		assert_non_null(strstr(e.message, rows[i].message));
		assert_false(p.linux_can_run);
		assert_int_equal(remove_tree(dir), 0);
	}
}

/* A VMM that says nothing is no harness failure, but an answer. */
static void probe_survives_a_dumb_vmm(void **state)
{
	char dir[] = "/tmp/test-probe-XXXXXX";
	const struct rt_config cfg = { .libexec = dir, .vcpus = 1, .cancel_fd = -1 };
	struct kvm_probe p;
	struct err e;

	(void)state;
	NEED_KVM();
	make_libexec(
		dir, access("/usr/bin/true", X_OK) ? "/bin/true" : "/usr/bin/true", "hello.elf");
	assert_int_equal(kvm_probe_guest(&cfg, &p, &e), 0);
	assert_true(p.opened);
	assert_false(p.runs);
	assert_false(p.linux_can_run);
	assert_true(*p.reason && *p.remedy);
	assert_int_equal(remove_tree(dir), 0);
}

/* In a child: a mount namespace with an empty /dev. 77: that cannot be had here. */
static int probe_without_device(void)
{
	const struct rt_config cfg = { .libexec = build_dir, .vcpus = 1, .cancel_fd = -1 };
	struct kvm_probe p;
	struct err e;

	if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return 77;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("test", "/dev", "tmpfs", 0, NULL) < 0)
		return 77;
	if (kvm_probe_guest(&cfg, &p, &e) != 0 || p.opened || p.runs || p.linux_can_run)
		return 1;
	return strstr(p.reason, "/dev/kvm") && strstr(p.remedy, "modprobe") ? 0 : 2;
}

static void probe_tells_of_a_missing_device(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(probe_without_device());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		SKIP("no mount namespace can be had to hide /dev/kvm in");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void cancelled_probe_ends(void **state)
{
	int fds[2];
	struct kvm_probe p;
	struct err e;

	(void)state;
	NEED_KVM();
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);

	const struct rt_config cfg = { .libexec = build_dir, .vcpus = 1, .cancel_fd = fds[0] };

	assert_int_equal(kvm_probe_guest(&cfg, &p, &e), -ECANCELED);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_is_complete),
		cmocka_unit_test(marks_come_in_order),
		cmocka_unit_test(sees_its_ram),
		cmocka_unit_test(filter_chooses),
		cmocka_unit_test(wrong_words_are_refused),
		cmocka_unit_test(bad_guests_end_as_they_should),
		cmocka_unit_test(probe_answers),
		cmocka_unit_test(probe_names_what_is_missing),
		cmocka_unit_test(probe_survives_a_dumb_vmm),
		cmocka_unit_test(probe_tells_of_a_missing_device),
		cmocka_unit_test(cancelled_probe_ends),
	};

	return cmocka_run_group_tests(tests, find_build_dir, NULL);
}
