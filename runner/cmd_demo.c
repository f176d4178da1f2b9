/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench demo": the classroom's demonstrations. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/text.h"
#include "runner/demo/perform.h"
#include "runner/option_values.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static struct demo_options *options(void *p)
{
	return p;
}

static int set_lang(void *p, const char *v, struct err *e)
{
	int i = option_choice("lang", v, lang_names, LANG_COUNT, e);

	if (i >= 0)
		options(p)->lang = (enum lang)i;
	return i < 0 ? i : 0;
}

static int set_machine(void *p, const char *v, struct err *e)
{
	int i = option_choice("machine", v, machine_names, MACHINE_CHOICES, e);

	if (i >= 0)
		options(p)->machine = (enum machine_choice)i;
	return i < 0 ? i : 0;
}

static int set_no_pause(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	options(p)->no_pause = true;
	return 0;
}

static int set_raw(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	options(p)->raw = true;
	return 0;
}

static int set_record(void *p, const char *v, struct err *e)
{
	options(p)->record = v;
	return *v ? 0 : err_set(e, -EINVAL, "usage", "--record: an empty name");
}

static int set_replay(void *p, const char *v, struct err *e)
{
	options(p)->replay = v;
	return *v ? 0 : err_set(e, -EINVAL, "usage", "--replay: an empty name");
}

static const struct option_spec specs[] = {
	{ "lang", "en|zh", "English or Chinese (default: as the locale says)", set_lang },
	{ "no-pause", NULL, "ask for no prediction", set_no_pause },
	{ "record", "DIR", "keep what was seen there", set_record },
	{ "replay", "DIR", "show what was recorded there, and run nothing", set_replay },
	{ "machine", "MACHINE", "auto, native or emulated (default auto)", set_machine },
	{ "raw", NULL, NULL, set_raw },
	{ 0 },
};

static int list(enum lang lang)
{
	for (size_t i = 0; i < n_demos; i++)
		printf("%-10s %s\n", demos[i]->name, msg_text(lang, demos[i]->title));
	return STATUS_OK;
}

static int add_demo(struct demo_options *o, const struct demo *d, struct err *e)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->list[i] == d)
			return err_set(e, -EINVAL, "usage", "'%s' is named twice", d->name);
	}
	o->list[o->n++] = d;
	return 0;
}

static int add_named(struct demo_options *o, const char *name, struct err *e)
{
	const struct demo *d = demo_find(name);
	const char *names[DEMOS_MAX + 1] = { "all" };
	int r = 0;

	if (d)
		return add_demo(o, d, e);
	if (!strcmp(name, "all")) {
		for (size_t i = 0; i < n_demos && !r; i++)
			r = add_demo(o, demos[i], e);
		return r;
	}
	for (size_t i = 0; i < n_demos; i++)
		names[i + 1] = demos[i]->name;
	return ui_unknown(e, "demonstration", name, names, n_demos + 1);
}

static int run_demo(const struct verb *v, int argc, char **argv)
{
	struct demo_options o = { .lang = lang_default() };
	struct err e = { 0 };
	int first, status, r = 0;

	if (!verb_parse(v, argc, argv, &o, &first, &status))
		return status;
	/* Chinese is printed wherever it is asked for: only that locale knows how wide it is. */
	if (o.lang == LANG_ZH && !text_utf8())
		setlocale(LC_CTYPE, "C.UTF-8");
	if (first == argc)
		return list(o.lang);
	for (int i = first; i < argc && !r; i++)
		r = add_named(&o, argv[i], &e);
	if (!r && o.record && o.replay)
		r = err_set(&e, -EINVAL, "usage", "--record and --replay exclude each other");
	if (r < 0)
		return verb_usage_error(v, &e);
	return demo_perform(&o);
}

const struct verb demo_verb = {
	.name = "demo",
	.args = "[DEMO...|all]",
	.summary = "what \"a container shares the host's kernel\" means, shown live",
	.details = "Without a name the demonstrations are listed. Each asks what you expect, runs "
		   "the same\n"
		   "thing on the host, in a container and in a VM, shows them beside each other, "
		   "and says\n"
		   "what was seen: PASS, or why this host cannot show it.\n",
	.options = specs,
	.run = run_demo,
};
