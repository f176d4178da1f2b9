/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyboard controller, as far as a machine without a keyboard has one: the reset line. */
#ifndef BENCH_VMM_I8042_H
#define BENCH_VMM_I8042_H

#include <stdint.h>

#define I8042_DATA 0x60
#define I8042_COMMAND 0x64

struct vm;

uint32_t i8042_status(struct vm *vm, unsigned offset);
void i8042_command(struct vm *vm, unsigned offset, uint32_t value);

#endif
