/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DMAR: QEMU's own table value by value; units, scopes and reserved regions of a larger machine; then every
 * malformation on which hypervisors have died, each with its sentence and its outcome: not believed (error), a
 * unit nobody can block (unit_unreached), or a device that stays blocked (a note).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <asm/irq.h>

#include "acpi_world.h"

enum { DRHD, RMRR, ATSR, RHSA, ANDD, SATC, SIDP };
enum { ENDPOINT = 1, BRIDGE, IOAPIC, HPET, NAMESPACE };
enum { ALL = 1, UNIT = 0xfed90000, FREE_DMAR = 0x3ffe9000 };

static struct build table;
static uint32_t structure; /* where the one under construction begins */

static int setup(void **state)
{
	world_reset();
	table_use(AT_DMAR, FREE_DMAR);
	build_begin(&table, FREE_DMAR, "DMAR", 48);
	table.bytes[36] = 47;
	table.bytes[37] = 1; /* INTR_REMAP */
	return 0;
}

static void begin(uint16_t type)
{
	structure = table.size;
	build_put(&table, type, 4); /* length: end() */
}

static void end(void)
{
	uint16_t size = (uint16_t)(table.size - structure);

	memcpy(table.bytes + structure + 2, &size, 2);
}

static void scope(uint8_t type, uint8_t id, uint8_t bus, unsigned steps, const uint8_t *path)
{
	build_put(&table, type, 1);
	build_put(&table, 6 + steps * 2, 1);
	build_put(&table, 0, 2);
	build_put(&table, id, 1);
	build_put(&table, bus, 1);
	for (unsigned i = 0; i < steps * 2; i++) {
		build_put(&table, path[i], 1);
	}
}

static void scope_at(uint8_t type, uint8_t bus, uint8_t device, uint8_t function)
{
	scope(type, 0, bus, 1, (const uint8_t[]){ device, function });
}

static void drhd(uint8_t flags, uint16_t segment, uint64_t base)
{
	begin(DRHD);
	build_put(&table, flags, 1);
	build_put(&table, 0, 1);
	build_put(&table, segment, 2);
	build_put(&table, base, 8);
}

static void rmrr(uint16_t segment, uint64_t base, uint64_t limit)
{
	begin(RMRR);
	build_put(&table, 0, 2);
	build_put(&table, segment, 2);
	build_put(&table, base, 8);
	build_put(&table, limit, 8);
}

/* One unit for everything and for the I/O APIC. */
static void one_unit(void)
{
	drhd(ALL, 0, UNIT);
	scope_at(IOAPIC, 0xff, 0, 0);
	end();
}

static void read_table(void)
{
	build_end(&table);
	world_read();
}

static void assert_good(unsigned notes)
{
	assert_null(platform.error);
	for (unsigned i = 0; i < platform.note_count && platform.note_count != notes; i++) {
		print_message("note: %s\n", platform.note[i]);
	}
	assert_int_equal(platform.note_count, notes);
}

static void assert_scope(unsigned n, enum scope_kind kind, unsigned unit, unsigned bus, unsigned devfn)
{
	const struct pci_scope *s = &platform.scope[n];

	assert_true(n < platform.scope_count);
	assert_int_equal(s->kind, kind);
	assert_int_equal(s->unit, unit);
	if (kind != SCOPE_ALL) {
		assert_int_equal(s->bus, bus);
		assert_int_equal(s->path_count, 1);
		assert_int_equal(s->path[0], devfn);
	}
}

static void test_qemu(void **state)
{
	world_reset();
	world_read();
	assert_good(0);
	assert_int_equal(platform.board.unit_count, 1);
	assert_int_equal(platform.board.unit[0].base, UNIT);
	assert_int_equal(platform.board.unit[0].size, 0x1000);
	assert_int_equal(platform.board.unit[0].evtq_irq, IRQ_UNIT_FIRST);
	assert_true(platform.board.unit[0].coherent);
	assert_true(platform.scopes);
	assert_int_equal(platform.scope_count, 6);
	assert_scope(0, SCOPE_ENDPOINT, 0, 0, 0x00);
	assert_scope(1, SCOPE_ENDPOINT, 0, 0, 0x08);
	assert_scope(2, SCOPE_BRIDGE, 0, 0, 0x10);
	assert_scope(3, SCOPE_ENDPOINT, 0, 0, 0xf8);
	assert_scope(4, SCOPE_ENDPOINT, 0, 0, 0xfa);
	assert_scope(5, SCOPE_ENDPOINT, 0, 0, 0xfb);
	assert_int_equal(platform.reserved_count, 0);
	assert_true(acpi_info.intremap);
	assert_false(acpi_info.x2apic_opt_out);
	assert_int_equal(acpi_info.ioapic_unit, 0);
	assert_int_equal(acpi_info.ioapic_sid, 0xff00);
	assert_false(platform.no_intremap);
}

