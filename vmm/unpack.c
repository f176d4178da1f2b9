/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "vmm/zeros.h"

static const char STEP[] = "unpack kernel";

#define SPARSE_UNIT ((size_t)64 * 1024) /* zeros in this unit become a hole in the file */

/*
 * The formats of CONFIG_KERNEL_*, by their magic (linux/lib/decompress.c). LZMA "alone" has none:
 * its first byte holds the parameters, 0x5d for the ones that everyone uses, and the next four the
 * dictionary's size, of which a multiple of 64 KiB is expected.
 */
struct unpack_format {
	const char *name;
	uint8_t magic[6];
	uint8_t magic_len;
	int (*support)(struct archive *a); /* NULL: not to be had from the library itself */
};

static const struct unpack_format formats[] = {
	{ "gzip", { 0x1f, 0x8b, 0x08 }, 3, archive_read_support_filter_gzip },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, archive_read_support_filter_xz },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, archive_read_support_filter_zstd },
	{ "lz4 (legacy frame)", { 0x02, 0x21, 0x4c, 0x18 }, 4, archive_read_support_filter_lz4 },
	{ "lz4", { 0x04, 0x22, 0x4d, 0x18 }, 4, archive_read_support_filter_lz4 },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, archive_read_support_filter_bzip2 },
	{ "lzma", { 0x5d, 0, 0 }, 3, archive_read_support_filter_lzma },
	{ "lzo", { 0x89, 'L', 'Z', 'O', 0 }, 5, NULL },
};

/* The state of one unpacking; the archive's callbacks get it. */
struct unpacker {
	const struct unpack_source *src;
	uint64_t position; /* in the source's stretch */
	int read_errno;
	uint64_t written;
	uint32_t crc;
	uint8_t buf[64 * 1024];
};

const struct unpack_format *unpack_detect(const void *head, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct unpack_format *f = &formats[i];

		if (len >= f->magic_len && memcmp(head, f->magic, f->magic_len) == 0)
			return f;
	}
	return NULL;
}

const char *unpack_name(const struct unpack_format *format)
{
	return format->name;
}

bool unpack_is_gzip(const struct unpack_format *format)
{
	return format->support == archive_read_support_filter_gzip;
}

/* CRC-32 as gzip has it (RFC 1952): libarchive skips the check, and a kernel image is worth it. */
static uint32_t crc32_update(uint32_t crc, const uint8_t *p, size_t len)
{
	static uint32_t table[256];

	if (!table[1]) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int bit = 0; bit < 8; bit++)
				c = (c >> 1) ^ (c & 1 ? 0xedb88320 : 0);
			table[i] = c;
		}
	}
	crc = ~crc;
	while (len--)
		crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);
	return ~crc;
}

static ssize_t on_read(struct archive *a, void *ctx, const void **data)
{
	struct unpacker *u = ctx;
	uint64_t left = u->src->length - u->position;
	size_t want = left < sizeof(u->buf) ? left : sizeof(u->buf);
	ssize_t n = pread_all(u->src->fd, u->buf, want, (off_t)(u->src->offset + u->position));

	if (n < 0) {
		u->read_errno = errno;
		archive_set_error(a, errno, "read error");
		return ARCHIVE_FATAL;
	}
	u->position += (uint64_t)n;
	*data = u->buf;
	return n;
}

/* libarchive's "raw" format is one entry of what the filter yields. */
static int open_stream(struct archive *a, struct unpacker *u, struct err *e)
{
	const struct unpack_format *f = u->src->format;
	struct archive_entry *entry;

	/* ARCHIVE_WARN: it would run an external program. */
	if (!f->support || f->support(a) != ARCHIVE_OK) {
		err_set(e, -ENOTSUP, STEP, "%s compression is not supported by libarchive here",
			f->name);
		err_help(e, "unpack it with the kernel's scripts/extract-vmlinux, "
			    "and give the vmlinux");
		return -ENOTSUP;
	}
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	if (archive_read_open(a, u, NULL, on_read, NULL) != ARCHIVE_OK ||
		archive_read_next_header(a, &entry) != ARCHIVE_OK)
		return err_set(e, u->read_errno ? -u->read_errno : -EBADMSG, STEP,
			"damaged %s data: %s", f->name,
			archive_error_string(a) ? archive_error_string(a) : "empty");
	/* A filter that does not recognise its header lets the bytes through as they are. */
	if (archive_filter_count(a) < 2)
		return err_set(e, -EBADMSG, STEP, "damaged %s data: bad header", f->name);
	return 0;
}

