/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's side of base/report_abi.h: marks, report text, and the word that says who we are. */
#ifndef BENCH_VMM_REPORT_PORT_H
#define BENCH_VMM_REPORT_PORT_H

#include <stdint.h>

struct vm;

/* Append to the report file, up to REPORT_MAX in all; what is beyond is counted and dropped. */
void report_block(struct vm *vm, const uint8_t *data, uint32_t bytes);

/* Stamp the first of each mark with the host's clock. MARK_EXIT ends the guest. */
void report_mark(struct vm *vm, unsigned offset, uint32_t value);

/* ID_VALUE, or ID_SNAPSHOT where one is to be taken. */
uint32_t report_id(struct vm *vm, unsigned offset);

/* The next @bytes of what ARGS_PORT gives; the time of day is that of the first byte's reading. */
void report_args(struct vm *vm, uint8_t *data, uint32_t bytes);

/* @bytes of the host's getrandom. */
void report_entropy(struct vm *vm, uint8_t *data, uint32_t bytes);

#endif
