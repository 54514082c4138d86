/* SPDX-License-Identifier: Apache-2.0 */
/* What is this machine's: boot-only code, address and format of the image. The sections: sections.ld.S. */
#include "init.ld.h"

#define INIT_FILES(...)                           \
	INIT_FILES_CORE(__VA_ARGS__)              \
	*libfdt.a:*.o(__VA_ARGS__)

#define INIT_FUNCTIONS(F)                                                                              \
	INIT_FUNCTIONS_CORE(F) F(gic_init_dist)                                                        \
	F(unit_missing) F(features_read) F(cap_fill) F(block)                                          \
	F(block_by_table) F(translation_start) F(tables_start) F(gbpa_abort) F(unit_start)             \
	F(irqs_enable) F(cr0_set) F(reg_wait) F(smmuv3_strtab_init) F(smmuv3_strtab_start)             \
	F(smmuv3_cmdq_init) F(smmuv3_cmdq_start) F(smmuv3_evtq_init) F(smmuv3_evtq_start)

#define BOOT_NOTE

OUTPUT_FORMAT("elf64-littleaarch64")
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	initro PT_LOAD FLAGS(4);
	text2 PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = 0x40200000;
#include "sections.ld.S"

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .eh_frame_hdr .ARM.attributes .dynamic .dynsym .dynstr .hash .gnu.hash .interp)
	}
}

NOCROSSREFS_TO(.init.text .text)
NOCROSSREFS_TO(.init.rodata .text)
NOCROSSREFS_TO(.init.text .rodata)
NOCROSSREFS_TO(.init.rodata .rodata)
