# SPDX-License-Identifier: Apache-2.0
IMAGES := test other
IMAGE_SRC_test   := t_input
IMAGE_BASE_test  := 0x50000000
IMAGE_SRC_other  := t_input
IMAGE_BASE_other := 0x58000000
