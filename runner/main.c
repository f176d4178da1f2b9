/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "runner/ui.h"
#include "runner/verbs.h"
#include "runner/version.h"

#define MAX_VERBS 32

static int help(void)
{
	printf("bench: " BENCH_PURPOSE "\n\nusage: bench VERB [options]\n\n");
	for (size_t i = 0; i < n_verbs; i++) {
		if (verbs[i]->summary)
			printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	}
	printf("\n'bench VERB --help' tells more of each. Start with:\n\n"
	       "  bench doctor                what works on this machine\n"
	       "  bench run --suite syscalls  process, container and VM side by side\n");
	return STATUS_OK;
}

static int unknown_verb(const char *name)
{
	const char *names[MAX_VERBS];
	struct err e;
	size_t n = 0;

	for (size_t i = 0; i < n_verbs && n < MAX_VERBS; i++) {
		if (verbs[i]->summary)
			names[n++] = verbs[i]->name;
	}
	ui_unknown(&e, "verb", name, names, n);
	ui_error(&e);
	return STATUS_USAGE;
}

/* What was printed is part of the result: a full disk or a closed pipe must not end in status 0. */
static int flush_stdout(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE) /* of what failed earlier stdio keeps only that it did */
		fprintf(stderr, "bench: writing to stdout: %s\n", strerror(errno ? errno : EIO));
	return status ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
	const struct verb *v;

	gsl_set_error_handler_off(); /* its own aborts; we look at what it returns */
	setlocale(LC_CTYPE, "");     /* for UTF-8 output; numbers stay in the C locale */
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
	v = verb_find(argv[1]);
	return v ? flush_stdout(v->run(v, argc - 1, argv + 1)) : unknown_verb(argv[1]);
}
