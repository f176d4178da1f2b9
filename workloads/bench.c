/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
#define BENCHMARK(suite_, name_, params_, summary_, run_, setup_, ...) { \
	.suite = suite_, .name = name_, .params = params_, .summary = summary_, \
	.run = run_, .setup = setup_, ##__VA_ARGS__ },
/* clang-format on */
const struct benchmark benchmarks[] = {
#include "workloads/benchmarks.def"
};
#undef BENCHMARK

const size_t benchmark_count = sizeof(benchmarks) / sizeof(benchmarks[0]);

long bench_refused(struct bench_ctx *c, const char *call, long result)
{
	if (result >= 0) {
		snprintf(c->why, sizeof(c->why), "%s: returned %ld", call, result);
		return -EIO;
	}
	snprintf(c->why, sizeof(c->why), "%s: %s (errno %ld)", call, strerror((int)-result),
		-result);
	return result;
}

int bench_is_refusal(long code)
{
	static const int refusals[] = { EPERM, EACCES, ENOSYS, EOPNOTSUPP, ENOENT, ENODEV, ENXIO };

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (code == -refusals[i])
			return 1;
	return 0;
}

long setup_nothing(struct bench_ctx *c)
{
	(void)c;
	return 0;
}

/* The compiler may not drop the loop, nor keep anything in registers over a turn that a benchmark
 * could not. */
long run_empty(uint64_t iterations, struct bench_ctx *c)
{
	(void)c;
	for (uint64_t i = 0; i < iterations; i++)
		__asm__ volatile("" : : : "memory");
	return 0;
}
