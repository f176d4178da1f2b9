/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The computations of the suite cpu come out right: none of their steps is left out. */
#include "tests/unit/check.h"

#include <string.h>

#include "workloads/bench.h"
#include "workloads/cpu_loops.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* FIPS 180-4's examples (NIST, "SHA-256", CSRC): of one block and of two. */
static void sha256_is_sha256(void **state)
{
	static const struct {
		const char *name;
		uint32_t blocks[2][16];
		unsigned n;
		uint32_t digest[8];
	} cases[] = {
		{ "abc", { { 0x61626380, [15] = 24 } }, 1,
			{ 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c,
				0xb410ff61, 0xf20015ad } },
		{ "nothing", { { 0x80000000 } }, 1,
			{ 0xe3b0c442, 0x98fc1c14, 0x9afbf4c8, 0x996fb924, 0x27ae41e4, 0x649b934c,
				0xa495991b, 0x7852b855 } },
		{ "abcdbcdecdef...",
			{ { 0x61626364, 0x62636465, 0x63646566, 0x64656667, 0x65666768, 0x66676869,
				  0x6768696a, 0x68696a6b, 0x696a6b6c, 0x6a6b6c6d, 0x6b6c6d6e,
				  0x6c6d6e6f, 0x6d6e6f70, 0x6e6f7071, 0x80000000, 0 },
				{ [15] = 448 } },
			2,
			{ 0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039, 0xa33ce459, 0x64ff2167,
				0xf6ecedd4, 0x19db06c1 } },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		uint32_t s[8];

		memcpy(s, cpu_sha256_start, sizeof(s));
		for (unsigned k = 0; k < cases[i].n; k++)
			cpu_sha256(1, s, cases[i].blocks[k]);
		if (memcmp(s, cases[i].digest, sizeof(s)) != 0)
			fail_msg("%s: begins with %08x", cases[i].name, s[0]);
	}
}

/* What another program (in Python, whole numbers modulo 2^64) made of the same steps. */
static void whole_numbers_come_out_right(void **state)
{
	static const struct {
		uint64_t n, seed, chain, mix, branchy;
	} cases[] = {
		{ 1, 1, 0xd1262d5d5248eb40, 0xa0feaf821b651173, 0x42c385110307397b },
		{ 3, 42, 0xc8d3fb7337440c82, 0x999edd079d22040c, 0xc2e77d00f930f06f },
		{ 1000, 7, 0x9ed5aef922175d21, 0x9947b0f3c2887cb5, 0x15d769561e5305ff },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		assert_int_equal(cpu_integer_chain(cases[i].n, cases[i].seed), cases[i].chain);
		assert_int_equal(cpu_integer_mix(cases[i].n, cases[i].seed), cases[i].mix);
		assert_int_equal(cpu_branchy(cases[i].n, cases[i].seed), cases[i].branchy);
	}
}

/* As the table runs them: each number of operations comes to something else. */
static void every_operation_counts(void **state)
{
	static cpu_loop_fn *const loops[] = { cpu_run_integer_chain, cpu_run_integer_mix,
		cpu_run_branchy, cpu_run_sha256 };

	(void)state;
	for (size_t i = 0; i < ROWS(loops); i++) {
		assert_int_not_equal(loops[i](1), loops[i](0));
		assert_int_not_equal(loops[i](2), loops[i](1));
		assert_int_equal(loops[i](100), loops[i](100));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_sha256),
		cmocka_unit_test(whole_numbers_come_out_right),
		cmocka_unit_test(every_operation_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
