/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/owner.h"
#include "base/util.h"

#define PREFIX "bench-"
#define MAX_PLACES 4

static size_t places(const char *out[MAX_PLACES])
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	size_t n = 0;

	if (xdg && *xdg == '/')
		out[n++] = xdg;
	out[n++] = "/run";
	out[n++] = "/dev/shm";
	out[n++] = "/tmp";
	return n;
}

/* A folder's file system may hold programs to be run? /run often forbids it. */
static bool is_usable(const char *place)
{
	struct statvfs fs;

	return !access(place, W_OK | X_OK) && !statvfs(place, &fs) && !(fs.f_flag & ST_NOEXEC);
}

static bool is_in_memory(const char *place)
{
	struct statfs fs;

	return !statfs(place, &fs) && fs.f_type == TMPFS_MAGIC;
}

const char *temp_dir_tmp(void)
{
	const char *given = getenv("TMPDIR");

	return given && *given == '/' ? given : "/tmp";
}

int temp_dir_make_in(const char *place, const char *name, char *out, size_t size, struct err *e)
{
	char owner[OWNER_SIZE];
	int len;

	owner_name(owner);
	len = snprintf(out, size, "%s/" PREFIX "%s-%s-XXXXXX", place, name, owner);
	if (len >= (int)size) {
		*out = '\0';
		return err_set(e, -ENAMETOOLONG, name, "'%s' is too long", place);
	}
	if (mkdtemp(out))
		return 0;
	*out = '\0';
	return err_sys(e, name, "making a folder in '%s'", place);
}

int temp_dir_make(const char *name, char out[TEMP_DIR_SIZE], struct err *e)
{
	const char *list[MAX_PLACES], *xdg = getenv("XDG_RUNTIME_DIR");
	size_t n = places(list);
	struct err ignored;

	for (size_t i = 0; i < 2 * n; i++) { /* first those in memory, and what the user names */
		const char *place = list[i % n];

		if (is_usable(place) && (i >= n || place == xdg || is_in_memory(place)) &&
			!temp_dir_make_in(place, name, out, TEMP_DIR_SIZE, &ignored))
			return 0;
	}
	err_set(e, -EACCES, name,
		"no place for a temporary folder: none of $XDG_RUNTIME_DIR, /run, /dev/shm "
		"and /tmp can be written to and executed from");
	return err_help(e, "make one of them so");
}

/* "bench-NAME-OWNER-XXXXXX" of an owner that is gone? */
static bool is_stale(const char *name, const char *entry)
{
	size_t len = strlen(name);
	const char *at = entry + strlen(PREFIX);
	struct owner o;

	if (strncmp(entry, PREFIX, strlen(PREFIX)) || strncmp(at, name, len) || at[len] != '-')
		return false;
	at = owner_parse(at + len + 1, &o);
	return at && *at == '-' && strlen(at + 1) == 6 && !strpbrk(at, "/.") && owner_is_gone(&o);
}

/* A folder of this user's, and no link to one. */
static bool is_ours(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

void temp_dir_sweep_in(
	const char *place, const char *name, bool (*before)(void *, const char *), void *ctx)
{
	DIR *dir = opendir(place);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		cleanup_free char *path = NULL;

		if (!is_stale(name, d->d_name))
			continue;
		path = format_text("%s/%s", place, d->d_name);
		if (!path || !is_ours(path))
			continue;
		if (!before || before(ctx, path))
			remove_tree(path);
	}
	if (dir)
		closedir(dir);
}

void temp_dir_sweep(const char *name, bool (*before)(void *ctx, const char *path), void *ctx)
{
	const char *list[MAX_PLACES];
	size_t n = places(list);

	for (size_t i = 0; i < n; i++)
		temp_dir_sweep_in(list[i], name, before, ctx);
}
