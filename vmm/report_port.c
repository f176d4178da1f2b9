/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/report_port.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/ready.h"
#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/vm.h"

void report_block(struct vm *vm, const uint8_t *data, uint32_t bytes)
{
	struct vm_state *st = &vm->shared->st;
	uint64_t at = st->report_bytes;
	struct err e;

	st->report_bytes += bytes;
	if (at >= REPORT_MAX)
		return;
	if (bytes > REPORT_MAX - at)
		bytes = (uint32_t)(REPORT_MAX - at);
	if (pwrite_all(VM_FD_REPORT, data, bytes, (off_t)at) < 0) {
		err_sys(&e, "report", "writing after byte %" PRIu64, at);
		vm_fail(vm, VM_END_ERROR, &e);
	}
}

void report_mark(struct vm *vm, unsigned offset, uint32_t value)
{
	uint64_t now = now_ns(); /* first of all: this is the measurement */
	struct vm_state *st = &vm->shared->st;
	uint32_t mark = value & 0xff;

	if (vm_ended(vm)) /* the first end counts, with its status */
		return;
	if (offset || mark == MARK_NONE || mark >= MARK_COUNT) {
		st->bad_marks++;
		return;
	}
	if (!st->mark_at[mark])
		st->mark_at[mark] = now;
	if (mark == MARK_WORK)
		ready_say(&st->ready);
	if (mark == MARK_READY && vm->shared->cfg.take_snapshot)
		vm_end(vm, VM_END_SNAPSHOT);
	if (mark == MARK_EXIT) {
		st->status = value >> 8;
		vm_end(vm, VM_END_EXIT);
	}
}

uint32_t report_id(struct vm *vm, unsigned offset)
{
	if (offset)
		return ~0u;
	return vm->shared->cfg.take_snapshot ? ID_SNAPSHOT : ID_VALUE;
}

static void write_args(struct vm *vm)
{
	const struct vm_config *cfg = &vm->shared->cfg;
	uint32_t len = cfg->args_bytes < VM_ARGS_SIZE ? cfg->args_bytes : VM_ARGS_SIZE;
	struct timespec now;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	n = snprintf(vm->args, sizeof(vm->args), "%" PRIu64,
		(uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec);
	memcpy(vm->args + n + 1, cfg->args, len); /* the rest is NULs already */
}

void report_args(struct vm *vm, uint8_t *data, uint32_t bytes)
{
	uint32_t left;

	if (!vm->args_given)
		write_args(vm);
	left = ARGS_MAX - vm->args_given;
	if (left > bytes)
		left = bytes;
	memcpy(data, vm->args + vm->args_given, left);
	memset(data + left, 0, bytes - left);
	vm->args_given += left;
}

void report_entropy(struct vm *vm, uint8_t *data, uint32_t bytes)
{
	struct err e;

	while (bytes) {
		ssize_t n = getrandom(data, bytes, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(&e, "getrandom", "entropy for the guest");
			vm_fail(vm, VM_END_ERROR, &e);
			return;
		}
		data += n;
		bytes -= (uint32_t)n;
	}
}
