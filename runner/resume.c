/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/util.h"
#include "runner/machine.h"
#include "runner/suites.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static bool is_known(const char *value)
{
	return strcmp(value, MANIFEST_UNKNOWN) != 0;
}

/* --- what was the run? --- */

static int refuse(const struct resume *r, const char *why, const char *remedy, struct err *e)
{
	err_set(e, -EINVAL, "resume", "'%s' cannot be gone on with: %s", r->dir.path, why);
	return err_help(e, "%s", remedy);
}

static int check_kind(const struct resume *r, struct err *e)
{
	static const char anew[] = "measure it anew";

	if (!is_known(manifest_get(r->manifest, "run.id")))
		return refuse(r,
			"it holds no manifest of a run, which was stopped before that was written",
			"nothing was measured: begin it anew", e);
	if (manifest_merged(r->manifest))
		return refuse(r, "it is joined of several runs",
			"go on with these, then 'bench merge'", e);
	if (!strcmp(manifest_suites(r->manifest), exec_suite.name))
		return refuse(
			r, "it is a run of 'bench exec', whose program's tree is gone", anew, e);
	if (!is_known(manifest_get(r->manifest, "run.arguments.0")))
		return refuse(r,
			"its manifest does not say its options, as those of this version do", anew,
			e);
	return 0;
}

/* The words of the command line that it would take to begin it again. */
static void make_words(struct resume *r)
{
	words_add(&r->words, run_verb.name);
	for (size_t i = 0; i < WORDS_MAX; i++) {
		char key[32];
		const char *word;

		snprintf(key, sizeof(key), "run.arguments.%zu", i);
		word = manifest_get(r->manifest, key);
		if (!is_known(word))
			break;
		words_addf(&r->words, "%s", word);
	}
	/* An emulated machine has CPUs of its own, which mean nothing outside. */
	if (!r->emulated)
		words_addf(&r->words, "--cpus=%s", manifest_get(r->manifest, "run.cpus"));
	words_addf(&r->words, "--run-id=%s", manifest_get(r->manifest, "run.id"));
}

static int parse_words(struct resume *r, struct run_options *o, struct err *e)
{
	struct err why = { .message = "they are too many" };
	int ret = r->words.error;

	if (!ret)
		ret = verb_parse_words(&run_verb, (int)r->words.n, r->words.argv, o, &why);
	if (!ret && (o->out || o->raw || o->dry_run || o->resume)) {
		ret = -EINVAL;
		snprintf(why.message, sizeof(why.message), "they are not of a run");
	}
	if (!ret)
		return 0;
	err_set(e, -EINVAL, "resume", "'%s' cannot be gone on with: its options: %.500s",
		r->dir.path, why.message);
	return why.remedy[0] ? err_help(e, "%s", why.remedy) : -EINVAL;
}

static int read_options(struct resume *r, struct run_options *o, struct err *e)
{
	struct run_options of_run;
	int ret;

	make_words(r);
	run_options_init(&of_run);
	ret = parse_words(r, &of_run, e);
	if (ret < 0) {
		run_options_free(&of_run);
		return ret;
	}
	of_run.resume = o->resume;
	of_run.format = o->format;
	of_run.raw = o->raw;
	of_run.dry_run = o->dry_run;
	run_options_free(o);
	*o = of_run;
	return 0;
}

int resume_open(struct resume *r, struct run_options *o, struct err *e)
{
	cleanup_free char *samples = NULL;
	int ret;

	*r = (struct resume){ .dir = RUNDIR_CLOSED };
	ret = rundir_reopen(o->resume, &r->dir, e);
	if (ret == -ENOENT || ret == -ENOTDIR)
		ret = samples_find(o->resume, &samples, e); /* says it better */
	if (ret < 0)
		return ret;
	ret = manifest_read(r->dir.path, &r->manifest, e);
	if (!ret)
		ret = check_kind(r, e);
	if (ret < 0)
		return ret;
	r->complete = !strcmp(manifest_get(r->manifest, "run.state"), "complete");
	r->emulated = manifest_emulated(r->manifest) && strcmp(machine_kind(), MACHINE_EMULATED);
	ret = read_options(r, o, e);
	if (!ret)
		snprintf(r->dir.id, sizeof(r->dir.id), "%s", o->run_id);
	return ret;
}

