/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition's own firmware tables: PVH start info with the memory map, and ACPI that describes what is emulated
 * for it and nothing else. Owns the VFW_SIZE bytes it writes, inside the partition's first region, and nothing
 * afterwards: they are the guest's memory, and nobody of us reads them again [I3].
 */
#include <arch/mmu.h>
#include <asm/exit.h>
#include <asm/vlapic.h>
#include <hyp/vm.h>

#include "vfw.h"

enum {
	/* Places in the area. */
	AT_INFO = 0,
	AT_MAP = 0x40,
	AT_RSDP = 0x1000,
	AT_XSDT = 0x1040,
	AT_FACS = 0x1100, /* aligned to 64 [ACPI 6.4, 5.2.10] */
	AT_FADT = 0x1140,
	AT_MADT = 0x1280,
	AT_MCFG = 0x1380,
	AT_DSDT = 0x2000,
	MAP_ENTRY = 24,
	MAP_MAX = (AT_RSDP - AT_MAP) / MAP_ENTRY,
	MAP_RAM = 1,
	MAP_RESERVED = 2,
	MAP_ACPI = 3, /* to be used as RAM once the tables were read */
	ACPI_HEADER = 36,
	/* The ports of port.c. */
	PM1_EVENT = 0x600,
	PM1_CONTROL = 0x604,
	PM_TIMER = 0x608,
	RESET_PORT = 0xcf9,
	RESET_VALUE = 6,
	SCI = 9,
	/* FADT: no VGA, no CMOS clock; WBINVD, C1, no fixed buttons or wake clock, reset register, no screen. */
	BOOT_NO_VGA = 1 << 2,
	BOOT_NO_CMOS = 1 << 5,
	FIXED_FEATURES = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 10 | 1 << 12,
	GAS_IO = 1,
};

/* What is written, and for whom. */
struct vfw {
	const struct vm *vm;
	bool pci; /* the partition has devices there */
	uint8_t *to;
	uint64_t ipa;
};

static struct vfw_out out_at(const struct vfw *f, uint32_t from, uint32_t end)
{
	return (struct vfw_out){ .to = f->to + from, .size = end - from };
}

/* 5.2.6: length and checksum are known at the end. */
static void header(struct vfw_out *o, const char *signature, uint8_t revision)
{
	vfw_text(o, signature);
	vfw_put(o, 0, 4);
	vfw_put(o, revision, 1);
	vfw_put(o, 0, 1);
	vfw_text(o, "BULKHDPARTITIO");
	vfw_put(o, 1, 4);
	vfw_text(o, "BLKH");
	vfw_put(o, 1, 4);
}

static uint8_t negative_sum(const uint8_t *b, uint32_t size)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + b[i]);
	}
	return (uint8_t)(0 - sum);
}

static void finish(struct vfw_out *o)
{
	struct vfw_out length = { .to = o->to + 4, .size = 4 };

	vfw_put(&length, o->at, 4);
	o->to[9] = negative_sum(o->to, o->at);
}

static void map_add(struct vfw_out *o, uint64_t base, uint64_t size, uint32_t type)
{
	if (size == 0 || o->size - o->at < MAP_ENTRY) {
		return;
	}
	vfw_put(o, base, 8);
	vfw_put(o, size, 8);
	vfw_put(o, type, 4);
	vfw_put(o, 0, 4);
}

/* Every region but devices' registers; the tables are cut out of the first. PCI's registers are named, as PCs do. */
static uint32_t memory_map(const struct vfw *f)
{
	const struct cfg_vm *cfg = f->vm->cfg;
	struct vfw_out o = out_at(f, AT_MAP, AT_MAP + MAP_MAX * MAP_ENTRY);
	const struct cfg_region *first = &cfg->region[0];

	map_add(&o, first->ipa, f->ipa - first->ipa, MAP_RAM);
	map_add(&o, f->ipa, VFW_SIZE, MAP_ACPI);
	if (f->pci) {
		map_add(&o, hyp_config.board.pci.ecam, hyp_config.board.pci.ecam_size, MAP_RESERVED);
	}
	for (unsigned i = 1; i < cfg->region_count; i++) {
		const struct cfg_region *r = &cfg->region[i];

		if (!(r->prot & PROT_DEVICE)) {
			map_add(&o, r->ipa, r->size, r->prot & PROT_WRITE ? MAP_RAM : MAP_RESERVED);
		}
	}
	return o.at / MAP_ENTRY;
}

