/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program of anybody's, and what is read of it before it is known what it needs: a script's first
 * line, an ELF file's headers and dynamic section, and what its loader says, which may have been
 * taken over by it. Nothing is run: the loader's answer is in the input.
 *
 * The input is u8 what is found by other names (FOUND_*), u8 length of the answer, the answer, and
 * the file.
 */
#include "tests/fuzz/fuzz.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/util.h"
#include "runner/loader.h"
#include "runner/needs.h"
#include "runner/paths.h"

#define PROGRAM "/fuzz/program"
#define FIRST_FD (1 << 20) /* no descriptor of ours is as high */
#define FILES 16
#define PAGE UINT64_C(4096)

/* What lies at a path that is not the program's. */
enum {
	FOUND_SCRIPT = 1,
	FOUND_CORE = 2,
	FOUND_PIPE = 4,
	FOUND_PROC = 8,
	FOUND_NONE = 16,
	FOUND_FOREIGN_LOADER = 32,
	FOUND_PROGRAM = 64
};

static const uint8_t *file;
static size_t file_len;
static unsigned found;
static char answer[256];
static const char *at_fd[FILES]; /* the content by descriptor; NULL: not open */
static bool inside;              /* the code that is tested; else it is libFuzzer that calls */
static unsigned asked, checked;  /* loaders */

static const char own[] = "the program";
static const char script[] = "#!/fuzz/program -x\n";
static const char inner[] = "#!/lib/ld.so\n"; /* a loader is no script, but the kernel takes it */
static Elf64_Ehdr library = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
				      EV_CURRENT },
	.e_type = ET_DYN,
	.e_machine = EM_X86_64,
	.e_phentsize = sizeof(Elf64_Phdr),
	.e_phnum = 1 };

__typeof__(open) __wrap_open, __real_open;
__typeof__(close) __wrap_close, __real_close;
__typeof__(pread) __wrap_pread, __real_pread;
__typeof__(fstat) __wrap_fstat, __real_fstat;
__typeof__(stat) __wrap_stat, __real_stat;
__typeof__(access) __wrap_access, __real_access;
__typeof__(readlink) __wrap_readlink, __real_readlink;
__typeof__(loader_check) __wrap_loader_check;
__typeof__(loader_ask) __wrap_loader_ask;

static const char *content_of(const char *path)
{
	if (!strcmp(path, PROGRAM))
		return own;
	if (found & FOUND_SCRIPT)
		return script;
	return found & FOUND_PROGRAM ? inner : (const char *)&library;
}

int __wrap_open(const char *path, int flags, ...)
{
	unsigned i = 0;

	if (!inside)
		return __real_open(path, flags, 0666);
	MUST((flags & O_CLOEXEC) && (flags & O_NONBLOCK) && (flags & O_ACCMODE) == O_RDONLY);
	if ((found & FOUND_NONE) && strcmp(path, PROGRAM)) {
		errno = ENOENT;
		return -1;
	}
	while (i < FILES && at_fd[i])
		i++;
	MUST(i < FILES);
	at_fd[i] = content_of(path);
	return FIRST_FD + (int)i;
}

int __wrap_close(int fd)
{
	if (fd < FIRST_FD)
		return __real_close(fd);
	MUST(at_fd[fd - FIRST_FD]);
	at_fd[fd - FIRST_FD] = NULL;
	return 0;
}

ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t off)
{
	const void *bytes;
	size_t len;

	if (fd < FIRST_FD)
		return __real_pread(fd, buf, size, off);
	bytes = at_fd[fd - FIRST_FD];
	len = bytes == &library ? sizeof(library) : bytes ? strlen(bytes) : 0;
	if (bytes == own) {
		bytes = file;
		len = file_len;
	}
	MUST(off >= 0);
	if ((size_t)off >= len)
		return 0;
	size = size < len - (size_t)off ? size : len - (size_t)off;
	memcpy(buf, (const char *)bytes + off, size);
	return (ssize_t)size;
}

static void describe(struct stat *st, bool is_program)
{
	*st = (struct stat){ .st_mode = 0755 };
	st->st_mode |= (found & FOUND_PIPE) && !is_program ? S_IFIFO : S_IFREG;
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd < FIRST_FD)
		return __real_fstat(fd, st);
	describe(st, at_fd[fd - FIRST_FD] == own);
	return 0;
}

int __wrap_stat(const char *path, struct stat *st)
{
	if (!inside)
		return __real_stat(path, st);
	describe(st, !strcmp(path, PROGRAM));
	return 0;
}

int __wrap_access(const char *path, int mode)
{
	return inside ? 0 : __real_access(path, mode);
}

