# SPDX-License-Identifier: Apache-2.0
# Sourced by the checks: files NAME-PATTERN... prints the project's files below the current folder, one per line.
# The bad examples of the self-test are nobody's source.
files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@"
	else
		for p in "$@"; do
			find . \( -path ./build -o -path ./.git \) -prune -o -type f -name "$p" -print
		done | sed 's|^\./||'
	fi | grep -v '^test/lint/bad/' | sort -u | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
}
