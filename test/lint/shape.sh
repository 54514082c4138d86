#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sizes a reader can hold: functions of 60 lines, files of 600 (tests: 800), lines of 120 columns (100 is the aim), and no #if in
# the sources of the hypervisor: variants are folders.
set -u
. "$(dirname "$0")/files.sh"
bad=0

for f in $(files '*.c' '*.h' '*.S' '*.sh' '*.mk' Makefile); do
	awk -v f="$f" '
		{ line = $0; gsub(/\t/, "        ", line) }
		# Bytes and columns differ: what follows the first byte of a character is no column.
		{ gsub(/[\200-\277]/, "", line) }
		f ~ /\.[ch]$/ && length(line) > 120 { print f ":" FNR ": " length(line) " columns"; bad = 1 }
		f ~ /\.c$/ && /^\{/ { start = FNR }
		f ~ /\.c$/ && /^\}/ && start {
			if (FNR - start - 1 > 60) { print f ":" start ": function of " FNR - start - 1 " lines"; bad = 1 }
			start = 0
		}
		f ~ /^(hyp|arch|drivers|configs)\/.*\.[cS]$/ && /^[ \t]*#[ \t]*(if|elif|else)/ {
			print f ":" FNR ": " $0 "  (variants are folders)"; bad = 1
		}
		END {
			if (NR > (f ~ /^test\// ? 800 : 600)) { print f ": " NR " lines"; bad = 1 }
			exit bad
		}' "$f" || bad=1
done
exit $bad
