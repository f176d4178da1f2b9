/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "vm": what the runner sees of this folder. It holds no KVM state: bench-vmm does. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "base/hypervisor.h"
#include "base/proc.h"
#include "base/ready.h"
#include "base/spawn.h"
#include "base/util.h"
#include "vmm/cmdline.h"
#include "vmm/huge.h"
#include "vmm/image.h"
#include "vmm/initramfs.h"
#include "vmm/initramfs_tree.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/mem.h"
#include "vmm/memfile.h"
#include "vmm/probe.h"
#include "vmm/runtime_vm.h"
#include "vmm/verdict.h"
#include "vmm/vm_proto.h"
#include "vmm/vmm.h"

/* Two kernels are not Linux: ours, and "empty", a guest of one instruction without any image. */
static bool is_kernel(const struct rt_config *cfg, const char *name)
{
	return cfg->kernel_name && !strcmp(cfg->kernel_name, name);
}

static int find_vmm(const struct rt_config *cfg, char **path, struct err *e)
{
	cleanup_free char *p = format_text("%s/bench-vmm", cfg->libexec);

	if (!p)
		return err_set(e, -ENOMEM, "vm", "out of memory");
	if (access(p, X_OK) < 0) {
		err_sys(e, "access", "the VMM's program '%s' cannot be run", p);
		return err_help(e, "build it with 'make'");
	}
	*path = steal_pointer(&p);
	return 0;
}

/* Documentation/virt/kvm/api.rst, 4.7: who does not tell the one has the other, or 4. */
int vm_check_vcpus(unsigned vcpus, int most, int recommended, struct err *e)
{
	const int limit = most > 0 ? most : recommended > 0 ? recommended : 4;

	if (vcpus <= (unsigned)limit)
		return 0;
	err_set(e, -EINVAL, "vCPUs", "%u vCPUs: this host's KVM gives a guest at most %d", vcpus,
		limit);
	return err_help(e, "ask for fewer with --vcpus");
}

static int vm_probe(const struct rt_config *cfg, struct err *e)
{
	cleanup_free char *vmm = NULL;
	cleanup_fd int kvm = -1, vm = -1;
	int r = find_vmm(cfg, &vmm, e);

	if (r < 0)
		return r;
	r = kvm_open(&kvm, e);
	if (r < 0)
		return r;
	r = vm_check_vcpus(
		cfg->vcpus, kvm_cap(kvm, KVM_CAP_MAX_VCPUS), kvm_cap(kvm, KVM_CAP_NR_VCPUS), e);
	if (r < 0)
		return r;
	r = vm = kvm_call(kvm, KVM_CREATE_VM, 0, e); /* fails where another hypervisor is */
	return r < 0 ? r : 0;
}

/* vCPUs go to the allowed CPUs in turn. */
static void choose_cpus(struct runtime *rt)
{
	int list[CPU_SETSIZE], n = 0;

	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &rt->cfg.cpus))
			list[n++] = i;
	}
	for (unsigned i = 0; i < VM_CPUS_MAX; i++)
		rt->cpu[i] = n ? list[i % (unsigned)n] : -1;
}

int vm_check_size(const struct rt_config *cfg, uint64_t *ram_bytes, struct err *e)
{
	*ram_bytes = cfg->mem_bytes ? cfg->mem_bytes : VM_RAM_DEFAULT;
	if (cfg->vcpus < 1 || cfg->vcpus > VM_CPUS_MAX)
		return err_set(e, -EINVAL, "vCPUs", "%u vCPUs: from 1 to %u are possible",
			cfg->vcpus, VM_CPUS_MAX);
	return guest_mem_check(*ram_bytes, e);
}

static const char *const page_names[VM_PAGES_COUNT] = {
	[VM_PAGES_SMALL] = "4 KiB",
	[VM_PAGES_HUGETLB] = "2 MiB, of the host's pool (hugetlb)",
	[VM_PAGES_THP] = "2 MiB where the host finds them (madvise)",
};

/* The hello kernel cannot find out how fast the TSC is; unknown, it measures nothing and says so.
 */
