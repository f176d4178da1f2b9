/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/machine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/hypervisor.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/temp_dir.h"
#include "runner/words.h"
#include "vmm/image.h"

#define SCRIPT "emulated-machine"
#define DEFAULT_TIMEOUT_S 3600 /* as in the script */
#define SLACK_S 120            /* boot, unpacking of results, on a loaded machine */
#define GROUP_TRIES 200        /* of ten milliseconds */
#define GRACE_S 30             /* after SIGTERM: the script itself allows the command ten */

/* Exit statuses of the script that are not the command's. */
#define SCRIPT_TIMEOUT 124
#define SCRIPT_BROKEN 125

#define TSC_WINDOW_NS 5000000

static const struct {
	const char *signature;
	const char *name;
} hypervisors[] = {
	{ "KVMKVMKVM", "KVM" },
	{ HYPERVISOR_TCG, "QEMU TCG" },
	{ "Microsoft Hv", "Hyper-V" },
	{ "VMwareVMware", "VMware" },
	{ "XenVMMXenVMM", "Xen" },
	{ "VBoxVBoxVBox", "VirtualBox" },
	{ "bhyve bhyve ", "bhyve" },
	{ "ACRNACRNACRN", "ACRN" },
	{ "QNXQVMBSQG", "QNX" },
	{ " lrpepyh  vr", "Parallels" },
	{ "Jailhouse", "Jailhouse" },
	{ "SRESRESRESRE", "Lockheed Martin SRE" },
};

const char *machine_hypervisor_of(const char *signature)
{
	for (size_t i = 0; i < ARRAY_SIZE(hypervisors); i++) {
		if (!strcmp(signature, hypervisors[i].signature))
			return hypervisors[i].name;
	}
	return *signature ? "unknown" : "none";
}

const char *machine_hypervisor(void)
{
	char signature[13];

	if (!hypervisor_signature(signature))
		return "none";
	/* The bit without a name: a hypervisor that does not tell. */
	return *signature ? machine_hypervisor_of(signature) : "unknown";
}

const char *machine_kind(void)
{
	return hypervisor_is_emulator() ? "emulated" : "native";
}

uint64_t machine_tsc_khz(void)
{
	uint64_t ns = now_ns(), ticks = __builtin_ia32_rdtsc();

	while (now_ns() - ns < TSC_WINDOW_NS) {
	}
	ns = now_ns() - ns;
	ticks = __builtin_ia32_rdtsc() - ticks;
	return ticks * 1000000 / ns;
}

