# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by scripts that make folders which SIGKILL would leave behind: base/owner.h in bash.

# owned_folder PLACE WHAT: makes a folder in PLACE, whose name tells for what and who its owner is, this script:
# by it a later run of bench knows what it may remove (runner/leftovers.c).
owned_folder() {
	local stat start pid_ns boot
	stat=$(<"/proc/$$/stat")
	# The 22nd field of proc_pid_stat(5); a program's name, the second, may hold anything.
	start=$(awk '{ print $20 }' <<<"${stat##*) }")
	pid_ns=$(stat -L -c %i "/proc/$$/ns/pid")
	boot=$(</proc/sys/kernel/random/boot_id)
	mktemp -d "$1/bench-$2-$$-$start-$pid_ns-${boot%%-*}-XXXXXX"
}
