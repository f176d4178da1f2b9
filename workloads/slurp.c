/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);
	int r = n < 0 ? -errno : 0;

	buf[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
	return r;
}
