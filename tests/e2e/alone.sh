# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by kills.sh and soak.sh, after lib.sh: tests that look at all that a machine has, and so need one of their own.

tools=$source_dir/tests/tools

need_alone() {
	[ "$(id -u)" = 0 ] || skip "needs root for namespaces of its own"
	"$BENCH" doctor | grep '^yes  ctr' >/dev/null || skip "containers cannot be made here (bench doctor)"
}

# alone_inside COMMAND [ARGS]: in the emulated machine, which has KVM and cgroup v2. Files in the folder $share come back,
# and are there again where it breaks and is started anew. It has $cpus CPUs, or two,
# and the file $image besides.
alone_inside() {
	local file copies=()
	for file in bench bench-vmm workload hello.elf; do copies+=(--copy "$BUILD/$file"); done
	for file in "$(command -v bash)" "$(command -v env)" "$(command -v unshare)" "$tools" "$source_dir/scripts"; do
		copies+=(--copy "$file")
	done
	[ -z "${image:-}" ] || copies+=(--copy "$image")
	[ -z "${share:-}" ] || copies+=(--share "$share")
	"$source_dir/scripts/emulated-machine" --kernel "$kernel" --cpus "${cpus:-2}" --mem 2500 --timeout 36000 --again 9 \
		--hold "$BUILD/bench-vmm" "${copies[@]}" -- \
		env BENCH_LIBEXEC="$BUILD" BENCH_SCRIPTS="$source_dir/scripts" "$tools/alone" "$@"
}

# keep_figures: what ./stdout says, for docs/reliability.md, where FIGURES names a file.
keep_figures() {
	[ -z "${FIGURES:-}" ] || cat stdout >>"$FIGURES"
}