/* struct hvm_start_info, version 1 [Xen public/arch-x86/hvm/start_info.h]. */
static void start_info(const struct vfw *f)
{
	uint32_t entries = memory_map(f);
	struct vfw_out o = out_at(f, AT_INFO, AT_MAP);

	vfw_put(&o, 0x336ec578, 4);
	vfw_put(&o, 1, 4);
	vfw_zero(&o, 4 + 4 + 8 + 8); /* flags; no modules; no command line */
	vfw_put(&o, f->ipa + AT_RSDP, 8);
	vfw_put(&o, f->ipa + AT_MAP, 8);
	vfw_put(&o, entries, 4);
	vfw_put(&o, 0, 4);
}

/* 5.2.5.3: the first checksum is of what ACPI 1.0 had. */
static void rsdp(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_RSDP, AT_XSDT);

	vfw_text(&o, "RSD PTR ");
	vfw_put(&o, 0, 1);
	vfw_text(&o, "BULKHD");
	vfw_put(&o, 2, 1);
	vfw_put(&o, 0, 4);
	o.to[8] = negative_sum(o.to, o.at);
	vfw_put(&o, 36, 4);
	vfw_put(&o, f->ipa + AT_XSDT, 8);
	vfw_put(&o, 0, 4);
	o.to[32] = negative_sum(o.to, o.at);
}

static void xsdt(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_XSDT, AT_FACS);

	header(&o, "XSDT", 1);
	vfw_put(&o, f->ipa + AT_FADT, 8);
	vfw_put(&o, f->ipa + AT_MADT, 8);
	if (f->pci) {
		vfw_put(&o, f->ipa + AT_MCFG, 8);
	}
	finish(&o);
}

/* 5.2.10: no firmware waking vector, no global lock that anybody else takes. */
static void facs(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_FACS, AT_FADT);

	vfw_text(&o, "FACS");
	vfw_put(&o, 64, 4);
	vfw_zero(&o, 24);
	vfw_put(&o, 2, 1);
	vfw_zero(&o, 31);
}

/* 5.2.3.2 generic address of a port; access: 1 byte, 2 word, 3 double word. */
static void port(struct vfw_out *o, uint16_t address, unsigned bits, unsigned access)
{
	vfw_put(o, GAS_IO, 1);
	vfw_put(o, bits, 1);
	vfw_put(o, 0, 1);
	vfw_put(o, access, 1);
	vfw_put(o, address, 8);
}

/* 5.2.9, offsets 36 to 111. SMI_CMD 0: ACPI mode is all there is. */
static void fadt_registers(struct vfw_out *o, const struct vfw *f)
{
	vfw_put(o, (uint32_t)(f->ipa + AT_FACS), 4);
	vfw_put(o, (uint32_t)(f->ipa + AT_DSDT), 4);
	vfw_put(o, 0, 2); /* reserved; no preferred profile */
	vfw_put(o, SCI, 2);
	vfw_zero(o, 4 + 4);
	vfw_put(o, PM1_EVENT, 4);
	vfw_put(o, 0, 4);
	vfw_put(o, PM1_CONTROL, 4);
	vfw_zero(o, 4 + 4);
	vfw_put(o, PM_TIMER, 4);
	vfw_zero(o, 4 + 4); /* no general-purpose events */
	vfw_put(o, 4, 1);   /* bytes of PM1_EVT, PM1_CNT, PM2_CNT, PM_TMR, GPE0, GPE1 */
	vfw_put(o, 2, 1);
	vfw_put(o, 0, 1);
	vfw_put(o, 4, 1);
	vfw_zero(o, 2 + 1 + 1);
	vfw_put(o, 0xffff, 2); /* no C2, no C3 */
	vfw_put(o, 0xffff, 2);
	vfw_zero(o, 2 + 2 + 1 + 1 + 1 + 1 + 1); /* flushing, duty cycle, CMOS alarm and century */
	vfw_put(o, BOOT_NO_VGA | BOOT_NO_CMOS, 2);
	vfw_put(o, 0, 1);
}

