# SPDX-License-Identifier: Apache-2.0
# Shared by the configurations crash-*: what goes wrong is the partition's argument (test/guests/t_crash.c).
IMAGES := test other
IMAGE_SRC_test   := t_crash
IMAGE_BASE_test  := $(RAM_BASE)+0x10000000
IMAGE_SRC_other  := t_spin
IMAGE_BASE_other := $(RAM_BASE)+0x18000000
