/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/util.h"
#include "results/manifest.h"
#include "results/samples.h"
#include "results/text.h"

/* One run within a source; a merged folder has several. */
struct run {
	const char *host, *id; /* borrowed from its source */
	size_t source;
	char values[SHA256_HEX_SIZE]; /* of all its values in their order */
};

struct source {
	const char *dir;
	char *name;
	struct sample_set set;
	struct manifest *manifest;
};

struct merge {
	struct source *sources;
	size_t n;
	struct run *runs;
	size_t n_runs;
	struct err *e;
	void (*warn)(void *ctx, const char *text);
	void *ctx;
};

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "merge", "no memory for the runs");
}

static void warn(const struct merge *m, char *text)
{
	if (text && m->warn)
		m->warn(m->ctx, text);
	free(text);
}

/* --- names --- */

static int check_name(const char *name, const char *dir, struct err *e)
{
	char clean[4 * MERGE_MAX_NAME];

	text_clean(name, true, clean, sizeof(clean));
	if (*name && strlen(name) <= MERGE_MAX_NAME && !strcmp(name, clean))
		return 0;
	text_clean(name, false, clean, sizeof(clean));
	err_set(e, -EINVAL, "merge", "'%.200s' cannot be the name of the host of '%s'", clean, dir);
	return err_help(
		e, "--name DIR=NAME with 1 to %d letters that can be printed", MERGE_MAX_NAME);
}

static int find_name(struct source *s, const struct merge_source *from, struct err *e)
{
	cleanup_free char *real = NULL;

	s->dir = from->dir;
	if (from->name) {
		s->name = strdup(from->name);
	} else {
		real = realpath(from->dir, NULL);
		if (!real)
			return err_sys(e, "realpath", "'%s'", from->dir);
		s->name = strdup(strrchr(real, '/') + 1);
	}
	return s->name ? check_name(s->name, s->dir, e) : no_memory(e);
}

/* Two folders of one host are fine when somebody has said so, and a mistake when nobody has. */
static int check_names(struct merge *m, const struct merge_source *from)
{
	for (size_t i = 1; i < m->n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(m->sources[i].name, m->sources[k].name) ||
				(from[i].name && from[k].name))
				continue;
			err_set(m->e, -EINVAL, "merge",
				"'%s' and '%s' would both be of a host called '%s'",
				m->sources[k].dir, m->sources[i].dir, m->sources[i].name);
			return err_help(m->e, "--name DIR=NAME for both of them");
		}
	}
	return 0;
}

/* --- reading --- */

static bool is_merged(const struct source *s)
{
	return s->set.n && *s->set.rows[0].host != '\0';
}

static int read_source(struct merge *m, struct source *s, bool named)
{
	cleanup_free char *path = NULL;
	const char *state;
	int r = samples_find(s->dir, &path, m->e);

	if (!r)
		r = samples_read(path, &s->set, m->e);
	if (!r)
		r = manifest_read(s->dir, &s->manifest, m->e);
	if (r < 0)
		return r;
	if (is_merged(s) && named)
		return err_set(m->e, -EINVAL, "merge",
			"'%s' holds runs of hosts that have names already: '%s' cannot be that of "
			"all",
			s->dir, s->name);
	state = manifest_get(s->manifest, "run.state");
	if (s->set.torn)
		warn(m, format_text("'%s' was cut short: its last row is left out", s->dir));
	else if (strcmp(state, MANIFEST_UNKNOWN) && strcmp(state, "complete"))
		warn(m, format_text("'%s' is of a run that is not complete: %s", s->dir, state));
	return 0;
}

static const char *host_of(const struct source *s, const struct sample *x)
{
	return *x->host ? x->host : s->name;
}

/* --- the same run twice --- */

static struct run *find_run(struct merge *m, size_t source, const struct sample *x)
{
	const char *host = host_of(&m->sources[source], x);
	struct run *bigger;

	for (size_t i = m->n_runs; i-- > 0 && m->runs[i].source == source;) {
		if (!strcmp(m->runs[i].host, host) && !strcmp(m->runs[i].id, x->run_id))
			return &m->runs[i];
	}
	bigger = reallocarray(m->runs, m->n_runs + 1, sizeof(*bigger));
	if (!bigger)
		return NULL;
	m->runs = bigger;
	bigger[m->n_runs] = (struct run){ .host = host, .id = x->run_id, .source = source };
	return &bigger[m->n_runs++];
}