/* A workstation: a unit for the graphics, one for the rest, reserved regions, kinds that do not matter here. */
static void test_workstation(void **state)
{
	drhd(0, 0, UNIT);
	table.bytes[structure + 5] = 1; /* 8 KiB of registers */
	scope_at(ENDPOINT, 0, 2, 0);
	end();
	drhd(ALL, 0, 0xfed92000);
	scope_at(IOAPIC, 0xf0, 0x1f, 0);
	scope(HPET, 0, 0, 1, (const uint8_t[]){ 0x1f, 0 });
	scope(NAMESPACE, 1, 0, 1, (const uint8_t[]){ 0x15, 0 });
	scope(BRIDGE, 0, 0, 3, (const uint8_t[]){ 0x1c, 4, 0, 0, 3, 1 });
	end();
	rmrr(0, 0x3fff0000, 0x3fff1fff);
	scope_at(ENDPOINT, 0, 0x14, 0);
	scope_at(ENDPOINT, 0, 0x1d, 0);
	end();
	for (uint16_t type = ATSR; type <= SIDP; type++) {
		begin(type);
		build_put(&table, ~0ull, 8);
		end();
	}
	read_table();
	assert_good(0);
	assert_int_equal(platform.board.unit_count, 2);
	assert_int_equal(platform.board.unit[0].size, 0x2000);
	assert_int_equal(platform.board.unit[1].base, 0xfed92000);
	assert_int_equal(platform.board.unit[1].evtq_irq, IRQ_UNIT_FIRST + 1);
	assert_int_equal(platform.scope_count, 3);
	assert_scope(0, SCOPE_ENDPOINT, 0, 0, 0x10);
	assert_scope(1, SCOPE_ALL, 1, 0, 0);
	assert_int_equal(platform.scope[2].kind, SCOPE_BRIDGE);
	assert_int_equal(platform.scope[2].path_count, 3);
	assert_memory_equal(platform.scope[2].path, ((const uint8_t[]){ 0xe4, 0, 0x19 }), 3);
	assert_int_equal(acpi_info.ioapic_unit, 1);
	assert_int_equal(acpi_info.ioapic_sid, 0xf0f8);
	assert_int_equal(platform.reserved_count, 2);
	assert_int_equal(platform.reserved[0].range.base, 0x3fff0000);
	assert_int_equal(platform.reserved[0].range.size, 0x2000);
	assert_int_equal(platform.reserved[1].scope.path[0], 0xe8);
}

/* --- no DMAR, no interrupt remapping --- */

static void test_none(void **state)
{
	world_reset();
	table_hide(AT_DMAR);
	world_read();
	assert_good(0);
	assert_int_equal(platform.board.unit_count, 0);
	assert_false(platform.scopes);
	assert_false(platform.board.pci.iommu_mapped);
	assert_true(platform.no_intremap);
	assert_int_equal(acpi_info.ioapic_unit, 0xff);
}

static void test_no_intremap(void **state)
{
	one_unit();
	table.bytes[37] = 2; /* X2APIC_OPT_OUT alone */
	read_table();
	assert_good(0);
	assert_true(platform.no_intremap);
	assert_true(acpi_info.x2apic_opt_out);
	assert_int_equal(platform.board.unit_count, 1);
}

