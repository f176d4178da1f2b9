/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench doctor": what works here, found out by trying; and for every no what helps. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/util.h"
#include "ctr/ctr.h"
#include "ctr/ns.h"
#include "results/gnuplot.h"
#include "runner/cpus.h"
#include "runner/facts.h"
#include "runner/kernels.h"
#include "runner/machine.h"
#include "runner/paths.h"
#include "runner/peer.h"
#include "runner/rt_host.h"
#include "runner/run_options.h"
#include "runner/runtimes.h"
#include "runner/ui.h"
#include "runner/verbs.h"
#include "runner/warnings.h"
#include "vmm/probe.h"

#define DETAIL_SIZE 256

struct doctor {
	struct paths paths;
	struct rt_config cfg;
	struct kvm_probe kvm;
	struct err kvm_error; /* code 0: kvm is valid */
	unsigned no;
};

/* A check returns 0 and may fill @detail, or the reason and the remedy in @e. */
typedef int (*check_fn)(struct doctor *d, char *detail, struct err *e);

static int check_host(struct doctor *d, char *detail, struct err *e)
{
	char cpus[64];

	cpus_format(&d->cfg.cpus, cpus, sizeof(cpus));
	snprintf(detail, DETAIL_SIZE, "plain processes, on CPUs %s", cpus);
	return host_runtime.probe(&d->cfg, e);
}

static int check_ctr(struct doctor *d, char *detail, struct err *e)
{
	snprintf(detail, DETAIL_SIZE, "containers: all seven namespaces, %s",
		getuid() ? "rootless" : "as root");
	return ctr_runtime.probe(&d->cfg, e);
}

static int check_cgroup(struct doctor *d, char *detail, struct err *e)
{
	const char *mode = facts_cgroup_mode("");

	(void)d;
	snprintf(detail, DETAIL_SIZE, "cgroup %s", mode);
	if (strcmp(mode, "none"))
		return 0;
	err_set(e, -ENOENT, "cgroup", "no cgroup file system is mounted: no limits, no accounting");
	return err_help(e, "mount -t cgroup2 none /sys/fs/cgroup");
}

static int kvm_said_no(const struct doctor *d, struct err *e)
{
	if (d->kvm_error.code) {
		*e = d->kvm_error;
		return e->code;
	}
	err_set(e, -ENODEV, "kvm", "%s", d->kvm.reason);
	return err_help(e, "%s", d->kvm.remedy);
}

static int check_kvm(struct doctor *d, char *detail, struct err *e)
{
	if (d->kvm_error.code || !d->kvm.runs)
		return kvm_said_no(d, e);
	snprintf(detail, DETAIL_SIZE,
		"/dev/kvm runs our hello kernel (%s, create VM %.0f us, exit %.1f us)",
		d->kvm.module, d->kvm.create_vm_us, d->kvm.exit_us);
	return 0;
}

static int check_linux_guest(struct doctor *d, char *detail, struct err *e)
{
	if (d->kvm_error.code || !d->kvm.linux_can_run)
		return kvm_said_no(d, e);
	snprintf(detail, DETAIL_SIZE, "Linux guests run natively");
	return 0;
}

static int check_emulated(struct doctor *d, char *detail, struct err *e)
{
	(void)d;
	snprintf(detail, DETAIL_SIZE, "the emulated machine (QEMU TCG with AMD-V) can be started");
	return machine_probe(e);
}

/* Other people's runtimes: where they are installed, by a launch of each. */
static int check_peer(struct doctor *d, const char *name, char *detail, struct err *e)
{
	cleanup_free char *path = NULL;
	char version[64];
	int r = peer_program(name, &path, e);

	if (!r)
		r = runtime_find(name)->probe(&d->cfg, e);
	if (r < 0)
		return r;
	peer_version(path, version, sizeof(version));
	snprintf(detail, DETAIL_SIZE, "%.150s (%s)", path, version);
	return 0;
}

static int check_crun(struct doctor *d, char *detail, struct err *e)
{
	return check_peer(d, "crun", detail, e);
}

static int check_runc(struct doctor *d, char *detail, struct err *e)
{
	return check_peer(d, "runc", detail, e);
}

static int check_bwrap(struct doctor *d, char *detail, struct err *e)
{
	return check_peer(d, "bwrap", detail, e);
}