static void tell_clock(struct runtime *rt)
{
	cleanup_fd int kvm = -1, vm = -1;
	uint32_t khz;

	if (kvm_open(&kvm, NULL) < 0)
		return;
	vm = kvm_call(kvm, KVM_CREATE_VM, 0, NULL);
	khz = vm < 0 ? 0 : kvm_tsc_khz(vm, 0);
	if (khz)
		snprintf(rt->clock, sizeof(rt->clock), "tsc_khz=%" PRIu32, khz);
	rt->options = rt->clock;
}

static int load_guest(struct runtime *rt, struct err *e)
{
	const struct initramfs_file init = { "init", rt->cfg.workload, 0755 };
	int r;

	if (is_kernel(&rt->cfg, "empty")) {
		rt->entry = VM_ENTRY_EMPTY;
		rt->ram_bytes = RAM_MIN;
		return 0;
	}
	if (!rt->cfg.kernel) {
		err_set(e, -ENOENT, "kernel", "no guest kernel was named");
		return err_help(e, "name one with --kernel; 'bench kernel list' shows them");
	}
	r = image_open(rt->cfg.kernel, rt->cfg.cache, &rt->kernel, e);
	if (!r)
		r = image_freeze(&rt->kernel, e);
	if (r < 0)
		return r;
	if (is_kernel(&rt->cfg, "hello")) {
		tell_clock(rt);
		return 0;
	}
	if (rt->cfg.program) {
		/* Of two the last one counts. */
		snprintf(rt->exec_options, sizeof(rt->exec_options), "%s rdinit=%s", cmdline_linux,
			INITRAMFS_INIT);
		rt->options = rt->exec_options;
		return initramfs_make_tree(
			rt->cfg.program, rt->cfg.workload, &rt->initramfs, &rt->initramfs_bytes, e);
	}
	rt->options = cmdline_linux;
	return initramfs_make(&init, 1, &rt->initramfs, &rt->initramfs_bytes, e);
}

static void vm_close(struct runtime *rt)
{
	if (!rt)
		return;
	image_close(&rt->kernel);
	close_fd(&rt->initramfs);
	close_fd(&rt->snapshot);
	empty_ns_free(&rt->ns);
	free(rt->vmm);
	free(rt);
}

static int vm_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return err_set(e, -ENOMEM, "vm", "out of memory");
	rt->cfg = *cfg;
	rt->kernel.fd = -1;
	rt->initramfs = rt->snapshot = -1;
	rt->options = "";
	rt->emulated = hypervisor_is_emulator();
	choose_cpus(rt);
	/* A sanitizer's runtime looks for leaks in /proc. */
	empty_ns_make(&rt->ns, SANITIZED ? EMPTY_NS_ALL & ~(uint32_t)CLONE_NEWNS : EMPTY_NS_ALL);
	r = vm_check_size(&rt->cfg, &rt->ram_bytes, e);
	if (!r)
		r = find_vmm(cfg, &rt->vmm, e);
	if (!r)
		r = load_guest(rt, e);
	if (!r && cfg->huge_pages)
		r = huge_choose("/sys/kernel/mm", rt->ram_bytes, &rt->pages, e);
	if (!r && cfg->restore)
		r = runtime_take_snapshot(rt, e);
	if (r < 0) {
		vm_close(rt);
		return r;
	}
	*out = rt;
	return 0;
}

int runtime_share_memory(int *fd, struct vm_shared **shared, struct err *e)
{
	cleanup_fd int mem = memfile_new("bench-vm", e);
	int r = mem;

	if (r >= 0 && ftruncate(mem, sizeof(**shared)) < 0)
		r = err_sys(e, "ftruncate", "shared memory for a VMM");
	if (r >= 0)
		r = memfile_seal_size(mem, e);
	if (r < 0)
		return r;
	*shared = mmap(NULL, sizeof(**shared), PROT_READ | PROT_WRITE, MAP_SHARED, mem, 0);
	if (*shared == MAP_FAILED) {
		*shared = NULL;
		return err_sys(e, "mmap", "shared memory for a VMM");
	}
	*fd = steal_fd(&mem);
	return 0;
}

/* The arguments as ARGS_PORT gives them. */
static int pack_args(char *const *argv, struct vm_config *cfg, struct err *e)
{
	for (; *argv; argv++) {
		size_t len = strlen(*argv) + 1;

		if (len == 1)
			return err_set(e, -EINVAL, "arguments",
				"an empty one cannot be handed to a guest");
		if (len > sizeof(cfg->args) - cfg->args_bytes)
			return err_set(
				e, -E2BIG, "arguments", "longer than %u bytes", VM_ARGS_SIZE);
		memcpy(cfg->args + cfg->args_bytes, *argv, len);
		cfg->args_bytes += (uint32_t)len;
	}
	return 0;
}

