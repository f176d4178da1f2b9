/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Attacks on a container's host, tried from inside. Each is harmless where it succeeds: it opens
 * and does not write, passes an argument that is refused after the right is checked, or does to
 * itself what it could do to others.
 */
#ifndef BENCH_TESTS_ATTACK_H
#define BENCH_TESTS_ATTACK_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define VICTIM_SAYS 0x766963746d736179L /* what is to be read in the victim's memory */
#define SECRET "what only the host may know"

/* What the host has that the attacks are after. */
struct target {
	bool outside; /* not in a container: each in mounts of its own, since some come through */
	pid_t victim; /* a process that counts SIGUSR1 */
	unsigned long at;   /* address of a long that is VICTIM_SAYS in it */
	unsigned port;      /* where TCP is listened on at 127.0.0.1 */
	int shm;            /* a System V shared memory segment */
	char secret[128];   /* path of a file that holds SECRET */
	char abstract[108]; /* name of an abstract socket that is listened on */
};

/* 0: it came through. A negative errno: that is how it was refused, or -ENODATA: nothing to see. */
typedef long (*attack_fn)(const struct target *t);

struct attack {
	const char *name;
	attack_fn run;
};

/* Each ends with a row without a name. */
extern const struct attack attacks_on_files[], attacks_on_kernel[], attacks_on_neighbours[];

/* Where verdicts go: descriptor 3, or stdout where nobody has given us that. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The terminal that the output goes to: stdout, or stderr where stdout is for verdicts. */
int terminal(void);

/* "name=ok", or the error of @r. */
void say_verdict(const char *name, long r);

/* What a call returned, as an attack does. */
static inline long result(long r)
{
	return r < 0 ? -errno : 0;
}

/* The same where an error of @past means that the right was given, and only the argument was bad.
 */
static inline long past(long r, int error)
{
	return r < 0 && errno != error ? -errno : 0;
}

#endif
