/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/side.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "base/util.h"
#include "ctr/ns.h"
#include "runner/kernels.h"
#include "runner/runtimes.h"
#include "runner/signals.h"

#define TIMEOUT_NS (120 * NSEC_PER_SEC) /* of one launch; a stock kernel boots slowly emulated */
#define MAX_OUTPUT (4u << 20)
#define PROBE_PROGRAM "demo-probe"

/* A side made ready to launch. */
struct side {
	const struct runtime_ops *ops;
	struct rt_config cfg;
	struct runtime *rt;
	struct kernel_ref kernel;
	char probe[PATH_SIZE + 16];
};

const char *side_kernel(struct demo_run *run)
{
	struct kernel_ref ref;
	struct utsname here;
	struct err ignored;

	if (uname(&here) < 0)
		return demo_kernels[0];
	for (size_t i = 0; demo_kernels[i]; i++) {
		if (!kernel_resolve(demo_kernels[i], run->paths, &ref, &ignored) &&
			strcmp(ref.release, here.release))
			return demo_kernels[i];
	}
	return demo_kernels[0];
}

/* Linux needs more of /dev/kvm than our own kernel does. */
int side_linux(struct demo_run *run, struct err *why)
{
	const struct rt_config cfg = {
		.libexec = run->paths->libexec, .cpus = run->cpus, .cancel_fd = run->cancel_fd
	};

	return linux_guest_check(&run->linux_guest, &cfg, why);
}

static int find_kernel(
	struct demo_run *run, struct side *s, const struct side_job *job, struct err *why)
{
	const char *name = job->kernel ? job->kernel : side_kernel(run);
	int r = 0;

	if (kernel_is_linux(name))
		r = side_linux(run, why);
	if (!r)
		r = kernel_need(name, run->paths, &s->kernel, why);
	s->cfg.kernel = s->kernel.path;
	s->cfg.kernel_name = name;
	return r;
}

/* 0, or in @why what is in the way here. */
static int side_open(
	struct demo_run *run, struct side *s, const struct side_job *job, struct err *why)
{
	int r = 0;

	snprintf(s->probe, sizeof(s->probe), "%s/" PROBE_PROGRAM, run->paths->libexec);
	s->ops = runtime_find(job->runtime);
	s->cfg = (struct rt_config){
		.workload = s->probe,
		.program = job->program,
		.libexec = run->paths->libexec,
		.cache = run->paths->cache,
		.mem_bytes = job->mem_bytes,
		.vcpus = 1,
		.cpus = run->cpus,
		.cancel_fd = run->cancel_fd,
		.ctr_namespaces = ns_all(),
		.ctr_seccomp = !job->no_seccomp,
	};
	if (s->ops->caps & RT_OWN_KERNEL)
		r = find_kernel(run, s, job, why);
	if (!r)
		r = s->ops->probe(&s->cfg, why);
	return r ? r : s->ops->open(&s->cfg, &s->rt, why);
}

static char *take_output(int fd)
{
	cleanup_free char *path = format_text("/proc/self/fd/%d", fd);
	char *text = NULL;

	if (!path || read_file(path, MAX_OUTPUT, &text, NULL) < 0)
		return strdup("");
	return text;
}

/* It stays: look at it, then end it. */
static int look_at(const struct side_job *job, struct side *s, struct instance *in, int report_fd,
	struct err *e)
{
	struct rt_view view = { 0 };
	int r = s->ops->ready(in, e);

	if (r < 0)
		return r;
	s->ops->view(in, &view);
	return job->look(job->ctx, &view, report_fd, e);
}

/* 0: this runtime does not tell. */
static pid_t pid_of(const struct side *s, const struct instance *in)
{
	struct rt_view view = { 0 };

	if (s->ops->view)
		s->ops->view(in, &view);
	return view.pid;
}

