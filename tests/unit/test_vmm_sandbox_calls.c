/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From inside: a child that entered the sandbox just as a VMM does makes a call, and is seen killed
 * for it. Each kind of call that an intruder would want, on each list; and by number all there are.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/unit/sandbox_fixture.h"

#define X32_BIT 0x40000000 /* asm/unistd.h */
#define NUMBERS 600        /* kernels have some 470 calls */
#define REFUSED 4000       /* an errno: the largest are 4095 */

static struct empty_ns ns;
static uint32_t word; /* a futex, and whatever wants an address */
static pid_t parent;

#define AT(x) ((long)(uintptr_t)(x))
#define CALL(call, ...)                                                                            \
	{                                                                                          \
#call, SYS_##call,                                                                 \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define AS(what, call, ...)                                                                        \
	{                                                                                          \
		what, SYS_##call,                                                                  \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

struct attack {
	const char *what;
	long call, args[6];
};

static char program[] = "/bin/sh";
static char *arguments[] = { program, NULL };

static const struct attack attacks[] = {
	/* files */
	CALL(open, AT("/"), O_RDONLY),
	CALL(openat, AT_FDCWD, AT("/"), O_RDONLY),
	CALL(openat2, AT_FDCWD, AT("/"), AT(&word), 24),
	CALL(creat, AT("/x"), 0600),
	CALL(read, 2, AT(&word), 1),
	CALL(stat, AT("/"), AT(&word)),
	CALL(getdents64, 2, AT(&word), 4),
	CALL(readlink, AT("/proc/self/exe"), AT(&word), 4),
	CALL(unlink, AT("/x")),
	CALL(mkdir, AT("/x"), 0700),
	CALL(chmod, AT("/"), 0777),
	CALL(ftruncate, VM_FD_REPORT, 0),
	CALL(open_by_handle_at, AT_FDCWD, AT(&word), O_RDONLY),
	CALL(memfd_create, AT("x"), 0),
	CALL(dup, 2),
	CALL(fcntl, 2, F_DUPFD, 0),
	/* network */
	CALL(socket, AF_INET, SOCK_STREAM, 0),
	AS("socket(AF_UNIX)", socket, AF_UNIX, SOCK_STREAM, 0),
	AS("socket(AF_VSOCK)", socket, AF_VSOCK, SOCK_STREAM, 0),
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, AT(&word)),
	CALL(connect, 2, AT(&word), 4),
	CALL(sendmsg, 2, AT(&word), 0),
	CALL(recvmsg, 2, AT(&word), 0),
	/* programs, processes and threads */
	CALL(execve, AT(program), AT(arguments), 0),
	CALL(execveat, AT_FDCWD, AT(program), AT(arguments), 0, 0),
	CALL(fork),
	CALL(vfork),
	CALL(clone, SIGCHLD),
	AS("clone(CLONE_NEWUSER)", clone, CLONE_NEWUSER | SIGCHLD),
	CALL(clone3, AT(&word), 88),
	/* other processes, and signals to them */
	CALL(ptrace, PTRACE_ATTACH, 1),
	CALL(process_vm_readv, 1),
	CALL(process_vm_writev, 1),
	CALL(kill, 1, 0),
	AS("kill of oneself", kill, 0, 0),
	CALL(tkill, 1, 0),
	AS("tgkill of another", tgkill, 1, 1, 0),
	CALL(rt_sigqueueinfo, 1, 0, AT(&word)),
	CALL(rt_tgsigqueueinfo, 1, 1, 0, AT(&word)),
	CALL(pidfd_open, 1, 0),
	CALL(pidfd_send_signal, 2, 0, 0, 0),
	CALL(pidfd_getfd, 2, 0, 0),
	/* code, and memory at all */
	AS("mmap(PROT_EXEC)", mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1),
	AS("mmap", mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1),
	AS("mprotect(PROT_EXEC)", mprotect, 0, 4096, PROT_EXEC),
	AS("mprotect", mprotect, 0, 4096, PROT_READ | PROT_WRITE),
	CALL(pkey_mprotect, 0, 4096, PROT_EXEC, -1),
	CALL(mremap, 0, 4096, 8192, 0),
	CALL(brk, 0),
	CALL(userfaultfd, 0),
	CALL(process_madvise, 2),
	CALL(modify_ldt, 0),
	CALL(arch_prctl, 0x1001 /* ARCH_SET_GS */, 0),
	/* namespaces and mounts */
	CALL(mount, AT("none"), AT("/"), AT("tmpfs"), 0, 0),
	CALL(umount2, AT("/"), MNT_DETACH),
	CALL(pivot_root, AT("."), AT(".")),
	CALL(chroot, AT("/")),
	CALL(unshare, CLONE_NEWUSER),
	CALL(setns, 2, 0),
	CALL(fsopen, AT("tmpfs"), 0),
	CALL(open_tree, AT_FDCWD, AT("/"), 0),
	CALL(move_mount, 2, AT(""), AT_FDCWD, AT("/"), 4),
	/* the filter, limits, rights */
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 0),
	AS("prctl(PR_SET_DUMPABLE)", prctl, PR_SET_DUMPABLE, 1),
	AS("prctl(PR_SET_PDEATHSIG)", prctl, PR_SET_PDEATHSIG, 0),
	CALL(seccomp, 0, 0, 0),
	CALL(prlimit64, 0, RLIMIT_AS, 0, 0),
	CALL(setrlimit, RLIMIT_AS, AT(&word)),
	CALL(capset, AT(&word), 0),
	CALL(setuid, 0),
	CALL(setresuid, 0, 0, 0),
	CALL(setgroups, 0, 0),
	CALL(personality, 0),
	CALL(rt_sigaction, SIGSYS, 0, 0, 8),
	CALL(sched_setaffinity, 0, 0, 0),
	CALL(sched_setscheduler, 0, 0, 0),
	/* the kernel's large and little known parts */
	CALL(bpf, 0, AT(&word), 0),
	CALL(perf_event_open, AT(&word), 0, -1, -1, 0),
	CALL(keyctl, 0, -3, 0),
	CALL(add_key, AT("user"), AT("x"), AT(&word), 1, -3),
	CALL(request_key, AT("user"), AT("x"), 0, -3),
	CALL(io_uring_setup, 1, AT(&word)),
	CALL(io_uring_enter, 2, 1, 0, 0, 0),
	CALL(io_uring_register, 2, 0, 0, 0),
	CALL(shmget, 0, 4096, 0600),
	CALL(msgget, 0, 0600),
	CALL(semget, 0, 1, 0600),
	CALL(mq_open, AT("/x"), O_CREAT, 0600, 0),
	CALL(timer_create, 0, 0, AT(&word)),
	CALL(inotify_init1, 0),
	CALL(fanotify_init, 0, 0),
	AS("futex(FUTEX_LOCK_PI)", futex, AT(&word), FUTEX_LOCK_PI, 0, 0),
	AS("futex(FUTEX_CMP_REQUEUE_PI)", futex, AT(&word), FUTEX_CMP_REQUEUE_PI, 1, 0, AT(&word)),
	/* the machine */
	CALL(init_module, 0, 0, AT("")),
	CALL(finit_module, 2, AT(""), 0),
	CALL(delete_module, AT("x"), 0),
	CALL(kexec_load, 0, 0, 0, 0),
	CALL(reboot, 0, 0, 0),
	CALL(syslog, 2, AT(&word), 4),
	CALL(ioperm, 0x80, 1, 1),
	CALL(iopl, 3),
	CALL(settimeofday, 0, 0),
	CALL(clock_settime, 0, AT(&word)),
	CALL(sethostname, AT("x"), 1),
	CALL(swapon, AT("/x"), 0),
	CALL(acct, 0),
	/* requests to what is open, and not on the list */
	AS("ioctl(TIOCSTI)", ioctl, 2, TIOCSTI, AT("x")),
	AS("ioctl(KVM_CREATE_VM)", ioctl, 2, KVM_CREATE_VM, 0),
	AS("ioctl(KVM_CREATE_VCPU)", ioctl, 2, KVM_CREATE_VCPU, 1),
	AS("ioctl(KVM_SET_USER_MEMORY_REGION)", ioctl, 2, KVM_SET_USER_MEMORY_REGION, AT(&word)),
	AS("ioctl(KVM_CREATE_DEVICE)", ioctl, 2, KVM_CREATE_DEVICE, AT(&word)),
	AS("ioctl(KVM_IOEVENTFD)", ioctl, 2, KVM_IOEVENTFD, AT(&word)),
	AS("ioctl(KVM_IRQFD)", ioctl, 2, KVM_IRQFD, AT(&word)),
	AS("ioctl(KVM_SET_GSI_ROUTING)", ioctl, 2, KVM_SET_GSI_ROUTING, AT(&word)),
	AS("ioctl(KVM_SET_NESTED_STATE)", ioctl, 2, KVM_SET_NESTED_STATE, AT(&word)),
	AS("ioctl(KVM_SET_REGS)", ioctl, 2, KVM_SET_REGS, AT(&word)),
	/* other doors to the same calls */
	{ "getpid by the x32 ABI", SYS_getpid | X32_BIT, { 0 } },
	{ "no call", -1, { 0 } },
};

