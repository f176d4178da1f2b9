/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/ready.h"
#include "base/report_abi.h"
#include "base/util.h"

/* What the other process does with the word. */
enum deed { SAY, END, STAY };

struct other {
	int report_fd, pidfd;
	pid_t pid;
	uint32_t *word;
};

static void start(struct other *o, enum deed deed)
{
	struct err e;

	o->report_fd = memfd_create("report", MFD_CLOEXEC);
	assert_true(o->report_fd >= 0);
	assert_int_equal(ftruncate(o->report_fd, REPORT_MAX), 0);
	assert_int_equal(ready_map(o->report_fd, &o->word, &e), 0);
	o->pid = fork();
	if (o->pid == 0) {
		uint32_t *word =
			mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, o->report_fd, 0);

		if (deed == SAY) {
			usleep(2000); /* mostly the other side sleeps by then; right either way */
			ready_say(word);
		}
		if (deed != END)
			pause();
		_exit(0);
	}
	o->pidfd = proc_pidfd(o->pid);
	assert_true(o->pidfd >= 0);
}

static void end(struct other *o)
{
	ready_unmap(&o->word);
	assert_null(o->word);
	ready_unmap(&o->word); /* twice is fine */
	proc_kill(o->pidfd);
	close(o->pidfd);
	close(o->report_fd);
}

static const struct {
	const char *name;
	enum deed deed;
	uint64_t time_ns; /* until the deadline */
	bool cancelled;
	int result;
} cases[] = {
	{ "said", SAY, 60 * NSEC_PER_SEC, false, 0 },
	{ "ended", END, 60 * NSEC_PER_SEC, false, -ESRCH },
	{ "late", STAY, NSEC_PER_SEC / 20, false, -ETIMEDOUT },
	{ "cancelled", STAY, 60 * NSEC_PER_SEC, true, -ECANCELED },
	{ "no time at all", STAY, 0, false, -ETIMEDOUT },
};

static void waits_for_what_comes_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_fd int cancel = eventfd(cases[i].cancelled, EFD_CLOEXEC);
		struct err e = { 0 };
		struct other o;
		int r;

		start(&o, cases[i].deed);
		r = ready_await(o.word, o.pidfd, now_ns() + cases[i].time_ns, cancel, &e);
		if (r != cases[i].result || e.code != r)
			fail_msg("%s: %d, %s", cases[i].name, r, e.message);
		end(&o);
	}
}

/* One that has said it and is gone was ready all the same; without a cancel_fd nobody cancels. */
static void said_counts_more_than_ended(void **state)
{
	struct err e = { 0 };
	uint32_t word = 0;
	struct other o;

	(void)state;
	start(&o, END);
	ready_say(&word);
	assert_int_equal(ready_await(&word, o.pidfd, 0, -1, &e), 0);
	assert_int_equal(e.code, 0);
	end(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_for_what_comes_first),
		cmocka_unit_test(said_counts_more_than_ended),
	};

	return cmocka_run_group_tests_name("base/ready", tests, NULL, NULL);
}