static int launch(struct demo_run *run, struct side *s, const struct side_job *job, int output_fd,
	int report_fd, struct side_result *out, struct err *e)
{
	const struct job j = {
		.argv = job->argv,
		.deadline_ns = now_ns() + TIMEOUT_NS,
		.held = job->look != NULL,
		.report_fd = report_fd,
		.output_fd = output_fd,
		.error_fd = run->log_fd,
	};
	struct instance *in = NULL;
	int r = s->ops->launch(s->rt, &j, &in, e);

	if (r < 0)
		return r;
	out->pid = pid_of(s, in);
	r = job->look ? look_at(job, s, in, report_fd, e) : s->ops->wait(in, &out->outcome, e);
	s->ops->reap(in);
	return signals_pending(run->cancel_fd) ? err_set(e, -ECANCELED, "demo", "interrupted") : r;
}

static int launch_opened(struct demo_run *run, struct side *s, const struct side_job *job,
	struct side_result *out, struct err *e)
{
	cleanup_fd int report_fd =
		job->report_fd ? fcntl(job->report_fd, F_DUPFD_CLOEXEC, 3) : report_file();
	cleanup_fd int output_fd = memfd_create("demo-output", MFD_CLOEXEC);
	struct err ignored;
	int r;

	if (report_fd < 0 || output_fd < 0)
		return err_sys(e, "memfd_create", "making files for a report and an output");
	r = launch(run, s, job, output_fd, report_fd, out, e);
	if (r < 0)
		return r;
	report_read(report_fd, &out->report, &ignored); /* what is lacking there is missed later */
	out->output = take_output(output_fd);
	return out->output ? 0 : err_set(e, -ENOMEM, "demo", "out of memory");
}

/* What is in the way and what helps, as one text. */
static void side_why(const struct err *why, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s%s", why->message, *why->remedy ? " (try: " : "", why->remedy,
		*why->remedy ? ")" : "");
}

void side_put_missing(struct demo_facts *f, const char *side, const struct err *why)
{
	char missing[sizeof(((struct side_result *)0)->missing)];

	side_why(why, missing, sizeof(missing));
	demo_put_missing(f, side, missing);
}

int side_run(
	struct demo_run *run, const struct side_job *job, struct side_result *out, struct err *e)
{
	struct side s = { 0 };
	struct err why = { 0 };
	int r;

	*out = (struct side_result){ 0 };
	r = side_open(run, &s, job, &why);
	if (r == -ECANCELED) {
		*e = why;
		return r;
	}
	if (r < 0)
		side_why(&why, out->missing, sizeof(out->missing));
	else
		r = launch_opened(run, &s, job, out, e);
	if (s.cfg.kernel_name)
		snprintf(out->kernel, sizeof(out->kernel), "%s", s.cfg.kernel_name);
	if (s.rt)
		s.ops->close(s.rt);
	return *out->missing ? 0 : r;
}

void side_free(struct side_result *r)
{
	report_free(&r->report);
	free(r->output);
	*r = (struct side_result){ 0 };
}

void side_put(struct demo_facts *f, const char *side, const struct side_result *r)
{
	if (*r->missing) {
		demo_put_missing(f, side, r->missing);
		return;
	}
	if (*r->kernel)
		demo_put(f, side, "side.kernel", "%s", r->kernel);
	for (size_t i = 0; i < r->report.n; i++) {
		const struct record *rec = &r->report.records[i];

		if (rec->kind == RECORD_INFO)
			demo_put(f, side, rec->name, "%s", rec->text);
	}
	if (*r->outcome.reason)
		demo_put(f, side, "side.ended", "%s", r->outcome.reason);
}

int side_collect(struct demo_run *run, const char *side, char *const *argv, struct demo_facts *f,
	struct err *e)
{
	const struct side_job job = { .runtime = side, .argv = argv };

	return side_collect_job(run, side, &job, f, e);
}

int side_collect_job(struct demo_run *run, const char *side, const struct side_job *job,
	struct demo_facts *f, struct err *e)
{
	struct side_result result;
	int r = side_run(run, job, &result, e);

	if (!r)
		side_put(f, side, &result);
	side_free(&result);
	return r;
}
