# SPDX-License-Identifier: Apache-2.0
IMAGES := test
IMAGE_SRC_test  := t_dma
IMAGE_BASE_test := 0x50000000
