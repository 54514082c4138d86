#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and runs fuzz targets, and reports them as unit tests are: run.sh "COMPILER" BINDIR CORPORA SECONDS NAME:LENGTH...
set -u
cc=$1
bin=$2
dir=$3
seconds=$4
shift 4
mkdir -p "$dir"

# The same addresses in every run; also keeps older ASan runtimes away from layouts they cannot map.
still=
if setarch -R true 2>/dev/null; then still="setarch -R"; fi
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

echo "== fuzz"
echo "[==========] fuzz: Running $# test(s)."
probe='#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n) { return p != NULL && n == 0; }'
# shellcheck disable=SC2086
if ! printf '%s\n' "$probe" | $cc -x c - -o "$dir/probe" >"$dir/probe.log" 2>&1; then
	echo "SKIP: clang has no libFuzzer here: the package libclang-rt-dev is missing ($dir/probe.log)"
	for t in "$@"; do echo "[  SKIPPED ] ${t%:*}"; done
	echo "[==========] fuzz: 0 test(s) run."
	exit 0
fi

bad=
for t in "$@"; do
	name=${t%:*}
	log=$dir/$name.log
	echo "[ RUN      ] $name"
	mkdir -p "$dir/$name"
	if ! $MAKE --no-print-directory "fuzz-seeds-$name" </dev/null; then
		echo "[  FAILED  ] $name: does not build, or has no seeds"
		bad="$bad $name"
		continue
	fi
	# shellcheck disable=SC2086
	if timeout $((seconds + 300)) $still "$bin/$name" -max_total_time="$seconds" -max_len="${t#*:}" -timeout=20 \
		-print_final_stats=1 -artifact_prefix="$dir/$name/" "$dir/$name" >"$log" 2>&1 </dev/null &&
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") && [ "${runs:-0}" -gt 100 ]; then
		echo "$name: $runs inputs, $(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1) places reached"
		echo "[       OK ] $name"
	else
		tail -n 60 "$log"
		echo "[  FAILED  ] $name: $bin/$name $dir/$name/FILE does it again; log: $log"
		bad="$bad $name"
	fi
done
echo "[==========] fuzz: $# test(s) run."
[ -z "$bad" ] || { echo "fuzz: failed:$bad"; exit 1; }
