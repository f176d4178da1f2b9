/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose something is that outlives a process killed by SIGKILL: folders and cgroups carry their
 * maker in their name, so that a later run tells what nobody will remove any more from what is in
 * use. scripts/owner.sh makes the same text for the scripts.
 */
#ifndef BENCH_BASE_OWNER_H
#define BENCH_BASE_OWNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* "PID-START-NAMESPACE-BOOT" and NUL: numbers of up to 20 digits, and 8 hex digits. */
#define OWNER_SIZE 80

/*
 * A process, for good. A pid alone is given again, so its start time stands beside it (ticks since
 * boot); and both mean something only in their pid namespace (its inode) of their boot (the first
 * 32 bits of /proc/sys/kernel/random/boot_id): a folder may be shared with a container or, over a
 * network, with another machine, where our pids are unknown and all would look dead.
 */
struct owner {
	uint64_t pid, start, pid_ns;
	uint32_t boot;
};

/* This process; zeros where /proc does not tell. Cheap when asked again. */
const struct owner *owner_self(void);

/* This process as text. */
void owner_name(char out[OWNER_SIZE]);

/*
 * Read an owner at the start of @text, in exactly the form that owner_name writes, into @o. Returns
 * what follows it, or NULL where it is none.
 */
const char *owner_parse(const char *text, struct owner *o);

/*
 * Is @o no more? Only for who can be known from here: the same boot and pid namespace as ours, with
 * a /proc that shows us ourselves. A zombie is no more.
 */
bool owner_is_gone(const struct owner *o);

#endif
