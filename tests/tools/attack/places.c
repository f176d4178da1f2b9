/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program finds in a tree that an enemy has made (tests/unit/test_ctr_enemies.c). */
#include "places.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attack.h"

static const char *kind_of(const char *path)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} kinds[] = {
		{ PROC_SUPER_MAGIC, "proc" }, { SYSFS_MAGIC, "sysfs" }, { TMPFS_MAGIC, "tmpfs" },
		{ RAMFS_MAGIC, "tmpfs" }, /* of a kernel without shmem */
	};
	struct statfs sf;
	struct stat st;

	if (lstat(path, &st) || !S_ISDIR(st.st_mode) || statfs(path, &sf))
		return "no folder";
	for (size_t i = 0; i < SIZE(kinds); i++) {
		if (kinds[i].magic == (unsigned long)sf.f_type)
			return kinds[i].name;
	}
	return "other";
}

static long real_null(void)
{
	struct stat st;
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return -errno;
	return !fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) ? 0 : -ENODEV;
}

static long made(const char *path)
{
	return result(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
}

/* The names are the enemy's (plant() in the test). */
static int places(void)
{
	static const char *const opened[] = { "/lib/secret", "/lib/out", "/escape", "/lib/null",
		"/lib/disk", "/null", "/pipe", "/up" };

	say("proc=%s\nsys=%s\ndev=%s\ntmp=%s\n", kind_of("/proc"), kind_of("/sys"), kind_of("/dev"),
		kind_of("/tmp"));
	say_verdict("null", real_null());
	say_verdict("self", result(access("/proc/self/stat", R_OK)));
	say_verdict("make_in_tmp", made("/tmp/made"));
	say_verdict("make_in_tree", made("/lib/made"));
	for (size_t i = 0; i < SIZE(opened); i++)
		say_verdict(opened[i], result(open(opened[i], O_RDONLY | O_NONBLOCK)));
	say("end=ok\n");
	return 0;
}

/* Has the exec given us rights, or made us somebody else? */
static int who(void)
{
	unsigned long long caps = 0;
	char line[128], cwd[256];
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "CapEff: %llx", &caps);
	say("uid=%d\ngid=%d\ncaps=%llx\nsecure=%lu\ncwd=%s\nend=ok\n", (int)geteuid(),
		(int)getegid(), caps, getauxval(AT_SECURE), getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	return 0;
}

int look(const char *what)
{
	if (!strcmp(what, "places"))
		return places();
	if (!strcmp(what, "who"))
		return who();
	return -1;
}
