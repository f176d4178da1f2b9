/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts that decide without making a container: names, ids, paths, remedies, the filter. */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "ctr/idmap.h"
#include "ctr/mount.h"
#include "ctr/remedy.h"
#include "ctr/seccomp.h"

static void names_and_flags_agree(void **state)
{
	char list[64];

	(void)state;
	ns_list(ns_all(), list, sizeof(list));
	assert_string_equal(list, "user,mount,pid,net,ipc,uts,cgroup");
	ns_list(0, list, sizeof(list));
	assert_string_equal(list, "none");
	ns_list(CLONE_NEWNET | CLONE_NEWNS, list, sizeof(list));
	assert_string_equal(list, "mount,net");
	assert_int_equal(ns_flag("net"), CLONE_NEWNET);
	assert_int_equal(ns_flag("time"), 0);
	assert_int_equal(ns_flag(""), 0);
}

static const struct {
	bool privileged;
	const char *map;
	bool mapped; /* to an id that is not our own */
	uint32_t uid;
} ids[] = {
	{ true, "         0          0 4294967295\n", true, IDMAP_UID },
	{ true, "0 100000 65536\n", true, 65534 },
	{ true, "0 1000 1\n1 100000 70000\n", true, 65534 },
	{ true, "0 1000 1\n", false, 0 },
	{ true, "", false, 0 },
	{ false, "0 0 4294967295\n", false, 0 },
};

static void ids_are_taken_from_what_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct idmap m;
		char want[32];

		idmap_choose(&m, ids[i].privileged, ids[i].map);
		assert_int_equal(m.privileged, ids[i].mapped);
		assert_int_equal(m.uid, ids[i].mapped ? ids[i].uid : geteuid());
		snprintf(want, sizeof(want), "0 %u 1\n", m.uid);
		assert_string_equal(m.uid_line, want);
	}
}

/* Relative to a folder with "in/file", "out" -> "/etc", "up" -> "../..", "loop" -> "loop". */
static const struct {
	const char *path;
	bool fast, slow; /* found? */
} walks[] = {
	{ "in", true, true },
	{ "in/file", true, true },
	{ "missing", false, false },
	{ "in/missing", false, false },
	{ "in/file/more", false, false },
	{ "out/passwd", false, false },
	{ "up/etc/passwd", false, false },
	{ "../../../../etc/passwd", false, false },
	{ "/etc/passwd", false, false },
	{ "loop/x", false, false },
	{ "", false, false },
};

static void walks_stay_inside(void **state)
{
	struct fixture *f = *state;
	int root = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(mkdirat(root, "in", 0755), 0);
	assert_int_equal(symlinkat("/etc", root, "out"), 0);
	assert_int_equal(symlinkat("../..", root, "up"), 0);
	assert_int_equal(symlinkat("loop", root, "loop"), 0);
	close(openat(root, "in/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	for (size_t i = 0; i < ARRAY_SIZE(walks); i++) {
		long fast = mount_walk(root, walks[i].path);
		long slow = mount_walk_slowly(root, walks[i].path);

		if ((fast >= 0) != walks[i].fast || (slow >= 0) != walks[i].slow)
			fail_msg("'%s': %ld, %ld", walks[i].path, fast, slow);
		if (fast >= 0)
			close((int)fast);
		if (slow >= 0)
			close((int)slow);
	}
	close(root);
}

static const struct {
	const char *step;
	int code;
	const char *file, *value; /* one setting of the host */
	const char *named;        /* in the remedy; NULL: none is known */
} refusals[] = {
	{ "clone", -EPERM, "sys/kernel/unprivileged_userns_clone", "0\n",
		"kernel.unprivileged_userns_clone=1" },
	{ "clone", -ENOSPC, "sys/user/max_user_namespaces", "0\n", "user.max_user_namespaces=" },
	{ "clone", -ENOSPC, "sys/user/max_user_namespaces", "100\n", "limit on namespaces" },
	{ "uid_map", -EPERM, "sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
		"kernel.apparmor_restrict_unprivileged_userns=0" },
	{ "root file system", -EACCES, "sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
		"kernel.apparmor_restrict_unprivileged_userns=0" },
	{ "root file system", -EPERM, "sys/kernel/apparmor_restrict_unprivileged_userns", "0\n",
		"systempaths=unconfined" },
	{ "clone", -EPERM, "self/status", "Name:\tx\nSeccomp:\t2\n", "seccomp=unconfined" },
	{ "clone", -EPERM, "self/status", "Name:\tx\nSeccomp:\t0\n", "run as root" },
	{ "loopback", -EIO, "self/status", "Seccomp:\t2\n", NULL },
};

static void refusals_name_the_setting(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		cleanup_free char *proc = format_text("%s/%zu", f->dir, i);
		cleanup_free char *path = format_text("%s/%s", proc, refusals[i].file);
		char *slash = strrchr(path, '/');
		struct err e;
		FILE *out;

		*slash = '\0';
		assert_int_equal(make_dirs(path), 0);
		*slash = '/';
		out = fopen(path, "w");
		assert_non_null(out);
		fputs(refusals[i].value, out);
		fclose(out);
		err_set(&e, refusals[i].code, refusals[i].step, "refused");
		assert_int_equal(remedy_add(&e, proc), refusals[i].code);
		if (!refusals[i].named)
			assert_string_equal(e.remedy, "");
		else if (!strstr(e.remedy, refusals[i].named))
			fail_msg("row %zu: '%s'", i, e.remedy);
	}
}

