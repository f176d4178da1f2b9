#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo kernel"; sourced by demo.sh.

check_kernel() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'kernel' is not as it should be"
import json, re, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
host, ctr, vm = (sides[name] for name in ("host", "ctr", "vm"))
keys = ["kernel." + key for key in ("release", "proc_version", "boot_id", "cmdline", "modules")]
for key in keys:
    assert host[key] == ctr[key], key
for key in ("kernel.release", "kernel.proc_version", "kernel.boot_id", "kernel.cmdline"):
    assert host[key] != vm[key], key
assert all(re.fullmatch(r"[0-9a-f-]{36}", side["kernel.boot_id"]) for side in (host, vm))
PYTHON
}
