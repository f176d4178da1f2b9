/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/emulated_run.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "results/manifest.h"
#include "runner/exec_job.h"
#include "runner/facts.h"
#include "runner/machine.h"
#include "runner/peer.h"
#include "runner/resume.h"
#include "runner/ui.h"
#include "runner/warnings.h"
#include "runner/words.h"
#include "vmm/vmm.h"

#define MAX_PEER_FILES 32
#define MACHINE_VCPUS 8u /* of a guest that have a CPU of the machine to themselves */
#define RETRIES 2        /* of a machine that broke */

/* Inside nothing is looked for again: the tree that was made here is a whole one there. */
static void add_program(struct words *in, const struct exec_job *j)
{
	const struct exec_request *req = &j->request;

	words_addf(in, "--%s=%s", req->rootfs ? "rootfs" : "tree", j->tree.root);
	words_addf(in, "--name=%s", j->name);
	words_addf(in, "--chdir=%s", j->program.dir);
	if (req->good_status == EXEC_ANY_STATUS)
		words_addf(in, "--ignore-status=any");
	else
		words_addf(in, "--ignore-status=%d", req->good_status);
	for (char *const *word = j->program.envp; *word; word++)
		words_addf(in, "--env=%s", *word);
	words_add(in, "--");
	words_add(in, j->path);
	for (char *const *word = j->program.argv + 1; *word; word++)
		words_add(in, *word);
}

/* The inner command line; a run that is gone on with, @resume, says the rest itself. */
static void make_inner(struct words *in, const struct run_options *o, const struct paths *paths,
	const struct rundir *dir, bool resume)
{
	if (isatty(STDERR_FILENO)) {
		words_add(in, "env");
		words_add(in, UI_PROGRESS_ENV "=1");
	}
	words_add(in, paths->self);
	words_add(in, o->exec ? "exec" : "run");
	words_add(in, "--raw");
	if (resume) {
		words_addf(in, "--resume=%s", dir->path);
		return;
	}
	words_add(in, "--machine=native");
	words_addf(in, "--out=%s", dir->path);
	words_addf(in, "--run-id=%s", dir->id);
	run_options_words(o, in);
	if (o->exec)
		add_program(in, o->exec);
}

/* What the machine must hold besides the project's own programs: the kernels and the other people's
 * runtimes that are named. */
struct copies {
	struct kernel_ref refs[MAX_NAMES];
	char *peers[MAX_PEER_FILES]; /* owned */
	size_t n_peers;
	unsigned peers_mib; /* of the machine's memory */
	char *paths[MAX_NAMES + MAX_PEER_FILES + 2];
};

/* What is not installed is not there inside either: a skip by name. */
static void find_peers(struct copies *c, const struct run_options *o)
{
	for (size_t i = 0; i < o->runtimes.n; i++) {
		const struct peer *p = peer_find(o->runtimes.names[i]);
		size_t n = !p ? 0
			      : peer_copies(p->name, c->peers + c->n_peers,
					MAX_PEER_FILES - c->n_peers);

		c->peers_mib += n ? p->machine_mib : 0;
		c->n_peers += n;
	}
}

static void free_copies(struct copies *c)
{
	for (size_t i = 0; i < c->n_peers; i++)
		free(c->peers[i]);
	c->n_peers = 0;
}

static int find_copies(
	struct copies *c, const struct run_options *o, const struct paths *paths, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < o->kernels.n; i++) {
		const char *name = o->kernels.names[i];
		int r;

		/* "host" is the machine's own there; what is not Linux lies beside the program. */
		if (!strcmp(name, "host") || !kernel_is_linux(name))
			continue;
		r = kernel_need(name, paths, &c->refs[i], e);
		if (r < 0)
			return r;
		c->paths[n++] = *c->refs[i].dir ? c->refs[i].dir : c->refs[i].path;
	}
	find_peers(c, o);
	for (size_t i = 0; i < c->n_peers; i++)
		c->paths[n++] = c->peers[i];
	if (o->exec)
		c->paths[n++] = (char *)o->exec->tree.root;
	c->paths[n] = NULL;
	return 0;
}

