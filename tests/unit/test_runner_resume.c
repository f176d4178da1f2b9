/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run that was stopped between any two writes, or within one, and gone on with has the same rows
 * as one that was not: by the null runtime, beside one that cannot be used.
 */
#include "tests/unit/resume_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- the same rows? --- */

static char *key_of(const struct sample *s)
{
	return format_text("%s|%s|%s|%s|%s|%s|%u|%u|%s|%u|%s|%s|%s", s->run_id, s->suite,
		s->benchmark, s->params, s->runtime, s->kernel, s->replicate, s->block, s->phase,
		s->sample, s->metric, sample_status_names[s->status], s->reason);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **keys_of(const struct sample_set *set)
{
	char **keys = calloc(set->n + 1, sizeof(*keys));

	for (size_t i = 0; i < set->n; i++)
		keys[i] = key_of(&set->rows[i]);
	qsort(keys, set->n, sizeof(*keys), by_text);
	return keys;
}

/* The same keys, and none twice. @where is for the message. */
static void assert_same_rows(const struct run *a, const struct run *b, size_t where)
{
	char **of_a = keys_of(&a->set), **of_b = keys_of(&b->set);

	if (a->set.n != b->set.n || b->set.torn)
		fail_msg("cut at %zu: %zu rows instead of %zu", where, b->set.n, a->set.n);
	for (size_t i = 0; i < a->set.n; i++) {
		if (strcmp(of_a[i], of_b[i]))
			fail_msg("cut at %zu: '%s' instead of '%s'", where, of_b[i], of_a[i]);
		if (i && !strcmp(of_b[i - 1], of_b[i]))
			fail_msg("cut at %zu: '%s' is there twice", where, of_b[i]);
	}
	for (size_t i = 0; i < a->set.n; i++) {
		free(of_a[i]);
		free(of_b[i]);
	}
	free(of_a);
	free(of_b);
}

/* Rows that were whole when it was stopped are still there, but for those of the last launch. */
static void assert_kept(const struct run *whole, const struct run *now, size_t where)
{
	struct manifest *m;
	uint64_t cut = 0;
	size_t kept;

	assert_int_equal(manifest_read(now->dir, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "run.state"), "complete");
	assert_int_equal(
		parse_u64(manifest_get(m, "run.resumed.0.bytes_cut"), 0, SIZE_MAX, &cut), 0);
	manifest_free(m);
	kept = where - cut;
	if (memcmp(whole->text, now->text, kept))
		fail_msg("cut at %zu: the first %zu bytes changed", where, kept);
	if (cut > 3072) /* the longest launch of these has 2 KiB, what is not used another one */
		fail_msg("cut at %zu: %zu bytes were thrown away", where, (size_t)cut);
}

static void check_cut(const char *parent, const struct run *whole, size_t len)
{
	cleanup_free char *dir = path_in(parent, CUT);
	struct run now;

	cut_at(parent, whole, len);
	if (go_on(dir))
		fail_msg("cut at %zu: it cannot be gone on with", len);
	now = load(parent, CUT);
	assert_same_rows(whole, &now, len);
	assert_kept(whole, &now, len);
	unload(&now);
}

/* Every how many of the places to cut at is tried, besides the edges of launches: all of them take
 * minutes ("make soak"). */
static size_t every(size_t by_default)
{
	const char *all = getenv("BENCH_CUT_EVERYWHERE");

	return all && *all == '1' ? 1 : by_default;
}

static bool is_edge(const struct sample_set *set, size_t i)
{
	return i + 1 == set->n || set->rows[i].block != set->rows[i + 1].block ||
	       strcmp(set->rows[i].suite, set->rows[i + 1].suite) ||
	       strcmp(set->rows[i].params, set->rows[i + 1].params);
}

static void stopped_between_any_two_writes(void **state)
{
	struct run whole = measure_whole(*state);

	assert_true(whole.set.n > 100);
	check_cut(*state, &whole, 0);
	check_cut(*state, &whole, strlen(HEADER));
	for (size_t i = 0; i < whole.set.n; i++) {
		if (i % every(12) == 0 || is_edge(&whole.set, i))
			check_cut(*state, &whole, (size_t)whole.set.ends[i]);
	}
	unload(&whole);
}

static void stopped_within_a_write(void **state)
{
	struct run whole = measure_whole(*state);
	size_t last = whole.set.n - 1, middle = whole.set.n / 2;
	const size_t spans[][2] = {
		{ 1, strlen(HEADER) },
		{ (size_t)whole.set.ends[middle], (size_t)whole.set.ends[middle + 1] },
		{ (size_t)whole.set.ends[last - 1], whole.len },
	};

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		for (size_t len = spans[i][0]; len < spans[i][1]; len += every(31))
			check_cut(*state, &whole, len);
	}
	check_cut(*state, &whole, whole.len - 1);
	unload(&whole);
}