/* The command line is no place for a user's arguments: it splits at blanks and has its own quotes.
 * Init finds them in a file. */
static char *const exec_argv[] = { (char[]){ "init" }, (char[]){ "--exec" }, NULL };

/* Where the guest's console goes. */
static int log_of(const struct runtime *rt, const struct job *job)
{
	return rt->cfg.program ? job->error_fd : job->output_fd;
}

static int fill_config(
	const struct runtime *rt, const struct job *job, struct vm_config *cfg, struct err *e)
{
	char *const *argv = rt->cfg.program ? exec_argv : job->argv;

	*cfg = (struct vm_config){
		.magic = VM_PROTO_MAGIC,
		.version = VM_PROTO_VERSION,
		.entry = rt->snapshot >= 0 ? VM_ENTRY_SNAPSHOT : rt->entry,
		.vcpus = rt->cfg.vcpus,
		.ram_bytes = rt->ram_bytes,
		.initramfs_bytes = rt->initramfs_bytes,
		.deadline_ns = job->held ? 0 : job->deadline_ns,
		.has_initramfs = rt->initramfs >= 0,
		.has_console = log_of(rt, job) >= 0,
		.has_output = rt->cfg.program && job->output_fd >= 0,
		.pages = rt->pages,
		.namespaces = rt->ns.flags,
		.sanitized = SANITIZED,
		.emulated = rt->emulated,
	};
	memcpy(cfg->cpu, rt->cpu, sizeof(cfg->cpu));
	if (rt->snapshot >= 0)
		return pack_args(argv, cfg, e);
	return cmdline_make(rt->options, argv, cfg->cmdline, sizeof(cfg->cmdline), e);
}

static int start_vmm(const struct runtime *rt, const struct job *job, int shared_fd, int snapshot,
	struct spawned *vmm, struct err *e)
{
	const int log_fd = log_of(rt, job);
	const int fds[VM_FD_COUNT] = {
		-1,
		-1,
		log_fd,
		[VM_FD_SHARED] = shared_fd,
		[VM_FD_KERNEL] = rt->kernel.fd,
		[VM_FD_INITRAMFS] = rt->initramfs,
		[VM_FD_REPORT] = job->report_fd,
		[VM_FD_CONSOLE] = log_fd,
		[VM_FD_SNAPSHOT] = snapshot,
		[VM_FD_OUTPUT] = rt->cfg.program ? job->output_fd : -1,
		[VM_FD_USER_NS] = rt->ns.fd[0],
		[VM_FD_MOUNT_NS] = rt->ns.fd[1],
		[VM_FD_NET_NS] = rt->ns.fd[2],
	};
	char *argv[] = { rt->vmm, NULL };
	struct spawn sp = {
		.path = rt->vmm,
		.argv = argv,
		.fds = fds,
		.n_fds = VM_FD_COUNT,
		.cpus = CPU_COUNT(&rt->cfg.cpus) ? &rt->cfg.cpus : NULL,
		.own_group = 1, /* Ctrl-C is for the runner, which then ends us in order */
	};

	return spawn_program(&sp, vmm, e);
}

static void vm_reap(struct instance *in)
{
	if (!in)
		return;
	proc_kill_child(in->vmm.pid, &in->vmm.pidfd);
	if (in->shared)
		munmap(in->shared, sizeof(*in->shared));
	free(in);
}

int runtime_start(
	struct runtime *rt, const struct job *job, int take, struct instance **out, struct err *e)
{
	uint64_t requested = now_ns();
	struct instance *in = calloc(1, sizeof(*in));
	cleanup_fd int fd = -1;
	int r;

