/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In libFuzzer's place: gives a fuzz target each file named, or found in a folder named, once. A
 * folder that is not there is fine: a target without findings has none.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>

#include "base/util.h"

#define INPUT_MAX (1u << 20)

static unsigned ran;
static char now_at[512];

/* The sanitizers', where they are: called before they end the process. */
void __sanitizer_set_death_callback(void (*call)(void)) __attribute__((weak));

static void say_where(void)
{
	dprintf(STDERR_FILENO, "replay: by the input %s\n", now_at);
}

static void on_signal(int sig)
{
	(void)sig; /* it comes again, with its usual effect */
	say_where();
}

static void watch(void)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	if (__sanitizer_set_death_callback) {
		__sanitizer_set_death_callback(say_where);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static void run_file(const char *path)
{
	cleanup_free char *text = NULL;
	cleanup_free uint8_t *exact = NULL;
	size_t len = 0;
	int r = read_file(path, INPUT_MAX, &text, &len);

	if (r < 0) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(-r));
		exit(1);
	}
	/* Of just this size: a read past the end is one for the sanitizers. */
	exact = malloc(len ? len : 1);
	if (!exact)
		abort();
	memcpy(exact, text, len);
	snprintf(now_at, sizeof(now_at), "%s", path);
	LLVMFuzzerTestOneInput(exact, len);
	ran++;
}

static void run_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	if (!d && errno == ENOENT)
		return;
	if (!d) {
		run_file(path);
		return;
	}
	while ((entry = readdir(d))) {
		cleanup_free char *file = format_text("%s/%s", path, entry->d_name);

		if (*entry->d_name != '.' && file)
			run_file(file);
	}
	closedir(d);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	watch();
	for (int i = 1; i < argc; i++)
		run_folder(argv[i]);
	dprintf(STDOUT_FILENO, "%s: %u inputs\n", argv[0], ran);
	return ran ? 0 : 1;
}
