/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The claims: each part confirmed, refuted, undecided and not testable, by made-up runs. */
#include "tests/unit/claims_examples.h"

#include <errno.h>
#include <locale.h>

#include "results/claims_book.h"
#include "results/report.h"

static const struct part_result *find_part(
	const struct ledger *l, const char *claim, const char *part)
{
	for (size_t i = 0; i < n_claims; i++) {
		for (size_t k = 0; k < CLAIMS_MAX_PARTS; k++) {
			const struct part_result *r = &l->results[i].parts[k];

			if (r->part && !strcmp(claims[i].id, claim) && !strcmp(r->part->name, part))
				return r;
		}
	}
	fail_msg("there is no part %s of %s", part, claim);
	return NULL;
}

/* false, with what is wrong printed, so that one run shows all that is. */
static bool is_as_expected(const struct example *x, const struct claims_book *book)
{
	const struct part_result *r = find_part(&book->hosts[0].ledger, x->claim, x->part);
	char text[SENTENCE_SIZE] = "";

	if (r->n)
		claim_sentence(r->part, &r->list[0], false, text);
	if (r->verdict == x->verdict && (strstr(text, x->says) || strstr(r->reason, x->says)))
		return true;
	print_error("%s: %s, expected %s with '%s': %s. %s\n", x->name,
		claim_verdict_names[r->verdict], claim_verdict_names[x->verdict], x->says, text,
		r->reason);
	return false;
}

static void every_part_of_every_claim(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct example *x = &examples[i];
		cleanup_free char *dir = format_text("%s/%zu", (char *)*state, i);
		const char *const dirs[] = { dir };
		struct claims_book book;
		struct err e = { 0 };

		put_run(dir, x->cells, x->facts, x->launches ? x->launches : LAUNCHES);
		if (claims_book_read(&book, dirs, 1, &e) < 0)
			fail_msg("%s: %s", x->name, e.message);
		wrong += !is_as_expected(x, &book);
		claims_book_free(&book);
	}
	assert_int_equal(wrong, 0);
}

/* Verdicts of a claim from those of its parts, by runs in which some parts have data. */
static void a_claim_is_made_of_its_parts(void **state)
{
	static const struct {
		const char *claim;
		enum claim_verdict verdict;
		const char *parts;
		struct cell cells[MAX_CELLS];
	} cases[] = {
		{ "C2", CLAIM_CONFIRMED, "exits: confirmed; timing: confirmed",
			{ EXITS("syscalls/getppid/", 0, 0),
				NS("syscalls/getppid/", "host", 73, 0.01),
				NS("syscalls/getppid/", "vm", 73, 0.01) } },
		{ "C2", CLAIM_PARTLY, "exits: confirmed; timing: not testable here",
			{ EXITS("syscalls/getppid/", 0, 0) } },
		{ "C2", CLAIM_REFUTED, "exits: refuted; timing: confirmed",
			{ EXITS("syscalls/getppid/", 1, 0),
				NS("syscalls/getppid/", "host", 73, 0.01),
				NS("syscalls/getppid/", "vm", 73, 0.01) } },
		{ "C2", CLAIM_UNDECIDED, "exits: not testable here; timing: not decided",
			{ NS("syscalls/getppid/", "host", 73, 0.5),
				NS("syscalls/getppid/", "vm", 73, 0.5) } },
		{ "C2", CLAIM_UNTESTABLE, "exits: not testable here; timing: not testable here",
			{ NS("syscalls/getppid/", "host", 73, 0.5) } },
	};
	static const struct fact same[MAX_FACTS];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *dir = format_text("%s/%zu", (char *)*state, i);
		const char *const dirs[] = { dir };
		struct claims_book book;
		const struct claim_result *r;
		char text[SENTENCE_SIZE];

		put_run(dir, cases[i].cells, same, LAUNCHES);
		assert_int_equal(claims_book_read(&book, dirs, 1, NULL), 0);
		for (size_t k = 0; k < n_claims; k++) {
			if (strcmp(claims[k].id, cases[i].claim))
				continue;
			r = &book.hosts[0].ledger.results[k];
			assert_string_equal(claim_parts_text(r, text), cases[i].parts);
			assert_int_equal(r->verdict, cases[i].verdict);
		}
		claims_book_free(&book);
	}
}

/*
 * One comparison of many that is out by chance must not refute: its interval is widened by their
 * number, which twelve launches cannot support for a hundred.
 */
