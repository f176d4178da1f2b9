/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench man": the man page, for the Makefile; hidden, since who has it installed says "man bench".
 */
#include <errno.h>

#include "runner/man_page.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static int run_man(const struct verb *v, int argc, char **argv)
{
	struct err e = { 0 };
	int first, status;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	if (first != argc) {
		err_set(&e, -EINVAL, "usage", "'%s': man takes no operand", argv[first]);
		return verb_usage_error(v, &e);
	}
	man_page(stdout);
	return STATUS_OK;
}

const struct verb man_verb = {
	.name = "man",
	.args = "",
	.run = run_man,
};
