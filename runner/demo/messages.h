/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that a demonstration says, in English and in Chinese: one table (messages.def), in which a
 * missing translation fails the build. "$1" to "$9" stand for what is put in, in any order.
 */
#ifndef BENCH_RUNNER_DEMO_MESSAGES_H
#define BENCH_RUNNER_DEMO_MESSAGES_H

#include "base/err.h"

enum lang { LANG_EN, LANG_ZH, LANG_COUNT };

enum msg {
	MSG_NONE, /* the end of a list; "" */
#define M(name, en, zh) MSG_##name,
#include "runner/demo/messages.def"
#undef M
	MSG_COUNT
};

/* "en", "zh": as on the command line. */
extern const char *const lang_names[LANG_COUNT];

/* The language of the environment (LC_ALL, LC_MESSAGES, LANG); English where it is another one. */
enum lang lang_default(void);

/* The message as it stands in the table. */
const char *msg_text(enum lang lang, enum msg msg);

/*
 * The message with @args (ends with NULL) for "$1", "$2", ...: what is missing there stays as it
 * is. The caller frees; NULL: no memory.
 */
char *msg_format(enum lang lang, enum msg msg, const char *const *args);

#endif
