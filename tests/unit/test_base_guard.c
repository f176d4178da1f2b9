/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard beside the runner: whatever its death leaves of what was being run is ended, and
 * nothing else. */
#include "tests/unit/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"

#define PATIENCE_MS 30000

#define LAUNCHES 3 /* that are held at once */

/* Starts a shell with a child of its own, which tells its number. */
static void launch(struct guard *g, int tell, uint32_t **slot)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"sleep 1000 & echo $!; wait", NULL };
	const int fds[] = { -1, tell, -1 };
	struct spawn sp = {
		.path = "/bin/sh", .argv = argv, .fds = fds, .n_fds = 3, .own_group = 1
	};
	struct spawned child;

	*slot = sp.slot = guard_slot(g);
	if (!sp.slot || spawn_program(&sp, &child, NULL))
		_exit(1);
}

static _Noreturn void be_runner(int tell, bool release)
{
	uint32_t *slots[LAUNCHES];
	struct guard g;

	if (guard_open(&g, NULL, NULL, NULL))
		_exit(1);
	for (int i = 0; i < LAUNCHES; i++)
		launch(&g, tell, &slots[i]);
	for (int i = 0; release && i < LAUNCHES; i++)
		guard_release(&slots[i]);
	dprintf(tell, "0\n"); /* all is as it is to be */
	pause();
	_exit(1);
}

/* The pidfds of the grandchildren of a runner that was killed. */
static void orphans(bool release, int fds[LAUNCHES])
{
	cleanup_file FILE *told = NULL;
	int p[2], pid;
	pid_t runner;

	assert_int_equal(pipe(p), 0);
	runner = fork();
	if (!runner)
		be_runner(p[1], release);
	close(p[1]); /* one that fails is the end of what it tells */
	told = fdopen(p[0], "r");
	assert_non_null(told);
	for (int i = 0, lines = 0; lines <= LAUNCHES; lines++) {
		assert_int_equal(fscanf(told, "%d", &pid), 1);
		if (!pid)
			continue;
		fds[i] = proc_pidfd(pid);
		assert_true(fds[i++] >= 0);
	}
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
}

static void a_killed_runners_groups_are_ended(void **state)
{
	int fds[LAUNCHES];

	(void)state;
	orphans(false, fds);
	for (int i = 0; i < LAUNCHES; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		close(p.fd);
	}
}

/* What has been ended already, and perhaps given to somebody else, is not touched. */
static void what_is_released_is_left_alone(void **state)
{
	int fds[LAUNCHES];

	(void)state;
	orphans(true, fds);
	for (int i = 0; i < LAUNCHES; i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		assert_int_equal(poll(&p, 1, 100), 0);
		syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0);
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		close(p.fd);
	}
}

static void one_that_is_closed_leaves_nothing(void **state)
{
	struct guard g, none = { .pid = 0 };
	uint32_t *slot;
	struct err e;

	(void)state;
	assert_int_equal(guard_open(&g, NULL, NULL, &e), 0);
	assert_true(g.pid > 0);
	guard_close(&g);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, not even a zombie */
	guard_close(&g);
	guard_close(&none);
	slot = guard_slot(&none);
	assert_null(slot);
	guard_watch(slot, 1234);
	guard_release(&slot);
}

static void say_done(void *ctx)
{
	__atomic_store_n((int *)ctx, 1, __ATOMIC_RELEASE);
}

static void the_last_of_it_is_done(void **state)
{
	int *done = mmap(
		NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t runner;

	(void)state;
	assert_true(done != MAP_FAILED);
	runner = fork();
	if (!runner) {
		struct guard g;

		if (!guard_open(&g, say_done, done, NULL))
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(runner, NULL, 0), runner);
	for (int i = 0; i < PATIENCE_MS && !__atomic_load_n(done, __ATOMIC_ACQUIRE); i++)
		usleep(1000);
	assert_int_equal(__atomic_load_n(done, __ATOMIC_ACQUIRE), 1);
	munmap(done, sizeof(*done));
}

/* Each has one of its own; where all are taken a launch does without. */
static void slots_are_given_once(void **state)
{
	uint32_t *slot, *last = NULL;
	struct guard g;
	struct err e;

	(void)state;
	assert_int_equal(guard_open(&g, NULL, NULL, &e), 0);
	for (unsigned i = 0; i < GUARD_SLOTS; i++) {
		slot = guard_slot(&g);
		assert_true(slot && slot != last && *slot == GUARD_NOBODY);
		last = slot;
	}
	assert_null(guard_slot(&g));
	slot = last;
	guard_release(&slot);
	assert_null(slot);
	assert_ptr_equal(guard_slot(&g), last);
	guard_close(&g);
}

/* A program that cannot be started has no number to be killed later; its slot is still taken. */
static void a_failed_start_is_forgotten(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct spawn sp = { .path = "/nonexistent", .argv = argv, .own_group = 1 };
	struct spawned child;
	struct guard g;
	struct err e;

	(void)state;
	assert_int_equal(guard_open(&g, NULL, NULL, &e), 0);
	sp.slot = guard_slot(&g);
	assert_true(spawn_program(&sp, &child, &e) < 0);
	assert_int_equal(*sp.slot, GUARD_NOBODY);
	guard_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_runners_groups_are_ended),
		cmocka_unit_test(what_is_released_is_left_alone),
		cmocka_unit_test(one_that_is_closed_leaves_nothing),
		cmocka_unit_test(the_last_of_it_is_done),
		cmocka_unit_test(slots_are_given_once),
		cmocka_unit_test(a_failed_start_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
