/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I/O ports of guests. None of them reaches a port of the machine [I3]: what is emulated is named here, everything else
 * (QEMU's fw_cfg, the ISA DMA controllers, PCI devices' I/O) reads as all ones and swallows writes. Registers are the
 * partition's, under port_lock; stopping and restarting happens outside of it.
 */
#include <asm/exit.h>

#include <asm/cpuvirt.h>
#include <asm/time.h>
#include <hyp/bits.h>
#include <hyp/entry.h>
#include <hyp/log.h>
#include <hyp/vm.h>

enum {
	PORT_PIC1_CMD = 0x20,
	PORT_PIC1_MASK = 0x21,
	PORT_PIT = 0x40, /* 4 ports */
	PORT_SYSTEM_B = 0x61,
	PORT_KBC = 0x64,
	PORT_CMOS_INDEX = 0x70,
	PORT_CMOS_DATA = 0x71,
	PORT_PIC2_CMD = 0xa0,
	PORT_PIC2_MASK = 0xa1,
	PORT_UART = 0x3f8, /* 8 ports */
	PORT_PM1_STATUS = 0x600,
	PORT_PM1_ENABLE = 0x602,
	PORT_PM1_CONTROL = 0x604,
	PORT_PM_TIMER = 0x608,
	PORT_PCI_ADDRESS = 0xcf8,
	PORT_RESET = 0xcf9,
	PORT_PCI_DATA = 0xcfc, /* 4 ports */
};

#define SYSTEM_B_OUT2   0x20u   /* timer 2 has elapsed: whoever waits for it goes on */
#define KBC_RESET       0xfeu   /* pulse the reset line */
#define RESET_CPU       BIT32(2)
#define PM1_SCI_EN      BIT32(0) /* ACPI mode, always */
#define PM1_SLP_TYP     BITS32(12, 10)
#define PM1_SLP_EN      BIT32(13)
#define PM1_SLP_TYP_S5  0u      /* what our \_S5 says */
#define PCI_ADDRESS_ON  BIT32(31)
#define PCI_ADDRESS_MASK (BIT32(31) | BITS32(23, 2))
#define PM_TIMER_HZ     3579545u

/* The ACPI timer [ACPI 4.8.2.1], 24 bits, from the TSC; the product stays below 2^64 for any TSC below 2^41 Hz. */
static uint32_t pm_timer(void)
{
	uint64_t hz = tsc_khz * 1000;
	uint64_t t = arch_time_ticks();

	if (hz == 0) {
		return 0;
	}
	return (uint32_t)(t / hz * PM_TIMER_HZ + t % hz * PM_TIMER_HZ / hz) & BITS32(23, 0);
}

/*
 * The register behind CF8, with CFC's byte offset, is the same as in the ECAM window [PCI 3.2.2.3.2, PCIe 7.2.2], and
 * goes the same way: who owns the function is checked there. Two vCPUs that use the pair at once get each other's
 * registers, as on a PC; each access is of one whole address.
 */
static void pci_data(struct vcpu *v, uint16_t port, struct mmio *m)
{
	const struct board_pci *p = &hyp_config.board.pci;
	uint32_t a = v->vm->arch.pci_address;
	unsigned offset = port - (unsigned)PORT_PCI_DATA;
	uint32_t bdf = (a >> 8) & 0xffff;
	uint32_t first = (uint32_t)p->bus_first << 8;
	uint64_t ecam = (uint64_t)(bdf - first) << 12 | (a & 0xfc) | offset; /* below first: far above the window */

	if ((a & PCI_ADDRESS_ON) != 0 && offset + m->size <= 4 && ecam < p->ecam_size &&
	    !hyp_s2_fault(v, ipa(p->ecam + ecam), m)) {
		log_debug("partition %s vcpu %u: no PCI here", v->vm->cfg->name, v->index);
	}
}

static uint32_t read8(struct vm *vm, uint16_t port)
{
	switch (port) {
	case PORT_PIC1_CMD:
	case PORT_PIC2_CMD:
	case PORT_PIT:
	case PORT_PIT + 1:
	case PORT_PIT + 2:
	case PORT_PIT + 3:
	case PORT_KBC:
	case PORT_CMOS_DATA:
	case PORT_RESET:
		return 0;
	case PORT_PIC1_MASK: /* all masked, whatever was written: so no operating system finds a PIC */
	case PORT_PIC2_MASK:
		return 0xff;
	case PORT_SYSTEM_B:
		return SYSTEM_B_OUT2;
	case PORT_CMOS_INDEX:
		return vm->arch.cmos_index;
	default:
		return 0xff;
	}
}

