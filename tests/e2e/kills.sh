#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGKILL at random moments, of the runner and of all that it starts: nothing stays, or the next run removes it, and
# a run that goes on says what was taken from it. KILLS, KILLS_OF_GUESTS, KILLS_OF_MACHINES: how often each; "make kills"
# asks for more. SEED: which moments.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/alone.sh"

kills=${KILLS:-6}
of_guests=${KILLS_OF_GUESTS:-4}
of_machines=${KILLS_OF_MACHINES:-3}
seed=${SEED:-6}

killed() {
	need_alone
	expect_status 0 "$tools/alone" "$tools/kill-at-random" "$BUILD" "$1" "$2" "$seed"
	keep_figures
}

test_the_runner() {
	killed runner "$kills"
}

test_a_containers_init() {
	killed init "$kills"
}

test_whatever_a_runner_started() {
	killed any "$kills"
}

# Of the VMM, and of a runner that has guests and cgroup v2.
test_guests() {
	need_bare_machine
	expect_status 0 alone_inside "$tools/kill-at-random" "$BUILD" guests "$of_guests" "$seed"
	keep_figures
}

test_an_emulated_machine() {
	need_machine
	killed machine "$of_machines"
}

run_tests
