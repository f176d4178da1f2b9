/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "--windows": which programs does this kernel start, and whose system calls does it serve? */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "workloads/demo/error_name.h"
#include "workloads/demo/probe.h"
#include "workloads/demo/start.h"
#include "workloads/hello_kernel/abi.h"

#define INTERPRETERS "/proc/sys/fs/binfmt_misc"

extern const unsigned char hello_elf[], hello_elf_end[]; /* hello.S */

static void report_start(const struct probe *p, const char *key, const struct image *im)
{
	char what[START_TEXT];

	start_image(p, im, what);
	report_info(p->report, key, "%s", what);
}

/* Wine would start, make itself a home, and show nothing about the kernel. */
static void report_windows(const struct probe *p)
{
	char interpreter[256];

	if (!start_finds_windows(INTERPRETERS, interpreter, sizeof(interpreter))) {
		report_start(p, "windows.pe", &image_pe);
		return;
	}
	report_info(p->report, "windows.interpreter", "%s", interpreter);
	report_info(p->report, "windows.pe", "not tried");
}

static void report_call(const struct probe *p, const char *key, long number, long a, long b)
{
	long r = syscall(number, a, b);

	if (r < 0)
		report_info(p->report, key, "%s", error_name(errno));
	else
		report_info(p->report, key, "%ld", r);
}

int probe_windows(const struct probe *p)
{
	/* cppcheck-suppress comparePointers ; both ends of one array of the linker's */
	const struct image hello = { "hello.elf", hello_elf, (size_t)(hello_elf_end - hello_elf) };
	struct utsname u;

	if (uname(&u) == 0) {
		report_info(p->report, "kernel.sysname", "%s", u.sysname);
		report_info(p->report, "kernel.release", "%s", u.release);
	}
	report_start(p, "windows.elf", &image_elf);
	report_windows(p);
	report_start(p, "windows.hello", &hello);
	report_call(p, "windows.hello_add", HELLO_add, 40, 2);
	report_call(p, "windows.getpid", SYS_getpid, 0, 0);
	return 0;
}
