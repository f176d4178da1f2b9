/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks, storms and areas of the suite paging, on memory small enough for any machine. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/area.h"
#include "workloads/paging.h"
#include "workloads/room.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define MIB ((size_t)1 << 20)

static struct bench_ctx c;

static void open_ctx(const struct benchmark *b)
{
	memset(&c, 0, sizeof(c));
	c.bench = b;
	c.fd[0] = c.fd[1] = -1;
}

static void close_ctx(void)
{
	if (c.mem)
		munmap(c.mem, c.mem_len);
	if (c.fd[0] >= 0)
		close(c.fd[0]);
	memset(&c, 0, sizeof(c));
}

static void the_walk_is_a_full_cycle(void **state)
{
	static const uint64_t sizes[] = { 2, 64, 4096, 64 * MIB / WALK_LINE };

	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++) {
		unsigned char *visited = calloc(sizes[i], 1);
		uint64_t line = 0;

		assert_non_null(visited);
		for (uint64_t k = 0; k < sizes[i]; k++) {
			assert_true(line < sizes[i]);
			if (visited[line]++)
				fail_msg("line %ju of %ju comes twice", (uintmax_t)line,
					(uintmax_t)sizes[i]);
			line = walk_next(line, 0, sizes[i]);
		}
		assert_int_equal(line, 0);
		free(visited);
	}
}

/* The next line hangs on what was read: a CPU cannot begin before it has that. */
static void the_walk_waits_for_what_it_reads(void **state)
{
	(void)state;
	for (uint64_t line = 0; line < 100; line++)
		assert_int_not_equal(walk_next(line, 0, 4096), walk_next(line, 1, 4096));
}

/* A new page from one step to the next, nearly always, and at no distance more often than at
 * others: nothing for a prefetcher. */
static void the_walk_jumps(void **state)
{
	const uint64_t lines = 64 * MIB / WALK_LINE, pages = 64 * MIB / BENCH_PAGE;
	static unsigned distances[64 * MIB / BENCH_PAGE];
	uint64_t line = 0, stays = 0;
	unsigned most = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t next = walk_next(line, 0, lines);
		uint64_t distance = (next / 64 - line / 64) & (pages - 1);

		stays += distance == 0;
		if (++distances[distance] > most)
			most = distances[distance];
		line = next;
	}
	assert_true(stays < 100);
	assert_true(most < 100); /* 6 on average */
}

static void walks_in_the_shared_area(void **state)
{
	const struct benchmark small = {
		.run = run_walk, .arg = 2 * MIB, .group = GROUP_SMALL_PAGES
	};
	const struct benchmark large = {
		.run = run_walk, .arg = 8 * MIB, .group = GROUP_SMALL_PAGES
	};
	const struct benchmark *const order[] = { &small, &large, &small };
	char *first = NULL;

	(void)state;
	for (size_t i = 0; i < ROWS(order); i++) {
		open_ctx(order[i]);
		if (setup_walk(&c) < 0)
			SKIP(c.why);
		assert_null(c.mem); /* nothing that a release would unmap */
		assert_non_null(c.lent);
		if (!first)
			first = c.lent;
		assert_ptr_equal(c.lent, first); /* it grows where it is */
		assert_int_equal((uintptr_t)c.lent % AREA_HUGE_PAGE, 0);
		for (size_t at = 0; at < order[i]->arg; at += 8)
			assert_int_equal(*(uint64_t *)(c.lent + at), 0);
		assert_int_equal(run_walk(1000, &c), 0);
		uint64_t half = c.cursor;

		assert_int_equal(run_walk(1000, &c), 0);
		assert_int_not_equal(c.cursor, half);
		close_ctx();
	}
	area_release();
	area_release(); /* twice does no harm */
}

/* How many mappings this process has. */
static unsigned mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned n = 0;
	int ch;

	assert_non_null(f);
	while ((ch = fgetc(f)) != EOF)
		n += ch == '\n';
	fclose(f);
	return n;
}

/* Every call of the first half parts a mapping, each of the second joins: two more, two fewer. */
static void every_mprotect_changes_something(void **state)
{
	const struct benchmark b = { .arg = 64 };
	unsigned before;

	(void)state;
	open_ctx(&b);
	if (setup_mprotect_storm(&c) < 0)
		SKIP(c.why);
	before = mappings();
	for (unsigned batch = 0; batch < 8; batch++) {
		assert_int_equal(run_mprotect_storm(32, &c), 0);
		unsigned k = batch % 4 < 2 ? batch % 4 + 1 : 3 - batch % 4;

		assert_int_equal(mappings(), before + 2 * 32 * k);
	}
	close_ctx();
}

