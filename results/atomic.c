/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/util.h"

int atomic_open(struct atomic_file *a, const char *dir, const char *name, struct err *e)
{
	a->path = format_text("%s/%s", dir, name);
	a->temporary = format_text("%s/.%s.tmp", dir, name);
	if (!a->path || !a->temporary || memstream_open(&a->text) < 0)
		return err_set(e, -ENOMEM, "malloc", "no memory for writing '%s'", name);
	return 0;
}

static int write_temporary(const struct atomic_file *a, const char *text, struct err *e)
{
	cleanup_fd int fd = -1;
	int r;

	/* A left-over of a run that was killed may be there; a symlink must not lead us astray. */
	if (unlink(a->temporary) < 0 && errno != ENOENT)
		return err_sys(e, "unlink", "'%s'", a->temporary);
	fd = open(a->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(e, "open", "cannot write '%s'", a->path);
	r = write_all(fd, text, a->text.len);
	/* Before the rename: else the name may be on the disk, and nothing behind it. */
	if (!r && a->durable && fsync(fd) < 0)
		r = -errno;
	if (!r && close(steal_fd(&fd)) < 0)
		r = -errno;
	return r < 0 ? err_set(e, r, "write", "'%s' could not be written: %s", a->path,
			       strerror(-r))
		     : 0;
}

int atomic_commit(struct atomic_file *a, struct err *e)
{
	cleanup_free char *text = memstream_close(&a->text);
	int r;

	if (!text)
		return err_set(e, -ENOMEM, "malloc", "no memory for writing '%s'", a->path);
	r = write_temporary(a, text, e);
	if (r < 0)
		return r;
	if (rename(a->temporary, a->path) < 0)
		return err_sys(e, "rename", "'%s'", a->path);
	free(steal_pointer(&a->temporary));
	return 0;
}

void atomic_abort(struct atomic_file *a)
{
	if (a->text.f)
		free(memstream_close(&a->text));
	if (a->temporary)
		unlink(a->temporary);
	free(a->temporary);
	free(a->path);
	a->temporary = a->path = NULL;
}
