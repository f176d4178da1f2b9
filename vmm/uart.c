/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/uart.h"

#include <linux/serial_reg.h>

#include "vmm/layout.h"
#include "vmm/vm.h"

#define IIR_FIFOS_ON 0xc0 /* bits 6 and 7: a 16550A with its FIFOs enabled */

/* Raise or lower the line where it has changed: each change is an ioctl. */
static void update_line(struct vm *vm)
{
	struct uart *u = &vm->uart;
	bool level = u->thr_empty && (u->ier & UART_IER_THRI);

	if (level == u->line)
		return;
	u->line = level;
	vm_set_irq(vm, IRQ_UART, level);
}

/* Reading tells the highest interrupt that is due, and acknowledges it. */
static uint8_t read_iir(struct vm *vm)
{
	struct uart *u = &vm->uart;
	uint8_t fifo = u->fcr & UART_FCR_ENABLE_FIFO ? IIR_FIFOS_ON : 0;

	if (!u->line)
		return fifo | UART_IIR_NO_INT;
	u->thr_empty = false;
	update_line(vm);
	return fifo | UART_IIR_THRI;
}

/* In loopback mode the modem's outputs are its inputs: that is how drivers find a real chip. */
static uint8_t read_msr(const struct uart *u)
{
	uint8_t msr = 0;

	if (!(u->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	msr |= u->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0;
	msr |= u->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0;
	msr |= u->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0;
	msr |= u->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0;
	return msr;
}

uint32_t uart_in(struct vm *vm, unsigned offset)
{
	struct uart *u = &vm->uart;
	bool divisor = u->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_RX:
		return divisor ? u->dll : 0;
	case UART_IER:
		return divisor ? u->dlm : u->ier;
	case UART_IIR:
		return read_iir(vm);
	case UART_LCR:
		return u->lcr;
	case UART_MCR:
		return u->mcr;
	case UART_LSR:
		return UART_LSR_TEMT | UART_LSR_THRE;
	case UART_MSR:
		return read_msr(u);
	default:
		return u->scr;
	}
}

/* The byte is gone at once and the register empty again. A line that is still up needs no new edge:
 * the driver has yet to read IIR for the last one. */
static void transmit(struct vm *vm, uint8_t byte)
{
	struct uart *u = &vm->uart;

	/* Once the VM has ended nothing interrupts a write to a reader that is slow. */
	if (!(u->mcr & UART_MCR_LOOP) && !vm_ended(vm))
		console_put(&vm->console, byte);
	u->thr_empty = true;
	update_line(vm);
}

void uart_out(struct vm *vm, unsigned offset, uint32_t value)
{
	struct uart *u = &vm->uart;
	bool divisor = u->lcr & UART_LCR_DLAB;
	uint8_t byte = (uint8_t)value;

	switch (offset) {
	case UART_TX:
		if (divisor)
			u->dll = byte;
		else
			transmit(vm, byte);
		break;
	case UART_IER:
		if (divisor) {
			u->dlm = byte;
			break;
		}
		u->thr_empty |= !(u->ier & UART_IER_THRI) && (byte & UART_IER_THRI);
		u->ier = byte & 0x0f; /* the upper bits read as zero: drivers test that */
		update_line(vm);
		break;
	case UART_FCR:
		u->fcr = byte;
		break;
	case UART_LCR:
		u->lcr = byte;
		break;
	case UART_MCR:
		u->mcr = byte & 0x1f;
		break;
	case UART_SCR:
		u->scr = byte;
		break;
	default: /* line and modem status are read only */
		break;
	}
}
