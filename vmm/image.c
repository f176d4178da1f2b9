/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/util.h"
#include "vmm/bzimage.h"
#include "vmm/elf.h"
#include "vmm/image_cache.h"
#include "vmm/memfile.h"
#include "vmm/unpack.h"
#include "vmm/zeros.h"

static const char STEP[] = "kernel image";

/* The file as the user gave it. */
struct input {
	const char *path;
	const char *cache_dir;
	int fd;
	uint64_t size;
	uint8_t head[BZIMAGE_HEAD];
	size_t head_len;
};

static int open_input(struct input *in, struct err *e)
{
	struct stat st;
	ssize_t n;
	int r;

	/* Not blocking: a FIFO is to be refused, not waited for. */
	in->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (in->fd < 0) {
		r = err_sys(e, STEP, "cannot be opened");
		if (r == -EACCES) /* Ubuntu: /boot/vmlinuz is for root only */
			err_help(e, "make it readable for you, or give a copy of your own");
		return r;
	}
	if (fstat(in->fd, &st) < 0)
		return err_sys(e, STEP, "fstat");
	if (S_ISDIR(st.st_mode))
		return err_set(e, -EISDIR, STEP, "a directory, not a kernel image");
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, STEP, "not a regular file");
	if (st.st_size == 0)
		return err_set(e, -ENOEXEC, STEP, "empty");
	in->size = (uint64_t)st.st_size;
	n = pread_all(in->fd, in->head, sizeof(in->head), 0);
	if (n < 0)
		return err_sys(e, STEP, "cannot be read");
	in->head_len = (size_t)n;
	return 0;
}

static bool is_elf(const struct input *in)
{
	return in->head_len >= SELFMAG && memcmp(in->head, ELFMAG, SELFMAG) == 0;
}

static int open_elf(struct input *in, struct kernel_image *img, struct err *e)
{
	int r = elf_check(in->fd, e);

	if (r < 0)
		return r;
	if ((size_t)snprintf(img->path, sizeof(img->path), "%s", in->path) >= sizeof(img->path))
		return err_set(e, -ENAMETOOLONG, STEP, "the path is too long");
	img->size = in->size;
	img->fd = steal_fd(&in->fd);
	return 0;
}

/* What was unpacked goes into the cache, and is used from there so that it need not stay in memory.
 */
static bool keep(const struct input *in, struct kernel_image *img, int unpacked)
{
	uint64_t size = img->size;

	if (!in->cache_dir || image_cache_store(in->cache_dir, img->path, unpacked, size) < 0)
		return false;
	img->fd = image_cache_open(img->path, &size);
	return img->fd >= 0;
}

/*
 * Unpacked in memory and checked before the cache sees any of it: no damaged image, bomb or full
 * disk can leave anything there.
 */
static int open_packed(
	struct input *in, const struct unpack_source *src, struct kernel_image *img, struct err *e)
{
	cleanup_fd int mem = -1;
	int r;

	if (in->cache_dir &&
		image_cache_path(in->cache_dir, img->sha256, img->path, sizeof(img->path)) < 0)
		in->cache_dir = NULL;
	if (in->cache_dir) {
		img->size = src->unpacked_size;
		img->fd = image_cache_open(img->path, &img->size);
		img->from_cache = img->fd >= 0;
		if (img->from_cache)
			return 0;
	}
	mem = memfile_new("vmlinux", e);
	if (mem < 0)
		return mem;
	r = unpack(src, mem, &img->size, e);
	if (r == 0)
		r = elf_check(mem, e);
	if (r < 0 || keep(in, img, mem))
		return r;
	r = memfile_seal(mem, e);
	if (r < 0)
		return r;
	img->path[0] = '\0';
	img->fd = steal_fd(&mem);
	return 0;
}

static bool is_bzimage(const struct input *in)
{
	return bzimage_detect(in->head, in->head_len);
}

static int open_bzimage(struct input *in, struct kernel_image *img, struct err *e)
{
	struct unpack_source src;
	int r = bzimage_payload(in->fd, &src, e);

	return r < 0 ? r : open_packed(in, &src, img, e);
}

static bool is_compressed(const struct input *in)
{
	return unpack_detect(in->head, in->head_len) != NULL;
}

static int open_compressed(struct input *in, struct kernel_image *img, struct err *e)
{
	struct unpack_source src = {
		.fd = in->fd,
		.length = in->size,
		.unpacked_size = UNPACK_SIZE_UNKNOWN,
		.format = unpack_detect(in->head, in->head_len),
	};

	return open_packed(in, &src, img, e);
}

static const struct kind {
	bool (*is)(const struct input *in);
	int (*open)(struct input *in, struct kernel_image *img, struct err *e);
} kinds[] = {
	{ is_elf, open_elf },
	{ is_bzimage, open_bzimage },
	{ is_compressed, open_compressed },
};

