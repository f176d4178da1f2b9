#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line itself: help, lists, and every kind of wrong usage.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

test_help_of_every_verb() {
	expect_status 0 "$BENCH" --help
	for verb in $(awk '/^  [a-z]+ / && !/bench/ { print $1 }' stdout); do
		expect_status 0 "$BENCH" "$verb" --help
		expect_in stdout "usage: bench $verb"
	done
	expect_status 2 "$BENCH"
	expect_status 0 "$BENCH" --version
}

test_lists() {
	expect_status 0 "$BENCH" list suites
	expect_in stdout syscalls
	expect_status 0 "$BENCH" list benchmarks
	expect_in stdout getppid
	expect_status 0 "$BENCH" list runtimes
	for r in host ctr vm; do expect_in stdout $r; done
	grep -q null stdout && fail "the test runtime is listed"
	expect_status 0 "$BENCH" list kernels
	expect_in stdout hello
	expect_status 2 "$BENCH" list
	expect_status 2 "$BENCH" list kernel
	expect_in stderr "did you mean 'kernels'"
}

test_wrong_usage_is_named() {
	while IFS='|' read -r args words; do
		# shellcheck disable=SC2086
		expect_status 2 "$BENCH" $args
		expect_in stderr "$words"
	done <<-'TABLE'
		rum|did you mean 'run'
		run --suite nosuch|unknown suite 'nosuch'
		run --suite sycalls|did you mean 'syscalls'
		run --runtime docker|unknown runtime 'docker'
		run --kernel hellow --runtime vm|did you mean 'hello'
		run --machine fast|unknown --machine 'fast'
		run --format yaml|unknown --format 'yaml'
		run --launches 0|not between
		run --launches -1|not a whole number
		run --launches 99999999|not between
		run --launches ten|not a whole number
		run --mem 0|not between
		run --vcpus 0|not between
		run --timeout 0|not between
		run --seed 0|not between
		run --cpus 4096|not a list of CPUs
		run --filter nosuch|unknown benchmark 'nosuch'
		run --filter getpid|did you mean 'getppid'
		run --lunches 3|did you mean 'launches'
		run --launches|needs a value
		run -xy|unknown option 'xy'
		run --quick -xy|unknown option 'xy'
		run operand|operand
		plot|folder
		plot /no/such/folder|/no/such/folder
		report /no/such/folder|/no/such/folder
		kernel frob|frob
	TABLE
}

test_dry_run_prints_the_plan_and_makes_nothing() {
	expect_status 0 "$BENCH" run --runtime host,ctr --launches 2 --warmup 0 --seed 5 --dry-run
	expect_in stdout "getppid"
	[ "$(grep -c '^launch' stdout)" = 4 ] || fail "not 4 launches"
	cp stdout first
	expect_status 0 "$BENCH" run --runtime host,ctr --launches 2 --warmup 0 --seed 5 --dry-run
	cmp first stdout
	[ ! -e out ] || fail "a dry run made out/"
}

test_doctor_has_a_remedy_for_every_no() {
	expect_status 0 "$BENCH" doctor
	expect_in stdout host
	# Every line that says no is followed by one that says what helps.
	awk '/^ *no /  { want = NR + 1 } want == NR && want && NR > 1 && !/try:/ && !/^ *no / { exit 1 }' stdout
}

run_tests