static void test_ioapic_unlisted(void **state)
{
	drhd(ALL, 0, UNIT);
	scope(IOAPIC, 7, 0xff, 1, (const uint8_t[]){ 0, 0 }); /* another I/O APIC */
	end();
	read_table();
	assert_good(1);
	assert_true(noted("does not say which unit remaps the interrupts of the I/O APIC"));
	assert_true(platform.no_intremap);
	/* Behind a bridge nobody numbered: as if it were not listed. */
	(void)setup(NULL);
	drhd(ALL, 0, UNIT);
	scope(IOAPIC, 0, 0, 2, (const uint8_t[]){ 0x1e, 0, 0, 0 });
	end();
	read_table();
	assert_true(noted("the I/O APIC behind a bridge"));
	assert_true(platform.no_intremap);
}

static void test_ioapic_twice(void **state)
{
	one_unit();
	drhd(0, 0, UNIT + 0x1000);
	scope_at(IOAPIC, 0xfe, 0, 0);
	end();
	read_table();
	assert_good(1);
	assert_true(noted("the I/O APIC under two units"));
	assert_int_equal(acpi_info.ioapic_sid, 0xff00);
}

/* --- a table that is not believed --- */

static void assert_refused(const char *why)
{
	read_table();
	assert_true(error_is(why));
	assert_false(platform.valid);
	assert_false(platform.scopes);
	assert_int_equal(platform.scope_count, 0);
	assert_int_equal(platform.reserved_count, 0);
	(void)setup(NULL);
}

static void test_header(void **state)
{
	one_unit();
	build_end(&table);
	mem_put8(FREE_DMAR + 9, 0x55);
	world_read();
	assert_true(error_is("DMAR is damaged"));
	mem_put32(FREE_DMAR + 4, 0x8001);
	table_seal(FREE_DMAR);
	world_read();
	assert_true(error_is("DMAR is damaged"));
	mem_put32(FREE_DMAR + 4, 47);
	table_seal(FREE_DMAR);
	world_read();
	assert_true(error_is("DMAR is shorter than its header"));
}

static void test_structure_length(void **state)
{
	static const uint16_t length[] = { 0, 1, 3, 200, 0xffff };

	for (unsigned i = 0; i < ARRAY_COUNT(length); i++) {
		one_unit();
		memcpy(table.bytes + structure + 2, &length[i], 2);
		assert_refused("a structure of ACPI's DMAR is shorter than its header or longer than the table");
	}
	one_unit();
	build_put(&table, 0, 3); /* half a header at the end */
	assert_refused("a structure of ACPI's DMAR is shorter than its header or longer than the table");
	begin(DRHD);
	build_put(&table, 0, 8);
	end();
	assert_refused("DRHD structure of ACPI's DMAR is shorter than it has to be");
	begin(RMRR);
	build_put(&table, 0, 16);
	end();
	assert_refused("RMRR structure of ACPI's DMAR is shorter than it has to be");
	for (unsigned i = 0; i < 600; i++) {
		begin(ANDD);
		end();
	}
	assert_refused("more structures than the hypervisor reads");
}

static void test_scope_length(void **state)
{
	drhd(0, 0, UNIT);
	scope_at(ENDPOINT, 0, 2, 0);
	end();
	table.bytes[structure + 16 + 1] = 10; /* one step more than there is */
	assert_refused("a device scope of ACPI's DMAR is longer than the structure");
	drhd(0, 0, UNIT);
	build_put(&table, 0, 5); /* not even a scope's header */
	end();
	assert_refused("a device scope of ACPI's DMAR is longer than the structure");
	drhd(0, 0, UNIT);
	scope_at(ENDPOINT, 0, 2, 0);
	end();
	table.bytes[structure + 16 + 1] = 0;
	assert_refused("a device scope of ACPI's DMAR has no path");
	drhd(0, 0, UNIT);
	scope(ENDPOINT, 0, 0, 0, NULL);
	end();
	assert_refused("a device scope of ACPI's DMAR has no path");
	rmrr(0, 0x3fff0000, 0x3fff0fff);
	scope_at(ENDPOINT, 0, 2, 0);
	build_put(&table, 0, 1);
	end();
	table.bytes[structure + 24 + 1] = 9; /* half a step */
	assert_refused("a device scope of ACPI's DMAR has no path, or half a step");
	/* Also in a structure that is not used: for another segment. */
	drhd(0, 1, UNIT);
	build_put(&table, 0, 5);
	end();
	assert_refused("a device scope of ACPI's DMAR is longer than the structure");
	drhd(0, 0, UNIT);
	for (unsigned i = 0; i < 300; i++) {
		scope_at(HPET, 0, 2, 0);
	}
	end();
	assert_refused("more device scopes than the hypervisor reads");
}

