/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/measure.h"

#include <errno.h>
#include <string.h>

#include "base/memstream.h"
#include "base/util.h"
#include "runner/emulated_run.h"
#include "runner/kernels.h"
#include "runner/leftovers.h"
#include "runner/linux_guest.h"
#include "runner/resume.h"
#include "runner/runtimes.h"
#include "runner/session.h"
#include "runner/show.h"
#include "runner/signals.h"
#include "runner/ui.h"
#include "vmm/image.h"

char *command_line(int argc, char **argv)
{
	struct memstream all;

	if (memstream_open(&all) < 0)
		return NULL;
	fputs("bench", all.f);
	for (int i = 0; i < argc; i++)
		fprintf(all.f, " %s", argv[i]);
	return memstream_close(&all);
}

static bool wants_own_kernel(const struct run_options *o)
{
	for (size_t i = 0; i < o->runtimes.n; i++) {
		if (runtime_find(o->runtimes.names[i])->caps & RT_OWN_KERNEL)
			return true;
	}
	return false;
}

static bool wants_linux_guest(const struct run_options *o)
{
	bool linux_kernel = o->kernels.n == 0;

	for (size_t i = 0; i < o->kernels.n; i++)
		linux_kernel |= kernel_is_linux(o->kernels.names[i]);
	return linux_kernel && wants_own_kernel(o);
}

/* Where Linux guests cannot run natively, the whole run goes into the emulated machine. */
static int choose_machine(struct measure *m, struct err *e)
{
	const struct run_options *o = m->options;
	struct rt_config cfg = { .libexec = m->paths.libexec,
		.cache = m->paths.cache,
		.workload = m->paths.workload,
		.vcpus = 1,
		.cpus = o->cpus,
		.cancel_fd = -1 };

	m->emulated = m->resume ? m->resume->emulated : o->machine == ON_EMULATED;
	if (m->resume)
		return 0;
	if (o->machine != ON_AUTO || !wants_linux_guest(o))
		return 0;
	return linux_guest_place(&cfg, &m->emulated, e);
}

static int add_kernel(struct run_options *o, const char *name, struct err *e)
{
	if (o->kernels.n == MAX_NAMES)
		return err_set(e, -E2BIG, "kernel", "more than %d kernels", MAX_NAMES);
	o->kernels.names[o->kernels.n] = strdup(name);
	if (!o->kernels.names[o->kernels.n])
		return err_set(e, -ENOMEM, "kernel", "out of memory");
	o->kernels.n++;
	return 0;
}

/*
 * The running kernel's own image makes both sides the very same build; else a fetched one. Where
 * starting is measured, the guests that are no Linux stand beside it, and the minimal kernel where
 * it has been built.
 */
static int choose_kernels(struct measure *m, struct err *e)
{
	struct run_options *o = m->options;
	bool starts = run_options_any_starts(o);
	struct kernel_ref ref;
	struct err why;
	int r = 0;

	if (o->kernels.n || !wants_own_kernel(o))
		return 0;
	if (starts)
		r = add_kernel(o, "empty", e);
	if (!r && starts)
		r = add_kernel(o, "hello", e);
	if (!r && starts && !kernel_resolve("minimal", &m->paths, &ref, &why))
		r = add_kernel(o, "minimal", e);
	if (r)
		return r;
	return add_kernel(o,
		m->emulated || !kernel_resolve("host", &m->paths, &ref, &why) ? "host" : "distro",
		e);
}

/* An image that the user names is looked at before a machine is started for it. */
static int check_image(const struct measure *m, const char *path, struct err *e)
{
	struct kernel_image image;
	int r = image_open(path, m->paths.cache, &image, e);

	if (!r)
		image_close(&image);
	return r;
}

/* Unknown names are wrong usage, and said before anything is started. */
static int check_kernels(const struct measure *m, struct err *e)
{
	for (size_t i = 0; i < m->options->kernels.n; i++) {
		const char *name = m->options->kernels.names[i];
		int r = kernel_known(name, e);

		if (!r && strchr(name, '/'))
			r = check_image(m, name, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The folder of the run that is gone on with, and how far it came. */
static int find_dir(struct resume *resume, struct plan *p, struct rundir *dir, struct err *e)
{
	int r = resume_ways(resume, p, e);

	if (!r)
		r = resume_find(resume, p, e);
	if (!r)
		resume_take_dir(resume, dir);
	return r;
}

static int measure_here(struct measure *m, struct rundir *dir, bool *failed, struct err *e)
{
	struct session s = { .options = m->options,
		.paths = &m->paths,
		.command = m->command,
		.cancel_fd = m->cancel_fd,
		.resume = m->resume };
	int r = session_open(&s, e);

	if (!r)
		r = m->resume ? find_dir(m->resume, &s.plan, dir, e)
			      : rundir_make(m->options, dir, e);
	if (!r)
		r = rundir_open_log(dir, m->resume != NULL, e);
	if (!r)
		r = session_measure(&s, dir, failed, e);
	session_close(&s);
	return r;
}

static int dry_run(struct measure *m, struct err *e)
{
	struct plan p;
	int r = plan_build(m->options, &p, e);

	if (r < 0)
		return r;
	printf("machine: %s\n", m->emulated ? "emulated" : "native");
	plan_print(stdout, &p);
	plan_free(&p);
	return 0;
}

static int status_of(int r, bool failed, const struct err *e)
{
	if (r == -ENODEV)
		return STATUS_NOTHING;
	if (r < 0)
		return ui_status(e);
	return failed ? STATUS_FAILED : STATUS_OK;
}

/* Measure, and show what was measured, also where it was cut short. */
static int measure_and_show(struct measure *m, struct err *e)
{
	struct rundir dir = RUNDIR_CLOSED;
	bool failed = false;
	int r, status;

	r = m->emulated ? emulated_run(m, &dir, &failed, e) : measure_here(m, &dir, &failed, e);
	status = status_of(r, failed, e);
	if (r < 0)
		ui_error(e);
	if (r < 0 && *dir.path && !m->options->raw && !m->options->exec)
		ui_note("what was measured stays; to go on: bench run --resume '%s'", dir.path);
	snprintf(m->dir, sizeof(m->dir), "%s", dir.path);
	if (*dir.path && !m->options->raw && show_run(dir.path, m->options, e) < 0) {
		ui_error(e);
		status = status ? status : STATUS_FAILED;
	}
	rundir_close(&dir);
	return status;
}

static int prepare(struct measure *m, struct err *e)
{
	int r = m->command ? run_options_finish(m->options, e)
			   : err_set(e, -ENOMEM, "command", "no memory for the command line");

	if (!r)
		r = paths_find(&m->paths, e);
	if (!r)
		r = check_kernels(m, e);
	if (!r)
		r = choose_machine(m, e);
	if (!r)
		run_options_default_held(m->options, m->emulated);
	if (!r)
		r = choose_kernels(m, e);
	return r;
}

static int run_prepared(struct measure *m, struct err *e)
{
	int status;

	m->cancel_fd = signals_open(e);
	if (m->cancel_fd < 0) {
		ui_error(e);
		return STATUS_FAILED;
	}
	leftovers_sweep(&m->paths);
	status = measure_and_show(m, e);
	close_fd(&m->cancel_fd);
	return status;
}

int measure(struct measure *m)
{
	struct err e = { 0 };
	int r = prepare(m, &e);

	if (!r && m->options->dry_run)
		r = dry_run(m, &e);
	if (r < 0) {
		ui_error(&e);
		return status_of(r, false, &e);
	}
	return m->options->dry_run ? STATUS_OK : run_prepared(m, &e);
}
