#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Do the documents tell the truth? Links, names of files, functions and options, command lines, columns of the files,
# and the snippets that read them.
# shellcheck disable=SC2016,SC2317
. "$(dirname "$0")/lib.sh"

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# What is new in the examples of this page is true of a tree in which they are carried out: test_contributing.
EXAMPLES=docs/CONTRIBUTING.md

# Each page that a test is about, relative to the tree.
pages() {
	if [ -n "${PAGES:-}" ]; then
		echo "$PAGES"
	else
		(cd "$ROOT" && find README.md tests/README.md docs -name '*.md' | sort | grep -vxF "$EXAMPLES")
	fi
}

# prose PAGE, code PAGE: what is outside, and inside, of code blocks (fenced ones and those that are indented by four
# spaces or a tab after an empty line).
prose() { blocks "$1" 0; }
code() { blocks "$1" 1; }
blocks() {
	awk -v want="$2" '
	/^ *```/ { fenced = !fenced; next }
	{ indented = !fenced && /^(    |\t)/ && (indented || empty) }
	!fenced && /^[-*|0-9]/ { list = 1 }
	!fenced && /^[^-*|0-9 \t]/ { list = 0 }
	{ empty = /^$/; if ((fenced || (indented && !(list && !/^    +(build\/|bench |scripts\/|make )/))) == want) print }
	' "$ROOT/$1"
}

# ticks PAGE: what stands between backticks in its prose, a line each. A span may go on in the next line.
ticks() {
	prose "$1" | awk '
	{ text = text (NR > 1 ? " " : "") $0 }
	/^$/ || /^\|/ { out(); }
	END { out() }
	function out(  n, part, i) {
		n = split(text, part, "`")
		for (i = 2; i <= n; i += 2)
			print part[i]
		text = ""
	}'
}