/* A hash over the hash so far and the next values, for each run, in the order of the rows. */
static int find_runs(struct merge *m, size_t source)
{
	const struct sample_set *set = &m->sources[source].set;
	struct {
		char before[SHA256_HEX_SIZE];
		double value;
	} step = { 0 };

	for (size_t i = 0; i < set->n; i++) {
		struct run *run = find_run(m, source, &set->rows[i]);

		if (!run)
			return no_memory(m->e);
		if (!sample_has_value(&set->rows[i]))
			continue;
		memcpy(step.before, run->values, sizeof(step.before));
		step.value = set->rows[i].value;
		sha256_mem(&step, sizeof(step), run->values);
	}
	return 0;
}

static int refuse_twice(
	const struct merge *m, const struct run *a, const struct run *b, const char *by)
{
	bool same = !strcmp(a->host, b->host);

	err_set(m->e, -EEXIST, "merge",
		"'%s' and '%s' hold the same run: %.80s of host %s%s%s, by its %s",
		m->sources[a->source].dir, m->sources[b->source].dir, a->id, a->host,
		same ? "" : " and of host ", same ? "" : b->host, by);
	return err_help(m->e, "leave one of them away");
}

/* A copy, under whatever host's name. */
static bool same_values(const struct run *a, const struct run *b)
{
	return !strcmp(a->id, b->id) && *a->values && !strcmp(a->values, b->values);
}

/* Part of it, for one: its launches could not be told from each other. */
static bool same_id(const struct run *a, const struct run *b)
{
	return !strcmp(a->id, b->id) && !strcmp(a->host, b->host);
}

static int check_runs(
	const struct merge *m, bool (*same)(const struct run *, const struct run *), const char *by)
{
	for (size_t i = 0; i < m->n_runs; i++) {
		for (size_t k = i + 1; k < m->n_runs; k++) {
			if (same(&m->runs[i], &m->runs[k]))
				return refuse_twice(m, &m->runs[i], &m->runs[k], by);
		}
	}
	return 0;
}

/* --- writing --- */

static int write_samples(const struct merge *m, const char *out)
{
	struct samples_writer *w = NULL;
	int r = samples_create_merged(out, &w, m->e);

	for (size_t i = 0; !r && i < m->n; i++) {
		const struct source *s = &m->sources[i];

		for (size_t k = 0; !r && k < s->set.n; k++) {
			struct sample x = s->set.rows[k];

			x.host = host_of(s, &x);
			r = samples_append(w, &x, m->e);
		}
	}
	samples_close(w);
	return r;
}

/* What captions show, all values that there are: "6.1.0, 6.12.0"; beyond MAX_LISTED "...". */
#define MAX_LISTED 4

static int join_fact(const struct merge *m, struct manifest *all, const char *key)
{
	const char *seen[MAX_LISTED + 1];
	cleanup_free char *text = strdup("");
	size_t n = 0;

	for (size_t i = 0; text && i < m->n; i++) {
		const char *value = manifest_get(m->sources[i].manifest, key);
		char *longer;
		size_t k = 0;

		while (k < n && strcmp(seen[k], value))
			k++;
		if (k < n || n > MAX_LISTED || !strcmp(value, MANIFEST_UNKNOWN))
			continue;
		seen[n++] = value;
		longer = format_text(
			"%s%s%s", text, n > 1 ? ", " : "", n > MAX_LISTED ? "..." : value);
		free(text);
		text = longer;
	}
	if (!text)
		return no_memory(m->e);
	return *text ? manifest_set(all, key, text, m->e) : 0;
}

/* One emulated run makes a data set whose times are not to be believed. */
static const char *machine_of(const struct merge *m)
{
	const char *machine = manifest_get(m->sources[0].manifest, "machine");

	for (size_t i = 0; i < m->n; i++) {
		const char *other = manifest_get(m->sources[i].manifest, "machine");

		if (manifest_emulated(m->sources[i].manifest))
			return other;
		if (strcmp(machine, other))
			machine = "several kinds";
	}
	return machine;
}

