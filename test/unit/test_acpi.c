/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arch_platform_read() of x86 but for DMAR: a q35 as QEMU and SeaBIOS leave it, value by value, by PVH and by
 * Multiboot2; then one malformation at a time, each with the sentence it gets and what is left of the machine;
 * then thousands of damaged ones, where the sanitizers, acpi_world.c and a few invariants are the judge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arch/platform.h>

#include "acpi_world.h"

static int setup(void **state)
{
	world_reset();
	return 0;
}

static void assert_no_note(void)
{
	for (unsigned i = 0; i < platform.note_count; i++) {
		print_message("note: %s\n", platform.note[i]);
	}
	assert_int_equal(platform.note_count, 0);
}

static void assert_q35(void)
{
	const struct board *b = &platform.board;

	world_read();
	assert_null(platform.error);
	assert_no_note();
	assert_int_equal(b->ram_count, 2);
	assert_int_equal(b->ram[0].base, 0);
	assert_int_equal(b->ram[0].size, 0x9f000);
	assert_int_equal(b->ram[1].base, 0x100000);
	assert_int_equal(b->ram[1].size, 0x3fee0000);
	assert_int_equal(b->cpu_count, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(b->cpu_id[i], i);
	}
	assert_int_equal(b->lapic.base, 0xfee00000);
	assert_int_equal(b->lapic.size, 0x1000);
	assert_int_equal(b->ioapic.base, 0xfec00000);
	assert_int_equal(b->ioapic.size, 0x1000);
	assert_true(b->pci.present);
	assert_int_equal(b->pci.ecam, 0xb0000000);
	assert_int_equal(b->pci.ecam_size, 0x10000000);
	assert_int_equal(b->pci.bus_first, 0);
	assert_int_equal(b->pci.bus_last, 255);
	assert_int_equal(b->pci.window_count, 0);
	assert_true(b->pci.iommu_mapped);
	assert_int_equal(b->pci.rid_count, 0x10000);
	assert_int_equal(b->uart, 0x3f8);
	assert_true(b->uart_port);
	assert_int_equal(b->uart_irq, 36);
	assert_int_equal(b->unit_count, 1);
	assert_int_equal(b->unit[0].base, 0xfed90000);
	assert_false(platform.no_intremap);
	assert_false(platform.no_virt);
	assert_false(platform.unit_unreached);
}

static void test_q35_pvh(void **state)
{
	assert_q35();
	assert_int_equal(acpi_info.pm_timer, 0x608);
	assert_int_equal(acpi_info.pm1a_control, 0x604);
	assert_int_equal(acpi_info.sleep_s5, 0);
	assert_int_equal(acpi_info.reset_port, 0xcf9);
	assert_int_equal(acpi_info.reset_value, 0xf);
	assert_int_equal(acpi_info.ioapic_id, 0);
	assert_int_equal(acpi_info.ioapic_gsi_base, 0);
	assert_int_equal(acpi_info.isa_gsi[0], 2);
	assert_int_equal(acpi_info.isa_gsi[4], 4);
	assert_false(acpi_info.isa_level[4]);
	assert_true(acpi_info.isa_level[9]);
	assert_false(acpi_info.isa_low[9]);
}

/* QEMU names its one unit's address; the configuration's order decides the number. */
static void test_ioapic_unit_order(void **state)
{
	world_read();
	assert_int_equal(acpi_info.ioapic_unit, 0);
	arch_platform_use(&platform);
	assert_int_equal(acpi_info.ioapic_unit, 1);
	mem_put64(AT_DMAR + 48 + 8, 0xfed95000);
	table_seal(AT_DMAR);
	world_read();
	arch_platform_use(&platform);
	assert_int_equal(acpi_info.ioapic_unit, 0xff);
}

static void test_no_virtualization(void **state)
{
	world.no_virt = true;
	world_read();
	assert_true(platform.valid);
	assert_true(platform.no_virt);
	assert_string_equal(platform.virt_why, "no SVM");
}

