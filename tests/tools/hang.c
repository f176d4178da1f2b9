/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workload that never ends, with a child that does not either: who started them must end them. */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc == 2 &&
		!strcmp(argv[1], "--true")) /* asked by who wants to know whether it runs */
		return 0;
	if (fork() < 0)
		return 1;
	for (;;)
		pause();
}
