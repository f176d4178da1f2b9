/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/perform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/cpus.h"
#include "runner/demo/ask.h"
#include "runner/demo/emulated.h"
#include "runner/leftovers.h"
#include "runner/machine.h"
#include "runner/rundir.h"
#include "runner/signals.h"
#include "runner/temp_dir.h"
#include "runner/ui.h"
#include "runner/version.h"
#include "runner/words.h"

#define LOOK_NS 200000000 /* how often a file of the emulated machine is looked for */
#define GRACE_NS (60 * NSEC_PER_SEC)

/* A command under way. */
struct perform {
	const struct demo_options *o;
	struct paths paths;
	struct demo_run run;
	char temporary[TEMP_DIR_SIZE]; /* "" where what is seen is recorded */
	char dir[PATH_SIZE];           /* where it is written down */
	bool emulated;
	struct spawned machine; /* its process; pidfd -1: none, or it has ended */
	int machine_log;        /* what it says */
	uint64_t started_ns;
	unsigned verdicts[VERDICT_FAIL + 1];
};

unsigned demo_needs(const struct demo_options *o)
{
	unsigned needs = 0;

	for (size_t i = 0; i < o->n; i++)
		needs |= o->list[i]->needs;
	return needs;
}

/* --- collecting --- */

static void put_about(struct demo_facts *f)
{
	char stamp[32];
	struct utsname u = { 0 };
	time_t now = time(NULL);
	struct tm tm;

	uname(&u);
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	demo_put(f, DEMO_ABOUT, "time", "%s", stamp);
	demo_put(f, DEMO_ABOUT, "machine", "%s", machine_kind());
	demo_put(f, DEMO_ABOUT, "hypervisor", "%s", machine_hypervisor());
	demo_put(f, DEMO_ABOUT, "release", "%s", u.release);
	demo_put(f, DEMO_ABOUT, "bench", "%s", BENCH_VERSION);
}

/* The demonstration has a folder of its own for its files. */
static int collect_in_folder(
	struct perform *p, const struct demo *d, struct demo_facts *f, struct err *e)
{
	int r = temp_dir_make("demo", p->run.folder, e);

	if (r < 0)
		return r;
	r = d->collect(&p->run, f, e);
	remove_tree(p->run.folder);
	p->run.folder[0] = '\0';
	return r;
}

static int collect(struct perform *p, const struct demo *d, struct err *e)
{
	struct demo_facts *f = demo_facts_new(d->name);
	int r;

	if (!f)
		return err_set(e, -ENOMEM, "demo", "out of memory");
	put_about(f);
	r = collect_in_folder(p, d, f, e);
	if (!r)
		r = demo_facts_write(f, p->dir, e);
	demo_facts_free(f);
	return r;
}

/* --- the emulated machine, at work while people are asked --- */

static int start_machine(struct perform *p, struct err *e)
{
	struct words w = { 0 };
	int fds[] = { -1, -1, -1 };
	int r;

	/* What it says would stand in the middle of a question: it is kept for when it fails. */
	p->machine_log = memfd_create("demo-machine", MFD_CLOEXEC);
	if (p->machine_log < 0)
		return err_sys(e, "memfd_create", "keeping what the emulated machine says");
	fds[STDOUT_FILENO] = fds[STDERR_FILENO] = p->machine_log;

	demo_command(&w, p->o, &p->paths, ON_EMULATED, p->dir);
	r = w.error ? err_set(e, w.error, "demo", "the command line: %s", strerror(-w.error))
		    : spawn_program(&(struct spawn){ .path = w.argv[0],
					    .argv = w.argv,
					    .envp = environ,
					    .fds = fds,
					    .n_fds = 3,
					    .own_group = 1 },
			      &p->machine, e);
	words_free(&w);
	return r;
}

/* Ask it to end, and see to it that it does. */
static void stop_machine(struct perform *p)
{
	struct outcome out = { 0 };
	struct err ignored;

	if (p->machine.pidfd < 0)
		return;
	syscall(SYS_pidfd_send_signal, p->machine.pidfd, SIGTERM, NULL, 0);
	proc_wait(p->machine.pidfd, now_ns() + GRACE_NS, -1, &out, &ignored);
	close_fd(&p->machine.pidfd);
}

/* Has it ended? Then its status is taken. */
static bool machine_ended(struct perform *p, unsigned wait_ms, struct err *e)
{
	struct pollfd fds[] = { { p->machine.pidfd, POLLIN, 0 }, { p->run.cancel_fd, POLLIN, 0 } };
	struct outcome out = { 0 };

	if (p->machine.pidfd < 0)
		return true;
	if (poll(fds, ARRAY_SIZE(fds), (int)wait_ms) <= 0 || !fds[0].revents)
		return false;
	proc_wait(p->machine.pidfd, now_ns() + GRACE_NS, -1, &out, e);
	close_fd(&p->machine.pidfd);
	return true;
}

