/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking all that there is: processes, memory, room in what can be written, and time. */
#include "bombs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

#define MIB (1L << 20)
#define FILES_MANY 100000 /* empty ones */
#define MANY                                                                                       \
	5000 /* of anything: more than any limit of ours, and little enough for a host without */

/*
 * Processes that only wait. They share their memory, so that what ends the bomb is the number of
 * processes; each has a stack of a page, of which it uses a few words.
 */
static int wait_for_ever(void *arg)
{
	(void)arg;
	while (pause())
		;
	return 0;
}

static int bomb_forks(void)
{
	char *stacks = mmap(NULL, 4096L * MANY, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	long n = 0;

	setrlimit(RLIMIT_NPROC, &all); /* worth trying */
	while (n < MANY &&
		clone(wait_for_ever, stacks + 4096 * (n + 1), CLONE_VM | SIGCHLD, NULL) > 0)
		n++;
	say("processes=%ld\nerror=%s\n", n + 1, n < MANY ? strerror(errno) : "none");
	return 0;
}

/* Anonymous, shared and locked; what is left is taken by a child, should the first one be chosen.
 */
static int bomb_memory(void)
{
	const char *score = "-1000";
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd >= 0 && write(fd, score, strlen(score)) > 0)
		say("immune=yes\n");
	for (long n = 0; n < 4096; n++) {
		char *p = mmap(NULL, (size_t)MIB, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | (n % 2 ? MAP_SHARED : MAP_PRIVATE), -1, 0);

		if (p == MAP_FAILED)
			return 1;
		memset(p, 1, (size_t)MIB);
		say("mib=%ld\n", n + 1);
	}
	return 0;
}

/* They take no room of the file system's, but memory of the kernel's each. */
static int fill_with_files(const char *folder)
{
	char path[64];
	long n = 0;

	for (; n < FILES_MANY; n++) {
		int fd;

		snprintf(path, sizeof(path), "%s/%ld", folder, n);
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	say("files=%ld\nfiles_error=%s\n", n, n < FILES_MANY ? strerror(errno) : "none");
	return 0;
}

/* Until nothing more goes into @folder: one file, then as many empty ones as there can be. */
static int fill(const char *folder)
{
	static char block[1 << 20];
	char path[64];
	long mib = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/big", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	memset(block, 1, sizeof(block));
	while (fd >= 0 && mib < 4096 && write(fd, block, sizeof(block)) == sizeof(block))
		mib++;
	say("mib=%ld\nerror=%s\n", mib, mib < 4096 ? strerror(errno) : "none");
	return fill_with_files(folder);
}

static int bomb_tmp(void)
{
	return fill("/tmp");
}

static int bomb_shm(void)
{
	return fill("/dev/shm");
}

/* What others have said on stderr, and the disk that it is kept on. */
static int deface(void)
{
	static char block[1 << 20];

	fcntl(2, F_SETFL, 0);
	for (int i = 0; i < 40 && write(2, block, sizeof(block)) > 0; i++)
		;
	say("cut=%s\n", ftruncate(2, 0) ? "no" : "yes");
	say("back=%s\n", lseek(2, 0, SEEK_SET) < 0 ? "no" : "yes");
	say("room=%s\n", fallocate(2, 0, 0, 100 * MIB) ? "no" : "yes");
	return 0;
}

static int outlive(void)
{
	int sig = -1;

	prctl(PR_GET_PDEATHSIG, &sig);
	say("signal=%d\n", sig);
	return wait_for_ever(NULL);
}

static void *start_anew(void *arg)
{
	char *const argv[] = { (char *)"attack", (char *)"outlive", NULL };

	execv("/proc/self/exe", argv);
	return arg;
}

/*
 * Shed what ends us with the runner: a thread's exec makes it process 1, and a thread has no
 * parent-death signal (de_thread() in fs/exec.c).
 */
static int survive(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, 0);
	signal(SIGTERM, SIG_IGN);
	pthread_create(&thread, NULL, start_anew, NULL);
	return wait_for_ever(NULL);
}

int bomb(const char *what)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} bombs[] = {
		{ "forks", bomb_forks },
		{ "memory", bomb_memory },
		{ "tmp", bomb_tmp },
		{ "shm", bomb_shm },
		{ "deface", deface },
		{ "survive", survive },
		{ "outlive", outlive },
	};

	for (size_t i = 0; i < SIZE(bombs); i++) {
		if (!strcmp(what, bombs[i].name))
			return bombs[i].run();
	}
	return -1;
}
