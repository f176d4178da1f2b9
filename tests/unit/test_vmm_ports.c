/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices behind the guest's ports, without KVM: a struct vm that never ran. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <linux/serial_reg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/i8042.h"
#include "vmm/ports.h"
#include "vmm/uart.h"
#include "vmm/vm.h"

static struct vm_shared shared;
static struct vm vm;

/* The report goes to the descriptor that bench-vmm is started with. */
static int setup(void **state)
{
	int fd = memfd_create("report", MFD_CLOEXEC);

	(void)state;
	shared = (struct vm_shared){ 0 };
	vm_init(&vm, &shared);
	assert_int_equal(dup2(fd, VM_FD_REPORT), VM_FD_REPORT);
	close(fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vm_destroy(&vm);
	close(VM_FD_REPORT);
	return 0;
}

static void out(uint16_t port, uint8_t size, uint32_t value)
{
	struct port_access a = { port, size, true, 1, (uint8_t *)&value };

	ports_access(&vm, &a);
}

static uint32_t in(uint16_t port, uint8_t size)
{
	uint32_t value = 0;
	struct port_access a = { port, size, false, 1, (uint8_t *)&value };

	ports_access(&vm, &a);
	return value;
}

static void test_unknown_ports(void **state)
{
	uint8_t block[8] = { 0 };
	struct port_access ins = { 0xcf8, 2, false, 4, block };

	(void)state;
	assert_int_equal(in(0xcf8, 1), 0xff);
	assert_int_equal(in(0xcfc, 2), 0xffff);
	assert_int_equal(in(0xffff, 4), 0xffffffff);
	out(0, 4, 1);
	ports_access(&vm, &ins);
	for (size_t i = 0; i < sizeof(block); i++)
		assert_int_equal(block[i], 0xff);
	assert_int_equal(shared.st.unknown_io, 4 + 4);
}

static void test_unknown_memory(void **state)
{
	uint8_t data[8] = { 1 };

	(void)state;
	mmio_access(&vm, true, data, 4);
	assert_int_equal(data[0], 1);
	mmio_access(&vm, false, data, 4);
	assert_int_equal(data[3], 0xff);
	assert_int_equal(data[4], 0);
	assert_int_equal(shared.st.unknown_mmio, 2);
}

static void test_uart_is_found_by_a_driver(void **state)
{
	(void)state;
	out(UART_PORT + UART_IER, 1, 0xff); /* Linux: autoconfig() */
	assert_int_equal(in(UART_PORT + UART_IER, 1), 0x0f);
	out(UART_PORT + UART_IER, 1, 0);
	assert_int_equal(in(UART_PORT + UART_IER, 1), 0);
	out(UART_PORT + UART_MCR, 1, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	assert_int_equal(in(UART_PORT + UART_MSR, 1) & 0xf0, UART_MSR_DCD | UART_MSR_CTS);
	out(UART_PORT + UART_MCR, 1, 0);
	out(UART_PORT + UART_FCR, 1, UART_FCR_ENABLE_FIFO);
	assert_int_equal(in(UART_PORT + UART_IIR, 1) >> 6, 3); /* 16550A */
	out(UART_PORT + UART_LCR, 1, UART_LCR_DLAB);
	out(UART_PORT + UART_DLL, 1, 0x5a);
	out(UART_PORT + UART_DLM, 1, 0xa5);
	assert_int_equal(in(UART_PORT + UART_DLL, 1), 0x5a);
	assert_int_equal(in(UART_PORT + UART_DLM, 1), 0xa5);
	out(UART_PORT + UART_LCR, 1, UART_LCR_WLEN8);
	out(UART_PORT + UART_SCR, 1, 0x33);
	assert_int_equal(in(UART_PORT + UART_SCR, 1), 0x33);
	assert_int_equal(in(UART_PORT + UART_IER, 1), 0); /* not the divisor's */
	assert_int_equal(shared.st.console_bytes, 0);     /* nor was any of it text */
}

/* serial8250_interrupt() goes on until IIR says that nothing is due. */
static void test_uart_interrupts(void **state)
{
	(void)state;
	assert_int_equal(in(UART_PORT + UART_IIR, 1), UART_IIR_NO_INT);
	out(UART_PORT + UART_IER, 1, UART_IER_THRI);
	assert_true(vm.uart.line); /* enabling it with an empty register is one */
	assert_int_equal(in(UART_PORT + UART_IIR, 1), UART_IIR_THRI);
	assert_false(vm.uart.line);
	assert_int_equal(in(UART_PORT + UART_IIR, 1), UART_IIR_NO_INT);
	out(UART_PORT + UART_TX, 1, 'x');
	out(UART_PORT + UART_TX, 1, 'y');
	assert_true(vm.uart.line);
	assert_int_equal(in(UART_PORT + UART_LSR, 1), UART_LSR_THRE | UART_LSR_TEMT);
	assert_int_equal(in(UART_PORT + UART_IIR, 1), UART_IIR_THRI);
	out(UART_PORT + UART_IER, 1, 0);
	out(UART_PORT + UART_TX, 1, 'z');
	assert_false(vm.uart.line);
	assert_memory_equal(shared.st.console, "xyz", 3);
	assert_int_equal(shared.st.console_bytes, 3);
}

static void test_i8042_resets(void **state)
{
	(void)state;
	assert_int_equal(in(I8042_COMMAND, 1) & 2, 0); /* Linux: kb_wait() does not wait */
	assert_int_equal(in(I8042_COMMAND, 1) & 1, 1); /* Linux: i8042_flush() finds nobody */
	out(I8042_COMMAND, 1, 0xaa);
	out(I8042_DATA, 1, 0xfe);
	assert_int_equal(shared.st.end, VM_RUNNING);
	out(I8042_COMMAND, 1, 0xfe);
	assert_int_equal(shared.st.end, VM_END_RESET);
}

static void test_marks(void **state)
{
	uint64_t first;

	(void)state;
	assert_int_equal(in(ID_PORT, 4), ID_VALUE);
	assert_int_equal(in(ID_PORT + 1, 1), 0xff);
	out(MARK_PORT, 4, MARK_NONE);
	out(MARK_PORT, 4, MARK_COUNT);
	out(MARK_PORT + 1, 1, MARK_MAIN);
	assert_int_equal(shared.st.bad_marks, 3);
	assert_int_equal(shared.st.mark_at[MARK_MAIN], 0);
	out(MARK_PORT, 4, MARK_MAIN);
	first = shared.st.mark_at[MARK_MAIN];
	assert_true(first > 0);
	out(MARK_PORT, 4, MARK_MAIN);
	assert_int_equal(shared.st.mark_at[MARK_MAIN], first);
	assert_false(vm_ended(&vm));
	out(MARK_PORT, 4, MARK_EXIT | 0x123 << 8);
	assert_int_equal(shared.st.end, VM_END_EXIT);
	assert_int_equal(shared.st.status, 0x123);
	out(I8042_COMMAND, 1, 0xfe); /* the first end counts */
	assert_int_equal(shared.st.end, VM_END_EXIT);
}

/* Another vCPU's, or of the same block: they come too late. */
static void test_marks_after_the_end(void **state)
{
	uint32_t marks[] = { MARK_EXIT | 1 << 8, MARK_WORK, MARK_EXIT | 2 << 8, MARK_COUNT };
	struct port_access a = { MARK_PORT, 4, true, ARRAY_SIZE(marks), (uint8_t *)marks };

	(void)state;
	ports_access(&vm, &a);
	assert_int_equal(shared.st.end, VM_END_EXIT);
	assert_int_equal(shared.st.status, 1);
	assert_int_equal(shared.st.mark_at[MARK_WORK], 0);
	assert_int_equal(shared.st.ready, 0);
	assert_int_equal(shared.st.bad_marks, 0);
}

/* What another vCPU was at when a snapshot ended the VM is done: after the restore it goes on. */
static void test_accesses_after_the_end(void **state)
{
	uint8_t lcr = UART_LCR_WLEN8;

	(void)state;
	vm_end(&vm, VM_END_SNAPSHOT);
	out(UART_PORT + UART_LCR, 1, lcr);
	assert_int_equal(in(UART_PORT + UART_LCR, 1), lcr);
	assert_int_equal(in(ID_PORT, 4), ID_VALUE);
	out(UART_PORT + UART_TX, 1, 'x'); /* but a slow reader would be waited for: to nobody */
	assert_int_equal(shared.st.console_bytes, 0);
}

static void test_a_snapshot_is_asked_for_and_taken_once(void **state)
{
	(void)state;
	out(MARK_PORT, 4, MARK_READY);
	assert_false(vm_ended(&vm));
	shared.cfg.take_snapshot = 1;
	assert_int_equal(in(ID_PORT, 4), ID_SNAPSHOT);
	out(MARK_PORT, 4, MARK_READY);
	assert_int_equal(shared.st.end, VM_END_SNAPSHOT);
}

/* Byte by byte or in blocks, it is one text; after it come zeros, for ever. */
static void test_arguments(void **state)
{
	static const char words[] = "workload\0--x=1\0";
	uint8_t text[ARGS_MAX + 10];
	struct port_access rest = { ARGS_PORT, 1, false, sizeof(text) - 3, text + 3 };
	size_t n;

	(void)state;
	memcpy(shared.cfg.args, words, sizeof(words) - 1);
	shared.cfg.args_bytes = sizeof(words) - 1;
	memset(text, 0xff, sizeof(text));
	for (int i = 0; i < 3; i++)
		text[i] = (uint8_t)in(ARGS_PORT, 1);
	ports_access(&vm, &rest);
	n = strlen((char *)text);
	assert_in_range(strtoull((char *)text, NULL, 10), UINT64_C(1600000000000000000), INT64_MAX);
	assert_memory_equal(text + n + 1, words, sizeof(words));
	for (n += 1 + sizeof(words); n < sizeof(text); n++)
		assert_int_equal(text[n], 0);
	assert_int_equal(in(ARGS_PORT, 4), 0);
}

static void test_the_longest_arguments_end_too(void **state)
{
	uint8_t text[ARGS_MAX];
	struct port_access all = { ARGS_PORT, 1, false, sizeof(text), text };

	(void)state;
	memset(shared.cfg.args, 'x', VM_ARGS_SIZE);
	shared.cfg.args_bytes = UINT32_MAX; /* cut to what there is */
	ports_access(&vm, &all);
	assert_int_equal(text[ARGS_MAX - 1], 0);
	assert_int_equal(text[ARGS_MAX - 2], 0);
}

static void test_entropy(void **state)
{
	uint8_t a[ENTROPY_BYTES] = { 0 }, b[ENTROPY_BYTES] = { 0 };

	(void)state;
	ports_access(&vm, &(struct port_access){ ENTROPY_PORT, 4, false, ENTROPY_BYTES / 4, a });
	ports_access(&vm, &(struct port_access){ ENTROPY_PORT, 4, false, ENTROPY_BYTES / 4, b });
	assert_memory_not_equal(a, b, ENTROPY_BYTES);
	out(ENTROPY_PORT, 4, 0); /* nothing happens */
	assert_false(vm_ended(&vm));
}

static void test_report_is_bounded(void **state)
{
	static uint8_t block[REPORT_MAX / 4 + 1];
	struct port_access a = { REPORT_PORT, 1, true, sizeof(block), block };
	uint8_t last[2] = { 0 };

	(void)state;
	memset(block, 'r', sizeof(block));
	block[REPORT_MAX - 3 * sizeof(block) - 1] = 'L'; /* the last byte that fits */
	for (int i = 0; i < 8; i++)
		ports_access(&vm, &a);
	assert_int_equal(shared.st.report_bytes, 8 * sizeof(block));
	assert_int_equal(lseek(VM_FD_REPORT, 0, SEEK_END), REPORT_MAX);
	assert_int_equal(pread(VM_FD_REPORT, last, 2, REPORT_MAX - 1), 1);
	assert_int_equal(last[0], 'L');
	assert_false(vm_ended(&vm));
}

static void test_report_that_cannot_be_kept(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(dup2(full, VM_FD_REPORT), VM_FD_REPORT);
	close(full);
	out(REPORT_PORT, 1, 'x');
	assert_int_equal(shared.st.end, VM_END_ERROR);
	assert_string_equal(shared.st.err.step, "report");
}

/* A page of the guest's memory, or a part of it; and whatever else a guest may write there. */
static const struct {
	uint32_t value;
	size_t bytes; /* that come out; 0: refused */
} pages[] = {
	{ 0x1000 | 5, 5 },
	{ 0x1000, OUTPUT_PAGE_SIZE },
	{ 0x1ff000 | 4095, 4095 }, /* the last page */
	{ 0x200000 | 1, 0 },       /* the first one behind it */
	{ 0xfffff000, 0 },
	{ 0xffffffff, 0 },
};

static void test_output_by_pages(void **state)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	char got[OUTPUT_PAGE_SIZE + 1];
	uint64_t bad = 0;

	(void)state;
	assert_int_equal(dup2(fd, VM_FD_OUTPUT), VM_FD_OUTPUT);
	close(fd);
	assert_int_equal(guest_mem_map(&vm.mem, 4 << 20, VM_PAGES_SMALL, NULL), 0);
	vm.mem.size = 0x200000;
	memset(vm.mem.base, 'm', vm.mem.size);
	vm.has_output = 1;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		assert_int_equal(ftruncate(VM_FD_OUTPUT, 0), 0);
		assert_int_equal(lseek(VM_FD_OUTPUT, 0, SEEK_SET), 0);
		out(OUTPUT_PAGE_PORT, 4, pages[i].value);
		assert_int_equal(pread(VM_FD_OUTPUT, got, sizeof(got), 0), pages[i].bytes);
		bad += !pages[i].bytes;
		assert_int_equal(shared.st.bad_marks, bad);
	}
	out(OUTPUT_PAGE_PORT + 1, 1, 1); /* not where the port begins */
	assert_int_equal(shared.st.bad_marks, bad + 1);
	vm.mem.size = 4 << 20;
	close(VM_FD_OUTPUT);
}

