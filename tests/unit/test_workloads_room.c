/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory there is, by recorded files of all kinds of hosts. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/room.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define MIB (UINT64_C(1) << 20)

static void reads_meminfo(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "MemTotal:  100 kB\nMemFree:  50 kB\nMemAvailable:     77 kB\n", 77 * 1024 },
		{ "MemAvailable: 0 kB\n", 0 },
		{ "MemTotal: 100 kB\nMemFree: 50 kB\n", ROOM_UNKNOWN }, /* before Linux 3.14 */
		{ "NoMemAvailable: 5 kB\nMemAvailableNot: 6 kB\n", ROOM_UNKNOWN },
		{ "", ROOM_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		assert_int_equal(room_of_meminfo(cases[i].text, "MemAvailable"), cases[i].bytes);
}

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	FILE *f = fopen(full, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_trees(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test-room-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	put("v2/a/memory.max", "1000000\n");
	put("v2/a/memory.current", "400000\n");
	put("v2/a/b/memory.max", "max\n");
	put("v2/a/b/memory.current", "300000\n");
	put("v2/a/c/memory.max", "200000\n");
	put("v2/a/c/memory.current", "150000\n");
	put("v2/full/memory.max", "5\n");
	put("v2/full/memory.current", "7\n");
	put("v1/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put("v1/memory/memory.usage_in_bytes", "1000\n");
	put("v1/memory/docker/x/memory.limit_in_bytes", "70000\n");
	put("v1/memory/docker/x/memory.usage_in_bytes", "20000\n");
	put("inner/memory/memory.limit_in_bytes", "80000\n");
	put("inner/memory/memory.usage_in_bytes", "10000\n");
	return 0;
}

static int remove_trees(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

static void reads_cgroups(void **state)
{
	static const struct {
		const char *name, *mount, *cgroup;
		uint64_t bytes;
	} cases[] = {
		{ "v2, the limit is above", "v2", "0::/a/b\n", 600000 },
		{ "v2, the nearer one is less", "v2", "0::/a/c\n", 50000 },
		{ "v2, over its limit", "v2", "0::/full\n", 0 },
		{ "v2, at the root", "v2", "0::/\n", ROOM_UNKNOWN },
		{ "v2, one that does not show", "v2", "0::/../x\n", ROOM_UNKNOWN },
		{ "v1", "v1", "9:cpu:/\n4:memory:/docker/x\n0::/\n", 50000 },
		{ "v1, without a limit", "v1", "4:memory:/other\n",
			UINT64_C(9223372036854771712) - 1000 },
		{ "v1 in a container", "inner", "4:memory:/docker/x\n", 70000 },
		{ "no tree at all", "nothing", "0::/a\n", ROOM_UNKNOWN },
		{ "no cgroups", "v2", "", ROOM_UNKNOWN },
	};
	char mount[128];

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		snprintf(mount, sizeof(mount), "%s/%s", root, cases[i].mount);
		uint64_t got = room_of_cgroup(cases[i].cgroup, mount);

		if (got != cases[i].bytes)
			fail_msg("%s: %ju", cases[i].name, (uintmax_t)got);
	}
}

/* A path longer than any room for it is no limit, and no harm. */
static void a_long_path_is_unknown(void **state)
{
	char text[4096] = "0::/";

	(void)state;
	memset(text + 4, 'a', sizeof(text) - 5);
	assert_int_equal(room_of_cgroup(text, root), ROOM_UNKNOWN);
}

static void refuses_by_name_what_is_too_much(void **state)
{
	static struct bench_ctx c;
	const size_t held = 900 * MIB;

	(void)state;
	room_set_limit(1);
	assert_int_equal(room_left(), 0);
	assert_int_equal(room_for(&c, 1024 * MIB, 0), -EOPNOTSUPP);
	assert_string_equal(c.why,
		"needs 1104 MiB of memory, 0 are there; a guest or a limited container has enough "
		"by --mem 1344");
	assert_int_equal(room_for(&c, 1024 * MIB, held), -EOPNOTSUPP);
	assert_non_null(strstr(c.why, ", 900 are there"));
	assert_int_equal(room_for(&c, 512 * MIB, held), 0);
	room_set_limit(0);
}

/* Of the launcher's limit that which is resident already is gone. */
static void what_is_held_counts_against_the_limit(void **state)
{
	const size_t size = 32 * MIB;
	uint64_t before, after;

	(void)state;
	room_set_limit(1024 * MIB);
	before = room_left();
	if (before == ROOM_UNKNOWN || before < 512 * MIB) {
		room_set_limit(0);
		SKIP("less than 512 MiB are available here");
	}
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	memset(p, 1, size);
	after = room_left();
	munmap(p, size);
	room_set_limit(0);
	assert_true(after + size / 2 < before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_meminfo),
		cmocka_unit_test(reads_cgroups),
		cmocka_unit_test(a_long_path_is_unknown),
		cmocka_unit_test(refuses_by_name_what_is_too_much),
		cmocka_unit_test(what_is_held_counts_against_the_limit),
	};

	return cmocka_run_group_tests(tests, make_trees, remove_trees);
}
