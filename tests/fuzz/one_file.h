/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that is the input, without a system call: the linker has open, fstat, read and close of
 * the tested code end here (FUZZ_WRAP of build.mk), and whatever is opened below ONE_FILE is it.
 * Only for a target's own file, since it defines them.
 */
#ifndef BENCH_TESTS_FUZZ_ONE_FILE_H
#define BENCH_TESTS_FUZZ_ONE_FILE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define ONE_FILE "/fuzz"      /* whatever path begins so */
#define ONE_FILE_FD (1 << 20) /* no descriptor of ours is as high */

static struct {
	const uint8_t *data;
	size_t len, at;
	bool open;
} one_file;

static inline void one_file_set(const uint8_t *data, size_t len)
{
	one_file.data = data;
	one_file.len = len;
}

__typeof__(open) __wrap_open, __real_open;
__typeof__(fstat) __wrap_fstat, __real_fstat;
__typeof__(read) __wrap_read, __real_read;
__typeof__(close) __wrap_close, __real_close;

int __wrap_open(const char *path, int flags, ...)
{
	if (strncmp(path, ONE_FILE, sizeof(ONE_FILE) - 1))
		return __real_open(path, flags, 0666);
	MUST((flags & O_CLOEXEC) && !one_file.open);
	one_file.open = true;
	one_file.at = 0;
	return ONE_FILE_FD;
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd != ONE_FILE_FD)
		return __real_fstat(fd, st);
	*st = (struct stat){ .st_mode = S_IFREG | 0644, .st_size = (off_t)one_file.len };
	return 0;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	size_t left = one_file.len - one_file.at;

	if (fd != ONE_FILE_FD)
		return __real_read(fd, buf, size);
	if (size > left)
		size = left;
	if (size)
		memcpy(buf, one_file.data + one_file.at, size);
	one_file.at += size;
	return (ssize_t)size;
}

int __wrap_close(int fd)
{
	if (fd != ONE_FILE_FD)
		return __real_close(fd);
	MUST(one_file.open);
	one_file.open = false;
	return 0;
}

#endif
