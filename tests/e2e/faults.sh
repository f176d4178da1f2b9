#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each allocation and each system call of the harness fails once, one to a run (tests/tools/inject.c). Whatever it was,
# a run ends in one of two ways: it coped, and has all its rows and files; or it says what failed and why, with status 1
# (3, where it failed in finding out what can run here), and what it had written so far is whole. Nothing is left behind
# in either.
#
# Here a sample of them, each time the same; "make faults" sets FAULTS=all, FAULTS_FROM another place to begin at.
# FAULTS_LOG gets a line for each: what failed, the status, and the message.
# shellcheck disable=SC2317,SC2154
. "$(dirname "$0")/lib.sh"

: "${FAULTS:=4}" "${FAULTS_FROM:=3}" "${FAULTS_EMULATED:=20}" "${FAULTS_LOG:=/dev/null}"
inject=$BUILD/tests/inject
make -s -C "$source_dir" BUILD="$BUILD" "$inject" || exit 1

# told KEY: what the injector has to say.
told() {
	sed -n "s/^$1=//p" "$at/report"
}

# --- judging one run, in the folder $at ---

# whole: what is wrong with the files that the run wrote, as far as they go.
whole() {
	[ ! -s "$at/o/samples.csv" ] ||
		awk -F, 'NF < 18 || (NR == 1) != ($1 == "schema") { print "row " NR " of samples.csv is damaged" }' "$at/o/samples.csv"
	[ ! -s "$at/o/samples.csv" ] || [ -z "$(tail -c 1 "$at/o/samples.csv" | tr -d '\n')" ] ||
		echo "the last row of samples.csv is torn"
	find "$at/o" -name '.*.tmp' -printf 'a half-written %p\n' 2>/dev/null
}

# coped: with status 0 there is all that there is without a fault, and no complaint.
coped() {
	[ "$(grep -cv ',failed,' "$at/o/samples.csv")" = "$all_rows" ] || echo "status 0, but rows are missing"
	(cd "$at/o" && find . -type f | sort) | comm -13 - all_files | sed 's/^/status 0 without /'
	[[ $(told failed) == *"/stderr) of"* ]] || complaints | sed 's/^/status 0, but /' # what could not be said is no complaint
}

# complaints: what was said that is no warning and not where the results are.
complaints() {
	grep '^bench: ' "$at/stderr" | grep -v -e '^bench: warning: ' -e '^bench: results are in '
}

# named WHY: with status 1 a line says what went wrong, or a row does; and it says why: the very error that was injected.
named() {
	local reasons=(-e "$1" -e 'not ready at the deadline')
	case $1 in
	allocation* | "Cannot allocate memory") reasons+=(-e memory) ;;
	esac
	{
		complaints
		grep '^bench: warning: .* launch [0-9]*: ' "$at/stderr"
	} >"$at/said"
	[ -s "$at/said" ] || echo "status $status without a word"
	grep -qF "${reasons[@]}" "$at/said" || echo "the reason is not named: $1"
}

# unended: why the injector did not come to its end, of which its report's status tells: only then it says what it did.
unended() {
	case $(told status):$status in
	"$status:"*) ;;
	:124 | :137 | :143) echo "it hung, and was ended by the deadline (status $status)" ;; # busybox's timeout has no 124
	*) echo "the injector died: status $status, $(grep '^inject: ' "$at/stderr" || echo 'without a word')" ;;
	esac
}

# wrong KIND: all that must not be, a line for each. Where it was nobody's turn the run made less calls than the first,
# and is one without a fault.
wrong() {
	local dead
	dead=$(unended)
	[ -z "$dead" ] || {
		echo "$dead"
		return
	}
	case $(told failed):$status in
	*:0) coped ;;
	:* | nothing:*) echo "status $status without a fault" ;;
	*:1 | *:3) named "$(told failed | sed 's/.*: //')" ;;
	*) echo "status $status" ;;
	esac
	case $1$status in
	eintr[13] | short[13]) echo "to be cut short is no failure" ;;
	esac
	grep -E 'Sanitizer|runtime error|terminate|ssertion|corrupted' "$at/stderr"
	whole
	sed 's/^/left behind: /' "$at/left"
}

# --- the runs ---

