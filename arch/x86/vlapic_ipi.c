/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who gets an interrupt: destinations of interrupt commands, of the I/O APIC and of messages, and what INIT and
 * SIPI do to a vCPU. A destination becomes a set of this partition's vCPUs before anything is sent: whatever a
 * guest or its device writes, nothing leaves the partition [I3], and each vCPU is told once. Registers of other
 * vCPUs are read as they are at the moment; no lock is held, and the one wait here has a deadline [I6].
 */
#include "vlapic_regs.h"

#include <arch/cpu.h>
#include <arch/msi.h>
#include <arch/time.h>

/* How long one command waits for vCPUs that have not obeyed their INIT yet: their CPUs may be inside a long call. */
enum { INIT_TIMEOUT_US = 20000 };

/* Message address and data [10.11.1, 10.11.2] */
#define MSI_ADDR_Base   BITS64(63, 20)
#define   MSI_BASE      0xfeeull
#define MSI_ADDR_Dest   BITS64(19, 12)
#define MSI_ADDR_DM     BIT64(2)
#define MSI_DATA_Vector BITS32(7, 0)
#define MSI_DATA_Mode   BITS32(10, 8)
#define MSI_DATA_Assert BIT32(14)
#define MSI_DATA_Level  BIT32(15)

/* --- destinations --------------------------------------------------------------------------------------------- */

/* 10.6.2.2, 10.12.10.2; dest has 8 bits if it comes from anything but an x2APIC, whose cluster 0 it then means. */
static bool logical_match(const struct vlapic *a, uint32_t dest)
{
	uint32_t ldr, model;

	if (vlapic_state(a) == APIC_X2APIC) {
		ldr = vlapic_x2_ldr(a);
		return dest == VLAPIC_DEST_ALL || (dest >> 16 == ldr >> 16 && (dest & ldr & 0xffff) != 0);
	}
	if (dest != VLAPIC_DEST_ALL && dest > 0xff) {
		return false;
	}
	dest &= 0xff;
	ldr = (uint32_t)FIELD_GET(LDR_Logical, __atomic_load_n(&a->ldr, __ATOMIC_RELAXED));
	model = (uint32_t)FIELD_GET(DFR_Model, __atomic_load_n(&a->dfr, __ATOMIC_RELAXED));
	if (model == DFR_FLAT) {
		return (dest & ldr) != 0;
	}
	return model == DFR_CLUSTER && (dest >> 4 == ldr >> 4 || dest >> 4 == 0xf) && (dest & ldr & 0xf) != 0;
}

/* The set of vCPUs, as bits; those whose local APIC is switched off hear nothing. */
static uint32_t targets(struct vm *vm, uint32_t dest, bool logical)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		const struct vlapic *a = &vm->vcpu[i].arch.apic;
		bool match = logical ? logical_match(a, dest) : dest == a->id || dest == VLAPIC_DEST_ALL;

		if (match && vlapic_state(a) != APIC_OFF) {
			set |= BIT32(i);
		}
	}
	return set;
}

/* --- INIT and SIPI -------------------------------------------------------------------------------------------- */

/* One that is off already waits for SIPI. */
static void send_init(struct vcpu *v)
{
	if (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) != VCPU_OFF) {
		__atomic_store_n(&v->arch.apic.init_pending, 1, __ATOMIC_SEQ_CST);
		vlapic_kick(v);
	}
}

/* True if it is off: a guest need not wait between INIT and SIPI for longer than a processor needs. */
static bool wait_off(const struct vcpu *v, const struct vcpu *from, uint64_t end)
{
	while (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) != VCPU_OFF) {
		bool leaves = v != from && __atomic_load_n(&v->arch.apic.init_pending, __ATOMIC_ACQUIRE) != 0;

		if (!leaves || arch_time_us() > end) {
			return false;
		}
		arch_cpu_relax();
	}
	return true;
}

/* Without effect, as in hardware, on one that does not wait for it. */
static void send_sipi(struct vcpu *v, const struct vcpu *from, uint8_t vector, uint64_t end)
{
	if (!wait_off(v, from, end)) {
		return;
	}
	__atomic_store_n(&v->arch.apic.init_pending, 0, __ATOMIC_SEQ_CST); /* obeyed; from here on another one counts */
	if (vcpu_start(v->vm, v->index, (uint64_t)vector << 12, 0) != 0) {
		return; /* another vCPU was first, or the partition stops */
	}
}

/* --- sending -------------------------------------------------------------------------------------------------- */

