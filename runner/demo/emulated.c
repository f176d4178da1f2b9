/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/emulated.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/demo/userland.h"
#include "runner/kernels.h"
#include "runner/machine.h"
#include "runner/ui.h"
#include "runner/words.h"

#define MACHINE_MIB 1536 /* guests, two userlands and the machine's own files in memory */
#define MACHINE_TIMEOUT_S 1800
#define MAX_COPIES 16

static const char *const libc_names[] = { "glibc", "musl", "bare" };

struct copies {
	struct kernel_ref kernels[MAX_COPIES];
	char probe[PATH_SIZE + 16];
	struct userland userlands[2];
	char libc[ARRAY_SIZE(libc_names)][PATH_SIZE + 32];
	char *paths[MAX_COPIES + 1];
	size_t n;
};

/* One kernel must be another one than the machine's own, which is the first. What is missing and
 * cannot be had is missed by the demonstrations, which say so. */
static int add_kernels(struct copies *c, const struct paths *paths, struct err *e)
{
	for (size_t i = 0; demo_kernels[i]; i++) {
		struct kernel_ref *ref = &c->kernels[i];
		struct err why;
		int r = kernel_need(demo_kernels[i], paths, ref, &why);

		if (r == -ECANCELED) {
			*e = why;
			return r;
		}
		if (r < 0)
			ui_note("without the kernel %s: %s", demo_kernels[i], why.message);
		else
			c->paths[c->n++] = ref->dir;
	}
	return 0;
}

static int add_userlands(struct copies *c, const struct paths *paths, struct err *e)
{
	for (size_t i = 0; userlands[i]; i++) {
		struct userland *u = &c->userlands[i];
		struct err why;
		int r = userland_need(userlands[i], paths, u, &why);

		if (r == -ECANCELED) {
			*e = why;
			return r;
		}
		if (r < 0)
			ui_note("without the userland %s: %s", userlands[i], why.message);
		else
			c->paths[c->n++] = u->dir;
	}
	return 0;
}

/* Their C libraries come along by themselves. */
static void add_libc(struct copies *c, const struct paths *paths)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->libc); i++) {
		snprintf(c->libc[i], sizeof(c->libc[i]), "%s/demo-libc-%s", paths->libexec,
			libc_names[i]);
		if (access(c->libc[i], R_OK) == 0)
			c->paths[c->n++] = c->libc[i];
	}
}

static int find_copies(
	const struct demo_options *o, const struct paths *paths, struct copies *c, struct err *e)
{
	unsigned needs = demo_needs(o);
	int r = 0;

	*c = (struct copies){ .n = 0 };
	snprintf(c->probe, sizeof(c->probe), "%s/demo-probe", paths->libexec);
	c->paths[c->n++] = c->probe;
	if (needs & DEMO_LINUX_GUEST)
		r = add_kernels(c, paths, e);
	if (!r && (needs & DEMO_USERLANDS))
		r = add_userlands(c, paths, e);
	if (!r && (needs & DEMO_LIBC))
		add_libc(c, paths);
	return r;
}

void demo_command(struct words *w, const struct demo_options *o, const struct paths *paths,
	enum machine_choice machine, const char *dir)
{
	words_add(w, paths->self);
	words_add(w, "demo");
	words_add(w, "--raw");
	words_addf(w, "--machine=%s", machine_names[machine]);
	words_addf(w, "--record=%s", dir);
	for (size_t i = 0; i < o->n; i++)
		words_add(w, o->list[i]->name);
}

int demo_emulated(const struct demo_options *o, const struct paths *paths, const char *dir,
	int cancel_fd, struct err *e)
{
	struct copies copies;
	struct words command = { 0 };
	struct machine_job job = {
		.paths = paths,
		.argv = command.argv,
		.copies = copies.paths,
		.share = dir,
		.mem_mib = MACHINE_MIB,
		.timeout_s = MACHINE_TIMEOUT_S,
		.output_fd = STDERR_FILENO,
		.error_fd = STDERR_FILENO,
		.cancel_fd = cancel_fd,
	};
	int status = 0, r = find_copies(o, paths, &copies, e);

	demo_command(&command, o, paths, ON_NATIVE, dir);
	if (!r && command.error)
		r = err_set(
			e, command.error, "demo", "the command line: %s", strerror(-command.error));
	if (!r)
		r = machine_run(&job, &status, e);
	words_free(&command);
	if (!r && status == STATUS_INTERRUPTED)
		r = err_set(e, -ECANCELED, "emulated machine", "interrupted");
	else if (!r && status)
		r = err_set(e, -EIO, "emulated machine",
			"the demonstration inside ended with status %d", status);
	return r;
}