/* --- boot information --- */

/* Multiboot2 with the same memory map, an unknown tag, and an RSDP if size is not 0. */
static uint64_t put_mb2(uint32_t type, uint32_t rsdp_size)
{
	uint64_t at = AT_FREE + 8;
	uint8_t entries[9 * 24];
	uint8_t rsdp[64];

	boot_magic = 0x36d76289;
	boot_info = AT_FREE;
	mem_get(AT_PVH_MAP, entries, sizeof(entries));
	mem_get(AT_RSDP, rsdp, sizeof(rsdp));
	mem_put32(at, 2); /* loader name, 13 bytes: the next tag is aligned */
	mem_put32(at + 4, 13);
	at += 16;
	mem_put32(at, 6);
	mem_put32(at + 4, 16 + sizeof(entries));
	mem_put32(at + 8, 24);
	mem_put32(at + 12, 0);
	mem_put(at + 16, entries, sizeof(entries));
	at += 16 + sizeof(entries);
	if (rsdp_size != 0) {
		mem_put32(at, type);
		mem_put32(at + 4, 8 + rsdp_size);
		mem_put(at + 8, rsdp, rsdp_size);
		at += align_up(8 + rsdp_size, 8);
	}
	mem_put32(at, 0);
	mem_put32(at + 4, 8);
	mem_put32(AT_FREE, (uint32_t)(at + 8 - AT_FREE));
	return at;
}

static void test_q35_multiboot2(void **state)
{
	(void)put_mb2(14, 20);
	mem_put(AT_RSDP, "--------", 8); /* the copy is all that is needed */
	assert_q35();
	world_reset();
	(void)put_mb2(0, 0); /* none came along: found in the BIOS area */
	assert_q35();
}

static void test_multiboot2_bad(void **state)
{
	uint64_t end = put_mb2(15, 20);

	mem_put32(AT_FREE, 7);
	world_read();
	assert_true(error_is("shorter than its header or longer than 1 MiB"));
	mem_put32(AT_FREE, 0x100001);
	world_read();
	assert_true(error_is("shorter than its header or longer than 1 MiB"));
	mem_put32(AT_FREE, (uint32_t)(end - AT_FREE)); /* cut off before the end tag */
	world_read();
	assert_true(error_is("ends without its last tag"));
	(void)put_mb2(15, 20);
	mem_put32(AT_FREE + 12, 7);
	world_read();
	assert_true(error_is("a tag of the Multiboot2 information is longer"));
	mem_put32(AT_FREE + 12, 0xfffffff8);
	world_read();
	assert_true(error_is("a tag of the Multiboot2 information is longer"));
	(void)put_mb2(15, 20);
	mem_put32(AT_FREE + 24 + 8, 20);
	world_read();
	assert_true(error_is("entries of a size that cannot be"));
	mem_put32(AT_FREE + 24 + 8, 16);
	world_read();
	assert_true(error_is("entries of a size that cannot be"));
	mem_put32(AT_FREE + 24, 99);
	world_read();
	assert_true(error_is("has no memory map"));
	(void)put_mb2(15, 20);
	mem_put8(AT_FREE + 24 + 16 + 9 * 24 + 8 + 8, 0x55); /* the copied RSDP's checksum */
	world_read();
	assert_true(platform.valid);
	assert_true(noted("came with the Multiboot2 information is not one"));
	world.refused = AT_FREE;
	world_read();
	assert_true(error_is("EBX does not point to Multiboot2"));
}

static void test_multiboot2_many_tags(void **state)
{
	boot_magic = 0x36d76289;
	boot_info = AT_FREE;
	mem_put32(AT_FREE, 8 + 300 * 8);
	for (unsigned i = 0; i < 300; i++) {
		mem_put32(AT_FREE + 8 + i * 8, 77);
		mem_put32(AT_FREE + 12 + i * 8, 8);
	}
	world_read();
	assert_true(error_is("more tags than the hypervisor reads"));
}

