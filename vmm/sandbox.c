/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the process: namespaces, limits, capabilities, descriptors. */
#include "vmm/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/layout.h"
#include "vmm/snapshot.h"

/* Beside the guest, the images and what each vCPU brings: program, stacks, shared memory. */
#define ROOM (UINT64_C(16) << 20)
#define ROOM_VCPU (UINT64_C(512) << 10) /* its thread's stack, its struct kvm_run */
#define FDS_OWN 8u                      /* 0, 1 and 2, KVM's, the VM's, and some to spare */
#define FDS_VCPU 2u                     /* its own and its statistics' */

const struct sandbox_ns sandbox_ns[SANDBOX_NS] = {
	{ CLONE_NEWUSER, VM_FD_USER_NS, "/proc/self/ns/user", "user" },
	{ CLONE_NEWNS, VM_FD_MOUNT_NS, "/proc/self/ns/mnt", "mount" },
	{ CLONE_NEWNET, VM_FD_NET_NS, "/proc/self/ns/net", "network" },
};

static int join_namespaces(uint32_t flags, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(sandbox_ns); i++) {
		const struct sandbox_ns *ns = &sandbox_ns[i];

		if (flags & (uint32_t)ns->flag && setns(ns->fd, ns->flag) < 0)
			return err_sys(e, "setns", "the %s namespace of VMMs", ns->name);
	}
	return 0;
}

static uint64_t file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (uint64_t)st.st_size;
}

/* The address space of a VMM of @cfg's size: the kernel's image is mapped while it is copied. */
static uint64_t memory_limit(const struct vm_config *cfg)
{
	return cfg->ram_bytes + RAM_ALIGN + file_size(VM_FD_KERNEL) +
	       snapshot_memory_at(cfg->vcpus) + ROOM + cfg->vcpus * ROOM_VCPU;
}

/*
 * Lower the limits. One that is lower already stays: raising it would be refused (EPERM), and what
 * is then too little is told by who runs out of it.
 */
static int set_limits(const struct vm_config *cfg, struct err *e)
{
	const struct {
		int resource;
		uint64_t limit;
		const char *name;
	} limits[] = {
		/* A program with a sanitizer has terabytes of shadow. */
		{ RLIMIT_AS, cfg->sanitized ? RLIM_INFINITY : memory_limit(cfg), "RLIMIT_AS" },
		{ RLIMIT_NOFILE, VM_FD_COUNT + FDS_OWN + cfg->vcpus * FDS_VCPU, "RLIMIT_NOFILE" },
		/* A core would be the guest's memory. 1 also keeps it from a program that
		 * core_pattern pipes it to, which 0 does not: do_coredump() in fs/coredump.c. */
		{ RLIMIT_CORE, 1, "RLIMIT_CORE" },
		{ RLIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct rlimit to = { limits[i].limit, limits[i].limit };

		if (setrlimit(limits[i].resource, &to) < 0 && errno != EPERM)
			return err_sys(e, "setrlimit", "%s", limits[i].name);
	}
	return 0;
}

/*
 * All sets but the bounding one, which only an exec looks at: that gains nothing with no_new_privs,
 * and the filter knows no exec. The ambient set goes with the permitted one (cap_capset() in
 * security/commoncap.c).
 */
static int drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		return err_sys(e, "capset", "giving up all capabilities");
	return 0;
}

int sandbox_enter(const struct vm_config *cfg, struct err *e)
{
	int r = join_namespaces(cfg->namespaces, e);

	if (!r)
		r = set_limits(cfg, e);
	if (!r)
		r = drop_capabilities(e);
	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_sys(e, "prctl(PR_SET_NO_NEW_PRIVS)", "for the VMM");
	return r;
}

/* 2 stays, for last words; so do the report, the console and what a program prints. A namespace's
 * descriptor would be a way back to its owner's rights. */
void sandbox_close(void)
{
	static const int done[] = { STDIN_FILENO, STDOUT_FILENO, VM_FD_SHARED, VM_FD_KERNEL,
		VM_FD_INITRAMFS, VM_FD_SNAPSHOT, VM_FD_USER_NS, VM_FD_MOUNT_NS, VM_FD_NET_NS };

	for (size_t i = 0; i < ARRAY_SIZE(done); i++)
		close(done[i]);
}
