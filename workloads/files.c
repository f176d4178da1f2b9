/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and devices that are memory only, so that no disk is measured. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/raw.h"

/* In the working directory and as long everywhere; of this process alone, since on a host others
 * may be at work in the same directory. */
static char target[sizeof("bench-target-4294967295")];

_Static_assert(sizeof(struct stat) <= BENCH_PAGE, "struct stat fits the context's block");

static long open_device(struct bench_ctx *c, const char *path, int flags)
{
	c->fd[0] = open(path, flags | O_CLOEXEC);
	return c->fd[0] < 0 ? bench_refused(c, path, -errno) : 0;
}

long setup_zero(struct bench_ctx *c)
{
	return open_device(c, "/dev/zero", O_RDONLY);
}

long setup_null(struct bench_ctx *c)
{
	return open_device(c, "/dev/null", O_WRONLY);
}

/* A memfd is a file of the kernel's own tmpfs: the same kind wherever this runs. */
long setup_memory_file(struct bench_ctx *c)
{
	c->fd[0] = memfd_create("bench", MFD_CLOEXEC);
	if (c->fd[0] < 0)
		return bench_refused(c, "memfd_create", -errno);
	memset(c->block, 'x', sizeof(c->block));
	ssize_t n = write(c->fd[0], c->block, sizeof(c->block));

	if (n != (ssize_t)sizeof(c->block))
		return bench_refused(c, "write to memfd", n < 0 ? -errno : n);
	return 0;
}

long setup_target(struct bench_ctx *c)
{
	snprintf(target, sizeof(target), "bench-target-%010u", (unsigned)getpid());
	int fd = open(target, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return bench_refused(c, "create file in working directory", -errno);
	close(fd);
	return 0;
}

long teardown_target(struct bench_ctx *c)
{
	(void)c;
	return unlink(target);
}

long run_read(uint64_t iterations, struct bench_ctx *c)
{
	const int fd = c->fd[0];
	const long len = (long)c->bench->arg;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw3(SYS_read, fd, (long)c->block, len);

		if (unlikely(r != len))
			return bench_refused(c, "read", r);
	}
	return 0;
}

long run_write(uint64_t iterations, struct bench_ctx *c)
{
	const int fd = c->fd[0];
	const long len = (long)c->bench->arg;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw3(SYS_write, fd, (long)c->block, len);

		if (unlikely(r != len))
			return bench_refused(c, "write", r);
	}
	return 0;
}

long run_pread(uint64_t iterations, struct bench_ctx *c)
{
	const int fd = c->fd[0];
	const long len = (long)c->bench->arg;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw4(SYS_pread64, fd, (long)c->block, len, 0);

		if (unlikely(r != len))
			return bench_refused(c, "pread64", r);
	}
	return 0;
}

long run_stat(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw2(SYS_stat, (long)target, (long)c->block);

		if (unlikely(r < 0))
			return bench_refused(c, "stat", r);
	}
	return 0;
}

long run_fstat(uint64_t iterations, struct bench_ctx *c)
{
	const int fd = c->fd[0];

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw2(SYS_fstat, fd, (long)c->block);

		if (unlikely(r < 0))
			return bench_refused(c, "fstat", r);
	}
	return 0;
}

long run_open_close(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long fd = raw3(SYS_open, (long)target, O_RDONLY | O_CLOEXEC, 0);

		if (unlikely(fd < 0))
			return bench_refused(c, "open", fd);
		long r = raw1(SYS_close, fd);

		if (unlikely(r < 0))
			return bench_refused(c, "close", r);
	}
	return 0;
}
