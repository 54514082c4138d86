# SPDX-License-Identifier: Apache-2.0
# Partition images of this system and the addresses they are linked at (their partition's memory).
IMAGES := driver monitor bystander
IMAGE_BASE_driver    := 0x50000000
IMAGE_BASE_monitor   := 0x58000000
IMAGE_BASE_bystander := 0x5c000000
