/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/workdir.h"

#include <errno.h>
#include <stddef.h>
#include <sys/statfs.h>
#include <unistd.h>

#define TMPFS_MAGIC 0x01021994 /* linux/magic.h, which musl does not carry */

int workdir_is_tmpfs(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) < 0 ? -errno : fs.f_type == TMPFS_MAGIC;
}

int workdir_enter(const char *wanted)
{
	static const char *const usual[] = { "/tmp", "/dev/shm" };

	for (size_t i = 0; !wanted && i < sizeof(usual) / sizeof(usual[0]); i++)
		if (workdir_is_tmpfs(usual[i]) == 1 && access(usual[i], W_OK | X_OK) == 0)
			wanted = usual[i];
	return chdir(wanted ? wanted : usual[0]) < 0 ? -errno : 0;
}
