#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench exec: programs of every kind on host and ctr here, and on all three in the emulated machine.
# shellcheck disable=SC2317,SC2016,SC2012
. "$(dirname "$0")/lib.sh"

need_ctr() {
	"$BENCH" doctor | grep -q '^yes  ctr' || skip "containers cannot be made here (bench doctor)"
}

need_root() {
	[ "$(id -u)" = 0 ] || skip "a root of its own for a plain process needs root"
}

# What is there must be the runtimes' own choice, not the options' of each test.
here() {
	echo exec --machine native --runtime host,ctr --launches 2 --warmup 1 --out o
}

# Everything that a run may leave in the places where it works.
leftovers() {
	find "${TMPDIR:-/tmp}" /dev/shm -maxdepth 1 -name 'bench-tree-*' -o -maxdepth 1 -name 'bench-host-*' 2>/dev/null | sort
	grep -c . /proc/self/mountinfo
}

# values FILE RUNTIME METRIC: how many launches have one.
values() {
	awk -F, -v r="$2" -v m="$3" '$6 == r && $13 == m && $17 == "ok" && $15 != ""' "$1" | wc -l
}

test_dynamic_and_static_programs() {
	need_ctr
	before=$(leftovers)
	busybox=$(command -v busybox) || skip "no busybox"
	for program in "/bin/ls /" "$busybox ls /"; do
		# shellcheck disable=SC2046,SC2086
		expect_status 0 "$BENCH" $(here) -- $program
		for r in host ctr; do
			for m in wall user system cpu; do
				[ "$(values o/samples.csv $r $m)" = 2 ] || fail "$program under $r: not 2 values of $m"
			done
			[ "$(ls o/output/*-$r.txt | wc -l)" = 3 ] || fail "not an output for each launch of $r"
		done
		grep -qx proc o/output/0001-ctr.txt || fail "no /proc in the container"
		! grep -qx home o/output/0001-ctr.txt || fail "the container sees the host's root"
		rm -r o
	done
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_arguments_environment_and_bytes_pass_unchanged() {
	need_ctr
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --check-output -- /bin/echo 'a  "b"' "it's" '' '$x \n' $'two\nlines' -- --help
	expect_in stderr "all launches printed the same"
	printf '%s\n' "$(printf 'a  "b" it%ss  $x \\n two\nlines -- --help' "'")" | cmp - o/output/0002-ctr.txt || fail "o/output/0002-ctr.txt is not as printed"
	rm -r o
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --check-output -- /usr/bin/printf 'no newline\r\n\0end'
	printf 'no newline\r\n\0end' | cmp - o/output/0002-host.txt || fail "o/output/0002-host.txt is not as printed"
	rm -r o
	# shellcheck disable=SC2046
	FROM_HERE=yes expect_status 0 "$BENCH" $(here) --check-output --env A=b=c --env FROM_HERE --env TERM= --chdir /etc \
		--with env --with sort --with cat -- \
		/bin/sh -c 'env | sort; pwd; cat; echo "$0"' name
	for line in A=b=c FROM_HERE=yes TERM= HOME=/ LANG=C /etc name; do
		grep -qx -- "$line" o/output/0001-ctr.txt || fail "no $line"
	done
	! grep -q USER o/output/0001-host.txt || fail "the host's environment came along"
}

test_a_program_in_tmp_with_its_files() {
	need_ctr
	mkdir data
	echo content >data/file
	ln -s file data/link
	printf '#!/bin/sh\ncat "$1/link" && touch /tmp/mine && echo made\n' >tool
	chmod 700 tool
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --check-output --copy data --with cat --with touch -- ./tool "$PWD/data"
	printf 'content\nmade\n' | cmp - o/output/0002-ctr.txt || fail "o/output/0002-ctr.txt is not as printed"
	rm -f /tmp/mine
}

test_bad_ends_are_rows_with_their_reason() {
	need_ctr
	# shellcheck disable=SC2046
	expect_status 1 "$BENCH" $(here) -- /bin/false
	[ "$(rows o/samples.csv failed ctr)" = 15 ] || fail "not a row a metric and launch"
	expect_in o/samples.csv "exit status 1"
	rm -r o
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --ignore-status 1 -- /bin/false
	[ "$(values o/samples.csv ctr wall)" = 2 ] || fail "no values"
	rm -r o
	# shellcheck disable=SC2046
	# On the host alone: in the container it is process 1, which takes no such signal from itself.
	expect_status 1 "$BENCH" exec --machine native --runtime host --launches 2 --out o -- \
		/bin/sh -c 'echo words >&2; kill -SEGV $$'
	expect_in o/samples.csv "killed by signal 11"
	expect_in o/log.txt words
	rm -r o
	# shellcheck disable=SC2046
	expect_status 1 "$BENCH" $(here) --timeout 1 --launches 1 --warmup 0 -- /bin/sleep 60
	[ "$(rows o/samples.csv timeout host)" = 5 ] || fail "no timeout"
}

test_large_output_is_cut_and_compared() {
	need_ctr
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --check-output --warmup 0 -- /bin/dd if=/dev/zero bs=1M count=20
	expect_in stderr "it printed 20971520 bytes on stdout, of which the first 16777216 are kept"
	[ "$(stat -c %s o/output/0001-ctr.txt)" = 16777216 ] || fail "not cut"
}

test_check_output_finds_a_difference() {
	need_ctr
	# shellcheck disable=SC2046
	expect_status 1 "$BENCH" $(here) --check-output -- /bin/cat /proc/sys/kernel/random/uuid
	expect_in stderr "the outputs differ: 0000-ctr.txt and 0000-host.txt from byte"
	[ "$(values o/samples.csv host wall)" = 2 ] || fail "the measurements are gone"
}

# What it leaves running ends with it, and does not hold it up.
test_what_is_left_running_ends() {
	need_ctr
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --timeout 20 --with sleep -- /bin/sh -c 'sleep 98765 & echo started'
	! pgrep -f 'sleep 98765' >/dev/null || fail "a process lives on"
}

make_root() {
	busybox=$(command -v busybox) || skip "no busybox"
	! ldd "$busybox" >/dev/null 2>&1 || skip "busybox is not static"
	mkdir -p root/{proc,sys,dev,tmp/own,bin,etc}
	cp "$busybox" root/bin/busybox
	ln -s busybox root/bin/sh
	ln -s /bin/busybox root/bin/cat
	echo "from the tree" >root/etc/os-release
	echo kept >root/tmp/own/file
}

test_a_whole_root_file_system() {
	need_ctr
	need_root
	make_root
	before=$(leftovers)
	state=$(find root -printf '%p %m %s %T@\n' | sort)
	# shellcheck disable=SC2046
	expect_status 0 "$BENCH" $(here) --check-output --rootfs root -- sh -c \
		'cat /etc/os-release /tmp/own/file; : >/tmp/new; (: >/new) 2>/dev/null || echo read-only; cat /proc/self/comm'
	printf 'from the tree\nkept\nread-only\ncat\n' | cmp - o/output/0001-host.txt || fail "o/output/0001-host.txt is not as printed"
	[ "$(find root -printf '%p %m %s %T@\n' | sort)" = "$state" ] || fail "the tree was changed"
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_wrong_usage_is_named_before_anything_is_made() {
	echo text >text && chmod +x text
	printf '\x7fELF\x01\x01\x01' >elf32 && chmod +x elf32
	printf '#!/no/such/sh\n' >lost && chmod +x lost
	: >empty && chmod +x empty
	mkdir folder && mkdir -p half/proc
	while IFS='|' read -r words args; do
		# shellcheck disable=SC2086
		expect_status 2 "$BENCH" exec --machine native --runtime host --out o $args
		expect_in stderr "$words"
		[ ! -e o ] || fail "a folder was made for: $args"
	done <<-'EOF'
		no program|
		no program 'no-such-program' in PATH|-- no-such-program
		No such file|-- ./no-such-program
		is not a file|-- ./folder
		cannot be executed|-- /etc/passwd
		neither an ELF program nor a script|-- ./text
		32-bit|-- ./elf32
		needs '/no/such/sh'|-- ./lost
		is empty|-- ./empty
		neither 'any' nor a number|--ignore-status 256 -- true
		'NOT_SET_HERE' is not set here|--env NOT_SET_HERE -- true
		has no name|--env =x -- true
		is not absolute|--chdir x -- true
		--copy: 'nosuch'|--copy nosuch -- true
		cannot be taken along|--copy /proc/cpuinfo -- true
		the root file system 'nosuch'|--rootfs nosuch -- true
		has no folder '/sys'|--rootfs half -- true
		cannot be the root|--rootfs / -- true
		unknown option|--suite startup -- true
	EOF
	expect_status 2 "$BENCH" run --suite exec
	expect_in stderr "bench exec -- PROGRAM"
}

# refused WORDS PROGRAM: by name, with what helps, and before anything of it has run or is left.
refused() {
	expect_status 2 "$BENCH" exec --machine native --runtime ctr --launches 1 --warmup 0 --out o -- "$2"
	expect_in stderr "$1"
	expect_in stderr "--rootfs DIR"
	[ ! -e o ] || fail "a folder was made for $2"
	[ ! -e left ] || fail "$2: its code was run on the host"
}

# A program names its loader and audit libraries itself: to ask what it needs must not run them. That each would leave
# its file is shown too.
test_what_a_program_names_is_not_run_on_the_host() {
	CC=${CC:-cc}
	command -v "$CC" >/dev/null || skip "no compiler"
	need_ctr
	cat >leave.c <<-EOF
		#include <fcntl.h>
		#include <unistd.h>
		static void leave(void) { close(open("$PWD/left", O_CREAT | O_WRONLY, 0600)); }
		unsigned la_version(unsigned v) { leave(); return v; }
		int main(void) { leave(); return 0; }
	EOF
	printf 'int main(void) { return 0; }\n' >plain.c
	$CC -static -o ld-evil.so leave.c && cp ld-evil.so evil
	$CC -shared -fPIC -o evil.so leave.c
	printf '#!/bin/sh\n: >%s/left\n' "$PWD" >ld-script.so
	chmod +x ld-script.so
	ln -s /lib64/ld-linux-x86-64.so.2 ld-link.so
	before=$(leftovers)

	for loader in /proc/self/cwd/evil "$PWD/ld-evil.so" "$PWD/ld-script.so" "$PWD/ld-link.so" "/usr/lib/../..$PWD/ld-evil.so"; do
		$CC -o tool plain.c -Wl,--dynamic-linker="$loader"
		refused "the loader '$loader'" ./tool
	done
	printf '#!%s/tool\n' "$PWD" >script
	chmod +x script
	refused "is not the system's" ./script
	$CC -o tool plain.c -Wl,--audit="$PWD/evil.so"
	refused "names an audit library (DT_AUDIT)" ./tool
	/lib64/ld-linux-x86-64.so.2 --list ./tool >/dev/null && [ -e left ] || fail "the audit library would not have been run anyway"
	rm left
	$CC -o tool plain.c -Wl,--depaudit="$PWD/evil.so"
	refused "names an audit library (DT_DEPAUDIT)" ./tool
	# What is for the program's own loader is not for the one that is asked here.
	expect_status 0 "$BENCH" exec --machine native --runtime ctr --launches 1 --warmup 0 --out o \
		--env LD_AUDIT="$PWD/evil.so" -- /bin/true
	[ ! -e left ] || fail "LD_AUDIT of the program's environment was the query's too"
	[ "$(leftovers)" = "$before" ] || fail "left behind: $(leftovers)"
}

test_what_cannot_run_it_is_skipped_by_name() {
	expect_status 0 "$BENCH" exec --runtime host,vm --kernel hello --launches 1 --warmup 0 --out o -- /bin/true
	[ "$(values o/samples.csv host wall)" = 1 ] || fail "host was not measured"
	[ "$(rows o/samples.csv skipped vm)" = 5 ] || fail "no named skip for the hello guest"
	expect_in o/samples.csv "is not Linux"
}

test_a_killed_run_is_cleaned_up_by_the_next() {
	export TMPDIR=$PWD/tmp
	mkdir tmp
	"$BENCH" exec --machine native --runtime host --launches 1000 --out o -- /bin/sleep 1 >stdout 2>stderr &
	pid=$!
	for _ in $(seq 100); do
		[ -e o/samples.csv ] && break
		sleep 0.1
	done
	kill -KILL $pid
	wait $pid || true
	ls -d tmp/bench-tree-$pid-* >/dev/null || fail "where did it work?"
	expect_status 0 "$BENCH" exec --machine native --runtime host --launches 1 --out p -- /bin/true
	[ -z "$(ls tmp)" ] || fail "left behind: $(ls tmp)"
}

test_an_interrupt_ends_it() {
	"$BENCH" exec --machine native --runtime host --launches 1000 --out o -- /bin/sleep 1 >stdout 2>stderr &
	pid=$!
	for _ in $(seq 100); do
		[ -e o/samples.csv ] && [ "$(wc -l <o/samples.csv)" -gt 5 ] && break
		sleep 0.1
	done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ $status = 130 ] || fail "status $status"
	! ls -d "${TMPDIR:-/tmp}"/bench-tree-$pid-* >/dev/null 2>&1 || fail "the tree is there still"
}

# With a script in /tmp, so that the tree's own /tmp is tried too.
test_runtimes_of_other_people() {
	peers=''
	for p in bwrap crun runc; do
		"$BENCH" run --machine native --runtime $p --suite startup --quick --launches 1 --out try-$p >/dev/null 2>&1 &&
			peers=$peers,$p
	done
	[ -n "$peers" ] || skip "none of bwrap, crun and runc runs here"
	printf '#!/bin/sh\necho "$1" && cat /proc/self/comm && echo x >/tmp/new && cat /tmp/new\n' >tool
	chmod +x tool
	expect_status 0 "$BENCH" exec --machine native --runtime host$peers --launches 2 --check-output --out o --with cat -- \
		./tool 'a  "b"'
	expect_in stderr "all launches printed the same"
	for p in ${peers//,/ }; do
		[ "$(values o/samples.csv "$p" wall)" = 2 ] || fail "no values from $p"
	done
	rm -f /tmp/new
}

# One machine for all: a script that tries everything, the same on three sides.
test_all_sides_in_the_emulated_machine() {
	need_machine
	printf '#!/bin/sh\necho content\nls /proc/self/fd | wc -l\nprintf "no newline\\r\\n\\0end"\n%s\nexit 3\n' \
		'for a; do echo "<$a>"; done; ls /; dd if=/dev/zero bs=64k count=20 2>/dev/null; echo words >&2' >tool
	chmod +x tool
	expect_status 0 "$BENCH" exec --machine emulated --start cold,restore --launches 1 --warmup 0 --check-output \
		--ignore-status 3 --out o \
		--with ls --with dd --with wc -- ./tool 'a  "b"' "it's" '' $'two\nlines'
	for r in host ctr vm vm:restore; do
		[ "$(values o/samples.csv $r wall)" = 1 ] || fail "no value from $r"
	done
	[ "$(values o/samples.csv vm peak-memory)" = 1 ] || fail "no peak memory from the guest"
	expect_in stderr "all launches printed the same"
	expect_in o/log.txt words
	expect_in stdout emulated
	grep -qa '<a  "b">' o/output/*vm*.txt || fail "the arguments did not pass"
}

run_tests
