/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/session.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/util.h"
#include "results/manifest.h"
#include "results/samples.h"
#include "runner/cpus.h"
#include "runner/ctr_steps.h"
#include "runner/differences.h"
#include "runner/exec_job.h"
#include "runner/facts.h"
#include "runner/kernels.h"
#include "runner/machine.h"
#include "runner/resume.h"
#include "runner/schedule.h"
#include "runner/ui.h"
#include "runner/version.h"
#include "runner/warnings.h"
#include "runner/words.h"

static struct rt_config way_config(const struct session *s, size_t i)
{
	const struct run_options *o = s->options;
	const struct way *w = &s->plan.ways[i];
	struct rt_config cfg = {
		.workload = s->paths->workload,
		.program = o->exec ? &o->exec->program : NULL,
		.libexec = s->paths->libexec,
		.cache = s->paths->cache,
		.kernel_name = w->kernel,
		.restore = w->restore,
		.huge_pages = w->huge_pages,
		.mem_bytes = o->mem_mib << 20,
		.vcpus = (unsigned)o->vcpus,
		.cpus = o->cpus,
		.cancel_fd = s->cancel_fd,
		.ctr_namespaces = o->ctr_namespaces,
		.ctr_seccomp = o->ctr_seccomp,
		.ctr_no_cgroup = o->ctr_no_cgroup,
		.ctr_mem_limit = o->mem_mib != 0,
	};

	if (!(w->ops->caps & RT_OWN_KERNEL))
		run_options_program_cpus(o, &cfg.cpus);
	if (o->exec && !o->mem_mib && (w->ops->caps & RT_OWN_KERNEL))
		cfg.mem_bytes = exec_guest_bytes(o->exec);
	if (w->step) {
		cfg.ctr_namespaces = w->step->namespaces;
		cfg.ctr_no_cgroup = !w->step->cgroup;
		cfg.ctr_seccomp = w->step->seccomp;
		cfg.ctr_keep_caps = !w->step->drop_caps;
		cfg.ctr_mem_limit = false;
	}
	return cfg;
}

static int find_kernel(struct session *s, size_t i, struct err *e)
{
	struct kernel_ref ref;
	int r;

	if (!(s->plan.ways[i].ops->caps & RT_OWN_KERNEL) ||
		!strcmp(s->plan.ways[i].kernel, "empty"))
		return 0;
	r = kernel_need(s->plan.ways[i].kernel, s->paths, &ref, e);
	if (r < 0)
		return r;
	if (snprintf(s->kernels[i], PATH_SIZE, "%s", ref.path) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "kernel", "'%s' is too long", ref.path);
	return 0;
}

/* Can it run a program that is not our own workload at all? */
static int check_exec(struct way *w)
{
	if (!(w->ops->caps & RT_ANY_PROGRAM))
		return err_set(&w->why_not, -ENOTSUP, "exec",
			"the runtime %s cannot run a program of the user's own", w->ops->name);
	if ((w->ops->caps & RT_OWN_KERNEL) && !kernel_is_linux(w->kernel))
		return err_set(&w->why_not, -ENOTSUP, "exec",
			"the guest kernel '%s' is not Linux: it runs no program", w->kernel);
	return 0;
}

static int probe_way(struct session *s, struct way *w)
{
	int r = s->options->exec ? check_exec(w) : 0;

	if (!r)
		r = w->ops->probe(&w->cfg, &w->why_not);
	if (!r && (w->ops->caps & RT_OWN_KERNEL) && kernel_is_linux(w->kernel))
		r = linux_guest_check(&s->linux_guest, &w->cfg, &w->why_not);
	return r;
}

/*
 * What may fail to open without an end to the run: somebody else's program, and variants, which
 * need more than the plain way does (a KVM that can save its state, free huge pages).
 */
static bool may_be_left_out(const struct way *w)
{
	return (w->ops->caps & RT_FOREIGN) || w->restore || w->huge_pages;
}

