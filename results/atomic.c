/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/atomic.h"

#include <errno.h>
#include <fcntl.h>

#include "base/util.h"

int atomic_open(struct atomic_file *a, const char *dir, const char *name, struct err *e)
{
	int fd;

	a->path = format_text("%s/%s", dir, name);
	a->temporary = format_text("%s/.%s.tmp", dir, name);
	if (!a->path || !a->temporary)
		return err_set(e, -ENOMEM, "malloc", "no memory for writing '%s'", name);
	/* A left-over of a run that was killed may be there; a symlink must not lead us astray. */
	if (unlink(a->temporary) < 0 && errno != ENOENT)
		return err_sys(e, "unlink", "'%s'", a->temporary);
	fd = open(a->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(e, "open", "cannot write '%s'", a->path);
	a->f = fdopen(fd, "w");
	if (!a->f) {
		close(fd);
		return err_sys(e, "fdopen", "'%s'", a->path);
	}
	return 0;
}

int atomic_commit(struct atomic_file *a, struct err *e)
{
	int failed = fflush(a->f) ? errno : ferror(a->f) ? EIO : 0;
	FILE *f = steal_pointer(&a->f);

	/* Before the rename: else the name may be on the disk, and nothing behind it. */
	if (!failed && a->durable && fsync(fileno(f)) < 0)
		failed = errno;
	if (fclose(f) != 0 && !failed)
		failed = errno;
	if (failed) {
		unlink(a->temporary);
		errno = failed;
		return err_sys(e, "write", "'%s' could not be written", a->path);
	}
	if (rename(a->temporary, a->path) < 0)
		return err_sys(e, "rename", "'%s'", a->path);
	free(steal_pointer(&a->temporary));
	return 0;
}

void atomic_abort(struct atomic_file *a)
{
	if (a->f) {
		fclose(a->f);
		a->f = NULL;
	}
	if (a->temporary)
		unlink(a->temporary);
	free(a->temporary);
	free(a->path);
	a->temporary = a->path = NULL;
}
