/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a demonstration has seen: written, read back, and read from files that are not ours. */
#include "tests/unit/results_fixture.h"

#include <errno.h>
#include <sys/stat.h>

#include "results/demo_facts.h"

static struct demo_facts *sample(void)
{
	struct demo_facts *f = demo_facts_new("kernel");

	assert_non_null(f);
	demo_put(f, DEMO_ABOUT, "machine", "native");
	demo_put(f, "host", "zebra", "%d", 12);
	demo_put(f, "host", "ape", "%s", "same");
	demo_put(f, "vm:distro-6.12", "ape", "same");
	demo_put(f, "ctr", "ape", "other");
	demo_put_missing(f, "vm", "no /dev/kvm");
	return f;
}

static void check_sample(const struct demo_facts *f)
{
	static const char *const sides[] = { "host", "vm:distro-6.12", "ctr", "vm", NULL };
	uint64_t n = 0;

	assert_string_equal(demo_facts_name(f), "kernel");
	for (size_t i = 0; sides[i]; i++)
		assert_string_equal(demo_side(f, i), sides[i]);
	assert_null(demo_side(f, 4));
	assert_string_equal(demo_key(f, "host", 0), "zebra");
	assert_string_equal(demo_key(f, "host", 1), "ape");
	assert_null(demo_key(f, "host", 2));
	assert_null(demo_key(f, "vm", 0));
	assert_null(demo_key(f, "nobody", 0));
	assert_string_equal(demo_get(f, DEMO_ABOUT, "machine"), "native");
	assert_string_equal(demo_get(f, "host", "zebra"), "12");
	assert_null(demo_get(f, "host", "horse"));
	assert_null(demo_get(f, "nobody", "ape"));
	assert_true(demo_number(f, "host", "zebra", &n));
	assert_int_equal(n, 12);
	assert_false(demo_number(f, "host", "ape", &n));
	assert_false(demo_number(f, "host", "horse", &n));
	assert_true(demo_same(f, "host", "vm:distro-6.12", "ape"));
	assert_false(demo_same(f, "host", "ctr", "ape"));
	assert_false(demo_same(f, "host", "ctr", "zebra"));
	assert_false(demo_same(f, "nobody", "noone", "ape"));
	assert_string_equal(demo_missing(f, "vm"), "no /dev/kvm");
	assert_null(demo_missing(f, "host"));
	assert_null(demo_missing(f, "nobody"));
}

static void reads_back_what_was_written(void **state)
{
	struct demo_facts *f = sample(), *back = NULL;
	struct err e = { 0 };

	check_sample(f);
	assert_int_equal(demo_facts_write(f, *state, &e), 0);
	assert_int_equal(demo_facts_read(*state, "kernel", &back, &e), 0);
	check_sample(back);
	demo_facts_free(back);
	demo_facts_free(f);
	demo_facts_free(NULL);
}

/* Written again it is the same file, byte by byte; a second fact takes the place of the first. */
static void writing_is_stable(void **state)
{
	struct demo_facts *f = sample(), *back = NULL;
	cleanup_free char *first = NULL, *second = NULL;
	struct err e = { 0 };

	demo_put(f, "host", "ape", "new");
	assert_string_equal(demo_get(f, "host", "ape"), "new");
	assert_string_equal(demo_key(f, "host", 1), "ape");
	assert_int_equal(demo_facts_write(f, *state, &e), 0);
	first = get_file(*state, "kernel.json", NULL);
	assert_int_equal(demo_facts_read(*state, "kernel", &back, &e), 0);
	assert_int_equal(demo_facts_write(back, *state, &e), 0);
	second = get_file(*state, "kernel.json", NULL);
	assert_string_equal(first, second);
	demo_facts_free(back);
	demo_facts_free(f);
}

static void keeps_any_bytes_readable(void **state)
{
	struct demo_facts *f = demo_facts_new("kernel"), *back = NULL;
	struct err e = { 0 };

	demo_put(f, "host", "bytes", "%s", "a\xff\xfe\"\\\x01z");
	demo_put(f, "host", "chinese", "%s", "内核");
	demo_put(f, "host", "empty", "%s", "");
	assert_int_equal(demo_facts_write(f, *state, &e), 0);
	assert_int_equal(demo_facts_read(*state, "kernel", &back, &e), 0);
	assert_string_equal(demo_get(back, "host", "bytes"), "a??\"\\?z");
	assert_string_equal(demo_get(back, "host", "chinese"), "内核");
	assert_string_equal(demo_get(back, "host", "empty"), "");
	demo_facts_free(back);
	demo_facts_free(f);
}

#define HEAD "{\"schema\": 1, \"demo\": \"kernel\", "

