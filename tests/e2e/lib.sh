# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the end-to-end tests: BENCH and BUILD come from tests/e2e/run. A test file defines functions
# named test_*, and calls run_tests as its last line. Each test runs in a subshell with an empty
# working directory of its own; its first failing command fails it.
# shellcheck shell=bash

: "${BENCH:?run this through tests/e2e/run}"

# skip WHY: end the current test; with MUST_RUN=1 that is a failure.
skip() {
	echo "SKIP ${FUNCNAME[1]}: $*"
	[ "${MUST_RUN:-0}" = 1 ] && fail "MUST_RUN is set, but: $*"
	exit 77
}

# fail WHY: end the current test as failed.
fail() {
	echo "    $*" >&2
	exit 1
}

# expect_status N COMMAND...: run it, keep stdout and stderr in ./stdout and ./stderr.
expect_status() {
	local want=$1 got=0
	shift
	"$@" >stdout 2>stderr </dev/null || got=$?
	[ "$got" = "$want" ] || {
		cat stdout stderr >&2
		fail "status $got instead of $want: $*"
	}
}

# expect_in FILE TEXT: the file holds the text.
expect_in() {
	grep -qF -- "$2" "$1" || {
		cat "$1" >&2
		fail "'$2' is not in $1"
	}
}

# The tree that the tests are in, and Debian's kernel, where bench keeps it.
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
kernel=${XDG_CACHE_HOME:-$HOME/.cache}/bench/kernels/distro

# need_distro_kernel: skip where Debian's kernel is neither here nor to be had. Each test that starts a machine asks for
# itself: none may live by what another one has fetched.
need_distro_kernel() {
	"$BENCH" doctor | grep '^yes  kernel distro' >/dev/null || "$BENCH" kernel fetch distro >/dev/null 2>&1 ||
		skip "no Debian kernel can be fetched here (bench kernel fetch distro)"
}

# need_machine: skip where the emulated machine cannot be started.
need_machine() {
	"$BENCH" doctor | grep '^yes  emulated' >/dev/null || skip "the emulated machine cannot be started here (bench doctor)"
	need_distro_kernel
}

# need_bare_machine: the same without our runner, for scripts/emulated-machine by hand on $kernel.
need_bare_machine() {
	command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
	command -v busybox >/dev/null || skip "no busybox"
	need_distro_kernel
}

# need_hello: $machine is where the hello kernel runs, native wherever /dev/kvm does it; skip where there is no such place.
need_hello() {
	machine=native
	"$BENCH" doctor | grep '^yes  kvm' >/dev/null || {
		machine=emulated
		need_machine
	}
}

# need_plain WHAT: skip where the programs are built with a sanitizer, which does WHAT.
need_plain() {
	[ "${SAN:-0}${TSAN:-0}" = 00 ] || skip "a sanitizer $1"
}

# rows FILE STATUS RUNTIME: how many rows of samples.csv have them.
rows() {
	python_free_csv "$1" | awk -F'\t' -v s="$2" -v r="$3" '$17 == s && (r == "" || $6 == r)' | wc -l
}

# await_rows DIR N: until its samples.csv has more than N lines.
await_rows() {
	for _ in $(seq 600); do
		[ "$(cat "$1/samples.csv" 2>/dev/null | wc -l)" -gt "$2" ] && return
		sleep 0.1
	done
	fail "no rows in $1"
}

# await_listening PID: until bench takes signals. Before there is nothing that it could have left, and SIGINT is lost: a
# shell starts background commands with it ignored.
await_listening() {
	local _
	for _ in $(seq 6000); do
		[ "/proc/$1/exe" -ef "$BENCH" ] && grep -q '^SigBlk:.*[1-9a-f]' "/proc/$1/status" && return
		sleep 0.01
	done
	fail "it does not listen to signals"
}

# Our CSV has no quoted field before the last (reason), so that a comma is a separator in the first 17.
python_free_csv() {
	tail -n +2 "$1" | tr ',' '\t'
}

# one_run_dir: the only folder under ./out
one_run_dir() {
	local dirs=(out/*/)
	[ ${#dirs[@]} = 1 ] && [ -d "${dirs[0]}" ] || fail "not one folder under out/: ${dirs[*]}"
	echo "${dirs[0]%/}"
}

run_tests() {
	local t status
	for t in $(declare -F | awk '$3 ~ /^test_/ { print $3 }'); do
		[ -z "${ONLY:-}" ] || [[ $t == $ONLY ]] || continue
		work=$(mktemp -d)
		said=$(mktemp)
		# Not behind "||" or in an "if": there bash would go on after a command that failed.
		(
			cd "$work" || exit 1
			set -e
			"$t"
		) 2>"$said"
		status=$?
		rm -rf "$work"
		case $status in
		0) echo "ok      $(basename "$0") $t" && echo pass >>"$TALLY" ;;
		77) echo skip >>"$TALLY" ;;
		*)
			echo "FAILED  $(basename "$0") $t" && echo fail >>"$TALLY"
			{ echo "FAILED  $(basename "$0") $t" && tail -n 60 "$said"; } | tee -a "$TALLY.failures" >&2
			;;
		esac
		rm -f "$said"
	done
}
