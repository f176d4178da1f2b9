/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a VMM process left behind to what the runner is told. */
#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/runtime_vm.h"
#include "vmm/verdict.h"

static struct vm_state st;

static void console(const char *text)
{
	st.console_bytes = strlen(text);
	memcpy(st.console, text, strlen(text));
}

static const struct {
	uint32_t end, status;
	const char *console;
	const char *err; /* message; step is "step", remedy "remedy" */
	enum outcome_kind process;
	enum outcome_kind kind;
	int code;
	const char *reason;
} cases[] = {
	{ VM_END_EXIT, 0, "noise\n", NULL, OUTCOME_EXITED, OUTCOME_EXITED, 0, "" },
	{ VM_END_EXIT, 42, "", NULL, OUTCOME_EXITED, OUTCOME_EXITED, 42, "exit status 42" },
	{ VM_END_RESET, 0, "bye\n", NULL, OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"the guest reset itself without an exit status; console: bye" },
	{ VM_END_RESET, 0, "Kernel panic - not syncing: x\n", NULL, OUTCOME_EXITED, OUTCOME_BROKEN,
		1, "the guest kernel panicked; console: Kernel panic - not syncing: x" },
	{ VM_END_RESET, 0, "Kernel panic: Attempted to kill init! exitcode=0x00000009\n", NULL,
		OUTCOME_EXITED, OUTCOME_SIGNALED, 9,
		"killed by signal 9 (Killed) in the guest; console: "
		"Kernel panic: Attempted to kill init! exitcode=0x00000009" },
	{ VM_END_RESET, 0, "Kernel panic: Attempted to kill init! exitcode=0x00000300\n", NULL,
		OUTCOME_EXITED, OUTCOME_EXITED, 3,
		"exit status 3, not reported to the VMM; console: "
		"Kernel panic: Attempted to kill init! exitcode=0x00000300" },
	{ VM_END_RESET, 0, "Kernel panic: Attempted to kill init! exitcode=0x00000000\n", NULL,
		OUTCOME_EXITED, OUTCOME_EXITED, 0, "" },
	/* No status that there is: the guest made it up. */
	{ VM_END_RESET, 0, "Attempted to kill init! exitcode=0xffffffffffffffffff\n", NULL,
		OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"the guest reset itself without an exit status; console: "
		"Attempted to kill init! exitcode=0xffffffffffffffffff" },
	{ VM_END_RESET, 0, "Attempted to kill init! exitcode=0x7f\n", NULL, OUTCOME_EXITED,
		OUTCOME_BROKEN, 1,
		"the guest reset itself without an exit status; console: "
		"Attempted to kill init! exitcode=0x7f" },
	{ VM_END_DEADLINE, 0, "last\n", "still alive", OUTCOME_EXITED, OUTCOME_TIMEOUT, 1,
		"step: still alive (remedy); console: last" },
	{ VM_END_DEADLINE, 0, "", NULL, OUTCOME_EXITED, OUTCOME_TIMEOUT, 1,
		"guest still alive at the deadline" },
	{ VM_END_SHUTDOWN, 0, "", "triple\nfault\x7f", OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"step: triple?fault? (remedy)" },
	{ VM_END_ERROR, 0, "", NULL, OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"the VM ended without saying why" },
	{ VM_END_SNAPSHOT, 0, "", NULL, OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"the VM ended without saying why" }, /* no launch asks for one */
	{ VM_RUNNING, 0, "last\n", NULL, OUTCOME_TIMEOUT, OUTCOME_TIMEOUT, 1,
		"the VMM was still running after the deadline, killed; console: last" },
	{ VM_RUNNING, 0, "", NULL, OUTCOME_SIGNALED, OUTCOME_BROKEN, 1,
		"the VMM: as proc_wait says" },
	{ VM_END_COUNT, 0, "", NULL, OUTCOME_SIGNALED, OUTCOME_BROKEN, 1,
		"the VMM: as proc_wait says" },
	{ UINT32_MAX, 0, "", NULL, OUTCOME_EXITED, OUTCOME_BROKEN, 1,
		"the VMM: as proc_wait says" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome out = {
			.kind = cases[i].process, .code = 1, .reason = "as proc_wait says"
		};

		st = (struct vm_state){ .end = cases[i].end, .status = cases[i].status };
		console(cases[i].console);
		if (cases[i].err) {
			err_set(&st.err, -1, "step", "%s", cases[i].err);
			err_help(&st.err, "remedy");
		}
		vm_verdict(&st, &out);
		assert_string_equal(out.reason, cases[i].reason);
		assert_int_equal(out.kind, cases[i].kind);
		assert_int_equal(out.code, cases[i].code);
	}
}

