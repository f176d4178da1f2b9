/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/svg.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/memstream.h"
#include "base/util.h"
#include "results/html.h"

#define MAX_DEPTH 32 /* of elements in each other; gnuplot's have 5 */
#define NAME_SIZE 32
#define PIECE 256      /* of text at once */
#define VALUE_SIZE 128 /* of a value that is looked into: a colour, a name */

/* What an element may hold. */
enum content { HOLDS_SHAPES, HOLDS_TEXT, HOLDS_NOTHING };

/* An id only where nothing can be inside: what refers to it cannot multiply. */
static const struct element {
	const char *name;
	enum content holds;
	bool may_have_id;
} elements[] = {
	{ "svg", HOLDS_SHAPES, false }, /* the first: the outermost alone */
	{ "g", HOLDS_SHAPES, false },
	{ "defs", HOLDS_SHAPES, false },
	{ "text", HOLDS_TEXT, false },
	{ "tspan", HOLDS_TEXT, false },
	{ "circle", HOLDS_NOTHING, true },
	{ "ellipse", HOLDS_NOTHING, true },
	{ "line", HOLDS_NOTHING, true },
	{ "path", HOLDS_NOTHING, true },
	{ "polygon", HOLDS_NOTHING, true },
	{ "polyline", HOLDS_NOTHING, true },
	{ "rect", HOLDS_NOTHING, true },
	{ "use", HOLDS_NOTHING, true },
};

enum kind { IS_PLAIN, IS_COLOR, IS_NAME, IS_REFERENCE };

static const struct attribute {
	const char *name;
	enum kind kind;
} attributes[] = {
	{ "class", IS_NAME },
	{ "color", IS_COLOR },
	{ "cx", IS_PLAIN },
	{ "cy", IS_PLAIN },
	{ "d", IS_PLAIN },
	{ "dx", IS_PLAIN },
	{ "dy", IS_PLAIN },
	{ "fill", IS_COLOR },
	{ "fill-opacity", IS_PLAIN },
	{ "fill-rule", IS_PLAIN },
	{ "font-size", IS_PLAIN },
	{ "font-style", IS_PLAIN },
	{ "font-weight", IS_PLAIN },
	{ "height", IS_PLAIN },
	{ "href", IS_REFERENCE },
	{ "id", IS_NAME },
	{ "opacity", IS_PLAIN },
	{ "points", IS_PLAIN },
	{ "r", IS_PLAIN },
	{ "rx", IS_PLAIN },
	{ "ry", IS_PLAIN },
	{ "shape-rendering", IS_PLAIN },
	{ "stroke", IS_COLOR },
	{ "stroke-dasharray", IS_PLAIN },
	{ "stroke-linecap", IS_PLAIN },
	{ "stroke-linejoin", IS_PLAIN },
	{ "stroke-opacity", IS_PLAIN },
	{ "stroke-width", IS_PLAIN },
	{ "text-anchor", IS_PLAIN },
	{ "transform", IS_PLAIN },
	{ "viewBox", IS_PLAIN },
	{ "width", IS_PLAIN },
	{ "x", IS_PLAIN },
	{ "x1", IS_PLAIN },
	{ "x2", IS_PLAIN },
	{ "xlink:href", IS_REFERENCE },
	{ "y", IS_PLAIN },
	{ "y1", IS_PLAIN },
	{ "y2", IS_PLAIN },
};

struct reader {
	const char *at, *end, *start;
	FILE *out;
	const char *id, *label;
	const struct element *open[MAX_DEPTH]; /* NULL: one that is left out, with all in it */
	char names[MAX_DEPTH][NAME_SIZE];
	size_t depth, left_out; /* left_out: how many of the open ones are */
	bool ended;
	const char *wrong; /* why it is no picture; else NULL */
};

static bool fail(struct reader *r, const char *why)
{
	if (!r->wrong)
		r->wrong = why;
	return false;
}

static bool starts(const struct reader *r, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(r->end - r->at) >= n && !memcmp(r->at, what, n);
}

static bool skip_past(struct reader *r, const char *what)
{
	const char *found = memmem(r->at, (size_t)(r->end - r->at), what, strlen(what));

	if (!found)
		return fail(r, "it ends within a comment or a declaration");
	r->at = found + strlen(what);
	return true;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && isspace((unsigned char)*r->at))
		r->at++;
}

static bool read_name(struct reader *r, char name[NAME_SIZE])
{
	size_t n = 0;

	while (r->at < r->end && n + 1 < NAME_SIZE &&
		(isalnum((unsigned char)*r->at) || strchr("-_:.", *r->at)))
		name[n++] = *r->at++;
	name[n] = '\0';
	return n ? true : fail(r, "a name is missing or too long");
}

