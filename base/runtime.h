/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The interface that a way of running a program implements: a plain process, a
 * container, a micro-VM, and other people's runtimes. Each exports one symbol,
 * its const struct runtime_ops.
 *
 *   open  -> what is the same for all launches is made ready once
 *   launch -> wait -> reap, any number of times
 *   close
 *
 * All functions follow docs/errors.md: 0 or a negative errno, struct err filled on failure.
 */
#ifndef BENCH_BASE_RUNTIME_H
#define BENCH_BASE_RUNTIME_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"

struct runtime;  /* each runtime defines its own */
struct instance; /* one launch of it */

enum runtime_caps {
	RT_OWN_KERNEL = 1 << 0, /* boots a guest kernel: rt_config.kernel is needed */
	RT_HIDDEN = 1 << 1,     /* for tests: not in "all", not in the default */
	RT_FLOOR = 1 << 2,      /* what starting costs at the least: only suites about starting */
	RT_FOREIGN = 1 << 3,  /* somebody else's runtime: not installed is a skip with its remedy */
	RT_SNAPSHOT = 1 << 4, /* can start from a snapshot: rt_config.restore */
	RT_NO_PROGRAM = 1 << 5,  /* runs no workload: no report, and no event of a program */
	RT_ANY_PROGRAM = 1 << 6, /* can run a program of the user's own: rt_config.program */
	RT_SHARED = 1 << 7, /* processes forked after open may launch by the same handle at once */
};

/*
 * A program of the user's own ("bench exec"), to be run instead of the workload. Its stdin is
 * empty. Its exit status is the launch's, 128+N where signal N ended it inside of a guest.
 */
struct rt_program {
	const char *tree; /* folder that is the root file system; never written to */
	bool whole; /* the tree is all that there is: its files are not those of the host's own
		       root, so that the plain process needs it as its root too */
	const char *path; /* of the program, absolute, in the tree */
	const char *dir;  /* working directory, absolute, in the tree */
	char *const *argv, *const *envp;
};

/* What stays the same over all launches. Everything is borrowed and must outlive the runtime. */
struct rt_config {
	const char *workload;             /* path of the static program on the host */
	const struct rt_program *program; /* NULL: the workload. job.argv is the program's then */
	const char *libexec;     /* folder of the project's own helper programs (bench-vmm, ...) */
	const char *cache;       /* the user's cache folder, may not exist yet */
	const char *kernel;      /* path of the guest kernel's image, or NULL */
	const char *kernel_name; /* how the user calls it: "host", "distro", "hello", a path */
	uint64_t mem_bytes;      /* guest memory; the container's memory limit where asked for; 0:
				    default */
	unsigned vcpus;          /* CPUs of the guest, at least 1 */
	bool restore;    /* start from a snapshot taken when the workload was about to run */
	bool huge_pages; /* guest memory on huge pages of the host, or open fails */
	cpu_set_t cpus;  /* the workload (vCPU) may run on these host CPUs only */
	int cancel_fd;   /* poll()s readable when everything is to stop; -1: never */

	/* Containers only. */
	unsigned ctr_namespaces; /* CLONE_NEW* flags of the namespaces to make */
	bool ctr_seccomp;        /* install the seccomp filter */
	bool ctr_keep_caps;      /* capabilities stay: only to find out what dropping them costs */
	bool ctr_no_cgroup;      /* no cgroup of its own, even where the host has one to give */
	bool ctr_mem_limit; /* mem_bytes was asked for by the user: set it as the limit, or fail */
};

/* One launch. Borrowed for the time of launch(); the descriptors stay the caller's. */
struct job {
	char *const *argv;    /* NULL-terminated arguments of the workload, argv[0] its name */
	uint64_t deadline_ns; /* CLOCK_MONOTONIC: whoever lives then is killed */
	bool held;     /* it is to stay: the deadline is for its becoming ready, see ready() */
	int report_fd; /* memory file for the report (report_abi.h) */
	int output_fd; /* the program's stdout and stderr, or the guest's console */
	int error_fd;  /* with rt_config.program: its stderr, and a guest's console, while output_fd
			  gets the bytes of its stdout alone. Else not looked at. */
};

