/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/ns.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000 /* linux/sched.h, kernel 4.6 */
#endif

const struct ns_kind ns_kinds[NS_KINDS] = {
	{ "user", "user", CLONE_NEWUSER },
	{ "mount", "mnt", CLONE_NEWNS },
	{ "pid", "pid", CLONE_NEWPID },
	{ "net", "net", CLONE_NEWNET },
	{ "ipc", "ipc", CLONE_NEWIPC },
	{ "uts", "uts", CLONE_NEWUTS },
	{ "cgroup", "cgroup", CLONE_NEWCGROUP },
};

unsigned ns_all(void)
{
	unsigned flags = 0;

	for (unsigned i = 0; i < NS_KINDS; i++)
		flags |= ns_kinds[i].flag;
	return flags;
}

unsigned ns_flag(const char *name)
{
	for (unsigned i = 0; i < NS_KINDS; i++) {
		if (!strcmp(name, ns_kinds[i].name))
			return ns_kinds[i].flag;
	}
	return 0;
}

void ns_list(unsigned flags, char *out, size_t size)
{
	size_t used = 0;

	snprintf(out, size, "none");
	for (unsigned i = 0; i < NS_KINDS; i++) {
		if (!(flags & ns_kinds[i].flag) || used >= size)
			continue;
		used += (size_t)snprintf(
			out + used, size - used, "%s%s", used ? "," : "", ns_kinds[i].name);
	}
}
