/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every cmocka test needs before cmocka.h, an honest skip, and numbers that are near. */
#ifndef BENCH_TESTS_CHECK_H
#define BENCH_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/*
 * Skip the running test for @why, which is printed. With MUST_RUN=1 in the environment a skip is a
 * failure: CI sets it for what its machine is known to have.
 */
#define SKIP(why)                                                                                  \
	do {                                                                                       \
		const char *must_ = getenv("MUST_RUN");                                            \
                                                                                                   \
		if (must_ && *must_ == '1')                                                        \
			fail_msg("MUST_RUN is set, but: %s", (why));                               \
		print_message("SKIP %s: %s\n", __func__, (why));                                   \
		skip();                                                                            \
	} while (0)

/* Within @error; never where either is NAN. */
static inline void assert_near(double is, double should, double error)
{
	if (!(fabs(is - should) <= error))
		fail_msg("%.17g is not %.17g", is, should);
}

#endif
