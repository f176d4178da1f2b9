/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks by way of files: the kernel's own, the host's, and the container's. */
#include "attack.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Something can be read there that is not there for nobody. */
static long readable(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, &c, 1);
	return n > 0 ? 0 : n ? -errno : -ENODATA;
}

static long writable(const char *path)
{
	return result(open(path, O_WRONLY | O_NONBLOCK));
}

/* The first of them that comes through; else how the last one that is there was refused. */
static long any(long (*how)(const char *path), const char *const *paths, size_t n)
{
	long r = -ENOENT;

	for (size_t i = 0; i < n; i++) {
		long one = how(paths[i]);

		if (!one)
			return 0;
		if (one != -ENOENT)
			r = one;
	}
	return r;
}

#define ANY(how, ...)                                                                              \
	({                                                                                         \
		static const char *const paths_[] = { __VA_ARGS__ };                               \
		any(how, paths_, SIZE(paths_));                                                    \
	})

static long listed(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	int n = 0;

	if (!dir)
		return -errno;
	while ((d = readdir(dir)))
		n += d->d_name[0] != '.';
	return n ? 0 : -ENODATA;
}

/* --- the kernel's --- */

static long read_kcore(const struct target *t)
{
	(void)t;
	return readable("/proc/kcore");
}

static long read_keys(const struct target *t)
{
	(void)t;
	return readable("/proc/keys");
}

static long read_timers(const struct target *t)
{
	(void)t;
	return ANY(readable, "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats");
}

static long read_firmware(const struct target *t)
{
	(void)t;
	return ANY(listed, "/sys/firmware", "/proc/acpi", "/proc/scsi", "/proc/asound");
}

static long read_power(const struct target *t)
{
	(void)t;
	return listed("/sys/devices/virtual/powercap");
}

static long read_log(const struct target *t)
{
	(void)t;
	return ANY(readable, "/proc/kmsg", "/dev/kmsg");
}

static long read_addresses(const struct target *t)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long address = 0;

	(void)t;
	if (!f)
		return -errno;
	for (int i = 0; i < 100 && !address; i++)
		if (fscanf(f, "%lx %*[^\n]", &address) != 1)
			break;
	return address ? 0 : -ENODATA;
}

static long read_pages(const struct target *t)
{
	(void)t;
	return ANY(readable, "/proc/kpagecount", "/proc/kpageflags", "/proc/vmallocinfo",
		"/proc/slabinfo");
}

static long write_core_pattern(const struct target *t)
{
	(void)t;
	return writable("/proc/sys/kernel/core_pattern");
}

static long write_modprobe(const struct target *t)
{
	(void)t;
	return ANY(writable, "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug",
		"/sys/kernel/uevent_helper", "/proc/sys/fs/binfmt_misc/register",
		"/proc/sys/kernel/poweroff_cmd");
}

static long write_sysctl(const struct target *t)
{
	(void)t;
	return ANY(writable, "/proc/sys/kernel/panic", "/proc/sys/vm/drop_caches",
		"/proc/sys/kernel/randomize_va_space");
}

static long write_sysrq(const struct target *t)
{
	(void)t;
	return writable("/proc/sysrq-trigger");
}

static long write_irq(const struct target *t)
{
	(void)t;
	return writable("/proc/irq/default_smp_affinity");
}

static long write_sys(const struct target *t)
{
	(void)t;
	return ANY(writable, "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/profiling",
		"/sys/kernel/rcu_expedited", "/sys/power/state", "/sys/class/net/lo/mtu",
		"/sys/devices/system/cpu/cpu1/online");
}

/* The limit on user namespaces is the container's own, but it is not his. */
static long raise_namespaces(const struct target *t)
{
	int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);

	(void)t;
	return result(fd);
}

static long make_immune(const struct target *t)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	(void)t;
	return fd < 0 ? -errno : result(write(fd, "-900", 4));
}

/* --- mounts --- */

static long mount_tmpfs(const struct target *t)
{
	(void)t;
	return result(mount("none", "/tmp", "tmpfs", 0, NULL));
}

static long mount_proc(const struct target *t)
{
	(void)t;
	return result(mount("proc", "/tmp", "proc", 0, NULL));
}

