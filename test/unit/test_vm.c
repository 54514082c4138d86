/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a partition: who may start a vCPU when, what a stop takes away and in which order, what a restart leaves
 * behind, and which memory is a partition's [I2]. The architecture is this file: it writes down what it is asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <fake/fake.h>
#include <hyp/console.h>
#include <hyp/entry.h>
#include <hyp/hypercall.h>
#include <hyp/irq.h>
#include <hyp/pci.h>
#include <hyp/vm.h>

#include "vm_memory.h"

enum { A, B, VMS };

/* Memory that crosses a GiB, where the host has nothing. */
#define MEMORY      ((uint64_t)0x200000000000)
#define RAM_A       (MEMORY - MIB(2))
#define RAM_B       (MEMORY + MIB(8))

HYP_POOL_ARENA(64);

static const uint8_t image[3] = { 0xca, 0xfe, 0x42 };
static const struct cfg_region region_a[] = {
	{ .name = "ram", .ipa = 0x40000000, .pa = RAM_A, .size = MIB(4), .prot = PROT_READ | PROT_WRITE | PROT_EXEC },
	{ .name = "regs", .ipa = 0x9000000, .pa = 0x9000000, .size = PAGE_SIZE,
	  .prot = PROT_READ | PROT_WRITE | PROT_DEVICE },
};
static const struct cfg_region region_b[] = {
	{ .name = "ram", .ipa = 0x40000000, .pa = RAM_B, .size = MIB(2), .prot = PROT_READ | PROT_WRITE },
};
static const struct cfg_image image_a[] = { { "image", image, image + 2, 0x40000000 + MIB(2) - 1 } };
static const struct cfg_vm cfg_vm[VMS] = {
	[A] = { .name = "a", .cpu_count = 2, .cpu = { 0, 2 }, .pool_pages = 16, .entry = 0x40000000, .region_count = 2,
		.region = region_a, .image_count = 1, .image = image_a },
	[B] = { .name = "b", .cpu_count = 1, .cpu = { 1 }, .pool_pages = 16, .entry = 0x40000000, .region_count = 1,
		.region = region_b },
};
static const struct hyp_config config = { .vm_count = VMS, .vm = cfg_vm };

/* --- what the rest of the hypervisor is asked for -------------------------------------------- */

static char events[512];
static jmp_buf left;
static struct vcpu *stopping; /* its CPU takes the IPI and goes off when the stopper looks at the clock */

static void event(const char *name)
{
	(void)strncat(events, name, sizeof(events) - strlen(events) - 1);
	(void)strncat(events, " ", sizeof(events) - strlen(events) - 1);
}

#define CALL(stmt)                       \
	do {                             \
		if (setjmp(left) == 0) { \
			stmt;            \
		}                        \
	} while (0)

void arch_vcpu_run(struct vcpu *vcpu)
{
	event("run");
	longjmp(left, 1);
}

void hyp_power_off(const char *why)
{
	event("power-off");
	longjmp(left, 1);
}

void arch_ipi_send(unsigned cpu)
{
	unsigned self = fake_cpu;

	if (stopping && stopping->cpu == cpu) {
		jmp_buf saved;

		memcpy(&saved, &left, sizeof(saved));
		fake_cpu = cpu;
		CALL(hyp_ipi());
		fake_cpu = self;
		memcpy(&left, &saved, sizeof(left));
	}
}

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	assert_true(size <= GIB(1) && base.v / GIB(1) == (base.v + size - 1) / GIB(1));
	return 0;
}

void arch_hyp_unmap(pa_t base, uint64_t size)
{
}

void arch_mem_zero(void *p, size_t size)
{
	memset(p, 0, size);
}

void arch_vcpu_off(struct vcpu *vcpu)
{
	event(vcpu->index == 0 ? "off0" : "off1");
}

void arch_vm_load(struct vm *vm)
{
}

void arch_vm_init(struct vm *vm)
{
}

void arch_vcpu_init(struct vcpu *vcpu)
{
}

void arch_vm_reset(struct vm *vm)
{
	event("reset");
}

void arch_vm_mmio(struct vcpu *vcpu, unsigned kind, uint64_t off, struct mmio *m)
{
}

void arch_vm_pend_virq(struct vm *vm, uint32_t virq)
{
}

