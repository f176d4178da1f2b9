/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts from trees of /proc and /sys, tests/tools/record-host, which records them, and lists of
 * CPUs. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/util.h"
#include "runner/cpus.h"
#include "runner/facts.h"

#define CPU "sys/devices/system/cpu/"

struct tree_file {
	const char *path, *text;
};

static char root[] = "/tmp/bench-facts-XXXXXX";

static int make_root(void **state)
{
	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	return remove_tree(root);
}

static void put_file(const struct tree_file *f)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, f->path);
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(make_dirs(path), 0);
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, f->text, strlen(f->text)), 0);
	close(fd);
}

static const struct tree_file laptop[] = {
	{ CPU "cpu0/cpufreq/scaling_governor", "powersave\n" },
	{ CPU "intel_pstate/no_turbo", "0\n" },
	{ CPU "smt/active", "1\n" },
	{ CPU "nohz_full", "(null)\n" },
	{ CPU "vulnerabilities/meltdown", "Mitigation: PTI\n" },
	{ "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n" },
	{ "sys/module/kvm_intel/parameters/ept", "Y\n" },
	{ "sys/module/kvm_intel/parameters/nested", "N\n" },
	{ "proc/loadavg", "99.00 1.00 1.00 3/500 1234\n" },
	{ "proc/stat", "cpu  10 20 30 40 50 60 70 80 90 0\ncpu0 1 2 3\n" },
	{ "proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 142\n"
			  "model name\t: Some CPU @ 2.4GHz\n" },
	{ "proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n" },
};

struct wanted {
	const char *key, *value;
	bool seen;
};

static void check_fact(void *ctx, const char *key, const char *value)
{
	for (struct wanted *w = ctx; w->key; w++) {
		if (strcmp(w->key, key))
			continue;
		w->seen = true;
		assert_string_equal(value, w->value);
	}
}

static void all_seen(const struct wanted *w)
{
	for (; w->key; w++) {
		if (!w->seen)
			fail_msg("no fact '%s'", w->key);
	}
}

static void facts_are_read_and_unknown_is_said(void **state)
{
	struct wanted host[] = {
		{ "host.cpu.model", "Some CPU @ 2.4GHz", false },
		{ "host.cpu.model_number", "142", false },
		{ "host.cpu.vendor", "GenuineIntel", false },
		{ "host.cpu.microcode", "unknown", false },
		{ "host.cpu.vulnerabilities.meltdown", "Mitigation: PTI", false },
		{ "host.kvm.ept", "Y", false },
		{ "host.kvm.npt", "unknown", false },
		{ "host.kvm.nested", "N", false },
		{ "host.kvm.module", "kvm_intel", false },
		{ "host.cgroup", "v2", false },
		{ "host.cpu.nohz_full", "", false },
		{ 0 },
	};
	struct wanted weather[] = {
		{ "host.load.before", "99.00 1.00 1.00 3/500 1234", false },
		{ "host.steal_ticks.before", "80", false },
		{ 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(laptop); i++)
		put_file(&laptop[i]);
	facts_host(root, check_fact, host);
	all_seen(host);
	facts_weather(root, "before", check_fact, weather);
	all_seen(weather);
}

static void an_empty_tree_is_all_unknown(void **state)
{
	struct wanted host[] = {
		{ "host.cpu.model", "unknown", false },
		{ "host.clock.source", "unknown", false },
		{ "host.kvm.module", "none", false },
		{ 0 },
	};

	(void)state;
	facts_host(root, check_fact, host);
	all_seen(host);
	assert_string_equal(facts_cgroup_mode(root), "unknown");
}

static const struct {
	const char *mountinfo, *mode;
} cgroups[] = {
	{ "30 1 0:26 / /c rw - cgroup2 cgroup2 rw\n", "v2" },
	{ "30 1 0:26 / /c rw - cgroup cgroup rw,memory\n", "v1" },
	{ "30 1 0:26 / /c rw - cgroup cgroup rw\n31 1 0:27 / /u rw - cgroup2 none rw\n", "hybrid" },
	{ "30 1 0:26 / / rw - ext4 /dev/vda rw\n", "none" },
};

static void cgroup_modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cgroups); i++) {
		put_file(&(struct tree_file){ "proc/self/mountinfo", cgroups[i].mountinfo });
		assert_string_equal(facts_cgroup_mode(root), cgroups[i].mode);
	}
}

