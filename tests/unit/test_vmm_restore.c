/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "vm" from a snapshot, on guests of a few instructions. Needs /dev/kvm. */
#include "tests/unit/check.h"

#include <errno.h>
#include <sys/mman.h>

#include "tests/unit/guest_fixture.h"

#define MARK(mark) "mov $0x5f4, %dx\n mov $" #mark ", %eax\n out %eax, %dx\n"
#define READY MARK(6)

GUEST(plain, READY MARK(2) MARK(3) EXIT_WITH(7));
GUEST(never_ready, EXIT_WITH(0));
GUEST(crash, "ud2");
/* What is in registers and in memory must be there afterwards. */
GUEST(keeps, "mov $0x1122334455667788, %rbx\n mov %rbx, %r13\n mov %rbx, 0x300000\n" READY
	     "cmp %rbx, %r13\n jne 9f\n cmp %rbx, 0x300000\n jne 9f\n"
	     "incl 0x300008\n cmpl $1, 0x300008\n jne 9f\n" EXIT_WITH(0) "9:" EXIT_WITH(1));
/* The time stamp counter before and after, as their difference. */
GUEST(time, "rdtsc\n shl $32, %rdx\n or %rdx, %rax\n mov %rax, %rbx\n" READY
	    "rdtsc\n shl $32, %rdx\n or %rdx, %rax\n sub %rbx, %rax\n mov %rax, 0x300000\n"
	    "mov $0x300000, %esi\n mov $8, %ecx\n mov $0x5f0, %dx\n rep outsb\n" EXIT_WITH(0));
/* All of ARGS_PORT, as the report; and what follows it. */
GUEST(args, READY
	"mov $0x300000, %edi\n mov $2048, %ecx\n mov $0x5ec, %dx\n rep insb\n"
	"mov $0x300000, %esi\n mov $2048, %ecx\n mov $0x5f0, %dx\n rep outsb\n"
	"mov $0x5ec, %dx\n in %dx, %al\n test %al, %al\n jnz 9f\n" EXIT_WITH(0) "9:" EXIT_WITH(1));
GUEST(entropy,
	READY "mov $0x300000, %edi\n mov $8, %ecx\n mov $0x5fc, %dx\n rep insl\n"
	      "mov $0x300000, %esi\n mov $32, %ecx\n mov $0x5f0, %dx\n rep outsb\n" EXIT_WITH(0));
/* A VMM that wants a snapshot says so, and does not any more once it has it. */
GUEST(asks, "mov $0x5f8, %dx\n in %dx, %eax\n cmp $0x53434e42, %eax\n jne 9f\n" READY
	    "mov $0x5f8, %dx\n in %dx, %eax\n cmp $0x48434e42, %eax\n jne 9f\n" EXIT_WITH(
		    0) "9:" EXIT_WITH(1));

static const struct rt_config restored = { .cancel_fd = -1, .restore = true };

static void open_guest(struct fixture *f, const uint8_t *from, const uint8_t *to)
{
	struct err e = { 0 };

	*f = (struct fixture){ .cfg = restored };
	if (fixture_open(f, from, to, &e) < 0)
		fail_msg("%s: %s", e.step, e.message);
}

