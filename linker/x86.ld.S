/* SPDX-License-Identifier: Apache-2.0 */
/* What is this machine's: boot-only code, address and format of the image. The sections: sections.ld.S. */
#include "init.ld.h"

#define INIT_FILES(...) INIT_FILES_CORE(__VA_ARGS__)

#define INIT_FUNCTIONS(F)                                                                              \
	INIT_FUNCTIONS_CORE(F) F(lapic_init) F(ioapic_init) F(time_init) F(measure) F(cpuvirt_choose)   \
	F(vtd_context_init) F(vtd_fault_init) F(vtd_fault_start) F(vtd_irte_start) F(registers_ok)     \
	F(lapic_timer_run_free) F(lapic_timer_counted)

#define BOOT_NOTE                    \
	.note.pvh : {                \
		KEEP(*(.note.pvh))   \
	} :initro :note

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
#include "sections.ld.S"

	/DISCARD/ : {
		*(.comment .note .note.gnu.* .eh_frame .eh_frame_hdr .note.GNU-stack .dynamic .dynsym .dynstr .hash .gnu.hash .interp)
	}
}

NOCROSSREFS_TO(.init.text .text)
NOCROSSREFS_TO(.init.rodata .text)
NOCROSSREFS_TO(.init.text .rodata)
NOCROSSREFS_TO(.init.rodata .rodata)
