#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may call whom, asked of the objects: symbols.sh NM OBJDIR. Catches what an extern declaration hides from
# layers.sh. Each layer may leave undefined only what the contracts in hyp/include give it.
set -u
nm=$1
obj=$2

# What the compiler and the linker script provide.
COMMON='mem(cpy|set|move|cmp)|__stack_chk_(fail|guard)|hyp_[a-z0-9_]+|__[a-z0-9_]+_(start|end|size)'

layer() { # FOLDER REGEX
	# Objects of sources that are gone do not speak.
	objects=$(find "$obj/$1" -name '*.o' 2>/dev/null | while read -r o; do
		s=${o#"$obj"/}
		[ ! -f "${s%.o}" ] || echo "$o"
	done)
	[ -n "$objects" ] || { echo "$obj/$1: no objects"; return 1; }
	# shellcheck disable=SC2086
	"$nm" -g --defined-only $objects | awk 'NF == 3 { print $3 }' | sort -u >"$tmp/defined"
	# shellcheck disable=SC2086
	"$nm" -A -u $objects | awk -v own="$tmp/defined" -v ok="^($COMMON|$2)\$" -v layer="$1" '
		BEGIN { while ((getline line <own) > 0) defined[line] = 1 }
		!($NF in defined) && $NF !~ ok {
			sub(/:.*/, "", $1)
			print $1 ": " layer "/ may not use " $NF
			bad = 1
		}
		END { exit bad }'
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0
layer hyp 'arch_[a-z0-9_]+|iommu_hw_[a-z0-9_]+|intremap_[a-z0-9_]+|uart_[a-z0-9_]+' || bad=1
# Upcalls: the entries (hyp_*, above), partitions and their CPUs, consoles, page tables, the table of
# hypercalls, which units there are (x86 sends its interrupts through them); no DMA policy, no PCI.
layer arch 'log_[a-z]+|str[a-z]+|pgtable_[a-z]+|pool_[a-z]+|vms?(_[a-z_]+)?|vcpu_[a-z]+|console_[a-z_]+|intremap_[a-z_]+|fdt_[a-z0-9_]+|config_[a-z_]+|hypercall_table|iommu_units|iommu_unit_count' || bad=1
layer drivers 'arch_[a-z0-9_]+|pool_[a-z]+|log_[a-z]+' || bad=1
exit $bad
