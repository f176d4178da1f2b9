/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/demo/made_for.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workloads/demo/probe.h"

#define PAGE 4096
#define SYS_MSEAL 462 /* x86-64's number, see versions.def */

#define DONE 0
#define FAILED 1
#define USAGE 2

/* The kernel itself must be refused when it is to write there for us. */
static int is_read_only(char *page)
{
	int fds[2], refused;

	if (pipe(fds) < 0 || write(fds[1], "x", 1) != 1)
		return 0;
	refused = read(fds[0], page, 1) < 0 && errno == EFAULT;
	close(fds[0]);
	close(fds[1]);
	return refused;
}

static int is_sealed(char *page)
{
	return mprotect(page, PAGE, PROT_READ | PROT_WRITE) < 0 && errno == EPERM;
}

/* As every Linux can do it; -1 with errno. */
static int protect(char *page)
{
	return mprotect(page, PAGE, PROT_READ);
}

/* For good: nor can it be made writable again. */
static int seal(char *page)
{
	return protect(page) < 0 ? -1 : (int)syscall(SYS_MSEAL, page, PAGE, 0);
}

static int failed(const char *what)
{
	dprintf(STDOUT_FILENO, "%s: %s\n", what, strerror(errno));
	return FAILED;
}

static int done(int good, const char *words)
{
	dprintf(STDOUT_FILENO, "%s\n", good ? words : "the page can still be written to");
	return good ? DONE : FAILED;
}

static int old_program(char *page)
{
	if (protect(page) < 0)
		return failed("mprotect");
	return done(is_read_only(page), "page made read-only with mprotect");
}

static int new_program(char *page)
{
	if (seal(page) == 0)
		return done(is_read_only(page) && is_sealed(page), "page sealed with mseal");
	if (errno != ENOSYS)
		return failed("mseal");
	dprintf(STDOUT_FILENO,
		"this program was made for Linux 6.12: mseal (6.10 or newer) is missing here\n");
	return FAILED;
}

static int program_with_fallback(char *page)
{
	if (seal(page) == 0)
		return done(is_read_only(page) && is_sealed(page), "page sealed with mseal");
	if (errno != ENOSYS || protect(page) < 0)
		return failed("mseal and mprotect");
	return done(is_read_only(page), "no mseal here: page made read-only with mprotect");
}

const char *const made_for_names[] = { "2.6", "6.12", "fallback", NULL };
static int (*const programs[])(char *page) = { old_program, new_program, program_with_fallback };

int made_for_run(const char *name)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return failed("mmap");
	for (size_t i = 0; made_for_names[i]; i++) {
		if (name && !strcmp(name, made_for_names[i]))
			return programs[i](page);
	}
	return USAGE;
}

/* One of them alone, by hand: build/demo-probe --made-for=6.12 */
int probe_made_for(const struct probe *p)
{
	return made_for_run(p->value);
}
