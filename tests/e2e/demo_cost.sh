#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo cost"; sourced by demo.sh.

check_cost() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'cost' is not as it should be"
import json, math, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
assert list(sides)[1:] == ["host", "ctr", "vm:hello", "vm"], list(sides)
host = sides["host"]
has_init = []
for name in ("host", "ctr", "vm:hello", "vm"):
    side = sides[name]
    assert side["start.launches"] == "3", (name, side["start.launches"])
    for key, text in side.items():
        if key.startswith("side."):
            continue
        assert math.isfinite(float(text)) and float(text) > 0, (name, key, text)
        if not key.endswith((".low", ".high")) and key + ".low" in side:
            assert float(side[key + ".low"]) <= float(text) <= float(side[key + ".high"]), (name, key)
    for phase in "process", "main", "work", "exit":
        assert float(side["start." + phase]) < float(side["start.total.high"]), (name, phase)
    if "start.init" in side:
        has_init.append(name)
    # A ratio is one of medians.
    for key in "start", "call.getppid", "call.read/1B", "call.cpuid":
        value = "start.total" if key == "start" else key
        if name == "vm:hello" and key != "start":  # our own kernel has no system calls
            assert value not in side, key
        elif name == "host":
            assert key + ".ratio" not in side and value in side, key
        else:
            ratio = float(side[value]) / float(host[value])
            assert math.isclose(float(side[key + ".ratio"]), ratio, rel_tol=1e-9), (name, key)
assert has_init == ["vm:hello", "vm"], has_init  # who has a kernel of its own
assert sides["vm"]["side.kernel"]
PYTHON
}
