/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the launches of "bench exec" print: one file a launch, in the folder output/ of a run. */
#ifndef BENCH_RUNNER_OUTPUTS_H
#define BENCH_RUNNER_OUTPUTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define OUTPUTS_DIR "output"
#define OUTPUT_MAX                                                                                 \
	(16u << 20) /* bytes kept of one launch; what comes after is read and dropped              \
		     */

/* The output of one launch, being taken. */
struct capture {
	int write_fd; /* for the program: a pipe, close-on-exec */
	int read_fd, stop_fd, file_fd;
	uint64_t bytes; /* filled by capture_end: all that was printed */
	int error;      /* the same: the file could not be written; 0 or negative errno */
	pthread_t thread;
	bool running;
};

/* One for which capture_end has nothing to do. */
#define CAPTURE_NONE                                                                               \
	{                                                                                          \
		.write_fd = -1, .read_fd = -1, .stop_fd = -1, .file_fd = -1                        \
	}

/* Make DIR/output/NAME.txt, and take into it what is written to write_fd. */
int capture_start(struct capture *c, const char *dir, const char *name, struct err *e);

/*
 * Take it into the file @fd, which stays the caller's: log.txt, to which the program must have no
 * descriptor of its own. With one it could cut the file, write over what others said, or fill the
 * disk. Due as above.
 */
int capture_into(struct capture *c, int fd, struct err *e);

/*
 * When the launch is over: take what is in the pipe still, but wait for nobody who has kept it
 * open. Due after a capture_start that failed, too.
 */
void capture_end(struct capture *c);

/*
 * Compare all files of DIR/output with the first. *@same; where it is false @e says which launch
 * is unlike, and where. 0; -ENOENT: there is none; or -errno.
 */
int outputs_compare(const char *dir, bool *same, struct err *e);

#endif
