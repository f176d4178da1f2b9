/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/machine: the script's command line, its exit statuses, interruption; hypervisors' names.
 */
#include "tests/unit/tiny_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hypervisor.h"
#include "base/util.h"
#include "runner/machine.h"

static const struct paths paths = { .self = "/p/bench",
	.libexec = "/p",
	.workload = "/p/workload",
	.scripts = "/s",
	.cache = "/c/bench" };

static void joined(const struct words *a, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; a->argv[i] && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "", a->argv[i]);
	assert_true(used < size);
}

static void command_line(void **state)
{
	char *const argv[] = { (char *)"/p/bench", (char *)"run", (char *)"--quick", NULL };
	char *const copies[] = { (char *)"/k/vmlinuz", NULL };
	const struct {
		struct machine_job job;
		const char *vmlinux;
		const char *want;
	} cases[] = {
		{ { .paths = &paths, .argv = argv, .share = "/o" }, "",
			"/s/emulated-machine --kernel /k --share /o --copy /p/bench --copy /s "
			"--copy /p/workload --copy /p/bench-vmm --copy /p/hello.elf "
			"--hold /p/bench-vmm -- env "
			"BENCH_LIBEXEC=/p BENCH_SCRIPTS=/s XDG_CACHE_HOME=/c /p/bench run "
			"--quick" },
		{ { .paths = &paths,
			  .argv = argv,
			  .share = "/o",
			  .copies = copies,
			  .cpus = 4,
			  .mem_mib = 2048,
			  .timeout_s = 60 },
			"/c/x.elf",
			"/s/emulated-machine --kernel /k --vmlinux /c/x.elf --share /o --cpus 4 "
			"--mem 2048 --timeout 60 --copy /p/bench --copy /s --copy /p/workload "
			"--copy /p/bench-vmm --copy /p/hello.elf --hold /p/bench-vmm "
			"--copy /k/vmlinuz -- env "
			"BENCH_LIBEXEC=/p BENCH_SCRIPTS=/s XDG_CACHE_HOME=/c /p/bench run "
			"--quick" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct words a;
		struct err e = { 0 };
		char line[1024];

		assert_int_equal(machine_argv(&cases[i].job, "/k", cases[i].vmlinux, &a, &e), 0);
		joined(&a, line, sizeof(line));
		assert_string_equal(line, cases[i].want);
		words_free(&a);
	}
}

static void command_line_too_long(void **state)
{
	char *argv[WORDS_MAX + 1];
	struct machine_job job = { .paths = &paths, .argv = argv, .share = "/o" };
	struct words a;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < WORDS_MAX; i++)
		argv[i] = (char *)"x";
	argv[WORDS_MAX] = NULL;
	assert_int_equal(machine_argv(&job, "/k", "", &a, &e), -E2BIG);
	words_free(&a);
}

static void hypervisor_names(void **state)
{
	static const char *const cases[][2] = { { "", "none" }, { "KVMKVMKVM", "KVM" },
		{ "TCGTCGTCGTCG", "QEMU TCG" }, { "Microsoft Hv", "Hyper-V" },
		{ "VMwareVMware", "VMware" }, { "XenVMMXenVMM", "Xen" },
		{ "something", "unknown" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(machine_hypervisor_of(cases[i][0]), cases[i][1]);
}

/* What the CPU says of itself must agree with what the kernel made of it. */
static void this_machine(void **state)
{
	cleanup_free char *info = NULL;
	char signature[13];
	bool flag, is_virtual = hypervisor_signature(signature);

	(void)state;
	assert_int_equal(read_file("/proc/cpuinfo", 16 << 20, &info, NULL), 0);
	flag = strstr(info, " hypervisor ") || strstr(info, " hypervisor\n");
	assert_int_equal(is_virtual, flag);
	assert_string_equal(
		machine_kind(), strcmp(signature, HYPERVISOR_TCG) ? "native" : "emulated");
	assert_true(is_virtual == (strcmp(machine_hypervisor(), "none") != 0));
}

/* A fetched kernel and a script that stands in for the real one: no QEMU is started. */
struct stage {
	char root[64];
	struct paths paths;
	struct machine_job job;
};

static char *const nothing[] = { (char *)"x", NULL };

static void put(const struct stage *s, const char *path, const void *text, size_t len)
{
	char full[PATH_SIZE];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", s->root, path);
	*strrchr(full, '/') = '\0';
	assert_int_equal(make_dirs(full), 0);
	full[strlen(full)] = '/';
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, len), 0);
	close(fd);
}

static void put_script(const struct stage *s, const char *text)
{
	put(s, "scripts/emulated-machine", text, strlen(text));
}

