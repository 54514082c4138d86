/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which unit a device is behind, and memory the firmware keeps for it: every wrong pair of firmware and configuration
 * is refused with its rule, everything right is not, and no list of scopes does any harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <hyp/pci_priv.h>
#include <hyp/platform.h>

#include "fake/fake.h"
#include "model/pci_board.h"
#include "model/pci_model.h"

#define ROOT PCI_MODEL_ROOT

enum { DEVICES = 3 };

static struct platform platform;
static struct cfg_device device[DEVICES];
static const struct cfg_region region = { .name = "ram", .pa = 0x10000000, .size = 0x1000000 };
static struct cfg_vm vm[2];
static struct hyp_config cfg;
static int port;  /* a bridge in slot 1 … */
static int below; /* … edu1 behind it; edu0 is in slot 2 */

static void give(unsigned n, const char *name, int fn, uint8_t unit)
{
	device[n] = (struct cfg_device){ .name = name, .kind = CFG_DEV_PCI, .bdf = board_bdf(fn), .unit = unit,
					 .owner = 0, .allow = CFG_ALLOW_NONE };
	cfg.device_count++;
}

static int setup(void **state)
{
	int edu;

	board_reset();
	port = pci_model_bridge(ROOT, DEVFN(1, 0), PCI_MODEL_PORT_ROOT, true);
	below = board_edu(port, 0);
	edu = board_edu(ROOT, 2);
	board_boot();
	vm[0] = (struct cfg_vm){ .name = "alice", .region_count = 1, .region = &region };
	cfg = (struct hyp_config){ .hyp_ram = { 0x200000, 0x600000 }, .vm_count = 1, .vm = vm, .device = device };
	cfg.board.unit_count = 2;
	cfg.board.unit[0].base = 0xfed90000;
	cfg.board.unit[1].base = 0xfed91000;
	platform = (struct platform){ .board = cfg.board, .valid = true, .scopes = true };
	give(0, "edu0", edu, 0);
	give(1, "edu1", below, 1);
	return 0;
}

static void scope(enum scope_kind kind, uint8_t unit, unsigned count, uint8_t first, uint8_t second)
{
	platform.scope[platform.scope_count++] = (struct pci_scope){
		.kind = kind, .path_count = (uint8_t)count, .path = { first, second }, .unit = unit };
}

/* edu0 by name at unit 0; what is below the bridge at unit 1. */
static void right_scopes(void)
{
	scope(SCOPE_ENDPOINT, 0, 1, DEVFN(2, 0), 0);
	scope(SCOPE_BRIDGE, 1, 1, DEVFN(1, 0), 0);
}

static void refused(unsigned problems, const char *rule, const char *text)
{
	fake_log[0] = '\0';
	assert_int_equal(pci_scope_check(&cfg, &platform), problems);
	if (strstr(fake_log, rule) == NULL || strstr(fake_log, text) == NULL) {
		fail_msg("no %s, %s: %s", rule, text, fake_log);
	}
}

static void accepted(void)
{
	fake_log[0] = '\0';
	assert_int_equal(pci_scope_check(&cfg, &platform), 0);
	assert_string_equal(fake_log, "");
}

static void devices_behind_their_units(void **state)
{
	right_scopes();
	accepted();
	/* By the path through the bridge, whatever number its bus has. */
	platform.scope_count = 0;
	scope(SCOPE_ALL, 0, 0, 0, 0);
	scope(SCOPE_ENDPOINT, 1, 2, DEVFN(1, 0), DEVFN(0, 0));
	accepted();
	/* Twice the same unit is no contradiction. */
	scope(SCOPE_BRIDGE, 1, 1, DEVFN(1, 0), 0);
	accepted();
}

static void a_firmware_without_scopes_says_nothing(void **state)
{
	platform.scopes = false;
	accepted();
}

static void another_unit_is_refused(void **state)
{
	scope(SCOPE_ENDPOINT, 0, 1, DEVFN(2, 0), 0);
	scope(SCOPE_ALL, 0, 0, 0, 0);
	refused(1, "[pci-unit]", "device edu1 at 01:00.0 is behind the unit at 0xfed90000");
	assert_non_null(strstr(fake_log, "says unit 1 at 0xfed91000"));
	platform.scope_count = 0;
	scope(SCOPE_ALL, 1, 0, 0, 0);
	refused(1, "[pci-unit]", "device edu0");
}

/* [I1] */
static void no_unit_is_refused(void **state)
{
	scope(SCOPE_BRIDGE, 1, 1, DEVFN(1, 0), 0);
	refused(1, "[pci-unit-none]", "device edu0 at 00:02.0");
	/* An endpoint's scope is not what is below it. */
	platform.scope_count = 0;
	scope(SCOPE_ENDPOINT, 0, 1, DEVFN(2, 0), 0);
	scope(SCOPE_ENDPOINT, 1, 1, DEVFN(1, 0), 0);
	refused(1, "[pci-unit-none]", "device edu1");
}

