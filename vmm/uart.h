/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A 16550A that transmits at once and never receives: what Linux's 8250 driver needs for a console
 * and for a tty that user space writes to, with interrupts. Registers: National Semiconductor
 * PC16550D data sheet; names as in linux/serial_reg.h.
 */
#ifndef BENCH_VMM_UART_H
#define BENCH_VMM_UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_PORT 0x3f8 /* COM1 */

/* Plain data: part of a snapshot as it is. */
struct uart {
	uint8_t ier, lcr, mcr, scr, fcr, dll, dlm;
	bool thr_empty; /* the transmit interrupt is due and has not been acknowledged */
	bool line;      /* level of the interrupt line */
};

struct vm;

uint32_t uart_in(struct vm *vm, unsigned offset);
void uart_out(struct vm *vm, unsigned offset, uint32_t value);

#endif
