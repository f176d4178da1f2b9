/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/together.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/proc.h"
#include "base/util.h"

#define ARGS_MAX 16
#define ARG_SIZE 256

/* To a worker: what to launch. It launches when the gate opens. */
struct order {
	unsigned argc;
	char argv[ARGS_MAX][ARG_SIZE];
};

/* From a worker: once when it is ready (its runtime is open), once for each launch. */
struct answer {
	int error; /* of the harness, negative errno; the result then says no more */
	struct err err;
	struct together_result result;
};

struct worker {
	pid_t pid;
	int pidfd, channel;
};

struct together {
	const struct trial_context *trial;
	const struct way *way;
	unsigned n;
	int gate; /* eventfd as a semaphore: a unit for each worker lets all go at once */
	struct worker workers[TOGETHER_MAX];
};

/* --- a worker's side --- */

static void launch_ordered(
	const struct together *t, const struct way *w, struct order *o, struct answer *a)
{
	char *argv[ARGS_MAX + 1] = { NULL };
	struct trial trial;
	uint64_t unit;

	for (unsigned i = 0; i < o->argc; i++)
		argv[i] = o->argv[i];
	if (read(t->gate, &unit, sizeof(unit)) != sizeof(unit)) {
		a->error = err_sys(&a->err, "read", "waiting for the word to launch");
		return;
	}
	a->error = trial_run(t->trial, w, argv, &trial, &a->err);
	a->result.outcome = trial.outcome;
	a->result.launched = trial.launched;
	snprintf(a->result.failure, sizeof(a->result.failure), "%.511s", trial.failure);
	trial_free(&trial);
}

/* Until the channel ends. Most handles are the runner's alone: then it has one of its own. */
static void serve(const struct together *t, int channel)
{
	bool shared = t->way->ops->caps & RT_SHARED;
	struct way w = *t->way;
	struct answer a = { 0 };
	struct order o;

	if (!shared) {
		w.rt = NULL;
		a.error = w.ops->open(&w.cfg, &w.rt, &a.err);
	}
	while (send(channel, &a, sizeof(a), MSG_NOSIGNAL) == sizeof(a) && !a.error) {
		if (recv(channel, &o, sizeof(o), 0) != sizeof(o))
			break;
		a = (struct answer){ 0 };
		launch_ordered(t, &w, &o, &a);
	}
	if (w.rt && !shared)
		w.ops->close(w.rt);
}

/* Of the runner's, only what it inherits on purpose: its signals stay blocked, so that an
 * interruption is the runner's to answer, and cancel_fd shows it here too. */
static void __attribute__((noreturn)) be_worker(const struct together *t, int channel, pid_t runner)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == runner)
		serve(t, channel);
	_exit(0);
}

/* --- the runner's side --- */

static int start_worker(struct together *t, unsigned i, struct err *e)
{
	struct worker *w = &t->workers[i];
	pid_t runner = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair", "a channel to a launching process");
	w->pid = fork();
	if (w->pid == 0) {
		for (unsigned k = 0; k <= i; k++) /* the others' ends: else none would ever end */
			close_fd(&t->workers[k].channel);
		close(pair[0]);
		be_worker(t, pair[1], runner);
	}
	close(pair[1]);
	w->channel = pair[0];
	if (w->pid < 0)
		return err_sys(e, "fork", "a launching process");
	w->pidfd = proc_pidfd(w->pid);
	if (w->pidfd < 0)
		return err_set(
			e, w->pidfd, "pidfd_open", "a launching process: %s", strerror(-w->pidfd));
	return 0;
}

/* The next answer of worker @i; the runner's interruption ends the waiting. */
static int hear(const struct together *t, unsigned i, struct answer *a, struct err *e)
{
	struct pollfd p[2] = { { .fd = t->workers[i].channel, .events = POLLIN },
		{ .fd = t->trial->cancel_fd, .events = POLLIN } };

	while (poll(p, 2, -1) < 0) {
		if (errno != EINTR)
			return err_sys(e, "poll", "waiting for a launching process");
	}
	if (!p[0].revents)
		return err_set(e, -ECANCELED, "wait", "interrupted");
	if (recv(t->workers[i].channel, a, sizeof(*a), 0) != sizeof(*a))
		return err_set(e, -ESRCH, "launch", "a launching process died");
	if (a->error)
		*e = a->err;
	return a->error;
}

int together_open(const struct trial_context *c, const struct way *w, unsigned n,
	struct together **out, struct err *e)
{
	struct together *t = calloc(1, sizeof(*t));
	struct answer a;
	int r = 0;

	if (!t)
		return err_set(e, -ENOMEM, "together", "out of memory");
	t->trial = c;
	t->way = w;
	t->n = n < TOGETHER_MAX ? n : TOGETHER_MAX;
	for (unsigned i = 0; i < t->n; i++)
		t->workers[i].pidfd = t->workers[i].channel = -1;
	t->gate = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	if (t->gate < 0)
		r = err_sys(e, "eventfd", "a gate for launches at once");
	for (unsigned i = 0; i < t->n && !r; i++)
		r = start_worker(t, i, e);
	for (unsigned i = 0; i < t->n && !r; i++)
		r = hear(t, i, &a, e);
	if (r < 0) {
		together_close(t);
		return r;
	}
	*out = t;
	return 0;
}

static int give_orders(const struct together *t, char *const *argv, struct err *e)
{
	struct order o = { 0 };

	for (; argv[o.argc]; o.argc++) {
		if (o.argc == ARGS_MAX || strlen(argv[o.argc]) >= ARG_SIZE)
			return err_set(e, -E2BIG, "together", "the arguments are too long");
		strcpy(o.argv[o.argc], argv[o.argc]);
	}
	for (unsigned i = 0; i < t->n; i++) {
		if (send(t->workers[i].channel, &o, sizeof(o), MSG_NOSIGNAL) != sizeof(o))
			return err_sys(e, "send", "the order to a launching process");
	}
	return 0;
}

int together_run(struct together *t, char *const *argv, struct together_result *results,
	uint64_t *took_ns, struct err *e)
{
	uint64_t units = t->n, began, end = 0;
	int r = give_orders(t, argv, e);

	if (r < 0)
		return r;
	began = now_ns();
	if (write(t->gate, &units, sizeof(units)) != sizeof(units))
		return err_sys(e, "write", "the word to launch");
	for (unsigned i = 0; i < t->n && !r; i++) {
		struct answer a;

		r = hear(t, i, &a, e);
		if (r < 0)
			break;
		results[i] = a.result;
		if (a.result.outcome.at[PHASE_RELEASED] > end)
			end = a.result.outcome.at[PHASE_RELEASED];
	}
	*took_ns = end > began ? end - began : 0;
	return r;
}

void together_close(struct together *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < t->n; i++)
		close_fd(&t->workers[i].channel);
	for (unsigned i = 0; i < t->n; i++) {
		struct worker *w = &t->workers[i];
		struct outcome out;
		bool late;

		if (w->pidfd < 0)
			continue;
		/* It takes away what it has launched before it ends; who hangs is killed. */
		if (!proc_await(w->pidfd, now_ns() + 5 * NSEC_PER_SEC, -1, &out, &late, NULL))
			proc_reap(w->pidfd, late, &out, NULL);
		close_fd(&w->pidfd);
	}
	close_fd(&t->gate);
	free(t);
}
