#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make install and make uninstall; bench run from an installed tree; the man page and the completions hold what
# --help and bench list hold, all of it and nothing else.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"


# make_install TARGET [ARGS]: for the build that is tested, into ./root, below /usr.
make_install() {
	local build san=''
	build=$(realpath --relative-to="$source_dir" "$BUILD")
	[[ $build != */san ]] || san=SAN=1
	# shellcheck disable=SC2086 # none or one word
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u CFLAGS make -s -C "$source_dir" BUILD="$build" $san \
		DESTDIR="$PWD/root" PREFIX=/usr "$@" >make.log
}

# verbs_of_help, options_of_help VERB: a line each, sorted.
verbs_of_help() {
	"$BENCH" --help | sed -n '/^  [a-z]* *[a-z]/{/^  bench /d;s/^  \([a-z]*\) .*/\1/p}' | sort
}
options_of_help() {
	"$BENCH" "$1" --help | sed -n '/^options:$/,$s/^  \(--[a-z-]*\) .*/\1/p' | sort
}

# same WHAT FILE FILE: two sorted lists.
same() {
	[ -s "$2" ] || fail "$1: nothing there"
	diff -u "$2" "$3" >&2 || fail "$1: the lists differ"
}

test_install_and_uninstall() {
	make_install install
	mkdir -p root/usr/share/man/man1
	touch root/usr/share/man/man1/other.1
	(cd root/usr && find . -type f -printf '%m %P\n' | sort) >files
	while read -r line; do
		grep -qxF "$line" files || fail "not installed: $line"
	done <<-'TABLE'
		644 libexec/bench/scripts/kernel/minimal.config
		644 libexec/bench/scripts/machine/boot.sh
		644 libexec/bench/scripts/machine/stage.sh
		644 share/bash-completion/completions/bench
		644 share/man/man1/bench.1
		644 share/zsh/site-functions/_bench
		755 bin/bench
		755 libexec/bench/bench-vmm
		755 libexec/bench/hello.elf
		755 libexec/bench/scripts/emulated-machine
		755 libexec/bench/scripts/fleet-slurm
		755 libexec/bench/scripts/fleet-ssh
		755 libexec/bench/scripts/install-deps
		755 libexec/bench/scripts/kernel-build
		755 libexec/bench/scripts/kernel-fetch
		755 libexec/bench/scripts/machine/init
		755 libexec/bench/workload
	TABLE
	# Nothing that only makes sense in the source tree, and nothing in places of others.
	grep -E 'bench-check|build-deb|debian|\.mk$|\.o$' files && fail "this is for the source tree alone"
	grep -vE ' (bin/bench|libexec/bench/.*|share/doc/bench/.*|share/(bash-completion/completions|zsh/site-functions|man/man1)/[^/]*)$' files &&
		fail "this has no business there"
	for file in LICENSE README.md docs/method.md docs/img/overview.png; do
		[ -f "root/usr/share/doc/bench/$file" ] || fail "no $file among the documents"
	done
	make_install uninstall
	[ "$(find root -type f)" = root/usr/share/man/man1/other.1 ] || fail "left: $(find root -type f)"
	[ ! -e root/usr/libexec/bench ] && [ ! -e root/usr/share/doc/bench ] || fail "folders of our own are left"
}

test_places_of_the_makefile_can_be_chosen() {
	make_install install PREFIX=/opt/bench ZSHCOMPDIR=/zsh BASHCOMPDIR=/bash
	for file in opt/bench/bin/bench opt/bench/libexec/bench/workload opt/bench/share/man/man1/bench.1 zsh/_bench bash/bench; do
		[ -f "root/$file" ] || fail "no $file"
	done
	[ ! -e root/usr ] || fail "something is below /usr all the same"
}

test_runs_wherever_the_installed_tree_lies() {
	make_install install
	mkdir 'a copy'
	mv root/usr 'a copy/usr'
	ln -s 'a copy/usr/bin/bench' link # as of /usr/local/bin
	for bench in 'a copy/usr/bin/bench' ./link; do
		expect_status 0 "$bench" kernel list
		grep -q '^hello  *here ' stdout || fail "the hello kernel is not found"
		expect_status 0 "$bench" doctor
		expect_in stdout 'yes  host'
		# Where it cannot be started it says the same as from the build.
		grep -A1 ' emulated ' stdout >said
		"$BENCH" doctor | grep -A1 ' emulated ' | diff - said >&2 || fail "the emulated machine is not as in the build"
	done
	runtimes=host
	! grep -q '^yes  ctr ' stdout || runtimes=host,ctr
	expect_status 0 ./link run --quick --runtime $runtimes --launches 2 --filter getppid --out run
	[ -s run/summary.csv ] && [ -s run/report.html ] || fail "no results"
	[ "$(rows run/samples.csv ok host)" -ge 2 ] || fail "too few rows of host"
	[ $runtimes = host ] || [ "$(rows run/samples.csv ok ctr)" -ge 2 ] || fail "too few rows of ctr"
}

