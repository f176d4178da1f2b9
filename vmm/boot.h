/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is put into guest memory before the first instruction. */
#ifndef BENCH_VMM_BOOT_H
#define BENCH_VMM_BOOT_H

#include <stdint.h>

#include "base/err.h"
#include "vmm/mem.h"
#include "vmm/vm_proto.h"

/* Where vCPU 0 begins: in 64-bit mode, interrupts off, the first 4 GiB identity-mapped. */
struct boot_entry {
	uint64_t rip;
	uint64_t rax, rdx, rsi;
};

/*
 * An ELF kernel by the Linux 64-bit boot protocol (Documentation/arch/x86/boot.rst): the kernel's
 * segments, the initramfs at the top of RAM, the command line, ACPI tables, and the zero page, to
 * which rsi points. A kernel that is not Linux is entered alike.
 * Errors: those of elf_load; -ENOSPC where something does not fit; -EIO where a file is short.
 */
int boot_linux(const struct vm_config *cfg, const struct guest_mem *mem, struct boot_entry *b,
	struct err *e);

/* A guest of one instruction in real mode: "out %eax, %dx" with the registers set for MARK_EXIT. */
#define EMPTY_CODE_SIZE 2
extern const uint8_t empty_code[EMPTY_CODE_SIZE];
int boot_empty(const struct vm_config *cfg, const struct guest_mem *mem, struct boot_entry *b,
	struct err *e);

/* The GDT and the identity map that boot_entry speaks of. -EINVAL when @mem is too small. */
int boot_tables(const struct guest_mem *mem, struct err *e);

/* Selectors of the GDT, as the 64-bit boot protocol wants them (__BOOT_CS, __BOOT_DS). */
#define BOOT_CS 0x10
#define BOOT_DS 0x18
#define BOOT_TSS 0x20

#endif
