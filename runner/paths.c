/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"

#define WORKLOAD "workload"

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

/* What access(2) says of a file that is not there, or is none of ours. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/*
 * The first of the @n @places below @dir that has the file @probe in it, as a path without links.
 * -ENOENT without a message: none has.
 */
static int find_place(char *out, const char *dir, const char *const *places, size_t n,
	const char *probe, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		char path[PATH_SIZE], file[PATH_SIZE];
		cleanup_free char *real = NULL;

		if (join(path, dir, places[i], NULL) < 0 || join(file, path, probe, NULL) < 0)
			continue;
		if (access(file, X_OK) < 0) {
			if (is_absence(errno))
				continue;
			return err_sys(e, "paths", "'%s'", file);
		}
		real = realpath(path, NULL);
		if (!real)
			return err_sys(e, "paths", "'%s'", path);
		if (strlen(real) < PATH_SIZE) {
			strcpy(out, real);
			return 0;
		}
	}
	return -ENOENT;
}

/* Beside the program (a build tree, a copy), or where "make install" puts them. */
static int find_libexec(char *out, const char *self, struct err *e)
{
	static const char *const places[] = { ".", "../libexec/bench" };
	char dir[PATH_SIZE];
	int r;

	strcpy(dir, self);
	*strrchr(dir, '/') = '\0';
	if (!*dir)
		strcpy(dir, "/");
	r = find_place(out, dir, places, ARRAY_SIZE(places), WORKLOAD, e);
	if (r != -ENOENT)
		return r;
	err_set(e, -ENOENT, "paths", "the program '" WORKLOAD "' is neither in '%s' nor in '%s/%s'",
		dir, dir, places[1]);
	return err_help(e, "build it with 'make', or set BENCH_LIBEXEC to its folder");
}

/* With the helper programs (installed, a copy), or above the folder of a build. */
static int find_scripts(char *out, const char *libexec, struct err *e)
{
	static const char *const places[] = { "scripts", "../scripts", "../../scripts" };
	int r = find_place(out, libexec, places, ARRAY_SIZE(places), "emulated-machine", e);

	if (r != -ENOENT)
		return r;
	err_set(e, -ENOENT, "paths", "the folder scripts/ is neither in '%s' nor above it",
		libexec);
	return err_help(e, "set BENCH_SCRIPTS to it");
}

/* As the user has set it, if so. */
static int from_environment(char *out, const char *name, bool *set, struct err *e)
{
	const char *value = getenv(name);

	*set = value != NULL;
	if (!value)
		return 0;
	if (strlen(value) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, "paths", "%s is too long", name);
	strcpy(out, value);
	return 0;
}

int paths_find(struct paths *out, struct err *e)
{
	bool set;
	int r = find_self(out->self, e);

	if (!r)
		r = from_environment(out->libexec, "BENCH_LIBEXEC", &set, e);
	if (!r && !set)
		r = find_libexec(out->libexec, out->self, e);
	if (!r)
		r = join(out->workload, out->libexec, WORKLOAD, e);
	if (r < 0)
		return r;
	if (access(out->workload, X_OK) < 0) {
		err_sys(e, "paths", "the workload '%s'", out->workload);
		return err_help(e, "build it with 'make', or set BENCH_LIBEXEC");
	}
	r = find_cache(out->cache, e);
	if (!r)
		r = from_environment(out->scripts, "BENCH_SCRIPTS", &set, e);
	return r < 0 || set ? r : find_scripts(out->scripts, out->libexec, e);
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
