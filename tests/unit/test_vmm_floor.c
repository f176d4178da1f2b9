/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "kvm": the empty guest by bare ioctls. Needs /dev/kvm. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/vmm.h"

static int lowest_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void test_launches(void **state)
{
	const struct rt_config cfg = { .vcpus = 1, .cancel_fd = -1 };
	const struct job job = { .report_fd = -1, .output_fd = -1 };
	struct runtime *rt;
	struct err e = { 0 };
	int free_fd;

	(void)state;
	if (kvm_runtime.probe(&cfg, &e) < 0)
		SKIP(e.message);
	assert_int_equal(kvm_runtime.open(&cfg, &rt, &e), 0);
	free_fd = lowest_free_fd();
	for (int i = 0; i < 20; i++) {
		struct outcome out = { 0 };
		struct instance *in;

		if (kvm_runtime.launch(rt, &job, &in, &e) < 0)
			fail_msg("%s: %s", e.step, e.message);
		assert_int_equal(kvm_runtime.wait(in, &out, &e), 0);
		kvm_runtime.reap(in);
		assert_int_equal(out.kind, OUTCOME_EXITED);
		assert_int_equal(out.code, 0);
		assert_true(out.at[PHASE_REQUESTED] &&
			    out.at[PHASE_SANDBOX] >= out.at[PHASE_REQUESTED]);
		assert_true(out.at[PHASE_EXIT] >= out.at[PHASE_SANDBOX]);
		assert_int_equal(out.at[PHASE_PROCESS], 0); /* there is none */
		assert_int_equal(lowest_free_fd(), free_fd);
	}
	kvm_runtime.reap(NULL);
	kvm_runtime.close(rt);
	kvm_runtime.close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_launches) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
