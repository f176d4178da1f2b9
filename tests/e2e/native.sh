#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host, ctr and the hello guest on this machine itself.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

need_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
}

# Whatever a run must not leave behind.
leftovers() {
	local exe
	for exe in /proc/[0-9]*/exe; do # by the file that they run: a container's has another path
		if [ "$exe" -ef "$BUILD/bench-vmm" ] || [ "$exe" -ef "$BUILD/workload" ]; then
			tr '\0' ' ' <"${exe%exe}cmdline"
		fi
	done
	find /sys/fs/cgroup -maxdepth 4 -type d -name 'bench-*' 2>/dev/null
	grep -c . /proc/self/mountinfo
	find /dev/shm -maxdepth 1 -name 'bench-*' 2>/dev/null
}

test_host_and_ctr() {
	need_ctr
	before=$(leftovers)
	expect_status 0 "$BENCH" run --machine native --runtime host,ctr --quick
	dir=$(one_run_dir)
	n=$("$BENCH" list benchmarks | grep -c "^syscalls ")
	for r in host ctr; do
		# Every benchmark has values, or is a skip with a reason, in each of the 3 launches.
		with=$(awk -F, -v r=$r '$6 == r && ($17 == "ok" || ($17 == "skipped" && $18 != "")) { print $4 "/" $5, $8 }' \
			"$dir/samples.csv" | sort -u | wc -l)
		[ "$with" = $((n * 3)) ] || fail "$r: $with of $((n * 3)) cells"
	done
	[ "$(rows "$dir/samples.csv" failed '')" = 0 ] || fail "failed rows"
	expect_in stdout getppid
	expect_in "$dir/manifest.json" '"state": "complete"'
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_the_seccomp_filter_can_be_off_and_the_manifest_says_so() {
	need_ctr
	for mode in on off; do
		expect_status 0 "$BENCH" run --machine native --runtime ctr --launches 1 --warmup 0 --filter getppid \
			--ctr-seccomp $mode --out $mode
	done
	grep -q '"seccomp": "2"' on/manifest.json || fail "the workload under ctr saw no filter"
	grep -q '"seccomp": "0"' off/manifest.json || fail "the workload under ctr saw a filter"
}

test_hello_guest() {
	need_hello
	before=$(leftovers)
	expect_status 0 "$BENCH" run --machine "$machine" --runtime vm --kernel hello --launches 2 --warmup 0
	dir=$(one_run_dir)
	[ "$(awk -F, '$6 == "vm" && $7 == "hello" && $4 == "cpuid" && $17 == "ok"' "$dir/samples.csv" | wc -l)" -gt 0 ] ||
		fail "no cpuid from the hello guest"
	grep -q 'needs Linux' "$dir/samples.csv" || fail "no named skip for what needs Linux"
	grep -q hello: "$dir/log.txt" || fail "its console is not in log.txt"
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_hello_guest_from_a_snapshot() {
	need_hello
	before=$(leftovers)
	expect_status 0 "$BENCH" run --machine "$machine" --runtime vm --kernel hello --suite startup --start cold,restore \
		--launches 3 --warmup 0 --out o
	for way in vm vm:restore; do
		[ "$(awk -F, -v w=$way '$6 == w && $10 == "work" && $13 == "since-request" && $17 == "ok"' o/samples.csv | wc -l)" = 3 ] ||
			fail "not three launches of $way that came as far as work"
	done
	expect_in o/manifest.json '"snapshot_bytes"'
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_linux_guests_run_or_are_refused_before_anything_is_made() {
	local run=("$BENCH" run --machine native --runtime host,vm --quick --out o)
	if "$BENCH" doctor | grep -q '^yes  vm'; then
		expect_status 0 "${run[@]}"
		[ "$(rows o/samples.csv ok vm)" -gt 0 ] || fail "no values under vm"
	else
		expect_status 3 "${run[@]}"
		expect_in stderr "try:"
		[ ! -e o ] || fail "a folder was made"
	fi
}

test_a_workload_that_crashes_is_a_row_and_the_run_goes_on() {
	mkdir broken
	printf '#!/bin/sh\nkill -SEGV $$\n' >broken/workload
	chmod +x broken/workload
	BENCH_LIBEXEC=$PWD/broken BENCH_SCRIPTS=$(dirname "$BENCH")/../scripts \
		expect_status 1 "$BENCH" run --machine native --runtime host,null --quick --filter getppid --out o
	[ "$(rows o/samples.csv failed host)" = 3 ] || fail "not a row for each crashed launch"
	expect_in o/samples.csv "killed by signal 11"
	[ "$(rows o/samples.csv ok null)" -gt 0 ] || fail "the other runtime was not measured"
}

# Neither hardware KVM nor QEMU: what can run does, and what cannot is rows that say why.
test_auto_without_any_vm_skips_by_name() {
	"$BENCH" doctor | grep -q '^yes  vm' && skip "Linux guests run natively here"
	expect_status 0 env PATH=/nonexistent "$BENCH" run --runtime host,vm --kernel distro --quick --filter getppid --out o
	[ "$(rows o/samples.csv ok host)" -gt 0 ] || fail "host was not measured"
	[ "$(rows o/samples.csv skipped vm)" = 1 ] || fail "no named skip for vm"
	expect_in stderr "vm/distro is left out"
	expect_in stderr "qemu"
	[ -e o/report.html ] || fail "no report without gnuplot"
}

test_interrupts_leave_nothing() {
	need_ctr
	before=$(leftovers)
	i=0
	for pause in 0.05 0.2 0.4 0.7 1.1; do
		for sig in INT TERM; do
			i=$((i + 1))
			"$BENCH" run --machine native --runtime host,ctr --out "o$i" >stdout 2>stderr &
			pid=$!
			await_listening $pid
			sleep $pause
			kill -$sig $pid
			status=0
			wait $pid || status=$?
			[ $status = 130 ] || { cat stderr >&2; fail "status $status after SIG$sig at $pause s"; }
			[ ! -e "o$i" ] || [ "$(awk -F, 'NF < 18' "o$i/samples.csv" | wc -l)" = 0 ] || fail "a damaged row"
			[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
		done
	done
}

# The signal is there already when the first thing is waited for: a probe that it ends says nothing of the way.
test_an_interrupt_during_the_probes() {
	need_ctr
	expect_status 130 perl -MPOSIX -e '
		sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGINT)) or die;
		kill "INT", $$;
		exec @ARGV or die' "$BENCH" run --machine native --runtime ctr --out o
	expect_in stderr interrupted
	[ ! -e o ] || fail "a folder without measurements was left"
}

test_a_killed_runner_leaves_no_process() {
	need_ctr
	"$BENCH" run --machine native --runtime host,ctr --out o >stdout 2>stderr &
	pid=$!
	sleep 1
	kill -KILL $pid
	wait $pid || true
	for _ in $(seq 20); do
		pgrep -x workload >/dev/null || return 0
		sleep 0.1
	done
	fail "a workload lives on: $(pgrep -ax workload)"
}

test_bad_kernel_images_are_one_line() {
	need_hello
	: >empty
	head -c 100000 /dev/urandom >noise
	head -c 40 "$BUILD/hello.elf" >truncated
	mkdir folder
	for k in empty noise truncated folder nosuch; do
		status=0
		"$BENCH" run --machine "$machine" --runtime vm --kernel ./$k --launches 1 >stdout 2>stderr || status=$?
		[ $status = 1 ] || [ $status = 2 ] || [ $status = 3 ] || fail "$k: status $status"
		expect_in stderr "$k"
		[ ! -e out ] || fail "$k: out/ was made"
	done
}

run_tests
