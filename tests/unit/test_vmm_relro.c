/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/relro: bench-vmm's relocated data is read-only once it runs. Seen from outside, when it ends.
 */
#include "tests/unit/check.h"

#include <elf.h>
#include <fcntl.h>
#include <libgen.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "base/util.h"
#include "vmm/vm_proto.h"

static char program[PATH_MAX + 16]; /* bench-vmm; this test is in tests/ beside it */

/* PT_GNU_RELRO as the file has it. */
static void read_relro(Elf64_Phdr *relro)
{
	cleanup_fd int fd = open(program, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr header;

	assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
	for (unsigned i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + i * sizeof(*relro));

		assert_int_equal(pread(fd, relro, sizeof(*relro), at), sizeof(*relro));
		if (relro->p_type == PT_GNU_RELRO)
			return;
	}
	fail_msg("%s has no PT_GNU_RELRO", program);
}

/* With no descriptor of a configuration it ends at once, with a message. */
static pid_t start_traced(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	close(STDERR_FILENO);
	close(VM_FD_SHARED);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execl(program, program, (char *)NULL);
	_exit(127);
}

/* @pid has stopped at its end: its memory is still there. */
static void run_to_its_end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status)); /* the exec */
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
				 (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT)),
		0);
	assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
}

/* What may be done with the page at @offset from where the program begins, as /proc says it:
 * "rw-p". */
static void permissions_at(pid_t pid, uint64_t offset, char permissions[5])
{
	cleanup_free char *path = format_text("/proc/%d/maps", (int)pid);
	cleanup_file FILE *f = fopen(path, "re");
	uint64_t begin = 0;
	char line[PATH_MAX + 128];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		uint64_t from, to;

		if (!strstr(line, "/bench-vmm") && !begin)
			continue;
		assert_int_equal(
			sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, permissions), 3);
		begin = begin ? begin : from;
		if (from <= begin + offset && begin + offset < to)
			return;
	}
	fail_msg("nothing is mapped there");
}

static void relocated_data_is_read_only(void **state)
{
	char permissions[5];
	Elf64_Phdr relro;
	pid_t pid;

	(void)state;
	read_relro(&relro);
	pid = start_traced();
	run_to_its_end(pid);
	permissions_at(pid, relro.p_vaddr, permissions);
	assert_string_equal(permissions, "r--p");
	/* What comes after it is data that is written. */
	permissions_at(pid, (relro.p_vaddr + relro.p_memsz + 4095) & ~UINT64_C(4095), permissions);
	assert_string_equal(permissions, "rw-p");
	ptrace(PTRACE_CONT, pid, NULL, NULL); /* a signal would not end it: it has ended */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(relocated_data_is_read_only) };
	char self[PATH_MAX];

	(void)argc;
	if (!realpath(argv[0], self))
		return 1;
	snprintf(program, sizeof(program), "%s/../bench-vmm", dirname(self));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
