/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_qemu.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/peer.h"
#include "runner/qemu_argv.h"
#include "runner/qemu_watch.h"
#include "vmm/cmdline.h"
#include "vmm/image.h"
#include "vmm/initramfs.h"
#include "vmm/kvm.h"
#include "vmm/mem.h"
#include "vmm/pvh.h"
#include "vmm/vmm.h"

struct runtime {
	struct rt_config cfg;
	char *qemu;
	struct kernel_image kernel;
	const char *kernel_arg; /* what -kernel names */
	char fd_path[32];
	int initramfs;
	uint64_t initramfs_bytes, ram_bytes;
	char *options; /* of the kernel's command line */
};

struct instance {
	struct runtime *rt;
	struct spawned qemu;
	struct qemu_watch watch;
	uint64_t requested_ns, deadline_ns;
};

/* --- probe --- */

static int check_wishes(const struct rt_config *cfg, struct err *e)
{
	static const char *const not_linux[] = { "hello", "empty" };

	for (size_t i = 0; cfg->kernel_name && i < ARRAY_SIZE(not_linux); i++) {
		if (!strcmp(cfg->kernel_name, not_linux[i]))
			return err_set(e, -ENOTSUP, "qemu", "QEMU does not start the kernel '%s'",
				not_linux[i]);
	}
	if (cfg->huge_pages)
		return err_set(e, -ENOTSUP, "qemu", "QEMU is compared on 4 KiB pages only");
	if (cfg->restore)
		return err_set(e, -ENOTSUP, "qemu", "QEMU is compared by cold boots only");
	return 0;
}

static int qemu_probe(const struct rt_config *cfg, struct err *e)
{
	cleanup_free char *path = NULL;
	cleanup_fd int kvm = -1;
	int r = peer_program("qemu", &path, e);

	if (!r)
		r = check_wishes(cfg, e);
	return r ? r : kvm_open(&kvm, e);
}

/* --- open and close --- */

/* QEMU starts an unpacked kernel by its PVH entry; one without must unpack itself. */
static int choose_kernel(struct runtime *rt, struct err *e)
{
	const struct rt_config *cfg = &rt->cfg;
	int r;

	if (!cfg->kernel) {
		err_set(e, -ENOENT, "kernel", "no guest kernel was named");
		return err_help(e, "name one with --kernel; 'bench kernel list' shows them");
	}
	r = image_open(cfg->kernel, cfg->cache, &rt->kernel, e);
	if (r < 0)
		return r;
	snprintf(rt->fd_path, sizeof(rt->fd_path), "/proc/self/fd/%d", QEMU_FD_KERNEL);
	if (pvh_entry(rt->kernel.fd)) {
		rt->kernel_arg = rt->fd_path;
		return 0;
	}
	if (strcmp(rt->kernel.path, cfg->kernel)) {
		rt->kernel_arg = cfg->kernel;
		return 0;
	}
	err_set(e, -ENOEXEC, "kernel", "'%s' has no PVH entry, by which QEMU starts a vmlinux",
		cfg->kernel);
	return err_help(e, "name the vmlinuz of the same kernel");
}

static int load_guest(struct runtime *rt, struct err *e)
{
	const struct initramfs_file init = { "init", rt->cfg.workload, 0755 };
	int r = choose_kernel(rt, e);

	if (r < 0)
		return r;
	/* The last one counts: microvm has no i8042, but a triple fault ends every machine. */
	rt->options = format_text("%s reboot=t", cmdline_linux);
	if (!rt->options)
		return err_set(e, -ENOMEM, "qemu", "out of memory");
	return initramfs_make(&init, 1, &rt->initramfs, &rt->initramfs_bytes, e);
}

static void qemu_close(struct runtime *rt)
{
	if (!rt)
		return;
	image_close(&rt->kernel);
	close_fd(&rt->initramfs);
	free(rt->options);
	free(rt->qemu);
	free(rt);
}

static int qemu_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return err_set(e, -ENOMEM, "qemu", "out of memory");
	rt->cfg = *cfg;
	rt->kernel.fd = -1;
	rt->initramfs = -1;
	r = vm_check_size(&rt->cfg, &rt->ram_bytes, e);
	if (!r)
		r = check_wishes(cfg, e);
	if (!r)
		r = peer_program("qemu", &rt->qemu, e);
	if (!r)
		r = load_guest(rt, e);
	if (r < 0) {
		qemu_close(rt);
		return r;
	}
	*out = rt;
	return 0;
}

/* --- launch, wait, reap --- */

static int make_argv(const struct runtime *rt, char *const *argv, char *cmdline, size_t size,
	struct words *out, struct err *e)
{
	const struct qemu_setup setup = {
		.qemu = rt->qemu,
		.kernel = rt->kernel_arg,
		.append = cmdline,
		.ram_bytes = rt->ram_bytes,
		.vcpus = rt->cfg.vcpus,
	};
	int r = cmdline_make(rt->options, argv, cmdline, size, e);

