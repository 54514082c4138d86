# SPDX-License-Identifier: Apache-2.0
# Shared by the configurations attack-*: what goes wrong is the argument of partition test (test/guests/t_x86_attack.c).
IMAGES := test other
IMAGE_SRC_test   := t_x86_attack
IMAGE_BASE_test  := $(RAM_BASE)+0x10000000
IMAGE_SRC_other  := t_spin
IMAGE_BASE_other := $(RAM_BASE)+0x18000000
