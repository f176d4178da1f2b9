/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the runtime "vm" share: runtime.c, runtime_snapshot.c. */
#ifndef BENCH_VMM_RUNTIME_VM_H
#define BENCH_VMM_RUNTIME_VM_H

#include "base/runtime.h"
#include "base/spawn.h"
#include "vmm/empty_ns.h"
#include "vmm/image.h"
#include "vmm/vm_proto.h"

/* bench-vmm ends itself at the deadline and can say what the guest was doing; only one that fails
 * to is killed, this much later: what it would have said is worth a second, on a host that is busy.
 */
#define GRACE_NS NSEC_PER_SEC

/* Of a build with a sanitizer: bench-vmm is then one, too. */
#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

struct runtime {
	struct rt_config cfg;
	struct kernel_image kernel;
	enum vm_entry entry;
	int initramfs; /* -1: none */
	uint64_t initramfs_bytes, ram_bytes;
	const char *options;    /* of the kernel's command line */
	char exec_options[640]; /* for a program of the user's own: another init */
	char clock[32];         /* the hello kernel's only one */
	char *vmm;              /* path of bench-vmm */
	struct empty_ns ns;     /* that VMMs live in */
	int32_t cpu[VM_CPUS_MAX];
	enum vm_pages pages;
	bool emulated;        /* as in struct vm_config */
	int snapshot;         /* of which all launches start; -1: they boot */
	uint64_t snapshot_ns; /* that taking it took, its guest's boot and all */
};

struct instance {
	struct runtime *rt;
	struct spawned vmm;
	struct vm_shared *shared;
	uint64_t requested_ns, deadline_ns;
};

/*
 * The memory that is shared with one VMM; *@fd is to be passed on to it. Of a size that nobody can
 * change: a VMM that was taken over could else cut it, and end the runner with the next look at it.
 */
int runtime_share_memory(int *fd, struct vm_shared **shared, struct err *e);

/*
 * Start a VMM for @job. With @take a descriptor and not -1, it boots, writes a snapshot there at
 * MARK_READY, and ends. On success *@out is the caller's, as with launch().
 */
int runtime_start(
	struct runtime *rt, const struct job *job, int take, struct instance **out, struct err *e);

/* Boot one guest and keep its snapshot: from now on launches start from it. */
int runtime_take_snapshot(struct runtime *rt, struct err *e);
void runtime_describe_snapshot(const struct runtime *rt, fact_fn put, void *ctx);

#endif