static int too_much(const struct unpack_source *src, struct err *e)
{
	if (src->unpacked_size <= UNPACK_MAX)
		return err_set(e, -EBADMSG, STEP,
			"damaged %s data: unpacks to more than the announced %" PRIu64 " bytes",
			src->format->name, src->unpacked_size);
	return err_set(e, -EFBIG, STEP, "unpacks to more than %" PRIu64 " MiB: not a kernel",
		UNPACK_MAX >> 20);
}

static int write_sparse(int out, uint64_t at, const uint8_t *p, size_t len)
{
	while (len) {
		size_t n = SPARSE_UNIT - (at & (SPARSE_UNIT - 1));
		int r = 0;

		if (n > len)
			n = len;
		if (!all_zero(p, n))
			r = lseek(out, (off_t)at, SEEK_SET) < 0 ? -errno : write_all(out, p, n);
		if (r < 0)
			return r;
		p += n;
		at += n;
		len -= n;
	}
	return 0;
}

static int copy_stream(struct archive *a, struct unpacker *u, int out, struct err *e)
{
	const struct unpack_source *src = u->src;
	uint64_t limit = src->unpacked_size < UNPACK_MAX ? src->unpacked_size : UNPACK_MAX;

	for (;;) {
		const void *block;
		int64_t offset;
		size_t len;
		int r = archive_read_data_block(a, &block, &len, &offset);

		if (r == ARCHIVE_EOF)
			break;
		if (r != ARCHIVE_OK)
			return err_set(e, u->read_errno ? -u->read_errno : -EBADMSG, STEP,
				"damaged %s data after %" PRIu64 " bytes: %s", src->format->name,
				u->written,
				archive_error_string(a) ? archive_error_string(a)
							: "no reason given");
		if (len > limit - u->written)
			return too_much(src, e);
		r = write_sparse(out, u->written, block, len);
		if (r < 0)
			return err_set(e, r, STEP, "cannot write: %s", strerror(-r));
		u->written += len;
		if (unpack_is_gzip(src->format))
			u->crc = crc32_update(u->crc, block, len);
	}
	/* What ends with zeros ends with a hole. */
	return ftruncate(out, (off_t)u->written) < 0 ? err_sys(e, STEP, "ftruncate") : 0;
}

/* gzip's trailer: CRC-32 and unpacked size, 4 bytes each, least significant byte first. */
static int check_gzip(const struct unpacker *u, struct err *e)
{
	const struct unpack_source *src = u->src;
	uint32_t trailer[2];

	if (src->length < sizeof(trailer) ||
		pread_all(src->fd, trailer, sizeof(trailer),
			(off_t)(src->offset + src->length - sizeof(trailer))) != sizeof(trailer))
		return err_set(e, -EBADMSG, STEP, "damaged gzip data: no trailer");
	if (trailer[1] != (uint32_t)u->written)
		return err_set(e, -EBADMSG, STEP,
			"damaged gzip data: unpacks to %" PRIu64
			" bytes, its trailer says %" PRIu32,
			u->written, trailer[1]);
	if (trailer[0] != u->crc)
		return err_set(e, -EBADMSG, STEP, "damaged gzip data: wrong checksum");
	return 0;
}

int unpack(const struct unpack_source *src, int out, uint64_t *size, struct err *e)
{
	cleanup_free struct unpacker *u = calloc(1, sizeof(*u));
	struct archive *a = archive_read_new();
	int r = -ENOMEM;

	if (!u || !a) {
		err_set(e, r, STEP, "out of memory");
		goto out;
	}
	u->src = src;
	if (src->unpacked_size != UNPACK_SIZE_UNKNOWN && src->unpacked_size > UNPACK_MAX) {
		r = too_much(src, e);
		goto out;
	}
	r = open_stream(a, u, e);
	if (r == 0)
		r = copy_stream(a, u, out, e);
	if (r == 0 && unpack_is_gzip(src->format))
		r = check_gzip(u, e);
	if (r == 0 && src->unpacked_size != UNPACK_SIZE_UNKNOWN && u->written != src->unpacked_size)
		r = err_set(e, -EBADMSG, STEP,
			"damaged %s data: unpacks to %" PRIu64
			" bytes instead of the announced %" PRIu64,
			src->format->name, u->written, src->unpacked_size);
	if (r == 0)
		*size = u->written;
out:
	archive_read_free(a);
	return r;
}
