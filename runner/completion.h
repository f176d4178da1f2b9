/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completions of the shells, made from the tables of the verbs. */
#ifndef BENCH_RUNNER_COMPLETION_H
#define BENCH_RUNNER_COMPLETION_H

#include <stdio.h>

/* A script to be sourced by bash 4 or newer; needs no bash-completion, uses it where it is. */
void completion_bash(FILE *f);

/* For a folder of $fpath, named _bench; may be sourced as well. */
void completion_zsh(FILE *f);

#endif
