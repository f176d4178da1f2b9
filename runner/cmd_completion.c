/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench completion SHELL": what the shell needs to complete command lines of bench. */
#include <string.h>

#include "base/util.h"
#include "runner/completion.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static const struct {
	const char *name;
	void (*print)(FILE *f);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
};

static int run_completion(const struct verb *v, int argc, char **argv)
{
	const char *names[ARRAY_SIZE(shells)];
	struct err e = { 0 };
	int first, status;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		names[i] = shells[i].name;
		if (first + 1 == argc && !strcmp(argv[first], names[i])) {
			shells[i].print(stdout);
			return STATUS_OK;
		}
	}
	if (first + 1 == argc)
		ui_unknown(&e, "shell", argv[first], names, ARRAY_SIZE(names));
	else
		err_set(&e, 0, "usage", "name one of: bash, zsh");
	return verb_usage_error(v, &e);
}

const struct verb completion_verb = {
	.name = "completion",
	.args = "bash|zsh",
	.summary = "print the completions of command lines for a shell",
	.details = "'make install' and the Debian package put them where the shells look. Without "
		   "these:\n"
		   "\n"
		   "  source <(bench completion bash)\n"
		   "  source <(bench completion zsh)    after compinit\n",
	.run = run_completion,
};
