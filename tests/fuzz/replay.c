/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In libFuzzer's place: gives a fuzz target each file named, or found in a folder named, once. A
 * folder that is not there is fine: a target without findings has none.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

#define MAX_INPUT (1u << 20)

static unsigned ran;
static char now_at[512]; /* for whoever looks at a crash */

static void run_file(const char *path)
{
	cleanup_free char *text = NULL;
	cleanup_free uint8_t *exact = NULL;
	size_t len = 0;
	int r = read_file(path, MAX_INPUT, &text, &len);

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
	fprintf(stderr, "%s\r", now_at);
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
	for (int i = 1; i < argc; i++)
		run_folder(argv[i]);
	printf("%s: %u inputs\n", argv[0], ran);
	return ran ? 0 : 1;
}
