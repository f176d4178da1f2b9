#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/emulated-machine by hand: one kernel is fetched for all tests, and kept in the user's cache.
. "$(dirname "$0")/lib.sh"

scripts=$source_dir/scripts

# machine ARGS: the script on the fetched kernel. SIGINT as a terminal gives it: who starts these tests in the background
# has it ignored, and no script can change that for itself.
machine() {
	env --default-signal=INT "$scripts/emulated-machine" --kernel "$kernel" --timeout 60 "$@"
}

test_kernel_fetch_refuses() {
	command -v apt-cache >/dev/null || skip "no apt"
	for name in host distro- distro-6 'distro-6.1;ls' ../distro; do
		expect_status 1 "$scripts/kernel-fetch" "$name" ./k
		expect_in stderr "kernel-fetch: "
		[ ! -e k ] || fail "$name left something"
	done
	expect_status 1 "$scripts/kernel-fetch" distro-99.99 ./k
	expect_in stderr "it offers: "
	mkdir k
	expect_status 1 "$scripts/kernel-fetch" distro ./k
	expect_in stderr "exists already"
}

test_kernel_build_refuses() {
	for args in '' 'host ./k' 'minimal- ./k' 'minimal-6 ./k' '../minimal ./k' 'minimal ./k --source' \
		'minimal ./k --source ./nonsuch' 'minimal ./k --source .'; do
		# shellcheck disable=SC2086 # words are meant
		expect_status 1 "$scripts/kernel-build" $args
		expect_in stderr "kernel-build: "
		[ ! -e k ] || fail "'$args' left something"
	done
	mkdir tree k
	touch tree/Makefile tree/Kconfig
	mkdir -p tree/arch/x86
	touch tree/arch/x86/Makefile
	expect_status 1 "$scripts/kernel-build" minimal ./k --source tree
	expect_in stderr "was not made by kernel-build"
}

test_wrong_usage() {
	for args in '' '--kernel' '--kernel /nonexistent -- true' '--nonsuch -- true'; do
		# shellcheck disable=SC2086 # words are meant
		expect_status 125 "$scripts/emulated-machine" $args
		expect_in stderr "emulated-machine: "
	done
	need_bare_machine
	expect_status 125 machine --cpus 0 -- true
	expect_status 125 machine --mem 1e3 -- true
	expect_status 125 machine --share ./nonexistent -- true
	expect_in stderr "--share"
	expect_status 125 machine --copy ./nonexistent -- true
	expect_in stderr "--copy"
	expect_status 125 machine --vmlinux "$kernel/vmlinuz" -- true
	expect_in stderr "is not an unpacked kernel"
}

# Everything that a machine is for, in one boot.
test_inside() {
	need_bare_machine
	mkdir share
	echo before >share/given
	echo "copied text" >extra
	cat >inside.sh <<-'EOF'
		uname -r >/dev/stdout # opened a second time
		cat extra share/given >&2
		echo row >share/rows
		mkdir "share/a b"
		head -c 1000000 /dev/zero >"share/a b/zeros"
		{
			[ -c /dev/kvm ] && echo kvm
			unshare -Urpf true && echo userns
			unshare -m sh -c 'mount -t tmpfs x /mnt && mkdir /mnt/old && cp /bin/busybox /mnt/ &&
				cd /mnt && pivot_root . old' && echo pivot
			mkdir /sys/fs/cgroup/x && grep -o memory /sys/fs/cgroup/x/cgroup.controllers
			ping -c 1 127.0.0.1 >/dev/null && echo loopback
			ls /boot
		} >share/facts 2>share/errors
		exit 7
	EOF
	expect_status 7 machine --share share --copy inside.sh --copy extra -- sh inside.sh "it's a \$word"
	[ "$(cat stdout)" = "$(cat "$kernel/release")" ] || fail "stdout: $(cat stdout)"
	[ "$(cat stderr)" = "$(printf 'copied text\nbefore')" ] || fail "stderr: $(cat stderr)"
	expect_in share/rows row
	[ "$(stat -c %s "share/a b/zeros")" = 1000000 ] || fail "zeros did not come whole"
	for fact in kvm userns pivot memory loopback "vmlinuz-$(cat "$kernel/release")"; do
		expect_in share/facts "$fact"
	done
}

