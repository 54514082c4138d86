# SPDX-License-Identifier: Apache-2.0
# DMAR tables without their first 36 bytes, for -acpitable sig=DMAR,data=FILE. [VT-d 8.1, 8.3]
include configs/demo.mk

ODD_DIR := build/test/x86
# Address width 48, interrupt remapping, reserved; then a DRHD: type 0, 16 bytes, all of segment 0, its address.
ODD_HEAD := \057\001\000\000\000\000\000\000\000\000\000\000
ODD_DRHD := \000\000\020\000\001\000\000\000
ODD_short   := \057\001
ODD_zero    := $(ODD_HEAD)$(ODD_DRHD)\000\000\000\000\000\000\000\000
ODD_ram     := $(ODD_HEAD)$(ODD_DRHD)\000\000\000\020\000\000\000\000
ODD_nothing := $(ODD_HEAD)$(ODD_DRHD)\000\000\331\376\000\000\000\000
ODD_long    := $(ODD_HEAD)\000\000\377\177\001\000\000\000\000\000\331\376\000\000\000\000
ODD_scope   := $(ODD_HEAD)\000\000\030\000\001\000\000\000\000\000\331\376\000\000\000\000
ODD_scope   := $(ODD_scope)\001\377\000\000\000\000\002\000

$(O)/hyp.elf: $(addprefix $(ODD_DIR)/dmar-,short zero ram nothing long scope)
$(ODD_DIR)/dmar-%: test/system/configs/x86/acpi-odd.mk
	@mkdir -p $(@D)
	@printf '$(ODD_$*)' >$@
