/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One folder for all tests of a program: @dir, between folder_make and folder_remove of the group.
 */
#ifndef BENCH_TESTS_FOLDER_FIXTURE_H
#define BENCH_TESTS_FOLDER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"

static char dir[64];

static int folder_make(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bench_test.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	return remove_tree(dir);
}

#endif
