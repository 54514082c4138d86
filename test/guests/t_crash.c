/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition that goes wrong on purpose. What counts is what the hypervisor and the partner (t_spin in another
 * partition) do meanwhile. arg 0: everything that can be survived, one after the other, while vCPU 1 is lost for ever
 * in exceptions it cannot take; then power off with a transfer under way [threat 55]. arg 1 to 12: only that way,
 * and most of those never end by themselves.
 */
#include <bulkhead/edu.h>
#include <smmu.h>

#include "arch.h"
#include "tap.h"

enum way {
	EVERYTHING = 0,
	JUMP_NOWHERE = 12,      /* an instruction fetch outside its memory; the runtime dumps and powers off */
	READ_HYPERVISOR = 1,
	WRITE_HYPERVISOR = 2,
	STACK_NOWHERE = 3,      /* an exception with a stack outside memory */
	VECTORS_NOWHERE = 4,    /* the same with the vectors */
	SPIN_MASKED = 5,        /* an endless loop with interrupts masked */
	INTERRUPT_STORM = 6,    /* a level interrupt that is never acknowledged, handler returns at once */
	CALL_STORM = 7,         /* hypercalls without end */
	RESET = 8,              /* restarts itself, once more and more */
	DMA_AND_OFF = 9,        /* starts a transfer and powers off before it happens */
	FAULT_STORM = 10,       /* the device faults without end */
	CONSOLE_STORM = 11,     /* prints without end */
};

enum { STORM_US = 300000, TALK_LINES = 200 };

static uint8_t target[4096] GUEST_PAGE;
static volatile uint32_t second_up;

static struct smmu_object *attach(struct edu *e, unsigned flags)
{
	struct smmu_map_entry entry = { .phys = (uintptr_t)target, .len = sizeof(target) };
	struct smmu_object *sop;

	if (smmu_init(0) < 0 || !edu_open(e, 0)) {
		tap_bail("no device");
	}
	sop = smmu_obj_create(0);
	if (sop == NULL || smmu_device_add_pci(sop, e->bdf >> 8, e->bdf >> 3 & 31, e->bdf & 7) < 0 ||
	    (flags != 0 && smmu_mapping_add(sop, flags, 0, 1, &entry, 0) < 0)) {
		tap_bail("no object");
	}
	return sop;
}

static void dma_and_off(void)
{
	struct edu e;

	attach(&e, SMF_READ | SMF_WRITE);
	edu_dma_start(&e, EDU_TO_RAM, (uintptr_t)target, 0, 64, false);
	printf("# a transfer to 0x%lx is under way, powering off\n", (uintptr_t)target);
	power_off();
}

/* Storms end after some time, or never. */
static bool goes_on(uint64_t end)
{
	return end == 0 || time_us() < end;
}

static void fault_storm(uint64_t end)
{
	struct smmu_object *sop;
	struct edu e;

	sop = attach(&e, 0);
	do {
		edu_dma(&e, EDU_TO_RAM, (uintptr_t)target, 0, EDU_TRANSFER_MAX);
	} while (goes_on(end));
	smmu_obj_destroy(sop);
}

static uint64_t interrupts_end;
static volatile uint32_t interrupts;

/* Does not acknowledge at the device, so the level stays up and the interrupt comes again after each EOI. */
static void on_interrupt(uint32_t irq)
{
	interrupts++;
	if (!goes_on(interrupts_end)) {
		irq_disable(irq);
	}
}

static void interrupt_storm(uint64_t end)
{
	struct edu e;

	if (!edu_open(&e, 0)) {
		tap_bail("no device");
	}
	interrupts_end = end;
	irq_handler(e.irq, on_interrupt);
	irq_set_edge(e.irq, false);
	irq_enable(e.irq);
	edu_irq_raise(&e, 1);
	while (goes_on(end)) {
	}
	irq_disable(e.irq);
	edu_irq_ack(&e, 1);
}

static void call_storm(uint64_t end)
{
	do {
		bh_hc(BH_HC_SMMU_INIT, 1, 0, 0);
	} while (goes_on(end));
}

static void masked_spin(uint64_t end)
{
	uint64_t masked = irq_save();

	while (goes_on(end)) {
	}
	irq_restore(masked);
}

static void console_storm(unsigned lines)
{
	unsigned i;

	for (i = 0; lines == 0 || i < lines; i++) {
		printf("# a line of a partition that talks too much: 0123456789 0123456789 0123456789\n");
	}
}

/* Never comes back: every exception leads to the next. */
static void second(uint64_t arg)
{
	second_up = 1;
	exceptions_for_ever();
}

static uint64_t storm_end(void)
{
	return time_us() + STORM_US;
}

static void everything(void)
{
	tap_plan(7);
	if (vcpu_start(1, second, 0) == 0) {
		while (second_up == 0) {
		}
		tap_ok(true, "vCPU 1 is lost in exceptions");
	} else {
		tap_skip("vCPU 1 is lost in exceptions", "there is none");
	}
	tap_ok(!probe_write32(BOARD_HYP_BASE, 0), "a write to the hypervisor: refused");
	call_storm(storm_end());
	tap_ok(true, "hypercalls without a break");
	masked_spin(storm_end());
	tap_ok(true, "a loop with interrupts masked");
	interrupt_storm(storm_end());
	tap_ok(interrupts > 1, "an interrupt that nobody acknowledges, %u times", interrupts);
	console_storm(TALK_LINES);
	tap_ok(true, "many lines");
	fault_storm(storm_end());
	tap_ok(true, "a device that faults without a break");
	dma_and_off();
}

/* A machine may also say no like this, and go on. */
static void all_ones(uintptr_t a)
{
	uint32_t v = mmio_read32(a);

	if (v == ~0u) {
		printf("# 0x%lx reads as all ones\n", a);
		power_off();
	}
	printf("not ok 1 - read 0x%x\n", v);
}

static void go_wrong(enum way way)
{
	switch (way) {
	case EVERYTHING:
		everything();
		break;
	case JUMP_NOWHERE:
		((void (*)(void))BOARD_RAM(0x20000000))();
		break;
	case READ_HYPERVISOR:
		all_ones(BOARD_HYP_BASE);
		break;
	case WRITE_HYPERVISOR:
		mmio_write32(BOARD_HYP_BASE, 0);
		all_ones(BOARD_HYP_BASE);
		break;
	case STACK_NOWHERE:
		stack_nowhere();
		break;
	case VECTORS_NOWHERE:
		vectors_nowhere();
		break;
	case SPIN_MASKED:
		masked_spin(0);
		break;
	case INTERRUPT_STORM:
		interrupt_storm(0);
		break;
	case CALL_STORM:
		call_storm(0);
		break;
	case RESET:
		power_reset();
	case DMA_AND_OFF:
		dma_and_off();
		break;
	case FAULT_STORM:
		fault_storm(0);
		break;
	case CONSOLE_STORM:
		console_storm(0);
		break;
	}
}

void guest_main(uint64_t arg)
{
	printf("# going wrong, way %lu\n", arg & 0xff);
	go_wrong((enum way)(arg & 0xff));
	tap_plan(1);
	tap_ok(false, "it was survived as if nothing had happened");
	tap_done();
}
