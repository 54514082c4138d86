/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The image's sections, the same on every architecture: one address space, W^X, every boundary a right changes at is
 * page aligned (mmu.c). BOOT_NOTE: what a boot loader looks for, if anything.
 */
	__image_start = ABSOLUTE(.);
	/* Used until arch_seal(), which unmaps it: reading tables, checking the configuration, finding devices. */
	.init.text : {
		KEEP(*(.head))
		INIT_FILES(.text .text.*)
		INIT_FUNCTIONS(INIT_TEXT)
	} :text
	. = ALIGN(4096);
	__init_rodata_start = .;
	BOOT_NOTE
	.init.rodata : {
		INIT_FILES(.rodata .rodata.*)
		INIT_FUNCTIONS(INIT_RODATA)
	} :initro
	. = ALIGN(4096);
	__init_end = .;
	.text : {
		*(.text .text.*)
	} :text2
	. = ALIGN(4096);
	__rodata_start = .;
	.rodata : {
		*(.rodata .rodata.*)
	} :rodata
	.images : {
		KEEP(*(.images))
	} :rodata
	. = ALIGN(4096);
	__data_start = .;
	.data : {
		*(.data .data.*)
		. = ALIGN(4096);
		__sealed_start = .;
		*(.sealed)
		. = ALIGN(4096);
		__sealed_end = .;
	} :data
	.bss (NOLOAD) : {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		__bss_end = .;
		*(.noinit)
		. = ALIGN(4096);
	} :data
	__image_end = .;
	__image_size = __image_end - __image_start;
