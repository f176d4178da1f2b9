#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo versions"; sourced by demo.sh.

check_versions() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'versions' is not as it should be"
import json, re, sys

data = json.load(open(sys.argv[1]))["sides"]
about = data["about"]["facts"]
sides = {name: side["facts"] for name, side in data.items() if name != "about" and "missing" not in side}
calls = {key[6:]: value for key, value in about.items() if key.startswith("since.")}
number = lambda text: [int(part) for part in re.match(r"[\d.]*\d", text)[0].split(".")]

assert len(calls) >= 20, len(calls)
assert {"host", "ctr", "vm:distro", "vm:distro-6.12"} <= set(sides), list(sides)
for name, facts in sides.items():
    for call, since in calls.items():
        there = facts["call." + call] != "ENOSYS"
        new = number(facts["kernel.release"]) >= number(since)
        left_out = name == "vm:minimal" and about["option." + call]
        assert there == new or left_out, (name, facts["kernel.release"], call, since, facts["call." + call])
    assert facts["program.2.6.status"] == "0" == facts["program.fallback.status"], name
    assert (facts["program.6.12.status"] == "0") == (facts["call.mseal"] != "ENOSYS"), name
assert all(sides["host"]["call." + call] == sides["ctr"]["call." + call] for call in calls)
assert any(sides["vm:distro"]["call." + call] != sides["vm:distro-6.12"]["call." + call] for call in calls)
assert sides["vm:distro"]["program.6.12.status"] == "1" and sides["vm:distro-6.12"]["program.6.12.status"] == "0"
PYTHON
}
