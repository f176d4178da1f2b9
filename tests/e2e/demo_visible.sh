#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo visible"; sourced by demo.sh.

check_visible() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'visible' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
host, ctr, vm = (sides[name] for name in ("host", "ctr", "vm"))
for side in (host, ctr, vm):
    assert len(side["visible.children"].split()) == 3, side
assert host["host.outside"] == host["host.inside"] == host["visible.children"], host
assert ctr["host.found"] == "3" and ctr["host.inside"] == ctr["visible.children"] != ctr["host.outside"], ctr
assert vm["host.found"] == "0" and vm["host.outside"] == "" and vm["host.process"].startswith("bench-vmm"), vm
assert host["visible.runner"] == host["host.runner"] == "bench", host
assert ctr["visible.runner"] != "bench" and vm["visible.runner"] != "bench"
PYTHON
}
