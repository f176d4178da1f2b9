/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From outside: what a process that lives as a VMM does still has. As root, and as nobody. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/sandbox_fixture.h"

#define AS_I_AM 0 /* no other user: a test that runs as nobody cannot become anybody */
#define NOBODY 65534

/* Shared with the child, which cannot say anything in another way once it is inside. */
struct talk {
	uint32_t inside; /* a futex: 1 as soon as it is */
	uint32_t flags;  /* of the namespaces that it made */
	struct err why;  /* there are none, or it did not come inside */
	int death_signal;
	int too_much; /* errno of a mapping that is larger than the limit; 0: it was made */
};

static struct talk *talk;

/* Is there a mapping to be had of more than the limit, while mmap may still be called? */
static int map_too_much(void)
{
	struct rlimit as;
	void *at;

	getrlimit(RLIMIT_AS, &as);
	at = mmap(NULL, as.rlim_cur, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return at == MAP_FAILED ? errno : 0;
}

static void live(uid_t uid)
{
	struct empty_ns ns;
	struct err e;

	if (uid != AS_I_AM &&
		(setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		_exit(NOT_INSIDE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1); /* as after an exec of nobody's own */
	empty_ns_make(&ns, EMPTY_NS_ALL);
	talk->flags = ns.flags;
	talk->why = ns.why;
	if (sandbox_be_vmm(&ns, &e) < 0) {
		talk->why = e;
		_exit(NOT_INSIDE);
	}
	prctl(PR_GET_PDEATHSIG, &talk->death_signal);
	talk->too_much = map_too_much();
	if (sandbox_filter(SANDBOX_MAIN, &e) < 0)
		_exit(NOT_INSIDE);
	__atomic_store_n(&talk->inside, 1, __ATOMIC_RELEASE);
	for (;;)
		syscall(SYS_futex, &talk->inside, FUTEX_WAIT, 1, NULL, NULL, 0);
}

/* A child that is inside; it is to be ended with end(). */
static pid_t start(uid_t uid)
{
	pid_t pid;
	int status;

	*talk = (struct talk){ 0 };
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		live(uid);
	while (!__atomic_load_n(&talk->inside, __ATOMIC_ACQUIRE)) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			fail_msg("status 0x%x: %s: %s", (unsigned)status, talk->why.step,
				talk->why.message);
		usleep(1000);
	}
	return pid;
}

static void end(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL); /* and not SIGSYS before */
}

/* The line "key:\tvalue" of /proc/PID/status. */
static void status_value(pid_t pid, const char *key, char *out, size_t size)
{
	cleanup_free char *path = format_text("/proc/%d/status", (int)pid), *text = NULL;
	const char *at;

	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	at = strstr(text, key);
	assert_non_null(at);
	at += strlen(key) + 2;
	snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
}

static void check_rights(pid_t pid)
{
	static const struct {
		const char *key, *value;
	} lines[] = {
		{ "CapInh", "0000000000000000" }, { "CapPrm", "0000000000000000" },
		{ "CapEff", "0000000000000000" }, { "CapAmb", "0000000000000000" },
		{ "NoNewPrivs", "1" }, { "Seccomp", "2" }, /* a filter */
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char value[64];

		status_value(pid, lines[i].key, value, sizeof(value));
		if (strcmp(value, lines[i].value))
			fail_msg("%s: %s", lines[i].key, value);
	}
}

static void check_fd(pid_t pid, const char *name)
{
	static const int kept[] = { STDERR_FILENO, VM_FD_REPORT, VM_FD_CONSOLE, VM_FD_OUTPUT };
	int fd = atoi(name);

	(void)pid;
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (fd == kept[i])
			return;
	}
	fail_msg("descriptor %d is open", fd);
}

static void check_is_own(pid_t pid, const char *kind)
{
	char path[64], mine[64], its[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	n = readlink(path, mine, sizeof(mine));
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
	m = readlink(path, its, sizeof(its));
	assert_true(n > 0 && m > 0);
	if (n == m && !memcmp(mine, its, (size_t)n))
		fail_msg("its %s namespace is the host's", kind);
}

static void check_network(pid_t pid)
{
	cleanup_free char *path = format_text("/proc/%d/net/dev", (int)pid), *text = NULL;
	unsigned lines = 0;

	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 3); /* two of heading, and lo */
	assert_non_null(strstr(text, "lo:"));
}

static void check_namespaces(pid_t pid)
{
	struct stat st;
	cleanup_free char *root = format_text("/proc/%d/root", (int)pid),
			  *mounts = format_text("/proc/%d/mounts", (int)pid), *text = NULL;

	check_is_own(pid, "mnt");
	check_is_own(pid, "net");
	if (talk->flags & CLONE_NEWUSER)
		check_is_own(pid, "user");
	assert_int_equal(proc_entries(pid, "root", NULL), 0);
	assert_int_equal(stat(root, &st), 0);
	assert_int_equal(st.st_mode & 0222, 0);
	assert_int_equal(read_file(mounts, 1 << 16, &text, NULL), 0);
	assert_int_equal(strncmp(text, "none / tmpfs ro,nosuid,nodev,noexec", 35), 0);
	assert_string_equal(strchr(text, '\n'), "\n"); /* no other one */
	check_network(pid);
}

