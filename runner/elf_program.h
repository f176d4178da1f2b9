/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an ELF file says about itself, read from an open file that may be anybody's: every offset,
 * size and count in it is checked before it is used. The 64-bit ones of this architecture only.
 */
#ifndef BENCH_RUNNER_ELF_PROGRAM_H
#define BENCH_RUNNER_ELF_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Does @fd begin like an ELF file? */
bool elf_is_one(int fd);

/*
 * The loader that the program @fd, called @name, asks for, into @loader of @size bytes; "" for a
 * static one. 0 or -ENOEXEC.
 */
int elf_program_loader(int fd, const char *name, char *loader, size_t size, struct err *e);

/*
 * May a loader be asked about the program @fd? Not where it names an audit library, whose code the
 * loader would run, or where it would read other such names than we do. 0, -EPERM or -ENOEXEC.
 */
int elf_program_check_dynamic(int fd, const char *name, struct err *e);

/*
 * Is @fd a regular file outside of the kernel's file systems (-EPERM), and in it a program or a
 * library of this architecture (-ENOEXEC)? With @library a library only: no core file, say, which
 * is an ELF file too and holds what was in memory.
 */
int elf_check_file(int fd, const char *name, bool library, struct err *e);

/* The first half of it, for what is no ELF file. */
int elf_check_place(int fd, const char *name, struct err *e);

#endif
