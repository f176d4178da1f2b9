#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo windows"; sourced by demo.sh.

check_windows() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'windows' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
hello = sides["vm:hello"]
for name in ("host", "ctr", "vm"):
    side = sides[name]
    assert side["kernel.sysname"] == "Linux", name
    assert side["windows.elf"] == "exit 42", (name, side["windows.elf"])
    assert "windows.interpreter" not in side, side["windows.interpreter"]
    assert side["windows.pe"] == "ENOEXEC", (name, side["windows.pe"])
    assert side["windows.hello"].startswith("SIG"), (name, side["windows.hello"])
    assert side["windows.hello_add"] == "ENOSYS", (name, side["windows.hello_add"])
    assert int(side["windows.getpid"]) > 0, name
assert sides["ctr"]["windows.getpid"] == "1" and sides["vm"]["windows.getpid"] == "1"
assert sides["host"]["kernel.release"] == sides["ctr"]["kernel.release"] != sides["vm"]["kernel.release"]
assert hello["kernel.sysname"] == "hello" and hello["hello.add"] == "42"
assert hello["hello.linux_getpid"] == "no such call", hello["hello.linux_getpid"]
PYTHON
}
