/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the guest's console goes: all of it into the ring of the shared memory, and up to
 * VM_CONSOLE_MAX bytes, a line a write, to a descriptor.
 */
#ifndef BENCH_VMM_CONSOLE_H
#define BENCH_VMM_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/vm_proto.h"

struct console {
	struct vm_state *st; /* borrowed */
	int fd;              /* borrowed; -1: the ring only */
	size_t used;
	char line[256];
};

void console_init(struct console *c, struct vm_state *st, int fd);
void console_put(struct console *c, uint8_t byte);

/* Write out what has no newline yet. A descriptor that fails is not tried again. */
void console_flush(struct console *c);

/*
 * The last whole lines of a ring into @out, at most @size bytes with NUL: from the line that says
 * "Kernel panic" where there is one, else the last ones that fit. Control characters and escape
 * sequences are cut out, bytes beyond ASCII become '?', lines are joined by " | ". @st is
 * untrusted.
 */
void console_tail(const struct vm_state *st, char *out, size_t size);

#endif