/* The status of tests/tools/record-host with these arguments. */
static int record_host(const char *args)
{
	cleanup_free char *command =
		format_text("exec tests/tools/record-host %s 2>/dev/null", args);
	int status = system(command);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The recorder may cut the release, which is a case of its own below. */
static void print_fact(void *ctx, const char *key, const char *value)
{
	if (strcmp(key, "host.kernel.release"))
		fprintf(ctx, "%s=%s\n", key, value);
}

static char *all_facts(const char *of)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	facts_host(of, print_fact, f);
	facts_weather(of, "before", print_fact, f);
	fclose(f);
	return text;
}

/* It copies each file that is read: hosts that have most of them, recorded once more. */
static void a_recording_says_what_its_host_said(void **state)
{
	static const char *const hosts[] = { "laptop", "desktop", "quiet-server", "locked-down",
		"recorded-pvm-guest", "recorded-emulated-6.1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		cleanup_free char *host = format_text("tests/data/hosts/%s", hosts[i]);
		cleanup_free char *copy = format_text("%s/%s", root, hosts[i]);
		cleanup_free char *args = format_text("%s %s", copy, host);
		cleanup_free char *said = NULL, *recorded = NULL;

		assert_int_equal(record_host(args), 0);
		said = all_facts(host);
		recorded = all_facts(copy);
		assert_string_equal(recorded, said);
	}
}

static const struct tree_file private_host[] = {
	{ "proc/cmdline", "root=UUID=secret quiet token=secret mitigations=off -- --key secret\n" },
	{ "proc/cpuinfo", "vendor_id\t: A\nSerial\t\t: secret\n" },
	{ "proc/self/status", "Name:\tsecret\nSeccomp:\t2\n" },
	{ "proc/self/mountinfo",
		"27 1 254:0 /secret / rw shared:1 - overlay secret rw,upperdir=/secret\n"
		"28 27 0:25 / /secret rw - tmpfs secret ro,size=4k\n"
		"30 1 0:26 / /sys/fs/cgroup rw - cgroup2 secret rw\n" },
	{ "proc/sys/kernel/osrelease", "6.9.1-secret\n" },
	{ "etc/hostname", "secret\n" },
};

static void a_recording_keeps_secrets(void **state)
{
	struct wanted host[] = {
		{ "host.kernel.command_line", "quiet mitigations=off", false },
		{ "host.kernel.release", "6.9.1-custom", false },
		{ "host.cpu.vendor", "A", false },
		{ "host.process.seccomp", "2", false },
		{ "host.cgroup", "v2", false },
		{ 0 },
	};
	cleanup_free char *copy = format_text("%s/copy", root);
	cleanup_free char *args = format_text("%s %s", copy, root);
	cleanup_free char *search = format_text("grep -rq secret %s", copy);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(private_host); i++)
		put_file(&private_host[i]);
	assert_int_equal(record_host(args), 0);
	facts_host(copy, check_fact, host);
	all_seen(host);
	assert_int_equal(WEXITSTATUS(system(search)), 1);

	assert_int_equal(record_host(""), 2);
	assert_int_equal(record_host("a b c"), 2);
	assert_int_equal(record_host(args), 2); /* it is there already */
	assert_int_equal(record_host("/tmp/bench-no-recording /tmp/bench-no-host"), 2);
}

static void lists_of_cpus(void **state)
{
	cpu_set_t allowed, set;
	char text[128];
	struct err e;

	(void)state;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CPU_SET(2, &set);
	CPU_SET(3, &set);
	CPU_SET(4, &set);
	cpus_format(&set, text, sizeof(text));
	assert_string_equal(text, "0,2-4");

	/* What may be used here, said and read back. */
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	cpus_format(&allowed, text, sizeof(text));
	assert_int_equal(cpus_parse(text, &set, &e), 0);
	assert_true(CPU_EQUAL(&set, &allowed));
	assert_int_equal(cpus_choose(2, &set, &e), 0);
	assert_true(CPU_COUNT(&set) == (CPU_COUNT(&allowed) > 1 ? 2 : 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			facts_are_read_and_unknown_is_said, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
			an_empty_tree_is_all_unknown, make_root, remove_root),
		cmocka_unit_test_setup_teardown(cgroup_modes, make_root, remove_root),
		cmocka_unit_test_setup_teardown(
			a_recording_says_what_its_host_said, make_root, remove_root),
		cmocka_unit_test_setup_teardown(a_recording_keeps_secrets, make_root, remove_root),
		cmocka_unit_test(lists_of_cpus),
	};

	return cmocka_run_group_tests_name("runner/facts", tests, NULL, NULL);
}
