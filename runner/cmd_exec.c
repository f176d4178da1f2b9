/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench exec": measure a program of the user's own, start to exit. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/exec_job.h"
#include "runner/measure.h"
#include "runner/outputs.h"
#include "runner/suites.h"
#include "runner/ui.h"
#include "runner/verbs.h"

#define TREE_TOLD (UINT64_C(16) << 20) /* bytes */

/* The options of "bench run" come first: their setters take the whole for a struct run_options. */
struct exec_options {
	struct run_options run;
	struct exec_request request;
};

/* What of "bench run" makes no sense for one program. */
static const char *const not_ours[] = { "suite", "filter", "concurrency", "sustain", "ctr-steps",
	"instances", "count", "keep-free", "resume", NULL };

static struct exec_request *request(void *p)
{
	return &((struct exec_options *)p)->request;
}

static int set_rootfs(void *p, const char *v, struct err *e)
{
	request(p)->rootfs = v;
	return *v ? 0 : err_set(e, -EINVAL, "usage", "--rootfs: an empty name");
}

static int set_tree(void *p, const char *v, struct err *e)
{
	(void)e;
	request(p)->tree = v;
	return 0;
}

static int set_name(void *p, const char *v, struct err *e)
{
	(void)e;
	request(p)->name = v;
	return 0;
}

static int set_chdir(void *p, const char *v, struct err *e)
{
	(void)e;
	request(p)->dir = v;
	return 0;
}

static int add_word(
	const char *option, const char **list, unsigned *n, const char *v, struct err *e)
{
	if (*n == EXEC_NAMES_MAX)
		return err_set(
			e, -EINVAL, "usage", "--%s: more than %d times", option, EXEC_NAMES_MAX);
	list[(*n)++] = v;
	return 0;
}

static int set_copy(void *p, const char *v, struct err *e)
{
	return add_word("copy", request(p)->copies, &request(p)->n_copies, v, e);
}

static int set_with(void *p, const char *v, struct err *e)
{
	return add_word("with", request(p)->with, &request(p)->n_with, v, e);
}

static int set_env(void *p, const char *v, struct err *e)
{
	return add_word("env", request(p)->env, &request(p)->n_env, v, e);
}

static int set_ignore_status(void *p, const char *v, struct err *e)
{
	uint64_t status = 0;

	if (!strcmp(v, "any")) {
		request(p)->good_status = EXEC_ANY_STATUS;
		return 0;
	}
	if (parse_u64(v, 0, 255, &status))
		return err_set(e, -EINVAL, "usage",
			"--ignore-status: '%s' is neither 'any' nor a number from 0 to 255", v);
	request(p)->good_status = (int)status;
	return 0;
}

static int set_check_output(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	request(p)->check_output = true;
	return 0;
}

static const struct option_spec own_specs[] = {
	{ "rootfs", "DIR", "a whole root file system to run it in, on all sides", set_rootfs },
	{ "copy", "PATH", "a file or folder that it needs besides; may be repeated", set_copy },
	{ "with", "PROGRAM", "another program that it starts; may be repeated", set_with },
	{ "env", "NAME[=VALUE]", "set in its environment; may be repeated", set_env },
	{ "chdir", "DIR", "where it starts (default /)", set_chdir },
	{ "ignore-status", "N|any", "exit status that is no failure, besides 0",
		set_ignore_status },
	{ "check-output", NULL, "all launches must have printed the same", set_check_output },
	{ "tree", "DIR", NULL, set_tree },
	{ "name", "NAME", NULL, set_name },
	{ 0 },
};

/* 0, or 1 with the difference said: the measurements stand, but not what they were for. */
static int check_outputs(const char *dir)
{
	bool same = false;
	struct err e = { 0 };
	int r = outputs_compare(dir, &same, &e);

	if (r < 0 || !same)
		ui_error(&e);
	else
		ui_note("all launches printed the same");
	return r < 0 || !same;
}

/* Not what other guests get, so it is said, where it is more than a little. */
static void tell_memory(const struct exec_options *o, const struct exec_job *job)
{
	if (o->run.mem_mib || o->run.raw || job->tree.bytes < TREE_TOLD)
		return;
	ui_note("the tree has %ju MiB: a guest gets %ju MiB of memory, --mem would change that",
		(uintmax_t)(job->tree.bytes >> 20), (uintmax_t)(exec_guest_bytes(job) >> 20));
}

static int measure_program(struct exec_options *o, char *command, char *const *argv)
{
	struct measure m = { .options = &o->run, .command = command, .cancel_fd = -1 };
	struct exec_job job;
	struct err e = { 0 };
	int status, r = exec_job_open(&job, &o->request, argv, &e);

	if (r < 0) {
		e.code = -EINVAL; /* it is the command line that cannot be carried out */
		ui_error(&e);
		status = STATUS_USAGE;
	} else {
		o->run.exec = &job;
		tell_memory(o, &job);
		status = measure(&m);
		if (o->request.check_output && *m.dir && !o->run.raw && check_outputs(m.dir))
			status = status ? status : STATUS_FAILED;
	}
	exec_job_close(&job);
	return status;
}

static int run_exec(const struct verb *v, int argc, char **argv)
{
	struct exec_options o = { .request = { .good_status = 0 } };
	struct err e = { 0 };
	char *command = command_line(argc, argv); /* before getopt moves the operands */
	int first, status;

	run_options_init(&o.run);
	if (verb_parse(v, argc, argv, &o, &first, &status)) {
		if (first == argc) {
			err_set(&e, -EINVAL, "usage",
				"no program: bench exec [options] -- PROGRAM");
			status = verb_usage_error(v, &e);
		} else {
			status = measure_program(&o, command, argv + first);
		}
	}
	free(command);
	run_options_free(&o.run);
	return status;
}

const struct verb exec_verb = {
	.name = "exec",
	.args = "-- PROGRAM [ARG...]",
	.summary = "measure a program of your own, side by side",
	.details = "PROGRAM is looked up in PATH and run as a process, in a container and as a "
		   "child of a\n"
		   "guest's init. Its loader is asked for the libraries that it needs, and a "
		   "temporary root\n"
		   "file system is made of it and them; what it opens besides is named by --copy, "
		   "and other\n"
		   "programs that it starts by --with. With --rootfs PROGRAM is looked up in DIR, "
		   "which is\n"
		   "used as it is, on all sides, and not written to.\n"
		   "\n"
		   "Measured are wall time (request to exit seen), user and system time, CPU time "
		   "as the\n"
		   "host saw it in all, and peak memory. A launch that ends with a status other "
		   "than 0 has\n"
		   "failed. stdin is empty, stdout of each launch is kept in output/ of the "
		   "results, stderr\n"
		   "goes to log.txt; the environment is PATH, HOME=/, LANG=C and TERM=dumb.\n"
		   "\n"
		   "  bench exec --launches 20 -- /bin/ls -l /etc\n"
		   "  bench exec --check-output --copy data.bin -- sha256sum $PWD/data.bin\n"
		   "  bench exec --rootfs /srv/debian -- python3 -c 'print(6 * 7)'\n",
	.options = own_specs,
	.shared = run_option_specs,
	.not_shared = not_ours,
	.run = run_exec,
};
