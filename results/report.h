/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.html: one file without scripts that needs no network, made from the files of a run alone.
 * The same files give the same bytes.
 */
#ifndef BENCH_RESULTS_REPORT_H
#define BENCH_RESULTS_REPORT_H

#include "base/err.h"

#define REPORT_FILE "report.html"

/*
 * Write DIR/report.html, whole or not at all. The plots are those in DIR/plots; where there are
 * none, the report says so.
 */
int report_write(const char *dir, struct err *e);

#endif
