/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/loader.h"

#include "base/util.h"

static const struct {
	int (*load)(const struct vm_config *, const struct guest_mem *, struct boot_entry *,
		struct err *);
	bool tables, in_thread;
} kinds[VM_ENTRY_COUNT] = {
	[VM_ENTRY_ELF] = { boot_linux, true, true },
	[VM_ENTRY_EMPTY] = { boot_empty, false, false },
};

static void *load(void *arg)
{
	struct loader *l = arg;

	l->r = kinds[l->cfg->entry].tables ? boot_tables(l->mem, &l->err) : 0;
	if (!l->r)
		l->r = kinds[l->cfg->entry].load(l->cfg, l->mem, &l->entry, &l->err);
	return NULL;
}

void loader_start(struct loader *l, const struct vm_config *cfg, const struct guest_mem *mem)
{
	*l = (struct loader){ .cfg = cfg, .mem = mem };
	if (kinds[cfg->entry].in_thread)
		l->running = pthread_create(&l->thread, NULL, load, l) == 0;
	if (!l->running)
		load(l);
}

void loader_end(struct loader *l)
{
	if (l->running)
		pthread_join(l->thread, NULL);
	l->running = false;
}

int loader_wait(struct loader *l, struct boot_entry *entry, struct err *e)
{
	loader_end(l);
	if (l->r < 0 && e)
		*e = l->err;
	*entry = l->entry;
	return l->r;
}
