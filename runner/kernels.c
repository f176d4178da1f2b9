/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/kernels.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/util.h"
#include "runner/leftovers.h"
#include "runner/make_script.h"
#include "runner/ui.h"

/* How a kernel's folder in the cache is made: by "script NAME DIR [--source TREE]". */
struct maker {
	const char *verb, *done; /* "fetch", "fetched" */
	struct make_script make;
	const char *image;  /* which the script puts into the folder */
	const char *effort; /* what the user is told to wait for */
	bool unasked;       /* a run that needs the kernel may start it */
	bool again;         /* the script sees itself whether anything is to be done */
};

static const struct maker fetcher = {
	.verb = "fetch",
	.done = "fetched",
	.make = {
		.script = "kernel-fetch",
		.doing = "fetching",
		.what = "the kernel",
		.otherwise = "give an image by its path: --kernel ./vmlinuz, or --kernel host",
		.seconds = 900, /* 100 MB (Ubuntu, image and modules) over a line of 1 Mbit/s */
	},
	.image = "vmlinuz",
	.effort = "about 30 MB",
	.unasked = true,
};

/* Not unasked: minutes of compiling, and packages to be installed, are no part of a measurement. */
static const struct maker builder = {
	.verb = "build",
	.done = "built",
	.make = {
		.script = "kernel-build",
		.doing = "building",
		.what = "the kernel",
		.otherwise = "give a kernel's source tree: --source DIR",
		.seconds = 7200, /* the source as above, and an emulated or a very busy machine */
	},
	.image = "vmlinux",
	.effort = "150 MB of source and some minutes",
	.again = true,
};

struct kernel_kind {
	const char *name;
	bool versions;  /* name-X.Y are kernels too */
	bool not_linux; /* runs where a Linux guest cannot */
	const char *summary;
	int (*find)(const char *name, const struct paths *, struct kernel_ref *, struct err *);
	const struct maker *maker; /* or NULL */
};

static const struct kernel_kind *kind_of(const char *name);

static int set_path(char out[PATH_SIZE], const char *dir, const char *name, struct err *e)
{
	if (snprintf(out, PATH_SIZE, "%s/%s", dir, name) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "kernel", "'%s/%s' is too long", dir, name);
	return 0;
}

/* 0 when the regular file @path can be read. */
static int readable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int refused(const char *path, struct err *e)
{
	err_set(e, -EACCES, "kernel", "the kernel image '%s' cannot be read by this user", path);
	return err_help(e, "sudo chmod a+r '%s', or --kernel distro, or run as root", path);
}

int kernel_find_host(const char *root, const char *release, struct kernel_ref *out, struct err *e)
{
	/* Before and after the release; unpacked images first. */
	static const char *const places[][2] = {
		{ "/boot/vmlinux-", "" }, { "/usr/lib/debug/boot/vmlinux-", "" },
		{ "/boot/vmlinuz-", "" },        /* Debian, Ubuntu, SUSE */
		{ "/lib/modules/", "/vmlinuz" }, /* Fedora, Arch */
		{ "/boot/kernel-", "" },         /* Gentoo */
	};
	char path[PATH_SIZE], locked[PATH_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int r = snprintf(
			path, sizeof(path), "%s%s%s%s", root, places[i][0], release, places[i][1]);

		if (r >= PATH_SIZE)
			return err_set(e, -ENAMETOOLONG, "kernel", "'%s' is too long", root);
		r = readable(path);
		if (r == -EACCES && !*locked)
			strcpy(locked, path);
		if (r < 0)
			continue;
		*out = (struct kernel_ref){ 0 };
		strcpy(out->path, path);
		snprintf(out->release, sizeof(out->release), "%s", release);
		return 0;
	}
	if (*locked)
		return refused(locked, e);
	err_set(e, -ENOENT, "kernel",
		"no image of the running kernel %s in %s/boot or %s/lib/modules", release, root,
		root);
	return err_help(e, "--kernel distro, or give the image by its path");
}