static void tell_log(struct perform *p)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread_all(p->machine_log, text, sizeof(text), at)) > 0) {
		write_all(STDERR_FILENO, text, (size_t)n);
		at += n;
	}
	close_fd(&p->machine_log);
}

/* Its file is whole when it can be read: it comes through a pipe. */
static int await(struct perform *p, const struct demo *d, struct demo_facts **f, struct err *e)
{
	for (;;) {
		bool ended = machine_ended(p, LOOK_NS / 1000000, e);
		int r = demo_facts_read(p->dir, d->name, f, e);

		if (!r || signals_pending(p->run.cancel_fd))
			return r ? err_set(e, -ECANCELED, "demo", "interrupted") : 0;
		if (ended) {
			ui_progress_done();
			tell_log(p);
			return err_set(e, -EIO, "demo", "the emulated machine ended without '%s'",
				d->name);
		}
		ui_progress("%s: %ju s in the emulated machine ...", d->name,
			(uintmax_t)((now_ns() - p->started_ns) / NSEC_PER_SEC));
	}
}

/* --- showing --- */

static const char *about(const struct demo_facts *f, const char *key)
{
	const char *text = demo_get(f, DEMO_ABOUT, key);

	return text ? text : "?";
}

/* With its number in the lesson, as on the worksheets, also where it is shown alone. */
static void show_heading(struct page *page, const struct demo *d)
{
	char number[24];
	size_t i = 0;

	while (demos[i] != d)
		i++;
	snprintf(number, sizeof(number), "%zu ", i + 1);
	fputc('\n', page->term.f);
	term_put(&page->term, number, 0, true, BOLD);
	term_put(&page->term, d->name, 0, true, BOLD);
	term_put(&page->term, page->term.utf8 ? " – " : " - ", 0, true, NULL);
	term_put(&page->term, msg_text(page->lang, d->title), 0, true, BOLD);
	term_end_line(&page->term);
}

/* What was seen, from the facts alone; then whether it was as predicted. */
static void show(struct perform *p, struct page *page, const struct demo *d,
	const struct demo_facts *f, enum msg guess)
{
	if (p->o->replay)
		page_say(page, MSG_RECORDED, about(f, "time"), about(f, "release"));
	if (!strcmp(about(f, "machine"), "emulated"))
		page_say(page, MSG_EMULATED);
	d->show(page, f);
	if (guess && page->verdict == VERDICT_PASS && page->seen)
		ask_compare(page, guess, page->seen);
	p->verdicts[page->verdict]++;
	fflush(page->term.f);
}

static int facts_for(struct perform *p, const struct demo *d, struct demo_facts **f, struct err *e)
{
	int r = 0;

	if (p->o->replay)
		return demo_facts_read(p->o->replay, d->name, f, e);
	if (p->emulated)
		return await(p, d, f, e);
	ui_progress("%s ...", d->name);
	r = collect(p, d, e);
	return r ? r : demo_facts_read(p->dir, d->name, f, e);
}

static int perform_one(struct perform *p, const struct demo *d, struct err *e)
{
	bool asks = !p->o->no_pause && ask_possible();
	struct demo_facts *f = NULL;
	enum msg guess = MSG_NONE;
	struct page page;
	int r = 0;

	page_open(&page, stdout, ui_width(), p->o->lang);
	show_heading(&page, d);
	page_say(&page, d->question);
	fflush(stdout);
	if (asks)
		r = ask_prediction(&page, d->choices, p->run.cancel_fd, &guess, e);
	if (!r)
		r = facts_for(p, d, &f, e);
	ui_progress_done();
	if (!r)
		show(p, &page, d, f, guess);
	demo_facts_free(f);
	return r;
}

/* --- all of them --- */

/* One that cannot be carried out or read does not take the others with it. */
static int each(struct perform *p,
	int (*carry_out)(struct perform *p, const struct demo *d, struct err *e), struct err *e)
{
	for (size_t i = 0; i < p->o->n; i++) {
		struct err why = { 0 };
		int r = carry_out(p, p->o->list[i], &why);

		if (r == -ECANCELED || (r < 0 && p->o->n == 1)) {
			*e = why;
			return r;
		}
		if (r < 0) {
			ui_error(&why);
			p->verdicts[VERDICT_NONE]++;
		}
	}
	return 0;
}

static int collect_all(struct perform *p, struct err *e)
{
	if (p->emulated)
		return demo_emulated(p->o, &p->paths, p->dir, p->run.cancel_fd, e);
	return each(p, collect, e);
}

