/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_oci.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <jansson.h>

#include "base/guard.h"
#include "base/proc.h"
#include "base/report_abi.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/oci_cgroup.h"
#include "runner/oci_config.h"
#include "runner/oci_state.h"
#include "runner/peer.h"
#include "runner/temp_dir.h"

#define LOG_MAX 65536
#define PROGRAM_MAX (256u << 20)
#define DEATH_MS 2000 /* from SIGKILL to the end of a container's first process */
#define LAST_LOOKS 10 /* for containers, after the runner's death: a second in all */
#define LAST_LOOK_NS 100000000

/* What distinguishes one OCI runtime from the other. */
struct flavour {
	const char *name;
	const char *no_cgroup[2]; /* options that keep it from managing a cgroup */
	bool always_enclosed;     /* wants the mount namespace of oci_cgroup.h on every host */
	struct oci_state_form state;
};

static const struct flavour crun = { "crun", { "--cgroup-manager=disabled" }, false,
	{ "status", "pid", "process-start-time" } };
static const struct flavour runc = { "runc", { "--rootless", "true" }, true,
	{ "state.json", "init_process_pid", "init_process_start" } };

struct runtime {
	struct rt_config cfg;
	const struct flavour *flavour;
	char *program;
	char dir[TEMP_DIR_SIZE]; /* rootfs/, state/ and a bundle a launch */
	json_t *config;
	int mount_ns; /* 0: the runner's own */
	bool hybrid;
	uint64_t launches;
	struct guard guard;
};

struct instance {
	struct runtime *rt;
	struct spawned child;
	bool reaped;
	uint64_t requested_ns, deadline_ns;
	char id[64];
	char *bundle;
};

/* --- the tool's command line --- */

/* Where a runtime keeps the state of its containers. */
static char *state_dir(const char *dir)
{
	return format_text("%s/state", dir);
}

/* "TOOL OPTIONS --root STATE" and @words into @out: all of what is called. */
static void tool_argv(const struct runtime *rt, const char *state, const char *const *words,
	size_t n_words, char *out[PEER_MAX_ARGS])
{
	const char *const *more = rt->flavour->no_cgroup;
	size_t n = 0;

	out[n++] = rt->program;
	for (size_t i = 0; i < ARRAY_SIZE(rt->flavour->no_cgroup) && more[i]; i++)
		out[n++] = (char *)more[i];
	out[n++] = (char *)"--root";
	out[n++] = (char *)state;
	for (size_t i = 0; i < n_words; i++)
		out[n++] = (char *)words[i];
	out[n] = NULL;
}

static void run_argv(const struct runtime *rt, const char *state, const char *log,
	const char *bundle, const char *id, char *out[PEER_MAX_ARGS])
{
	const char *const words[] = { "--log", log, "--log-format", "json", "run", "--preserve-fds",
		"1", "--bundle", bundle, id };

	tool_argv(rt, state, words, ARRAY_SIZE(words), out);
}

/* --- the tool, and the mount namespace that it is called in --- */

static int choose_namespace(struct runtime *rt, struct err *e)
{
	bool privileged = !geteuid();
	struct err why;
	int fd;

	rt->hybrid = !oci_cgroup_is_v2();
	/* A user's runc finds no cgroup that it may write, and says nothing. */
	if (!rt->hybrid && !(rt->flavour->always_enclosed && privileged))
		return 0;
	if (rt->flavour->always_enclosed && !privileged)
		return 0;
	fd = oci_cgroup_namespace(&why);
	if (fd < 0) {
		err_set(e, fd, why.step, "%s needs a plain cgroup v2 tree, and %s%s",
			rt->flavour->name, rt->hybrid ? "this host has none; " : "", why.message);
		return err_help(e, "%s", why.remedy);
	}
	rt->mount_ns = fd;
	return 0;
}

static int find_program(struct runtime *rt, struct err *e)
{
	int r = peer_program(rt->flavour->name, &rt->program, e);

	return r < 0 ? r : choose_namespace(rt, e);
}

static void release_program(struct runtime *rt)
{
	if (rt->mount_ns)
		close_fd(&rt->mount_ns);
	free(rt->program);
	rt->program = NULL;
}

/* --- ending what a killed tool leaves --- */

/* With process 1 of a pid namespace everything in it ends. */
static void kill_container(const struct runtime *rt, const char *state, const char *id)
{
	cleanup_free char *dir = format_text("%s/%s", state, id);
	pid_t pid = dir ? oci_state_pid(&rt->flavour->state, dir) : 0;
	cleanup_fd int pidfd = pid ? proc_pidfd(pid) : -1;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	poll(&p, 1, DEATH_MS);
}

