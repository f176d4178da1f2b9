/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/kvm_stats.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/kvm.h"

#define DESCRIPTORS_BYTES 16384 /* Linux 6.18 has 47 of 64 bytes each */
#define DATA_BYTES 8192         /* the same with its histograms: below 2 KiB */

int kvm_stats_open(int vcpu_fd)
{
	return ioctl(vcpu_fd, KVM_GET_STATS_FD, 0);
}

/* One number that only grows and counts events: no histogram, no peak, no time. */
static bool is_count(const struct kvm_stats_desc *d)
{
	return d->size == 1 && (d->flags & KVM_STATS_TYPE_MASK) == KVM_STATS_TYPE_CUMULATIVE &&
	       (d->flags & KVM_STATS_UNIT_MASK) == KVM_STATS_UNIT_NONE && d->exponent == 0;
}

static void match(const struct kvm_stats_desc *d, size_t name_size, const char *const *names,
	struct kvm_stats_map *map)
{
	if (!is_count(d) || d->offset > DATA_BYTES - sizeof(uint64_t))
		return;
	for (size_t i = 0; i < map->n; i++) {
		if (!names[i] || !*names[i] || strncmp(d->name, names[i], name_size))
			continue;
		map->known |= 1u << i;
		map->offset[i] = d->offset;
		if (map->data_bytes < d->offset + sizeof(uint64_t))
			map->data_bytes = d->offset + sizeof(uint64_t);
	}
}

void kvm_stats_locate(int fd, const char *const *names, size_t n, struct kvm_stats_map *map)
{
	char block[DESCRIPTORS_BYTES] __attribute__((aligned(8)));
	struct kvm_stats_header h;
	size_t step;
	ssize_t got;

	*map = (struct kvm_stats_map){ .n = n < KVM_STATS_MAX ? n : KVM_STATS_MAX };
	if (fd < 0 || pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return;
	got = pread(fd, block, sizeof(block), h.desc_offset); /* all in one read */
	step = sizeof(struct kvm_stats_desc) + h.name_size;
	if (got < 0 || !h.name_size || h.name_size > sizeof(block) || step % 8)
		return;
	map->data_at = h.data_offset;
	for (size_t i = 0; i < h.num_desc && (i + 1) * step <= (size_t)got; i++)
		match((const void *)(block + i * step), h.name_size, names, map);
}

void kvm_stats_read(int fd, const struct kvm_stats_map *map, uint64_t *values)
{
	char data[DATA_BYTES];

	if (!map->known ||
		pread(fd, data, map->data_bytes, (off_t)map->data_at) != (ssize_t)map->data_bytes)
		return;
	for (size_t i = 0; i < map->n; i++) {
		if (map->known & 1u << i)
			memcpy(&values[i], data + map->offset[i], sizeof(values[i]));
	}
}
