#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many launches in one run: nothing grows, nothing stays. LAUNCHES, LAUNCHES_OF_HELLO and LAUNCHES_OF_LINUX: how many;
# "make soak" asks for ten thousand, as many, and two hundred. LINUX_IMAGE names one for the last (an absolute path), where
# Debian's takes too long: the minimal one starts in a fifth of the time.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/alone.sh"

launches=${LAUNCHES:-60}
of_hello=${LAUNCHES_OF_HELLO:-20}
of_linux=${LAUNCHES_OF_LINUX:-3}

soak() {
	need_plain "keeps for a while what was freed"
	need_alone
	expect_status 0 "$tools/alone" "$tools/soak" "$BUILD" "$1" "$launches"
	keep_figures
}

test_processes() {
	soak host
}

test_containers() {
	soak ctr
}

# soak_inside PORTION RUNTIME LAUNCHES [OPTION...]: where the kernel is ours alone it tells more. Emulators break now and
# then, the less the fewer CPUs they have: what is behind us by then, in runs of PORTION launches, is not done again.
soak_inside() {
	local portion=$1
	shift
	need_plain "keeps for a while what was freed"
	need_bare_machine
	mkdir progress
	cpus=1 share=$PWD/progress expect_status 0 alone_inside \
		env WHOLE_MACHINE=1 PROGRESS="$PWD/progress/$1" PORTION="$portion" "$tools/soak" "$BUILD" "$@"
	[ "$(awk '{ n += $1 } END { print n }' "progress/$1")" = "$2" ] || fail "not all $2 launches were made: $(cat progress/*)"
	keep_figures
}

test_hello_guests() {
	if [ -w /dev/kvm ]; then
		need_alone
		expect_status 0 "$tools/alone" "$tools/soak" "$BUILD" vm "$of_hello" --kernel hello
		keep_figures
	else
		soak_inside 1000 vm "$of_hello" --kernel hello
	fi
}

test_linux_guests() {
	image=${LINUX_IMAGE:-} soak_inside 20 vm "$of_linux" --kernel "${LINUX_IMAGE:-host}"
}

# On cgroup v2, where a container is born in one, and with a kernel that tells what it still has of them.
test_containers_inside() {
	soak_inside 1000 ctr "$launches"
}

run_tests
