/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/held.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/bench.h"
#include "workloads/raw.h"
#include "workloads/room.h"
#include "workloads/slurp.h"

/* The state "beat": it wakes up every 10 ms and tells of the first half of each half a second how
 * late that was, until 20,000 are told: there is room for 1 MiB, and each takes some 30 bytes. */
#define BEAT_NS 10000000
#define BEATS_ROUND (2 * HELD_BEATS)
#define BEATS_MAX 20000

/* The rows of the table are there to be named; timed, they would be nothing. */
long setup_held(struct bench_ctx *c)
{
	snprintf(c->why, sizeof(c->why), "is not timed: it needs --hold=STATE");
	return -EOPNOTSUPP;
}

/* --- states --- */

struct held {
	struct report *report;
	struct benchmark bench; /* what the records are about */
	char *mem;
};

/* A byte of each page, on small pages as in the other benchmarks: what is there is then what was
 * touched, in a guest as outside. */
static int touch(struct held *h)
{
	h->mem = mmap(NULL, HELD_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (h->mem == MAP_FAILED)
		return -errno;
	madvise(h->mem, HELD_BYTES, MADV_NOHUGEPAGE); /* fails on a kernel that has none */
	for (size_t i = 0; i < HELD_BYTES; i += BENCH_PAGE)
		*(volatile char *)(h->mem + i) = 1;
	return 0;
}

static int touch_and_return(struct held *h)
{
	int r = touch(h);

	return r < 0 ? r : munmap(h->mem, HELD_BYTES) < 0 ? -errno : 0;
}

static int nothing(struct held *h)
{
	(void)h;
	return 0;
}

static void stay(struct held *h)
{
	(void)h;
	for (;;)
		pause();
}

static int64_t nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

/* How late it woke up from a sleep until a moment that was set ahead. */
static uint64_t beat(int64_t *at)
{
	struct timespec until, now;
	int64_t late;

	*at += BEAT_NS;
	until = (struct timespec){ *at / 1000000000, *at % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
	clock_gettime(CLOCK_MONOTONIC, &now);
	late = nanoseconds(&now) - *at;
	if (late > BEAT_NS) /* beats that were missed are not made up for */
		*at = nanoseconds(&now);
	return late > 0 ? (uint64_t)late : 0;
}

static void beat_for_ever(struct held *h)
{
	struct timespec now;
	unsigned told = 0;
	int64_t at;

	clock_gettime(CLOCK_MONOTONIC, &now);
	at = nanoseconds(&now);
	for (unsigned i = 0;; i = (i + 1) % BEATS_ROUND) {
		uint64_t late = beat(&at);

		if (i < HELD_BEATS && told < BEATS_MAX) {
			report_value(h->report, &h->bench, "late", "ns", 1, late);
			told++;
		}
		if (i == HELD_BEATS)
			report_flush(h->report);
	}
}

static const struct state {
	const char *name;
	const char *bench; /* the row of the table that it belongs to */
	int (*reach)(struct held *h);
	void (*stay)(struct held *h);
} states[] = {
	{ "idle", NULL, nothing, stay },
	{ "touched", NULL, touch, stay },
	{ "returned", NULL, touch_and_return, stay },
	{ "beat", "hold", nothing, beat_for_ever },
};

static const struct state *find_state(const char *name)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i].name, name) == 0)
			return &states[i];
	return NULL;
}

int held_is_state(const char *state)
{
	return find_state(state) != NULL;
}

/* --- what is told of it --- */

/* What only a guest can tell: how much memory its kernel has, and how much is used of that. */
static void tell_memory(struct held *h)
{
	char text[4096];

	if (slurp("/proc/meminfo", text, sizeof(text)) < 0)
		return; /* no /proc in there: the runner says what is missing */

	const uint64_t total = room_of_meminfo(text, "MemTotal"),
		       left = room_of_meminfo(text, "MemAvailable");

	if (total == ROOM_UNKNOWN || total == 0)
		return;
	report_value(h->report, &h->bench, "guest-total", "bytes", 1, total);
	if (left > 0 && left <= total)
		report_value(h->report, &h->bench, "guest-used", "bytes", 1, total - left);
}

void held_say_ready(struct report *r, void (*mark_work)(void))
{
	uint32_t *word;

	report_flush(r);
	if (mark_work) {
		mark_work();
		return;
	}
	word = mmap(NULL, BENCH_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (word == MAP_FAILED)
		return; /* a person's terminal; or the runner finds out a moment later */
	raw3(SYS_futex, (long)word, FUTEX_WAKE, INT_MAX);
	munmap(word, BENCH_PAGE);
}

static void tell_ready(struct held *h, void (*mark_work)(void))
{
	struct utsname u;

	if (uname(&u) == 0)
		report_info(h->report, "kernel.release", "%s", u.release);
	if (mark_work)
		tell_memory(h);
	held_say_ready(h->report, mark_work);
}

int held_run(struct report *r, const struct args *a, void (*mark_work)(void))
{
	const struct state *s = find_state(a->hold);
	struct held h = { .report = r };
	char why[128];
	int code;

	if (!s)
		return -EINVAL; /* args.c takes no such name */
	h.bench = (struct benchmark){ .name = s->bench ? s->bench : s->name, .params = "" };
	code = s->reach(&h);
	if (code < 0) {
		snprintf(why, sizeof(why), "touching %lu MiB: %s", HELD_BYTES >> 20,
			strerror(-code));
		report_fail(r, &h.bench, why);
		return report_end(r, 0);
	}
	tell_ready(&h, mark_work);
	s->stay(&h);
	return 0;
}