static int make_stage(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct err e = { 0 };

	assert_non_null(s);
	if (machine_probe(&e) < 0) {
		print_message("%s\n", e.message);
		free(s);
		*state = NULL;
		return 0;
	}
	strcpy(s->root, "/tmp/test_machine.XXXXXX");
	assert_non_null(mkdtemp(s->root));
	snprintf(s->paths.cache, PATH_SIZE, "%s/cache", s->root);
	snprintf(s->paths.scripts, PATH_SIZE, "%s/scripts", s->root);
	s->job = (struct machine_job){ .paths = &s->paths,
		.argv = nothing,
		.share = s->root,
		.output_fd = -1,
		.error_fd = -1,
		.cancel_fd = -1 };
	*state = s;
	return 0;
}

static int remove_stage(void **state)
{
	struct stage *s = *state;
	int r = s ? remove_tree(s->root) : 0;

	free(s);
	return r;
}

static struct stage *staged(void **state)
{
	struct stage *s = *state;
	struct tiny_elf kernel = tiny_elf();

	if (!s)
		SKIP("the emulated machine cannot be started here");
	put(s, "cache/kernels/distro/vmlinuz", &kernel, sizeof(kernel));
	put(s, "cache/kernels/distro/release", "6.6.6\n", 6);
	return s;
}

static void statuses(void **state)
{
	static const struct {
		const char *script;
		int want, status;
	} cases[] = {
		{ "#!/bin/sh\nexit 0\n", 0, 0 },
		{ "#!/bin/sh\nexit 3\n", 0, 3 },
		{ "#!/bin/sh\nexit 137\n", 0, 137 },
		{ "#!/bin/sh\nexit 124\n", -ETIMEDOUT, 124 },
		{ "#!/bin/sh\nexit 125\n", -EIO, 125 },
		{ "#!/bin/sh\nkill -9 $$\n", -EIO, -1 },
	};
	struct stage *s = staged(state);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };
		int status = -1;

		put_script(s, cases[i].script);
		assert_int_equal(machine_run(&s->job, &status, &e), cases[i].want);
		assert_int_equal(status, cases[i].status);
		assert_int_equal(e.code, cases[i].want);
	}
}

/* The script gets the kernel's folder and the unpacked image, which for an ELF is the image itself.
 */
static void what_the_script_gets(void **state)
{
	struct stage *s = staged(state);
	char path[PATH_SIZE], want[3 * PATH_SIZE];
	cleanup_free char *got = NULL;
	struct err e = { 0 };
	int status;

	put_script(s, "#!/bin/sh\necho \"$1 $2 $3 $4\" >\"$6/got\"\n");
	assert_int_equal(machine_run(&s->job, &status, &e), 0);
	snprintf(path, sizeof(path), "%s/got", s->root);
	assert_int_equal(read_file(path, 8192, &got, NULL), 0);
	snprintf(want, sizeof(want),
		"--kernel %s/kernels/distro --vmlinux %s/kernels/distro/vmlinuz\n", s->paths.cache,
		s->paths.cache);
	assert_string_equal(got, want);
}

/*
 * Interrupted: the script is asked by SIGTERM, and its clean end is waited for. It says itself when
 * it is ready for that, by the descriptor that cancels.
 */
static void cancelled(void **state)
{
	struct stage *s = staged(state);
	cleanup_fd int cancel = -1;
	char path[PATH_SIZE];
	struct err e = { 0 };
	int status = -1;

	put_script(s, "#!/bin/sh\n"
		      "share=$6\n"
		      "trap ': >\"$share/ended\"; exit 130' TERM\n"
		      "echo ready >\"$share/cancel\"\n"
		      "while :; do sleep 0.05; done\n");
	snprintf(path, sizeof(path), "%s/cancel", s->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	cancel = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(cancel >= 0);
	s->job.cancel_fd = cancel;
	assert_int_equal(machine_run(&s->job, &status, &e), -ECANCELED);
	assert_int_equal(status, 130);
	snprintf(path, sizeof(path), "%s/ended", s->root);
	assert_int_equal(access(path, F_OK), 0);
}

static void wrong_kernel(void **state)
{
	struct stage *s = staged(state);
	struct err e = { 0 };
	int status;

	put(s, "hello.elf", "x", 1);
	strcpy(s->paths.libexec, s->root);
	put_script(s, "#!/bin/sh\nexit 0\n");
	s->job.kernel = "hello";
	assert_int_equal(machine_run(&s->job, &status, &e), -EINVAL);
	assert_non_null(strstr(e.message, "'hello'"));
}

int main(void)
{
#define STAGED(f) cmocka_unit_test_setup_teardown(f, make_stage, remove_stage)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_line),
		cmocka_unit_test(command_line_too_long),
		cmocka_unit_test(hypervisor_names),
		cmocka_unit_test(this_machine),
		STAGED(statuses),
		STAGED(what_the_script_gets),
		STAGED(cancelled),
		STAGED(wrong_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
