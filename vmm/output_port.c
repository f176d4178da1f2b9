/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/output_port.h"

#include <errno.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "vmm/vm.h"

/* A reader that is slow holds up the guest, as a pipe does; the deadline ends that too. */
static void pass_on(struct vm *vm, int32_t *open, int fd, const uint8_t *data, uint32_t bytes)
{
	while (bytes && *open && !vm_ended(vm)) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*open = 0;
			return;
		}
		data += n;
		bytes -= (uint32_t)n;
	}
}

void output_block(struct vm *vm, const uint8_t *data, uint32_t bytes)
{
	pass_on(vm, &vm->has_output, VM_FD_OUTPUT, data, bytes);
}

/* It goes to a log, which nobody cuts. */
void error_block(struct vm *vm, const uint8_t *data, uint32_t bytes)
{
	static const char cut[] = "\n[the program's stderr is cut here]\n";
	uint64_t room = VM_ERROR_MAX - vm->error_bytes;

	pass_on(vm, &vm->has_error, VM_FD_CONSOLE, data, bytes < room ? bytes : (uint32_t)room);
	vm->error_bytes += bytes < room ? bytes : room;
	if (bytes >= room) {
		pass_on(vm, &vm->has_error, VM_FD_CONSOLE, (const uint8_t *)cut, sizeof(cut) - 1);
		vm->has_error = 0;
	}
}

static void page(struct vm *vm, unsigned offset, uint32_t value,
	void (*block)(struct vm *vm, const uint8_t *data, uint32_t bytes))
{
	uint32_t bytes = value % OUTPUT_PAGE_SIZE;
	const uint8_t *data =
		guest_ptr(&vm->mem, value - bytes, OUTPUT_PAGE_SIZE); /* the number is 20 bits */

	if (offset || !data) {
		vm->shared->st.bad_marks++;
		return;
	}
	block(vm, data, bytes ? bytes : OUTPUT_PAGE_SIZE);
}

void output_page(struct vm *vm, unsigned offset, uint32_t value)
{
	page(vm, offset, value, output_block);
}

void error_page(struct vm *vm, unsigned offset, uint32_t value)
{
	page(vm, offset, value, error_block);
}
