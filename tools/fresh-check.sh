#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves that a fresh machine is enough: a minimal Debian in build/chroot gets make and git and nothing else, a clone
# of this tree, and runs the given make targets there: sudo sh tools/fresh-check.sh [TARGET...]   (default: test)
# The mirror is this machine's own. Needs root and debootstrap. KEEP=1 goes on in the chroot of last time.
# What is not committed yet goes along, so that a change can be tried before it is made.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "fresh-check: needs root: sudo sh tools/fresh-check.sh"; exit 1; }
command -v debootstrap >/dev/null || { echo "fresh-check: needs debootstrap: apt-get install debootstrap"; exit 1; }
# shellcheck source=/dev/null
release=${RELEASE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
root=$PWD/build/chroot

# The address in the first of this machine's entries for a release.
mirror=$({ sh tools/apt-entries.sh sources deb "$release"; sh tools/apt-entries.sh list deb "$release"; } |
	grep -oE '[a-z+]+:/[^ ]+' | head -n 1)
[ -n "$mirror" ] || { echo "fresh-check: no apt entry of $release on this machine"; exit 1; }

# Only /proc is mounted: whatever removes build/ meanwhile must not reach this machine's /dev.
leave() {
	umount "$root/proc" 2>/dev/null || true
}
trap leave EXIT
leave

if [ -z "${KEEP:-}" ] || [ ! -d "$root/etc" ]; then
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	echo "fresh-check: a minimal $release"
	debootstrap --variant=minbase --include=make,git,ca-certificates "$release" "$root" "$mirror" >build/debootstrap.log 2>&1 ||
		{ tail -n 20 build/debootstrap.log; exit 1; }
	# The release alone, as debootstrap writes it: the set-up has to find backports by itself.
	cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
	cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
fi
mount -t proc proc "$root/proc"

echo "fresh-check: a clone of this tree"
rm -rf "$root/src"
git clone -q --no-hardlinks . "$root/src"
git ls-files -co --exclude-standard | while read -r f; do [ ! -e "$f" ] || echo "$f"; done |
	tar -cf - -T - | tar -xf - -C "$root/src"
git ls-files -d | while read -r f; do rm -f "$root/src/$f"; done

for target in "${@:-test}"; do
	echo "fresh-check: make $target"
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 ${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} chroot "$root" make -C /src "$target" </dev/null
done
echo "fresh-check: ok"
