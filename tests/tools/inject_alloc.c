/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes one allocation of "bench" fail: preloaded by tests/tools/inject.c, which sets
 *   INJECT_ALLOC       which one, counted from 1 over the process and those it forks; 0 only counts
 *   INJECT_ALLOC_FILE  what is said of it: "calls=", "failed=", and who asked for it
 * What libraries ask for counts as well: for them, too, it is the harness that has to cope.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 24

/* Shared by those that fork without exec. */
static struct count {
	unsigned long allocations;
} * count;

static unsigned long wanted;
static int report_fd = -1;
static pid_t started;
static __thread bool inside; /* of our own: neither counted nor failed */

/* Not by name at each call: a lookup may itself allocate, and then gets nothing, which it copes
 * with. */
static void *next(const char *name)
{
	static __thread bool looking;
	void *f;

	if (looking)
		return NULL;
	looking = true;
	f = dlsym(RTLD_NEXT, name);
	looking = false;
	return f;
}

static void say_who(size_t size, unsigned long n)
{
	void *frames[FRAMES];

	inside = true;
	dprintf(report_fd, "failed=allocation %lu, %zu bytes\n", n, size);
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), report_fd);
	inside = false;
}

static bool fails(size_t size)
{
	unsigned long n;

	if (!count || inside)
		return false;
	n = __atomic_add_fetch(&count->allocations, 1, __ATOMIC_RELAXED);
	if (n != wanted)
		return false;
	say_who(size, n);
	errno = ENOMEM;
	return true;
}

/* Defines @name with its parameters @params: it fails where it is its turn, else the next one in
 * the search order answers. */
#define INTERPOSE(name, failing, size, params, ...)                                                \
	void *name params                                                                          \
	{                                                                                          \
		static void *(*real)params;                                                        \
		if (!real)                                                                         \
			*(void **)&real = next(#name);                                             \
		return !real || fails(size) ? failing : real(__VA_ARGS__);                         \
	}

INTERPOSE(malloc, NULL, n, (size_t n), n)
INTERPOSE(calloc, NULL, n *size, (size_t n, size_t size), n, size)
INTERPOSE(realloc, NULL, n, (void *old, size_t n), old, n)
INTERPOSE(reallocarray, NULL, n *size, (void *old, size_t n, size_t size), old, n, size)
INTERPOSE(aligned_alloc, NULL, n, (size_t alignment, size_t n), alignment, n)

int posix_memalign(void **out, size_t alignment, size_t n)
{
	static int (*real)(void **, size_t, size_t);

	if (!real)
		*(void **)&real = next("posix_memalign");
	return !real || fails(n) ? ENOMEM : real(out, alignment, n);
}

/* Last of the constructors or not: what libraries set up before main is counted from here on. */
__attribute__((constructor)) static void open_count(void)
{
	const char *n = getenv("INJECT_ALLOC"), *file = getenv("INJECT_ALLOC_FILE");
	void *warm[1];
	struct count *c;

	if (!n || !file || strcmp(program_invocation_short_name, "bench") != 0)
		return;
	backtrace(warm, 1); /* it loads a library the first time */
	wanted = strtoul(n, NULL, 10);
	report_fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report_fd < 0 || c == MAP_FAILED)
		abort();
	unsetenv("LD_PRELOAD");
	started = getpid();
	count = c;
}

__attribute__((destructor)) static void close_count(void)
{
	if (!count || getpid() != started)
		return;
	inside = true;
	dprintf(report_fd, "calls=%lu\n", count->allocations);
}
