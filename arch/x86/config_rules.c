/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: what only PCs have: local and I/O APICs, messages instead of interrupt lines, the upper end of the first
 * 4 GiB, and partitions that start the way a PC does. Owns nothing. What is named here is never a partition's, and
 * no device reaches it by configuration [I3]. Interrupt lines of PCI functions and PCI windows are in ACPI's byte code
 * only, which nobody here reads: the configuration is believed, and what the tables do say must not contradict it.
 */
#include <arch/config.h>

#include <arch/irq.h>
#include <asm/exit.h>
#include <hyp/config_rules.h>

/* From the I/O APIC up: HPET, TPM, the units, messages, flash. */
#define CHIPSET_BASE 0xfec00000ull
#define CHIPSET_SIZE 0x01400000ull
/* A write of a device to anywhere in here is an interrupt message [SDM 3A 11.11.1]. */
#define MESSAGE_SIZE 0x00100000ull

/* Below 1 MiB: our page that starts other CPUs, firmware's data, VGA. A partition's own is at the same place. */
enum { LOW_SIZE = 0x100000, START_PAGE = 0x8000 };

bool arch_board_window(const struct board *b, unsigned n, const char **name, struct cfg_range *r)
{
	if (n == 0) {
		*name = "the local APICs and messages";
		*r = (struct cfg_range){ b->lapic.base, b->lapic.size != 0 ? MESSAGE_SIZE : 0 };
	} else if (n == 1) {
		*name = "the I/O APIC";
		*r = b->ioapic;
	}
	return n < 2;
}

bool arch_board_irq(const struct board *b, unsigned n, const char **name, uint32_t *irq, bool *cpu_private)
{
	return false;
}

/* --- the board --- */

static bool apics_missing(struct check *c, const struct item *a, const struct item *b)
{
	return c->cfg->board.lapic.size == 0 || c->cfg->board.ioapic.size == 0;
}

static bool uart_memory(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *w = &c->cfg->board;

	return w->uart != 0 && (!w->uart_port || w->uart > 0xfff8);
}

static bool no_pin(uint32_t irq)
{
	return irq >= IRQ_MSI_FIRST;
}

static bool lines_not_pins(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *w = &c->cfg->board;
	bool bad = no_pin(w->uart_irq);

	for (unsigned n = 0; n < 4 && w->pci.present; n++) {
		bad = bad || no_pin(w->pci.intx[n]);
	}
	return bad;
}

/* Without a message of its own a refused access would go unnoticed. */
static bool unit_message(struct check *c, const struct item *a, const struct item *b)
{
	for (unsigned i = 0; i < c->cfg->board.unit_count; i++) {
		const struct board_unit *u = &c->cfg->board.unit[i];

		if (u->evtq_irq < IRQ_UNIT_FIRST || u->evtq_irq >= IRQ_MAX || u->gerr_irq != 0 ||
		    u->sync_irq != 0) {
			c->value = u->evtq_irq;
			return true;
		}
	}
	return false;
}

static bool hits_chipset(uint64_t base, uint64_t size)
{
	return overlaps(base, size, CHIPSET_BASE, CHIPSET_SIZE);
}

static bool window_in_chipset(struct check *c, const struct item *a, const struct item *b)
{
	return a->kind == OWN_PCI && hits_chipset(a->base, a->size);
}

/* --- partitions --- */

static bool region_low(struct check *c, const struct item *a, const struct item *b)
{
	return a->base < LOW_SIZE;
}

static bool reserved_start_page(struct check *c, const struct item *a, const struct item *b)
{
	return overlaps(a->base, a->size, START_PAGE, PAGE_SIZE);
}

static bool region_chipset(struct check *c, const struct item *a, const struct item *b)
{
	return hits_chipset(a->at, a->size) || hits_chipset(a->base, a->size);
}

/* The start information goes to its top, and its address has 32 bits. */
static bool first_region(struct check *c, const struct item *a, const struct item *b)
{
	const struct cfg_region *r = a->v->region;
	uint32_t need = PROT_READ | PROT_WRITE | PROT_DEVICE;

	return a->v->region_count == 0 || (r->prot & need) != (PROT_READ | PROT_WRITE) ||
	       r->size < LOW_SIZE || !inside(r->ipa, r->size, 0, GIB(4));
}

/* Below 1 MiB a vCPU starts as SIPI says, in real mode (vcpu.c). */
static bool entry_range(struct check *c, const struct item *a, const struct item *b)
{
	return a->v->entry < MIB(1) || a->v->entry >= GIB(4);
}

/* At the top of its first region [vfw.c]. */
static bool image_on_info(struct check *c, const struct item *a, const struct item *b)
{
	const struct cfg_region *r = a->v->region;

	return a->v->region_count != 0 && range_ok(r->ipa, r->size) && r->size >= VFW_SIZE &&
	       overlaps(a->base, a->size, r->ipa + (r->size - VFW_SIZE), VFW_SIZE);
}

/* Other virtual CPUs begin in real mode. */
static bool start_page_missing(struct check *c, const struct item *a, const struct item *b)
{
	uint32_t need = PROT_READ | PROT_WRITE | PROT_EXEC;

	for (unsigned n = 0; n < a->v->region_count; n++) {
		const struct cfg_region *r = &a->v->region[n];

		if ((r->prot & (need | PROT_DEVICE)) == need && inside(START_PAGE, PAGE_SIZE, r->ipa, r->size)) {
			return false;
		}
	}
	return a->v->cpu_count > 1;
}

static const char low_text[] = "the first MiB of the machine is ours and the firmware's: change .pa";

