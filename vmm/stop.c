/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/stop.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "vmm/vm.h"

#define SIGNAL_DEADLINE SIGALRM

/* The deadline's timer repeats: on a KVM without immediate_exit (before Linux 4.12) a signal can
 * fall into the gap before KVM_RUN, and the next one then ends the guest. */
#define REPEAT_NS 20000000

static struct vm *stop_vm;

static void on_signal(int sig)
{
	int saved = errno;
	struct vm *vm = __atomic_load_n(&stop_vm, __ATOMIC_ACQUIRE);

	if (vm && sig != STOP_SIGNAL_KICK)
		vm_end(vm, sig == SIGNAL_DEADLINE ? VM_END_DEADLINE : VM_END_SIGNAL);
	errno = saved;
}

static int arm_timer(struct stop *s, uint64_t deadline_ns, struct err *e)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGNAL_DEADLINE };
	struct itimerspec at = {
		.it_value = { (time_t)(deadline_ns / NSEC_PER_SEC),
			(long)(deadline_ns % NSEC_PER_SEC) },
		.it_interval = { 0, REPEAT_NS },
	};

	if (!deadline_ns)
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &ev, &s->timer) < 0)
		return err_sys(e, "timer_create", "for the deadline");
	s->armed = 1;
	if (timer_settime(s->timer, TIMER_ABSTIME, &at, NULL) < 0)
		return err_sys(e, "timer_settime", "for the deadline");
	return 0;
}

int stop_arm(struct stop *s, struct vm *vm, uint64_t deadline_ns, struct err *e)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGNAL_DEADLINE, STOP_SIGNAL_KICK };
	struct sigaction sa = { .sa_handler = on_signal }; /* no SA_RESTART: calls shall return */

	*s = (struct stop){ 0 };
	/* A reader that has gone, or a limit on the size of files, is an error of that write: the
	 * guest that prints must not end its VMM. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	__atomic_store_n(&stop_vm, vm, __ATOMIC_RELEASE);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], &sa, NULL) < 0)
			return err_sys(e, "sigaction", "%s", strsignal(signals[i]));
	}
	return arm_timer(s, deadline_ns, e);
}

void stop_disarm(struct stop *s)
{
	if (s->armed)
		timer_delete(s->timer);
	s->armed = 0;
	__atomic_store_n(&stop_vm, NULL, __ATOMIC_RELEASE);
}
