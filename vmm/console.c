/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/console.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

void console_init(struct console *c, struct vm_state *st, int fd)
{
	*c = (struct console){ .st = st, .fd = fd };
}

/* A write that a signal interrupts is given up, not retried: the signal says that it is time to
 * end, and the reader of a full pipe may never come back. */
static void write_out(struct console *c, const char *text, size_t len)
{
	while (len && c->fd >= 0) {
		ssize_t n = write(c->fd, text, len);

		if (n <= 0) {
			c->fd = -1;
			return;
		}
		text += n;
		len -= (size_t)n;
	}
}

void console_flush(struct console *c)
{
	write_out(c, c->line, c->used);
	c->used = 0;
}

void console_put(struct console *c, uint8_t byte)
{
	static const char cut[] = "\n[the console's output is cut here]\n";
	uint64_t total = c->st->console_bytes;

	c->st->console[total % VM_CONSOLE_RING] = (char)byte;
	__atomic_store_n(&c->st->console_bytes, total + 1, __ATOMIC_RELEASE);
	if (c->fd < 0)
		return;
	c->line[c->used++] = (char)byte;
	if (byte == '\n' || c->used == sizeof(c->line))
		console_flush(c);
	if (total + 1 == VM_CONSOLE_MAX) {
		console_flush(c);
		write_out(c, cut, sizeof(cut) - 1);
		c->fd = -1;
	}
}

/* Copy the ring in its order, oldest byte first. Returns the length. */
static size_t unroll(const struct vm_state *st, char out[VM_CONSOLE_RING + 1])
{
	uint64_t total = __atomic_load_n(&st->console_bytes, __ATOMIC_ACQUIRE);
	size_t n = total < VM_CONSOLE_RING ? (size_t)total : VM_CONSOLE_RING;

	for (size_t i = 0; i < n; i++)
		out[i] = st->console[(total - n + i) % VM_CONSOLE_RING];
	out[n] = '\0';
	return n;
}

/* The length of the escape sequence at @s (ECMA-48: ESC [ parameters, one final byte), 0: none. */
static size_t escape_length(const char *s)
{
	size_t n;

	if (s[0] != '\033')
		return 0;
	if (s[1] != '[')
		return 1;
	n = 2 + strspn(s + 2, "0123456789;?");
	return s[n] >= '@' && s[n] <= '~' ? n + 1 : n;
}

/* Clean @text in place: printable ASCII and single newlines remain. Returns the length. */
static size_t clean(char *text, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		size_t skip = escape_length(text + i);
		unsigned char ch = (unsigned char)text[i];

		if (skip) {
			i += skip;
			continue;
		}
		i++;
		if (ch == '\t')
			ch = ' ';
		if (ch >= 0x7f)
			ch = '?';
		if (ch == '\n' ? used && text[used - 1] != '\n' : ch >= ' ')
			text[used++] = (char)ch;
	}
	while (used && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
	return used;
}

/* Where in the clean @text to begin so that at most @room bytes, " | " for newlines, follow. */
static const char *tail_start(const char *text, size_t len, size_t room)
{
	const char *panic = strstr(text, "Kernel panic");
	const char *start = text + len;
	size_t need = 0;

	if (panic) {
		while (panic > text && panic[-1] != '\n')
			panic--;
		return panic;
	}
	for (const char *p = text + len; p > text; p--) {
		need += p[-1] == '\n' ? 3 : 1;
		if (need > room)
			return start == text + len ? p : start;
		if (p - 1 == text || p[-2] == '\n')
			start = p - 1;
	}
	return start;
}

void console_tail(const struct vm_state *st, char *out, size_t size)
{
	char text[VM_CONSOLE_RING + 1];
	size_t len = clean(text, unroll(st, text)), used = 0;

	for (const char *p = tail_start(text, len, size - 1); *p; p++) {
		const char *piece = *p == '\n' ? " | " : (const char[]){ *p, '\0' };
		size_t n = strlen(piece);

		if (used + n >= size)
			break;
		memcpy(out + used, piece, n);
		used += n;
	}
	out[used] = '\0';
}