/* --- what was written down of it --- */

/* Where the run came to say how far it was, the last launch is not measured again. */
static void interrupted_runs_lose_nothing(void **state)
{
	struct run whole = measure_whole(*state), now;
	cleanup_free char *dir = path_in(*state, CUT);
	struct manifest *m;
	size_t i = 0;

	while (whole.set.rows[i].status == SAMPLE_SKIPPED || whole.set.rows[i].block == 0)
		i++;
	cut_at(*state, &whole, (size_t)whole.set.ends[i - 1]);
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	manifest_set(m, "run.state", "interrupted", NULL);
	manifest_set_count(m, "run.rows", (int64_t)i, NULL);
	manifest_set_count(m, "run.launches_done", 2, NULL); /* a warm-up of each suite */
	assert_int_equal(manifest_write(m, dir, NULL), 0);
	manifest_free(m);
	assert_int_equal(go_on(dir), 0);
	now = load(*state, CUT);
	assert_same_rows(&whole, &now, (size_t)whole.set.ends[i - 1]);
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "run.resumed.0.bytes_cut"), "0");
	manifest_free(m);
	unload(&now);
	unload(&whole);
}

/* What is cut off was measured: it is in the log. */
static void cut_rows_are_in_the_log(void **state)
{
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT), *log = path_in(dir, "log.txt"), *text = NULL;

	cut_at(*state, &whole, whole.len - 3);
	assert_int_equal(go_on(dir), 0);
	assert_int_equal(read_file(log, SIZE_MAX / 2, &text, NULL), 0);
	assert_non_null(strstr(text, "cut off from samples.csv"));
	assert_non_null(strstr(text, "concurrency=2") ? strstr(text, "concurrency=2")
						      : strstr(text, "getppid"));
	unload(&whole);
}

/* --- stopped between writes of other files --- */

/* The same run, killed as soon as it has rows: false where it was through before that. */
static bool kill_in_its_rows(const char *dir, const char *id)
{
	cleanup_free char *path = path_in(dir, SAMPLES_FILE);
	struct stat st = { 0 };
	int status = 0;
	pid_t pid;

	remove_tree(dir);
	pid = fork();
	if (!pid)
		_exit(measure(dir, id));
	while (!waitpid(pid, &status, WNOHANG)) {
		if (!stat(path, &st) && st.st_size > (off_t)strlen(HEADER)) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
		usleep(100);
	}
	return WIFSIGNALED(status);
}

/* All that its manifest says then is what it said at the beginning. */
static void killed_in_its_rows(void **state)
{
	struct run whole = measure_whole(*state), now;
	cleanup_free char *dir = path_in(*state, CUT);
	struct manifest *m;
	bool killed = false;

	for (int i = 0; i < 20 && !killed; i++)
		killed = kill_in_its_rows(dir, whole.set.rows[0].run_id);
	if (!killed)
		SKIP("a run is through before it can be killed");
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "run.state"), "running");
	assert_string_equal(manifest_get(m, "run.rows"), MANIFEST_UNKNOWN);
	manifest_free(m);
	assert_int_equal(go_on(dir), 0);
	now = load(*state, CUT);
	assert_same_rows(&whole, &now, 0);
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	assert_string_equal(manifest_get(m, "run.state"), "complete");
	manifest_free(m);
	unload(&now);
	unload(&whole);
}

/* Killed while it wrote its manifest: the half of it goes. A link of that name is not written
 * through. */
static void half_a_manifest_beside(void **state)
{
	static const char half[] = "{ \"run\": { \"id\":", name[] = "." MANIFEST_FILE ".tmp";
	struct run whole = measure_whole(*state), now;
	cleanup_free char *dir = path_in(*state, CUT), *beside = path_in(dir, name),
			  *other = path_in(*state, "other"), *text = NULL;
	const size_t len = (size_t)whole.set.ends[whole.set.n / 2];

	put_file(*state, "other", half, strlen(half));
	for (int link = 0; link < 2; link++) {
		cut_at(*state, &whole, len);
		if (link)
			assert_int_equal(symlink(other, beside), 0);
		else
			put_file(dir, name, half, strlen(half));
		assert_int_equal(go_on(dir), 0);
		assert_int_equal(access(beside, F_OK), -1);
		now = load(*state, CUT);
		assert_same_rows(&whole, &now, len);
		unload(&now);
	}
	assert_int_equal(read_file(other, SIZE_MAX / 2, &text, NULL), 0);
	assert_string_equal(text, half);
	unload(&whole);
}

