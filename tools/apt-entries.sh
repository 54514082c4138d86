#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints this machine's apt entries of its release, for another use: apt-entries.sh sources|list TYPE RELEASE [SUITE]
# in deb822 form (sources) or one-line form (list), as TYPE (deb, deb-src), without their limits to architectures.
# With SUITE only one entry of the main archive is printed, naming SUITE instead of RELEASE. Nothing: there is none.
set -u
form=$1
dir=${APT_DIR:-/etc/apt}

if [ "$form" = sources ]; then
	# An empty line between files: entries are paragraphs.
	for f in "$dir"/sources.list.d/*.sources; do
		if [ -f "$f" ]; then cat "$f"; echo; fi
	done | awk -v type="$2" -v release="$3" -v suite="${4:-}" '
		function end_entry(    i, main) {
			main = index(" " suites " ", " " release " ")
			if (!off && (suite ? main && !done : index(" " suites, " " release))) {
				for (i = 1; i <= n; i++) print line[i]
				print ""
				done = 1
			}
			n = off = 0
			suites = ""
		}
		/^#/ || /^Architectures:/ { next }
		/^[ \t]*$/ { end_entry(); next }
		/^Enabled:[ \t]*no/ { off = 1 }
		/^Types:/ { $0 = "Types: " type }
		/^Suites:/ { suites = $0; sub(/^Suites:[ \t]*/, "", suites); if (suite) $0 = "Suites: " suite }
		{ line[++n] = $0 }
		END { end_entry() }'
else
	cat "$dir"/sources.list "$dir"/sources.list.d/*.list 2>/dev/null | awk -v type="$2" -v release="$3" -v suite="${4:-}" '
		$1 != "deb" { next }
		{
			sub(/arch=[^] ]*/, "")
			sub(/\[ *\]/, "")
			$1 = type
			# The suite is the field after the address; options in brackets come before both.
			for (i = 2; i <= NF && $i !~ /^[a-z+]+:/; i++)
				;
			i++
			if (suite ? $i != release : index($i, release) != 1) next
			if (suite) $i = suite
			print
			if (suite) exit
		}'
fi
