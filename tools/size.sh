#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints what the hypervisor itself takes, and fails when it is over its limits, in KiB:
#     size.sh SIZE-PROGRAM hyp.elf TEXT+RODATA RAM [report]
# text+rodata: code and constants that are mapped while partitions run; what is needed at boot only (.init.*, unmapped by
# arch_seal()) is named apart and counts as RAM.
# RAM: everything of ours in memory: code, data, stacks, page tables, pools.
# Partition images (.images) are the partitions'. With "report" (all but the demonstrations' gcc builds) the limits only inform.
set -eu
"$1" -A -d "$2" | awk -v code_limit="$3" -v ram_limit="$4" -v mode="${5:-}" '
	function line(what, bytes, limit, parts,    mark) {
		if (bytes > limit * 1024) {
			over = 1
			mark = mode == "report" ? "" : "  OVER THE LIMIT"
		}
		printf "  SIZE  %-12s %7.1f of %d KiB  (%s)%s\n", what, bytes / 1024, limit, parts, mark
	}
	# Only sections with an address are loaded; debug information has none.
	$2 !~ /^[0-9]+$/ || $3 !~ /^[0-9]+$/ || $3 == 0 || $2 == 0 { next }
	$1 == ".images" { images = $2; next }
	{ ram += $2 }
	$1 ~ /^\.init\./ { init += $2; next }
	$1 ~ /^\.(text|head|rodata|vectors)/ { code += $2; next }
	END {
		if (!code) { print "  SIZE  no sections found" > "/dev/stderr"; exit 1 }
		line("text+rodata", code, code_limit, sprintf("boot only, unmapped later: %.1f more", init / 1024))
		line("RAM", ram, ram_limit, sprintf("images: %.1f more", images / 1024))
		exit over && mode != "report"
	}'
