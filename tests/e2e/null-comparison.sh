#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host against host: launched in full runs, no way of its own in what is shown, and said first when it fails.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

short() {
	"$BENCH" run --machine native --runtime host --launches 4 --warmup 0 --filter getppid "$@"
}

# launches FILE RUNTIME: how many it had.
launches() {
	awk -F, -v r="$2" '$6 == r { print $8 }' "$1" | sort -u | wc -l
}

# What the two are found to be is the machine's to say: this only needs to be a whole sentence.
test_a_full_run_has_one() {
	expect_status 0 short --out o
	[ "$(launches o/samples.csv host:null)" = 4 ] || fail "not four launches of host:null"
	[ "$(launches o/samples.csv host)" = 4 ] || fail "not four launches of host"
	grep -Eq '^(Null comparison, host against host: |The null comparison failed: host differs from host )' stdout ||
		fail "nothing said of it: $(cat stdout)"
	! grep -q 'host:null' stdout || fail "it is shown as a way"
	! grep -q 'host:null' o/plots/*.svg || fail "it is on a plot"
	grep -q '^syscalls,getppid,,host:null,' o/summary.csv || fail "its statistics are not in summary.csv"
	grep -q '"runtime": "host:null"' o/manifest.json || fail "it is not in the manifest"
}

test_other_runs_have_none() {
	for args in --no-null --quick "--launches 3"; do
		# shellcheck disable=SC2086
		expect_status 0 short $args --out "o$args"
		! grep -q 'host:null' "o$args/samples.csv" || fail "$args: it was launched"
		! grep -qi 'null comparison' stdout "o$args/report.html" || fail "$args: something is said of it"
	done
}

test_a_program_of_ones_own_has_one_too() {
	expect_status 0 "$BENCH" exec --machine native --runtime host --launches 4 --warmup 0 --check-output --out o -- /bin/echo same
	[ "$(launches o/samples.csv host:null)" = 4 ] || fail "not four launches of host:null"
	expect_in stderr "all launches printed the same"
	expect_status 0 "$BENCH" exec --machine native --runtime host --launches 4 --warmup 0 --no-null --out p -- /bin/true
	[ "$(launches p/samples.csv host:null)" = 0 ] || fail "--no-null was not heard"
}

# A run whose second host was twice as slow: before all figures, in the report too.
test_a_failed_one_is_said_first() {
	expect_status 0 short --out o
	awk -F, -v OFS=, '$6 ~ /^host/ { n = $6 == "host" ? 100 : 200; $15 = n + $8 } { print }' o/samples.csv >changed
	mv changed o/samples.csv
	expect_status 0 "$BENCH" report o
	said=$(grep -bo 'The null comparison failed: host differs from host in 1 of 1 comparisons' o/report.html | cut -d: -f1)
	table=$(grep -bo '<h2>Results</h2>' o/report.html | cut -d: -f1)
	[ -n "$said" ] && [ "$said" -lt "$table" ] || fail "it does not stand before the results"
	grep -q '<li>getppid: +9.%' o/report.html || fail "what differs is not named"
}

test_the_emulated_machine_is_told() {
	need_machine
	expect_status 0 "$BENCH" run --machine emulated --runtime host --launches 4 --warmup 0 --filter getppid --no-null --out o
	[ "$(launches o/samples.csv host)" = 4 ] || fail "not four launches of host"
	[ "$(launches o/samples.csv host:null)" = 0 ] || fail "--no-null was not heard inside"
}

run_tests
