/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id" /* random(4): a UUID, made at boot */
#define BOOT_DIGITS 8

static uint32_t boot_now(void)
{
	char id[64];

	if (read_line(BOOT_ID, id, sizeof(id)))
		return 0;
	id[BOOT_DIGITS] = '\0';
	return (uint32_t)strtoul(id, NULL, 16);
}

static uint64_t pid_ns_now(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) ? 0 : st.st_ino;
}

const struct owner *owner_self(void)
{
	static struct owner self;
	uint64_t pid = (uint64_t)getpid();

	if (self.pid != pid) { /* the first time, also in a child that was forked after it */
		self.pid_ns = pid_ns_now();
		self.boot = boot_now();
		self.start = proc_start_time((pid_t)pid);
		self.pid = pid;
	}
	return &self;
}

void owner_name(char out[OWNER_SIZE])
{
	const struct owner *o = owner_self();

	snprintf(out, OWNER_SIZE, "%" PRIu64 "-%" PRIu64 "-%" PRIu64 "-%08" PRIx32, o->pid,
		o->start, o->pid_ns, o->boot);
}

const char *owner_parse(const char *text, struct owner *o)
{
	uint64_t *const fields[] = { &o->pid, &o->start, &o->pid_ns };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t digits = strspn(text, "0123456789");
		char number[24];

		if (digits >= sizeof(number) || text[digits] != '-')
			return NULL;
		snprintf(number, sizeof(number), "%.*s", (int)digits, text);
		/* As it is written: no zeros before it, and none of them zero. */
		if (*number == '0' || parse_u64(number, 1, UINT64_MAX, fields[i]))
			return NULL;
		text += digits + 1;
	}
	if (strspn(text, "0123456789abcdef") < BOOT_DIGITS || o->pid > INT32_MAX)
		return NULL;
	return sscanf(text, "%8" SCNx32, &o->boot) == 1 ? text + BOOT_DIGITS : NULL;
}

bool owner_is_gone(const struct owner *o)
{
	const struct owner *self = owner_self();

	/* Without a start time of our own, /proc shows nobody, and "not there" means nothing. */
	if (!self->start || !self->boot || o->boot != self->boot || o->pid_ns != self->pid_ns)
		return false;
	return proc_is_gone((pid_t)o->pid, o->start);
}
