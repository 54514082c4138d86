#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Stack a function of the hypervisor may take, from the compiler's -fstack-usage files: stack.sh OBJDIR
# 1 KiB of the 8 KiB or more a CPU has: no chain of calls is longer than its depth in the three flows.
set -u
LIMIT=1024
# Those of sources that are gone do not speak.
su=$(find "$1" -name '*.su' ! -path '*/guest/*' 2>/dev/null | while read -r u; do
	s=${u#"$1"/}
	[ ! -f "${s%.su}" ] || echo "$u"
done)
[ -n "$su" ] || { echo "$1: no stack-usage files"; exit 1; }
# shellcheck disable=SC2086
awk -F '\t' -v limit=$LIMIT '
	$2 + 0 > limit { print $1 ": " $2 " bytes of stack (limit " limit ")"; bad = 1 }
	$3 !~ /^(static|dynamic,bounded)$/ { print $1 ": stack of a size that is not known (" $3 ")"; bad = 1 }
	END { exit bad }' $su
