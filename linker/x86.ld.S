/* SPDX-License-Identifier: Apache-2.0 */
/* One address space, W^X by section: every boundary a right changes at is page aligned (arch/x86/mmu.c). */
#include "init.ld.h"

#define INIT_FILES(...)                           \
	INIT_FILES_CORE(__VA_ARGS__)              \
	*/arch/x86/config_*.c.o(__VA_ARGS__)   \
	*/arch/x86/platform*.c.o(__VA_ARGS__)

#define INIT_FUNCTIONS(F)                                                                              \
	INIT_FUNCTIONS_CORE(F) F(lapic_init) F(ioapic_init) F(time_init) F(cpuvirt_choose)

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(multiboot2_entry)

PHDRS
{
	text PT_LOAD FLAGS(5);
	note PT_NOTE FLAGS(4);
	initro PT_LOAD FLAGS(4);
	text2 PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = 0x200000;
	__image_start = ABSOLUTE(.);
	/* Used until arch_seal(), which unmaps it: reading tables, checking the configuration, finding devices. */
	.init.text : {
		KEEP(*(.head))
		INIT_FILES(.text .text.*)
		INIT_FUNCTIONS(INIT_TEXT)
	} :text
	. = ALIGN(4096);
	__init_rodata_start = .;
	.note.pvh : {
		KEEP(*(.note.pvh))
	} :initro :note
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

	/DISCARD/ : {
		*(.comment .note .note.gnu.* .eh_frame .eh_frame_hdr .note.GNU-stack .dynamic .dynsym .dynstr .hash .gnu.hash .interp)
	}
}

NOCROSSREFS_TO(.init.text .text)
NOCROSSREFS_TO(.init.rodata .text)
NOCROSSREFS_TO(.init.text .rodata)
NOCROSSREFS_TO(.init.rodata .rodata)