/* Its guests are Linux, so that it needs of /dev/kvm what ours do. */
static int check_qemu(struct doctor *d, char *detail, struct err *e)
{
	int r = check_peer(d, "qemu", detail, e);

	if (r || (!d->kvm_error.code && d->kvm.linux_can_run))
		return r;
	r = kvm_said_no(d, e);
	if (!d->kvm_error.code)
		err_help(e, "use --machine emulated, or a host with VT-x or AMD-V");
	return r;
}

static int check_host_kernel(struct doctor *d, char *detail, struct err *e)
{
	struct kernel_ref ref;
	int r = kernel_resolve("host", &d->paths, &ref, e);

	if (!r)
		snprintf(detail, DETAIL_SIZE, "guest kernel 'host': %.200s", ref.path);
	return r;
}

static int check_distro_kernel(struct doctor *d, char *detail, struct err *e)
{
	struct kernel_ref ref;
	int r = kernel_resolve("distro", &d->paths, &ref, e);

	if (!r)
		snprintf(detail, DETAIL_SIZE, "guest kernel 'distro': %.200s", ref.path);
	return r;
}

static int check_gnuplot(struct doctor *d, char *detail, struct err *e)
{
	cleanup_free char *path = NULL;
	int r = gnuplot_find(&path, e);

	(void)d;
	if (r < 0)
		return r;
	snprintf(detail, DETAIL_SIZE, "%.200s draws the plots", path);
	return 0;
}

static const struct {
	const char *name;
	check_fn check;
} checks[] = {
	{ "host", check_host },
	{ "ctr", check_ctr },
	{ "cgroup", check_cgroup },
	{ "kvm", check_kvm },
	{ "vm", check_linux_guest },
	{ "emulated", check_emulated },
	{ "crun", check_crun },
	{ "runc", check_runc },
	{ "bwrap", check_bwrap },
	{ "qemu", check_qemu },
	{ "kernel host", check_host_kernel },
	{ "kernel distro", check_distro_kernel },
	{ "plots", check_gnuplot },
};

static void print_check(struct doctor *d, const char *name, check_fn check)
{
	bool color = ui_color(stdout);
	char detail[DETAIL_SIZE] = "";
	struct err e = { 0 };
	int r = check(d, detail, &e);

	printf("%s%-4s%s %-14s %s\n", color ? (r ? "\033[1;31m" : "\033[32m") : "",
		r ? "no" : "yes", color ? "\033[0m" : "", name, r ? e.message : detail);
	if (r) {
		printf("     %-14s try: %s\n", "", e.remedy[0] ? e.remedy : "see docs/errors.md");
		d->no++;
	}
}

static void print_warning(void *ctx, const char *text)
{
	(void)ctx;
	printf("warn %-14s %s\n", "", text);
}

static void print_machine(void)
{
	struct utsname u;

	uname(&u);
	printf("Linux %s, %s machine, hypervisor: %s\n\n", u.release, machine_kind(),
		machine_hypervisor());
}

static int examine(struct doctor *d, struct err *e)
{
	int r = paths_find(&d->paths, e);

	if (!r)
		r = cpus_choose(CPUS_DEFAULT, &d->cfg.cpus, e);
	if (r)
		return r;
	d->cfg.workload = d->paths.workload;
	d->cfg.libexec = d->paths.libexec;
	d->cfg.cache = d->paths.cache;
	d->cfg.vcpus = 1;
	d->cfg.cancel_fd = -1;
	d->cfg.ctr_namespaces = ns_all();
	d->cfg.ctr_seccomp = true;
	kvm_probe_guest(&d->cfg, &d->kvm, &d->kvm_error);
	return 0;
}

static int run_doctor(const struct verb *v, int argc, char **argv)
{
	struct doctor d = { 0 };
	struct err e = { 0 };
	int first, status;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	if (first != argc) {
		err_set(&e, -EINVAL, "usage", "'%s': doctor takes no operand", argv[first]);
		return verb_usage_error(v, &e);
	}
	if (examine(&d, &e) < 0) {
		ui_error(&e);
		return ui_status(&e);
	}
	print_machine();
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		print_check(&d, checks[i].name, checks[i].check);
	warnings_of_host("", machine_kind(), print_warning, NULL);
	return STATUS_OK;
}

const struct verb doctor_verb = {
	.name = "doctor",
	.args = "",
	.summary = "what works on this machine, what does not, and what helps",
	.run = run_doctor,
};
