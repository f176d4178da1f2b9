/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/trial.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/util.h"
#include "runner/signals.h"

static void judge_end(struct trial *t, bool silent, int report_error, const struct err *e)
{
	const struct outcome *out = &t->outcome;

	if (out->kind != OUTCOME_EXITED || out->code)
		snprintf(t->failure, sizeof(t->failure), "%s", out->reason);
	else if (report_error)
		snprintf(t->failure, sizeof(t->failure), "%s", e->message);
	else if (!t->report.ended && !silent)
		snprintf(t->failure, sizeof(t->failure),
			"the workload ended well, but its report is cut off");
}

/* Where nobody stamped the moment from outside, the workload did, by the clock that it shares with
 * us. It is untrusted: what lies outside of the launch is said by judge_order. */
static void take_mark(struct trial *t, enum phase p, const char *key)
{
	const char *text = report_info(&t->report, key);
	uint64_t ns;

	if (!t->outcome.at[p] && text && !parse_u64(text, 1, UINT64_MAX, &ns))
		t->outcome.at[p] = ns;
}

static void judge_order(struct trial *t)
{
	enum phase p = phases_disorder(t->outcome.at);

	if (p == PHASE_COUNT || *t->failure)
		return;
	snprintf(t->failure, sizeof(t->failure),
		"the event '%s' is earlier than one that comes before it", phase_names[p]);
}

int trial_carry_out(const struct trial_context *c, const struct way *w, const struct job *job,
	struct trial *t, struct err *e)
{
	struct instance *in = NULL;
	struct err why = { 0 };
	int r = w->ops->launch(w->rt, job, &in, &why);

	if (r == -ECANCELED)
		return err_set(e, r, "launch", "interrupted");
	if (r < 0) {
		snprintf(t->failure, sizeof(t->failure), "launch failed: %s: %s", why.step,
			why.message);
		return 0;
	}
	t->launched = true;
	r = w->ops->wait(in, &t->outcome, &why);
	w->ops->reap(in);
	t->outcome.at[PHASE_RELEASED] = now_ns();
	if (r == -ECANCELED || signals_pending(c->cancel_fd))
		return err_set(e, -ECANCELED, "wait", "interrupted");
	if (r < 0) {
		t->outcome.kind = OUTCOME_BROKEN;
		snprintf(t->outcome.reason, sizeof(t->outcome.reason), "%s: %s", why.step,
			why.message);
	}
	return 0;
}

int trial_run(const struct trial_context *c, const struct way *w, char *const *argv,
	struct trial *t, struct err *e)
{
	cleanup_fd int report_fd = report_file();
	struct job job = {
		.argv = argv,
		.deadline_ns = now_ns() + c->timeout_ns,
		.report_fd = report_fd,
		.output_fd = c->log_fd,
	};
	struct err why = { 0 };
	int r;

	*t = (struct trial){ 0 };
	if (report_fd < 0)
		return err_set(e, report_fd, "memfd_create", "making a report file: %s",
			strerror(-report_fd));
	r = trial_carry_out(c, w, &job, t, e);
	if (r < 0 || !t->launched)
		return r;
	r = report_read(report_fd, &t->report, &why);
	judge_end(t, w->silent, r, &why);
	take_mark(t, PHASE_MAIN, "mark.main_ns");
	take_mark(t, PHASE_WORK, "mark.work_ns");
	judge_order(t);
	return 0;
}

void trial_free(struct trial *t)
{
	report_free(&t->report);
}