static void test_pvh_bad(void **state)
{
	mem_put32(AT_PVH_INFO, 0x336ec577);
	world_read();
	assert_true(error_is("EBX does not point to PVH start information"));
	world_reset();
	mem_put32(AT_PVH_INFO + 4, 0);
	world_read();
	assert_true(error_is("version 0"));
	world_reset();
	mem_put32(AT_PVH_INFO + 48, 257);
	world_read();
	assert_true(error_is("more entries than the hypervisor reads"));
	world_reset();
	mem_put64(AT_PVH_INFO + 40, UINT64_MAX - 8);
	world_read();
	assert_true(error_is("where no memory can be read"));
	world_reset();
	mem_put64(AT_PVH_INFO + 40, 0);
	world_read();
	assert_true(error_is("where no memory can be read"));
	world_reset();
	mem_put32(AT_PVH_INFO + 48, 0);
	world_read();
	assert_true(error_is("names no usable RAM"));
	world_reset();
	mem_put64(AT_PVH_INFO + 32, 0xf5230);
	world_read();
	assert_true(platform.valid);
	assert_true(noted("RSDP is not where the PVH start information has it"));
	boot_info = 0;
	world_read();
	assert_true(error_is("EBX does not point to PVH start information"));
}

/* --- memory map --- */

static unsigned map_count;

static void map_put(uint64_t base, uint64_t size, uint32_t type)
{
	uint64_t at = AT_PVH_MAP + map_count++ * 24ull;

	mem_put64(at, base);
	mem_put64(at + 8, size);
	mem_put32(at + 16, type);
	mem_put32(AT_PVH_INFO + 48, map_count);
}

static void assert_ram(unsigned n, uint64_t base, uint64_t end)
{
	assert_true(n < platform.board.ram_count);
	assert_int_equal(platform.board.ram[n].base, base);
	assert_int_equal(platform.board.ram[n].base + platform.board.ram[n].size, end);
}

/* Not sorted, touching, overlapping, not of whole pages, beyond every address. */
static void test_map_normal_form(void **state)
{
	map_count = 0;
	map_put(0x30001800, 0x800, 1);
	map_put(0x30000800, 0x1000, 1);   /* together 30000800..30002000 */
	map_put(0x10000000, 0x4000, 1);
	map_put(0x10001000, 0x1000, 2);   /* says otherwise: wins */
	map_put(0x10002800, 0x100, 7);
	map_put(0x40000000, 0, 1);
	map_put(0x40000fff, 1, 1);        /* no whole page */
	map_put(0xf000000000000, UINT64_MAX, 1);
	map_put(0xfffffffffffff000, 0x2000, 1);
	world_read();
	assert_null(platform.error);
	assert_int_equal(platform.board.ram_count, 4);
	assert_ram(0, 0x10000000, 0x10001000);
	assert_ram(1, 0x10003000, 0x10004000);
	assert_ram(2, 0x30001000, 0x30002000);
	assert_ram(3, 0xf000000000000, (uint64_t)1 << 52);
}

static void test_map_too_many(void **state)
{
	map_count = 0;
	for (unsigned i = 0; i < 12; i++) {
		map_put(0x1000000ull * (i + 1), 0x10000 + (i % 5) * 0x1000, 1);
	}
	world_read();
	assert_true(platform.valid);
	assert_int_equal(platform.board.ram_count, RAM_MAX);
	assert_true(noted("the smallest are ignored"));
	for (unsigned i = 0; i < RAM_MAX; i++) {
		assert_true(platform.board.ram[i].size >= 0x11000);
		assert_true(i == 0 || platform.board.ram[i].base > platform.board.ram[i - 1].base);
	}
}

/* --- RSDP, RSDT, XSDT --- */

