/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench run": choose where, measure, and show what came out. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/emulated_run.h"
#include "runner/kernels.h"
#include "runner/machine.h"
#include "runner/paths.h"
#include "runner/rundir.h"
#include "runner/run_options.h"
#include "runner/runtimes.h"
#include "runner/session.h"
#include "runner/show.h"
#include "runner/signals.h"
#include "runner/ui.h"
#include "runner/verbs.h"
#include "vmm/image.h"
#include "vmm/probe.h"

/* Everything of one "bench run". */
struct run {
	struct run_options options;
	struct paths paths;
	char *command; /* the command line as typed */
	int cancel_fd;
	bool emulated;
};

static char *join_words(int argc, char **argv)
{
	char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);

	if (!f)
		return NULL;
	fputs("bench", f);
	for (int i = 0; i < argc; i++)
		fprintf(f, " %s", argv[i]);
	fclose(f);
	return all;
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
static int choose_machine(struct run *run, struct err *e)
{
	const struct run_options *o = &run->options;
	struct rt_config cfg = { .libexec = run->paths.libexec,
		.cache = run->paths.cache,
		.workload = run->paths.workload,
		.vcpus = 1,
		.cpus = o->cpus,
		.cancel_fd = -1 };
	struct kvm_probe probe;
	struct err why;
	int r;

	run->emulated = o->machine == ON_EMULATED;
	if (o->machine != ON_AUTO || !wants_linux_guest(o))
		return 0;
	r = kvm_probe_guest(&cfg, &probe, e);
	if (r < 0)
		return r;
	if (probe.linux_can_run)
		return 0;
	if (machine_probe(&why) < 0) { /* neither: what can run natively does */
		ui_warn("no emulated machine either: %s", why.message);
		return 0;
	}
	ui_note("%s: running in the emulated machine", probe.reason);
	run->emulated = true;
	return 0;
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
static int choose_kernels(struct run *run, struct err *e)
{
	struct run_options *o = &run->options;
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
	if (!r && starts && !kernel_resolve("minimal", &run->paths, &ref, &why))
		r = add_kernel(o, "minimal", e);
	if (r)
		return r;
	return add_kernel(o,
		run->emulated || !kernel_resolve("host", &run->paths, &ref, &why) ? "host"
										  : "distro",
		e);
}

/* An image that the user names is looked at before a machine is started for it. */
static int check_image(const struct run *run, const char *path, struct err *e)
{
	struct kernel_image image;
	int r = image_open(path, run->paths.cache, &image, e);

	if (!r)
		image_close(&image);
	return r;
}

/* Unknown names are wrong usage, and said before anything is started. */
static int check_kernels(const struct run *run, struct err *e)
{
	for (size_t i = 0; i < run->options.kernels.n; i++) {
		const char *name = run->options.kernels.names[i];
		int r = kernel_known(name, e);

		if (!r && strchr(name, '/'))
			r = check_image(run, name, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int measure_here(struct run *run, struct rundir *dir, bool *failed, struct err *e)
{
	struct session s = { .options = &run->options,
		.paths = &run->paths,
		.command = run->command,
		.cancel_fd = run->cancel_fd };
	int r = session_open(&s, e);

	if (!r)
		r = rundir_make(&run->options, dir, e);
	if (!r)
		r = rundir_open_log(dir, e);
	if (!r)
		r = session_measure(&s, dir, failed, e);
	session_close(&s);
	return r;
}

static int dry_run(struct run *run, struct err *e)
{
	struct plan p;
	int r = plan_build(&run->options, &p, e);

	if (r < 0)
		return r;
	printf("machine: %s\n", run->emulated ? "emulated" : "native");
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
static int measure_and_show(struct run *run, struct err *e)
{
	struct rundir dir = { .log_fd = -1 };
	bool failed = false;
	int r, status;

	r = run->emulated ? emulated_run(&run->options, &run->paths, run->command, run->cancel_fd,
				    &dir, &failed, e)
			  : measure_here(run, &dir, &failed, e);
	status = status_of(r, failed, e);
	if (r < 0)
		ui_error(e);
	if (*dir.path && !run->options.raw && show_run(dir.path, &run->options, e) < 0) {
		ui_error(e);
		status = status ? status : STATUS_FAILED;
	}
	rundir_close(&dir);
	return status;
}

static int prepare(struct run *run, struct err *e)
{
	int r = run_options_finish(&run->options, e);

	if (!r)
		r = paths_find(&run->paths, e);
	if (!r)
		r = check_kernels(run, e);
	if (!r)
		r = choose_machine(run, e);
	if (!r)
		r = choose_kernels(run, e);
	return r;
}

static int run_prepared(struct run *run, struct err *e)
{
	int status;

	run->cancel_fd = signals_open(e);
	if (run->cancel_fd < 0) {
		ui_error(e);
		return STATUS_FAILED;
	}
	status = measure_and_show(run, e);
	close_fd(&run->cancel_fd);
	return status;
}

static int run_run(const struct verb *v, int argc, char **argv)
{
	struct run run = { .cancel_fd = -1 };
	struct err e = { 0 };
	int first, status, r;

	run_options_init(&run.options);
	if (!verb_parse(v, argc, argv, &run.options, &first, &status))
		goto out;
	if (first != argc) {
		err_set(&e, -EINVAL, "usage", "'%s': run takes no operand", argv[first]);
		status = verb_usage_error(v, &e);
		goto out;
	}
	run.command = join_words(argc, argv);
	r = prepare(&run, &e);
	if (!r && run.options.dry_run)
		r = dry_run(&run, &e);
	if (r < 0) {
		ui_error(&e);
		status = status_of(r, false, &e);
	} else {
		status = run.options.dry_run ? STATUS_OK : run_prepared(&run, &e);
	}
out:
	free(run.command);
	run_options_free(&run.options);
	return status;
}

const struct verb run_verb = {
	.name = "run",
	.args = "",
	.summary = "measure, side by side, and leave CSV, plots and a report",
	.options = run_option_specs,
	.run = run_run,
};