static void delete_container(const struct runtime *rt, const char *state, const char *id)
{
	const char *const words[] = { "delete", "--force", id };
	char *argv[PEER_MAX_ARGS];

	kill_container(rt, state, id);
	tool_argv(rt, state, words, ARRAY_SIZE(words), argv);
	peer_run(argv, rt->mount_ns, -1);
}

/*
 * All containers below @dir, which a runner that lives no more has left. @ctx is a handle that gets
 * its program with the first of them.
 */
static bool delete_all(void *ctx, const char *dir)
{
	cleanup_free char *state = state_dir(dir);
	DIR *d = state ? opendir(state) : NULL;
	struct runtime *rt = ctx;
	struct dirent *entry;
	struct err ignored;

	if (d && !rt->program && find_program(rt, &ignored) < 0) {
		closedir(d);
		return false;
	}
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] != '.')
			delete_container(ctx, state, entry->d_name);
	}
	if (d)
		closedir(d);
	return true;
}

static void sweep_flavour(const struct flavour *f)
{
	struct runtime rt = { .flavour = f };

	temp_dir_sweep(f->name, delete_all, &rt);
	release_program(&rt);
}

void oci_sweep(void)
{
	sweep_flavour(&crun);
	sweep_flavour(&runc);
}

/* --- open and close --- */

static int put_program(const struct runtime *rt, const char *rootfs, struct err *e)
{
	cleanup_free char *to = format_text("%s" OCI_PROGRAM, rootfs);
	cleanup_free char *bytes = NULL;
	cleanup_fd int fd = -1;
	size_t len;
	int r;

	if (!to)
		return err_set(e, -ENOMEM, "bundle", "out of memory");
	r = read_file(rt->cfg.workload, PROGRAM_MAX, &bytes, &len);
	if (r < 0)
		return err_set(
			e, r, "read", "the workload '%s': %s", rt->cfg.workload, strerror(-r));
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0)
		return err_sys(e, "open", "'%s'", to);
	r = write_all(fd, bytes, len);
	return r < 0 ? err_set(e, r, "write", "'%s': %s", to, strerror(-r)) : 0;
}

/* The folders, the root file system, and the configuration but for the arguments. */
/* A program of the user's own: the bundle's root is its tree. */
static int use_tree(struct runtime *rt, struct oci_config *c, struct err *e)
{
	struct ctr_tree *tree = NULL;
	int r = ctr_tree_scan(rt->cfg.program->tree, &tree, e);

	if (r < 0)
		return r;
	c->program = rt->cfg.program;
	c->rootfs = c->program->tree;
	c->tree = tree;
	r = oci_config_make(c, &rt->config, e);
	ctr_tree_free(tree);
	return r;
}

static int make_bundle(struct runtime *rt, struct err *e)
{
	cleanup_free char *rootfs = NULL;
	struct oci_config c = { .cgroup_mount = !geteuid(),
		.rootless = geteuid() != 0,
		.uid = geteuid(),
		.gid = getegid() };
	int r = temp_dir_make(rt->flavour->name, rt->dir, e);

	if (r < 0) {
		rt->dir[0] = '\0';
		return r;
	}
	if (rt->cfg.program)
		return use_tree(rt, &c, e);
	rootfs = format_text("%s/rootfs", rt->dir);
	if (!rootfs)
		return err_set(e, -ENOMEM, "bundle", "out of memory");
	if (mkdir(rootfs, 0755) < 0)
		return err_sys(e, "mkdir", "'%s'", rootfs);
	c.rootfs = rootfs;
	r = put_program(rt, rootfs, e);
	return r < 0 ? r : oci_config_make(&c, &rt->config, e);
}

/*
 * In the guard. A runtime that dies with the runner may leave its container's first process waiting
 * to be started, for ever; it may also be about to write down that there is one.
 */
static void end_containers(void *ctx)
{
	const struct runtime *rt = ctx;
	cleanup_free char *state = state_dir(rt->dir);

	for (int i = 0; state && i < LAST_LOOKS; i++) {
		oci_state_kill_all(&rt->flavour->state, state);
		nanosleep(&(struct timespec){ .tv_nsec = LAST_LOOK_NS }, NULL);
	}
}

static void oci_close(struct runtime *rt)
{
	if (!rt)
		return;
	guard_close(&rt->guard);
	if (rt->dir[0])
		remove_tree(rt->dir);
	release_program(rt);
	json_decref(rt->config);
	free(rt);
}

