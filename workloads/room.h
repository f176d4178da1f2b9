/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is there so much memory? Asked before it is touched: a benchmark may be left out, but nothing may
 * ever be driven into the OOM killer.
 */
#ifndef BENCH_WORKLOADS_ROOM_H
#define BENCH_WORKLOADS_ROOM_H

#include <stddef.h>
#include <stdint.h>

struct bench_ctx;

#define ROOM_UNKNOWN UINT64_MAX

/* Bytes that are left alone: page tables of what is touched, and whoever else needs some now. */
#define ROOM_SPARE(bytes) ((UINT64_C(16) << 20) + (bytes) / 16)

/* The limit that the launcher has put on us in bytes, where it told (--mem-limit); 0: none. */
void room_set_limit(uint64_t bytes);

/* Bytes of the line "@name:" of @text, as /proc/meminfo has it; ROOM_UNKNOWN without one. */
uint64_t room_of_meminfo(const char *text, const char *name);

/*
 * Bytes that a cgroup and all those above it leave, by @cgroup, the text of /proc/self/cgroup, and
 * the trees below @mount (/sys/fs/cgroup), of version 1 or 2. ROOM_UNKNOWN where no limit is found.
 */
uint64_t room_of_cgroup(const char *cgroup, const char *mount);

/* The least of all of these, here and now. */
uint64_t room_left(void);

/*
 * 0 where @bytes can be touched, @held of which are already (of an area that grows); else
 * -EOPNOTSUPP with @c->why saying what is missing.
 */
long room_for(struct bench_ctx *c, size_t bytes, size_t held);

#endif
