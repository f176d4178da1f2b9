#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole pipeline, driven by the null runtime: no root, no KVM, no time.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

null_run() {
	"$BENCH" run --runtime null --launches 3 --warmup 1 --seed 42 "$@"
}

benchmarks() {
	"$BENCH" list benchmarks | grep -c "^syscalls "
}

test_files_of_a_run() {
	expect_status 0 null_run
	expect_in stdout getppid
	dir=$(one_run_dir)
	for f in samples.csv summary.csv manifest.json report.html log.txt; do
		[ -e "$dir/$f" ] || fail "no $f"
	done
	[ "$(rows "$dir/samples.csv" ok null)" = $(($(benchmarks) * 5 * 3)) ] || fail "rows are missing"
	[ "$(rows "$dir/samples.csv" warmup null)" = $(($(benchmarks) * 5)) ] || fail "no warm-up rows"
	ls "$dir"/plots/*.svg "$dir"/plots/*.png >/dev/null
	expect_in "$dir/manifest.json" '"seed": 42'
}

test_plot_and_report_are_made_again_from_the_files() {
	expect_status 0 null_run
	dir=$(one_run_dir)
	cp "$dir/report.html" before.html
	rm -r "$dir/plots" "$dir/report.html" "$dir/summary.csv"
	expect_status 0 "$BENCH" plot "$dir"
	ls "$dir"/plots/*.svg >/dev/null
	expect_status 0 "$BENCH" report "$dir"
	cmp before.html "$dir/report.html"
	[ -s "$dir/summary.csv" ] || fail "no summary"
}

test_formats() {
	expect_status 0 null_run --format csv --out csv
	head -1 stdout | grep -q benchmark
	expect_status 0 null_run --format json --out json
	expect_in stdout '"getppid"'
}

test_failures_are_rows_and_status_1() {
	for mode in crash short fail garbage refuse; do
		BENCH_NULL=$mode expect_status 1 null_run --out "$mode"
		[ "$(rows $mode/samples.csv failed null)" -gt 0 ] || fail "$mode: no failed row"
		[ -e $mode/report.html ] || fail "$mode: no report"
	done
	expect_in crash/samples.csv "signal 11"
}

test_skips_are_rows_and_status_0() {
	BENCH_NULL=skip expect_status 0 null_run --out o
	[ "$(rows o/samples.csv skipped null)" = $(($(benchmarks) * 4)) ] || fail "rows are missing"
	expect_in stdout skipped
}

test_an_out_that_is_not_empty_is_left_alone() {
	mkdir o && echo mine >o/file
	expect_status 2 null_run --out o
	expect_in stderr "not empty"
	[ "$(ls -A o)" = file ] && [ "$(cat o/file)" = mine ]
	echo mine >plain
	expect_status 2 null_run --out plain
	[ "$(cat plain)" = mine ]
	mkdir empty
	expect_status 0 null_run --out empty
}

test_an_out_that_cannot_be_made() {
	expect_status 1 null_run --out /proc/nowhere/o
	expect_in stderr /proc/nowhere
}

test_a_full_disk_keeps_the_rows() {
	mkdir small
	unshare -m true 2>/dev/null || skip "mounting a small tmpfs needs privileges"
	cat >inside <<-EOF
		mount -t tmpfs -o size=40k tmpfs small
		"$BENCH" run --runtime null --launches 50 --seed 42 --out small/o
		status=\$?
		cp small/o/samples.csv rescued.csv
		exit \$status
	EOF
	expect_status 1 unshare -m bash inside
	expect_in stderr "No space left"
	expect_in stderr samples.csv
	[ "$(wc -l <rescued.csv)" -gt 10 ] || fail "rows were lost"
	[ -z "$(tail -c 1 rescued.csv | tr -d '\n')" ] || fail "the last row is torn"
	[ "$(awk -F, '{ print (NF >= 18) }' rescued.csv | sort -u)" = 1 ] || fail "a row is damaged"
}

test_an_interrupt_keeps_what_was_measured() {
	for sig in INT TERM; do
		BENCH_NULL=hang "$BENCH" run --runtime null --launches 9 --timeout 1 --out "$sig" >stdout 2>stderr &
		pid=$!
		for _ in $(seq 100); do
			[ -s "$sig/samples.csv" ] && [ "$(wc -l <"$sig/samples.csv")" -gt 1 ] && break
			sleep 0.1
		done
		kill "-$sig" $pid
		status=0
		wait $pid || status=$?
		[ $status = 130 ] || fail "status $status after SIG$sig"
		[ "$(wc -l <"$sig/samples.csv")" -gt 1 ] || fail "no rows"
		[ -e "$sig/report.html" ] || fail "no report of what was measured"
		expect_in "$sig/manifest.json" interrupted
	done
}

run_tests