static int from_status(int status, bool *failed, struct err *e)
{
	switch (status) {
	case STATUS_OK:
		return 0;
	case STATUS_FAILED:
		*failed = true;
		return 0;
	case STATUS_USAGE:
		return err_set(
			e, -EINVAL, "emulated machine", "the run inside refused its options");
	case STATUS_NOTHING:
		return err_set(e, -ENODEV, "emulated machine",
			"nothing that was asked for can run inside either");
	case STATUS_INTERRUPTED:
		return err_set(e, -ECANCELED, "emulated machine", "interrupted");
	default:
		return err_set(
			e, -EIO, "emulated machine", "the run inside ended with status %d", status);
	}
}

static void put_outside(void *ctx, const char *key, const char *value)
{
	struct err ignored;
	char full[256];

	snprintf(full, sizeof(full), "outside.%s", key);
	manifest_set(ctx, full, value, &ignored);
}

/* The manifest speaks of the emulated machine; add what it was emulated on, and, where there is no
 * older one, the command line. */
static int add_outside(const char *dir, const char *command, struct err *e)
{
	struct manifest *m = NULL;
	int r = manifest_read(dir, &m, e);

	if (r < 0)
		return r;
	facts_host("", put_outside, m);
	put_outside(m, "hypervisor", machine_hypervisor());
	if (command)
		manifest_set(m, "run.command", command, e);
	r = manifest_write(m, dir, e);
	manifest_free(m);
	return r;
}

static bool has_file(const struct rundir *dir, const char *name)
{
	char path[PATH_SIZE + 16];

	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	return !access(path, F_OK);
}

/* Does samples.csv hold a row, and lies beside it what it is of? */
static bool has_measured(const struct rundir *dir)
{
	char path[PATH_SIZE + 16];
	cleanup_free char *text = NULL;
	const char *line;

	snprintf(path, sizeof(path), "%s/" SAMPLES_FILE, dir->path);
	if (!has_file(dir, MANIFEST_FILE) || read_file(path, SIZE_MAX / 2, &text, NULL))
		return false;
	line = strchr(text, '\n');
	return line && line[1];
}

/* For all launches together; the script takes six digits. */
static unsigned whole_timeout(const struct run_options *o)
{
	uint64_t ways = o->runtimes.n + o->kernels.n;
	uint64_t all = o->timeout_s * (o->launches + o->warmup) * ways * o->suites.n;

	if (run_options_any_holds(o)) /* it is the time for one of many */
		all *= o->instances + o->count;
	return all < 999999 ? (unsigned)all : 999999;
}

/* A tree is there as itself, as a guest's archive, and twice in the guest (exec_job.h); and while
 * the machine unpacks it, as a part of the machine's own archive. A snapshot has the guest's again.
 */
static unsigned tree_mib(const struct run_options *o)
{
	unsigned times = o->starts & 1u << START_RESTORE ? 8 : 5;

	return o->exec ? (unsigned)(times * o->exec->tree.bytes >> 20) : 0;
}

/* A guest's, and one for the rest; an emulated CPU that has none of the host's only takes time. */
static unsigned machine_cpus(const struct run_options *o)
{
	unsigned vcpus = o->vcpus < MACHINE_VCPUS ? (unsigned)o->vcpus : MACHINE_VCPUS;

	return vcpus + 1;
}

/* What all that is held together may need: of a guest's memory, which it does not use all of, or of
 * the 64 MiB that are touched. */
static unsigned held_mib(const struct run_options *o)
{
	uint64_t most = o->instances > o->count ? o->instances : o->count;

	if (!run_options_any_holds(o))
		return 0;
	return (unsigned)(most * (o->mem_mib ? o->mem_mib : VM_RAM_DEFAULT >> 20));
}

