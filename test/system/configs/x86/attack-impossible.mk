# SPDX-License-Identifier: Apache-2.0
include test/system/configs/x86/attack.mk
