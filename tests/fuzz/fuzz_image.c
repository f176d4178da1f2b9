/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libFuzzer target for kernel images: ELF headers, bzImage headers and the unpacking behind them.
 *
 *   clang -g -O1 -I. -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_image.c \
 *           vmm/elf.c vmm/bzimage.c vmm/unpack.c base/err.c base/util.c -larchive -o fuzz_image
 *   ./fuzz_image -max_total_time=300 CORPUS
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/bzimage.h"
#include "vmm/elf.h"

#define RAM (UINT64_C(8) << 20)
#define MIN_GPA UINT64_C(0x100000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What may be believed of an ELF that was loaded, whatever it says of itself. */
static void try_elf(int fd)
{
	static struct guest_mem mem = { .size = RAM };
	uint64_t entry, end;
	struct err e = { 0 };
	int r;

	if (!mem.base)
		mem.base =
			mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(mem.base != MAP_FAILED);
	r = elf_load(fd, &mem, MIN_GPA, &entry, &end, &e);
	if (r == 0) {
		assert(elf_check(fd, NULL) == 0);
		assert(entry >= MIN_GPA && entry < end && end <= RAM);
	} else {
		assert(r == e.code && e.message[0]);
	}
}

static void try_unpack(const struct unpack_source *src)
{
	cleanup_fd int out = memfd_create("out", MFD_CLOEXEC);
	struct unpack_source bounded = *src;
	uint64_t size;

	assert(out >= 0);
	/* A bomb within the limit is allowed, but slow: it is not what we are looking for. */
	if (bounded.unpacked_size > 1 << 20)
		bounded.unpacked_size = 1 << 20;
	if (unpack(&bounded, out, &size, NULL) == 0) {
		assert(size == bounded.unpacked_size);
		assert((uint64_t)lseek(out, 0, SEEK_END) == size);
		try_elf(out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	cleanup_fd int fd = memfd_create("image", MFD_CLOEXEC);
	struct unpack_source src;
	struct err e = { 0 };

	assert(fd >= 0);
	if (write_all(fd, data, len) < 0)
		return 0;
	try_elf(fd);
	if (bzimage_detect(data, len) && bzimage_payload(fd, &src, &e) == 0) {
		assert(src.offset + src.length <= len);
		try_unpack(&src);
	}
	return 0;
}
