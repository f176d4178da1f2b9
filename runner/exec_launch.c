/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/exec_launch.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/exec_job.h"
#include "runner/outputs.h"
#include "runner/peak.h"
#include "runner/rows_exec.h"
#include "runner/ui.h"

/* "0007-vm-distro": sorts by block, and holds no slash. */
static void output_name(const struct schedule *s, const struct launch *l, char *out, size_t size)
{
	char label[96];

	way_label(&s->plan->ways[l->way], label, sizeof(label));
	for (char *p = label; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			*p = '-';
	}
	snprintf(out, size, "%04u-%s", l->block, label);
}

/* What ended it, as the shell counts: 128+N for signal N. -1: it did not come to an end. */
static int status_of(const struct outcome *out)
{
	switch (out->kind) {
	case OUTCOME_EXITED:
		return out->code;
	case OUTCOME_SIGNALED:
		return 128 + out->code;
	default:
		return -1;
	}
}

/* What a guest's init knows is more than the status that it ends the guest with. */
static void explain(struct trial *t)
{
	const char *error = report_info(&t->report, "exec.error");
	const char *signal_text = report_info(&t->report, "exec.signal");
	uint64_t number;

	/* Linux unpacks what fits and goes on without the rest, of which init is the last. */
	if (strstr(t->outcome.reason, "Unable to mount root fs"))
		snprintf(t->failure, sizeof(t->failure),
			"the guest's memory is too small for the tree (--mem): %s",
			t->outcome.reason);
	else if (error)
		snprintf(t->failure, sizeof(t->failure), "%s", error);
	else if (signal_text && !parse_u64(signal_text, 1, 64, &number))
		snprintf(t->failure, sizeof(t->failure), "killed by signal %d (%s)", (int)number,
			strsignal((int)number));
	else
		snprintf(t->failure, sizeof(t->failure), "%s", t->outcome.reason);
}

static void judge(const struct exec_job *j, struct trial *t, const struct capture *c)
{
	int status = status_of(&t->outcome);

	if (*t->failure)
		return;
	if (status < 0 || !exec_status_good(j, status) || report_info(&t->report, "exec.error"))
		explain(t);
	else if (c->error)
		snprintf(t->failure, sizeof(t->failure), "its output could not be kept: %s",
			strerror(-c->error));
}

/* What a launch prints: on stdout, and on stderr. */
struct printed {
	struct capture out, log;
};

static int start_captures(
	struct schedule *s, const struct launch *l, struct printed *p, struct err *e)
{
	char name[128];
	int r;

	p->log = (struct capture)CAPTURE_NONE;
	output_name(s, l, name, sizeof(name));
	r = capture_start(&p->out, s->dir, name, e);
	return r ? r : capture_into(&p->log, s->trial.log_fd, e);
}

static void end_captures(struct printed *p)
{
	capture_end(&p->out);
	capture_end(&p->log);
}

static void warn_of_too_much(const char *label, size_t launch, const char *where, uint64_t bytes)
{
	if (bytes > OUTPUT_MAX)
		ui_warn("%s, launch %zu: it printed %ju bytes on %s, of which the first %u are "
			"kept",
			label, launch, (uintmax_t)bytes, where, OUTPUT_MAX);
}

static int run(struct schedule *s, const struct launch *l, struct printed *p, struct trial *t,
	struct err *e)
{
	const struct exec_job *j = s->plan->exec;
	cleanup_fd int report_fd = report_file();
	const struct job job = {
		.argv = j->program.argv,
		.deadline_ns = now_ns() + s->trial.timeout_ns,
		.report_fd = report_fd,
		.output_fd = p->out.write_fd,
		.error_fd = p->log.write_fd,
	};
	struct err why = { 0 };
	int r;

	if (report_fd < 0)
		return err_set(e, report_fd, "memfd_create", "making a report file: %s",
			strerror(-report_fd));
	r = trial_carry_out(&s->trial, &s->plan->ways[l->way], &job, t, e);
	end_captures(p);
	if (r < 0 || !t->launched)
		return r;
	/* Only a guest's init has written one; what it lacks is missed by the rows. */
	report_read(report_fd, &t->report, &why);
	judge(j, t, &p->out);
	return 0;
}

/* Of a child of ours: what rusage says, unless that is our own peak from before its exec. */
static uint64_t peak_bytes(struct schedule *s, const struct outcome *out)
{
	uint64_t bytes = (uint64_t)out->usage.ru_maxrss * 1024, own_bytes;
	struct rusage own = { 0 };

	getrusage(RUSAGE_SELF, &own);
	own_bytes = (uint64_t)own.ru_maxrss * 1024;
	return bytes > own_bytes ? bytes : peak_end(s->peak, own_bytes);
}

static int put_rows(
	struct schedule *s, const struct launch *l, const struct trial *t, struct err *e)
{
	struct sample base = rows_template(s->plan, l, s->run_id);

	base.benchmark = s->plan->exec->name;
	base.params = "";
	base.status = l->warmup ? SAMPLE_WARMUP : SAMPLE_OK;
	if (*t->failure) {
		base.status = t->outcome.kind == OUTCOME_TIMEOUT ? SAMPLE_TIMEOUT : SAMPLE_FAILED;
		base.reason = t->failure;
	}
	return rows_exec(&s->plan->ways[l->way], base, &t->outcome, &t->report,
		peak_bytes(s, &t->outcome), s->put, s->ctx, e);
}

/* What the guest's init found out about where it runs, once a way. */
static void tell_inside(struct schedule *s, unsigned way, const struct report *rep)
{
	for (size_t i = 0; s->inside && !s->plan->ways[way].told && i < rep->n; i++) {
		const struct record *r = &rep->records[i];

		if (r->kind == RECORD_INFO && !strncmp(r->name, "kernel.", 7))
			s->inside(s->ctx, way, r->name, r->text);
	}
	s->plan->ways[way].told |= rep->n > 0;
}

int exec_launch(struct schedule *s, size_t i, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	struct trial t = { 0 };
	struct printed p;
	char label[96];
	int r;

	r = start_captures(s, l, &p, e);
	peak_begin(s->peak);
	if (!r)
		r = run(s, l, &p, &t, e);
	end_captures(&p);
	way_label(&s->plan->ways[l->way], label, sizeof(label));
	if (!r) {
		warn_of_too_much(label, i, "stdout", p.out.bytes);
		warn_of_too_much(label, i, "stderr", p.log.bytes);
	}
	if (!r && *t.failure) {
		ui_warn("%s, launch %zu: %s", label, i, t.failure);
		s->failed = true;
	}
	if (!r) {
		tell_inside(s, l->way, &t.report);
		r = put_rows(s, l, &t, e);
	}
	trial_free(&t);
	return r;
}
