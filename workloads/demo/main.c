/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workloads/demo/probe.h"
#include "workloads/guest_init.h"
#include "workloads/held.h"

#define STATUS_USAGE 2
#define TMP "--tmp=" /* what the runtime host adds: a folder for files */

/* The option NAME or NAME=VALUE, one at a time. */
static const struct {
	const char *name;
	int (*run)(const struct probe *p);
} probes[] = {
	{ "--calls", probe_calls },
	{ "--crash", probe_crash },
	{ "--kernel", probe_kernel },
	{ "--made-for", probe_made_for },
	{ "--versions", probe_versions },
	{ "--visible", probe_visible },
	{ "--windows", probe_windows },
};

static void mark_work(void)
{
	guest_mark(MARK_WORK, 0);
}

void probe_stay(const struct probe *p)
{
	held_say_ready(p->report, p->guest ? mark_work : NULL);
	for (;;)
		pause();
}

static int run(struct probe *p, const char *word)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		size_t n = strlen(probes[i].name);

		if (strncmp(word, probes[i].name, n) || (word[n] && word[n] != '='))
			continue;
		p->value = word[n] ? word + n + 1 : NULL;
		return probes[i].run(p);
	}
	fprintf(stderr, "demo-probe: no such probe: %s\n", word);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	static struct report report;
	struct probe p = { .report = &report, .guest = guest_enter(), .tmp = "/tmp" };
	int status;

	if (p.guest) {
		argc = guest_args(argc, argv);
		guest_setup(1);
		report_open(&report, report_to_port, -1);
	} else {
		report_open(&report, report_to_fd, report_default_fd());
	}
	for (int i = 2; i < argc; i++)
		if (!strncmp(argv[i], TMP, strlen(TMP)))
			p.tmp = argv[i] + strlen(TMP);
	status = run(&p, argc >= 2 ? argv[1] : "");
	if (report_end(&report, status) < 0 && !status)
		status = 1;
	if (p.guest) {
		fflush(NULL);
		guest_exit(status); /* nobody returns from here */
	}
	return status;
}
