/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "cost": what a container and a VM cost over a process, from a quick measurement here: the phases
 * of starting as bars, and how much longer a system call (which stays in the guest) and an
 * instruction that leaves the guest take, as ratios with their intervals. A VM pays for its kernel
 * when it starts, not at each system call.
 */
#include "runner/demo/cost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/runtime.h"
#include "base/util.h"
#include "results/number.h"
#include "results/text.h"
#include "runner/demo/picture.h"

#define DEAR 2.0  /* times as long: what the question's choices tell apart */
#define SHORT 0.1 /* of the longest bar: what is drawn once more, enlarged */

static const char *const sides[] = { "host", "ctr", COST_HELLO, "vm" };
#define N_SIDES ARRAY_SIZE(sides)

/* The fact as a number that may be measured, or NAN. */
static double number(const struct demo_facts *f, const char *side, const char *key)
{
	const char *text = demo_get(f, side, key);
	double v;

	return text && !number_parse(text, &v) && v > 0 ? v : NAN;
}

static double number_of(
	const struct demo_facts *f, const char *side, const char *key, const char *part)
{
	cleanup_free char *whole = format_text("%s%s", key, part);

	return whole ? number(f, side, whole) : NAN;
}

static struct interval interval_of(const struct demo_facts *f, const char *side, const char *key)
{
	struct interval ci = { number_of(f, side, key, ".low"), number_of(f, side, key, ".high") };

	return ci.low <= ci.high ? ci : (struct interval){ NAN, NAN };
}

/* A side's name as it may be printed. The caller frees; "" at the least. */
static char *side_name(const struct page *p, const struct demo_facts *f, const char *side)
{
	const char *kernel = demo_get(f, side, "side.kernel");
	cleanup_free char *name = kernel && !strcmp(kernel, "host")
					  ? strdup(msg_text(p->lang, MSG_COST_SAME_KERNEL))
					  : page_side_name(p, f, side);
	size_t size = name ? strlen(name) + 1 : 1;
	char *clean = calloc(1, size);

	if (name && clean)
		text_clean(name, p->term.utf8 || p->lang != LANG_EN, clean, size);
	return clean;
}

/* --- starting --- */

static const struct {
	enum phase phase;
	enum msg name;
} parts[PICTURE_PARTS] = {
	{ PHASE_PROCESS, MSG_COST_PROCESS },
	{ PHASE_SANDBOX, MSG_COST_SANDBOX },
	{ PHASE_INIT, MSG_COST_INIT },
	{ PHASE_MAIN, MSG_COST_MAIN },
	{ PHASE_WORK, MSG_COST_WORK },
	{ PHASE_EXIT, MSG_COST_END },
};

struct bars {
	struct picture_bar bar[N_SIDES];
	char *names[N_SIDES];
	char texts[N_SIDES][TEXT_SIZE];
	size_t n;
};

static double phase_ns(const struct demo_facts *f, const char *side, size_t i)
{
	cleanup_free char *key = format_text("start.%s", phase_names[parts[i].phase]);

	return key ? number(f, side, key) : NAN;
}

static void add_bar(struct page *p, const struct demo_facts *f, const char *side, struct bars *b)
{
	struct picture_bar *bar = &b->bar[b->n];

	b->names[b->n] = side_name(p, f, side);
	if (!b->names[b->n])
		return;
	bar->label = b->names[b->n];
	for (size_t i = 0; i < PICTURE_PARTS; i++)
		bar->parts[i] = phase_ns(f, side, i);
	bar->text = text_value(number(f, side, "start.total"), "ns", p->term.utf8, b->texts[b->n]);
	b->n++;
}

static void put_legend(struct page *p, const struct bars *b)
{
	const char *names[PICTURE_PARTS] = { 0 };

	for (size_t i = 0; i < PICTURE_PARTS; i++) {
		for (size_t k = 0; k < b->n; k++) {
			if (b->bar[k].parts[i] > 0)
				names[i] = msg_text(p->lang, parts[i].name);
		}
	}
	picture_legend(&p->term, names);
}

