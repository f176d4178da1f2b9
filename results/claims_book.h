/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folders of runs, sorted by host, with the claims and figures of each host. A verdict is one on a
 * host, so runs of different hosts are never put together; that they may be given at once is for
 * the emulated machine and the one that it runs on, which tell different parts of a claim.
 */
#ifndef BENCH_RESULTS_CLAIMS_BOOK_H
#define BENCH_RESULTS_CLAIMS_BOOK_H

#include "results/claims.h"
#include "results/figures.h"
#include "results/table.h"

struct claims_host {
	char name[HOST_SIZE];
	struct claims_run *runs;
	size_t n_runs;
	struct ledger ledger;
	struct figure_results figures;
};

struct claims_book {
	struct summary **summaries; /* of all folders */
	struct manifest **manifests;
	size_t n_dirs;
	struct claims_host *hosts; /* in the order in which they first appear among the folders */
	size_t n_hosts;
};

/*
 * Read @n folders, whose names are borrowed. -EEXIST where one run is given twice, -EXDEV where a
 * folder is a merged one; another negative errno where a folder cannot be read. claims_book_free is
 * due in either case.
 */
int claims_book_read(struct claims_book *book, const char *const *dirs, size_t n, struct err *e);
void claims_book_free(struct claims_book *book);

/*
 * The folders below @out to look at when none is given: of each host and suite the one of the
 * newest complete run. The names are the caller's to free, one by one and all, after an error too.
 * -ENOENT with the remedy where there is none.
 */
int claims_newest(const char *out, char ***dirs, size_t *n, struct err *e);

/* Print the book in the format. 0 or a negative errno. */
int claims_print(
	FILE *f, const struct claims_book *book, const struct table_options *opt, struct err *e);

/* The two formats for programs. 0 or -errno. */
int claims_print_csv(FILE *f, const struct claims_book *book);
int claims_print_json(FILE *f, const struct claims_book *book);

#endif
