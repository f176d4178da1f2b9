/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/qemu_*: the command line, the marks' stream, and what is read from a QEMU that a shell
 * script plays. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "base/report_abi.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/peer.h"
#include "runner/qemu_argv.h"
#include "runner/qemu_watch.h"
#include "runner/report.h"
#include "runner/rt_qemu.h"

static void command_line(void **state)
{
	static const char *const want[] = {
		"/q -M microvm,",
		" -enable-kvm -cpu host ",
		" -no-reboot ",
		" -m 131072K -smp 2 -kernel /k -initrd /proc/self/fd/4 -append 'a b -- c' ",
		" -add-fd fd=5,set=5 -add-fd fd=6,set=6 -add-fd fd=7,set=7 ",
		"file,id=report0,path=/dev/fdset/5,append=on -device "
		"isa-debugcon,iobase=0x5f0,chardev=report0 ",
		"isa-debugcon,iobase=0x5f1,chardev=report1 ",
		"isa-debugcon,iobase=0x5f2,chardev=report2 ",
		"file,id=report3,path=/dev/fdset/5,append=on -device "
		"isa-debugcon,iobase=0x5f3,chardev=report3 ",
		"isa-debugcon,iobase=0x5f4,chardev=marks ",
		"isa-debugcon,iobase=0x5f5,chardev=arguments ",
		"isa-debugcon,iobase=0x5f8,readback=0x42,chardev=id0 ",
		"isa-debugcon,iobase=0x5f9,readback=0x4e,chardev=id1 ",
		"isa-debugcon,iobase=0x5fa,readback=0x43,chardev=id2 ",
		"isa-debugcon,iobase=0x5fb,readback=0x48,chardev=id3",
	};
	const struct qemu_setup setup = { .qemu = "/q",
		.kernel = "/k",
		.append = "a b -- c",
		.ram_bytes = 128 << 20,
		.vcpus = 2 };
	cleanup_free char *line = NULL;
	struct words a;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(qemu_argv_make(&setup, &a, &e), 0);
	line = peer_command_line(a.argv);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (!strstr(line, want[i]))
			fail_msg("'%s' is not in '%s'", want[i], line);
	}
	words_free(&a);
}

