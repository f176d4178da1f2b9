#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "bench demo" by the real command. One recording of all demonstrations, made in the emulated machine, serves the
# tests of each: test_shown_NAME, which asks check_NAME of tests/e2e/demo_NAME.sh.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

shared=$(mktemp -d)
trap 'rm -rf "$shared"' EXIT
unset LC_ALL LC_MESSAGES
export LANG=C.UTF-8
names=$("$BENCH" demo | awk '{ print $1 }')

for f in "$source_dir"/tests/e2e/demo_*.sh; do
	# shellcheck disable=SC1090
	[ ! -e "$f" ] || . "$f"
done

# recording: its folder; made when it is first asked for.
recording() {
	if [ ! -e "$shared/status" ]; then
		local status=0
		"$BENCH" demo all --no-pause --machine emulated --record "$shared/facts" \
			>"$shared/stdout" 2>"$shared/stderr" </dev/null || status=$?
		echo "$status" >"$shared/status"
	fi
	[ -e "$shared/facts" ] || { cat "$shared/stderr" >&2; return 1; }
	echo "$shared/facts"
}

# reason_of FILE: why a page says that this host cannot show it.
reason_of() {
	sed -n '/^This host cannot show it: /,/^NOT SHOWN$/p' "$1" | tr '\n' ' '
}

# check_shown NAME DIR: what was recorded was as the demonstration says, and is what its check expects.
check_shown() {
	[ -s "$2/$1.json" ] || { cat "$shared/stderr" >&2; fail "no recording of $1"; }
	local status=0
	"$BENCH" demo "$1" --no-pause --replay "$2" >stdout 2>stderr </dev/null || status=$?
	[ $status != 3 ] || skip "$(reason_of stdout)"
	[ $status = 0 ] || { cat stdout stderr >&2; fail "status $status"; }
	[ "$(tail -n 1 stdout)" = PASS ] || fail "the page does not end with PASS"
	"check_$1" "$2/$1.json"
}

for name in $names; do
	eval "test_shown_$name() { need_machine; dir=\$(recording); check_shown $name \"\$dir\"; }"
done

runs_linux_guests() {
	"$BENCH" doctor | grep '^yes  vm ' >/dev/null
}

all_natively() {
	need_distro_kernel
	"$BENCH" demo all --no-pause --machine native --record r >stdout 2>stderr </dev/null || fail "status $?"
	for name in $names; do
		status=0
		"$BENCH" demo "$name" --no-pause --replay r >page </dev/null || status=$?
		case $status in
		0) ! declare -F "check_$name" >/dev/null || "check_$name" "r/$name.json" ;;
		3) [ -n "$(reason_of page)" ] || fail "$name is not shown, and does not say why" ;;
		*) fail "$name: status $status" ;;
		esac
	done
}

none_natively() {
	expect_status 3 "$BENCH" demo kernel --no-pause --machine native
	expect_in stdout "This host cannot show it: VM"
	[ "$(tail -n 1 stdout)" = "NOT SHOWN" ] || fail "not the last line"
	expect_status 3 "$BENCH" demo cost --no-pause --machine native --lang zh
	expect_in stdout "这台主机无法演示：虚拟机"
	[ "$(tail -n 1 stdout)" = "无法演示" ] || fail "not the last line"
	expect_in stdout "宿主机 " # what can be measured is drawn
}

# Where Linux guests run natively all demonstrations do, and elsewhere they say why not.
test_natively() {
	if runs_linux_guests; then
		all_natively
	else
		none_natively
	fi
}

test_list() {
	expect_status 0 "$BENCH" demo
	[ "$(wc -l <stdout)" -ge 2 ] || fail "no list"
	expect_in stdout "Whose kernel is it?"
	awk '{ print $1 }' stdout >en
	expect_status 0 "$BENCH" demo --lang zh
	expect_in stdout "这是谁的内核？"
	awk '{ print $1 }' stdout | cmp - en
	LANG=zh_CN.UTF-8 expect_status 0 "$BENCH" demo
	expect_in stdout "这是谁的内核？"
	expect_status 0 "$BENCH" demo --help
	for option in --lang --no-pause --record --replay --machine; do expect_in stdout "$option"; done
	! grep -q -- --raw stdout || fail "what is meant for the machine's inside is in the help"
}

