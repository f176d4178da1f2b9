/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hello kernel's file, byte by byte, to be started as if it were a program: windows.c. */
	.section .rodata
	.globl	hello_elf, hello_elf_end
hello_elf:
	.incbin	HELLO_ELF
hello_elf_end:

	.section .note.GNU-stack, "", @progbits
