# SPDX-License-Identifier: Apache-2.0
# Partition images of the demonstration and the addresses they are linked at (their partition's memory, demo.h).
IMAGES := driver monitor bystander
IMAGE_BASE_driver    := $(RAM_BASE)+0x10000000
IMAGE_BASE_monitor   := $(RAM_BASE)+0x18000000
IMAGE_BASE_bystander := $(RAM_BASE)+0x1c000000