# What gnuplot draws is the same each time, and most of a small run's time: from here on it is handed out as it was drawn.
record_plots() {
	mkdir -p drawn bin
	cp "$at"/o/plots/*.svg "$at"/o/plots/*.png drawn
	printf '#!/bin/sh\nexec cp %s/drawn/* .\n' "$PWD" >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH
}

# runs KIND "N..." COMMAND...: here, or where $place says: in folders KIND-N.
place=()
runs() {
	"${place[@]}" "$source_dir/tests/tools/inject-runs" "$inject" "$@"
}

# without_fault KIND COMMAND...: what there is to fail, and what a run that copes must have.
without_fault() {
	at=$1-0
	runs "$1" 0 "${@:2}"
	[ "$(cat "$at/status")" != 3 ] || skip "$(grep -m 1 '^bench: ' "$at/stderr")"
	[ "$(cat "$at/status")" = 0 ] || {
		cat "$at/stderr" >&2
		fail "without a fault: status $(cat "$at/status")"
	}
	all_rows=$(grep -cv ',failed,' "$at/o/samples.csv")
	(cd "$at/o" && find . -type f | sort) >all_files
	[ "$all_rows" -gt 1 ] || fail "a run without rows"
	[ ! -s "$at/left" ] || fail "left behind without a fault: $(cat "$at/left")"
	[ ! -d "$at/o/plots" ] || record_plots
}

# Half-written ones would be no JSON.
check_manifests() {
	find . -name manifest.json -print0 | xargs -0 python3 -c '
import json, sys
for name in sys.argv[1:]:
    with open(name) as f:
        json.load(f)'
}

# all_of KIND COMMAND...: each of them, or FAULTS of them, evenly.
all_of() {
	local kind=$1 total step n bad n_bad=0 numbers
	without_fault "$@"
	total=$(told calls)
	[ "$total" -ge 5 ] || fail "$kind: only $total"
	step=1
	[ "$FAULTS" = all ] || [ "$total" -lt "$FAULTS" ] || step=$((total / FAULTS))
	numbers=$(seq $((1 + FAULTS_FROM % step)) "$step" "$total")
	runs "$kind" "$numbers" "${@:2}"
	for n in $numbers; do
		at=$kind-$n status=$(cat "$kind-$n/status")
		bad=$(wrong "$kind")
		echo "$kind $n: status $status, $(told failed): $(complaints | head -n 1)${bad:+ WRONG: $bad}" >>"$FAULTS_LOG"
		[ -n "$bad" ] || continue
		n_bad=$((n_bad + 1))
		{ echo "$kind $n: $bad" && cat "$at/report" "$at/stderr"; } >&2
	done
	echo "${FUNCNAME[1]}: of $total $(wc -w <<<"$numbers") failed, $n_bad wrong" >>"$FAULTS_LOG"
	check_manifests
	[ "$n_bad" = 0 ] || fail "$kind: $n_bad runs are wrong"
}

# As small as can be, so that what is counted is the harness. Of a start each row is there or not, whatever the time.
null_run=("$BENCH" run --runtime null --launches 1 --warmup 0 --filter getppid)
ctr_run=("$BENCH" run --machine native --runtime ctr --suite startup --launches 1 --warmup 0)

vm_run=("$BENCH" run --machine native --runtime vm --kernel hello --suite startup --launches 1 --warmup 0 --raw)

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

test_ctr_each_call_fails() {
	all_of error "${ctr_run[@]}"
}

test_ctr_each_call_is_interrupted() {
	all_of eintr "${ctr_run[@]}"
}

test_ctr_each_allocation_fails() {
	all_of alloc "${ctr_run[@]}"
}

# In the emulated machine a run takes seconds, or a minute: there they are always a sample, and not for "make test".
in_vm() {
	local file
	need_hello
	place=()
	if [ "$machine" = emulated ]; then
		FAULTS=$FAULTS_EMULATED
		place=("$source_dir/scripts/emulated-machine" --kernel "$kernel" --timeout 7200 --share "$PWD")
		for file in "$BENCH" "$BUILD/bench-vmm" "$BUILD/hello.elf" "$BUILD/workload" "$inject" "${inject}_alloc.so" \
			"$source_dir/scripts" "$source_dir/tests/tools/inject-runs"; do
			place+=(--copy "$file")
		done
		place+=(-- env INJECT_TIMEOUT=300 sh)
	fi
	all_of "$1" "${vm_run[@]}"
}

if [ "$FAULTS" = all ] || [ -w /dev/kvm ]; then
	test_vm_each_call_fails() {
		in_vm error
	}

	test_vm_each_allocation_fails() {
		in_vm alloc
	}
fi

run_tests