/* What is told there is lost, and nothing else. */
static void the_log_is_empty_or_missing(void **state)
{
	struct run whole = measure_whole(*state), now;
	cleanup_free char *dir = path_in(*state, CUT), *log = path_in(dir, "log.txt");
	const size_t len = (size_t)whole.set.ends[whole.set.n / 2];

	for (int there = 0; there < 2; there++) {
		cleanup_free char *text = NULL;

		cut_at(*state, &whole, len);
		if (there)
			put_file(dir, "log.txt", "", 0);
		assert_int_equal(access(log, F_OK), there - 1);
		assert_int_equal(go_on(dir), 0);
		assert_int_equal(read_file(log, SIZE_MAX / 2, &text, NULL), 0);
		assert_non_null(strstr(text, "bench: gone on with launch"));
		now = load(*state, CUT);
		assert_same_rows(&whole, &now, len);
		unload(&now);
	}
	unload(&whole);
}

/* --- what is refused, by name --- */

static int open_folder(const char *dir, struct err *e)
{
	struct run_options o;
	struct resume r;
	int ret;

	run_options_init(&o);
	o.resume = dir;
	ret = resume_open(&r, &o, e);
	run_options_free(&o);
	resume_close(&r);
	return ret;
}

static const struct {
	const char *key, *value; /* that the manifest is given */
	const char *words;       /* of the error */
	bool opens;              /* it is told later, when the ways are open */
} unfit[] = {
	{ "run.id", MANIFEST_UNKNOWN, "no manifest", false },
	{ "runs.0.name", "host", "joined of several", false },
	{ "run.suites", "exec", "bench exec", false },
	{ "run.arguments.0", MANIFEST_UNKNOWN, "does not say its options", false },
	{ "run.arguments.1", "--launches=0", "not between", false },
	{ "run.arguments.1", "--runtime=hots", "did you mean 'host'", false },
	{ "run.arguments.1", "--out=/etc", "not of a run", false },
	{ "run.arguments.1", "--raw", "not of a run", false },
	{ "run.arguments.1", "--dry-run", "not of a run", false },
	{ "run.arguments.1", "--resume=/etc", "cannot be given with --resume", false },
	{ "run.arguments.1", "--help", "no option of run", false },
	{ "run.arguments.1", "operand", "no option of run", false },
	{ "run.arguments.1", "--unheard-of", "unknown option", false },
	{ "run.cpus", "4095", "its options", false },
	{ "run.arguments.5", "--seed=43", NULL, true },
	{ "run.arguments.1", "--runtime=null", NULL, true },
	{ "tool.version", "0", NULL, true },
	{ "workload.sha256", "0", NULL, true },
	{ "host.cpu.model", "another", NULL, true },
	{ "host.kernel.version", "another", NULL, true },
	{ "ways.0.usable", "no", NULL, true },
	{ "ways.1.usable", "yes", NULL, true },
	{ "ways.0.kernel", "host", NULL, true },
	{ "ways.2.runtime", "host", NULL, true },
};

static void unfit_runs_are_refused(void **state)
{
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT);
	cleanup_free char *old_path = strdup(getenv("PATH"));

	setenv("PATH", "/nowhere", 1);
	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++) {
		struct err e = { 0 };
		struct manifest *m;
		struct run now;
		int r;

		cut_at(*state, &whole, whole.len);
		assert_int_equal(manifest_read(dir, &m, NULL), 0);
		assert_int_equal(manifest_set(m, unfit[i].key, unfit[i].value, NULL), 0);
		assert_int_equal(manifest_write(m, dir, NULL), 0);
		manifest_free(m);
		r = open_folder(dir, &e);
		if ((r == 0) != unfit[i].opens ||
			(unfit[i].words && !strstr(e.message, unfit[i].words)))
			fail_msg("%s '%s': %d '%s'", unfit[i].key, unfit[i].value, r, e.message);
		if (!go_on(dir))
			fail_msg("%s '%s' is gone on with", unfit[i].key, unfit[i].value);
		now = load(*state, CUT); /* nothing in it was touched */
		assert_int_equal(now.len, whole.len);
		assert_memory_equal(now.text, whole.text, now.len);
		unload(&now);
	}
	setenv("PATH", old_path, 1);
	unload(&whole);
}

/* Stopped before its first manifest, with as much of the rest as there may be by then; and what no
 * run leaves, an empty one: the name of its file is said. */