static void put_rsdp(uint64_t at, uint8_t revision, uint32_t rsdt, uint64_t xsdt)
{
	uint8_t r[36] = "RSD PTR ";
	uint8_t sum = 0;

	r[15] = revision;
	memcpy(r + 16, &rsdt, 4);
	memcpy(r + 20, &(uint32_t){ 36 }, 4);
	memcpy(r + 24, &xsdt, 8);
	for (unsigned i = 0; i < 20; i++) {
		sum = (uint8_t)(sum + r[i]);
	}
	r[8] = (uint8_t)(0 - sum);
	sum = 0;
	for (unsigned i = 0; i < 36; i++) {
		sum = (uint8_t)(sum + r[i]);
	}
	r[32] = (uint8_t)(0 - sum);
	mem_put(at, r, sizeof(r));
}

static struct build build;

/* The same tables from an XSDT. */
static void put_xsdt(uint64_t at)
{
	build_begin(&build, at, "XSDT", 36);
	build_put(&build, AT_FADT, 8);
	build_put(&build, AT_MADT, 8);
	build_put(&build, AT_MCFG, 8);
	build_put(&build, AT_DMAR, 8);
	build_end(&build);
}

static void test_xsdt(void **state)
{
	put_xsdt(AT_FREE);
	put_rsdp(AT_RSDP, 2, 0, AT_FREE);
	assert_q35();
	put_rsdp(AT_RSDP, 2, AT_RSDT, AT_FREE);
	mem_put8(AT_FREE + 9, 0x55);
	world_read();
	assert_true(platform.valid);
	assert_true(noted("XSDT is damaged: RSDT is used"));
	put_xsdt(AT_FREE);
	mem_put8(AT_RSDP + 32, 0x55);
	world_read();
	assert_true(platform.valid);
	assert_true(noted("second half of ACPI's RSDP is damaged"));
	put_rsdp(AT_RSDP, 2, 0, AT_FREE + 1);
	world_read();
	assert_true(error_is("leads to no XSDT or RSDT"));
}

static void test_rsdp(void **state)
{
	mem_put64(AT_PVH_INFO + 32, 0); /* searched in the BIOS area */
	assert_q35();
	mem_put8(AT_RSDP + 8, 0x55);
	world_read();
	assert_true(error_is("there is no RSDP"));
	put_rsdp(0x9fc10, 0, AT_RSDT, 0); /* in the EBDA */
	assert_q35();
	put_rsdp(0x9fc18, 0, AT_RSDT, 0); /* not on 16 bytes */
	mem_put(0x9fc10, "--------", 8);
	world_read();
	assert_true(error_is("there is no RSDP"));
}

static void test_root_bad(void **state)
{
	static const uint32_t length[] = { 0, 35, 0x8001, 0x100000, UINT32_MAX };

	for (unsigned i = 0; i < ARRAY_COUNT(length); i++) {
		world_reset();
		mem_put32(AT_RSDT + 4, length[i]);
		world_read();
		assert_true(error_is("leads to no XSDT or RSDT"));
	}
	world_reset();
	build_begin(&build, AT_FREE, "RSDT", 36);
	for (unsigned i = 0; i < 70; i++) {
		build_put(&build, i == 1 ? AT_MADT : i == 69 ? AT_DMAR : 0, 4);
	}
	build_end(&build);
	put_rsdp(AT_RSDP, 0, AT_FREE, 0);
	world_read();
	assert_true(platform.valid);
	assert_true(noted("more tables than the hypervisor reads (64)"));
	assert_int_equal(platform.board.unit_count, 0);
}

/* --- MADT --- */