static void test_guests_that_end_well(void **state)
{
	static const struct {
		const char *name;
		const uint8_t *from, *to;
		int code;
	} cases[] = {
		{ "plain", plain, plain_end, 7 },
		{ "keeps", keeps, keeps_end, 0 },
		{ "asks", asks, asks_end, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;
		struct outcome out;

		print_message("guest %s\n", cases[i].name);
		open_guest(&f, cases[i].from, cases[i].to);
		for (int launches = 0; launches < 3; launches++) {
			run(&f, PATIENT, &out);
			assert_int_equal(out.kind, OUTCOME_EXITED);
			assert_int_equal(out.code, cases[i].code);
		}
		fixture_close(&f);
	}
}

static void test_phases_are_in_order(void **state)
{
	struct fixture f;
	struct outcome out;

	(void)state;
	open_guest(&f, plain, plain_end);
	for (int launches = 0; launches < 3; launches++) {
		run(&f, PATIENT, &out);
		assert_int_equal(phases_disorder(out.at), PHASE_COUNT);
		assert_true(out.at[PHASE_SANDBOX] && out.at[PHASE_MAIN] && out.at[PHASE_WORK]);
		assert_int_equal(out.at[PHASE_INIT], 0); /* no kernel hands over */
	}
	fixture_close(&f);
}

/* That it stands still in between is for a guest with a clock to tell: e2e/emulated-restore.sh. */
static void test_time_does_not_go_back(void **state)
{
	struct fixture f;
	struct outcome out;

	(void)state;
	open_guest(&f, time, time_end);
	for (int launches = 0; launches < 2; launches++) {
		uint64_t ticks;

		run(&f, PATIENT, &out);
		assert_int_equal(out.kind, OUTCOME_EXITED);
		assert_int_equal(pread(f.report_fd, &ticks, sizeof(ticks), 0), sizeof(ticks));
		assert_in_range(ticks, 1, INT64_MAX);
	}
	fixture_close(&f);
}

static void test_each_launch_has_its_own_arguments(void **state)
{
	static const char words[] = "workload\0--suite=a b\0x\0";
	struct fixture f;
	struct outcome out;
	char got[ARGS_MAX];
	size_t n;

	(void)state;
	open_guest(&f, args, args_end);
	run(&f, PATIENT, &out);
	assert_int_equal(out.code, 0);
	assert_int_equal(pread(f.report_fd, got, sizeof(got), 0), sizeof(got));
	assert_int_equal(got[ARGS_MAX - 1], 0);
	n = strlen(got) + 1;
	assert_in_range(strtoull(got, NULL, 10), UINT64_C(1600000000000000000), INT64_MAX);
	assert_memory_equal(got + n, words, sizeof(words));
	for (n += sizeof(words); n < ARGS_MAX; n++)
		assert_int_equal(got[n], 0);
	fixture_close(&f);
}

static void test_clones_get_different_entropy(void **state)
{
	uint8_t drawn[2][ENTROPY_BYTES];
	struct fixture f;
	struct outcome out;

	(void)state;
	open_guest(&f, entropy, entropy_end);
	for (int i = 0; i < 2; i++) {
		run(&f, PATIENT, &out);
		assert_int_equal(out.code, 0);
		assert_int_equal(pread(f.report_fd, drawn[i], ENTROPY_BYTES, 0), ENTROPY_BYTES);
	}
	assert_memory_not_equal(drawn[0], drawn[1], ENTROPY_BYTES);
	fixture_close(&f);
}

/* Clones do not see each other's memory, whatever the order: they live at the same time. */
static void test_clones_side_by_side(void **state)
{
	struct instance *in[4] = { NULL };
	struct outcome out = { 0 };
	struct fixture f;
	struct err e;

	(void)state;
	open_guest(&f, keeps, keeps_end);
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		assert_int_equal(launch(&f, PATIENT, &in[i], &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		assert_int_equal(vm_runtime.wait(in[i], &out, &e), 0);
		assert_int_equal(out.kind, OUTCOME_EXITED);
		assert_int_equal(out.code, 0);
		vm_runtime.reap(in[i]);
	}
	fixture_close(&f);
}

static void test_what_cannot_be_restored_is_refused(void **state)
{
	static const struct {
		const char *name;
		const uint8_t *from, *to;
		const char *kernel_name, *why;
	} cases[] = {
		{
			"never_ready",
			never_ready,
			never_ready_end,
			"hello",
			"before it was ready",
		},
		{ "crash", crash, crash_end, "hello", "triple fault" },
		{ "empty", plain, plain_end, "empty", "nothing to go on with" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f = { .cfg = restored };
		struct err e = { 0 };

		print_message("guest %s\n", cases[i].name);
		f.cfg.kernel_name = cases[i].kernel_name;
		assert_true(fixture_open(&f, cases[i].from, cases[i].to, &e) < 0);
		if (!strstr(e.message, cases[i].why))
			fail_msg("'%s' is not in '%s'", cases[i].why, e.message);
		fixture_close(&f);
	}
}

/* Onto huge pages the memory is copied: what the guest finds there is the same. */
static void test_onto_huge_pages(void **state)
{
	struct fixture f = { .cfg = restored };
	struct outcome out;
	struct err e = { 0 };

	(void)state;
	f.cfg.huge_pages = true;
	if (fixture_open(&f, keeps, keeps_end, &e) == -ENOTSUP) {
		fixture_close(&f);
		SKIP(e.message);
	}
	assert_non_null(f.rt);
	for (int launches = 0; launches < 2; launches++) {
		run(&f, PATIENT, &out);
		assert_int_equal(out.kind, OUTCOME_EXITED);
		assert_int_equal(out.code, 0);
	}
	fixture_close(&f);
}

struct facts {
	char snapshot_bytes[32], seed[128];
};

static void keep_fact(void *ctx, const char *key, const char *value)
{
	struct facts *facts = ctx;

	if (!strcmp(key, "snapshot_bytes"))
		snprintf(facts->snapshot_bytes, sizeof(facts->snapshot_bytes), "%s", value);
	if (!strcmp(key, "snapshot_random_seed"))
		snprintf(facts->seed, sizeof(facts->seed), "%s", value);
}

static void test_facts(void **state)
{
	struct facts facts = { "", "" };
	struct fixture f;
	uint64_t bytes;

	(void)state;
	open_guest(&f, plain, plain_end);
	vm_runtime.describe(f.rt, keep_fact, &facts);
	assert_int_equal(parse_u64(facts.snapshot_bytes, 4096, 16 << 20, &bytes), 0); /* sparse */
	assert_non_null(strstr(facts.seed, "draws no random numbers"));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guests_that_end_well),
		cmocka_unit_test(test_phases_are_in_order),
		cmocka_unit_test(test_time_does_not_go_back),
		cmocka_unit_test(test_each_launch_has_its_own_arguments),
		cmocka_unit_test(test_clones_get_different_entropy),
		cmocka_unit_test(test_clones_side_by_side),
		cmocka_unit_test(test_what_cannot_be_restored_is_refused),
		cmocka_unit_test(test_onto_huge_pages),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