void irq_set_owner(uint32_t irq, struct vm *vm, uint32_t virq, bool edge)
{
}

void irq_vm_stop(struct vm *vm)
{
	event("irq");
}

void irq_vm_start(struct vm *vm)
{
}

void iommu_poll(void)
{
}

void iommu_vm_stop(struct vm *vm)
{
	event("iommu");
}

void iommu_vm_start(struct vm *vm)
{
	event("iommu-start");
}

void pci_vm_stop(struct vm *vm)
{
	event("pci");
}

void pci_vm_start(struct vm *vm)
{
}

void pci_cfg_access(struct vm *vm, uint64_t off, struct mmio *m)
{
}

void pci_msix_access(struct vm *vm, uint64_t addr, struct mmio *m)
{
	m->value = addr;
}

void hypercall_vm_stop(struct vm *vm)
{
}

void console_vm_flush(struct vm *vm)
{
}

const struct pgtable_fmt arch_s2_fmt = {
	.name = "s2", .addr = 0x0000fffffffff000ull, .present = 1, .table = 3, .type_mask = 3, .table_type = 3,
	.page = 3, .block = 1, .attr = { [1] = 4, [3] = 12, [7] = 28, [11] = 44 }, .block_levels = 6,
};

/* --- tests ----------------------------------------------------------------- */

static int setup_once(void **state)
{
	void *p = vm_memory(MEMORY - MIB(16), MIB(32));

	fake_reset();
	assert_ptr_equal(p, (void *)(uintptr_t)(MEMORY - MIB(16)));
	memset((void *)(uintptr_t)RAM_A, 0xaa, MIB(4));
	vm_build_all(&config);
	return 0;
}

static int setup(void **state)
{
	fake_reset();
	events[0] = 0;
	stopping = NULL;
	fake_cpu = 0;
	vm_start_all();
	vms[A].vcpu[0].state = VCPU_RUNNING;
	vms[A].vcpu[1].state = VCPU_OFF;
	vms[A].vcpu[1].stop = false;
	vms[B].vcpu[0].state = VCPU_RUNNING;
	return 0;
}

static void memory_is_cleared_and_images_are_where_they_belong(void **state)
{
	const uint8_t *ram = (const uint8_t *)(uintptr_t)RAM_A;

	for (size_t i = 0; i < MIB(4); i++) {
		assert_int_equal(ram[i], i == MIB(2) - 1 ? 0xca : i == MIB(2) ? 0xfe : 0);
	}
}

static void a_region_grants_what_it_says_and_nothing_beside_it(void **state)
{
	const struct vm *vm = &vms[A];

	assert_ptr_equal(vm_region_find(vm, ipa(0x40000000), MIB(4), PROT_READ | PROT_WRITE), &region_a[0]);
	assert_ptr_equal(vm_region_find(vm, ipa(0x403fffff), 1, PROT_EXEC), &region_a[0]);
	assert_null(vm_region_find(vm, ipa(0x403fffff), 2, PROT_READ));
	assert_null(vm_region_find(vm, ipa(0x3fffffff), 2, PROT_READ));
	assert_null(vm_region_find(vm, ipa(0x40000000), 0, PROT_READ));
	assert_null(vm_region_find(vm, ipa(~0ull), 2, PROT_READ));
	assert_null(vm_region_find(vm, ipa(0x9000000), 4, PROT_EXEC));
	assert_null(vm_region_find(&vms[B], ipa(0x40000000), 4, PROT_EXEC));
}

static void a_vcpu_is_started_once(void **state)
{
	struct vm *vm = &vms[A];

	assert_int_equal(vcpu_start(vm, 2, 0x40000000, 0), -BH_EINVAL);
	assert_int_equal(vcpu_start(vm, 0, 0x40000000, 0), -BH_EBUSY);
	assert_int_equal(vcpu_start(vm, 1, 0x40001000, 7), 0);
	assert_int_equal(vm->vcpu[1].state, VCPU_STARTING);
	assert_int_equal(vm->vcpu[1].start_pc, 0x40001000);
	assert_int_equal(vcpu_start(vm, 1, 0x40000000, 0), -BH_EBUSY);
	assert_int_equal(vm->vcpu[1].start_pc, 0x40001000);
}

