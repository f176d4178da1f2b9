/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare_facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define MAX_KEY 256
#define MAX_RUNS 1024
#define MAX_WAYS 64 /* --ctr-steps on several kernels has some twenty */

/*
 * A key that ends with a dot stands for all below it. Grave is what decides how fast something is,
 * or what it was that ran; not grave what may. Keys that are different in any two runs (id, time,
 * load, seed) are not here.
 */
struct fact {
	const char *key;
	bool grave;
};

static const struct fact facts[] = {
	{ "machine", true },
	{ "workload.sha256", true },
	{ "exec.sha256", false }, /* often what is being compared */
	{ "run.deterministic", true },
	{ "run.concurrency", true },
	{ "run.cpus", false },
	{ "run.vcpus", true },
	{ "tool.version", false }, /* the harness; what it measured is the workload above */
	{ "tool.flags", false },
	{ "host.hypervisor", true },
	{ "host.cpu.model", true },
	{ "host.cpu.family", true },
	{ "host.cpu.model_number", true },
	{ "host.cpu.stepping", true },
	{ "host.cpu.microcode", false },
	{ "host.cpu.online", false },
	{ "host.cpu.governor", true },
	{ "host.cpu.frequency_driver", false },
	{ "host.cpu.no_turbo", true },
	{ "host.cpu.boost", true },
	{ "host.cpu.smt_active", true },
	{ "host.cpu.isolated", false },
	{ "host.cpu.nohz_full", false },
	{ "host.cpu.idle_driver", false },
	{ "host.cpu.vulnerabilities.", true },
	{ "host.kernel.release", true },
	{ "host.kernel.version", true },
	{ "host.kernel.config_sha256", true },
	{ "host.kernel.command_line", false },
	{ "host.kernel.rcu_expedited", false },
	{ "host.clock.source", true },
	{ "host.cgroup", false },
	{ "host.memory.total", false },
	{ "host.memory.transparent_huge_pages", false },
	{ "host.memory.ksm", false },
	{ "host.memory.numa_nodes", false },
	{ "host.kvm.module", true },
	{ "host.kvm.ept", true },
	{ "host.kvm.npt", true },
	{ "host.kvm.nx_huge_pages", false },
	{ "host.kvm.halt_poll_ns", false },
	{ "host.process.seccomp", true },
	/* An emulated machine's speed is that of the real one. */
	{ "outside.hypervisor", true },
	{ "outside.host.cpu.model", true },
	{ "outside.host.kernel.release", true },
};

/* The same of a way of running, which is found by its name on either side. */
static const struct fact way_facts[] = {
	{ "kernel_sha256", true },
	{ "initramfs_sha256", false },
	{ "kernel_cmdline", false },
	{ "vmm_sha256", false },
	{ "vmm_namespaces", false },
	{ "vmm_seccomp", false },
	{ "guest_pages", true },
	{ "ram_bytes", true },
	{ "vcpus", true },
	{ "inside.kernel.release", true },
	{ "inside.vuln.", true },
	{ "inside.clock.source", true },
	{ "ctr.seccomp", true },
	{ "ctr.namespaces", true },
	{ "ctr.cgroup", false },
	{ "version", false },
};

/* A list being made of what differs between two manifests. */
struct maker {
	const struct manifest *m[2];
	struct facts_differences *d;
	struct err *e;
	int error;
	/* Of the prefix at hand: the same place in both, and what it is called. */
	const char *prefix[2], *name;
	size_t from; /* which of the two is being walked */
	bool grave;
};

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "compare", "no memory for what differs between the runs");
}

static void add(struct maker *k, const char *name, const char *a, const char *b, bool grave)
{
	struct facts_differences *d = k->d;
	bool known = strcmp(a, MANIFEST_UNKNOWN) && strcmp(b, MANIFEST_UNKNOWN);
	struct fact_difference *bigger;

	if (k->error || !strcmp(a, b))
		return;
	bigger = reallocarray(d->list, d->n + 1, sizeof(*bigger));
	if (!bigger) {
		k->error = no_memory(k->e);
		return;
	}
	d->list = bigger;
	d->list[d->n] =
		(struct fact_difference){ strdup(name), strdup(a), strdup(b), grave && known };
	d->n_grave += grave && known;
	if (!d->list[d->n].key || !d->list[d->n].a || !d->list[d->n].b)
		k->error = no_memory(k->e);
	d->n++;
}

static void compare_key(
	struct maker *k, const char *name, const char *in_a, const char *in_b, bool grave)
{
	add(k, name, manifest_get(k->m[0], in_a), manifest_get(k->m[1], in_b), grave);
}

/* A leaf below a prefix. Those that both have are taken when the first one is walked. */
static void compare_leaf(void *ctx, const char *key, const char *value)
{
	struct maker *k = ctx;
	size_t len = strlen(k->prefix[k->from]);
	char there[2 * MAX_KEY], name[2 * MAX_KEY];
	const char *other;

	if (strncmp(key, k->prefix[k->from], len))
		return;
	snprintf(there, sizeof(there), "%s%s", k->prefix[!k->from], key + len);
	snprintf(name, sizeof(name), "%s%s", k->name, key + len);
	other = manifest_get(k->m[!k->from], there);
	if (k->from && !strcmp(other, MANIFEST_UNKNOWN))
		add(k, name, other, value, k->grave);
	else if (!k->from)
		add(k, name, value, other, k->grave);
}

