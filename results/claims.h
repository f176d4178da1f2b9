/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger of claims: what the literature says of containers and VMs (docs/claims.md), held
 * against the runs of one host. A claim has parts, each with one kind of test; a part is a set of
 * comparisons, one for each measurement and way of running that it speaks of. What a part needs
 * of the host and of the two sides is looked up in the runs' manifests before anything is tested.
 */
#ifndef BENCH_RESULTS_CLAIMS_H
#define BENCH_RESULTS_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/stats.h"
#include "results/manifest.h"
#include "results/summary.h"

#define CLAIMS_MAX_PARTS 4

/* A difference below this is not worth the word "slower": the tolerance of C1 in docs/claims.md. */
#define CLAIMS_NEGLIGIBLE 0.03

enum claim_test {
	TEST_EQUAL,    /* of / to within 1 +- limit */
	TEST_SLOWER,   /* of / to above 1 */
	TEST_SHRINKS,  /* (of2 / to2) / (of / to) below 1 */
	TEST_NONE,     /* a count below limit in every launch */
	TEST_SOME,     /* a count of at least limit in every launch */
	TEST_CYCLES,   /* limit to most cycles of the time-stamp counter */
	TEST_CONSTANT, /* the largest of all values at most 1 + limit times the smallest */
	TEST_SHARE,    /* of / to above limit in every launch; two metrics of one way */
};

/* What must hold for a part to be testable; each is looked up in the manifest. */
enum claim_need {
	NEED_REAL_TIME = 1 << 0, /* not an emulated machine */
	NEED_KVM = 1 << 1,       /* KVM on the CPU's own VT-x or AMD-V, real or emulated */
	NEED_NPT = 1 << 2,       /* nested paging */
	NEED_KERNEL = 1 << 3,    /* the same kernel build on both sides */
	NEED_MITIGATIONS = 1 << 4,
	NEED_2_VCPUS = 1 << 5,
	NEED_BARE_METAL = 1 << 6, /* the host is no virtual machine itself */
	NEED_TSC = 1 << 7,        /* the TSC's rate is in the manifest */
	NEED_LINUX = 1 << 8,      /* the guest kernel is Linux */
};
#define CLAIM_NEEDS 9

struct claim_part {
	const char *name, *says;
	enum claim_test test;
	double limit, most; /* what the test says; most: of TEST_CYCLES */
	unsigned needs;     /* of enum claim_need */
	/* Patterns of "suite/benchmark/params" (fnmatch), separated by '|'; the metric, and the
	   phase where it is not "". */
	const char *rows, *metric, *phase;
	const char *way, *base;     /* runtimes of the two sides; base: NULL where there is one */
	const char *base_metric;    /* of TEST_SHARE */
	const char *swap, *swapped; /* TEST_SHRINKS: the row's name with the one put for the other
				       is what the gap is to shrink in */
	const char *swapped_way;    /* TEST_SHRINKS: the runtime there; NULL: the same */
	const char *get;            /* the command that measures it */
};

struct claim {
	const char *id, *says;
	struct claim_part parts[CLAIMS_MAX_PARTS]; /* ends with a name of NULL, or full */
};

extern const struct claim claims[];
extern const size_t n_claims;

enum claim_verdict {
	CLAIM_CONFIRMED,
	CLAIM_REFUTED,
	CLAIM_UNDECIDED,  /* tested, and the numbers allow both */
	CLAIM_UNTESTABLE, /* no data, or a need that is not met */
	CLAIM_PARTLY,     /* of a claim: some parts confirmed, the others not tested or undecided */
	CLAIM_VERDICTS
};

/* "confirmed", "refuted", "not decided", "not testable here", "confirmed in part". */
extern const char *const claim_verdict_names[CLAIM_VERDICTS];

/* A run of the host. */
struct claims_run {
	const char *dir;
	const struct summary *s;
	const struct manifest *m;
};

struct claim_comparison {
	const struct claims_run *run, *to_run;               /* the same but for TEST_CONSTANT */
	const struct summary_group *of, *to;                 /* to: NULL where there is one side */
	const struct summary_group *of_swapped, *to_swapped; /* TEST_SHRINKS */
	size_t cells;    /* TEST_CONSTANT: how many were looked at */
	size_t launches; /* the fewest of a group */
	unsigned unmet;  /* needs, of enum claim_need */
	bool whole;      /* all groups that the test reads have values */
	bool few;        /* undecided for too few launches */
	/* The statistic the test is about, its 95 % interval, and the wider one corrected for the
	   number of comparisons of the claim. Where the test looks at every launch: the extremes.
	 */
	double value;
	struct interval ci, corrected;
	enum claim_verdict verdict;
	char reason[512]; /* why it is not testable; else "" */
};

struct part_result {
	const struct claim_part *part; /* NULL: the claim has no such part */
	struct claim_comparison *list;
	size_t n;
	enum claim_verdict verdict;
	char reason[512]; /* why it is not testable; else "" */
};

struct claim_result {
	struct part_result parts[CLAIMS_MAX_PARTS];
	enum claim_verdict verdict;
	size_t tested; /* comparisons by interval, for whose number is corrected */
};

/* All claims held against @n runs of one host, which are borrowed. The caller frees. */
struct ledger {
	const struct claims_run *runs;
	size_t n_runs;
	struct claim_result *results; /* n_claims */
};

/* 0 or a negative errno; ledger_free is due in either case. */
int ledger_make(struct ledger *l, const struct claims_run *runs, size_t n, struct err *e);
void ledger_free(struct ledger *l);

/* Have the parts verdicts of their own, which the claim's alone does not tell? */
bool claim_parts_differ(const struct claim_result *r);

/* Is the reason the part's own? If not its comparisons tell it, each of itself. */
bool claim_part_tells(const struct part_result *r);

/* Has the claim any comparison in these runs? */
bool claim_has_data(const struct claim_result *r);

/*
 * Which of the needs @wanted are not met between the groups @of and @to (or NULL) of the run, with
 * the reasons in @why: whole sentences without the final stop, separated by "; ". "" where all are.
 */
unsigned claim_unmet(const struct claims_run *run, const struct summary_group *of,
	const struct summary_group *to, unsigned wanted, char *why, size_t size);

/* What was looked up for the needs and found: "hardware KVM: yes (kvm_amd); ...". */
void claim_checked(const struct claims_run *run, const struct summary_group *of,
	const struct summary_group *to, unsigned wanted, char *out, size_t size);

/* "hardware KVM, 2 vCPUs". Returns @out. */
const char *claim_need_names(unsigned needs, char *out, size_t size);

/* Cycles of the time-stamp counter in @ns on the run's host; NAN where its rate is not known. */
double claim_cycles(const struct claims_run *run, double ns);

/* Which host a run is of: runs with the same text are of one. Returns @out. */
#define HOST_SIZE 384
const char *claims_host(const struct manifest *m, char out[HOST_SIZE]);

/* One comparison as a sentence without its final stop, with what follows from it. Returns @out. */
#define SENTENCE_SIZE 1024
const char *claim_sentence(const struct claim_part *p, const struct claim_comparison *c, bool utf8,
	char out[SENTENCE_SIZE]);

/* "exits: confirmed; timing: not testable here". Returns @out. */
const char *claim_parts_text(const struct claim_result *r, char out[SENTENCE_SIZE]);

/* The test of a part in words: what has to lie where. Returns @out. */
const char *claim_test_text(const struct claim_part *p, char out[SENTENCE_SIZE]);

#endif
