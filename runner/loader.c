/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/bpf.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/elf_program.h"
#include "runner/paths.h"

#define LIST_MAX (1u << 20)
#define LIST_NS (20 * NSEC_PER_SEC)
#define LIST_CPU 10 /* seconds */
#define LIST_MEMORY (UINT64_C(8) << 30)
#define LIST_FILES 64

static const char STEP[] = "program";

/* --- which loader --- */

/*
 * Where a distribution has it. That root owns a file is not enough: what root has unpacked or
 * cloned is root's too, and just that is what is brought here.
 */
static const char *const folders[] = { "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/" };

/* By a program, and with its links followed: musl's is its C library. */
static const char *const names[] = { "ld-*.so*", "ld.so*", "ld64.so*" };
static const char *const real_names[] = { "libc.so", "libc.musl-*.so*" };

static bool has_name(const char *path, const char *const *patterns, size_t n)
{
	const char *leaf = strrchr(path, '/') + 1;

	for (size_t i = 0; i < n; i++) {
		if (!fnmatch(patterns[i], leaf, 0))
			return true;
	}
	return false;
}

static bool lies_in_system(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return !strstr(path, "/../");
	}
	return false;
}

/*
 * Root's, and nobody else may write to it; a group that an ACL lets in is in the mode's group bits
 * too. Uid 0 as it is seen here: where a user namespace does not know root, the system's files are
 * nobody's (65534), and so are those of all others whom it does not know. Nobody can be told from
 * somebody there, so it is refused; as is what belongs to the caller, which is where an archive of
 * somebody else's was unpacked.
 */
static int check_owner(const char *path, const char *loader, mode_t type, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(e, STEP, "the loader '%s'", loader);
	if ((st.st_mode & S_IFMT) != type)
		return err_set(e, -EPERM, STEP,
			"the loader '%s' is not the system's: '%s' is no %s", loader, path,
			type == S_IFDIR ? "folder" : "regular file");
	if (st.st_uid != 0)
		return err_set(e, -EPERM, STEP,
			"the loader '%s' is not the system's: uid %u owns '%s'", loader, st.st_uid,
			path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, -EPERM, STEP,
			"the loader '%s' is not the system's: others than root may write to '%s'",
			loader, path);
	return 0;
}

/*
 * From the top down. What lies in a folder that only root writes to stays what it was found to be,
 * so that each step rests on the one before, and @real holds when it is run by its name.
 */
static int check_way(const char *real, const char *loader, struct err *e)
{
	char part[PATH_SIZE];
	int r = check_owner("/", loader, S_IFDIR, e);

	for (const char *at = strchr(real + 1, '/'); !r && at; at = strchr(at + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(at - real), real);
		r = check_owner(part, loader, S_IFDIR, e);
	}
	return r ? r : check_owner(real, loader, S_IFREG, e);
}

int loader_check(const char *path, char *real, struct err *e)
{
	cleanup_free char *found = realpath(path, NULL);
	cleanup_fd int fd = -1;
	int r;

	if (!found)
		return err_sys(e, STEP, "the loader '%s'", path);
	if (strlen(found) >= PATH_SIZE || !lies_in_system(path) || !lies_in_system(found))
		return err_set(e, -EPERM, STEP,
			"the loader '%s' is not the system's: it lies in none of its folders",
			path);
	if (!has_name(path, names, ARRAY_SIZE(names)) ||
		(!has_name(found, names, ARRAY_SIZE(names)) &&
			!has_name(found, real_names, ARRAY_SIZE(real_names))))
		return err_set(e, -EPERM, STEP, "'%s' is not called like a loader", path);
	r = check_way(found, path, e);
	if (r < 0)
		return r;
	fd = open(found, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, STEP, "the loader '%s'", path);
	strcpy(real, found);
	return elf_check_file(fd, path, true, e);
}

/* --- the cage --- */

/* No way to write but to what it got as stdout and stderr, and no way to reach a process. */
static const unsigned short calls[] = { SYS_execve, SYS_read, SYS_pread64, SYS_write, SYS_writev,
	SYS_close, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk, SYS_madvise, SYS_fstat, SYS_stat,
	SYS_lstat, SYS_newfstatat, SYS_statx, SYS_access, SYS_faccessat, SYS_readlink,
	SYS_readlinkat, SYS_getcwd, SYS_lseek, SYS_uname, SYS_getrandom, SYS_arch_prctl,
	SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_futex, SYS_clock_gettime, SYS_exit,
	SYS_exit_group };

/* Opening for reading alone; O_TMPFILE cannot be had without one of these. */
static const struct {
	unsigned short nr;
	unsigned char flags; /* which argument they are */
} opening[] = { { SYS_open, 1 }, { SYS_openat, 2 } };

