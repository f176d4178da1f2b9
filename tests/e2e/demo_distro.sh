#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo distro"; sourced by demo.sh.

check_distro() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'distro' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
host, glibc, musl = sides["host"], sides["glibc"], sides["musl"]
for side in glibc, musl:
    assert side["distro.release"] == host["distro.release"], side["distro.release"]
    assert side["distro.boot_id"] == host["distro.boot_id"], side["distro.boot_id"]
    assert "side.ended" not in side, side["side.ended"]
    names, work = side["distro.names"].split(), side["distro.work"].split()
    assert set(work) <= set(names) and len(set(names)) == len(names), (names, work)
    assert work[0] in ("open", "openat", "openat2") and work[-1] == "close", work
    assert "exit_group" in names and "exit_group" not in work, names
    assert int(side["distro.calls"]) >= len(names), side["distro.calls"]
assert glibc["distro.libc"].startswith("glibc 2."), glibc["distro.libc"]
assert musl["distro.libc"].startswith("musl 1."), musl["distro.libc"]
assert not musl["distro.libc"].endswith(".") and not glibc["distro.libc"].endswith(".")
assert musl["distro.os"] == "musl and busybox (bench)" != glibc["distro.os"], glibc["distro.os"]
assert musl["distro.cat"].startswith("BusyBox v") and "coreutils" in glibc["distro.cat"]
common = set(glibc["distro.names"].split()) & set(musl["distro.names"].split())
assert {"read", "write", "close", "exit_group"} <= common, common
PYTHON
}
