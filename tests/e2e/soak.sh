#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many launches in one run: nothing grows, nothing stays. LAUNCHES, LAUNCHES_OF_HELLO and LAUNCHES_OF_LINUX: how many;
# "make soak" asks for ten thousand, as many, and two hundred.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/alone.sh"

launches=${LAUNCHES:-60}
of_hello=${LAUNCHES_OF_HELLO:-20}
of_linux=${LAUNCHES_OF_LINUX:-3}

soak() {
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

# Where the kernel is ours alone it tells more.
soak_inside() {
	need_bare_machine
	expect_status 0 alone_inside env WHOLE_MACHINE=1 "$tools/soak" "$BUILD" "$@"
	keep_figures
}

test_hello_guests() {
	if [ -w /dev/kvm ]; then
		need_alone
		expect_status 0 "$tools/alone" "$tools/soak" "$BUILD" vm "$of_hello" --kernel hello
		keep_figures
	else
		soak_inside vm "$of_hello" --kernel hello
	fi
}

test_linux_guests() {
	soak_inside vm "$of_linux" --kernel host
}

# On cgroup v2, where a container is born in one, and with a kernel that tells what it still has of them.
test_containers_inside() {
	soak_inside ctr "$launches"
}

run_tests
