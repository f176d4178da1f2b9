/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vDSO is an ELF image in memory. A libc finds its functions as well, but
 * not every musl finds them in every kernel (images with DT_GNU_HASH only), and
 * then falls back in silence.
 */
#include "workloads/vdso.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "workloads/raw.h"

struct image {
	uintptr_t bias; /* what to add to the image's addresses */
	const Elf64_Sym *symbols;
	const char *strings;
	const uint32_t *hash, *gnu_hash;
};

static const void *at(const struct image *im, uintptr_t address)
{
	return (const void *)(im->bias + address); /* NOLINT: an address of the kernel's making */
}

static void read_dynamic(struct image *im, const Elf64_Dyn *d)
{
	for (; d->d_tag != DT_NULL; d++) {
		const void *p = at(im, d->d_un.d_ptr);

		if (d->d_tag == DT_SYMTAB)
			im->symbols = p;
		else if (d->d_tag == DT_STRTAB)
			im->strings = p;
		else if (d->d_tag == DT_HASH)
			im->hash = p;
		else if (d->d_tag == DT_GNU_HASH)
			im->gnu_hash = p;
	}
}

/* The last symbol is the end of the chain of the bucket that starts last. */
static uint32_t count_gnu(const uint32_t *h)
{
	const uint32_t buckets = h[0], first = h[1], bloom = h[2];
	const uint32_t *bucket = h + 4 + bloom * (sizeof(uint64_t) / sizeof(uint32_t));
	const uint32_t *chain = bucket + buckets;
	uint32_t last = 0;

	for (uint32_t i = 0; i < buckets; i++)
		if (bucket[i] > last)
			last = bucket[i];
	if (last < first)
		return first;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

static uint32_t count_symbols(const struct image *im)
{
	if (im->hash)
		return im->hash[1]; /* nchain: System V ABI, hash table */
	return im->gnu_hash ? count_gnu(im->gnu_hash) : 0;
}

static int read_image(struct image *im)
{
	const uintptr_t base = getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)base; /* NOLINT */
	uintptr_t dynamic = 0;
	int loaded = 0;

	if (!eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return -1;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(base + eh->e_phoff); /* NOLINT */

	for (unsigned i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD && !loaded) {
			im->bias = base + ph[i].p_offset - ph[i].p_vaddr;
			loaded = 1;
		} else if (ph[i].p_type == PT_DYNAMIC) {
			dynamic = base + ph[i].p_offset;
		}
	}
	if (!loaded || !dynamic)
		return -1;
	read_dynamic(im, (const Elf64_Dyn *)dynamic); /* NOLINT */
	return im->symbols && im->strings ? 0 : -1;
}

vdso_clock_fn *vdso_clock(void)
{
	struct image im = { 0 };

	if (read_image(&im) < 0)
		return NULL;
	const uint32_t n = count_symbols(&im);

	for (uint32_t i = 0; i < n; i++) {
		const Elf64_Sym *s = &im.symbols[i];

		if (s->st_shndx != SHN_UNDEF &&
			strcmp(im.strings + s->st_name, "__vdso_clock_gettime") == 0)
			return (vdso_clock_fn *)at(&im, s->st_value);
	}
	return NULL;
}

/* linux/filter.h and linux/seccomp.h, which musl does not carry. */
struct filter_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
struct filter_prog {
	unsigned short len;
	const struct filter_insn *insns;
};
#define BPF_LD_W_ABS 0x20
#define BPF_JEQ_K 0x15
#define BPF_RET_K 0x06
#define SECCOMP_MODE_FILTER 2
#define SECCOMP_RET_ERRNO 0x00050000u
#define SECCOMP_RET_ALLOW 0x7fff0000u

/* In the child. The number of a call is the first word of struct seccomp_data. */
static enum vdso_answer ask_without_syscall(vdso_clock_fn *clock)
{
	static const struct filter_insn insns[] = {
		{ BPF_LD_W_ABS, 0, 0, 0 },
		{ BPF_JEQ_K, 0, 1, SYS_clock_gettime },
		{ BPF_RET_K, 0, 0, SECCOMP_RET_ERRNO | EDOM },
		{ BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	const struct filter_prog prog = { sizeof(insns) / sizeof(insns[0]), insns };
	struct timespec ts;

	if (raw6(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) < 0 ||
		raw3(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&prog) < 0 ||
		raw2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&ts) != -EDOM)
		return VDSO_UNKNOWN;
	return clock(CLOCK_MONOTONIC, &ts) == 0 ? VDSO_READS : VDSO_CALLS;
}

enum vdso_answer vdso_probe(void)
{
	vdso_clock_fn *clock = vdso_clock();
	int status = 0;

	if (!clock)
		return VDSO_ABSENT;
	long pid = raw0(SYS_fork);

	if (pid == 0)
		raw_exit(ask_without_syscall(clock));
	if (pid < 0 || raw4(SYS_wait4, pid, (long)&status, 0, 0) != pid || !WIFEXITED(status))
		return VDSO_UNKNOWN;
	return (enum vdso_answer)WEXITSTATUS(status);
}

const char *vdso_answer_text(enum vdso_answer a)
{
	static const char *const texts[] = {
		[VDSO_READS] = "read without a system call",
		[VDSO_CALLS] = "the vDSO does the system call: it cannot read this clock source",
		[VDSO_ABSENT] = "no vDSO clock",
		[VDSO_UNKNOWN] = "unknown",
	};

	return a < sizeof(texts) / sizeof(texts[0]) ? texts[a] : texts[VDSO_UNKNOWN];
}
