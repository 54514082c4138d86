# SPDX-License-Identifier: Apache-2.0
include test/system/configs/x86/t-msi.mk
INJECT := test/system/inject/msi_foreign.c --wrap=arch_msi_enable