static void many_comparisons_refute_less(void **state)
{
	const char *const dirs[] = { path_in(*state, "many") };
	struct cell cells[2] = { 0 };
	struct claims_book book;
	const struct part_result *r;
	struct samples_writer *w;
	static const struct fact same[MAX_FACTS];

	put_run(dirs[0], cells, same, LAUNCHES);
	remove_tree(dirs[0]);
	assert_int_equal(make_dirs(dirs[0]), 0);
	assert_int_equal(samples_create(dirs[0], &w, NULL), 0);
	for (unsigned i = 0; i < 120; i++) {
		char row[64];

		snprintf(row, sizeof(row), "cpu/int-%u/", i);
		put_cell(w, &(struct cell)NS(row, "host", 100, 0.002), LAUNCHES);
		put_cell(w, &(struct cell)NS(row, "vm", i ? 100 : 110, 0.002), LAUNCHES);
	}
	samples_close(w);
	put_facts(dirs[0], same);
	assert_int_equal(claims_book_read(&book, dirs, 1, NULL), 0);
	r = find_part(&book.hosts[0].ledger, "C1", "VM");
	assert_int_equal(r->n, 120);
	assert_int_equal(book.hosts[0].ledger.results[0].tested, 120);
	assert_true(r->list[0].few);
	assert_int_equal(r->list[1].verdict, CLAIM_CONFIRMED);
	assert_int_equal(r->verdict, CLAIM_UNDECIDED);
	claims_book_free(&book);
	free((char *)(uintptr_t)dirs[0]);
}

static char *printed(const struct claims_book *book, enum table_format format)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct table_options opt = { .format = format, .width = 100 };
	struct err e = { 0 };

	assert_non_null(f);
	if (claims_print(f, book, &opt, &e) < 0)
		fail_msg("%s", e.message);
	fclose(f);
	return text;
}

static const struct cell one[MAX_CELLS] = { NS("syscalls/getppid/", "host", 73, 0.01),
	NS("syscalls/getppid/", "vm", 74, 0.01), EXITS("syscalls/getppid/", 0.002, 0),
	{ "startup/launch/", "host", "since-request", "exit", 0.6e6, 0, NULL } };
static const struct cell other[MAX_CELLS] = { BYTES("memory/idle/", "vm", "pss-vmm", 600e3, 0),
	BYTES("memory/touched/", "vm", "pss-vmm", 600e3, 0) };

/* A claim joins what several runs of a host tell; another host stands by itself. */
static void runs_are_told_host_by_host(void **state)
{
	static const struct fact first[MAX_FACTS],
		second[MAX_FACTS] = { { "run.id", "other" } },
		emulated[MAX_FACTS] = { { "run.id", "third" }, { "machine", "emulated" } };
	cleanup_free char *a = path_in(*state, "a");
	cleanup_free char *b = path_in(*state, "b");
	cleanup_free char *c = path_in(*state, "c");
	const char *const dirs[] = { a, c, b };
	struct claims_book book;
	cleanup_free char *text = NULL;
	cleanup_free char *csv = NULL;
	cleanup_free char *json = NULL;

	put_run(a, one, first, LAUNCHES);
	put_run(b, other, second, LAUNCHES);
	put_run(c, one, emulated, LAUNCHES);
	assert_int_equal(claims_book_read(&book, dirs, 3, NULL), 0);
	assert_int_equal(book.n_hosts, 2);
	assert_int_equal(book.hosts[0].n_runs, 2);
	assert_int_equal(book.hosts[1].n_runs, 1);
	assert_int_equal(
		find_part(&book.hosts[0].ledger, "C2", "timing")->verdict, CLAIM_CONFIRMED);
	assert_int_equal(find_part(&book.hosts[0].ledger, "C9", "VMM")->verdict, CLAIM_CONFIRMED);
	assert_int_equal(
		find_part(&book.hosts[1].ledger, "C2", "timing")->verdict, CLAIM_UNTESTABLE);
	assert_int_equal(find_part(&book.hosts[1].ledger, "C9", "VMM")->n, 0);

	text = printed(&book, TABLE_TEXT);
	assert_non_null(strstr(text, "fork and exec"));
	assert_non_null(strstr(text, "within"));
	assert_non_null(strstr(text, EMULATED_MARK));
	assert_non_null(strstr(text, "no data: run `bench run --suite cpu`"));
	assert_null(strstr(text, "nan"));
	csv = printed(&book, TABLE_CSV);
	assert_memory_equal(csv, "host,claim,claim_verdict,part,", 30);
	assert_non_null(strstr(csv, ",C2,confirmed,exits,confirmed,"));
	assert_null(strstr(csv, "nan"));
	json = printed(&book, TABLE_JSON);
	assert_non_null(strstr(json, "\"claims\""));
	assert_non_null(strstr(json, "\"figures\""));
	claims_book_free(&book);
}