static void test_output_by_bytes_and_to_nobody(void **state)
{
	uint8_t text[] = { 'a', 0, '\r', '\n' };
	struct port_access outs = { OUTPUT_PORT, 1, true, sizeof(text), text };
	struct port_access errs = { ERROR_PORT, 1, true, sizeof(text), text };
	int fd = memfd_create("output", MFD_CLOEXEC);
	char got[8];

	(void)state;
	ports_access(&vm, &outs); /* nobody asked for it */
	assert_int_equal(dup2(fd, VM_FD_OUTPUT), VM_FD_OUTPUT);
	close(fd);
	vm.has_output = 1;
	ports_access(&vm, &outs);
	assert_int_equal(pread(VM_FD_OUTPUT, got, sizeof(got), 0), sizeof(text));
	assert_memory_equal(got, text, sizeof(text));
	vm.has_error = 1;
	close(VM_FD_CONSOLE);
	ports_access(&vm, &errs); /* it fails, and is not tried again */
	assert_int_equal(vm.has_error, 0);
	assert_int_equal(shared.st.end, VM_RUNNING);
	close(VM_FD_OUTPUT);
}

/* It goes to a log, which has no end of its own. */
static void test_stderr_is_cut_once(void **state)
{
	static uint8_t block[1 << 20];
	struct port_access a = { ERROR_PORT, 1, true, sizeof(block) - 1, block };
	int fd = memfd_create("log", MFD_CLOEXEC);
	char end[64] = "";
	off_t size;

	(void)state;
	assert_int_equal(dup2(fd, VM_FD_CONSOLE), VM_FD_CONSOLE);
	vm.has_error = 1;
	for (int i = 0; i < 16; i++)
		ports_access(&vm, &a);
	assert_int_equal(lseek(fd, 0, SEEK_END), 16 * a.count);
	for (int i = 0; i < 3; i++)
		ports_access(&vm, &a);
	size = lseek(fd, 0, SEEK_END);
	assert_in_range(size, VM_ERROR_MAX + 1, VM_ERROR_MAX + sizeof(end));
	assert_int_equal(pread(fd, end, sizeof(end) - 1, VM_ERROR_MAX), size - VM_ERROR_MAX);
	assert_non_null(strstr(end, "cut here"));
	close(VM_FD_CONSOLE);
	close(fd);
}

/* Who runs no program of the user's own has no use for the ports of its output. */
static void test_output_is_for_programs(void **state)
{
	(void)state;
	shared.cfg.has_console = 1;
	vm_init(&vm, &shared);
	assert_false(vm.has_error);
	shared.cfg.has_output = 1;
	vm_init(&vm, &shared);
	assert_true(vm.has_error && vm.has_output);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_unknown_ports),
		TEST(test_unknown_memory),
		TEST(test_uart_is_found_by_a_driver),
		TEST(test_uart_interrupts),
		TEST(test_i8042_resets),
		TEST(test_marks),
		TEST(test_marks_after_the_end),
		TEST(test_accesses_after_the_end),
		TEST(test_a_snapshot_is_asked_for_and_taken_once),
		TEST(test_arguments),
		TEST(test_the_longest_arguments_end_too),
		TEST(test_entropy),
		TEST(test_report_is_bounded),
		TEST(test_report_that_cannot_be_kept),
		TEST(test_output_by_pages),
		TEST(test_output_by_bytes_and_to_nobody),
		TEST(test_stderr_is_cut_once),
		TEST(test_output_is_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