static void two_units_are_refused(void **state)
{
	right_scopes();
	scope(SCOPE_ENDPOINT, 0, 2, DEVFN(1, 0), DEVFN(0, 0));
	refused(1, "[pci-unit-one]", "device edu1");
	platform.scope_count = 0;
	scope(SCOPE_ALL, 0, 0, 0, 0);
	scope(SCOPE_ALL, 1, 0, 0, 0);
	refused(2, "[pci-unit-one]", "device edu0");
}

/* Scopes that lead nowhere cover nothing; one with a unit that is not there neither. */
static void odd_scopes_cover_nothing(void **state)
{
	right_scopes();
	scope(SCOPE_ENDPOINT, 1, 2, DEVFN(2, 0), DEVFN(2, 0)); /* through something that is no bridge */
	scope(SCOPE_ENDPOINT, 1, 1, DEVFN(9, 0), 0);
	scope(SCOPE_ENDPOINT, 1, 0, 0, 0);
	scope(SCOPE_BRIDGE, 1, 255, DEVFN(1, 0), DEVFN(1, 0));
	scope(SCOPE_ENDPOINT, UNIT_MAX + 9, 1, DEVFN(2, 0), 0);
	scope(SCOPE_ALL, 2, 0, 0, 0);
	accepted();
	platform.scope_count = 0xffffffff;
	(void)pci_scope_check(&cfg, &platform);
}

static void a_device_that_is_not_there_is_not_ours_to_report(void **state)
{
	right_scopes();
	device[1].bdf = 7 << 8;
	accepted();
}

static void reserve(uint64_t base, uint64_t size, unsigned devfn)
{
	platform.reserved[platform.reserved_count++] = (struct pci_reserved){
		.range = { base, size },
		.scope = { .kind = SCOPE_ENDPOINT, .path_count = 1, .path = { (uint8_t)devfn } } };
}

static void reserved_memory_is_the_configured_one(void **state)
{
	static const struct cfg_range listed[] = { { 0x30000000, 0x1000 }, { 0x30010000, 0x4000 } };

	right_scopes();
	reserve(0x30011000, 0x2000, DEVFN(2, 0));
	refused(1, "[pci-reserved]", "device edu0 at 00:02.0");
	assert_non_null(strstr(fake_log, ".reserved: { 0x30011000, 0x2000 }"));
	device[0].reserved = listed;
	device[0].reserved_count = 2;
	accepted();
	platform.reserved[0].range.size = 0x4000; /* reaches beyond what is listed */
	refused(1, "[pci-reserved]", "edu0");
}

static void reserved_memory_of_nobody_is_a_note(void **state)
{
	right_scopes();
	reserve(0x30000000, 0x1000, DEVFN(5, 0));
	refused(0, "[pci-reserved-unused]", "0x30000000+0x1000");
	platform.reserved_count = 0;
	reserve(0x30000000, 0x1000, DEVFN(2, 0));
	device[0].owner = CFG_OWNER_NONE;
	refused(0, "[pci-reserved-unused]", "nobody uses");
	device[0].allow = 0;
	refused(1, "[pci-reserved]", "edu0");
}

/* [I2] [I3] */
static void reserved_memory_is_nobody_elses(void **state)
{
	static const struct cfg_range listed = { 0x10fff000, 0x2000 };

	right_scopes();
	device[0].reserved = &listed;
	device[0].reserved_count = 1;
	reserve(0x10fff000, 0x2000, DEVFN(2, 0));
	refused(1, "[pci-reserved-memory]", "region ram of partition alice");
	platform.reserved[0].range.base = 0x11000000; /* just behind it */
	platform.reserved[0].range.size = 0x1000;
	accepted();
	platform.reserved_count = 0;
	reserve(0x7ff000, 0x1000, DEVFN(5, 0));
	refused(1, "[pci-reserved-hyp]", "hyp_ram");
}

static void ranges_that_are_none_are_refused(void **state)
{
	right_scopes();
	reserve(~(uint64_t)0xfff, 0x2000, DEVFN(2, 0));
	reserve(0x30000000, 0, DEVFN(2, 0));
	refused(2, "[pci-reserved-range]", "0x30000000+0x0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(devices_behind_their_units, setup),
		cmocka_unit_test_setup(a_firmware_without_scopes_says_nothing, setup),
		cmocka_unit_test_setup(another_unit_is_refused, setup),
		cmocka_unit_test_setup(no_unit_is_refused, setup),
		cmocka_unit_test_setup(two_units_are_refused, setup),
		cmocka_unit_test_setup(odd_scopes_cover_nothing, setup),
		cmocka_unit_test_setup(a_device_that_is_not_there_is_not_ours_to_report, setup),
		cmocka_unit_test_setup(reserved_memory_is_the_configured_one, setup),
		cmocka_unit_test_setup(reserved_memory_of_nobody_is_a_note, setup),
		cmocka_unit_test_setup(reserved_memory_is_nobody_elses, setup),
		cmocka_unit_test_setup(ranges_that_are_none_are_refused, setup),
	};

	return cmocka_run_group_tests_name("pci_scope", tests, NULL, NULL);
}