static int open_probed(struct session *s, size_t i, struct err *e)
{
	struct way *w = &s->plan.ways[i];
	int r = find_kernel(s, i, e);

	if (r < 0)
		return r;
	w->cfg.kernel = *s->kernels[i] ? s->kernels[i] : NULL;
	r = w->ops->open(&w->cfg, &w->rt, e);
	w->usable = r == 0;
	if (!r || r == -ECANCELED || !may_be_left_out(w))
		return r;
	w->why_not = *e;
	return 0;
}

/* Probe and open one way. What cannot work here is not an error, unless it was asked for. */
static int open_way(struct session *s, size_t i, struct err *e)
{
	struct way *w = &s->plan.ways[i];
	int r;

	w->cfg = way_config(s, i);
	r = probe_way(s, w);
	if (!r)
		return open_probed(s, i, e);
	if (r == -ECANCELED) { /* says nothing of the way */
		*e = w->why_not;
		return r;
	}
	/* Somebody else's program may well not be installed: the others are measured then. */
	if (s->options->machine == ON_NATIVE && !s->options->raw && !(w->ops->caps & RT_FOREIGN)) {
		*e = w->why_not;
		e->code = -ENODEV;
		return -ENODEV;
	}
	return 0;
}

static int none_usable(const struct session *s, struct err *e)
{
	size_t last = s->plan.n_ways - 1;

	*e = s->plan.ways[last].why_not;
	e->code = -ENODEV;
	return -ENODEV;
}

int session_open(struct session *s, struct err *e)
{
	size_t usable = 0;
	int r = plan_build(s->options, &s->plan, e);

	for (size_t i = 0; !r && i < s->plan.n_ways; i++) {
		const struct way *w = &s->plan.ways[i];
		char label[96];

		r = open_way(s, i, e);
		usable += w->usable;
		if (!r && !w->usable && !s->quiet) {
			ui_warn("%s is left out: %s", way_label(w, label, sizeof(label)),
				w->why_not.message);
			if (w->why_not.remedy[0])
				ui_note("try: %s", w->why_not.remedy);
		}
	}
	return r ? r : usable ? 0 : none_usable(s, e);
}

void session_close(struct session *s)
{
	for (size_t i = 0; i < s->plan.n_ways; i++) {
		struct way *w = &s->plan.ways[i];

		if (w->rt)
			w->ops->close(w->rt);
		w->rt = NULL;
	}
	plan_free(&s->plan);
}

/* How long rows may be where a power cut takes them. */
#define SYNC_NS (5 * NSEC_PER_SEC)

/* What a run writes into while it lasts. */
struct sink {
	const struct session *session;
	struct rundir *dir;
	struct samples_writer *samples;
	struct manifest *manifest;
	size_t way; /* whose facts are being described */
	size_t rows;
	uint64_t synced_ns;
};

static int put_row(void *ctx, const struct sample *row, struct err *e)
{
	struct sink *k = ctx;
	int r = samples_append(k->samples, row, e);

	k->rows += !r;
	return r;
}

/* Between two launches: does what has been measured lie safe? */
static int look_after(void *ctx, struct err *e)
{
	struct sink *k = ctx;
	int r = rundir_follow(k->dir, e);

	if (!r && samples_removed(k->samples))
		r = err_set(e, -ESTALE, "stat",
			"the " SAMPLES_FILE " of '%s' was removed during the "
			"run",
			k->dir->path);
	if (!r && now_ns() - k->synced_ns >= SYNC_NS) {
		r = samples_sync(k->samples, e);
		k->synced_ns = now_ns();
	}
	return r;
}

/* The rows of a removed file are still ours, until we close it. */
static int rescue(struct sink *k, struct err *e)
{
	char lost[PATH_SIZE];
	struct err why;

	strcpy(lost, k->dir->path);
	if (rundir_replace(k->dir, &why) < 0 || samples_rescue(k->samples, k->dir->path, &why) < 0)
		return err_set(e, -ESTALE, "rescue",
			"'%s' was removed during the run, and its rows are lost: %s", lost,
			why.message);
	return err_set(e, -ESTALE, "rescue",
		"'%s' was removed during the run; what was measured until then is in '%s'", lost,
		k->dir->path);
}

