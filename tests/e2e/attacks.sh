#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Attacks on containers: root file systems that an enemy made, given to the real command, and the unit tests'
# attacks where this machine may lack what is attacked: with cgroup v2 and all rights, in the emulated machine.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

MACHINE_SECONDS=1800

# A tree in ./root with one program that works: what its first argument asks for, see tests/tools/attack.
make_tree() {
	make -s -C "$source_dir" BUILD="$BUILD" "$BUILD/tests/ctr_attack"
	mkdir -p root/bin root/proc root/sys root/dev root/tmp
	cp "$BUILD/tests/ctr_attack" root/bin/attack
	chmod 755 .
}

need_containers() {
	"$BENCH" doctor | grep '^yes  ctr' >/dev/null || skip "no containers here (bench doctor)"
}

run_in_tree() {
	"$BENCH" exec --runtime ctr --machine native --launches 1 --warmup 0 --out "out$((++runs))" "$@"
}

# refused TEXT ARGS...: by name, before anything is started.
refused() {
	local text=$1
	shift
	expect_status 2 run_in_tree "$@"
	expect_in stderr "$text"
}

# not_run ARGS...: refused at the latest when it is launched, and nothing of it has run.
not_run() {
	local status=0
	run_in_tree "$@" >stdout 2>stderr </dev/null || status=$?
	[ "$status" != 0 ] || fail "it ran: $*"
	[ ! -s "$(echo out$runs/output/*)" ] || fail "it said something: $*"
}

test_the_hosts_root_is_refused_by_any_name() {
	need_containers
	make_tree
	ln -s / link
	ln -s link link2
	refused "host's own root" --rootfs / -- /bin/sh
	refused "host's own root" --rootfs link2 -- /bin/sh
	refused "host's own root" --rootfs root/../link/. -- /bin/sh
	if [ "$(id -u)" = 0 ]; then
		mkdir mounted
		unshare -m sh -c 'mount --bind / mounted && exec "$@"' sh \
			"$BENCH" exec --runtime ctr --machine native --rootfs mounted --out never -- /bin/sh 2>stderr </dev/null && fail "it ran"
		expect_in stderr "host's own root"
	fi
}

test_mount_points_must_be_folders() {
	need_containers
	make_tree
	for point in proc sys dev tmp; do
		for target in / /$point ../../../$point $point tmp bin; do
			rmdir root/$point
			ln -s "$target" root/$point
			refused "no folder '/$point'" --rootfs root -- /bin/attack who
			rm root/$point
			mkdir root/$point
		done
		rmdir root/$point
		mkfifo root/$point
		refused "no folder '/$point'" --rootfs root -- /bin/attack who
		rm root/$point
		mkdir root/$point
	done
	expect_status 0 run_in_tree --rootfs root -- /bin/attack who
}