static void the_filter_fits(void **state)
{
	struct seccomp_program sp;
	unsigned listed = 0;
	struct err e;

	(void)state;
	for (const struct seccomp_group *g = seccomp_groups; g->calls; g++) {
		assert_true(g->why && g->why[0]);
		for (const char *const *c = g->calls; *c; c++)
			listed += g->verdict == SECCOMP_LET;
	}
	assert_int_equal(seccomp_compile(&sp, &e), 0);
	for (unsigned part = 0; part < SECCOMP_PARTS; part++)
		assert_true(sp.part[part].len > 0 && sp.part[part].len <= BPF_MAXINSNS);
	assert_true(sp.allowed > 200 && sp.allowed <= listed);
	seccomp_free(&sp);
	assert_null(sp.part[SECCOMP_WHOLE].filter);
}

/*
 * The filter as the kernel runs it. *@constant: no argument was looked at, and only instructions
 * were met by which the kernel finds out that a call is always allowed (seccomp_is_const_allow() in
 * kernel/seccomp.c), which spares the program the filter at each call.
 */
static uint32_t run_filter(
	const struct sock_fprog *prog, const struct seccomp_data *data, bool *constant)
{
	uint32_t a = 0;

	*constant = true;
	for (unsigned at = 0; at < prog->len; at++) {
		const struct sock_filter *f = &prog->filter[at];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(f->k + 4 <= sizeof(*data));
			memcpy(&a, (const char *)data + f->k, 4);
			*constant &= f->k < offsetof(struct seccomp_data, args);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			*constant = false;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += a & f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k;
		default:
			fail_msg("instruction %u: code %#x", at, f->code);
		}
	}
	fail_msg("the filter has no end");
	return 0;
}

static const char *const by_argument[] = { "clone", "ioctl", "socket", "socketpair" };

/* What the table says of that call, or -1 where its arguments decide. */
static int64_t listed_action(int nr)
{
	char *name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), nr);
	int64_t action = SECCOMP_RET_ERRNO | ENOSYS;

	for (const struct seccomp_group *g = seccomp_groups; name && g->calls; g++) {
		for (const char *const *c = g->calls; *c; c++) {
			if (strcmp(*c, name))
				continue;
			action = g->verdict == SECCOMP_LET     ? SECCOMP_RET_ALLOW
				 : g->verdict == SECCOMP_EPERM ? (SECCOMP_RET_ERRNO | EPERM)
							       : action;
		}
	}
	for (size_t i = 0; name && i < ARRAY_SIZE(by_argument); i++) {
		if (!strcmp(name, by_argument[i]))
			action = -1;
	}
	free(name);
	return action;
}

static void the_filter_says_what_the_table_says(void **state)
{
	struct seccomp_program sp;
	struct err e;

	(void)state;
	assert_int_equal(seccomp_compile(&sp, &e), 0);
	for (int nr = 0; nr < 1100; nr++) {
		struct seccomp_data data = { .nr = nr, .arch = seccomp_arch_native() };
		int64_t want = listed_action(nr);
		bool constant;
		uint32_t got = run_filter(&sp.part[SECCOMP_WHOLE], &data, &constant);

		if (want >= 0 && (got != want || !constant))
			fail_msg("call %d: %#x, not %#llx%s", nr, got, (long long)want,
				constant ? "" : ", and that depends on its arguments");
		data.arch = AUDIT_ARCH_I386;
		assert_int_equal(run_filter(&sp.part[SECCOMP_WHOLE], &data, &constant),
			SECCOMP_RET_KILL_PROCESS);
	}
	seccomp_free(&sp);
}