static int run_machine(const struct measure *m, const struct rundir *dir,
	const struct copies *copies, bool resume, bool *failed, struct err *e)
{
	const struct run_options *o = m->options;
	struct words in = { 0 };
	struct machine_job job = {
		.paths = &m->paths,
		.argv = in.argv,
		.copies = copies->paths,
		.share = dir->path,
		.icount = o->deterministic,
		.cpus = machine_cpus(o),
		.mem_mib =
			1024 + (unsigned)o->mem_mib + copies->peers_mib + tree_mib(o) + held_mib(o),
		.timeout_s = whole_timeout(o),
		.output_fd = STDERR_FILENO, /* nothing inside speaks to our stdout */
		.error_fd = STDERR_FILENO,
		.cancel_fd = m->cancel_fd,
	};
	int status = 0, r;

	make_inner(&in, o, &m->paths, dir, resume);
	r = in.error ? err_set(e, in.error, "emulated machine", "its command line: %s",
			       strerror(-in.error))
		     : machine_run(&job, &status, e);
	words_free(&in);
	return r < 0 ? r : from_status(status, failed, e);
}

/* The folder is ours and holds no measurement: as if it had just been made. It stays the same one,
 * which is locked. */
static int start_afresh(const struct rundir *dir, struct err *e)
{
	DIR *d = opendir(dir->path);
	struct dirent *entry;
	int r = d ? 0 : -errno;

	while (d && !r && (entry = readdir(d))) {
		cleanup_free char *path = format_text("%s/%s", dir->path, entry->d_name);

		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = path ? remove_tree(path) : -ENOMEM;
	}
	if (d)
		closedir(d);
	if (r < 0)
		return err_set(
			e, r, "emulated machine", "emptying '%s': %s", dir->path, strerror(-r));
	return 0;
}

/* Of the real host; those of the machine itself come from inside. */
static void say_warning(void *ctx, const char *text)
{
	(void)ctx;
	ui_warn("%s", text);
}

/* After a machine that broke, for the reason @e: once more, from what came out of it, which is
 * whole but for its last row. */
static int run_again(const struct measure *m, const struct rundir *dir, const struct copies *copies,
	bool *failed, struct err *e)
{
	bool measured = has_measured(dir);
	int r = 0;

	if (measured && m->options->exec) /* its tree is not there to be gone on with */
		return e->code;
	ui_warn("%s; it is started again%s", e->message,
		measured ? ", and goes on from what was measured" : "");
	if (!measured && !m->resume)
		r = start_afresh(dir, e);
	return r ? r : run_machine(m, dir, copies, measured || m->resume, failed, e);
}

static int run_to_its_end(const struct measure *m, struct rundir *dir, const struct copies *copies,
	bool *failed, struct err *e)
{
	int r = run_machine(m, dir, copies, m->resume != NULL, failed, e);

	if (r == -EIO && rundir_follow(dir, e) == -ESTALE) /* nowhere to bring results to */
		return -ESTALE;
	for (int again = 0; r == -EIO && again < RETRIES; again++)
		r = run_again(m, dir, copies, failed, e);
	return r;
}

/* The folder of the run that is gone on with; what it came to is found out inside. */
static int take_dir(struct resume *resume, struct rundir *dir, struct err *e)
{
	struct manifest *now = manifest_new();
	int r;

	if (!now)
		return err_set(e, -ENOMEM, "manifest", "out of memory");
	facts_host("", put_outside, now);
	r = resume_fits(resume, now, "outside.", e);
	manifest_free(now);
	if (!r)
		resume_take_dir(resume, dir);
	return r;
}

int emulated_run(const struct measure *m, struct rundir *dir, bool *failed, struct err *e)
{
	struct copies copies = { .n_peers = 0 };
	struct err ignored;
	int r = machine_probe(e);

	if (!r)
		r = find_copies(&copies, m->options, &m->paths, e);
	if (!r)
		r = m->resume ? take_dir(m->resume, dir, e) : rundir_make(m->options, dir, e);
	if (r < 0) {
		free_copies(&copies);
		return r;
	}
	warnings_of_host("", machine_kind(), say_warning, NULL);
	r = run_to_its_end(m, dir, &copies, failed, e);
	free_copies(&copies);
	if (!has_file(dir, SAMPLES_FILE)) { /* it never began: leave nothing */
		rmdir(dir->path);
		dir->path[0] = '\0';
		return r;
	}
	if (add_outside(dir->path, m->resume ? NULL : m->command, r < 0 ? &ignored : e) < 0 && !r)
		r = e->code;
	return r;
}