static void nothing_starts_in_a_stopping_partition(void **state)
{
	vms[A].state = VM_STOPPED;
	assert_int_equal(vcpu_start(&vms[A], 1, 0x40000000, 0), -BH_EBUSY);
	assert_int_equal(vms[A].vcpu[1].state, VCPU_OFF);
}

/* The stopper waits for the claimer to see that the partition stops; an IPI in between must not let it go on. */
static void an_ipi_leaves_a_claimed_vcpu_alone(void **state)
{
	vms[A].vcpu[1].state = VCPU_CLAIMED;
	vms[A].vcpu[1].stop = true;
	fake_cpu = 2;
	CALL(hyp_ipi());
	assert_int_equal(vms[A].vcpu[1].state, VCPU_CLAIMED);
	assert_string_equal(events, "");
	vms[A].vcpu[1].state = VCPU_RUNNING;
	CALL(hyp_ipi());
	assert_int_equal(vms[A].vcpu[1].state, VCPU_OFF);
	assert_string_equal(events, "off1 run ");
}

static void a_stop_takes_the_others_first_and_dma_before_all_else(void **state)
{
	vms[A].vcpu[1].state = VCPU_RUNNING;
	stopping = &vms[A].vcpu[1];
	CALL(vm_stop(&vms[A].vcpu[0], "test"));
	assert_string_equal(events, "off1 run iommu pci irq off0 run ");
	assert_int_equal(vms[A].state, VM_STOPPED);
	assert_int_equal(vms[A].vcpu[0].state, VCPU_OFF);
	assert_int_equal(vms[B].state, VM_RUNNING);
}

static void a_second_stop_of_the_same_partition_only_goes_off(void **state)
{
	vms[A].state = VM_STOPPED;
	CALL(vm_stop(&vms[A].vcpu[0], "test"));
	assert_string_equal(events, "off0 run ");
}

static void the_last_partition_powers_off(void **state)
{
	CALL(vm_stop(&vms[B].vcpu[0], "test"));
	assert_null(strstr(events, "power-off"));
	CALL(vm_stop(&vms[A].vcpu[0], "test"));
	assert_non_null(strstr(events, "power-off"));
}

static void a_restart_clears_memory_and_starts_vcpu_0(void **state)
{
	memset((void *)(uintptr_t)RAM_A, 0x55, MIB(4));
	vms[A].vcpu[1].state = VCPU_RUNNING;
	stopping = &vms[A].vcpu[0];
	/* asked for by the second vCPU: it must be off afterwards, and free to be started */
	CALL(vm_restart(&vms[A].vcpu[1]));
	assert_string_equal(events, "off0 run iommu pci irq off1 reset iommu-start run ");
	assert_int_equal(vms[A].state, VM_RUNNING);
	assert_int_equal(vms[A].vcpu[0].state, VCPU_STARTING);
	assert_int_equal(vms[A].vcpu[0].start_pc, 0x40000000);
	assert_int_equal(vms[A].vcpu[1].state, VCPU_OFF);
	memory_is_cleared_and_images_are_where_they_belong(state);
}

static void a_restart_is_nobodys_end(void **state)
{
	CALL(vm_stop(&vms[B].vcpu[0], "test"));
	CALL(vm_restart(&vms[A].vcpu[0]));
	assert_null(strstr(events, "power-off"));
	CALL(vm_stop(&vms[A].vcpu[0], "test"));
	assert_non_null(strstr(events, "power-off"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(memory_is_cleared_and_images_are_where_they_belong, setup),
		cmocka_unit_test_setup(a_region_grants_what_it_says_and_nothing_beside_it, setup),
		cmocka_unit_test_setup(a_vcpu_is_started_once, setup),
		cmocka_unit_test_setup(nothing_starts_in_a_stopping_partition, setup),
		cmocka_unit_test_setup(an_ipi_leaves_a_claimed_vcpu_alone, setup),
		cmocka_unit_test_setup(a_stop_takes_the_others_first_and_dma_before_all_else, setup),
		cmocka_unit_test_setup(a_second_stop_of_the_same_partition_only_goes_off, setup),
		cmocka_unit_test_setup(the_last_partition_powers_off, setup),
		cmocka_unit_test_setup(a_restart_clears_memory_and_starts_vcpu_0, setup),
		cmocka_unit_test_setup(a_restart_is_nobodys_end, setup),
	};

	return cmocka_run_group_tests(tests, setup_once, NULL);
}
