/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/image: made-up kernels of each kind, good and bad. */
#include "tests/unit/image_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "vmm/memfile.h"
#include "vmm/unpack.h"

/* A vmlinux may have relocations behind it; they are not the ELF's business. */
static struct bytes vmlinux_with_relocs(void)
{
	struct tiny_elf t = tiny_elf();
	struct bytes b = bytes_of(&t, sizeof(t));

	bytes_add(&b, "relocations", 11);
	bytes_add(&b, NULL, 200000); /* ends with a hole */
	return b;
}

static void open_twice(
	const struct format *f, const struct bytes *file, const struct bytes *vmlinux)
{
	char sha[SHA256_HEX_SIZE], path[256];
	struct kernel_image img;
	struct err e = { 0 };

	write_file(tmp.file, file->p, file->len);
	sha256_mem(file->p, file->len, sha);
	snprintf(path, sizeof(path), "%s/%s.elf", tmp.images, sha);
	for (int i = 0; i < 2; i++) {
		if (image_open(tmp.file, tmp.cache, &img, &e) < 0)
			fail_msg("%s: %s", f->name, e.message);
		assert_vmlinux(&img, vmlinux->p, vmlinux->len);
		assert_string_equal(img.sha256, sha);
		assert_string_equal(img.path, path);
		assert_int_equal(img.from_cache, i);
		image_close(&img);
		assert_int_equal(img.fd, -1);
	}
	/* Without a cache. */
	assert_int_equal(image_open(tmp.file, NULL, &img, &e), 0);
	assert_vmlinux(&img, vmlinux->p, vmlinux->len);
	assert_string_equal(img.path, "");
	assert_false(img.from_cache);
	image_close(&img);
}

static void test_bzimage_of_each_compression(void **state)
{
	struct bytes vmlinux = vmlinux_with_relocs();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct bytes b =
			make_bzimage(&formats[i], vmlinux.p, vmlinux.len, (uint32_t)vmlinux.len);

		open_twice(&formats[i], &b, &vmlinux);
		assert_int_equal(cached(), i + 1);
		free(b.p);
	}
	free(vmlinux.p);
}

static void test_compressed_vmlinux(void **state)
{
	struct bytes vmlinux = vmlinux_with_relocs();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct bytes b = compress(&formats[i], vmlinux.p, vmlinux.len);

		open_twice(&formats[i], &b, &vmlinux);
		free(b.p);
	}
	free(vmlinux.p);
}

/* What is frozen stays, whatever becomes of the file it came from. */
static void test_frozen(void **state)
{
	struct bytes vmlinux = vmlinux_with_relocs();
	struct kernel_image img;
	struct stat st;
	struct err e;
	int fd;

	(void)state;
	write_file(tmp.file, vmlinux.p, vmlinux.len);
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	assert_int_equal(image_freeze(&img, &e), 0);
	assert_true(memfile_is_sealed(img.fd));
	assert_int_equal(truncate(tmp.file, 100), 0);
	assert_vmlinux(&img, vmlinux.p, vmlinux.len);
	assert_int_equal(fstat(img.fd, &st), 0);
	assert_true((uint64_t)st.st_blocks * 512 < vmlinux.len - 100000); /* zeros take no memory */
	fd = img.fd;
	assert_int_equal(image_freeze(&img, &e), 0); /* once is enough */
	assert_int_equal(img.fd, fd);
	image_close(&img);

	/* One that is cut off between the two is not taken for whole. */
	write_file(tmp.file, vmlinux.p, vmlinux.len);
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	assert_int_equal(truncate(tmp.file, 100), 0);
	assert_int_equal(image_freeze(&img, &e), -EBADMSG);
	assert_false(memfile_is_sealed(img.fd));
	image_close(&img);
	free(vmlinux.p);
}

static void test_elf_is_used_in_place(void **state)
{
	struct tiny_elf t = tiny_elf();
	char sha[SHA256_HEX_SIZE];
	struct kernel_image img;
	struct err e;

	(void)state;
	write_file(tmp.file, &t, sizeof(t));
	sha256_mem(&t, sizeof(t), sha);
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	assert_vmlinux(&img, &t, sizeof(t));
	assert_string_equal(img.path, tmp.file);
	assert_string_equal(img.sha256, sha);
	assert_false(img.from_cache);
	assert_int_equal(cached(), -1);
	image_close(&img);
}

/*
 * One byte of the stream changed, each in turn: refused, or (bytes that mean nothing, like a time
 * of gzip's header) the very same kernel. Formats without a checksum can only promise not to crash.
 */