static int oci_open(
	const struct flavour *f, const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return err_set(e, -ENOMEM, f->name, "out of memory");
	rt->cfg = *cfg;
	rt->flavour = f;
	r = find_program(rt, e);
	if (!r)
		r = make_bundle(rt, e);
	if (!r)
		r = guard_open(&rt->guard, end_containers, rt, e);
	if (r < 0) {
		oci_close(rt);
		return r;
	}
	*out = rt;
	return 0;
}

/* --- launch, wait, reap --- */

static int write_config(struct instance *in, char *const *argv, struct err *e)
{
	cleanup_free char *path = format_text("%s/config.json", in->bundle);
	const struct rt_program *own = in->rt->cfg.program;
	int r = path ? oci_config_arguments(in->rt->config, own ? own->path : OCI_PROGRAM, argv, e)
		     : err_set(e, -ENOMEM, "bundle", "out of memory");

	if (r < 0)
		return r;
	if (mkdir(in->bundle, 0700) < 0)
		return err_sys(e, "mkdir", "'%s'", in->bundle);
	if (json_dump_file(in->rt->config, path, JSON_INDENT(2)) < 0)
		return err_set(e, -EIO, "write", "'%s' cannot be written", path);
	return 0;
}

static int start(struct instance *in, const struct job *job, struct err *e)
{
	const bool own = in->rt->cfg.program;
	const int fds[REPORT_FD + 1] = { -1, job->output_fd, own ? job->error_fd : job->output_fd,
		own ? -1 : job->report_fd };
	cleanup_free char *state = state_dir(in->rt->dir);
	cleanup_free char *log = format_text("%s/log", in->bundle);
	char *argv[PEER_MAX_ARGS];
	struct spawn sp = {
		.path = in->rt->program,
		.argv = argv,
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.cpus = &in->rt->cfg.cpus,
		.own_group = 1,
		.mount_ns = in->rt->mount_ns,
	};

	if (!state || !log)
		return err_set(e, -ENOMEM, "oci", "out of memory");
	run_argv(in->rt, state, log, in->bundle, in->id, argv);
	in->requested_ns = now_ns(); /* the bundle is there before a runtime is asked to start it */
	return spawn_program(&sp, &in->child, e);
}

static void oci_reap(struct instance *in)
{
	cleanup_free char *state = NULL, *own = NULL;

	if (!in)
		return;
	if (!in->reaped)
		proc_kill(in->child.pidfd);
	close_fd(&in->child.pidfd);
	state = state_dir(in->rt->dir);
	own = state ? format_text("%s/%s", state, in->id) : NULL;
	if (own && !access(own, F_OK)) { /* it was killed, and what it had started was not */
		delete_container(in->rt, state, in->id);
		remove_tree(own);
	}
	if (in->bundle)
		remove_tree(in->bundle);
	free(in->bundle);
	free(in);
}

static int oci_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	struct instance *in = calloc(1, sizeof(*in));
	int r;

	if (!in)
		return err_set(e, -ENOMEM, rt->flavour->name, "out of memory");
	in->rt = rt;
	in->child.pidfd = -1;
	in->deadline_ns = job->deadline_ns;
	snprintf(in->id, sizeof(in->id), "bench-%d-%ju", (int)getpid(), (uintmax_t)++rt->launches);
	in->bundle = format_text("%s/%s", rt->dir, in->id);
	r = in->bundle ? write_config(in, job->argv, e)
		       : err_set(e, -ENOMEM, rt->flavour->name, "out of memory");
	if (!r)
		r = start(in, job, e);
	if (r < 0) {
		oci_reap(in);
		return r;
	}
	*out = in;
	return 0;
}

void oci_log_message(const char *text, char *out, size_t size)
{
	out[0] = '\0';
	while (*text) {
		size_t len = strcspn(text, "\n");
		json_t *line = json_loadb(text, len, 0, NULL);
		const char *message = json_string_value(json_object_get(line, "msg"));

		if (message)
			snprintf(out, size, "%s", message);
		json_decref(line);
		text += len + (text[len] == '\n');
	}
	for (char *p = out; *p; p++)
		*p = *p < ' ' ? ' ' : *p;
}