static const struct config_rule board_rules[] = {
	{ "board_apic", OVER_ONCE, 0, apics_missing, "board.lapic and board.ioapic must be given" },
	{ "board_uart_port", OVER_ONCE, 0, uart_memory, "board.uart must be an I/O port: set board.uart_port = true" },
	{ "board_irq_pin", OVER_ONCE, 0, lines_not_pins,
	  "board.uart_irq and board.pci.intx are pins of the I/O APIC: 32..63" },
	{ "board_unit_message", OVER_ONCE, 0, unit_message,
	  "board.unit: evtq_irq must be a message of a unit, 220..223, gerr_irq and sync_irq 0; evtq_irq is" },
	{ "board_window_chipset", OVER_OWN, 0, window_in_chipset,
	  "reaches into 0xfec00000..0xffffffff, where a PC has APICs, HPET, messages and flash: shrink it" },
	{ "vm_first_region", OVER_VM, 0, first_region,
	  "its first region must be memory it can write, 1 MiB or more, below .ipa 4 GiB: start information goes in" },
	{ "vm_entry_32", OVER_VM, 0, entry_range,
	  ".entry must be from 1 MiB to below 4 GiB: it starts in 32-bit mode" },
	{ "vm_start_page", OVER_VM, 0, start_page_missing,
	  "with several CPUs it needs memory (RWX) at .ipa 0x8000, one page, where they start: add LOW_REGION()" },
	{ "image_not_on_info", OVER_IMAGE, 0, image_on_info,
	  "start information lies there, the last 16 KiB of the first region: make that larger" },
	{ "region_not_low", OVER_REGION, 0, region_low, low_text },
	{ "region_not_chipset", OVER_REGION, 0, region_chipset,
	  "remove it, 0xfec00000..0xffffffff is for APICs, HPET, messages and flash, in the machine and as seen" },
	{ "allow_not_low", OVER_ALLOW_REGION, 0, region_low, low_text },
	{ "allow_not_chipset", OVER_ALLOW_REGION, 0, region_chipset,
	  "remove it, a device's access to 0xfec00000..0xffffffff is an interrupt or reaches the chipset" },
	{ "reserved_not_start", OVER_RESERVED, 0, reserved_start_page,
	  "must not have the page 0x8000, from which the machine's other CPUs start" },
};
const struct config_rule_table arch_config_board = { board_rules, ARRAY_COUNT(board_rules) };

/* --- the machine --- */

static bool no_virt(struct check *c, const struct item *a, const struct item *b)
{
	if (c->p->no_virt) {
		config_say(c, true, "%s", c->p->virt_why != NULL ? c->p->virt_why : "no virtualization on this CPU");
	}
	return false;
}

/* Without any unit that is what machine_unit says. */
static bool no_intremap(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->valid && c->p->board.unit_count != 0 && c->cfg->board.unit_count != 0 && c->p->no_intremap;
}

static bool apic_address(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *w = &c->cfg->board;
	const struct board *m = &c->p->board;

	if (c->p->valid) {
		config_differ(c, "lapic.base", w->lapic.base, m->lapic.base, "change board.lapic");
		config_differ(c, "ioapic.base", w->ioapic.base, m->ioapic.base, "change board.ioapic");
	}
	return false;
}

static bool uart(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *w = &c->cfg->board;
	const struct board *m = &c->p->board;

	if (c->p->valid && m->uart != 0 && w->uart != m->uart) {
		config_differ(c, "uart", w->uart, m->uart, "change board.uart");
	} else if (c->p->valid && m->uart != 0) {
		config_irq_differs(c, "uart_irq", w->uart_irq, m->uart_irq);
	}
	return false;
}

/* Windows are where the machine has nothing else, memory least of all. */
static bool window_taken(struct check *c, const struct item *a, const struct item *b)
{
	const struct board *m = &c->p->board;

	if (a->kind != OWN_PCI || !c->p->valid) {
		return false;
	}
	for (unsigned i = 0; i < m->ram_count; i++) {
		if (overlaps(a->base, a->size, m->ram[i].base, m->ram[i].size)) {
			c->word = "memory";
		}
	}
	if (c->word == NULL) {
		c->word = config_own_hit(c, OVER_MACHINE_OWN, OWN_UNIT | OWN_IRQCHIP, a->base, a->size);
	}
	return c->word != NULL;
}

/* The other CPUs start in that page (cpu.c). */
static bool start_page_taken(struct check *c, const struct item *a, const struct item *b)
{
	return c->p->valid && c->cfg->board.cpu_count > 1 && !config_in_ram(&c->p->board, START_PAGE, PAGE_SIZE);
}

static const struct config_rule machine_rules[] = {
	{ "machine_virt", OVER_ONCE, 0, no_virt, NULL },
	{ "machine_intremap", OVER_ONCE, 0, no_intremap,
	  "no interrupt remapping: add intremap=on to -device intel-iommu and kernel-irqchip=split (or off) to -M q35; "
	  "on a real board enable VT-d interrupt remapping in the firmware" },
	{ "machine_apic", OVER_ONCE, 0, apic_address, NULL },
	{ "machine_start_page", OVER_ONCE, 0, start_page_taken,
	  "the page at 0x8000 is no free memory here, and other CPUs start there: use one CPU or other firmware" },
	{ "machine_uart", OVER_ONCE, 0, uart, NULL },
	{ "machine_pci_window", OVER_OWN, 0, window_taken,
	  "change board.pci, or start QEMU with a smaller -m: this machine has there" },
};
const struct config_rule_table arch_config_machine = { machine_rules, ARRAY_COUNT(machine_rules) };
