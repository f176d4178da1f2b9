/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "--crash=PREFIX": who this kernel is, how long it has been up, and may it be crashed from here?
 * The init of a guest of ours then does it. Everybody else opens the file and closes it again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workloads/demo/error_name.h"
#include "workloads/demo/probe.h"
#include "workloads/slurp.h"

/* Documentation/admin-guide/sysrq.rst: "c" is a crash, and root need not ask kernel.sysrq. */
#define TRIGGER "/proc/sysrq-trigger"
#define INIT_STATUS 42

static void put(const struct probe *p, const char *key, const char *value)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "%s.%s", p->value, key);
	report_info(p->report, whole, "%s", value);
}

static void put_file(const struct probe *p, const char *key, const char *path)
{
	char text[128];

	if (slurp(path, text, sizeof(text)) < 0)
		return;
	text[strcspn(text, " \n")] = '\0'; /* /proc/uptime: the first of its two numbers */
	put(p, key, text);
}

/*
 * The guest's kernel and nothing else. It does not return: where the file is not there or does
 * nothing (CONFIG_MAGIC_SYSRQ=n), init ends, which no kernel survives.
 */
static void __attribute__((noreturn)) crash(const struct probe *p)
{
	int fd = open(TRIGGER, O_WRONLY | O_CLOEXEC);

	put(p, "trigger", fd < 0 ? error_name(errno) : "written");
	report_flush(p->report);
	if (fd >= 0 && write(fd, "c", 1) == 1)
		sleep(1);
	put(p, "trigger", "no effect");
	report_flush(p->report);
	_exit(INIT_STATUS);
}

int probe_crash(const struct probe *p)
{
	int fd;

	if (!p->value)
		return 2;
	put_file(p, "boot_id", "/proc/sys/kernel/random/boot_id");
	put_file(p, "uptime", "/proc/uptime");
	if (p->guest && getpid() == 1) /* of a VM of ours, and process 1 of it: guest_enter() */
		crash(p);
	fd = open(TRIGGER, O_WRONLY | O_CLOEXEC); /* opening it does nothing */
	put(p, "trigger", fd < 0 ? error_name(errno) : "opened");
	if (fd >= 0)
		close(fd);
	return 0;
}
