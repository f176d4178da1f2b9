/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/exec_job.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/needs.h"

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#define GUEST_BASE (UINT64_C(128) << 20) /* for a tree of nothing */

static const char STEP[] = "exec";

/* The same small environment on all sides: what a user's own holds would change what a program
 * does, and how large its stack is. */
static const char *const default_env[] = { DEFAULT_PATH, "HOME=/", "LANG=C", "TERM=dumb" };

static void set_env(struct exec_job *j, char *text)
{
	size_t len = strcspn(text, "="), i = 0;

	while (j->env[i] && (strncmp(j->env[i], text, len) || j->env[i][len] != '='))
		i++;
	free(j->env[i]);
	j->env[i] = text;
}

/* NAME=VALUE, or NAME with the value that it has here. */
static int add_env(struct exec_job *j, const char *given, struct err *e)
{
	bool bare = !strchr(given, '=');
	const char *value = bare ? getenv(given) : NULL;
	char *text;

	if (!*given || *given == '=')
		return err_set(e, -EINVAL, STEP, "--env: '%s' has no name", given);
	if (bare && !value)
		return err_set(e, -EINVAL, STEP, "--env: '%s' is not set here", given);
	text = bare ? format_text("%s=%s", given, value) : strdup(given);
	if (!text)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	set_env(j, text);
	return 0;
}

static int make_env(struct exec_job *j, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(default_env) && !r; i++)
		r = add_env(j, default_env[i], e);
	for (unsigned i = 0; i < j->request.n_env && !r; i++)
		r = add_env(j, j->request.env[i], e);
	return r;
}

static const char *env_of(const struct exec_job *j, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; j->env[i]; i++) {
		if (!strncmp(j->env[i], name, len) && j->env[i][len] == '=')
			return j->env[i] + len + 1;
	}
	return NULL;
}

/* It becomes part of file names and of tables. */
static void clean_name(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t n = 0;

	for (const char *p = slash ? slash + 1 : path; *p && n + 1 < size; p++)
		out[n++] = isalnum((unsigned char)*p) || strchr("._+-", *p) ? *p : '_';
	out[n] = '\0';
}

static int absolute(const char *path, char *out, struct err *e)
{
	cleanup_free char *real = realpath(path, NULL);
	cleanup_free char *here = *path == '/' ? strdup("") : getcwd(NULL, 0);

	if (!real || !here)
		return err_sys(e, STEP, "--copy: '%s'", path);
	if (snprintf(out, PATH_SIZE, "%s%s%s", here, *path == '/' ? "" : "/", path) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, STEP, "--copy: '%s' is too long", path);
	/* By the name that was given where that is one, since the program will look there. */
	if (strstr(out, "/../") || strstr(out, "/./") || !strncmp(path, "./", 2))
		snprintf(out, PATH_SIZE, "%s", real);
	return 0;
}

static int put_copies(struct exec_job *j, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; i < j->request.n_copies && !r; i++) {
		char path[PATH_SIZE];

		r = absolute(j->request.copies[i], path, e);
		if (!r)
			r = tree_put(&j->tree, path, e);
	}
	return r;
}

static int put_program(struct exec_job *j, const char *path, struct err *e)
{
	struct needs needs;
	int r = needs_of(path, j->env, &needs, e);

	if (!r)
		r = tree_put_needs(&j->tree, &needs, e);
	/* Where the loader looks first; without it some libraries would not be found. */
	if (!r && needs.n > 1 && !access("/etc/ld.so.cache", R_OK))
		r = tree_put(&j->tree, "/etc/ld.so.cache", e);
	needs_free(&needs);
	return r;
}

/* What a shell script calls, say. */
static int put_others(struct exec_job *j, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; i < j->request.n_with && !r; i++) {
		char path[PATH_SIZE];

		r = needs_find_program(j->request.with[i], env_of(j, "PATH"), path, e);
		if (!r)
			r = put_program(j, path, e);
	}
	return r;
}

static int fill_tree(struct exec_job *j, struct err *e)
{
	int r = put_program(j, j->path, e);

	if (!r)
		r = put_others(j, e);
	if (!r)
		r = put_copies(j, e);
	if (!r)
		r = tree_put_folder(&j->tree, j->program.dir, e);
	if (!r)
		r = tree_finish(&j->tree, e);
	return r;
}

static int make_tree(struct exec_job *j, const char *name, struct err *e)
{
	int r = needs_find_program(name, env_of(j, "PATH"), j->path, e);

	if (!r)
		r = tree_make(&j->tree, e);
	return r < 0 ? r : fill_tree(j, e);
}

static int use_tree(struct exec_job *j, const char *root, const char *name, struct err *e)
{
	int r;

	if (j->request.n_copies || j->request.n_with)
		return err_set(e, -EINVAL, STEP,
			"--copy and --with go with a tree that is made: with --rootfs put the "
			"files there");
	r = tree_use(&j->tree, root, e);
	return r < 0 ? r : tree_find_program(&j->tree, name, env_of(j, "PATH"), j->path, e);
}

int exec_job_open(
	struct exec_job *j, const struct exec_request *req, char *const *argv, struct err *e)
{
	const char *whole = req->rootfs ? req->rootfs : req->tree;
	size_t argc = 0;
	int r;

	*j = (struct exec_job){ .request = *req };
	while (argv[argc])
		argc++;
	if (!argv[0])
		return err_set(e, -EINVAL, STEP, "no program was named");
	if (argc > EXEC_ARGS_MAX)
		return err_set(e, -EINVAL, STEP, "more than %d arguments", EXEC_ARGS_MAX);
	j->program = (struct rt_program){ .whole = whole != NULL,
		.tree = j->tree.root,
		.path = j->path,
		.dir = req->dir ? req->dir : "/",
		.argv = argv,
		.envp = j->env };
	if (*j->program.dir != '/')
		return err_set(e, -EINVAL, STEP, "--chdir: '%s' is not absolute", req->dir);
	clean_name(req->name ? req->name : argv[0], j->name, sizeof(j->name));
	r = make_env(j, e);
	if (!r)
		r = whole ? use_tree(j, whole, argv[0], e) : make_tree(j, argv[0], e);
	return r;
}

void exec_job_close(struct exec_job *j)
{
	tree_close(&j->tree);
	for (size_t i = 0; j->env[i]; i++)
		free(j->env[i]);
	j->env[0] = NULL;
}

uint64_t exec_guest_bytes(const struct exec_job *j)
{
	uint64_t mib = (GUEST_BASE + j->tree.bytes / 2 * 7) >> 20;

	return (mib + mib % 2) << 20;
}

bool exec_status_good(const struct exec_job *j, int status)
{
	return !status || status == j->request.good_status ||
	       j->request.good_status == EXEC_ANY_STATUS;
}
