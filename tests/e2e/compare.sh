#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench compare and bench merge by the real command, on runs of the null runtime: no root, no KVM, no time.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

# null_run DIR SEED [OPTION...]
null_run() {
	local out=$1 seed=$2
	shift 2
	"$BENCH" run --runtime null --launches 10 --warmup 0 --filter 'p*' --seed "$seed" --out "$out" "$@" >/dev/null 2>&1
}

# times FROM TO FACTOR BENCHMARK: a copy of a run, whose values of one benchmark are multiplied.
times() {
	cp -r "$1" "$2"
	awk -F, -v OFS=, -v f="$3" -v b="$4" 'NR > 1 && $4 == b { $15 *= f } { print }' "$1/samples.csv" >"$2/samples.csv"
}

test_with_itself_nothing_is_found() {
	null_run a 1
	expect_status 0 "$BENCH" compare a a --fail-above 0 --equivalence 30
	expect_in stdout "0 slower or more, 0 faster or less"
	expect_in stdout "equal within 30%"
}

test_null_comparison_of_two_runs() {
	null_run a 1 && null_run b 2
	expect_status 0 "$BENCH" compare a b --fail-above 0
	expect_in stdout "0 slower or more, 0 faster or less"
}

test_slower_and_faster_and_the_gate() {
	null_run a 1
	times a slow 1.5 pread
	times a fast 0.5 pread
	expect_status 0 "$BENCH" compare a slow
	expect_in stdout "1 slower or more"
	expect_status 1 "$BENCH" compare a slow --fail-above 20
	expect_in stdout "slower: FAILS"
	expect_status 0 "$BENCH" compare a slow --fail-above 80
	expect_status 0 "$BENCH" compare a fast --fail-above 0
	expect_in stdout "1 faster or less"
}

test_what_fails_in_b_alone_passes_no_gate() {
	null_run a 1
	BENCH_NULL=fail null_run b 2 || true
	BENCH_NULL=crash null_run c 3 || true
	expect_status 3 "$BENCH" compare a b --fail-above 50
	expect_in stderr "no measurement in common"
	expect_status 1 "$BENCH" compare a c --fail-above 50
	expect_in stdout "signal 11"
}

test_formats() {
	null_run a 1
	times a b 1.5 pread
	expect_status 0 "$BENCH" compare a b --format csv
	[ "$(awk -F, '$2 == "pread"' stdout | cut -d, -f25)" = slower ] || fail "$(cat stdout)"
	[ "$(awk -F, '{ print NF }' stdout | sort -u)" = 28 ] || fail "not 28 fields in every row"
	expect_status 0 "$BENCH" compare a b --format json
	expect_in stdout '"verdict": "slower"'
}

test_unlike_conditions_are_refused_by_name() {
	null_run a 1
	cp -r a b
	sed -i 's/"model": ".*"/"model": "Another CPU"/; s/"release": ".*"/"release": "1.2.3-other"/' b/manifest.json
	expect_status 3 "$BENCH" compare a b
	expect_in stderr "unlike: host.cpu.model"
	expect_in stderr "Another CPU"
	expect_in stderr "unlike: host.kernel.release"
	expect_in stderr "--force"
	[ ! -s stdout ] || fail "something was compared"
	expect_status 0 "$BENCH" compare a b --force
	expect_in stdout "UNLIKE: host.cpu.model"
}

test_too_few_launches_are_said() {
	null_run a 1 --launches 3
	null_run b 2 --launches 3
	expect_status 0 "$BENCH" compare a b
	expect_in stdout "TOO FEW LAUNCHES"
	expect_status 3 "$BENCH" compare a b --fail-above 5
	expect_in stderr "--fail-above could not have found it"
	expect_in stderr "--launches"
}

test_without_a_manifest() {
	null_run a 1
	mkdir b && cp a/samples.csv b/
	expect_status 0 "$BENCH" compare b b
	expect_status 0 "$BENCH" compare a b
	expect_in stdout "Also different: host.cpu.model"
}

