#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy with the project's .clang-tidy, one file on each CPU: [CHECKS=-not-this] tidy.sh "FLAGS" FILE...
set -u
FLAGS=$1
shift
CONFIG=$(cd "$(dirname "$0")/../.." && pwd)/.clang-tidy
CHECKS=${CHECKS:-}
export FLAGS CONFIG CHECKS
# What it counts on stderr are suppressed warnings in other people's headers.
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh -c '
	# shellcheck disable=SC2086
	out=$(clang-tidy --quiet --config-file="$CONFIG" --checks="$CHECKS" "$1" -- $FLAGS 2>&1) && ! echo "$out" | grep -q ": warning:" && exit 0
	printf "%s\n" "$out" | grep -v "warnings generated"
	exit 1' sh
