#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Other people's runtimes, and the floor under all of them, by real launches.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"


# need RUNTIME: or a skip that says why not.
need() {
	local answer
	answer=$("$BENCH" doctor | grep "^[a-z]*  *$1 ")
	[[ $answer == yes* ]] || skip "$answer"
}

# Whatever a launch must not leave behind: processes by the file they run, folders, mounts, cgroups.
leftovers() {
	local exe
	for exe in /proc/[0-9]*/exe; do
		case $(readlink "$exe" 2>/dev/null) in
		*/workload | */crun | */runc | */bwrap) echo "$exe" ;;
		esac
	done
	find /run /dev/shm /tmp -maxdepth 1 \( -name 'bench-crun-*' -o -name 'bench-runc-*' \) 2>/dev/null
	find /sys/fs/cgroup -maxdepth 4 -type d -name 'bench-*' 2>/dev/null
	grep -c . /proc/self/mountinfo
}

# The kernel ends what was killed a moment ago.
nothing_left() {
	for _ in $(seq 50); do
		[ "$(leftovers)" != "$1" ] || return 0
		sleep 0.1
	done
	fail "$2: left behind: $(leftovers)"
}

# facts RUNTIME MANIFEST: what the manifest says of it.
facts() {
	sed -n "/\"$1\": {/,/^ *}/p" "$2"
}

# launch RUNTIME: all phases that it can tell, the facts of the manifest, the same CPU as asked for.
launch() {
	local before dir cpu
	need "$1"
	before=$(leftovers)
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime "host,$1" --launches 2 --warmup 0
	dir=$(one_run_dir)
	[ "$(rows "$dir/samples.csv" failed '')" = 0 ] || fail "failed rows"
	for event in process main work exit released; do
		[ "$(awk -F, -v r="$1" -v p="$event" '$6 == r && $10 == p && $17 == "ok"' "$dir/samples.csv" | wc -l)" -ge 2 ] ||
			fail "no event '$event' of $1"
	done
	facts "$1" "$dir/manifest.json" >facts
	for fact in version command; do
		grep -q "\"$fact\": \"..*\"" facts || fail "no $1.$fact in the manifest: $(cat facts)"
	done
	nothing_left "$before" "$1"
	# The last of the CPUs that we may use, and no other.
	cpu=$(sed -n 's/^Cpus_allowed_list:.*[^0-9]\([0-9]*\)$/\1/p' /proc/self/status)
	expect_status 0 "$BENCH" run --machine native --runtime "$1" --launches 1 --warmup 0 --filter getppid --cpus "$cpu" --out o
	[ "$(rows o/samples.csv ok "$1")" -gt 0 ] || fail "no values of getppid under $1"
	grep -q "\"pinned\": \"$cpu\"" o/manifest.json || fail "$1 ran elsewhere than on CPU $cpu"
}

test_bwrap() {
	launch bwrap
}

test_crun() {
	launch crun
	grep '"config": ' facts >config
	expect_in config '\"namespaces\":[{'
	! grep seccomp config || fail "a seccomp filter is in the configuration"
	expect_in facts '"seccomp": "off"'
}

test_runc() {
	launch runc
}

test_vfork() {
	before=$(leftovers)
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime host,vfork --launches 2 --warmup 0 --out o
	[ "$(rows o/samples.csv failed '')" = 0 ] || fail "failed rows"
	for event in process sandbox main work exit released; do
		[ "$(awk -F, -v p=$event '$6 == "vfork" && $10 == p && $17 == "ok"' o/samples.csv | wc -l)" -ge 2 ] ||
			fail "no event '$event'"
	done
	nothing_left "$before" vfork
}

# A workload that never ends, and has a child that does not either.
hang_workload() {
	make -s -C "$source_dir" BUILD="$BUILD" "$BUILD/tests/hang"
	mkdir hang
	cp "$BUILD/tests/hang" hang/workload
	export BENCH_LIBEXEC=$PWD/hang BENCH_SCRIPTS=$source_dir/scripts
}