static void test_madt_bad(void **state)
{
	table_hide(AT_MADT);
	world_read();
	assert_true(error_is("ACPI has no MADT"));
	world_reset();
	mem_put8(AT_MADT + 50, 1);
	world_read();
	assert_true(error_is("its length or checksum is wrong"));
	world_reset();
	mem_put32(AT_MADT + 4, 40);
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("MADT is shorter than its header"));
	world_reset();
	mem_put8(AT_MADT + 45, 0); /* an entry of no length */
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("an entry of ACPI's MADT is shorter than its header or longer"));
	mem_put8(AT_MADT + 45, 200);
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("an entry of ACPI's MADT is shorter than its header or longer"));
	mem_put8(AT_MADT + 45, 7);
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("shorter than its kind has to be"));
	world_reset();
	world.boot_cpu = 9;
	world_read();
	assert_true(error_is("the CPU we run on is not in ACPI's MADT"));
	world_reset();
	mem_put32(AT_MADT + 36, 0xfee00010);
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("the local APICs where they cannot be"));
	mem_put32(AT_MADT + 36, 0x200000);
	table_seal(AT_MADT);
	world_read();
	assert_true(error_is("the local APICs where they cannot be"));
}

static void madt_begin(void)
{
	table_use(AT_MADT, AT_FREE);
	build_begin(&build, AT_FREE, "APIC", 44);
	memcpy(build.bytes + 36, &(uint32_t){ 0xfee00000 }, 4);
}

static void madt_cpu(uint8_t id, uint32_t flags)
{
	build_put(&build, 0 | 8 << 8 | (uint32_t)id << 24, 4);
	build_put(&build, flags, 4);
}

static void madt_x2apic(uint32_t id, uint32_t flags)
{
	build_put(&build, 9 | 16 << 8, 4);
	build_put(&build, id, 4);
	build_put(&build, flags, 4);
	build_put(&build, 0, 4);
}

static void madt_ioapic(uint8_t id, uint32_t base, uint32_t gsi)
{
	build_put(&build, 1 | 12 << 8 | (uint32_t)id << 16, 4);
	build_put(&build, base, 4);
	build_put(&build, gsi, 4);
}

static void madt_override(uint8_t bus, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	build_put(&build, 2 | 10 << 8 | (uint32_t)bus << 16 | (uint32_t)irq << 24, 4);
	build_put(&build, gsi, 4);
	build_put(&build, flags, 2);
}

static void test_madt_cpus(void **state)
{
	madt_begin();
	madt_cpu(7, 1);
	madt_cpu(1, 0); /* off */
	madt_cpu(2, 2); /* may be plugged in */
	madt_x2apic(7, 1);
	madt_x2apic(300, 1);
	madt_x2apic(20, 1);
	madt_cpu(5, 1);
	madt_ioapic(3, 0xfec10000, 0);
	madt_ioapic(4, 0xfec20000, 24);
	build_put(&build, 5 | 12 << 8, 4);
	build_put(&build, 0xfee80000, 8);
	build_put(&build, 0x7f | 2 << 8, 2); /* a kind nobody knows */
	build_end(&build);
	world.boot_cpu = 5;
	world_read();
	assert_null(platform.error);
	assert_int_equal(platform.board.cpu_count, 3);
	assert_int_equal(platform.board.cpu_id[0], 5);
	assert_int_equal(platform.board.cpu_id[1], 7);
	assert_int_equal(platform.board.cpu_id[2], 20);
	assert_int_equal(platform.board.ioapic.base, 0xfec10000);
	assert_int_equal(acpi_info.ioapic_id, 3);
	assert_int_equal(platform.board.lapic.base, 0xfee80000);
	assert_true(noted("same APIC id"));
	assert_true(noted("APIC id above 254"));
	assert_true(noted("more than one I/O APIC"));
}

