/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the workload can see of where it runs, as info records for the manifest. */
#ifndef BENCH_WORKLOADS_INFO_H
#define BENCH_WORKLOADS_INFO_H

#include "workloads/cpus.h"
#include "workloads/measure.h"
#include "workloads/report.h"

/* What cannot be read is "unknown": /proc and /sys may be missing. */
void info_report(struct report *r, const struct meter *m, const struct cpus *cpus);

#endif
