/* SPDX-License-Identifier: Apache-2.0 */
/* See vgic_board.h: the parts of the hypervisor around the virtual GIC, as small as they can be. */
#include "vgic_board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <arch/irq.h>
#include <arch/mmu.h>
#include <asm/gic.h>
#include <asm/gicv3_regs.h>
#include <hyp/entry.h>
#include <hyp/irq.h>

#include "fake/fake.h"
#include "model/gic_model.h"

struct vm vms[VM_MAX];
unsigned ours_count, kicks, parked;

static struct hyp_config config = {
	.board = {
		.cpu_count = 4,
		.cpu_id = { 0, 1, 2, 3, 4 },
		.gicd = { GIC_MODEL_GICD, 0x10000 },
		.gicr = { GIC_MODEL_GICR, GIC_MODEL_GICR_SIZE },
		.vtimer_irq = GIC_MODEL_VTIMER,
		.maint_irq = GIC_MODEL_MAINT,
	},
};

/* The real one is constant; the code under test reads the timer's number from it. */
const struct hyp_config hyp_config = { .board = { .vtimer_irq = GIC_MODEL_VTIMER } };

int arch_hyp_map(pa_t base, uint64_t size, unsigned prot)
{
	assert_int_equal(prot, PROT_READ | PROT_WRITE | PROT_DEVICE);
	return 0;
}

void hyp_ipi(void)
{
	kicks++;
}

void arch_cpu_park(void)
{
	parked++;
	hyp_panic("parked");
}

static void ours(uint32_t irq)
{
	assert_int_equal(irq, OURS);
	gic_model_line(0, OURS, false);
	ours_count++;
}

struct vm *board_a(void)
{
	return &vms[0];
}

struct vm *board_b(void)
{
	return &vms[1];
}

void board_config_cpus(unsigned n)
{
	config.board.cpu_count = (uint8_t)n;
}

static void vm_setup(unsigned index, unsigned vcpus, unsigned first_cpu)
{
	struct vm *vm = &vms[index];

	memset(vm, 0, sizeof(*vm));
	vm->index = index;
	vm->vcpu_count = vcpus;
	vgic_vm_init(vm);
	for (unsigned i = 0; i < vcpus; i++) {
		vm->vcpu[i].vm = vm;
		vm->vcpu[i].index = i;
		vm->vcpu[i].cpu = first_cpu + i;
		gic_model.vm_of_cpu[first_cpu + i] = index;
		vgic_vcpu_init(&vm->vcpu[i]);
	}
}

static void vcpus_start(struct vm *vm)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		fake_cpu = vm->vcpu[i].cpu;
		vgic_vcpu_reset(&vm->vcpu[i]);
		vgic_flush(&vm->vcpu[i]);
	}
	guest_write(&vm->vcpu[0], VM_TRAP_GICD, GICD_CTLR, 4, GICD_CTLR_EnableGrp1 | GICD_CTLR_ARE);
}

void board_registers(void)
{
	fake_reset();
	gic_model_reset(LRS);
	board_config_cpus(4);
}

int board_setup(void **state)
{
	board_registers();
	ours_count = kicks = parked = 0;
	assert_int_equal(gic_init_dist(&config.board), 0);
	for (fake_cpu = 0; fake_cpu < 4; fake_cpu++) {
		gic_init_cpu();
	}
	fake_cpu = 0;
	vm_setup(0, 3, 0);
	vm_setup(1, 1, 3);
	irq_set_owner(HW_LEVEL, board_a(), VIRQ_HW_LEVEL, false);
	irq_set_owner(HW_EDGE, board_a(), VIRQ_HW_EDGE, true);
	irq_set_handler(OURS, ours, 0, false);
	vcpus_start(board_a());
	vcpus_start(board_b());
	run_all();
	return 0;
}

static struct vcpu *vcpu_of(unsigned cpu)
{
	return cpu < 3 ? &vms[0].vcpu[cpu] : &vms[1].vcpu[0];
}

/* The way back into the guest, as vectors.S goes it; a vCPU that is off waits and takes interrupts only. */
static void leave(struct vcpu *vcpu)
{
	if (vcpu->arch.vgic.lr_count != 0 && vgic_dirty(&vcpu->arch.vgic)) {
		vgic_flush(vcpu);
	}
}