/* What people give by mistake: a kernel for other machines, or something that is no kernel. */
static const struct foreign {
	unsigned offset;
	const char *magic;
	const char *what;
	const char *remedy;
} foreign[] = {
	{ 56, "ARM\x64", "a kernel for arm64", "" },
	{ 56, "RSC\x05", "a kernel for RISC-V", "" },
	{ 4, "zimg", "an EFI zboot image, which only other machines than x86-64 have", "" },
	{ 0, "\x27\x05\x19\x56", "a U-Boot image", "" },
	{ 0, "070701", "a cpio archive, perhaps an initramfs", "" },
	{ 0, "!<arch>", "an archive or a Debian package",
		"for a package: dpkg -x PACKAGE DIR, and give DIR/boot/vmlinuz-..." },
	{ 0, "MZ", "an EFI program, perhaps a unified kernel image",
		"for the latter: objcopy -O binary --only-section=.linux IMAGE vmlinuz" },
};

static bool is_foreign(const struct input *in, const struct foreign *f)
{
	size_t len = strlen(f->magic);

	return in->head_len >= f->offset + len && memcmp(in->head + f->offset, f->magic, len) == 0;
}

static int refuse(const struct input *in, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		const struct foreign *f = &foreign[i];

		if (!is_foreign(in, f))
			continue;
		err_set(e, -ENOEXEC, STEP, "not an x86-64 kernel image: it is %s", f->what);
		err_help(e, "%s", f->remedy);
		return -ENOEXEC;
	}
	return err_set(e, -ENOEXEC, STEP,
		"not an x86-64 kernel image: neither an ELF vmlinux nor a bzImage (%" PRIu64
		" bytes)",
		in->size);
}

static int open_any(struct input *in, struct kernel_image *img, struct err *e)
{
	int r = open_input(in, e);

	if (r < 0)
		return r;
	r = sha256_fd(in->fd, img->sha256);
	if (r < 0)
		return err_set(e, r, STEP, "cannot be read: %s", strerror(-r));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].is(in))
			return kinds[i].open(in, img, e);
	return refuse(in, e);
}

/* The layers below know what is wrong but not with which file. */
static void name_file(const char *path, struct err *e)
{
	char what[sizeof(e->message)];

	memcpy(what, e->message, sizeof(what));
	snprintf(e->message, sizeof(e->message), "%.300s: %.330s", path, what);
}

int image_open(const char *path, const char *cache_dir, struct kernel_image *img, struct err *e)
{
	struct input in = { .path = path, .cache_dir = cache_dir, .fd = -1 };
	int r;

	*img = (struct kernel_image){ .fd = -1 };
	r = open_any(&in, img, e);
	close_fd(&in.fd);
	if (r < 0) {
		image_close(img);
		if (e)
			name_file(path, e);
	}
	return r;
}

#define FREEZE_CHUNK ((size_t)256 * 1024)

/* The pages of zeros become holes. */
static int copy_pages(const struct kernel_image *img, int to, uint8_t *buf, struct err *e)
{
	for (uint64_t at = 0; at < img->size;) {
		ssize_t n = pread_all(img->fd, buf, FREEZE_CHUNK, (off_t)at);

		if (n <= 0)
			return n ? err_sys(e, STEP, "cannot be read")
				 : err_set(e, -EBADMSG, STEP, "it became shorter");
		for (ssize_t i = 0; i < n; i += 4096) {
			size_t len = n - i < 4096 ? (size_t)(n - i) : 4096;

			if (!all_zero(buf + i, len) &&
				pwrite_all(to, buf + i, len, (off_t)at + i) < 0)
				return err_sys(e, "pwrite", "the kernel's copy in memory");
		}
		at += (uint64_t)n;
	}
	return 0;
}

int image_freeze(struct kernel_image *img, struct err *e)
{
	cleanup_free uint8_t *buf = NULL;
	cleanup_fd int mem = -1;
	int r;

	if (memfile_is_sealed(img->fd))
		return 0;
	buf = malloc(FREEZE_CHUNK);
	if (!buf)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	mem = memfile_new("vmlinux", e);
	if (mem < 0)
		return mem;
	if (ftruncate(mem, (off_t)img->size) < 0)
		return err_sys(e, "ftruncate", "the kernel's copy in memory");
	r = copy_pages(img, mem, buf, e);
	if (!r)
		r = elf_check(mem, e);
	if (!r)
		r = memfile_seal(mem, e);
	if (r < 0)
		return r;
	close_fd(&img->fd);
	img->fd = steal_fd(&mem);
	return 0;
}

void image_close(struct kernel_image *img)
{
	close_fd(&img->fd);
}
