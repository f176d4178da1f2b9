/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/results_fixture.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "results/number.h"

static const char *const hostile[] = {
	"",
	"plain",
	"a,b",
	"\"",
	"\"\"quoted\"\" and, more\"",
	"two\nlines",
	"carriage\rreturn",
	"\r\n",
	"ends in newline\n",
	" leading and trailing ",
	"\t",
	"µs – 測定 \xf0\x9f\x98\x80",
	"\xff\xfe not UTF-8 \x80",
	"\x01\x1b[31m\x7f",
	"=1+1",
	"';DROP TABLE--",
};

static void set_all_strings(struct sample *s, const char *text)
{
	s->run_id = s->suite = s->benchmark = s->params = s->runtime = s->kernel = s->phase =
		s->metric = s->unit = s->reason = text;
}

static void assert_same_sample(const struct sample *a, const struct sample *b)
{
	const char *const of_a[] = { a->run_id, a->suite, a->benchmark, a->params, a->runtime,
		a->kernel, a->phase, a->metric, a->unit, a->reason };
	const char *const of_b[] = { b->run_id, b->suite, b->benchmark, b->params, b->runtime,
		b->kernel, b->phase, b->metric, b->unit, b->reason };

	for (size_t i = 0; i < ARRAY_SIZE(of_a); i++)
		assert_string_equal(of_a[i], of_b[i]);
	assert_int_equal(a->replicate, b->replicate);
	assert_int_equal(a->block, b->block);
	assert_int_equal(a->sample, b->sample);
	assert_int_equal(a->iterations, b->iterations);
	assert_int_equal(a->status, b->status);
	assert_memory_equal(&a->value, &b->value, sizeof(a->value));
	assert_memory_equal(&a->overhead_ns, &b->overhead_ns, sizeof(a->overhead_ns));
}

static void hostile_fields_come_back(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct samples_writer *w;
	struct sample_set set;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct sample s = plain_sample();

		set_all_strings(&s, hostile[i]);
		assert_int_equal(samples_append(w, &s, NULL), 0);
	}
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(set.n, ARRAY_SIZE(hostile));
	assert_false(set.torn);
	for (size_t i = 0; i < set.n; i++) {
		struct sample s = plain_sample();

		set_all_strings(&s, hostile[i]);
		assert_same_sample(&set.rows[i], &s);
	}
	samples_free(&set);
}

static void numbers_come_back(void **state)
{
	static const double values[] = { 0, 0.1, 1.0 / 3, 98.2, -4.25, 1e-300,
		1.7976931348623157e308, 5e-324, 123456789012345680.0 };
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct samples_writer *w;
	struct sample_set set;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct sample s = plain_sample();

		s.value = s.overhead_ns = values[i];
		s.replicate = s.block = s.sample = ~0u;
		s.iterations = UINT64_MAX;
		assert_int_equal(samples_append(w, &s, NULL), 0);
		s.status = (enum sample_status)(i % SAMPLE_STATUS_COUNT);
		assert_int_equal(samples_append(w, &s, NULL), 0);
	}
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct sample *other = &set.rows[2 * i + 1];

		assert_memory_equal(&set.rows[2 * i].value, &values[i], sizeof(double));
		assert_int_equal(set.rows[2 * i].iterations, UINT64_MAX);
		assert_int_equal(set.rows[2 * i].replicate, ~0u);
		assert_int_equal(other->status, i % SAMPLE_STATUS_COUNT);
		if (!sample_has_value(other))
			assert_int_equal(other->iterations, 0);
	}
	samples_free(&set);
}

static void shortest_number(void **state)
{
	char text[NUMBER_SIZE];

	(void)state;
	assert_string_equal(number_text(98.2, text), "98.2");
	assert_string_equal(number_text(0.1 + 0.2, text), "0.30000000000000004");
	assert_string_equal(number_text(NAN, text), "");
	assert_string_equal(number_text(INFINITY, text), "");
}

static void never_overwrites(void **state)
{
	cleanup_free char *text = NULL;
	struct samples_writer *w;
	struct err e = { 0 };
	size_t len;

	put_file(*state, SAMPLES_FILE, "precious", 8);
	assert_int_equal(samples_create(*state, &w, &e), -EEXIST);
	assert_non_null(strstr(e.message, SAMPLES_FILE));
	text = get_file(*state, SAMPLES_FILE, &len);
	assert_string_equal(text, "precious");
}

static void nowhere_to_write(void **state)
{
	cleanup_free char *missing = path_in(*state, "missing");
	struct samples_writer *w;
	struct err e = { 0 };

	assert_int_equal(samples_create(missing, &w, &e), -ENOENT);
	assert_string_equal(e.step, "open");
}