	*out = (struct words){ 0 };
	return r < 0 ? r : qemu_argv_make(&setup, out, e);
}

static int start(struct instance *in, const struct job *job, const int ends[3], struct err *e)
{
	const struct runtime *rt = in->rt;
	const int fds[QEMU_FD_COUNT] = {
		-1,
		ends[2],
		ends[2],
		[QEMU_FD_KERNEL] = rt->kernel.fd,
		[QEMU_FD_INITRAMFS] = rt->initramfs,
		[QEMU_FD_REPORT] = ends[0],
		[QEMU_FD_MARKS] = ends[1],
		[QEMU_FD_CONSOLE] = ends[2],
	};
	char cmdline[VM_CMDLINE_SIZE];
	struct words a;
	struct spawn sp = {
		.path = rt->qemu,
		.fds = fds,
		.n_fds = QEMU_FD_COUNT,
		.cpus = &rt->cfg.cpus,
		.own_group = 1,
	};
	int r = make_argv(rt, job->argv, cmdline, sizeof(cmdline), &a, e);

	sp.argv = a.argv;
	if (!r)
		r = spawn_program(&sp, &in->qemu, e);
	words_free(&a);
	return r;
}

static void qemu_reap(struct instance *in)
{
	if (!in)
		return;
	proc_kill(in->qemu.pidfd);
	close_fd(&in->qemu.pidfd);
	qemu_watch_free(&in->watch);
	free(in);
}

static int qemu_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	uint64_t requested = now_ns();
	struct instance *in = calloc(1, sizeof(*in));
	int ends[3] = { -1, -1, -1 }, r;

	if (!in)
		return err_set(e, -ENOMEM, "qemu", "out of memory");
	in->rt = rt;
	in->qemu.pidfd = -1;
	in->requested_ns = requested;
	in->deadline_ns = job->deadline_ns;
	qemu_watch_init(&in->watch);
	r = qemu_watch_open(&in->watch, job->report_fd, job->output_fd, ends, e);
	if (!r)
		r = start(in, job, ends, e);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		close_fd(&ends[i]);
	if (r < 0) {
		qemu_reap(in);
		return r;
	}
	*out = in;
	return 0;
}

static int qemu_wait(struct instance *in, struct outcome *out, struct err *e)
{
	int r = qemu_watch_wait(
		&in->watch, in->qemu.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, out, e);

	if (r < 0)
		return r;
	out->at[PHASE_REQUESTED] = in->requested_ns;
	out->at[PHASE_PROCESS] = in->qemu.process_ns;
	return 0;
}

static void describe_command(struct runtime *rt, fact_fn put, void *ctx)
{
	static char *const args[] = { (char *)"workload", (char *)"ARGS", NULL };
	cleanup_free char *line = NULL;
	char cmdline[VM_CMDLINE_SIZE];
	struct words a;

	if (!make_argv(rt, args, cmdline, sizeof(cmdline), &a, NULL))
		line = peer_command_line(a.argv);
	words_free(&a);
	put(ctx, "qemu.command", line ? line : "unknown");
}

static void qemu_describe(struct runtime *rt, fact_fn put, void *ctx)
{
	char text[128], sha[SHA256_HEX_SIZE];

	peer_version(rt->qemu, text, sizeof(text));
	put(ctx, "qemu.version", text);
	describe_command(rt, put, ctx);
	snprintf(text, sizeof(text), "%" PRIu64, rt->ram_bytes);
	put(ctx, "ram_bytes", text);
	snprintf(text, sizeof(text), "%u", rt->cfg.vcpus);
	put(ctx, "vcpus", text);
	put(ctx, "kernel", rt->cfg.kernel_name ? rt->cfg.kernel_name : rt->cfg.kernel);
	put(ctx, "kernel_image", rt->cfg.kernel);
	put(ctx, "kernel_sha256", rt->kernel.sha256);
	put(ctx, "kernel_entry",
		rt->kernel_arg == rt->fd_path ? "PVH, unpacked on the host"
					      : "bzImage, unpacks itself in the guest");
	put(ctx, "kernel_cmdline", rt->options);
	if (!sha256_fd(rt->initramfs, sha))
		put(ctx, "initramfs_sha256", sha);
}

const struct runtime_ops qemu_runtime = {
	.name = "qemu",
	.summary = "init of a guest of QEMU's machine type microvm, on KVM",
	.caps = RT_FOREIGN | RT_OWN_KERNEL,
	.probe = qemu_probe,
	.open = qemu_open,
	.launch = qemu_launch,
	.wait = qemu_wait,
	.reap = qemu_reap,
	.describe = qemu_describe,
	.close = qemu_close,
};
