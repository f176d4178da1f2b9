/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's I/O ports and memory-mapped registers: who answers where. */
#ifndef BENCH_VMM_PORTS_H
#define BENCH_VMM_PORTS_H

#include <stdbool.h>
#include <stdint.h>

struct vm;

/* One IN, OUT, INS or OUTS as KVM hands it over: @count elements of @size bytes at @data. */
struct port_access {
	uint16_t port;
	uint8_t size; /* 1, 2 or 4 */
	bool out;
	uint32_t count;
	uint8_t *data;
};

/* A device may end the guest (vm_end). Ports without a device read as all ones. */
void ports_access(struct vm *vm, const struct port_access *a);

/* No device of ours is mapped into memory: reads give all ones, writes are dropped, both counted.
 */
void mmio_access(struct vm *vm, bool write, uint8_t *data, uint32_t len);

#endif
