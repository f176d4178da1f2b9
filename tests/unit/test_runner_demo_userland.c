/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/demo/userland: scripts that stand in for scripts/userland, in folders made for each test.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/demo/userland.h"
#include "runner/machine.h"

#define MAKES "mkdir -p \"$2/root\"; echo \"$1\" >>\"${2%/*}/made\"\n"

struct place {
	char root[64];
	struct paths paths;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->root, "/tmp/test_userland.XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->paths.cache, PATH_SIZE, "%s/cache", p->root);
	snprintf(p->paths.scripts, PATH_SIZE, "%s", p->root);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	int r = remove_tree(p->root);

	free(p);
	return r;
}

static void put_script(const struct place *p, const char *text)
{
	cleanup_free char *path = format_text("%s/userland", p->root);
	cleanup_free char *all = format_text("#!/bin/sh\n%s", text);
	int fd;

	assert_non_null(path);
	assert_non_null(all);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, all, strlen(all)), 0);
	close(fd);
}

static void made_once(void **state)
{
	const struct place *p = *state;
	char made[PATH_SIZE + 32], *text = NULL;
	struct userland u;
	struct err e = { 0 };

	if (!strcmp(machine_kind(), "emulated"))
		SKIP("nothing is made inside of the emulated machine");
	put_script(p, MAKES);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; userlands[k]; k++)
			assert_int_equal(userland_need(userlands[k], &p->paths, &u, &e), 0);
	assert_true(strstr(u.root, "/cache/userlands/musl/root") != NULL);
	assert_int_equal(access(u.root, F_OK), 0);
	snprintf(made, sizeof(made), "%s/userlands/made", p->paths.cache);
	assert_int_equal(read_file(made, 4096, &text, NULL), 0);
	assert_string_equal(text, "glibc\nmusl\n");
	free(text);
}

static void says_what_failed(void **state)
{
	static const struct {
		const char *script;
		int code;
		const char *says;
	} cases[] = {
		{ "echo noise >&2; echo 'userland: no net' >&2; exit 1\n", -EIO,
			"making the userland 'musl': no net" },
		{ "echo 'no net' >&2; exit 1\n", -EIO, "'musl': no net" },
		{ "exit 3\n", -EIO, "3" }, { "kill -9 $$\n", -EIO, "musl" },
		{ "exit 130\n", -ECANCELED, "interrupted" },
		{ "exit 143\n", -ECANCELED, "interrupted" },
		{ MAKES "echo 'userland: there already' >&2; exit 1\n", 0, NULL }, /* another's */
	};
	const struct place *p = *state;

	if (!strcmp(machine_kind(), "emulated"))
		SKIP("nothing is made inside of the emulated machine");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct userland u;
		struct err e = { 0 };
		int r;

		put_script(p, cases[i].script);
		r = userland_need("musl", &p->paths, &u, &e);
		if (r != cases[i].code || (r && !strstr(e.message, cases[i].says)))
			fail_msg("case %zu: %d, %s", i, r, e.message);
	}
}

static void no_script_and_no_room(void **state)
{
	struct place *p = *state;
	struct userland u;
	struct err e = { 0 };

	if (strcmp(machine_kind(), "emulated"))
		assert_int_equal(userland_need("musl", &p->paths, &u, &e), -ENOENT);
	memset(p->paths.cache, 'x', PATH_SIZE - 1);
	assert_int_equal(userland_need("musl", &p->paths, &u, &e), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made_once, make_place, remove_place),
		cmocka_unit_test_setup_teardown(says_what_failed, make_place, remove_place),
		cmocka_unit_test_setup_teardown(no_script_and_no_room, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
