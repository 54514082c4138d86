#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unpacks under DIR what cannot be installed beside the machine's own packages: fetch.sh DIR
#   arm64/   libfdt.a for the target. Must succeed.
#   qemu72/  QEMU 7.2, whose SMMU has stage 1 only, where the release has it. A note if not: its tests are skipped.
# Needs no root; apt works on lists of its own, so nothing of the machine's configuration changes.
set -u

dir=$(cd "$1" && pwd)
log=$dir/setup.log
here=$(pwd)
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
arm64="-o APT::Architecture=arm64 -o APT::Architectures=arm64"

own_apt() {
	apt-get -q -y -o Dir::Etc="$dir/apt" -o Dir::State="$dir/apt/state" -o Dir::State::status="$dir/apt/status" \
		-o Dir::Cache="$dir/apt/cache" -o Dir::Etc::trusted=/etc/apt/trusted.gpg \
		-o Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d -o APT::Sandbox::User= "$@" >>"$log" 2>&1 </dev/null
}

# own_lists TYPE [apt options]: entries of this machine's release as TYPE, read afresh.
own_lists() {
	rm -rf "$dir/apt"
	mkdir -p "$dir/apt/sources.list.d" "$dir/apt/preferences.d" "$dir/apt/apt.conf.d" "$dir/apt/state/lists/partial" \
		"$dir/apt/cache/archives/partial"
	: >"$dir/apt/status"
	sh "$here/tools/apt-entries.sh" sources "$1" "$release" >"$dir/apt/sources.list.d/own.sources"
	sh "$here/tools/apt-entries.sh" list "$1" "$release" >"$dir/apt/sources.list"
	shift
	own_apt "$@" update
}

# The distribution's package of the other architecture.
libfdt_package() {
	# shellcheck disable=SC2086
	own_lists deb $arm64 && own_apt $arm64 download libfdt-dev &&
		dpkg-deb -x libfdt-dev_*_arm64.deb new && [ -e new/usr/lib/aarch64-linux-gnu/libfdt.a ]
}

# Where the mirror has no other architecture (Ubuntu): the distribution's source package, compiled for the target.
libfdt_source() {
	own_lists deb-src && own_apt --download-only source device-tree-compiler || return 1
	mkdir -p src new/usr/lib/aarch64-linux-gnu new/usr/include
	tar -xf device-tree-compiler_*.orig.tar.* --strip-components=1 -C src || return 1
	cross=$(command -v aarch64-none-elf-gcc || command -v aarch64-linux-gnu-gcc)
	for f in src/libfdt/fdt*.c; do
		"$cross" -O2 -fno-pic -fno-stack-protector -Isrc/libfdt -c "$f" -o "$f.o" || return 1
	done
	"${cross%gcc}ar" rcs new/usr/lib/aarch64-linux-gnu/libfdt.a src/libfdt/*.o
	cp src/libfdt/fdt.h src/libfdt/libfdt.h src/libfdt/libfdt_env.h new/usr/include
}

fetch_libfdt() {
	[ -e "$dir/arm64/usr/lib/aarch64-linux-gnu/libfdt.a" ] && return 0
	libfdt_package || {
		echo "setup:     no arm64 packages from this mirror: compiling libfdt from its source package" >&2
		rm -rf new
		libfdt_source >>"$log" 2>&1
	} || return 1
	rm -rf "$dir/arm64"
	mv new "$dir/arm64"
}

# Packages of QEMU 7.2 and of those of its libraries that this machine does not have.
qemu72_packages() {
	version=$(apt-cache madison qemu-system-arm | awk '$3 ~ /^1:7\.2/ { print $3; exit }')
	[ -n "$version" ] || return 1
	data=$(apt-cache madison qemu-system-data | awk '$3 ~ /^1:7\.2/ { print $3; exit }')
	echo "qemu-system-arm=$version qemu-system-data=$data"
	apt-cache show "qemu-system-arm=$version" | sed -n 's/^Depends: //p' | head -n 1 | tr ',' '\n' |
		sed 's/^ *//; s/[ (|].*//' | while read -r p; do
		case $p in lib*) dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p" ;; esac
	done
}

fetch_qemu72() {
	[ -x "$dir/qemu72/usr/bin/qemu-system-aarch64" ] && return 0
	packages=$(qemu72_packages) || return 1
	rm -rf new
	mkdir new
	# shellcheck disable=SC2086
	apt-get -q -o APT::Sandbox::User= download $packages >>"$log" 2>&1 </dev/null || return 1
	for f in *.deb; do dpkg-deb -x "$f" new >>"$log" 2>&1 || return 1; done
	bin=new/usr/bin/qemu-system-aarch64
	mv $bin $bin.bin
	# Found from its own place, so that the tree can be moved.
	cat >$bin <<'END'
#!/bin/sh
d=$(dirname "$(dirname "$(readlink -f "$0")")")
for l in "$d"/lib/*-linux-gnu; do LD_LIBRARY_PATH="$l${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; done
export LD_LIBRARY_PATH
exec "$d/bin/qemu-system-aarch64.bin" -L "$d/share/qemu" "$@"
END
	chmod 755 $bin
	$bin -M none --version >>"$log" 2>&1 || return 1
	rm -rf "$dir/qemu72"
	mv new "$dir/qemu72"
}

command -v apt-get >/dev/null || { echo "setup: no apt-get: put the target's libfdt.a into $1/arm64 by hand" >&2; exit 1; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
fetch_libfdt || { tail -n 15 "$log" >&2; echo "setup: no libfdt for the target (see $1/setup.log)" >&2; exit 1; }
rm -rf ./*
fetch_qemu72 || echo "setup:     SKIP: no QEMU 7.2 in this release; the tests that want it are skipped" >&2
rm -rf "$dir/apt"