test_ends() {
	need_bare_machine
	expect_status 127 machine -- nonsuch
	expect_status 137 machine -- sh -c 'kill -9 $$'
	expect_status 124 machine --timeout 1 -- sleep 100
	expect_status 125 machine -- sh -c 'echo c >/proc/sysrq-trigger'
	expect_in stderr "the machine ended by itself"
	expect_in stderr "sysrq"
}

# QEMU stopped in its tracks is as silent as a machine whose kernel hangs.
test_a_machine_that_hangs_is_ended() {
	need_bare_machine
	mkdir tmp
	SILENCE_LIMIT=8 TMPDIR=$PWD/tmp "$scripts/emulated-machine" --kernel "$kernel" -- sh -c 'echo started; sleep 1000' \
		>stdout 2>stderr &
	pid=$!
	for _ in $(seq 300); do
		! grep -qs started stdout || break
		sleep 0.1
	done
	kill -STOP "$(pgrep -f "qemu-system-x86_64.*$PWD/tmp")"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 125 ] || fail "status $status"
	expect_in stderr "the machine hangs"
	! pgrep -f "$PWD/tmp" || fail "something of it lives on"
}

# What the machine tells may arrive in pieces, with more than the second between them that is waited for one: in place of
# QEMU, a program that does just that.
test_words_in_pieces() {
	need_bare_machine
	mkdir bin
	cat >bin/qemu-system-x86_64 <<-'EOF'
		#!/bin/sh
		for piece in 'rea' 'dy\nali' 've\nex' 'it' ' 7\n'; do
			printf "$piece" >&4
			sleep 1.3
		done
		exec sleep 100
	EOF
	chmod +x bin/qemu-system-x86_64
	PATH=$PWD/bin:$PATH expect_status 7 machine --timeout 20 --verbose -- true
	expect_in stderr "running after"
}

# With --again its own failure is not the end; without, or where it always fails, it is.
test_started_again() {
	need_bare_machine
	mkdir share
	panic='echo begun; [ ! -e share/tried ] || exec echo well; touch share/tried; sleep 7; echo c >/proc/sysrq-trigger; sleep 60'
	expect_status 0 machine --share share --again 1 -- sh -c "$panic"
	[ "$(tr '\n' ' ' <stdout)" = "begun begun well " ] || fail "stdout: $(cat stdout)"
	expect_in stderr "it is started again"
	expect_status 125 machine --again 1 -- sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
	[ "$(grep -c 'started again' stderr)" = 1 ] || fail "not once"
	expect_in stderr "Kernel panic"
	expect_status 125 machine --again x -- true
	expect_in stderr "'x' is not a number"
}

# The command hears of it, ends as it likes, and what it wrote is there.
test_interrupted() {
	need_bare_machine
	mkdir share
	machine --share share -- sh -c 'trap "echo asked >share/end; exit 42" INT
		echo started; while :; do sleep 0.1; done' >stdout 2>stderr &
	pid=$!
	for _ in $(seq 300); do
		! grep -qs started stdout || break
		sleep 0.1
	done
	kill -INT "$(pgrep -P "$pid" -f emulated-machine || echo "$pid")"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 42 ] || fail "status $status"
	expect_in share/end asked
}

# Nothing stays: neither QEMU nor temporary files, also when the script is killed.
test_nothing_stays() {
	need_bare_machine
	mkdir tmp
	TMPDIR=$PWD/tmp machine -- true
	[ -z "$(ls tmp)" ] || fail "left: $(ls tmp)"
	TMPDIR=$PWD/tmp "$scripts/emulated-machine" --kernel "$kernel" -- sleep 100 &
	pid=$!
	sleep 1
	kill -KILL "$pid"
	for _ in $(seq 50); do
		pgrep -f "$PWD/tmp" >/dev/null || return 0
		sleep 0.1
	done
	fail "still there: $(pgrep -af "$PWD/tmp")"
}

run_tests
