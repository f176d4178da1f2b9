/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a list of calls to a filter of the kernel's (seccomp(2)). */
#include <errno.h>
#include <linux/audit.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bpf.h"
#include "vmm/sandbox.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2) /* since Linux 4.17 */
#endif

struct program {
	struct sock_filter *code;
	unsigned len; /* beyond SANDBOX_CODE_MAX: it did not fit */
};

static void emit(struct program *p, struct sock_filter f)
{
	if (p->len < SANDBOX_CODE_MAX)
		p->code[p->len] = f;
	p->len++;
}

/* Rows of a call follow each other: the end of those of @first's. */
static size_t end_of_call(size_t first)
{
	size_t end = first + 1;

	while (end < sandbox_rows_count && sandbox_rows[end].call == sandbox_rows[first].call)
		end++;
	return end;
}

/* The rows @first to before @end, which are one call: whether @list has it, and with what values.
 */
static void emit_call(
	struct program *p, enum sandbox_list list, pid_t self, size_t first, size_t end)
{
	const struct sandbox_row *mine[SANDBOX_CODE_MAX];
	unsigned n = 0, checks;

	for (size_t i = first; i < end && n < SANDBOX_CODE_MAX / 2; i++) {
		if (sandbox_rows[i].lists & 1u << list)
			mine[n++] = &sandbox_rows[i];
	}
	if (!n)
		return;
	checks = mine[0]->argument == SANDBOX_ANY ? 0 : n + 2;
	emit(p, (struct sock_filter)BPF_IF_EQUAL(
			(uint32_t)mine[0]->call, 0, (unsigned char)(checks + 1)));
	if (checks) {
		emit(p, (struct sock_filter)BPF_LOAD_ARG(mine[0]->argument));
		for (unsigned i = 0; i < n; i++) {
			uint32_t value =
				mine[i]->value == SANDBOX_SELF ? (uint32_t)self : mine[i]->value;

			emit(p, (struct sock_filter)BPF_IF_EQUAL(value, (unsigned char)(n - i), 0));
		}
		emit(p, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_KILL_PROCESS));
	}
	emit(p, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ALLOW));
}

/*
 * In the table's order, so that KVM_RUN, the one call that a guest's speed hangs on, is found by
 * the sixth instruction. Numbers of the x32 ABI have a bit more than any row's, and so are killed.
 */
unsigned sandbox_program(
	enum sandbox_list list, pid_t self, struct sock_filter code[SANDBOX_CODE_MAX])
{
	struct program p = { code, 0 };

	emit(&p, (struct sock_filter)BPF_LOAD(arch));
	/* int 0x80 is the door to another table of calls. */
	emit(&p, (struct sock_filter)BPF_IF_EQUAL(AUDIT_ARCH_X86_64, 1, 0));
	emit(&p, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_KILL_PROCESS));
	emit(&p, (struct sock_filter)BPF_LOAD(nr));
	for (size_t first = 0, end; first < sandbox_rows_count; first = end) {
		end = end_of_call(first);
		emit_call(&p, list, self, first, end);
	}
	emit(&p, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_KILL_PROCESS));
	return p.len <= SANDBOX_CODE_MAX ? p.len : 0;
}

/*
 * SPEC_ALLOW: before Linux 5.16 a filter turns off speculative store bypass for its thread, against
 * programs that run an enemy's code from within, like a browser. This one does not, and its guest
 * would be slower on some kernels than on others.
 */
int sandbox_filter(enum sandbox_list list, struct err *e)
{
	struct sock_filter code[SANDBOX_CODE_MAX];
	const struct sock_fprog program = {
		.len = (unsigned short)sandbox_program(list, getpid(), code),
		.filter = code,
	};

	if (!program.len)
		return err_set(
			e, -E2BIG, "seccomp", "list %d of the VMM's calls is too long", list);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		    &program) == 0)
		return 0;
	err_sys(e, "seccomp", "the filter of the VMM's calls");
	return err_help(e, "use a kernel with CONFIG_SECCOMP_FILTER, Linux 4.17 or later");
}
