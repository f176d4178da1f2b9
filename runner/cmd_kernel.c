/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/kernels.h"
#include "runner/paths.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static int do_list(const char *name, const struct paths *paths, struct err *e)
{
	(void)name;
	return kernels_print(stdout, paths, e);
}

static int do_fetch(const char *name, const struct paths *paths, struct err *e)
{
	return kernel_fetch(name, paths, e);
}

static int do_remove(const char *name, const struct paths *paths, struct err *e)
{
	return kernel_remove(name, paths, e);
}

static const struct {
	const char *name;
	bool takes_kernel;
	int (*act)(const char *kernel, const struct paths *paths, struct err *e);
} actions[] = {
	{ "list", false, do_list },
	{ "fetch", true, do_fetch },
	{ "rm", true, do_remove },
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
	struct paths paths;
	struct err e = { 0 };
	int first, status, i;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	argc -= first;
	argv += first;
	if (argc == 0) {
		err_set(&e, 0, "usage", "name one of: list, fetch NAME, rm NAME");
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
	if (paths_find(&paths, &e) < 0 || actions[i].act(argv[1], &paths, &e) < 0) {
		ui_error(&e);
		return ui_status(&e);
	}
	return STATUS_OK;
}

const struct verb kernel_verb = {
	.name = "kernel",
	.args = "list | fetch NAME | rm NAME",
	.summary = "guest kernels: what is there, fetch one, remove one",
	.run = run_kernel,
};
