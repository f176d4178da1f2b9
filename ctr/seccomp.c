/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/seccomp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/bpf.h"
#include "base/sys.h"
#include "base/util.h"
#include "ctr/ns.h"

#define FAIL(error) BPF_ANSWER(SECCOMP_RET_ERRNO | (error))
#define NUMBERS 1024        /* of system calls that a table can hold: kernels have some 470 */
#define NUMBERS_USED 512    /* about: how many a kernel asks the filter about */
#define X32_BIT 0x40000000u /* of numbers of the x32 ABI, asm/unistd.h */
#define JUMP_MAX 255        /* offsets of conditional jumps are bytes */

#define SOCKET_TYPE 0xf /* SOCK_TYPE_MASK of linux/net.h; the rest are flags */
#ifndef SIOCADDDLCI
#define SIOCADDDLCI 0x8980 /* linux/sockios.h, while kernels had it (until 5.15) */
#define SIOCDELDLCI 0x8981
#endif

/*
 * Typing into a terminal that someone else reads from; and what makes the host load a module before
 * anybody asks for a right: line disciplines (tty_ldisc_get()), bridge, VLAN and DLCI (sock_ioctl()
 * in net/socket.c).
 */
static const uint32_t bad_ioctls[] = { TIOCSTI, TIOCLINUX, TIOCSETD, SIOCGIFBR, SIOCSIFBR,
	SIOCBRADDBR, SIOCBRDELBR, SIOCGIFVLAN, SIOCSIFVLAN, SIOCADDDLCI, SIOCDELDLCI };

/* Of the families below it is the one that has pairs; the others load modules before they say so.
 */
static const uint32_t paired_families[] = { AF_UNIX };

/*
 * The sockets that a program may have honest business with. Of the forty other families some reach
 * past the network namespace (AF_VSOCK), and much is kernel code that few have read. To ask for one
 * is enough for the host to load its module, and so it is to ask for a type and a protocol that are
 * not there (inet_create(), netlink_create()): SCTP, DCCP, L2TP, or any number.
 *
 * The errors are the kernel's own for what it has not: who asks knows what to do without.
 */
static const struct socket_kind {
	uint32_t family;
	uint32_t type; /* 0: any, and no other row has this family */
	int error;     /* 0: these protocols are let through */
	unsigned n;    /* 0: any */
	uint32_t protocols[3];
} sockets[] = {
	{ AF_UNIX, 0, 0, 0, { 0 } }, /* it has no protocols */
	{ AF_INET, SOCK_STREAM, 0, 2, { 0, IPPROTO_TCP } },
	{ AF_INET, SOCK_DGRAM, 0, 3, { 0, IPPROTO_UDP, IPPROTO_ICMP } },
	{ AF_INET, SOCK_RAW, EPERM, 0, { 0 } }, /* by which ping knows to take the one above */
	{ AF_INET6, SOCK_STREAM, 0, 2, { 0, IPPROTO_TCP } },
	{ AF_INET6, SOCK_DGRAM, 0, 3, { 0, IPPROTO_UDP, IPPROTO_ICMPV6 } },
	{ AF_INET6, SOCK_RAW, EPERM, 0, { 0 } },
	{ AF_NETLINK, 0, 0, 1, { NETLINK_ROUTE } }, /* getifaddrs(3) */
};

/* What a list of values is: those that are refused, or those that alone are let through. Or the
 * table above. */
enum list_kind { REFUSED, LET_THROUGH, SOCKETS };

/* Calls that are let through but for some values of an argument. */
static const struct argument {
	const char *call;
	unsigned index; /* of the argument */
	int error;      /* for a value that may not be */
	enum list_kind kind;
	const uint32_t *values;
	size_t n; /* 0: any flag of a namespace is refused */
} arguments[] = {
	/* A user namespace more would give a full set of capabilities to attack the kernel with. */
	{ "clone", 0, EPERM, REFUSED, NULL, 0 },
	{ "ioctl", 1, EPERM, REFUSED, bad_ioctls, ARRAY_SIZE(bad_ioctls) },
	{ "socketpair", 0, EOPNOTSUPP, LET_THROUGH, paired_families, ARRAY_SIZE(paired_families) },
	{ "socket", 0, EAFNOSUPPORT, SOCKETS, NULL, 0 },
};

