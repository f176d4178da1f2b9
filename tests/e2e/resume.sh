#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench run --resume: a run that was stopped is gone on with, and has then what one has that was not.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

null_run() {
	"$BENCH" run --runtime null --launches 3 --warmup 1 --seed 42 "$@"
}

# keys DIR: what was measured in its rows, without what came out.
keys() {
	tail -n +2 "$1/samples.csv" | cut -d, -f3-11,13,14 | sort
}

# same_rows DIR_A DIR_B
same_rows() {
	diff <(keys "$1") <(keys "$2") >difference || {
		cat difference >&2
		fail "$2 has not the rows of $1"
	}
	[ -z "$(keys "$2" | uniq -d)" ] || fail "rows are there twice"
}

# slow_run DIR: in the background, a launch a second; $pid
slow_run() {
	BENCH_NULL=hang "$BENCH" run --runtime null --launches 19 --warmup 1 --seed 42 --filter 'getp*' --timeout 1 \
		--raw --out "$1" >stdout 2>stderr </dev/null &
	pid=$!
}

test_an_interrupted_run_goes_on() {
	expect_status 0 null_run --launches 19 --filter 'getp*' --raw --out whole
	for sig in INT TERM; do
		slow_run "$sig"
		await_rows "$sig" 6
		kill "-$sig" $pid
		status=0
		wait $pid || status=$?
		[ $status = 130 ] || fail "status $status after SIG$sig"
		before=$(wc -l <"$sig/samples.csv")
		cp "$sig/samples.csv" before.csv
		expect_status 0 "$BENCH" run --resume "$sig"
		expect_in stderr "going on with launch"
		expect_in stderr "0 bytes behind them were cut off"
		cmp -n "$(stat -c %s before.csv)" before.csv "$sig/samples.csv" || fail "the first $before rows changed"
		same_rows whole "$sig"
		[ -e "$sig/report.html" ] || fail "no report"
		expect_in "$sig/manifest.json" '"state": "complete"'
		expect_in "$sig/manifest.json" '"resumed"'
		expect_in "$sig/log.txt" "gone on with launch"
	done
}

test_a_killed_run_goes_on_again_and_again() {
	expect_status 0 null_run --launches 19 --filter 'getp*' --raw --out whole
	slow_run killed
	await_rows killed 6
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	lines=$(wc -l <killed/samples.csv)
	for _ in 1 2; do
		BENCH_NULL=hang "$BENCH" run --raw --resume killed >stdout 2>stderr </dev/null &
		pid=$!
		await_rows killed "$lines"
		kill -KILL $pid
		wait $pid 2>/dev/null || true
		lines=$(wc -l <killed/samples.csv)
	done
	expect_status 0 "$BENCH" run --resume killed
	same_rows whole killed
	[ "$(grep -c '"launch":' killed/manifest.json)" = 3 ] || fail "not each time is written down"
}

test_the_order_is_that_of_the_seed() {
	expect_status 0 "$BENCH" run --runtime null --suite syscalls,startup --filter '[gl]*' --launches 4 --seed 7 --out whole
	cp -r whole cut
	sed -i 's/"state": "complete"/"state": "running"/' cut/manifest.json
	truncate -s 2000 cut/samples.csv
	expect_status 0 "$BENCH" run --resume cut
	diff <(cut -d, -f3-11 whole/samples.csv) <(cut -d, -f3-11 cut/samples.csv) || fail "not in the same order"
}

test_a_complete_run_is_left_alone() {
	expect_status 0 null_run --out o
	cp -r o before
	rm -r o/report.html o/summary.csv
	expect_status 0 "$BENCH" run --resume o
	expect_in stderr "nothing is left to be measured"
	cmp before/samples.csv o/samples.csv
	cmp before/manifest.json o/manifest.json
	[ -s o/report.html ] || fail "the report that was missing was not made"
}

test_two_at_once() {
	slow_run o
	await_rows o 1
	expect_status 1 "$BENCH" run --resume o
	expect_in stderr "another run is writing into 'o'"
	kill -INT $pid
	wait $pid || true
}

