/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "vm" from a snapshot: it is taken once, when the runtime is opened. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/proc.h"
#include "base/util.h"
#include "vmm/memfile.h"
#include "vmm/runtime_vm.h"
#include "vmm/snapshot.h"
#include "vmm/verdict.h"
#include "vmm/vmm.h"

/* An emulated machine boots a distribution's kernel within 20 s; one that has not by then hangs. */
#define DEADLINE_NS (180 * NSEC_PER_SEC)

/* Why no snapshot came out, in the words of a launch that failed. */
static int explain(const struct vm_state *st, struct outcome *out, struct err *e)
{
	vm_verdict(st, out);
	if (out->kind == OUTCOME_EXITED && !out->code)
		snprintf(out->reason, sizeof(out->reason),
			"the guest ended before it was ready: it knows nothing of snapshots");
	err_set(e, -EIO, "snapshot", "none could be taken of a booted guest: %.300s", out->reason);
	return err_help(e, "see whether this kernel boots without --start restore");
}

static int await(struct runtime *rt, struct instance *in, struct err *e)
{
	struct outcome out = { .kind = OUTCOME_BROKEN };
	int r = proc_wait(in->vmm.pidfd, in->deadline_ns + GRACE_NS, rt->cfg.cancel_fd, &out, e);
	const struct vm_state *st = &in->shared->st;

	if (r == -ECANCELED)
		return err_set(e, r, "snapshot", "interrupted while it was being taken");
	if (r < 0)
		return r;
	if (st->end != VM_END_SNAPSHOT || !st->at[VM_AT_TAKEN] || out.kind != OUTCOME_EXITED)
		return explain(st, &out, e);
	rt->snapshot_ns = st->at[VM_AT_TAKEN] - in->requested_ns;
	return 0;
}

/* What came out is checked now, once, so that it is not each launch that fails. */
static int check(const struct runtime *rt, int fd, struct err *e)
{
	struct snapshot s = { .header = NULL };
	struct snapshot_host here;
	int r = snapshot_open(fd, &s, e);

	if (r < 0)
		return r;
	snapshot_this_host(&here);
	r = snapshot_fits(&s, &here, rt->cfg.vcpus, rt->ram_bytes, e);
	snapshot_close(&s);
	return r;
}

int runtime_take_snapshot(struct runtime *rt, struct err *e)
{
	char *argv[] = { (char[]){ "workload" }, NULL };
	struct job job = {
		.argv = argv,
		.deadline_ns = now_ns() + DEADLINE_NS,
		.report_fd = -1,
		.output_fd = -1,
		.error_fd = -1,
	};
	cleanup_fd int fd = -1;
	struct instance *in;
	int r;

	if (rt->entry == VM_ENTRY_EMPTY)
		return err_set(e, -EINVAL, "snapshot", "the empty guest has nothing to go on with");
	r = fd = memfile_new("bench-snapshot", e);
	if (r < 0)
		return r;
	r = runtime_start(rt, &job, fd, &in, e);
	if (r < 0)
		return r;
	r = await(rt, in, e);
	vm_runtime.reap(in);
	if (!r)
		r = memfile_seal(fd, e);
	if (!r)
		r = check(rt, fd, e);
	if (!r)
		rt->snapshot = steal_fd(&fd);
	return r;
}

static void put_number(fact_fn put, void *ctx, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put(ctx, key, text);
}

void runtime_describe_snapshot(const struct runtime *rt, fact_fn put, void *ctx)
{
	struct stat st;

	put(ctx, "start", "restored from a snapshot taken when the workload was about to run");
	put(ctx, "snapshot_where",
		rt->pages == VM_PAGES_SMALL ? "memory file, mapped privately by each VM"
					    : "memory file, copied to huge pages for each VM");
	if (!fstat(rt->snapshot, &st)) {
		put_number(put, ctx, "snapshot_bytes", (uint64_t)st.st_blocks * 512);
		put_number(put, ctx, "snapshot_bytes_with_holes", (uint64_t)st.st_size);
	}
	put_number(put, ctx, "snapshot_taken_in_ns", rt->snapshot_ns);
	if (rt->initramfs < 0) { /* the hello kernel */
		put(ctx, "snapshot_random_seed", "none: this guest draws no random numbers");
		put(ctx, "snapshot_clock", "stands still until the restore");
		return;
	}
	put(ctx, "snapshot_random_seed",
		"shared by all clones until each is reseeded from the host at restore");
	put(ctx, "snapshot_clock", "stands still until the restore; CLOCK_REALTIME is set then");
}
