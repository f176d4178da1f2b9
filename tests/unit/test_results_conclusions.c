/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences made from a summary: which one, with which numbers, and when there is none. */
#include "tests/unit/results_output.h"

#include "results/conclusions.h"

static void verdicts(void **state)
{
	static const struct {
		struct interval ratio;
		double band;
		enum conclusion_verdict verdict;
	} cases[] = {
		{ { 0.98, 1.04 }, 0.05, CONCLUSION_SAME },
		{ { 0.95, 1.05 }, 0.05, CONCLUSION_SAME },
		{ { 1.01, 1.04 }, 0.05, CONCLUSION_SAME }, /* within the band, if above 1 */
		{ { 0.98, 1.04 }, 0.03, CONCLUSION_UNKNOWN },
		{ { 0.98, 1.06 }, 0.05, CONCLUSION_UNKNOWN },
		{ { 0.90, 1.00 }, 0.05, CONCLUSION_UNKNOWN },
		{ { 1.01, 1.06 }, 0.05, CONCLUSION_MORE },
		{ { 9, 11 }, 0.05, CONCLUSION_MORE },
		{ { 0.90, 0.99 }, 0.05, CONCLUSION_LESS },
		{ { NAN, NAN }, 0.05, CONCLUSION_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(
			conclusion_verdict(cases[i].ratio, cases[i].band), cases[i].verdict);
}

static void add(void *ctx, const char *subject, const char *text, enum conclusion_verdict verdict,
	size_t column)
{
	static const char *const names[CONCLUSION_VERDICTS] = { "same", "more", "less", "unknown",
		"number" };

	assert_true(strlen(subject) > 3);
	fprintf(ctx, "%s %zu: %s\n", names[verdict], column, text);
}

/* All sentences of the rows @text, a line each. */
static char *said(const char *dir, const char *text, const char *machine)
{
	struct summary *s = summary_of_text(dir, text);
	struct manifest *m = manifest_new();
	char *out = NULL;
	size_t size, n, lines = 0;
	FILE *f = open_memstream(&out, &size);

	manifest_set(m, "machine", machine, NULL);
	n = conclusions(s, m, add, f);
	fclose(f);
	for (const char *p = out; *p; p++)
		lines += *p == '\n';
	assert_int_equal(n, lines);
	manifest_free(m);
	summary_free(s);
	return out;
}

#define ROW(suite, bench, way, rep, phase, metric, unit, value)                                    \
	"1,r," suite "," bench "," way "," rep "," rep "," phase ",0,1," metric "," unit "," value \
	",0,ok,\n"
#define CALL(way, rep, ns) ROW("syscalls", "getppid,", way, rep, "", "latency", "ns", ns)
#define SIX(way, a, b, c, d, e, f)                                                                 \
	CALL(way, "0", a)                                                                          \
	CALL(way, "1", b)                                                                          \
	CALL(way, "2", c) CALL(way, "3", d) CALL(way, "4", e) CALL(way, "5", f)
#define HOST_SIX SIX("host,", "100", "101", "99", "100", "101", "99")

struct saying {
	const char *what, *rows, *says;
};

static void check(const char *dir, const struct saying *cases, size_t n, const char *machine)
{
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *text = NULL;
		cleanup_free char *rows = format_text(HEADER "%s", cases[i].rows);

		text = said(dir, rows, machine);
		if (strcmp(text, cases[i].says))
			fail_msg("%s: '%s' instead of '%s'", cases[i].what, text, cases[i].says);
	}
}

static void a_system_call(void **state)
{
	static const struct saying cases[] = {
		{ "the same", HOST_SIX SIX("ctr,", "101", "102", "100", "101", "102", "100"),
			"same 1: A system call (getppid) costs the same in a container (ctr) as in "
			"a plain process (host), within 5 %: ratio 1.01, 95 % interval 1.00–1.03 "
			"(101 ns beside 100 ns).\n" },
		{ "more", HOST_SIX SIX("vm,distro", "121", "122", "120", "121", "122", "120"),
			"more 1: A system call (getppid) costs 21 % more in a VM (vm, kernel "
			"distro) than in a plain process (host): ratio 1.21, 95 % interval "
			"1.19–1.23 (121 ns beside 100 ns).\n" },
		{ "times as much", HOST_SIX SIX("crun,", "301", "302", "300", "301", "302", "300"),
			"more 1: A system call (getppid) costs 3.01 times as much in crun as in a "
			"plain process (host): ratio 3.01, 95 % interval 2.98–3.05 (301 ns beside "
			"100 ns).\n" },
		{ "less", HOST_SIX SIX("ctr,", "91", "92", "90", "91", "92", "90"),
			"less 1: A system call (getppid) costs 9 % less in a container (ctr) than "
			"in a plain process (host): ratio 0.91, 95 % interval 0.90–0.92 (91.0 ns "
			"beside 100 ns).\n" },
		{ "not found", HOST_SIX SIX("ctr,", "90", "130", "90", "130", "95", "110"),
			"unknown 1: A system call (getppid): no difference found between a "
			"container (ctr) and a plain process (host), but the interval is too wide "
			"to call them the same within 5 %: ratio 1.02, 95 % interval 0.90–1.31 "
			"(102 ns beside 100 ns).\n" },
		{ "one launch", CALL("host,", "0", "100") CALL("ctr,", "0", "103"),
			"number 1: A system call (getppid) in a container (ctr), beside a plain "
			"process (host): ratio 1.03, too few launches for an interval (103 ns "
			"beside 100 ns).\n" },
		{ "few launches",
			CALL("host,", "0", "100") CALL("host,", "1", "101") CALL("ctr,", "0", "200")
				CALL("ctr,", "1", "202"),
			"more 1: A system call (getppid) costs 2.00 times as much in a container "
			"(ctr) as in a plain process (host): ratio 2.00, 95 % interval 1.98–2.02 "
			"(201 ns beside 100 ns) [2 launches: a hint].\n" },
		{ "one way", HOST_SIX,
			"number 0: A system call (getppid) costs 100 ns in a plain process (host): "
			"95 % interval 99.0 ns to 101 ns.\n" },
		{ "a step of a container", HOST_SIX CALL("ctr:02-mount,", "0", "1"), "" },
		{ "nothing of the kind",
			ROW("syscalls", "read,1B", "host,", "0", "", "latency", "ns", "5"), "" },
		{ "another suite's",
			ROW("exits", "getppid,", "host,", "0", "", "latency", "ns", "5"), "" },
		{ "nothing measured",
			"1,r,syscalls,getppid,,host,,0,0,,0,,latency,ns,,,failed,why\n", "" },
		{ "the baseline failed",
			"1,r,syscalls,getppid,,host,,0,0,,0,,latency,ns,,,failed,why\n" CALL(
				"ctr,", "0", "103"),
			"number 1: A system call (getppid) costs 103 ns in a container (ctr): no "
			"interval (one launch).\n" },
		{ "a hostile name", CALL("host,", "0", "100") CALL("<b>%s%n,", "0", "100"),
			"number 1: A system call (getppid) in <b>%s%n, beside a plain process "
			"(host): ratio 1.00, too few launches for an interval (100 ns beside 100 "
			"ns).\n" },
	};

	check(*state, cases, ARRAY_SIZE(cases), "native");
}

#define START(way, rep, ns) ROW("startup", "launch,", way, rep, "main", "since-request", "ns", ns)
#define SLOPE(way, rep, b) ROW("memory", "idle,", way, rep, "", "slope", "bytes", b)
#define WALL(way, rep, ns) ROW("exec", "ls,", way, rep, "", "wall", "ns", ns)
#define EXITS(bench, rep, n) ROW("exits", bench ",", "vm,distro", rep, "", "exits", "count", n)

static void other_subjects(void **state)
{
	static const struct saying cases[] = {
		{ "start-up",
			START("host,", "0", "200000") START("ctr,", "0", "900000")
				START("vm:restore,distro", "0", "2000000"),
			"number 1: A start (from the request to the program’s main) in a container "
			"(ctr), beside a plain process (host): ratio 4.50, too few launches for an "
			"interval (900 µs beside 200 µs).\n"
			"number 2: A start (from the request to the program’s main) in a VM "
			"restored from a snapshot (vm:restore, kernel distro), beside a plain "
			"process (host): ratio 10.0, too few launches for an interval (2.00 ms "
			"beside 200 µs).\n" },
		{ "memory", SLOPE("host,", "0", "102400") SLOPE("ctr,", "0", "204800"),
			"number 1: One more idle instance in a container (ctr), beside a plain "
			"process (host): ratio 2.00, too few launches for an interval (200 KiB "
			"beside 100 KiB).\n" },
		{ "memory that cannot be divided",
			SLOPE("host,", "0", "-512") SLOPE("ctr,", "0", "204800"),
			"number 1: One more idle instance takes 200 KiB in a container (ctr): no "
			"interval (one launch).\n" },
		{ "a program", WALL("host,", "0", "1000") WALL("ctr,", "0", "1100"),
			"number 1: A run of ls in a container (ctr), beside a plain process "
			"(host): ratio 1.10, too few launches for an interval (1.10 µs beside 1.00 "
			"µs).\n" },
		{ "exits",
			EXITS("getppid", "0", "0.0001") EXITS("cpuid", "0", "1.01")
				EXITS("cpuid", "1", "1.02") EXITS("port-write", "0", "0.5")
					EXITS("read", "0", "3"),
			"number 0: A system call (getppid) does not leave the guest in a VM (vm, "
			"kernel distro): <0.01 exits an operation.\n"
			"number 0: The instruction cpuid leaves the guest to the hypervisor in a "
			"VM (vm, kernel distro): 1.02 exits an operation, 95 % interval "
			"1.01–1.02.\n"
			"number 0: A write to a port at times leaves the guest to the hypervisor "
			"in a VM (vm, kernel distro): 0.50 exits an operation.\n" },
	};

	check(*state, cases, ARRAY_SIZE(cases), "native");
}

/* Of an emulated machine the ratios are told, and no absolute time; bytes and counts are. */
static void emulated(void **state)
{
	static const struct saying cases[] = {
		{ "a ratio", CALL("host,", "0", "100") CALL("ctr,", "0", "103"),
			"number 1: A system call (getppid) in a container (ctr), beside a plain "
			"process (host): ratio 1.03, too few launches for an interval.\n" },
		{ "a number", CALL("host,", "0", "100"), "" },
		{ "bytes", SLOPE("host,", "0", "1024"),
			"number 0: One more idle instance takes 1.00 KiB in a plain process "
			"(host): no interval (one launch).\n" },
	};

	check(*state, cases, ARRAY_SIZE(cases), "emulated");
}

/* Each host has its own baseline, and its ways are told by its name. */
static void many_hosts(void **state)
{
	static const char rows[] =
		"schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,sample,"
		"iterations,metric,unit,value,overhead_ns,status,reason,host\n"
		"1,r,syscalls,getppid,,host,,0,0,,0,10,latency,ns,100,0,ok,,a\n"
		"1,r,syscalls,getppid,,ctr,,0,0,,0,10,latency,ns,110,0,ok,,a\n"
		"1,r,syscalls,getppid,,host,,0,0,,0,10,latency,ns,200,0,ok,,b\n"
		"1,r,syscalls,getppid,,ctr,,0,0,,0,10,latency,ns,240,0,ok,,b\n";
	cleanup_free char *text = said(*state, rows, "native");

	assert_non_null(strstr(
		text, "in a container (ctr) on a, beside a plain process (host) on a: ratio 1.10"));
	assert_non_null(strstr(
		text, "in a container (ctr) on b, beside a plain process (host) on b: ratio 1.20"));
}

/* All comparisons of a suite are counted, each once, and the furthest is named. */
static void a_whole_suite(void **state)
{
	static const char *const words[CONCLUSION_VERDICTS] = { "the same within 5 %", "dearer",
		"cheaper", "undecided" };
	size_t counts[CONCLUSION_VERDICTS] = { 0 };
	cleanup_free char *text = NULL;
	struct manifest *m = manifest_new();
	struct summary *s;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	const char *at;

	make_run(*state, (struct made_up_run){ 7, 8, 4 });
	assert_int_equal(summary_make(*state, &s, NULL), 0);
	conclusions(s, m, add, f);
	fclose(f);
	/* of 31, three are skipped in the VM */
	at = strstr(text, "syscalls in a VM (vm, kernel distro), beside a plain process (host): of "
			  "28 comparisons ");
	assert_non_null(at);
	for (size_t row = 0; row < s->n_rows; row++) {
		const struct summary_group *g = summary_cell(s, row, 2);

		if (g && stats_has_interval(g->ratio_ci))
			counts[conclusion_verdict(g->ratio_ci, 0.05)]++;
	}
	assert_true(counts[CONCLUSION_SAME] > 0 && counts[CONCLUSION_MORE] > 0);
	for (int v = 0; v < CONCLUSION_NUMBER; v++) {
		cleanup_free char *says = format_text("%zu %s", counts[v], words[v]);

		assert_int_equal(strstr(at, says) != NULL, counts[v] > 0);
	}
	assert_non_null(strstr(at, "the furthest apart is cpuid: ratio 21"));
	manifest_free(m);
	summary_free(s);
}

/* In the report, escaped, before all tables; where there is nothing to say it says so. */
static void in_the_report(void **state)
{
	static const char hostile_way[] =
		HEADER CALL("host,", "0", "100") CALL("<script>,", "0", "100");
	static const char nothing[] =
		HEADER ROW("syscalls", "read,1B", "host,", "0", "", "latency", "ns", "5");
	cleanup_free char *html = NULL, *empty = NULL;

	put_file(*state, SAMPLES_FILE, hostile_way, strlen(hostile_way));
	assert_int_equal(report_write(*state, NULL), 0);
	html = get_file(*state, REPORT_FILE, NULL);
	assert_non_null(strstr(html,
		"<li class=\"number\">A system call (getppid) in &lt;script&gt;, beside a plain"));
	assert_true(strstr(html, "A system call") < strstr(html, "<h2>Results</h2>"));
	put_file(*state, SAMPLES_FILE, nothing, strlen(nothing));
	assert_int_equal(report_write(*state, NULL), 0);
	empty = get_file(*state, REPORT_FILE, NULL);
	assert_null(strstr(empty, "class=\"conclusions\""));
	assert_non_null(strstr(empty, "no two ways to compare"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		in_folder(a_system_call),
		in_folder(other_subjects),
		in_folder(emulated),
		in_folder(many_hosts),
		in_folder(a_whole_suite),
		in_folder(in_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
