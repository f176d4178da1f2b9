/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what kernels tell of memory: recorded files (tests/data/memory), and broken ones. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/cgroup_stat.h"
#include "runner/meminfo.h"
#include "runner/settle.h"
#include "runner/slabinfo.h"
#include "runner/smaps.h"

#define DATA "tests/data/memory/"
#define KIB 1024

static char *recorded(const char *name)
{
	char path[128];
	char *text = NULL;

	snprintf(path, sizeof(path), DATA "%s", name);
	if (read_file(path, 1 << 20, &text, NULL) < 0)
		fail_msg("%s cannot be read", path);
	return text;
}

static void amounts(void **state)
{
	static const struct {
		const char *name, *text, *key, *unit;
		bool known;
		uint64_t bytes;
	} cases[] = {
		{ "kB", "A: 1 kB\nSlab:   300 kB\n", "Slab", "kB", true, 300 * KIB },
		{ "bytes", "slab 4096\n", "slab", "", true, 4096 },
		{ "nothing of it is something", "slab 0\n", "slab", "", true, 0 },
		{ "a longer key", "SlabMore: 1 kB\n", "Slab", "kB", false, 0 },
		{ "the end of another", "kernel_slab 7\nslab 8\n", "slab", "", true, 8 },
		{ "no such line", "Slap: 3 kB\n", "Slab", "kB", false, 0 },
		{ "empty", "", "Slab", "kB", false, 0 },
		{ "another unit", "Slab: 3 MB\n", "Slab", "kB", false, 0 },
		{ "no unit", "Slab: 3\n", "Slab", "kB", false, 0 },
		{ "a unit too many", "slab 3 kB\n", "slab", "", false, 0 },
		{ "cut off in the number", "Slab: 30", "Slab", "kB", false, 0 },
		{ "cut off before the end", "Slab: 30 kB", "Slab", "kB", false, 0 },
		{ "cut off in bytes", "slab 40", "slab", "", false, 0 },
		{ "negative", "Slab: -3 kB\n", "Slab", "kB", false, 0 },
		{ "a word", "Slab: few kB\n", "Slab", "kB", false, 0 },
		{ "no number", "Slab: kB\n", "Slab", "kB", false, 0 },
		{ "more than 64 bits", "Slab: 99999999999999999999 kB\n", "Slab", "kB", false, 0 },
		{ "more than 64 bits in bytes", "Slab: 18446744073709551615 kB\n", "Slab", "kB",
			false, 0 },
		{ "far too many digits", "slab 000000000000000000000000000000000001\n", "slab", "",
			false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct amount a =
			amount_find(cases[i].text, cases[i].key, cases[i].unit, "some file");

		if (amount_known(&a) != cases[i].known || a.bytes != cases[i].bytes)
			fail_msg("%s: %ju, %s", cases[i].name, (uintmax_t)a.bytes, a.why);
		if (!cases[i].known &&
			(!strstr(a.why, cases[i].key) || !strstr(a.why, "some file")))
			fail_msg("%s: the reason names neither: %s", cases[i].name, a.why);
	}
}

static void sums(void **state)
{
	struct amount a[] = { amount_of(1), amount_of(2), amount_unknown("no %d", 3) };
	struct amount two = amount_sum(a, 2), three = amount_sum(a, 3), none = amount_sum(a, 0);

	(void)state;
	assert_true(amount_known(&two) && two.bytes == 3);
	assert_true(amount_known(&none) && none.bytes == 0);
	assert_string_equal(three.why, "no 3");
}

static void meminfo_of_kernels(void **state)
{
	static const struct {
		const char *file;
		uint64_t kib[MEM_KEYS];
	} cases[] = {
		{ "meminfo-6.1", { 996380, 847192, 1040, 236, 20288, 512, 0 } },
		{ "meminfo-6.18", { 24684092, 23614152, 2240, 5572, 381528, 3144, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *text = recorded(cases[i].file);
		struct meminfo m;

		meminfo_parse(text, &m);
		for (unsigned k = 0; k < MEM_KEYS; k++) {
			if (!amount_known(&m.at[k]) || m.at[k].bytes != cases[i].kib[k] * KIB)
				fail_msg("%s, %u: %ju, %s", cases[i].file, k,
					(uintmax_t)m.at[k].bytes, m.at[k].why);
		}
	}
}

/* What an old kernel does not tell is unknown, and nothing else is. */
static void meminfo_of_an_old_kernel(void **state)
{
	struct meminfo m;

	(void)state;
	meminfo_parse("MemTotal:        1017928 kB\nMemFree:          752284 kB\n"
		      "Slab:              26004 kB\nKernelStack:         896 kB\n"
		      "PageTables:         1936 kB\n",
		&m); /* as 3.10 has them */
	assert_true(amount_known(&m.at[MEM_TOTAL]) && amount_known(&m.at[MEM_SLAB]));
	assert_true(amount_known(&m.at[MEM_KERNEL_STACK]) && amount_known(&m.at[MEM_PAGE_TABLES]));
	assert_non_null(strstr(m.at[MEM_AVAILABLE].why, "MemAvailable"));
	assert_non_null(strstr(m.at[MEM_PERCPU].why, "Percpu"));
	assert_non_null(strstr(m.at[MEM_SEC_PAGE_TABLES].why, "SecPageTables"));
}

static void meminfo_of_this_host(void **state)
{
	struct meminfo m;
	struct err e;

	(void)state;
	assert_int_equal(meminfo_read(&m, &e), 0);
	assert_true(amount_known(&m.at[MEM_TOTAL]) && m.at[MEM_TOTAL].bytes > 0);
	assert_true(m.at[MEM_AVAILABLE].bytes <= m.at[MEM_TOTAL].bytes);
}

static void pages_at_hand(void **state)
{
	static const char two_cpus[] =
		"Node 0, zone      DMA\n  pages free     3840\n  pagesets\n    cpu: 0\n"
		"              count: 12\n              high:  0\n    cpu: 1\n"
		"              count: 30\n  vm stats threshold: 8\n  start_pfn:           1\n";

	(void)state;
	assert_int_equal(meminfo_at_hand(two_cpus, 4096), 42 * 4096);
	assert_int_equal(meminfo_at_hand("", 4096), 0);
	assert_int_equal(meminfo_at_hand("    cpu: 0\n      count: many\n", 4096), 0);
}

static void smaps_of_kernels(void **state)
{
	static const struct {
		const char *file;
		uint64_t guest_at, guest_bytes;
		struct smaps_part all, guest; /* KiB */
	} cases[] = {
		{ "smaps-6.1", 0, 0, { 1464, 196, 52 }, { 0, 0, 0 } },
		{ "smaps_rollup-6.1", 0, 0, { 1464, 199, 52 }, { 0, 0, 0 } },
		{ "smaps-vm-6.18", 0x7f3df6a00000, 128ul << 20, { 296, 284, 276 },
			{ 164, 164, 164 } },
		{ "smaps-vm-6.18", 0, 0, { 296, 284, 276 }, { 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *text = recorded(cases[i].file);
		struct smaps m;
		struct err e;

		if (smaps_parse(text, cases[i].guest_at, cases[i].guest_bytes, &m, &e) < 0)
			fail_msg("%s: %s", cases[i].file, e.message);
		if (m.all.rss != cases[i].all.rss * KIB || m.all.pss != cases[i].all.pss * KIB ||
			m.all.private != cases[i].all.private * KIB ||
			m.guest.rss != cases[i].guest.rss * KIB ||
			m.guest.pss != cases[i].guest.pss * KIB ||
			m.guest.private != cases[i].guest.private * KIB)
			fail_msg("%s, case %zu: %ju %ju %ju, guest %ju %ju %ju", cases[i].file, i,
				(uintmax_t)m.all.rss / KIB, (uintmax_t)m.all.pss / KIB,
				(uintmax_t)m.all.private / KIB, (uintmax_t)m.guest.rss / KIB,
				(uintmax_t)m.guest.pss / KIB, (uintmax_t)m.guest.private / KIB);
	}
}

#define FIELDS "Rss: 8 kB\nPss: 4 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\n"
#define MAPPING(range) range " rw-p 00000000 00:00 0 [heap]\n"

static void smaps_by_hand(void **state)
{
	static const struct {
		const char *name, *text;
		int result;
		uint64_t pss, guest_pss, private; /* KiB */
	} cases[] = {
		{ "one", MAPPING("1000-2000") FIELDS, 0, 4, 0, 3 },
		{ "the guest's", MAPPING("8000-a000") FIELDS, 0, 4, 4, 3 },
		{ "beside it", MAPPING("7000-8000") FIELDS MAPPING("9000-a000") FIELDS, 0, 8, 0,
			6 },
		{ "a part of it", MAPPING("7000-8001") FIELDS, 0, 4, 4, 3 },
		{ "of the pool", MAPPING("8000-9000") FIELDS "Private_Hugetlb: 2048 kB\n", 0, 2052,
			2052, 2051 },
		{ "nothing", "", -EPROTO, 0, 0, 0 },
		{ "no mapping", FIELDS, -EPROTO, 0, 0, 0 },
		{ "no Pss", MAPPING("1000-2000") "Rss: 8 kB\nPrivate_Clean: 1 kB\n", -EPROTO, 0, 0,
			0 },
		{ "cut off in a line", MAPPING("1000-2000") FIELDS "Shared_Cl", -EPROTO, 0, 0, 0 },
		{ "cut off in a mapping",
			MAPPING("1000-2000") FIELDS MAPPING("2000-3000") "Rss: 8 kB\n", -EPROTO, 0,
			0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct smaps m;
		struct err e = { 0 };
		int r = smaps_parse(cases[i].text, 0x8000, 0x1000, &m, &e);

		if (r != cases[i].result || (r && e.code != r))
			fail_msg("%s: %d, %s", cases[i].name, r, e.message);
		if (!r && (m.all.pss != cases[i].pss * KIB ||
				  m.guest.pss != cases[i].guest_pss * KIB ||
				  m.all.private != cases[i].private * KIB))
			fail_msg("%s: %ju %ju %ju", cases[i].name, (uintmax_t)m.all.pss,
				(uintmax_t)m.guest.pss, (uintmax_t)m.all.private);
	}
}

static void smaps_of_processes(void **state)
{
	struct smaps m;
	struct err e;

	(void)state;
	assert_int_equal(smaps_read(getpid(), 0, 0, &m, &e), 0);
	assert_true(m.all.pss > 0 && m.all.pss <= m.all.rss && m.guest.rss == 0);
	assert_int_equal(smaps_read(0x7ffffffe, 0, 0, &m, &e), -ENOENT);
	assert_non_null(strstr(e.message, "/proc/2147483646/smaps"));
}

static void cgroups_of_both_versions(void **state)
{
	static const struct {
		const char *folder;
		int64_t bytes[CG_AMOUNTS]; /* -1: unknown */
	} cases[] = {
		{ "v2-6.1", { 253952, 262144, 49152, 0, 0, 0, 20480, 0, 0, 0, 45056 } },
		{ "v1-6.18", { 180224, 262144, 110592, 0, 0, -1, -1, -1, -1, -1, 69632 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_stat s;
		char folder[128];

		snprintf(folder, sizeof(folder), DATA "%s", cases[i].folder);
		cgroup_stat_read(folder, &s);
		for (unsigned k = 0; k < CG_AMOUNTS; k++) {
			bool known = cases[i].bytes[k] >= 0;

			if (known != amount_known(&s.at[k]) ||
				(known && s.at[k].bytes != (uint64_t)cases[i].bytes[k]))
				fail_msg("%s, %s: %ju, %s", folder, cgroup_amount_names[k],
					(uintmax_t)s.at[k].bytes, s.at[k].why);
		}
	}
}

static void write_text(const char *folder, const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

/* Each number fails for itself: the others are there. */
static void broken_cgroups(void **state)
{
	char folder[] = "/tmp/bench-test-XXXXXX";
	struct cgroup_stat s;

	(void)state;
	assert_non_null(mkdtemp(folder));
	cgroup_stat_read(folder, &s);
	for (unsigned k = 0; k < CG_AMOUNTS; k++)
		assert_non_null(strstr(s.at[k].why, "no memory controller"));
	write_text(folder, "memory.current", "12 34\n");
	write_text(folder, "memory.stat", "anon 4096\nfile many\nshmem 81");
	cgroup_stat_read(folder, &s);
	assert_true(amount_known(&s.at[CG_ANON]) && s.at[CG_ANON].bytes == 4096);
	assert_non_null(strstr(s.at[CG_CURRENT].why, "memory.current"));
	assert_non_null(strstr(s.at[CG_PEAK].why, "no memory.peak")); /* before 5.19 */
	assert_non_null(strstr(s.at[CG_FILE].why, "'file'"));
	assert_non_null(strstr(s.at[CG_SHMEM].why, "'shmem'"));
	assert_non_null(strstr(s.at[CG_KERNEL].why, "no 'kernel'"));
	write_text(folder, "memory.current", "");
	cgroup_stat_read(folder, &s);
	assert_false(amount_known(&s.at[CG_CURRENT]));
	assert_int_equal(remove_tree(folder), 0);
}

static void network_namespaces(void **state)
{
	static const char head[] = "slabinfo - version: 2.1\n# name  <active_objs> <num_objs>\n";
	static const struct {
		const char *line;
		bool known;
		uint64_t n;
	} cases[] = {
		{ "net_namespace         35     63   4288    7    8\n", true, 35 },
		{ "net_namespace          0      0   4288    7    8\n", true, 0 },
		{ "net_namespaces        35     63   4288    7    8\n", false, 0 },
		{ "net_namespace many\n", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];
		struct amount a;

		snprintf(text, sizeof(text), "%s%s", head, cases[i].line);
		a = slabinfo_active(text, "net_namespace");
		if (amount_known(&a) != cases[i].known || a.bytes != cases[i].n)
			fail_msg("'%s': %ju, %s", cases[i].line, (uintmax_t)a.bytes, a.why);
	}
}

static bool is_dentry(const char *cache)
{
	return !strcmp(cache, "dentry");
}

/* Objects of dentries alone are what differs between the two. */
static void slabs_of_a_kernel(void **state)
{
	cleanup_free char *text = recorded("slabinfo-6.18");
	struct amount all = slabinfo_free(text, NULL), some = slabinfo_free(text, is_dentry);

	(void)state;
	assert_string_equal(all.why, "");
	assert_string_equal(some.why, "");
	assert_int_equal(all.bytes, 3860280);
	assert_int_equal(some.bytes, 3827448);
}

#define SLAB_HEAD "slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize>\n"

static void slabs_by_hand(void **state)
{
	static const struct {
		const char *name, *text, *why; /* NULL: known */
		uint64_t bytes;
	} cases[] = {
		{ "two", SLAB_HEAD "a 1 3 100 9 1 : x\nb 0 1 8 1 1 : x\n", NULL, 208 },
		{ "all in use", SLAB_HEAD "a 3 3 100 9 1 : x\n", NULL, 0 },
		{ "left out", SLAB_HEAD "a 1 2 100 1 : x\ndentry 0 9 192 21 1 : x\n", NULL, 100 },
		{ "empty", "", "version 2", 0 },
		{ "version 1", "slabinfo - version: 1.1\na 1 3 100\n", "version 2", 0 },
		{ "no cache", SLAB_HEAD, "no cache", 0 },
		{ "cut off", SLAB_HEAD "a 1 3 100 9 1 : x\nb 0 1", "cut off", 0 },
		{ "more in use than there are", SLAB_HEAD "a 4 3 100 9 1\n", "'a 4 3", 0 },
		{ "a word", SLAB_HEAD "a 1 many 100 9 1\n", "'a 1 many", 0 },
		{ "too few numbers", SLAB_HEAD "a 1 3\n", "'a 1 3'", 0 },
		{ "objects of nothing", SLAB_HEAD "a 1 3 0 9 1\n", "'a 1 3 0", 0 },
		{ "negative", SLAB_HEAD "a 1 -3 100 9 1\n", "'a 1 -3", 0 },
		{ "more than 64 bits", SLAB_HEAD "a 0 18446744073709551615 2 9 1\n", "'a 0 1", 0 },
		{ "their sum is", SLAB_HEAD "a 0 18446744073709551615 1 9\nb 0 1 1 9\n", "'b 0 1",
			0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct amount a = slabinfo_free(cases[i].text, is_dentry);

		if (cases[i].why ? !strstr(a.why, cases[i].why)
				 : !amount_known(&a) || a.bytes != cases[i].bytes)
			fail_msg("%s: %ju, '%s'", cases[i].name, (uintmax_t)a.bytes, a.why);
	}
}

/* Root reads it where the kernel has it; everybody else is told why not. */
static void slabs_of_this_host(void **state)
{
	struct amount a = slabinfo_read();

	(void)state;
	if (access("/proc/slabinfo", R_OK))
		assert_non_null(strstr(a.why, "unavailable: /proc/slabinfo"));
	else
		assert_string_equal(a.why, "");
}

/* Waiting for memory to stand still ends by itself on any host, and at once when interrupted. */
static void standing_still(void **state)
{
	struct err e = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(settle_still(fds[0], &e), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(settle_still(fds[0], &e), -ECANCELED);
	assert_non_null(strstr(e.message, "interrupted"));
	close(fds[0]);
	close(fds[1]);
}

static void what_is_left_is_told(void **state)
{
	static const struct {
		struct left_behind left;
		const char *text;
	} cases[] = {
		{ { 0 }, "" },
		{ { .bytes = 5 << 20 }, "5 MiB of memory" },
		{ { .netns = 3, .processes = 1, .cgroups = 2 },
			"1 processes, 2 cgroups, 3 network namespaces" },
	};
	char text[160];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(settle_text(&cases[i].left, text, sizeof(text)), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts),
		cmocka_unit_test(sums),
		cmocka_unit_test(meminfo_of_kernels),
		cmocka_unit_test(meminfo_of_an_old_kernel),
		cmocka_unit_test(meminfo_of_this_host),
		cmocka_unit_test(pages_at_hand),
		cmocka_unit_test(smaps_of_kernels),
		cmocka_unit_test(smaps_by_hand),
		cmocka_unit_test(smaps_of_processes),
		cmocka_unit_test(cgroups_of_both_versions),
		cmocka_unit_test(broken_cgroups),
		cmocka_unit_test(network_namespaces),
		cmocka_unit_test(slabs_of_a_kernel),
		cmocka_unit_test(slabs_by_hand),
		cmocka_unit_test(slabs_of_this_host),
		cmocka_unit_test(standing_still),
		cmocka_unit_test(what_is_left_is_told),
	};

	return cmocka_run_group_tests_name("runner/memory", tests, NULL, NULL);
}
