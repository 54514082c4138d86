#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may include what (the table is in CONTRIBUTING.md). The folder of an include path names its layer.
set -u
. "$(dirname "$0")/files.sh"

STD='<std(int|def|bool|arg|noreturn)\.h>|<limits\.h>'

# allowed FILE: an extended regular expression of the includes this file may have.
allowed() {
	case $1 in
	guest-api/*) echo "$STD|<bulkhead/.*>|<smmu\.h>|<(errno|signal|sys/types)\.h>|\"[^/]*\"" ;;
	configs/* | test/system/configs/*) echo "<hyp/(config|pool)\.h>|\"[^/]*\"" ;;
	hyp/include/arch/*) echo "$STD|<(hyp|arch|asm)/.*>" ;;
	hyp/*) echo "$STD|<(bulkhead|hyp|arch|drv)/.*>|\"[^/]*\"" ;;
	# The one C library header behind libfdt.h, and libfdt itself, are for the device tree's reader only.
	arch/*/platform*) echo "$STD|<(hyp|arch|asm)/.*>|<bulkhead/errno\.h>|<libfdt\.h>|\"[^/]*\"" ;;
	arch/*) echo "$STD|<(hyp|arch|asm)/.*>|<drv/intremap\.h>|<bulkhead/(errno|abi)\.h>|\"[^/]*\"" ;;
	drivers/*) echo "$STD|<(hyp|arch|drv)/.*>|<bulkhead/errno\.h>|\"[^/]*\"" ;;
	*) echo '.*' ;;
	esac
}

bad=0
for f in $(files '*.c' '*.h' '*.S'); do
	found=$(grep -nE '^[ 	]*#[ 	]*include' "$f" | sed -E 's/#[ 	]*include[ 	]*//; s/([>"])[^>"]*$/\1/' |
		grep -vE "^[0-9]+:[ 	]*($(allowed "$f"))\$") || continue
	echo "$found" | sed "s|^\([0-9]*\):|$f:\1: this layer may not include |"
	bad=1
done
exit $bad