/* Files that are not a recording, and what is said of them. */
static const struct {
	const char *text, *says;
} damaged[] = {
	{ "", "line" },
	{ "\n\n", "line" },
	{ "hello", "line 1" },
	{ "{", "line 1" },
	{ "{\n\"schema\": 1,\n\"demo\" \"kernel\"}", "line 3" },
	{ HEAD "\"sides\": {}", "line 1" },
	{ HEAD "\"sides\": {}} trailing", "line 1" },
	{ HEAD "\"sides\": {}, \"sides\": {}}", "duplicate" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": {\"a\": \"\xff\"}}}}", "decode" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": {\"a\\u0000b\": \"c\"}}}}", "NUL" },
	{ "[]", "of this version" },
	{ "{}", "of this version" },
	{ "{\"demo\": \"kernel\", \"sides\": {}}", "of this version" },
	{ "{\"schema\": 2, \"demo\": \"kernel\", \"sides\": {}}", "of this version" },
	{ "{\"schema\": \"1\", \"demo\": \"kernel\", \"sides\": {}}", "of this version" },
	{ "{\"schema\": 1, \"demo\": \"other\", \"sides\": {}}", "demonstration 'kernel'" },
	{ "{\"schema\": 1, \"demo\": 7, \"sides\": {}}", "of this version" },
	{ "{\"schema\": 1, \"sides\": {}}", "of this version" },
	{ HEAD "\"sides\": []}", "of this version" },
	{ HEAD "\"sides\": null}", "of this version" },
	{ "{\"schema\": 1, \"demo\": \"kernel\"}", "of this version" },
	{ HEAD "\"sides\": {\"host\": null}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": \"text\"}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": {}}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": []}}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": {\"a\": 1}}}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": {\"a\": null}}}}", "of this version" },
	{ HEAD "\"sides\": {\"host\": {\"facts\": {\"a\": {}}}}}", "of this version" },
	{ HEAD "\"sides\": {\"about\": {\"facts\": 1}}}", "of this version" },
};

static void refuses_what_is_no_recording(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct demo_facts *f = NULL;
		struct err e = { 0 };
		int r;

		put_file(*state, "kernel.json", damaged[i].text, strlen(damaged[i].text));
		r = demo_facts_read(*state, "kernel", &f, &e);
		if (r != -EINVAL || !strstr(e.message, damaged[i].says) ||
			!strstr(e.message, "kernel.json"))
			fail_msg("%s: %d, %s", damaged[i].text, r, e.message);
		assert_null(f);
	}
}

/* A recording cut off at any byte is none: it is read while another machine still writes it. */
static void refuses_half_a_file(void **state)
{
	struct demo_facts *f = sample(), *back = NULL;
	cleanup_free char *whole = NULL;
	struct err e = { 0 };
	size_t len;

	assert_int_equal(demo_facts_write(f, *state, &e), 0);
	demo_facts_free(f);
	whole = get_file(*state, "kernel.json", &len);
	assert_int_equal(whole[len - 1], '\n'); /* without it all is there */
	for (size_t n = 0; n + 1 < len; n++) {
		put_file(*state, "kernel.json", whole, n);
		assert_int_equal(demo_facts_read(*state, "kernel", &back, &e), -EINVAL);
		assert_null(back);
	}
}

/* A reason that is no text is none. */
static void survives_odd_reasons(void **state)
{
	static const char text[] =
		HEAD "\"sides\": {\"vm\": {\"facts\": {}, \"missing\": 7, \"more\": []}}}";
	struct demo_facts *f = NULL;
	struct err e = { 0 };

	put_file(*state, "kernel.json", text, strlen(text));
	assert_int_equal(demo_facts_read(*state, "kernel", &f, &e), 0);
	assert_null(demo_missing(f, "vm"));
	assert_null(demo_get(f, "vm", "missing"));
	assert_string_equal(demo_side(f, 0), "vm");
	demo_facts_free(f);
}

static void files_that_cannot_be_had(void **state)
{
	cleanup_free char *path = path_in(*state, "kernel.json");
	struct demo_facts *f = NULL, *real = sample();
	struct err e = { 0 };

	assert_int_equal(demo_facts_read(*state, "kernel", &f, &e), -ENOENT);
	assert_non_null(strstr(e.message, "kernel.json"));
	assert_int_equal(mkdir(path, 0777), 0);
	assert_true(demo_facts_read(*state, "kernel", &f, &e) < 0);
	assert_null(f);
	assert_true(demo_facts_write(real, "/nonexistent/folder", &e) < 0);
	assert_non_null(strstr(e.message, "/nonexistent/folder"));
	demo_facts_free(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(reads_back_what_was_written),
		in_folder(writing_is_stable),
		in_folder(keeps_any_bytes_readable),
		in_folder(refuses_what_is_no_recording),
		in_folder(refuses_half_a_file),
		in_folder(survives_odd_reasons),
		in_folder(files_that_cannot_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