static void test_madt_many(void **state)
{
	madt_begin();
	for (unsigned i = 0; i < 12; i++) {
		madt_cpu((uint8_t)i, 1);
	}
	madt_ioapic(0, 0xfec00000, 0);
	build_end(&build);
	world.boot_cpu = 11; /* also where it comes last */
	world_read();
	assert_true(platform.valid);
	assert_int_equal(platform.board.cpu_count, CPU_MAX);
	assert_int_equal(platform.board.cpu_id[0], 11);
	assert_int_equal(platform.board.cpu_id[7], 6);
	assert_true(noted("more CPUs than the hypervisor can use"));
	madt_begin();
	madt_cpu(11, 1);
	for (unsigned i = 0; i < 2100; i++) {
		build_put(&build, 0x7f | 2 << 8, 2);
	}
	build_end(&build);
	world_read();
	assert_true(error_is("MADT has more entries than the hypervisor reads"));
}

static void test_madt_interrupts(void **state)
{
	madt_begin();
	madt_cpu(0, 1);
	madt_ioapic(0, 0xfec00000, 0);
	madt_override(0, 4, 20, 0xf);
	madt_override(0, 3, 32, 0);
	madt_override(1, 5, 21, 0);
	madt_override(0, 16, 22, 0);
	build_end(&build);
	world_read();
	assert_true(platform.valid);
	assert_int_equal(platform.board.uart_irq, 52);
	assert_true(acpi_info.isa_level[4] && acpi_info.isa_low[4]);
	assert_int_equal(acpi_info.isa_gsi[3], 3);
	assert_int_equal(acpi_info.isa_gsi[5], 5);
	assert_true(noted("interrupt override of no ISA interrupt"));
	madt_begin();
	madt_cpu(0, 1);
	madt_ioapic(0, 0x1000000, 0); /* in RAM */
	build_end(&build);
	world_read();
	assert_true(error_is("MADT has no I/O APIC"));
}

/* --- MCFG and FADT --- */

static void mcfg_put(uint64_t base, uint16_t segment, uint8_t first, uint8_t last)
{
	mem_put64(AT_MCFG + 44, base);
	mem_put16(AT_MCFG + 52, segment);
	mem_put8(AT_MCFG + 54, first);
	mem_put8(AT_MCFG + 55, last);
	table_seal(AT_MCFG);
	world_read();
	assert_true(platform.valid);
}

static void test_mcfg(void **state)
{
	mcfg_put(0xb0000000, 0, 16, 31);
	assert_int_equal(platform.board.pci.ecam, 0xb1000000);
	assert_int_equal(platform.board.pci.ecam_size, 0x1000000);
	assert_int_equal(platform.board.pci.bus_first, 16);
	mcfg_put(0xb0000000, 1, 0, 255);
	assert_false(platform.board.pci.present);
	assert_false(platform.board.pci.iommu_mapped);
	assert_true(noted("PCI segments other than 0"));
	mcfg_put(0xb0000000, 0, 5, 4);
	assert_true(noted("configuration space where it cannot be"));
	mcfg_put(0x10000000, 0, 0, 255); /* in RAM */
	assert_false(platform.board.pci.present);
	mcfg_put(0, 0, 0, 255);
	assert_false(platform.board.pci.present);
	mcfg_put(UINT64_MAX & ~0xfffffull, 0, 0, 255);
	assert_false(platform.board.pci.present);
	mem_put8(AT_MCFG + 9, 0x55);
	world_read();
	assert_true(noted("MCFG is damaged"));
	table_hide(AT_MCFG);
	world_read();
	assert_false(platform.board.pci.present);
	assert_no_note();
	/* Twice; and an entry that is cut off. */
	table_use(AT_MCFG, AT_FREE);
	build_begin(&build, AT_FREE, "MCFG", 44);
	for (unsigned i = 0; i < 2; i++) {
		build_put(&build, 0xb0000000, 8);
		build_put(&build, 0xff000000, 8);
	}
	build_put(&build, 0xc0000000, 8);
	build_end(&build);
	world_read();
	assert_int_equal(platform.board.pci.ecam, 0xb0000000);
	assert_true(noted("segment 0 twice"));
}

static void fadt_read_again(void)
{
	table_seal(AT_FADT);
	world_read();
	assert_true(platform.valid);
}

