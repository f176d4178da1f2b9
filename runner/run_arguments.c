/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finished options, said again as words of a command line. */
#include <errno.h>

#include "base/util.h"
#include "runner/run_options.h"
#include "runner/words.h"

static void add_names(struct words *w, const char *option, const struct name_list *l)
{
	cleanup_free char *all = l->n ? format_text("--%s=%s", option, l->names[0]) : NULL;

	for (size_t i = 1; all && i < l->n; i++) {
		char *more = format_text("%s,%s", all, l->names[i]);

		free(all);
		all = more;
	}
	if (l->n && !all)
		w->error = -ENOMEM;
	else if (l->n)
		words_addf(w, "%s", all);
}

static void add_bits(
	struct words *w, const char *option, unsigned bits, const char *const *names, size_t n)
{
	struct name_list l = { .n = 0 };

	for (size_t i = 0; i < n; i++) {
		if (bits & 1u << i)
			l.names[l.n++] = (char *)names[i];
	}
	add_names(w, option, &l);
}

static void add_number(struct words *w, const char *option, uint64_t value)
{
	words_addf(w, "--%s=%ju", option, (uintmax_t)value);
}

static void add_flag(struct words *w, const char *option, bool given)
{
	if (given)
		words_addf(w, "--%s", option);
}

void run_options_words(const struct run_options *o, struct words *w)
{
	if (!o->exec)
		add_names(w, "suite", &o->suites);
	add_names(w, "runtime", &o->runtimes);
	add_names(w, "kernel", &o->kernels);
	add_number(w, "launches", o->launches);
	add_number(w, "warmup", o->warmup);
	add_number(w, "timeout", o->timeout_s);
	add_number(w, "seed", o->seed);
	if (o->vcpus_given)
		add_number(w, "vcpus", o->vcpus);
	words_addf(w, "--ctr-seccomp=%s", o->ctr_seccomp ? "on" : "off");
	if (o->mem_mib)
		add_number(w, "mem", o->mem_mib);
	if (o->filter)
		words_addf(w, "--filter=%s", o->filter);
	if (o->ctr_without)
		words_addf(w, "--ctr-without=%s", o->ctr_without);
	add_bits(w, "start", o->starts, start_names, START_MODES);
	add_bits(w, "pages", o->pages, page_names, PAGE_MODES);
	words_addf(w, "--ctr-cgroup=%s", o->ctr_no_cgroup ? "off" : "on");
	if (o->concurrency)
		add_number(w, "concurrency", o->concurrency);
	if (!o->exec && (o->sustain_given || o->sustain_s))
		add_number(w, "sustain", o->sustain_s);
	if (run_options_any_holds(o)) {
		add_number(w, "instances", o->instances);
		add_number(w, "count", o->count);
		add_number(w, "keep-free", o->keep_free);
	}
	add_flag(w, "ctr-steps", o->ctr_steps);
	add_flag(w, "deterministic", o->deterministic);
	add_flag(w, "quick", o->quick);
	add_flag(w, "no-null", o->no_null);
}