static void compare_below(
	struct maker *k, const char *name, const char *in_a, const char *in_b, bool grave)
{
	k->prefix[0] = in_a;
	k->prefix[1] = in_b;
	k->name = name;
	k->grave = grave;
	for (k->from = 0; k->from < 2; k->from++)
		manifest_each(k->m[k->from], compare_leaf, k);
}

static bool is_prefix(const char *key)
{
	return key[strlen(key) - 1] == '.';
}

/* One row of a table, below a place of either manifest; @label goes before its name. */
static void compare_fact(
	struct maker *k, const struct fact *f, const char *label, const char *const at[2])
{
	char name[MAX_KEY], in_a[MAX_KEY], in_b[MAX_KEY];

	snprintf(name, sizeof(name), "%s%s", label, f->key);
	snprintf(in_a, sizeof(in_a), "%s%s", at[0], f->key);
	snprintf(in_b, sizeof(in_b), "%s%s", at[1], f->key);
	if (is_prefix(f->key))
		compare_below(k, name, in_a, in_b, f->grave);
	else
		compare_key(k, name, in_a, in_b, f->grave);
}

/* The leaf @key of element @i of the list @list below @at. */
static const char *element(
	const struct manifest *m, const char *at, const char *list, size_t i, const char *key)
{
	char full[MAX_KEY];

	snprintf(full, sizeof(full), "%s%s.%zu.%s", at, list, i, key);
	return manifest_get(m, full);
}

static bool has(const struct manifest *m, const char *at, const char *list, size_t i,
	const char *key, size_t max)
{
	return i < max && strcmp(element(m, at, list, i, key), MANIFEST_UNKNOWN) != 0;
}

static bool same(const struct maker *k, const char *const at[2], const char *list, size_t a,
	size_t b, const char *key)
{
	return !strcmp(
		element(k->m[0], at[0], list, a, key), element(k->m[1], at[1], list, b, key));
}

static void compare_way(
	struct maker *k, const char *label, const char *const at[2], size_t a, size_t b)
{
	const char *runtime = element(k->m[0], at[0], "ways", a, "runtime");
	const char *kernel = element(k->m[0], at[0], "ways", a, "kernel");
	char name[MAX_KEY], in_a[MAX_KEY], in_b[MAX_KEY];

	snprintf(name, sizeof(name), "%.60s%.60s%s%.60s%s: ", label, runtime, *kernel ? " (" : "",
		kernel, *kernel ? ")" : "");
	snprintf(in_a, sizeof(in_a), "%sways.%zu.", at[0], a);
	snprintf(in_b, sizeof(in_b), "%sways.%zu.", at[1], b);
	for (size_t i = 0; i < ARRAY_SIZE(way_facts); i++) {
		/* What is inside a container is the host's, and has been compared. */
		if (!*kernel && !strncmp(way_facts[i].key, "inside.", 7))
			continue;
		compare_fact(k, &way_facts[i], name, (const char *[]){ in_a, in_b });
	}
}

/* All that is known of one run, @at either place. */
static void compare_run(struct maker *k, const char *label, const char *const at[2])
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		compare_fact(k, &facts[i], label, at);
	for (size_t a = 0; has(k->m[0], at[0], "ways", a, "runtime", MAX_WAYS); a++) {
		for (size_t b = 0; has(k->m[1], at[1], "ways", b, "runtime", MAX_WAYS); b++) {
			if (same(k, at, "ways", a, b, "runtime") &&
				same(k, at, "ways", a, b, "kernel"))
				compare_way(k, label, at, a, b);
		}
	}
}

/* The runs of merged data sets, each with that of the same host and suite. */
static void compare_merged(struct maker *k)
{
	static const char *const top[2] = { "", "" };

	for (size_t a = 0; has(k->m[0], "", "runs", a, "name", MAX_RUNS); a++) {
		for (size_t b = 0; has(k->m[1], "", "runs", b, "name", MAX_RUNS); b++) {
			char label[MAX_KEY], in_a[32], in_b[32];

			if (!same(k, top, "runs", a, b, "name") ||
				!same(k, top, "runs", a, b, "run.suite"))
				continue;
			snprintf(label, sizeof(label),
				"%.50s: ", element(k->m[0], "", "runs", a, "name"));
			snprintf(in_a, sizeof(in_a), "runs.%zu.", a);
			snprintf(in_b, sizeof(in_b), "runs.%zu.", b);
			compare_run(k, label, (const char *[]){ in_a, in_b });
		}
	}
}

int facts_compare(const struct manifest *a, const struct manifest *b, struct facts_differences *d,
	struct err *e)
{
	struct maker k = { .m = { a, b }, .d = d, .e = e };

	*d = (struct facts_differences){ 0 };
	if (manifest_merged(a) && manifest_merged(b))
		compare_merged(&k);
	else
		compare_run(&k, "", (const char *[]){ "", "" });
	return k.error;
}

void facts_free(struct facts_differences *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->list[i].key);
		free(d->list[i].a);
		free(d->list[i].b);
	}
	free(d->list);
	*d = (struct facts_differences){ 0 };
}
