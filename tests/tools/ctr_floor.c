/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel itself asks for namespaces: vfork+exec of one static program, start to exit, with
 * none, each, and all of them, interleaved, and nothing else done. No launcher can be faster than
 * its row here, unless it makes them beside the child or ahead. By hand, for docs/containers.md.
 *
 *   ctr_floor PROGRAM [ROUNDS]     as root; PROGRAM is run as "PROGRAM exit 0"
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/util.h"
#include "ctr/ns.h"

#define ROUNDS_MAX 10000
#define ROWS (NS_KINDS + 4)

static char *program;
static char stack[64 * 1024] __attribute__((aligned(16)));
static uint64_t times[ROWS][ROUNDS_MAX];

/* Memory is the parent's until the exec, and the parent waits for it. */
static int child(void *unused)
{
	static char *const env[] = { NULL };
	char *argv[] = { program, (char *)"exit", (char *)"0", NULL };

	(void)unused;
	execve(program, argv, env);
	_exit(127);
}

static uint64_t once(unsigned flags)
{
	uint64_t start = now_ns();
	int status;
	pid_t pid = clone(child, stack + sizeof(stack),
		(int)(flags | CLONE_VM | CLONE_VFORK | SIGCHLD), NULL);

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		perror("clone and exec");
		exit(1);
	}
	return now_ns() - start;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_row(const char *name, uint64_t *t, size_t n)
{
	qsort(t, n, sizeof(*t), by_value);
	printf("%-24s min %6.0f  q1 %6.0f  median %6.0f  q3 %6.0f us\n", name, t[0] / 1e3,
		t[n / 4] / 1e3, t[n / 2] / 1e3, t[n * 3 / 4] / 1e3);
}

int main(int argc, char **argv)
{
	uint64_t rounds = 200;
	unsigned flags[ROWS] = { 0 };
	char names[ROWS][64];

	if (argc < 2 || (argc > 2 && parse_u64(argv[2], 1, ROUNDS_MAX, &rounds)))
		return 2;
	program = argv[1];
	for (unsigned i = 0; i < NS_KINDS; i++)
		flags[1 + i] = ns_kinds[i].flag;
	flags[NS_KINDS + 1] = ns_all();
	flags[NS_KINDS + 2] = ns_all() & ~(unsigned)CLONE_NEWNET;
	flags[NS_KINDS + 3] = ns_all() & ~(unsigned)(CLONE_NEWNET | CLONE_NEWNS);
	for (uint64_t n = 0; n < rounds; n++) {
		for (unsigned i = 0; i < ROWS; i++)
			times[i][n] = once(flags[i]);
	}
	for (unsigned i = 0; i < ROWS; i++) {
		ns_list(flags[i], names[i], sizeof(names[i]));
		print_row(names[i], times[i], rounds);
	}
	return 0;
}
