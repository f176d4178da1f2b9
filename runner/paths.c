/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/paths.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "base/util.h"

static int find_self(char *out, struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_SIZE - 1);

	if (n < 0) {
		err_sys(e, "readlink", "'/proc/self/exe'");
		return err_help(e, "mount /proc");
	}
	out[n] = '\0';
	return 0;
}

static int join(char *out, const char *dir, const char *name, struct err *e)
{
	if ((size_t)snprintf(out, PATH_SIZE, "%s/%s", dir, name) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "paths", "'%s/%s' is too long", dir, name);
	return 0;
}

static int find_cache(char *out, struct err *e)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return join(out, xdg, "bench", e);
	if (!home || *home != '/') {
		const struct passwd *pw = getpwuid(getuid());

		home = pw && pw->pw_dir ? pw->pw_dir : "/tmp";
	}
	return join(out, home, ".cache/bench", e);
}

/* The first of "../scripts", "../../scripts" (build/san) that is there. */
static int find_scripts(char *out, const char *libexec, struct err *e)
{
	static const char *const places[] = { "../scripts", "../../scripts", "scripts" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char probe[PATH_SIZE];
		cleanup_free char *real = NULL;
		int r = join(probe, libexec, places[i], e);

		if (r < 0)
			return r;
		real = realpath(probe, NULL);
		if (real && strlen(real) < PATH_SIZE) {
			strcpy(out, real);
			return 0;
		}
	}
	err_set(e, -ENOENT, "paths", "the folder scripts/ is not above '%s'", libexec);
	return err_help(e, "run bench from its build tree, or set BENCH_SCRIPTS");
}

int paths_find(struct paths *out, struct err *e)
{
	const char *libexec = getenv("BENCH_LIBEXEC"), *scripts = getenv("BENCH_SCRIPTS");
	int r = find_self(out->self, e);

	if (r < 0)
		return r;
	if (!libexec) {
		snprintf(out->libexec, PATH_SIZE, "%s", out->self);
		*strrchr(out->libexec, '/') = '\0';
	} else if (strlen(libexec) >= PATH_SIZE) {
		return err_set(e, -ENAMETOOLONG, "paths", "BENCH_LIBEXEC is too long");
	} else {
		strcpy(out->libexec, libexec);
	}
	r = join(out->workload, out->libexec, "workload", e);
	if (r < 0)
		return r;
	if (access(out->workload, X_OK) < 0) {
		err_sys(e, "paths", "the workload '%s'", out->workload);
		return err_help(e, "build it with 'make', or set BENCH_LIBEXEC");
	}
	r = find_cache(out->cache, e);
	if (r < 0)
		return r;
	if (scripts && strlen(scripts) < PATH_SIZE) {
		strcpy(out->scripts, scripts);
		return 0;
	}
	return find_scripts(out->scripts, out->libexec, e);
}

char *program_find(const char *name)
{
	const char *dir = getenv("PATH");

	if (!dir)
		dir = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	while (*dir) {
		size_t len = strcspn(dir, ":");
		char *full = *dir == '/' ? format_text("%.*s/%s", (int)len, dir, name) : NULL;

		if (full && !access(full, X_OK))
			return full;
		free(full);
		dir += len + (dir[len] == ':');
	}
	return NULL;
}
