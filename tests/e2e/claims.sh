#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench claims, on runs of this machine and on made-up ones.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

HEADER=schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,sample,iterations,metric,unit,value,overhead_ns,status,reason

# row SUITE BENCHMARK PARAMS WAY KERNEL LAUNCH METRIC UNIT VALUE
row() {
	echo "1,r,$1,$2,$3,$4,$5,$6,$6,,0,1,$7,$8,$9,0,ok,"
}

# A run on a good host with hardware KVM: getppid alike on both sides, without exits.
make_run() { # DIR RUN_ID
	local i
	mkdir -p "$1"
	{
		echo $HEADER
		for i in $(seq 0 11); do
			row syscalls getppid '' host '' "$i" latency ns "$((100 + i % 2))"
			row syscalls getppid '' vm distro "$i" latency ns "$((101 - i % 2))"
			row syscalls getppid '' vm distro "$i" exits count 0.001
		done
	} >"$1/samples.csv"
	cat >"$1/manifest.json" <<-END
		{ "schema": 1, "machine": "native",
		  "run": { "id": "$2", "state": "complete", "suite": "syscalls", "suites": "syscalls", "utc": "2026-01-01T00:00:00Z" },
		  "host": { "cpu": { "model": "Example", "tsc_khz": 3000000 }, "hypervisor": "none",
		            "kernel": { "release": "6.1" }, "kvm": { "module": "kvm_amd", "npt": "Y" } },
		  "ways": { "0": { "runtime": "host", "kernel": "", "inside": {
		                     "kernel": { "release": "6.1", "version": "#1" }, "vuln": { "meltdown": "Not affected" } } },
		            "1": { "runtime": "vm", "kernel": "distro", "vcpus": "1", "inside": {
		                     "kernel": { "release": "6.1", "version": "#1", "sysname": "Linux" },
		                     "vuln": { "meltdown": "Not affected" } } } } }
	END
}

test_a_claim_is_confirmed_with_its_numbers() {
	make_run a one
	expect_status 0 "$BENCH" claims a
	expect_in stdout "C2   confirmed"
	expect_in stdout "exits: confirmed"
	expect_in stdout "getppid: 0.001 exits per operation in vm (distro)"
	expect_in stdout "equal within 5 %"
	expect_in stdout "same mitigations: yes"
	expect_in stdout "no data: run \`bench run --suite cpu\`"
	expect_in stdout "system call in a guest"
}

test_formats_for_programs() {
	make_run a one
	expect_status 0 "$BENCH" claims --format csv a
	[ "$(head -1 stdout | cut -d, -f1-4)" = host,claim,claim_verdict,part ] || fail "another header"
	[ "$(grep -o ',C[0-9]*,' stdout | sort -u | wc -l)" = 10 ] || fail "not all ten claims"
	expect_status 0 "$BENCH" claims --format json a
	expect_in stdout '"claims": ['
	expect_in stdout '"figures": ['
	[ "$(grep -c '"claim": "C2"' stdout)" = 2 ] || fail "not both parts of C2"
}

test_without_a_folder_the_newest_runs_are_read() {
	make_run out/a one
	make_run out/b two
	sed -i 's/2026-01-01T/2026-01-02T/' out/b/manifest.json
	expect_status 0 "$BENCH" claims
	expect_in stdout "run out/b"
	! grep -q "run out/a" stdout || fail "an older run of the same suite was read too"
	expect_in stderr "below 'out': 1"
}

test_hosts_are_told_apart() {
	make_run a one
	make_run b two
	sed -i 's/"native"/"emulated"/' b/manifest.json
	expect_status 0 "$BENCH" claims a b
	[ "$(grep -c '^Host: ' stdout)" = 2 ] || fail "not two hosts"
	expect_in stdout "C2   confirmed in part"
	expect_in stdout "needs a real machine"
}

test_bad_input() {
	make_run a one
	mkdir empty damaged
	echo "$HEADER" >damaged/samples.csv
	echo "1,r,syscalls" >>damaged/samples.csv
	cp -r a later
	sed -i 's/"schema": 1/"schema": 9/' later/manifest.json
	cp -r a torn
	echo '{ "a": ' >torn/manifest.json
	while read -r status folder said; do
		expect_status "$status" "$BENCH" claims "$folder"
		expect_in stderr "$folder"
		expect_in stderr "$said"
	done <<-END
		1 nowhere No such file
		1 empty holds no samples.csv
		1 damaged line 2
		1 later is of version 9
		1 torn manifest.json
		1 a/samples.csv is not a folder
	END
	expect_status 1 "$BENCH" claims a empty # what can be read is no excuse for what cannot
	expect_status 2 "$BENCH" claims a a
	expect_in stderr "are the same run"
	cp -r a merged
	sed -i 's/"schema": 1/"runs": { "0": { "name": "here" } }/' merged/manifest.json
	expect_status 2 "$BENCH" claims merged
	expect_in stderr "of several runs"
	expect_status 2 "$BENCH" claims
	expect_in stderr "there is no complete run below 'out'"
	expect_status 2 "$BENCH" claims --format xml a
	expect_in stderr "unknown --format 'xml'"
	expect_status 2 "$BENCH" claims --folder a
	[ ! -s stdout ] || fail "something on stdout"
}

test_without_a_manifest_nothing_is_guessed() {
	make_run a one
	rm a/manifest.json
	expect_status 0 "$BENCH" claims a
	expect_in stdout "C2   not testable here"
	expect_in stdout "unknown"
}

test_a_real_run_of_host_and_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
	expect_status 0 "$BENCH" run --machine native --suite startup --runtime host,ctr --launches 8 --warmup 0
	dir=$(one_run_dir)
	expect_in "$dir/manifest.json" '"tsc_khz"'
	expect_in "$dir/manifest.json" '"schema": 1'
	expect_in "$dir/report.html" "<h2>Claims</h2>"
	expect_status 0 "$BENCH" claims "$dir"
	expect_in stdout "launch work: "
	expect_in stdout "fork and exec"
	expect_status 0 "$BENCH" claims
	expect_in stdout "run $dir"
}

test_a_real_run_of_the_hello_guest() {
	need_hello
	expect_status 0 "$BENCH" run --machine "$machine" --runtime host,vm --kernel hello --launches 2 --warmup 0 --out o
	expect_status 0 "$BENCH" claims o
	# Its kernel is not Linux, and two launches decide nothing: never a verdict on system calls.
	! grep -q '^C2   \(confirmed\|refuted\)' stdout || fail "a verdict on C2"
}

# Times are not testable there, counts of exits are.
test_in_the_emulated_machine() {
	need_machine
	expect_status 0 "$BENCH" run --machine emulated --runtime host,vm --kernel distro --filter getppid --launches 1 --warmup 0 --out o
	expect_status 0 "$BENCH" claims o
	expect_in stdout "needs a real machine (here emulated)"
	expect_in stdout "getppid: "
	expect_in stdout "C2   confirmed in part  exits: confirmed; timing: not testable here"
	expect_status 0 "$BENCH" claims --format csv o # whose lines are not wrapped
	expect_in stdout "same kernel build: yes"
}

run_tests
