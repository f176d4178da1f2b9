/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/ui.h"
#include "runner/verbs.h"
#include "runner/version.h"

static const struct verb *const verbs[] = {
	&run_verb,
	&exec_verb,
	&list_verb,
	&doctor_verb,
	&kernel_verb,
	&plot_verb,
	&report_verb,
	&claims_verb,
	&compare_verb,
	&merge_verb,
	&demo_verb,
};

static int help(void)
{
	printf("bench: container or VM, what does it really cost?\n\nusage: bench VERB "
	       "[options]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n'bench VERB --help' tells more of each. Start with:\n\n"
	       "  bench doctor                what works on this machine\n"
	       "  bench run --suite syscalls  process, container and VM side by side\n");
	return STATUS_OK;
}

static int unknown_verb(const char *name)
{
	const char *names[ARRAY_SIZE(verbs)];
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		names[i] = verbs[i]->name;
	ui_unknown(&e, "verb", name, names, ARRAY_SIZE(names));
	ui_error(&e);
	return STATUS_USAGE;
}

/* What was printed is part of the result: a full disk or a closed pipe must not end in status 0. */
static int flush_stdout(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		fprintf(stderr, "bench: writing to stdout: %s\n", strerror(errno));
	return status ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, ""); /* for UTF-8 output; numbers stay in the C locale */
	if (argc < 2) {
		help();
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return flush_stdout(help());
	if (!strcmp(argv[1], "--version")) {
		printf("bench %s\n", BENCH_VERSION);
		return flush_stdout(STATUS_OK);
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!strcmp(verbs[i]->name, argv[1]))
			return flush_stdout(verbs[i]->run(verbs[i], argc - 1, argv + 1));
	}
	return unknown_verb(argv[1]);
}