#define ANY_FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)
#define L2TP 115 /* IPPROTO_L2TP of linux/l2tp.h */
#define NO_TYPE (SECCOMP_RET_ERRNO | ESOCKTNOSUPPORT)
#define NO_PROTOCOL (SECCOMP_RET_ERRNO | EPROTONOSUPPORT)
#define GARBAGE 0xdead00000000ull /* above the 32 bits that the kernel looks at */
static const struct {
	const char *call;
	uint64_t args[3];
	uint32_t action;
} argument_rows[] = {
	{ "clone", { SIGCHLD, 0 }, SECCOMP_RET_ALLOW },
	{ "clone", { CLONE_VM | CLONE_THREAD, 0 }, SECCOMP_RET_ALLOW },
	{ "clone", { CLONE_NEWUSER | SIGCHLD, 0 }, SECCOMP_RET_ERRNO | EPERM },
	{ "clone", { GARBAGE | CLONE_NEWNET, 0 }, SECCOMP_RET_ERRNO | EPERM },
	{ "clone", { CLONE_NEWCGROUP | CLONE_VM, 0 }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { TIOCSTI, TIOCGWINSZ }, SECCOMP_RET_ALLOW },
	{ "ioctl", { 0, TIOCSTI }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { 0, GARBAGE | TIOCSTI }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { 0, TIOCLINUX }, SECCOMP_RET_ERRNO | EPERM },
	{ "socket", { AF_UNIX, SOCK_STREAM }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET6, SOCK_STREAM }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_VSOCK, SOCK_STREAM }, SECCOMP_RET_ERRNO | EAFNOSUPPORT },
	{ "socket", { GARBAGE | AF_ALG, 0 }, SECCOMP_RET_ERRNO | EAFNOSUPPORT },
	{ "socket", { AF_NFC, 0 }, SECCOMP_RET_ERRNO | EAFNOSUPPORT },
	{ "socket", { GARBAGE | AF_NETLINK, SOCK_RAW }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, GARBAGE }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_NETLINK, SOCK_RAW, NETLINK_GENERIC }, NO_PROTOCOL },
	{ "socket", { AF_NETLINK, SOCK_RAW, GARBAGE | NETLINK_NETFILTER }, NO_PROTOCOL },
	{ "socket", { AF_UNIX, SOCK_SEQPACKET, 1 }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, ANY_FLAGS | SOCK_STREAM, 0 }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, GARBAGE | SOCK_STREAM, GARBAGE | IPPROTO_TCP }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, ANY_FLAGS | SOCK_DGRAM, IPPROTO_UDP }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, SOCK_DGRAM, IPPROTO_ICMP }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 }, SECCOMP_RET_ALLOW },
	{ "socket", { AF_INET, SOCK_STREAM, IPPROTO_SCTP }, NO_PROTOCOL },
	{ "socket", { AF_INET6, ANY_FLAGS | SOCK_STREAM, IPPROTO_SCTP }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_DGRAM, L2TP }, NO_PROTOCOL },
	{ "socket", { AF_INET6, SOCK_DGRAM, IPPROTO_ICMP }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_STREAM, IPPROTO_UDP }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE }, NO_PROTOCOL },
	{ "socket", { AF_INET, SOCK_STREAM, 262 }, NO_PROTOCOL }, /* MPTCP */
	{ "socket", { AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP }, NO_TYPE },
	{ "socket", { AF_INET6, GARBAGE | ANY_FLAGS | SOCK_DCCP, IPPROTO_DCCP }, NO_TYPE },
	{ "socket", { AF_INET, 0, 0 }, NO_TYPE },
	{ "socket", { AF_INET, SOCK_RAW, IPPROTO_ICMP }, SECCOMP_RET_ERRNO | EPERM },
	{ "socket", { AF_INET6, ANY_FLAGS | SOCK_RAW, 255 }, SECCOMP_RET_ERRNO | EPERM },
	{ "socketpair", { GARBAGE | AF_UNIX, SOCK_STREAM, 0 }, SECCOMP_RET_ALLOW },
	{ "socketpair", { AF_INET, SOCK_STREAM, IPPROTO_SCTP }, SECCOMP_RET_ERRNO | EOPNOTSUPP },
	{ "socketpair", { AF_TIPC, SOCK_STREAM, 0 }, SECCOMP_RET_ERRNO | EOPNOTSUPP },
	{ "ioctl", { 0, TIOCSETD }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { 0, GARBAGE | SIOCGIFBR }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { 0, SIOCGIFVLAN }, SECCOMP_RET_ERRNO | EPERM },
	{ "ioctl", { 0, SIOCGIFCONF }, SECCOMP_RET_ALLOW },
	{ "socket", { 46, 0 }, SECCOMP_RET_ERRNO | EAFNOSUPPORT }, /* past the last */
};

