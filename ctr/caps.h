/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capabilities: what the runner has, and how the program loses all of them. */
#ifndef BENCH_CTR_CAPS_H
#define BENCH_CTR_CAPS_H

#include <stdbool.h>

/* The number of capabilities that the running kernel knows. */
unsigned caps_known(void);

/* Does this process have @cap (CAP_*) in its effective set? */
bool caps_have(int cap);

/*
 * For the child, in this order: the bounding set, which takes CAP_SETPCAP to drop from, then the
 * ambient, inheritable, permitted and effective ones. @known as told by caps_known. 0 or -errno.
 */
long caps_drop_bounds(unsigned known);
long caps_drop_all(void);

#endif