/* The room is one mapping, a round parts it, and what is unmapped leaves holes. */
static void a_storm_leaves_nothing_mapped(void **state)
{
	static const uint64_t iterations[] = { 64, 1, 63, 65, 200 };
	const struct benchmark b = { .arg = 64 };

	(void)state;
	for (size_t i = 0; i < ROWS(iterations); i++) {
		unsigned char resident[128];

		open_ctx(&b);
		assert_int_equal(setup_mmap_storm(&c), 0);
		assert_int_equal(c.mem_len, 128 * BENCH_PAGE);
		assert_int_equal(run_mmap_storm(iterations[i], &c), 0);
		/* Of the first round's pages none is mapped any more: mincore(2), ENOMEM. */
		for (unsigned k = 0; k < 64 && k < iterations[i]; k++) {
			assert_int_equal(
				mincore(c.mem + 2 * k * BENCH_PAGE, BENCH_PAGE, resident), -1);
			assert_int_equal(errno, ENOMEM);
		}
		close_ctx();
	}
}

static void reads_the_file_from_end_to_end(void **state)
{
	const struct benchmark b = { .arg = MIB };

	(void)state;
	open_ctx(&b);
	if (setup_file_read(&c) < 0)
		SKIP(c.why);
	for (unsigned i = 0; i < MIB / BENCH_PAGE; i++) {
		char unit[BENCH_PAGE];

		memset(unit, (int)(i % 251) + 1, sizeof(unit));
		assert_int_equal(
			pwrite(c.fd[0], unit, sizeof(unit), (off_t)i * BENCH_PAGE), BENCH_PAGE);
	}
	for (unsigned i = 0; i < 600; i++) { /* two times round, and on */
		if (i % 100 == 0)
			assert_int_equal(before_file_read(&c), 0);
		assert_int_equal(run_file_read(1, &c), 0);
		assert_int_equal((unsigned char)c.block[i * 7 % BENCH_PAGE], i % 256 % 251 + 1);
	}
	close_ctx();
}

static void sums_huge_pages_of_our_mapping_alone(void **state)
{
	static const char *const lines[] = {
		"00400000-00452000 r-xp 00000000 08:02 173521 /bin/x\n",
		"AnonHugePages:     2048 kB\n",
		"7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n",
		"Rss:             4096 kB\n",
		"AnonHugePages:     2048 kB\n",
		"ShmemPmdMapped:      4096 kB\n",
		"VmFlags: rd wr mr mw me ac sd hg \n",
		"7f0000400000-7f0000800000 rw-p 00000000 00:00 0 \n",
		"AnonHugePages:  4096 kB\n",
		"7f0000800000-7f0000a00000 rw-p 00000000 00:00 0 [anon: x y]\n",
		"AnonHugePages:  2048 kB\n",
	};
	struct smaps_sum s = { .from = 0x7f0000000000, .to = 0x7f0000800000 };

	(void)state;
	for (size_t i = 0; i < ROWS(lines); i++)
		smaps_line(&s, lines[i]);
	assert_int_equal(s.bytes, 6 * MIB);
}

static void knows_when_huge_pages_are_off(void **state)
{
	(void)state;
	assert_true(area_huge_are_off("always madvise [never]\n"));
	assert_false(area_huge_are_off("always [madvise] never\n"));
	assert_false(area_huge_are_off("[always] madvise never\n"));
	assert_false(area_huge_are_off("")); /* tried, then */
}

/* Small pages only, or huge ones only, or the row is left out: never a mixture under one name. */
static void pages_are_of_the_kind_asked_for(void **state)
{
	(void)state;
	for (unsigned huge = 0; huge < 2; huge++) {
		const struct benchmark b = { .arg = 8 * MIB / BENCH_PAGE, .huge = huge };

		open_ctx(&b);
		long r = setup_touch(&c);

		if (r < 0) {
			assert_int_equal(r, -EOPNOTSUPP);
			print_message("huge %u: %s\n", huge, c.why);
			assert_true(strlen(c.why) > 10);
		} else {
			assert_int_equal((uintptr_t)c.mem % AREA_HUGE_PAGE, 0);
			assert_int_equal(c.mem_len, 8 * MIB);
			assert_int_equal(
				area_check_huge(&c, c.mem, c.mem_len), huge ? 0 : -EOPNOTSUPP);
		}
		close_ctx();
	}
}

static void cold_touch_touches_nothing_before(void **state)
{
	const struct benchmark b = { .arg = 4 * MIB / BENCH_PAGE };
	unsigned char resident[4 * MIB / BENCH_PAGE];
	size_t there = 0;

	(void)state;
	open_ctx(&b);
	if (setup_cold_touch(&c) < 0)
		SKIP(c.why);
	assert_int_equal(mincore(c.mem, c.mem_len, resident), 0);
	for (size_t i = 0; i < ROWS(resident); i++)
		there += resident[i] & 1;
	assert_int_equal(there, 0);
	close_ctx();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_walk_is_a_full_cycle),
		cmocka_unit_test(the_walk_waits_for_what_it_reads),
		cmocka_unit_test(the_walk_jumps),
		cmocka_unit_test(walks_in_the_shared_area),
		cmocka_unit_test(every_mprotect_changes_something),
		cmocka_unit_test(a_storm_leaves_nothing_mapped),
		cmocka_unit_test(reads_the_file_from_end_to_end),
		cmocka_unit_test(sums_huge_pages_of_our_mapping_alone),
		cmocka_unit_test(knows_when_huge_pages_are_off),
		cmocka_unit_test(pages_are_of_the_kind_asked_for),
		cmocka_unit_test(cold_touch_touches_nothing_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
