/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included first by tests/analysis.mk: what the analyzers cannot know, who see a file at a time. An
 * error has a negative code (base/err.h): without that they follow a failed step into what is only
 * reached when it went well.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/util.h"

/* gcc 12 takes what a clean-up frees at the end of a scope for freed twice, or for freed unset. */
#ifndef __clang__
#undef cleanup_free
#define cleanup_free
#endif

static inline int analysis_negative(int code)
{
	if (code >= 0)
		abort();
	return code;
}
#define err_set(...) analysis_negative(err_set(__VA_ARGS__))
#define err_sys(...) analysis_negative(err_sys(__VA_ARGS__))
#define err_help(...) analysis_negative(err_help(__VA_ARGS__))
