#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Exits per operation, and how many CPUs everybody gets.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

# counts FILE METRIC BENCHMARK RUNTIME: the values, one a line.
counts() {
	python_free_csv "$1" | awk -F'\t' -v m="$2" -v b="$3" -v r="$4" \
		'$13 == m && $14 == "count" && $4 == b && $6 == r && $17 == "ok" { print $15 }'
}

# within LOW HIGH: there are values on stdin, and all lie between.
within() {
	awk -v low="$1" -v high="$2" '{ n++; if ($1 < low || $1 > high) bad++ } END { exit !n || bad > 0 }'
}

expect_counts() { # FILE METRIC BENCHMARK LOW HIGH
	counts "$1" "$2" "$3" vm | within "$4" "$5" || fail "$3, $2: $(counts "$1" "$2" "$3" vm | tr '\n' ' ')"
}

# Every benchmark of the suite has a value or a named skip in each launch of a way.
expect_cells() { # FILE RUNTIME LAUNCHES
	n=$("$BENCH" list benchmarks | grep -c "^exits ")
	with=$(awk -F, -v r="$2" '$6 == r && $13 == "latency" && ($17 == "ok" || ($17 == "skipped" && $18 != "")) {
		print $4 "/" $5, $8 }' "$1" | sort -u | wc -l)
	[ "$with" = $((n * $3)) ] || fail "$2: $with of $((n * $3)) cells"
}

test_hello_guest_counts_its_exits() {
	need_hello
	expect_status 0 "$BENCH" run --machine "$machine" --runtime host,vm --kernel hello --suite exits --launches 2 --warmup 0 \
		--out o
	expect_cells o/samples.csv vm 2
	expect_cells o/samples.csv host 2
	# One that reaches the VMM each, whatever kind of KVM it is; no count of what does not run in a guest of ours.
	expect_counts o/samples.csv exits-user port-write 1 1
	expect_counts o/samples.csv exits-user mmio-read 1 1
	expect_counts o/samples.csv exits-user cpuid 0 0
	[ -z "$(counts o/samples.csv exits-user getppid host)" ] || fail "somebody counts exits of a process"
	if grep -q '"exits_counted\|"counted": "by' o/manifest.json; then
		expect_counts o/samples.csv exits port-write 1 1.5
		expect_in stdout "Exits per operation, vm (hello)"
	else
		[ -z "$(counts o/samples.csv exits port-write vm)" ] || fail "KVM does not count, and there are counts"
	fi
	expect_in o/report.html "<h2>Exits</h2>"
	[ -s o/plots/exits.png ] || fail "no plot of exits"
	! grep -q exits o/plots/overview.dat || fail "counts among the times"
}

test_what_means_nothing_on_the_host_is_a_named_skip() {
	expect_status 0 "$BENCH" run --machine native --runtime host --suite exits --quick --launches 1 --out o
	for b in mmio-read hypercall; do
		grep -q "exits,$b,,host,.*,skipped,no VMM" o/samples.csv || fail "$b is no named skip"
	done
	for b in getppid page-touch timer; do
		[ "$(awk -F, -v b=$b '$4 == b && $17 == "ok"' o/samples.csv | wc -l)" -gt 0 ] || fail "$b has no value"
	done
	! grep -q ',count,' o/samples.csv || fail "counts without a guest"
}

# One thread a vCPU, each on one CPU, and the CPUs in turn.
# Where the VMM runs: the run in o/, and each set of CPUs seen that its threads were bound to, in o/seen.
make_watcher() {
	cat >watch.sh <<-'EOF'
		rm -rf o/* # of a machine that broke
		BENCH_SCRIPTS=$2 "$1"/bench run --machine native --runtime vm --kernel hello --vcpus 2 --launches 20 --warmup 0 \
			--out o >stdout 2>stderr &
		run=$!
		while kill -0 $run 2>/dev/null; do
			for vmm in $(cat /proc/$run/task/*/children); do
				[ "$(cat /proc/"$vmm"/comm)" = bench-vmm ] || continue
				cat /proc/"$vmm"/task/*/status 2>/dev/null | awk '/^Cpus_allowed_list/ { print $2 }' | sort -u | tr '\n' ' '
				echo
			done
		done >seen 2>gone
		wait $run || { cat stderr >&2 && exit 1; }
		mv seen o
	EOF
}

test_threads_of_vcpus_are_pinned() {
	need_hello
	[ "$(nproc)" -ge 2 ] || skip "one CPU"
	make_watcher
	if [ $machine = native ]; then
		expect_status 0 sh watch.sh "$BUILD" "$source_dir/scripts"
	else
		mkdir o
		expect_status 0 "$source_dir/scripts/emulated-machine" --kernel "$kernel" --again 2 --hold "$BUILD/bench-vmm" --copy watch.sh \
			--copy "$BUILD/bench" --copy "$BUILD/bench-vmm" --copy "$BUILD/workload" --copy "$BUILD/hello.elf" \
			--copy "$source_dir/scripts" --share o -- \
			sh watch.sh "$BUILD" "$source_dir/scripts"
	fi
	pinned=$(sed -n 's/.*"vcpu_cpus": "\(.*\)".*/\1/p' o/manifest.json | tr ',' '\n' | sort | tr '\n' ' ')
	# Not all of them, at once: a thread is made and pins itself then.
	grep -qxF "$pinned" o/seen || fail "told: $pinned, seen: $(sort -u o/seen)"
}

