/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/mptable.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "vmm/checksum.h"
#include "vmm/layout.h"

/* Table numbers are those of the MultiProcessor Specification 1.4, May 1997. */

struct mp_pointer { /* 4-1 */
	char signature[4];
	uint32_t table;
	uint8_t paragraphs, revision, checksum, features[5];
} __attribute__((packed));

struct mp_head { /* 4-2 */
	char signature[4];
	uint16_t length;
	uint8_t revision, checksum;
	char oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_size, entries;
	uint32_t lapic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
} __attribute__((packed));

struct mp_cpu { /* 4-4 */
	uint8_t type, apic_id, apic_version, flags;
	uint32_t signature, features, reserved[2];
} __attribute__((packed));

struct mp_bus { /* 4-6 */
	uint8_t type, id;
	char name[6];
} __attribute__((packed));

struct mp_interrupt { /* 4-9 and 4-11 */
	uint8_t type, kind;
	uint16_t flags;
	uint8_t bus, irq, apic, pin;
} __attribute__((packed));

struct mp_table {
	struct mp_head head;
	struct mp_cpu cpus[];
} __attribute__((packed));

/* What follows the CPUs: as firmware leaves a PC, in "virtual wire mode". */
static const struct mp_tail {
	struct mp_bus isa;
	struct mp_interrupt entries[3];
} __attribute__((packed)) tail = {
	.isa = { 1, 0, "ISA   " },
	.entries = {
		{ .type = 3, .kind = 3 },                            /* one, or defaults are made */
		{ .type = 4, .kind = 3, .apic = 0xff, .pin = 0 },    /* the PIC by LINT0 */
		{ .type = 4, .kind = 1, .apic = 0xff, .pin = 1 },    /* NMI by LINT1 */
	},
};

enum { CPU_ENABLED = 1, CPU_BOOTS = 2, LAPIC_VERSION = 0x14, REVISION = 4 };

static void write_table(struct mp_table *t, unsigned vcpus, size_t len)
{
	memset(t, 0, len);
	memcpy(t->head.signature, "PCMP", 4);
	t->head.length = (uint16_t)len;
	t->head.revision = REVISION;
	memcpy(t->head.oem, "BENCH   ", 8);
	memcpy(t->head.product, "BENCHVMM    ", 12);
	t->head.entries = (uint16_t)(vcpus + 1 + ARRAY_SIZE(tail.entries));
	t->head.lapic = GPA_LAPIC;
	for (unsigned i = 0; i < vcpus; i++) {
		t->cpus[i] = (struct mp_cpu){ .apic_id = (uint8_t)i,
			.apic_version = LAPIC_VERSION,
			.flags = i ? CPU_ENABLED : CPU_ENABLED | CPU_BOOTS };
	}
	memcpy(&t->cpus[vcpus], &tail, sizeof(tail));
	t->head.checksum = table_checksum(t, len);
}

int mptable_write(const struct guest_mem *mem, unsigned vcpus, struct err *e)
{
	size_t len = sizeof(struct mp_table) + vcpus * sizeof(struct mp_cpu) + sizeof(tail);
	struct mp_pointer *p = guest_ptr(mem, GPA_MP_POINTER, sizeof(*p));
	struct mp_table *t = guest_ptr(mem, GPA_MP_TABLE, len);

	if (!p || !t || vcpus > 255 || len > GPA_MP_TABLE_END - GPA_MP_TABLE)
		return err_set(e, -EINVAL, "MP table", "no room for the table of %u vCPUs", vcpus);
	write_table(t, vcpus, len);
	*p = (struct mp_pointer){ .table = GPA_MP_TABLE, .paragraphs = 1, .revision = REVISION };
	memcpy(p->signature, "_MP_", 4);
	p->checksum = table_checksum(p, sizeof(*p));
	return 0;
}
