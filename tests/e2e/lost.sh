#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What happens to a run from outside: no row that was written is lost or damaged, and what happened is said.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

# slow_run DIR: in the background, a launch a second; $pid
slow_run() {
	BENCH_NULL=hang "$BENCH" run --runtime null --seed 42 --launches 12 --filter 'getp*' --timeout 1 --raw --out "$1" >stdout 2>stderr </dev/null &
	pid=$!
}

# ends_with STATUS: what is in the background does.
ends_with() {
	local status=0
	wait $pid || status=$?
	[ "$status" = "$1" ] || fail "status $status instead of $1: $(cat stderr)"
}

# all_whole FILE: each of its rows is.
all_whole() {
	[ -z "$(tail -c 1 "$1" | tr -d '\n')" ] || fail "the last row of $1 is torn"
	[ "$(awk -F, '{ print NF }' "$1" | sort -u)" = 18 ] || fail "a row of $1 is damaged"
}

# begins_with A B: all bytes of B are at the beginning of A.
begins_with() {
	cmp -n "$(stat -c %s "$2")" "$1" "$2" || fail "what $2 had is not what $1 has"
}

# complete DIR N: it has N rows, each once, and says that it is complete.
complete() {
	all_whole "$1/samples.csv"
	[ "$(tail -n +2 "$1/samples.csv" | cut -d, -f3-11,13 | sort -u | wc -l)" = "$2" ] || fail "rows of $1 are missing"
	[ "$(tail -n +2 "$1/samples.csv" | wc -l)" = "$2" ] || fail "rows of $1 are there twice"
	expect_in "$1/manifest.json" '"state": "complete"'
}

benchmarks() {
	"$BENCH" list benchmarks | grep -c "^syscalls "
}

# A reader of a file that is being written sees whole rows, but for the last at most, and none of them changes any more.
test_readers_during_a_run() {
	"$BENCH" run --runtime null --seed 42 --launches 3000 --warmup 0 --filter 'getp*' --raw --out o >stdout 2>stderr </dev/null &
	pid=$!
	await_rows o 1
	tail --pid=$pid -s 0.1 -c +1 -f o/samples.csv >followed &
	follower=$!
	looks=0
	: >before.csv
	while kill -0 $pid 2>/dev/null; do
		cp o/samples.csv now.csv
		begins_with now.csv before.csv
		head -n "$(wc -l <now.csv)" now.csv >rows.csv
		all_whole rows.csv
		PATH=/nonexistent "$BENCH" report o >said 2>&1 || fail "it cannot be read: $(cat said)"
		mv now.csv before.csv
		looks=$((looks + 1))
	done
	ends_with 0
	wait $follower
	[ $looks -gt 2 ] || fail "only $looks looks"
	cmp followed o/samples.csv || fail "what was followed is not what was written"
	complete o $((3000 * 5))
}

test_a_full_disk_and_on_when_there_is_room() {
	unshare -m true 2>/dev/null || skip "mounting a small tmpfs needs privileges"
	mkdir small
	cat >inside <<-EOF
		mount -t tmpfs -o size=200k tmpfs small
		"$BENCH" run --runtime null --launches 50 --warmup 0 --seed 42 --raw --out small/o || echo "status \$?"
		cp small/o/samples.csv full.csv
		cp small/o/manifest.json full.json
		mount -o remount,size=4m small
		"$BENCH" run --raw --resume small/o || echo "second status \$?"
		cp -r small/o o
	EOF
	expect_status 0 unshare -m bash inside
	expect_in stdout "status 1"
	! grep "second status" stdout || fail "it cannot be gone on with"
	expect_in stderr "small/o/samples.csv': a row could not be written; the rows before it are kept: No space left"
	expect_in stderr "make room"
	[ "$(wc -l <full.csv)" -gt 10 ] || fail "rows were lost"
	all_whole full.csv
	expect_in full.json '"arguments"'
	complete o $(($(benchmarks) * 5 * 50))
}

test_a_limit_of_file_sizes() {
	cat >inside <<-EOF
		ulimit -f 1100 # KiB: the reports of launches have a file of one MiB
		"$BENCH" run --runtime null --launches 90 --warmup 0 --seed 42 --out o
	EOF
	expect_status 1 bash inside
	expect_in stderr "File too large"
	expect_in stderr "ulimit -f"
	expect_in stderr "bench run --resume 'o'"
	all_whole o/samples.csv
	cp o/samples.csv before.csv
	expect_status 0 "$BENCH" run --raw --resume o
	complete o $(($(benchmarks) * 5 * 90))
}