static int find_host(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	struct utsname u;

	(void)name;
	(void)paths;
	if (uname(&u) < 0)
		return err_sys(e, "uname", "the running kernel");
	return kernel_find_host("", u.release, out, e);
}

static int cache_dir(const char *name, const struct paths *paths, char *out, struct err *e)
{
	char all[PATH_SIZE];
	int r = set_path(all, paths->cache, "kernels", e);

	return r < 0 ? r : set_path(out, all, name, e);
}

static int find_made(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	const struct maker *maker = kind_of(name)->maker;
	char path[PATH_SIZE];
	int r;

	*out = (struct kernel_ref){ 0 };
	r = cache_dir(name, paths, out->dir, e);
	if (!r)
		r = set_path(out->path, out->dir, maker->image, e);
	if (!r)
		r = set_path(path, out->dir, "release", e);
	if (r < 0)
		return r;
	if (readable(out->path) == 0)
		return read_line(path, out->release, sizeof(out->release)) < 0
			       ? err_set(e, -EBADMSG, "kernel", "'%s' cannot be read", path)
			       : 0;
	err_set(e, -ENOENT, "kernel", "the guest kernel '%s' has not been %s", name, maker->done);
	return err_help(e, "bench kernel %s %s", maker->verb, name);
}

static int find_hello(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	int r;

	*out = (struct kernel_ref){ 0 };
	r = set_path(out->path, paths->libexec, "hello.elf", e);
	if (r < 0)
		return r;
	r = readable(out->path);
	if (!r)
		return 0;
	err_set(e, r, "kernel", "the kernel '%s' is not at '%s': %s", name, out->path,
		strerror(-r));
	return err_help(e, "build it with 'make'");
}

/* A guest without any image: vmm/runtime.c knows it by its name. */
static int find_empty(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	(void)name;
	(void)paths;
	(void)e;
	*out = (struct kernel_ref){ 0 };
	return 0;
}

static int find_path(const char *path, struct kernel_ref *out, struct err *e)
{
	int r;

	*out = (struct kernel_ref){ 0 };
	if (strlen(path) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "kernel", "the kernel's path is too long");
	strcpy(out->path, path);
	r = readable(path);
	if (r == -EACCES)
		return refused(path, e);
	if (r == -EINVAL)
		return err_set(e, r, "kernel", "the kernel image '%s' is not a regular file", path);
	if (r < 0)
		return err_set(e, r, "kernel", "the kernel image '%s': %s", path, strerror(-r));
	return 0;
}

static const struct kernel_kind kinds[] = {
	{ "host", .summary = "the image of the running kernel", .find = find_host },
	{ "distro", .versions = true, .summary = "the distribution's kernel for virtual machines",
		.find = find_made, .maker = &fetcher },
	{ "minimal", .versions = true,
		.summary = "built with what the suites need and nothing else", .find = find_made,
		.maker = &builder },
	{ "hello", .not_linux = true, .summary = "our own, not Linux", .find = find_hello },
	{ "empty", .not_linux = true, .summary = "no kernel: one instruction that ends the guest",
		.find = find_empty },
};

const char *kernel_name_at(size_t i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i].name : NULL;
}

const char *kernel_summary_at(size_t i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i].summary : NULL;
}

/* "6.12": digits, a dot, digits. */
static bool is_version(const char *s)
{
	size_t major = strspn(s, "0123456789"), minor;

	if (!major || s[major] != '.')
		return false;
	minor = strspn(s + major + 1, "0123456789");
	return minor && !s[major + 1 + minor];
}

static const struct kernel_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].name);

		if (strncmp(name, kinds[i].name, len))
			continue;
		if (!name[len] ||
			(kinds[i].versions && name[len] == '-' && is_version(name + len + 1)))
			return &kinds[i];
	}
	return NULL;
}

static int unknown(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(kinds) + 3];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		names[n++] = kinds[i].name;
	names[n++] = "distro-6.12";
	names[n++] = "minimal-6.12";
	names[n++] = "./PATH";
	return ui_unknown(e, "kernel", name, names, n);
}

bool kernel_is_linux(const char *name)
{
	const struct kernel_kind *kind = strchr(name, '/') ? NULL : kind_of(name);

	return !kind || !kind->not_linux;
}

