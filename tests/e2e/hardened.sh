#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What scripts/hardening.mk asks of the compiler is in the programs that were built: looked for in their bytes, with
# readelf and objdump. docs/security.md says which program has what, and why some have not.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

case $BUILD in
*/san | */tsan) hardened=0 ;; # HARDEN=0: it would hide what is looked for there
*) hardened=1 ;;
esac
CC=${CC:-cc}
MUSL_CC=${MUSL_CC:-musl-gcc}

need_hardened() {
	[ $hardened = 1 ] || skip "programs with sanitizers are built without"
}

# From here on a property each: PROGRAM, found or failed.

is_pie() {
	readelf -hW "$1" | grep -q 'Type: *DYN' && readelf -dW "$1" | grep -q 'FLAGS_1.*PIE'
}
binds_now() {
	readelf -dW "$1" | grep -q 'FLAGS_1.*NOW'
}
# Read-only once it is relocated: with BIND_NOW that is all of the table of what is called.
has_relro() {
	readelf -lW "$1" | grep -q '^ *GNU_RELRO '
}
has_no_executable_stack() {
	readelf -lW "$1" | awk '$1 == "GNU_STACK" { found = 1; bad = / RWE / } END { exit !found || bad }'
}
has_no_writable_code() {
	readelf -lW "$1" | awk '$1 == "LOAD" { n++; bad += / RWE / } END { exit !n || bad }'
}
has_no_rpath() {
	! readelf -dW "$1" | grep -qE '\((RPATH|RUNPATH|TEXTREL)\)'
}
# In a function of ours that has an array, since the C library's own may have been built with it: err_set has, and main of
# the samples below.
has_canaries() {
	disassembled "$1" | awk '/^[0-9a-f]+ <(err_set|main)>:/ { inside = 1 } /^$/ { inside = 0 }
		inside && /call.*__stack_chk_fail/ { found = 1 } END { exit !found }'
}
has_checked_copies() {
	readelf --dyn-syms -W "$1" | grep -q '__[a-z]*_chk@GLIBC'
}
# A frame of more than a page is touched page by page on the way down.
has_stack_probes() {
	disassembled "$1" | grep -qE 'or[ql] +\$0x0,.*\(%rsp\)'
}
# Where an indirect call may land: main, which the C library calls by its address.
has_landing_pads() {
	disassembled "$1" | grep -A1 '<main>:$' | grep -q endbr64
}

# disassembled PROGRAM: its code, kept for the next question.
disassembled() {
	local kept
	kept=$PWD/$(basename "$1").dis
	[ -s "$kept" ] || objdump -d --no-show-raw-insn "$1" >"$kept"
	cat "$kept"
}

# The table: whoever reads what others wrote has everything. The workload and the demonstrations do not change by what a
# compiler adds, since they are what is measured; they have what costs them no instruction.
properties() {
	cat <<-'EOF'
		bench            is_pie binds_now has_relro has_canaries has_checked_copies has_stack_probes has_landing_pads
		bench            has_no_executable_stack has_no_writable_code has_no_rpath
		bench-vmm        is_pie binds_now has_relro has_canaries has_stack_probes has_landing_pads
		bench-vmm        has_no_executable_stack has_no_writable_code has_no_rpath
		workload         has_no_executable_stack has_no_writable_code has_no_rpath
		demo-probe       has_no_executable_stack has_no_writable_code has_no_rpath
		demo-libc-glibc  has_no_executable_stack has_no_writable_code has_no_rpath is_pie has_relro
		demo-libc-musl   has_no_executable_stack has_no_writable_code has_no_rpath
		demo-libc-bare   has_no_executable_stack has_no_writable_code has_no_rpath
		hello.elf        has_no_writable_code has_no_rpath
	EOF
}

test_programs_have_what_hardening_mk_asks_for() {
	need_hardened
	local lacking=''
	while read -r program wanted; do
		for property in $wanted; do
			"$property" "$BUILD/$program" || lacking+=" $program:$property"
		done
	done < <(properties)
	[ -z "$lacking" ] || fail "not so:$lacking"
}

# A program that is built and in no row would be one that nobody looked at.
test_every_program_is_in_the_table() {
	for program in "$BUILD"/*; do
		[ -f "$program" ] && [ -x "$program" ] || continue
		properties | grep -q "^$(basename "$program") " || fail "$(basename "$program") is in no row"
	done
}

# has_note PROGRAM: says which of IBT and SHSTK the loader may switch on for it. That takes every object in the program,
# the C library's among them.
has_note() {
	readelf -nW "$1" | grep -oE 'IBT|SHSTK' | sort -u
}

# What this compiler and C library can have in a program of one line, ours have; in Debian 12, for example, that is
# nothing, since the objects of its glibc that are linked in are not marked.
test_cet_is_marked_where_the_c_library_is() {
	need_hardened
	echo 'int main(void) { return 0; }' >one.c
	$CC -fcf-protection -fPIE -pie -o one one.c
	$MUSL_CC -fcf-protection -static -o one-musl one.c
	[ "$(has_note one)" = "$(has_note "$BUILD/bench")" ] || fail "bench: not all of $(has_note one)"
	[ "$(has_note one-musl)" = "$(has_note "$BUILD/bench-vmm")" ] || fail "bench-vmm: not all of $(has_note one-musl)"
}

# told_apart PROPERTY WITH WITHOUT: of the same lines, built with and without, one has the property and the other has not.
told_apart() {
	for flags in "$2" "$3"; do
		rm -f ./*.dis
		# shellcheck disable=SC2086
		$CC -O2 -o sample sample.c $flags 2>said || fail "$flags: $(cat said)"
		if [ "$flags" = "$2" ]; then
			"$1" sample || fail "$1 is not seen with $flags"
		else
			! "$1" sample || fail "$1 is seen with $flags"
		fi
	done
}

# Else the tests above would tell nothing: each property is seen where it is, and missed where it is not.
test_each_property_can_be_missed() {
	cat >sample.c <<-'EOF'
		#include <stdio.h>
		#include <string.h>
		int main(int argc, char **argv)
		{
			char text[9000];

			strcpy(text, argv[argc - 1]);
			return puts(text) < 0;
		}
	EOF
	printf '.section .both, "awx"\n.long 0\n.section .note.GNU-stack, ""\n' >both.s
	while IFS='|' read -r property with without; do
		told_apart "$property" "$with" "$without"
	done <<-'EOF'
		is_pie|-fPIE -pie|-fno-pie -no-pie
		is_pie|-fPIE -static-pie|-fPIC -shared
		binds_now|-Wl,-z,now|-Wl,-z,lazy
		has_relro|-Wl,-z,relro|-Wl,-z,norelro
		has_no_executable_stack|-Wl,-z,noexecstack|-Wl,-z,execstack
		has_no_writable_code||both.s
		has_no_rpath||-Wl,-rpath,/tmp
		has_canaries|-fstack-protector-strong|-fno-stack-protector
		has_checked_copies|-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2|-U_FORTIFY_SOURCE
		has_stack_probes|-fstack-clash-protection|-fno-stack-clash-protection
		has_landing_pads|-fcf-protection|-fcf-protection=none
	EOF
}

run_tests
