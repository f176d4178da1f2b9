/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/leftovers and temp_dir: what killed runs left goes, and what only looks like it stays. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/owner.h"
#include "base/util.h"
#include "runner/leftovers.h"
#include "runner/temp_dir.h"

/* A place to be swept, and one that must not be reached from there. */
struct places {
	char swept[64], other[64];
	struct paths paths;
};

static int make_places(void **state)
{
	static struct places p;

	p = (struct places){ "/tmp/bench-test-swept-XXXXXX", "/tmp/bench-test-other-XXXXXX",
		{ .cache = "" } };
	if (!mkdtemp(p.swept) || !mkdtemp(p.other))
		return -1;
	snprintf(p.paths.cache, sizeof(p.paths.cache), "%s", p.swept);
	setenv("XDG_RUNTIME_DIR", p.swept, 1);
	setenv("TMPDIR", p.swept, 1);
	*state = &p;
	return 0;
}

static int remove_places(void **state)
{
	struct places *p = *state;

	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("TMPDIR");
	return remove_tree(p->swept) | remove_tree(p->other);
}

static bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

/* A process that is no more. */
static struct owner dead(void)
{
	struct owner o = *owner_self();

	o.start = 1;
	return o;
}

/* "PLACE/bench-WHAT-OWNER@end". */
static char *path_of(const char *place, const char *what, const struct owner *o, const char *end)
{
	char *path = format_text("%s/bench-%s-%ju-%ju-%ju-%08x%s", place, what, (uintmax_t)o->pid,
		(uintmax_t)o->start, (uintmax_t)o->pid_ns, o->boot, end);

	assert_non_null(path);
	return path;
}

/* A folder with a file in it, or only the file. */
static void fill(const char *path, bool folder)
{
	cleanup_free char *inside = format_text("%s/file", path);
	int fd;

	if (folder)
		assert_int_equal(mkdir(path, 0700), 0);
	fd = open(folder ? inside : path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* Of each kind, by those who make them: a run that is killed leaves it, the next one removes it. */
static void each_kind_is_found(void **state)
{
	static const struct {
		const char *below, *what;
	} kinds[] = {
		{ "", "host" },
		{ "", "demo" },
		{ "", "crun" },
		{ "", "runc" },
		{ "", "tree" },
		{ "", "machine" },
		{ "/kernels", "making" },
		{ "/userlands", "making" },
	};
	struct places *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		cleanup_free char *place = format_text("%s%s", p->swept, kinds[i].below);
		char path[512];
		struct err e;
		int status;
		pid_t pid;

		assert_int_equal(make_dirs(place), 0);
		pid = fork();
		if (!pid) /* ends as a killed one does: without a look back */
			_exit(temp_dir_make_in(place, kinds[i].what, path, sizeof(path), &e) ? 1
											     : 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(temp_dir_make_in(place, kinds[i].what, path, sizeof(path), &e), 0);
		leftovers_sweep(&p->paths);
		if (!is_there(path))
			fail_msg("a living run's %s is gone", kinds[i].what);
		assert_int_equal(remove_tree(path), 0);
		/* The dead one's was the only other entry. */
		if (*kinds[i].below && rmdir(place))
			fail_msg("a dead run's %s is left", kinds[i].what);
	}
	assert_int_equal(rmdir(p->swept), 0);
	assert_int_equal(mkdir(p->swept, 0700), 0);
}

/* Made by an enemy, or by chance: not removed, and nothing is done to what it leads to. */
static void look_alikes_stay(void **state)
{
	static const struct {
		const char *what, *end;
	} names[] = {
		{ "host", "" }, { "host", "-" }, { "host", "-abcde" }, { "host", "-abcdefg" },
		{ "host", "-abc.ef" }, { "host", "abcdefg" }, { "ghost", "-abcdef" },
		{ "", "-abcdef" }, { "host-x", "-abcdef" },
		{ "making", "-abcdef" }, /* below the cache's folders only */
	};
	struct places *p = *state;
	struct owner gone = dead(), elsewhere = gone, earlier = gone;
	char *stay[16];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		stay[n++] = path_of(p->swept, names[i].what, &gone, names[i].end);
		fill(stay[n - 1], true);
	}
	elsewhere.pid_ns++;
	earlier.boot++;
	fill(stay[n++] = path_of(p->swept, "host", &elsewhere, "-abcdef"), true);
	fill(stay[n++] = path_of(p->swept, "host", &earlier, "-abcdef"), true);
	fill(stay[n++] = path_of(p->swept, "host", &gone, "-a_file"), false);
	fill(stay[n++] = format_text("%s/kept", p->other), true);
	stay[n++] = path_of(p->swept, "host", &gone, "-a_link");
	assert_int_equal(symlink(stay[n - 2], stay[n - 1]), 0);
	leftovers_sweep(&p->paths);
	for (size_t i = 0; i < n; i++) {
		if (!is_there(stay[i]))
			fail_msg("%s is gone", stay[i]);
		free(stay[i]);
	}
}

/* A link inside of what is removed is removed, and not what it leads to. */
static void links_inside_are_not_followed(void **state)
{
	struct places *p = *state;
	struct owner gone = dead();
	cleanup_free char *left = path_of(p->swept, "host", &gone, "-abcdef");
	cleanup_free char *link = format_text("%s/link", left);
	cleanup_free char *kept = format_text("%s/precious", p->other);

	fill(left, true);
	fill(kept, true);
	assert_int_equal(symlink(kept, link), 0);
	leftovers_sweep(&p->paths);
	assert_false(is_there(left));
	assert_true(is_there(kept));
	assert_int_equal(remove_tree(kept), 0);
}

static void somebody_elses_stays(void **state)
{
	struct places *p = *state;
	struct owner gone = dead();
	cleanup_free char *theirs = path_of(p->swept, "host", &gone, "-theirs");

	if (geteuid())
		SKIP("needs root to make a folder of another user");
	fill(theirs, true);
	assert_int_equal(chown(theirs, 65534, 65534), 0);
	leftovers_sweep(&p->paths);
	assert_true(is_there(theirs));
}

static bool keep(void *ctx, const char *path)
{
	++*(int *)ctx;
	return !strstr(path, "-crun-");
}

/* What cannot be ended stays for a run that can. */
static void who_is_asked_may_keep_it(void **state)
{
	struct places *p = *state;
	struct owner gone = dead();
	cleanup_free char *left = path_of(p->swept, "crun", &gone, "-abcdef");
	int asked = 0;

	fill(left, true);
	temp_dir_sweep_in(p->swept, "crun", keep, &asked);
	assert_int_equal(asked, 1);
	assert_true(is_there(left));
	temp_dir_sweep_in(p->swept, "crun", NULL, NULL);
	assert_false(is_there(left));
}

/* A container that is still there needs its own program, which may be gone. */
static void a_container_without_its_program_stays(void **state)
{
	struct places *p = *state;
	struct owner gone = dead();
	cleanup_free char *left = path_of(p->swept, "crun", &gone, "-abcdef");
	cleanup_free char *container = format_text("%s/state/bench-1-1", left);
	cleanup_free char *path = strdup(getenv("PATH"));

	assert_int_equal(make_dirs(container), 0);
	setenv("PATH", "/nonexistent", 1);
	leftovers_sweep(&p->paths);
	assert_true(is_there(container));
	setenv("PATH", path, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, make_places, remove_places)
		T(each_kind_is_found),
		T(look_alikes_stay),
		T(links_inside_are_not_followed),
		T(somebody_elses_stays),
		T(who_is_asked_may_keep_it),
		T(a_container_without_its_program_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