/* What child.c calls between the two halves and the program may not. */
static const char *const between_halves[] = { "setns", "fsopen", "fsconfig", "fsmount", "open_tree",
	"move_mount" };

/* What a call number leads to: enum seccomp_verdict, or from here on a check of arguments[]. */
#define CHECK (SECCOMP_ENOSYS + 1)
#define VERDICTS (CHECK + ARRAY_SIZE(arguments))
#define NO_VERDICT 255

struct compiler {
	unsigned char verdict[NUMBERS];
	unsigned starts[NUMBERS]; /* where runs of the same verdict begin */
	unsigned runs;
	struct sock_filter code[BPF_MAXINSNS];
	unsigned len;
	/* Where a comparison ends the search: the verdict that each side leads to, or NO_VERDICT.
	 */
	unsigned char leaf[BPF_MAXINSNS][2];
	bool overflow;
};

static void emit(struct compiler *c, struct sock_filter f)
{
	if (c->len < BPF_MAXINSNS)
		c->code[c->len++] = f;
	else
		c->overflow = true;
}

/* From the comparison @at to what comes next: jumps count from the instruction after. */
static unsigned char jump(struct compiler *c, unsigned at)
{
	unsigned distance = c->len - at - 1;

	if (distance > JUMP_MAX)
		c->overflow = true;
	return (unsigned char)distance;
}

static void fill_verdicts(struct compiler *c, unsigned *allowed)
{
	memset(c->verdict, SECCOMP_ENOSYS, sizeof(c->verdict));
	*allowed = 0;
	for (const struct seccomp_group *g = seccomp_groups; g->calls; g++) {
		for (const char *const *name = g->calls; *name; name++) {
			int nr = seccomp_syscall_resolve_name(*name);

			if (nr < 0 || nr >= NUMBERS) /* not on this machine, or too new */
				continue;
			c->verdict[nr] = (unsigned char)g->verdict;
			*allowed += g->verdict == SECCOMP_LET;
		}
	}
	for (unsigned i = 0; i < ARRAY_SIZE(arguments); i++) {
		int nr = seccomp_syscall_resolve_name(arguments[i].call);

		if (nr >= 0 && nr < NUMBERS)
			c->verdict[nr] = (unsigned char)(CHECK + i);
	}
}

static void set_verdicts(
	struct compiler *c, const char *const *calls, size_t n, enum seccomp_verdict verdict)
{
	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name(calls[i]);

		if (nr >= 0 && nr < NUMBERS)
			c->verdict[nr] = (unsigned char)verdict;
	}
}

static void find_runs(struct compiler *c)
{
	for (unsigned nr = 0; nr < NUMBERS; nr++) {
		if (!nr || c->verdict[nr] != c->verdict[nr - 1])
			c->starts[c->runs++] = nr;
	}
}

/* Where to part the runs, so that about as many numbers are on either side: long runs near the
 * root. */
static unsigned split(const struct compiler *c, unsigned first, unsigned end)
{
	unsigned last = end < c->runs ? c->starts[end] : NUMBERS_USED;
	unsigned half = (c->starts[first] + last) / 2, middle = first + 1;

	while (middle + 1 < end && c->starts[middle] < half)
		middle++;
	return middle;
}

/*
 * A tree over runs of numbers with the same verdict, from @first to before @end (two at least):
 * comparisons alone, what they lead to follows once. Length and depth count at every start: the
 * kernel translates the program, and walks it for each number there is, to know which calls are let
 * through whatever their arguments; it knows only comparisons and jumps for that.
 */