/* What the run's differences are worth is told before them. */
static void the_null_comparison_stands_first(void **state)
{
	static const struct cell cells[MAX_CELLS] = { NS("cpu/int/", "host", 100, 0.01),
		NS("cpu/int/", "host:null", 150, 0.01), NS("cpu/int/", "vm", 100, 0.01) };
	static const struct fact same[MAX_FACTS];
	cleanup_free char *dir = path_in(*state, "a");
	const char *const dirs[] = { dir };
	struct claims_book book;
	cleanup_free char *text = NULL;
	const char *null, *verdict;

	put_run(dir, cells, same, LAUNCHES);
	assert_int_equal(claims_book_read(&book, dirs, 1, NULL), 0);
	text = printed(&book, TABLE_TEXT);
	null = strstr(text, "int: +50");
	verdict = strstr(text, "C1 ");
	assert_non_null(null);
	assert_non_null(verdict);
	assert_true(null < verdict);
	/* The second launches of host are no way of their own. */
	assert_int_equal(find_part(&book.hosts[0].ledger, "C1", "VM")->n, 1);
	claims_book_free(&book);
}

/* The VMM's memory in two runs with different guest memory is one question. */
static void cells_of_several_runs_are_compared(void **state)
{
	static const struct cell small[MAX_CELLS] = { BYTES(
		"memory/idle/", "vm", "pss-vmm", 6e5, 0) },
				 large[MAX_CELLS] = { BYTES(
					 "memory/idle/", "vm", "pss-vmm", 9e5, 0) };
	static const struct fact first[MAX_FACTS], second[MAX_FACTS] = { { "run.id", "other" } };
	cleanup_free char *a = path_in(*state, "a");
	cleanup_free char *b = path_in(*state, "b");
	const char *const dirs[] = { a, b };
	struct claims_book book;
	const struct part_result *r;

	put_run(a, small, first, 3);
	put_run(b, large, second, 3);
	assert_int_equal(claims_book_read(&book, dirs, 2, NULL), 0);
	r = find_part(&book.hosts[0].ledger, "C9", "VMM");
	assert_int_equal(r->verdict, CLAIM_REFUTED);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->list[0].cells, 2);
	assert_near(r->list[0].value, 1.5, 1e-9);
	assert_string_equal(r->list[0].run->dir, b);
	assert_string_equal(r->list[0].to_run->dir, a);
	claims_book_free(&book);
}

static void figures_beside_ours(void **state)
{
	static const struct cell cells[MAX_CELLS] = { SINCE("host", 0.9e6),
		{ "startup/launch/", "host", "since-request", "exit", 1.4e6, 0, NULL },
		{ "startup/launch/", "vm", "since-request", "main", 50e6, 0, NULL },
		{ "startup/launch/", "vm=hello", "since-request", "main", 2e6, 0, NULL },
		{ "startup/launch/", "ctr:00-bare", "since-request", "exit", 1e6, 0, NULL },
		{ "startup/launch/", "ctr:01-net", "since-request", "exit", 1.8e6, 0, NULL },
		{ "startup/launch/", "ctr:02-ipc", "since-request", "exit", 1.7e6, 0, NULL },
		{ "startup/launch/", "ctr:03-cgroup", "since-request", "exit", 1.75e6, 0.2, NULL },
		NS("syscalls/getppid/", "vm", 74, 0),
		BYTES("memory/idle/", "vm", "pss-vmm", 1 << 19, 0) };
	static const struct fact emulated[MAX_FACTS] = { { "machine", "emulated" } },
				 real[MAX_FACTS];
	static const struct {
		const char *what, *way;
		double ours, ratio;
	} wanted[] = {
		{ "fork and exec", "host", 1.4e6, 2 },
		{ "a network namespace", "ctr:01-net", 0.8e6, 1 },
		{ "any other namespace", "ctr:02-ipc", -0.1e6, NAN },
		{ "clone into a cgroup", "ctr:03-cgroup", 0.05e6, NAN },
		{ "Firecracker, to init", "vm (distro)", 50e6, 1 },
		{ "Firecracker, boot", "vm (distro)", 50e6, 50.0 / 110 },
		{ "system call in a guest", "vm (distro)", 222, 1 },
		{ "Firecracker's memory", "vm (distro)", 1 << 19, 0.2 },
	};

	for (int pass = 0; pass < 2; pass++) {
		cleanup_free char *dir = format_text("%s/%d", (char *)*state, pass);
		const char *const dirs[] = { dir };
		struct claims_book book;
		size_t found = 0;

		put_run(dir, cells, pass ? emulated : real, LAUNCHES);
		assert_int_equal(claims_book_read(&book, dirs, 1, NULL), 0);
		for (size_t i = 0; i < book.hosts[0].figures.n; i++) {
			const struct figure_result *r = &book.hosts[0].figures.list[i];
			bool bytes = !strcmp(r->figure->unit, "bytes");

			assert_null(strstr(r->way, "hello"));
			for (size_t k = 0; k < ARRAY_SIZE(wanted); k++) {
				if (strcmp(wanted[k].what, r->figure->what))
					continue;
				assert_string_equal(r->way, wanted[k].way);
				assert_near(r->ours, wanted[k].ours, 1e-6 * fabs(wanted[k].ours));
				if (isnan(wanted[k].ratio) || (pass && !bytes))
					assert_true(isnan(r->ratio));
				else
					assert_near(r->ratio, wanted[k].ratio, 1e-6);
				found++;
			}
		}
		assert_int_equal(found, ARRAY_SIZE(wanted));
		claims_book_free(&book);
	}
}

