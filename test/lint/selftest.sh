#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A check that cannot fail checks nothing: each is run on the bad files of test/lint/bad and must name them.
#     selftest.sh CC NM
set -u
cc=$1
nm=$2
lint=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -R "$lint/bad/." "$tmp" || exit 1
cd "$tmp" || exit 1
bad=0

# must CHECK EXPECTED... -- COMMAND...: the command fails and prints every expected text.
must() {
	check=$1
	shift
	expected=
	while [ "$1" != -- ]; do
		expected="$expected$1
"
		shift
	done
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "selftest: $check accepts bad files"
		bad=1
	fi
	while IFS= read -r text; do
		[ -z "$text" ] || grep -qF -e "$text" "$tmp/out" || { echo "selftest: $check does not report: $text"; bad=1; }
	done <<END
$expected
END
}

must layers hyp/layer.c:2 drivers/uart/layer.c:2 guest-api/include/layer.h:2 arch/arm64/layer.c:2 configs/layer.c:2 -- \
	sh "$lint/layers.sh"
must format hyp/format.c 'if (a) {' -- sh "$lint/format.sh"
must shape 'hyp/shape.c:7: function of' 'hyp/shape.c:3: #ifdef' ' columns' -- sh "$lint/shape.sh"
must text 'hyp/text.c:1: no SPDX' 'hyp/text.c:2: left over' 'hyp/text.c:3: host' 'hyp/text.c:4: path' 'hyp/text.c:5: trailing' -- \
	sh "$lint/text.sh"
must headers 'arch/x86/include/asm/header.h: does not compile' -- sh "$lint/headers.sh" x86 x86_64-none-elf "$cc" -std=c11 -ffreestanding
must headers 'hyp/include/hyp/header.h: does not compile' -- sh "$lint/headers.sh" arm64 aarch64-none-elf "$cc" -std=c11 -ffreestanding

for f in hyp/symbol arch/arm64/symbol drivers/uart/symbol hyp/stack; do
	mkdir -p "obj/${f%/*}"
	$cc -std=c11 -ffreestanding -fstack-usage -c "$f.c" -o "obj/$f.c.o" || bad=1
done
must symbols 'hyp/ may not use gic_reach' 'arch/ may not use smmu_init' 'drivers/ may not use pci_init' -- \
	sh "$lint/symbols.sh" "$nm" obj
must stack 'stack:' ' bytes of stack' -- sh "$lint/stack.sh" obj
must tidy misc-redundant-expression clang-analyzer-core.NullDereference -- sh "$lint/tidy.sh" -std=c11 hyp/tidy.c
must cppcheck arrayIndexOutOfBounds -- cppcheck --quiet --enable=warning --error-exitcode=1 hyp/cppcheck.c
if command -v shellcheck >/dev/null; then
	printf '#!/bin/sh\nrm -r $1\n' >bad.sh
	must shell SC2086 -- shellcheck bad.sh
fi

# The count of make test: a program that died, a group within a case, a step that failed without a word.
echo 0 >tally/crashed.status
echo 2 >tally/silent.status
: >tally/silent.log
must tally 'crashed: 2 passed, 3 failed, 1 skipped' 'silent: 0 passed, 1 failed' '2 passed, 4 failed, 1 skipped' -- \
	sh "$lint/../tally.sh" tally crashed silent
exit $bad
