/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of exits, from statistics as KVM lays them out, in files of our own: no KVM is needed. */
#include "tests/unit/check.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/exit_counts.h"
#include "vmm/kvm_stats.h"
#include "vmm/ports.h"
#include "vmm/vm.h"
#include "vmm/vmm.h"

#define NAME_SIZE 48
#define MAX_STATS 16

/* One statistic: what its descriptor says, and its value. */
struct stat_row {
	const char *name;
	uint32_t flags;
	uint16_t size; /* 0: 1 */
	int16_t exponent;
	uint64_t value;
};

/* What is wrong with the file; all zero: nothing. */
struct damage {
	uint32_t name_size;  /* instead of NAME_SIZE */
	uint32_t more;       /* descriptors that are told of and not there */
	uint32_t far_offset; /* of the first value */
	size_t cut;          /* bytes of the file that are there */
};

static void put(int fd, const void *data, size_t len, size_t at)
{
	assert_int_equal(pwrite(fd, data, len, (off_t)at), len);
}

/* Header, an identity, descriptors, values: at places of their own, as the header says. */
static int stats_file(const struct stat_row *rows, size_t n, struct damage d)
{
	const size_t desc_at = 96, step = sizeof(struct kvm_stats_desc) + NAME_SIZE,
		     data_at = desc_at + MAX_STATS * step + 24;
	const struct kvm_stats_header h = {
		.name_size = d.name_size ? d.name_size : NAME_SIZE,
		.num_desc = (uint32_t)n + d.more,
		.id_offset = sizeof(h),
		.desc_offset = (uint32_t)desc_at,
		.data_offset = (uint32_t)data_at,
	};
	int fd = memfd_create("stats", MFD_CLOEXEC);
	uint32_t offset = 0;

	assert_true(fd >= 0 && n <= MAX_STATS);
	put(fd, &h, sizeof(h), 0);
	for (size_t i = 0; i < n; i++) {
		const struct stat_row *r = &rows[i];
		const struct kvm_stats_desc desc = { .flags = r->flags,
			.exponent = r->exponent,
			.size = r->size ? r->size : 1,
			.offset = !i && d.far_offset ? d.far_offset : offset };

		put(fd, &desc, sizeof(desc), desc_at + i * step);
		put(fd, r->name, strlen(r->name) + 1, desc_at + i * step + sizeof(desc));
		put(fd, &r->value, sizeof(r->value), data_at + offset);
		offset += desc.size * (uint32_t)sizeof(uint64_t);
	}
	put(fd, "", 1, data_at + offset); /* the last value is whole */
	if (d.cut)
		assert_int_equal(ftruncate(fd, (off_t)d.cut), 0);
	return fd;
}

static const struct stat_row usual[] = {
	{ .name = "halt_poll_hist", .flags = KVM_STATS_TYPE_LOG_HIST, .size = 3, .value = 99 },
	{ .name = "exits", .value = 1000 },
	{ .name = "exits_of_another_kind", .value = 98 },
	{ .name = "io_exits", .value = 7 },
	{ .name = "halt_exits", .value = 30 },
	{ .name = "guest_mode", .flags = KVM_STATS_TYPE_INSTANT, .value = 1 },
};

static const char *const wanted[] = { "exits", "", "io_exits", "no_such_thing", NULL };

static void read_wanted(int fd, uint64_t values[ARRAY_SIZE(wanted)])
{
	struct kvm_stats_map map;

	memset(values, 0xff, ARRAY_SIZE(wanted) * sizeof(values[0]));
	kvm_stats_locate(fd, wanted, ARRAY_SIZE(wanted), &map);
	kvm_stats_read(fd, &map, values);
}

static void found_by_name(void **state)
{
	uint64_t v[ARRAY_SIZE(wanted)];
	int fd = stats_file(usual, ARRAY_SIZE(usual), (struct damage){ 0 });

	(void)state;
	read_wanted(fd, v);
	assert_int_equal(v[0], 1000);
	assert_int_equal(v[1], COUNT_UNKNOWN);
	assert_int_equal(v[2], 7);
	assert_int_equal(v[3], COUNT_UNKNOWN);
	assert_int_equal(v[4], COUNT_UNKNOWN);
	close(fd);
}