static uint32_t read16(struct vm *vm, uint16_t port)
{
	switch (port) {
	case PORT_PM1_STATUS:
		return 0;
	case PORT_PM1_ENABLE:
		return vm->arch.pm1_enable;
	case PORT_PM1_CONTROL:
		return vm->arch.pm1_control | PM1_SCI_EN;
	default:
		return 0xffff;
	}
}

static uint32_t read32(struct vm *vm, uint16_t port)
{
	switch (port) {
	case PORT_PM_TIMER:
		return pm_timer();
	case PORT_PCI_ADDRESS:
		return vm->arch.pci_address;
	default:
		return ~0u;
	}
}

static void register_write(struct vm *vm, uint16_t port, unsigned size, uint32_t value)
{
	if (port == PORT_PCI_ADDRESS && size == 4) {
		vm->arch.pci_address = value & PCI_ADDRESS_MASK;
	} else if (port == PORT_CMOS_INDEX && size == 1) {
		vm->arch.cmos_index = (uint8_t)value;
	} else if (port == PORT_PM1_ENABLE && size == 2) {
		vm->arch.pm1_enable = (uint16_t)value;
	} else if (port == PORT_PM1_CONTROL && size >= 2) {
		vm->arch.pm1_control = (uint16_t)(value & ~PM1_SLP_EN);
	}
}

static void register_access(struct vcpu *v, uint16_t port, struct mmio *m)
{
	struct vm *vm = v->vm;

	spin_lock(&vm->arch.port_lock);
	if (port >= PORT_PCI_DATA && port < PORT_PCI_DATA + 4) {
		pci_data(v, port, m);
	} else if (m->write) {
		register_write(vm, port, m->size, (uint32_t)m->value);
	} else if (m->size == 1) {
		m->value = read8(vm, port);
	} else {
		m->value = m->size == 2 ? read16(vm, port) : read32(vm, port);
	}
	spin_unlock(&vm->arch.port_lock);
}

/* Writes after which this vCPU does not go on. */
static void power_write(struct vcpu *v, uint16_t port, unsigned size, uint32_t value)
{
	if (port == PORT_PM1_CONTROL && size >= 2 && (value & PM1_SLP_EN) != 0 &&
	    FIELD_GET(PM1_SLP_TYP, value) == PM1_SLP_TYP_S5) {
		vm_stop(v, "powered itself off");
	}
	if ((port == PORT_RESET && size == 1 && (value & RESET_CPU) != 0) ||
	    (port == PORT_KBC && size == 1 && value == KBC_RESET)) {
		vm_restart(v);
	}
}

static void access(struct vcpu *v, uint16_t port, struct mmio *m)
{
	bool uart = m->size == 1 && port >= PORT_UART && port < PORT_UART + 8;
	unsigned reg = port & 7u;

	if (!uart) {
		if (m->write) {
			power_write(v, port, m->size, (uint32_t)m->value);
		}
		register_access(v, port, m);
	} else if (m->write) {
		vuart_write(v->vm, reg, (uint8_t)m->value);
	} else {
		m->value = vuart_read(v->vm, reg);
	}
}

void exit_port(struct vcpu *v, const struct port_access *a)
{
	uint64_t *rax = &v->arch.regs.x[G_RAX];
	uint64_t mask = BITS64(a->size * 8u - 1, 0);
	struct mmio m = { .size = a->size, .write = !a->in, .value = a->in ? mask : *rax & mask };

	if (a->string) {
		log_debug("partition %s vcpu %u: string access to port 0x%x: not emulated", v->vm->cfg->name, v->index,
			  a->port);
		cpuvirt->inject(v, EXC_GP, true, 0);
		return;
	}
	access(v, a->port, &m);
	if (a->in) {
		*rax = (a->size == 4 ? 0 : *rax & ~mask) | (m.value & mask);
	}
	cpuvirt->set(v, VREG_RIP, a->next);
}

void port_vm_reset(struct vm *vm)
{
	vm->arch.pci_address = 0;
	vm->arch.cmos_index = 0;
	vm->arch.pm1_enable = 0;
	vm->arch.pm1_control = 0;
}
