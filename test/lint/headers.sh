#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, twice included: headers.sh CC FLAGS...  (the flags the hypervisor is built with).
# Headers of the guest interface also see nothing but themselves, and compile as C++.
set -u
. "$(dirname "$0")/files.sh"
bad=0

alone() { # FILE COMPILER FLAGS...
	f=$1
	shift
	printf '#include "%s"\n#include "%s"\n' "$f" "$f" |
		"$@" -I. -Wno-unused-function -fsyntax-only - || { echo "$f: does not compile alone ($1)"; bad=1; }
}

guest="-ffreestanding -Iguest-api/include -Wall -Wextra -Wundef -Werror"
for f in $(files '*.h'); do
	case $f in
	guest-api/include/*)
		# shellcheck disable=SC2086
		alone "$f" "$1" -std=c11 $guest -x c
		# shellcheck disable=SC2086
		alone "$f" clang++ --target=aarch64-none-elf -std=c++17 $guest -Wno-pragma-once-outside-header -x c++
		;;
	hyp/* | arch/* | drivers/* | configs/*) alone "$f" "$@" -x c ;;
	esac
done
exit $bad
