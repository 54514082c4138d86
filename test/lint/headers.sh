#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, twice included: headers.sh ARCH TARGET CC FLAGS...  (the flags the hypervisor is built with).
# Headers of the guest interface also see nothing but themselves, and compile as C++ for the target.
set -u
. "$(dirname "$0")/files.sh"
arch=$1
target=$2
shift 2
bad=0

# Only an architecture with the hardware has what these include.
only() { # FILE: its architecture
	case $1 in
	*/arm64/* | *_arm64.h | drivers/iommu/smmuv3/*) echo arm64 ;;
	*/x86/* | *_x86.h | drivers/iommu/vtd/* | hyp/include/arch/portio.h) echo x86 ;;
	esac
}

alone() { # FILE COMPILER FLAGS...
	f=$1
	shift
	printf '#include "%s"\n#include "%s"\n' "$f" "$f" |
		"$@" -I. -Wno-unused-function -fsyntax-only - || { echo "$f: does not compile alone ($1)"; bad=1; }
}

guest="-ffreestanding -Iguest-api/include -Wall -Wextra -Wundef -Werror"
for f in $(files '*.h'); do
	o=$(only "$f")
	[ "${o:-$arch}" = "$arch" ] || continue
	case $f in
	guest-api/include/*)
		# shellcheck disable=SC2086
		alone "$f" "$1" -std=c11 $guest -x c
		# shellcheck disable=SC2086
		alone "$f" clang++ --target="$target" -std=c++17 $guest -Wno-pragma-once-outside-header -x c++
		;;
	hyp/* | arch/* | drivers/* | configs/*) alone "$f" "$@" -x c ;;
	esac
done
exit $bad