# A made-up recording of "kernel": host and container alike, the VM another one.
put_recording() {
	mkdir -p "$1"
	cat >"$1/kernel.json" <<-'EOF2'
		{ "schema": 1, "demo": "kernel", "sides": {
		  "about": { "facts": { "time": "2026-01-02T03:04:05Z", "release": "6.1.0-made-up", "machine": "native" } },
		  "host": { "facts": { "kernel.release": "6.1.0-made-up", "kernel.proc_version": "Linux one", "kernel.boot_id": "aaaa",
		    "kernel.cmdline": "quiet", "kernel.modules": "9" } },
		  "ctr": { "facts": { "kernel.release": "6.1.0-made-up", "kernel.proc_version": "Linux one", "kernel.boot_id": "aaaa",
		    "kernel.cmdline": "quiet", "kernel.modules": "9" } },
		  "vm": { "facts": { "side.kernel": "distro", "kernel.release": "6.12.0-guest", "kernel.proc_version": "Linux two",
		    "kernel.boot_id": "bbbb", "kernel.cmdline": "pci=off", "kernel.modules": "0" } } } }
	EOF2
}

test_replay_in_both_languages() {
	put_recording r
	for lang in en zh; do
		expect_status 0 "$BENCH" demo kernel --replay r --lang $lang
		cp stdout first
		expect_status 0 "$BENCH" demo kernel --replay r --lang $lang
		cmp first stdout
		for fact in aaaa bbbb 6.12.0-guest 6.1.0-made-up 2026-01-02T03:04:05Z pci=off "Linux two"; do expect_in stdout "$fact"; done
		LC_ALL=C expect_status 0 "$BENCH" demo kernel --replay r --lang $lang
		[ "$lang" = en ] || cmp first stdout # the locale cannot make Chinese of it something else
		cp first "$lang"
	done
	expect_in en "RECORDED on 2026-01-02T03:04:05Z (kernel 6.1.0-made-up), not live"
	expect_in zh "录像：2026-01-02T03:04:05Z 录制（内核 6.1.0-made-up），并非实时"
	expect_in en "VM (distro)"
	expect_in zh "虚拟机 (distro)"
	! grep -q '[^ -~]' <(LC_ALL=C "$BENCH" demo kernel --replay r --lang en) || fail "more than ASCII in the C locale"
	[ "$(ls r)" = kernel.json ] || fail "a replay wrote into the folder"
	sed -i 's/"kernel.boot_id": "bbbb"/"kernel.boot_id": "aaaa"/' r/kernel.json
	expect_status 1 "$BENCH" demo kernel --replay r
	[ "$(tail -n 1 stdout)" = FAIL ] || fail "other facts, and the page does not say FAIL"
}

# The recording of all of them, where one can be made: each page alone says what it says among the others.
test_replay_of_all() {
	need_machine
	dir=$(recording)
	for lang in en zh; do
		"$BENCH" demo all --replay "$dir" --lang $lang >$lang.1 </dev/null || [ $? = "$(cat "$shared/status")" ]
		"$BENCH" demo all --replay "$dir" --lang $lang >$lang.2 </dev/null || [ $? = "$(cat "$shared/status")" ]
		cmp $lang.1 $lang.2
	done
	n=$(echo "$names" | wc -l)
	[ "$(grep -c '^RECORDED on ' en.1)" = "$n" ] || fail "not every page is labelled as recorded"
	[ "$(grep -c '^录像：' zh.1)" = "$n" ] || fail "not every Chinese page is labelled as recorded"
	[ "$(grep -c '^In the emulated machine' en.1)" = "$n" ] || fail "not every page says that it is emulated"
	# What was shown live is what is replayed, but for the label.
	! grep -q RECORDED "$shared/stdout" || fail "what was live is labelled as recorded"
	grep -v '^RECORDED on ' en.1 | cmp - "$shared/stdout"
	for word in PASS FAIL "NOT SHOWN"; do
		case $word in PASS) zh=通过 ;; FAIL) zh=不符 ;; *) zh=无法演示 ;; esac
		[ "$(grep -cx "$word" en.1)" = "$(grep -cx "$zh" zh.1)" ] || fail "'$word' is not as often there in Chinese"
	done
}

test_wrong_usage() {
	mkdir full empty garbage other
	touch full/file
	echo '{ "schema": 1, ' >garbage/kernel.json
	put_recording r
	sed 's/"demo": "kernel"/"demo": "cost"/' r/kernel.json >other/kernel.json
	while IFS='|' read -r status args words; do
		# shellcheck disable=SC2086
		expect_status "$status" "$BENCH" demo $args
		expect_in stderr "$words"
	done <<-'TABLE'
		2|kernle|did you mean 'kernel'
		2|nosuch|one of: all, kernel
		2|kernel kernel|named twice
		2|all kernel|named twice
		2|kernel --lang xx|unknown --lang 'xx'
		2|kernel --lang|needs a value
		2|kernel --machine fast|unknown --machine 'fast'
		2|kernel --record r2 --replay r|exclude each other
		2|kernel --record=|empty name
		2|kernel --replay=|empty name
		2|kernel --no-pause --machine native --record full|is not empty
		2|kernel --no-pause --machine native --record full/file|cannot be the folder
		1|kernel --replay empty|'empty/kernel.json': No such file
		1|kernel --replay nonexistent|nonexistent/kernel.json
		1|all --replay r|r/
		2|kernel --replay garbage|garbage/kernel.json', line 2
		2|kernel --replay other|not what a demonstration 'kernel'
		2|kernel --frob|frob
	TABLE
	[ "$(ls full)" = file ] || fail "a folder that was full was touched"
	[ ! -e r2 ] || fail "a folder was made for what was refused"
}

