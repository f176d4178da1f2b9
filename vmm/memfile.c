/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* linux/memfd.h, since Linux 6.3 */
#endif

int memfile_new(const char *name, struct err *e)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	/* Where sysctl vm.memfd_noexec is 2 the flag is a must; before 6.3 it is unknown. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd < 0 ? err_sys(e, "memfd_create", "%s", name) : fd;
}

static int seal(int fd, int more, struct err *e)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | more) < 0)
		return err_sys(e, "F_ADD_SEALS", "memory file");
	return 0;
}

int memfile_seal(int fd, struct err *e)
{
	return seal(fd, F_SEAL_WRITE, e);
}

int memfile_seal_size(int fd, struct err *e)
{
	return seal(fd, 0, e);
}

bool memfile_is_sealed(int fd)
{
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & needed) == needed;
}