/* --- a unit nobody can block --- */

static void assert_lost(const char *why, unsigned units)
{
	read_table();
	assert_null(platform.error);
	assert_true(noted(why));
	assert_true(platform.unit_unreached);
	assert_int_equal(platform.board.unit_count, units);
	(void)setup(NULL);
}

static void test_unit_base(void **state)
{
	static const uint64_t base[] = { 0, UNIT + 0x800, UINT64_MAX, (uint64_t)1 << 52, ((uint64_t)1 << 52) - 0x1000 };

	for (unsigned i = 0; i < ARRAY_COUNT(base); i++) {
		one_unit();
		drhd(0, 0, base[i]);
		scope_at(ENDPOINT, 0, 2, 0);
		end();
		assert_lost("a unit at address 0 or at one that is not of a page", 1);
		assert_int_equal(platform.scope_count, 1); /* its scope is nobody's: the device stays blocked */
	}
	drhd(ALL, 0, 0x10000000);
	end();
	assert_lost("a unit's registers in RAM", 0);
	assert_int_equal(platform.scope_count, 0);
}

static void test_unit_twice(void **state)
{
	one_unit();
	drhd(ALL, 0, UNIT);
	end();
	assert_lost("two units at one address", 1);
	one_unit();
	drhd(0, 0, UNIT - 0x2000);
	table.bytes[structure + 5] = 2; /* 16 KiB, into the other one */
	end();
	assert_lost("two units at one address", 1);
}

static void test_unit_many(void **state)
{
	for (unsigned i = 0; i < UNIT_MAX; i++) {
		drhd(0, 0, UNIT + i * 0x1000);
		end();
	}
	read_table();
	assert_false(platform.unit_unreached);
	drhd(ALL, 0, UNIT + UNIT_MAX * 0x1000);
	end();
	assert_lost("more IOMMU units than the hypervisor was built for (4)", UNIT_MAX);
}

static void test_two_tables(void **state)
{
	world_reset();
	table_use(0x3ffe2557, AT_DMAR); /* instead of WAET: the same table twice */
	world_read();
	assert_null(platform.error);
	assert_true(noted("several DMAR tables"));
	assert_true(platform.unit_unreached);
	assert_int_equal(platform.board.unit_count, 1);
}

/* --- a device that stays blocked --- */

static void test_segment(void **state)
{
	one_unit();
	drhd(ALL, 1, UNIT + 0x1000);
	scope_at(ENDPOINT, 0, 2, 0);
	scope(IOAPIC, 0, 0, 1, (const uint8_t[]){ 1, 0 });
	end();
	rmrr(1, 0x3fff0000, 0x3fff0fff);
	scope_at(ENDPOINT, 0, 2, 0);
	end();
	read_table();
	assert_good(2);
	assert_true(noted("a PCI segment other than 0: it blocks everything"));
	assert_true(noted("(RMRR) is for a PCI segment other than 0"));
	assert_int_equal(platform.board.unit_count, 2); /* blocked like all */
	assert_false(platform.unit_unreached);
	assert_int_equal(platform.scope_count, 1);
	assert_int_equal(platform.reserved_count, 0);
	assert_int_equal(acpi_info.ioapic_unit, 0);
}

static void test_path(void **state)
{
	static const uint8_t path[18] = { 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 7, 9, 0 };

	drhd(0, 0, UNIT);
	scope_at(IOAPIC, 0xff, 0, 0);
	scope(ENDPOINT, 0, 3, 8, path);
	scope(ENDPOINT, 0, 3, 9, path);
	scope_at(ENDPOINT, 0, 32, 0);
	scope_at(ENDPOINT, 0, 1, 8);
	scope_at(ENDPOINT, 0, 31, 7);
	end();
	read_table();
	assert_good(2);
	assert_true(noted("a device behind more than 7 bridges"));
	assert_true(noted("a device or function number that cannot be"));
	assert_int_equal(platform.scope_count, 2);
	assert_int_equal(platform.scope[0].path_count, 8);
	assert_int_equal(platform.scope[0].path[7], 0x47);
	assert_scope(1, SCOPE_ENDPOINT, 0, 0, 0xff);
}

