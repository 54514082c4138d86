/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a hypervisor with test/system/inject/dss.c in it for the mistake its argument names. It must not come back. */
#include <bulkhead/guest.h>
#include <bulkhead/hc.h>

void guest_main(uint64_t arg)
{
	struct bh_regs r = { { BH_HC(BH_HC_SMMU_SAFETY), arg } };

	delay_us(100000); /* the others run by now */
	printf("asking for mistake %lu\n", arg);
	delay_us(100000);
	(void)bh_call(&r);
	printf("came back\n");
}