/* The manifests of one source: its own, or those that were merged into it. */
static int embed(const struct merge *m, struct manifest *all, const struct source *s, size_t *runs)
{
	char from[32] = "", to[32], name[48];
	int r = 0;

	for (size_t i = 0; !r && (!i || is_merged(s)); i++) {
		if (is_merged(s)) {
			snprintf(from, sizeof(from), "runs.%zu", i);
			snprintf(name, sizeof(name), "%s.name", from);
			if (!strcmp(manifest_get(s->manifest, name), MANIFEST_UNKNOWN))
				break;
		}
		snprintf(to, sizeof(to), "runs.%zu", (*runs)++);
		r = manifest_embed(all, to, s->manifest, from, m->e);
		snprintf(name, sizeof(name), "%s.name", to);
		if (!r && !is_merged(s))
			r = manifest_set(all, name, s->name, m->e);
	}
	return r;
}

/* What the runs were warned of stands before all figures, so it says of which host it is. */
static int copy_warnings(
	const struct merge *m, struct manifest *all, const struct source *s, size_t *warnings)
{
	int r = 0;

	for (size_t i = 0; !r; i++) {
		cleanup_free char *text = NULL;
		char key[32];
		const char *warning;

		snprintf(key, sizeof(key), "warnings.%zu", i);
		warning = manifest_get(s->manifest, key);
		if (!strcmp(warning, MANIFEST_UNKNOWN))
			break;
		text = format_text(
			"%s%s%s", is_merged(s) ? "" : s->name, is_merged(s) ? "" : ": ", warning);
		snprintf(key, sizeof(key), "warnings.%zu", (*warnings)++);
		r = text ? manifest_set(all, key, text, m->e) : no_memory(m->e);
	}
	return r;
}

static int write_manifest(const struct merge *m, const char *out)
{
	static const char *const joined[] = { "run.suite", "run.suites", "run.utc", "run.seed",
		"host.cpu.model", "host.kernel.release", "guest.kernel.release" };
	struct manifest *all = manifest_new();
	size_t runs = 0, warnings = 0;
	int r = all ? manifest_set(all, "machine", machine_of(m), m->e) : no_memory(m->e);

	if (!r)
		r = manifest_set(all, "run.id", "merged", m->e);
	for (size_t i = 0; !r && i < ARRAY_SIZE(joined); i++)
		r = join_fact(m, all, joined[i]);
	for (size_t i = 0; !r && i < m->n; i++) {
		r = embed(m, all, &m->sources[i], &runs);
		if (!r)
			r = copy_warnings(m, all, &m->sources[i], &warnings);
	}
	if (!r)
		r = manifest_write(all, out, m->e);
	manifest_free(all);
	return r;
}

static int merge(struct merge *m, const struct merge_source *from, const char *out)
{
	int r = 0;

	for (size_t i = 0; !r && i < m->n; i++) {
		r = find_name(&m->sources[i], &from[i], m->e);
		if (!r)
			r = read_source(m, &m->sources[i], from[i].name != NULL);
		if (!r)
			r = find_runs(m, i);
	}
	if (!r)
		r = check_runs(m, same_values, "id and all of its values");
	if (!r) /* after the copies: whoever gave one folder twice hears so */
		r = check_names(m, from);
	if (!r)
		r = check_runs(m, same_id, "id");
	if (!r)
		r = write_samples(m, out);
	return r ? r : write_manifest(m, out);
}

int merge_runs(const struct merge_source *sources, size_t n, const char *out,
	void (*warn_of)(void *ctx, const char *text), void *ctx, struct err *e)
{
	struct merge m = {
		.sources = calloc(n + 1, sizeof(*m.sources)),
		.n = n,
		.e = e,
		.warn = warn_of,
		.ctx = ctx,
	};
	int r = m.sources ? merge(&m, sources, out) : no_memory(e);

	for (size_t i = 0; m.sources && i < n; i++) {
		free(m.sources[i].name);
		samples_free(&m.sources[i].set);
		manifest_free(m.sources[i].manifest);
	}
	free(m.sources);
	free(m.runs);
	return r;
}
