/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/kernels.h"
#include "runner/paths.h"
#include "runner/ui.h"
#include "runner/verbs.h"

struct kernel_options {
	const char *source;
};

static int set_source(void *options, const char *value, struct err *e)
{
	struct kernel_options *o = options;

	if (!*value)
		return err_set(e, -EINVAL, "usage", "--source needs a folder");
	o->source = value;
	return 0;
}

static const struct option_spec options[] = {
	{ "source", "DIR", "build from this kernel source tree", set_source },
	{ 0 },
};

static int do_list(
	const char *name, const struct kernel_options *o, const struct paths *paths, struct err *e)
{
	(void)name;
	(void)o;
	return kernels_print(stdout, paths, e);
}

static int do_fetch(
	const char *name, const struct kernel_options *o, const struct paths *paths, struct err *e)
{
	(void)o;
	return kernel_make(name, "fetch", NULL, paths, e);
}

static int do_build(
	const char *name, const struct kernel_options *o, const struct paths *paths, struct err *e)
{
	return kernel_make(name, "build", o->source, paths, e);
}

static int do_remove(
	const char *name, const struct kernel_options *o, const struct paths *paths, struct err *e)
{
	(void)o;
	return kernel_remove(name, paths, e);
}

static const struct {
	const char *name;
	bool takes_kernel, takes_source;
	int (*act)(const char *kernel, const struct kernel_options *, const struct paths *,
		struct err *);
} actions[] = {
	{ "list", false, false, do_list },
	{ "fetch", true, false, do_fetch },
	{ "build", true, true, do_build },
	{ "rm", true, false, do_remove },
};

static int find_action(const char *name, struct err *e)
{
	const char *names[ARRAY_SIZE(actions)];

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		names[i] = actions[i].name;
		if (!strcmp(name, names[i]))
			return (int)i;
	}
	return ui_unknown(e, "action", name, names, ARRAY_SIZE(names));
}

static int run_kernel(const struct verb *v, int argc, char **argv)
{
	struct kernel_options o = { 0 };
	struct paths paths;
	struct err e = { 0 };
	int first, status, i;

	if (!verb_parse(v, argc, argv, &o, &first, &status))
		return status;
	argc -= first;
	argv += first;
	if (argc == 0) {
		err_set(&e, 0, "usage", "name one of: list, fetch KERNEL, build KERNEL, rm KERNEL");
		return verb_usage_error(v, &e);
	}
	i = find_action(argv[0], &e);
	if (i < 0)
		return verb_usage_error(v, &e);
	if (argc != 1 + actions[i].takes_kernel) {
		err_set(&e, 0, "usage", "'%s' takes %s", argv[0],
			actions[i].takes_kernel ? "the name of one kernel" : "no operand");
		return verb_usage_error(v, &e);
	}
	if (o.source && !actions[i].takes_source) {
		err_set(&e, 0, "usage", "'%s' takes no --source", argv[0]);
		return verb_usage_error(v, &e);
	}
	if (paths_find(&paths, &e) < 0 || actions[i].act(argv[1], &o, &paths, &e) < 0) {
		ui_error(&e);
		return ui_status(&e);
	}
	return STATUS_OK;
}

const struct verb kernel_verb = {
	.name = "kernel",
	.args = "list | fetch KERNEL | build KERNEL | rm KERNEL",
	.summary = "guest kernels: what is there, fetch or build one, remove one",
	.options = options,
	.run = run_kernel,
};
