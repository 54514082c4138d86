#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What no file may hold: a missing licence line, work left over without an issue number, names of hosts and mirrors,
# absolute paths of somebody's workplace, trailing spaces.
set -u
. "$(dirname "$0")/files.sh"
bad=0

# file:line:text on stdin
complain() { # TEXT
	awk -v what="$1" '{ i = index($0, ":"); j = i + index(substr($0, i + 1), ":")
		print substr($0, 1, j) " " what ": " substr($0, j + 1, 100) }'
}

# The line is first, after #! where there is one.
for f in $(files '*.c' '*.h' '*.S' '*.sh' '*.mk' '*.cfg' '*.ini' '*.dts' '*.smmu' Makefile '.clang-*' .editorconfig .ci/run); do
	[ -s "$f" ] || continue
	head -n 2 "$f" | awk '/^#!/ { next } { print; exit }' | grep -q 'SPDX-License-Identifier: Apache-2.0' && continue
	echo "$f:1: no SPDX line"
	bad=1
done

all=$(files '*' | grep -vE '^LICENSE$|\.(png|bin|gz)$|^test/lint/text\.sh$')
# Where a word is meant: names of mirrors end in a known domain; paths are those of homes and work folders.
hosts='(https?|ftp|ssh|git)://[a-z0-9.-]+|[a-z0-9-]+\.(debian|ubuntu|launchpad)\.(org|com|net)'
# The specifications' own places may be named.
known='://(developer\.arm\.com|www\.intel\.com|pcisig\.com|www\.apache\.org|docs\.oracle\.com|www\.qnx\.com|fuchsia\.dev)'
paths='(^|[^A-Za-z0-9_.$}/-])/(home|root|work|Users|tmp/[a-z0-9_]+|build|mnt|srv)/'

check() { # TEXT REGEX [EXCEPT]
	# shellcheck disable=SC2086
	hits=$(grep -nEI "$2" /dev/null $all | grep -vE "${3:-^$}") || return 0
	printf '%s\n' "$hits" | complain "$1"
	bad=1
}

# In TAP, which the system tests speak, "# TODO" is a directive.
check 'left over without an issue number' '\b(TODO|FIXME|XXX)\b' '(TODO|FIXME)\(#[0-9]+\)|^test/[a-z]+/[a-z_]*(tap|judge|runner)[a-z_]*\.[ch]:'
check 'host name' "$hosts" "$known"
check 'path of a workplace' "$paths"
check 'trailing space' '[ 	]+$'
exit $bad
