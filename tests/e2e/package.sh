#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian package: it builds, lintian accepts it, it installs into a root that has nothing else in it, runs there
# and leaves nothing. The unit tests are not run once more: "make test" has done that.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

debian=$source_dir/scripts/debian
# The package is built once for all tests; the root without it is kept for the next time.
shared=$(mktemp -d)
trap 'rm -rf "$shared"' EXIT
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bench/tests

need_package() {
	for program in dpkg-buildpackage dh lintian; do
		command -v $program >/dev/null || skip "no $program"
	done
	if [ ! -e "$shared/log" ]; then
		DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" "$source_dir/scripts/build-deb" "$shared" >"$shared/log" 2>&1 || true
	fi
	deb=$(echo "$shared"/bench_*_amd64.deb)
	[ -s "$deb" ] || fail "no package: $(tail -n 20 "$shared/log")"
}

# The packages of a set of scripts/install-deps, and those of a field of control, a line each.
set_of() {
	sed -nE "s/^\t($1) +([a-z0-9.+-]+) .*/\2/p" "$source_dir/scripts/install-deps" | sort -u
}
field() {
	awk -v fields=" $* " '/^[A-Z]/ { inside = index(fields, " " $1 " ") } inside && /^ [a-z]/ { print $1 }' "$debian/control" |
		tr -d ,
}

test_version_and_day_are_the_same_everywhere() {
	version=$("$BENCH" --version | cut -d' ' -f2)
	day=$("$BENCH" man | awk '$1 == ".TH" { print $4 }')
	expect_in "$debian/changelog" "bench ($version) "
	stamp=$(sed -n '/^ -- /{s/.*>  //p;q}' "$debian/changelog")
	[ "$(date -u -d "$stamp" +%F)" = "$day" ] || fail "the changelog is of '$stamp', the man page of $day"
}

# What "make deps-..." installs is what the package asks for, less what every Debian has.
test_control_names_what_install_deps_names() {
	while IFS='|' read -r set fields without; do
		for package in $(set_of "$set"); do
			[[ " $without " != *" $package "* ]] || continue
			# shellcheck disable=SC2086
			field $fields | grep -qx -- "$package" || fail "$package, of $set, is not in $fields"
		done
	done <<-'TABLE'
		build|Build-Depends:|gcc make binutils libc6-dev linux-libc-dev
		run|Depends: Recommends:|bash libc-bin util-linux
		peers|Recommends: Suggests:|
		kernel|Recommends: Suggests:|binutils libc6-dev
		userland|Recommends: Suggests:|libc6-dev
	TABLE
}

test_package_is_what_lintian_accepts() {
	need_package
	lintian --fail-on error,warning "$shared"/bench_*.changes >said 2>&1 || fail "$(cat said)"
}

# The programs are the same bytes as those that were tested, where the compiler's flags do not matter.
test_package_holds_the_programs() {
	need_package
	dpkg-deb -x "$deb" root
	cmp root/usr/libexec/bench/workload "$BUILD/workload"
	cmp root/usr/libexec/bench/hello.elf "$BUILD/hello.elf"
	for page in man bash zsh; do
		case $page in
		man) "$BENCH" man | cmp - <(gzip -dc root/usr/share/man/man1/bench.1.gz) ;;
		bash) "$BENCH" completion bash | cmp - root/usr/share/bash-completion/completions/bench ;;
		zsh) "$BENCH" completion zsh | cmp - root/usr/share/zsh/vendor-completions/_bench ;;
		esac
	done
	! grep -raF -e "$shared" -e "$source_dir" root || fail "the build's folder is in there"
}

# make_root DIR: what every Debian has, and what the package says that it depends on. Made by the host's own sources.
make_root() {
	local depends names key tar sources=() file
	depends=$(dpkg-deb -f "$deb" Depends)
	names=$(sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g' <<<"$depends")
	# shellcheck disable=SC2046,SC2086 # words
	key=$({ echo "$depends" && dpkg-query -W ${names//,/ }; } | sha256sum | cut -c1-16)
	tar=$cache/root-$key.tar
	if [ ! -e "$tar" ]; then
		for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
			[ ! -s "$file" ] || sources+=("$file")
		done
		mkdir -p "$cache"
		rm -f "$cache"/root-*.tar
		# shellcheck disable=SC1091
		mmdebstrap --quiet --mode=root --variant=essential --include="$names" "$(. /etc/os-release && echo "$VERSION_CODENAME")" \
			"$PWD/root.tar" "${sources[@]}" >said 2>&1 || skip "no clean root can be made: $(tail -n 1 said)"
		mv root.tar "$tar"
	fi
	mkdir "$1"
	tar -C "$1" -xf "$tar"
}

# inside COMMAND...: in ./root, with /proc and /dev as they are here, in mount namespaces of its own.
inside() {
	unshare --mount sh -c 'mount --rbind /proc root/proc && mount --rbind /dev root/dev && exec chroot root "$@"' sh \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
}

test_package_installs_into_a_clean_root_and_runs_there() {
	need_package
	[ "$(id -u)" = 0 ] || skip "only root can make a root file system"
	command -v mmdebstrap >/dev/null || skip "no mmdebstrap"
	make_root root
	unshare --mount true 2>/dev/null || skip "no mount namespaces here"
	find root -xdev ! -path root/proc\* ! -path root/dev\* ! -type d -printf '%P\n' | sort >before
	cp "$deb" root/tmp/bench.deb
	expect_status 0 inside dpkg -i /tmp/bench.deb
	rm root/tmp/bench.deb
	expect_status 0 inside bench --version
	expect_status 0 inside bench doctor
	expect_in stdout 'yes  host'
	grep -A1 '^no   plots' stdout | grep -q 'try:.*gnuplot' || fail "no remedy for the gnuplot that is only recommended"
	expect_status 0 inside bench kernel list
	grep -q '^hello  *here ' stdout || fail "the hello kernel is not found"
	expect_status 0 inside bench run --machine native --runtime host --quick --launches 1 --filter getppid --out /tmp/run
	[ "$(rows root/tmp/run/samples.csv ok host)" -ge 1 ] || fail "no row of host"
	rm -r root/tmp/run
	expect_status 0 inside dpkg --purge bench
	find root -xdev ! -path root/proc\* ! -path root/dev\* ! -type d -printf '%P\n' | sort | diff before - |
		grep -v var/ | grep '^[<>]' && fail "files are left"
	[ ! -e root/usr/libexec/bench ] || fail "a folder is left"
}

test_build_deb_refuses_bad_words() {
	expect_status 2 "$source_dir/scripts/build-deb"
	expect_in stderr usage
	expect_status 2 "$source_dir/scripts/build-deb" --no-sign
	expect_in stderr usage
}

run_tests
