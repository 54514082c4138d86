#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and runs unit tests: run.sh DIR TEST...  A test that does not build or fails does not stop the others.
set -u
dir=$1
shift
[ $# -gt 0 ] || { echo "unit: no test is registered in test/unit/unit.mk"; exit 1; }

jobs=
case " ${MAKEFLAGS:-} " in
*" -j"* | *--jobserver*) ;;
*) jobs=-j$(nproc 2>/dev/null || echo 1) ;;
esac

bins=
for t in "$@"; do bins="$bins $dir/$t"; done
built=yes
# shellcheck disable=SC2086
$MAKE --no-print-directory -k $jobs $bins </dev/null || built=no

# The same addresses in every run; also keeps older ASan runtimes away from layouts they cannot map.
still=
if setarch -R true 2>/dev/null; then still="setarch -R"; fi
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0:detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

bad=
for t in "$@"; do
	echo "== $t"
	# A binary left from before the change that does not compile must not speak for it.
	if [ $built = no ] && ! $MAKE -s -q --no-print-directory "$dir/$t" 2>/dev/null; then
		echo "[  FAILED  ] $t: does not build"
		bad="$bad $t"
		continue
	fi
	# shellcheck disable=SC2086
	timeout 300 $still "$dir/$t" </dev/null 2>&1
	status=$?
	if [ $status != 0 ]; then
		echo "== $t: exit status $status"
		bad="$bad $t"
	fi
done
[ -z "$bad" ] || { echo "unit: failed:$bad"; exit 1; }