static long mount_host_bind(const struct target *t)
{
	(void)t;
	return result(mount("/", "/tmp", NULL, MS_BIND, NULL));
}

static long mount_overlay(const struct target *t)
{
	(void)t;
	return past(mount("none", "/tmp", "overlay", 0, "lowerdir=/no-such"), ENOENT);
}

static long mount_writable(const struct target *t)
{
	(void)t;
	return result(mount(NULL, "/sys", NULL, MS_REMOUNT | MS_BIND, NULL)) &&
			       result(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL))
		       ? -errno
		       : 0;
}

static long unmask(const struct target *t)
{
	static const char *const masks[] = { "/proc/keys", "/proc/kcore", "/proc/sys", "/proc/bus",
		"/sys", "/proc" };
	long r = -ENOENT;

	(void)t;
	for (size_t i = 0; i < SIZE(masks); i++) {
		if (!umount2(masks[i], MNT_DETACH))
			return 0;
		r = -errno;
	}
	return r;
}

static long mount_by_fd(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_fsopen, "tmpfs", 0));
}

static long copy_mounts(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */));
}

static long change_mounts(const struct target *t)
{
	static const uint64_t nothing[4];

	(void)t;
	return result(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, nothing, sizeof(nothing)));
}

static long pivot(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_pivot_root, "/tmp", "/tmp"), EINVAL) &&
			       errno != EBUSY /* neither is a mount */
		       ? -errno
		       : 0;
}

static long change_root(const struct target *t)
{
	(void)t;
	return result(chroot("/tmp"));
}

/* The agent that v1 runs on the host, as root, when a cgroup gets empty (CVE-2022-0492). */
static long release_agent(const struct target *t)
{
	static const char *const kinds[] = { "rdma", "memory", "pids", "cpuset", "devices",
		"freezer", "cpu" };

	(void)t;
	for (size_t i = 0; i < SIZE(kinds); i++) {
		if (!mount("none", "/tmp", "cgroup", 0, kinds[i]))
			return writable("/tmp/release_agent");
		if (errno == EPERM || errno == EACCES)
			return -errno;
	}
	return -errno;
}

/* Out of one's own cgroup and its limits. */
static long leave_cgroup(const struct target *t)
{
	(void)t;
	if (!ANY(writable, "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/cgroup.procs",
		    "/sys/fs/cgroup/unified/cgroup.procs"))
		return 0;
	if (mount("none", "/tmp", "cgroup2", 0, NULL))
		return -errno;
	return writable("/tmp/cgroup.procs");
}

/* --- devices --- */

static long make_memory_device(const struct target *t)
{
	(void)t;
	return result(mknod("memory", S_IFCHR | 0600, makedev(1, 1))) ?: (unlink("memory"), 0);
}

static long make_disk_device(const struct target *t)
{
	(void)t;
	return result(mknod("disk", S_IFBLK | 0600, makedev(254, 0))) ?: (unlink("disk"), 0);
}