/*
 * A fact that does not fit into the manifest is said, and the run goes on. What there is no memory
 * for the manifest tells by itself, when it is written.
 */
static void put_fact(void *ctx, const char *key, const char *value)
{
	struct sink *k = ctx;
	struct err e;

	if (manifest_set(k->manifest, key, value, &e) < 0 && e.code != -ENOMEM)
		ui_warn("manifest: %s: %s", key, e.message);
}

/* Names of ways hold dots and slashes: in the manifest ways are numbered, their name is inside. */
static void put_way_fact(void *ctx, const char *key, const char *value)
{
	struct sink *k = ctx;
	char full[256];

	snprintf(full, sizeof(full), "ways.%zu.%s", k->way, key);
	put_fact(ctx, full, value);
}

/* Is @word one of those in @list, which are separated by ", "? */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len) {
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static void add_guest_release(struct sink *k, const char *release)
{
	const char *so_far = manifest_get(k->manifest, "guest.kernel.release");
	bool first = !strcmp(so_far, MANIFEST_UNKNOWN);
	char all[1024];

	if (!*release || is_listed(so_far, release))
		return;
	snprintf(all, sizeof(all), "%s%s%s", first ? "" : so_far, first ? "" : ", ", release);
	put_fact(k, "guest.kernel.release", all);
}

static void put_inside_fact(void *ctx, unsigned way, const char *key, const char *value)
{
	struct sink *k = ctx;
	char full[256];

	snprintf(full, sizeof(full), "ways.%u.inside.%s", way, key);
	put_fact(ctx, full, value);
	/* For captions: which kernel the guests ran. */
	if ((k->session->plan.ways[way].ops->caps & RT_OWN_KERNEL) &&
		!strcmp(key, "kernel.release"))
		add_guest_release(k, value);
}

static void describe_ways(struct sink *k)
{
	const struct plan *p = &k->session->plan;

	for (k->way = 0; k->way < p->n_ways; k->way++) {
		const struct way *w = &p->ways[k->way];

		put_way_fact(k, "runtime", w->name);
		put_way_fact(k, "kernel", w->kernel);
		put_way_fact(k, "usable", w->usable ? "yes" : "no");
		if (!w->usable)
			put_way_fact(k, "why_not", w->why_not.message);
		else if (w->ops->describe)
			w->ops->describe(w->rt, put_way_fact, k);
	}
}

/* What was run, of "bench exec". */
static void describe_exec(struct sink *k, const struct exec_job *j)
{
	char path[2 * PATH_SIZE], hex[SHA256_HEX_SIZE];
	struct err e;

	snprintf(path, sizeof(path), "%s%s", j->tree.root, j->path);
	put_fact(k, "exec.path", j->path);
	put_fact(k, "exec.sha256", sha256_path(path, hex) ? MANIFEST_UNKNOWN : hex);
	put_fact(k, "exec.directory", j->program.dir);
	put_fact(k, "exec.rootfs", j->request.rootfs ? j->request.rootfs : "made of what it needs");
	manifest_set_count(k->manifest, "exec.tree_bytes", (int64_t)j->tree.bytes, &e);
}

/* All suites of the run, beside the first of them, after which its folder is called. */
static void put_suites(struct sink *k)
{
	const struct plan *p = &k->session->plan;
	char all[256] = "";

	for (size_t i = 0; i < p->n_suites; i++) {
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s", i ? "," : "", p->suites[i]->name);
	}
	put_fact(k, "run.suites", all);
}

/* What "bench run --resume" begins with. A program's tree is gone with the run that made it. */
static void put_arguments(struct sink *k)
{
	struct words w = { 0 };
	char key[48];

	if (k->session->options->exec)
		return;
	run_options_words(k->session->options, &w);
	for (size_t i = 0; i < w.n && !w.error; i++) {
		snprintf(key, sizeof(key), "run.arguments.%zu", i);
		put_fact(k, key, w.argv[i]);
	}
	words_free(&w);
}

static void describe_run(struct sink *k, const struct rundir *dir)
{
	const struct session *s = k->session;
	const struct run_options *o = s->options;
	char text[256], hex[SHA256_HEX_SIZE];
	time_t now = time(NULL);
	cpu_set_t cpus;
	struct tm tm;
	struct err e;

	manifest_set_count(k->manifest, "schema", MANIFEST_SCHEMA, &e);
	put_fact(k, "run.id", dir->id);
	put_fact(k, "run.suite", s->plan.suites[0]->name);
	put_suites(k);
	put_fact(k, "run.command", s->command);
	put_arguments(k);
	put_fact(k, "run.filter", o->filter ? o->filter : "");
	manifest_set_count(k->manifest, "run.seed", (int64_t)o->seed, &e);
	manifest_set_count(k->manifest, "run.launches", (int64_t)o->launches, &e);
	manifest_set_count(k->manifest, "run.warmup", (int64_t)o->warmup, &e);
	put_fact(k, "run.quick", o->quick ? "yes" : "no");
	put_fact(k, "run.deterministic", o->deterministic ? "yes" : "no");
	manifest_set_count(k->manifest, "run.concurrency", (int64_t)o->concurrency, &e);
	manifest_set_count(k->manifest, "run.sustain_s", (int64_t)o->sustain_s, &e);
	cpus_format(&o->cpus, text, sizeof(text));
	put_fact(k, "run.cpus", text);
	run_options_program_cpus(o, &cpus);
	cpus_format(&cpus, text, sizeof(text));
	put_fact(k, "run.program_cpus", text);
	manifest_set_count(k->manifest, "run.vcpus", (int64_t)o->vcpus, &e);
	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_fact(k, "run.utc", text);
	put_fact(k, "tool.version", BENCH_VERSION);
	put_fact(k, "tool.compiler", __VERSION__);
	put_fact(k, "tool.flags", BENCH_CFLAGS);
	put_fact(k, "workload.sha256",
		sha256_path(s->paths->workload, hex) ? MANIFEST_UNKNOWN : hex);
	if (o->exec)
		describe_exec(k, o->exec);
	manifest_set_count(k->manifest, "host.cpu.tsc_khz", (int64_t)machine_tsc_khz(), &e);
	put_fact(k, "machine", machine_kind());
	put_fact(k, "host.hypervisor", machine_hypervisor());
}

/* A warning is said now (unless the session is quiet), and stays in the manifest for who reads the
 * results. */
static void put_warning(void *ctx, const char *text)
{
	struct sink *k = ctx;
	char key[32];
	unsigned n = 0;
	const char *said;

	/* A run that is gone on with has some of the run before. */
	do {
		snprintf(key, sizeof(key), "warnings.%u", n++);
		said = manifest_get(k->manifest, key);
	} while (strcmp(said, MANIFEST_UNKNOWN) && strcmp(said, text));
	put_fact(k, key, text);
	if (!k->session->quiet)
		ui_warn("%s", text);
}

/* vCPUs beyond the CPUs take turns on them, which costs; the other ways cannot get more either. */
static void warn_of_shared_cpus(struct sink *k)
{
	const struct run_options *o = k->session->options;
	int have = CPU_COUNT(&o->cpus);
	char text[256];

	if (o->vcpus <= (uint64_t)have)
		return;
	snprintf(text, sizeof(text),
		"%ju CPUs were asked for and there are %d: vCPUs share them, and the other ways "
		"have %d; try: --vcpus %d",
		(uintmax_t)o->vcpus, have, have, have);
	put_warning(k, text);
}

/* Each way against the first, which is what the others are compared with by default. */
static void warn_of_differences(struct sink *k)
{
	const struct plan *p = &k->session->plan;
	char first[96], other[96];

	way_label(&p->ways[0], first, sizeof(first));
	for (size_t i = 1; i < p->n_ways; i++)
		differences_find(k->manifest, 0, first, i,
			way_label(&p->ways[i], other, sizeof(other)), put_warning, k);
}

static int write_manifest(struct sink *k, const char *state, struct err *e)
{
	put_fact(k, "run.state", state);
	return manifest_write(k->manifest, k->dir->path, e);
}

static int carry_out(struct sink *k, struct schedule *schedule, struct err *e)
{
	int r;

	warnings_of_host("", machine_kind(), put_warning, k);
	warn_of_shared_cpus(k);
	if (!k->session->resume)
		facts_weather("", "before", put_fact, k);
	r = write_manifest(k, "running", e);
	k->synced_ns = now_ns();
	if (!r)
		r = schedule_run(schedule, e);
	return r;
}

/* What is known when it has ended, however it has. */
static int conclude(struct sink *k, const struct schedule *schedule, int r, struct err *e)
{
	const char *online = manifest_get(k->manifest, "host.cpu.online");
	struct err ignored;
	int w;

	facts_weather("", "after", put_fact, k);
	if (strcmp(online, MANIFEST_UNKNOWN))
		warnings_of_cpus("", online, put_warning, k);
	warn_of_differences(k);
	if (r == -ESTALE)
		r = rescue(k, e);
	w = samples_sync(k->samples, r ? &ignored : e);
	r = r ? r : w;
	manifest_set_count(k->manifest, "run.launches_done", (int64_t)schedule->done, &ignored);
	manifest_set_count(k->manifest, "run.rows", (int64_t)k->rows, &ignored);
	if (r < 0) {
		write_manifest(k, r == -ECANCELED ? "interrupted" : "failed", &ignored);
		return r;
	}
	r = write_manifest(k, "complete", e);
	if (r < 0)
		write_manifest(k, "failed", &ignored);
	return r;
}

static int measure(struct sink *k, bool *failed, struct err *e)
{
	const struct session *s = k->session;
	struct schedule schedule = {
		.plan = (struct plan *)&s->plan,
		.run_id = k->dir->id,
		.trial = { .timeout_ns = s->options->timeout_s * NSEC_PER_SEC,
			.cancel_fd = s->cancel_fd,
			.log_fd = k->dir->log_fd },
		.dir = k->dir->path,
		.quick = s->options->quick,
		.from = s->resume ? s->resume->from : 0,
		.put = put_row,
		.inside = put_inside_fact,
		.between = look_after,
		.ctx = k,
	};
	struct cpu_ticks before = warnings_ticks("");
	int r = carry_out(k, &schedule, e);

	*failed = schedule.failed;
	warnings_of_run(before, warnings_ticks(""), put_warning, k);
	return conclude(k, &schedule, r, e);
}

/* What was written down when the run began stays, where it still holds. */
static int go_on(struct sink *k, struct err *e)
{
	struct resume *resume = k->session->resume;
	int r = resume_fits(resume, k->manifest, "", e);

	if (!r)
		r = resume_begin(resume, k->dir, k->session->command, &k->samples, e);
	if (r < 0)
		return r;
	manifest_free(k->manifest);
	k->manifest = steal_pointer(&resume->manifest);
	k->rows = resume->rows;
	return 0;
}

int session_measure(struct session *s, struct rundir *dir, bool *failed, struct err *e)
{
	struct sink k = { .session = s, .dir = dir, .manifest = manifest_new() };
	int r;

	if (!k.manifest)
		return err_set(e, -ENOMEM, "manifest", "out of memory");
	describe_run(&k, dir);
	facts_host("", put_fact, &k);
	describe_ways(&k);
	r = s->resume ? go_on(&k, e) : samples_create(dir->path, &k.samples, e);
	if (!r)
		r = measure(&k, failed, e);
	manifest_free(k.manifest);
	samples_close(k.samples);
	return r;
}