static const struct element *element_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (!strcmp(elements[i].name, name))
			return &elements[i];
	}
	return NULL;
}

static const struct attribute *attribute_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (!strcmp(attributes[i].name, name))
			return &attributes[i];
	}
	return NULL;
}

static bool all_of(const char *s, size_t n, const char *others)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (!c || c > 0x7e || (!isalnum(c) && !strchr(others, c)))
			return false;
	}
	return n > 0;
}

/* "url(...)" loads; no other value needs the letters. */
static bool is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i + 3 <= n; i++) {
		if (!strncasecmp(s + i, "url", 3))
			return false;
	}
	return all_of(s, n, " \n\t.,+-_()%");
}

/* The one spelling of a colour that a style sheet names, or NULL. Returns @out or a constant. */
static const char *color(const char *value, char out[8])
{
	static const char *const words[][2] = { { "black", "#000000" }, { "white", "#ffffff" },
		{ "none", "none" }, { "currentcolor", "currentColor" } };
	unsigned c[3];
	char more;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcasecmp(value, words[i][0]))
			return words[i][1];
	}
	if ((sscanf(value, "rgb( %3u , %3u , %3u %c", &c[0], &c[1], &c[2], &more) != 4 ||
		    more != ')') &&
		(strlen(value) != 7 || sscanf(value, "#%2x%2x%2x", &c[0], &c[1], &c[2]) != 3))
		return NULL;
	snprintf(out, 8, "#%02x%02x%02x", c[0] & 255, c[1] & 255, c[2] & 255);
	return out;
}

static void put_value(struct reader *r, const struct attribute *a, const char *s, size_t n)
{
	char value[VALUE_SIZE], out[8];
	const char *found;

	if (a->kind == IS_PLAIN) {
		if (is_plain(s, n))
			fprintf(r->out, " %s=\"%.*s\"", a->name, (int)n, s);
		return;
	}
	if (!n || n >= sizeof(value))
		return;
	memcpy(value, s, n);
	value[n] = '\0';
	if (a->kind == IS_COLOR) {
		found = color(value, out);
		if (found)
			fprintf(r->out, " %s=\"%s\"", a->name, found);
	} else if (a->kind == IS_REFERENCE) {
		if (*value == '#' && all_of(value + 1, n - 1, "_-"))
			fprintf(r->out, " href=\"#%s-%s\"", r->id, value + 1);
	} else if (!strcmp(a->name, "id")) {
		if (all_of(value, n, "_-"))
			fprintf(r->out, " id=\"%s-%s\"", r->id, value);
	} else if (all_of(value, n, "_-")) {
		fprintf(r->out, " %s=\"%s\"", a->name, value);
	}
}

/* The size of the whole picture is the page's matter: it keeps the coordinates alone. */
static bool wanted(const struct reader *r, const struct element *el, const struct attribute *a)
{
	if (!a || !el || r->left_out)
		return false;
	if (el == elements)
		return !strcmp(a->name, "viewBox");
	return strcmp(a->name, "id") || el->may_have_id;
}

static bool read_attribute(struct reader *r, const struct element *el)
{
	char name[NAME_SIZE];
	const char *value;
	char quote;
	const struct attribute *a;

	if (!read_name(r, name))
		return false;
	skip_blanks(r);
	if (!starts(r, "="))
		return fail(r, "an attribute has no value");
	r->at++;
	skip_blanks(r);
	if (r->at == r->end || (*r->at != '"' && *r->at != '\''))
		return fail(r, "a value has no quotes");
	quote = *r->at++;
	value = r->at;
	r->at = memchr(value, quote, (size_t)(r->end - value));
	if (!r->at) {
		r->at = r->end;
		return fail(r, "a value does not end");
	}
	a = attribute_of(name);
	if (wanted(r, el, a))
		put_value(r, a, value, (size_t)(r->at - value));
	r->at++;
	return true;
}

/* May @el stand where the reader is? Text in text, shapes in shapes, one picture. */
static bool fits(struct reader *r, const struct element *el)
{
	const struct element *in = r->depth ? r->open[r->depth - 1] : NULL;

	if (!r->depth)
		return el == elements && !r->ended;
	if (!el || el == elements || !in)
		return false;
	if (!strcmp(el->name, "tspan"))
		return in->holds == HOLDS_TEXT;
	return in->holds == HOLDS_SHAPES;
}

static void close_element(struct reader *r)
{
	const struct element *el = r->open[--r->depth];

	if (!el)
		r->left_out--;
	else if (!r->left_out)
		fprintf(r->out, "</%s>%s", el->name, el->holds == HOLDS_TEXT ? "" : "\n");
	r->ended |= !r->depth;
}

