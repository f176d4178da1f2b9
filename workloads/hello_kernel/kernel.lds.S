/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/hello_kernel/abi.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(hello_start)

PHDRS
{
	kernel_text PT_LOAD FLAGS(5);
	kernel_data PT_LOAD FLAGS(6);
	program_text PT_LOAD FLAGS(5);
	program_data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = KERNEL_BASE;
	.kernel_text : {
		KEEP(*(.text.vectors))
		*entry.o(.text .text.*)
		*kernel.o(.text .text.* .rodata .rodata.*)
	} :kernel_text
	. = ALIGN(PAGE_SIZE);
	.kernel_data : {
		*entry.o(.data .data.*)
		*kernel.o(.data .data.*)
	} :kernel_data
	.kernel_bss (NOLOAD) : {
		*entry.o(.bss .bss.*)
		*kernel.o(.bss .bss.*)
	} :kernel_data
	kernel_end = .;

	. = PROGRAM_TEXT;
	.program_text : { *(.text .text.* .rodata .rodata.*) } :program_text
	program_text_end = .;
	. = PROGRAM_DATA;
	.program_data : { *(.data .data.*) } :program_data
	.program_bss (NOLOAD) : { *(.bss .bss.* COMMON) } :program_data
	program_data_end = .;

	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame) }
}

ASSERT(vector_entries == KERNEL_BASE, "the IDT of entry.S counts on this address")
ASSERT(kernel_end <= PROGRAM_BASE, "the kernel is larger than its memory")
ASSERT(program_text_end <= PROGRAM_DATA, "PROGRAM_TEXT_PAGES are not enough")
ASSERT(program_data_end <= PROGRAM_END, "PROGRAM_DATA_PAGES are not enough")