/* Where an open file is. */
ssize_t __wrap_readlink(const char *path, char *buf, size_t size)
{
	const char *real = found & FOUND_PROC ? "/proc/1/maps" : "/usr/lib/libx.so";

	if (!inside)
		return __real_readlink(path, buf, size);
	MUST(!strncmp(path, "/proc/self/fd/", 14));
	MUST(size > strlen(real));
	memcpy(buf, real, strlen(real));
	return (ssize_t)strlen(real);
}

/* --- the loader, and what it would have run --- */

/* The byte that a loader has at @at in memory: pages of a later segment lie over an earlier's. */
static bool in_memory(const Elf64_Ehdr *h, uint64_t at, uint8_t *out)
{
	for (unsigned i = h->e_phnum; i-- > 0;) {
		uint64_t first, last, from;
		Elf64_Phdr p;

		memcpy(&p, file + h->e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type != PT_LOAD)
			continue;
		first = p.p_vaddr / PAGE * PAGE;
		last = p.p_vaddr + p.p_memsz;
		if (at < first || at >= (last + PAGE - 1) / PAGE * PAGE)
			continue;
		from = p.p_offset - (p.p_vaddr - first) + (at - first);
		*out = from < file_len && (at < p.p_vaddr + p.p_filesz) ? file[from] : 0;
		return true;
	}
	return false;
}

/* As glibc's does it: from p_vaddr of the last PT_DYNAMIC to DT_NULL, however far that is. */
static void check_no_audit(void)
{
	uint64_t at = 0;
	bool dynamic = false;
	Elf64_Ehdr h;

	MUST(file_len >= sizeof(h));
	memcpy(&h, file, sizeof(h));
	MUST(!memcmp(h.e_ident, ELFMAG, SELFMAG) && h.e_machine == EM_X86_64);
	for (unsigned i = 0; i < h.e_phnum; i++) {
		Elf64_Phdr p;

		MUST(h.e_phoff + (i + 1) * sizeof(p) <= file_len);
		memcpy(&p, file + h.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type == PT_DYNAMIC) {
			at = p.p_vaddr;
			dynamic = true;
		}
	}
	while (dynamic) {
		Elf64_Dyn d;

		for (size_t i = 0; i < sizeof(d); i++)
			MUST(in_memory(&h, at + i, (uint8_t *)&d + i));
		if (d.d_tag == DT_NULL)
			return;
		MUST(d.d_tag != DT_AUDIT && d.d_tag != DT_DEPAUDIT);
		at += sizeof(d);
	}
}

int __wrap_loader_check(const char *path, char *real, struct err *e)
{
	MUST(*path == '/' && strlen(path) < PATH_SIZE);
	check_no_audit();
	if (found & FOUND_FOREIGN_LOADER)
		return err_set(e, -EPERM, "program", "not the system's");
	strcpy(real, "/lib/ld.so");
	checked++;
	return 0;
}

int __wrap_loader_ask(const char *real, const char *path, const char *program, char *const *envp,
	char **text, struct err *e)
{
	(void)path, (void)envp, (void)e;
	MUST(checked == ++asked && !strcmp(real, "/lib/ld.so") && !strcmp(program, PROGRAM));
	*text = strdup(answer);
	MUST(*text);
	return 0;
}

/* --- what came out --- */

static void check_needs(const struct needs *n)
{
	MUST(n->n && !strcmp(n->paths[0], PROGRAM));
	for (size_t i = 0; i < n->n; i++) {
		MUST(*n->paths[i] == '/');
		for (size_t k = 0; k < i; k++)
			MUST(strcmp(n->paths[i], n->paths[k]));
	}
	/*
	 * Of what the loader named nothing is taken that is no library, or the kernel's. (A program
	 * may name itself as its loader here, and nothing else.)
	 */
	MUST(!asked || n->n == 1 || !(found & (FOUND_CORE | FOUND_PIPE | FOUND_PROC | FOUND_NONE)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char path_env[] = "PATH=/bin:/usr/bin";
	char *const env[] = { path_env, NULL };
	struct fuzz_bytes in = { data, len };
	struct err e = { 0 };
	struct needs n;
	size_t said;
	int r;

	found = (unsigned)fuzz_number(&in, 1);
	said = fuzz_number(&in, 1);
	said = said < in.left ? said : in.left;
	memcpy(answer, in.p, said);
	answer[said] = '\0';
	file = in.p + said;
	file_len = in.left - said;
	library.e_type = found & FOUND_CORE ? ET_CORE : ET_DYN;
	asked = checked = 0;
	inside = true;
	r = needs_of(PROGRAM, env, &n, &e);
	inside = false;
	if (r)
		fuzz_check_error(r, &e);
	else
		check_needs(&n);
	needs_free(&n);
	for (size_t i = 0; i < FILES; i++)
		MUST(!at_fd[i]);
	return 0;
}
