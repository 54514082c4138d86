#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints what the hypervisor itself takes, and fails when it is over its limits: size.sh SIZE-PROGRAM hyp.elf
# Partition images (.images) are not counted: they are the partitions'. RAM is everything that is written: data,
# stacks, page tables, pools (.data .bss and what the linker script puts beside them).
set -eu
"$1" -A -d "$2" | awk '
	function line(what, bytes, limit, parts) {
		printf "  SIZE  %-12s %7.1f of %d KiB  (%s)%s\n", what, bytes / 1024, limit, parts, bytes > limit * 1024 ? "  OVER" : ""
		if (bytes > limit * 1024) over = 1
	}
	# Only sections with an address are loaded; debug information has none.
	$2 !~ /^[0-9]+$/ || $3 !~ /^[0-9]+$/ || $3 == 0 || $2 == 0 { next }
	$1 == ".images" { images = $2; next }
	$1 ~ /^\.(text|head|rodata|vectors)/ { code += $2; code_parts = code_parts (code_parts ? ", " : "") $1 " " $2; next }
	{ ram += $2; ram_parts = ram_parts (ram_parts ? ", " : "") $1 " " $2 }
	END {
		if (!code) { print "  SIZE  no sections found"; exit 1 }
		line("text+rodata", code, 80, code_parts)
		line("RAM", ram, 2048, ram_parts)
		printf "  SIZE  %-12s %7.1f KiB\n", "images", images / 1024
		exit over
	}'