static void test_fadt(void **state)
{
	mem_put32(AT_FADT + 4, 116); /* ACPI 1.0 */
	fadt_read_again();
	assert_int_equal(acpi_info.pm_timer, 0x608);
	assert_int_equal(acpi_info.pm1a_control, 0x604);
	assert_int_equal(acpi_info.reset_port, 0);
	mem_put32(AT_FADT + 4, 115);
	fadt_read_again();
	assert_true(noted("no usable FADT"));
	assert_int_equal(acpi_info.pm_timer, 0);
	world_reset();
	mem_put8(AT_FADT + 116, 0); /* reset register in memory */
	mem_put64(AT_FADT + 208 + 4, 0x12345);
	mem_put64(AT_FADT + 172 + 4, 0xb004);
	fadt_read_again();
	assert_int_equal(acpi_info.reset_port, 0);
	assert_int_equal(acpi_info.pm_timer, 0);
	assert_int_equal(acpi_info.pm1a_control, 0xb004);
	mem_put32(AT_FADT + 112, 1 << 20);
	fadt_read_again();
	assert_true(noted("hardware-reduced"));
	assert_int_equal(acpi_info.pm1a_control, 0);
}

static const uint8_t s5_byte[] = { 8, '_', 'S', '5', '_', 0x12, 6, 4, 0xa, 5, 0xa, 5, 0, 0 };
static const uint8_t s5_root[] = { 8, '\\', '_', 'S', '5', '_', 0x12, 0x87, 0, 0, 4, 1, 1, 0, 0 };

/* A DSDT of size bytes with that object at that place. */
static void put_dsdt(const uint8_t *object, uint32_t n, uint32_t place, uint32_t size)
{
	build_begin(&build, AT_FREE, "DSDT", size);
	memcpy(build.bytes + place, object, n);
	build_end(&build);
	mem_put32(AT_FADT + 40, AT_FREE);
	mem_put64(AT_FADT + 140, AT_FREE);
	fadt_read_again();
}

static void test_s5(void **state)
{
	put_dsdt(s5_byte, sizeof(s5_byte), 36, 100);
	assert_int_equal(acpi_info.sleep_s5, 5);
	put_dsdt(s5_root, sizeof(s5_root), 36, 100);
	assert_int_equal(acpi_info.sleep_s5, 1);
	put_dsdt(s5_byte, sizeof(s5_byte), 0x1fff0, 0x20000 - 2); /* the last thing */
	assert_int_equal(acpi_info.sleep_s5, 5);
	/* Across the end of what is looked at in one piece. */
	for (uint32_t place = 0x8000 - 64; place < 0x8000; place++) {
		put_dsdt(s5_byte, sizeof(s5_byte), place, 0x10000);
		assert_int_equal(acpi_info.sleep_s5, 5);
		assert_int_equal(acpi_info.pm1a_control, 0x604);
		assert_no_note();
	}
}

static void assert_no_s5(void)
{
	assert_true(noted("has no \\_S5 that can be read"));
	assert_int_equal(acpi_info.pm1a_control, 0);
}

static void test_s5_bad(void **state)
{
	static const struct {
		unsigned at;
		uint8_t v;
	} bad[] = { { 0, 7 }, { 4, 'x' }, { 5, 0x11 }, { 7, 0 }, { 9, 8 }, { 8, 2 }, { 8, 0xb } };

	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		uint8_t object[sizeof(s5_byte)];

		memcpy(object, s5_byte, sizeof(object));
		object[bad[i].at] = bad[i].v;
		put_dsdt(object, sizeof(object), 36, 100);
		assert_no_s5();
	}
	put_dsdt(s5_byte, sizeof(s5_byte), 36, 100);
	mem_put8(AT_FREE + 9, 0x55);
	world_read();
	assert_no_s5();
	put_dsdt(s5_byte, sizeof(s5_byte), 36, 100);
	mem_put32(AT_FREE + 4, 0x100001);
	table_seal(AT_FREE);
	world_read();
	assert_no_s5();
	mem_put64(AT_FADT + 140, UINT64_MAX);
	fadt_read_again();
	assert_no_s5();
}

