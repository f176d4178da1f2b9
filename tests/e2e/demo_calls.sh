#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo calls"; sourced by demo.sh.

check_calls() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'calls' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
ctr, vm = sides["ctr"], sides["vm"]
assert ctr["calls.end"] == vm["calls.end"] == "100000"
assert ctr["host.getppid"] == "100000", ctr
assert vm["host.getppid"] == "0", vm
assert 0 < int(vm["host.others"]) < 1000, vm
assert int(vm.get("calls.exits", 0)) < 1000, vm
PYTHON
}