static int make_call(void *ctx)
{
	const struct attack *a = ctx;

	syscall(a->call, a->args[0], a->args[1], a->args[2], a->args[3], a->args[4], a->args[5]);
	return CAME_BACK;
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void check_killed(const char *what, enum sandbox_list list, int status)
{
	if (!is_killed(status))
		fail_msg("%s, list %s: not killed by SIGSYS, wait status 0x%x", what,
			sandbox_list_names[list], (unsigned)status);
}

static void each_attack_is_the_last_call(void **state)
{
	(void)state;
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++) {
		for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
			struct attack a = attacks[i];

			check_killed(a.what, list, sandbox_run(&ns, list, make_call, &a));
		}
	}
}

/* The parent is another process of the same user, and one that is there for sure. */
static void nobody_else_can_be_signalled(void **state)
{
	struct attack a = AS("tgkill of the parent", tgkill, parent, parent, 0);

	(void)state;
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
		check_killed(a.what, list, sandbox_run(&ns, list, make_call, &a));
}

/* Call 20 of the table behind int 0x80 is getpid, which is on the list behind syscall. */
static int call_by_int80(void *ctx)
{
	long r = 20;

	(void)ctx;
	__asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
	return CAME_BACK;
}

static void the_old_door_is_shut(void **state)
{
	(void)state;
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
		check_killed("int 0x80", list, sandbox_run(&ns, list, call_by_int80, NULL));
}

