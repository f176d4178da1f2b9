/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/proc.h"
#include "base/util.h"

#define PREFIX "bench-"
#define MAX_PLACES 4

/* Who made a folder. */
struct owner {
	uint64_t pid, start, pid_ns;
};

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

static uint64_t own_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) ? 0 : st.st_ino;
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

int temp_dir_make_in(const char *place, const char *name, char *out, size_t size, struct err *e)
{
	int len = snprintf(out, size, "%s/" PREFIX "%s-%d-%" PRIu64 "-%" PRIu64 "-XXXXXX", place,
		name, (int)getpid(), proc_start_time(getpid()), own_pid_ns());

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

/* "bench-NAME-PID-START-NS-XXXXXX", or false. */
static bool parse(const char *name, const char *entry, struct owner *o)
{
	size_t len = strlen(name);
	uint64_t *const fields[] = { &o->pid, &o->start, &o->pid_ns };
	const char *at = entry + strlen(PREFIX);

	if (strncmp(entry, PREFIX, strlen(PREFIX)) || strncmp(at, name, len) || at[len] != '-')
		return false;
	at += len + 1;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t digits = strspn(at, "0123456789");
		char number[24];

		if (!digits || digits >= sizeof(number) || at[digits] != '-')
			return false;
		snprintf(number, sizeof(number), "%.*s", (int)digits, at);
		if (parse_u64(number, 1, UINT64_MAX, fields[i]))
			return false;
		at += digits + 1;
	}
	return strlen(at) == 6 && !strpbrk(at, "/.");
}

/* A folder of ours whose maker, in this very pid namespace, is no more. */
static bool is_stale(const char *path, const struct owner *o)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       o->pid_ns == own_pid_ns() && proc_start_time((pid_t)o->pid) != o->start;
}

void temp_dir_sweep_in(
	const char *place, const char *name, void (*before)(void *, const char *), void *ctx)
{
	DIR *dir = opendir(place);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		cleanup_free char *path = NULL;
		struct owner o;

		if (!parse(name, d->d_name, &o))
			continue;
		path = format_text("%s/%s", place, d->d_name);
		if (!path || !is_stale(path, &o))
			continue;
		if (before)
			before(ctx, path);
		remove_tree(path);
	}
	if (dir)
		closedir(dir);
}

void temp_dir_sweep(const char *name, void (*before)(void *ctx, const char *path), void *ctx)
{
	const char *list[MAX_PLACES];
	size_t n = places(list);

	for (size_t i = 0; i < n; i++)
		temp_dir_sweep_in(list[i], name, before, ctx);
}
