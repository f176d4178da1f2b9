#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A stock Debian kernel as guest, restored from a snapshot again and again, in the emulated machine. RESTORES: how
# often; "make soak" asks for a thousand.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

restores=${RESTORES:-50}

need_vmrun() {
	need_bare_machine
	make -C "$source_dir" BUILD="$BUILD" "$BUILD/tests/vmrun" "$BUILD/bench-vmm" "$BUILD/workload" >/dev/null
}

# vmrun [OPTIONS] -- ARGS: launches in the machine.
vmrun() {
	local options=()
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	"$source_dir/scripts/emulated-machine" --kernel "$kernel" --again 2 --hold "$BUILD/bench-vmm" --copy "$BUILD/bench-vmm" \
		--copy "$BUILD/workload" -- "$BUILD/tests/vmrun" -t 60 "${options[@]}" \
		"/boot/vmlinuz-$(cat "$kernel/release")" "$BUILD/workload" "$BUILD" "$@"
}

# info KEY: its value of each launch.
info() {
	awk -F'\t' -v key="$1" '$1 == "info" && $2 == key { print $3 }' stdout
}

test_restores_in_a_row() {
	need_vmrun
	before=$(date +%s)
	expect_status 0 vmrun -r -n "$restores" -- --suite=startup --clone-check
	after=$(date +%s)
	[ "$(grep -c '^exited 0: ' stdout)" = "$restores" ] || {
		grep '^[a-z]* [0-9]*: enter' stdout | grep -v '^exited 0' >&2
		fail "not all of $restores launches ended well"
	}
	[ "$(info clone.random | sort -u | wc -l)" = "$restores" ] || fail "clones drew the same random numbers"
	[ "$(info work.sum | sort -u | wc -l)" = 1 ] && [ "$(info work.sum | wc -l)" = "$restores" ] ||
		fail "the work's results differ"
	# CLOCK_MONOTONIC goes on from where it stood, timers fire, and the time of day is the host's.
	info clone.step_ns | awk '$1 <= 0 || $1 > 60e9 { bad = 1 } END { exit bad }' || fail "steps: $(info clone.step_ns)"
	info clone.slept_ns | awk '$1 < 1e6 { bad = 1 } END { exit bad }' || fail "slept: $(info clone.slept_ns)"
	info clone.realtime_ns | awk -v from="$before" -v to="$after" \
		'$1 < last || $1 / 1e9 < from - 5 || $1 / 1e9 > to + 5 { bad = 1 } { last = $1 } END { exit bad }' ||
		fail "between $before and $after: $(info clone.realtime_ns)"
}

# What is in a report of either, less what may differ: clocks, and the arguments a kernel was booted with.
told() {
	grep -P '^(info\twork|info\tkernel.release|info\tproc.cap_eff|begin|skip|fail|end)' stdout
}

test_a_restored_guest_tells_the_same_as_a_booted_one() {
	need_vmrun
	for suite in startup syscalls; do
		args=("--suite=$suite")
		[ $suite = startup ] || args+=(--filter=getppid --batches=1)
		expect_status 0 vmrun -- "${args[@]}"
		told >booted
		expect_status 0 vmrun -r -- "${args[@]}"
		told >restored
		[ -s booted ] && diff booted restored >&2 || fail "$suite: reports differ"
	done
}

test_two_vcpus() {
	need_vmrun
	expect_status 0 vmrun -r -c 2 -n 5 -- --suite=startup --clone-check
	[ "$(grep -c '^exited 0: ' stdout)" = 5 ] || { cat stdout >&2; fail "not all launches ended well"; }
	info clone.slept_ns | awk '$1 < 1e6 { bad = 1 } END { exit bad }' || fail "slept: $(info clone.slept_ns)"
}

run_tests
