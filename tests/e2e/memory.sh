#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The suites memory and density by the real command: rows complete, nothing left, whatever ends them.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

need_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
}

# The columns of samples.csv by number are those of the file: 4 benchmark, 6 runtime, 11 sample, 12 iterations,
# 13 metric, 14 unit, 15 value, 17 status, 18 reason.

# metric_rows FILE RUNTIME BENCHMARK METRIC [STATUS]: how many rows there are.
metric_rows() {
	awk -F, -v r="$2" -v b="$3" -v m="$4" -v s="${5:-ok}" \
		'$6 == r && $4 == b && $13 == m && $17 == s' "$1" | wc -l
}

# value_of FILE RUNTIME BENCHMARK METRIC: the first value.
value_of() {
	awk -F, -v r="$2" -v b="$3" -v m="$4" '$6 == r && $4 == b && $13 == m { print $15; exit }' "$1"
}

# told FILE RUNTIME BENCHMARK METRIC N: N numbers or reasons why there is none, and none of them empty.
told() {
	awk -F, -v r="$2" -v b="$3" -v m="$4" -v n="$5" '$6 == r && $4 == b && $13 == m {
		if ($17 == "ok" && $15 != "" || $17 == "skipped" && $15 == "" && $18 != "") good++
		else bad++
	} END { exit !(good == n && !bad) }' "$1" || fail "$2, $3: not $5 rows of $4"
}

# nothing_left COMMAND_PID: neither processes of its programs nor cgroups of its.
nothing_left() {
	for _ in $(seq 100); do
		[ -n "$(pgrep -f "^$BUILD/(workload|bench-vmm)")$(pgrep -f '^workload --suite=(memory|density) --hold')" ] || break
		sleep 0.1
	done
	! pgrep -f '^workload --suite=(memory|density) --hold' || fail "something is still held"
	[ -z "$(find /sys/fs/cgroup -maxdepth 6 -type d -name "bench-$1-*" 2>/dev/null)" ] || fail "cgroups are left"
}

test_memory_of_processes_and_containers() {
	need_ctr
	expect_status 0 "$BENCH" run --suite memory --machine native --runtime host,ctr --instances 6 --launches 2 --out o
	for r in host ctr; do
		for b in idle touched returned; do
			[ "$(metric_rows o/samples.csv $r $b mem-available)" = 14 ] || fail "$r, $b: not two stairs of 7 readings"
			for m in pss private; do
				n=$(metric_rows o/samples.csv $r $b $m)
				[ "$n" = 8 ] || [ "$n" = 6 ] || fail "$r, $b: not three instances' $m, and that of a counted one, twice"
			done
			for m in cgroup-current cgroup-peak anon file shmem kernel-stack page-tables slab percpu kvm-page-tables kernel; do
				told o/samples.csv $r $b $m 2
			done
			for m in slope slope-kernel-stack slope-page-tables slope-slab slope-percpu slope-kernel slope-kvm-page-tables; do
				told o/samples.csv $r $b $m 2
			done
			[ "$(awk -F, -v r=$r -v b=$b '$6 == r && $4 == b && $13 == "slope" { print $12 }' o/samples.csv | sort -u)" = 6 ] ||
				fail "$r, $b: the slope is not of six instances"
		done
		# What was touched is there, and is gone when it is given back.
		awk -v t="$(value_of o/samples.csv $r touched private)" -v g="$(value_of o/samples.csv $r returned private)" \
			'BEGIN { exit !(t >= 67108864 && t < 80000000 && g < 8000000) }' || fail "$r: not 64 MiB"
	done
	[ "$(grep -c ',pss-vmm,\|,guest-' o/samples.csv)" = 0 ] || fail "a guest's rows without a guest"
	expect_in o/manifest.json '"state": "complete"'
	for f in summary.csv report.html; do [ -s o/$f ] || fail "no $f"; done
	nothing_left none
}

