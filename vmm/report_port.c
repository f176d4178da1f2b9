/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/report_port.h"

#include <errno.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/vm.h"

void report_block(struct vm *vm, const uint8_t *data, uint32_t bytes)
{
	struct vm_state *st = &vm->shared->st;
	uint64_t at = st->report_bytes;

	st->report_bytes += bytes;
	if (at >= REPORT_MAX)
		return;
	if (bytes > REPORT_MAX - at)
		bytes = (uint32_t)(REPORT_MAX - at);
	while (bytes) {
		ssize_t n = pwrite(VM_FD_REPORT, data, bytes, (off_t)at);
		struct err e;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err_sys(&e, "report", "writing byte %llu", (unsigned long long)at);
			vm_fail(vm, VM_END_ERROR, &e);
			return;
		}
		data += n;
		at += (uint64_t)n;
		bytes -= (uint32_t)n;
	}
}

void report_mark(struct vm *vm, unsigned offset, uint32_t value)
{
	uint64_t now = now_ns(); /* first of all: this is the measurement */
	struct vm_state *st = &vm->shared->st;
	uint32_t mark = value & 0xff;

	if (offset || mark == MARK_NONE || mark >= MARK_COUNT) {
		st->bad_marks++;
		return;
	}
	if (!st->mark_at[mark])
		st->mark_at[mark] = now;
	if (mark == MARK_EXIT) {
		st->status = value >> 8;
		vm_end(vm, VM_END_EXIT);
	}
}

uint32_t report_id(struct vm *vm, unsigned offset)
{
	(void)vm;
	return offset ? ~0u : ID_VALUE;
}
