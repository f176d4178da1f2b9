/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/claims_book.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/util.h"

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "claims", "no memory for the runs");
}

/* A manifest of a later version may mean something else by the same key. */
static int check_version(const struct manifest *m, const char *dir, struct err *e)
{
	const char *schema = manifest_get(m, "schema");
	uint64_t version;

	if (!strcmp(schema, MANIFEST_UNKNOWN)) /* from before it was written, or no manifest */
		return 0;
	if (!parse_u64(schema, 1, MANIFEST_SCHEMA, &version))
		return 0;
	err_set(e, -EPROTO, "manifest", "'%s/" MANIFEST_FILE "' is of version %.20s, not %d", dir,
		schema, MANIFEST_SCHEMA);
	return err_help(e, "read it with the bench that wrote it");
}

/* Which facts go with which rows is not to be told any more by the keys that are looked up. */
static int check_one_host(const struct manifest *m, const char *dir, struct err *e)
{
	if (!manifest_merged(m))
		return 0;
	err_set(e, -EXDEV, "claims",
		"'%s' is a data set of several runs, and a verdict is on one host", dir);
	return err_help(e, "give the folders that it was made of");
}

static int read_one(struct claims_book *book, const char *dir, struct err *e)
{
	struct summary **s = &book->summaries[book->n_dirs];
	struct manifest **m = &book->manifests[book->n_dirs];
	int r = summary_make(dir, s, e);

	if (!r)
		r = manifest_read(dir, m, e);
	if (!r)
		r = check_version(*m, dir, e);
	if (!r)
		r = check_one_host(*m, dir, e);
	book->n_dirs += *s || *m;
	return r;
}

static bool is_same_run(const struct claims_run *a, const struct manifest *b)
{
	const char *id = manifest_get(b, "run.id");

	return strcmp(id, MANIFEST_UNKNOWN) && !strcmp(manifest_get(a->m, "run.id"), id);
}

/* The host of this name, made where it is new. */
static struct claims_host *host_of(struct claims_book *book, const char *name)
{
	struct claims_host *bigger;

	for (size_t i = 0; i < book->n_hosts; i++) {
		if (!strcmp(book->hosts[i].name, name))
			return &book->hosts[i];
	}
	bigger = reallocarray(book->hosts, book->n_hosts + 1, sizeof(*bigger));
	if (!bigger)
		return NULL;
	book->hosts = bigger;
	bigger += book->n_hosts++;
	*bigger = (struct claims_host){ 0 };
	snprintf(bigger->name, sizeof(bigger->name), "%s", name);
	return bigger;
}

static int put_run(struct claims_book *book, size_t i, const char *dir, struct err *e)
{
	char name[HOST_SIZE];
	struct claims_host *host = host_of(book, claims_host(book->manifests[i], name));
	struct claims_run *bigger;

	if (!host)
		return no_memory(e);
	for (size_t k = 0; k < host->n_runs; k++) {
		if (is_same_run(&host->runs[k], book->manifests[i]))
			return err_set(e, -EEXIST, "claims", "'%s' and '%s' are the same run",
				host->runs[k].dir, dir);
	}
	bigger = reallocarray(host->runs, host->n_runs + 1, sizeof(*bigger));
	if (!bigger)
		return no_memory(e);
	host->runs = bigger;
	host->runs[host->n_runs++] =
		(struct claims_run){ dir, book->summaries[i], book->manifests[i] };
	return 0;
}

int claims_book_read(struct claims_book *book, const char *const *dirs, size_t n, struct err *e)
{
	int r = 0;

	*book = (struct claims_book){ 0 };
	book->summaries = calloc(n + 1, sizeof(struct summary *));
	book->manifests = calloc(n + 1, sizeof(struct manifest *));
	if (!book->summaries || !book->manifests)
		return no_memory(e);
	for (size_t i = 0; !r && i < n; i++) {
		r = read_one(book, dirs[i], e);
		if (!r)
			r = put_run(book, i, dirs[i], e);
	}
	for (size_t i = 0; !r && i < book->n_hosts; i++) {
		struct claims_host *h = &book->hosts[i];

		r = ledger_make(&h->ledger, h->runs, h->n_runs, e);
		if (!r)
			r = figures_make(&h->figures, h->runs, h->n_runs, e);
	}
	return r;
}

