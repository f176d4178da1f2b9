/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/oci_*: the bundle's configuration, the runtimes' log, the mount namespace. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/oci_cgroup.h"
#include "runner/oci_config.h"
#include "runner/oci_state.h"
#include "runner/peer.h"
#include "runner/rt_oci.h"
#include "tests/unit/results_fixture.h"

static json_t *make(const struct oci_config *c, const char *const *args)
{
	char *argv[8] = { NULL };
	struct err e = { 0 };
	json_t *config;

	for (size_t i = 0; args && args[i]; i++)
		argv[i] = (char *)args[i];
	assert_int_equal(oci_config_make(c, &config, &e), 0);
	assert_int_equal(oci_config_arguments(config, OCI_PROGRAM, argv, &e), 0);
	return config;
}

/* Every string below @v, with the path of keys that leads there, sorted out by "PATH=VALUE ". */
static void flatten(const json_t *v, const char *path, char *out, size_t size)
{
	cleanup_free char *text = NULL;
	const char *key;
	json_t *child;
	size_t i;

	json_object_foreach((json_t *)v, key, child)
	{
		cleanup_free char *full = format_text("%s%s%s", path, *path ? "." : "", key);

		flatten(child, full, out, size);
	}
	json_array_foreach(v, i, child) flatten(child, path, out, size);
	if (json_is_object(v) || json_is_array(v))
		return;
	text = json_dumps(v, JSON_ENCODE_ANY);
	assert_true(strlen(out) + strlen(path) + strlen(text) + 3 < size);
	sprintf(out + strlen(out), "%s=%s\n", path, text);
}

