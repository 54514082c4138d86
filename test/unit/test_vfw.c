/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware tables of a partition: read back by the hypervisor's own reader, which is as suspicious as any
 * guest; compared field by field where that reader does not look; and taken apart by iasl, where it is
 * installed. Memory beside the tables is as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <arch/platform.h>
#include <asm/exit.h>
#include <hyp/check.h>
#include <hyp/vm.h>

#include "acpi_world.h"

enum { RAM_IPA = 0x10000000, RAM_PA = 0x50000000, RAM_SIZE = 0x100000, TOP = RAM_IPA + RAM_SIZE - VFW_SIZE };

static struct cfg_region region[] = {
	{ .name = "ram", .ipa = RAM_IPA, .pa = RAM_PA, .size = RAM_SIZE, .prot = PROT_READ | PROT_WRITE | PROT_EXEC },
	{ .name = "low", .ipa = 0x8000, .pa = 0x60000000, .size = 0x8000, .prot = PROT_READ | PROT_WRITE | PROT_EXEC },
	{ .name = "rom", .ipa = 0x20000000, .pa = 0x70000000, .size = 0x8000, .prot = PROT_READ },
	{ .name = "dev", .ipa = 0xfe000000, .pa = 0xfe000000, .size = 0x1000, .prot = PROT_READ | PROT_DEVICE },
};
static struct cfg_vm cfg;
static struct vm vm;

__noreturn void hyp_check_failed(const char *what, const char *file, unsigned line)
{
	(void)fprintf(stderr, "CHECK %s\n", what);
	abort();
}

static int setup(void **state)
{
	world_reset();
	region[0].size = RAM_SIZE;
	cfg = (struct cfg_vm){ .name = "a", .region = region, .region_count = ARRAY_COUNT(region), .cpu_count = 3 };
	vm = (struct vm){ .cfg = &cfg, .vcpu_count = 3 };
	world.flat_pa = RAM_PA;
	world.flat = malloc(RAM_SIZE);
	memset(world.flat, 0x5a, RAM_SIZE);
	return 0;
}

static int teardown(void **state)
{
	free(world.flat);
	return 0;
}

/* What the guest sees, read as if it were a machine's firmware. */
static void load_and_read(void)
{
	vfw_load(&vm);
	assert_true(range_inside(vm.arch.boot_info, VFW_SIZE, RAM_IPA, region[0].size));
	mem_put(vm.arch.boot_info, world.flat + (vm.arch.boot_info - RAM_IPA), VFW_SIZE);
	boot_magic = 0;
	boot_info = (uint32_t)vm.arch.boot_info;
	world_read();
	assert_null(platform.error);
}

static void test_read_back(void **state)
{
	const struct board *b = &platform.board;

	load_and_read();
	assert_int_equal(vm.arch.boot_info, TOP);
	assert_int_equal(b->cpu_count, 3);
	assert_int_equal(b->cpu_id[2], 2);
	assert_int_equal(b->lapic.base, 0xfee00000);
	assert_int_equal(b->ioapic.base, 0xfec00000);
	assert_int_equal(acpi_info.ioapic_id, 3);
	assert_int_equal(acpi_info.ioapic_gsi_base, 0);
	for (unsigned i = 0; i < 16; i++) {
		assert_int_equal(acpi_info.isa_gsi[i], i);
	}
	assert_true(b->pci.present);
	assert_int_equal(b->pci.ecam, 0xb0000000);
	assert_int_equal(b->pci.ecam_size, 0x10000000);
	assert_int_equal(b->unit_count, 0);
	assert_int_equal(acpi_info.pm_timer, 0x608);
	assert_int_equal(acpi_info.pm1a_control, 0x604);
	assert_int_equal(acpi_info.sleep_s5, 0);
	assert_int_equal(acpi_info.reset_port, 0xcf9);
	assert_int_equal(acpi_info.reset_value, 6);
	assert_int_equal(platform.note_count, 0);
	assert_int_equal(b->ram_count, 2);
	assert_int_equal(b->ram[0].base, 0x8000);
	assert_int_equal(b->ram[0].size, 0x8000);
	assert_int_equal(b->ram[1].base, RAM_IPA);
	assert_int_equal(b->ram[1].size, RAM_SIZE - VFW_SIZE);
}

