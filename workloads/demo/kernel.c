/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "workloads/demo/probe.h"
#include "workloads/slurp.h"

/* Lines of /proc/modules, which comes in pieces; -1 where the kernel has no such file. */
static long count_modules(void)
{
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t got = 0;
	long n = 0;

	while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += text[i] == '\n';
	if (fd < 0 || got < 0)
		n = -1;
	close(fd);
	return n;
}

int probe_kernel(const struct probe *p)
{
	static const struct {
		const char *key, *path;
	} files[] = {
		{ "kernel.proc_version", "/proc/version" },
		{ "kernel.boot_id", "/proc/sys/kernel/random/boot_id" },
		{ "kernel.cmdline", "/proc/cmdline" },
	};
	char text[REPORT_VALUE_MAX];
	struct utsname u;
	long modules = count_modules();

	if (uname(&u) == 0)
		report_info(p->report, "kernel.release", "%s", u.release);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (slurp(files[i].path, text, sizeof(text)) >= 0)
			report_info(p->report, files[i].key, "%s", text);
	}
	if (modules < 0)
		report_info(p->report, "kernel.modules", "none: it cannot load any");
	else
		report_info(p->report, "kernel.modules", "%ld", modules);
	return 0;
}