static void fadt(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_FADT, AT_MADT);

	header(&o, "FACP", 6);
	fadt_registers(&o, f);
	vfw_put(&o, FIXED_FEATURES, 4);
	port(&o, RESET_PORT, 8, 1);
	vfw_put(&o, RESET_VALUE, 1);
	vfw_zero(&o, 2 + 1); /* Arm; minor version */
	vfw_put(&o, 0, 8);   /* FACS has its 32-bit address */
	vfw_put(&o, f->ipa + AT_DSDT, 8);
	port(&o, PM1_EVENT, 32, 2);
	vfw_zero(&o, 12);
	port(&o, PM1_CONTROL, 16, 2);
	vfw_zero(&o, 12 + 12);
	port(&o, PM_TIMER, 32, 3);
	vfw_zero(&o, 12 + 12 + 12 + 12); /* no events, no sleep registers */
	vfw_put(&o, 0, 8);               /* hypervisor: CPUID says it */
	finish(&o);
}

/* 5.2.12: ISA interrupt n arrives at pin n, so there is no override; no PIC, so flags are 0. */
static void madt(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_MADT, AT_MCFG);

	header(&o, "APIC", 5);
	vfw_put(&o, VLAPIC_BASE, 4);
	vfw_put(&o, 0, 4);
	for (unsigned i = 0; i < f->vm->vcpu_count; i++) {
		vfw_put(&o, 8 << 8 | 0, 2);
		vfw_put(&o, i, 1);
		vfw_put(&o, i, 1);
		vfw_put(&o, 1, 4); /* enabled */
	}
	vfw_put(&o, 12 << 8 | 1, 2);
	vfw_put(&o, f->vm->vcpu_count, 1);
	vfw_put(&o, 0, 1);
	vfw_put(&o, VIOAPIC_BASE, 4);
	vfw_put(&o, 0, 4);
	finish(&o);
}

/* PCI Firmware 3.3, 4.1.2: the base is that of bus 0, whatever the first bus is. */
static void mcfg(const struct vfw *f)
{
	const struct board_pci *pci = &hyp_config.board.pci;
	struct vfw_out o = out_at(f, AT_MCFG, AT_DSDT);

	header(&o, "MCFG", 1);
	vfw_zero(&o, 8);
	vfw_put(&o, pci->ecam - ((uint64_t)pci->bus_first << 20), 8);
	vfw_put(&o, 0, 2);
	vfw_put(&o, pci->bus_first, 1);
	vfw_put(&o, pci->bus_last, 1);
	vfw_put(&o, 0, 4);
	finish(&o);
}

static void dsdt(const struct vfw *f)
{
	struct vfw_out o = out_at(f, AT_DSDT, VFW_SIZE);

	header(&o, "DSDT", 2);
	vfw_aml(&o, f->pci ? &hyp_config.board.pci : NULL);
	finish(&o);
}

/* At the top of its first region. False: no room; config_check() refuses that. */
static bool place(struct vfw *f)
{
	const struct cfg_region *r = &f->vm->cfg->region[0];

	if (f->vm->cfg->region_count == 0 || r->size < VFW_SIZE || (r->prot & PROT_DEVICE)) {
		return false;
	}
	f->ipa = r->ipa + (r->size - VFW_SIZE);
	f->to = (uint8_t *)arch_va(pa(r->pa)) + (f->ipa - r->ipa);
	return true;
}

void vfw_load(struct vm *vm)
{
	struct vfw f = { .vm = vm };

	vm->arch.boot_info = 0;
	if (!place(&f)) {
		return;
	}
	for (unsigned i = 0; i < hyp_config.device_count; i++) {
		f.pci = f.pci || (hyp_config.device[i].kind == CFG_DEV_PCI && hyp_config.device[i].owner == vm->index);
	}
	memset(f.to, 0, VFW_SIZE);
	start_info(&f);
	rsdp(&f);
	xsdt(&f);
	facs(&f);
	fadt(&f);
	madt(&f);
	if (f.pci) {
		mcfg(&f);
	}
	dsdt(&f);
	vm->arch.boot_info = f.ipa + AT_INFO;
}