static long opens(const char *path)
{
	return result(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
}

static long open_devices(const struct target *t)
{
	(void)t;
	return ANY(opens, "/dev/mem", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/loop-control",
		"/dev/ptmx", "/dev/tty0", "/dev/console", "/dev/vda", "/dev/sda",
		"/dev/btrfs-control");
}

/* --- the host's files and the container's --- */

static long holds_secret(const char *path)
{
	char text[sizeof(SECRET)] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	return strcmp(text, SECRET) ? -ENODATA : 0;
}

/* By its path, as it is and from all that might be the root of something else. */
static long read_host_file(const struct target *t)
{
	static const char *const starts[] = { "", "/../../../..", "../../../../../../..",
		"/proc/1/root", "/proc/self/root", "/proc/1/cwd/../../..",
		"/proc/self/task/1/root" };
	long r = -ENOENT;

	for (size_t i = 0; i < SIZE(starts); i++) {
		char path[256];
		long one;

		snprintf(path, sizeof(path), "%s%s", starts[i], t->secret);
		one = holds_secret(path);
		if (!one)
			return 0;
		if (one != -ENOENT)
			r = one;
	}
	return r;
}

/* By handles, of which the file system of the secret understands any (CVE-2014-9357, "shocker"). */
static long open_by_handle(const struct target *t)
{
	struct {
		struct file_handle head;
		unsigned char bytes[128];
	} handle = { .head.handle_bytes = 128 };
	int mount_id, fd = open(".", O_RDONLY | O_DIRECTORY);

	(void)t;
	if (name_to_handle_at(AT_FDCWD, ".", &handle.head, &mount_id, 0) < 0)
		return -errno;
	return result(open_by_handle_at(fd, &handle.head, O_RDONLY));
}

/* A descriptor that came along: more than four, or one of those is a folder. */
static long use_inherited(const struct target *t)
{
	(void)t;
	for (int fd = 0; fd < 1024; fd++) {
		struct stat st;

		if (!fstat(fd, &st) && (fd > 3 || S_ISDIR(st.st_mode)))
			return 0;
	}
	return -EBADF;
}

static long walk_out(const struct target *t)
{
	char cwd[256], above[256];

	(void)t;
	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	if (cwd[0] != '/') /* "(unreachable)" */
		return 0;
	for (int i = 0; i < 64; i++)
		if (chdir(".."))
			return -errno;
	if (!getcwd(above, sizeof(above)))
		return -errno;
	return strcmp(above, "/") ? 0 : holds_secret(t->secret + 1);
}

static long write_program(const struct target *t)
{
	(void)t;
	return writable("/proc/self/exe");
}

static long change_program(const struct target *t)
{
	(void)t;
	return result(chmod("/proc/self/exe", 0755));
}

/* Rights of a node that the host uses as well: those that it has. */
static long change_devices(const struct target *t)
{
	struct stat st;

	(void)t;
	if (stat("/dev/null", &st))
		return -errno;
	return result(chmod("/dev/null", st.st_mode & 07777));
}

static long write_root(const struct target *t)
{
	int fd = open("/bench-attack", O_WRONLY | O_CREAT | O_EXCL, 0600);

	(void)t;
	if (fd < 0)
		return -errno;
	unlink("/bench-attack");
	return 0;
}

static long give_file_capabilities(const struct target *t)
{
	/* struct vfs_cap_data, revision 2, CAP_SYS_ADMIN effective; linux/capability.h */
	static const uint32_t all[] = { 0x02000001, 1u << 21, 0, 0, 0 };
	int fd = open("capable", O_WRONLY | O_CREAT, 0700);
	long r =
		fd < 0 ? -errno : result(fsetxattr(fd, "security.capability", all, sizeof(all), 0));

	(void)t;
	unlink("capable");
	return r;
}

const struct attack attacks_on_files[] = {
	{ "read_kcore", read_kcore },
	{ "read_keys", read_keys },
	{ "read_timers", read_timers },
	{ "read_firmware", read_firmware },
	{ "read_power", read_power },
	{ "read_log", read_log },
	{ "read_addresses", read_addresses },
	{ "read_pages", read_pages },
	{ "write_core_pattern", write_core_pattern },
	{ "write_modprobe", write_modprobe },
	{ "write_sysctl", write_sysctl },
	{ "write_sysrq", write_sysrq },
	{ "write_irq", write_irq },
	{ "write_sys", write_sys },
	{ "raise_namespaces", raise_namespaces },
	{ "make_immune", make_immune },
	{ "mount_tmpfs", mount_tmpfs },
	{ "mount_proc", mount_proc },
	{ "mount_host_bind", mount_host_bind },
	{ "mount_overlay", mount_overlay },
	{ "mount_writable", mount_writable },
	{ "unmask", unmask },
	{ "mount_by_fd", mount_by_fd },
	{ "copy_mounts", copy_mounts },
	{ "change_mounts", change_mounts },
	{ "pivot", pivot },
	{ "change_root", change_root },
	{ "release_agent", release_agent },
	{ "leave_cgroup", leave_cgroup },
	{ "make_memory_device", make_memory_device },
	{ "make_disk_device", make_disk_device },
	{ "open_devices", open_devices },
	{ "change_devices", change_devices },
	{ "read_host_file", read_host_file },
	{ "open_by_handle", open_by_handle },
	{ "use_inherited", use_inherited },
	{ "walk_out", walk_out },
	{ "write_program", write_program },
	{ "change_program", change_program },
	{ "write_root", write_root },
	{ "give_file_capabilities", give_file_capabilities },
	{ NULL, NULL },
};
