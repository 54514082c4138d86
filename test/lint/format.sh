#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Layout of C files: what .clang-format says about indentation, braces and spaces. The author decides where lines
# break and how tables, macros and comments are aligned (clang-format 14 spoils all of them), so columns of spaces
# inside a line are not compared, and macros, assembly and one-line enums are left out.
set -u
here=$(dirname "$0")
style=file:$(cd "$here/../.." && pwd)/.clang-format
. "$here/files.sh"

# Same number of lines out as in, so that line numbers stay true.
# In tests, functions of one line may stand in tables.
strip() {
	awk -v table="$(case $1 in test/*) echo 1 ;; esac)" '
		table && /^[A-Za-z_].*\) *\{ .*\}$/ { print "/**/"; next }
		macro { macro = /\\$/; print "/**/"; next }
		/^[ \t]*#/ { macro = /\\$/; print /#[ \t]*include/ ? $0 : "/**/"; next }
		asm { asm = !/\);$/; print "/**/"; next }
		/^[ \t]*__asm__/ { asm = !/\);$/; sub(/__asm__.*/, "asm_here();"); print; next }
		/^[ \t]*enum.*\{.*\};/ { sub(/enum.*/, "enum one_line;"); print; next }
		{ print }'
}

squeeze() {
	awk '
		{ match($0, /^[ \t]*/); lead = substr($0, 1, RLENGTH); rest = substr($0, RLENGTH + 1); gsub(/[ \t]+/, " ", rest); gsub(/\) ~/, ")~", rest) }
		# Continuation lines: how far in is the author'\''s, too.
		{ print (lead ~ /^\t* +$/ || rest ~ /^(\/?\*|")/ ? "" : lead) rest }'
}

# Reads a unified diff without context; prints the hunks that are more than another choice of line breaks.
# A brace on a line of its own is never such a choice.
judge() {
	awk '
		function flush() {
			if (head != "" && (minus != plus || rows_minus == rows_plus || brace)) printf "\t%s\n%s", head, text
			head = text = minus = plus = rows_minus = rows_plus = ""
			brace = 0
		}
		NR <= 2 { next }
		/^@@/ { flush(); head = $0; next }
		{
			text = text "\t" $0 "\n"
			word = substr($0, 2)
			if (word ~ /^[ \t]*\{[ \t]*$/) brace = 1
			gsub(/[ \t]/, "", word)
			if (/^-/) { minus = minus word; rows_minus = rows_minus "\n" word }
			else { plus = plus word; rows_plus = rows_plus "\n" word }
		}
		END { flush() }'
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
for f in $(files '*.c' '*.h'); do
	strip "$f" <"$f" >"$tmp/in.c"
	clang-format --style="$style" "$tmp/in.c" | squeeze >"$tmp/want"
	squeeze <"$tmp/in.c" >"$tmp/is"
	diff -U 0 "$tmp/is" "$tmp/want" | judge >"$tmp/bad"
	[ -s "$tmp/bad" ] || continue
	bad=1
	echo "$f: layout (-: is, +: should be)"
	head -n "${LINES_MAX:-20}" "$tmp/bad"
done
exit $bad
