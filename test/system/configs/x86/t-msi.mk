# SPDX-License-Identifier: Apache-2.0
IMAGES := test other
IMAGE_SRC_test   := t_msi
IMAGE_BASE_test  := $(RAM_BASE)+0x10000000
IMAGE_SRC_other  := t_msi
IMAGE_BASE_other := $(RAM_BASE)+0x18000000