/* A file size limit stands for the full disk: the kernel writes what fits of the last row. */
static void full_disk_keeps_whole_rows(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct rlimit old, tight;
	struct samples_writer *w;
	struct sample_set set;
	struct err e = { 0 };
	unsigned written = 0;
	struct stat st;
	int r;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	tight = (struct rlimit){ 1000, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	while (!(r = samples_append(w, &(struct sample[]){ plain_sample() }[0], &e)))
		written++;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r, -EFBIG);
	assert_non_null(strstr(e.remedy, "ulimit -f"));
	assert_non_null(strstr(e.message, "row could not be written"));
	assert_true(e.remedy[0]);
	assert_true(written > 3);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 1000);
	/* and goes on when there is room again */
	assert_int_equal(samples_append(w, &(struct sample[]){ plain_sample() }[0], NULL), 0);
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(set.n, written + 1);
	assert_false(set.torn);
	samples_free(&set);
}

/* Cut anywhere, a file gives its whole rows and says that one is torn. */
static void torn_last_row(void **state)
{
	static const char rows[] = HEADER
		"1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n"
		"1,r,s,b,,host,,1,1,,0,,latency,ns,,,failed,\"said \"\"no\"\", then\nnothing\"\n";
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	size_t first = strchr(strchr(rows, '\n') + 1, '\n') + 1 - rows;

	for (size_t len = first; len < sizeof(rows); len++) {
		struct sample_set set;
		struct err e = { 0 };
		bool whole = len == sizeof(rows) - 1;

		put_file(*state, SAMPLES_FILE, rows, len);
		if (samples_read(path, &set, &e) < 0)
			fail_msg("%zu bytes: %s", len, e.message);
		assert_int_equal(set.n, whole ? 2 : 1);
		assert_int_equal(set.torn, !whole && len > first);
		if (whole)
			assert_string_equal(set.rows[1].reason, "said \"no\", then\nnothing");
		samples_free(&set);
	}
}

#define GOOD "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n"

