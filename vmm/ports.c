/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/ports.h"

#include <string.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/exit_counts.h"
#include "vmm/i8042.h"
#include "vmm/output_port.h"
#include "vmm/report_port.h"
#include "vmm/uart.h"
#include "vmm/vm.h"

/*
 * Handlers take the offset from the range's first port. A device that takes whole blocks of string
 * output has "block", one that gives whole blocks of input "fill"; without "in" a range reads as
 * all ones, without "out" writes are dropped.
 */
static const struct port_range {
	uint16_t first, count;
	uint32_t (*in)(struct vm *vm, unsigned offset);
	void (*out)(struct vm *vm, unsigned offset, uint32_t value);
	void (*block)(struct vm *vm, const uint8_t *data, uint32_t bytes);
	void (*fill)(struct vm *vm, uint8_t *data, uint32_t bytes);
} ranges[] = {
	{ UART_PORT, 8, .in = uart_in, .out = uart_out }, { I8042_DATA, 1, .in = NULL },
	{ I8042_COMMAND, 1, .in = i8042_status, .out = i8042_command },
	{ COUNTS_PORT, 1, .fill = exit_counts_fill }, { ARGS_PORT, 1, .fill = report_args },
	{ REPORT_PORT, 1, .block = report_block }, { MARK_PORT, 4, .out = report_mark },
	{ ID_PORT, 4, .in = report_id }, { ENTROPY_PORT, 1, .fill = report_entropy },
	{ OUTPUT_PORT, 1, .block = output_block }, { ERROR_PORT, 1, .block = error_block },
	{ OUTPUT_PAGE_PORT, 4, .out = output_page }, { ERROR_PAGE_PORT, 4, .out = error_page },
	{ 0x80, 1, .in = NULL }, /* POST codes: Linux writes here to pass a microsecond */
};

static const struct port_range *find(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (port >= ranges[i].first && port - ranges[i].first < ranges[i].count)
			return &ranges[i];
	}
	return NULL;
}

static void one(struct vm *vm, const struct port_range *r, const struct port_access *a, uint8_t *at)
{
	unsigned offset = a->port - r->first;
	uint32_t value = 0;

	if (a->out) {
		memcpy(&value, at, a->size);
		if (r->out)
			r->out(vm, offset, value);
	} else {
		value = r->in ? r->in(vm, offset) : ~0u;
		memcpy(at, &value, a->size);
	}
}

void ports_access(struct vm *vm, const struct port_access *a)
{
	const struct port_range *r = find(a->port);

	if (!r) {
		vm->shared->st.unknown_io += a->count;
		if (!a->out)
			memset(a->data, 0xff, (size_t)a->size * a->count);
		return;
	}
	if (a->out && r->block) {
		r->block(vm, a->data, a->size * a->count);
		return;
	}
	if (!a->out && r->fill) {
		r->fill(vm, a->data, a->size * a->count);
		return;
	}
	/* Also where the VM has just ended: of a snapshot's VM the access goes on after the
	 * restore. */
	for (uint32_t i = 0; i < a->count; i++)
		one(vm, r, a, a->data + (size_t)i * a->size);
}

void mmio_access(struct vm *vm, bool write, uint8_t *data, uint32_t len)
{
	vm->shared->st.unknown_mmio++;
	if (!write)
		memset(data, 0xff, len);
}
