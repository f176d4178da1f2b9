/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which huge pages a host has to give, from made-up /sys trees; and memory on them, where it has.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/huge.h"
#include "vmm/mem.h"

#define MIB (1ul << 20)

static void put(const char *dir, const char *name, const char *text)
{
	cleanup_free char *path = format_text("%s/%s", dir, name);
	char *slash = strrchr(path, '/');
	FILE *f;

	if (!text)
		return;
	*slash = '\0';
	assert_int_equal(make_dirs(path), 0);
	*slash = '/';
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_choice(void **state)
{
	static const struct {
		const char *free_pages, *enabled;
		int result;
		enum vm_pages pages;
	} cases[] = {
		{ "4\n", "always [madvise] never\n", 0, VM_PAGES_HUGETLB },
		{ "3\n", "always [madvise] never\n", 0, VM_PAGES_THP },
		{ "3\n", "[always] madvise never\n", 0, VM_PAGES_THP },
		{ NULL, "always [madvise] never\n", 0, VM_PAGES_THP },
		{ "100\n", NULL, 0, VM_PAGES_HUGETLB },
		{ "100\n", "always madvise [never]\n", 0, VM_PAGES_HUGETLB },
		{ "3\n", "always madvise [never]\n", -ENOTSUP, 0 },
		{ "0\n", NULL, -ENOTSUP, 0 },
		{ NULL, NULL, -ENOTSUP, 0 },
		{ "many\n", "\n", -ENOTSUP, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char dir[] = "/tmp/bench-test-huge-XXXXXX";
		enum vm_pages pages = VM_PAGES_COUNT;
		struct err e = { 0 };
		int r;

		assert_non_null(mkdtemp(dir));
		put(dir, "hugepages/hugepages-2048kB/free_hugepages", cases[i].free_pages);
		put(dir, "transparent_hugepage/enabled", cases[i].enabled);
		r = huge_choose(dir, 8 * MIB, &pages, &e);
		assert_int_equal(r, cases[i].result);
		if (r < 0)
			assert_non_null(strstr(e.remedy, "vm.nr_hugepages=4"));
		else
			assert_int_equal(pages, cases[i].pages);
		assert_int_equal(remove_tree(dir), 0);
	}
}

/* What this host's kernel really gives: either works, or says what helps. */
static void test_each_kind_maps_or_says_why(void **state)
{
	(void)state;
	for (enum vm_pages kind = VM_PAGES_SMALL; kind < VM_PAGES_COUNT; kind++) {
		struct guest_mem m = { .base = NULL };
		struct err e = { 0 };
		int r = guest_mem_map(&m, 8 * MIB, kind, &e);

		if (r < 0) {
			assert_true(kind != VM_PAGES_SMALL && *e.message);
			continue;
		}
		assert_int_equal((uintptr_t)m.base % (2 * MIB), 0);
		m.base[0] = m.base[8 * MIB - 1] = 1;
		guest_mem_unmap(&m);
	}
}

/* A file of 8 MiB after an odd start, with data in three places. */
static void test_a_file_is_read_with_its_holes(void **state)
{
	static const off_t at[] = { 0, 3 * MIB + 4096, 8 * MIB - 1 };
	struct guest_mem m = { .base = NULL };
	int fd = memfd_create("memory", MFD_CLOEXEC);
	struct err e;

	(void)state;
	assert_int_equal(ftruncate(fd, 4096 + 8 * MIB), 0);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		assert_int_equal(pwrite(fd, "x", 1, 4096 + at[i]), 1);
	assert_int_equal(guest_mem_map(&m, 8 * MIB, VM_PAGES_SMALL, &e), 0);
	assert_int_equal(guest_mem_read(&m, fd, 4096, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		assert_int_equal(m.base[at[i]], 'x');
	assert_int_equal(m.base[1], 0);
	assert_int_equal(m.base[5 * MIB], 0);
	assert_int_equal(guest_mem_read(&m, -1, 4096, &e), -EBADF);
	guest_mem_unmap(&m);
	close(fd);
}

static void test_a_file_of_holes(void **state)
{
	struct guest_mem m = { .base = NULL };
	int fd = memfd_create("memory", MFD_CLOEXEC);
	struct err e;

	(void)state;
	assert_int_equal(ftruncate(fd, 8 * MIB), 0);
	assert_int_equal(guest_mem_map(&m, 8 * MIB, VM_PAGES_SMALL, &e), 0);
	assert_int_equal(guest_mem_read(&m, fd, 0, &e), 0);
	assert_int_equal(m.base[MIB], 0);
	guest_mem_unmap(&m);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_a_file_is_read_with_its_holes),
		cmocka_unit_test(test_a_file_of_holes),
		cmocka_unit_test(test_each_kind_maps_or_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