/* The hard limit of the line "key  soft  hard  unit" of /proc/PID/limits: prlimit(2) of another
 * user's process wants a right that root does not have everywhere. */
static uint64_t hard_limit(pid_t pid, const char *key)
{
	cleanup_free char *path = format_text("/proc/%d/limits", (int)pid), *text = NULL;
	uint64_t soft, hard;
	const char *at;

	assert_int_equal(read_file(path, 1 << 16, &text, NULL), 0);
	at = strstr(text, key);
	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(key), "%" SCNu64 " %" SCNu64, &soft, &hard), 2);
	assert_int_equal(soft, hard);
	return hard;
}

static void check_limits(pid_t pid)
{
	assert_in_range(hard_limit(pid, "Max open files"), VM_FD_COUNT, 64);
	assert_int_equal(hard_limit(pid, "Max core file size"), 1);
	assert_int_equal(hard_limit(pid, "Max locked memory"), 0);
	if (SANITIZED)
		return;
	assert_in_range(hard_limit(pid, "Max address space"), RAM_MIN, RAM_MIN + (64 << 20));
	assert_int_equal(talk->too_much, ENOMEM);
}

static void look_at(uid_t uid)
{
	pid_t pid = start(uid);

	assert_int_equal(talk->death_signal, SIGKILL);
	check_rights(pid);
	check_limits(pid);
	proc_entries(pid, "fd", check_fd);
	if (talk->flags)
		check_namespaces(pid);
	end(pid);
	if (!talk->flags)
		SKIP(talk->why.message);
}

static void nothing_is_left_of_mine(void **state)
{
	(void)state;
	look_at(AS_I_AM);
}

static void nothing_is_left_of_nobodys(void **state)
{
	(void)state;
	if (geteuid())
		SKIP("to become nobody one has to be root");
	look_at(NOBODY);
}

/* In a user namespace that allows no further one, with the rights of its root or with none. */
static void make_without_user_namespaces(bool keep_rights)
{
	static const char limit[] = "/proc/sys/user/max_user_namespaces";
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };
	cleanup_fd int fd = -1;
	struct empty_ns ns;

	if (unshare(CLONE_NEWUSER) < 0)
		_exit(NOT_INSIDE);
	fd = open(limit, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		_exit(NOT_INSIDE);
	if (!keep_rights && syscall(SYS_capset, &head, none) < 0)
		_exit(NOT_INSIDE);
	empty_ns_make(&ns, EMPTY_NS_ALL);
	talk->flags = ns.flags;
	talk->why = ns.why;
	_exit(0);
}

static void what_is_not_to_be_had_is_left_out(void **state)
{
	static const struct {
		bool keep_rights;
		uint32_t flags;
	} cases[] = {
		{ true, CLONE_NEWNS | CLONE_NEWNET },
		{ false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t pid;
		int status;

		*talk = (struct talk){ 0 };
		pid = fork();
		if (!pid)
			make_without_user_namespaces(cases[i].keep_rights);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WEXITSTATUS(status) == NOT_INSIDE)
			SKIP("no user namespace to be had, or its limit not to be set");
		assert_int_equal(status, 0);
		assert_int_equal(talk->flags, cases[i].flags);
		if (cases[i].flags)
			continue;
		assert_non_null(strstr(talk->why.message, "clone: "));
		assert_true(*talk->why.remedy);
	}
}

/* Made and freed, they are gone: no descriptor, no child. */
static void making_leaves_nothing(void **state)
{
	int before = proc_entries(getpid(), "fd", NULL);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct empty_ns ns;

		empty_ns_make(&ns, EMPTY_NS_ALL);
		empty_ns_free(&ns);
	}
	assert_int_equal(proc_entries(getpid(), "fd", NULL), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A descriptor that is none of a namespace's: the VMM does not go on without. */
static void a_namespace_that_cannot_be_joined_is_an_error(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid) {
		const struct vm_config cfg = { .ram_bytes = RAM_MIN, .namespaces = CLONE_NEWNET };
		struct err e = { 0 };

		dup2(open("/dev/null", O_RDONLY), VM_FD_NET_NS);
		_exit(sandbox_enter(&cfg, &e) < 0 && !strcmp(e.step, "setns") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int set_up(void **state)
{
	(void)state;
	talk = mmap(NULL, sizeof(*talk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return talk == MAP_FAILED ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_mine),
		cmocka_unit_test(nothing_is_left_of_nobodys),
		cmocka_unit_test(what_is_not_to_be_had_is_left_out),
		cmocka_unit_test(making_leaves_nothing),
		cmocka_unit_test(a_namespace_that_cannot_be_joined_is_an_error),
	};

	return cmocka_run_group_tests_name("vmm/sandbox_process", tests, set_up, NULL);
}
