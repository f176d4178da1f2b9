/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench-vmm: one virtual machine, in a process of its own so that its memory and CPU time can be
 * told apart. Started by vmm/runtime.c, which hands over all it needs (vmm/vm_proto.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/util.h"
#include "vmm/hold.h"
#include "vmm/relro.h"
#include "vmm/stop.h"
#include "vmm/vm.h"

static struct vm_shared *map_shared(struct err *e)
{
	struct vm_shared *shared;
	struct stat st;

	errno = EBADF; /* of a file that is too short */
	if (fstat(VM_FD_SHARED, &st) < 0 || st.st_size < (off_t)sizeof(*shared)) {
		err_sys(e, "shared memory", "descriptor %d is none", VM_FD_SHARED);
		return NULL;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, VM_FD_SHARED, 0);
	if (shared != MAP_FAILED)
		return shared;
	err_sys(e, "mmap", "the shared memory");
	return NULL;
}

/* From configuration to the end of the guest; all that is to be told is in @shared afterwards. */
static void serve(struct vm_shared *shared)
{
	static struct vm vm; /* 64 vCPUs: not for the stack */
	struct stop stop;
	struct err e;
	int r;

	vm_init(&vm, shared);
	r = stop_arm(&stop, &vm, shared->cfg.deadline_ns, &e);
	if (!r)
		r = vm_create(&vm, &e);
	if (!r)
		vm_run(&vm);
	else
		vm_fail(&vm, VM_END_ERROR, &e);
	stop_disarm(&stop);
	if (shared->st.end == VM_END_SNAPSHOT)
		vm_take_snapshot(&vm);
	vm_destroy(&vm);
}

static int complain(const struct err *e)
{
	fprintf(stderr, "bench-vmm: %s: %s\n", e->step, e->message);
	return 1;
}

/* Keep a VM, for the emulated machine (vmm/hold.h). */
static int hold(void)
{
	struct err e;

	return vm_hold(&e) ? complain(&e) : 0;
}

int main(int argc, char **argv)
{
	uint64_t now = now_ns();
	struct vm_shared *shared;
	struct err e, unprotected;
	int r = relro_protect(&unprotected); /* before all else; told as soon as there is where */

	if (argc == 2 && !strcmp(argv[1], "--hold"))
		return r < 0 ? complain(&unprotected) : hold();
	shared = map_shared(&e);
	if (!shared) {
		fprintf(stderr, "bench-vmm is started by bench, not by hand: %s: %s\n", e.step,
			e.message);
		return VM_EXIT_UNTOLD - e.code;
	}
	shared->st.at[VM_AT_MAIN] = now;
	if (r < 0) {
		shared->st.err = unprotected;
		shared->st.end = VM_END_ERROR;
		return 1;
	}
	serve(shared);
	return shared->st.end == VM_END_EXIT || shared->st.end == VM_END_SNAPSHOT ? 0 : 1;
}
