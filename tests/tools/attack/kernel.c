/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks by system calls: rights, the machine itself, and parts of the kernel that few need. */
#include "attack.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

/* --- rights --- */

static long new_user_namespace(const struct target *t)
{
	(void)t;
	return result(unshare(CLONE_NEWUSER));
}

static long clone_user_namespace(const struct target *t)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	(void)t;
	if (!pid)
		_exit(0);
	return result(pid);
}

static long clone3_user_namespace(const struct target *t)
{
	struct clone_args ca = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &ca, sizeof(ca));

	(void)t;
	if (!pid)
		_exit(0);
	return result(pid);
}

static long new_mount_namespace(const struct target *t)
{
	(void)t;
	return result(unshare(CLONE_NEWNS));
}

static long new_net_namespace(const struct target *t)
{
	(void)t;
	return result(unshare(CLONE_NEWNET));
}

static long take_capabilities(const struct target *t)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct all[2] = { { 1u << CAP_SYS_ADMIN, 1u << CAP_SYS_ADMIN, 0 } };

	(void)t;
	return result(syscall(SYS_capset, &head, all));
}

static long raise_ambient(const struct target *t)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2];

	(void)t;
	if (!syscall(SYS_capget, &head, now)) {
		now[0].inheritable = now[0].permitted;
		syscall(SYS_capset, &head, now);
	}
	return result(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
}

static long other_user(const struct target *t)
{
	(void)t;
	return result(setresuid(1, 1, 1));
}

static long other_groups(const struct target *t)
{
	const gid_t groups[] = { 1, 2 };

	(void)t;
	return result(setgroups(SIZE(groups), groups));
}

/* Once set it stays: 0 is not even an argument. */
static long gain_privileges(const struct target *t)
{
	(void)t;
	prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ? -EINVAL : 0;
}

/* --- the machine --- */

static long load_module(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_init_module, "", 0ul, ""), ENOEXEC);
}

static long load_module_file(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_finit_module, -1, "", 0), EBADF);
}

static long unload_module(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_delete_module, "no-such-module", O_NONBLOCK), ENOENT);
}

static long load_kernel(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_kexec_load, 0, 0, NULL, 0x0000ff00ul), EINVAL);
}

static long load_kernel_file(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_kexec_file_load, -1, -1, 0ul, NULL, 0xff00ul), EINVAL);
}

static long reboot_host(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_reboot, 1, 2, 3, NULL), EINVAL); /* not the magic numbers */
}

static long change_clock(const struct target *t)
{
	struct timex tx = { .modes = ADJ_TICK, .tick = 1 }; /* no host ticks so fast */

	(void)t;
	return past(adjtimex(&tx), EINVAL);
}

static long rename_host(const struct target *t)
{
	char name[65] = "";

	(void)t;
	gethostname(name, sizeof(name) - 1);
	return result(sethostname(name, strlen(name)));
}

static long swap_on(const struct target *t)
{
	(void)t;
	return past(swapon("/no/such", 0), ENOENT);
}

static long account(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_acct, "/no/such"), ENOENT);
}

static long silence_log(const struct target *t)
{
	(void)t;
	return past(syscall(SYS_syslog, 8 /* console level */, NULL, 99), EINVAL);
}

static long use_ports(const struct target *t)
{
	(void)t;
	return result(ioperm(0x80, 1, 1)) && result(iopl(3)) ? -errno : 0;
}

static long run_first(const struct target *t)
{
	const struct sched_param p = { .sched_priority = 1 };

	(void)t;
	return result(sched_setscheduler(0, SCHED_FIFO, &p));
}

static long be_nasty(const struct target *t)
{
	(void)t;
	return result(setpriority(PRIO_PROCESS, 0, -20));
}

static long raise_limits(const struct target *t)
{
	struct rlimit l;

	(void)t;
	if (getrlimit(RLIMIT_NOFILE, &l))
		return -errno;
	l.rlim_max++;
	return result(setrlimit(RLIMIT_NOFILE, &l));
}

/* --- the kernel's own programs and corners --- */

static long load_bpf(const struct target *t)
{
	union bpf_attr a = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	(void)t;
	return result(syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)));
}

/* All that happens on a CPU of the host, whoever runs there. */
static long watch_cpu(const struct target *t)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(a), .config = PERF_COUNT_SW_CPU_CLOCK
	};

	(void)t;
	return result(syscall(SYS_perf_event_open, &a, -1, 0, -1, 0));
}

static long add_key(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_add_key, "user", "bench-attack", "x", 1, -1 /* thread's own */));
}

/* The session keyring is the runner's, since nobody has asked for another. */
static long use_keyring(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_keyctl, 0 /* its id */, -3 /* of the session */, 1));
}

static long stop_kernel_at_page(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_userfaultfd, 0));
}

static long use_io_uring(const struct target *t)
{
	char params[120] = { 0 }; /* struct io_uring_params */

	(void)t;
	return result(syscall(SYS_io_uring_setup, 1, params));
}

static long watch_files(const struct target *t)
{
	(void)t;
	return result(syscall(SYS_fanotify_init, 0, O_RDONLY));
}

static long change_segments(const struct target *t)
{
	char ldt[64];

	(void)t;
	return result(syscall(SYS_modify_ldt, 0, ldt, sizeof(ldt)));
}

/* Type into the terminal that the output goes to, as its user. */
static long type_into_terminal(const struct target *t)
{
	(void)t;
	if (!isatty(terminal()))
		return -ENODATA;
	return result(ioctl(terminal(), TIOCSTI, "x"));
}

/* The one that it has; of the others each is a module that the host loads for whoever asks. */
static long change_line(const struct target *t)
{
	int plain = 0; /* N_TTY */

	(void)t;
	if (!isatty(terminal()))
		return -ENODATA;
	return result(ioctl(terminal(), TIOCSETD, &plain));
}

static long take_terminal(const struct target *t)
{
	(void)t;
	setsid();
	return result(ioctl(terminal(), TIOCSCTTY, 1));
}

const struct attack attacks_on_kernel[] = {
	{ "new_user_namespace", new_user_namespace },
	{ "clone_user_namespace", clone_user_namespace },
	{ "clone3_user_namespace", clone3_user_namespace },
	{ "new_mount_namespace", new_mount_namespace },
	{ "new_net_namespace", new_net_namespace },
	{ "take_capabilities", take_capabilities },
	{ "raise_ambient", raise_ambient },
	{ "other_user", other_user },
	{ "other_groups", other_groups },
	{ "gain_privileges", gain_privileges },
	{ "load_module", load_module },
	{ "load_module_file", load_module_file },
	{ "unload_module", unload_module },
	{ "load_kernel", load_kernel },
	{ "load_kernel_file", load_kernel_file },
	{ "reboot_host", reboot_host },
	{ "change_clock", change_clock },
	{ "rename_host", rename_host },
	{ "swap_on", swap_on },
	{ "account", account },
	{ "silence_log", silence_log },
	{ "use_ports", use_ports },
	{ "run_first", run_first },
	{ "be_nasty", be_nasty },
	{ "raise_limits", raise_limits },
	{ "load_bpf", load_bpf },
	{ "watch_cpu", watch_cpu },
	{ "add_key", add_key },
	{ "use_keyring", use_keyring },
	{ "stop_kernel_at_page", stop_kernel_at_page },
	{ "use_io_uring", use_io_uring },
	{ "watch_files", watch_files },
	{ "change_segments", change_segments },
	{ "type_into_terminal", type_into_terminal },
	{ "change_line", change_line },
	{ "take_terminal", take_terminal },
	{ NULL, NULL },
};
