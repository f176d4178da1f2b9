/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small things that everyone needs: scoped clean-up, whole reads and writes, strict numbers, time.
 */
#ifndef BENCH_BASE_UTIL_H
#define BENCH_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC_PER_SEC UINT64_C(1000000000)

/* Scoped clean-up: the object is released when the variable goes out of scope. */
#define cleanup_fd __attribute__((cleanup(cleanup_fd_)))
#define cleanup_free __attribute__((cleanup(cleanup_free_)))
#define cleanup_file __attribute__((cleanup(cleanup_file_)))

/* Closes *@fd when it is open and leaves -1 there; errno is preserved. */
void close_fd(int *fd);

static inline void cleanup_fd_(int *fd)
{
	close_fd(fd);
}

static inline void cleanup_free_(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_file_(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Hands the descriptor to the caller and leaves -1 behind, so that clean-up passes it over. */
static inline int steal_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

static inline void *steal_pointer_(void *pp)
{
	void **p = pp;
	void *r = *p;

	*p = NULL;
	return r;
}
#define steal_pointer(pp) ((__typeof__(*(pp)))steal_pointer_(pp))

/* CLOCK_MONOTONIC in nanoseconds: the one clock of the project (docs/method.md, rule 8). */
uint64_t now_ns(void);

/*
 * Parse the whole of @s as a decimal number in [@min, @max]. Returns 0, -EINVAL
 * (not a number, sign, blanks, trailing text) or -ERANGE. *@out is untouched on failure.
 */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* Write all of @len bytes, retrying short writes and EINTR. Returns 0 or -errno. */
int write_all(int fd, const void *buf, size_t len);

/*
 * pread(2) and pwrite(2) that go on after EINTR and after a part: fewer than @len bytes are read
 * only where the file ends, and never written. Return as these do, -1 with errno.
 */
ssize_t pread_all(int fd, void *buf, size_t len, off_t offset);
ssize_t pwrite_all(int fd, const void *buf, size_t len, off_t offset);

/*
 * Read the file @path whole, at most @max bytes. On success *@buf is a malloc'ed,
 * NUL-terminated buffer that the caller frees, *@len (may be NULL) its length
 * without the NUL. -EFBIG when the file is longer. Works for /proc files too.
 */
int read_file(const char *path, size_t max, char **buf, size_t *len);

/* read_file for a one-line file of /proc or /sys: trailing newline cut, into @out. 0 or -errno. */
int read_line(const char *path, char *out, size_t size);

/* Create @path and its missing parents, mode 0777 less umask. Existing is not an error. 0 or
 * -errno. */
int make_dirs(const char *path);

/* Remove @path and everything below it, not following symlinks, not crossing mounts. 0 or -errno.
 */
int remove_tree(const char *path);

/* asprintf that returns NULL when out of memory; the caller frees. */
char *format_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The edit distance of @a and @b (insertions, deletions, substitutions), for "did you mean".
 * Strings longer than 63 characters count as very far.
 */
unsigned edit_distance(const char *a, const char *b);

#endif
