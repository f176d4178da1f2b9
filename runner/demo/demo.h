/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classroom's demonstrations. Each has two halves that know nothing of each other but the
 * facts: collect() runs things and writes down what they say, live; show() makes the page from the
 * facts alone, now or from a recording, in either language, and judges.
 */
#ifndef BENCH_RUNNER_DEMO_DEMO_H
#define BENCH_RUNNER_DEMO_DEMO_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "results/demo_facts.h"
#include "runner/demo/messages.h"
#include "runner/demo/page.h"
#include "runner/linux_guest.h"
#include "runner/paths.h"
#include "runner/temp_dir.h"

#define DEMO_CHOICES 4

/* What a demonstration needs of the machine. */
enum demo_needs {
	DEMO_LINUX_GUEST = 1 << 0, /* a /dev/kvm that can run Linux, or the emulated machine */
	DEMO_USERLANDS = 1 << 1,   /* the two of scripts/userland */
	DEMO_LIBC = 1 << 2,        /* the programs demo-libc-* */
};

/* Guest kernels of the demonstrations, as the user calls them; ends with NULL. */
extern const char *const demo_kernels[];

/* Where demonstrations are carried out: the same for all of a command. */
struct demo_run {
	const struct paths *paths;
	cpu_set_t cpus;             /* those that may be used */
	int cancel_fd;              /* poll()s readable when everything is to stop */
	int log_fd;                 /* consoles and complaints of what is run */
	char folder[TEMP_DIR_SIZE]; /* temporary, empty, for the demonstration's own files */
	struct linux_guest linux_guest;
};

struct demo {
	const char *name;
	enum msg title;
	enum msg question;
	enum msg choices[DEMO_CHOICES + 1]; /* ends with MSG_NONE */
	unsigned needs;

	/*
	 * Carry it out and put what was seen into @f. What this host cannot show is a fact too
	 * (demo_put_missing) and no error. 0; -ECANCELED; another negative errno where the harness
	 * failed.
	 */
	int (*collect)(struct demo_run *run, struct demo_facts *f, struct err *e);

	/* Show @f, and end with a verdict. Does nothing but print. */
	void (*show)(struct page *p, const struct demo_facts *f);
};

extern const struct demo *const demos[];
extern const size_t n_demos;

/* NULL where there is none of that name. */
const struct demo *demo_find(const char *name);

#endif