void resume_take_dir(struct resume *r, struct rundir *d)
{
	*d = r->dir;
	r->dir = RUNDIR_CLOSED;
	strcpy(r->dir.path, d->path); /* for messages */
	strcpy(r->dir.id, d->id);
}

void resume_close(struct resume *r)
{
	rundir_close(&r->dir);
	manifest_free(r->manifest);
	r->manifest = NULL;
	words_free(&r->words);
}

/* --- does it fit? --- */

static const char *way_fact(const struct resume *r, size_t way, const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), "ways.%zu.%s", way, name);
	return manifest_get(r->manifest, key);
}

static int check_way(const struct resume *r, const struct plan *p, size_t i, struct err *e)
{
	char label[96];

	if (!strcmp(way_fact(r, i, "runtime"),
		    i < p->n_ways ? p->ways[i].name : MANIFEST_UNKNOWN) &&
		(i == p->n_ways || !strcmp(way_fact(r, i, "kernel"), p->ways[i].kernel)))
		return 0;
	return err_set(e, -EBADMSG, "resume",
		"'%s' cannot be gone on with: way %zu of its manifest is '%.40s', and of its "
		"options "
		"'%.90s'",
		r->dir.path, i, way_fact(r, i, "runtime"),
		i < p->n_ways ? way_label(&p->ways[i], label, sizeof(label)) : "none");
}

/* A row of a way that could not be used says so; it stays so to the end of the run. */
static void leave_out(const struct resume *r, struct way *w, size_t i)
{
	if (w->rt)
		w->ops->close(w->rt);
	w->rt = NULL;
	w->usable = false;
	err_set(&w->why_not, -ENODEV, "resume", "%.600s", way_fact(r, i, "why_not"));
}

int resume_ways(struct resume *r, struct plan *p, struct err *e)
{
	for (size_t i = 0; i <= p->n_ways; i++) {
		struct way *w = &p->ways[i];
		char label[96];
		int ret = check_way(r, p, i, e);

		if (ret < 0 || i == p->n_ways)
			return ret;
		if (strcmp(way_fact(r, i, "usable"), "yes")) {
			leave_out(r, w, i);
		} else if (!w->usable) {
			err_set(e, -ENODEV, "resume",
				"'%s' cannot be gone on with: %s could be used then, and now: "
				"%.400s",
				r->dir.path, way_label(w, label, sizeof(label)),
				w->why_not.message);
			return w->why_not.remedy[0] ? err_help(e, "%s", w->why_not.remedy)
						    : -ENODEV;
		}
	}
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* Of one run is what was measured with the same programs on the same machine and kernel. */
static bool is_identity(const char *key)
{
	static const char *const keys[] = { "tool.version", "workload.sha256", "machine",
		"host.hypervisor", "host.cpu.vendor", "host.cpu.model", "host.cpu.microcode",
		"host.kernel.release", "host.kernel.version", "host.kernel.command_line" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(key, keys[i]))
			return true;
	}
	return !strncmp(key, "ways.", 5) &&
	       (ends_with(key, "_sha256") || ends_with(key, ".version"));
}

struct comparison {
	const struct resume *r;
	const char *prefix;
	struct err *e;
	int error; /* of the first difference */
};

static void compare_fact(void *ctx, const char *key, const char *value)
{
	struct comparison *c = ctx;
	size_t len = strlen(c->prefix);
	const char *then;

	if (c->error || strncmp(key, c->prefix, len) || !is_identity(key + len))
		return;
	then = manifest_get(c->r->manifest, key);
	if (!strcmp(then, value) || (len && !is_known(then)))
		return;
	c->error = err_set(c->e, -EINVAL, "resume",
		"'%s' cannot be gone on with: %s was '%.150s' and is '%.150s'", c->r->dir.path, key,
		then, value);
	err_help(c->e, "go on where it was begun; or measure anew, and 'bench compare' the two");
}

int resume_fits(
	const struct resume *r, const struct manifest *now, const char *prefix, struct err *e)
{
	struct comparison c = { .r = r, .prefix = prefix, .e = e };

	manifest_each(now, compare_fact, &c);
	return c.error;
}

