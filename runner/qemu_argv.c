/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/qemu_argv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/report_abi.h"
#include "base/util.h"

/*
 * The machine as QEMU's own documentation of microvm (docs/system/i386/microvm.rst, "minimal
 * configuration") has it, but for a serial port, which is the guest's only voice here. The kernel's
 * command line is ours alone.
 */
static const char *const machine[] = {
	"-M",
	"microvm,x-option-roms=off,pit=off,pic=off,rtc=off,isa-serial=on,auto-kernel-cmdline=off",
	"-enable-kvm", "-cpu", "host", "-nodefaults", "-no-user-config", "-display", "none",
	"-no-reboot", /* the guest's reset is QEMU's end */
};

/* What the guest writes to port @port goes to the descriptor @fd, byte by byte, as it comes. */
static void add_output(struct words *a, const char *id, unsigned port, int fd)
{
	words_add(a, "-chardev");
	words_addf(a, "file,id=%s,path=/dev/fdset/%d,append=on", id, fd);
	words_add(a, "-device");
	words_addf(a, "isa-debugcon,iobase=0x%x,chardev=%s", port, id);
}

/*
 * KVM hands an access of four bytes to QEMU, which splits it where a device is one byte long,
 * lowest address first: four bytes of a report go to four devices with one destination, the mark is
 * seen at its port, the lowest byte of the argument at the next, and the word that says who we are
 * is read from four devices, each of which answers with one byte.
 */
static void add_ports(struct words *a)
{
	static const char *const report_ids[] = { "report0", "report1", "report2", "report3" };
	const int fds[] = { QEMU_FD_REPORT, QEMU_FD_MARKS, QEMU_FD_CONSOLE };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		words_add(a, "-add-fd");
		words_addf(a, "fd=%d,set=%d", fds[i], fds[i]);
	}
	words_add(a, "-chardev");
	words_addf(a, "file,id=console,path=/dev/fdset/%d,append=on", QEMU_FD_CONSOLE);
	words_add(a, "-serial");
	words_add(a, "chardev:console");
	for (unsigned i = 0; i < ARRAY_SIZE(report_ids); i++)
		add_output(a, report_ids[i], REPORT_PORT + i, QEMU_FD_REPORT);
	add_output(a, "marks", MARK_PORT, QEMU_FD_MARKS);
	add_output(a, "arguments", MARK_PORT + 1, QEMU_FD_MARKS);
	for (unsigned i = 0; i < 4; i++) {
		words_add(a, "-chardev");
		words_addf(a, "null,id=id%u", i);
		words_add(a, "-device");
		words_addf(a, "isa-debugcon,iobase=0x%x,readback=0x%02x,chardev=id%u", ID_PORT + i,
			ID_VALUE >> 8 * i & 0xff, i);
	}
}

int qemu_argv_make(const struct qemu_setup *s, struct words *out, struct err *e)
{
	*out = (struct words){ 0 };
	words_add(out, s->qemu);
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++)
		words_add(out, machine[i]);
	words_add(out, "-m");
	words_addf(out, "%" PRIu64 "K", s->ram_bytes >> 10);
	words_add(out, "-smp");
	words_addf(out, "%u", s->vcpus);
	words_add(out, "-kernel");
	words_add(out, s->kernel);
	words_add(out, "-initrd");
	words_addf(out, "/proc/self/fd/%d", QEMU_FD_INITRAMFS);
	words_add(out, "-append");
	words_add(out, s->append);
	add_ports(out);
	return out->error ? err_set(e, out->error, "qemu", "its command line is too long") : 0;
}
