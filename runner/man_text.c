/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "runner/man_page.h"

const char man_description[] =
	"bench runs one and the same static program as a plain process, as process 1 of a "
	"container "
	"made by its own namespace launcher, and as init of a Linux guest that its own virtual "
	"machine monitor boots on KVM. The same bytes everywhere, launches interleaved in shuffled "
	"blocks, medians with intervals.\n"
	"\n"
	"A program of your own is measured the same way by bench exec.\n"
	"\n"
	"Where Linux guests cannot run, for want of hardware virtualization or of /dev/kvm, the "
	"same "
	"command line runs inside an emulated machine: QEMU without KVM, with emulated AMD-V. Its "
	"results are marked: the shape of a comparison holds there, absolute times do not.\n"
	"\n"
	"Data goes to standard output; progress, warnings and errors to standard error. An error "
	"says what helps. bench doctor says what works on this machine.\n";

/* docs/errors.md has the same. */
const struct man_entry man_statuses[] = {
	{ "0", "All done." },
	{ "1", "A measurement failed, a row says which and why, and the others are kept; or bench "
	       "itself failed; or with compare --fail-above something is worse." },
	{ "2", "Wrong usage: an unknown name, a number out of range, a folder that is not empty." },
	{ "3", "Nothing that was asked for can run here, or be compared." },
	{ "130", "Interrupted by SIGINT, SIGTERM or SIGHUP; what was measured is kept and valid." },
	{ 0 },
};

const struct man_entry man_environment[] = {
	{ "XDG_CACHE_HOME", "Guest kernels and unpacked images are kept in its folder bench. Where "
			    "it is not set, in .cache/bench of HOME." },
	{ "HOME", "See above; where it is not set either, the user's home directory is taken." },
	{ "PATH", "Where gnuplot, qemu-system-x86_64, crun, runc, bwrap and the program of bench "
		  "exec are looked for." },
	{ "TMPDIR",
		"Where bench exec puts together its root file system; /tmp where it is not set." },
	{ "XDG_RUNTIME_DIR",
		"The first place that is tried for temporary folders of a run, before /run, "
		"/dev/shm and /tmp." },
	{ "NO_COLOR", "Where it is set, nothing is coloured." },
	{ "TERM", "Where it is dumb, nothing is coloured." },
	{ "BENCH_LIBEXEC",
		"The folder of the helper programs bench-vmm, workload and hello.elf. They "
		"are found beside bench, or in ../libexec/bench as seen from it." },
	{ "BENCH_SCRIPTS", "The folder of the scripts, if they are not with the helper programs." },
	{ 0 },
};

/* docs/results.md tells more of each. */
const struct man_entry man_files[] = {
	{ "out/<UTC time>-<suite>/", "The results of a run, or the folder of --out. In it:" },
	{ "samples.csv", "every number, a row each; written as they come and never changed" },
	{ "summary.csv", "medians, intervals, ratios" },
	{ "manifest.json", "what was measured on what, with which seed" },
	{ "plots/", "the plots, as SVG and PNG" },
	{ "report.html", "all of it as a page" },
	{ "log.txt", "what programs and guests said" },
	{ "output/", "of bench exec: what each launch printed" },
	{ "~/.cache/bench/kernels/", "Guest kernels that were fetched or built." },
	{ "~/.cache/bench/images/", "Kernel images, unpacked." },
	{ 0 },
};

const struct man_entry man_examples[] = {
	{ "bench doctor", "What works here, and what helps where something does not." },
	{ "bench run --quick --runtime host,ctr", "A first look in seconds." },
	{ "bench run --suite syscalls,startup", "Process, container and VM side by side." },
	{ "bench run --machine emulated --kernel distro", "On a machine without KVM." },
	{ "bench exec --launches 20 -- /bin/ls -l /etc", "A program of your own." },
	{ "bench kernel build minimal",
		"A guest kernel with what is needed and nothing else, for --kernel minimal." },
	{ "bench compare --fail-above 5 out/before out/after",
		"For CI: status 1 where something is over 5 % slower." },
	{ 0 },
};

const char *const man_see_also[] = { "bwrap", "crun", "gnuplot", "qemu-system-x86_64", "runc",
	NULL };