static void emit_tree(struct compiler *c, unsigned first, unsigned end)
{
	const unsigned middle = split(c, first, end), at = c->len;
	const struct {
		unsigned first, end;
	} side[2] = { { first, middle }, { middle, end } };

	emit(c, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, c->starts[middle], 0, 0));
	for (unsigned i = 0; i < 2; i++) {
		c->leaf[at][i] = c->verdict[c->starts[side[i].first]];
		if (side[i].end - side[i].first == 1)
			continue;
		c->leaf[at][i] = NO_VERDICT;
		if (i)
			c->code[at].jt = jump(c, at);
		else
			c->code[at].jf = jump(c, at);
		emit_tree(c, side[i].first, side[i].end);
	}
}

/* The protocols of a row, whose family and type it is. */
static void emit_protocols(struct compiler *c, const struct socket_kind *s)
{
	if (s->error) {
		emit(c, (struct sock_filter)FAIL((unsigned)s->error));
		return;
	}
	if (s->n) {
		emit(c, (struct sock_filter)BPF_LOAD_ARG(2));
		for (unsigned i = 0; i < s->n; i++)
			emit(c, (struct sock_filter)BPF_IF_EQUAL(
					s->protocols[i], (unsigned char)(s->n - i), 0));
		emit(c, (struct sock_filter)FAIL(EPROTONOSUPPORT));
	}
	emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ALLOW));
}

/* The rows from @s to before @end, whose family it is. */
static void emit_family(
	struct compiler *c, const struct socket_kind *s, const struct socket_kind *end)
{
	if (!s->type) {
		emit_protocols(c, s);
		return;
	}
	emit(c, (struct sock_filter)BPF_LOAD_ARG(1));
	emit(c, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SOCKET_TYPE));
	for (; s < end; s++) {
		const unsigned at = c->len;

		emit(c, (struct sock_filter)BPF_IF_EQUAL(s->type, 0, 0));
		emit_protocols(c, s);
		c->code[at].jf = jump(c, at);
	}
	emit(c, (struct sock_filter)FAIL(ESOCKTNOSUPPORT));
}

static void emit_sockets(struct compiler *c, const struct argument *a)
{
	const struct socket_kind *s = sockets, *next, *end = sockets + ARRAY_SIZE(sockets);

	emit(c, (struct sock_filter)BPF_LOAD_ARG(a->index));
	for (; s < end; s = next) {
		const unsigned at = c->len;

		for (next = s; next < end && next->family == s->family;)
			next++;
		emit(c, (struct sock_filter)BPF_IF_EQUAL(s->family, 0, 0));
		emit_family(c, s, next);
		c->code[at].jf = jump(c, at);
	}
	emit(c, (struct sock_filter)FAIL((unsigned)a->error));
}

static void emit_check(struct compiler *c, const struct argument *a)
{
	const struct sock_filter allow = BPF_ANSWER(SECCOMP_RET_ALLOW),
				 refuse = FAIL((unsigned)a->error);
	uint32_t flags = 0;

	for (unsigned i = 0; i < NS_KINDS; i++)
		flags |= ns_kinds[i].flag;
	emit(c, (struct sock_filter)BPF_LOAD_ARG(a->index));
	if (!a->n)
		emit(c, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 1, 0));
	for (size_t i = 0; i < a->n; i++)
		emit(c, (struct sock_filter)BPF_IF_EQUAL(
				a->values[i], (unsigned char)(a->n - i), 0));
	/* Where nothing matched, then where something did. */
	emit(c, a->kind == REFUSED ? allow : refuse);
	emit(c, a->kind == REFUSED ? refuse : allow);
}

static void emit_verdict(struct compiler *c, unsigned verdict)
{
	if (verdict >= CHECK && arguments[verdict - CHECK].kind == SOCKETS)
		emit_sockets(c, &arguments[verdict - CHECK]);
	else if (verdict >= CHECK)
		emit_check(c, &arguments[verdict - CHECK]);
	else if (verdict == SECCOMP_LET)
		emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ALLOW));
	else
		emit(c, (struct sock_filter)FAIL(verdict == SECCOMP_EPERM ? EPERM : ENOSYS));
}

