/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/demo/error_name.h"

#include <errno.h>
#include <stdio.h>

#define E(name)                                                                                    \
	{                                                                                          \
		name, #name                                                                        \
	}

static const struct {
	int error;
	const char *name;
} names[] = {
	E(EPERM),
	E(ENOENT),
	E(EIO),
	E(E2BIG),
	E(ENOEXEC),
	E(EBADF),
	E(EAGAIN),
	E(ENOMEM),
	E(EACCES),
	E(EFAULT),
	E(EBUSY),
	E(EEXIST),
	E(ENODEV),
	E(ENOTDIR),
	E(EISDIR),
	E(EINVAL),
	E(ENFILE),
	E(EMFILE),
	E(ETXTBSY),
	E(ENOSPC),
	E(EROFS),
	E(ENOSYS),
	E(ELOOP),
	E(ELIBBAD),
	E(EOPNOTSUPP),
};

const char *error_name(int error)
{
	static char other[24];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(other, sizeof(other), "error %d", error);
	return other;
}
