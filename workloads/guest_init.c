/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/guest_init.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

uint32_t guest_id;

int guest_enter(void)
{
	if (!guest_id)
		return 0;
	guest_mark(MARK_MAIN, 0);
	return 1;
}

void guest_drop_ports(void)
{
	ioperm(PORTS_FIRST, PORTS_COUNT, 0);
}

void guest_mark(enum mark mark, unsigned argument)
{
	outl((unsigned)mark | argument << 8, MARK_PORT);
}

int report_to_port(struct report *r, const char *buf, size_t len)
{
	size_t words = len / 4;

	(void)r;
	len %= 4;
	/* KVM leaves the guest once an element: four bytes at a time is a quarter of the exits. */
	__asm__ volatile("cld; rep outsl" : "+S"(buf), "+c"(words) : "d"(REPORT_PORT) : "memory");
	__asm__ volatile("rep outsb" : "+S"(buf), "+c"(len) : "d"(REPORT_PORT) : "memory");
	return 0;
}

int guest_args(int argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			argv[kept++] = argv[i];
	return argc > 0 ? kept : argc;
}

/* For a kernel without devtmpfs: the devices that benchmarks use, by their fixed numbers
 * (Documentation/admin-guide/devices.txt). */
static void make_devices(void)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} devices[] = {
		{ "/dev/mem", 1, 1 },
		{ "/dev/null", 1, 3 },
		{ "/dev/zero", 1, 5 },
		{ "/dev/urandom", 1, 9 },
		{ "/dev/console", 5, 1 },
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor));
}

/* An initramfs without /dev/console starts init with no descriptor at all: whatever is opened
 * first would be taken for stdin, stdout and stderr. */
static void open_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
		if (fd < 0)
			fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

void guest_setup(int own_tmp)
{
	static const struct {
		const char *type, *dir;
		unsigned long flags;
	} mounts[] = {
		{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC },
		{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY },
		{ "devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC },
		{ "tmpfs", "/tmp", MS_NOSUID | MS_NODEV },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (!own_tmp && strcmp(mounts[i].dir, "/tmp") == 0)
			continue; /* the root is memory as well, and may have something in there */
		mkdir(mounts[i].dir, 0755);
		mount(mounts[i].type, mounts[i].dir, mounts[i].type, mounts[i].flags, NULL);
	}
	make_devices();
	open_stdio();
}

void guest_exit(int status)
{
	guest_mark(MARK_EXIT, (unsigned)status);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
