/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/oci_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/util.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* What the helper tells: all zero when the namespace is ready. */
struct told {
	int error;
	char step[32];
};

bool oci_cgroup_is_v2(void)
{
	struct statfs fs;

	return !statfs(CGROUP_ROOT, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static int set_up(struct told *t)
{
	snprintf(t->step, sizeof(t->step), "unshare");
	if (unshare(CLONE_NEWNS) < 0)
		return errno;
	/* What the host mounts later is seen in here, and what is mounted in here is not there. */
	snprintf(t->step, sizeof(t->step), "mount(MS_SLAVE)");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return errno;
	/* Away with v1, or its lines in mountinfo are found; where there is nothing, all the
	 * better.
	 */
	umount2(CGROUP_ROOT, MNT_DETACH);
	snprintf(t->step, sizeof(t->step), "mount(cgroup2)");
	if (mount("cgroup2", CGROUP_ROOT, "cgroup2", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		    NULL) < 0)
		return errno;
	return 0;
}

/* In the forked helper: tell, and stay until the other end closes. */
static _Noreturn void help(int channel)
{
	struct told t = { 0 };
	char end;

	t.error = set_up(&t);
	if (write(channel, &t, sizeof(t)) == sizeof(t) && !t.error)
		(void)!read(channel, &end, 1);
	_exit(0);
}

static int take_namespace(pid_t helper, int channel, struct err *e)
{
	char path[64];
	struct told t = { 0 };
	int fd;

	if (read(channel, &t, sizeof(t)) != sizeof(t)) {
		err_set(e, -EIO, "mount namespace", "the helper that makes one died");
		return err_help(e, "again");
	}
	if (t.error) {
		t.step[sizeof(t.step) - 1] = '\0';
		err_set(e, -t.error, t.step, "a mount namespace with one cannot be made: %s",
			strerror(t.error));
		return err_help(e, t.error == EPERM ? "run as root" : "a kernel with cgroup v2");
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)helper);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_sys(e, "open", "'%s'", path);
		return err_help(e, "mount /proc");
	}
	return fd;
}

int oci_cgroup_namespace(struct err *e)
{
	cleanup_fd int ours = -1, theirs = -1;
	int pair[2], r;
	pid_t helper;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair", "a channel to the helper");
	ours = pair[0];
	theirs = pair[1];
	helper = fork();
	if (helper < 0)
		return err_sys(e, "fork", "a helper for a mount namespace");
	if (!helper) {
		close(ours);
		help(theirs);
	}
	close_fd(&theirs);
	r = take_namespace(helper, ours, e);
	close_fd(&ours); /* which ends it */
	while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
