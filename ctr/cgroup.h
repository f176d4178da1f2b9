/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The container's cgroup: v2, v1 (also beside an empty v2: "hybrid"), or none with the reason. What
 * the host has is found by looking at what is mounted and trying.
 */
#ifndef BENCH_CTR_CGROUP_H
#define BENCH_CTR_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/owner.h"

#define CGROUP_NAME_SIZE (OWNER_SIZE + 24) /* "bench-", the owner, "-" and a number */
#define CGROUP_PIDS_MAX 4096               /* processes in a container where nothing else is said */

/* Controllers of v1 that are used, each a tree of its own. */
enum cgroup_v1 { CGROUP_V1_MEMORY, CGROUP_V1_PIDS, CGROUP_V1_COUNT };

/* How often to remove one that is refused for another reason than that somebody is in there. */
#define CGROUP_FAULT_TRIES 3

/* Where this process's own cgroups are, as paths; "" where there is none. */
struct cgroup_layout {
	char v2_mount[256]; /* the tree's root */
	char v2_own[512];   /* this process's folder in it */
	char v1_own[CGROUP_V1_COUNT][512];
};

/* From the texts of /proc/self/mountinfo and /proc/self/cgroup. 0 or -ENOMEM. */
int cgroup_find(struct cgroup_layout *l, const char *mountinfo, const char *self);

struct cgroup_manager;

/* One container's. */
struct cgroup {
	const struct cgroup_manager *manager;
	char name[CGROUP_NAME_SIZE];
	int fd; /* v2: the folder, for clone3; else -1 */
};

struct cgroup_ops {
	const char *name; /* "v2", "v1", "none" */
	int (*make)(struct cgroup *cg, struct err *e);
	int (*join)(const struct cgroup *cg, pid_t pid, struct err *e);
	void (*kill)(const struct cgroup *cg); /* everyone in it */
	bool (*oom_killed)(const struct cgroup *cg);
	int (*remove)(const struct cgroup *cg); /* -EBUSY: someone is still dying */
};

extern const struct cgroup_ops cgroup_v2_ops, cgroup_v1_ops, cgroup_none_ops;

struct cgroup_manager {
	const struct cgroup_ops *ops;
	struct cgroup_layout layout;
	int base[CGROUP_V1_COUNT]; /* folders that ours are made in; v2: the first only */
	uint64_t mem_max;          /* bytes; 0: no limit asked for */
	bool account;     /* they are there to count memory: not without the controller for it */
	bool switched_on; /* v2: children did not have the controller for memory before us */
	char aside[CGROUP_NAME_SIZE]; /* v2: where this process went to make room; "" if it did not
				       */
	bool hybrid;
	bool limits_processes; /* the controller pids is there: CGROUP_PIDS_MAX holds */
	char why[320];         /* why none, or what is not limited; "" when all is well */
	struct cgroup spare;   /* made ahead; its manager is NULL where there is none */
};

/*
 * Choose. @mem_max in bytes, or 0. Without a
 * limit a missing cgroup is not an error; with one it is, and @e says what helps.
 */
int cgroup_open(struct cgroup_manager *m, uint64_t mem_max, struct err *e);

/*
 * The same for cgroups that limit nothing but count memory: below this process's own cgroup, to
 * which it can return. -EOPNOTSUPP: the host has none to give, and @e says why.
 */
int cgroup_open_accounts(struct cgroup_manager *m, struct err *e);

/*
 * Go into @cg with all of this process, so that whoever it starts is born there, and come back.
 * What is allocated meanwhile counts there. 0 or -errno.
 */
int cgroup_enter(const struct cgroup *cg);
int cgroup_leave(const struct cgroup *cg);
void cgroup_open_none(struct cgroup_manager *m, const char *why);
void cgroup_close(struct cgroup_manager *m);

/* Make one, or take the one made ahead. On success cgroup_remove ends it. */
int cgroup_make(struct cgroup_manager *m, struct cgroup *cg, struct err *e);

/* Make the next one while nobody waits for it. It is only worth trying; cgroup_close removes it. */
void cgroup_make_ahead(struct cgroup_manager *m);

/* Kill whoever is left in it and remove it; waits for the dying, at most a second. 0 or -errno. */
int cgroup_remove(struct cgroup *cg);

/*
 * The path of its folder, of v1 that of the controller memory. 0, -ENOENT where there is none, or
 * another negative errno.
 */
int cgroup_path(const struct cgroup *cg, char *out, size_t size);

/*
 * Remove the cgroups of this user's right below @base whose name tells of a runner that is gone,
 * and end what lives in them: a container without a pid namespace may have left processes. Their
 * number.
 */
unsigned cgroup_sweep(int base);

/* For the managers: one value into one file of the folder @name below @base. 0 or -errno. */
int cgroup_write(int base, const char *name, const char *file, const char *value);

/* Kill whoever is listed in cgroup.procs of @name below @base, until nobody is. */
void cgroup_kill_listed(int base, const char *name);

/* The name of a new cgroup of this process's. */
void cgroup_name(char out[CGROUP_NAME_SIZE]);

/* Does @file of @name below @base list @word among words separated by blanks? */
bool cgroup_lists(int base, const char *name, const char *file, const char *word);

/* The number behind "@key " in @file of @name below @base; 0 where there is none. */
uint64_t cgroup_read_key(int base, const char *name, const char *file, const char *key);

#endif
