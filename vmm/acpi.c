/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/acpi.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"
#include "vmm/checksum.h"
#include "vmm/layout.h"

/* Table numbers are those of the ACPI Specification 6.4. */

struct sdt { /* 5.2.6 */
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct rsdp { /* 5.2.5.3 */
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t checksum_all, reserved[3];
} __attribute__((packed));

struct xsdt { /* 5.2.8 */
	struct sdt head;
	uint64_t table[2];
} __attribute__((packed));

struct fadt { /* 5.2.9; fields that a hardware-reduced machine must leave zero are not named */
	struct sdt head;
	uint8_t zero1[45 - 36];
	uint8_t profile;
	uint8_t zero2[109 - 46];
	uint16_t boot_arch;
	uint8_t zero3;
	uint32_t flags;
	uint8_t zero4[131 - 116];
	uint8_t minor;
	uint8_t zero5[8];
	uint64_t dsdt;
	uint8_t zero6[276 - 148];
} __attribute__((packed));

_Static_assert(offsetof(struct fadt, boot_arch) == 109 && offsetof(struct fadt, flags) == 112 &&
		       offsetof(struct fadt, dsdt) == 140 && sizeof(struct fadt) == 276,
	"FADT as in ACPI 6.4, table 5.9");

enum { /* FADT boot architecture flags, table 5.11: no 8042 (bit 1 clear), and none of these */
	BOOT_NO_VGA = 1 << 2,
	BOOT_NO_ASPM = 1 << 4,
	BOOT_NO_RTC = 1 << 5,
};

enum { /* FADT fixed feature flags, table 5.10 */
	FADT_WBINVD = 1 << 0,
	FADT_HEADLESS = 1 << 12,
	FADT_HW_REDUCED = 1 << 20,
};

struct madt { /* 5.2.12 */
	struct sdt head;
	uint32_t lapic, flags;
} __attribute__((packed));

struct madt_lapic { /* 5.2.12.2 */
	uint8_t type, length, uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_ioapic { /* 5.2.12.3 */
	uint8_t type, length, id, reserved;
	uint32_t address, gsi_base;
} __attribute__((packed));

enum { MADT_LAPIC, MADT_IOAPIC };

/*
 * The machine in AML, made with iasl from
 *   Scope (\_SB) { Device (COM1) { Name (_HID, EisaId ("PNP0501")) Name (_UID, Zero)
 *     Name (_CRS, ResourceTemplate () { IO (Decode16, 0x3F8, 0x3F8, 1, 8)
 *       Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 4 } }) } }
 */
static const uint8_t dsdt_aml[] = {
	0x10, 0x38, '_', 'S', 'B', '_',                         /* Scope */
	0x5b, 0x82, 0x31, 'C', 'O', 'M', '1',                   /* Device */
	0x08, '_', 'H', 'I', 'D', 0x0c, 0x41, 0xd0, 0x05, 0x01, /* EisaId */
	0x08, '_', 'U', 'I', 'D', 0x00, 0x08, '_', 'C', 'R', 'S', 0x11, 0x16, 0x0a,
	0x13,                                                     /* Buffer of 19 bytes */
	0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03, 0x01, 0x08,           /* IO */
	0x89, 0x06, 0x00, 0x03, 0x01, IRQ_UART, 0x00, 0x00, 0x00, /* Interrupt */
	0x79, 0x00,                                               /* end tag */
};

/* Where the next table goes; tables are built in place, in guest memory. */
struct area {
	uint8_t *base;
	size_t used;
};

static void *take(struct area *a, size_t len)
{
	void *p = a->base + a->used;

	memset(p, 0, len);
	a->used += (len + 15) & ~(size_t)15;
	return p;
}

static uint64_t gpa(const struct area *a, const void *p)
{
	return GPA_ACPI + (uint64_t)((const uint8_t *)p - a->base);
}

static void finish(struct sdt *head, const char *signature, uint8_t revision, size_t len)
{
	memcpy(head->signature, signature, 4);
	head->length = (uint32_t)len;
	head->revision = revision;
	memcpy(head->oem, "BENCH ", 6);
	memcpy(head->oem_table, "BENCHVMM", 8);
	head->oem_revision = 1;
	memcpy(head->creator, "BNCH", 4);
	head->creator_revision = 1;
	head->checksum = table_checksum(head, len);
}

static struct sdt *write_dsdt(struct area *a)
{
	size_t len = sizeof(struct sdt) + sizeof(dsdt_aml);
	struct sdt *t = take(a, len);

	memcpy(t + 1, dsdt_aml, sizeof(dsdt_aml));
	finish(t, "DSDT", 2, len);
	return t;
}

static struct sdt *write_fadt(struct area *a, uint64_t dsdt)
{
	struct fadt *t = take(a, sizeof(*t));

	t->boot_arch = BOOT_NO_VGA | BOOT_NO_ASPM | BOOT_NO_RTC;
	t->flags = FADT_WBINVD | FADT_HEADLESS | FADT_HW_REDUCED;
	t->minor = 4;
	t->dsdt = dsdt;
	finish(&t->head, "FACP", 6, sizeof(*t));
	return &t->head;
}

static struct sdt *write_madt(struct area *a, unsigned vcpus)
{
	size_t len = sizeof(struct madt) + vcpus * sizeof(struct madt_lapic) +
		     sizeof(struct madt_ioapic);
	struct madt *t = take(a, len);
	struct madt_lapic *cpu = (void *)(t + 1);
	struct madt_ioapic *io = (void *)(cpu + vcpus);

	t->lapic = GPA_LAPIC;
	for (unsigned i = 0; i < vcpus; i++) {
		cpu[i] = (struct madt_lapic){ MADT_LAPIC, sizeof(*cpu), (uint8_t)i, (uint8_t)i,
			1 /* enabled */ };
	}
	*io = (struct madt_ioapic){ MADT_IOAPIC, sizeof(*io), 0, 0, GPA_IOAPIC, 0 };
	finish(&t->head, "APIC", 5, len);
	return &t->head;
}

int acpi_write(const struct guest_mem *mem, unsigned vcpus, uint64_t *rsdp, struct err *e)
{
	struct area a = { guest_ptr(mem, GPA_ACPI, GPA_ACPI_END - GPA_ACPI), 0 };
	struct sdt *fadt, *madt;
	struct rsdp *root;
	struct xsdt *xsdt;

	if (!a.base || vcpus > 255)
		return err_set(
			e, -EINVAL, "ACPI tables", "no room for the tables of %u vCPUs", vcpus);
	root = take(&a, sizeof(*root)); /* first, where a kernel that searches looks */
	fadt = write_fadt(&a, gpa(&a, write_dsdt(&a)));
	madt = write_madt(&a, vcpus);
	xsdt = take(&a, sizeof(*xsdt));
	xsdt->table[0] = gpa(&a, fadt);
	xsdt->table[1] = gpa(&a, madt);
	finish(&xsdt->head, "XSDT", 1, sizeof(*xsdt));

	memcpy(root->signature, "RSD PTR ", 8);
	memcpy(root->oem, "BENCH ", 6);
	root->revision = 2;
	root->length = sizeof(*root);
	root->xsdt = gpa(&a, xsdt);
	root->checksum = table_checksum(root, 20); /* the part that ACPI 1.0 knew */
	root->checksum_all = table_checksum(root, sizeof(*root));
	*rsdp = gpa(&a, root);
	return 0;
}
