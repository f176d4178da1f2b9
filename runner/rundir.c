/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"
#include "runner/temp_dir.h"
#include "runner/ui.h"

#define LOCK_PATIENCE_MS 2000
#define LOCK_LOOK_MS 20

static void make_id(const char *suites, char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(out, size, "%s-%.40s", stamp, suites);
}

static int is_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int empty = 1;

	if (!d)
		return -errno;
	errno = 0;
	while ((entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			empty = 0;
	}
	if (errno) /* half-read would be taken for empty */
		empty = -errno;
	closedir(d);
	return empty;
}

static int use_existing(const char *path, struct err *e)
{
	int empty = is_empty(path);

	if (empty == 1)
		return 0;
	if (empty == 0) {
		err_set(e, -EINVAL, "out", "'%s' exists and is not empty: nothing was touched",
			path);
		return err_help(e, "name a new folder");
	}
	errno = -empty;
	err_sys(e, "out", "'%s' cannot be the folder for the results", path);
	e->code = -EINVAL;
	return err_help(e, "name a new folder");
}

/* Two runs in one second: the later one gets a number. */
static int make_default(const char *id, char *path, struct err *e)
{
	int r = make_dirs("out");

	for (unsigned n = 1; !r && n < 100; n++) {
		snprintf(path, PATH_SIZE, n > 1 ? "out/%s-%u" : "out/%s", id, n);
		if (!mkdir(path, 0777))
			return 0;
		if (errno != EEXIST)
			r = -errno;
	}
	errno = r ? -r : EEXIST;
	err_sys(e, "mkdir", "making a folder under 'out'");
	return err_help(e, "run from a folder that you may write, or give --out DIR");
}

int rundir_make_named(const char *out, char *path, struct err *e)
{
	cleanup_free char *parent = strdup(out);
	char *slash;
	int r = 0;

	if (!parent)
		return err_set(e, -ENOMEM, "out", "no memory for the name of the folder");
	if (strlen(out) >= PATH_SIZE)
		return err_set(e, -EINVAL, "out", "the name of the folder is too long");
	strcpy(path, out);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		r = make_dirs(parent);
	}
	if (!r && !mkdir(path, 0777))
		return 0;
	if (!r && errno == EEXIST)
		return use_existing(path, e);
	errno = r ? -r : errno;
	err_sys(e, "mkdir", "making the folder '%s'", path);
	return err_help(e, "name a folder in a place that you may write");
}

/* Those of a run that was killed die a moment after it. */
static int lock_within(int fd, unsigned patience_ms)
{
	for (unsigned waited_ms = 0;; waited_ms += LOCK_LOOK_MS) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK || waited_ms >= patience_ms)
			return -errno;
		poll(NULL, 0, LOCK_LOOK_MS);
	}
}

/*
 * However a run ends, the kernel takes its lock back. It is the folder that is locked: files in it
 * are replaced by others, when an emulated machine brings its results back. A file system that
 * knows no locks is no reason not to measure.
 */
static int lock(struct rundir *d, unsigned patience_ms, struct err *e)
{
	d->dir_fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir_fd < 0)
		return err_sys(e, "open", "the folder '%s'", d->path);
	if (lock_within(d->dir_fd, patience_ms) != -EWOULDBLOCK)
		return 0;
	err_set(e, -EBUSY, "flock", "another run is writing into '%s'", d->path);
	return err_help(e, "wait for its end, or end it");
}

int rundir_make(const struct run_options *o, struct rundir *d, struct err *e)
{
	int r;

	*d = RUNDIR_CLOSED;
	if (o->run_id)
		snprintf(d->id, sizeof(d->id), "%s", o->run_id);
	else
		make_id(o->suites.names[0], d->id, sizeof(d->id));
	r = o->out ? rundir_make_named(o->out, d->path, e) : make_default(d->id, d->path, e);
	return r ? r : lock(d, 0, e);
}

int rundir_reopen(const char *dir, struct rundir *d, struct err *e)
{
	*d = RUNDIR_CLOSED;
	if (strlen(dir) >= PATH_SIZE)
		return err_set(e, -EINVAL, "resume", "the name of the folder is too long");
	strcpy(d->path, dir);
	return lock(d, LOCK_PATIENCE_MS, e);
}

int rundir_open_log(struct rundir *d, bool again, struct err *e)
{
	/* The folder of an earlier run may come from anybody: no link, and no pipe to wait at. */
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
		    (again ? O_NOFOLLOW | O_NONBLOCK : O_EXCL);
	char log[PATH_SIZE + 16];
	struct stat st;

	snprintf(log, sizeof(log), "%s/log.txt", d->path);
	d->log_fd = open(log, flags, 0666);
	if (d->log_fd < 0 || fstat(d->log_fd, &st) < 0) {
		err_sys(e, "open", "making '%s'", log);
		return err_help(e, "name a folder in a place that you may write");
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EBADMSG, "open", "'%s' is no file", log);
	return 0;
}

static bool is_at(const char *path, const struct stat *dir)
{
	struct stat st;

	return !stat(path, &st) && st.st_dev == dir->st_dev && st.st_ino == dir->st_ino;
}

int rundir_follow(struct rundir *d, struct err *e)
{
	char link[64], now[PATH_SIZE];
	struct stat st;
	ssize_t n;

	if (fstat(d->dir_fd, &st) < 0)
		return err_sys(e, "fstat", "the folder '%s'", d->path);
	if (is_at(d->path, &st))
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", d->dir_fd);
	n = readlink(link, now, sizeof(now) - 1);
	now[n > 0 ? n : 0] = '\0';
	if (!is_at(now, &st))
		return err_set(e, -ESTALE, "stat", "'%s' was removed during the run", d->path);
	ui_warn("'%s' was moved during the run, which goes on in '%s'", d->path, now);
	strcpy(d->path, now);
	return 0;
}

/* @base-rescued, or with a number. */
static int make_beside(const char *base, char *path, struct err *e)
{
	int r = -EEXIST;

	for (unsigned n = 1; r && n < 10; n++) {
		cleanup_free char *name = n > 1 ? format_text("%s-rescued-%u", base, n)
						: format_text("%s-rescued", base);

		r = name ? rundir_make_named(name, path, e) : -ENOMEM;
	}
	return r;
}

int rundir_replace(struct rundir *d, struct err *e)
{
	cleanup_free char *elsewhere = format_text("%s/%s", temp_dir_tmp(), d->id);
	char path[PATH_SIZE];
	struct err ignored;
	int r = make_beside(d->path, path, &ignored);

	if (r < 0)
		r = elsewhere ? make_beside(elsewhere, path, e) : -ENOMEM;
	if (r < 0)
		return r;
	strcpy(d->path, path);
	rundir_close(d);
	return lock(d, 0, e);
}

void rundir_close(struct rundir *d)
{
	close_fd(&d->log_fd);
	close_fd(&d->dir_fd);
}
