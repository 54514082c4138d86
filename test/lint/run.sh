#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the checks by name (make lint-NAME): run.sh NAME...  All run; what fails shows what it found.
set -u
out=$(mktemp)
trap 'rm -f "$out"' EXIT
bad=
for check in "$@"; do
	begin=$(date +%s)
	if $MAKE --no-print-directory "lint-$check" >"$out" 2>&1 </dev/null; then
		echo "lint: $check ok ($(($(date +%s) - begin)) s)"
	else
		cat "$out"
		echo "lint: $check FAILED ($(($(date +%s) - begin)) s)"
		bad="$bad $check"
	fi
done
[ -z "$bad" ] || { echo "lint: failed:$bad"; exit 1; }