test_a_missing_part_is_named() {
	make_install install
	mv root/usr/libexec/bench/workload .
	expect_status 1 root/usr/bin/bench run --runtime host --quick --out o
	expect_in stderr workload
	expect_in stderr BENCH_LIBEXEC
	mv workload root/usr/libexec/bench/
	rm -r root/usr/libexec/bench/scripts
	expect_status 1 root/usr/bin/bench kernel list
	expect_in stderr BENCH_SCRIPTS
}

test_emulated_from_an_installed_tree() {
	need_machine
	make_install install PREFIX=/opt/bench
	expect_status 0 root/opt/bench/bin/bench run --machine emulated --quick --runtime host --launches 1 \
		--filter getppid --out run
	[ "$(rows run/samples.csv ok host)" -ge 1 ] || fail "no row of host"
	expect_in run/manifest.json emulated
}

test_programs_do_not_know_where_they_were_built() {
	make_install install
	! grep -raF "$source_dir" root || fail "the build's folder is in there"
}

test_man_page_is_sound() {
	command -v mandoc >/dev/null || skip "no mandoc"
	command -v man >/dev/null || skip "no man"
	"$BENCH" man >bench.1
	mandoc -Tlint bench.1 >said || true
	[ ! -s said ] || fail "mandoc: $(cat said)"
	LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l bench.1 >bench.txt 2>said </dev/null
	[ ! -s said ] || fail "man: $(cat said)"
	for section in NAME SYNOPSIS DESCRIPTION VERBS 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES 'SEE ALSO'; do
		grep -qx "$section" bench.txt || fail "no section $section"
	done
}

# options_of_man VERB: in the section of the verb, what is described and what is listed.
options_of_man() {
	sed 's/\\-/-/g; s/\\f[BIR]//g' bench.1 | awk -v verb="$1" '
		/^\.S[HS] / { inside = $0 == ".SS " verb; next }
		inside && previous == ".TP" { print $1 }
		inside && /^--[a-z-]+[,.]$/ { sub(/[,.]$/, ""); print }
		{ previous = $0 }' | sort
}

test_man_page_equals_the_tables() {
	"$BENCH" man >bench.1
	verbs_of_help >help
	sed -n '/^\.SH VERBS$/,/^\.SH VALUES$/s/^\.SS //p' bench.1 | sort >man.verbs
	same "verbs of the man page" help man.verbs
	while read -r verb; do
		options_of_help "$verb" | grep -vx -- --help >help.options || true
		options_of_man "$verb" >man.options
		diff -u help.options man.options >&2 || fail "$verb: the options differ"
	done <help
	# What is run by default and on what is in lists of its own.
	for list in suites:SUITES runtimes:'WAYS OF RUNNING'; do
		"$BENCH" list "${list%%:*}" | awk '{ print $1 }' | sort >listed
		awk -v h=".SH ${list#*:}" '/^\.SH/ { inside = $0 == h } inside && p == ".TP" { print } { p = $0 }' bench.1 |
			sed 's/\\-/-/g; s/\\f[BIR]//g' | sort >man.list
		same "${list#*:}" listed man.list
	done
}

test_man_page_knows_every_variable_of_the_environment() {
	"$BENCH" man | awk '/^\.SH/ { inside = /ENVIRONMENT/ } inside' | sed 's/\\fB\(.*\)\\fR/\1/' >section
	grep -rhoE 'getenv\("[A-Z_]+"\)' "$source_dir"/{base,ctr,vmm,results,runner} --include='*.c' |
		sed 's/.*"\(.*\)".*/\1/' | sort -u | grep -vx BENCH_NULL >names # the test runtime's
	[ -s names ] || fail "none found"
	while read -r name; do
		grep -qx "$name" section || fail "$name is not in the section ENVIRONMENT"
	done <names
}

