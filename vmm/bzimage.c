/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/bzimage.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"

static const char STEP[] = "kernel image";

#define SECTOR 512
#define SETUP_HEADER_OFFSET 0x1f1
#define BOOT_FLAG_OFFSET 0x1fe
#define MAGIC_OFFSET 0x202
#define VERSION_PAYLOAD 0x0208
#define VERSION_XLOADFLAGS 0x020c
/* The unpacked size, least significant byte first: the build appends it to all formats but gzip,
 * which ends with it anyway (scripts/Makefile.lib, size_append). */
#define SIZE_TRAILER 4

bool bzimage_detect(const void *head, size_t len)
{
	const uint8_t *p = head;

	return len >= MAGIC_OFFSET + 4 && p[BOOT_FLAG_OFFSET] == 0x55 &&
	       p[BOOT_FLAG_OFFSET + 1] == 0xaa && memcmp(p + MAGIC_OFFSET, "HdrS", 4) == 0;
}

static int check_header(const struct setup_header *h, struct err *e)
{
	if (h->version < VERSION_PAYLOAD)
		return err_set(e, -ENOEXEC, STEP,
			"a bzImage of boot protocol %u.%02u; 2.08 (Linux 2.6.26) is the oldest "
			"that works",
			h->version >> 8, h->version & 0xff);
	if (!(h->loadflags & LOADED_HIGH))
		return err_set(e, -ENOEXEC, STEP, "a zImage, not a bzImage");
	if (h->version >= VERSION_XLOADFLAGS && !(h->xloadflags & XLF_KERNEL_64))
		return err_set(e, -ENOEXEC, STEP,
			"a bzImage without the 64-bit entry point; only 64-bit kernels can be "
			"booted");
	return 0;
}

/* Where the payload lies in a file of @size bytes: all of it, with a possible size trailer. */
static int locate(
	const struct setup_header *h, uint64_t size, struct unpack_source *p, struct err *e)
{
	unsigned setup_sects = h->setup_sects ? h->setup_sects : 4;
	uint64_t start = (setup_sects + UINT64_C(1)) * SECTOR;

	/* 32-bit numbers: no sum of them wraps. */
	p->offset = start + h->payload_offset;
	p->length = h->payload_length;
	if (p->offset + p->length > size)
		return err_set(e, -EBADMSG, STEP,
			"a truncated bzImage: %" PRIu64 " bytes, but its payload ends at %" PRIu64,
			size, p->offset + p->length);
	if (p->length < UNPACK_MAGIC_MAX)
		return err_set(e, -EBADMSG, STEP, "a bzImage with a payload of %" PRIu64 " bytes",
			p->length);
	return 0;
}

int bzimage_payload(int fd, struct unpack_source *payload, struct err *e)
{
	struct unpack_source p = { .fd = fd };
	struct setup_header header;
	uint8_t magic[UNPACK_MAGIC_MAX];
	uint32_t unpacked_size;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return err_sys(e, STEP, "fstat");
	if (pread_all(fd, &header, sizeof(header), SETUP_HEADER_OFFSET) != sizeof(header))
		return err_set(e, -EBADMSG, STEP, "a truncated bzImage: no complete setup header");
	r = check_header(&header, e);
	if (r == 0)
		r = locate(&header, (uint64_t)st.st_size, &p, e);
	if (r < 0)
		return r;
	if (pread_all(fd, magic, sizeof(magic), (off_t)p.offset) != sizeof(magic) ||
		pread_all(fd, &unpacked_size, SIZE_TRAILER,
			(off_t)(p.offset + p.length - SIZE_TRAILER)) != SIZE_TRAILER)
		return err_set(
			e, -EBADMSG, STEP, "a bzImage that became shorter while it was read");
	p.format = unpack_detect(magic, sizeof(magic));
	if (!p.format)
		return err_set(e, -EBADMSG, STEP,
			"a bzImage with a payload of unknown compression (it begins with "
			"%02x %02x %02x %02x)",
			magic[0], magic[1], magic[2], magic[3]);
	p.unpacked_size = unpacked_size;
	if (!unpack_is_gzip(p.format))
		p.length -= SIZE_TRAILER;
	*payload = p;
	return 0;
}