test_the_folder_is_removed() {
	slow_run o
	await_rows o 10
	cp o/samples.csv before.csv
	rm -r o
	ends_with 1
	expect_in stderr "'o' was removed during the run; what was measured until then is in 'o-rescued'"
	[ ! -e o ] || fail "it was made again"
	begins_with o-rescued/samples.csv before.csv
	all_whole o-rescued/samples.csv
	expect_in o-rescued/manifest.json '"state": "failed"'
	expect_status 0 "$BENCH" run --raw --resume o-rescued
	complete o-rescued 65
}

test_the_folder_and_all_around_it_is_removed() {
	mkdir far
	slow_run far/away/o
	await_rows far/away/o 10
	cp far/away/o/samples.csv before.csv
	rm -r far
	echo in the way >far
	export TMPDIR=$PWD/tmp
	ends_with 1
	rescued=$(sed -n "s/.*until then is in '\(.*\)'.*/\1/p" stderr)
	begins_with "$rescued/samples.csv" before.csv
	rm -r "$rescued"
}

test_the_samples_are_removed() {
	slow_run o
	await_rows o 10
	cp o/samples.csv before.csv
	rm o/samples.csv
	ends_with 1
	expect_in stderr "was removed during the run"
	begins_with o-rescued/samples.csv before.csv
}

test_the_folder_is_moved() {
	slow_run o
	await_rows o 10
	mv o elsewhere
	ends_with 1 # a launch of these hangs
	expect_in stderr "'o' was moved during the run, which goes on in '$PWD/elsewhere'"
	complete elsewhere 65
}

# Nobody but root may write into a folder that is not to be written.
test_the_folder_becomes_read_only() {
	chmod 755 .
	as=()
	if [ "$(id -u)" = 0 ]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		"${as[@]}" "$BENCH" --version >/dev/null 2>&1 || "${as[@]}" "$BENCH" list suites >/dev/null ||
			skip "the build cannot be run by others than root here"
		mkdir mine && chown 65534:65534 mine
	else
		mkdir mine
	fi
	cat >inside <<-EOF
		export BENCH_NULL=hang HOME=$PWD/mine
		exec "$BENCH" run --runtime null --seed 42 --raw --launches 6 --filter 'getp*' --timeout 1 --out mine/o
	EOF
	"${as[@]}" bash inside >stdout 2>stderr </dev/null &
	pid=$!
	await_rows mine/o 10
	chmod 555 mine/o
	ends_with 1
	chmod 755 mine/o
	expect_in stderr "mine/o/manifest.json': Permission denied"
	all_whole mine/o/samples.csv
	[ "$(tail -n +2 mine/o/samples.csv | wc -l)" = 35 ] || fail "rows are missing"
	expect_status 0 "$BENCH" run --raw --resume mine/o
	complete mine/o 35
}

# A mount that is read-only lets nobody write: neither a new run, nor one that is gone on with, nor its report.
test_a_mount_is_read_only() {
	unshare -m true 2>/dev/null || skip "mounting needs privileges"
	mkdir mount
	cat >inside <<-EOF
		tell() { "\$@" && echo "status 0" || echo "status \$?"; }
		mount -t tmpfs tmpfs mount
		BENCH_NULL=hang timeout -s INT 4 "$BENCH" run --runtime null --launches 6 --filter 'getp*' --timeout 1 --seed 42 \
			--raw --out mount/o
		cp -r mount/o before
		mount -o remount,ro mount
		tell "$BENCH" run --runtime null --raw --out mount/p
		tell "$BENCH" run --resume mount/o
		tell "$BENCH" report mount/o
		cmp before/samples.csv mount/o/samples.csv && cmp before/manifest.json mount/o/manifest.json && echo untouched
		mount -o remount,rw mount
		"$BENCH" run --raw --resume mount/o
		cp -r mount/o after
	EOF
	expect_status 0 unshare -m bash inside
	[ "$(tr '\n' ' ' <stdout)" = "status 1 status 1 status 1 untouched " ] || fail "$(cat stdout stderr)"
	[ "$(grep -c 'Read-only file system' stderr)" -ge 3 ] || fail "not said each time: $(cat stderr)"
	expect_in stderr "making the folder 'mount/p': Read-only file system"
	complete after 35
}