test_memory_of_hello_guests() {
	need_hello
	expect_status 0 "$BENCH" run --suite memory --machine "$machine" --runtime vm --kernel hello --instances 5 --launches 1 --out o
	for m in pss private pss-guest pss-vmm guest-touched guest-offered; do
		[ "$(metric_rows o/samples.csv vm idle $m)" -ge 3 ] || fail "not three instances' $m"
	done
	for m in guest-total guest-taken guest-used; do
		[ "$(metric_rows o/samples.csv vm idle $m skipped)" -ge 3 ] || fail "$m is not named as missing"
	done
	[ "$(value_of o/samples.csv vm idle guest-offered)" = 134217728 ] || fail "not 128 MiB offered"
	# PSS is split in two, and nothing is lost.
	awk -F, '$13 == "pss" { all[$11] = $15 } $13 == "pss-guest" || $13 == "pss-vmm" { parts[$11] += $15 }
		END { for (i in all) { n++; if (all[i] != parts[i]) exit 1 } exit !n }' o/samples.csv || fail "PSS does not add up"
	for b in touched returned; do
		[ "$(metric_rows o/samples.csv vm $b slope skipped)" = 1 ] || fail "$b is not skipped"
	done
	expect_in o/samples.csv "the hello kernel maps 4 MiB only"
	nothing_left none
}

test_density() {
	need_ctr
	expect_status 0 "$BENCH" run --suite density --machine native --runtime host,ctr --count 20 --launches 1 --out o
	for r in host ctr; do
		[ "$(value_of o/samples.csv $r hold held)" = 20 ] || fail "$r: not 20 were held"
		[ "$(metric_rows o/samples.csv $r hold start)" = 20 ] || fail "$r: not 20 were started"
		[ "$(metric_rows o/samples.csv $r hold mem-available)" = 21 ] || fail "$r: memory was not read 21 times"
		# What lies free in slabs stands beside each, or once why it cannot be read.
		if [ -r /proc/slabinfo ]; then
			[ "$(metric_rows o/samples.csv $r hold slab-free)" = 21 ] || fail "$r: slabs were not read 21 times"
		else
			[ "$(metric_rows o/samples.csv $r hold slab-free skipped)" = 1 ] || fail "$r: no reason for slab-free"
			expect_in o/samples.csv "unavailable: /proc/slabinfo"
		fi
		[ "$(metric_rows o/samples.csv $r hold release)" = 1 ] || fail "$r: no release"
		[ "$(value_of o/samples.csv $r hold left-behind)" = 0 ] || fail "$r: something was left behind"
		# Alone, with some, with all: a guest or a busy host may tell less, but then by name.
		[ "$(metric_rows o/samples.csv $r hold late)" -ge 50 ] || fail "$r: hardly any lateness"
	done
	nothing_left none
}

test_density_of_hello_guests() {
	need_hello
	expect_status 0 "$BENCH" run --suite density --machine "$machine" --runtime vm --kernel hello --count 20 --launches 1 --out o
	[ "$(value_of o/samples.csv vm hold held)" = 20 ] || fail "not 20 were held"
	[ "$(value_of o/samples.csv vm hold left-behind)" = 0 ] || fail "something was left behind"
	expect_in o/samples.csv "the hello kernel has no timer"
	nothing_left none
}

# So much is to stay free that there is no room at all, or only for some.
test_the_floor_stops_it() {
	expect_status 1 "$BENCH" run --suite density --machine native --runtime host --count 5 --keep-free 99 --launches 1 --out o
	expect_in o/samples.csv "are to stay free"
	[ "$(metric_rows o/samples.csv host hold held failed)" = 1 ] || fail "no row that says so"
	free=$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { print int(100 * (a - 500000) / t) }' /proc/meminfo)
	[ "$free" -ge 2 ] || skip "hardly any memory is free here"
	expect_status 0 "$BENCH" run --suite memory --machine native --runtime host --filter touched --instances 1000 \
		--keep-free "$free" --launches 1 --out p
	expect_in stderr "instances instead of 1000"
	n=$(awk -F, '$13 == "slope" { print $12 }' p/samples.csv)
	[ "$n" -ge 2 ] && [ "$n" -lt 1000 ] || fail "$n instances"
	[ "$(metric_rows p/samples.csv host touched mem-available)" = $((n + 1)) ] || fail "not a reading each"
	nothing_left none
}

