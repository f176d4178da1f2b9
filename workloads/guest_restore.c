/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moment of a snapshot, seen from the guest's init. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "workloads/guest_init.h"

/* linux/random.h, which musl's compiler does not see */
#define RND_ADD_ENTROPY _IOW('R', 0x03, int[2])
#define RND_RESEED_CRNG _IO('R', 0x07)

#define ARGS_COUNT 64
#define ARGS_BLOCK 256 /* of one exit: most launches need no second */

struct pool_info { /* struct rand_pool_info */
	int entropy_bits, bytes;
	uint32_t words[ENTROPY_BYTES / 4];
};

static void read_block(unsigned port, void *to, size_t bytes)
{
	__asm__ volatile("cld; rep insb" : "+D"(to), "+c"(bytes) : "d"(port) : "memory");
}

static void read_words(unsigned port, void *to, size_t words)
{
	__asm__ volatile("cld; rep insl" : "+D"(to), "+c"(words) : "d"(port) : "memory");
}

/* Does @text, of @len bytes, hold the empty string that ends the list? */
static int is_whole(const char *text, size_t len)
{
	return len >= 2 && !text[len - 1] && !text[len - 2];
}

static void read_args(char text[ARGS_MAX])
{
	for (size_t at = 0; at < ARGS_MAX; at += ARGS_BLOCK) {
		read_block(ARGS_PORT, text + at, ARGS_BLOCK);
		if (is_whole(text, at + ARGS_BLOCK))
			return;
	}
}

/* Split what was read: the time of day, then the arguments. */
static uint64_t split_args(char text[ARGS_MAX], int *argc, char ***argv)
{
	static char *words[ARGS_COUNT + 1];
	char *p = text;
	int n = 0;

	for (p += strlen(p) + 1; p < text + ARGS_MAX - 1 && *p && n < ARGS_COUNT; n++) {
		words[n] = p;
		p += strlen(p) + 1;
	}
	words[n] = NULL;
	*argc = n;
	*argv = words;
	return strtoull(text, NULL, 10);
}

/*
 * All clones of a snapshot hold the same secret state. The kernel's generator gets a new key of the
 * host's entropy, and every CPU's stock of numbers that was made with the old one is dropped.
 */
static int reseed(int fd)
{
	struct pool_info pool = { .entropy_bits = 8 * ENTROPY_BYTES, .bytes = ENTROPY_BYTES };

	read_words(ENTROPY_PORT, pool.words, ENTROPY_BYTES / 4);
	return ioctl(fd, RND_ADD_ENTROPY, &pool) < 0 || ioctl(fd, RND_RESEED_CRNG) < 0 ? -errno : 0;
}

static int set_clock(uint64_t ns)
{
	const struct timespec now = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	return clock_settime(CLOCK_REALTIME, &now) < 0 ? -errno : 0;
}

static int complain(const char *what, int code)
{
	fprintf(stderr, "workload: restored, but %s: %s\n", what, strerror(-code));
	return code;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t ready_ns; /* CLOCK_MONOTONIC when a snapshot might have been taken */

void guest_report_clone(struct report *r)
{
	int64_t step = clock_ns(CLOCK_MONOTONIC) - ready_ns;
	uint64_t random[2] = { 0, 0 };

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		report_info(r, "clone.random", "unknown");
	else
		report_info(r, "clone.random", "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
	report_info(r, "clone.step_ns", "%" PRId64, step);
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	report_info(r, "clone.slept_ns", "%" PRId64, clock_ns(CLOCK_MONOTONIC) - ready_ns - step);
	report_info(r, "clone.realtime_ns", "%" PRId64, clock_ns(CLOCK_REALTIME));
}

int guest_ready(int *argc, char ***argv)
{
	static char text[ARGS_MAX];
	int fd, code;

	if (guest_id != ID_SNAPSHOT)
		return 0;
	ready_ns = clock_ns(CLOCK_MONOTONIC);
	fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	memset(text, 1, sizeof(text)); /* present, so that the ports can write there at once */
	guest_mark(MARK_READY, 0);

	guest_mark(MARK_MAIN, 0);
	read_args(text);
	code = set_clock(split_args(text, argc, argv));
	if (code < 0)
		return complain("the time of day cannot be set", code);
	code = reseed(fd);
	close(fd);
	return code < 0 ? complain("its random numbers are those of its siblings", code) : 0;
}