test_bad_input_of_compare() {
	null_run a 1
	null_run other 1 --filter 'getppid'
	echo x >file
	mkdir empty
	for option in --fail-above=-1 --fail-above=nan --fail-above=x --fail-above= --fail-above=5% --equivalence=101 \
		--equivalence=inf --equivalence=-0.1 --format=xml --unknown; do
		expect_status 2 "$BENCH" compare a a "$option"
	done
	expect_status 2 "$BENCH" compare
	expect_status 2 "$BENCH" compare a
	expect_status 2 "$BENCH" compare a a a
	expect_status 2 "$BENCH" compare a missing
	expect_in stderr "'missing'"
	expect_status 2 "$BENCH" compare file a
	expect_in stderr "not a folder"
	expect_status 2 "$BENCH" compare a empty
	expect_in stderr "not the folder of a run"
	expect_status 3 "$BENCH" compare a other
	expect_in stderr "in common"
	cp -r a damaged && echo "1,x" >>damaged/samples.csv
	expect_status 1 "$BENCH" compare a damaged
	expect_in stderr "damaged/samples.csv"
}

test_merge_of_two_hosts() {
	null_run web1 1 && null_run web2 2
	expect_status 0 "$BENCH" merge web1 web2 --out all
	expect_in stdout "null@web1"
	expect_in stdout "null@web2"
	for f in samples.csv manifest.json summary.csv report.html plots/overview.svg; do
		[ -s "all/$f" ] || fail "no $f"
	done
	[ "$(wc -l <all/samples.csv)" = $(($(wc -l <web1/samples.csv) + $(wc -l <web2/samples.csv) - 1)) ] || fail "rows are missing"
	[ "$(head -1 all/samples.csv | cut -d, -f19)" = host ] || fail "no column host"
	[ "$(tail -n +2 all/samples.csv | cut -d, -f19 | sort -u | paste -sd' ')" = "web1 web2" ] || fail "not the two hosts"
	expect_in all/manifest.json '"runs"'
	expect_status 0 "$BENCH" plot all
	expect_status 0 "$BENCH" report all
	expect_status 0 "$BENCH" compare all all
	expect_status 0 "$BENCH" merge web1 web2 --name web1=east --out named --format csv
	[ "$(tail -n +2 stdout | grep -c ',east$')" -gt 0 ] || fail "no rows of host east"
}

# More ways than there are marks: each host has pages of its own.
test_plots_of_many_hosts() {
	command -v gnuplot >/dev/null || skip "no gnuplot here"
	for i in 1 2 3 4 5 6 7 8; do
		null_run node$i $i --launches 2
	done
	expect_status 0 "$BENCH" merge node? --out all
	[ -s all/plots/overview-8.svg ] && [ ! -e all/plots/overview-9.svg ] || fail "$(ls all/plots)"
	grep -q "null@node8" all/plots/overview-8.gp || fail "not the host's own page"
	grep -q "null@node1'" all/plots/overview-8.gp && fail "another host on the page"
	expect_status 0 "$BENCH" merge node1 node2 --out two
	[ ! -e two/plots/overview-2.svg ] || fail "$(ls two/plots)"
}

test_merge_goes_to_a_folder_of_its_own() {
	null_run web1 1
	expect_status 0 "$BENCH" merge web1
	[ -s "$(one_run_dir)/samples.csv" ] || fail "no data set"
}

test_bad_input_of_merge() {
	null_run web1 1 && null_run web2 2
	mkdir -p x/run y && cp -r web1/* x/run && cp -r web2 y/run
	echo x >file
	expect_status 2 "$BENCH" merge
	expect_status 2 "$BENCH" merge web1 web1 --out o
	expect_in stderr "the same run"
	expect_status 2 "$BENCH" merge web1 x/run --out o
	expect_in stderr "the same run"
	expect_status 2 "$BENCH" merge x/run y/run --out o
	expect_in stderr "both be of a host called 'run'"
	expect_status 2 "$BENCH" merge web1 --name web2=x --out o
	expect_in stderr "no such folder is to be merged"
	expect_status 2 "$BENCH" merge web1 --name web1 --out o
	expect_status 2 "$BENCH" merge web1 --name web1= --out o
	expect_status 2 "$BENCH" merge web1 --format xml --out o
	expect_status 2 "$BENCH" merge web1 missing --out o
	expect_status 2 "$BENCH" merge web1 file --out o
	[ ! -e o ] || fail "a folder was left behind"
	expect_status 2 "$BENCH" merge web1 --out web2
	expect_in stderr "not empty"
	expect_status 2 "$BENCH" merge web1 --out ''
}

# Two real runs, one after the other: what is found is the machine's affair, that it is compared is ours.
test_real_runs() {
	for dir in a b; do
		"$BENCH" run --suite syscalls --runtime host --filter getppid --launches 6 --out $dir >/dev/null 2>&1
	done
	expect_status 0 "$BENCH" compare a b
	expect_in stdout "1 cells compared"
}

run_tests