/* --- damage --- */

static uint64_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void assert_sane(void)
{
	const struct board *b = &platform.board;

	assert_true(b->ram_count <= RAM_MAX && b->cpu_count <= CPU_MAX && b->unit_count <= UNIT_MAX);
	assert_true(platform.scope_count <= SCOPE_MAX && platform.reserved_count <= RMRR_MAX);
	assert_true(platform.note_count <= NOTE_MAX && platform.valid == (b->ram_count > 0));
	for (unsigned i = 0; i < b->ram_count; i++) {
		assert_true(range_ok(b->ram[i].base, b->ram[i].size) && (b->ram[i].size & PAGE_MASK) == 0);
	}
	for (unsigned i = 0; i < b->unit_count; i++) {
		assert_true((b->unit[i].base & PAGE_MASK) == 0 && range_ok(b->unit[i].base, b->unit[i].size));
	}
	for (unsigned i = 0; i < platform.scope_count; i++) {
		assert_true(platform.scope[i].unit < b->unit_count && platform.scope[i].path_count <= SCOPE_PATH_MAX);
	}
	for (unsigned i = 0; i < platform.reserved_count; i++) {
		assert_true(range_ok(platform.reserved[i].range.base, platform.reserved[i].range.size));
	}
}

static void test_damage(void **state)
{
	static const struct {
		uint64_t at;
		uint32_t size;
		bool table;
	} part[] = {
		{ AT_PVH_INFO, 56, false }, { AT_PVH_MAP, 216, false }, { AT_RSDP, 36, false }, { AT_RSDT, 60, true },
		{ AT_FADT, 244, true },     { AT_MADT, 144, true },     { AT_MCFG, 60, true },  { AT_DMAR, 120, true },
	};
	unsigned valid = 0;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = rnd(ARRAY_COUNT(part));
		uint8_t saved[256];

		mem_get(part[n].at, saved, part[n].size);
		for (unsigned i = rnd(4); i < 4; i++) {
			mem_put8(part[n].at + rnd(part[n].size), rnd(3) == 0 ? 0 : (uint8_t)rnd(256));
		}
		if (part[n].table && rnd(8) != 0) {
			table_seal(part[n].at);
		}
		world_read();
		assert_sane();
		valid += platform.valid;
		mem_put(part[n].at, saved, part[n].size);
	}
	assert_true(valid > 1000 && valid < 19000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_q35_pvh, setup),
		cmocka_unit_test_setup(test_ioapic_unit_order, setup),
		cmocka_unit_test_setup(test_no_virtualization, setup),
		cmocka_unit_test_setup(test_q35_multiboot2, setup),
		cmocka_unit_test_setup(test_multiboot2_bad, setup),
		cmocka_unit_test_setup(test_multiboot2_many_tags, setup),
		cmocka_unit_test_setup(test_pvh_bad, setup),
		cmocka_unit_test_setup(test_map_normal_form, setup),
		cmocka_unit_test_setup(test_map_too_many, setup),
		cmocka_unit_test_setup(test_xsdt, setup),
		cmocka_unit_test_setup(test_rsdp, setup),
		cmocka_unit_test_setup(test_root_bad, setup),
		cmocka_unit_test_setup(test_madt_bad, setup),
		cmocka_unit_test_setup(test_madt_cpus, setup),
		cmocka_unit_test_setup(test_madt_many, setup),
		cmocka_unit_test_setup(test_madt_interrupts, setup),
		cmocka_unit_test_setup(test_mcfg, setup),
		cmocka_unit_test_setup(test_fadt, setup),
		cmocka_unit_test_setup(test_s5, setup),
		cmocka_unit_test_setup(test_s5_bad, setup),
		cmocka_unit_test_setup(test_damage, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
