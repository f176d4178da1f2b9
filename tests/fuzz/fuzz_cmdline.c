/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line: each verb as main() calls it, with its own options, up to where the work would
 * begin. That is replaced, so that no input runs, reads or writes anything. An input is the words,
 * one a line, the verb first.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <locale.h>

#include "base/util.h"
#include "results/claims_book.h"
#include "results/plot.h"
#include "results/summary.h"
#include "runner/completion.h"
#include "runner/demo/perform.h"
#include "runner/exec_job.h"
#include "runner/man_page.h"
#include "runner/measure.h"
#include "runner/plan.h"
#include "runner/rundir.h"
#include "runner/suites.h"
#include "runner/ui.h"
#include "runner/verbs.h"

#define WORDS 40
#define FEW_LAUNCHES 20 /* more would only make a longer plan */

/* --- the work, replaced --- */

__typeof__(measure) __wrap_measure;
__typeof__(exec_job_open) __wrap_exec_job_open;
__typeof__(paths_find) __wrap_paths_find;
__typeof__(claims_book_read) __wrap_claims_book_read;
__typeof__(claims_newest) __wrap_claims_newest;
/* results/compare.h has a verdict, and so has the header of the demonstrations. */
struct compare_options;
struct comparison;
int __wrap_compare_make(const char *a, const char *b, const struct compare_options *o,
	struct comparison **c, struct err *e);
__typeof__(rundir_make) __wrap_rundir_make;
__typeof__(demo_perform) __wrap_demo_perform;
__typeof__(plot_run) __wrap_plot_run;
__typeof__(summary_make) __wrap_summary_make;
__typeof__(completion_bash) __wrap_completion_bash, __wrap_completion_zsh;
__typeof__(man_page) __wrap_man_page;

static int nothing_there(struct err *e)
{
	return err_set(e, -ENOENT, "fuzz", "nothing is read here");
}

static void check_options(const struct run_options *o)
{
	for (size_t i = 0; i < o->suites.n; i++)
		MUST(o->exec || suite_find(o->suites.names[i]));
	MUST(o->runtimes.n > 0 && o->launches > 0 && o->timeout_s > 0 && o->starts && o->pages);
	MUST(o->vcpus >= 1 && o->seed >= 1 && o->seed <= UINT32_MAX && CPU_COUNT(&o->cpus) > 0);
}

/* What measure() does first: what follows from the options, and the plan. */
int __wrap_measure(struct measure *m)
{
	struct run_options *o = m->options;
	static struct plan plan;
	struct err e = { 0 };
	int r = run_options_finish(o, &e);

	if (r < 0) {
		fuzz_check_error(r, &e);
		ui_error(&e);
		return STATUS_USAGE;
	}
	check_options(o);
	if (o->launches > FEW_LAUNCHES || o->warmup > FEW_LAUNCHES)
		return STATUS_OK;
	/* Which kernels guests have is only asked of the machine. */
	MUST(plan_build(o, &plan, &e) == 0 && (plan.n_launches > 0 || !o->kernels.n));
	plan_free(&plan);
	return STATUS_OK;
}

int __wrap_exec_job_open(
	struct exec_job *j, const struct exec_request *req, char *const *argv, struct err *e)
{
	(void)e;
	MUST(argv[0] && req->n_copies <= EXEC_NAMES_MAX && req->n_with <= EXEC_NAMES_MAX &&
		req->n_env <= EXEC_NAMES_MAX);
	MUST(req->good_status >= EXEC_ANY_STATUS && req->good_status <= 255);
	*j = (struct exec_job){ .request = *req, .name = "fuzz" };
	return 0;
}

int __wrap_paths_find(struct paths *out, struct err *e)
{
	*out = (struct paths){ .workload = "" };
	return nothing_there(e);
}

int __wrap_claims_book_read(
	struct claims_book *book, const char *const *dirs, size_t n, struct err *e)
{
	MUST(n > 0 && dirs[n - 1]);
	*book = (struct claims_book){ 0 };
	return nothing_there(e);
}

int __wrap_claims_newest(const char *out, char ***dirs, size_t *n, struct err *e)
{
	(void)out, (void)dirs, (void)n;
	return nothing_there(e);
}