static void the_filter_looks_at_arguments(void **state)
{
	struct seccomp_program sp;
	struct err e;

	(void)state;
	assert_int_equal(seccomp_compile(&sp, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(argument_rows); i++) {
		struct seccomp_data data = { .arch = seccomp_arch_native(),
			.nr = seccomp_syscall_resolve_name(argument_rows[i].call),
			.args = { argument_rows[i].args[0], argument_rows[i].args[1],
				argument_rows[i].args[2] } };
		bool constant;
		uint32_t got = run_filter(&sp.part[SECCOMP_WHOLE], &data, &constant);

		if (got != argument_rows[i].action || constant)
			fail_msg("row %zu (%s): %#x", i, argument_rows[i].call, got);
	}
	seccomp_free(&sp);
}

/* Installed one after the other, the strictest answer counts: that is the lowest, signed. */
static void two_halves_make_a_whole(void **state)
{
	struct seccomp_program sp;
	struct err e;

	(void)state;
	assert_int_equal(seccomp_compile(&sp, &e), 0);
	for (uint32_t i = 0; i < 2 * 1100; i++) {
		struct seccomp_data data = { .nr = (int)(i / 2 + (i % 2 ? 0x40000000u : 0)),
			.arch = seccomp_arch_native(),
			.args = { CLONE_NEWUSER, TIOCSTI } };
		uint32_t answer[SECCOMP_PARTS];
		bool constant;

		for (unsigned part = 0; part < SECCOMP_PARTS; part++)
			answer[part] = run_filter(&sp.part[part], &data, &constant);
		if ((int32_t)answer[SECCOMP_LATE] < (int32_t)answer[SECCOMP_EARLY])
			answer[SECCOMP_EARLY] = answer[SECCOMP_LATE];
		if (answer[SECCOMP_EARLY] != answer[SECCOMP_WHOLE])
			fail_msg("call %d: %#x, not %#x", data.nr, answer[SECCOMP_EARLY],
				answer[SECCOMP_WHOLE]);
	}
	seccomp_free(&sp);
}

/* x32's numbers, and -1, which is what a tracer leaves of a call that it skips. */
static void numbers_of_other_kinds(void **state)
{
	static const struct {
		uint32_t nr, action;
	} rows[] = {
		{ 0x3fffffff, SECCOMP_RET_ERRNO | ENOSYS },
		{ 0x40000000, SECCOMP_RET_KILL_PROCESS },
		{ 0x40000027, SECCOMP_RET_KILL_PROCESS },
		{ 0xfffffffe, SECCOMP_RET_KILL_PROCESS },
		{ 0xffffffff, SECCOMP_RET_ERRNO | ENOSYS },
	};
	struct seccomp_program sp;
	struct err e;

	(void)state;
	assert_int_equal(seccomp_compile(&sp, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seccomp_data data = { .arch = seccomp_arch_native(), .nr = (int)rows[i].nr };
		bool constant;

		assert_int_equal(
			run_filter(&sp.part[SECCOMP_WHOLE], &data, &constant), rows[i].action);
	}
	seccomp_free(&sp);
}

static void no_call_is_listed_twice(void **state)
{
	(void)state;
	for (const struct seccomp_group *g = seccomp_groups; g->calls; g++) {
		for (const char *const *c = g->calls; *c; c++) {
			unsigned n = 0;

			for (const struct seccomp_group *h = seccomp_groups; h->calls; h++) {
				for (const char *const *d = h->calls; *d; d++)
					n += !strcmp(*c, *d);
			}
			if (n != 1)
				fail_msg("%s is listed %u times", *c, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
		cmocka_unit_test(names_and_flags_agree),
		cmocka_unit_test(ids_are_taken_from_what_there_is),
		T(walks_stay_inside),
		T(refusals_name_the_setting),
		cmocka_unit_test(the_filter_fits),
		cmocka_unit_test(the_filter_says_what_the_table_says),
		cmocka_unit_test(the_filter_looks_at_arguments),
		cmocka_unit_test(two_halves_make_a_whole),
		cmocka_unit_test(numbers_of_other_kinds),
		cmocka_unit_test(no_call_is_listed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