static bool read_open(struct reader *r)
{
	char name[NAME_SIZE];
	const struct element *el;

	r->at++;
	if (!read_name(r, name))
		return false;
	el = element_of(name);
	if (!fits(r, el)) {
		if (!r->depth)
			return fail(r, "its outermost element is not one svg");
		el = NULL;
	}
	if (r->depth == MAX_DEPTH)
		return fail(r, "too many elements in each other");
	memcpy(r->names[r->depth], name, sizeof(name));
	r->open[r->depth++] = el;
	r->left_out += !el;
	if (el && !r->left_out) {
		fprintf(r->out, "<%s", el->name);
		if (el == elements)
			html_print(r->out, " role=\"img\" aria-label=\"%s\"", r->label);
	}
	for (;;) {
		skip_blanks(r);
		if (r->at == r->end)
			return fail(r, "it ends within an element");
		if (*r->at == '>' || starts(r, "/>"))
			break;
		if (!read_attribute(r, el))
			return false;
	}
	if (el && !r->left_out)
		fputc('>', r->out);
	if (*r->at == '/') {
		r->at++;
		close_element(r);
	}
	r->at++;
	return true;
}

static bool read_close(struct reader *r)
{
	char name[NAME_SIZE];

	r->at += 2;
	if (!read_name(r, name))
		return false;
	skip_blanks(r);
	if (!starts(r, ">"))
		return fail(r, "an element's end does not end");
	if (!r->depth || strcmp(name, r->names[r->depth - 1]))
		return fail(r, "an element ends that is not the last one begun");
	r->at++;
	close_element(r);
	return true;
}

/* Entities that every XML has stay; what else begins with & is text. */
static size_t entity_length(const char *s, size_t n)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (n >= strlen(known[i]) && !memcmp(s, known[i], strlen(known[i])))
			return strlen(known[i]);
	}
	return 0;
}

/* A piece of text ends where a character does (RFC 3629: at most four bytes). */
static bool is_full(size_t used, char next)
{
	return used + 1 == PIECE || (used + 4 >= PIECE && ((unsigned char)next & 0xc0) != 0x80);
}

static bool read_text(struct reader *r)
{
	const struct element *in = r->depth ? r->open[r->depth - 1] : NULL;
	bool shown = in && in->holds == HOLDS_TEXT && !r->left_out;

	while (r->at < r->end && *r->at != '<') {
		size_t n = (size_t)(r->end - r->at), entity = entity_length(r->at, n), run = 0;
		char text[PIECE];

		while (!entity && run < n && r->at[run] != '<' && (!run || r->at[run] != '&') &&
			!is_full(run, r->at[run])) {
			text[run] = r->at[run] ? r->at[run] : '?';
			run++;
		}
		text[run] = '\0';
		if (!r->depth && text[strspn(text, " \t\r\n")])
			return fail(r, "there is text outside of it");
		if (shown && entity)
			fwrite(r->at, 1, entity, r->out);
		else if (shown)
			html_text(r->out, text);
		r->at += entity + run;
	}
	return true;
}

static bool read_next(struct reader *r)
{
	if (*r->at != '<')
		return read_text(r);
	if (starts(r, "<?"))
		return skip_past(r, "?>");
	if (starts(r, "<!--"))
		return skip_past(r, "-->");
	if (starts(r, "<!"))
		return fail(r, "it holds a declaration");
	return starts(r, "</") ? read_close(r) : read_open(r);
}

int svg_print(FILE *f, const char *svg, size_t len, const char *path, const char *id,
	const char *label, struct err *e)
{
	cleanup_free char *text = NULL;
	struct memstream shown;
	struct reader r = { .at = svg, .start = svg, .end = svg + len, .id = id, .label = label };

	if (memstream_open(&shown) < 0)
		return err_set(e, -ENOMEM, "malloc", "no memory for '%s'", path);
	r.out = shown.f;
	while (r.at < r.end && read_next(&r))
		;
	if (!r.wrong && (r.depth || !r.ended))
		fail(&r, r.ended ? "it does not end" : "it holds no whole svg");
	text = memstream_close(&shown);
	if (!text)
		return err_set(e, -ENOMEM, "malloc", "no memory for '%s'", path);
	if (r.wrong)
		return err_set(e, -EBADMSG, "svg", "'%s' is not a picture of ours, at byte %zu: %s",
			path, (size_t)(r.at - r.start), r.wrong);
	fwrite(text, 1, shown.len, f);
	return 0;
}