static void test_no_changed_byte_passes(void **state)
{
	struct tiny_elf t = tiny_elf();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct bytes b = make_bzimage(&formats[i], &t, sizeof(t), sizeof(t));
		size_t start = (TINY_SETUP_SECTS + 1) * 512 + TINY_PAYLOAD_OFFSET;
		size_t step = (b.len - start) / 300 + 1;

		for (size_t at = start; at < b.len - 100; at += step) {
			struct kernel_image img;
			struct err e = { 0 };

			b.p[at] ^= 0x10;
			write_file(tmp.file, b.p, b.len);
			if (image_open(tmp.file, NULL, &img, &e) == 0) {
				if (formats[i].checked)
					assert_vmlinux(&img, &t, sizeof(t));
				image_close(&img);
			} else {
				assert_non_null(strstr(e.message, tmp.file));
			}
			b.p[at] ^= 0x10;
		}
		free(b.p);
	}
}

/* --- bad images ----------------------------------------------------------------------------- */

static struct bytes make_empty(void)
{
	return bytes_of("", 0);
}

static struct bytes make_text(void)
{
	return bytes_of("#!/bin/sh\nexit 0\n", 17);
}

static struct bytes make_truncated_elf(void)
{
	struct tiny_elf t = tiny_elf();

	return bytes_of(&t, sizeof(t) / 2);
}

static struct bytes make_32bit_elf(void)
{
	struct tiny_elf t = tiny_elf();

	t.eh.e_ident[EI_CLASS] = ELFCLASS32;
	return bytes_of(&t, sizeof(t));
}

static struct bytes make_overlap(void)
{
	struct tiny_elf t = tiny_elf();

	t.ph[0].p_paddr = t.ph[1].p_paddr;
	return bytes_of(&t, sizeof(t));
}

static struct bytes make_arm64(void)
{
	struct bytes b = { NULL, 0 };

	bytes_add(&b, NULL, 4096);
	memcpy(b.p, "MZ", 2);
	memcpy(b.p + 56, "ARM\x64", 4);
	return b;
}

static struct bytes make_efi(void)
{
	struct bytes b = make_arm64();

	memset(b.p + 56, 0, 4);
	return b;
}

static struct bytes make_cpio(void)
{
	return bytes_of("070701000000010000", 18);
}

static struct bytes make_no_64bit_entry(void)
{
	struct bytes b = tiny_bzimage(xz);

	((struct setup_header *)(b.p + 0x1f1))->xloadflags = 0;
	return b;
}

static struct bytes make_truncated_bzimage(void)
{
	struct bytes b = tiny_bzimage(xz);

	b.len -= 200;
	return b;
}

static struct bytes make_corrupt(const struct format *f)
{
	struct bytes b = tiny_bzimage(f);

	b.p[b.len - 100 - 60] ^= 0xff;
	return b;
}

static struct bytes make_corrupt_xz(void)
{
	return make_corrupt(xz);
}

static struct bytes make_corrupt_gzip(void)
{
	return make_corrupt(gzip);
}

/* The stream is whole but for its checksum: libarchive itself would not notice. */
static struct bytes make_gzip_checksum(void)
{
	struct bytes b = tiny_bzimage(gzip);

	b.p[b.len - 100 - 8] ^= 1;
	return b;
}

static struct bytes make_lzo(void)
{
	struct bytes payload = bytes_of("\x89LZO\0\r\n\x1a\n0123456789", 19);
	struct bytes b = bzimage_around(&payload);

	free(payload.p);
	return b;
}

static struct bytes make_payload_cut(void)
{
	struct tiny_elf t = tiny_elf();
	struct bytes stream = compress(xz, &t, sizeof(t)), b;
	uint32_t said = sizeof(t);

	stream.len /= 2;
	bytes_add(&stream, &said, 4);
	b = bzimage_around(&stream);
	free(stream.p);
	return b;
}

static struct bytes make_announced_less(void)
{
	struct tiny_elf t = tiny_elf();

	return make_bzimage(xz, &t, sizeof(t), sizeof(t) - 1);
}

static struct bytes make_announced_more(void)
{
	struct tiny_elf t = tiny_elf();

	return make_bzimage(xz, &t, sizeof(t), sizeof(t) + 1);
}

static struct bytes make_announced_bomb(void)
{
	struct tiny_elf t = tiny_elf();

	return make_bzimage(xz, &t, sizeof(t), (uint32_t)UNPACK_MAX + 1);
}

/* 1 GiB and a little of zeros in a few KiB. */
static struct bytes make_bomb(void)
{
	struct bytes zeros = { NULL, 0 }, b;

	bytes_add(&zeros, NULL, 1 << 20);
	b = compress_by(archive_write_add_filter_zstd, &zeros, (UNPACK_MAX >> 20) + 1);
	free(zeros.p);
	assert_true(b.len < 1 << 20);
	return b;
}

