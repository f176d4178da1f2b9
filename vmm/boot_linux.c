/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/boot.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "vmm/acpi.h"
#include "vmm/elf.h"
#include "vmm/layout.h"
#include "vmm/mptable.h"

/* Values of struct setup_header: Documentation/arch/x86/boot.rst. */
#define HDR_BOOT_FLAG 0xaa55
#define HDR_MAGIC 0x53726448 /* "HdrS" */
#define HDR_VERSION 0x020f
#define HDR_LOADER_UNKNOWN 0xff
#define HDR_ALIGNMENT 0x200000 /* a kernel refuses zero */

const uint8_t empty_code[EMPTY_CODE_SIZE] = { 0x66, 0xef }; /* out %eax, (%dx) in real mode */

enum { E820_RAM = 1, E820_RESERVED = 2 }; /* ACPI 6.4, 15, table 15.2 */

/* Read @len bytes of @fd from its start to @to. */
static int read_whole(int fd, uint8_t *to, uint64_t len, struct err *e)
{
	ssize_t n = pread_all(fd, to, len, 0);

	if (n < 0)
		return err_sys(e, "initramfs", "reading it");
	if ((uint64_t)n < len)
		return err_set(
			e, -EIO, "initramfs", "it ends after %zd of %" PRIu64 " bytes", n, len);
	return 0;
}

/* Into the highest whole pages of RAM, as far from the kernel's growth as can be. */
static int load_initramfs(const struct vm_config *cfg, const struct guest_mem *mem,
	uint64_t kernel_end, uint64_t *at, struct err *e)
{
	uint64_t len = cfg->initramfs_bytes, gpa;

	*at = 0;
	if (!cfg->has_initramfs || !len)
		return 0;
	if (len > mem->size || (gpa = (mem->size - len) & ~UINT64_C(4095)) < kernel_end) {
		err_set(e, -ENOSPC, "initramfs",
			"%" PRIu64 " bytes do not fit above the kernel, which ends at %" PRIu64
			" MiB, into %" PRIu64 " MiB of guest memory",
			len, kernel_end >> 20, mem->size >> 20);
		return err_help(e, "give the guest more memory (--mem)");
	}
	*at = gpa;
	return read_whole(VM_FD_INITRAMFS, guest_ptr(mem, gpa, len), len, e);
}

static int write_cmdline(const struct vm_config *cfg, const struct guest_mem *mem, struct err *e)
{
	size_t len = strnlen(cfg->cmdline, sizeof(cfg->cmdline));
	char *to = guest_ptr(mem, GPA_CMDLINE, len + 1);

	if (len == sizeof(cfg->cmdline) || !to)
		return err_set(e, -ENOSPC, "kernel command line", "longer than %u bytes",
			VM_CMDLINE_SIZE - 1);
	memcpy(to, cfg->cmdline, len + 1);
	return 0;
}

static void add_e820(struct boot_params *bp, uint64_t from, uint64_t to, uint32_t type)
{
	bp->e820_table[bp->e820_entries++] = (struct boot_e820_entry){ from, to - from, type };
}

static int write_zero_page(const struct guest_mem *mem, uint64_t initramfs, uint64_t bytes,
	uint64_t rsdp, struct err *e)
{
	struct boot_params *bp = guest_ptr(mem, GPA_ZERO_PAGE, sizeof(*bp));

	if (!bp)
		return err_set(e, -ENOSPC, "zero page", "guest memory is too small");
	bp->hdr.boot_flag = HDR_BOOT_FLAG;
	bp->hdr.header = HDR_MAGIC;
	bp->hdr.version = HDR_VERSION;
	bp->hdr.type_of_loader = HDR_LOADER_UNKNOWN;
	bp->hdr.loadflags = LOADED_HIGH;
	bp->hdr.kernel_alignment = HDR_ALIGNMENT;
	bp->hdr.cmd_line_ptr = GPA_CMDLINE;
	bp->hdr.cmdline_size = VM_CMDLINE_SIZE - 1;
	bp->hdr.ramdisk_image = (uint32_t)initramfs; /* RAM ends below 4 GiB */
	bp->hdr.ramdisk_size = (uint32_t)bytes;
	bp->acpi_rsdp_addr = rsdp;
	add_e820(bp, 0, GPA_LOWMEM_END, E820_RAM);
	add_e820(bp, GPA_ACPI, GPA_MP_TABLE_END, E820_RESERVED);
	add_e820(bp, GPA_MP_TABLE_END, mem->size, E820_RAM);
	return 0;
}

