/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include "ctr/ctr.h"
#include "runner/mem_limit.h"
#include "runner/rt_host.h"
#include "vmm/vmm.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define MIB (UINT64_C(1) << 20)

static void tells_only_what_cannot_be_seen(void **state)
{
	static const struct {
		const char *name;
		const struct runtime_ops *ops;
		uint64_t mem;
		int limited, huge;
		uint64_t available, limit;
	} cases[] = {
		{ "a process sees all", &host_runtime, 512 * MIB, 1, 0, 100 * MIB, 0 },
		{ "a container's limit", &ctr_runtime, 512 * MIB, 1, 0, 100 * MIB, 512 * MIB },
		{ "a container without", &ctr_runtime, 0, 0, 0, 100 * MIB, 0 },
		{ "a guest that fits", &vm_runtime, 512 * MIB, 1, 0, 576 * MIB, 0 },
		{ "a guest that does not", &vm_runtime, 512 * MIB, 1, 0, 575 * MIB, 511 * MIB },
		{ "a guest, and hardly any", &vm_runtime, 512 * MIB, 1, 0, 10 * MIB, 1 },
		{ "a guest on huge pages", &vm_runtime, 512 * MIB, 1, 1, 100 * MIB, 0 },
		{ "a guest, nobody knows", &vm_runtime, 512 * MIB, 1, 0, MEM_LIMIT_UNKNOWN, 0 },
		{ "a guest of the usual size", &vm_runtime, 0, 0, 0, 1000 * MIB, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct way w = { .ops = cases[i].ops,
			.cfg = { .mem_bytes = cases[i].mem,
				.ctr_mem_limit = cases[i].limited,
				.huge_pages = cases[i].huge } };
		uint64_t got = mem_limit(&w, cases[i].available);

		if (got != cases[i].limit)
			fail_msg("%s: %ju", cases[i].name, (uintmax_t)got);
	}
}

static void this_host_says_how_much(void **state)
{
	(void)state;
	uint64_t bytes = mem_available();

	if (bytes == MEM_LIMIT_UNKNOWN)
		SKIP("no MemAvailable in /proc/meminfo");
	assert_true(bytes > MIB && bytes % 1024 == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_only_what_cannot_be_seen),
		cmocka_unit_test(this_host_says_how_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
