/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process beside the container's that makes its user and network namespace meanwhile. A network
 * namespace costs the kernel more than all else of a container together, nearly all of it work that
 * one CPU does; on another CPU the container's own process builds its file system, and then joins.
 * It needs the right to join what was made elsewhere (CAP_SYS_ADMIN), so it is for root.
 */
#ifndef BENCH_CTR_BESIDE_H
#define BENCH_CTR_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ctr/start.h"

/* How far the network namespace is; a negative errno where a step failed. */
enum { BESIDE_BEGUN, BESIDE_MADE, BESIDE_LOOPBACK_UP };

/*
 * What the runner, the helper and the container's process say to each other: words in memory that
 * they share, and that they sleep on (futex(2)) when there is nothing else to do.
 */
struct meeting {
	uint32_t go;      /* 1: ids are mapped, cgroups joined */
	int32_t net;      /* BESIDE_* */
	uint32_t joined;  /* 1: the container is in all namespaces, the helper is not needed */
	const char *step; /* that failed, where net is negative */
};

struct beside {
	struct starter starter;
	struct meeting *meeting;
	bool net;   /* make a network namespace */
	int parent; /* pid of the runner */
};

/* Can a process join the namespaces of another by its descriptor (kernel 5.8)? */
bool beside_possible(void);

/*
 * Start it with the namespaces @flags of CLONE_NEWUSER and CLONE_NEWNET, in the container's cgroup
 * v2
 * @cgroup_fd (or -1), to which the memory of a network namespace belongs. @b must outlive it. It
 * ends when the container has joined.
 */
int beside_start(
	struct beside *b, unsigned flags, int cgroup_fd, struct started *out, struct err *e);

/* For whoever shares the words. */
void meeting_say(uint32_t *word, uint32_t value);
long meeting_await_go(struct meeting *m);
long meeting_await_net(struct meeting *m, int at_least, const char **what);

#endif