static void without_a_manifest(void **state)
{
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT), *manifest = path_in(dir, MANIFEST_FILE),
			  *samples = path_in(dir, SAMPLES_FILE);
	const size_t lens[] = { 0, strlen(HEADER), whole.len };
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		cut_at(*state, &whole, lens[i]);
		assert_int_equal(unlink(manifest), 0);
		assert_int_equal(open_folder(dir, &e), -EINVAL);
		assert_non_null(strstr(e.message, "it holds no manifest of a run"));
		assert_int_not_equal(go_on(dir), 0);
	}
	assert_int_equal(unlink(samples), 0);
	assert_int_not_equal(open_folder(dir, &e), 0);
	assert_non_null(strstr(e.message, CUT));
	cut_at(*state, &whole, whole.len);
	put_file(dir, MANIFEST_FILE, "", 0);
	assert_int_not_equal(open_folder(dir, &e), 0);
	assert_non_null(strstr(e.message, MANIFEST_FILE));
	unload(&whole);
}

static void a_run_that_is_being_written_is_refused(void **state)
{
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT);
	cleanup_fd int fd = -1;
	struct err e = { 0 };

	cut_at(*state, &whole, whole.len);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(open_folder(dir, &e), -EBUSY);
	assert_non_null(strstr(e.message, "another run"));
	close_fd(&fd);
	assert_int_equal(open_folder(dir, &e), 0);
	unload(&whole);
}

/* Where they are not a run's, links and pipes are neither written through nor waited at. */
static void links_and_pipes_are_refused(void **state)
{
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT), *log = path_in(dir, "log.txt"),
			  *other = path_in(*state, "other");
	struct stat st;

	put_file(*state, "other", "", 0);
	cut_at(*state, &whole, whole.len);
	assert_int_equal(symlink(other, log), 0);
	assert_int_not_equal(go_on(dir), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 0);
	cut_at(*state, &whole, whole.len);
	assert_int_equal(mkfifo(log, 0600), 0);
	assert_int_not_equal(go_on(dir), 0);
	unload(&whole);
}

/* Rows that the plan does not have, or in another order. */
static void rows_of_another_plan_are_refused(void **state)
{
	static const char *const rows[] = {
		"1,%s,syscalls,getppid,,null,,9,9,,0,10,latency,ns,5,0,ok,\n",
		"1,%s,cpu,getppid,,null,,0,0,,0,10,latency,ns,5,0,warmup,\n",
		"1,%s,syscalls,getppid,,host,,0,0,,0,10,latency,ns,5,0,warmup,\n",
		"1,%s,syscalls,getppid,,null,host,0,0,,0,10,latency,ns,5,0,warmup,\n",
		"1,another%s,syscalls,getppid,,null,,0,0,,0,10,latency,ns,5,0,warmup,\n",
		"1,%s,syscalls,getppid,,null,,1,1,,0,10,latency,ns,5,0,ok,\n"
		"1,%s,syscalls,getppid,,null,,0,0,,0,10,latency,ns,5,0,warmup,\n",
	};
	struct run whole = measure_whole(*state);
	cleanup_free char *dir = path_in(*state, CUT), *path = path_in(dir, SAMPLES_FILE);
	const char *id = whole.set.rows[0].run_id;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[1024];
		cleanup_file FILE *f = NULL;
		struct stat st;
		int len;

		cut_at(*state, &whole, strlen(HEADER));
		f = fopen(path, "a");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		len = snprintf(text, sizeof(text), rows[i], id, id);
#pragma GCC diagnostic pop
		fwrite(text, 1, (size_t)len, f);
		fflush(f);
		if (!go_on(dir))
			fail_msg("row %zu is taken", i);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, strlen(HEADER) + (size_t)len);
	}
	unload(&whole);
}

/* The programs of the build that this test is of. */
static int find_build(void **state)
{
	char self[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	if (n < 0)
		return -1;
	self[n] = '\0';
	*strrchr(self, '/') = '\0'; /* tests/ */
	*strrchr(self, '/') = '\0';
	setenv("BENCH_LIBEXEC", self, 1);
	setenv("BENCH_SCRIPTS", self, 1);
	unsetenv("BENCH_NULL");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(stopped_between_any_two_writes),
		in_folder(stopped_within_a_write),
		in_folder(interrupted_runs_lose_nothing),
		in_folder(cut_rows_are_in_the_log),
		in_folder(killed_in_its_rows),
		in_folder(half_a_manifest_beside),
		in_folder(the_log_is_empty_or_missing),
		in_folder(without_a_manifest),
		in_folder(unfit_runs_are_refused),
		in_folder(a_run_that_is_being_written_is_refused),
		in_folder(links_and_pipes_are_refused),
		in_folder(rows_of_another_plan_are_refused),
	};

	return cmocka_run_group_tests(tests, find_build, NULL);
}
