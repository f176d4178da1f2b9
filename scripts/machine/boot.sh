# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by scripts/emulated-machine: starts QEMU and follows the machine to its end.

grace=10 # seconds between asking a command to end and ending the machine

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

# Descriptors: 3 and 4 the command's output, 5 what the machine tells (read), 6 the same (write).
boot() {
	local image=$kernel/vmlinuz accel=(-accel "tcg,thread=multi")
	! has_pvh_entry || image=$vmlinux
	[ -z "$icount" ] || accel=(-accel tcg,thread=single -icount "shift=0,sleep=off")
	mkfifo "$work/control" "$work/files" "$work/signals"
	exec 3>&1 4>&2 7<>"$work/control" 5<"$work/control" 6>"$work/control" 7>&-
	exec 8<>"$work/signals"
	if [ -n "$share" ]; then
		# Archives follow each other: zeros between them, and a block size that never waits for more.
		tar -x -i -b1 --no-same-owner -C "$share" -f "$work/files" 3>&- 4>&- 5>&- 6>&- 8>&- &
	else
		cat "$work/files" >/dev/null 3>&- 4>&- 5>&- 6>&- 8>&- &
	fi
	files_pid=$!
	exec 9>"$work/files"
	note "booting Linux $release"
	# Killed with this shell, and out of the terminal's reach: it is the command that Ctrl-C is for.
	# shellcheck disable=SC2046 # the words of ports are words
	setpriv --pdeathsig KILL setsid "$qemu" -M q35 -cpu EPYC,+svm,+npt,-xsaves "${accel[@]}" \
		-smp "$cpus" -m "$mem" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$image" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet reboot=t panic=-1 tsc=reliable no_timer_check random.trust_cpu=on" \
		-serial "file:$work/console" -device virtio-serial-pci \
		-add-fd fd=3,set=1 -chardev file,id=out,path=/dev/fdset/1,append=on \
		-add-fd fd=4,set=2 -chardev file,id=err,path=/dev/fdset/2,append=on \
		-add-fd fd=9,set=3 -chardev file,id=files,path=/dev/fdset/3,append=on \
		-add-fd fd=6,set=4 -chardev file,id=control,path=/dev/fdset/4,append=on \
		-chardev "pipe,id=signals,path=$work/signals" $(ports) \
		</dev/null >"$work/qemu.log" 2>&1 5>&- 8>&- &
	qemu_pid=$!
	exec 3>&- 4>&- 6>&- 9>&-
}

# ask SIGNAL STATUS: passes the signal on; the machine ends with STATUS if the command does not.
ask() {
	if [ -n "$asked" ]; then
		exit "$asked"
	fi
	note "passing SIG$1 on"
	asked=$2
	echo "$1" >&8
	deadline=$((SECONDS + grace))
}

broken() {
	note "$1"
	{
		echo "emulated-machine: $1"
		{ grep -v "doesn't support requested feature" "$work/qemu.log"
		tail -n 20 "$work/console" 2>/dev/null; } | sed 's/^/    /'
	} >&2
	exit 125
}

# Ends QEMU; everything that the machine wrote before it told its end is through by then.
finish() {
	kill -TERM "$qemu_pid"
	wait "$qemu_pid" || true
	qemu_pid=''
	wait "$files_pid" || die "could not unpack all results into '$share'"
	exit "$1"
}

seconds_since_start() {
	awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'
}

follow() {
	local word value r
	asked='' deadline=$((SECONDS + timeout))
	trap 'ask INT 130' INT
	trap 'ask TERM 143' TERM HUP
	while :; do
		r=0
		read -r -t 1 word value <&5 || r=$?
		if [ $r = 0 ]; then
			case $word in
			ready) note "running after $(seconds_since_start)" ;;
			exit) finish "$value" ;;
			broken) broken "$value" ;;
			esac
		elif [ $r -le 128 ]; then
			broken "the machine ended by itself"
		elif [ $SECONDS -ge "$deadline" ]; then
			[ -z "$asked" ] || exit "$asked"
			note "timeout after $timeout s"
			ask TERM 124
		fi
	done
}