/* What the tree from @tree on leads to, each once, behind it. */
static void emit_verdicts(struct compiler *c, unsigned tree)
{
	const unsigned end = c->len;

	for (unsigned verdict = 0; verdict < VERDICTS; verdict++) {
		bool used = false;

		for (unsigned at = tree; at < end; at++) {
			if (c->leaf[at][0] == verdict)
				c->code[at].jf = jump(c, at);
			if (c->leaf[at][1] == verdict)
				c->code[at].jt = jump(c, at);
			used |= c->leaf[at][0] == verdict || c->leaf[at][1] == verdict;
		}
		if (used)
			emit_verdict(c, verdict);
	}
}

static void emit_start(struct compiler *c)
{
	const struct sock_filter start[] = {
		/* A call by the ABI of another architecture (int 0x80) has no honest user here. */
		BPF_LOAD(arch),
		BPF_IF_EQUAL(seccomp_arch_native(), 1, 0),
		BPF_ANSWER(SECCOMP_RET_KILL_PROCESS),
		BPF_LOAD(nr),
		/* Nor has one by x32. -1 is no call: what a tracer leaves when it skips one. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 3),
		BPF_IF_EQUAL((uint32_t)-1, 0, 1),
		FAIL(ENOSYS),
		BPF_ANSWER(SECCOMP_RET_KILL_PROCESS),
	};

	for (unsigned i = 0; i < ARRAY_SIZE(start); i++)
		emit(c, start[i]);
}

static void emit_part(struct compiler *c, enum seccomp_part part, unsigned *allowed)
{
	unsigned tree;

	if (part == SECCOMP_LATE) {
		memset(c->verdict, SECCOMP_LET, sizeof(c->verdict));
		set_verdicts(c, between_halves, ARRAY_SIZE(between_halves), SECCOMP_EPERM);
		emit(c, (struct sock_filter)BPF_LOAD(nr));
	} else {
		fill_verdicts(c, allowed);
		if (part == SECCOMP_EARLY)
			set_verdicts(c, between_halves, ARRAY_SIZE(between_halves), SECCOMP_LET);
		emit_start(c);
	}
	find_runs(c);
	tree = c->len;
	emit_tree(c, 0, c->runs);
	emit_verdicts(c, tree);
}

static int compile(struct seccomp_program *sp, enum seccomp_part part, struct err *e)
{
	cleanup_free struct compiler *c = calloc(1, sizeof(*c));
	struct sock_fprog *out = &sp->part[part];

	if (!c)
		return err_set(e, -ENOMEM, "seccomp", "out of memory");
	emit_part(c, part, &sp->allowed);
	if (c->overflow)
		return err_set(e, -E2BIG, "seccomp", "the filter is longer than a filter can be");
	out->filter = malloc(c->len * sizeof(*c->code));
	if (!out->filter)
		return err_set(e, -ENOMEM, "seccomp", "out of memory");
	memcpy(out->filter, c->code, c->len * sizeof(*c->code));
	out->len = (unsigned short)c->len;
	return 0;
}

int seccomp_compile(struct seccomp_program *sp, struct err *e)
{
	int r = 0;

	memset(sp, 0, sizeof(*sp));
	for (unsigned part = 0; !r && part < SECCOMP_PARTS; part++)
		r = compile(sp, part, e);
	if (r < 0)
		seccomp_free(sp);
	return r;
}

void seccomp_free(struct seccomp_program *sp)
{
	for (unsigned part = 0; part < SECCOMP_PARTS; part++)
		free(sp->part[part].filter);
	memset(sp, 0, sizeof(*sp));
}

CHILD_CODE long seccomp_install(const struct seccomp_program *sp, enum seccomp_part part)
{
	return sp->part[part].len ? sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &sp->part[part])
				  : 0;
}