static void test_scopes_many(void **state)
{
	drhd(0, 0, UNIT);
	scope_at(IOAPIC, 0xff, 0, 0);
	for (unsigned i = 0; i < SCOPE_MAX; i++) {
		scope_at(ENDPOINT, (uint8_t)i, 0, 0);
	}
	end();
	read_table();
	assert_good(0);
	drhd(ALL, 0, UNIT + 0x1000);
	scope_at(ENDPOINT, 200, 0, 0);
	end();
	read_table();
	assert_good(1);
	assert_true(noted("more devices than the hypervisor can use (64)"));
	assert_int_equal(platform.scope_count, SCOPE_MAX);
	assert_scope(SCOPE_MAX - 1, SCOPE_ENDPOINT, 0, SCOPE_MAX - 1, 0);
}

static void test_unknown(void **state)
{
	one_unit();
	begin(7);
	build_put(&table, ~0ull, 8);
	end();
	drhd(0, 0, UNIT + 0x1000);
	scope_at(6, 0, 1, 0);
	scope_at(0, 0, 1, 0);
	scope_at(ENDPOINT, 0, 3, 0);
	end();
	read_table();
	assert_good(2);
	assert_true(noted("a structure of a kind that is not known"));
	assert_true(noted("a device scope of a kind that is not known"));
	assert_int_equal(platform.scope_count, 2);
	assert_scope(1, SCOPE_ENDPOINT, 1, 0, 0x18);
}

static void test_reserved(void **state)
{
	static const uint64_t bad[][2] = {
		{ 0x3fff1000, 0x3fff0fff }, /* limit below base, by one byte: no region */
		{ 0x3fff2000, 0x3fff0fff },
		{ 0x3fff0800, 0x3fff0fff },
		{ 0x3fff0000, 0x3fff1000 },
		{ 0, UINT64_MAX },
	};

	for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
		(void)setup(NULL);
		one_unit();
		rmrr(0, bad[i][0], bad[i][1]);
		scope_at(ENDPOINT, 0, 2, 0);
		end();
		read_table();
		assert_good(1);
		assert_true(noted("(RMRR) is empty or not of whole pages"));
		assert_int_equal(platform.reserved_count, 0);
	}
}

static void test_reserved_many(void **state)
{
	one_unit();
	rmrr(0, 0, 0xfff);
	scope_at(IOAPIC, 0, 2, 0);
	for (unsigned i = 0; i <= RMRR_MAX; i++) {
		scope_at(BRIDGE, 0, (uint8_t)i, 0);
	}
	end();
	read_table();
	assert_good(2);
	assert_true(noted("something that is no PCI device"));
	assert_true(noted("more reserved regions (RMRR) than the hypervisor can use (16)"));
	assert_int_equal(platform.reserved_count, RMRR_MAX);
	assert_int_equal(platform.reserved[0].range.size, 0x1000);
	assert_int_equal(platform.reserved[15].scope.kind, SCOPE_BRIDGE);
	assert_int_equal(platform.reserved[15].scope.path[0], 0x78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_qemu, setup),
		cmocka_unit_test_setup(test_workstation, setup),
		cmocka_unit_test_setup(test_none, setup),
		cmocka_unit_test_setup(test_no_intremap, setup),
		cmocka_unit_test_setup(test_ioapic_unlisted, setup),
		cmocka_unit_test_setup(test_ioapic_twice, setup),
		cmocka_unit_test_setup(test_header, setup),
		cmocka_unit_test_setup(test_structure_length, setup),
		cmocka_unit_test_setup(test_scope_length, setup),
		cmocka_unit_test_setup(test_unit_base, setup),
		cmocka_unit_test_setup(test_unit_twice, setup),
		cmocka_unit_test_setup(test_unit_many, setup),
		cmocka_unit_test_setup(test_two_tables, setup),
		cmocka_unit_test_setup(test_segment, setup),
		cmocka_unit_test_setup(test_path, setup),
		cmocka_unit_test_setup(test_scopes_many, setup),
		cmocka_unit_test_setup(test_unknown, setup),
		cmocka_unit_test_setup(test_reserved, setup),
		cmocka_unit_test_setup(test_reserved_many, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
