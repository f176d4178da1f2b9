/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the report looks: on a screen, a projector and a telephone, in light and dark, and on A4. No
 * element is wider than the page: tables become lists where it is narrow.
 */
#include "base/util.h"
#include "results/report_parts.h"

static const char common[] =
	":root{color-scheme:light dark;--ink:#1a1a1a;--soft:#5a5a5a;--line:#d5d5d5;"
	"--band:#f4f4f4;--paper:#fff;--warn:#9a2a00;--link:#0b57a4}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:66rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:break-word}\n"
	"a{color:var(--link)}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:.2em 0;overflow-wrap:anywhere}\n"
	"h2{font-size:1.25rem;margin:2.2em 0 .6em}\nh3{font-size:1rem;margin:1.8em 0 .4em}\n"
	"p,li,dl,figcaption{max-width:46rem}\ncode{overflow-wrap:anywhere}\n"
	".soft{color:var(--soft)}\n"
	".mark{border-left:.35rem solid var(--warn);padding:.4rem .9rem;font-weight:600;"
	"color:var(--warn)}\n"
	".conclusions{padding-left:1.2rem;font-size:1.05rem}\n.conclusions li{margin:.5em 0}\n"
	".tag{border:1px solid var(--warn);border-radius:.6em;padding:0 .5em;font-size:.75em;"
	"color:var(--warn);white-space:nowrap}\n"
	"dt{font-weight:600}\ndd{margin:0 0 .4rem 1.2rem}\nsummary{cursor:pointer}\n"
	".wide{overflow-x:auto;margin:1rem 0}\n"
	"table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.22rem .5rem;text-align:right;white-space:nowrap}\n"
	"th:first-child,td:first-child,.left,.facts td,.facts th{text-align:left}\n"
	"thead tr+tr th:first-child{text-align:right}\n"
	"thead th{border-bottom:2px solid var(--line);vertical-align:bottom}\n"
	"tbody tr:nth-child(odd){background:var(--band)}\n"
	"tbody th{font-weight:400;white-space:normal}\n"
	"td.none{text-align:left;color:var(--soft)}\ntd.bad{color:var(--warn);font-weight:600}\n"
	"th[colspan],td[colspan]{text-align:left}\n"
	"td.first,th.first{border-left:1px solid var(--line)}\n"
	".text{white-space:normal}\n"
	".facts{table-layout:fixed;width:100%}.facts th:first-child{width:38%}\n"
	".facts td,.facts th{white-space:normal;overflow-wrap:anywhere;vertical-align:top;"
	"font-weight:400}\n"
	"figure{margin:1.2rem 0}\n"
	".plot svg{display:block;width:100%;height:auto;border:1px solid var(--line)}\n"
	".plot text{font-family:sans-serif}\n.zoom{display:none}\n";

/* A cell of a table that has become a list names its headings itself. */
static const char narrow[] =
	"@media screen and (max-width:56rem){.wide{overflow:visible}"
	"thead{display:none}\n"
	"table,tbody,tr,tbody th,td{display:block;width:100%}\n"
	"tbody tr{padding:.4rem .6rem;border-bottom:1px solid var(--line)}\n"
	"tbody th,td,td.none{padding:.1rem 0;white-space:normal;text-align:right;"
	"overflow-wrap:anywhere;border:0}\n"
	"tbody th:first-child{width:100%;text-align:left;font-weight:600}td.first{border:0}\n"
	"td[data-l]{display:flow-root}\n"
	"td[data-l]::before{content:attr(data-l);float:left;max-width:62%;color:var(--soft);"
	"text-align:left;font-weight:400}\ntd:empty{display:none}\n"
	"td.left,.facts td{text-align:left}\n"
	".zoom{display:block}\n.plot:target{overflow-x:auto}\n"
	".plot:target svg{width:50rem}\n}\n";

/* Sheets are white whatever the screen is. A table's head is repeated by itself. */
static const char print[] =
	"@page{size:A4;margin:14mm}\n"
	"@media print{body{font-size:10pt;padding:0;max-width:none}h1{font-size:16pt}"
	"h2{font-size:13pt;margin:1.4em 0 "
	".4em}table{font-size:7.5pt}.facts{font-size:6.5pt}.wide{overflow:visible}"
	"th,td{padding:.1rem .28rem}thead{display:table-header-group}"
	".plot svg{max-height:235mm;border:0}"
	".wide:not(:has(tbody "
	"tr:nth-child(9))),figure,tr,li,dt{break-inside:avoid}h2,h3,dt,p:has(+.wide){break-after:"
	"avoid}"
	".wide,p{orphans:3;widows:3}.mark{border-left-width:1.2mm}a{color:inherit}"
	"details{display:block}details>summary{list-style:none}"
	"details::details-content{content-visibility:visible;display:block}}\n";

static const char dark[] = "@media screen and (prefers-color-scheme:dark){"
			   ":root{--ink:#e8e8e8;--soft:#b0b0b0;--line:#4a4a4a;--band:#242424;"
			   "--paper:#171717;--warn:#ff9d70;--link:#8ab8ff}\n";

/*
 * Colours of the plots (results/plot*.c), as svg_print() writes them, and on a dark page. Black,
 * grey and white are turned round; text and lines then stand off from #171717 by 4.5 to 1 at least
 * (WCAG 2, 1.4.3). Of the colours of Okabe and Ito thin lines, marks and text get lighter, and
 * fills stay; their text is darker on white too, where they are too light for it.
 */
static const struct {
	const char *light, *dark, *text; /* text: of a colour, on white; NULL: it is no colour */
} colors[] = {
	{ "#ffffff", "#171717", NULL },
	{ "#f2f2f2", "#222222", NULL },
	{ "#eeeeee", "#262626", NULL },
	{ "#dddddd", "#3a3a3a", NULL },
	{ "#cccccc", "#3d3d3d", NULL },
	{ "#999999", "#8a8a8a", NULL },
	{ "#888888", "#9a9a9a", NULL },
	{ "#666666", "#a0a0a0", NULL },
	{ "#444444", "#b8b8b8", NULL },
	{ "#333333", "#c8c8c8", NULL },
	{ "#000000", "#e8e8e8", NULL },
	{ "#b03000", "#ff9d70", NULL },
	{ "#0072b2", "#3d9fe0", "#0072b2" },
	{ "#d55e00", "#f07a1c", "#b04d00" },
	{ "#009e73", "#12b98a", "#007a59" },
};

/* What gnuplot writes has its size beside its colour, what it draws has none. */
#define TEXT_RULE ".plot [font-size][fill=\"%s\"]{fill:%s}"

static void put_dark(FILE *f)
{
	static const char *const used[] = { "stroke", "color", "fill" };

	fputs(dark, f);
	for (size_t i = 0; i < ARRAY_SIZE(colors); i++) {
		size_t n = colors[i].text ? ARRAY_SIZE(used) - 1 : ARRAY_SIZE(used);

		for (size_t k = 0; k < n; k++)
			fprintf(f, ".plot [%s=\"%s\"]{%s:%s}", used[k], colors[i].light, used[k],
				colors[i].dark);
		if (colors[i].text)
			fprintf(f, TEXT_RULE, colors[i].light, colors[i].dark);
		fputc('\n', f);
	}
	fputs("}\n", f);
}

void report_style(FILE *f)
{
	fputs(common, f);
	for (size_t i = 0; i < ARRAY_SIZE(colors); i++) {
		if (colors[i].text)
			fprintf(f, TEXT_RULE "\n", colors[i].light, colors[i].text);
	}
	fputs(narrow, f);
	put_dark(f);
	fputs(print, f);
}
