/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest's physical address map: the one place where addresses are chosen.
 *
 * The boot structures lie below 640 KiB, where both Linux (as boot data of a 64-bit boot loader,
 * Documentation/arch/x86/boot.rst) and a kernel linked at 1 MiB leave them alone.
 */
#ifndef BENCH_VMM_LAYOUT_H
#define BENCH_VMM_LAYOUT_H

#define GPA_MP_POINTER 0x0ul /* the first of the places where it is searched (MP 1.4, 4) */
#define GPA_EMPTY 0x0ul      /* the empty guest's instruction */
#define GPA_GDT 0x500ul
#define GPA_STACK_TOP 0x7000ul /* a boot stack, for kernels that push before they set their own */
#define GPA_ZERO_PAGE 0x7000ul /* struct boot_params */
#define GPA_PML4 0x9000ul
#define GPA_PDPT 0xa000ul
#define GPA_PD 0xb000ul /* 4 pages: identity map of 4 GiB in 2 MiB pages */
#define GPA_CMDLINE 0x20000ul
#define GPA_LOWMEM_END 0x9fc00ul /* where a PC's extended BIOS data area begins */
#define GPA_ACPI 0xe0000ul       /* the RSDP is searched from here (ACPI 6.4, 5.2.5.1) */
#define GPA_ACPI_END 0xf0000ul
#define GPA_MP_TABLE 0xf0000ul
#define GPA_MP_TABLE_END 0x100000ul
#define GPA_KERNEL_MIN 0x100000ul /* lowest address of a kernel's segment */

#define GPA_IOAPIC                                                                                 \
	0xfec00000ul /* where KVM's in-kernel chips answer: KVM API, KVM_CREATE_IRQCHIP */
#define GPA_LAPIC 0xfee00000ul
#define GPA_IDENTITY_MAP 0xfffbc000ul /* one page for Intel CPUs without unrestricted guest */
#define GPA_TSS 0xfffbd000ul          /* three pages, the same */

#define RAM_ALIGN 0x200000ul
#define RAM_MIN (4ul << 20)
#define RAM_MAX (3ul << 30) /* below the hole for devices */

#define IRQ_UART 4

#endif
