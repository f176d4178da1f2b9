/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ask the kernel to start a program that lies in memory. */
#ifndef BENCH_WORKLOADS_DEMO_START_H
#define BENCH_WORKLOADS_DEMO_START_H

#include "workloads/demo/images.h"
#include "workloads/demo/probe.h"

#define START_TEXT 32

/*
 * Put @im into a file and execve(2) it in a child; where the folder for files does not take
 * programs (mounted "noexec", read-only, full), from a file in memory. What came of it, in @out:
 * the errno's name where it was refused ("ENOEXEC"), "exit N", "SIGSEGV" and the like where a
 * signal ended it, "still running" where nothing did for seconds.
 */
void start_image(const struct probe *p, const struct image *im, char out[START_TEXT]);

/*
 * Is somebody registered in @folder (/proc/sys/fs/binfmt_misc) to run programs of Windows, as Wine
 * and WSL do? Then "NAME: INTERPRETER" in @out, and 1.
 */
int start_finds_windows(const char *folder, char *out, size_t size);

#endif
