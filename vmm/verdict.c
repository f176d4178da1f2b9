/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "vmm/console.h"

#define CONSOLE_TAIL 400 /* bytes of the console in a reason */
#define ERR_TEXT (sizeof(struct err) + 16)

/* Printable text of at most @max bytes at @s, which need not end there. */
static void copy_text(char *to, size_t size, const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	if (n >= size)
		n = size - 1;
	for (size_t i = 0; i < n; i++)
		to[i] = s[i] < ' ' || s[i] > '~' ? '?' : s[i];
	to[n] = '\0';
}

static void set_reason(struct outcome *out, const struct vm_state *st, const char *what)
{
	char tail[CONSOLE_TAIL];
	size_t used;

	snprintf(out->reason, sizeof(out->reason), "%s", what);
	console_tail(st, tail, sizeof(tail));
	used = strlen(out->reason);
	if (*tail)
		snprintf(out->reason + used, sizeof(out->reason) - used, "; console: %s", tail);
}

/* "step: message (remedy)" as the VMM left it; @otherwise where it left none. */
static void describe_err(const struct err *e, const char *otherwise, char *out, size_t size)
{
	char step[sizeof(e->step)], message[sizeof(e->message)], remedy[sizeof(e->remedy)];

	copy_text(step, sizeof(step), e->step, sizeof(e->step));
	copy_text(message, sizeof(message), e->message, sizeof(e->message));
	copy_text(remedy, sizeof(remedy), e->remedy, sizeof(e->remedy));
	if (!*message)
		snprintf(out, size, "%s", otherwise);
	else
		snprintf(out, size, "%s: %s%s%s%s", step, message, *remedy ? " (" : "", remedy,
			*remedy ? ")" : "");
}

/*
 * When process 1 ends, Linux panics with "Attempted to kill init! exitcode=0x0000000b": a wait
 * status (kernel/exit.c). So a workload that crashed is told by its signal, as everywhere else.
 */
static bool init_died(const char *text, struct outcome *out)
{
	static const char mark[] = "Attempted to kill init! exitcode=0x";
	const char *at = strstr(text, mark);
	unsigned long status;

	if (!at)
		return false;
	status = strtoul(at + sizeof(mark) - 1, NULL, 16);
	if (status > 0xffff || (status & 0x7f) == 0x7f) /* no such status: the guest made it up */
		return false;
	out->kind = status & 0x7f ? OUTCOME_SIGNALED : OUTCOME_EXITED;
	out->code = status & 0x7f ? (int)(status & 0x7f) : (int)(status >> 8 & 0xff);
	return true;
}

static void judge_exit(const struct vm_state *st, struct outcome *out)
{
	out->kind = OUTCOME_EXITED;
	out->code = (int)(st->status & 0xffffff);
	out->reason[0] = '\0';
	if (out->code)
		snprintf(out->reason, sizeof(out->reason), "exit status %d", out->code);
}

static void judge_reset(const struct vm_state *st, struct outcome *out)
{
	char tail[CONSOLE_TAIL], what[128];

	console_tail(st, tail, sizeof(tail));
	out->kind = OUTCOME_BROKEN;
	if (!init_died(tail, out)) {
		set_reason(out, st,
			strstr(tail, "Kernel panic")
				? "the guest kernel panicked"
				: "the guest reset itself without an exit status");
		return;
	}
	if (out->kind == OUTCOME_EXITED && !out->code) {
		out->reason[0] = '\0';
		return;
	}
	if (out->kind == OUTCOME_SIGNALED)
		snprintf(what, sizeof(what), "killed by signal %d (%s) in the guest", out->code,
			strsignal(out->code));
	else
		snprintf(what, sizeof(what), "exit status %d, not reported to the VMM", out->code);
	set_reason(out, st, what);
}

static void judge_deadline(const struct vm_state *st, struct outcome *out)
{
	char what[ERR_TEXT];

	describe_err(&st->err, "guest still alive at the deadline", what, sizeof(what));
	out->kind = OUTCOME_TIMEOUT;
	set_reason(out, st, what);
}

static void judge_broken(const struct vm_state *st, struct outcome *out)
{
	char what[ERR_TEXT];

	describe_err(&st->err, "the VM ended without saying why", what, sizeof(what));
	out->kind = OUTCOME_BROKEN;
	set_reason(out, st, what);
}

/* The VMM itself was killed, at the deadline or by somebody. */
static void judge_killed(const struct vm_state *st, struct outcome *out)
{
	char what[sizeof(out->reason) + 16];

	if (out->kind == OUTCOME_TIMEOUT) {
		set_reason(out, st, "the VMM was still running after the deadline, killed");
		return;
	}
	if (out->kind == OUTCOME_EXITED && out->code > VM_EXIT_UNTOLD)
		snprintf(what, sizeof(what), "the VMM: what it shares with the runner: %s",
			strerror(out->code - VM_EXIT_UNTOLD));
	else
		snprintf(what, sizeof(what), "the VMM: %s",
			*out->reason ? out->reason : "no result");
	out->kind = OUTCOME_BROKEN;
	set_reason(out, st, what);
}

/*
 * Its filter has killed the VMM. That is told whatever the shared memory says: who makes a call
 * that no VMM makes can also have written there that all is well.
 */
static void judge_confined(const struct vm_state *st, struct outcome *out)
{
	out->kind = OUTCOME_BROKEN;
	set_reason(out, st,
		"sandbox: the VMM was killed (SIGSYS) for a system call that is not on its list; "
		"a guest may have taken it over (its number: the kernel's log, audit type 1326)");
}

static void (*const judges[VM_END_COUNT])(const struct vm_state *, struct outcome *) = {
	[VM_RUNNING] = judge_killed,
	[VM_END_EXIT] = judge_exit,
	[VM_END_RESET] = judge_reset,
	[VM_END_SHUTDOWN] = judge_broken,
	[VM_END_ENTRY] = judge_broken,
	[VM_END_KVM] = judge_broken,
	[VM_END_SNAPSHOT] = judge_broken, /* not of a launch: vmm/runtime_snapshot.c asks for it */
	[VM_END_HALT] = judge_broken,
	[VM_END_DEADLINE] = judge_deadline,
	[VM_END_SIGNAL] = judge_broken,
	[VM_END_ERROR] = judge_broken,
};

static void take_exits(const struct vm_state *st, struct outcome *out)
{
	out->has_exits = true;
	out->exits = st->kvm_exits;
	out->exits_user = 0;
	for (size_t i = 0; i < VM_EXIT_REASONS; i++)
		out->exits_user += st->exits[i];
}

void vm_verdict(const struct vm_state *st, struct outcome *out)
{
	uint32_t end = __atomic_load_n(&st->end, __ATOMIC_ACQUIRE);

	out->at[PHASE_SANDBOX] = st->at[VM_AT_ENTER];
	out->at[PHASE_INIT] = st->mark_at[MARK_INIT];
	out->at[PHASE_MAIN] = st->mark_at[MARK_MAIN];
	out->at[PHASE_WORK] = st->mark_at[MARK_WORK];
	take_exits(st, out);
	if (out->kind == OUTCOME_SIGNALED && out->code == SIGSYS)
		judge_confined(st, out);
	else
		(end < VM_END_COUNT ? judges[end] : judge_killed)(st, out);
}
