# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by scripts/emulated-machine: starts QEMU and follows the machine to its end.

grace=10       # seconds between asking a command to end and ending the machine
boot_limit=90 # seconds; two to seven are usual
# Seconds; it says that it is alive every five of its own, which are some thirty where instructions are
# counted, and a few times that on a busy host.
silence_limit=${SILENCE_LIMIT:-$([ -z "${icount:-}" ] && echo 60 || echo 300)}

# port NUMBER NAME CHARDEV: arguments of QEMU for one virtio-serial port. Port 0 is reserved for a console.
ports() {
	local name number=0
	for name in out err files control signals; do
		number=$((number + 1))
		echo -device "virtserialport,nr=$number,name=$name,chardev=$name"
	done
}

# Is this an ELF kernel with the Xen note by which QEMU finds its PVH entry? The kernel then need not unpack
# itself in the emulator, which takes more than a second.
has_pvh_entry() {
	[ -n "$vmlinux" ] && LC_ALL=C grep -qaP '\x04\0\0\0[\x04\x08]\0\0\0\x12\0\0\0Xen\0' "$vmlinux"
}

# relay FILE: its content as it grows, until QEMU is gone. QEMU writes to files and not to pipes or our own
# descriptors, since these it makes non-blocking, and forgets what a slow reader has not taken at its end.
relay() {
	tail -c +1 -f -s 0.1 --pid="$qemu_pid" "$work/$1" 2>/dev/null
}

# Archives follow each other in one stream: zeros lie between them, and tar must not wait for a full block.
unpack() {
	if [ -n "$share" ]; then
		tar -x -i -b1 --no-same-owner -C "$share" 2>"$work/tar.log"
	else
		cat >/dev/null
	fi
}

start_qemu() {
	local image=$kernel/vmlinuz accel=(-accel "tcg,thread=multi")
	! has_pvh_entry || image=$vmlinux
	[ -z "$icount" ] || accel=(-accel tcg,thread=single -icount "shift=0,sleep=off")
	# Killed with this shell, and out of the terminal's reach: it is the command that Ctrl-C is for. The signal
	# comes only from a death after it was asked for: who has another parent by then does not start.
	# shellcheck disable=SC2016,SC2046 # sh expands; the words of ports are words
	setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$0" ] && exec setsid "$@"' $$ "$qemu" -M q35 -cpu EPYC,+svm,+npt,-xsaves "${accel[@]}" \
		-smp "$cpus" -m "$mem" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$image" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet reboot=t panic=-1 tsc=reliable no_timer_check random.trust_cpu=on maxcpus=1" \
		-serial "file:$work/console" -device virtio-serial-pci \
		-chardev "file,id=out,path=$work/out" -chardev "file,id=err,path=$work/err" \
		-chardev "file,id=files,path=$work/files" \
		-add-fd fd=4,set=1 -chardev file,id=control,path=/dev/fdset/1,append=on \
		-chardev "pipe,id=signals,path=$work/signals" $(ports) \
		</dev/null >"$work/qemu.log" 2>&1 3>&- 5>&- &
	qemu_pid=$!
}

# The kernel takes up to 160 MiB; the archive and its content are in memory together, and half of it at most
# may be files.
check_memory() {
	local size needed
	size=$(($(stat -c %s "$work/initramfs") >> 20))
	needed=$((160 + 3 * size))
	[ "$mem" -ge "$needed" ] || die "--mem $mem is too little: $size MiB of files need $needed"
}

# Descriptors: 3 what the machine tells, 4 the same for QEMU to write, 5 signals for the command.
boot() {
	check_memory
	note "booting Linux $release"
	mkfifo "$work/control" "$work/signals"
	: >"$work/out" >"$work/err" >"$work/files"
	exec 6<>"$work/control" 3<"$work/control" 4>"$work/control" 6>&- 5<>"$work/signals"
	start_qemu
	exec 4>&- # QEMU alone holds it: its end is an end of file on 3
	(
		exec 3<&- 5>&-
		trap '' INT TERM HUP # they live as long as the machine
		relay out &
		relay err >&2 &
		relay files | unpack &
		wait %1 && wait %2 && wait %3
	) &
	relays_pid=$!
}

# ask SIGNAL STATUS: passes the signal on; the machine ends with STATUS if the command does not, if it was asked
# before, or if it does not run yet.
ask() {
	[ -z "$asked" ] || exit "$asked"
	[ -n "$running" ] || exit "$2"
	note "passing SIG$1 on"
	asked=$2
	echo "$1" >&5
	deadline=$((SECONDS + grace))
}

broken() {
	end_qemu KILL || true # it may not listen any more
	{
		echo "emulated-machine: $1"
		sed "/doesn't support requested feature/d; s/^/    /" "$work/qemu.log" || true
		# Without the registers and the call trace of a panic: what it said is above them.
		[ ! -e "$work/console" ] || # QEMU may have ended before it made that
			tr -d '\r' <"$work/console" | sed -E '/\] ( |[RC][0-9A-Z]+:|Code:)/d; s/^/    /' | tail -n 12
	} >&2
	[ "$again" -gt 0 ] || exit 125
	start_again
}

# The same once more, in place of this script: whoever waits for it or signals it notices nothing.
start_again() {
	echo "emulated-machine: it is started again" >&2
	clean_up
	exec 3<&- 5>&-
	# shellcheck disable=SC2154 # where it stands in what the script was called with
	words[again_at]=$((again - 1))
	exec "$0" "${words[@]}"
}

# end_qemu SIGNAL: ends QEMU, and waits until all it had written is where it belongs.
end_qemu() {
	[ -n "$qemu_pid" ] || return 0
	kill "-$1" "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" || true
	qemu_pid=''
	wait "$relays_pid"
}

# finish STATUS. What the machine wrote before it told its end is in the files by then.
finish() {
	end_qemu TERM || die "could not bring all results to '$share': $(head -n 3 "$work/tar.log" 2>/dev/null)"
	[ "$asked" != 124 ] || exit 124
	exit "$1"
}

seconds_since_start() {
	awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'
}

# hear: one look at what the machine tells, a second at most, into $word and $value. As read: 0 a line, above 128 not
# yet, else its end. The second may be over in the middle of a line, of which read then gives what it has, and which the
# next look goes on with.
hear() {
	local piece='' r=0
	IFS= read -r -t 1 piece <&3 || r=$?
	line+=$piece
	[ $r = 0 ] || return $r
	read -r word value <<<"$line"
	line=''
}

follow() {
	local word value line='' r
	asked='' running='' deadline=$((SECONDS + boot_limit)) heard=$SECONDS
	trap 'ask INT 130' INT
	trap 'ask TERM 143' TERM HUP
	while :; do
		r=0
		hear || r=$?
		if [ $r = 0 ]; then
			heard=$SECONDS
			case $word in
			alive) ;;
			ready)
				running=1 deadline=$((SECONDS + timeout))
				note "running after $(seconds_since_start)"
				;;
			exit) finish "$value" ;;
			esac
		elif [ $r -le 128 ]; then
			broken "the machine ended by itself"
		elif [ -n "$running" ] && [ $((SECONDS - heard)) -ge "$silence_limit" ]; then
			broken "the machine hangs: it has not said anything for $silence_limit s"
		elif [ $SECONDS -ge "$deadline" ]; then
			[ -z "$asked" ] || exit "$asked"
			[ -n "$running" ] || broken "the machine has not come up in $boot_limit s"
			note "timeout after $timeout s"
			ask TERM 124
		fi
	done
}
