/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a claim needs of the host and of the two sides, looked up in the manifest of its run. */
#include "results/claims.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/number.h"

#define KEY_SIZE 320
#define FOUND_SIZE 256

/* Where a need is looked up: the run and the numbers of the two ways in its manifest. */
struct place {
	const struct manifest *m;
	const struct summary_column *of;
	int of_way, to_way; /* -1: not in the manifest, or there is one side alone */
};

static const char *of_way(const struct manifest *m, int way, const char *key)
{
	char full[KEY_SIZE + 32];

	if (way < 0)
		return MANIFEST_UNKNOWN;
	snprintf(full, sizeof(full), "ways.%d.%s", way, key);
	return manifest_get(m, full);
}

static bool is_known(const char *value)
{
	return strcmp(value, MANIFEST_UNKNOWN) != 0;
}

/* The number of the column's way in the manifest; -1: it has none. */
static int find_way(const struct manifest *m, const struct summary_column *c)
{
	for (int i = 0; is_known(of_way(m, i, "runtime")); i++) {
		if (!strcmp(of_way(m, i, "runtime"), c->runtime) &&
			!strcmp(of_way(m, i, "kernel"), c->kernel))
			return i;
	}
	return -1;
}

static bool real_time(const struct place *p, char *found)
{
	const char *machine = manifest_get(p->m, "machine");

	snprintf(found, FOUND_SIZE, "%.60s", machine);
	return is_known(machine) && strcmp(machine, MACHINE_EMULATED);
}

static bool kvm(const struct place *p, char *found)
{
	const char *module = manifest_get(p->m, "host.kvm.module");

	snprintf(found, FOUND_SIZE, "%s", module);
	return !strcmp(module, "kvm_intel") || !strcmp(module, "kvm_amd");
}

static bool is_on(const char *value)
{
	return !strcmp(value, "Y") || !strcmp(value, "1");
}

static bool nested_paging(const struct place *p, char *found)
{
	const char *ept = manifest_get(p->m, "host.kvm.ept");
	const char *npt = manifest_get(p->m, "host.kvm.npt");

	snprintf(found, FOUND_SIZE, "ept %s, npt %s", ept, npt);
	return is_on(ept) || is_on(npt);
}

/* Release and version: the latter tells two builds of one release apart. */
static bool same_kernel(const struct place *p, char *found)
{
	const char *of = of_way(p->m, p->of_way, "inside.kernel.release");
	const char *to = of_way(p->m, p->to_way, "inside.kernel.release");
	const char *of_build = of_way(p->m, p->of_way, "inside.kernel.version");
	const char *to_build = of_way(p->m, p->to_way, "inside.kernel.version");
	bool known = is_known(of) && is_known(to) && is_known(of_build) && is_known(to_build);

	if (known && !strcmp(of, to) && !strcmp(of_build, to_build)) {
		snprintf(found, FOUND_SIZE, "%.100s", of);
		return true;
	}
	snprintf(found, FOUND_SIZE, "%.100s against %.100s%s", of, to,
		known && !strcmp(of, to) ? ", of different builds" : "");
	return false;
}

/* Mitigations of one way that are others in the other one. */
struct differing {
	const struct place *p;
	char prefix[64];
	size_t seen;
	char names[160];
};

static void compare_mitigation(void *ctx, const char *key, const char *value)
{
	struct differing *d = ctx;
	size_t len = strlen(d->prefix), used = strlen(d->names);
	char in_other[KEY_SIZE];
	const char *name = key + len;

	if (strncmp(key, d->prefix, len))
		return;
	d->seen++;
	snprintf(in_other, sizeof(in_other), "inside.vuln.%s", name);
	if (strcmp(value, of_way(d->p->m, d->p->to_way, in_other)))
		snprintf(d->names + used, sizeof(d->names) - used, "%s%s", used ? ", " : "", name);
}

static bool same_mitigations(const struct place *p, char *found)
{
	struct differing d = { .p = p };

	snprintf(d.prefix, sizeof(d.prefix), "ways.%d.inside.vuln.", p->of_way);
	if (p->of_way >= 0 && p->to_way >= 0)
		manifest_each(p->m, compare_mitigation, &d);
	if (!d.seen)
		snprintf(found, FOUND_SIZE, MANIFEST_UNKNOWN);
	else if (*d.names)
		snprintf(found, FOUND_SIZE, "differing: %s", d.names);
	else
		snprintf(found, FOUND_SIZE, "%zu alike", d.seen);
	return d.seen && !*d.names;
}

static bool two_vcpus(const struct place *p, char *found)
{
	const char *vcpus = of_way(p->m, p->of_way, "vcpus");
	uint64_t n;

	snprintf(found, FOUND_SIZE, "%.60s", vcpus);
	return !parse_u64(vcpus, 0, UINT64_MAX, &n) && n >= 2;
}

