#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo crash"; sourced by demo.sh.

check_crash() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'crash' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
host, ctr, vm = sides["host"], sides["ctr"], sides["vm"]
assert vm["vm.panic"].startswith("Kernel panic - not syncing: "), vm["vm.panic"]
assert vm["vmm.after"] == "ended" and int(vm["vmm.pid"]) > 1
assert vm["before.trigger"] in ("written", "no effect"), vm["before.trigger"]
assert vm["before.boot_id"] != host["before.boot_id"]
assert not [key for key in vm if key.startswith("after.")], "the VM came back"
for side in host, ctr:
    assert side["before.boot_id"] == side["after.boot_id"] == host["before.boot_id"]
    assert float(side["after.uptime"]) > float(side["before.uptime"])
    for when in "before", "after":  # opened at most, never written
        assert side[when + ".trigger"] == "opened" or side[when + ".trigger"].startswith("E")
assert ctr["before.trigger"] in ("EROFS", "EACCES", "EPERM", "ENOENT"), ctr["before.trigger"]
PYTHON
}
