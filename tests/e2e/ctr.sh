#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Containers where this machine may not be able to: cgroup v2 with controllers, an initramfs as root, a stock
# Debian kernel. In QEMU's emulator, as root of a machine that has nothing but busybox.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

SRC=$(cd "$(dirname "$0")/../.." && pwd) # now: the tests run elsewhere

KERNEL=${XDG_CACHE_HOME:-$HOME/.cache}/bench/kernels/distro/vmlinuz
MACHINE_SECONDS=240

boot() {
	local busybox
	busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1 || skip "no static busybox (package busybox-static)"
	command -v qemu-system-x86_64 >/dev/null || skip "no QEMU (package qemu-system-x86)"
	command -v bsdtar >/dev/null || skip "no bsdtar (package libarchive-tools)"
	need_distro_kernel
	make -s -C "$SRC" BUILD="$BUILD" "$BUILD/tests/ctr_run" "$BUILD/tests/ctr_payload"
	mkdir -p root/bin root/proc root/sys root/dev root/tmp
	cp "$busybox" root/bin/busybox
	cp "$BUILD/tests/ctr_run" "$BUILD/tests/ctr_payload" root/bin
	cat >root/init
	chmod 755 root/init
	(cd root && bsdtar --format newc -cf - .) >root.cpio
	# One CPU: a kernel that patches itself on two may hang in the emulator (docs/emulated-machine.md).
	timeout "$MACHINE_SECONDS" qemu-system-x86_64 -M q35 -accel tcg -cpu EPYC -smp 1 -m 512 -nographic -no-reboot \
		-kernel "$KERNEL" -initrd root.cpio -append "console=ttyS0 reboot=t panic=-1 quiet" 2>/dev/null |
		tr -d '\r' >console
	expect_in console "machine done"
}

test_cgroup_v2_on_an_initramfs() {
	boot <<-'INIT'
		#!/bin/busybox sh
		B=/bin/busybox C=/sys/fs/cgroup
		$B mount -t proc proc /proc; $B mount -t sysfs sysfs /sys; $B mount -t devtmpfs dev /dev
		$B mount -t cgroup2 cgroup2 $C
		echo; echo "part look"; /bin/ctr_run 0 /bin/ctr_payload look
		echo "part pids"; echo +pids >$C/cgroup.subtree_control; /bin/ctr_run 0 /bin/ctr_payload exit 3
		echo "part limit"; /bin/ctr_run 33554432 /bin/ctr_payload eat 200
		echo "part delegated"; $B mkdir $C/scope
		(echo 0 >$C/scope/cgroup.procs; exec /bin/ctr_run 33554432 /bin/ctr_payload eat 200)
		echo "part left"; $B find $C -type d
		echo "machine done"; $B poweroff -f
	INIT
	for p in look pids limit delegated left; do
		sed -n "/^part $p/,/^part\|^machine/p" console >"$p"
	done
	for fact in pid=1 no_new_privs=1 CapBnd=0000000000000000 mounts_on_root=1 not_masked= not_read_only= \
		write_root=EROFS above_root=ENOENT loopback=ok call_unshare=EPERM max_user_namespaces=0 end=ok; do
		grep -qx "$fact" look || fail "$fact does not hold: $(cat look)"
	done
	expect_in pids "fact ctr.cgroup=v2"
	expect_in pids "ended kind=0 code=3"
	for p in limit delegated; do
		expect_in $p "fact ctr.cgroup=v2"
		expect_in $p "more memory than the limit of 33554432 bytes"
	done
	! grep bench- left || fail "cgroups were left behind"
}

run_tests
