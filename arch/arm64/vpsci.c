/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI 1.1 and the SMCCC queries as a partition sees them [Arm DEN0022, DEN0028]. A partition's CPUs are its
 * virtual ones; power states it asks for are its own, the board's are ours.
 */
#include <asm/psci.h>

#include <bulkhead/errno.h>
#include <hyp/log.h>
#include <hyp/vm.h>

static bool index_of(const struct vcpu *vcpu, uint64_t mpidr, unsigned *index)
{
	/* Affinity 0 counts the virtual CPUs; the bits that are not affinity are ignored. */
	if ((mpidr & 0xff00ffff00ull) != 0 || (mpidr & 0xff) >= vcpu->vm->vcpu_count) {
		return false;
	}
	*index = mpidr & 0xff;
	return true;
}

static bool is_entry(const struct vm *vm, uint64_t pc)
{
	return (pc & 3) == 0 && vm_region_find(vm, ipa(pc), 4, PROT_EXEC) != NULL;
}

static int64_t cpu_on(struct vcpu *vcpu, const uint64_t *x)
{
	unsigned index;

	if (!index_of(vcpu, x[1], &index)) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (vcpu->vm->vcpu[index].state == VCPU_OFF && !is_entry(vcpu->vm, x[2])) {
		return PSCI_INVALID_ADDRESS;
	}
	switch (vcpu_start(vcpu->vm, index, x[2], x[3])) {
	case 0:
		return PSCI_SUCCESS;
	case -BH_EBUSY:
		return vcpu->vm->vcpu[index].state == VCPU_STARTING ? PSCI_ON_PENDING : PSCI_ALREADY_ON;
	default:
		return PSCI_INVALID_PARAMETERS;
	}
}

static int64_t affinity_info(const struct vcpu *vcpu, const uint64_t *x)
{
	unsigned index;

	if (x[2] != 0 || !index_of(vcpu, x[1], &index)) {
		return PSCI_INVALID_PARAMETERS;
	}
	switch (vcpu->vm->vcpu[index].state) {
	case VCPU_RUNNING:
		return 0;
	case VCPU_STARTING:
		return 2;
	default:
		return 1;
	}
}

static int64_t features(uint32_t fn)
{
	switch (fn) {
	case PSCI_VERSION:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON32:
	case PSCI_CPU_ON64:
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO64:
	case PSCI_MIGRATE_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
	case SMCCC_VERSION:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t arch_features(uint32_t fn)
{
	return fn == SMCCC_VERSION || fn == SMCCC_ARCH_FEATURES ? 0 : PSCI_NOT_SUPPORTED;
}

/* Everything but the one call that guests make in a loop to find out what a call costs. */
static __attribute__((noinline)) void other_call(struct vcpu *vcpu, uint32_t fn)
{
	uint64_t *x = vcpu->arch.regs->x;
	int64_t r;

	switch (fn) {
	case PSCI_CPU_ON32:
	case PSCI_CPU_ON64:
		r = cpu_on(vcpu, x);
		break;
	case PSCI_CPU_OFF:
		vcpu_off(vcpu);
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO64:
		r = affinity_info(vcpu, x);
		break;
	case PSCI_MIGRATE_TYPE:
		r = 2; /* no trusted OS that would have to move */
		break;
	case PSCI_SYSTEM_OFF:
		vm_stop(vcpu, "powered itself off");
	case PSCI_SYSTEM_RESET:
		vm_restart(vcpu);
	case PSCI_FEATURES:
		r = features((uint32_t)x[1]);
		break;
	case SMCCC_VERSION:
		r = 0x10002;
		break;
	case SMCCC_ARCH_FEATURES:
		r = arch_features((uint32_t)x[1]);
		break;
	default:
		r = PSCI_NOT_SUPPORTED;
	}
	x[0] = (uint64_t)r;
}

void vpsci_call(struct vcpu *vcpu, uint32_t fn)
{
	if (fn == PSCI_VERSION) {
		vcpu->arch.regs->x[0] = 0x10001;
	} else {
		other_call(vcpu, fn);
	}
}
