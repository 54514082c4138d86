/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction makes a call: CPUID is asked once. Every vCPU that asks gets the same answer. */
#include <bulkhead/hc.h>

enum bh_insn bh_insn;

enum bh_insn bh_insn_choose(void)
{
	bool vmcall = bh_present() && (bh_cpuid(BH_CPUID_VERSION, 0).ebx & BH_CPUID_VMCALL) != 0;

	bh_insn = vmcall ? BH_INSN_VMCALL : BH_INSN_VMMCALL;
	return bh_insn;
}
