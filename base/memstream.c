/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/util.h"

#define FIRST_ROOM 512 /* bytes; doubled whenever it is full */

static bool make_room(struct memstream *m, size_t n)
{
	size_t room = m->room;
	char *text;

	while (room - m->len <= n) { /* a byte is left for the NUL */
		if (__builtin_mul_overflow(room, (size_t)2, &room))
			return false;
	}
	if (room == m->room)
		return true;
	text = realloc(m->text, room);
	if (!text)
		return false;
	m->text = text;
	m->room = room;
	return true;
}

/* cookie_write_function_t of fopencookie(3): a failure is 0. */
static ssize_t keep(void *cookie, const char *buf, size_t n)
{
	struct memstream *m = cookie;

	if (m->failed || !make_room(m, n)) {
		m->failed = true;
		errno = ENOMEM;
		return 0;
	}
	memcpy(m->text + m->len, buf, n);
	m->len += n;
	return (ssize_t)n;
}

int memstream_open(struct memstream *m)
{
	*m = (struct memstream){ .text = malloc(FIRST_ROOM), .room = FIRST_ROOM };
	if (m->text)
		m->f = fopencookie(m, "w", (cookie_io_functions_t){ .write = keep });
	if (m->f)
		return 0;
	free(m->text);
	return -ENOMEM;
}

char *memstream_close(struct memstream *m)
{
	bool whole = fclose(steal_pointer(&m->f)) == 0 && !m->failed;
	char *text = steal_pointer(&m->text);

	if (!whole) {
		free(text);
		return NULL;
	}
	text[m->len] = '\0';
	return text;
}