static bool has_word(const char *four)
{
	for (uint64_t at = RAM_SIZE - VFW_SIZE; at + 4 <= RAM_SIZE; at++) {
		if (memcmp(world.flat + at, four, 4) == 0) {
			return true;
		}
	}
	return false;
}

static void test_no_pci(void **state)
{
	load_and_read();
	assert_true(has_word("PCI0") && has_word("MCFG"));
	vm.index = 1; /* the device is partition 0's */
	load_and_read();
	assert_false(platform.board.pci.present);
	assert_false(has_word("PCI0") || has_word("MCFG"));
	assert_true(has_word("COM1"));
}

static bool untouched(uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		if (world.flat[i] != 0x5a) {
			return false;
		}
	}
	return true;
}

static void assert_entry(unsigned n, uint64_t base, uint64_t size, uint32_t type)
{
	uint64_t e[3];

	assert_true(n < mem_get32((uint64_t)boot_info + 48));
	mem_get((uint64_t)mem_get32((uint64_t)boot_info + 40) + n * 24ull, e, sizeof(e));
	assert_int_equal(e[0], base);
	assert_int_equal(e[1], size);
	assert_int_equal(e[2], type);
}

static void test_place(void **state)
{
	load_and_read();
	assert_true(untouched(0, RAM_SIZE - VFW_SIZE));
	assert_int_equal(mem_get32(boot_info + 48), 5);
	assert_entry(0, RAM_IPA, RAM_SIZE - VFW_SIZE, 1);
	assert_entry(1, TOP, VFW_SIZE, 3);
	assert_entry(2, 0xb0000000, 0x10000000, 2);
	assert_entry(3, 0x8000, 0x8000, 1);
	assert_entry(4, 0x20000000, 0x8000, 2);
}

/* Never outside of the first region, whatever the configuration says. */
static void test_place_outside(void **state)
{
	cfg.arg = RAM_IPA; /* the guest's own business */
	vfw_load(&vm);
	assert_int_equal(vm.arch.boot_info, TOP);
	memset(world.flat, 0x5a, RAM_SIZE);
	region[0].size = VFW_SIZE - 0x1000;
	vfw_load(&vm);
	assert_int_equal(vm.arch.boot_info, 0);
	region[0].size = VFW_SIZE; /* just fits */
	vfw_load(&vm);
	assert_int_equal(vm.arch.boot_info, RAM_IPA);
	assert_true(untouched(VFW_SIZE, RAM_SIZE));
	memset(world.flat, 0x5a, RAM_SIZE);
	cfg.region_count = 0;
	vfw_load(&vm);
	assert_int_equal(vm.arch.boot_info, 0);
	assert_true(untouched(0, RAM_SIZE));
}

/* A map of more regions than there is room for ends before the tables. */
static void test_many_regions(void **state)
{
	static struct cfg_region many[255];

	memcpy(&many[0], &region[0], sizeof(many[0]));
	for (unsigned i = 1; i < ARRAY_COUNT(many); i++) {
		many[i] = (struct cfg_region){ .ipa = GIB(i), .size = MIB(1), .prot = PROT_READ | PROT_WRITE };
	}
	cfg.region = many;
	cfg.region_count = ARRAY_COUNT(many);
	load_and_read();
	assert_int_equal(mem_get32(boot_info + 48), 168);
	assert_int_equal(platform.board.cpu_count, 3);
}

/* The same again: nothing of the run before is in it. */
static void test_again(void **state)
{
	static uint8_t first[VFW_SIZE];

	vfw_load(&vm);
	memcpy(first, world.flat + RAM_SIZE - VFW_SIZE, VFW_SIZE);
	memset(world.flat + RAM_SIZE - VFW_SIZE, 0xee, VFW_SIZE);
	vfw_load(&vm);
	assert_memory_equal(first, world.flat + RAM_SIZE - VFW_SIZE, VFW_SIZE);
}

/* --- the second opinion --- */

static char text[0x20000];

