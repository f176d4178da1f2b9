/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/peer and the command lines: what other people's runtimes have in common. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/paths.h"
#include "ctr/tree.h"
#include "runner/peer.h"
#include "runner/rt_bwrap.h"
#include "runner/rt_vfork.h"
#include "runner/runtimes.h"

static int make_place(void **state)
{
	static char place[] = "/tmp/bench-test-peer-XXXXXX";

	strcpy(place + strlen(place) - 6, "XXXXXX");
	*state = mkdtemp(place);
	return *state ? 0 : -1;
}

static int remove_place(void **state)
{
	return remove_tree(*state);
}

static void launchers_hand_the_status_on(void **state)
{
	static const struct {
		enum outcome_kind kind, want_kind;
		int code, want_code;
		const char *want_reason;
	} cases[] = {
		{ OUTCOME_EXITED, OUTCOME_EXITED, 0, 0, "was" },
		{ OUTCOME_EXITED, OUTCOME_EXITED, 3, 3, "was" },
		{ OUTCOME_EXITED, OUTCOME_EXITED, 127, 127, "was" },
		{ OUTCOME_EXITED, OUTCOME_EXITED, 128, 128, "was" },
		{ OUTCOME_EXITED, OUTCOME_SIGNALED, 139, 11,
			"killed by signal 11 (Segmentation fault), as x tells it" },
		{ OUTCOME_EXITED, OUTCOME_EXITED, 255, 255, "was" },
		{ OUTCOME_SIGNALED, OUTCOME_BROKEN, 9, 9, "x itself was was" },
		{ OUTCOME_TIMEOUT, OUTCOME_TIMEOUT, 137, 137, "was" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome out = { .kind = cases[i].kind, .code = cases[i].code };

		strcpy(out.reason, "was");
		peer_verdict("x", &out);
		assert_int_equal(out.kind, cases[i].want_kind);
		assert_int_equal(out.code, cases[i].want_code);
		assert_string_equal(out.reason, cases[i].want_reason);
	}
}

static void command_lines_are_readable(void **state)
{
	char *const argv[] = { (char *)"/bin/x", (char *)"--a=b", (char *)"c d", (char *)"", NULL };
	char *const none[] = { NULL };
	cleanup_free char *line = peer_command_line(argv), *empty = peer_command_line(none);

	(void)state;
	assert_string_equal(line, "/bin/x --a=b 'c d' ''");
	assert_string_equal(empty, "");
}

/* An executable of that name in the place, which becomes all of $PATH. */
static void put_program(const char *place, const char *name, const char *script, mode_t mode)
{
	cleanup_free char *path = format_text("%s/%s", place, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, script, strlen(script)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void programs_are_found_by_path(void **state)
{
	const char *place = *state;
	cleanup_free char *old = strdup(getenv("PATH")), *path = NULL, *found = NULL;
	cleanup_free char *want = format_text("%s/crun", place), *no = NULL;
	struct err e = { 0 };

	path = format_text("relative::/nonexistent:%s", place);
	setenv("PATH", path, 1);
	assert_int_equal(peer_program("crun", &no, &e), -ENOENT);
	assert_string_equal(e.message, "'crun' is not installed");
	assert_string_equal(e.remedy, "sudo apt-get install crun");
	put_program(place, "crun", "", 0600);
	assert_null(program_find("crun")); /* not executable */
	put_program(place, "crun", "", 0700);
	assert_int_equal(peer_program("crun", &found, &e), 0);
	assert_string_equal(found, want);
	assert_int_equal(peer_program("nosuch", &no, &e), -EINVAL);
	setenv("PATH", old, 1);
}

/* Not installed is a reason with a remedy, for each of them. */
static void each_is_refused_by_name(void **state)
{
	static const char *const names[] = { "crun", "runc", "bwrap", "qemu" };
	cleanup_free char *old = strdup(getenv("PATH"));
	const struct rt_config cfg = { .workload = "/bin/true", .vcpus = 1, .cancel_fd = -1 };

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct runtime_ops *ops = runtime_find(names[i]);
		char *copies[4];
		struct err e = { 0 };

		assert_non_null(ops);
		assert_true(ops->caps & RT_FOREIGN);
		assert_int_equal(ops->probe(&cfg, &e), -ENOENT);
		assert_non_null(strstr(e.message, "is not installed"));
		assert_non_null(strstr(e.remedy, "sudo apt-get install "));
		assert_int_equal(peer_copies(names[i], copies, 4), 0);
	}
	setenv("PATH", old, 1);
}

static void a_runtime_that_fails_is_refused_in_its_own_words(void **state)
{
	const char *place = *state;
	cleanup_free char *old = strdup(getenv("PATH"));
	const struct rt_config cfg = {
		.workload = "/bin/true", .vcpus = 1, .cancel_fd = -1, .cpus = { { ~0ul } }
	};
	struct err e = { 0 };

	put_program(place, "bwrap", "#!/bin/sh\necho 'bwrap: no such luck' >&2\nexit 1\n", 0700);
	setenv("PATH", place, 1);
	assert_int_equal(runtime_find("bwrap")->probe(&cfg, &e), -ENODEV);
	assert_non_null(strstr(e.message, "bwrap: no such luck"));
	assert_true(e.remedy[0]);
	setenv("PATH", old, 1);
}

static void versions_and_what_has_none(void **state)
{
	const char *place = *state;
	cleanup_free char *good = format_text("%s/good", place),
			  *bad = format_text("%s/bad", place);
	char text[32];

	put_program(place, "good", "#!/bin/sh\necho \"tool 1.2 $1\"\necho more\n", 0700);
	put_program(place, "bad", "#!/bin/sh\necho tool; exit 1\n", 0700);
	peer_version(good, text, sizeof(text));
	assert_string_equal(text, "tool 1.2 --version");
	peer_version(bad, text, sizeof(text));
	assert_string_equal(text, "unknown");
	peer_version("/nonexistent/x", text, sizeof(text));
	assert_string_equal(text, "unknown");
}

static void what_an_emulated_machine_gets(void **state)
{
	const char *place = *state;
	cleanup_free char *old = strdup(getenv("PATH"));
	cleanup_free char *bin = format_text("%s/bin", place);
	cleanup_free char *share = format_text("%s/share/qemu", place);
	char *paths[8] = { NULL };
	size_t n;

	assert_int_equal(make_dirs(bin), 0);
	assert_int_equal(make_dirs(share), 0);
	put_program(bin, "qemu-system-x86_64", "", 0700);
	put_program(share, "bios-microvm.bin", "", 0600);
	setenv("PATH", bin, 1);
	assert_int_equal(peer_copies("qemu", paths, 0), 0);
	n = peer_copies("qemu", paths, ARRAY_SIZE(paths));
	assert_int_equal(n, 2);
	assert_non_null(strstr(paths[0], "/bin/qemu-system-x86_64"));
	assert_non_null(strstr(paths[1], "/share/qemu/bios-microvm.bin"));
	assert_int_equal(peer_copies("host", paths + 2, 1), 0);
	free(paths[0]);
	free(paths[1]);
	setenv("PATH", old, 1);
}

static void bubblewraps_command_line(void **state)
{
	char *const args[] = { (char *)"workload", (char *)"--a", (char *)"--b", NULL };
	char *const none[] = { NULL };
	char *out[32];
	cleanup_free char *line = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(bwrap_argv("/b", "/w", args, out, ARRAY_SIZE(out), &e), 0);
	line = peer_command_line(out);
	assert_string_equal(line, "/b --unshare-all --proc /proc --dev /dev --ro-bind /w /workload "
				  "--die-with-parent /workload --a --b");
	assert_int_equal(bwrap_argv("/b", "/w", none, out, 12, &e), 0);
	assert_int_equal(bwrap_argv("/b", "/w", none, out, 11, &e), -E2BIG);
	assert_int_equal(bwrap_argv("/b", "/w", args, out, 13, &e), -E2BIG);
	assert_int_equal(bwrap_argv("/b", "/w", args, out, 3, &e), -E2BIG);
}

static void bubblewraps_command_line_for_a_users_program(void **state)
{
	static struct ctr_tree tree;
	char *const argv[] = { (char *)"tool", (char *)"x", NULL };
	const struct rt_program own = {
		.tree = "/t", .path = "/bin/tool", .dir = "/w", .argv = argv, .envp = argv
	};
	char *out[32];
	cleanup_free char *line = NULL;
	struct err e = { 0 };

	(void)state;
	tree.tmp.n = 2;
	tree.tmp.entries[0] = (struct ctr_tree_entry){ .host_path = (char *)"/t/tmp/a",
		.path = (char *)"/tmp/a" };
	tree.tmp.entries[1] = (struct ctr_tree_entry){
		.host_path = (char *)"/t/tmp/l", .path = (char *)"/tmp/l", .target = (char *)"a"
	};
	assert_int_equal(bwrap_program_argv("/b", &own, &tree, out, ARRAY_SIZE(out), &e), 0);
	line = peer_command_line(out);
	assert_string_equal(line, "/b --unshare-all --ro-bind /t / --proc /proc --dev /dev "
				  "--ro-bind /sys /sys --tmpfs /tmp --die-with-parent --chdir /w "
				  "--ro-bind /t/tmp/a /tmp/a --symlink a /tmp/l /bin/tool x");
	for (size_t max = 1; max <= 25; max++)
		assert_int_equal(bwrap_program_argv("/b", &own, &tree, out, max, &e), -E2BIG);
	assert_int_equal(bwrap_program_argv("/b", &own, &tree, out, 26, &e), 0);
}

static void the_floor_starts_a_program(void **state)
{
	static const struct {
		const char *script;
		enum outcome_kind kind;
		int code;
	} cases[] = {
		{ "exit 0", OUTCOME_EXITED, 0 },
		{ "exit 7", OUTCOME_EXITED, 7 },
		{ "kill -SEGV $$", OUTCOME_SIGNALED, SIGSEGV },
		{ "echo out; echo report >&3", OUTCOME_EXITED, 0 },
	};
	const struct rt_config cfg = {
		.workload = "/bin/sh", .cancel_fd = -1, .cpus = { { ~0ul } }
	};
	struct runtime *rt;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vfork_runtime.open(&cfg, &rt, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_fd int low = memfd_create("report", 0), said = memfd_create("out", 0);
		cleanup_fd int report = fcntl(low, F_DUPFD, 10), output = fcntl(said, F_DUPFD, 10);
		char *argv[] = { (char *)"sh", (char *)"-c", (char *)cases[i].script, NULL };
		struct job job = { .argv = argv,
			.deadline_ns = now_ns() + 60 * NSEC_PER_SEC,
			.report_fd = report,
			.output_fd = output };
		struct outcome out = { 0 };
		struct instance *in;
		char text[16] = "";

		assert_int_equal(vfork_runtime.launch(rt, &job, &in, &e), 0);
		assert_int_equal(vfork_runtime.wait(in, &out, &e), 0);
		vfork_runtime.reap(in);
		assert_int_equal(out.kind, cases[i].kind);
		assert_int_equal(out.code, cases[i].code);
		assert_int_equal(phases_disorder(out.at), PHASE_COUNT);
		if (i != 3)
			continue;
		assert_int_equal(pread(report, text, sizeof(text), 0), 7);
		assert_string_equal(text, "report\n");
		assert_int_equal(pread(output, text, sizeof(text), 0), 4);
	}
	vfork_runtime.close(rt);
}

static void the_floor_says_what_is_wrong(void **state)
{
	const struct rt_config none = {
		.workload = "/nonexistent/x", .cancel_fd = -1, .cpus = { { ~0ul } }
	};
	char *argv[] = { (char *)"x", NULL };
	struct job job = { .argv = argv, .report_fd = 10, .output_fd = 2 };
	struct instance *in;
	struct runtime *rt;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vfork_runtime.probe(&none, &e), -ENOENT);
	assert_int_equal(vfork_runtime.open(&none, &rt, &e), 0);
	assert_int_equal(vfork_runtime.launch(rt, &job, &in, &e), -EINVAL);
	job.output_fd = job.report_fd = fcntl(2, F_DUPFD, 10);
	assert_int_equal(vfork_runtime.launch(rt, &job, &in, &e), -ENOENT);
	assert_non_null(strstr(e.message, "/nonexistent/x"));
	close(job.report_fd);
	vfork_runtime.close(rt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(launchers_hand_the_status_on),
		cmocka_unit_test(command_lines_are_readable),
		cmocka_unit_test_setup_teardown(
			programs_are_found_by_path, make_place, remove_place),
		cmocka_unit_test(each_is_refused_by_name),
		cmocka_unit_test_setup_teardown(
			a_runtime_that_fails_is_refused_in_its_own_words, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			versions_and_what_has_none, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			what_an_emulated_machine_gets, make_place, remove_place),
		cmocka_unit_test(bubblewraps_command_line),
		cmocka_unit_test(bubblewraps_command_line_for_a_users_program),
		cmocka_unit_test(the_floor_starts_a_program),
		cmocka_unit_test(the_floor_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