static void marks_from_a_stream(void **state)
{
	static const struct {
		const char *bytes; /* of pairs, in pieces of @piece bytes */
		size_t n, piece;
		uint64_t main, work, exit, bad; /* which piece, from 1, has stamped them; 0: none */
		unsigned status;
		bool ended;
	} cases[] = {
		{ "", 0, 1, 0, 0, 0, 0, 0, false },
		{ "\2\0\3\0\4\7", 6, 6, 1, 1, 1, 0, 7, true },
		{ "\2\0\3\0\4\7", 6, 2, 1, 2, 3, 0, 7, true },
		{ "\2\0\3\0\4\7", 6, 1, 1, 3, 5, 0, 7, true },  /* a pair in two pieces */
		{ "\2\0\3\0\4", 5, 1, 1, 3, 5, 0, 0, false },   /* cut off: no status was told */
		{ "\2\0\2\0\2\0", 6, 2, 1, 0, 0, 0, 0, false }, /* the first of each counts */
		{ "\4\1\4\2", 4, 2, 0, 0, 1, 0, 1, true },
		{ "\0\0\377\4\4\0", 6, 2, 0, 0, 3, 2, 0, true },
		{ "\377", 1, 1, 0, 0, 0, 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct qemu_marks m = { 0 };
		struct vm_state st = { 0 };
		uint64_t piece = 0;

		for (size_t at = 0; at < cases[i].n; at += cases[i].piece)
			qemu_marks_take(&m, &st, (const uint8_t *)cases[i].bytes + at,
				cases[i].piece, ++piece);
		assert_int_equal(st.mark_at[MARK_MAIN], cases[i].main);
		assert_int_equal(st.mark_at[MARK_WORK], cases[i].work);
		assert_int_equal(st.mark_at[MARK_EXIT], cases[i].exit);
		assert_int_equal(st.bad_marks, cases[i].bad);
		assert_int_equal(st.status, cases[i].status);
		assert_int_equal(m.exit_seen, cases[i].ended);
	}
}

/* What a launch of "QEMU" left. */
struct played {
	struct outcome out;
	char report[64], console[4096];
	int r;
};

/* Runs @script with the descriptors that QEMU gets. */
static void play(const char *script, uint64_t ns, int cancel_fd, struct played *p)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	cleanup_fd int report = report_file(), said = memfd_create("console", MFD_CLOEXEC);
	int ends[3] = { -1, -1, -1 };
	struct qemu_watch *w = malloc(sizeof(*w));
	struct spawned child;
	struct err e = { 0 };

	memset(p, 0, sizeof(*p));
	qemu_watch_init(w);
	assert_int_equal(qemu_watch_open(w, report, said, ends, &e), 0);
	{
		const int fds[QEMU_FD_COUNT] = { -1, ends[2], ends[2], -1, -1, ends[0], ends[1],
			ends[2] };
		struct spawn sp = {
			.path = "/bin/sh", .argv = argv, .fds = fds, .n_fds = QEMU_FD_COUNT
		};

		assert_int_equal(spawn_program(&sp, &child, &e), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		close_fd(&ends[i]);
	p->r = qemu_watch_wait(w, child.pidfd, now_ns() + ns, cancel_fd, &p->out, &e);
	if (p->r) {
		kill(child.pid, SIGKILL);
		assert_int_equal(
			qemu_watch_wait(w, child.pidfd, now_ns() + ns, -1, &p->out, &e), 0);
	}
	assert_true(pread(report, p->report, sizeof(p->report) - 1, 0) > 0);
	assert_true(pread(said, p->console, sizeof(p->console) - 1, 0) >= 0);
	close_fd(&child.pidfd);
	qemu_watch_free(w);
	free(w);
}

static void guests_that_end(void **state)
{
	static const struct {
		const char *script;
		enum outcome_kind kind;
		int code;
		const char *reason, *report, *console;
		bool main;
	} cases[] = {
		{ "echo boot >&7; printf '\\2\\0' >&6; printf rep >&5; printf ort >&5; "
		  "printf '\\4\\0' >&6",
			OUTCOME_EXITED, 0, "", "report", "boot\n", true },
		{ "printf '\\2\\0\\4\\3' >&6", OUTCOME_EXITED, 3, "exit status 3", "", "", true },
		{ "exit 0", OUTCOME_BROKEN, 0, "reset itself without an exit status", "", "",
			false },
		{ "echo 'Kernel panic - not syncing: x' >&7", OUTCOME_BROKEN, 0,
			"the guest kernel panicked", "", "Kernel panic", false },
		{ "echo 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b' "
		  ">&7",
			OUTCOME_SIGNALED, SIGSEGV, "killed by signal 11", "", "panic", false },
		{ "echo 'qemu: no such machine' >&2; exit 1", OUTCOME_BROKEN, 1,
			"exit status 1; console: qemu: no such machine", "", "no such machine",
			false },
		{ "printf '\\4\\0' >&6; kill -KILL $$", OUTCOME_BROKEN, 9, "killed by signal 9", "",
			"", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct played p;

		play(cases[i].script, 60 * NSEC_PER_SEC, -1, &p);
		assert_int_equal(p.r, 0);
		assert_int_equal(p.out.kind, cases[i].kind);
		assert_int_equal(p.out.code, cases[i].code);
		if (!*cases[i].reason)
			assert_string_equal(p.out.reason, "");
		if (!strstr(p.out.reason, cases[i].reason))
			fail_msg("'%s' is not in '%s'", cases[i].reason, p.out.reason);
		assert_string_equal(p.report, cases[i].report);
		assert_non_null(strstr(p.console, cases[i].console));
		assert_int_equal(p.out.at[PHASE_MAIN] != 0, cases[i].main);
		assert_int_equal(phases_disorder(p.out.at), PHASE_COUNT);
	}
}

/* More than a report or a log can hold is dropped, and holds nobody up. */
static void floods_are_bounded(void **state)
{
	struct played p;

	(void)state;
	play("head -c 3000000 /dev/zero | tr '\\0' x >&5; head -c 3000000 /dev/zero | tr '\\0' y "
	     ">&7; printf '\\4\\0' >&6",
		60 * NSEC_PER_SEC, -1, &p);
	assert_int_equal(p.out.kind, OUTCOME_EXITED);
	assert_int_equal(p.out.code, 0);
	assert_memory_equal(p.report, "xxxx", 4);
}

static void deadline_and_interruption(void **state)
{
	cleanup_fd int cancel = open("/dev/null", O_RDONLY | O_CLOEXEC); /* always readable */
	struct played p;

	(void)state;
	play("echo alive >&7; exec sleep 600", NSEC_PER_SEC / 5, -1, &p);
	assert_int_equal(p.r, 0);
	assert_int_equal(p.out.kind, OUTCOME_TIMEOUT);
	assert_non_null(strstr(p.out.reason, "alive at the deadline"));
	play("exec sleep 600", 60 * NSEC_PER_SEC, cancel, &p);
	assert_int_equal(p.r, -ECANCELED);
}

static void what_it_cannot_do_is_said(void **state)
{
	static const struct {
		struct rt_config cfg;
		int r;
		const char *message;
	} cases[] = {
		{ { .kernel_name = "hello", .vcpus = 1 }, -ENOTSUP, "the kernel 'hello'" },
		{ { .kernel_name = "empty", .vcpus = 1 }, -ENOTSUP, "the kernel 'empty'" },
		{ { .kernel_name = "distro", .vcpus = 1, .huge_pages = true }, -ENOTSUP, "pages" },
		{ { .kernel_name = "distro", .vcpus = 1, .restore = true }, -ENOTSUP, "cold" },
		{ { .kernel_name = "distro", .vcpus = 0 }, -EINVAL, "0 vCPUs" },
		{ { .kernel_name = "distro", .vcpus = 1, .mem_bytes = 1 }, -EINVAL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct runtime *rt = NULL;
		struct err e = { 0 };

		assert_int_equal(qemu_runtime.open(&cases[i].cfg, &rt, &e), cases[i].r);
		assert_null(rt);
		if (!strstr(e.message, cases[i].message))
			fail_msg("'%s' is not in '%s'", cases[i].message, e.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_line),
		cmocka_unit_test(marks_from_a_stream),
		cmocka_unit_test(guests_that_end),
		cmocka_unit_test(floods_are_bounded),
		cmocka_unit_test(deadline_and_interruption),
		cmocka_unit_test(what_it_cannot_do_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
