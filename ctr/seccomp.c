/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "base/util.h"
#include "ctr/ns.h"
#include "ctr/sys.h"

/*
 * The kernel reads these arguments as 32 bits, the filter sees 64: one that compared all of them
 * would be passed by garbage in the upper half (CVE-2019-10063), hence the masks.
 */
#define LOW32 0xffffffffu

static int add_group(scmp_filter_ctx ctx, const struct seccomp_group *g, unsigned *allowed)
{
	uint32_t action = g->verdict == SECCOMP_LET ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM);

	if (g->verdict == SECCOMP_ENOSYS) /* the default; in the table for the reader */
		return 0;
	for (const char *const *name = g->calls; *name; name++) {
		int nr = seccomp_syscall_resolve_name(*name), r;

		if (nr < 0) /* not on this architecture, or newer than the library */
			continue;
		r = seccomp_rule_add(ctx, action, nr, 0);
		if (r < 0)
			return r;
		*allowed += g->verdict == SECCOMP_LET;
	}
	return 0;
}

static int add_calls(scmp_filter_ctx ctx, unsigned *allowed)
{
	int r = 0;

	for (const struct seccomp_group *g = seccomp_groups; !r && g->calls; g++)
		r = add_group(ctx, g, allowed);
	return r;
}

static int refuse(scmp_filter_ctx ctx, const char *call, int error, unsigned arg, uint64_t mask,
	uint64_t value)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(error), seccomp_syscall_resolve_name(call), 1,
		SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

static int add_arguments(scmp_filter_ctx ctx, unsigned *allowed)
{
	/* Typing into a terminal that someone else reads from. */
	static const unsigned ioctls[] = { TIOCSTI, TIOCLINUX };
	/* Sockets that reach past the network namespace, or much kernel code that few have read. */
	static const int families[] = { AF_VSOCK, AF_ALG, AF_PACKET, AF_KEY, AF_TIPC, AF_RDS,
		AF_XDP, AF_BLUETOOTH, AF_CAN, AF_NFC };
	int r = 0;

	(void)allowed;
	/* A user namespace more would give a full set of capabilities to attack the kernel with. */
	for (unsigned i = 0; !r && i < NS_KINDS; i++)
		r = refuse(ctx, "clone", EPERM, 0, ns_kinds[i].flag, ns_kinds[i].flag);
	for (unsigned i = 0; !r && i < ARRAY_SIZE(ioctls); i++)
		r = refuse(ctx, "ioctl", EPERM, 1, LOW32, ioctls[i]);
	for (unsigned i = 0; !r && i < ARRAY_SIZE(families); i++)
		r = refuse(ctx, "socket", EAFNOSUPPORT, 0, LOW32, (unsigned)families[i]);
	return r;
}

/* libseccomp writes a program to a descriptor only: a memory file, read back. */
static int export(scmp_filter_ctx ctx, struct sock_fprog *out)
{
	cleanup_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	off_t size;
	int r;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	size = lseek(fd, 0, SEEK_END);
	out->filter = malloc((size_t)size);
	if (!out->filter)
		return -ENOMEM;
	if (pread(fd, out->filter, (size_t)size, 0) != size)
		return -EIO;
	out->len = (unsigned short)((size_t)size / sizeof(*out->filter));
	return 0;
}

static int compile(struct sock_fprog *out, uint32_t otherwise,
	int (*add)(scmp_filter_ctx, unsigned *), unsigned *allowed)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	int r;

	if (!ctx)
		return -ENOMEM;
	/* A call by the ABI of another architecture (int 0x80, x32) has no honest user here. */
	r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!r)
		r = add(ctx, allowed);
	if (!r) /* a binary tree over the numbers instead of a list */
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!r)
		r = export(ctx, out);
	seccomp_release(ctx);
	return r;
}

/*
 * @first, then @second on whatever @first lets through: its "return ALLOW" become jumps to what
 * follows it. Jumps are relative, so @second runs as it is.
 */
static int splice_programs(
	const struct sock_fprog *first, const struct sock_fprog *second, struct sock_fprog *out)
{
	size_t n = (size_t)first->len + second->len;

	if (n > BPF_MAXINSNS)
		return -E2BIG;
	out->filter = malloc(n * sizeof(*out->filter));
	if (!out->filter)
		return -ENOMEM;
	memcpy(out->filter, first->filter, first->len * sizeof(*out->filter));
	memcpy(out->filter + first->len, second->filter, second->len * sizeof(*out->filter));
	for (unsigned i = 0; i < first->len; i++) {
		struct sock_filter *f = &out->filter[i];

		if (f->code == (BPF_RET | BPF_K) && f->k == SECCOMP_RET_ALLOW)
			*f = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, first->len - i - 1u);
	}
	out->len = (unsigned short)n;
	return 0;
}

int seccomp_compile(struct seccomp_program *sp, struct err *e)
{
	struct sock_fprog arguments = { 0 }, calls = { 0 };
	int r;

	memset(sp, 0, sizeof(*sp));
	/* ENOSYS, so that a libc newer than this table takes its older way instead of giving up. */
	r = compile(&calls, SCMP_ACT_ERRNO(ENOSYS), add_calls, &sp->allowed);
	if (!r)
		r = compile(&arguments, SCMP_ACT_ALLOW, add_arguments, NULL);
	if (!r)
		r = splice_programs(&arguments, &calls, &sp->prog);
	free(arguments.filter);
	free(calls.filter);
	if (r < 0)
		return err_set(e, r, "seccomp", "compiling the filter: %s", strerror(-r));
	return 0;
}

void seccomp_free(struct seccomp_program *sp)
{
	free(sp->prog.filter);
	memset(sp, 0, sizeof(*sp));
}

CHILD_CODE long seccomp_install(const struct seccomp_program *sp)
{
	return sp->prog.len ? sys3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &sp->prog) : 0;
}