# bash_complete WORD...: what bash offers for the last word, a line each, sorted.
bash_complete() {
	bash --norc -c '
		. "$1" && shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_bench
		[ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$PWD/bench.bash" "$@" | sort
}

test_bash_completes_what_the_tables_hold() {
	"$BENCH" completion bash >bench.bash
	verbs_of_help >help
	bash_complete bench '' | grep -v '^--' >offered
	same verbs help offered
	while read -r verb; do
		options_of_help "$verb" >help.options
		bash_complete bench "$verb" -- | grep -vx -- -- >offered # exec's own
		same "options of $verb" help.options offered
	done <help
	for list in suites:--suite runtimes:--runtime; do
		"$BENCH" list "${list%%:*}" | awk '{ print $1 }' | sort >listed
		bash_complete bench run "${list#*:}" '' >offered
		same "${list#*:}" listed offered
	done
	"$BENCH" list benchmarks | awk '{ sub("/.*", "", $2); print $2 }' | sort -u >listed
	bash_complete bench run --filter '' >offered
	same --filter listed offered
	"$BENCH" list kernels | awk '{ print $1 }' | sort >listed
	bash_complete bench exec --kernel '' >offered
	same --kernel listed offered
}

# Line, and what is offered at its end. In bash "=" is a word of its own.
completions() {
	cat <<-'TABLE'
		bench do|doctor
		bench run --su|--suite --sustain
		bench run --suite syscalls,st|startup
		bench run --suite=cpu,pa|paging
		bench run --suite cpu --machine e|emulated
		bench run --format |csv json table
		bench run --ctr-cgroup o|off on
		bench run --launches |
		bench kernel |build fetch list rm
		bench kernel list |
		bench kernel --source folder build he|hello
		bench list r|runtimes
		bench plot f|folder
		bench compare folder f|folder
		bench compare folder folder f|
		bench merge folder folder f|folder
		bench exec --copy fi|file
		bench exec --with sha256s|sha256sum
		bench exec -- sha256s|sha256sum
		bench exec -- cat fi|file
		bench run --raw|
		bench man |
		bench nosuch |
	TABLE
}

test_bash_completes_by_place() {
	"$BENCH" completion bash >bench.bash
	export XDG_CACHE_HOME=$PWD/cache
	mkdir folder
	touch file
	while IFS='|' read -r line want; do
		words=()
		for word in $line; do
			[[ $word != *=* ]] || words+=("${word%%=*}" "=")
			words+=("${word#*=}")
		done
		[[ $line != *' ' ]] || words+=('')
		# Of a list bash replaces the whole word. A verb without operands offers its options then.
		got=$(bash_complete "${words[@]}" | sed 's/.*,//' | sort -u | tr '\n' ' ')
		[[ $line != *' ' ]] || got=$(sed 's/--[a-z-]* *//g' <<<"$got")
		[ "${got% }" = "$want" ] || fail "'$line': '$got' instead of '$want'"
	done < <(completions)
}

test_zsh_completes_by_place() {
	command -v zsh >/dev/null || skip "no zsh"
	mkdir .functions folder
	touch file
	"$BENCH" completion zsh >.functions/_bench
	export XDG_CACHE_HOME=$PWD/cache
	mapfile -t lines < <(completions | sed 's/|.*//')
	"$source_dir/tests/tools/zsh-complete" .functions "${lines[@]}" >offered
	i=0
	while IFS='|' read -r line want; do
		i=$((i + 1))
		got=$(sed -n "${i}s/.* => //p" offered | tr ' ' '\n' | sed '/^$/d' | sort -u | tr '\n' ' ')
		[[ $line != *' ' ]] || got=$(sed 's/--[a-z-]* *//g' <<<"$got")
		[ "${got% }" = "$want" ] || fail "'$line': '$got' instead of '$want'"
	done < <(completions)
}

test_zsh_completes_what_the_tables_hold() {
	command -v zsh >/dev/null || skip "no zsh"
	mkdir functions
	"$BENCH" completion zsh >functions/_bench
	verbs_of_help >help
	mapfile -t lines < <(sed 's/.*/bench & --/' help)
	"$source_dir/tests/tools/zsh-complete" functions 'bench ' "${lines[@]}" >offered
	sed -n '1s/.* => //p' offered | tr ' ' '\n' | sort -u >verbs
	same verbs help verbs
	i=1
	while read -r verb; do
		i=$((i + 1))
		options_of_help "$verb" >help.options
		sed -n "${i}s/.* => //p" offered | tr ' ' '\n' | sort -u >options
		same "options of $verb" help.options options
	done <help
}

test_completion_and_man_refuse_bad_words() {
	while IFS='|' read -r args words; do
		# shellcheck disable=SC2086
		expect_status 2 "$BENCH" $args
		expect_in stderr "$words"
	done <<-'TABLE'
		completion|name one of: bash, zsh
		completion fish|unknown shell 'fish'
		completion zhs|did you mean 'zsh'
		completion bash zsh|name one of: bash, zsh
		completion --raw|unknown option 'raw'
		man bench|takes no operand
		man --html|unknown option 'html'
		mna|unknown verb 'mna'
	TABLE
	grep -qw man stderr && fail "a hidden verb is offered"
	true
}

run_tests
