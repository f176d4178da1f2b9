/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/results_fixture.h"

#include <errno.h>
#include <sys/stat.h>

static void round_trip(void **state)
{
	struct manifest *m = manifest_new();

	assert_int_equal(manifest_set(m, "host.cpu.model", "Ex \"9000\" µ", NULL), 0);
	assert_int_equal(manifest_set(m, "host.cpu.flags", "not UTF-8: \xff\x80", NULL), 0);
	assert_int_equal(manifest_set_count(m, "run.seed", -42, NULL), 0);
	assert_int_equal(manifest_set_number(m, "host.load.before", 0.25, NULL), 0);
	assert_int_equal(manifest_set(m, "machine", "native", NULL), 0);
	assert_int_equal(manifest_set(m, "machine", "emulated", NULL), 0);
	assert_int_equal(manifest_write(m, *state, NULL), 0);
	manifest_free(m);

	assert_int_equal(manifest_read(*state, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "host.cpu.model"), "Ex \"9000\" µ");
	assert_string_equal(manifest_get(m, "host.cpu.flags"), "not UTF-8: ??");
	assert_string_equal(manifest_get(m, "run.seed"), "-42");
	assert_string_equal(manifest_get(m, "host.load.before"), "0.25");
	assert_true(manifest_emulated(m));
	assert_string_equal(manifest_get(m, "host"), "unknown");
	assert_string_equal(manifest_get(m, "host.cpu.cores"), "unknown");
	assert_string_equal(manifest_get(m, "machine.of.dreams"), "unknown");
	assert_string_equal(manifest_get(m, ""), "unknown");
	manifest_free(m);
}

static void keys_in_the_way(void **state)
{
	static const char *const wrong[] = { "", ".", "a.", ".a", "a..b", "leaf.below", "object" };
	struct manifest *m = manifest_new();
	char longer[400];
	struct err e;

	(void)state;
	memset(longer, 'k', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(manifest_set(m, "leaf", "x", NULL), 0);
	assert_int_equal(manifest_set(m, "object.below", "x", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(manifest_set(m, wrong[i], "y", &e), -EINVAL);
	assert_int_equal(manifest_set(m, longer, "y", &e), -EINVAL);
	assert_string_equal(manifest_get(m, longer), "unknown");
	assert_string_equal(manifest_get(m, "leaf"), "x");
	assert_string_equal(manifest_get(m, "object.below"), "x");
	manifest_free(m);
}

struct seen {
	char text[256];
};

static void note(void *ctx, const char *key, const char *value)
{
	struct seen *s = ctx;
	size_t used = strlen(s->text);

	snprintf(s->text + used, sizeof(s->text) - used, "%s=%s;", key, value);
}

static void each_is_sorted(void **state)
{
	static const char json[] = "{\"b\":true,\"a\":{\"z\":1,\"c\":{\"x\":\"1\"}},\"n\":null,"
				   "\"l\":[1,2],\"A\":2.5}";
	struct seen s = { "" };
	struct manifest *m;

	put_file(*state, MANIFEST_FILE, json, strlen(json));
	assert_int_equal(manifest_read(*state, &m, NULL), 0);
	manifest_each(m, note, &s);
	assert_string_equal(s.text, "A=2.5;a.c.x=1;a.z=1;b=true;");
	manifest_free(m);
}

static void written_sorted_and_whole(void **state)
{
	cleanup_free char *text = NULL;
	struct manifest *m = manifest_new();
	struct err e;
	size_t len;

	manifest_set(m, "b", "2", NULL);
	manifest_set(m, "a.y", "1", NULL);
	manifest_set_count(m, "a.x", 7, NULL);
	assert_int_equal(manifest_write(m, *state, NULL), 0);
	text = get_file(*state, MANIFEST_FILE, &len);
	assert_string_equal(
		text, "{\n  \"a\": {\n    \"x\": 7,\n    \"y\": \"1\"\n  },\n  \"b\": \"2\"\n}\n");
	assert_int_equal(manifest_write(m, "/nonexistent/folder", &e), -ENOENT);
	manifest_free(m);
}

static const struct {
	const char *json, *message;
} damaged[] = {
	{ "", "line 1" },
	{ "{", "line 1" },
	{ "[1]", "not an object" },
	{ "7", "line 1" },
	{ "{\n\"a\": 1,\n\"a\": 2}", "line 3: duplicate" },
	{ "{\n\n\"a\": tru}", "line 3" },
	{ "{\"a\": \"\xff\"}", "line 1" },
	{ "{} {}", "line 1" },
};

static void damaged_files_are_named(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct manifest *m = NULL;
		struct err e = { 0 };

		put_file(*state, MANIFEST_FILE, damaged[i].json, strlen(damaged[i].json));
		assert_true(manifest_read(*state, &m, &e) < 0);
		if (!strstr(e.message, damaged[i].message))
			fail_msg("case %zu: '%s' does not say '%s'", i, e.message,
				damaged[i].message);
		assert_non_null(strstr(e.message, MANIFEST_FILE));
	}
}

static void huge_and_deep(void **state)
{
	size_t size = 33u << 20;
	cleanup_free char *text = malloc(size);
	struct manifest *m = NULL;
	struct err e = { 0 };

	memset(text, ' ', size);
	put_file(*state, MANIFEST_FILE, text, size);
	assert_int_equal(manifest_read(*state, &m, &e), -EFBIG);
	for (size_t i = 0; i + 5 <= 1 << 20; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	put_file(*state, MANIFEST_FILE, text, 1 << 20);
	assert_int_equal(manifest_read(*state, &m, &e), -EBADMSG);
}

static void missing_is_unknown(void **state)
{
	struct manifest *m;

	assert_int_equal(manifest_read(*state, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "machine"), "unknown");
	assert_false(manifest_emulated(m));
	manifest_free(m);
}

/* Manifests of before all suites were written name the first. */
static void suites(void **state)
{
	static const struct {
		const char *first, *all, *want;
	} cases[] = {
		{ NULL, NULL, "unknown" },
		{ "exits", NULL, "exits" },
		{ "exits", "exits,wakeup", "exits,wakeup" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct manifest *m = manifest_new();

		if (cases[i].first)
			assert_int_equal(manifest_set(m, "run.suite", cases[i].first, NULL), 0);
		if (cases[i].all)
			assert_int_equal(manifest_set(m, "run.suites", cases[i].all, NULL), 0);
		assert_string_equal(manifest_suites(m), cases[i].want);
		manifest_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(round_trip),
		cmocka_unit_test(keys_in_the_way),
		in_folder(each_is_sorted),
		in_folder(written_sorted_and_whole),
		in_folder(damaged_files_are_named),
		in_folder(huge_and_deep),
		in_folder(missing_is_unknown),
		cmocka_unit_test(suites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
