#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host, ctr and vm with a stock Debian kernel as guest, in the emulated machine.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"


# What the README tells a new user to type.
test_make_run() {
	need_machine
	expect_status 0 make -C "$source_dir" BUILD="$BUILD" run \
		RUN_ARGS="--quick --machine emulated --seed 3 --out $PWD/o"
	n=$("$BENCH" list benchmarks | grep -c "^syscalls ")
	for r in host ctr vm; do
		with=$(awk -F, -v r=$r '$6 == r && ($17 == "ok" || ($17 == "skipped" && $18 != "")) { print $4 "/" $5, $8 }' \
			o/samples.csv | sort -u | wc -l)
		[ "$with" = $((n * 3)) ] || fail "$r: $with of $((n * 3)) cells have a value or a named skip"
	done
	for f in summary.csv manifest.json report.html log.txt; do [ -s o/$f ] || fail "no $f"; done
	ls o/plots/*.svg o/plots/*.png >/dev/null
	# The mark is everywhere, and both sides ran the same kernel build.
	for f in stdout o/manifest.json o/report.html o/plots/overview.svg; do expect_in $f emulated; done
	[ "$(grep -c '"release": "6\|"release": "[0-9]' o/manifest.json)" -ge 4 ] || fail "kernel releases are missing"
	[ "$(sed -n 's/.*"proc_version": //p' o/manifest.json | sort -u | wc -l)" = 1 ] || fail "different kernels on the two sides"
	# A boundary that shows: cpuid leaves the guest, a system call does not.
	ratio() { awk -F, -v b="$1" '$3 == b || $2 == b' o/summary.csv; }
	[ -n "$(ratio cpuid)" ] || fail "no cpuid in the summary"
}

test_another_kernel_by_name_and_path() {
	need_machine
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/bench/kernels/distro
	expect_status 0 "$BENCH" run --machine emulated --runtime vm --kernel "hello,$cache/vmlinuz" --launches 1 \
		--warmup 0 --filter getppid --out o
	[ "$(rows o/samples.csv ok vm)" -gt 0 ] || fail "no values from the kernel given by its path"
	grep -q 'needs Linux' o/samples.csv || fail "hello did not run"
}

# A machine that broke before anything was measured is started again; one that always breaks is told.
test_a_machine_that_breaks_early_is_started_again() {
	need_machine
	mkdir scripts
	cat >scripts/emulated-machine <<-EOF
		#!/bin/sh
		echo x >>"$PWD/starts"
		[ "\$(wc -l <"$PWD/starts")" -gt "\$BREAKS" ] || exit 125
		exec "$source_dir/scripts/emulated-machine" "\$@"
	EOF
	chmod +x scripts/emulated-machine
	run=("$BENCH" run --machine emulated --runtime host --launches 1 --warmup 0 --filter getppid)
	BREAKS=1 BENCH_SCRIPTS=$PWD/scripts expect_status 0 "${run[@]}" --out o
	expect_in stderr "started again"
	expect_in o/manifest.json "this machine is 'emulated'; try: "
	expect_in o/report.html "<li>the shape of a comparison holds, absolute times do not: this machine is"
	[ "$(rows o/samples.csv ok host)" -gt 0 ] || fail "no values"
	rm starts
	BREAKS=99 BENCH_SCRIPTS=$PWD/scripts expect_status 1 "${run[@]}" --out never
	[ "$(wc -l <starts)" = 3 ] || fail "$(wc -l <starts) starts"
	[ ! -e never ] || fail "a folder without measurements was left"
}

test_an_interrupt_ends_machine_and_run() {
	need_machine
	"$BENCH" run --machine emulated --runtime host --launches 2000 --filter getppid --out o >stdout 2>stderr &
	pid=$!
	for _ in $(seq 600); do
		[ -e o/samples.csv ] && [ "$(wc -l <o/samples.csv)" -gt 50 ] && break
		sleep 0.1
	done
	[ -e o/samples.csv ] || fail "no rows came out while it was running"
	machine=$(pgrep -P "$pid" | head -1)
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ $status = 130 ] || { cat stderr >&2; fail "status $status"; }
	[ ! -e "/proc/$machine" ] || fail "the machine lives on"
	[ "$(awk -F, 'NF < 18' o/samples.csv | wc -l)" = 0 ] || fail "a damaged row"
	expect_in o/manifest.json interrupted
	[ -e o/report.html ] || fail "no report of what was measured"
}

run_tests
