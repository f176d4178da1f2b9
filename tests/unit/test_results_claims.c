/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The claims: each part confirmed, refuted, undecided and not testable, by made-up runs. */
#include "tests/unit/claims_fixture.h"

#include <errno.h>
#include <locale.h>

#include "results/claims.h"
#include "results/claims_book.h"
#include "results/report.h"

#define LAUNCHES 12

static const struct example {
	const char *name, *claim, *part;
	enum claim_verdict verdict;
	const char *says; /* must stand in the sentence of the first comparison, or in the reason */
	unsigned launches; /* 0: LAUNCHES */
	struct cell cells[MAX_CELLS];
	struct fact facts[MAX_FACTS]; /* that differ from good_host */
} examples[] = {
	{ "C1 equal", "C1", "VM", CLAIM_CONFIRMED, "ratio 1.01 (1.01 to 1.01); equal within 3 %", 0,
		{ NS("cpu/int/", "host", 100, 0.002), NS("cpu/int/", "vm", 101, 0.005) },
		{ { 0 } } },
	{ "C1 in a container", "C1", "container", CLAIM_CONFIRMED, "equal within 3 %", 0,
		{ NS("cpu/int/", "host", 100, 0.002), NS("cpu/int/", "ctr", 100, 0.005) },
		{ { 0 } } },
	{ "C1 one of several differs", "C1", "VM", CLAIM_REFUTED, "equal within 3 %", 0,
		{ NS("cpu/int/", "host", 100, 0.002), NS("cpu/int/", "vm", 101, 0.002),
			NS("cpu/float/", "host", 50, 0.002), NS("cpu/float/", "vm", 55, 0.002) },
		{ { 0 } } },
	{ "C1 wide intervals are not equality", "C1", "VM", CLAIM_UNDECIDED,
		"no difference found, but the interval is too wide to call it equal within 3 %", 0,
		{ NS("cpu/int/", "host", 100, 0.2), NS("cpu/int/", "vm", 100, 0.2) }, { { 0 } } },
	{ "C1 different, but perhaps by less", "C1", "VM", CLAIM_UNDECIDED,
		"different, but not shown to differ by more than 3 %", 0,
		{ NS("cpu/int/", "host", 100, 0.001), NS("cpu/int/", "vm", 103, 0.02) },
		{ { 0 } } },
	{ "C1 too few launches", "C1", "VM", CLAIM_UNDECIDED, "5 launches are too few", 5,
		{ NS("cpu/int/", "host", 100, 0.002), NS("cpu/int/", "vm", 101, 0.005) },
		{ { 0 } } },
	{ "C1 one launch", "C1", "VM", CLAIM_UNDECIDED, "1 launch is too few", 1,
		{ NS("cpu/int/", "host", 100, 0), NS("cpu/int/", "vm", 101, 0) }, { { 0 } } },
	{ "C1 emulated", "C1", "VM", CLAIM_UNTESTABLE, "needs a real machine", 0,
		{ NS("cpu/int/", "host", 100, 0), NS("cpu/int/", "vm", 100, 0) },
		{ { "machine", "emulated" } } },
	{ "C1 without a manifest's word", "C1", "VM", CLAIM_UNTESTABLE, "needs a real machine", 0,
		{ NS("cpu/int/", "host", 100, 0), NS("cpu/int/", "vm", 100, 0) },
		{ { "machine", NULL } } },
	{ "C1 no data", "C1", "VM", CLAIM_UNTESTABLE, "no data: run `bench run --suite cpu`", 0,
		{ NS("syscalls/getppid/", "host", 100, 0) }, { { 0 } } },
	{ "C1 nothing to compare with", "C1", "VM", CLAIM_UNTESTABLE,
		"no data to hold it against under host", 0, { NS("cpu/int/", "vm", 100, 0) },
		{ { 0 } } },
	{ "C1 the other side was skipped", "C1", "VM", CLAIM_UNTESTABLE,
		"no value under host: skipped, no such luck", 0,
		{ SKIPPED("cpu/int/", "host", "latency", "no such luck"),
			NS("cpu/int/", "vm", 100, 0) },
		{ { 0 } } },
	{ "C1 a ratio to nothing", "C1", "VM", CLAIM_UNDECIDED, "too few", 1,
		{ NS("cpu/int/", "host", 0, 0), NS("cpu/int/", "vm", 101, 0) }, { { 0 } } },

	{ "C2 no exits", "C2", "exits", CLAIM_CONFIRMED, "0.002 exits an operation in vm (distro)",
		0, { EXITS("syscalls/getppid/", 0.002, 0.5) }, { { 0 } } },
	{ "C2 no exits, emulated", "C2", "exits", CLAIM_CONFIRMED, "does not leave the VM", 1,
		{ EXITS("syscalls/getppid/", 0, 0) }, { { "machine", "emulated" } } },
	{ "C2 an exit a call", "C2", "exits", CLAIM_REFUTED, "it leaves the VM", 0,
		{ EXITS("syscalls/getppid/", 1, 0.01) }, { { 0 } } },
	{ "C2 in some launches", "C2", "exits", CLAIM_UNDECIDED, "in some launches", 0,
		{ EXITS("syscalls/getppid/", 0.1, 0.9) }, { { 0 } } },
	{ "C2 exits unknown", "C2", "exits", CLAIM_UNTESTABLE, "no statistics", 0,
		{ SKIPPED("syscalls/getppid/", "vm", "exits", "no statistics") }, { { 0 } } },
	{ "C2 KVM in software", "C2", "exits", CLAIM_UNTESTABLE, "needs KVM by VT-x or AMD-V", 0,
		{ EXITS("syscalls/getppid/", 0, 0) }, { { "host.kvm.module", "kvm_pvm" } } },
	{ "C2 as fast", "C2", "timing", CLAIM_CONFIRMED, "equal within 5 %", 0,
		{ NS("syscalls/getppid/", "host", 73, 0.01),
			NS("syscalls/getppid/", "vm", 74, 0.01) },
		{ { 0 } } },
	{ "C2 slower", "C2", "timing", CLAIM_REFUTED, "differing by more than 5 %", 0,
		{ NS("syscalls/getppid/", "host", 73, 0.01),
			NS("syscalls/getppid/", "vm", 90, 0.01) },
		{ { 0 } } },
	{ "C2 another kernel", "C2", "timing", CLAIM_UNTESTABLE,
		"needs same kernel build (here 6.12.0-other against 6.1.0-example)", 0,
		{ NS("syscalls/getppid/", "host", 73, 0), NS("syscalls/getppid/", "vm", 73, 0) },
		{ { "ways.1.inside.kernel.release", "6.12.0-other" } } },
	{ "C2 another build", "C2", "timing", CLAIM_UNTESTABLE, "of different builds", 0,
		{ NS("syscalls/getppid/", "host", 73, 0), NS("syscalls/getppid/", "vm", 73, 0) },
		{ { "ways.1.inside.kernel.version", "#2 SMP" } } },
	{ "C2 other mitigations", "C2", "timing", CLAIM_UNTESTABLE,
		"needs same mitigations (here differing: spectre_v2)", 0,
		{ NS("syscalls/getppid/", "host", 73, 0), NS("syscalls/getppid/", "vm", 73, 0) },
		{ { "ways.1.inside.vuln.spectre_v2", "Vulnerable" } } },

	{ "C3 slower", "C3", "first touch", CLAIM_CONFIRMED, "; slower", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0.02),
			NS("paging/first-touch/64MiB", "vm", 900, 0.05) },
		{ { 0 } } },
	{ "C3 no nested paging", "C3", "first touch", CLAIM_UNTESTABLE, "needs nested paging", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0),
			NS("paging/first-touch/64MiB", "vm", 900, 0) },
		{ { "host.kvm.ept", "N" } } },
	{ "C3 the gap closes", "C3", "second touch", CLAIM_CONFIRMED, "the gap shrinks", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0.02),
			NS("paging/first-touch/64MiB", "vm", 900, 0.05),
			NS("paging/second-touch/64MiB", "host", 4, 0.02),
			NS("paging/second-touch/64MiB", "vm", 4.2, 0.02) },
		{ { 0 } } },
	{ "C3 the gap stays", "C3", "second touch", CLAIM_REFUTED, "the gap does not shrink", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0.002),
			NS("paging/first-touch/64MiB", "vm", 800, 0.002),
			NS("paging/second-touch/64MiB", "host", 4, 0.002),
			NS("paging/second-touch/64MiB", "vm", 8.8, 0.002) },
		{ { 0 } } },
	{ "C3 no second pass", "C3", "second touch", CLAIM_UNTESTABLE,
		"no data to hold it against in the other case", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0),
			NS("paging/first-touch/64MiB", "vm", 800, 0) },
		{ { 0 } } },
	{ "C3 the second pass failed", "C3", "second touch", CLAIM_UNTESTABLE, "no memory", 0,
		{ NS("syscalls/page-touch/first", "host", 400, 0),
			NS("syscalls/page-touch/first", "vm", 800, 0),
			SKIPPED("syscalls/page-touch/second", "vm", "latency", "no memory"),
			NS("syscalls/page-touch/second", "host", 4, 0) },
		{ { 0 } } },
	{ "C3 not slower at all", "C3", "first touch", CLAIM_REFUTED, "at most 3 % slower", 0,
		{ NS("paging/first-touch/64MiB", "host", 400, 0.005),
			NS("paging/first-touch/64MiB", "vm", 400, 0.005) },
		{ { 0 } } },

	{ "C4 slower", "C4", "4 KiB pages", CLAIM_CONFIRMED, "; slower", 0,
		{ NS("paging/random-walk/1GiB-4k", "host", 90, 0.02),
			NS("paging/random-walk/1GiB-4k", "vm", 150, 0.02) },
		{ { 0 } } },
	{ "C4 huge pages help", "C4", "huge pages", CLAIM_CONFIRMED, "the gap shrinks", 0,
		{ NS("paging/random-walk/1GiB-4k", "host", 90, 0.01),
			NS("paging/random-walk/1GiB-4k", "vm", 150, 0.01),
			NS("paging/random-walk/1GiB-huge", "host", 80, 0.01),
			NS("paging/random-walk/1GiB-huge", "vm", 130, 0.01),
			NS("paging/random-walk/1GiB-huge", "vm:huge", 84, 0.01) },
		{ { 0 } } },
	{ "C4 without huge pages on the host's side", "C4", "huge pages", CLAIM_UNTESTABLE,
		"--pages 4k,huge", 0,
		{ NS("paging/random-walk/1GiB-4k", "host", 90, 0),
			NS("paging/random-walk/1GiB-4k", "vm", 150, 0),
			NS("paging/random-walk/1GiB-huge", "host", 80, 0),
			NS("paging/random-walk/1GiB-huge", "vm", 130, 0) },
		{ { 0 } } },
	{ "C4 faster in the VM", "C4", "4 KiB pages", CLAIM_REFUTED, "faster, not slower", 0,
		{ NS("paging/random-walk/1GiB-4k", "host", 150, 0.01),
			NS("paging/random-walk/1GiB-4k", "vm", 90, 0.01) },
		{ { 0 } } },

	{ "C5 equal on one CPU", "C5", "one CPU", CLAIM_CONFIRMED, "equal within 5 %", 0,
		{ NS("syscalls/pipe/same-cpu", "host", 3000, 0.01),
			NS("syscalls/pipe/same-cpu", "vm", 3020, 0.01) },
		{ { 0 } } },
	{ "C5 slower across", "C5", "two CPUs", CLAIM_CONFIRMED, "; slower", 0,
		{ NS("syscalls/pipe/cross-cpu", "host", 9000, 0.1),
			NS("syscalls/pipe/cross-cpu", "vm", 30000, 0.1) },
		{ { 0 } } },
	{ "C5 one vCPU", "C5", "two CPUs", CLAIM_UNTESTABLE, "needs 2 vCPUs (here 1)", 0,
		{ NS("syscalls/pipe/cross-cpu", "host", 9000, 0.1),
			NS("syscalls/pipe/cross-cpu", "vm", 30000, 0.1) },
		{ { "ways.1.vcpus", "1" } } },
	{ "C5 cross-CPU skipped", "C5", "two CPUs", CLAIM_UNTESTABLE, "needs 2 CPUs, there is 1", 0,
		{ NS("syscalls/pipe/cross-cpu", "host", 9000, 0.1),
			SKIPPED("syscalls/pipe/cross-cpu", "vm", "latency",
				"needs 2 CPUs, there is 1") },
		{ { 0 } } },
	{ "C5 exits", "C5", "exits", CLAIM_CONFIRMED, "it leaves the VM each time", 2,
		{ EXITS("wakeup/pipe/cross-cpu", 6.2, 0.1) }, { { "machine", "emulated" } } },
	{ "C5 polling", "C5", "never idle", CLAIM_CONFIRMED, "the gap shrinks", 0,
		{ NS("wakeup/pipe/cross-cpu", "host", 9000, 0.02),
			NS("wakeup/pipe/cross-cpu", "vm", 30000, 0.02),
			NS("wakeup/pipe/cross-cpu-polling", "host", 3000, 0.02),
			NS("wakeup/pipe/cross-cpu-polling", "vm", 3300, 0.02) },
		{ { 0 } } },

	{ "C6 slower", "C6", "warm", CLAIM_CONFIRMED, "; slower", 0,
		{ NS("syscalls/fork/", "host", 85e3, 0.05),
			NS("syscalls/fork/", "vm", 160e3, 0.05) },
		{ { 0 } } },
	{ "C6 undecided", "C6", "warm", CLAIM_UNDECIDED,
		"no difference found, which is not to say that there is none", 0,
		{ NS("syscalls/fork/", "host", 85e3, 0.3), NS("syscalls/fork/", "vm", 85e3, 0.3) },
		{ { 0 } } },
	{ "C6 cold memory exits", "C6", "cold exits", CLAIM_CONFIRMED, "each time", 0,
		{ EXITS("exits/page-touch/fresh", 1.02, 0.01) }, { { 0 } } },
	{ "C6 our own kernel is no Linux", "C6", "warm", CLAIM_UNTESTABLE, "needs a Linux guest", 0,
		{ NS("syscalls/fork/", "host", 85e3, 0),
			NS("syscalls/fork/", "vm=hello", 85e3, 0) },
		{ { 0 } } },

	{ "C7 later", "C7", "lateness", CLAIM_CONFIRMED, "; slower", 0,
		{ NS("syscalls/sleep/100us", "host", 54e3, 0.05),
			NS("syscalls/sleep/100us", "vm", 71e3, 0.05) },
		{ { 0 } } },
	{ "C7 earlier", "C7", "lateness", CLAIM_REFUTED, "faster, not slower", 0,
		{ NS("syscalls/sleep/100us", "host", 71e3, 0.05),
			NS("syscalls/sleep/100us", "vm", 54e3, 0.05) },
		{ { 0 } } },

	{ "C8 container", "C8", "container", CLAIM_CONFIRMED, "; slower", 0,
		{ SINCE("host", 0.5e6), SINCE("ctr", 2e6) }, { { 0 } } },
	{ "C8 restored", "C8", "restored VM", CLAIM_REFUTED, "faster, not slower", 0,
		{ SINCE("ctr", 6e6), SINCE("vm:restore", 4e6) }, { { 0 } } },
	{ "C8 booted", "C8", "booted VM", CLAIM_CONFIRMED, "; slower", 0,
		{ SINCE("vm:restore", 4e6), SINCE("vm", 40e6) }, { { 0 } } },
	{ "C8 of the same guest kernel only", "C8", "booted VM", CLAIM_UNTESTABLE,
		"no data to hold it against under vm:restore", 0,
		{ SINCE("vm:restore=minimal", 4e6), SINCE("vm", 40e6) }, { { 0 } } },

	{ "C9 constant", "C9", "VMM", CLAIM_CONFIRMED, "least and most of 3 cells", 3,
		{ BYTES("memory/idle/", "vm", "pss-vmm", 600e3, 0.01),
			BYTES("memory/touched/", "vm", "pss-vmm", 610e3, 0.01),
			BYTES("memory/idle/", "vm:huge", "pss-vmm", 605e3, 0.01) },
		{ { "machine", "emulated" } } },
	{ "C9 growing", "C9", "VMM", CLAIM_REFUTED, "differing by more than 10 %", 3,
		{ BYTES("memory/idle/", "vm", "pss-vmm", 600e3, 0.01),
			BYTES("memory/touched/", "vm", "pss-vmm", 900e3, 0.01) },
		{ { 0 } } },
	{ "C9 by some launches", "C9", "VMM", CLAIM_UNDECIDED, "in some launches", 3,
		{ BYTES("memory/idle/", "vm", "pss-vmm", 600e3, 0.1),
			BYTES("memory/touched/", "vm", "pss-vmm", 610e3, 0.1) },
		{ { 0 } } },
	{ "C9 one cell", "C9", "VMM", CLAIM_UNTESTABLE, "one cell alone", 3,
		{ BYTES("memory/idle/", "vm", "pss-vmm", 600e3, 0.01) }, { { 0 } } },
	{ "C9 unavailable", "C9", "VMM", CLAIM_UNTESTABLE, "no cell has values", 3,
		{ SKIPPED("memory/idle/", "vm", "pss-vmm", "smaps is not readable") }, { { 0 } } },
	{ "C9 the guest is most", "C9", "guest", CLAIM_CONFIRMED, "more than 50 %", 3,
		{ BYTES("memory/idle/", "vm", "pss-guest", 40e6, 0.02),
			BYTES("memory/idle/", "vm", "slope", 45e6, 0.02) },
		{ { 0 } } },
	{ "C9 the guest is little", "C9", "guest", CLAIM_REFUTED, "not more than 50 %", 3,
		{ BYTES("memory/idle/", "vm", "pss-guest", 10e6, 0.02),
			BYTES("memory/idle/", "vm", "slope", 45e6, 0.02) },
		{ { 0 } } },
	{ "C9 no slope", "C9", "guest", CLAIM_UNTESTABLE, "no data to hold it against", 3,
		{ BYTES("memory/idle/", "vm", "pss-guest", 10e6, 0.02) }, { { 0 } } },

	{ "C10 exits", "C10", "exits", CLAIM_CONFIRMED, "each time", 1,
		{ EXITS("exits/cpuid/", 1, 0), EXITS("exits/port-write/", 1, 0) },
		{ { "machine", "emulated" } } },
	{ "C10 no exit", "C10", "exits", CLAIM_REFUTED, "not leave the VM each time", 1,
		{ EXITS("exits/cpuid/", 0, 0), EXITS("exits/port-write/", 1, 0) }, { { 0 } } },
	{ "C10 cycles", "C10", "in the VM", CLAIM_CONFIRMED, "6000 cycles", 0,
		{ NS("exits/cpuid/", "vm", 2000, 0.02) }, { { 0 } } },
	{ "C10 few cycles", "C10", "in the VM", CLAIM_REFUTED, "300 cycles", 0,
		{ NS("exits/cpuid/", "vm", 100, 0.02) }, { { 0 } } },
	{ "C10 rate unknown", "C10", "in the VM", CLAIM_UNTESTABLE, "needs rate of the TSC", 0,
		{ NS("exits/cpuid/", "vm", 2000, 0.02) }, { { "host.cpu.tsc_khz", NULL } } },
	{ "C10 rate is nonsense", "C10", "in the VM", CLAIM_UNTESTABLE, "needs rate of the TSC", 0,
		{ NS("exits/cpuid/", "vm", 2000, 0.02) }, { { "host.cpu.tsc_khz", "-5" } } },
	{ "C10 outside", "C10", "outside", CLAIM_CONFIRMED, "as the claim says", 0,
		{ NS("exits/cpuid/", "host", 60, 0.02) }, { { 0 } } },
	{ "C10 outside, slow", "C10", "outside", CLAIM_REFUTED, "not as the claim says", 0,
		{ NS("exits/cpuid/", "host", 20e3, 0.02) }, { { 0 } } },
	{ "C10 outside is a VM", "C10", "outside", CLAIM_UNTESTABLE, "needs bare metal", 0,
		{ NS("exits/cpuid/", "host", 20e3, 0.02) }, { { "host.hypervisor", "KVM" } } },
};

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
	assert_non_null(
		strstr(text, "C9   not testable here: no data: run `bench run --suite memory`"));
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
				assert_near(r->ours, wanted[k].ours, 1e-6 * wanted[k].ours);
				if (pass && !bytes)
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
		{ "other-suite", true,
			{ { "run.utc", "2025-01-01T00:00:00Z" }, { "run.suite", "memory" } } },
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