#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
#define CODE_MAX (16 + 2 * ARRAY_SIZE(calls) + 5 * ARRAY_SIZE(opening))

struct cage {
	struct sock_filter code[CODE_MAX];
	unsigned short len;
};

static void emit(struct cage *c, struct sock_filter f)
{
	if (c->len < CODE_MAX)
		c->code[c->len++] = f;
}

/*
 * What is not in the tables is EPERM and not the end: a newer loader tries calls that it can do
 * without. Numbers of the x32 ABI have a bit more, and so are in no table.
 */
static void make_cage(struct cage *c)
{
	c->len = 0;
	emit(c, (struct sock_filter)BPF_LOAD(arch));
	emit(c, (struct sock_filter)BPF_IF_EQUAL(AUDIT_ARCH_X86_64, 1, 0));
	emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_KILL_PROCESS));
	emit(c, (struct sock_filter)BPF_LOAD(nr));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		emit(c, (struct sock_filter)BPF_IF_EQUAL(calls[i], 0, 1));
		emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ALLOW));
	}
	for (size_t i = 0; i < ARRAY_SIZE(opening); i++) {
		emit(c, (struct sock_filter)BPF_IF_EQUAL(opening[i].nr, 0, 4));
		emit(c, (struct sock_filter)BPF_LOAD_ARG(opening[i].flags));
		emit(c, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 1, 0));
		emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ALLOW));
		emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ERRNO | EACCES));
	}
	emit(c, (struct sock_filter)BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM));
}

static const struct spawn_limit limits[] = {
	{ RLIMIT_CPU, LIST_CPU },
	{ RLIMIT_AS, LIST_MEMORY },
	{ RLIMIT_FSIZE, LIST_MAX },
	{ RLIMIT_NOFILE, LIST_FILES },
	{ RLIMIT_CORE, 0 },
};

/* --- asking --- */

/*
 * What the user gave by --env of the loader's own, since it decides which libraries are found.
 * Nothing else: LD_AUDIT and LD_WARN with LD_BIND_NOW would have it run code of the libraries,
 * LD_DEBUG and LANG change what it prints.
 */
static const char *const passed_on[] = { "LD_LIBRARY_PATH=", "LD_PRELOAD=" };

static void pick_env(char *const *envp, char *out[ARRAY_SIZE(passed_on) + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++) {
		for (char *const *at = envp; *at; at++) {
			if (strncmp(*at, passed_on[i], strlen(passed_on[i])))
				continue;
			out[n++] = *at;
			break;
		}
	}
	out[n] = NULL;
}

static char *take_text(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 || size >= LIST_MAX ? NULL : calloc(1, (size_t)size + 1);

	if (text && pread_all(fd, text, (size_t)size, 0) != size)
		*text = '\0';
	return text;
}

static int run(const struct spawn *sp, struct outcome *end, struct err *e)
{
	struct spawned child;
	int r = spawn_program(sp, &child, e);

	if (r < 0)
		return r;
	r = proc_wait(child.pidfd, now_ns() + LIST_NS, -1, end, e);
	close_fd(&child.pidfd);
	return r;
}

/* "ld.so --list PROGRAM": glibc's and musl's loaders both know it. */
int loader_ask(const char *real, const char *path, const char *program, char *const *envp,
	char **text, struct err *e)
{
	cleanup_fd int out = memfd_create("libraries", MFD_CLOEXEC);
	char list[] = "--list", *env[ARRAY_SIZE(passed_on) + 1];
	char *argv[] = { (char *)path, list, (char *)program, NULL };
	const int fds[] = { -1, out, out };
	struct cage cage;
	struct spawn_cage limited = {
		.filter = { .filter = cage.code }, .limits = limits, .n_limits = ARRAY_SIZE(limits)
	};
	/* In "/": a relative place of libraries is none of the folder that we happen to be in. */
	const struct spawn sp = { .path = real,
		.argv = argv,
		.envp = env,
		.fds = fds,
		.n_fds = 3,
		.dir = "/",
		.cage = &limited };
	struct outcome end = { 0 };
	int r;

	if (out < 0)
		return err_sys(e, "memfd_create", "the list of libraries");
	make_cage(&cage);
	limited.filter.len = cage.len;
	pick_env(envp, env);
	r = run(&sp, &end, e);
	if (r < 0)
		return r;
	*text = take_text(out);
	if (!*text)
		return err_set(e, -E2BIG, STEP, "the loader of '%s' says too much", program);
	if (end.kind == OUTCOME_EXITED && !end.code)
		return 0;
	(*text)[strcspn(*text, "\n")] = '\0';
	return err_set(e, -ENOENT, STEP, "the loader '%s' cannot load '%s': %.200s (%.64s)", path,
		program, *text, end.reason);
}
