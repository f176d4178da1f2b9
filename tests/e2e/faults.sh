#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each allocation and each system call of the harness fails once, one to a run (tests/tools/inject.c). Whatever it was,
# a run ends in one of two ways: it coped, and has all its rows and files; or it says what failed and why, with status 1
# (3, where it failed in finding out what can run here), and what it had written so far is whole. Nothing is left behind
# in either.
#
# Here a sample of them, each time the same; "make faults" sets FAULTS=all, FAULTS_FROM another place to begin at;
# FAULTS=each is one of each kind of call.
# FAULTS_LOG gets a line for each: what failed, the status, and the message.
# shellcheck disable=SC2317,SC2154
. "$(dirname "$0")/lib.sh"

: "${FAULTS:=4}" "${FAULTS_FROM:=3}" "${FAULTS_EMULATED:=20}" "${FAULTS_LOG:=/dev/null}"
inject=$BUILD/tests/inject
tools=$source_dir/tests/tools
make -s -C "$source_dir" BUILD="$BUILD" "$inject" || exit 1

# record_plots DIR: what gnuplot draws is the same each time, and most of a small run's time: from here on it is handed out
# as it was drawn in DIR.
record_plots() {
	mkdir -p drawn bin
	cp "$1"/o/plots/*.svg "$1"/o/plots/*.png drawn
	printf '#!/bin/sh\nexec cp %s/drawn/* .\n' "$PWD" >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH
}

# runs KIND "N..." COMMAND...: here, or where $place says: in folders KIND-N.
place=()
runs() {
	"${place[@]}" "$tools/inject-runs" "$inject" "$@"
}

# without_fault KIND COMMAND...: what there is to fail, and what a run that copes must have.
without_fault() {
	local at=$1-0
	runs "$1" 0 "${@:2}"
	[ "$(cat "$at/status")" != 3 ] || skip "$(grep -m 1 '^bench: ' "$at/stderr")"
	[ "$(cat "$at/status")" = 0 ] || {
		cat "$at/stderr" >&2
		fail "without a fault: status $(cat "$at/status")"
	}
	[ "$(grep -cv ',failed,' "$at/o/samples.csv")" -gt 1 ] || fail "a run without rows"
	[ ! -s "$at/left" ] || fail "left behind without a fault: $(cat "$at/left")"
	[ ! -d "$at/o/plots" ] || record_plots "$at"
}

# all_of KIND COMMAND...: all of them; or FAULTS of them, evenly; or the first of each that differs, by call, object,
# request and program.
all_of() {
	need_plain "has allocations and calls of its own"
	local kind=$1 total step n n_bad numbers
	without_fault "$@"
	total=$(sed -n 's/^calls=//p' "$kind-0/report")
	[ "$total" -ge 5 ] || fail "$kind: only $total"
	if [ "$FAULTS" = each ]; then
		numbers=$(sed 's/[0-9]* //' "$kind-0/list" | awk '!seen[$0]++ { print FNR }')
	else
		step=1
		[ "$FAULTS" = all ] || [ "$total" -lt "$FAULTS" ] || step=$((total / FAULTS))
		numbers=$(seq $((1 + FAULTS_FROM % step)) "$step" "$total")
	fi
	[ -n "$numbers" ] || fail "$kind: there is no list of them"
	runs "$kind" "$numbers" "${@:2}"
	n=$(wc -w <<<"$numbers")
	# shellcheck disable=SC2086 # words
	"$tools/judge-faults" "$kind" $numbers >verdicts || [ -s verdicts ] || fail "no verdicts"
	[ "$(wc -l <verdicts)" = "$n" ] || fail "$(wc -l <verdicts) verdicts of $n"
	n_bad=$(grep -c ' WRONG: ' verdicts || true)
	{
		cat verdicts
		echo "${FUNCNAME[1]}: of $total $n failed, $n_bad wrong"
	} >>"$FAULTS_LOG"
	[ "$n_bad" = 0 ] || fail "$kind: $n_bad runs are wrong"
}

# As small as can be, so that what is counted is the harness. Of a start each row is there or not, whatever the time.
null_run=("$BENCH" run --runtime null --launches 1 --warmup 0 --filter getppid)
ctr_run=("$BENCH" run --machine native --runtime ctr --suite startup --launches 1 --warmup 0)

vm_run=("$BENCH" run --machine native --runtime vm --kernel hello --suite startup --launches 1 --warmup 0 --raw)

# made_up N STATUS "REPORT" "STDERR" ROWS: a folder error-N, as inject-runs leaves it.
made_up() {
	mkdir -p "error-$1/o"
	echo "$2" >"error-$1/status"
	printf '%b' "$3" >"error-$1/report"
	printf '%b' "$4" >"error-$1/stderr"
	: >"error-$1/left"
	printf '%b' "$5" >"error-$1/o/samples.csv"
	echo '{}' >"error-$1/o/manifest.json"
}

# The judge finds what is wrong, and nothing in what is not.
test_the_judge() {
	local head='schema,,,,,,,,,,,,,,,,,\n' row='1,,,,,,,,,,,,,,,,ok,\n' n=0 bad
	local eio='failed=write(1) of bench: Input/output error\n' said='bench: cannot write: Input/output error\n'
	made_up 0 0 'status=0\n' '' "$head$row"
	made_up 1 0 "status=0\n$eio" 'bench: warning: unknown\n' "$head$row"
	made_up 2 1 "status=1\n$eio" "$said" "$head"
	made_up 3 0 'status=0\nfailed=nothing\n' '' "$head$row"
	made_up 4 0 "status=0\n$eio" 'bench: warning: vm is left out: ioctl: I/O error\nbench: try: another\n' "$head"
	"$tools/judge-faults" error 1 2 3 4 >verdicts || fail "sound ones are wrong: $(cat verdicts)"
	while IFS='|' read -r status report stderr rows why; do
		n=$((n + 1))
		made_up $n "$status" "$report" "$stderr" "$rows"
		case $why in
		left*) echo "2 processes" >error-$n/left ;;
		*JSON*) echo '{"a": }' >error-$n/o/manifest.json ;;
		report*) echo '<html>' >error-$n/o/report.html ;;
		*half*) : >error-$n/o/.manifest.json.tmp ;;
		*without\ man*) rm error-$n/o/manifest.json ;;
		esac
		bad=$("$tools/judge-faults" error $n 2>/dev/null) && fail "it does not find: $why"
		[[ $bad == *" WRONG: $why"* ]] || fail "it says '$bad' of: $why"
	done <<-EOF
		124||||it hung
		2|||inject: no ptrace|the injector died: status 2
		0|status=0\n$eio||$head|status 0, but rows are missing
		0|status=0\n$eio||$head$row|status 0 without manifest.json
		0|status=0\n$eio|$said|$head$row|status 0, but bench: cannot write
		1|status=1\n$eio||$head|status 1 without a word
		1|status=1\n$eio|bench: it is so\n|$head|the reason is not named: Input/output error
		1|status=1\nfailed=nothing\n|$said|$head|status 1 without a fault
		2|status=2\n$eio|$said|$head|status 2
		1|status=1\n$eio|${said}corrupted heap\n|$head|corrupted heap
		1|status=1\n$eio|$said|${head}1,2\n|row 2 of samples.csv is damaged
		1|status=1\n$eio|$said|${head}${row%\\n}|samples.csv is cut off
		1|status=1\n$eio|$said|$head|manifest.json is no JSON
		0|status=0\n$eio||$head$row|report.html is cut off
		0|status=0\n$eio|bench: warning: vm is left out: it broke\n|$head|the reason is not named: Input/output error
		1|status=1\n$eio|$said|$head|a half-written .manifest.json.tmp
		1|status=1\n$eio|$said|$head|left behind: 2 processes
	EOF
	[ $n = 17 ] || fail "$n cases"
}

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

test_ctr_each_read_and_write_is_short() {
	all_of short "${ctr_run[@]}"
}

test_ctr_each_allocation_fails() {
	all_of alloc "${ctr_run[@]}"
}

# In the emulated machine a run takes seconds: there they are FAULTS_EMULATED of them, and not for "make test".
in_vm() {
	local file
	need_hello
	place=()
	if [ "$machine" = emulated ]; then
		FAULTS=$FAULTS_EMULATED
		# One CPU: with two the emulator has faults of its own (docs/emulated-machine.md).
		place=("$source_dir/scripts/emulated-machine" --kernel "$kernel" --cpus 1 --timeout 36000 --again 9 --share "$PWD")
		for file in "$BENCH" "$BUILD/bench-vmm" "$BUILD/hello.elf" "$BUILD/workload" "$inject" "${inject}_alloc.so" \
			"$source_dir/scripts" "$tools/inject-runs"; do
			place+=(--copy "$file")
		done
		place+=(-- env INJECT_TIMEOUT=300 INJECT_ONLY="${INJECT_ONLY:-}" sh)
	fi
	all_of "$1" "${vm_run[@]}"
}

if [ "$FAULTS" = all ] || [ -w /dev/kvm ]; then
	test_vm_each_call_fails() {
		in_vm error
	}

	test_vm_each_call_of_the_vmm_fails() {
		export INJECT_ONLY=bench-vmm
		in_vm error
	}

	test_vm_each_call_is_interrupted() {
		in_vm eintr
	}

	test_vm_each_read_and_write_is_short() {
		in_vm short
	}

	test_vm_each_allocation_fails() {
		in_vm alloc
	}
fi

run_tests
