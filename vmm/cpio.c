/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/cpio.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "vmm/memfile.h"

static const char STEP[] = "initramfs";

static ssize_t on_write(struct archive *a, void *ctx, const void *data, size_t len)
{
	struct cpio *c = ctx;
	int r = write_all(c->fd, data, len);

	if (r < 0) {
		archive_set_error(a, -r, "%s", strerror(-r));
		return -1;
	}
	return (ssize_t)len;
}

static int failed(const struct cpio *c, const char *name, struct err *e)
{
	int code = archive_errno(c->archive);
	const char *why = archive_error_string(c->archive);

	return err_set(
		e, code > 0 ? -code : -EIO, STEP, "%s: %s", name, why ? why : "cannot write");
}

int cpio_open(struct cpio *c, struct err *e)
{
	*c = (struct cpio){ .fd = memfile_new("initramfs", e) };
	if (c->fd < 0)
		return c->fd;
	c->archive = archive_write_new();
	if (!c->archive)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	/* No padding behind the last entry. */
	if (archive_write_set_format_cpio_newc(c->archive) != ARCHIVE_OK ||
		archive_write_set_bytes_in_last_block(c->archive, 1) != ARCHIVE_OK ||
		archive_write_open(c->archive, c, NULL, on_write, NULL) != ARCHIVE_OK)
		return failed(c, "cpio", e);
	return 0;
}

unsigned cpio_ino(struct cpio *c)
{
	return ++c->last_ino;
}

int cpio_put(struct cpio *c, const struct cpio_entry *in, struct err *e)
{
	struct archive_entry *entry = archive_entry_new2(c->archive);
	int r;

	if (!entry)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	archive_entry_set_pathname(entry, in->name);
	archive_entry_set_mode(entry, in->mode);
	archive_entry_set_size(entry, in->size);
	archive_entry_set_ino64(entry, in->ino ? in->ino : cpio_ino(c));
	archive_entry_set_nlink(entry, in->nlink ? in->nlink : S_ISDIR(in->mode) ? 2 : 1);
	archive_entry_set_uid(entry, in->uid);
	archive_entry_set_gid(entry, in->gid);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_dev(entry, 0);
	archive_entry_set_rdevmajor(entry, in->major);
	archive_entry_set_rdevminor(entry, in->minor);
	if (in->target)
		archive_entry_set_symlink(entry, in->target);
	r = archive_write_header(c->archive, entry);
	archive_entry_free(entry);
	return r == ARCHIVE_OK ? 0 : failed(c, in->name, e);
}

int cpio_bytes(struct cpio *c, const void *bytes, size_t size, struct err *e)
{
	return archive_write_data(c->archive, bytes, size) == (ssize_t)size ? 0
									    : failed(c, "cpio", e);
}

int cpio_content(struct cpio *c, int fd, uint64_t size, const char *path, struct err *e)
{
	uint8_t buf[64 * 1024];
	uint64_t done = 0;

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, STEP, "cannot read %s", path);
		done += (uint64_t)n;
		/* The size stands in the header, which is already written. */
		if (done > size || (n == 0 && done < size))
			return err_set(e, -EAGAIN, STEP, "%s changed while it was read", path);
		if (n == 0)
			return 0;
		if (archive_write_data(c->archive, buf, (size_t)n) != n)
			return failed(c, path, e);
	}
}

int cpio_finish(struct cpio *c, int *memfd, uint64_t *size, struct err *e)
{
	struct stat st;
	int r;

	if (archive_write_close(c->archive) != ARCHIVE_OK)
		return failed(c, "cpio", e);
	r = memfile_seal(c->fd, e);
	if (r < 0)
		return r;
	if (fstat(c->fd, &st) < 0)
		return err_sys(e, STEP, "fstat");
	*size = (uint64_t)st.st_size;
	*memfd = steal_fd(&c->fd);
	return 0;
}

void cpio_close(struct cpio *c)
{
	if (c->archive)
		archive_write_free(c->archive);
	c->archive = NULL;
	close_fd(&c->fd);
}