void run(unsigned cpu)
{
	unsigned was = fake_cpu;

	fake_cpu = cpu;
	for (unsigned n = 0; gic_model_next(cpu) != GIC_MODEL_NONE; n++) {
		if (n == 100) {
			fake_fail("CPU %u: interrupt %u storms", cpu, gic_model_next(cpu));
		}
		gic_irq_entry(vcpu_of(cpu));
		leave(vcpu_of(cpu));
	}
	fake_cpu = was;
}

void run_all(void)
{
	bool busy = true;

	for (unsigned n = 0; busy; n++) {
		if (n == 100) {
			fake_fail("the CPUs interrupt each other for ever");
		}
		busy = false;
		for (unsigned cpu = 0; cpu < 4; cpu++) {
			busy = busy || gic_model_next(cpu) != GIC_MODEL_NONE;
			run(cpu);
		}
	}
}

uint64_t guest_read(struct vcpu *vcpu, unsigned kind, uint64_t off, uint8_t size)
{
	struct mmio m = { .value = 0x5555555555555555ull, .size = size };

	fake_cpu = vcpu->cpu;
	vgic_mmio(vcpu, kind, off, &m);
	leave(vcpu);
	run(vcpu->cpu);
	return m.value;
}

void guest_write(struct vcpu *vcpu, unsigned kind, uint64_t off, uint8_t size, uint64_t v)
{
	struct mmio m = { .value = v, .size = size, .write = true };

	fake_cpu = vcpu->cpu;
	vgic_mmio(vcpu, kind, off, &m);
	leave(vcpu);
	run(vcpu->cpu);
}

void guest_sgi(struct vcpu *vcpu, uint64_t value)
{
	fake_cpu = vcpu->cpu;
	vgic_sgi1r(vcpu, value);
	leave(vcpu);
	run(vcpu->cpu);
}

uint32_t guest_take(struct vcpu *vcpu)
{
	uint32_t intid;

	run_all();
	intid = gic_model_guest_ack(vcpu->cpu);
	if (intid != GIC_MODEL_NONE) {
		gic_model_guest_eoi(vcpu->cpu, intid);
		run_all();
	}
	return intid;
}

/* --- what guests and the hypervisor do --- */

uint64_t frame(const struct vcpu *vcpu)
{
	return 0x20000ull * vcpu->index + 0x10000;
}

void spi_bit(struct vcpu *by, uint32_t reg, uint32_t intid)
{
	guest_write(by, GICD, reg + intid / 32 * 4, 4, BIT32(intid % 32));
}

bool spi_is(struct vcpu *by, uint32_t reg, uint32_t intid)
{
	return (guest_read(by, GICD, reg + intid / 32 * 4, 4) & BIT32(intid % 32)) != 0;
}

void private_bit(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid)
{
	guest_write(by, GICR, frame(whose) + reg, 4, BIT32(intid));
}

bool private_is(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid)
{
	return (guest_read(by, GICR, frame(whose) + reg, 4) & BIT32(intid)) != 0;
}

void spi_priority(struct vcpu *by, uint32_t intid, uint8_t prio)
{
	guest_write(by, GICD, GICD_IPRIORITYR + intid, 1, prio);
}

void spi_edge(struct vcpu *by, uint32_t intid)
{
	uint64_t reg = GICD_ICFGR + intid / 16 * 4;

	guest_write(by, GICD, reg, 4, guest_read(by, GICD, reg, 4) | BIT32(2 * (intid % 16) + 1));
}

void spi_route(struct vcpu *by, uint32_t intid, uint64_t to)
{
	guest_write(by, GICD, GICD_IROUTER + 8 * intid, 8, to);
}

void pend(struct vm *vm, uint32_t virq, unsigned from)
{
	fake_cpu = from;
	arch_vm_pend_virq(vm, virq);
}

void level(struct vm *vm, uint32_t virq, bool high)
{
	fake_cpu = 3;
	vgic_set_level(vm, virq, high);
}

void sgis_enable(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct vcpu *v = &board_a()->vcpu[i];

		guest_write(v, GICR, frame(v) + GICD_ISENABLER, 4, 0xffff);
	}
	guest_write(B0, GICR, frame(B0) + GICD_ISENABLER, 4, 0xffff);
}
