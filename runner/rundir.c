/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"

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

int rundir_make(const struct run_options *o, struct rundir *d, struct err *e)
{
	d->log_fd = -1;
	if (o->run_id)
		snprintf(d->id, sizeof(d->id), "%s", o->run_id);
	else
		make_id(o->suites.names[0], d->id, sizeof(d->id));
	return o->out ? rundir_make_named(o->out, d->path, e) : make_default(d->id, d->path, e);
}

int rundir_open_log(struct rundir *d, struct err *e)
{
	char log[PATH_SIZE + 16];

	snprintf(log, sizeof(log), "%s/log.txt", d->path);
	d->log_fd = open(log, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (d->log_fd >= 0)
		return 0;
	err_sys(e, "open", "making '%s'", log);
	return err_help(e, "name a folder in a place that you may write");
}

void rundir_close(struct rundir *d)
{
	close_fd(&d->log_fd);
}
