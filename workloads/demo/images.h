/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two programs, byte by byte: one that Linux knows how to start, and one that Windows does. */
#ifndef BENCH_WORKLOADS_DEMO_IMAGES_H
#define BENCH_WORKLOADS_DEMO_IMAGES_H

#include <stddef.h>

/* The exit status of both, where there is somebody to run them. */
#define IMAGE_STATUS 42

struct image {
	const char *name; /* of its file */
	const unsigned char *bytes;
	size_t n;
};

extern const struct image image_elf; /* x86-64 Linux */
extern const struct image image_pe;  /* x86-64 Windows 7 and newer, of the console */

#endif