/* Where some are so short beside the longest that their parts cannot be seen. */
static void put_enlarged(struct page *p, const struct bars *b)
{
	struct picture_bar few[N_SIDES];
	double longest = 0;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		longest = fmax(longest, picture_length(&b->bar[i]));
	for (size_t i = 0; i < b->n; i++) {
		if (picture_length(&b->bar[i]) < SHORT * longest)
			few[n++] = b->bar[i];
	}
	if (!n)
		return;
	fputc('\n', p->term.f);
	page_say(p, MSG_COST_ENLARGED);
	picture_bars(&p->term, few, n, "ns");
}

static const char *launches(const struct demo_facts *f, const char *key)
{
	const char *n = demo_get(f, "host", key);

	return n ? n : "?";
}

static void show_starting(struct page *p, const struct demo_facts *f)
{
	struct bars b = { .n = 0 };

	for (size_t i = 0; i < N_SIDES; i++) {
		if (number(f, sides[i], "start.total") > 0)
			add_bar(p, f, sides[i], &b);
	}
	if (!b.n)
		return;
	fputc('\n', p->term.f);
	page_say(p, MSG_COST_STARTING, launches(f, "start.launches"));
	put_legend(p, &b);
	picture_bars(&p->term, b.bar, b.n, "ns");
	put_enlarged(p, &b);
	for (size_t i = 0; i < N_SIDES; i++)
		free(b.names[i]);
}

/* --- calls --- */

#define RATIO_SIZE (3 * TEXT_SIZE)
#define RATIO(benchmark) "call." benchmark ".ratio"

/* "1.02 [0.98, 1.06]" */
static const char *ratio_text(
	const struct demo_facts *f, const char *side, const char *key, char out[RATIO_SIZE])
{
	char value[TEXT_SIZE], ci[TEXT_SIZE];

	text_ratio(number(f, side, key), value);
	text_interval(interval_of(f, side, key), ci);
	snprintf(out, RATIO_SIZE, "%s%s%s", value, *ci ? " " : "", ci);
	return out;
}

static void show_calls(struct page *p, const struct demo_facts *f)
{
	static const struct {
		const char *name, *side, *key;
		enum msg side_name;
	} rows[] = {
		{ COST_CALL, "ctr", RATIO(COST_CALL), MSG_SIDE_CTR },
		{ COST_CALL, "vm", RATIO(COST_CALL), MSG_SIDE_VM },
		{ COST_READ, "ctr", RATIO(COST_READ), MSG_SIDE_CTR },
		{ COST_READ, "vm", RATIO(COST_READ), MSG_SIDE_VM },
	};
	struct picture_dot dots[ARRAY_SIZE(rows)];
	char *labels[ARRAY_SIZE(rows)] = { 0 }, texts[ARRAY_SIZE(rows)][RATIO_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double v = number(f, rows[i].side, rows[i].key);

		if (isnan(v))
			continue;
		labels[n] = msg_format(p->lang, MSG_COST_CALL_ROW,
			PAGE_ARGS(rows[i].name, msg_text(p->lang, rows[i].side_name)));
		dots[n] = (struct picture_dot){ labels[n] ? labels[n] : "", v,
			interval_of(f, rows[i].side, rows[i].key),
			ratio_text(f, rows[i].side, rows[i].key, texts[n]) };
		n++;
	}
	if (n) {
		fputc('\n', p->term.f);
		page_say(p, MSG_COST_RATIOS, launches(f, "call." COST_CALL ".launches"));
		picture_dots(&p->term, dots, n);
	}
	for (size_t i = 0; i < n; i++)
		free(labels[i]);
}

/* --- what it comes to --- */

static const char *ns(const struct page *p, double v, char out[TEXT_SIZE])
{
	return text_value(v, "ns", p->term.utf8, out);
}

static void say(struct page *p, const struct demo_facts *f)
{
	char host[TEXT_SIZE], ctr[TEXT_SIZE], vm[TEXT_SIZE], boot[TEXT_SIZE], text[5][RATIO_SIZE];
	struct interval ci = interval_of(f, "vm", RATIO(COST_CALL));

	page_seen(p, MSG_COST_SAID, ns(p, number(f, "host", "start.total"), host),
		ns(p, number(f, "ctr", "start.total"), ctr),
		ratio_text(f, "ctr", "start.ratio", text[0]),
		ns(p, number(f, "vm", "start.total"), vm),
		ratio_text(f, "vm", "start.ratio", text[1]),
		ns(p, number(f, "vm", "start.init"), boot));
	page_say(p, ci.low <= 1 && 1 <= ci.high ? MSG_COST_CALL_EQUAL : MSG_COST_CALL_SAID,
		COST_CALL, ratio_text(f, "ctr", RATIO(COST_CALL), text[2]),
		ratio_text(f, "vm", RATIO(COST_CALL), text[3]));
	if (number(f, "vm", RATIO(COST_EXIT)) > 0)
		page_say(p, MSG_COST_EXIT_SAID, COST_EXIT,
			ratio_text(f, "vm", RATIO(COST_EXIT), text[4]));
}