static int perform_all(struct perform *p, struct err *e)
{
	int r = 0;

	if (p->emulated && !p->o->replay)
		r = start_machine(p, e);
	p->started_ns = now_ns();
	return r ? r : each(p, perform_one, e);
}

/* Where Linux guests cannot run here, and one is needed, the emulated machine is the host. */
static int choose_machine(struct perform *p, struct err *e)
{
	struct rt_config cfg = {
		.libexec = p->paths.libexec, .cpus = p->run.cpus, .vcpus = 1, .cancel_fd = -1
	};

	p->emulated = p->o->machine == ON_EMULATED;
	if (p->o->machine != ON_AUTO || !(demo_needs(p->o) & DEMO_LINUX_GUEST))
		return p->emulated ? machine_probe(e) : 0;
	return linux_guest_place(&cfg, &p->emulated, e);
}

static int prepare_folder(struct perform *p, struct err *e)
{
	char made[PATH_SIZE];
	cleanup_free char *whole = NULL;
	int r;

	leftovers_sweep(&p->paths);
	if (p->o->record)
		r = rundir_make_named(p->o->record, made, e);
	else
		r = temp_dir_make("demo", p->temporary, e);
	if (r < 0)
		return r;
	/* Inside the emulated machine it lies at the same place. */
	whole = realpath(p->o->record ? made : p->temporary, NULL);
	if (!whole || strlen(whole) >= sizeof(p->dir))
		return err_set(e, -ENAMETOOLONG, "demo", "the name of the folder is too long");
	strcpy(p->dir, whole);
	return 0;
}

/* What is run here may complain there, and a recording keeps it. */
static int open_log(struct perform *p, struct err *e)
{
	cleanup_free char *path = p->emulated || p->o->replay ? strdup("/dev/null")
							      : format_text("%s/log.txt", p->dir);

	if (!path)
		return err_set(e, -ENOMEM, "demo", "out of memory");
	p->run.log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	return p->run.log_fd < 0 ? err_sys(e, "open", "making '%s'", path) : 0;
}

static int prepare(struct perform *p, struct err *e)
{
	int r = paths_find(&p->paths, e);

	p->run.paths = &p->paths;
	if (!r)
		r = cpus_choose(CPUS_DEFAULT, &p->run.cpus, e);
	if (!r && !p->o->replay)
		r = choose_machine(p, e);
	if (!r) {
		p->run.cancel_fd = signals_open(e);
		r = p->run.cancel_fd < 0 ? p->run.cancel_fd : 0;
	}
	if (!r && !p->o->replay)
		r = prepare_folder(p, e);
	if (!r)
		r = open_log(p, e);
	return r;
}

static int status_of(const struct perform *p)
{
	unsigned shown = p->verdicts[VERDICT_PASS], failed = p->verdicts[VERDICT_FAIL];

	failed += p->verdicts[VERDICT_NONE];
	return failed ? STATUS_FAILED : shown ? STATUS_OK : STATUS_NOTHING;
}

static void summarize(const struct perform *p)
{
	char numbers[3][16];
	struct page page;

	snprintf(numbers[0], sizeof(numbers[0]), "%u", p->verdicts[VERDICT_PASS]);
	snprintf(numbers[1], sizeof(numbers[1]), "%u", p->verdicts[VERDICT_CANNOT]);
	snprintf(numbers[2], sizeof(numbers[2]), "%u",
		p->verdicts[VERDICT_FAIL] + p->verdicts[VERDICT_NONE]);
	page_open(&page, stdout, ui_width(), p->o->lang);
	fputc('\n', stdout);
	page_say(&page, MSG_SUMMARY, numbers[0], numbers[1], numbers[2]);
}

int demo_perform(const struct demo_options *o)
{
	struct perform p = {
		.o = o,
		.run = { .cancel_fd = -1, .log_fd = -1 },
		.machine = { .pidfd = -1 },
		.machine_log = -1,
	};
	struct err e = { 0 };
	int r = prepare(&p, &e);

	if (!r)
		r = o->raw ? collect_all(&p, &e) : perform_all(&p, &e);
	if (!r && p.machine.pidfd >= 0)
		while (!machine_ended(&p, LOOK_NS / 1000000, &e) &&
			!signals_pending(p.run.cancel_fd)) {
		}
	stop_machine(&p);
	if (*p.temporary)
		remove_tree(p.temporary);
	close_fd(&p.run.cancel_fd);
	close_fd(&p.run.log_fd);
	close_fd(&p.machine_log);
	if (r < 0) {
		ui_error(&e);
		return ui_status(&e);
	}
	if (o->raw)
		return p.verdicts[VERDICT_NONE] ? STATUS_FAILED : STATUS_OK;
	if (o->n > 1)
		summarize(&p);
	return status_of(&p);
}
