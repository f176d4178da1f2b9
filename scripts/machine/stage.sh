# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by scripts/emulated-machine: the machine's initramfs.

# The name that PATH has as an absolute one. Folders are resolved and the last component is not, since a
# program may be known by the name of a symlink.
absolute() {
	echo "$(realpath -m -- "$(dirname -- "$1")")/$(basename -- "$1")"
}

# quoted WORD...: for a POSIX shell.
quoted() {
	local word
	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
}

# put FILE PLACE: a file or folder into the tree; what a symlink points to is copied under the symlink's name.
put() {
	mkdir -p "$work/root/$(dirname -- "$2")"
	cp -rHT --reflink=auto --preserve=mode -- "$1" "$work/root/$2"
}

# The shared libraries (and the loader) of every dynamic program in the tree.
put_libraries() {
	local library musl=/lib/ld-musl-x86_64.so.1
	{ find "$work/root" -type f -perm -u+x -exec ldd {} + 2>/dev/null || true; } | # static ones fail
		sed -nE 's/^\t(.* => )?(\/[^ ]*) \(0x.*/\2/p' | sort -u | while read -r library; do
		[ -e "$work/root/$library" ] || put "$library" "$library"
	done
	# musl's is loader and library in one, and ldd does not know it.
	if [ -e "$musl" ] && grep -rqaF "$musl" "$work/root"; then put "$musl" "$musl"; fi
}

put_etc() {
	mkdir -p "$work/root/etc"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$work/root/etc/passwd"
	printf 'root:x:0:\nkvm:x:100:\nnogroup:x:65534:\n' >"$work/root/etc/group"
	echo '127.0.0.1 localhost emulated' >"$work/root/etc/hosts"
}

put_job() {
	{
		echo "SHARE=$(quoted "${share:-/machine/run/share}")"
		echo "DIR=$(quoted "$PWD")"
		echo "SYNC=5"
		echo "HOLD=$(quoted "$hold")"
	} >"$work/root/machine/job"
	echo "exec $(quoted "$@")" >"$work/root/machine/command"
}

# stage COMMAND [ARGS]: the initramfs on stdout, as a cpio archive that is not compressed: unpacking one in an
# emulator takes longer than reading it.
stage() {
	local path
	mkdir -p "$work/root"/{bin,machine,boot}
	put "$busybox" /bin/busybox
	put "$here/machine/init" /init
	put "$kernel/modules" /machine/modules
	put_etc
	for path in "${copies[@]}"; do
		[ -e "$path" ] || die "--copy: there is no '$path'"
		put "$path" "$(absolute "$path")"
	done
	if [[ $1 == */* && -f $1 && $1 != /bin/busybox ]]; then
		put "$1" "$(absolute "$1")"
	fi
	if [ -n "$share" ]; then
		[ -d "$share" ] && [ -w "$share" ] || die "--share: '$share' is not a folder that can be written"
		share=$(realpath -- "$share")
		put "$share" "$share"
	fi
	put_libraries
	[ -e "$work/root/bin/sh" ] || ln -s busybox "$work/root/bin/sh"
	put_job "$@"
	if [ -n "$vmlinux" ]; then
		put "$vmlinux" "/boot/vmlinux-$release"
	else
		put "$kernel/vmlinuz" "/boot/vmlinuz-$release"
	fi
	(cd "$work/root" && find . -print0 | "$busybox" cpio -0 -o -H newc -R 0:0 2>/dev/null)
	rm -rf "$work/root"
}
