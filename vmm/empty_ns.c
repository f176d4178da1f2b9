/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/empty_ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

#define STEP "VMM's namespaces"
#define MOUNT_POINT "/proc" /* any directory that is there for sure */

/* What the child tells. Its descriptors are ours: the table is shared, its memory is not. */
struct birth {
	int fd[SANDBOX_NS];
	const char *step; /* that failed; NULL: none */
	int error;
};

static int open_own(struct birth *b, uint32_t flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(sandbox_ns); i++) {
		if (!(flags & (uint32_t)sandbox_ns[i].flag))
			continue;
		b->step = sandbox_ns[i].path;
		b->fd[i] = open(sandbox_ns[i].path, O_RDONLY | O_CLOEXEC);
		if (b->fd[i] < 0)
			return -1;
	}
	return 0;
}

/* Nothing but one directory, which holds nothing and takes nothing. */
static int leave_files(struct birth *b)
{
	b->step = "mount private";
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	b->step = "mount tmpfs";
	if (mount("none", MOUNT_POINT, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		    "mode=0555,size=4k,nr_inodes=1") < 0)
		return -1;
	b->step = "chdir";
	if (chdir(MOUNT_POINT) < 0)
		return -1;
	/* The old root comes to lie on the new one and is taken off: pivot_root(2). */
	b->step = "pivot_root";
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return -1;
	b->step = "umount";
	return umount2(".", MNT_DETACH);
}

static void live(struct birth *b, uint32_t flags)
{
	if (open_own(b, flags) == 0 && (!(flags & CLONE_NEWNS) || leave_files(b) == 0))
		b->step = NULL;
	else
		b->error = errno;
	_exit(0);
}

static void close_all(int fd[SANDBOX_NS])
{
	for (size_t i = 0; i < SANDBOX_NS; i++)
		close_fd(&fd[i]);
}

/* clone(2) as fork(2) with its flags: of the child nothing stays but the descriptors. The parent
 * is held until it has ended. */
static int give_birth(struct birth *b, uint32_t flags, struct err *e)
{
	pid_t pid = (pid_t)syscall(
		SYS_clone, flags | CLONE_FILES | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		live(b, flags);
	if (pid < 0)
		return err_sys(e, STEP, "clone");
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!b->step)
		return 0;
	close_all(b->fd);
	return err_set(e, b->error ? -b->error : -EIO, STEP, "%s: %s", b->step, strerror(b->error));
}

static int make(struct birth *b, uint32_t flags, struct empty_ns *ns)
{
	int r;

	*b = (struct birth){ .fd = { -1, -1, -1 }, .step = "clone" };
	r = give_birth(b, flags, &ns->why);
	if (r < 0)
		return r;
	memcpy(ns->fd, b->fd, sizeof(ns->fd));
	ns->flags = flags;
	return 0;
}

void empty_ns_make(struct empty_ns *ns, uint32_t wanted)
{
	const uint32_t tries[] = { wanted, wanted & ~(uint32_t)CLONE_NEWUSER };
	struct birth *b =
		mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*ns = (struct empty_ns){ .fd = { -1, -1, -1 } };
	if (b == MAP_FAILED) {
		err_sys(&ns->why, STEP, "mmap");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(tries) && !ns->flags; i++)
		make(b, tries[i], ns);
	if (!ns->flags)
		err_help(&ns->why, "allow user namespaces (sysctl user.max_user_namespaces, "
				   "kernel.unprivileged_userns_clone, "
				   "kernel.apparmor_restrict_unprivileged_userns)");
	munmap(b, sizeof(*b));
}

void empty_ns_free(struct empty_ns *ns)
{
	close_all(ns->fd);
	ns->flags = 0;
}
