#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs make targets that print CMocka reports: run.sh LOGDIR STEP...  All steps run, each leaves LOGDIR/STEP.log;
# the last line sums up. Exit status 0 only if every step ended with 0 and nothing failed.
set -u
logs=$1
shift
rm -rf "$logs"
mkdir -p "$logs"
for step in "$@"; do
	echo "=== make $step"
	# The pipe would hide the status: it travels in a file.
	{
		# shellcheck disable=SC2086
		$MAKE --no-print-directory "$step" </dev/null 2>&1
		echo $? >"$logs/$step.status"
	} | tee "$logs/$step.log"
done
echo
exec sh test/tally.sh "$logs" "$@"
