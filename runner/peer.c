/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/paths.h"

#define TRIAL_NS (5 * NSEC_PER_SEC)
#define RUN_NS (5 * NSEC_PER_SEC)
#define SIGNAL_BASE 128 /* as shells count: 128 + the signal's number */
#define WORDS_SIZE 400

/*
 * QEMU's files are those that "-M microvm -kernel" was seen to open, by strace: firmware, and what
 * it puts beside the kernel. The module is TCG's, which a build with modules opens even for KVM.
 */
static const struct peer peers[] = {
	{ .name = "crun", .program = "crun", .package = "crun", .machine_mib = 24 },
	{ .name = "runc", .program = "runc", .package = "runc", .machine_mib = 64 },
	{ .name = "bwrap", .program = "bwrap", .package = "bubblewrap", .machine_mib = 8 },
	{ .name = "qemu",
		.program = "qemu-system-x86_64",
		.package = "qemu-system-x86",
		.files = { "bios-microvm.bin", "linuxboot_dma.bin", "pvh.bin", "kvmvapic.bin",
			"accel-tcg-x86_64.so" },
		.machine_mib = 512 },
};

const struct peer *peer_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		if (!strcmp(peers[i].name, name))
			return &peers[i];
	}
	return NULL;
}

int peer_program(const char *name, char **path, struct err *e)
{
	const struct peer *p = peer_find(name);

	if (!p)
		return err_set(e, -EINVAL, name, "'%s' is no runtime of somebody else", name);
	*path = program_find(p->program);
	if (*path)
		return 0;
	err_set(e, -ENOENT, name, "'%s' is not installed", p->program);
	return err_help(e, "sudo apt-get install %s", p->package);
}

/* Beside the program, as every distribution has them: PREFIX/bin, PREFIX/share, PREFIX/lib. */
static char *data_file(const char *program, const char *name)
{
	static const char *const folders[] = { "share/qemu", "share/seabios",
		"lib/x86_64-linux-gnu/qemu", "lib64/qemu", "lib/qemu" };
	const char *slash = strrchr(program, '/');
	int bin = (int)(slash - program);

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		char *full = format_text("%.*s/../%s/%s", bin, program, folders[i], name);

		if (full && !access(full, R_OK))
			return full;
		free(full);
	}
	return NULL;
}

size_t peer_copies(const char *name, char **paths, size_t max)
{
	const struct peer *p = peer_find(name);
	size_t n = 0;

	if (!p || !max)
		return 0;
	paths[0] = program_find(p->program);
	if (!paths[0])
		return 0;
	n = 1;
	for (size_t i = 0; i < ARRAY_SIZE(p->files) && p->files[i] && n < max; i++) {
		paths[n] = data_file(paths[0], p->files[i]);
		n += paths[n] != NULL;
	}
	return n;
}

/* The first line that was written to the memory file @fd. */
static void first_line(int fd, char *out, size_t size)
{
	ssize_t n = pread_all(fd, out, size - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
}

int peer_run(char *const *argv, int mount_ns, int output_fd)
{
	const int fds[] = { -1, output_fd, -1 };
	struct spawn sp = { .path = argv[0],
		.argv = argv,
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.mount_ns = mount_ns };
	struct spawned child;
	struct outcome ended;
	int r;

	if (spawn_program(&sp, &child, NULL))
		return -EIO;
	r = proc_wait(child.pidfd, now_ns() + RUN_NS, -1, &ended, NULL);
	if (r)
		proc_kill(child.pidfd);
	close_fd(&child.pidfd);
	return !r && ended.kind == OUTCOME_EXITED && !ended.code ? 0 : -EIO;
}

void peer_version(const char *path, char *out, size_t size)
{
	cleanup_fd int said = memfd_create("bench-version", MFD_CLOEXEC);
	char *argv[] = { (char *)path, (char *)"--version", NULL };

	snprintf(out, size, "unknown");
	if (said >= 0 && !peer_run(argv, 0, said))
		first_line(said, out, size);
}

static bool needs_quotes(const char *word)
{
	return !*word || strpbrk(word, " \t\"'\\$&;|<>*?()");
}

char *peer_command_line(char *const *argv)
{
	char *line = strdup("");

	for (; line && *argv; argv++) {
		const char *quote = needs_quotes(*argv) ? "'" : "";
		char *longer =
			format_text("%s%s%s%s%s", line, *line ? " " : "", quote, *argv, quote);

		free(line);
		line = longer;
	}
	return line;
}

void peer_verdict(const char *name, struct outcome *out)
{
	int sig = out->code - SIGNAL_BASE;

	if (out->kind == OUTCOME_SIGNALED) {
		char what[sizeof(out->reason)];

		snprintf(what, sizeof(what), "%s", out->reason);
		out->kind = OUTCOME_BROKEN;
		snprintf(out->reason, sizeof(out->reason), "%s itself was %.600s", name, what);
	}
	if (out->kind != OUTCOME_EXITED || sig <= 0 || sig >= NSIG)
		return;
	out->kind = OUTCOME_SIGNALED;
	out->code = sig;
	snprintf(out->reason, sizeof(out->reason), "killed by signal %d (%s), as %s tells it", sig,
		strsignal(sig), name);
}

static int judge_trial(const char *name, const struct outcome *out, int words_fd, struct err *e)
{
	char words[WORDS_SIZE];

	if (out->kind == OUTCOME_EXITED && !out->code)
		return 0;
	first_line(words_fd, words, sizeof(words));
	return err_set(e, -ENODEV, "trial", "%s cannot run a program here: %.150s%s%s", name,
		out->reason, *words ? ": " : "", words);
}

int peer_trial(const struct runtime_ops *ops, const struct rt_config *cfg, struct err *e)
{
	cleanup_fd int words = memfd_create("bench-trial", MFD_CLOEXEC);
	char *argv[] = { (char *)"workload", (char *)"--true", NULL };
	struct job job = { .argv = argv,
		.deadline_ns = now_ns() + TRIAL_NS,
		.report_fd = words,
		.output_fd = words };
	struct rt_config uninterrupted = *cfg; /* it is short, and no answer is not a "no" */
	struct outcome out = { 0 };
	struct runtime *rt = NULL;
	struct instance *in = NULL;
	int r;

	uninterrupted.cancel_fd = -1;
	uninterrupted.program = NULL; /* what it asks is whether anything runs at all */
	if (words < 0)
		return err_sys(e, "memfd_create", "a file for what %s says", ops->name);
	r = ops->open(&uninterrupted, &rt, e);
	if (!r)
		r = ops->launch(rt, &job, &in, e);
	if (!r)
		r = ops->wait(in, &out, e);
	if (!r)
		r = judge_trial(ops->name, &out, words, e);
	ops->reap(in);
	ops->close(rt);
	return r;
}