static void bad_folders_are_named(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *samples, *manifest; /* NULL: no such file */
		const char *message;
	} cases[] = {
		{ "empty", -ENOENT, NULL, NULL, "holds no samples.csv" },
		{ "no-rows", -ENODATA, HEADER, NULL, "holds no samples" },
		{ "damaged", -EBADMSG, HEADER "1,r,cpu,int\n", NULL, "line 2" },
		{ "binary", -EBADMSG, "\x01\x02\xff\n", NULL, "line 1" },
		{ "bad-manifest", -EBADMSG,
			HEADER "1,r,cpu,int,,host,,0,0,,0,1,latency,ns,1,0,ok,\n",
			"{ \"a\": ", "manifest.json" },
		{ "later", -EPROTO, HEADER "1,r,cpu,int,,host,,0,0,,0,1,latency,ns,1,0,ok,\n",
			"{ \"schema\": 2 }", "is of version 2, not 1" },
		{ "odd", -EPROTO, HEADER "1,r,cpu,int,,host,,0,0,,0,1,latency,ns,1,0,ok,\n",
			"{ \"schema\": \"new\" }", "is of version new, not 1" },
		{ "merged", -EXDEV, HEADER "1,r,cpu,int,,host,,0,0,,0,1,latency,ns,1,0,ok,\n",
			"{ \"runs\": { \"0\": { \"name\": \"here\" } } }", "of several runs" },
		{ "no-manifest", 0, HEADER "1,r,cpu,int,,host,,0,0,,0,1,latency,ns,1,0,ok,\n", NULL,
			"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *dir = path_in(*state, cases[i].name);
		const char *const dirs[] = { dir };
		struct claims_book book;
		struct err e = { 0 };

		assert_int_equal(make_dirs(dir), 0);
		if (cases[i].samples)
			put_file(dir, SAMPLES_FILE, cases[i].samples, strlen(cases[i].samples));
		if (cases[i].manifest)
			put_file(dir, MANIFEST_FILE, cases[i].manifest, strlen(cases[i].manifest));
		assert_int_equal(claims_book_read(&book, dirs, 1, &e), cases[i].code);
		if (!strstr(e.message, cases[i].message) ||
			(cases[i].code && !strstr(e.message, dir)))
			fail_msg("%s: '%s'", cases[i].name, e.message);
		claims_book_free(&book);
	}
}

static void one_run_twice_is_refused(void **state)
{
	static const struct fact same[MAX_FACTS];
	cleanup_free char *a = path_in(*state, "a");
	const char *const dirs[] = { a, a };
	struct claims_book book;
	struct err e = { 0 };

	put_run(a, one, same, LAUNCHES);
	assert_int_equal(claims_book_read(&book, dirs, 2, &e), -EEXIST);
	assert_non_null(strstr(e.message, "are the same run"));
	claims_book_free(&book);
}