/*
 * Events of a launch on the host's CLOCK_MONOTONIC, in their order (docs/method.md has the exact
 * code points).
 */
enum phase {
	PHASE_REQUESTED, /* launch() entered */
	PHASE_PROCESS,   /* the runtime's process exists */
	PHASE_SANDBOX,   /* container: last step before exec; VM: before the first guest instruction
			  */
	PHASE_INIT,      /* the guest kernel hands over to init (VM only) */
	PHASE_MAIN,      /* first statement of the workload's main */
	PHASE_WORK,      /* first useful work done */
	PHASE_EXIT,      /* exit seen by the runner */
	PHASE_RELEASED,  /* everything given back */
	PHASE_COUNT
};

/* "requested", "process", ...: as they stand in samples.csv. */
extern const char *const phase_names[PHASE_COUNT];

/* The first event that is earlier than one before it, PHASE_COUNT where all is in order. 0s are
 * passed over. */
enum phase phases_disorder(const uint64_t at[PHASE_COUNT]);

enum outcome_kind {
	OUTCOME_EXITED,   /* code: exit status */
	OUTCOME_SIGNALED, /* code: signal number */
	OUTCOME_TIMEOUT,  /* killed at the deadline */
	OUTCOME_BROKEN,   /* the runtime itself failed, or the guest died: see reason */
};

struct outcome {
	enum outcome_kind kind;
	int code;
	uint64_t at[PHASE_COUNT]; /* ns of CLOCK_MONOTONIC; 0: not seen, or not told apart */
	struct rusage usage;      /* of the launched process and what it waited for */
	/* A guest of our VMM: how often its CPUs left guest mode over the whole launch (0: this KVM
	 * does not count), and how often that went on to the VMM. */
	bool has_exits;
	uint64_t exits, exits_user;
	char reason[768]; /* unless exited with 0: what happened, one line; "" when all is well */
};

/* Where the memory of a launch that lives is to be looked for. */
struct rt_view {
	pid_t pid;                      /* whose memory it is: the program, or the VMM */
	char cgroup[512];               /* folder of a cgroup of its own; "": none */
	uint64_t guest_at, guest_bytes; /* where that process has the guest's RAM mapped; 0: no
					   guest */
};

/* Receives one fact for the manifest; both strings are borrowed. */
typedef void (*fact_fn)(void *ctx, const char *key, const char *value);

struct runtime_ops {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for "bench list runtimes" */
	unsigned caps;       /* enum runtime_caps */

	/* Can this runtime work here at all? 0, or the reason and the remedy in @e. Cheap (a few
	 * ms). */
	int (*probe)(const struct rt_config *cfg, struct err *e);

	/* Make ready what all launches share. On success the caller owns *@rt and ends it with
	 * close. */
	int (*open)(const struct rt_config *cfg, struct runtime **rt, struct err *e);

	/* Start one. On success the caller owns *@in and ends it with reap. */
	int (*launch)(
		struct runtime *rt, const struct job *job, struct instance **in, struct err *e);

	/*
	 * Wait until it ends or its deadline. 0: @out tells how it ended, badly or well.
	 * -ECANCELED: cancel_fd became readable, @out is not filled. Other: the harness failed.
	 */
	int (*wait)(struct instance *in, struct outcome *out, struct err *e);

	/* Kill what is alive, remove what it made (cgroup, files), free. NULL is allowed. */
	void (*reap)(struct instance *in);

	/*
	 * Wait until what was launched with job.held is ready (report_abi.h). 0; -ECANCELED;
	 * -ESRCH: it ended first; -ETIMEDOUT. After these three wait and reap are possible, after
	 * 0 view and reap: many are held, so what only wait would need is given back, and no
	 * descriptor stays open. NULL: this runtime cannot tell.
	 */
	int (*ready)(struct instance *in, struct err *e);

	/* Fill *@view for one that is ready. NULL where ready is. */
	void (*view)(const struct instance *in, struct rt_view *view);

	/* What the manifest should say of this runtime as configured. May be NULL. */
	void (*describe)(struct runtime *rt, fact_fn put, void *ctx);

	/* Release what open made. NULL is allowed. */
	void (*close)(struct runtime *rt);
};

#endif
