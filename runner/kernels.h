/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guest kernels by name: one table says which names there are, where each one's image lies and
 * whether it can be fetched or built. Those lie in <cache>/kernels/<name>/ as scripts/kernel-fetch
 * and scripts/kernel-build leave them: vmlinuz or vmlinux, release, package, ...
 */
#ifndef BENCH_RUNNER_KERNELS_H
#define BENCH_RUNNER_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/paths.h"

struct kernel_ref {
	char path[PATH_SIZE]; /* the image: ELF or bzImage, any compression; "" for "empty" */
	char release[128];    /* as uname -r tells it; "" where it is not known */
	char dir[PATH_SIZE];  /* its folder in the cache; "" for a kernel that lies elsewhere */
};

/*
 * Is @name a kernel's name, or a path (has a '/')? 0, or -EINVAL with the known names and the
 * nearest one. Looks at no file.
 */
int kernel_known(const char *name, struct err *e);

/* Does it need a /dev/kvm that can run Linux? An unknown name and a path are taken for Linux. */
bool kernel_is_linux(const char *name);

/* The names without a version, and what each is; NULL after the last. */
const char *kernel_name_at(size_t i);
const char *kernel_summary_at(size_t i);

/*
 * Find the image of the kernel @name; nothing is fetched. -EINVAL: no such name; -ENOENT: not here;
 * -EACCES: not readable by this user. The remedy says what helps.
 */
int kernel_resolve(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e);

/* kernel_resolve, but what is missing and can be fetched is fetched. */
int kernel_need(const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e);

/*
 * Make the kernel @name in the cache, by @verb: "fetch" or "build". @source is a kernel's source
 * tree to build from instead of the distribution's package, or NULL. -EINVAL: a name that is not
 * made so; -EEXIST: fetched already; -ECANCELED: interrupted. What is built is built again only if
 * configuration or source have changed. On failure nothing is left behind.
 */
int kernel_make(const char *name, const char *verb, const char *source, const struct paths *paths,
	struct err *e);

/* Remove a kernel that was fetched or built from the cache. -ENOENT when it is not there. */
int kernel_remove(const char *name, const struct paths *paths, struct err *e);

/* A line a kernel on @f: its name, its release or "-" when it is not here, and what it is. */
int kernels_print(FILE *f, const struct paths *paths, struct err *e);

/*
 * The image of the kernel @release where distributions put it, below @root ("" for this machine).
 * An unpacked one comes before a packed one. As kernel_resolve.
 */
int kernel_find_host(const char *root, const char *release, struct kernel_ref *out, struct err *e);

#endif
