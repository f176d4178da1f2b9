/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/i8042.h"

#include "vmm/vm.h"

#define CMD_RESET 0xfe /* pulse the line that is wired to the CPU's reset */

/*
 * All ones but for "input buffer full". A driver that looks for a keyboard finds an output buffer
 * that never empties and gives up at once (Linux: i8042_flush() reads 17 times, "No controller
 * found"); a status of zero would have it wait half a second for answers. And one that wants to
 * reset the machine (Linux: reboot=k) finds that it may write its command without waiting.
 */
#define STATUS_NOBODY 0xfdu

uint32_t i8042_status(struct vm *vm, unsigned offset)
{
	(void)vm;
	(void)offset;
	return STATUS_NOBODY;
}

void i8042_command(struct vm *vm, unsigned offset, uint32_t value)
{
	(void)offset;
	if ((value & 0xff) == CMD_RESET)
		vm_end(vm, VM_END_RESET);
}
