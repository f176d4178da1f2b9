/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs, in the order of the help page. */
#include <string.h>

#include "base/util.h"
#include "runner/verbs.h"

const struct verb *const verbs[] = {
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
	&completion_verb,
	&man_verb,
};
const size_t n_verbs = ARRAY_SIZE(verbs);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	}
	return NULL;
}