static bool bare_metal(const struct place *p, char *found)
{
	const char *hypervisor = manifest_get(p->m, "host.hypervisor");

	bool none = !strcmp(hypervisor, "none");

	snprintf(found, FOUND_SIZE, "%s%.100s",
		none ? "no hypervisor" : "hypervisor: ", none ? "" : hypervisor);
	return none;
}

static double tsc_khz(const struct manifest *m)
{
	double khz;

	return number_parse(manifest_get(m, "host.cpu.tsc_khz"), &khz) || khz <= 0 ? NAN : khz;
}

static bool tsc(const struct place *p, char *found)
{
	double khz = tsc_khz(p->m);

	if (isnan(khz))
		snprintf(found, FOUND_SIZE, MANIFEST_UNKNOWN);
	else
		snprintf(found, FOUND_SIZE, "%.0f MHz", khz / 1e3);
	return !isnan(khz);
}

/* Our own kernel is a kernel, but what a claim says of one is said of Linux. */
static bool linux_guest(const struct place *p, char *found)
{
	const char *name = of_way(p->m, p->of_way, "inside.kernel.sysname");

	if (!is_known(name))
		name = strcmp(p->of->kernel, "hello") && strcmp(p->of->kernel, "empty")
			       ? "Linux"
			       : p->of->kernel;
	snprintf(found, FOUND_SIZE, "%.100s", name);
	return !strcmp(name, "Linux");
}

/* In the order of the bits of enum claim_need. */
static const struct {
	const char *name;
	bool (*met)(const struct place *p, char *found);
	const char *otherwise; /* why it is needed, said where it is not met */
} needs[CLAIM_NEEDS] = {
	{ "a real machine", real_time, "times of an emulated one say nothing of hardware" },
	{ "KVM by VT-x or AMD-V", kvm,
		"a KVM in software obeys other rules on what leaves a guest" },
	{ "nested paging", nested_paging, "without it every change of a page table is an exit" },
	{ "same kernel build", same_kernel, "two kernels may differ by more than the VM" },
	{ "same mitigations", same_mitigations,
		"mitigations cost more than what is to be measured" },
	{ "2 vCPUs", two_vcpus, "one vCPU has no other to wake" },
	{ "bare metal", bare_metal, "in a host that is itself a VM the instruction exits as well" },
	{ "rate of the TSC", tsc, "cycles cannot be told from nanoseconds without it" },
	{ "a Linux guest", linux_guest, "our own kernel has no such work to do" },
};

static struct place place_of(const struct claims_run *run, const struct summary_group *of,
	const struct summary_group *to)
{
	struct place p = { .m = run->m, .of = &run->s->columns[of->column], .to_way = -1 };

	p.of_way = find_way(run->m, p.of);
	if (to)
		p.to_way = find_way(run->m, &run->s->columns[to->column]);
	return p;
}

static void append(char *out, size_t size, const char *separator, const char *text)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s", used ? separator : "", text);
}

unsigned claim_unmet(const struct claims_run *run, const struct summary_group *of,
	const struct summary_group *to, unsigned wanted, char *why, size_t size)
{
	struct place p = place_of(run, of, to);
	unsigned unmet = 0;

	*why = '\0';
	for (unsigned i = 0; i < CLAIM_NEEDS; i++) {
		char found[FOUND_SIZE], text[FOUND_SIZE + 160];

		if (!(wanted & 1u << i) || needs[i].met(&p, found))
			continue;
		unmet |= 1u << i;
		snprintf(text, sizeof(text), "needs %s (here %s): %s", needs[i].name, found,
			needs[i].otherwise);
		append(why, size, "; ", text);
	}
	return unmet;
}

void claim_checked(const struct claims_run *run, const struct summary_group *of,
	const struct summary_group *to, unsigned wanted, char *out, size_t size)
{
	struct place p = place_of(run, of, to);

	*out = '\0';
	for (unsigned i = 0; i < CLAIM_NEEDS; i++) {
		char found[FOUND_SIZE], text[FOUND_SIZE + 64];

		if (!(wanted & 1u << i))
			continue;
		snprintf(text, sizeof(text), "%s: %s (%s)", needs[i].name,
			needs[i].met(&p, found) ? "yes" : "no", found);
		append(out, size, "; ", text);
	}
}

const char *claim_need_names(unsigned wanted, char *out, size_t size)
{
	*out = '\0';
	for (unsigned i = 0; i < CLAIM_NEEDS; i++) {
		if (wanted & 1u << i)
			append(out, size, ", ", needs[i].name);
	}
	return out;
}

double claim_cycles(const struct claims_run *run, double ns)
{
	return ns * tsc_khz(run->m) / 1e6;
}

const char *claims_host(const struct manifest *m, char out[HOST_SIZE])
{
	snprintf(out, HOST_SIZE, "%.80s, kernel %.80s %.100s, machine: %.20s, hypervisor: %.40s",
		manifest_get(m, "host.cpu.model"), manifest_get(m, "host.kernel.release"),
		manifest_get(m, "host.kernel.version"), manifest_get(m, "machine"),
		manifest_get(m, "host.hypervisor"));
	return out;
}
