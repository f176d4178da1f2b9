/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_TESTS_PLACES_H
#define BENCH_TESTS_PLACES_H

/* Say what @what asks for. -1: there is nothing called so. */
int look(const char *what);

#endif