int kernel_known(const char *name, struct err *e)
{
	return strchr(name, '/') || kind_of(name) || !strcmp(name, "empty") ? 0 : unknown(name, e);
}

int kernel_resolve(
	const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	const struct kernel_kind *kind;

	if (strchr(name, '/'))
		return find_path(name, out, e);
	kind = kind_of(name);
	return kind ? kind->find(name, paths, out, e) : unknown(name, e);
}

int kernel_need(const char *name, const struct paths *paths, struct kernel_ref *out, struct err *e)
{
	int r = kernel_resolve(name, paths, out, e);
	const struct kernel_kind *kind;

	if (r != -ENOENT || strchr(name, '/'))
		return r;
	kind = kind_of(name);
	if (!kind || !kind->maker || !kind->maker->unasked)
		return r;
	r = kernel_make(name, kind->maker->verb, NULL, paths, e);
	/* -EEXIST: somebody else was fetching it too, and was faster. */
	return r < 0 && r != -EEXIST ? r : kernel_resolve(name, paths, out, e);
}

int kernel_make(const char *name, const char *verb, const char *source, const struct paths *paths,
	struct err *e)
{
	const struct kernel_kind *kind = kind_of(name);
	const struct maker *m;
	char dir[PATH_SIZE];
	int r;

	if (!kind)
		return unknown(name, e);
	m = kind->maker;
	if (!m || strcmp(m->verb, verb)) {
		err_set(e, -EINVAL, "kernel", "'%s' is not a kernel to %s", name, verb);
		return m ? err_help(e, "bench kernel %s %s", m->verb, name) : -EINVAL;
	}
	r = cache_dir(name, paths, dir, e);
	if (r < 0)
		return r;
	if (!m->again && access(dir, F_OK) == 0) {
		err_set(e, -EEXIST, m->make.script, "the kernel '%s' is at '%s' already", name,
			dir);
		return err_help(e, "for a newer one: bench kernel rm %s", name);
	}
	ui_note("%s the guest kernel '%s' (%s)", m->make.doing, name, m->effort);
	leftovers_sweep(paths);
	return make_script_run(&m->make, name, dir, source, paths, e);
}

int kernel_remove(const char *name, const struct paths *paths, struct err *e)
{
	const struct kernel_kind *kind = kind_of(name);
	char dir[PATH_SIZE];
	int r;

	if (!kind)
		return unknown(name, e);
	if (!kind->maker)
		return err_set(e, -EINVAL, "kernel", "'%s' is not in the cache, and stays", name);
	r = cache_dir(name, paths, dir, e);
	if (r < 0)
		return r;
	if (access(dir, F_OK) < 0)
		return err_sys(e, "kernel", "the kernel '%s' at '%s'", name, dir);
	r = remove_tree(dir);
	return r < 0 ? err_set(e, r, "kernel", "removing '%s': %s", dir, strerror(-r)) : 0;
}

static void print_one(FILE *f, const char *name, const char *summary, const struct paths *paths)
{
	struct kernel_ref ref = { 0 };
	struct err why = { 0 };
	bool here = kernel_resolve(name, paths, &ref, &why) == 0;

	fprintf(f, "%-14s %-28s %s\n", name,
		!here          ? "-"
		: *ref.release ? ref.release
			       : "here",
		summary);
}

int kernels_print(FILE *f, const struct paths *paths, struct err *e)
{
	struct dirent **found;
	char dir[PATH_SIZE];
	int n, r = set_path(dir, paths->cache, "kernels", e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		print_one(f, kinds[i].name, kinds[i].summary, paths);
	n = scandir(dir, &found, NULL, versionsort);
	for (int i = 0; i < n; i++) {
		const struct kernel_kind *kind = kind_of(found[i]->d_name);

		if (kind && strcmp(kind->name, found[i]->d_name))
			print_one(f, found[i]->d_name, kind->summary, paths);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	return ferror(f) ? err_set(e, -EIO, "write", "the list of kernels") : 0;
}
