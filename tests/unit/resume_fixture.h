/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the test of bench run --resume: the command in this process, and the folders it leaves. */
#ifndef BENCH_TESTS_RESUME_FIXTURE_H
#define BENCH_TESTS_RESUME_FIXTURE_H

#include "tests/unit/results_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runner/resume.h"
#include "runner/verbs.h"

#define RUN "whole"
#define CUT "cut"

/* --- the command, without what it prints --- */

struct quiet {
	int out, err, null;
};

static void be_quiet(struct quiet *q)
{
	fflush(stdout);
	q->out = dup(STDOUT_FILENO);
	q->err = dup(STDERR_FILENO);
	q->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(q->null, STDOUT_FILENO);
	dup2(q->null, STDERR_FILENO);
}

static void be_loud(struct quiet *q)
{
	fflush(stdout);
	dup2(q->out, STDOUT_FILENO);
	dup2(q->err, STDERR_FILENO);
	close_fd(&q->out);
	close_fd(&q->err);
	close_fd(&q->null);
}

static int bench_run(const char *const *words)
{
	char *argv[24] = { (char *)"run" };
	struct quiet q;
	int argc = 1, status;

	while (*words)
		argv[argc++] = (char *)*words++;
	be_quiet(&q);
	status = run_verb.run(&run_verb, argc, argv);
	be_loud(&q);
	return status;
}

static int go_on(const char *dir)
{
	return bench_run((const char *[]){ "--raw", "--resume", dir, NULL });
}

/* --- folders of runs --- */

struct run {
	char *dir, *text;
	size_t len;
	struct sample_set set;
};

static struct run load(const char *parent, const char *name)
{
	struct run r = { .dir = path_in(parent, name) };
	cleanup_free char *path = path_in(r.dir, SAMPLES_FILE);

	assert_int_equal(read_file(path, SIZE_MAX / 2, &r.text, &r.len), 0);
	assert_int_equal(samples_read(path, &r.set, NULL), 0);
	return r;
}

static void unload(struct run *r)
{
	samples_free(&r->set);
	free(r->text);
	free(r->dir);
}

/* The plan has every kind of row: two suites, three kinds of launches, warm-up, a way that is not
 * used. */
static int measure(const char *dir, const char *id)
{
	const char *words[] = { "--raw", "--runtime=null,runc", "--suite=syscalls,startup",
		"--concurrency=2", "--sustain=0", "--launches=2", "--warmup=1", "--seed=42",
		"--filter=[gl]*", "--out", dir, id ? "--run-id" : NULL, id, NULL };
	cleanup_free char *path = strdup(getenv("PATH"));
	int status;

	setenv("PATH", "/nowhere", 1);
	status = bench_run(words);
	setenv("PATH", path, 1);
	return status;
}

static struct run measure_whole(const char *parent)
{
	cleanup_free char *dir = path_in(parent, RUN);

	assert_int_equal(measure(dir, NULL), 0);
	return load(parent, RUN);
}

/* A folder in the state in which a kill of the run would have left it, with the first @len bytes
 * of its samples. */
static void cut_at(const char *parent, const struct run *whole, size_t len)
{
	cleanup_free char *dir = path_in(parent, CUT);
	struct manifest *m;

	remove_tree(dir);
	assert_int_equal(mkdir(dir, 0777), 0);
	put_file(dir, SAMPLES_FILE, whole->text, len);
	assert_int_equal(manifest_read(whole->dir, &m, NULL), 0);
	assert_int_equal(manifest_set(m, "run.state", "running", NULL), 0);
	assert_int_equal(manifest_write(m, dir, NULL), 0);
	manifest_free(m);
}

#endif