static void caveats(struct page *p, const struct demo_facts *f)
{
	const char *machine = demo_get(f, DEMO_ABOUT, "machine");
	const char *here = demo_get(f, DEMO_ABOUT, "release");
	const char *guest = demo_get(f, "vm", "side.release");

	if (machine && !strcmp(machine, "emulated"))
		page_say(p, MSG_COST_EMULATED);
	if (number(f, "vm", "start.total") > 0 && here && guest && strcmp(here, guest))
		page_say(p, MSG_COST_OTHER_KERNEL, guest, here);
}

/* What contradicts beyond its interval is a failure; where the interval reaches further, it may be
 * chance. */
static bool is_beyond(double end, double value, double limit)
{
	return isnan(end) ? value >= limit : end >= limit;
}

static void judge(struct page *p, const struct demo_facts *f)
{
	double host = number(f, "host", "start.total"), ctr = number(f, "ctr", "start.total");
	double vm = number(f, "vm", "start.total"), start = number(f, "vm", "start.ratio");
	double call = number(f, "vm", RATIO(COST_CALL));
	struct interval ctr_ci = interval_of(f, "ctr", "start.ratio");
	struct interval call_ci = interval_of(f, "vm", RATIO(COST_CALL));
	char a[TEXT_SIZE], b[RATIO_SIZE];

	if (!is_beyond(ctr_ci.high, number(f, "ctr", "start.ratio"), 1))
		page_fail(p, MSG_COST_CTR_EARLIER, PAGE_ARGS(ns(p, ctr, a), ns(p, host, b)));
	else if (!(vm > ctr))
		page_fail(p, MSG_COST_VM_NOT_LATER, PAGE_ARGS(ns(p, vm, a), ns(p, ctr, b)));
	else if (!(start >= DEAR))
		page_fail(p, MSG_COST_VM_CHEAP, PAGE_ARGS(text_ratio(start, a)));
	else if (is_beyond(call_ci.low, call, DEAR))
		page_fail(
			p, MSG_COST_CALL_DEAR, PAGE_ARGS(ratio_text(f, "vm", RATIO(COST_CALL), b)));
	else if (call >= DEAR)
		page_cannot(p, msg_text(p->lang, MSG_COST_UNSURE));
	else
		page_pass(p, MSG_COST_START);
}

/* What a verdict is made of; the side that is our own kernel is only for the picture. */
static bool cannot(struct page *p, const struct demo_facts *f)
{
	static const struct {
		const char *side, *key;
	} needed[] = {
		{ "host", "start.total" },
		{ "ctr", "start.total" },
		{ "ctr", "start.ratio" },
		{ "ctr", RATIO(COST_CALL) },
		{ "vm", "start.total" },
		{ "vm", "start.ratio" },
		{ "vm", "start.init" },
		{ "vm", RATIO(COST_CALL) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (page_cannot_side(p, f, needed[i].side, needed[i].key))
			return true;
		if (!(number(f, needed[i].side, needed[i].key) > 0)) {
			page_cannot(p, msg_text(p->lang, MSG_NO_ANSWER));
			return true;
		}
	}
	return false;
}

static void show(struct page *p, const struct demo_facts *f)
{
	show_starting(p, f);
	show_calls(p, f);
	fputc('\n', p->term.f);
	caveats(p, f);
	if (cannot(p, f))
		return;
	say(p, f);
	judge(p, f);
}

const struct demo cost_demo = {
	.name = "cost",
	.title = MSG_COST_TITLE,
	.question = MSG_COST_QUESTION,
	.choices = { MSG_COST_BOTH, MSG_COST_START, MSG_COST_CALLS },
	.needs = DEMO_LINUX_GUEST,
	.collect = cost_collect,
	.show = show,
};