/* --- how far did it come? --- */

static enum launch_kind kind_of(const struct suite *suite, const struct sample *row)
{
	if (suite->kind == SUITE_HOLDS)
		return LAUNCH_HELD;
	if (suite->kind != SUITE_STARTS)
		return LAUNCH_ALONE;
	if (!strcmp(row->benchmark, "sustained"))
		return LAUNCH_SUSTAINED;
	return *row->params ? LAUNCH_TOGETHER : LAUNCH_ALONE;
}

static bool is_of_way(const struct sample *row, const struct way *w)
{
	return !strcmp(row->runtime, w->name) && !strcmp(row->kernel, w->kernel);
}

static bool is_of_launch(const struct plan *p, const struct launch *l, const struct sample *row)
{
	const struct suite *suite = p->suites[l->suite];

	return row->block == l->block && !strcmp(row->suite, suite->name) &&
	       is_of_way(row, &p->ways[l->way]) && kind_of(suite, row) == l->kind;
}

/* Is it one of the rows that say why a way is not used? They are before all others. */
static bool is_of_unusable(const struct plan *p, const struct sample *row)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		if (!p->ways[i].usable && is_of_way(row, &p->ways[i]))
			return row->status == SAMPLE_SKIPPED;
	}
	return false;
}

/* The walk along rows and plan, which are in the same order. */
struct walk {
	size_t launch;    /* whose rows these are; n_launches: not yet one's */
	size_t first_row; /* its first one */
};

static int walk_row(struct walk *k, const struct plan *p, const struct sample_set *set, size_t i)
{
	const struct sample *row = &set->rows[i];
	size_t at = k->launch;

	if (at == p->n_launches) {
		if (is_of_unusable(p, row))
			return 0;
		at = 0;
	}
	while (at < p->n_launches &&
		(!p->ways[p->launches[at].way].usable || !is_of_launch(p, &p->launches[at], row)))
		at++;
	if (at == p->n_launches)
		return -EBADMSG;
	if (at != k->launch)
		k->first_row = i;
	k->launch = at;
	return 0;
}

static bool count_is(const struct resume *r, const char *key, size_t value)
{
	uint64_t n;

	return !parse_u64(manifest_get(r->manifest, key), 0, SIZE_MAX, &n) && n == value;
}

/* Of a run that came to write down how far it was, and whose samples are as they were then, the
 * last launch is whole; of others nothing says that. */
static bool last_is_whole(const struct resume *r, const struct plan *p,
	const struct sample_set *set, const struct walk *k)
{
	size_t usable = 0;

	for (size_t i = 0; i <= k->launch && i < p->n_launches; i++)
		usable += p->ways[p->launches[i].way].usable;
	return strcmp(manifest_get(r->manifest, "run.state"), "running") && !set->torn &&
	       count_is(r, "run.rows", set->n) && count_is(r, "run.launches_done", usable);
}

static void decide(
	struct resume *r, const struct plan *p, const struct sample_set *set, const struct walk *k)
{
	if (k->launch == p->n_launches)
		return; /* from the beginning */
	r->from = k->launch;
	r->rows = k->first_row;
	if (last_is_whole(r, p, set, k)) {
		r->from++;
		r->rows = set->n;
	}
	if (!r->from) /* then the rows of what is not used are written again, too */
		r->rows = 0;
	r->bytes = r->rows ? set->ends[r->rows - 1] : 0;
}

static int find_in(struct resume *r, const struct plan *p, const struct sample_set *set,
	const char *path, struct err *e)
{
	struct walk k = { .launch = p->n_launches };

	for (size_t i = 0; i < set->n; i++) {
		if (!strcmp(set->rows[i].run_id, r->dir.id) && !walk_row(&k, p, set, i))
			continue;
		return err_set(e, -EBADMSG, "resume",
			"'%s' cannot be gone on with: row %zu is not of the plan that its options "
			"make",
			path, i + 1);
	}
	decide(r, p, set, &k);
	return 0;
}