int __wrap_compare_make(const char *a, const char *b, const struct compare_options *o,
	struct comparison **c, struct err *e)
{
	(void)o, (void)c;
	MUST(a && b);
	return nothing_there(e);
}

int __wrap_rundir_make(const struct run_options *o, struct rundir *d, struct err *e)
{
	(void)o, (void)d;
	return nothing_there(e);
}

int __wrap_demo_perform(const struct demo_options *o)
{
	MUST(o->n > 0 && o->n <= DEMOS_MAX && !(o->record && o->replay));
	return STATUS_OK;
}

int __wrap_plot_run(const char *dir, struct err *e)
{
	MUST(dir);
	return nothing_there(e);
}

int __wrap_summary_make(const char *dir, struct summary **s, struct err *e)
{
	(void)s;
	MUST(dir);
	return nothing_there(e);
}

/* What is always the same, and long. */
void __wrap_completion_bash(FILE *f)
{
	fputs("bash\n", f);
}

void __wrap_completion_zsh(FILE *f)
{
	fputs("zsh\n", f);
}

void __wrap_man_page(FILE *f)
{
	fputs("man\n", f);
}

/* --- what is printed --- */

static char said[4096]; /* the beginning of stderr */
static size_t said_len;
static bool redirected;

static ssize_t keep(void *cookie, const char *text, size_t len)
{
	size_t room = sizeof(said) - 1 - said_len, n = len < room ? len : room;

	(void)cookie;
	memcpy(said + said_len, text, n);
	said_len += n;
	said[said_len] = '\0';
	return (ssize_t)len;
}

static ssize_t drop(void *cookie, const char *text, size_t len)
{
	(void)cookie, (void)text;
	return (ssize_t)len;
}

/* libFuzzer and the sanitizers write to the descriptor, or kept the stream that was there before.
 */
static void redirect(void)
{
	stdout = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = drop });
	stderr = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = keep });
	MUST(stdout && stderr);
	MUST(setlocale(LC_CTYPE, "C.UTF-8"));
	redirected = true;
}

/* Does @word begin with @name, in which a control character (ui.c) has become '?'? */
static bool begins_with(const char *word, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++, word++) {
		if (!*word || (name[i] != *word && name[i] != '?'))
			return false;
		word += name[i] == '?' && *word == '\xc2' && word[1]; /* of two bytes */
	}
	return true;
}

static bool is_part(const char *name, size_t len, const char *word)
{
	do {
		if (begins_with(word, name, len))
			return true;
	} while (*word++);
	return false;
}

/* An option that is not known is called by a word that was given. */
static void check_unknown(int argc, char **argv)
{
	static const char before[] = "bench: unknown option '";
	const char *name = said + sizeof(before) - 1;
	size_t len;

	if (strncmp(said, before, sizeof(before) - 1))
		return;
	len = strcspn(name, "'");
	for (int i = 1; i < argc; i++) {
		if (*argv[i] == '-' && is_part(name, len, argv[i]))
			return;
	}
	MUST(!"an unknown option is called by its name");
}

static void call_verb(int argc, char **argv)
{
	const struct verb *v = argc ? verb_find(argv[0]) : NULL;
	int status;

	if (!v)
		return;
	said_len = 0;
	*said = '\0';
	status = v->run(v, argc, argv);
	fflush(stdout);
	fflush(stderr);
	MUST(status >= STATUS_OK && status <= STATUS_NOTHING);
	if (status)
		MUST(said_len > 0);
	check_unknown(argc, argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *argv[WORDS + 1] = { NULL }, *given[WORDS];
	int argc = 0;

	if (!redirected)
		redirect();
	while (len && argc < WORDS) {
		const uint8_t *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;

		/* Each on its own, so that a read past its end is seen. */
		argv[argc] = given[argc] = strndup((const char *)data, n);
		MUST(argv[argc]);
		argc++;
		data += n + (end != NULL);
		len -= n + (end != NULL);
	}
	call_verb(argc, argv); /* may change their order */
	for (int i = 0; i < argc; i++)
		free(given[i]);
	return 0;
}
