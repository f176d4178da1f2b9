/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory files that are handed to another process once they are complete. */
#ifndef BENCH_VMM_MEMFILE_H
#define BENCH_VMM_MEMFILE_H

#include <stdbool.h>

#include "base/err.h"

/* A new, empty memory file, close-on-exec; @name is for /proc/PID/fd. The descriptor or -errno. */
int memfile_new(const char *name, struct err *e);

/* From here on nobody, ourselves included, can change @fd in content or size. 0 or -errno. */
int memfile_seal(int fd, struct err *e);

/* The same but for the content: two processes share it, and neither can have the other end by a
 * SIGBUS where it was cut. 0 or -errno. */
int memfile_seal_size(int fd, struct err *e);

/* Has memfile_seal been there? Any other file, on tmpfs or not, can become shorter: to map it is to
 * risk a SIGBUS.
 */
bool memfile_is_sealed(int fd);

#endif
