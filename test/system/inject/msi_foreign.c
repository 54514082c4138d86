/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the system t-msi-foreign only (ld --wrap): the first function that gets a message is made to send the next one's,
 * as a hostile device could. Only the unit's check of the source stands between that and the other's owner.
 */
#include <arch/msi.h>

int __real_arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out);
int __wrap_arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out);

int __wrap_arch_msi_enable(uint32_t irq, unsigned cpu, unsigned unit, sid_t sid, struct msi_msg *out)
{
	static bool done;
	int err = __real_arch_msi_enable(irq, cpu, unit, sid, out);

	if (err == 0 && !done) {
		out->addr += 1u << 5; /* handle [19:5] [VT-d 5.1.2.2] */
		done = true;
	}
	return err;
}