hangs() {
	local before i=0
	before=$(leftovers)
	hang_workload
	expect_status 1 "$BENCH" run --suite startup --machine native --runtime "$1" --launches 1 --warmup 0 --timeout 1 --out t
	[ "$(rows t/samples.csv timeout "$1")" -gt 0 ] || fail "no row that says timeout"
	nothing_left "$before" "$1 at its deadline"
	for pause in 0 0.02 0.04 0.08 0.15 0.3 0.5; do
		for sig in INT TERM; do
			i=$((i + 1))
			"$BENCH" run --suite startup --machine native --runtime "$1" --launches 1 --warmup 0 --timeout 20 --out "o$i" \
				>stdout 2>stderr &
			pid=$!
			await_listening $pid
			sleep $pause
			kill -$sig $pid
			status=0
			wait $pid || status=$?
			[ $status = 130 ] || { cat stderr >&2; fail "status $status after SIG$sig at $pause s"; }
			nothing_left "$before" "$1, SIG$sig at $pause s"
		done
	done
}

test_bwrap_is_ended_whatever_it_runs() {
	need bwrap
	hangs bwrap
}

test_crun_is_ended_whatever_it_runs() {
	need crun
	hangs crun
}

test_runc_is_ended_whatever_it_runs() {
	need runc
	hangs runc
}

test_vfork_is_ended_whatever_it_runs() {
	hangs vfork
}

# What a killed runner leaves, the next one removes, and nothing of one that lives.
test_the_next_run_removes_what_a_killed_one_left() {
	need crun
	before=$(leftovers)
	hang_workload
	"$BENCH" run --suite startup --machine native --runtime crun --launches 1 --warmup 0 --out a >stdout 2>stderr &
	lives=$!
	"$BENCH" run --suite startup --machine native --runtime crun --launches 1 --warmup 0 --out b >stdout2 2>stderr2 &
	dies=$!
	for _ in $(seq 100); do
		[ "$(leftovers | grep -c /exe)" -lt 4 ] || break # two programs and their children
		sleep 0.1
	done
	[ "$(leftovers | grep -c /exe)" -ge 4 ] || fail "they do not run: $(cat stderr stderr2)"
	kill -KILL $dies
	wait $dies || true
	unset BENCH_LIBEXEC
	expect_status 0 "$BENCH" run --suite startup --machine native --runtime crun --launches 1 --warmup 0 --out c
	[ "$(leftovers | grep -c bench-crun-)" = 1 ] || fail "not one folder: $(leftovers)"
	[ "$(leftovers | grep -c bench-crun-$lives-)" = 1 ] || fail "that of a living runner is gone"
	kill -TERM $lives
	wait $lives || true
	nothing_left "$before" "after all"
}

test_not_installed_is_a_named_refusal() {
	for r in bwrap crun runc qemu; do
		expect_status 3 env PATH=/nonexistent "$BENCH" run --machine native --runtime $r --launches 1 --out o
		expect_in stderr "is not installed"
		expect_in stderr "sudo apt-get install"
		[ ! -e o ] || fail "a folder was made"
	done
}

test_not_installed_is_a_skip_beside_others() {
	expect_status 0 env PATH=/nonexistent "$BENCH" run --machine native --runtime host,bwrap,crun,runc,qemu \
		--kernel hello --launches 1 --warmup 0 --filter getppid --out o
	[ "$(rows o/samples.csv ok host)" -gt 0 ] || fail "host was not measured"
	for r in bwrap crun runc qemu; do
		[ "$(rows o/samples.csv skipped $r)" = 1 ] || fail "no skip that names $r"
		grep ",$r,.*is not installed" o/samples.csv >/dev/null || fail "no reason for $r"
	done
}

# In there cgroup v2 is plain, and /dev/kvm runs Linux guests: QEMU has its turn.
test_all_in_the_emulated_machine() {
	need_machine
	expect_status 0 "$BENCH" run --suite syscalls --filter getppid --machine emulated --launches 1 --warmup 0 \
		--runtime host,crun,runc,bwrap,vm,qemu --out o
	for r in host crun runc bwrap vm qemu; do
		[ "$(rows o/samples.csv ok $r)" -gt 0 ] || [ "$(rows o/samples.csv skipped $r)" = 1 ] ||
			fail "$r has neither values nor a named skip"
	done
	[ "$(rows o/samples.csv ok qemu)" -gt 0 ] || skip "$(grep ',qemu,' o/samples.csv | head -1)"
	# The same guest in both: kernel, initramfs, memory.
	for fact in kernel_sha256 initramfs_sha256 ram_bytes; do
		[ "$(grep -c "\"$fact\": " o/manifest.json)" = 2 ] || fail "not both have $fact"
		[ "$(grep "\"$fact\": " o/manifest.json | sort -u | wc -l)" = 1 ] || fail "vm and qemu differ in $fact"
	done
}

run_tests