	if (!in)
		return err_set(e, -ENOMEM, "vm", "out of memory");
	in->rt = rt;
	in->vmm.pidfd = -1;
	in->requested_ns = requested;
	in->deadline_ns = job->deadline_ns;
	r = runtime_share_memory(&fd, &in->shared, e);
	if (!r)
		r = fill_config(rt, job, &in->shared->cfg, e);
	if (!r) {
		in->shared->cfg.take_snapshot = take >= 0;
		r = start_vmm(rt, job, fd, take >= 0 ? take : rt->snapshot, &in->vmm, e);
	}
	if (r < 0) {
		vm_reap(in);
		return r;
	}
	*out = in;
	return 0;
}

static int vm_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	return runtime_start(rt, job, -1, out, e);
}

static int vm_wait(struct instance *in, struct outcome *out, struct err *e)
{
	int r = proc_wait(in->vmm.pidfd, in->deadline_ns + GRACE_NS, in->rt->cfg.cancel_fd, out, e);

	if (r < 0)
		return r;
	out->at[PHASE_REQUESTED] = in->requested_ns;
	out->at[PHASE_PROCESS] = in->vmm.process_ns;
	vm_verdict(&in->shared->st, out);
	return 0;
}

/* "2,3,2": the host CPU of each vCPU's thread, in their order. */
static void describe_pins(const struct runtime *rt, fact_fn put, void *ctx)
{
	char text[VM_CPUS_MAX * 6] = "";
	size_t used = 0;

	for (unsigned i = 0; i < rt->cfg.vcpus && used < sizeof(text); i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%d", i ? "," : "", rt->cpu[i]);
	put(ctx, "vcpu_cpus", text);
}

/* What VMMs are held in, and where something is missing, why. */
static void describe_sandbox(const struct runtime *rt, fact_fn put, void *ctx)
{
	char text[sizeof(rt->ns.why.message) + 8];
	size_t used = 0;

	for (size_t i = 0; i < SANDBOX_NS; i++) {
		if (rt->ns.fd[i] >= 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
				used ? ", " : "", sandbox_ns[i].name);
	}
	if (!used)
		snprintf(text, sizeof(text), "none: %s", rt->ns.why.message);
	put(ctx, "vmm_namespaces", text);
	put(ctx, "vmm_seccomp", SANITIZED ? "none: built with a sanitizer" : "kill");
}

static int vm_ready(struct instance *in, struct err *e)
{
	int r = ready_await(
		&in->shared->st.ready, in->vmm.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, e);

	if (!r)
		close_fd(&in->vmm.pidfd);
	return r;
}

static void vm_view(const struct instance *in, struct rt_view *view)
{
	view->pid = in->vmm.pid;
	view->guest_at = in->shared->st.guest_at;
	view->guest_bytes = in->rt->ram_bytes;
}

static void vm_describe(struct runtime *rt, fact_fn put, void *ctx)
{
	char text[32], sha[SHA256_HEX_SIZE];

	snprintf(text, sizeof(text), "%" PRIu64, rt->ram_bytes);
	put(ctx, "ram_bytes", text);
	snprintf(text, sizeof(text), "%u", rt->cfg.vcpus);
	put(ctx, "vcpus", text);
	describe_pins(rt, put, ctx);
	put(ctx, "kernel", rt->cfg.kernel_name ? rt->cfg.kernel_name : rt->cfg.kernel);
	if (rt->kernel.fd >= 0) {
		put(ctx, "kernel_image", rt->cfg.kernel);
		put(ctx, "kernel_sha256", rt->kernel.sha256);
	}
	put(ctx, "kernel_cmdline", rt->options);
	if (rt->initramfs >= 0 && !sha256_fd(rt->initramfs, sha))
		put(ctx, "initramfs_sha256", sha);
	if (!sha256_path(rt->vmm, sha))
		put(ctx, "vmm_sha256", sha);
	describe_sandbox(rt, put, ctx);
	put(ctx, "guest_pages", page_names[rt->pages]);
	if (rt->snapshot >= 0)
		runtime_describe_snapshot(rt, put, ctx);
}

const struct runtime_ops vm_runtime = {
	.name = "vm",
	.summary = "init of a guest of our own VMM, on KVM",
	.caps = RT_OWN_KERNEL | RT_SNAPSHOT | RT_SHARED | RT_ANY_PROGRAM,
	.probe = vm_probe,
	.open = vm_open,
	.launch = vm_launch,
	.wait = vm_wait,
	.reap = vm_reap,
	.ready = vm_ready,
	.view = vm_view,
	.describe = vm_describe,
	.close = vm_close,
};
