#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the checks by name (make lint-NAME): run.sh NAME...  All run; what fails shows what it found.
set -u
out=$(mktemp)
trap 'rm -f "$out"' EXIT
bad=
for check in "$@"; do
	if $MAKE --no-print-directory "lint-$check" >"$out" 2>&1 </dev/null; then
		echo "lint: $check ok"
	else
		cat "$out"
		echo "lint: $check FAILED"
		bad="$bad $check"
	fi
done
[ -z "$bad" ] || { echo "lint: failed:$bad"; exit 1; }