# interrupted SIGNAL STATUS: a long stair of containers is ended by it, with that status.
interrupted() {
	"$BENCH" run --suite density --machine native --runtime ctr --count 2000 --launches 1 --out "$1" >stdout 2>stderr &
	pid=$!
	for _ in $(seq 300); do
		[ "$(pgrep -c -f '^workload --suite=density --hold')" -lt 20 ] || break
		sleep 0.1
	done
	[ "$(pgrep -c -f '^workload --suite=density --hold')" -ge 20 ] || fail "nothing is held"
	kill -"$1" $pid
	got=0
	wait $pid || got=$?
	[ "$got" = "$2" ] || fail "status $got after SIG$1"
}

test_interrupted() {
	need_ctr
	interrupted INT 130
	nothing_left "$pid"
	expect_in INT/manifest.json '"state": "interrupted"'
	[ "$(metric_rows INT/samples.csv ctr hold start)" -ge 10 ] || fail "what was measured is lost"
}

# Whatever kills the runner ends all that it holds; cgroups are removed by the next run.
test_killed() {
	need_ctr
	interrupted KILL 137
	dead=$pid
	expect_status 0 "$BENCH" run --suite memory --machine native --runtime ctr --filter idle --instances 2 --launches 1 --out o
	nothing_left "$dead"
}

test_bad_input() {
	while IFS='|' read -r args words; do
		# shellcheck disable=SC2086
		expect_status 2 "$BENCH" run $args
		expect_in stderr "$words"
	done <<-'END'
		--suite density --count 0|not between
		--suite memory --instances 0|not between
		--suite memory --instances 1|not between
		--suite memory --keep-free 101|not between
		--suite density --keep-free x|not a whole number
		--suite memory --mem 1048576 --machine native --runtime host|this host has
		--suite syscalls --count 5|belong to the suites memory and density
		--suite memory --filter nothing|unknown benchmark
	END
	[ ! -e out ] || fail "a folder was made"
}

# Others' runtimes do not tell when what they have started is ready: a row that says so, and the run goes on.
test_runtimes_that_cannot_tell() {
	expect_status 0 "$BENCH" run --suite memory --machine native --runtime host,null --instances 2 --launches 1 --filter idle --out o
	[ "$(metric_rows o/samples.csv null idle slope skipped)" = 1 ] || fail "no row of null"
	expect_in o/samples.csv "the runtime null cannot tell"
	[ "$(metric_rows o/samples.csv host idle slope)" = 1 ] || fail "no row of host"
}

# Linux guests: what their kernel takes is told from inside. And cgroups of v2.
test_linux_guests() {
	need_machine
	expect_status 0 "$BENCH" run --suite memory,density --machine emulated --runtime ctr,vm --kernel host --instances 3 --count 3 \
		--launches 1 --out o
	for m in pss-vmm guest-touched guest-offered guest-total guest-taken guest-used; do
		[ "$(metric_rows o/samples.csv vm touched $m)" = 4 ] || fail "not three guests' $m, and that of a counted one"
	done
	for m in cgroup-current anon kernel kernel-stack page-tables slab; do
		[ "$(metric_rows o/samples.csv ctr touched $m)" = 1 ] || fail "no container's $m"
		[ "$(metric_rows o/samples.csv vm touched $m)" = 1 ] || fail "no VMM's $m"
	done
	awk -v t="$(value_of o/samples.csv vm touched guest-touched)" -v k="$(value_of o/samples.csv vm idle guest-taken)" \
		'BEGIN { exit !(t > 67108864 && k > 1000000 && k < 134217728) }' || fail "no guest of that size"
	for r in ctr vm; do
		[ "$(value_of o/samples.csv $r hold held)" = 3 ] || fail "$r: not three were held"
		[ "$(value_of o/samples.csv $r hold left-behind)" = 0 ] || fail "$r: something was left behind"
	done
	[ "$(metric_rows o/samples.csv vm hold late)" -ge 25 ] || fail "the first guest does not tell its lateness"
}

run_tests