/* Of that name, but no plain running count. */
static void only_counts(void **state)
{
	static const struct stat_row cases[] = {
		{ .name = "exits", .flags = KVM_STATS_TYPE_INSTANT, .value = 5 },
		{ .name = "exits", .flags = KVM_STATS_TYPE_PEAK, .value = 5 },
		{ .name = "exits", .flags = KVM_STATS_TYPE_LINEAR_HIST, .size = 4, .value = 5 },
		{ .name = "exits", .size = 2, .value = 5 },
		{ .name = "exits", .flags = KVM_STATS_UNIT_SECONDS, .value = 5 },
		{ .name = "exits", .flags = KVM_STATS_UNIT_BYTES, .value = 5 },
		{ .name = "exits", .exponent = 3, .value = 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v[ARRAY_SIZE(wanted)];
		int fd = stats_file(&cases[i], 1, (struct damage){ 0 });

		read_wanted(fd, v);
		if (v[0] != COUNT_UNKNOWN)
			fail_msg("case %zu: %ju", i, (uintmax_t)v[0]);
		close(fd);
	}
}

static void damaged_files_are_unknown(void **state)
{
	static const struct {
		const char *what;
		struct damage d;
		uint64_t exits; /* what is read of "exits", the first one here */
	} cases[] = {
		{ "nothing", { 0 }, 4 },
		{ "more descriptors told of than there are", { .more = 1000000 }, 4 },
		{ "names of no length", { .name_size = UINT32_MAX }, COUNT_UNKNOWN },
		{ "names that are not aligned", { .name_size = 47 }, COUNT_UNKNOWN },
		{ "a value far behind", { .far_offset = 1u << 30 }, COUNT_UNKNOWN },
		{ "a value behind the end", { .far_offset = 4096 }, COUNT_UNKNOWN },
		{ "half a header", { .cut = 10 }, COUNT_UNKNOWN },
		{ "a header alone", { .cut = 24 }, COUNT_UNKNOWN },
		{ "half a descriptor", { .cut = 120 }, COUNT_UNKNOWN },
	};
	static const struct stat_row row = { .name = "exits", .value = 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v[ARRAY_SIZE(wanted)];
		int fd = stats_file(&row, 1, cases[i].d);

		read_wanted(fd, v);
		if (v[0] != cases[i].exits)
			fail_msg("%s: %ju", cases[i].what, (uintmax_t)v[0]);
		close(fd);
	}
}

static struct vm_shared shared;
static struct vm vm;

/* A VM of vCPUs that never ran, with these statistics; -1 for none. */
static void make_vm(const int *fds, unsigned n)
{
	shared = (struct vm_shared){ 0 };
	vm_init(&vm, &shared);
	for (vm.nr_vcpus = 0; vm.nr_vcpus < n; vm.nr_vcpus++)
		vm.vcpus[vm.nr_vcpus] =
			(struct vcpu){ .vm = &vm, .fd = -1, .stats_fd = fds[vm.nr_vcpus] };
}

static void end_vm(void)
{
	while (vm.nr_vcpus) {
		int fd = vm.vcpus[--vm.nr_vcpus].stats_fd;

		if (fd >= 0)
			close(fd);
	}
	vm_destroy(&vm);
}

static void all_vcpus_together(void **state)
{
	static const struct stat_row other[] = {
		{ .name = "exits", .value = 5 },
		{ .name = "io_exits", .value = 1 },
		{ .name = "halt_exits", .value = 2 },
	};
	const int fds[] = { stats_file(other, 3, (struct damage){ 0 }),
		stats_file(other, 3, (struct damage){ 0 }) };
	uint64_t counts[COUNT_COUNT];

	(void)state;
	make_vm(fds, 2);
	shared.st.exits[KVM_EXIT_IO] = 11;
	shared.st.exits[KVM_EXIT_MMIO] = 2;
	exit_counts_sum(&vm, counts);
	assert_int_equal(counts[COUNT_ALL], 10);
	assert_int_equal(counts[COUNT_IO], 2);
	assert_int_equal(counts[COUNT_HALT], 4);
	assert_int_equal(counts[COUNT_USER], 13);
	assert_int_equal(counts[COUNT_IRQ], COUNT_UNKNOWN); /* this KVM does not tell */
	end_vm();
}

/* Half a sum would look like a sum. */
static void a_part_missing_is_unknown(void **state)
{
	const int whole_and_none[] = { stats_file(usual, ARRAY_SIZE(usual), (struct damage){ 0 }),
		-1 };
	const int none[] = { -1 };
	uint64_t counts[COUNT_COUNT];

	(void)state;
	make_vm(whole_and_none, 2);
	exit_counts_sum(&vm, counts);
	assert_int_equal(counts[COUNT_ALL], COUNT_UNKNOWN);
	assert_int_equal(counts[COUNT_USER], 0);
	end_vm();
	make_vm(none, 1);
	shared.st.exits[KVM_EXIT_IO] = 3;
	exit_counts_sum(&vm, counts);
	for (size_t i = 0; i < COUNT_COUNT; i++)
		assert_int_equal(counts[i], i == COUNT_USER ? 3 : COUNT_UNKNOWN);
	end_vm();
}

static void in(uint32_t words, uint32_t *to)
{
	struct port_access a = { COUNTS_PORT, 4, false, words, (uint8_t *)to };

	ports_access(&vm, &a);
}

/* The first word takes them all; after the last one it begins again. */
static void the_port_gives_one_moment(void **state)
{
	const int fds[] = { stats_file(usual, ARRAY_SIZE(usual), (struct damage){ 0 }) };
	uint32_t words[2 * COUNT_COUNT + 2];
	uint64_t counts[COUNT_COUNT];

	(void)state;
	make_vm(fds, 1);
	shared.st.exits[KVM_EXIT_IO] = 1;
	in(1, words);
	shared.st.exits[KVM_EXIT_IO] = 100; /* in between: not of this moment */
	in(2 * COUNT_COUNT - 1, words + 1);
	memcpy(counts, words, sizeof(counts));
	assert_int_equal(counts[COUNT_ALL], 1000);
	assert_int_equal(counts[COUNT_USER], 1);
	assert_int_equal(counts[COUNT_HALT], 30);
	in(2 * COUNT_COUNT + 2, words); /* a round, and the next one's first number */
	memcpy(counts, words, sizeof(counts));
	assert_int_equal(counts[COUNT_USER], 100);
	assert_int_equal(words[2 * COUNT_COUNT], 1000);
	in(2 * COUNT_COUNT - 2, words);
	assert_int_equal(words[0], 100); /* it went on where it was: after the first number */
	assert_int_equal(shared.st.unknown_io, 0);
	end_vm();
}

static void so_many_vcpus_and_no_more(void **state)
{
	static const struct {
		unsigned vcpus;
		int most, recommended, ok;
		const char *limit;
	} cases[] = {
		{ 1, 288, 240, 1, NULL },
		{ 288, 288, 240, 1, NULL },
		{ 289, 288, 240, 0, "288" },
		{ 8, 0, 8, 1, NULL },
		{ 9, 0, 8, 0, "8" },
		{ 4, 0, 0, 1, NULL },
		{ 5, 0, 0, 0, "4" },
		{ 5, -1, -1, 0, "4" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };
		int r = vm_check_vcpus(cases[i].vcpus, cases[i].most, cases[i].recommended, &e);

		assert_int_equal(r, cases[i].ok ? 0 : -EINVAL);
		if (r && (!strstr(e.message, cases[i].limit) || !*e.remedy))
			fail_msg("case %zu: %s (%s)", i, e.message, e.remedy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_name),
		cmocka_unit_test(only_counts),
		cmocka_unit_test(damaged_files_are_unknown),
		cmocka_unit_test(all_vcpus_together),
		cmocka_unit_test(a_part_missing_is_unknown),
		cmocka_unit_test(the_port_gives_one_moment),
		cmocka_unit_test(so_many_vcpus_and_no_more),
	};

	return cmocka_run_group_tests_name("vmm/exits", tests, NULL, NULL);
}
