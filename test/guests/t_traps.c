/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest must not reach, and what an operating system expects to find when it looks around: foreign addresses
 * are refused and nothing else happens, privileged state of the layer below is not there, what identifies the machine
 * describes what is really offered. Everything is survivable: the partition runs on. [threats 56, 57, 60]
 */
#include "arch.h"
#include "tap.h"

#include ARCH_TRAPS

static void test_foreign(void)
{
	unsigned i;

	for (i = 0; i < FOREIGN_COUNT; i++) {
		uint64_t addr = foreign[i].addr;
		uint32_t v;

		if ((foreign[i].flags & NO_CPU) != 0) {
			continue;
		}
		tap_ok(!probe_read32(addr, &v), "read of %s (0x%lx): refused", foreign[i].what, addr);
		tap_ok(!probe_write32(addr, 0xdeadbeef), "write of %s (0x%lx): refused", foreign[i].what, addr);
	}
	tap_ok(!probe_call((void (*)(void))BOARD_HYP_BASE), "a call into the hypervisor: refused");
	tap_ok(!probe_call((void (*)(void))BOARD_RAM(0x18000000)), "a call into another partition: refused");
	tap_ok(!probe_call((void (*)(void))BOARD_RAM(0x20000000)), "a call into nothing: refused");
}

void guest_main(uint64_t arg)
{
	arch_traps();
	test_foreign();
	tap_done();
}