# Less and less memory: it is done, or said what there was none for; the rows are whole.
test_memory_is_short() {
	need_plain "needs more address space than a limit leaves"
	failed=0
	for mib in 200 60 24 16 14 13 12 11 10; do
		status=0
		(
			ulimit -v $((mib * 1024))
			exec "$BENCH" run --runtime null --seed 42 --raw --launches 3 --out "o$mib"
		) >stdout 2>stderr </dev/null || status=$?
		case $status in
		0) complete "o$mib" $(($(benchmarks) * 5 * 4)) ;;
		1 | 127) # the loader's own status
			failed=1
			[ -s stderr ] || fail "nothing was said at $mib MiB"
			[ ! -e "o$mib/samples.csv" ] || all_whole "o$mib/samples.csv"
			;;
		*) fail "status $status at $mib MiB: $(cat stderr)" ;;
		esac
	done
	[ $failed = 1 ] || fail "no limit was low enough"
}

# What only a machine of one's own can be done to: its clock, its CPUs, its memory.
test_in_a_machine() {
	need_bare_machine
	cat >in_machine <<-'EOF'
		#!/bin/busybox sh
		# A launch a second; the second argument is what happens in the middle.
		during() {
			rm -rf "$1"
			BENCH_NULL=hang "$BENCH" run --runtime null --seed 42 --raw --launches 4 --warmup 0 --filter 'getp*' \
				--timeout 1 --out "$1" 2>"$1.stderr" &
			pid=$!
			until [ "$(cat "$1/samples.csv" 2>/dev/null | wc -l)" -gt 1 ]; do sleep 0.1; done
			eval "$2"
			wait $pid
			echo "$?" >"$1.status"
		}
		mkdir -p lost && cd lost && rm -rf ./* || exit 9 # a machine that is started again has what came out of the first
		during clock 'date -s "2037-01-01 00:00:00"; sleep 1; date -s "2001-01-01 00:00:00"'
		date +%Y >clock.year
		during cpu 'echo 0 >/sys/devices/system/cpu/cpu1/online'
		echo 1 >/sys/devices/system/cpu/cpu1/online
		# Its memory is taken away: the kernel kills it.
		mkdir -p /sys/fs/cgroup/short
		during memory 'echo $pid >/sys/fs/cgroup/short/cgroup.procs; echo 0 >/sys/fs/cgroup/short/memory.max'
		"$BENCH" run --raw --resume memory 2>memory.resumed
		echo $? >memory.resumed.status
		# A CPU of the list is gone for launches that are pinned to it.
		"$BENCH" run --runtime host --raw --launches 40 --no-null --cpus 1 --filter getppid --out pinned 2>pinned.stderr &
		pid=$!
		until [ "$(cat pinned/samples.csv 2>/dev/null | wc -l)" -gt 30 ]; do sleep 0.1; done
		echo 0 >/sys/devices/system/cpu/cpu1/online
		wait $pid
		echo $? >pinned.status
		exit 0
	EOF
	chmod +x in_machine
	mkdir lost
	expect_status 0 "$source_dir/scripts/emulated-machine" --kernel "$kernel" --again 2 --share "$PWD/lost" --copy "$BENCH" \
		--copy "$BUILD/workload" --copy "$BUILD/bench-vmm" --copy "$source_dir/scripts" --copy "$PWD/in_machine" \
		-- env BENCH="$BENCH" BENCH_LIBEXEC="$BUILD" BENCH_SCRIPTS="$source_dir/scripts" HOME=/tmp "$PWD/in_machine"
	cd lost
	[ "$(cat clock.year)" = 2001 ] || fail "the clock was not set"
	for run in clock cpu; do
		[ "$(cat $run.status)" = 1 ] || fail "$run: status $(cat $run.status): $(cat $run.stderr)" # a launch of these hangs
		complete $run 20
	done
	expect_in cpu.stderr "CPUs came or went during the run: '0-1' were online when it began, '0' at its end"
	expect_in cpu/manifest.json "CPUs came or went"
	[ "$(cat memory.status)" = 137 ] || fail "it was not killed: $(cat memory.status)"
	[ "$(cat memory.resumed.status)" = 0 ] || fail "$(cat memory.resumed)"
	complete memory 20
	[ "$(cat pinned.status)" = 1 ] || fail "pinned: status $(cat pinned.status)"
	[ "$(rows pinned/samples.csv ok host)" -gt 20 ] || fail "rows were lost"
	expect_in pinned/samples.csv ",failed,"
	expect_in pinned/manifest.json "CPUs came or went"
}

run_tests
