#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the build and the tests need on Debian 12 or newer and on Ubuntu (as root or with sudo), or names
# the one command to type. With --check (every make asks) it does nothing and prints nothing when all is there.
# No mirror is named here: packages come from wherever this machine's own apt entries point to.
set -u

cd "$(dirname "$0")/.." || exit 1
DEPS=build/deps
LOG=$DEPS/setup.log
QEMU=qemu-system-aarch64
QEMU_X86=qemu-system-x86_64
QEMU_MIN=8.1
TOOLS="gcc clang clang-format clang-tidy cppcheck dtc iasl xorriso mformat grub-mkrescue $QEMU $QEMU_X86"
FILES="/usr/include/cmocka.h /usr/include/libfdt.h /usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a
	/usr/lib/grub/i386-pc /usr/lib/grub/x86_64-efi /usr/share/OVMF/OVMF_CODE_4M.fd"
PACKAGES="gcc libc6-dev clang clang-format clang-tidy cppcheck shellcheck sparse device-tree-compiler
	libfdt-dev libcmocka-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross binutils-aarch64-linux-gnu
	picolibc-aarch64-linux-gnu gcc-x86-64-linux-gnu grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools ovmf
	acpica-tools"
# On a PC that cross compiler is the machine's own.
[ "$(uname -m)" != x86_64 ] || PACKAGES=$(echo "$PACKAGES" | sed 's/gcc-x86-64-linux-gnu//')
LIBFDT=$DEPS/arm64/usr/lib/aarch64-linux-gnu/libfdt.a

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
	say "$*"
	exit 1
}

# Changes with these scripts and with the QEMU that was found good: asking QEMU itself takes too long for --check.
key() {
	cat tools/setup.sh tools/fetch.sh tools/apt-entries.sh | cksum
	stat -L -c '%s %Y' "$(command -v $QEMU)" "$(command -v $QEMU_X86)" 2>/dev/null
}

tools_there() {
	command -v aarch64-none-elf-gcc >/dev/null || command -v aarch64-linux-gnu-gcc >/dev/null || return 1
	command -v x86_64-elf-gcc >/dev/null || command -v x86_64-linux-gnu-gcc >/dev/null || return 1
	for t in $TOOLS; do command -v "$t" >/dev/null || return 1; done
	for f in $FILES; do [ -e "$f" ] || return 1; done
}

all_there() {
	tools_there && [ -e $LIBFDT ] && [ -e $DEPS/.ok ] && [ "$(key)" = "$(cat $DEPS/.ok)" ]
}

# Version 1 is before version 2.
older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

qemu_version() {
	$QEMU --version 2>/dev/null | sed -n 's/.*version \([0-9.]*[0-9]\).*/\1/p'
}

# As root, quietly; what the command printed is shown when it fails.
root() {
	if [ "$(id -u)" != 0 ]; then set -- sudo -n "$@"; fi
	"$@" >>$LOG 2>&1 </dev/null && return 0
	tail -n 15 $LOG >&2
	fail "failed: $*  (all of it: $LOG)"
}

apt() {
	root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@"
}

# The machine's own entry of its release once more, with the backports suite.
add_backports() {
	suite=$release-backports
	grep -rqs "$suite" /etc/apt/sources.list /etc/apt/sources.list.d && return
	tmp=$(mktemp)
	for form in sources list; do
		sh tools/apt-entries.sh $form deb "$release" "$suite" >"$tmp"
		[ -s "$tmp" ] || continue
		chmod 644 "$tmp"
		root cp "$tmp" /etc/apt/sources.list.d/bulkhead-backports.$form
		rm -f "$tmp"
		return
	done
	fail "QEMU is older than $QEMU_MIN and no apt entry of $release was found to take $suite from"
}

qemu_candidate() {
	apt-cache policy qemu-system-arm | sed -n 's/^ *Candidate: //p' | sed 's/^[0-9]*://; s/[^0-9.].*//'
}

install_packages() {
	command -v apt-get >/dev/null || fail "no apt-get; install by hand: $TOOLS aarch64-linux-gnu-gcc cmocka libfdt picolibc"
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		fail "tools are missing; type:  sudo make setup"
	fi
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	say "1/4 reading package lists"
	apt update
	# libFuzzer and what the sanitizers link with clang, where clang does not bring them along.
	! apt-cache show libclang-rt-dev >/dev/null 2>&1 || PACKAGES="$PACKAGES libclang-rt-dev"
	say "2/4 compilers and checkers (some minutes on a slow line)"
	# shellcheck disable=SC2086
	apt install --no-install-recommends $PACKAGES
	have=$(qemu_version)
	[ -n "$have" ] || have=$(qemu_candidate)
	if older "$have" $QEMU_MIN; then
		say "3/4 QEMU: $have is older than $QEMU_MIN, taking it from $release-backports"
		add_backports
		apt update
		# All of them: apt would keep an older data package, which QEMU refuses to start with.
		apt install --no-install-recommends -t "$release-backports" qemu-system-arm qemu-system-x86 qemu-system-common \
			qemu-system-data seabios
	else
		say "3/4 QEMU $have"
		apt install --no-install-recommends qemu-system-arm qemu-system-x86
	fi
}

if [ "${1:-}" = --check ]; then
	all_there && exit 0
	say "something is missing; setting up once"
fi
mkdir -p $DEPS
: >$LOG
if ! tools_there || older "$(qemu_version)" $QEMU_MIN; then install_packages; fi
tools_there || fail "still missing after the installation, see $LOG"
say "4/4 libfdt of the target and an old QEMU, unpacked in $DEPS"
sh tools/fetch.sh $DEPS || exit 1
key >$DEPS/.ok
say "done"
