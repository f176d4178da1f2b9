/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a word of the command line may be, told by what stands for it in the tables of the verbs:
 * "on|off" stands for these two words, "SUITE[,SUITE]" for a list of the metavariable SUITE, "N"
 * for a number. Completions and the man page are made from that.
 */
#ifndef BENCH_RUNNER_METAVARS_H
#define BENCH_RUNNER_METAVARS_H

#include <stdbool.h>
#include <stddef.h>

/* Where a shell finds candidates, besides the names that are known here. Bits. */
enum value_source {
	FROM_FOLDERS = 1,
	FROM_FILES = 2,
	FROM_PATH = 4,         /* programs */
	FROM_KERNEL_CACHE = 8, /* the folders there are named as the kernels in them */
};

struct metavar {
	const char *name;    /* capitals */
	const char *meaning; /* for the man page, lower case, no final dot */
	unsigned sources;
	const char *(*at)(size_t i); /* its name @i, NULL after the last; NULL: no names */
};

/* In the order of the man page. */
extern const struct metavar metavars[];
extern const size_t n_metavars;

/* That whose name is the capitals at the start of @word; NULL where it is none or unknown. */
const struct metavar *metavar_of(const char *word);

#define VALUE_NAMES_MAX 128
#define VALUE_WAYS_MAX 8

/* What may stand in one place of the command line. */
struct value {
	const char *names[VALUE_NAMES_MAX]; /* each once; borrowed from the tables or @texts */
	size_t n;
	unsigned sources;
	bool list;         /* commas between them */
	bool repeats;      /* and again in the places behind ("DIR...") */
	const char *after; /* only behind these first operands, "fetch|build"; NULL: always */
	char *texts[VALUE_WAYS_MAX], *after_text; /* owned */
	size_t n_texts;
};

/* What option_spec.arg "@arg" stands for. value_free is due. */
void value_of_option(const char *arg, struct value *out);

/*
 * What may be operand @at (from 0) of a verb with verb.args "@args": in all alternatives together,
 * where blanks are around a '|', as in "list | fetch KERNEL". False where there is none; value_free
 * is due in every case.
 */
bool value_of_operand(const char *args, size_t at, struct value *out);

void value_free(struct value *v);

#endif
