/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up kernels for the tests of vmm/elf, vmm/bzimage and vmm/image. */
#ifndef BENCH_TESTS_TINY_KERNEL_H
#define BENCH_TESTS_TINY_KERNEL_H

#include <archive.h>
#include <archive_entry.h>
#include <asm/bootparam.h>
#include <elf.h>
#include <string.h>

#include "tests/unit/check.h"

#define TINY_TEXT_GPA UINT64_C(0x100000)
#define TINY_DATA_GPA UINT64_C(0x200010) /* not on a page boundary */
#define TINY_TEXT_VIRT UINT64_C(0xffffffff81000000)
#define TINY_DATA_VIRT UINT64_C(0xffffffff82000010)
#define TINY_BSS UINT64_C(10000)
#define TINY_ENTRY (TINY_TEXT_GPA + 0x10)

/* An ELF64 with two segments and a note; the middle of the data is zeros. */
struct tiny_elf {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[3];
	uint8_t text[64];
	uint8_t data[5 * 4096];
};

static inline struct tiny_elf tiny_elf(void)
{
	struct tiny_elf t = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = TINY_ENTRY,
			.e_phoff = offsetof(struct tiny_elf, ph),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3,
		},
		.ph = {
			{
				.p_type = PT_LOAD,
				.p_offset = offsetof(struct tiny_elf, text),
				.p_vaddr = TINY_TEXT_VIRT,
				.p_paddr = TINY_TEXT_GPA,
				.p_filesz = sizeof(t.text),
				.p_memsz = sizeof(t.text),
			},
			{
				.p_type = PT_LOAD,
				.p_offset = offsetof(struct tiny_elf, data),
				.p_vaddr = TINY_DATA_VIRT,
				.p_paddr = TINY_DATA_GPA,
				.p_filesz = sizeof(t.data),
				.p_memsz = sizeof(t.data) + TINY_BSS,
			},
			{ .p_type = PT_NOTE, .p_offset = UINT64_MAX, .p_filesz = UINT64_MAX },
		},
	};

	memset(t.text, 0x90, sizeof(t.text));
	for (size_t i = 0; i < sizeof(t.data); i++)
		if (i < 4096 || i >= 4 * 4096)
			t.data[i] = (uint8_t)(i * 7 + i / 251);
	return t;
}

struct bytes {
	uint8_t *p; /* malloc'ed */
	size_t len;
};

static inline void bytes_add(struct bytes *b, const void *p, size_t len)
{
	b->p = realloc(b->p, b->len + len + 1);
	assert_non_null(b->p);
	if (p)
		memcpy(b->p + b->len, p, len);
	else
		memset(b->p + b->len, 0, len);
	b->len += len;
}

static inline struct bytes bytes_of(const void *p, size_t len)
{
	struct bytes b = { NULL, 0 };

	bytes_add(&b, p, len);
	return b;
}

static inline ssize_t bytes_on_write(struct archive *a, void *ctx, const void *p, size_t len)
{
	(void)a;
	bytes_add(ctx, p, len);
	return (ssize_t)len;
}

/* @repeat times @in, compressed by libarchive's own writer. */
static inline struct bytes compress_by(
	int (*filter)(struct archive *), const struct bytes *in, unsigned repeat)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct bytes out = { NULL, 0 };

	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(filter(a), ARCHIVE_OK);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(archive_write_open(a, &out, NULL, bytes_on_write, NULL), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	for (unsigned i = 0; i < repeat; i++)
		assert_int_equal(archive_write_data(a, in->p, in->len), in->len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(a);
	return out;
}

/* The lz4 frame that only kernels still use: blocks of 8 MiB at most, here one of literals alone.
 */
static inline struct bytes compress_lz4_legacy(const struct bytes *in)
{
	struct bytes block = { NULL, 0 }, out = { NULL, 0 };
	uint32_t len;

	assert_true(in->len > 15);
	bytes_add(&block, "\xf0", 1);
	for (size_t n = in->len - 15;; n -= 255) {
		uint8_t b = n < 255 ? (uint8_t)n : 255;

		bytes_add(&block, &b, 1);
		if (b < 255)
			break;
	}
	bytes_add(&block, in->p, in->len);
	len = (uint32_t)block.len;
	bytes_add(&out, "\x02\x21\x4c\x18", 4);
	bytes_add(&out, &len, sizeof(len));
	bytes_add(&out, block.p, block.len);
	free(block.p);
	return out;
}

#define TINY_SETUP_SECTS 3u
#define TINY_PAYLOAD_OFFSET 0x123u

/* A bzImage around @payload, and its header for the test to spoil. */
static inline struct bytes bzimage_around(const struct bytes *payload)
{
	struct bytes b = { NULL, 0 };
	struct setup_header h = {
		.setup_sects = TINY_SETUP_SECTS,
		.boot_flag = 0xaa55,
		.header = 0x53726448, /* HdrS */
		.version = 0x020f,
		.loadflags = LOADED_HIGH,
		.xloadflags = XLF_KERNEL_64,
		.payload_offset = TINY_PAYLOAD_OFFSET,
		.payload_length = (uint32_t)payload->len,
	};

	bytes_add(&b, NULL, 0x1f1);
	bytes_add(&b, &h, sizeof(h));
	bytes_add(&b, NULL, (TINY_SETUP_SECTS + 1) * 512 + TINY_PAYLOAD_OFFSET - b.len);
	bytes_add(&b, payload->p, payload->len);
	bytes_add(&b, NULL, 100); /* what follows the payload in a real one */
	return b;
}

#endif
