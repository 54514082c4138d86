/* SPDX-License-Identifier: Apache-2.0 */
/* One address space, W^X by section: every boundary a right changes at is page aligned (arch/arm64/mmu.c). */
OUTPUT_FORMAT("elf64-littleaarch64")
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = 0x40200000;
	__image_start = .;
	.text : {
		KEEP(*(.head))
		*(.text .text.*)
	} :text
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

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .eh_frame_hdr .ARM.attributes .dynamic .dynsym .dynstr .hash .gnu.hash .interp)
	}
}
