#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sums up the CMocka reports in DIR/STEP.log: tally.sh DIR STEP...
# Counted is what a case printed when it ended. What started and never ended, what was announced and never
# started, a program that does not build, and a step that failed without saying which case: each counts as failed.
set -u
dir=$1
shift
passed=0
failed=0
skipped=0
for step in "$@"; do
	status=$(cat "$dir/$step.status" 2>/dev/null || echo "?")
	# shellcheck disable=SC2046
	set -- $(awk '
		# A case may run a group of its own (in a child process): only the outermost cases count.
		function close_groups() {
			if (depth && announced > ended) f += announced - ended
			depth = announced = ended = list = 0
		}
		/^== / { close_groups(); next }
		/^\[==========\] .*Running [0-9]+ test\(s\)/ {
			if (depth++) next
			match($0, /Running [0-9]+/)
			announced = substr($0, RSTART + 8, RLENGTH - 8) + 0
			next
		}
		/^\[==========\] .*[0-9]+ test\(s\) run/ {
			if (depth == 1) close_groups()
			else if (depth) depth--
			next
		}
		/^\[  FAILED  \] .*: does not build$/ { close_groups(); f++; next }
		# The same cases again, at the end of a group.
		/^\[  (FAILED|SKIPPED).* listed below:$/ { list = 1; next }
		/^ *[0-9]+ (FAILED|SKIPPED) TEST\(S\)/ { list = 0; next }
		depth != 1 || list { next }
		/^\[       OK \]/ { p++; ended++; next }
		/^\[  FAILED  \] GROUP/ { f++; next }
		/^\[  FAILED  \]/ { f++; ended++; next }
		/^\[  SKIPPED \]/ { s++; ended++; next }
		END { close_groups(); print p + 0, f + 0, s + 0 }
	' "$dir/$step.log") "$@"
	p=$1 f=$2 s=$3
	shift 3
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
	fi
	echo "$step: $p passed, $f failed, $s skipped (exit status $status)"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
done
if [ $((passed + failed)) = 0 ]; then
	echo "nothing was tested"
	failed=1
fi
line="$passed passed, $failed failed"
[ $skipped = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ $failed = 0 ]
