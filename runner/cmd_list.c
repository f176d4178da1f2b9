/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/kernels.h"
#include "runner/paths.h"
#include "runner/runtimes.h"
#include "runner/suites.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static int list_suites(struct err *e)
{
	(void)e;
	for (size_t i = 0; i < n_suites; i++)
		printf("%-12s %s (benchmarks: %zu; on %s)\n", suites[i].name, suites[i].summary,
			suite_count(suites[i].name, NULL), suites[i].runtimes);
	return 0;
}

static int list_benchmarks(struct err *e)
{
	(void)e;
	for (size_t i = 0; i < n_benches; i++) {
		char full[96];

		snprintf(full, sizeof(full), "%s%s%s", benches[i].name,
			*benches[i].params ? "/" : "", benches[i].params);
		printf("%-10s %-24s %s\n", benches[i].suite, full, benches[i].summary);
	}
	return 0;
}

static int list_runtimes(struct err *e)
{
	(void)e;
	for (size_t i = 0; i < n_runtimes; i++) {
		if (!(runtimes[i]->caps & RT_HIDDEN))
			printf("%-8s %s\n", runtimes[i]->name, runtimes[i]->summary);
	}
	return 0;
}

static int list_kernels(struct err *e)
{
	struct paths paths;
	int r = paths_find(&paths, e);

	return r < 0 ? r : kernels_print(stdout, &paths, e);
}

static const struct {
	const char *name;
	int (*list)(struct err *e);
} lists[] = {
	{ "suites", list_suites },
	{ "benchmarks", list_benchmarks },
	{ "runtimes", list_runtimes },
	{ "kernels", list_kernels },
};

static int run_list(const struct verb *v, int argc, char **argv)
{
	const char *names[ARRAY_SIZE(lists)];
	struct err e = { 0 };
	int first, status;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		names[i] = lists[i].name;
		if (first + 1 == argc && !strcmp(argv[first], lists[i].name)) {
			if (!lists[i].list(&e))
				return STATUS_OK;
			ui_error(&e);
			return ui_status(&e);
		}
	}
	if (first + 1 == argc)
		ui_unknown(&e, "list", argv[first], names, ARRAY_SIZE(names));
	else
		err_set(&e, 0, "usage", "name one of: suites, benchmarks, runtimes, kernels");
	return verb_usage_error(v, &e);
}

const struct verb list_verb = {
	.name = "list",
	.args = "suites|benchmarks|runtimes|kernels",
	.summary = "what there is to run, and on what",
	.run = run_list,
};
