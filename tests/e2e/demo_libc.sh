#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What must be in a recording of "bench demo libc"; sourced by demo.sh.

check_libc() {
	python3 - "$1" <<'PYTHON' || fail "what was recorded of 'libc' is not as it should be"
import json, sys

sides = {name: side["facts"] for name, side in json.load(open(sys.argv[1]))["sides"].items()}
files = []
for name in "glibc", "musl", "bare":
    for side in sides[name], sides["ctr:" + name]:
        assert (side["libc.first.nr"], side["libc.first.name"]) == ("110", "getppid"), (name, side)
        assert (side["libc.second.nr"], side["libc.second.name"]) == ("1", "write"), (name, side)
        assert side["libc.second.args"] == '1, "hello\\n", 6', (name, side["libc.second.args"])
        assert side["libc.first.code"] == side["libc.second.code"] == "0f 05", (name, side)
        assert side["libc.first.file"] == side["libc.second.file"], name
        assert side["libc.first.offset"] != side["libc.second.offset"], name
        assert side["libc.output"] == "hello", (name, side["libc.output"])
        assert "side.ended" not in side, side["side.ended"]
    files.append(sides[name]["libc.first.file"])
assert "libc" in files[0] and "musl" in files[1] and files[2].endswith("/demo-libc-bare"), files
assert len(set(files)) == 3, files
# Without a C library there is nothing to make ready: its two calls, and the one that ends it.
assert sides["bare"]["libc.calls"] == "3" and sides["bare"]["libc.end.name"] == "exit_group"
assert int(sides["glibc"]["libc.calls"]) > int(sides["musl"]["libc.calls"]) > 3
PYTHON
}
