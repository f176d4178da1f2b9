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

uint32_t report_id(struct vm *vm, unsigned offset);

#endif