/* A failure of the runtime itself is told from the program's by what is in its log. */
static void judge(const struct instance *in, struct outcome *out)
{
	const char *name = in->rt->flavour->name;
	cleanup_free char *path = format_text("%s/log", in->bundle);
	cleanup_free char *text = NULL;
	char message[500] = "";

	if (out->kind == OUTCOME_EXITED && out->code && path &&
		!read_file(path, LOG_MAX, &text, NULL))
		oci_log_message(text, message, sizeof(message));
	if (!*message) {
		peer_verdict(name, out);
		return;
	}
	out->kind = OUTCOME_BROKEN;
	snprintf(out->reason, sizeof(out->reason), "%s: %s", name, message);
}

static int oci_wait(struct instance *in, struct outcome *out, struct err *e)
{
	int r = proc_wait(in->child.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, out, e);

	if (r < 0)
		return r;
	in->reaped = true;
	out->at[PHASE_REQUESTED] = in->requested_ns;
	out->at[PHASE_PROCESS] = in->child.process_ns;
	judge(in, out);
	return 0;
}

/* --- probe and describe --- */

static void describe_cgroup(const struct runtime *rt, fact_fn put, void *ctx, const char *key)
{
	char text[400], options[64];
	const char *const *o = rt->flavour->no_cgroup;

	snprintf(options, sizeof(options), "%s%s%s", o[0], o[1] ? " " : "", o[1] ? o[1] : "");
	snprintf(text, sizeof(text), "none, by %s%s%s", options,
		rt->mount_ns ? ", in a mount namespace with a plain, read-only cgroup v2 tree" : "",
		rt->mount_ns && rt->hybrid ? " (the host's is not plain v2)" : "");
	put(ctx, key, text);
}

static void describe_config(const struct runtime *rt, fact_fn put, void *ctx, const char *key)
{
	static char *const args[] = { (char *)"workload", (char *)"ARGS", NULL };
	char *text;

	if (oci_config_arguments(
		    rt->config, rt->cfg.program ? rt->cfg.program->path : OCI_PROGRAM, args, NULL))
		return;
	text = json_dumps(rt->config, JSON_COMPACT);
	if (text)
		put(ctx, key, text);
	free(text);
}

static void oci_describe(struct runtime *rt, fact_fn put, void *ctx)
{
	const char *name = rt->flavour->name;
	char *argv[PEER_MAX_ARGS], key[64], version[128];
	cleanup_free char *line = NULL;

	peer_version(rt->program, version, sizeof(version));
	snprintf(key, sizeof(key), "%s.version", name);
	put(ctx, key, version);
	run_argv(rt, "STATE", "LOG", "BUNDLE", "ID", argv);
	line = peer_command_line(argv);
	snprintf(key, sizeof(key), "%s.command", name);
	put(ctx, key, line ? line : "unknown");
	snprintf(key, sizeof(key), "%s.config", name);
	describe_config(rt, put, ctx, key);
	snprintf(key, sizeof(key), "%s.cgroup", name);
	describe_cgroup(rt, put, ctx, key);
	snprintf(key, sizeof(key), "%s.seccomp", name);
	put(ctx, key, "off");
}

static int oci_probe(const struct runtime_ops *ops, const struct rt_config *cfg, struct err *e)
{
	cleanup_free char *path = NULL;
	int r = peer_program(ops->name, &path, e);

	if (r < 0)
		return r;
	r = peer_trial(ops, cfg, e);
	if (r < 0 && e && !e->remedy[0])
		err_help(e, "run as root, or allow unprivileged user namespaces");
	return r;
}

static int crun_probe(const struct rt_config *cfg, struct err *e)
{
	return oci_probe(&crun_runtime, cfg, e);
}

static int runc_probe(const struct rt_config *cfg, struct err *e)
{
	return oci_probe(&runc_runtime, cfg, e);
}

static int crun_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	return oci_open(&crun, cfg, out, e);
}

static int runc_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	return oci_open(&runc, cfg, out, e);
}

const struct runtime_ops crun_runtime = {
	.name = "crun",
	.summary = "crun run, as \"crun spec\" has it, without seccomp and cgroup",
	.caps = RT_FOREIGN | RT_ANY_PROGRAM,
	.probe = crun_probe,
	.open = crun_open,
	.launch = oci_launch,
	.wait = oci_wait,
	.reap = oci_reap,
	.describe = oci_describe,
	.close = oci_close,
};

const struct runtime_ops runc_runtime = {
	.name = "runc",
	.summary = "runc run, as \"runc spec\" has it, without seccomp and cgroup",
	.caps = RT_FOREIGN | RT_ANY_PROGRAM,
	.probe = runc_probe,
	.open = runc_open,
	.launch = oci_launch,
	.wait = oci_wait,
	.reap = oci_reap,
	.describe = oci_describe,
	.close = oci_close,
};
