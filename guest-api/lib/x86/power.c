/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power control: ACPI's registers for the partition, INIT and SIPI for its other vCPUs. Owns what is known of each
 * vCPU: the architecture has no way to ask. [ACPI 4.8.3.2] [SDM 3A 8.4.4]
 */
#include "runtime.h"

enum {
	PM1_SLEEP_ENABLE = 1 << 13, /* SLP_TYP [12:10] 0 is S5 */
	RESET_CPU = 1 << 2,
	RESET_SYSTEM = 1 << 1,
	INIT_US = 1000,
	SIPI_US = 10000,
	SIPI_TRIES = 20,
};

enum vcpu_state { VCPU_OFF, VCPU_STARTING, VCPU_ON };

static uint32_t state[GUEST_VCPU_MAX];

GUEST_NORETURN static void halt(void)
{
	for (;;) {
		__asm__ volatile("cli\n\thlt");
	}
}

void power_off(void)
{
	port_write16(Q35_PORT_PM1_CONTROL, PM1_SLEEP_ENABLE);
	halt();
}

void power_reset(void)
{
	port_write8(Q35_PORT_RESET, RESET_SYSTEM);
	port_write8(Q35_PORT_RESET, RESET_SYSTEM | RESET_CPU);
	halt();
}

bool vcpu_is_off(unsigned n)
{
	return n != 0 && n < GUEST_VCPU_MAX && __atomic_load_n(&state[n], __ATOMIC_ACQUIRE) == VCPU_OFF;
}

bool vcpu_wait_off(unsigned n, uint64_t timeout_us)
{
	uint64_t end = time_us() + timeout_us;

	while (!vcpu_is_off(n)) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

/* It may be off again by then. */
static bool wait_started(unsigned n)
{
	uint64_t end = time_us() + SIPI_US;

	while (__atomic_load_n(&state[n], __ATOMIC_ACQUIRE) == VCPU_STARTING) {
		if (time_us() > end) {
			return false;
		}
	}
	return true;
}

void vcpu_reset(unsigned n)
{
	lapic_icr(n, ICR_INIT | ICR_ASSERT);
	delay_us(INIT_US);
	__atomic_store_n(&state[n], VCPU_OFF, __ATOMIC_RELEASE);
}

/* A SIPI that comes before its target waits for it is lost, and one that comes too late does nothing. */
bool vcpu_power_on(unsigned n)
{
	unsigned vcpus = bh_cpuid(1, 0).ebx >> 16 & 0xff;
	unsigned i;

	if (n >= vcpus || !vcpu_is_off(n)) {
		return false;
	}
	memcpy((void *)Q35_LOW_PAGE, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	vcpu_reset(n);
	__atomic_store_n(&state[n], VCPU_STARTING, __ATOMIC_RELEASE);
	for (i = 0; i < SIPI_TRIES; i++) {
		lapic_icr(n, ICR_SIPI | ICR_ASSERT | Q35_LOW_PAGE >> 12);
		if (wait_started(n)) {
			return true;
		}
	}
	return false;
}

void vcpu_is_on(unsigned n)
{
	__atomic_store_n(&state[n], VCPU_ON, __ATOMIC_RELEASE);
}

void vcpu_power_off(unsigned n)
{
	irq_save();
	__atomic_store_n(&state[n], VCPU_OFF, __ATOMIC_RELEASE);
	halt(); /* until the next INIT */
}
