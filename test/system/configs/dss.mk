# SPDX-License-Identifier: Apache-2.0
# Shared by the configurations dss-*: the hypervisor itself goes wrong, in the way the partition's argument names.
IMAGES := test other
IMAGE_SRC_test   := t_dss
IMAGE_BASE_test  := $(RAM_BASE)+0x10000000
IMAGE_SRC_other  := t_spin
IMAGE_BASE_other := $(RAM_BASE)+0x18000000
INJECT := test/system/inject/dss.c --wrap=hc_smmu_safety
