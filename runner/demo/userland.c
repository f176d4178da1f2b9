/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/userland.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/machine.h"
#include "runner/make_script.h"
#include "runner/ui.h"

const char *const userlands[] = { "glibc", "musl", NULL };

static const struct make_script maker = {
	.script = "userland",
	.doing = "making",
	.what = "the userland",
	.seconds = 900, /* 20 MB over a line of 1 Mbit/s, and compiling on a very busy machine */
};

static int make(
	const char *name, const struct userland *u, const struct paths *paths, struct err *e)
{
	int r;

	if (!strcmp(machine_kind(), "emulated")) {
		err_set(e, -ENOENT, "userland",
			"the userland '%s' did not come into the emulated machine", name);
		return err_help(
			e, "outside of it, to see why: scripts/userland %s %s", name, u->dir);
	}
	ui_note("making the userland '%s' (up to 20 MB and a minute)", name);
	r = make_script_run(&maker, name, u->dir, NULL, paths, e);
	/* Somebody else was making it too, and was faster. */
	return r == -EIO && access(u->root, F_OK) == 0 ? 0 : r;
}

int userland_need(const char *name, const struct paths *paths, struct userland *out, struct err *e)
{
	int n = snprintf(out->dir, sizeof(out->dir), "%s/userlands/%s", paths->cache, name);

	if (n < 0 || (size_t)n >= sizeof(out->dir))
		return err_set(e, -ENAMETOOLONG, "userland", "'%s' is too long", paths->cache);
	snprintf(out->root, sizeof(out->root), "%s/root", out->dir);
	return access(out->root, F_OK) == 0 ? 0 : make(name, out, paths, e);
}