static bool send_one(struct vcpu *v, unsigned mode, uint8_t vector, bool level)
{
	switch (mode) {
	case VLAPIC_FIXED:
	case VLAPIC_LOWEST:
		return vlapic_raise(v, vector, level);
	case VLAPIC_NMI:
		vlapic_raise_nmi(v);
		return true;
	case VLAPIC_INIT:
		send_init(v);
		return true;
	default:
		return false; /* SMI, ExtINT, reserved: there is nothing that could take them */
	}
}

/* Lowest priority: which of those that accept it is the machine's choice [10.6.2.4]; the first. */
static bool send(struct vm *vm, uint32_t set, unsigned mode, uint8_t vector, bool level)
{
	bool taken = false;

	for (; set != 0 && !(taken && mode == VLAPIC_LOWEST); set &= set - 1) {
		taken = send_one(&vm->vcpu[__builtin_ctz(set)], mode, vector, level) || taken;
	}
	return taken;
}

bool vlapic_deliver(struct vm *vm, uint32_t dest, bool logical, unsigned mode, uint8_t vector, bool level)
{
	if (!logical && dest == 0xff) {
		dest = VLAPIC_DEST_ALL;
	}
	return send(vm, targets(vm, dest, logical), mode, vector, level);
}

/* The set an interrupt command is for; none for the combinations that 10.6.1 [table 10-3] calls invalid. */
static uint32_t icr_targets(const struct vcpu *from, uint32_t dest, uint32_t lo)
{
	uint32_t self = BIT32(from->index);
	bool fixed = FIELD_GET(ICR_Mode, lo) == VLAPIC_FIXED;

	switch (FIELD_GET(ICR_Shorthand, lo)) {
	case SHORTHAND_NONE:
		if (vlapic_state(&from->arch.apic) == APIC_XAPIC && !(lo & ICR_Logical) && dest == 0xff) {
			dest = VLAPIC_DEST_ALL;
		}
		return targets(from->vm, dest, (lo & ICR_Logical) != 0);
	case SHORTHAND_SELF:
		return fixed ? self : 0;
	case SHORTHAND_ALL:
		return fixed ? targets(from->vm, VLAPIC_DEST_ALL, false) : 0;
	default:
		return targets(from->vm, VLAPIC_DEST_ALL, false) & ~self;
	}
}

/* The trigger mode of anything but INIT is ignored: interrupt commands are edges [10.6.1]. */
void vlapic_icr(struct vcpu *from, uint32_t dest, uint32_t lo)
{
	unsigned mode = (unsigned)FIELD_GET(ICR_Mode, lo);
	uint8_t vector = (uint8_t)FIELD_GET(ICR_Vector, lo);
	uint64_t end;
	uint32_t set;

	if ((mode == VLAPIC_FIXED || mode == VLAPIC_LOWEST) && vector < VECTOR_FIRST) {
		vlapic_error(from, ESR_SendIllegal);
		return;
	}
	if (mode == VLAPIC_INIT && (lo & (ICR_Level | ICR_Assert)) == ICR_Level) {
		return; /* the deassert of old processors */
	}
	set = icr_targets(from, dest, lo);
	if (mode != VLAPIC_SIPI) {
		(void)send(from->vm, set, mode, vector, false);
		return;
	}
	end = arch_time_us() + INIT_TIMEOUT_US;
	for (; set != 0; set &= set - 1) {
		send_sipi(&from->vm->vcpu[__builtin_ctz(set)], from, vector, end);
	}
}

/*
 * The redirection hint is not looked at: DM alone says whether the destination is logical, as processors behave and
 * systems rely on.
 */
void arch_vm_pend_msi(struct vm *vm, uint64_t addr, uint32_t data)
{
	bool deassert = (data & (MSI_DATA_Level | MSI_DATA_Assert)) == MSI_DATA_Level;

	if (FIELD_GET(MSI_ADDR_Base, addr) != MSI_BASE || deassert ||
	    __atomic_load_n(&vm->state, __ATOMIC_ACQUIRE) != VM_RUNNING) {
		return;
	}
	(void)vlapic_deliver(vm, (uint32_t)FIELD_GET(MSI_ADDR_Dest, addr), (addr & MSI_ADDR_DM) != 0,
			     (unsigned)FIELD_GET(MSI_DATA_Mode, data), (uint8_t)FIELD_GET(MSI_DATA_Vector, data),
			     (data & MSI_DATA_Level) != 0);
}