int boot_linux(const struct vm_config *cfg, const struct guest_mem *mem, struct boot_entry *b,
	struct err *e)
{
	uint64_t entry, end, initramfs, rsdp;
	int r;

	r = elf_load(VM_FD_KERNEL, mem, GPA_KERNEL_MIN, &entry, &end, e);
	if (r < 0)
		return r;
	r = load_initramfs(cfg, mem, end, &initramfs, e);
	if (r < 0)
		return r;
	r = write_cmdline(cfg, mem, e);
	if (r < 0)
		return r;
	r = acpi_write(mem, cfg->vcpus, &rsdp, e);
	if (r < 0)
		return r;
	r = mptable_write(mem, cfg->vcpus, e);
	if (r < 0)
		return r;
	r = write_zero_page(mem, initramfs, initramfs ? cfg->initramfs_bytes : 0, rsdp, e);
	if (r < 0)
		return r;
	*b = (struct boot_entry){ .rip = entry, .rsi = GPA_ZERO_PAGE };
	return 0;
}

int boot_empty(const struct vm_config *cfg, const struct guest_mem *mem, struct boot_entry *b,
	struct err *e)
{
	uint8_t *code = guest_ptr(mem, GPA_EMPTY, sizeof(empty_code));

	(void)cfg;
	if (!code)
		return err_set(e, -ENOSPC, "empty guest", "guest memory is too small");
	memcpy(code, empty_code, sizeof(empty_code));
	*b = (struct boot_entry){ .rip = GPA_EMPTY, .rax = MARK_EXIT, .rdx = MARK_PORT };
	return 0;
}

int boot_tables(const struct guest_mem *mem, struct err *e)
{
	/* Intel SDM 3, 4.5 (paging: P 0, W 1, PS 7) and 3.4.5 (descriptors). */
	enum { PRESENT_WRITE = 0x3, HUGE_PAGE = 0x80 };
	static const uint64_t gdt[] = {
		[BOOT_CS / 8] = 0x00af9b000000ffff,  /* 64-bit code, accessed */
		[BOOT_DS / 8] = 0x00cf93000000ffff,  /* flat data, accessed */
		[BOOT_TSS / 8] = 0x008f8b000000ffff, /* busy TSS */
		[BOOT_TSS / 8 + 1] = 0,              /* upper half of its base */
	};
	uint64_t *pml4 = guest_ptr(mem, GPA_PML4, 4096);
	uint64_t *pdpt = guest_ptr(mem, GPA_PDPT, 4096);
	uint64_t *pd = guest_ptr(mem, GPA_PD, 4 * 4096);

	if (!pml4 || !pdpt || !pd)
		return err_set(e, -EINVAL, "page tables", "guest memory is too small");
	memcpy(guest_ptr(mem, GPA_GDT, sizeof(gdt)), gdt, sizeof(gdt));
	pml4[0] = GPA_PDPT | PRESENT_WRITE;
	for (uint64_t i = 0; i < 4; i++)
		pdpt[i] = (GPA_PD + i * 4096) | PRESENT_WRITE;
	for (uint64_t i = 0; i < 4 * 512; i++)
		pd[i] = i << 21 | PRESENT_WRITE | HUGE_PAGE;
	return 0;
}