void claims_book_free(struct claims_book *book)
{
	for (size_t i = 0; i < book->n_hosts; i++) {
		ledger_free(&book->hosts[i].ledger);
		figures_free(&book->hosts[i].figures);
		free(book->hosts[i].runs);
	}
	for (size_t i = 0; i < book->n_dirs; i++) {
		summary_free(book->summaries[i]);
		manifest_free(book->manifests[i]);
	}
	free(book->hosts);
	free(book->summaries);
	free(book->manifests);
	*book = (struct claims_book){ 0 };
}

/* A run below "out": what is needed to choose among them. */
struct candidate {
	char *dir, *utc;
	char suites[256], host[HOST_SIZE];
};

struct candidates {
	struct candidate *list;
	size_t n;
};

static void candidates_free(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->list[i].dir);
		free(c->list[i].utc);
	}
	free(c->list);
}

/* What is not a complete run is passed over: it is no error that one lies there. */
static int consider(struct candidates *c, const char *out, const char *name, struct err *e)
{
	cleanup_free char *dir = format_text("%s/%s", out, name);
	cleanup_free char *samples = format_text("%s/%s/" SAMPLES_FILE, out, name);
	struct candidate *bigger;
	struct manifest *m;

	if (!dir || !samples)
		return no_memory(e);
	if (access(samples, R_OK) < 0 || manifest_read(dir, &m, NULL) < 0)
		return 0;
	if (strcmp(manifest_get(m, "run.state"), "complete")) {
		manifest_free(m);
		return 0;
	}
	bigger = reallocarray(c->list, c->n + 1, sizeof(*bigger));
	if (bigger) {
		c->list = bigger;
		bigger += c->n++;
		*bigger = (struct candidate){ .dir = steal_pointer(&dir),
			.utc = strdup(manifest_get(m, "run.utc")) };
		snprintf(bigger->suites, sizeof(bigger->suites), "%s", manifest_suites(m));
		claims_host(m, bigger->host);
	}
	manifest_free(m);
	return bigger && bigger->utc ? 0 : no_memory(e);
}

static bool has_suite(const struct candidate *c, const char *suite)
{
	size_t len = strlen(suite);

	for (const char *at = c->suites; (at = strstr(at, suite)); at += len) {
		if ((at == c->suites || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

/* Of two in one second the name decides. */
static bool is_newer(const struct candidate *y, const struct candidate *x)
{
	int later = strcmp(y->utc, x->utc);

	return later > 0 || (!later && strcmp(y->dir, x->dir) > 0);
}

static bool is_newest_of(const struct candidates *c, const struct candidate *x, const char *suite)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct candidate *y = &c->list[i];

		if (!strcmp(x->host, y->host) && has_suite(y, suite) && is_newer(y, x))
			return false;
	}
	return true;
}

/* Of any suite that it has. */
static bool is_newest(const struct candidates *c, const struct candidate *x)
{
	char suites[sizeof(x->suites)], *rest = suites, *suite;

	snprintf(suites, sizeof(suites), "%s", x->suites);
	while ((suite = strsep(&rest, ","))) {
		if (is_newest_of(c, x, suite))
			return true;
	}
	return false;
}

static int choose(struct candidates *c, char ***dirs, size_t *n, struct err *e)
{
	*dirs = calloc(c->n + 1, sizeof(**dirs));
	if (!*dirs)
		return no_memory(e);
	for (size_t i = 0; i < c->n; i++) {
		if (!is_newest(c, &c->list[i]))
			continue;
		(*dirs)[*n] = strdup(c->list[i].dir);
		if (!(*dirs)[*n])
			return no_memory(e);
		++*n;
	}
	return 0;
}

int claims_newest(const char *out, char ***dirs, size_t *n, struct err *e)
{
	struct candidates c = { 0 };
	struct dirent **names = NULL;
	int found = scandir(out, &names, NULL, alphasort), r = 0;

	*dirs = NULL;
	*n = 0;
	for (int i = 0; i < found; i++) {
		if (!r && names[i]->d_name[0] != '.')
			r = consider(&c, out, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	if (!r && !c.n) {
		r = err_set(e, -ENOENT, "claims", "there is no complete run below '%s'", out);
		err_help(e, "name the folders of runs, or make some: bench run --suite syscalls");
	}
	if (!r)
		r = choose(&c, dirs, n, e);
	candidates_free(&c);
	return r;
}