# descendants PID: it and all that it started.
descendants() {
	echo "$1"
	for child in $(pgrep -P "$1"); do descendants "$child"; done
}

test_an_interrupt_leaves_nothing() {
	need_machine
	mkdir run tmp
	XDG_RUNTIME_DIR=$PWD/run TMPDIR=$PWD/tmp "$BENCH" demo kernel --no-pause --machine emulated >stdout 2>stderr </dev/null &
	pid=$!
	for _ in $(seq 300); do
		started=$(descendants $pid)
		# shellcheck disable=SC2086
		ps -o comm= $started | grep -q qemu && break
		sleep 0.1
	done
	# shellcheck disable=SC2086
	ps -o comm= $started | grep -q qemu || fail "no machine was started"
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ $status = 130 ] || { cat stderr >&2; fail "status $status"; }
	for p in $started; do
		[ ! -e "/proc/$p" ] || fail "left alive: $(tr '\0' ' ' <"/proc/$p/cmdline")"
	done
	[ -z "$(find run tmp -mindepth 1)" ] || fail "left behind: $(find run tmp -mindepth 1)"
	! grep -qx 'PASS\|FAIL\|NOT SHOWN' stdout || fail "a verdict on what was not seen"
}

# at_terminal ANSWER COMMAND...: run it on a terminal of 80 columns, give the answer when it asks, print what it says.
at_terminal() {
	python3 - "$@" <<-'PYTHON'
		import fcntl, os, pty, struct, sys, termios
		answer, command = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2:]
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(command[0], command)
		fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
		said = b""
		while True:
		    try:
		        part = os.read(fd, 4096)
		    except OSError:
		        break
		    if not part:
		        break
		    said += part
		    if answer and (b"Enter to go on" in said or "回车跳过".encode() in said):
		        os.write(fd, answer)
		        answer = b""
		sys.stdout.buffer.write(said.replace(b"\r\n", b"\n"))
		sys.stdout.flush()
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PYTHON
}

test_a_person_predicts() {
	put_recording r
	replay=("$BENCH" demo kernel --replay r)
	while IFS='|' read -r answer lang status words; do
		got=0
		NO_COLOR=1 at_terminal "$answer" "${replay[@]}" --lang "$lang" >said || got=$?
		[ $got = "$status" ] || { cat said >&2; fail "'$answer': status $got"; }
		tr '\n' ' ' <said >flat
		[ -z "$words" ] || expect_in flat "$words"
	done <<-'TABLE'
		2\n|en|0|, and so it was.
		1\n|en|0|; what was seen is "host and container the same, the VM different".
		2\n|zh|0|，结果正是如此。
		3\n|zh|0|看到的却是“宿主机和容器相同，虚拟机不同”。
		nine\n0\n2\n|en|0|, and so it was.
		\n|en|0|PASS
		\x04|en|0|PASS
		\x03|en|130|
	TABLE
	! grep -q PASS said || fail "an answer after the interruption"
	NO_COLOR=1 at_terminal '\n' "${replay[@]}" >said
	! grep -q predicted said || fail "a prediction that nobody made"
	NO_COLOR=1 at_terminal '' "${replay[@]}" --no-pause >said
	! grep -q 'Your prediction' said || fail "asked in spite of --no-pause"
	# Coloured for a person; and with input from a file nobody is asked.
	TERM=xterm at_terminal '2\n' "${replay[@]}" | grep -q $'\033\[32mPASS'
	expect_status 0 "${replay[@]}"
	! grep -q 'Your prediction' stdout || fail "asked where nobody is"
	! grep -q $'\033' stdout || fail "colours in a file"
}

# Live: the machine boots while the question is being thought about.
test_a_person_watches_live() {
	need_machine
	NO_COLOR=1 at_terminal '1\n' "$BENCH" demo kernel --machine emulated >said || { cat said >&2; fail "status $?"; }
	expect_in said "You predicted \"all three are the same\""
	grep -qx PASS said || fail "no PASS"
	! grep -q RECORDED said || fail "what is live is labelled as recorded"
}

test_each_has_worksheets() {
	for name in $names; do
		for lang in en zh; do
			sheet=$source_dir/docs/classroom/$lang/$name.md
			[ -s "$sheet" ] || fail "no worksheet $lang/$name.md"
			grep -q "bench demo $name" "$sheet" || fail "$lang/$name.md does not say how to start it"
		done
	done
}

run_tests