/* Writes the table out, has iasl take it apart, reads the result. False: no iasl. */
static bool disassemble(uint64_t at, const char *name)
{
	char command[256];
	char path[64];
	uint32_t size = mem_get32(at + 4);
	FILE *f;

	(void)mkdir("build", 0777);
	(void)mkdir("build/host", 0777);
	(void)mkdir("build/host/vfw", 0777);
	(void)snprintf(path, sizeof(path), "build/host/vfw/%s.aml", name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(world.flat + (at - RAM_IPA), 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	if (system("command -v iasl >/dev/null") != 0) {
		return false;
	}
	(void)snprintf(command, sizeof(command), "cd build/host/vfw && rm -f %s.dsl && iasl -d %s.aml >%s.log 2>&1",
		       name, name, name);
	assert_int_equal(system(command), 0);
	memset(text, 0, sizeof(text));
	(void)snprintf(path, sizeof(path), "build/host/vfw/%s.dsl", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	assert_int_equal(fclose(f), 0);
	if (strstr(text, "Error") != NULL || strstr(text, "Warning") != NULL || strstr(text, "Invalid") != NULL ||
	    strstr(text, "**** ") != NULL || strstr(text, "should be") != NULL) {
		fail_msg("iasl finds fault with %s.aml", name);
	}
	return true;
}

static void assert_line(const char *line)
{
	if (strstr(text, line) == NULL) {
		fail_msg("not in what iasl read: %s", line);
	}
}

static uint64_t xsdt_entry(unsigned n)
{
	return mem_get32(TOP + 0x1040 + 36 + n * 8ull);
}

#define NEXT " \n                    " /* element of a _PRT entry */

static void test_iasl_dsdt(void **state)
{
	load_and_read();
	if (!disassemble(mem_get32(xsdt_entry(0) + 40), "dsdt")) {
		print_message("SKIP: no iasl (package acpica-tools)\n");
		skip();
	}
	assert_line("Name (_S5, Package (0x04)");
	assert_line("Name (_HID, EisaId (\"PNP0A08\")");
	assert_line("Name (_CID, EisaId (\"PNP0A03\")");
	assert_line("Name (_HID, EisaId (\"PNP0501\")");
	assert_line("Name (_HID, EisaId (\"PNP0C02\")");
	assert_line("Memory32Fixed (ReadWrite,\n                    0xB0000000,         // Address Base\n"
		    "                    0x10000000,         // Address Length");
	assert_line("WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,");
	assert_line("WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,");
	assert_line("DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,");
	assert_line("0xDFFFFFFF,         // Range Maximum");
	assert_line("QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,");
	assert_line("0x0000000FFFFFFFFF, // Range Maximum");
	assert_line("IO (Decode16,");
	assert_line("0x03F8,             // Range Minimum");
	assert_line("IRQNoFlags ()\n                    {4}");
	assert_line("Package (0x80)");
	/* Slot and pin to interrupt 20..23: INTA of slot 0, INTA of slot 1, INTD of slot 31. */
	assert_line("0x0000FFFF," NEXT "0x00," NEXT "Zero," NEXT "0x00000014\n");
	assert_line("0x0001FFFF," NEXT "0x00," NEXT "Zero," NEXT "0x00000015\n");
	assert_line("0x001FFFFF," NEXT "0x03," NEXT "Zero," NEXT "0x00000016\n");
}

static void test_iasl_tables(void **state)
{
	load_and_read();
	if (!disassemble(xsdt_entry(0), "facp")) {
		print_message("SKIP: no iasl (package acpica-tools)\n");
		skip();
	}
	assert_line("SCI Interrupt : 0009");
	assert_line("PM1A Event Block Address : 00000600");
	assert_line("PM1A Control Block Address : 00000604");
	assert_line("PM Timer Block Address : 00000608");
	assert_line("FACS Address : 100FD100");
	assert_true(disassemble(xsdt_entry(1), "apic"));
	assert_line("Local Apic ID : 02");
	assert_line("I/O Apic ID : 03");
	assert_true(disassemble(xsdt_entry(2), "mcfg"));
	assert_line("End Bus Number : FF");
	assert_true(disassemble(TOP + 0x1040, "xsdt"));
	assert_true(disassemble(TOP + 0x1100, "facs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_pci, setup, teardown),
		cmocka_unit_test_setup_teardown(test_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_place_outside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_regions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_iasl_dsdt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_iasl_tables, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
