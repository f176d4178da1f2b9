#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/userland: the two root file systems of the demonstrations.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

script=$(realpath "$(dirname "$0")/../../scripts/userland")

# stub NAME TEXT: a program that is found before the real one.
stub() {
	mkdir -p stubs
	printf '#!/bin/sh\n%s\n' "$2" >"stubs/$1"
	chmod +x "stubs/$1"
}

test_wrong_usage_is_named() {
	mkdir there
	while IFS='|' read -r args words; do
		# shellcheck disable=SC2086
		expect_status 1 "$script" $args
		expect_in stderr "userland: $words"
	done <<-'TABLE'
		|usage:
		glibc|usage:
		glibc a b|usage:
		--list glibc there|usage:
		dietlibc new|'dietlibc' is none of: glibc musl
		../glibc new|'../glibc' is none of
		glibc there|
		musl there|
	TABLE
	expect_in stderr "there' exists already"
	expect_status 0 "$script" --list
	[ "$(cat stdout)" = $'glibc\nmusl' ] || fail "it lists: $(cat stdout)"
	[ -z "$(ls there)" ] || fail "it made something in a folder that was there"
	[ ! -e new ] || fail "it made something"
}

test_what_fails_leaves_nothing() {
	command -v apt-get >/dev/null || skip "no apt here"
	stub apt-get 'echo "E: there is no net" >&2; exit 100'
	for name in glibc musl; do
		expect_status 1 env PATH="$PWD/stubs:$PATH" "$script" $name ./cache/u
		expect_in stderr "E: there is no net"
		[ -z "$(ls -A cache)" ] || fail "it left: $(ls -A cache)"
	done
}

test_what_is_missing_is_said() {
	command -v apt-get >/dev/null || skip "no apt here"
	stub dpkg-query 'exit 1'
	expect_status 1 env PATH="$PWD/stubs:$PATH" "$script" musl ./cache/u
	expect_in stderr "apt-get install"
	expect_in stderr "musl-tools"
	[ -z "$(ls -A cache)" ] || fail "it left: $(ls -A cache)"
}

test_interrupted_leaves_nothing() {
	local pid
	command -v apt-get >/dev/null || skip "no apt here"
	stub apt-get 'touch started; exec sleep 60'
	PATH="$PWD/stubs:$PATH" "$script" glibc "$PWD/cache/u" 2>stderr &
	pid=$!
	for _ in $(seq 100); do
		[ -z "$(find cache -name started 2>/dev/null)" ] || break
		sleep 0.1
	done
	[ -n "$(find cache -name started)" ] || fail "it never came to downloading"
	kill -TERM $pid
	pkill -TERM -P $pid sleep # bash waits for what it has started
	wait $pid && fail "it went on"
	[ -z "$(ls -A cache)" ] || fail "it left: $(ls -A cache)"
}

# made NAME: ./NAME, or the test is skipped where it cannot be had.
made() {
	"$script" "$1" "./$1" 2>stderr && return
	skip "$(tail -n 1 stderr)"
}

test_musl_is_small_and_whole() {
	made musl
	[ "$(du -sm musl | cut -f1)" -le 5 ] || fail "$(du -sm musl) MiB"
	[ "$(wc -l <musl/package)" = 2 ] || fail "its packages: $(cat musl/package)"
	expect_in musl/root/etc/os-release 'NAME="musl and busybox (bench)"'
	[ -x musl/root/lib/ld-musl-x86_64.so.1 ] || fail "there is no loader"
	for applet in sh cat head uname; do
		[ "$(readlink musl/root/bin/$applet)" = busybox ] || fail "there is no $applet"
	done
	grep -qaF /lib/ld-musl-x86_64.so.1 musl/root/bin/busybox || fail "busybox does not ask for musl's loader"
	[ "$(ls musl)" = $'package\nroot' ] || fail "beside it lies: $(ls musl)"
	expect_status 1 "$script" musl ./musl
	expect_in stderr "exists already"
}

test_glibc_is_small_and_whole() {
	made glibc
	[ "$(du -sm glibc | cut -f1)" -le 20 ] || fail "$(du -sm glibc) MiB"
	grep -q '^libc6 ' glibc/package || fail "its packages: $(cat glibc/package)"
	grep -q '^PRETTY_NAME=' glibc/root/etc/os-release || fail "its os-release does not name it"
	[ "$(readlink glibc/root/lib64)" = usr/lib64 ] || fail "/lib64 is not /usr/lib64"
	[ -x glibc/root/usr/bin/cat ] || fail "there is no cat"
	# All that it needs is in it: as the root of a program that names its libraries.
	glibc/root/lib64/ld-linux-x86-64.so.2 --library-path "$PWD/glibc/root/usr/lib/x86_64-linux-gnu" \
		--list glibc/root/usr/bin/ls >list
	grep -v "$PWD/glibc\|linux-vdso\|^	glibc/root\|ld-linux" list && fail "not from the tree"
	[ "$(ls glibc)" = $'package\nroot' ] || fail "beside it lies: $(ls glibc)"
}

run_tests
