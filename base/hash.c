/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>

#include <sha2.h>

#include "base/util.h"

int sha256_fd(int fd, char hex[SHA256_HEX_SIZE])
{
	uint8_t buf[64 * 1024];
	SHA2_CTX ctx;
	off_t at = 0;

	SHA256Init(&ctx);
	for (;;) {
		ssize_t n = pread_all(fd, buf, sizeof(buf), at);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		SHA256Update(&ctx, buf, (size_t)n);
		at += n;
	}
	SHA256End(&ctx, hex);
	return 0;
}

int sha256_path(const char *path, char hex[SHA256_HEX_SIZE])
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : sha256_fd(fd, hex);
}

void sha256_mem(const void *buf, size_t len, char hex[SHA256_HEX_SIZE])
{
	SHA256Data(buf, len, hex);
}
