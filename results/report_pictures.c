/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plots as parts of the report. */
#include <errno.h>
#include <string.h>

#include "base/memstream.h"
#include "base/util.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/svg.h"

#define MAX_PICTURE (8u << 20) /* bytes of an svg; ours have some hundred KiB */
#define MAX_PICTURES 64

/* Title, page, and what is to be seen. The caller frees; NULL: no memory. */
static char *label_of(const struct report *r, enum plot_kind kind, size_t page)
{
	char baseline[LABEL_SIZE];
	struct memstream label;

	if (memstream_open(&label) < 0)
		return NULL;
	fputs(plot_kinds[kind].title, label.f);
	if (kind == PLOT_RATIO || kind == PLOT_RATIO_NEAR)
		fputs(text_baseline(r->s, baseline), label.f);
	if (page)
		fprintf(label.f, ", page %zu", page + 1);
	fputs(". ", label.f);
	report_alternative(r, kind, label.f);
	fputs("The numbers are in the table below.", label.f);
	return memstream_close(&label);
}

/* One that is no picture of ours is named in its place: the rest of the report is worth having. */
static int put_figure(const struct report *r, const char *name, const char *path, const char *svg,
	size_t len, const char *label, struct err *e)
{
	struct err why = { 0 };
	int ret;

	html_print(r->f, "<figure class=\"plot\" id=\"plot-%s\">\n", name);
	ret = svg_print(r->f, svg, len, path, name, label, &why);
	if (ret == -ENOMEM)
		return err_set(e, ret, why.step, "%s", why.message);
	if (ret < 0)
		html_print(r->f,
			"<p class=\"mark\">%s. It is left out; bench plot makes it again.</p>\n",
			why.message);
	else
		html_print(r->f,
			"<figcaption class=\"zoom\"><a href=\"#plot-%s\">larger</a> <a "
			"href=\"#plot\">fit</a></figcaption>\n",
			name);
	fputs("</figure>\n", r->f);
	return 0;
}

static int put_picture(const struct report *r, enum plot_kind kind, size_t page, struct err *e)
{
	char name[PLOT_NAME_SIZE];
	cleanup_free char *file = format_text(PLOTS_DIR "/%s.svg", plot_name(kind, page, name));
	cleanup_free char *path = file ? format_text("%s/%s", r->dir, file) : NULL;
	cleanup_free char *svg = NULL, *label = NULL;
	size_t len;
	int n = path ? read_file(path, MAX_PICTURE, &svg, &len) : -ENOMEM;

	if (n == -ENOENT)
		return n;
	if (n < 0)
		return err_set(e, n, "report", "'%s': %s", path ? path : name, strerror(-n));
	label = label_of(r, kind, page);
	if (!label)
		return err_set(e, -ENOMEM, "malloc", "no memory for '%s'", path);
	return put_figure(r, name, file, svg, len, label, e);
}

int report_pictures(struct report *r, enum plot_kind kind, struct err *e)
{
	for (size_t page = 0; r->n_pictures < MAX_PICTURES; page++) {
		int ret = put_picture(r, kind, page, e);

		if (ret == -ENOENT)
			return 0;
		if (ret < 0)
			return ret;
		r->n_pictures++;
	}
	return 0;
}
