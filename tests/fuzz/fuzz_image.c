/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel images: what kind a file is, ELF headers, bzImage headers, the unpacking behind them, and
 * the loading into a guest's memory, read and mapped.
 */
#include "tests/fuzz/fuzz.h"

#include <archive.h>

#include "base/util.h"
#include "vmm/elf.h"
#include "vmm/image.h"
#include "vmm/unpack.h"

#define RAM (UINT64_C(8) << 20)
#define MIN_GPA UINT64_C(0x100000)
#define UNPACKED_MAX (UINT64_C(1) << 20)

__typeof__(unpack) __wrap_unpack, __real_unpack;
__typeof__(archive_read_data_block) __wrap_archive_read_data_block, __real_archive_read_data_block;

static uint64_t unpacked; /* bytes of this image */

/* A bomb within the true limit is allowed, but slow: it is not what we are looking for. */
int __wrap_archive_read_data_block(
	struct archive *a, const void **block, size_t *len, la_int64_t *offset)
{
	int r = unpacked > UNPACKED_MAX ? ARCHIVE_FATAL
					: __real_archive_read_data_block(a, block, len, offset);

	if (r == ARCHIVE_OK)
		unpacked += *len;
	return r;
}

int __wrap_unpack(const struct unpack_source *src, int out, uint64_t *size, struct err *e)
{
	int r;

	unpacked = 0;
	r = __real_unpack(src, out, size, e);
	if (r)
		return r;
	MUST(*size == unpacked && (uint64_t)lseek(out, 0, SEEK_END) == *size);
	MUST(src->unpacked_size == UNPACK_SIZE_UNKNOWN || src->unpacked_size == *size);
	return 0;
}

/* What may be believed of a kernel that was loaded, whatever it says of itself. */
static void load(const struct kernel_image *img)
{
	static struct guest_mem mem = { .size = RAM };
	uint64_t entry = 0, end = 0;
	struct err e = { 0 };
	int r;

	if (!mem.base)
		mem.base =
			mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(mem.base != MAP_FAILED);
	r = elf_load(img->fd, &mem, MIN_GPA, &entry, &end, &e);
	if (r)
		fuzz_check_error(r, &e);
	else
		MUST(entry >= MIN_GPA && entry < end && end <= RAM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct fuzz_file file;
	struct kernel_image img;
	struct err e = { 0 };
	int r;

	fuzz_file_set(&file, data, len);
	r = image_open(file.path, NULL, &img, &e);
	if (r) {
		fuzz_check_error(r, &e);
		MUST(img.fd < 0);
		return 0;
	}
	MUST(elf_check(img.fd, NULL) == 0 && strlen(img.sha256) == 64 && !img.from_cache);
	load(&img);
	MUST(image_freeze(&img, &e) == 0);
	load(&img);
	image_close(&img);
	return 0;
}