test_what_cannot_be_gone_on_with() {
	expect_status 2 "$BENCH" run --resume nowhere
	expect_in stderr nowhere
	mkdir empty
	expect_status 2 "$BENCH" run --resume empty
	expect_in stderr "no manifest"
	expect_status 2 "$BENCH" run --resume empty --launches 5
	expect_in stderr "--launches cannot be given with --resume"
	expect_status 2 "$BENCH" exec --resume empty -- true
	expect_in stderr "unknown option"
	expect_status 0 "$BENCH" exec --runtime host --launches 1 --out program -- /bin/true
	expect_status 2 "$BENCH" run --resume program
	expect_in stderr "bench exec"
	expect_status 0 null_run --out a
	expect_status 0 null_run --seed 43 --out b
	expect_status 0 "$BENCH" merge --name a=a --name b=b --out joined a b
	expect_status 2 "$BENCH" run --resume joined
	expect_in stderr "joined of several"
	cp -r a other
	sed -i 's/"state": "complete"/"state": "running"/; s/"release": "/"release": "not-/' other/manifest.json
	expect_status 2 "$BENCH" run --resume other
	expect_in stderr "host.kernel.release was 'not-"
	cmp a/samples.csv other/samples.csv
}

test_a_dry_run_touches_nothing() {
	slow_run o
	await_rows o 6
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	cp -r o before
	expect_status 0 "$BENCH" run --dry-run --resume o
	expect_in stdout "seed 42, 20 launches"
	diff -r before o
}

# What holds instances and what starts them, killed in the middle.
test_real_launches_go_on() {
	run=("$BENCH" run --runtime host --suite startup,memory,syscalls --instances 2 --launches 25 --seed 5 --no-null
		--filter '[gil]*' --quick --raw)
	expect_status 0 "${run[@]}" --out whole
	"${run[@]}" --out killed >stdout 2>stderr </dev/null &
	pid=$!
	await_rows killed 60
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	expect_status 0 "$BENCH" run --raw --resume killed
	expect_in stderr "going on with launch"
	# How many batches fit into a launch is the host's affair.
	for of in whole killed; do
		keys $of | cut -d, -f1-7,10 | sort -u >$of.keys
	done
	diff whole.keys killed.keys || fail "the run that was killed has not the rows of the one that was not"
	[ -z "$(keys killed | uniq -d)" ] || fail "rows are there twice"
}

# What comes back of a machine is as old as five seconds when it is killed.
test_the_emulated_machine() {
	need_machine
	run=("$BENCH" run --machine emulated --runtime host --launches 200 --warmup 1 --seed 42 --no-null --filter getppid)
	"${run[@]}" --out o >stdout 2>stderr </dev/null &
	pid=$!
	await_rows o 6
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ $status = 130 ] || fail "status $status after SIGINT: $(cat stderr)"
	[ "$(keys o | cut -d, -f7 | sort -u | wc -l)" -lt 201 ] || fail "it was complete before it could be interrupted"
	expect_status 0 "$BENCH" run --resume o
	[ "$(keys o | cut -d, -f7 | sort -u | wc -l)" = 201 ] || fail "launches are missing"
	[ -z "$(keys o | uniq -d)" ] || fail "rows are there twice"
	expect_in o/manifest.json '"resumed"'
	expect_in o/manifest.json '"outside"'
	expect_in o/report.html "emulated"
}

# An emulator that breaks after it has measured: the run goes on by itself.
test_an_emulated_machine_that_breaks() {
	need_machine
	mkdir scripts
	cat >scripts/emulated-machine <<-EOF
		#!/usr/bin/env bash
		echo x >>"$PWD/starts"
		[ "\$(wc -l <"$PWD/starts")" = 1 ] || exec "$source_dir/scripts/emulated-machine" "\$@"
		"$source_dir/scripts/emulated-machine" "\$@" &
		until [ "\$(cat "$PWD/o/samples.csv" 2>/dev/null | wc -l)" -gt 6 ]; do sleep 0.1; done
		kill -KILL "\$(pgrep -P \$! qemu)"
		wait \$!
	EOF
	chmod +x scripts/emulated-machine
	BENCH_SCRIPTS=$PWD/scripts expect_status 0 "$BENCH" run --machine emulated --runtime host --launches 200 --warmup 1 \
		--no-null --filter getppid --out o
	expect_in stderr "it is started again, and goes on from what was measured"
	[ "$(wc -l <starts)" = 2 ] || fail "$(wc -l <starts) starts"
	[ "$(keys o | cut -d, -f7 | sort -u | wc -l)" = 201 ] || fail "launches are missing"
	[ -z "$(keys o | uniq -d)" ] || fail "rows are there twice"
	expect_in o/manifest.json '"resumed"'
}

run_tests
