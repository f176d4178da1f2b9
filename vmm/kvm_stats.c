/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/kvm_stats.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/kvm.h"

#define DESCRIPTORS_BYTES 16384 /* Linux 6.18 has 47 of 64 bytes each */

/* Offset of the statistic @name in the data block, or -1. All descriptors come in one read. */
static int64_t find(int fd, const struct kvm_stats_header *h, const char *name)
{
	char block[DESCRIPTORS_BYTES] __attribute__((aligned(8)));
	ssize_t got = pread(fd, block, sizeof(block), h->desc_offset);
	size_t step = sizeof(struct kvm_stats_desc) + h->name_size;

	if (got < 0 || !h->name_size || h->name_size > sizeof(block) || step % 8)
		return -1;
	for (size_t i = 0; i < h->num_desc && (i + 1) * step <= (size_t)got; i++) {
		const struct kvm_stats_desc *d = (const void *)(block + i * step);

		if (d->size == 1 && !strncmp(d->name, name, h->name_size))
			return d->offset;
	}
	return -1;
}

uint64_t kvm_stats_exits(int vcpu_fd)
{
	cleanup_fd int fd = ioctl(vcpu_fd, KVM_GET_STATS_FD, 0);
	struct kvm_stats_header h;
	uint64_t value;
	int64_t offset;

	if (fd < 0 || pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return 0;
	offset = find(fd, &h, "exits");
	if (offset < 0)
		return 0;
	if (pread(fd, &value, sizeof(value), (off_t)(h.data_offset + (uint64_t)offset)) !=
		sizeof(value))
		return 0;
	return value;
}