static struct bytes make_payload_text(void)
{
	return make_bzimage(xz,
		"This is not the kernel that you are looking for, by far not: "
		"an ELF header alone takes sixty-four bytes.",
		104, 104);
}

static struct bytes make_payload_32bit(void)
{
	struct bytes elf = make_32bit_elf();
	struct bytes b = make_bzimage(xz, elf.p, elf.len, (uint32_t)elf.len);

	free(elf.p);
	return b;
}

static const struct bad_case {
	const char *name;
	struct bytes (*make)(void);
	int code;
	const char *words;
} bad_cases[] = {
	{ "empty", make_empty, -ENOEXEC, "empty" },
	{ "a script", make_text, -ENOEXEC, "neither an ELF vmlinux nor a bzImage (17 bytes)" },
	{ "truncated ELF", make_truncated_elf, -EBADMSG, "truncated: segment 1" },
	{ "32-bit ELF", make_32bit_elf, -ENOEXEC, "a 32-bit ELF" },
	{ "overlapping segments", make_overlap, -EBADMSG, "segments overlap" },
	{ "arm64 Image", make_arm64, -ENOEXEC,
		"not an x86-64 kernel image: it is a kernel for arm64" },
	{ "EFI program", make_efi, -ENOEXEC, "not an x86-64 kernel image: it is an EFI program" },
	{ "initramfs", make_cpio, -ENOEXEC, "perhaps an initramfs" },
	{ "no 64-bit entry", make_no_64bit_entry, -ENOEXEC, "without the 64-bit entry" },
	{ "truncated bzImage", make_truncated_bzimage, -EBADMSG, "truncated bzImage" },
	{ "corrupt xz", make_corrupt_xz, -EBADMSG, "damaged xz data" },
	{ "corrupt gzip", make_corrupt_gzip, -EBADMSG, "damaged gzip data" },
	{ "gzip checksum", make_gzip_checksum, -EBADMSG, "damaged gzip data: wrong checksum" },
	{ "lzo", make_lzo, -ENOTSUP, "lzo compression is not supported" },
	{ "stream ends early", make_payload_cut, -EBADMSG, "damaged xz data" },
	{ "more than announced", make_announced_less, -EBADMSG, "more than the announced" },
	{ "less than announced", make_announced_more, -EBADMSG, "instead of the announced" },
	{ "announced bomb", make_announced_bomb, -EFBIG, "unpacks to more than 1024 MiB" },
	{ "bomb", make_bomb, -EFBIG, "unpacks to more than 1024 MiB" },
	{ "payload no ELF", make_payload_text, -ENOEXEC, "not an ELF" },
	{ "payload 32-bit", make_payload_32bit, -ENOEXEC, "a 32-bit ELF" },
};

static int lowest_free_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

/* One line that names the file and what is wrong; no descriptor, nothing in the cache. */
static void assert_refused(const char *name, const char *path, int code, const char *words)
{
	struct kernel_image img = { .fd = -2 };
	struct err e = { 0 };
	int free_fd = lowest_free_fd();
	int r = image_open(path, tmp.cache, &img, &e);

	if (r != code || e.code != code || !strstr(e.message, words))
		fail_msg("%s: %d instead of %d: %s", name, r, code, e.message);
	assert_ptr_equal(strstr(e.message, path), e.message);
	assert_null(strchr(e.message, '\n'));
	assert_int_equal(img.fd, -1);
	assert_int_equal(lowest_free_fd(), free_fd);
	assert_int_equal(cached(), -1);
	assert_int_equal(image_open(path, tmp.cache, &img, NULL), code);
}

static void test_bad_image_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		struct bytes b = bad_cases[i].make();

		write_file(tmp.file, b.p, b.len);
		free(b.p);
		assert_refused(bad_cases[i].name, tmp.file, bad_cases[i].code, bad_cases[i].words);
	}
}

static void test_not_a_file(void **state)
{
	char fifo[128];

	(void)state;
	assert_refused("missing", tmp.file, -ENOENT, "cannot be opened: No such file");
	assert_refused("directory", tmp.dir, -EISDIR, "a directory");
	assert_refused("device", "/dev/null", -EINVAL, "not a regular file");
	snprintf(fifo, sizeof(fifo), "%s/fifo", tmp.dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_refused("fifo", fifo, -EINVAL, "not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(test_bzimage_of_each_compression),
		IMAGE_TEST(test_compressed_vmlinux),
		IMAGE_TEST(test_elf_is_used_in_place),
		IMAGE_TEST(test_frozen),
		IMAGE_TEST(test_no_changed_byte_passes),
		IMAGE_TEST(test_bad_image_is_refused),
		IMAGE_TEST(test_not_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
