/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/kvm_stats.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/kvm.h"

#define NAME_MAX_BYTES 256
#define DESCRIPTORS_MAX 1024

/* Offset of the statistic @name in the data block, or -1. */
static int64_t find(int fd, const struct kvm_stats_header *h, const char *name)
{
	union {
		struct kvm_stats_desc d;
		char bytes[sizeof(struct kvm_stats_desc) + NAME_MAX_BYTES];
	} u;
	size_t step = sizeof(u.d) + h->name_size;

	if (h->name_size > NAME_MAX_BYTES || h->num_desc > DESCRIPTORS_MAX)
		return -1;
	for (uint32_t i = 0; i < h->num_desc; i++) {
		off_t at = (off_t)(h->desc_offset + i * step);

		if (pread(fd, &u, step, at) != (ssize_t)step)
			return -1;
		if (!strncmp(u.bytes + sizeof(u.d), name, h->name_size) && u.d.size == 1)
			return u.d.offset;
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
