/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fds.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "base/sys.h"

#define NUMBERS_MAX (1u << 20) /* to be tried one by one, which takes a tenth of a second */

/* That nobody has a number open is no error. */
CHILD_CODE static void end_one(unsigned fd, unsigned flags)
{
	if (flags & CLOSE_RANGE_CLOEXEC)
		sys3(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
	else
		sys1(SYS_close, fd);
}

/* A descriptor's number, or -1 for "." and "..". */
CHILD_CODE static long number_of(const char *name)
{
	long n = 0;

	if (name[0] == '.')
		return -1;
	for (; *name; name++)
		n = n * 10 + (*name - '0');
	return n;
}

/*
 * The kernel lists them in order and goes on by number, so that closing on the way leaves none out.
 * @list is closed by who opened it.
 */
CHILD_CODE static long end_listed(long list, unsigned first, unsigned flags)
{
	_Alignas(struct dirent) char room[2048]; /* of which it is, with 64 bits each, x86-64's */
	long got;

	while ((got = sys3(SYS_getdents64, list, room, sizeof(room))) > 0) {
		for (long at = 0; at < got;) {
			const struct dirent *e = (const void *)(room + at);
			long fd = number_of(e->d_name);

			if (fd >= (long)first && fd != list)
				end_one((unsigned)fd, flags);
			at += e->d_reclen;
		}
	}
	return got;
}

/* In somebody else's tree /proc may be a folder of his own making, and show nothing. */
CHILD_CODE static bool is_proc(long fd)
{
	struct statfs sf;

	return !sys2(SYS_fstatfs, fd, &sf) && sf.f_type == PROC_SUPER_MAGIC;
}

CHILD_CODE static long end_by_proc(unsigned first, unsigned flags)
{
	long list =
		sys4(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long r;

	if (list < 0)
		return list;
	r = is_proc(list) ? end_listed(list, first, flags) : -ENOENT;
	sys1(SYS_close, list);
	return r;
}

/* Who lowered the limit afterwards may have higher ones open: nothing would find them. */
CHILD_CODE static long end_up_to_limit(unsigned first, unsigned flags)
{
	struct {
		uint64_t soft, hard;
	} limit;
	long r = sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);

	if (r < 0)
		return r;
	if (limit.soft > NUMBERS_MAX)
		return -EMFILE;
	for (unsigned fd = first; fd < limit.soft; fd++)
		end_one(fd, flags);
	return 0;
}

CHILD_CODE static long end_all_from(unsigned first, unsigned flags)
{
	long r = sys3(SYS_close_range, first, ~0u, flags);

	if (r < 0)
		r = end_by_proc(first, flags);
	return r < 0 ? end_up_to_limit(first, flags) : 0;
}

CHILD_CODE long fds_close_from(unsigned first)
{
	return end_all_from(first, 0);
}

CHILD_CODE long fds_close_at_exec_from(unsigned first)
{
	return end_all_from(first, CLOSE_RANGE_CLOEXEC);
}
