# SPDX-License-Identifier: Apache-2.0
IMAGES := test
IMAGE_SRC_test  := t_nvme
IMAGE_BASE_test := $(RAM_BASE)+0x10000000
