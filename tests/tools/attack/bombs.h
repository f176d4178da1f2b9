/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_TESTS_BOMBS_H
#define BENCH_TESTS_BOMBS_H

/* Carry out the bomb @what, and say on descriptor 3 how far it came. -1: there is none called so.
 */
int bomb(const char *what);

#endif
