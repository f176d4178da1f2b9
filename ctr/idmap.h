/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which host ids the container's root is, and telling the kernel so. */
#ifndef BENCH_CTR_IDMAP_H
#define BENCH_CTR_IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct idmap {
	bool privileged; /* the runner may map ids that are not its own */
	uint32_t uid;    /* host ids behind the container's 0; both maps have this one entry */
	uint32_t gid;
	char uid_line[32]; /* what is written to uid_map and gid_map, made ahead */
	char gid_line[32];
};

/*
 * Choose the ids. A privileged runner takes IDMAP_UID where its own user namespace has it, else
 * 65534; anyone else can only map himself. @uid_map is the text of /proc/self/uid_map.
 */
void idmap_choose(struct idmap *m, bool privileged, const char *uid_map);

/*
 * Near the end of the range that systemd sets apart for containers (524288 to 1879048191,
 * systemd.io/UIDS-GIDS): no account, no daemon and no usual /etc/subuid entry lives there.
 */
#define IDMAP_UID 1878982656u

/* Write the maps of @pid, which waits for them in its new user namespace. 0 or -errno, @e filled.
 */
int idmap_write(const struct idmap *m, pid_t pid, struct err *e);

/*
 * For the child, once the maps are there: become 0:0 inside, with no other group. Fills @what with
 * the call that failed. 0 or -errno.
 */
long idmap_become_root(const struct idmap *m, const char **what);

#endif
