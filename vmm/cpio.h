/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a cpio archive ("newc", which the kernel unpacks) into a memory file. The bytes depend on
 * what is put in alone: time 0, inode numbers counted.
 */
#ifndef BENCH_VMM_CPIO_H
#define BENCH_VMM_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

struct archive;

struct cpio {
	struct archive *archive;
	int fd;
	unsigned last_ino;
};

struct cpio_entry {
	const char *name; /* relative to the root */
	mode_t mode;      /* with its type */
	uid_t uid;
	gid_t gid;
	unsigned major, minor; /* of a device */
	const char *target;    /* of a symlink */
	int64_t size;          /* of a regular file: cpio_content is to follow, unless 0 */
	/* Entries of a file with more than one name share a number from cpio_ino, and the kernel
	 * links them; the first one has the content, the others size 0. 0: one name. */
	unsigned ino, nlink;
};

/* cpio_close is due in every case. */
int cpio_open(struct cpio *c, struct err *e);
unsigned cpio_ino(struct cpio *c);
int cpio_put(struct cpio *c, const struct cpio_entry *entry, struct err *e);

/* The content of the entry put last, from the file @fd, called @path. -EAGAIN: it has changed. */
int cpio_content(struct cpio *c, int fd, uint64_t size, const char *path, struct err *e);

/* The same from memory. */
int cpio_bytes(struct cpio *c, const void *bytes, size_t size, struct err *e);

/* The archive's end. *@memfd is a sealed memory file of *@size bytes that the caller closes. */
int cpio_finish(struct cpio *c, int *memfd, uint64_t *size, struct err *e);
void cpio_close(struct cpio *c);

#endif