int machine_probe(struct err *e)
{
	static const struct {
		const char *program, *package;
	} needs[] = {
		{ "qemu-system-x86_64", "qemu-system-x86" },
		{ "busybox", "busybox-static" },
		{ "bash", "bash" },
		{ "setpriv", "util-linux" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		cleanup_free char *path = program_find(needs[i].program);

		if (path)
			continue;
		err_set(e, -ENODEV, "emulated machine", "the emulated machine needs '%s'",
			needs[i].program);
		return err_help(e, "sudo apt-get install %s", needs[i].package);
	}
	return 0;
}

static void add_copy(struct words *a, const char *dir, const char *name)
{
	words_add(a, "--copy");
	words_addf(a, "%s/%s", dir, name);
}

static void add_number(struct words *a, const char *option, unsigned value)
{
	if (!value)
		return;
	words_add(a, option);
	words_addf(a, "%u", value);
}

int machine_argv(const struct machine_job *job, const char *kernel_dir, const char *vmlinux,
	struct words *out, struct err *e)
{
	static const char *const helpers[] = { "workload", "bench-vmm", "hello.elf" };

	*out = (struct words){ 0 };
	words_addf(out, "%s/" SCRIPT, job->paths->scripts);
	words_add(out, "--kernel");
	words_add(out, kernel_dir);
	if (*vmlinux) {
		words_add(out, "--vmlinux");
		words_add(out, vmlinux);
	}
	words_add(out, "--share");
	words_add(out, job->share);
	if (job->icount)
		words_add(out, "--icount"); /* has one CPU */
	else
		add_number(out, "--cpus", job->cpus);
	add_number(out, "--mem", job->mem_mib);
	add_number(out, "--timeout", job->timeout_s);
	words_add(out, "--copy");
	words_add(out, job->paths->self);
	words_add(out, "--copy");
	words_add(out, job->paths->scripts);
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		add_copy(out, job->paths->libexec, helpers[i]);
	words_add(out, "--hold");
	words_addf(out, "%s/bench-vmm", job->paths->libexec);
	for (char *const *copy = job->copies; copy && *copy; copy++) {
		words_add(out, "--copy");
		words_add(out, *copy);
	}
	/* The same places inside, however they were found outside. */
	words_add(out, "--");
	words_add(out, "env");
	words_addf(out, "BENCH_LIBEXEC=%s", job->paths->libexec);
	words_addf(out, "BENCH_SCRIPTS=%s", job->paths->scripts);
	words_addf(out, "XDG_CACHE_HOME=%.*s",
		(int)(strrchr(job->paths->cache, '/') - job->paths->cache), job->paths->cache);
	for (char *const *word = job->argv; *word; word++)
		words_add(out, *word);
	if (out->error)
		return err_set(e, out->error, "emulated machine", "its command line: %s",
			strerror(-out->error));
	return 0;
}

static int start(const struct machine_job *job, struct spawned *child, struct err *e)
{
	const char *name = job->kernel ? job->kernel : "distro";
	struct kernel_image image = { .fd = -1 };
	const int fds[3] = { -1, job->output_fd, job->error_fd };
	struct words a;
	struct kernel_ref ref;
	int r = kernel_need(name, job->paths, &ref, e);

	if (r < 0)
		return r;
	if (!*ref.dir)
		return err_set(e, -EINVAL, "emulated machine",
			"its own kernel must be a fetched one (distro, distro-6.12), not '%s'",
			name);
	r = image_open(ref.path, job->paths->cache, &image, e);
	if (r < 0)
		return r;
	r = machine_argv(job, ref.dir, image.path, &a, e);
	if (!r) /* a group of its own: an interruption reaches the command once, through us */
		r = spawn_program(&(struct spawn){ .path = a.argv[0],
					  .argv = a.argv,
					  .envp = environ,
					  .fds = fds,
					  .n_fds = 3,
					  .own_group = 1 },
			child, e);
	words_free(&a);
	image_close(&image);
	return r;
}

/* As proc_wait; and nothing lives on of what the script has started. */
static int await_end(const struct spawned *child, uint64_t deadline_ns, int cancel_fd,
	struct outcome *out, struct err *e)
{
	bool late;
	int r = proc_await(child->pidfd, deadline_ns, cancel_fd, out, &late, e);

	if (r < 0)
		return r;
	kill(-child->pid, SIGKILL); /* not yet reaped, so the number is still ours */
	return proc_reap(child->pidfd, late, out, e);
}

/* Ask the script to end, and wait. */
static int stop(const struct spawned *child, struct outcome *out, struct err *e)
{
	syscall(SYS_pidfd_send_signal, child->pidfd, SIGTERM, NULL, 0);
	return await_end(child, now_ns() + GRACE_S * NSEC_PER_SEC, -1, out, e);
}

static int judge(const struct outcome *out, int *status, struct err *e)
{
	static const char step[] = "emulated machine";

	if (out->kind != OUTCOME_EXITED)
		return err_set(e, -EIO, step, "the emulated machine: %s", out->reason);
	*status = out->code;
	switch (out->code) {
	case SCRIPT_TIMEOUT:
		err_set(e, -ETIMEDOUT, step, "the run in the emulated machine took too long");
		return err_help(e, "--timeout SEC, or fewer benchmarks by --filter");
	case SCRIPT_BROKEN:
		err_set(e, -EIO, step, "the emulated machine failed (see above)");
		return err_help(e, "again; QEMU before 8.1 has a fault that rarely makes it hang");
	default:
		return 0;
	}
}

/* A script that was killed has not removed its folder, and who was filling it may take a moment to
 * end. */
static void clean_up_after(const struct spawned *child)
{
	for (int i = 0; i < GROUP_TRIES && kill(-child->pid, 0) == 0; i++)
		usleep(10000);
	temp_dir_sweep_in(temp_dir_tmp(), "machine", NULL, NULL);
}

int machine_run(const struct machine_job *job, int *status, struct err *e)
{
	unsigned seconds = (job->timeout_s ? job->timeout_s : DEFAULT_TIMEOUT_S) + SLACK_S;
	struct outcome out = { 0 };
	struct spawned child = { .pidfd = -1 };
	struct err ignored;
	int r = machine_probe(e);

	if (!r)
		r = start(job, &child, e);
	if (r < 0)
		return r;
	r = await_end(&child, now_ns() + seconds * NSEC_PER_SEC, job->cancel_fd, &out, e);
	if (!r)
		r = judge(&out, status, e);
	else if (r != -ECANCELED || stop(&child, &out, &ignored) < 0)
		proc_kill(child.pidfd);
	else if (out.kind == OUTCOME_EXITED)
		*status = out.code;
	close_fd(&child.pidfd);
	if (out.kind != OUTCOME_EXITED)
		clean_up_after(&child);
	return r;
}