/* Is what is there, without a whole row, ours: nothing, or the beginning of a header? */
static int check_headless(const char *path, struct err *e)
{
	cleanup_free char *text = NULL;
	char header[512] = "";
	size_t len, used = 0;
	int ret = read_file(path, SIZE_MAX / 2, &text, &len);

	if (ret < 0)
		return err_set(e, ret, "resume", "'%s': %s", path, strerror(-ret));
	for (size_t i = 0; i < COL_COUNT; i++)
		used += (size_t)snprintf(header + used, sizeof(header) - used, "%s%s", i ? "," : "",
			samples_columns[i]);
	if (!strncmp(text, header, len < used ? len : used))
		return 0;
	return err_set(e, -EBADMSG, "resume", "'%s' is not a file of samples", path);
}

int resume_find(struct resume *r, const struct plan *p, struct err *e)
{
	cleanup_free char *path = NULL;
	struct sample_set set;
	struct err why;
	struct stat st;
	int ret = samples_find(r->dir.path, &path, e);

	if (ret < 0)
		return ret;
	ret = samples_read(path, &set, &why);
	if (!ret)
		ret = find_in(r, p, &set, path, e);
	else if (ret == -ENODATA)
		ret = check_headless(path, e);
	else
		*e = why;
	samples_free(&set);
	if (!ret && stat(path, &st) < 0)
		ret = err_sys(e, "stat", "'%s'", path);
	if (!ret)
		r->cut = st.st_size - r->bytes;
	return ret;
}

/* --- going on --- */

/* What is cut off was measured, after all: it stays where nobody takes it for results. */
static int keep_cut(const struct resume *r, const struct rundir *d, struct err *e)
{
	cleanup_free char *path = format_text("%s/" SAMPLES_FILE, d->path);
	cleanup_fd int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	char buf[16 * 1024];
	ssize_t n;
	off_t at = r->bytes;
	int ret = 0;

	if (fd < 0)
		return err_sys(e, "open", "the " SAMPLES_FILE " of '%s'", d->path);
	if (r->cut && dprintf(d->log_fd, "\nbench: cut off from " SAMPLES_FILE ", %jd bytes:\n",
			      (intmax_t)r->cut) < 0)
		ret = -errno;
	while (!ret && (n = pread_all(fd, buf, sizeof(buf), at)) != 0) {
		ret = n < 0 ? -errno : write_all(d->log_fd, buf, (size_t)n);
		at += n;
	}
	if (ret < 0) {
		err_set(e, ret, "write", "writing the log of '%s': %s", d->path, strerror(-ret));
		return err_help(e, "make room there");
	}
	return 0;
}

/* "run.resumed.N", the first N that is free. */
static int note_in_manifest(const struct resume *r, const char *command, struct err *e)
{
	char key[48], text[32];
	time_t now = time(NULL);
	unsigned n = 0;
	struct tm tm;
	int ret;

	do
		snprintf(key, sizeof(key), "run.resumed.%u.utc", n++);
	while (is_known(manifest_get(r->manifest, key)));
	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	ret = manifest_set(r->manifest, key, text, e);
	n--;
	snprintf(key, sizeof(key), "run.resumed.%u.launch", n);
	if (!ret)
		ret = manifest_set_count(r->manifest, key, (int64_t)r->from, e);
	snprintf(key, sizeof(key), "run.resumed.%u.bytes_cut", n);
	if (!ret)
		ret = manifest_set_count(r->manifest, key, (int64_t)r->cut, e);
	snprintf(key, sizeof(key), "run.resumed.%u.command", n);
	return ret ? ret : manifest_set(r->manifest, key, command ? command : "", e);
}

int resume_begin(struct resume *r, const struct rundir *d, const char *command,
	struct samples_writer **w, struct err *e)
{
	int ret = keep_cut(r, d, e);

	if (!ret)
		ret = note_in_manifest(r, command, e);
	if (!ret)
		ret = samples_reopen(d->path, r->bytes, w, e);
	if (ret < 0)
		return ret;
	ui_note("going on with launch %zu: %zu rows of before stay, %jd bytes behind them were cut "
		"off",
		r->from, r->rows, (intmax_t)r->cut);
	dprintf(d->log_fd, "\nbench: gone on with launch %zu\n", r->from);
	return 0;
}