/* Of each host and suite the newest complete run. */
static void the_newest_are_chosen(void **state)
{
	static const struct {
		const char *name;
		bool chosen;
		struct fact facts[MAX_FACTS];
	} runs[] = {
		{ "old", false, { { "run.utc", "2026-01-01T00:00:00Z" } } },
		{ "new", true, { { "run.utc", "2026-01-03T00:00:00Z" } } },
		{ "broken-off", false,
			{ { "run.utc", "2026-01-04T00:00:00Z" }, { "run.state", "interrupted" } } },
		{ "other-suite", false,
			{ { "run.utc", "2025-01-01T00:00:00Z" }, { "run.suite", "memory" } } },
		{ "two-suites", true,
			{ { "run.utc", "2025-01-02T00:00:00Z" }, { "run.suite", "memory" },
				{ "run.suites", "memory,cpu" } } },
		{ "other-host", true,
			{ { "run.utc", "2025-01-01T00:00:00Z" }, { "machine", "emulated" } } },
	};
	cleanup_free char *nothing = path_in(*state, "nothing");
	cleanup_free char *none = path_in(*state, "old/none");
	char **dirs = NULL;
	size_t n = 0, expected = 0;
	struct err e = { 0 };

	assert_int_equal(claims_newest(nothing, &dirs, &n, &e), -ENOENT);
	assert_non_null(strstr(e.remedy, "bench run"));
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		cleanup_free char *dir = path_in(*state, runs[i].name);

		put_run(dir, one, runs[i].facts, 2);
		expected += runs[i].chosen;
	}
	assert_int_equal(make_dirs(none), 0);
	assert_int_equal(claims_newest(*state, &dirs, &n, NULL), 0);
	assert_int_equal(n, expected);
	for (size_t i = 0; i < n; i++) {
		const char *name = strrchr(dirs[i], '/') + 1;

		for (size_t k = 0; k < ARRAY_SIZE(runs); k++) {
			if (!strcmp(runs[k].name, name))
				assert_true(runs[k].chosen);
		}
		free(dirs[i]);
	}
	free(dirs);
}

static void the_report_has_its_section(void **state)
{
	static const struct fact same[MAX_FACTS];
	static const struct cell none[MAX_CELLS] = { NS("exec/true/", "host", 73, 0.01) };
	cleanup_free char *a = path_in(*state, "a");
	cleanup_free char *b = path_in(*state, "b");
	cleanup_free char *with = NULL;
	cleanup_free char *without = NULL;

	put_run(a, one, same, LAUNCHES);
	put_run(b, none, same, LAUNCHES);
	assert_int_equal(report_write(a, NULL), 0);
	assert_int_equal(report_write(b, NULL), 0);
	with = get_file(a, REPORT_FILE, NULL);
	without = get_file(b, REPORT_FILE, NULL);
	assert_non_null(strstr(with, "<h2>Claims</h2>"));
	/* what was concluded stands beside the tables, before notes and pictures */
	assert_non_null(strstr(strstr(with, "<h2>Claims</h2>"), "<h2>Plots</h2>"));
	assert_non_null(strstr(with, "C2: confirmed"));
	assert_null(strstr(with, "C1:"));
	assert_non_null(strstr(with, "Beside what has been published"));
	assert_null(strstr(without, "<h2>Claims</h2>"));
}

/* Text of a damaged or hostile file stays text, and nothing overflows. */
static void hostile_text_stays_text(void **state)
{
	static const struct fact same[MAX_FACTS];
	cleanup_free char *dir = path_in(*state, "a");
	const char *const dirs[] = { dir };
	char row[120];
	struct cell cells[MAX_CELLS] = { 0 };
	struct claims_book book;
	cleanup_free char *text = NULL;
	cleanup_free char *csv = NULL;
	cleanup_free char *json = NULL;
	cleanup_free char *html = NULL;

	memset(row, 'x', sizeof(row));
	memcpy(row, "cpu/<script>%s%n\x1b[31m\xff", 21);
	row[sizeof(row) - 2] = '/';
	row[sizeof(row) - 1] = '\0';
	cells[0] = (struct cell)NS(row, "host", 100, 0.01);
	cells[1] = (struct cell)NS(row, "vm", 100, 0.01);
	put_run(dir, cells, same, LAUNCHES);
	assert_int_equal(claims_book_read(&book, dirs, 1, NULL), 0);
	text = printed(&book, TABLE_TEXT);
	csv = printed(&book, TABLE_CSV);
	json = printed(&book, TABLE_JSON);
	assert_null(strchr(text, 0x1b));
	assert_null(strchr(json, 0x1b));
	assert_int_equal(report_write(dir, NULL), 0);
	html = get_file(dir, REPORT_FILE, NULL);
	assert_null(strstr(html, "<script>"));
	claims_book_free(&book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(every_part_of_every_claim),
		in_folder(a_claim_is_made_of_its_parts),
		in_folder(many_comparisons_refute_less),
		in_folder(runs_are_told_host_by_host),
		in_folder(the_null_comparison_stands_first),
		in_folder(cells_of_several_runs_are_compared),
		in_folder(figures_beside_ours),
		in_folder(bad_folders_are_named),
		in_folder(one_run_twice_is_refused),
		in_folder(the_newest_are_chosen),
		in_folder(the_report_has_its_section),
		in_folder(hostile_text_stays_text),
	};

	setlocale(LC_CTYPE, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
