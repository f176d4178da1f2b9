#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each allocation and each system call of the harness fails once, one to a run (tests/tools/inject.c). Whatever it was,
# a run ends in one of two ways: it coped, and has all its rows; or it says what failed and why, with status 1, and what
# it had written so far is whole. Nothing is left behind in either.
#
# Here a sample of them; "make faults" sets FAULTS=all. What came of each is in $FAULTS_LOG, if that is set.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

: "${FAULTS:=12}" "${FAULTS_SEED:=1}" "${FAULTS_LOG:=/dev/null}"
inject=$BUILD/tests/inject
make -s -C "$source_dir" BUILD="$BUILD" "$inject" || exit 1

# Where the run that is to fail writes.
clean() {
	rm -rf o report stdout stderr
}

# told KEY: what the injector has to say.
told() {
	sed -n "s/^$1=//p" report
}

# damage: what is wrong with the files of the run in ./o; nothing, if they are whole as far as they go.
damage() {
	[ -s o/samples.csv ] || return 0
	[ -z "$(tail -c 1 o/samples.csv | tr -d '\n')" ] || echo "the last row of samples.csv is torn"
	awk -F, 'NF < 18 || (NR == 1 && $1 != "schema") { print "row " NR " of samples.csv is damaged" }' o/samples.csv
}

# leftovers PID: what bench with this number made outside of ./o and did not take away.
leftovers() {
	find /sys/fs/cgroup -maxdepth 6 -type d -name "bench-$1-*" 2>/dev/null
	find /run /dev/shm /tmp -maxdepth 1 -name "bench-*-$1-*" 2>/dev/null
	[ "$(grep -c . /proc/self/mountinfo)" = "$mounts" ] || echo "a mount"
	[ "$(told left)" = 0 ] || echo "$(told left) processes"
}

# wrong KIND STATUS: what must not be, a line for each.
wrong() {
	case $2 in
	0) [ "$(rows o/samples.csv ok '')" = "$all_rows" ] || echo "status 0, but rows are missing" ;;
	1 | 3)
		grep -q '^bench: .' stderr || grep -q ',failed,' o/samples.csv || echo "status $2 without a word"
		[ "$1" != eintr ] && [ "$1" != short ] || echo "a call that was only cut short is no failure"
		;;
	*) echo "status $2" ;;
	esac
	! grep -E 'Sanitizer|runtime error|terminate|assert|corrupted' stderr || echo "it broke"
	damage
	leftovers "$(told pid)"
}

# one KIND N COMMAND...: the run in which the N-th fails.
one() {
	local kind=$1 n=$2 status=0 bad
	shift 2
	clean
	timeout 60 "$inject" report "$n" "$kind" "$@" --out o >stdout 2>stderr </dev/null || status=$?
	bad=$(wrong "$kind" "$status")
	echo "$kind $n: status $status, $(told failed): $(grep -m 1 '^bench: ' stderr)${bad:+ WRONG: $bad}" >>"$FAULTS_LOG"
	[ -e o/manifest.json ] && cp o/manifest.json "manifests/$kind-$n.json"
	[ -z "$bad" ] || {
		echo "$kind $n ($(told failed)): $bad"
		cat report
		tail -n 5 stderr
	} >>wrong
}

# What gnuplot draws is the same each time, and most of a small run's time: from here on it is handed out as it was drawn.
record_plots() {
	mkdir -p drawn bin
	cp o/plots/*.svg o/plots/*.png drawn
	printf '#!/bin/sh\nexec cp %s/drawn/* .\n' "$PWD" >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH
}

# count KIND COMMAND...: how many there are, in a run in which none fails.
count() {
	local kind=$1
	shift
	clean
	"$inject" report 0 "$kind" "$@" --out o >stdout 2>stderr </dev/null || {
		cat stderr >&2
		fail "without a fault: status $?"
	}
	all_rows=$(rows o/samples.csv ok '')
	[ "$(leftovers "$(told pid)")" = "" ] || fail "left behind without a fault: $(leftovers "$(told pid)")"
	told calls
}

# Half-written ones would be no JSON.
check_manifests() {
	python3 - manifests/*.json <<-'EOF' || fail "a manifest is no JSON"
		import json, sys
		for name in sys.argv[1:]:
		    with open(name) as f:
		        json.load(f)
	EOF
}

# all_of KIND COMMAND...: each of them, or FAULTS of them, evenly, from a place that FAULTS_SEED says.
all_of() {
	local kind=$1 total step n
	shift
	mounts=$(grep -c . /proc/self/mountinfo)
	mkdir -p manifests
	: >wrong
	count "$kind" "$@" >counted
	total=$(cat counted)
	all_rows=$(rows o/samples.csv ok '')
	[ "$all_rows" -gt 0 ] || fail "a run without rows"
	record_plots
	step=1
	[ "$FAULTS" = all ] || step=$(((total + FAULTS - 1) / FAULTS))
	for ((n = 1 + FAULTS_SEED % step; n <= total; n += step)); do
		one "$kind" "$n" "$@"
	done
	echo "$kind of $total: every ${step}. failed, $(grep -c ' failed' wrong) of them wrong" >>"$FAULTS_LOG"
	[ ! -s wrong ] || {
		cat wrong >&2
		fail "$kind: see above"
	}
	check_manifests
}

# The runs: as small as can be, so that what is counted is the harness.
null_run=("$BENCH" run --runtime null --launches 1 --warmup 0 --filter getppid)

test_null_each_call_fails() {
	all_of error "${null_run[@]}"
}

test_null_each_call_is_interrupted() {
	all_of eintr "${null_run[@]}"
}

test_null_each_read_and_write_is_short() {
	all_of short "${null_run[@]}"
}

test_null_each_allocation_fails() {
	all_of alloc "${null_run[@]}"
}

run_tests
