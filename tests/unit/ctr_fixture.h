/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Containers for the tests: one run of tests/tools/ctr_payload.c and what it reported. */
#ifndef BENCH_TESTS_CTR_FIXTURE_H
#define BENCH_TESTS_CTR_FIXTURE_H

#include "tests/unit/check.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/util.h"
#include "ctr/ctr.h"
#include "ctr/ns.h"

#define ROOT_ONLY(why)                                                                             \
	do {                                                                                       \
		if (geteuid())                                                                     \
			SKIP(why);                                                                 \
	} while (0)

struct fixture {
	char dir[64]; /* readable by everyone, whatever the build folder is */
	char payload[96];
	struct rt_config cfg;
};

/* A program that was built beside this one. */
static inline void copy_tool(const char *name, const char *to)
{
	cleanup_free char *data = NULL;
	char self[PATH_MAX];
	size_t size;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd;

	assert_true(n > 0);
	self[n] = '\0';
	dirname(self);
	strcat(self, "/");
	strcat(self, name);
	assert_int_equal(read_file(self, 16 << 20, &data, &size), 0);
	fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, data, size), 0);
	close(fd);
}

static inline void copy_payload(const char *to)
{
	copy_tool("ctr_payload", to);
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/ctr-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chmod(f->dir, 0755), 0);
	snprintf(f->payload, sizeof(f->payload), "%s/payload", f->dir);
	copy_payload(f->payload);
	f->cfg.workload = f->payload;
	f->cfg.cancel_fd = -1;
	f->cfg.ctr_namespaces = ns_all();
	f->cfg.ctr_seccomp = true;
	sched_getaffinity(0, sizeof(f->cfg.cpus), &f->cfg.cpus);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	remove_tree(f->dir);
	free(f);
	return 0;
}

/* One launch: its report and how it ended. */
struct run {
	struct outcome out;
	struct err e;
	int report_fd;
	char report[16384];
};

static inline void read_report(struct run *r)
{
	ssize_t n = pread(r->report_fd, r->report, sizeof(r->report) - 1, 0);

	r->report[n > 0 ? n : 0] = '\0';
}

/* 0 or the error of the step that failed, which is in r->e. The report is made and read here; what
 * is printed goes into it where job->output_fd is -1. */
static inline int run_job(struct runtime *rt, struct run *r, struct job *job)
{
	struct instance *in = NULL;
	int ret;

	memset(r, 0, sizeof(*r));
	r->report_fd = job->report_fd = memfd_create("report", MFD_CLOEXEC);
	if (job->output_fd < 0)
		job->output_fd = r->report_fd;
	ret = ctr_runtime.launch(rt, job, &in, &r->e);
	if (!ret)
		ret = ctr_runtime.wait(in, &r->out, &r->e);
	ctr_runtime.reap(in);
	read_report(r);
	close(r->report_fd);
	return ret;
}

static inline int run_with(
	struct runtime *rt, struct run *r, char *what, char *arg, unsigned seconds)
{
	char name[] = "payload", *argv[] = { name, what, arg, NULL };
	struct job job = { .argv = argv, .deadline_ns = now_ns() + seconds * NSEC_PER_SEC };
	cleanup_fd int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	job.output_fd = null;
	return run_job(rt, r, &job);
}

static inline int run_once(
	const struct rt_config *cfg, struct run *r, const char *what, const char *arg)
{
	struct runtime *rt = NULL;
	int ret;

	memset(r, 0, sizeof(*r));
	ret = ctr_runtime.open(cfg, &rt, &r->e);
	if (!ret)
		ret = run_with(rt, r, (char *)what, (char *)arg, 600);
	ctr_runtime.close(rt);
	return ret;
}

/* One that a process forked from the test fills in; of munmap(r, sizeof(*r)). */
static inline struct run *shared_run(void)
{
	struct run *r =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(r != MAP_FAILED);
	return r;
}

/* In a process of its own: as one that was started by that user. Ends it where that cannot be. */
static inline void become_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		_exit(100);
	prctl(PR_SET_DUMPABLE, 1);
}

/* A kernel, or a filter around us, that lacks @calls (NULL-terminated): from here on, in here. */
static inline int hide_calls(int error, const char *const *calls)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = 0;

	for (size_t i = 0; !r && calls[i]; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)error),
			seccomp_syscall_resolve_name(calls[i]), 0);
	return r ? r : seccomp_load(ctx);
}

/* The value of @key in the report, "" where it is missing. */
static inline const char *value_of(const struct run *r, const char *key)
{
	static char value[256];
	const char *p = r->report;
	size_t n = strlen(key);

	while (p && *p) {
		if (!strncmp(p, key, n) && p[n] == '=') {
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(p + n + 1, "\n"),
				p + n + 1);
			return value;
		}
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return "(not reported)";
}

struct expected {
	const char *key, *value;
};

static inline void expect_all(const struct run *r, const struct expected *want, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = value_of(r, want[i].key);

		if (strcmp(got, want[i].value))
			fail_msg("%s is '%s', not '%s'", want[i].key, got, want[i].value);
	}
}

static inline void must_run(int ret, const struct run *r)
{
	if (ret)
		fail_msg("%s: %s (%s)", r->e.step, r->e.message, r->e.remedy);
	if (r->out.kind != OUTCOME_EXITED || r->out.code)
		fail_msg("ended badly: %s", r->out.reason);
}

/* Where containers cannot be made at all, the tests say so and are skipped. */
#define NEEDS_CONTAINERS(f)                                                                        \
	do {                                                                                       \
		struct err e_;                                                                     \
		static char why_[1024];                                                            \
		if (ctr_runtime.probe(&(f)->cfg, &e_) < 0) {                                       \
			snprintf(why_, sizeof(why_), "%s: %s", e_.step, e_.message);               \
			SKIP(why_);                                                                \
		}                                                                                  \
	} while (0)

#endif