static const struct {
	const char *text;
	const char *message; /* a part of it */
} damaged[] = {
	{ "", "is empty" },
	{ "\n", "holds no samples" },
	{ "x", "holds no samples" },
	{ HEADER, "holds no samples" },
	{ "a,b,c\n", "line 1: not a file of samples: column 1 is 'a', not 'schema'" },
	{ "schema,run_id\n", "line 1: not a file of samples: column 3 is '', not 'suite'" },
	{ HEADER GOOD "1,r,s\n", "line 3: 3 fields instead of 18" },
	{ HEADER GOOD "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,,\n",
		"line 3: 19 fields instead of 18" },
	{ HEADER "2,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n", "line 2: schema version 2" },
	{ HEADER "one,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n", "schema 'one' is not" },
	{ HEADER "1,r,s,b,,host,,-1,0,,0,10,latency,ns,5,0,ok,\n", "replicate '-1' is not" },
	{ HEADER "1,r,s,b,,host,,4294967296,0,,0,10,latency,ns,5,0,ok,\n", "replicate" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,99999999999999999999,latency,ns,5,0,ok,\n", "iterations" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,,0,ok,\n", "value '' is not a finite" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,nan,0,ok,\n", "value 'nan'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,inf,0,ok,\n", "value 'inf'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,1e999,0,ok,\n", "value '1e999'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,0x10,0,ok,\n", "value '0x10'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,5 ns,0,ok,\n", "value '5 ns'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,zero,ok,\n", "overhead_ns 'zero'" },
	{ HEADER GOOD "\n" GOOD "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,fine,\n",
		"line 5: unknown status 'fine'" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,,latency,ns,5,,skipped,why\n",
		"status 'skipped' with a value in column value" },
	{ HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,o\033[2Jk,\n", "status 'o?[2Jk'" },
	{ HEADER "1,r,s\"t,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n", "line 2: a quote in the" },
	{ HEADER "\"1\"x,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n", "line 2: a quote in the" },
	{ HEADER "1,\"two\nlines\",s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n" GOOD "1,r\n",
		"line 5: 2 fields" },
};

static void damaged_files_are_named(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);

	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct sample_set set;
		struct err e = { 0 };

		put_file(*state, SAMPLES_FILE, damaged[i].text, strlen(damaged[i].text));
		assert_true(samples_read(path, &set, &e) < 0);
		if (!strstr(e.message, damaged[i].message))
			fail_msg("case %zu: '%s' does not say '%s'", i, e.message,
				damaged[i].message);
		assert_null(strchr(e.message, '\n'));
		assert_int_equal(set.n, 0);
		assert_null(set.rows);
	}
}

static void binary_and_huge(void **state)
{
	static const char nul[] = HEADER "1,r\0x,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n";
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	size_t size = 4u << 20;
	cleanup_free char *huge = malloc(size);
	struct sample_set set;
	struct err e = { 0 };

	put_file(*state, SAMPLES_FILE, nul, sizeof(nul) - 1);
	assert_int_equal(samples_read(path, &set, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "line 2: field 2 holds a NUL byte"));

	memset(huge, 'x', size);
	memcpy(huge, HEADER, strlen(HEADER));
	put_file(*state, SAMPLES_FILE, huge, size);
	assert_int_equal(samples_read(path, &set, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "line 2: a field of more than 65536 bytes"));

	memset(huge, ',', size);
	put_file(*state, SAMPLES_FILE, huge, size);
	assert_true(samples_read(path, &set, &e) < 0);
}

static void not_a_file(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct sample_set set;
	struct err e = { 0 };

	assert_int_equal(samples_read(path, &set, &e), -ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(samples_read(path, &set, &e), -EINVAL);
	assert_non_null(strstr(e.message, "not a regular file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(samples_read(path, &set, &e), -EINVAL);
}

static void other_line_ends(void **state)
{
	static const char text[] =
		"schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,sample,"
		"iterations,metric,unit,value,overhead_ns,status,reason\r\n"
		"1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\r\n";
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct sample_set set;

	put_file(*state, SAMPLES_FILE, text, sizeof(text) - 1);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.rows[0].reason, "");
	samples_free(&set);
}

/* Zeros where a row was to be, as some file systems leave them after a power cut. */
static void zeros_at_the_end_are_a_torn_row(void **state)
{
	static const char row[] = HEADER "1,r,s,b,,host,,0,0,,0,10,latency,ns,5,0,ok,\n";
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	char text[sizeof(row) + 100] = { 0 };
	struct sample_set set;

	memcpy(text, row, sizeof(row) - 1);
	put_file(*state, SAMPLES_FILE, text, sizeof(text));
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(set.n, 1);
	assert_true(set.torn);
	assert_int_equal(set.ends[0], sizeof(row) - 1);
	samples_free(&set);
}

/* Behind any of its rows, and behind nothing; what was removed is rescued. */
static void a_file_is_gone_on_with(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE), *other = path_in(*state, "other");
	const struct sample row = plain_sample();
	struct samples_writer *w;
	struct sample_set set;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(samples_append(w, &row, NULL), 0);
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(samples_reopen(*state, set.ends[1], &w, NULL), 0);
	assert_int_equal(samples_append(w, &row, NULL), 0);
	assert_int_equal(samples_append(w, &row, NULL), 0);
	assert_int_equal(samples_sync(w, NULL), 0);
	assert_false(samples_removed(w));
	assert_int_equal(unlink(path), 0);
	assert_true(samples_removed(w));
	assert_int_equal(make_dirs(other), 0);
	assert_int_equal(samples_rescue(w, other, NULL), 0);
	samples_close(w);
	samples_free(&set);
	free(path);
	path = path_in(other, SAMPLES_FILE);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_int_equal(set.n, 4);
	samples_free(&set);
	assert_int_equal(samples_reopen(other, 0, &w, NULL), 0);
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), -ENODATA); /* a header alone */
	assert_int_equal(samples_reopen(other, 100000, &w, NULL), -EBADMSG);
}

/*
 * A reader beside the writer takes only whole rows. The kernel shows a write page by page, so he
 * may meet the beginning of a row that crosses one: then it is left out, and there the next time.
 */
static void reader_sees_whole_rows(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);
	struct samples_writer *w;
	struct sample_set set;
	size_t before = 0;
	pid_t child;
	int status;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	assert_int_equal(samples_append(w, &(struct sample[]){ plain_sample() }[0], NULL), 0);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 2000; i++)
			samples_append(w, &(struct sample[]){ plain_sample() }[0], NULL);
		samples_close(w);
		free(path);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		assert_int_equal(samples_read(path, &set, NULL), 0);
		assert_true(set.n >= before);
		before = set.n;
		samples_free(&set);
	}
	assert_int_equal(status, 0);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_false(set.torn);
	assert_int_equal(set.n, 2001);
	samples_free(&set);
	samples_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(hostile_fields_come_back),
		in_folder(numbers_come_back),
		cmocka_unit_test(shortest_number),
		in_folder(never_overwrites),
		in_folder(nowhere_to_write),
		in_folder(full_disk_keeps_whole_rows),
		in_folder(torn_last_row),
		in_folder(zeros_at_the_end_are_a_torn_row),
		in_folder(a_file_is_gone_on_with),
		in_folder(damaged_files_are_named),
		in_folder(binary_and_huge),
		in_folder(not_a_file),
		in_folder(other_line_ends),
		in_folder(reader_sees_whole_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
