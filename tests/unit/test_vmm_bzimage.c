/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/bzimage: the setup header, good and bad. */
#include "tests/unit/tiny_kernel.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/bzimage.h"

#define SIZE_SAID 0x01020304u

static const uint8_t payload_xz[40] = {
	0xfd, '7', 'z', 'X', 'Z', 0, [36] = 0x04, 0x03, 0x02, 0x01 /* SIZE_SAID */
};

static struct setup_header *header_of(const struct bytes *b)
{
	return (struct setup_header *)(b->p + 0x1f1);
}

static void old_protocol(struct bytes *b)
{
	header_of(b)->version = 0x0207;
}

static void zimage(struct bytes *b)
{
	header_of(b)->loadflags = 0;
}

static void no_64bit_entry(struct bytes *b)
{
	header_of(b)->xloadflags = XLF_CAN_BE_LOADED_ABOVE_4G;
}

static void cut_in_header(struct bytes *b)
{
	b->len = 0x1f1 + 30;
}

static void cut_in_payload(struct bytes *b)
{
	b->len -= 101;
}

static void offset_outside(struct bytes *b)
{
	header_of(b)->payload_offset = UINT32_MAX;
}

static void length_outside(struct bytes *b)
{
	header_of(b)->payload_length = UINT32_MAX;
}

static void no_payload(struct bytes *b)
{
	header_of(b)->payload_length = 0;
}

static void unknown_payload(struct bytes *b)
{
	b->p[(TINY_SETUP_SECTS + 1) * 512 + TINY_PAYLOAD_OFFSET] = 0xee;
}

static const struct bad_case {
	const char *name;
	void (*spoil)(struct bytes *b);
	int code;
	const char *words;
} bad_cases[] = {
	{ "protocol 2.07", old_protocol, -ENOEXEC, "boot protocol 2.07" },
	{ "zImage", zimage, -ENOEXEC, "a zImage" },
	{ "32-bit kernel", no_64bit_entry, -ENOEXEC, "without the 64-bit entry" },
	{ "cut in the header", cut_in_header, -EBADMSG, "no complete setup header" },
	{ "cut in the payload", cut_in_payload, -EBADMSG, "truncated bzImage: 2378 bytes" },
	{ "payload offset", offset_outside, -EBADMSG, "payload ends at 42949" },
	{ "payload length", length_outside, -EBADMSG, "payload ends at 42949" },
	{ "no payload", no_payload, -EBADMSG, "payload of 0 bytes" },
	{ "unknown compression", unknown_payload, -EBADMSG,
		"unknown compression (it begins with ee 37" },
};

static struct bytes good_image(void)
{
	struct bytes payload = bytes_of(payload_xz, sizeof(payload_xz));
	struct bytes b = bzimage_around(&payload);

	free(payload.p);
	return b;
}

static int memfd_of(const struct bytes *b)
{
	int fd = memfd_create("bzimage", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, b->p, b->len), 0);
	return fd;
}

static void test_bad_header_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct bytes b = good_image();
		struct unpack_source src = { .fd = -2 };
		struct err e = { 0 };
		int fd, r;

		c->spoil(&b);
		fd = memfd_of(&b);
		assert_true(bzimage_detect(b.p, b.len));
		r = bzimage_payload(fd, &src, &e);
		if (r != c->code || e.code != r || !strstr(e.message, c->words))
			fail_msg("%s: %d: %s", c->name, r, e.message);
		assert_int_equal(src.fd, -2);
		close(fd);
		free(b.p);
	}
}

static void test_good_header(void **state)
{
	struct bytes b = good_image();
	struct unpack_source src;
	struct err e;
	int fd;

	(void)state;
	/* Before 2.12 there was no flag: a 64-bit kernel shows itself when it is unpacked. */
	for (unsigned version = 0x0208; version <= 0x020f; version++) {
		header_of(&b)->version = (uint16_t)version;
		header_of(&b)->xloadflags = version < 0x020c ? 0 : XLF_KERNEL_64;
		fd = memfd_of(&b);
		assert_int_equal(bzimage_payload(fd, &src, &e), 0);
		assert_int_equal(src.fd, fd);
		assert_int_equal(src.offset, (TINY_SETUP_SECTS + 1) * 512 + TINY_PAYLOAD_OFFSET);
		assert_int_equal(src.length, sizeof(payload_xz) - 4);
		assert_int_equal(src.unpacked_size, SIZE_SAID);
		assert_string_equal(unpack_name(src.format), "xz");
		close(fd);
	}
	free(b.p);
}

/* setup_sects 0 means 4, and gzip's own last 4 bytes are the size. */
static void test_defaults(void **state)
{
	static const uint8_t gz[40] = { 0x1f, 0x8b, 0x08, [36] = 0x04, 0x03, 0x02, 0x01 };
	struct bytes payload = bytes_of(gz, sizeof(gz));
	struct bytes b = bzimage_around(&payload);
	struct unpack_source src;
	struct err e;
	int fd;

	(void)state;
	header_of(&b)->setup_sects = 0;
	header_of(&b)->payload_offset = 0;
	bytes_add(&b, NULL, 5 * 512 - b.len);
	bytes_add(&b, gz, sizeof(gz));
	fd = memfd_of(&b);
	assert_int_equal(bzimage_payload(fd, &src, &e), 0);
	assert_int_equal(src.offset, 5 * 512);
	assert_int_equal(src.length, sizeof(gz));
	assert_int_equal(src.unpacked_size, SIZE_SAID);
	close(fd);
	free(payload.p);
	free(b.p);
}

static void test_detect(void **state)
{
	struct bytes b = good_image();

	(void)state;
	assert_true(bzimage_detect(b.p, 0x206));
	assert_false(bzimage_detect(b.p, 0x205));
	assert_false(bzimage_detect(b.p, 0));
	b.p[0x1fe] = 0;
	assert_false(bzimage_detect(b.p, b.len));
	b.p[0x1fe] = 0x55;
	b.p[0x202] = 'h';
	assert_false(bzimage_detect(b.p, b.len));
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_header_is_refused),
		cmocka_unit_test(test_good_header),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_detect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