static void test_ended_before_it_could_tell(void **state)
{
	struct outcome out = { .kind = OUTCOME_EXITED, .code = VM_EXIT_UNTOLD + ENOMEM };

	(void)state;
	st = (struct vm_state){ .end = VM_RUNNING };
	vm_verdict(&st, &out);
	assert_int_equal(out.kind, OUTCOME_BROKEN);
	assert_string_equal(
		out.reason, "the VMM: what it shares with the runner: Cannot allocate memory");
}

/* Whatever it says of itself: a VMM that its filter killed has not ended well. */
static void test_killed_by_its_filter(void **state)
{
	(void)state;
	for (uint32_t end = 0; end <= VM_END_COUNT; end++) {
		struct outcome out = { .kind = OUTCOME_SIGNALED, .code = SIGSYS };

		st = (struct vm_state){ .end = end };
		vm_verdict(&st, &out);
		assert_int_equal(out.kind, OUTCOME_BROKEN);
		assert_ptr_equal(
			strstr(out.reason, "sandbox: the VMM was killed (SIGSYS)"), out.reason);
	}
}

static void test_stamps(void **state)
{
	struct outcome out = { 0 };

	(void)state;
	st = (struct vm_state){ .end = VM_END_EXIT, .at[VM_AT_ENTER] = 5 };
	st.mark_at[MARK_INIT] = 6;
	st.mark_at[MARK_MAIN] = 7;
	st.mark_at[MARK_WORK] = 9;
	st.kvm_exits = 139;
	st.exits[2] = 90;
	st.exits[VM_EXIT_REASONS - 1] = 1;
	vm_verdict(&st, &out);
	assert_true(out.has_exits);
	assert_int_equal(out.exits, 139);
	assert_int_equal(out.exits_user, 91);
	assert_int_equal(out.at[PHASE_SANDBOX], 5);
	assert_int_equal(out.at[PHASE_INIT], 6);
	assert_int_equal(out.at[PHASE_MAIN], 7);
	assert_int_equal(out.at[PHASE_WORK], 9);
}

/* All bytes set: nothing ends, no string has an end. */
static void test_hostile_state(void **state)
{
	struct outcome out;

	(void)state;
	for (uint32_t end = 0; end <= VM_END_COUNT; end++) {
		memset(&st, 0xff, sizeof(st));
		st.end = end;
		memset(&out, 0, sizeof(out));
		vm_verdict(&st, &out);
		assert_true(memchr(out.reason, '\0', sizeof(out.reason)) != NULL);
	}
}

/* A VMM that was taken over holds the descriptor: what it cuts off would be our SIGBUS. */
static void nobody_can_cut_the_memory(void **state)
{
	struct vm_shared *shared;
	struct err e;
	int fd;

	(void)state;
	assert_int_equal(runtime_share_memory(&fd, &shared, &e), 0);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 2 * sizeof(*shared)), -1);
	assert_int_equal(errno, EPERM);
	shared->cfg.magic = VM_PROTO_MAGIC; /* its content is for both to write */
	assert_int_equal(munmap(shared, sizeof(*shared)), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_can_cut_the_memory),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_ended_before_it_could_tell),
		cmocka_unit_test(test_killed_by_its_filter),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_hostile_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
