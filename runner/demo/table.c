/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/util.h"
#include "runner/demo/demo.h"

extern const struct demo calls_demo;
extern const struct demo cost_demo;
extern const struct demo crash_demo;
extern const struct demo distro_demo;
extern const struct demo kernel_demo;
extern const struct demo libc_demo;
extern const struct demo versions_demo;
extern const struct demo visible_demo;
extern const struct demo windows_demo;

/* In the order of the lesson. */
const struct demo *const demos[] = {
	&kernel_demo,
	&visible_demo,
	&calls_demo,
	&windows_demo,
	&distro_demo,
	&libc_demo,
	&versions_demo,
	&crash_demo,
	&cost_demo,
};
const size_t n_demos = ARRAY_SIZE(demos);

const char *const demo_kernels[] = { "distro", "distro-6.12", "minimal", NULL };

const struct demo *demo_find(const char *name)
{
	for (size_t i = 0; i < n_demos; i++) {
		if (!strcmp(demos[i]->name, name))
			return demos[i];
	}
	return NULL;
}
