#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The suites cpu, paging and wakeup: every planned benchmark has a value or a named skip, everywhere.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

suites=(cpu paging wakeup)

need_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
}

# cells FILE SUITE RUNTIME: benchmarks and launches of the suite that have a value or a skip with its reason.
cells() {
	awk -F, -v s="$2" -v r="$3" '$3 == s && $6 == r && ($17 == "ok" || ($17 == "skipped" && $18 != "")) { print $4 "/" $5, $8 }' \
		"$1" | sort -u | wc -l
}

planned() {
	"$BENCH" list benchmarks | grep -c "^$1 "
}

test_every_benchmark_has_a_value_or_says_why_not() {
	need_ctr
	for s in "${suites[@]}"; do
		expect_status 0 "$BENCH" run --machine native --runtime host,ctr --suite "$s" --quick --launches 1 --out "$s"
		for r in host ctr; do
			n=$(cells "$s/samples.csv" "$s" $r)
			[ "$n" = "$(planned "$s")" ] || fail "$s, $r: $n of $(planned "$s") cells"
		done
		[ "$(rows "$s/samples.csv" failed '')" = 0 ] || fail "$s: failed rows"
	done
	# Plain computation needs nothing that could be missing.
	[ "$(rows cpu/samples.csv skipped '')" = 0 ] || fail "a benchmark of cpu was left out"
	for metric in late-median late-p99; do
		[ "$(awk -F, -v m=$metric '$4 == "timer" && $13 == m && $14 == "ns" && $15 > 0' wakeup/samples.csv | wc -l)" = 8 ] ||
			fail "not a $metric for each of 4 timers under host and ctr"
	done
	expect_in stdout "timer"
	expect_in wakeup/report.html "late-p99"
	ls paging/plots/overview.svg paging/plots/overview.png >/dev/null
}

# A container that may have 200 MiB: what is larger is a skip that names the option, and nothing is killed.
test_too_little_memory_is_a_named_skip() {
	need_ctr
	expect_status 0 "$BENCH" run --machine native --runtime ctr --suite paging --mem 200 --launches 1 --warmup 0 --out o
	[ "$(rows o/samples.csv failed '')" = 0 ] || fail "failed rows"
	[ "$(cells o/samples.csv paging ctr)" = "$(planned paging)" ] || fail "cells are missing"
	for size in 256MiB 1GiB 2GiB; do
		[ "$(awk -F, -v p="$size-4k" '$4 == "walk" && $5 == p && $17 == "skipped"' o/samples.csv | wc -l)" = 1 ] ||
			fail "$size was not left out"
	done
	[ "$(awk -F, '$4 == "walk" && $5 == "64MiB-4k" && $17 == "ok"' o/samples.csv | wc -l)" -gt 0 ] || fail "64MiB did not fit"
	expect_in o/samples.csv "by --mem 2496"
}

test_no_memory_to_speak_of() {
	need_plain "needs more address space than the limit leaves"
	expect_status 0 bash -c "ulimit -v 600000; exec '$BENCH' run --machine native --runtime host --suite paging \
		--filter '*/2GiB*' --launches 1 --warmup 0 --format csv --out o"
	[ "$(rows o/samples.csv skipped host)" = 2 ] || fail "not two skips"
	grep -q "address space\|needs 2192 MiB" o/samples.csv || fail "no reason that names what is missing"
	expect_status 2 "$BENCH" run --suite paging --mem 0
	expect_in stderr "--mem"
}

test_one_cpu_leaves_out_what_needs_two() {
	expect_status 0 "$BENCH" run --machine native --runtime host --suite wakeup --filter 'ping-pong/*' --cpus 0 --launches 1 \
		--warmup 0 --out o
	[ "$(rows o/samples.csv skipped host)" = 4 ] || fail "not four skips"
	expect_in o/samples.csv "needs 2 CPUs"
}

# The same loops where no Linux guest may run: whole numbers come out, vectors are left out by name.
test_hello_computes() {
	need_hello
	expect_status 0 "$BENCH" run --machine "$machine" --runtime host,vm --kernel hello --suite cpu --launches 1 --warmup 0 --out o
	[ "$(cells o/samples.csv cpu vm)" = "$(planned cpu)" ] || fail "cells are missing"
	for b in integer/chain integer/mix sha256/block branchy/; do
		[ "$(awk -F, -v b=$b '$6 == "vm" && $4 "/" $5 == b && $17 == "ok"' o/samples.csv | wc -l)" -gt 0 ] ||
			fail "no $b from the hello guest"
	done
	expect_in o/samples.csv "needs vector registers"
}

test_in_the_emulated_machine() {
	need_machine
	expect_status 0 "$BENCH" run --machine emulated --runtime host,vm --kernel distro --suite cpu,paging,wakeup --quick \
		--launches 1 --filter '[bmt][mroi][auom]*' --out o
	for r in host vm; do
		for b in branchy touch mmap-storm timer; do
			[ "$(awk -F, -v b=$b -v r=$r '$6 == r && $4 == b && $17 == "ok"' o/samples.csv | wc -l)" -gt 0 ] ||
				fail "no $b under $r"
		done
	done
	[ "$(rows o/samples.csv failed '')" = 0 ] || fail "failed rows"
}

run_tests