# /proc/self/exe is the program that makes the container, on the host (CVE-2019-5736).
test_no_program_leads_out() {
	need_containers
	make_tree
	mkdir -p root/proc/self/fd root/proc/1
	for name in exe fd/7; do cp root/bin/attack root/proc/self/$name; done
	ln -s /proc/self/exe root/bin/exe
	ln -s ../../../../../../../../../bin/sh root/bin/up
	ln -s "$(command -v sh)" root/bin/absolute
	printf '#!/proc/self/exe\n' >root/bin/script
	printf '#!/bin/exe\n' >root/bin/script2
	printf '#!/bin/script\n' >root/bin/script3
	printf '#!/proc/self/fd/7\n' >root/bin/script4
	printf '#!/proc/self/fd/../exe\n' >root/bin/script5
	printf '#!/bin/loop\n' >root/bin/loop
	printf '#!/bin/\033]0;owned\a\302\233\n' >root/bin/escape
	chmod 755 root/bin/*script* root/bin/loop root/bin/escape
	for name in /proc/self/exe exe script script2 script3 script4 script5; do
		[ ! -e out1 ] || fail "something was started"
		runs=0
		expect_status 2 run_in_tree --rootfs root -- "$name"
		expect_in stderr "is made anew"
	done
	for name in up absolute loop; do not_run --rootfs root -- /bin/$name; done
	# What is said of it is not an order to the terminal.
	not_run --rootfs root -- /bin/escape
	expect_in stderr "/bin/?]0;owned??"
	! tr -d "\n" <stderr | LC_ALL=C grep -q "[[:cntrl:]]" || fail "control characters: $(cat -v stderr)"
}

test_working_directories_stay_inside() {
	need_containers
	make_tree
	ln -s "$PWD" root/outside
	ln -s ../../../../../../../.. root/up
	for fd in 0 3 4 5 6 7 8 9 10 12; do
		ln -sfn /proc/self/fd/$fd root/work
		not_run --rootfs root --chdir /work -- /bin/attack who
	done
	not_run --rootfs root --chdir /outside -- /bin/attack who
	expect_status 0 run_in_tree --rootfs root --chdir /up -- /bin/attack who
	expect_in "$(echo out$runs/output/*)" "cwd=/"
	expect_status 0 run_in_tree --rootfs root --chdir /../../tmp/../.. -- /bin/attack who
}

test_odd_trees_do_no_harm() {
	need_containers
	make_tree
	(cd root/bin && for ((i = 0; i < 60; i++)); do
		mkdir "$(printf 'd%.0s' {1..120})" && cd "$(printf 'd%.0s' {1..120})" || exit 1
	done)
	mkdir "root/$(printf 'new\nline')" "root/$(printf '\033[2J')"
	touch "root/$(printf '%255s' '' | tr ' ' n)" root/bin/-rf
	mkfifo root/bin/pipe root/pipe
	cp root/bin/attack root/bin/suid
	chmod 6755 root/bin/suid
	expect_status 0 run_in_tree --rootfs root -- /bin/suid who
	for fact in uid=0 caps=0 secure=0; do expect_in "$(echo out$runs/output/*)" "$fact"; done
	expect_status 0 run_in_tree --rootfs root -- /bin/attack places
	for fact in proc=proc dev=tmpfs null=ok make_in_tree=E; do expect_in "$(echo out$runs/output/*)" "$fact"; done
}

# stderr of all launches goes to one file: none may cut it, write over it or fill the disk with it.
test_the_log_is_not_the_programs() {
	need_containers
	make_tree
	expect_status 0 run_in_tree --rootfs root -- /bin/attack deface
	for fact in cut=no back=no room=no; do expect_in "$(echo out$runs/output/*)" "$fact"; done
	[ "$(stat -c %s out$runs/log.txt)" -lt $((17 << 20)) ] || fail "log.txt has $(stat -c %s out$runs/log.txt) bytes"
	expect_in stderr "it printed 41943040 bytes on stderr, of which the first 16777216 are kept"
}

# What the unit test could not show to come through outside: its name, one a line.
not_shown() {
	sed -n 's/^    \(.*\): .* so not shown$/\1/p' "$1" | sort
}

test_all_attacks_in_the_machine() {
	local tests=(test_ctr_attacks test_ctr_bombs test_ctr_enemies) t copies=()
	need_machine
	make -s -C "$source_dir" BUILD="$BUILD" "${tests[@]/#/$BUILD/tests/}"
	for t in "${tests[@]}" ctr_attack ctr_payload; do copies+=(--copy "$BUILD/tests/$t"); done
	# shellcheck disable=SC2016
	MUST_RUN=1 expect_status 0 "$source_dir/scripts/emulated-machine" --kernel "$kernel" --again 2 --mem 2000 \
		--timeout $MACHINE_SECONDS "${copies[@]}" -- \
		sh -c 'for t in "$@"; do MUST_RUN=1 "$t" 2>&1 || exit; done' sh "${tests[@]/#/$BUILD/tests/}"
	cp stdout machine
	! grep -q "SKIP" machine || fail "$(grep SKIP machine)"
	[ "$(id -u)" = 0 ] || return 0
	# Each attack is real here or there, but for two: the kernel itself lets nobody write a program that runs, and
	# what tells of power is in neither.
	"$BUILD/tests/test_ctr_attacks" >here 2>&1 || fail "$(cat here)"
	comm -12 <(not_shown here) <(not_shown machine) >neither
	[ -z "$(grep -vx 'write_program\|read_power' neither)" ] || fail "shown nowhere: $(cat neither)"
}

run_tests
