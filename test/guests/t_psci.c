/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and SMCCC as an operating system asks for them. [PSCI DEN0022, chapter 5] [SMCCC DEN0028, chapter 7] */
#include <bulkhead/abi.h>

#include "tap.h"

enum { WAIT_US = 2000000, AFFINITY_ON = 0, AFFINITY_OFF = 1 };

static volatile uint64_t got_arg;
static volatile uint32_t runs, leave;

static void second(uint64_t arg)
{
	got_arg = arg;
	runs++;
	while (leave == 0) {
	}
}

static bool wait_runs(uint32_t n)
{
	uint64_t end = time_us() + WAIT_US;

	while (runs != n) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

static void test_query(void)
{
	tap_ok((uint64_t)psci_call(PSCI_VERSION, 0, 0, 0) >= 0x10000, "PSCI_VERSION: 1.0 or later");
	tap_ok(psci_call(SMCCC_VERSION, 0, 0, 0) >= 0x10001, "SMCCC_VERSION: 1.1 or later");
	tap_is(psci_call(PSCI_FEATURES, PSCI_CPU_ON, 0, 0), 0, "PSCI_FEATURES: CPU_ON");
	tap_is(psci_call(PSCI_FEATURES, PSCI_CPU_OFF, 0, 0), 0, "PSCI_FEATURES: CPU_OFF");
	tap_is(psci_call(PSCI_FEATURES, PSCI_AFFINITY_INFO, 0, 0), 0, "PSCI_FEATURES: AFFINITY_INFO");
	tap_is(psci_call(PSCI_FEATURES, PSCI_SYSTEM_OFF, 0, 0), 0, "PSCI_FEATURES: SYSTEM_OFF");
	tap_is(psci_call(PSCI_FEATURES, PSCI_SYSTEM_RESET, 0, 0), 0, "PSCI_FEATURES: SYSTEM_RESET");
	tap_is(psci_call(PSCI_FEATURES, SMCCC_VERSION, 0, 0), 0, "PSCI_FEATURES: SMCCC_VERSION");
	tap_is(psci_call(PSCI_FEATURES, 0x8400ffff, 0, 0), PSCI_NOT_SUPPORTED, "PSCI_FEATURES: nonsense");
	tap_is(psci_call(0x8400ffff, 0, 0, 0), PSCI_NOT_SUPPORTED, "an unknown PSCI function");
	tap_is(psci_call(0x82001234, 0, 0, 0), PSCI_NOT_SUPPORTED, "an unknown SiP function");
	tap_is(psci_call(SMCCC_ARCH_FEATURES, 0x8000ffff, 0, 0), PSCI_NOT_SUPPORTED, "SMCCC_ARCH_FEATURES: nonsense");
	tap_ok(psci_call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0) == 2 ||
		       psci_call(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0) == PSCI_NOT_SUPPORTED,
	       "MIGRATE_INFO_TYPE: no migration");
}

static void test_errors(void)
{
	tap_is(psci_call(PSCI_CPU_ON, 0, BOARD_RAM(0), 0), PSCI_ALREADY_ON, "CPU_ON: oneself");
	tap_is(psci_call(PSCI_CPU_ON, 200, 0, 0), PSCI_INVALID_PARAMETERS, "CPU_ON: no such vCPU");
	tap_is(psci_call(PSCI_CPU_ON, 1ull << 32, 0, 0), PSCI_INVALID_PARAMETERS, "CPU_ON: affinity 3");
	tap_is(psci_call(PSCI_CPU_ON, ~0ull, 0, 0), PSCI_INVALID_PARAMETERS, "CPU_ON: all ones");
	tap_is(psci_call(PSCI_AFFINITY_INFO, 0, 0, 0), AFFINITY_ON, "AFFINITY_INFO: oneself is on");
	tap_is(psci_call(PSCI_AFFINITY_INFO, 200, 0, 0), PSCI_INVALID_PARAMETERS, "AFFINITY_INFO: no such vCPU");
	tap_is(psci_call(PSCI_AFFINITY_INFO, 0, 9, 0), PSCI_INVALID_PARAMETERS, "AFFINITY_INFO: level 9");
}

static void test_second(void)
{
	unsigned i, good = 0;

	if (psci_call(PSCI_AFFINITY_INFO, 1, 0, 0) != AFFINITY_OFF) {
		tap_skip("second vCPU", "there is none");
		return;
	}
	tap_is(vcpu_start(1, second, 0x1122334455667788), PSCI_SUCCESS, "CPU_ON");
	tap_ok(wait_runs(1), "it runs");
	tap_is((int64_t)got_arg, 0x1122334455667788, "with all 64 bits of its context");
	tap_is(psci_call(PSCI_AFFINITY_INFO, 1, 0, 0), AFFINITY_ON, "AFFINITY_INFO: on");
	tap_is(psci_call(PSCI_CPU_ON, 1, BOARD_RAM(0x10000000), 0), PSCI_ALREADY_ON, "CPU_ON again: ALREADY_ON");
	leave = 1;
	tap_ok(vcpu_wait_off(1, WAIT_US), "CPU_OFF: AFFINITY_INFO says off");
	for (i = 0; i < 20; i++) {
		good += vcpu_start(1, second, i) == PSCI_SUCCESS && wait_runs(i + 2) && got_arg == i &&
				vcpu_wait_off(1, WAIT_US) ? 1 : 0;
	}
	tap_is(good, 20, "on and off 20 times");
	tap_is(psci_call(PSCI_CPU_ON, 1, 0xfffffffff000ull, 0), PSCI_INVALID_ADDRESS, "CPU_ON: entry not in memory");
}

static void test_suspend(void)
{
	uint64_t start = time_us();

	if (psci_call(PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, 0) < 0) {
		tap_skip("CPU_SUSPEND", "not offered");
		return;
	}
	timer_in_us(10000, NULL);
	tap_is(psci_call(PSCI_CPU_SUSPEND, 0, 0, 0), PSCI_SUCCESS, "CPU_SUSPEND standby returns");
	tap_ok(time_us() - start < 5000000, "with the next interrupt");
}

static void test_vendor(void)
{
	struct bh_regs r = { { BH_SMCCC_CALL_UID, 0, 0, 0, 0, 0, 0, 0 } };

	bh_call(&r);
	tap_ok((uint32_t)r.x[0] == BH_UID0 && (uint32_t)r.x[1] == BH_UID1 && (uint32_t)r.x[2] == BH_UID2 &&
		       (uint32_t)r.x[3] == BH_UID3, "vendor hypervisor UID");
	r = (struct bh_regs){ { BH_SMCCC_REVISION, 0, 0, 0, 0, 0, 0, 0 } };
	bh_call(&r);
	tap_is((int64_t)r.x[0], BH_ABI_VERSION >> 16, "vendor hypervisor revision: major");
	tap_is((int64_t)r.x[1], BH_ABI_VERSION & 0xffff, "vendor hypervisor revision: minor");
}

void guest_main(uint64_t arg)
{
	test_query();
	test_errors();
	test_suspend();
	test_vendor();
	test_second(); /* last: what it does wrong may leave a vCPU running nowhere */
	tap_done();
}
