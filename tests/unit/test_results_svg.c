/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures in a page: what of a file is printed, and what never is. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "results/svg.h"

#define OPEN "<svg role=\"img\" aria-label=\"a &lt;b&gt;\">"

/* What svg_print() makes of @svg, or NULL with the error in @e. */
static char *printed(const char *svg, size_t len, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int r = svg_print(f, svg, len, "plots/x.svg", "x", "a <b>", e);

	fclose(f);
	if (!r)
		return text;
	assert_int_equal(r, -EBADMSG);
	assert_int_equal(size, 0);
	free(text);
	return NULL;
}

static void what_is_printed(void **state)
{
	static const struct {
		const char *svg, *html;
	} cases[] = {
		{ "<svg/>", OPEN "</svg>\n" },
		{ "<?xml version='1.0'?>\n<!-- > -->\n<svg width='9' height='9' viewBox=\"0 0 1 "
		  "2\" "
		  "xmlns='http://www.w3.org/2000/svg'></svg>\n",
			"<svg role=\"img\" aria-label=\"a &lt;b&gt;\" viewBox=\"0 0 1 "
			"2\"></svg>\n" },
		/* colours have one spelling */
		{ "<svg><path fill = 'rgb(  0, 114, 178)' stroke=\"black\" color='#FFFFFF' d='M0,0 "
		  "L1,1'/></svg>",
			OPEN "<path fill=\"#0072b2\" stroke=\"#000000\" color=\"#ffffff\" d=\"M0,0 "
			     "L1,1\"></path>\n</svg>\n" },
		{ "<svg><g stroke='none' fill='currentColor'/></svg>",
			OPEN "<g stroke=\"none\" fill=\"currentColor\"></g>\n</svg>\n" },
		{ "<svg><g fill='url(#a)' stroke='red;x' color='rgb(1,2)'/></svg>",
			OPEN "<g></g>\n</svg>\n" },
		/* names are the picture's own; only what holds nothing has one */
		{ "<svg><defs><circle id='p5' r='1'/></defs><use xlink:href='#p5' "
		  "transform='translate(1,2) scale(3)'/></svg>",
			OPEN "<defs><circle id=\"x-p5\" r=\"1\"></circle>\n</defs>\n<use "
			     "href=\"#x-p5\" transform=\"translate(1,2) "
			     "scale(3)\"></use>\n</svg>\n" },
		{ "<svg id='a'><g id='b'><text id='c'>t</text></g></svg>",
			OPEN "<g><text>t</text></g>\n</svg>\n" },
		/* text: entities of XML stay, others are text; nothing that controls */
		{ "<svg><text x='1'>a &lt;b&gt; &amp; &nbsp; &#1; \"c\" \x1b\xff "
		  "\xc2\xb5s</text></svg>",
			OPEN "<text x=\"1\">a &lt;b&gt; &amp; &amp;nbsp; &amp;#1; &quot;c&quot; ?? "
			     "\xc2\xb5s</text></svg>\n" },
		{ "<svg><text>a<tspan dy='2'>b</tspan></text> c </svg>",
			OPEN "<text>a<tspan dy=\"2\">b</tspan></text></svg>\n" },
		/* what is left out goes with all that is in it */
		{ "<svg><title>t</title><script>alert(1)</script><style>*{}</style><g/></svg>",
			OPEN "<g></g>\n</svg>\n" },
		{ "<svg><a href='javascript:alert(1)'><text>t</text></a><image "
		  "href='http://x/'/><foreignObject><g/></foreignObject></svg>",
			OPEN "</svg>\n" },
		{ "<svg onload='a()'><g onclick=\"b()\" style='x' class='gridline' "
		  "class2='y'/><use href='http://x/#p'/><use xlink:href='#a b'/></svg>",
			OPEN "<g class=\"gridline\"></g>\n<use></use>\n<use></use>\n</svg>\n" },
		{ "<svg><rect width='1\" onload=\"x' height='URL(x)' x='&lt;'/></svg>",
			OPEN "<rect></rect>\n</svg>\n" },
		{ "<svg><text><g/><svg/><script/>t</text><svg><g/></svg></svg>",
			OPEN "<text>t</text></svg>\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };
		cleanup_free char *html = printed(cases[i].svg, strlen(cases[i].svg), &e);

		if (!html)
			fail_msg("%s: %s", cases[i].svg, e.message);
		assert_string_equal(html, cases[i].html);
	}
}

static void no_pictures(void **state)
{
	static const struct {
		const char *svg, *why;
	} cases[] = {
		{ "", "no whole svg" },
		{ "text", "text outside" },
		{ "<svg>", "no whole svg" },
		{ "<svg/>text", "text outside" },
		{ "<svg/><svg/>", "not one svg" },
		{ "<svg></svg></svg>", "not the last one begun" },
		{ "<html/>", "not one svg" },
		{ "<svg><g></svg>", "not the last one begun" },
		{ "<svg><g", "ends within an element" },
		{ "<svg><g x", "has no value" },
		{ "<svg><g x=1/></svg>", "no quotes" },
		{ "<svg><g x='1/></svg>", "does not end" },
		{ "<svg><!-- ", "within a comment" },
		{ "<svg></svg", "does not end" },
		{ "<svg>< g/></svg>", "name is missing" },
		{ "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "declaration" },
		{ "<svg><![CDATA[<script>]]></svg>", "declaration" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };
		cleanup_free char *html = printed(cases[i].svg, strlen(cases[i].svg), &e);

		if (html)
			fail_msg("'%s' was taken for a picture", cases[i].svg);
		assert_non_null(strstr(e.message, "plots/x.svg"));
		if (!strstr(e.message, cases[i].why))
			fail_msg("'%s': %s", cases[i].svg, e.message);
	}
}

static void too_deep(void **state)
{
	char svg[2000] = "<svg>";
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(svg, "<g>");
	assert_null(printed(svg, strlen(svg), &e));
	assert_non_null(strstr(e.message, "too many elements"));
}

/* A picture may end anywhere, and a byte may be any: never more than what is there is read. */
static void cut_and_changed(void **state)
{
	static const char svg[] = "<svg viewBox='0 0 9 9'><!-- c --><g fill='rgb(1,2,3)'><text "
				  "x='1'>a&amp;b\xc2\xb5</text><use xlink:href='#p'/></g></svg>";

	(void)state;
	for (size_t len = 0; len < sizeof(svg) - 1; len++) {
		cleanup_free char *part = malloc(len + 1);
		struct err e = { 0 };

		memcpy(part, svg, len);
		assert_null(printed(part, len, &e));
	}
	for (size_t at = 0; at < sizeof(svg) - 1; at++) {
		for (int byte = 0; byte < 256; byte += 5) {
			cleanup_free char *changed = strdup(svg), *html = NULL;
			struct err e = { 0 };

			changed[at] = (char)byte;
			html = printed(changed, sizeof(svg) - 1, &e);
			if (html && strlen(html) < sizeof(OPEN) - 1)
				fail_msg("byte %d at %zu: '%s'", byte, at, html);
		}
	}
}

/* A long text is printed in pieces, none of which cuts a character. */
static void long_text(void **state)
{
	char svg[4096] = "<svg><text>";
	struct err e = { 0 };
	cleanup_free char *html = NULL;

	(void)state;
	for (int i = 0; i < 600; i++)
		strcat(svg, "\xe2\x80\x93");
	strcat(svg, "</text></svg>");
	html = printed(svg, strlen(svg), &e);
	assert_non_null(html);
	assert_null(strchr(html, '?'));
	assert_int_equal(strlen(html), strlen(OPEN) + strlen(svg) + 1 - strlen("<svg>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed),
		cmocka_unit_test(no_pictures),
		cmocka_unit_test(too_deep),
		cmocka_unit_test(cut_and_changed),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
