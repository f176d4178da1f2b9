#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The suite startup by the real command: phases in order, that add up, with every way of running.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

need_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
}

# phases_add_up FILE: for each launch the phases add up to the time from request to release, and none is negative.
phases_add_up() {
	awk -F, 'NR > 1 && $4 == "launch" && ($17 == "ok" || $17 == "warmup") {
		key = $6 "/" $7 "/" $5 " launch " $8 "/" $11
		if ($15 < 0) { print key ": " $10 " is negative"; bad = 1 }
		if ($13 == "phase") sum[key] += $15
		if ($13 == "since-request" && $10 == "released") whole[key] = $15
	} END {
		for (k in whole) {
			n++
			if (sum[k] != whole[k]) { print k ": " sum[k] " instead of " whole[k]; bad = 1 }
		}
		exit bad || !n
	}' "$1" || fail "phases do not add up"
}

# phase_rows FILE RUNTIME KERNEL PHASE: how many values of that phase there are.
phase_rows() {
	awk -F, -v r="$2" -v k="$3" -v p="$4" \
		'$6 == r && $7 == k && $10 == p && $13 == "phase" && $17 == "ok"' "$1" | wc -l
}

# The columns of samples.csv by number above are those of the file: 4 benchmark, 5 params, 6 runtime, 7 kernel,
# 8 replicate, 10 phase, 11 sample, 13 metric, 15 value, 17 status.
test_processes_and_containers() {
	need_ctr
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime host,ctr --launches 3 --out o
	phases_add_up o/samples.csv
	for r in host ctr; do
		for p in process sandbox main work exit released; do
			[ "$(phase_rows o/samples.csv $r '' $p)" = 3 ] || fail "$r has not three values of $p"
		done
	done
	[ "$(phase_rows o/samples.csv host '' init)" = 0 ] || fail "a process has no init"
	# The same program did the same work everywhere.
	[ "$(grep -o '"sum": "[0-9a-f]*"' o/manifest.json | sort -u | wc -l)" = 1 ] || fail "other work was done"
	for f in summary.csv report.html; do [ -s o/$f ] || fail "no $f"; done
}

test_container_steps() {
	need_ctr
	[ "$(id -u)" = 0 ] || skip "a container without a user namespace takes root"
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime ctr --ctr-steps --launches 2 --warmup 0 --out o
	phases_add_up o/samples.csv
	steps=$(awk -F, '$6 ~ /^ctr:/ && $17 == "ok" { print $6 }' o/samples.csv | sort -u | wc -l)
	[ "$steps" = 11 ] || fail "$steps steps"
	[ "$(rows o/samples.csv failed '')" = 0 ] || fail "failed rows"
}

test_many_at_once_and_a_rate() {
	need_ctr
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime host,ctr --launches 2 --warmup 0 \
		--concurrency 6 --sustain 1 --out o
	phases_add_up o/samples.csv
	[ "$(awk -F, '$5 == "concurrency=6" && $10 == "exit" && $13 == "since-request" && $17 == "ok"' o/samples.csv | wc -l)" = 24 ] ||
		fail "not six launches at once, twice, in two ways"
	[ "$(awk -F, '$13 == "rate" && $15 > 0' o/samples.csv | wc -l)" = 8 ] || fail "not eight rates"
	[ -z "$(pgrep -P $$ -f "$BENCH")" ] || fail "a launching process lives on"
}

test_guests_that_are_no_linux() {
	need_hello
	expect_status 0 "$BENCH" run --suite startup --machine "$machine" --runtime vm --kernel empty,hello --start cold \
		--launches 2 --warmup 0 --out o
	phases_add_up o/samples.csv
	[ "$(phase_rows o/samples.csv vm empty exit)" = 2 ] || fail "no empty guest"
	[ "$(phase_rows o/samples.csv vm empty main)" = 0 ] || fail "an empty guest has no main"
	[ "$(phase_rows o/samples.csv vm hello main)" = 2 ] || fail "no main in the hello guest"
	[ "$(grep -c ',vm,empty,.*,exits-user,count,1,' o/samples.csv)" = 2 ] || fail "an empty guest exits once"
	[ "$(grep -c ',vm,hello,.*,exits-user,count,[1-9][0-9]*,' o/samples.csv)" = 2 ] || fail "no exits of the hello guest"
}

test_what_contradicts_itself_is_refused() {
	expect_status 2 "$BENCH" run --suite syscalls --concurrency 4
	expect_in stderr "belong to the suite startup"
	expect_status 2 "$BENCH" run --suite startup --deterministic --machine native
	expect_in stderr "cannot be native"
	expect_status 2 "$BENCH" run --suite startup --start warm
	expect_in stderr "unknown --start 'warm'"
	[ ! -e out ] || fail "a folder was made"
}

# A plain cgroup v2, and several containers' handles open at once below the same folder.
test_container_steps_with_cgroups() {
	need_machine
	expect_status 0 "$BENCH" run --suite startup --machine emulated --runtime ctr --ctr-steps --launches 3 --warmup 0 --out o
	phases_add_up o/samples.csv
	[ "$(rows o/samples.csv failed '')" = 0 ] || fail "failed rows"
	[ "$(grep -c '"cgroup": "v2' o/manifest.json)" -ge 2 ] || fail "no container had a cgroup" # one is the host's
}

# Clocks that count instructions: the unit says so everywhere, and two runs agree whatever else goes on.
test_deterministic_machine() {
	need_plain "lies at another address each time, and takes other paths"
	need_machine
	for i in 1 2; do
		expect_status 0 "$BENCH" run --suite startup --deterministic --runtime host,ctr,vm --kernel host --start cold \
			--launches 3 --warmup 1 --seed 1 --out "$i"
	done
	phases_add_up 1/samples.csv
	[ "$(phase_rows 1/samples.csv vm host main)" = 3 ] || fail "no Linux guest"
	[ "$(rows 1/samples.csv failed "")" = 0 ] || fail "failed rows"
	expect_in 1/samples.csv instructions
	! grep -q ',ns,' 1/samples.csv || fail "a time among the instructions"
	for f in stdout 1/report.html; do expect_in $f instructions; done
	expect_in 1/manifest.json '"deterministic": "yes"'
	for way in host, ctr, vm,host; do
		for i in 1 2; do
			awk -F, -v w=$way '$4 "," $5 == w && $6 == "since-request" && $8 == "main" { print $11 }' $i/summary.csv
		done | awk -v w="$way" '{ v[NR] = $1 } END { d = v[2] / v[1] - 1; if (d > 0.1 || d < -0.1) { print w, d; exit 1 } }' ||
			fail "two runs differ by more than 10 %"
	done
}

run_tests