static void configuration_holds_what_spec_writes(void **state)
{
	static const char *const args[] = { "workload", "--suite=startup", "a b\"c", NULL };
	static const struct {
		struct oci_config c;
		const char *has[20], *has_not[8];
	} cases[] = {
		{ { .rootfs = "/r", .cgroup_mount = true },
			{ "root.path=\"/r\"", "root.readonly=true", "process.terminal=false",
				"process.args=\"/workload\"\nprocess.args=\"--suite=startup\"\n"
				"process.args=\"a b\\\"c\"\n",
				"process.noNewPrivileges=true", "process.cwd=\"/\"",
				"process.capabilities.bounding=\"CAP_KILL\"",
				"linux.namespaces.type=\"pid\"",
				"linux.namespaces.type=\"network\"",
				"linux.namespaces.type=\"ipc\"", "linux.namespaces.type=\"uts\"",
				"linux.namespaces.type=\"mount\"",
				"linux.namespaces.type=\"cgroup\"",
				"mounts.destination=\"/sys/fs/cgroup\"", "mounts.options=\"gid=5\"",
				"linux.maskedPaths=\"/proc/kcore\"",
				"linux.readonlyPaths=\"/proc/sys\"" },
			{ "seccomp", "cgroupsPath", "resources", "\"user\"", "uidMappings" } },
		{ { .rootfs = "/r", .rootless = true, .uid = 1000, .gid = 4294967294u },
			{ "linux.namespaces.type=\"user\"", "linux.uidMappings.hostID=1000",
				"linux.gidMappings.hostID=4294967294",
				"linux.gidMappings.containerID=0", "linux.gidMappings.size=1" },
			{ "/sys/fs/cgroup", "gid=5", "seccomp" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *config = make(&cases[i].c, args);
		char text[16384] = "";

		flatten(config, "", text, sizeof(text));
		for (const char *const *has = cases[i].has; *has; has++) {
			if (!strstr(text, *has))
				fail_msg("'%s' is not in\n%s", *has, text);
		}
		for (const char *const *no = cases[i].has_not; *no; no++) {
			if (strstr(text, *no))
				fail_msg("'%s' is in\n%s", *no, text);
		}
		json_decref(config);
	}
}

/* A program of the user's own: root, environment, folder and /tmp are its tree's. */
static void configuration_of_a_users_program(void **state)
{
	static const char *const has[] = { "root.path=\"/tree\"", "root.readonly=true",
		"process.cwd=\"/work\"", "process.env=\"A=1\"", "process.args=\"/bin/tool\"",
		"process.args=\"x y\"", "mounts.destination=\"/tmp\"", "tmpcopyup" };
	static const char *const has_not[] = { "PATH=", "/tree/tmp/own", "/workload" };
	static struct ctr_tree tree;
	char *const envp[] = { (char[]){ "A=1" }, NULL };
	char *const argv[] = { (char[]){ "tool" }, (char[]){ "x y" }, NULL };
	const struct rt_program own = {
		.tree = "/tree", .path = "/bin/tool", .dir = "/work", .argv = argv, .envp = envp
	};
	const struct oci_config c = { .rootfs = "/tree", .program = &own, .tree = &tree };
	char all[16384] = "";
	struct err e = { 0 };
	json_t *config;

	(void)state;
	tree.tmp.n = 2;
	tree.tmp.entries[0] = (struct ctr_tree_entry){ .name = (char[]){ "own" },
		.host_path = (char[]){ "/tree/tmp/own" },
		.path = (char[]){ "/tmp/own" },
		.folder = true };
	tree.tmp.entries[1] = (struct ctr_tree_entry){ .name = (char[]){ "link" },
		.host_path = (char[]){ "/tree/tmp/link" },
		.path = (char[]){ "/tmp/link" },
		.target = (char[]){ "/etc" } };
	assert_int_equal(oci_config_make(&c, &config, &e), 0);
	assert_int_equal(oci_config_arguments(config, own.path, argv, &e), 0);
	flatten(config, "", all, sizeof(all));
	for (size_t i = 0; i < ARRAY_SIZE(has); i++)
		assert_non_null(strstr(all, has[i]));
	for (size_t i = 0; i < ARRAY_SIZE(has_not); i++)
		assert_null(strstr(all, has_not[i]));
	json_decref(config);
}

static void arguments_replace_those_of_the_launch_before(void **state)
{
	static const char *const first[] = { "workload", "--a", "--b", NULL };
	char *const second[] = { (char *)"workload", (char *)"--c", NULL };
	char *const none[] = { NULL };
	json_t *config = make(&(struct oci_config){ .rootfs = "/r" }, first), *args;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(oci_config_arguments(config, OCI_PROGRAM, second, &e), 0);
	args = json_object_get(json_object_get(config, "process"), "args");
	assert_int_equal(json_array_size(args), 2);
	assert_string_equal(json_string_value(json_array_get(args, 1)), "--c");
	assert_int_equal(oci_config_arguments(config, OCI_PROGRAM, none, &e), 0);
	args = json_object_get(json_object_get(config, "process"), "args");
	assert_int_equal(json_array_size(args), 1);
	json_decref(config);
}

static void an_argument_that_json_cannot_hold_is_refused(void **state)
{
	char *const argv[] = { (char *)"workload", (char *)"--x=\xff\xfe", NULL };
	struct err e = { 0 };
	json_t *config;

	(void)state;
	assert_int_equal(oci_config_make(&(struct oci_config){ .rootfs = "/r" }, &config, &e), 0);
	assert_int_equal(oci_config_arguments(config, OCI_PROGRAM, argv, &e), -EINVAL);
	assert_non_null(strstr(e.message, "argument 1"));
	json_decref(config);
}

static void the_last_message_of_a_log(void **state)
{
	static const struct {
		const char *log, *want;
	} cases[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "{\"msg\":\"one\",\"level\":\"error\"}", "one" },
		{ "{\"msg\":\"one\"}\n{ \"msg\" : \"two\" }\n", "two" },
		{ "{\"msg\":\"one\"}\nno JSON\n{\"msg\":7}\n[]\n", "one" },
		{ "{\"msg\":\"a\\nb\\u001b[31m\"}", "a b [31m" },
		{ "{\"msg\":\"0123456789012345678901234567890123456789\"}", "0123456789012345678" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[20];

		oci_log_message(cases[i].log, out, sizeof(out));
		assert_string_equal(out, cases[i].want);
	}
}

/* In the namespace /sys/fs/cgroup is a plain v2 tree that cannot be written; out here nothing is
 * changed. */
static void the_namespace_has_a_plain_cgroup_tree(void **state)
{
	static const char script[] = "stat -f -c %T /sys/fs/cgroup; "
				     "mkdir /sys/fs/cgroup/bench-test 2>/dev/null && echo made; "
				     "grep -c cgroup /proc/self/mountinfo";
	char *const argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)script, NULL };
	cleanup_fd int said = memfd_create("said", MFD_CLOEXEC), ns = -1;
	cleanup_free char *before = NULL, *after = NULL;
	char text[64] = "";
	struct err e = { 0 };

	(void)state;
	assert_int_equal(read_file("/proc/self/mountinfo", 1 << 20, &before, NULL), 0);
	ns = oci_cgroup_namespace(&e);
	if (ns == -EPERM)
		SKIP("a mount namespace needs root");
	assert_true(ns >= 0);
	assert_int_equal(peer_run(argv, ns, said), 0);
	assert_true(pread(said, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "cgroup2fs\n1\n");
	assert_int_equal(read_file("/proc/self/mountinfo", 1 << 20, &after, NULL), 0);
	assert_string_equal(before, after);
}

/* --- what a runtime writes down --- */

static const struct oci_state_form form = { "state.json", "init_pid", "init_start" };

/* A container's folder below @root, whose file is @before, @pid, @between, @start and "}". */
static void put_state(const char *root, const char *id, const char *before, pid_t pid,
	const char *between, uint64_t start)
{
	cleanup_free char *dir = path_in(root, id), *said = NULL;

	assert_int_equal(mkdir(dir, 0700), 0);
	said = format_text("%s%d%s%ju}", before, (int)pid, between, (uintmax_t)start);
	assert_non_null(said);
	put_file(dir, form.file, said, strlen(said));
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	assert_true(pid > 0);
	return pid;
}

static bool is_killed(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

#define PID "{ \"init_pid\": "
#define START ", \"init_start\": "

/* One that is alive is found by number and start, and by nothing less. */
static void the_first_process_is_known_by_its_start(void **state)
{
	static const struct {
		const char *before, *between;
		unsigned later; /* its start, beside the real one */
		bool found;
	} cases[] = {
		{ PID, START, 0, true },
		{ PID, START, 1, false },
		{ PID, ", \"another\": ", 0, false },
		{ "{ \"another\": ", START, 0, false },
		{ "{ \"init_pid\": -", START, 0, false },
		{ "{ \"init_pid\": 4294967297", START, 0, false },
		{ PID, ", \"init_start\": \"", 0, false },
		{ "[", ",", 0, false },
		{ "", "", 0, false },
	};
	pid_t pid = sleeper();
	char id[16];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *dir = NULL;

		snprintf(id, sizeof(id), "c%zu", i);
		put_state(*state, id, cases[i].before, pid, cases[i].between,
			proc_start_time(pid) + cases[i].later);
		dir = path_in(*state, id);
		assert_int_equal(oci_state_pid(&form, dir), cases[i].found ? pid : 0);
	}
	assert_int_equal(oci_state_pid(&form, "/nonexistent"), 0);
	kill(pid, SIGKILL);
	assert_true(is_killed(pid));
}

static void all_containers_of_a_root_are_killed(void **state)
{
	pid_t first = sleeper(), second = sleeper(), other = sleeper();

	put_state(*state, "first", PID, first, START, proc_start_time(first));
	put_state(*state, "other", PID, other, START, proc_start_time(other) + 1);
	put_state(*state, "second", PID, second, START, proc_start_time(second));
	put_file(*state, "no-folder", "", 0);
	oci_state_kill_all(&form, *state);
	oci_state_kill_all(&form, "/nonexistent");
	assert_true(is_killed(first) && is_killed(second));
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	kill(other, SIGKILL);
	assert_true(is_killed(other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_holds_what_spec_writes),
		cmocka_unit_test(configuration_of_a_users_program),
		cmocka_unit_test(arguments_replace_those_of_the_launch_before),
		cmocka_unit_test(an_argument_that_json_cannot_hold_is_refused),
		cmocka_unit_test(the_last_message_of_a_log),
		cmocka_unit_test(the_namespace_has_a_plain_cgroup_tree),
		in_folder(the_first_process_is_known_by_its_start),
		in_folder(all_containers_of_a_root_are_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