static bool has_call(enum sandbox_list list, int call)
{
	for (size_t i = 0; i < sandbox_rows_count; i++) {
		if (sandbox_rows[i].call == call && sandbox_rows[i].lists & 1u << list)
			return true;
	}
	return false;
}

/*
 * The end of a probe in user space, which the kernel keeps from any filter
 * (seccomp_uprobe_exception() in kernel/seccomp.c, Linux 6.14); called by anybody else they do
 * nothing.
 */
static bool is_probe(int nr)
{
	return nr == 335 || nr == 336;
}

/* All numbers in one child, told by an errno that no call has where the filter would kill it. */
static int sweep(enum sandbox_list list)
{
	struct sock_filter code[SANDBOX_CODE_MAX];
	const struct sock_fprog p = { (unsigned short)sandbox_program(list, getpid(), code), code };

	for (unsigned i = 0; i < p.len; i++) {
		if (code[i].code == (BPF_RET | BPF_K) && code[i].k == SECCOMP_RET_KILL_PROCESS)
			code[i].k = SECCOMP_RET_ERRNO | REFUSED;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p))
		return -1;
	for (int nr = 0; nr < NUMBERS; nr++) {
		if (has_call(list, nr) || is_probe(nr))
			continue;
		errno = 0;
		if (syscall(nr, 0, 0, 0, 0, 0, 0) != -1 || errno != REFUSED)
			return nr;
	}
	return NUMBERS;
}

