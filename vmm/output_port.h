/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of the user's own prints in a guest, by the ports of base/report_abi.h. */
#ifndef BENCH_VMM_OUTPUT_PORT_H
#define BENCH_VMM_OUTPUT_PORT_H

#include <stdint.h>

struct vm;

/*
 * Pass bytes on to VM_FD_OUTPUT, where whoever reads decides how much is kept, or, for stderr, to
 * VM_FD_CONSOLE, up to VM_ERROR_MAX. A descriptor that fails is not tried again.
 */
void output_block(struct vm *vm, const uint8_t *data, uint32_t bytes);
void error_block(struct vm *vm, const uint8_t *data, uint32_t bytes);

/* The same for a part of a page; one that is not RAM, or not wholly written, counts as a bad mark.
 */
void output_page(struct vm *vm, unsigned offset, uint32_t value);
void error_page(struct vm *vm, unsigned offset, uint32_t value);

#endif
