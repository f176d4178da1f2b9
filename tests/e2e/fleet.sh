#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The recipes for many machines, on this one: a throw-away Slurm of two nodes, and two names of one sshd.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

repository=$(cd "$(dirname "$0")/../.." && pwd)
scripts=$repository/scripts tools=$repository/tests/tools
export BENCH_BUILD=$BUILD
PATH=$PATH:/usr/sbin:/sbin
run=(--suite syscalls --runtime host --filter getppid --launches 2)

need() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "no $program here (scripts/install-deps fleet)"
	done
}

# both_in DIR HOST HOST: the data set holds both.
both_in() {
	[ "$(tail -n +2 "$1/merged/samples.csv" | cut -d, -f19 | sort -u | paste -sd' ')" = "$2 $3" ] || fail "$(ls -R "$1")"
	[ -s "$1/merged/report.html" ] || fail "no report"
}

test_slurm() {
	need munged slurmctld slurmd sbatch
	[ "$(id -u)" = 0 ] || skip "a slurmd wants to be root"
	expect_status 0 "$tools/one-machine-slurm" slurm "$scripts/fleet-slurm" --bench "$BENCH" --out fleet -- "${run[@]}"
	both_in fleet a b
	# A node that has its run is not measured again, one whose run is gone is.
	cp fleet/runs/a/samples.csv before.csv
	rm -r fleet/runs/b
	expect_status 0 "$tools/one-machine-slurm" slurm2 "$scripts/fleet-slurm" --bench "$BENCH" --out fleet -- "${run[@]}"
	cmp before.csv fleet/runs/a/samples.csv
	both_in fleet a b
}

test_slurm_when_a_node_fails() {
	need munged slurmctld slurmd sbatch
	[ "$(id -u)" = 0 ] || skip "a slurmd wants to be root"
	expect_status 1 "$tools/one-machine-slurm" slurm "$scripts/fleet-slurm" --bench "$BENCH" --out fleet -- --suite nonsense
	expect_in stderr "node a left no run"
	expect_in stderr "node b left no run"
	grep -rq "nonsense" fleet/log || fail "no word of why in the log"
}

test_bad_input_of_slurm() {
	for words in "" "--out" "--out o --nonsense" "--out o -- --out x" "--out o --bench /nowhere"; do
		# shellcheck disable=SC2086 # words
		expect_status 2 "$scripts/fleet-slurm" $words
	done
	expect_status 0 "$scripts/fleet-slurm" --help
	expect_in stdout "--nodes LIST"
}

test_ssh() {
	need ssh sshd parallel
	parallel --version 2>/dev/null | grep -q GNU || skip "parallel is not GNU parallel"
	printf '# two names of one machine\none\n%s@two # the user is not part of it\n' "$(id -un)" >hosts
	expect_status 0 "$tools/throw-away-sshd" "$PWD/sshd" "$scripts/fleet-ssh" --hosts hosts --out fleet \
		--ssh "ssh -F $PWD/sshd/config" -- "${run[@]}"
	both_in fleet one two
	# A host that cannot be reached is named, the other is kept, and nothing is measured twice.
	cp fleet/runs/one/samples.csv before.csv
	rm -r fleet/runs/two
	expect_status 1 "$scripts/fleet-ssh" --hosts hosts --out fleet --ssh "ssh -F $PWD/sshd/config" -- "${run[@]}"
	expect_in stderr "two left no run"
	cmp before.csv fleet/runs/one/samples.csv
}

# The programs lie elsewhere there (docs/install.md).
test_ssh_from_an_installed_tree() {
	need ssh sshd parallel
	parallel --version 2>/dev/null | grep -q GNU || skip "parallel is not GNU parallel"
	mkdir -p usr/bin usr/libexec/bench
	cp "$BENCH" usr/bin/
	cp "$BUILD/bench-vmm" "$BUILD/workload" "$BUILD/hello.elf" usr/libexec/bench/
	cp -r "$scripts" usr/libexec/bench/
	echo one >hosts
	unset BENCH_BUILD
	expect_status 0 "$tools/throw-away-sshd" "$PWD/sshd" usr/libexec/bench/scripts/fleet-ssh --hosts hosts --out fleet \
		--ssh "ssh -F $PWD/sshd/config" -- "${run[@]}"
	[ -s fleet/merged/report.html ] || fail "no report"
}

test_bad_input_of_ssh() {
	need parallel
	echo one >hosts
	echo "one;reboot" >bad
	printf 'one\nme@one\n' >twice
	: >none
	for words in "" "--out o" "--out o --hosts missing" "--out o --hosts none" "--out o --hosts bad" \
		"--out o --hosts twice" "--out o --hosts hosts --jobs x" "--out o --hosts hosts -- --raw" "--nonsense"; do
		# shellcheck disable=SC2086 # words
		expect_status 2 "$scripts/fleet-ssh" $words
		[ ! -e o ] || fail "'$words' left a folder behind"
	done
	expect_status 0 "$scripts/fleet-ssh" --help
}

run_tests