test_all_ways_have_as_many_cpus() {
	for n in 1 2; do
		expect_status 0 "$BENCH" run --machine native --runtime host --vcpus $n --filter 'pipe/*' --launches 1 --warmup 0 \
			--out o$n
	done
	grep -q 'pipe,cross-cpu,host,.*,skipped,"needs 2 CPUs' o1/samples.csv || fail "one CPU, and two are used"
	[ "$(nproc)" -lt 2 ] || [ "$(awk -F, '$5 == "cross-cpu" && $17 == "ok"' o2/samples.csv | wc -l)" -gt 0 ] ||
		fail "two CPUs, and one is used"
	# A program of the user's own beside a guest of one CPU.
	expect_status 0 "$BENCH" exec --machine native --runtime host --vcpus 1 --launches 1 --warmup 0 --out e -- \
		grep Cpus_allowed_list /proc/self/status
	grep -rhq 'Cpus_allowed_list:.[0-9]*$' e/output || fail "$(cat e/output/*)"
}

test_numbers_of_vcpus_that_cannot_be() {
	for n in 0 -1 two '' 65 99999999999999999999; do
		expect_status 2 "$BENCH" run --runtime host --vcpus "$n" --out no
		expect_in stderr "--vcpus"
	done
	expect_status 2 "$BENCH" run --runtime host --vcpus 65 --out no
	expect_in stderr 64
	[ ! -e no ] || fail "something was begun"
}

test_more_vcpus_than_cpus_work_with_a_warning() {
	need_hello
	[ "$(nproc)" -lt 64 ] || skip "so many CPUs: 64 vCPUs are not more"
	expect_status 0 "$BENCH" run --machine "$machine" --runtime host,vm --kernel hello --vcpus 64 --filter rdtsc \
		--launches 1 --warmup 0 --out o
	expect_in stderr "64 CPUs were asked for"
	grep -q 'there are \([0-9]*\): .*--vcpus \1$' stderr || fail "no advice: $(cat stderr)"
	expect_in o/manifest.json "64 CPUs were asked for"
	[ "$(rows o/samples.csv ok vm)" -gt 0 ] || fail "no values"
}

# A Linux guest of two CPUs: all kinds of exits, and the benchmarks across CPUs.
test_linux_guest_in_the_emulated_machine() {
	need_machine
	expect_status 0 "$BENCH" run --machine emulated --runtime host,vm --kernel distro --vcpus 2 --suite exits,syscalls \
		--filter '[cfghmpt]*[dcrlehx]' --mem 256 --launches 2 --warmup 0 --seed 5 --out o
	# 0 a system call, 1 an instruction that always leaves: beside them only what a timer adds.
	expect_counts o/samples.csv exits getppid 0 0.05
	expect_counts o/samples.csv exits-user getppid 0 0
	expect_counts o/samples.csv exits cpuid 1 1.5
	expect_counts o/samples.csv exits-user cpuid 0 0
	expect_counts o/samples.csv exits-user port-write 1 1
	expect_counts o/samples.csv exits port-write 1 1.5
	expect_counts o/samples.csv exits-io port-write 1 1
	expect_counts o/samples.csv exits-mmio mmio-read 1 1
	expect_counts o/samples.csv exits-hypercall hypercall 1 1
	expect_in stdout "Exits per operation, vm (distro)"
	expect_in stdout "exits: getppid"
	# What needs two CPUs has them on both sides.
	for r in host vm; do
		for b in pipe futex; do
			[ "$(awk -F, -v b=$b -v r=$r '$4 == b && $5 == "cross-cpu" && $6 == r && $13 == "latency" && $17 == "ok"' \
				o/samples.csv | wc -l)" -gt 0 ] || fail "$b across CPUs did not run under $r"
		done
	done
	counts o/samples.csv exits-halt pipe vm | within 0 100 || fail "no halts counted"
}

run_tests