# anchors PAGE: of its headings, as GitHub makes them.
anchors() {
	prose "$1" | sed -nE 's/^#+ +//p' | tr '[:upper:]' '[:lower:]' | LC_ALL=C.UTF-8 sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

# commands PAGE: the command lines of its code blocks, comments cut off, continued lines joined.
commands() {
	code "$1" | sed 's/ && /\n/g' | awk '
	{ sub(/[ \t]+# .*$/, ""); sub(/^[ \t]+/, "") }
	/\\$/ { sub(/\\$/, ""); held = held $0; next }
	{ print held $0; held = "" }'
}

# The faults of a test are collected in ./faults, so that one run names all of them.
fault() {
	echo "    $*" >>faults
}

# no_faults [FOUND LEAST]: and a test of all pages has found something to look at.
no_faults() {
	[ -n "${PAGES:-}" ] || [ "${1:-0}" -ge "${2:-0}" ] || fault "only ${1:-0} were found"
	[ ! -s faults ] || {
		cat faults >&2
		fail "$(wc -l <faults) faults"
	}
}

test_links() {
	local page target file anchor n=0
	while read -r page; do
		while read -r target; do
			case $target in
			http://* | https://* | mailto:*) continue ;;
			esac
			n=$((n + 1))
			file=${target%%#*} anchor=
			[ "$target" = "$file" ] || anchor=${target#*#}
			[ -n "$file" ] && file=$(realpath -m --relative-to="$ROOT" "$ROOT/$(dirname "$page")/$file") || file=$page
			if [ ! -e "$ROOT/$file" ]; then
				fault "$page: a link to $target, and there is no $file"
			elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -- "$anchor"; then
				fault "$page: a link to $target, and $file has no such heading"
			fi
		done < <(prose "$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//')
	done < <(pages)
	no_faults "$n" 50
}

# Names with a folder of ours, and names of files by themselves.
test_names_of_files() {
	local page word n=0
	(cd "$ROOT" && find . -path ./build -prune -o -path ./.git -prune -o -print | sed 's|^\./||') >paths
	while read -r page; do
		while read -r word; do
			case $word in
			*[!A-Za-z0-9_./*{},-]* | /* | .[a-z]*) continue ;;
			wrapper.c) continue ;; # stands on its page
			runner/* | vmm/* | ctr/* | workloads/* | results/* | scripts/* | base/* | tests/* | docs/*) ;;
			*.c | *.h | *.S | *.sh | *.def | *.mk | *.awk | *.patch | *.config) ;;
			*) continue ;;
			esac
			n=$((n + 1))
			found "$word" || fault "$page: \`$word\` is no file of the tree"
		done < <(ticks "$page" | tr ' ' '\n' | sed 's/[.,:;)]*$//; s/^(//')
	done < <(pages)
	no_faults "$n" 100
}

# found PATTERN: some file of ./paths is called so, or ends so; {a,b} and * mean what they do in a shell.
found() {
	local each
	# The caller lets nothing through that a shell would do more with than to expand it.
	for each in $(set -f && eval "echo $1"); do
		each=${each%/}
		grep -qE "(^|/)$(sed 's/\./\\./g; s/\*/[^\/]*/g' <<<"$each")$" paths || return 1
	done
}

# The other way round: pages that the code speaks of.
test_names_of_pages() {
	local file name n=0
	while IFS=: read -r file name; do
		n=$((n + 1))
		[ -e "$ROOT/$name" ] || fault "$file: there is no $name"
	done < <(cd "$ROOT" && grep -roE '\bdocs/[A-Za-z0-9_/-]+\.md\b' Makefile base ctr results runner scripts tests vmm workloads)
	no_faults "$n" 50
}

# Functions: "name()" is in the code, or one of the C library's or the kernel's that the text speaks of.
test_names_of_functions() {
	local page name n=0 others=' main abort dlopen '
	find "$ROOT"/{base,vmm,ctr,results,runner,workloads} -name '*.[ch]' -exec cat {} + >code
	cat "$ROOT"/tests/*/*.[ch] >>code
	while read -r page; do
		while read -r name; do
			n=$((n + 1))
			[[ $others == *" $name "* ]] || grep -qE "\b$name\(" code || fault "$page: there is no $name() in the code"
		done < <(ticks "$page" | grep -oE '\b[a-z_][a-z0-9_]+\(\)' | sed 's/()$//')
	done < <(pages)
	no_faults "$n" 10
}

# line_is_right PAGE LINE: a command line of ours has a verb, and options, that are there.
line_is_right() {
	local page=$1 line=$2 word verb
	line=${line#sudo } line=${line#build/}
	line=${line%% -- *}
	read -ra word <<<"${line//[][]/ }"
	verb=${word[1]:-}
	case $verb in
	'' | VERB | --help | --version | ... | *…*) return ;;
	esac
	[ -e "help.$verb" ] || "$BENCH" "$verb" --help >"help.$verb" 2>/dev/null || {
		fault "$page: 'bench $verb': no such verb"
		return
	}
	for word in "${word[@]:2}"; do
		word=${word%%=*}
		# Either it is in the help, or it is one of the few that are meant for bench's own use.
		[[ $word != --?* ]] || grep -qE -- "$word\b" "help.$verb" ||
			grep -qF "{ \"${word#--}\", NULL, NULL," "$ROOT/runner/run_options.c" ||
			fault "$page: '$line': 'bench $verb' knows no $word"
	done
}

test_command_lines() {
	local page line status n=0
	while read -r page; do
		while read -r line; do
			n=$((n + 1))
			line_is_right "$page" "$line"
		done < <({ commands "$page" && ticks "$page"; } | grep -E '^(sudo )?(build/)?bench( |$)')
	done < <(pages)
	no_faults "$n" 50
}

# Those that can be planned are: names of suites, runtimes, steps, values out of range.
test_plans() {
	local page line status n=0
	while read -r page; do
		while read -r line; do
			[[ $line != *[][]* && $line != *...* ]] || continue
			n=$((n + 1)) status=0
			line=${line#build/}
			(eval "set -- ${line#bench }" && exec "$BENCH" "$@" --dry-run --out planned) >stdout 2>stderr </dev/null ||
				status=$?
			# 3: what it asks for cannot run on this host.
			case $status in
			0 | 3) ;;
			*) fault "$page: '$line' ends with status $status: $(head -n 1 stderr)" ;;
			esac
		done < <(commands "$page" | grep -E '^(build/)?bench run( |$)')
	done < <(pages)
	no_faults "$n" 10
}

# Patches that a page tells to apply still can be.
test_patches() {
	local patch
	command -v git >/dev/null || skip "no git to apply patches with"
	while read -r patch; do
		(cd "$ROOT" && git apply --check "$patch") 2>said || fault "$patch: $(head -n 1 said)"
	done < <(cd "$ROOT" && find docs tests -name '*.patch')
	no_faults
}

# scripts/NAME and its options; the targets of make.
test_scripts_and_targets() {
	local page line word script n=0
	make -C "$ROOT" -pRrq : 2>/dev/null | sed -nE 's/^([a-z][a-z-]*):.*/\1/p' | sort -u >targets
	while read -r page; do
		while read -r line; do
			n=$((n + 1))
			read -ra word <<<"${line%% -- *}"
			case $line in
			make*)
				for word in "${word[@]:1}"; do
					[[ ! $word =~ ^[a-z][a-z-]*$ ]] || grep -qxF -- "$word" targets || fault "$page: 'make $word': no such target"
				done
				;;
			*)
				script=$ROOT/${word[0]}
				[ -x "$script" ] || fault "$page: ${word[0]} is not there"
				# What follows these is another program's.
				line=$(sed -E "s/ --(ssh|sbatch) ('[^']*'|[^ ]+)/ --\1/" <<<"${line%% -- *}")
				read -ra word <<<"$line"
				for word in "${word[@]:1}"; do
					[[ $word != --?* ]] || grep -qF -- "$word" "$script" "$ROOT"/scripts/machine/* ||
						fault "$page: '$line': ${script##*/} knows no $word"
				done
				;;
			esac
		done < <({ commands "$page" && ticks "$page"; } | grep -E '^((NO_INSTALL|SAN)=1 )?(scripts/[a-z-]+|make)( |$)' |
			sed -E 's/^[A-Z_]+=1 //')
	done < <(pages)
	no_faults "$n" 20
}

# columns HEADING: the names in the first column of the table that follows it in docs/results.md, a line each.
columns() {
	awk -v heading="$1" -F'|' '
	/^##/ { on = ($0 == "## " heading || $0 == "### " heading); rows = 0; next }
	on && /^\|/ && rows < 2 { rows++; next }
	on && /^\|/ { n = split($2, part, "`"); for (i = 2; i <= n; i += 2) print part[i]; next }
	on && rows { exit }' "$ROOT/docs/results.md"
}

# same_columns HEADING FILE: the table is that of FILE's first line.
same_columns() {
	columns "$1" >told
	head -n 1 "$2" | tr ',' '\n' >found
	[ -s told ] || fault "docs/results.md: no table under '$1'"
	cmp -s told found || fault "docs/results.md, '$1': $(diff told found | grep '^[<>]' | tr '\n' ' ')"
}

test_columns() {
	expect_status 0 "$BENCH" run --runtime null --launches 5 --seed 1 --out a --no-null
	expect_status 0 "$BENCH" run --runtime null --launches 5 --seed 2 --out b --no-null
	same_columns samples.csv a/samples.csv
	same_columns summary.csv a/summary.csv
	expect_status 0 "$BENCH" claims --format csv a
	cp stdout claims.csv
	same_columns 'The columns of `bench claims --format csv`' claims.csv
	expect_status 0 "$BENCH" compare --format csv a b
	cp stdout compare.csv
	same_columns 'The columns of `bench compare --format csv`' compare.csv
	no_faults
}

# Every benchmark is in the section of its suite.
test_benchmarks() {
	local suite name
	while read -r suite name _; do
		name=${name%%/*}
		awk -v suite="$suite" '
		/^## / { on = /^## Suites? / && index($0, "`" suite "`") }
		on && /^\|/' "$ROOT/docs/benchmarks.md" | grep -qE "^\| $name +\|" ||
			fault "docs/benchmarks.md: no row for $name in the suite $suite"
	done < <("$BENCH" list benchmarks)
	no_faults
}

# Every demonstration has its worksheets.
test_worksheets() {
	local name lang n=0
	while read -r name _; do
		for lang in en zh; do
			n=$((n + 1))
			[ -s "$ROOT/docs/classroom/$lang/$name.md" ] || fault "docs/classroom/$lang/$name.md is missing"
			grep -qF "($lang/$name.md)" "$ROOT/docs/classroom/README.md" || fault "docs/classroom/README.md: no link to $lang/$name.md"
		done
	done < <("$BENCH" demo)
	no_faults "$n" 2
}

# What docs/results.md says about reading the files from Python is run, on a run.
test_python_snippet() {
	command -v python3 >/dev/null || skip "no python3"
	expect_status 0 "$BENCH" run --runtime null --launches 3 --seed 1 --out run
	awk '/^```python$/ && !done { on = 1; next } /^```$/ && on { on = 0; done = 1 } on' "$ROOT/docs/results.md" >run/snippet.py
	grep -q 'import csv' run/snippet.py || fail "the first Python of docs/results.md is not the one by the csv module"
	cd run || return
	expect_status 0 python3 snippet.py
	# The same medians as ours, to the last digit.
	awk -F, '$4 == "null" && $2 == "getppid" && $6 == "latency" { print $11 }' summary.csv >median
	[ -s median ] || fail "no median in summary.csv"
	expect_in stdout "getppid"
	expect_in stdout "$(cut -c 1-6 median)"
}

# The drawing of the architecture: what does not follow it is seen.
test_drawing_of_the_folders() {
	local folder
	mkdir tree
	for folder in base ctr results runner vmm workloads docs tests scripts; do
		cp -r "$ROOT/$folder" tree/
	done
	expect_status 0 "$ROOT/scripts/check-includes" tree
	echo '#include "runner/plan.h"' >>tree/results/table.c
	expect_status 1 "$ROOT/scripts/check-includes" tree
	expect_in stderr 'no arrow results -> runner'
	cp "$ROOT/results/table.c" tree/results/
	echo '#include "base/err.h"' >>tree/workloads/main.c
	expect_status 1 "$ROOT/scripts/check-includes" tree
	expect_in stderr 'none of those headers'
	cp "$ROOT/workloads/main.c" tree/workloads/
	echo 'arrow ctr vmm 1,1 2,2' >>tree/docs/folders.txt
	expect_status 1 "$ROOT/scripts/check-includes" tree
	expect_in stderr 'the arrow ctr -> vmm has no include'
	expect_in stderr 'docs/img/folders.svg is not what docs/folders.txt says'
	expect_status 2 "$ROOT/scripts/check-includes" a b
}

# diffs: those of the page in their order, each example in one piece.
diffs() {
	cat "$ROOT"/docs/examples/*.patch
	awk '/^```diff$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/$EXAMPLES"
}

# recorded HOST CTR VM: what the example of a demonstration has seen.
recorded() {
	mkdir -p seen
	cat >seen/young.json <<-EOF
		{ "schema": 1, "demo": "young", "sides": {
		  "about": { "facts": { "time": "2026-01-01T00:00:00Z", "machine": "native", "release": "6.1" } },
		  "host": { "facts": { "uptime.ms": "$1" } },
		  "ctr": { "facts": { "uptime.ms": "$2" } },
		  "vm": { "facts": { "side.kernel": "distro", "uptime.ms": "$3" } } } }
	EOF
}

# carried_out BUILD: ./tree is a copy of the tree and its BUILD, in which the examples are applied and built.
carried_out() {
	mkdir -p "tree/$1"
	(cd "$ROOT" && tar -c --exclude=./.git --exclude=./out --exclude=./build .) | tar -x -C tree
	cp -a "$BUILD/." "tree/$1/"
	diffs >examples
	(cd tree && GIT_CEILING_DIRECTORIES=$PWD/.. git apply ../examples)
	made "$1" all
}

# made BUILD TARGET...: by make in ./tree.
made() {
	local san=0
	[[ $1 != *san ]] || san=1
	make -s -C tree -j"$(nproc)" SAN=$san BUILD="$1" "${@:2}" >made 2>&1 || {
		tail made >&2
		fail "make ${*:2}"
	}
}

# Each example does what its walk says.
examples_run() {
	expect_status 0 "$BENCH" run --machine native --runtime host --filter uname --quick --out a
	[ "$(rows a/samples.csv ok host)" -gt 0 ] || fail "no values of uname"
	expect_status 0 "$BENCH" run --machine native --runtime host --suite files --quick --out b
	[ "$(rows b/samples.csv ok host)" -gt 0 ] || fail "no values of rename"
	"$BENCH" doctor >found || true
	expect_in found ' unshare '
	if grep -q '^yes  unshare' found; then
		expect_status 0 "$BENCH" run --machine native --runtime unshare --suite startup --quick --out c
		[ "$(rows c/samples.csv ok unshare)" -gt 0 ] || fail "no values of unshare"
	fi
	recorded 5000 5100 900
	expect_status 0 "$BENCH" demo young --replay seen --lang en --no-pause
	expect_in stdout PASS
	recorded 5000 900 900
	expect_status 1 "$BENCH" demo young --replay seen --lang en --no-pause
	expect_in stdout "the container's kernel is younger"
}

# The examples of docs/CONTRIBUTING.md are carried out: applied, built, tested, run; and the page is held against the tree
# that comes of it.
test_contributing() {
	local build t
	command -v git >/dev/null || skip "no git to apply diffs with"
	build=$(realpath --relative-to="$ROOT" "$BUILD")
	[[ $build != ../* ]] || build=build
	carried_out "$build"
	for t in test_workloads_count test_workloads_table test_runner_peer; do
		made "$build" "$build/tests/$t"
		expect_status 0 "tree/$build/tests/$t"
	done
	ROOT=$PWD/tree
	BENCH=$ROOT/$build/bench
	examples_run
	PAGES=$EXAMPLES
	for t in links names_of_files names_of_functions command_lines plans scripts_and_targets; do
		test_$t
	done
}

run_tests
