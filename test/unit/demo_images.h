/* SPDX-License-Identifier: Apache-2.0 */
/* Stand-ins for the partition images that configs/demo-virt.c names; 64 bytes each, end after start. */
#pragma once

#define DEMO_IMAGE(name)                                  \
	".globl image_" name "_start, image_" name "_end\n" \
	"image_" name "_start: .zero 64\n"                  \
	"image_" name "_end: .byte 0\n"

__asm__(".pushsection .rodata\n" DEMO_IMAGE("driver") DEMO_IMAGE("monitor") DEMO_IMAGE("bystander") ".popsection\n");