static void all_numbers_but_those_listed(void **state)
{
	int *reached = mmap(
		NULL, sizeof(*reached), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(reached != MAP_FAILED);
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++) {
		pid_t pid = fork();

		if (!pid) {
			*reached = sweep(list);
			sandbox_end(list, 0);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		if (*reached != NUMBERS)
			fail_msg(
				"list %s lets call %d through", sandbox_list_names[list], *reached);
	}
	munmap(reached, sizeof(*reached));
}

/* Of calls that are on a list with some values of an argument: any other value. */
static void other_values_of_an_argument(void **state)
{
	(void)state;
	for (size_t i = 0; i < sandbox_rows_count; i++) {
		const struct sandbox_row *r = &sandbox_rows[i];
		struct attack a = { r->name, r->call, { 0 } };

		if (r->argument == SANDBOX_ANY)
			continue;
		/* 0x5a5a5a5a is nobody's: no request, no operation, no process. */
		a.args[r->argument] = 0x5a5a5a5a;
		for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
			check_killed(a.what, list, sandbox_run(&ns, list, make_call, &a));
	}
}

/* Without this one, all the others could pass with a filter that kills for everything. */
static int listed_calls(void *ctx)
{
	(void)ctx;
	if (syscall(SYS_getpid) != syscall(SYS_gettid))
		return 1;
	if (syscall(SYS_ioctl, -1, KVM_RUN, 0) != -1 || errno != EBADF)
		return 2;
	/* What is above the lower 32 bits the kernel does not see either. */
	if (syscall(SYS_ioctl, -1, KVM_RUN | 1L << 40, 0) != -1 || errno != EBADF)
		return 3;
	if (syscall(SYS_pwrite64, -1, &word, 1, 0) != -1 || errno != EBADF)
		return 4;
	if (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) != 0)
		return 5;
	return syscall(SYS_tgkill, getpid(), getpid(), 0) ? 6 : 0;
}

static void listed_calls_come_back(void **state)
{
	(void)state;
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
		assert_int_equal(sandbox_run(&ns, list, listed_calls, NULL), 0);
}

static void rows_are_in_order(void **state)
{
	struct sock_filter code[SANDBOX_CODE_MAX];

	(void)state;
	for (size_t i = 0; i < sandbox_rows_count; i++) {
		const struct sandbox_row *r = &sandbox_rows[i];

		assert_true(r->lists && r->lists < 1u << SANDBOX_LISTS);
		assert_true(r->name && *r->why);
		for (size_t k = 0; k < i; k++) {
			const struct sandbox_row *before = &sandbox_rows[k];

			if (before->call != r->call)
				continue;
			/* The rows of a call stand together, and look at the same argument. */
			assert_int_equal(sandbox_rows[i - 1].call, r->call);
			assert_int_equal(before->argument, r->argument);
			assert_true(r->argument != SANDBOX_ANY && before->value != r->value);
		}
	}
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++)
		assert_in_range(sandbox_program(list, getpid(), code), 1, SANDBOX_CODE_MAX);
}

static int set_up(void **state)
{
	(void)state;
	parent = getpid();
	empty_ns_make(&ns, EMPTY_NS_ALL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	empty_ns_free(&ns);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_in_order),
		cmocka_unit_test(listed_calls_come_back),
		cmocka_unit_test(each_attack_is_the_last_call),
		cmocka_unit_test(nobody_else_can_be_signalled),
		cmocka_unit_test(the_old_door_is_shut),
		cmocka_unit_test(other_values_of_an_argument),
		cmocka_unit_test(all_numbers_but_those_listed),
	};

	return cmocka_run_group_tests_name("vmm/sandbox_calls", tests, set_up, tear_down);
}
