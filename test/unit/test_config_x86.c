/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_check() with the rules of a PC: the demonstration on q35 is clean, and one change at a time breaks exactly the
 * rule it should. What both architectures share is judged in test_config_check.c; here are arch/x86/config_rules.c, and
 * the shared rules that have other words or numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arch/config.h>
#include <arch/irq.h>
#include <hyp/config_rules.h>

#include "demo_images.h"

enum { DRIVER, MONITOR, BYSTANDER, VMS, LIST = 4, REPORTS = 32 };

/* A configuration whose every part can be written. */
struct fix {
	struct hyp_config cfg;
	struct cfg_vm vm[VMS];
	struct cfg_region region[VMS][LIST];
	struct cfg_image image[VMS][LIST];
	struct cfg_irq irq;
	struct cfg_device device[LIST];
	struct cfg_allow allow;
	struct cfg_region allow_region;
	struct cfg_range reserved;
	struct platform p;
	unsigned count;
	unsigned fatal;
	char rule[REPORTS][32];
	char text[REPORTS][DIFF_TEXT];
};

static void collect(void *ctx, const char *rule, bool fatal, const char *text)
{
	struct fix *f = ctx;

	assert_true(f->count < REPORTS);
	assert_true(strlen(text) > 10);
	assert_true(strlen(text) < DIFF_TEXT - 1);
	(void)snprintf(f->rule[f->count], sizeof(f->rule[0]), "%s", rule);
	(void)snprintf(f->text[f->count], sizeof(f->text[0]), "%s", text);
	f->fatal += fatal ? 1 : 0;
	f->count++;
}

/* The machine as QEMU's tables describe it: no sizes of units, no windows, no lines of PCI, more memory. */
static void fix_machine(struct fix *f)
{
	struct board *m = &f->p.board;

	f->p = (struct platform){
		.board = hyp_config.board,
		.valid = true,
		.image = { hyp_config.hyp_ram.base, 0x200000 },
		.scopes = true,
		.scope_count = 1,
		.scope = { { .kind = SCOPE_ALL } },
	};
	m->ram_count = 2;
	m->ram[0] = (struct cfg_range){ 0, 0x9f000 };
	m->ram[1] = (struct cfg_range){ 0x100000, 0x3fee0000 };
	m->unit[0].size = m->unit[0].evtq_irq = 0;
	m->pci.window_count = 0;
	m->pci.iommu_mapped = false;
	m->bypass_count = 0;
	memset(m->pci.intx, 0, sizeof(m->pci.intx));
}

static void fix_init(struct fix *f)
{
	*f = (struct fix){ .cfg = hyp_config };
	memcpy(f->vm, hyp_config.vm, sizeof(f->vm));
	memcpy(f->device, hyp_config.device, hyp_config.device_count * sizeof(f->device[0]));
	f->cfg.vm = f->vm;
	f->cfg.device = f->device;
	f->cfg.allow = &f->allow;
	for (unsigned i = 0; i < VMS; i++) {
		struct cfg_vm *v = &f->vm[i];

		memcpy(f->region[i], v->region, v->region_count * sizeof(f->region[i][0]));
		memcpy(f->image[i], v->image, v->image_count * sizeof(f->image[i][0]));
		v->region = f->region[i];
		v->image = f->image[i];
	}
	fix_machine(f);
}

static struct cfg_region *add_region(struct fix *f, unsigned vm, uint64_t base, uint32_t prot)
{
	struct cfg_region *r = &f->region[vm][f->vm[vm].region_count++];

	*r = (struct cfg_region){ .name = "extra", .ipa = base, .pa = base, .size = 0x1000, .prot = prot };
	return r;
}

/* edu0 gets an allow set of one page. */
static void add_allow(struct fix *f, uint64_t pa)
{
	f->allow_region = (struct cfg_region){ .ipa = 0x60000000, .pa = pa, .size = 0x1000, .prot = PROT_READ };
	f->allow = (struct cfg_allow){ .name = "set", .region_count = 1, .region = &f->allow_region };
	f->cfg.allow_count = 1;
	f->device[0].allow = 0;
}

#define BREAK(rule) static void rule(struct fix *f)
#define DEVICE_RW   (PROT_READ | PROT_WRITE | PROT_DEVICE)
#define MEMORY_RW   (PROT_READ | PROT_WRITE)

/* Board RAM below 1 MiB is no mistake by itself; giving it away is. */
static void low_ram(struct fix *f)
{
	f->cfg.board.ram[2] = (struct cfg_range){ 0x8000, 0x10000 };
	f->cfg.board.ram_count = 3;
}

BREAK(board_apic) { f->cfg.board.ioapic.size = 0; }
BREAK(board_apic_local) { f->cfg.board.lapic.size = 0; }
BREAK(board_uart_port) { f->cfg.board.uart_port = false; f->cfg.board.uart = 0xfe000000; }
BREAK(board_uart_port_high) { f->cfg.board.uart = 0x103f8; }
BREAK(board_irq_pin) { f->cfg.board.uart_irq = 70; }
BREAK(board_irq_pin_intx) { f->cfg.board.pci.intx[3] = 65; }
BREAK(board_unit_message) { f->cfg.board.unit[0].evtq_irq = 40; }
BREAK(board_unit_message_none) { f->cfg.board.unit[0].evtq_irq = 0; }
BREAK(board_unit_message_device) { f->cfg.board.unit[0].evtq_irq = 219; }
BREAK(board_unit_message_gerr) { f->cfg.board.unit[0].gerr_irq = 66; }
BREAK(board_window_chipset)
{
	f->cfg.board.pci.window[0].size = 0x3ed00000;
	f->cfg.board.ioapic.base = 0xfedff000; /* out of its way */
}
BREAK(vm_first_region)
{
	f->region[MONITOR][0].prot = PROT_READ | PROT_EXEC;
	add_region(f, MONITOR, 0x20000000, MEMORY_RW);
}
BREAK(vm_first_region_high)
{
	f->region[MONITOR][0].ipa = f->image[MONITOR][0].ipa = f->vm[MONITOR].entry = 0x100000000;
}
BREAK(vm_first_region_small) { f->region[BYSTANDER][0].size = 0xff000; }
BREAK(vm_entry_low)
{
	f->region[MONITOR][0].ipa = 0;
	f->image[MONITOR][0].ipa = f->vm[MONITOR].entry = 0;
}
BREAK(vm_entry_32)
{
	struct cfg_region *r = add_region(f, MONITOR, 0x20000000, MEMORY_RW | PROT_EXEC);

	r->ipa = 0x100000000;
	f->image[MONITOR][0].ipa = f->vm[MONITOR].entry = 0x100000000;
}
BREAK(vm_start_page) { f->vm[DRIVER].region_count = 1; }
BREAK(vm_start_page_noexec) { f->region[DRIVER][1].prot = MEMORY_RW; }
BREAK(vm_start_page_elsewhere) { f->region[DRIVER][1].ipa = 0x7000; }
BREAK(image_not_on_info)
{
	f->image[MONITOR][1] = f->image[MONITOR][0];
	f->image[MONITOR][1].ipa = f->region[MONITOR][0].ipa + f->region[MONITOR][0].size - 0x4000 - 63;
	f->vm[MONITOR].image_count = 2;
}
BREAK(region_not_low) { low_ram(f); add_region(f, MONITOR, 0x8000, MEMORY_RW); }
BREAK(region_not_low_device) { add_region(f, MONITOR, 0xa0000, DEVICE_RW); }
BREAK(region_not_chipset) { add_region(f, MONITOR, 0xfed40000, DEVICE_RW); }
BREAK(region_not_chipset_seen) { add_region(f, MONITOR, 0x20000000, MEMORY_RW)->ipa = 0xff000000; }
BREAK(allow_not_low) { low_ram(f); add_allow(f, 0x8000); }
BREAK(allow_not_chipset)
{
	f->cfg.board.ram[2] = (struct cfg_range){ 0xff000000, 0x1000 }; /* nobody gets it but the device */
	f->cfg.board.ram_count = 3;
	add_allow(f, 0xff000000);
}
BREAK(reserved_not_start)
{
	f->reserved = (struct cfg_range){ 0x7000, 0x2000 };
	f->device[0].reserved = &f->reserved;
	f->device[0].reserved_count = 1;
}
BREAK(fault_virq_valid) { f->vm[DRIVER].fault_virq = VIRQ_MAX; }
BREAK(irq_range)
{
	f->irq = (struct cfg_irq){ .irq = IRQ_MSI_FIRST, .virq = 70 };
	f->vm[DRIVER].irq = &f->irq;
	f->vm[DRIVER].irq_count = 1;
}
BREAK(irq_not_ours)
{
	irq_range(f);
	f->irq.irq = 36;
}
BREAK(board_irq_range) { f->cfg.board.unit[0].evtq_irq = IRQ_MAX; }
BREAK(board_window_overlap) { f->cfg.board.bypass[0].base = 0xfee10000; }
BREAK(board_window_in_ram) { f->cfg.board.pci.window[0].cpu = 0x2ff00000; }
BREAK(mmio_not_iommu) { add_region(f, MONITOR, 0xfed90000, DEVICE_RW); }

BREAK(machine_virt)
{
	f->p.no_virt = true;
	f->p.virt_why = "no SVM: start QEMU with -cpu max,+svm (-accel tcg)";
}
BREAK(machine_intremap) { f->p.no_intremap = true; }
BREAK(machine_apic) { f->p.board.ioapic.base = 0xfec10000; }
BREAK(machine_apic_local) { f->p.board.lapic.base = 0xfef00000; }
BREAK(machine_start_page) { f->p.board.ram[0] = (struct cfg_range){ 0, 0x8000 }; }
BREAK(machine_uart) { f->p.board.uart = 0x2f8; }
BREAK(machine_uart_irq) { f->p.board.uart_irq = 35; }
BREAK(machine_pci_window)
{
	f->p.board.ram[2] = (struct cfg_range){ 0x100000000, 0x780000000 };
	f->p.board.ram_count = 3;
	f->cfg.board.pci.window[1].cpu = f->cfg.board.pci.window[1].pci = 0x7c0000000;
}
BREAK(machine_table) { f->p = (struct platform){ .error = "there is no RSDP" }; }
BREAK(machine_unit) { f->p.board.unit_count = 0; f->p.no_intremap = true; }
BREAK(machine_ram) { f->p.board.ram[1].size = 0x1fee0000; }
BREAK(machine_cpu) { f->p.board.cpu_count = 2; }
BREAK(machine_pci_ecam) { f->p.board.pci.ecam = 0xe0000000; }
BREAK(machine_unit_unreached) { f->p.unit_unreached = true; }

static const struct breakage {
	const char *rule;
	void (*change)(struct fix *f);
	const char *says; /* must be part of the text */
	const char *also; /* a rule that cannot but be broken, too */
} breakage[] = {
	{ "board_apic", board_apic, "board.ioapic must be given", NULL },
	{ "board_apic", board_apic_local, "board.lapic", NULL },
	{ "board_uart_port", board_uart_port, "uart_port = true", NULL },
	{ "board_uart_port", board_uart_port_high, "uart_port = true", NULL },
	{ "board_irq_pin", board_irq_pin, "32..63", NULL },
	{ "board_irq_pin", board_irq_pin_intx, "32..63", NULL },
	{ "board_unit_message", board_unit_message, "220..223, gerr_irq and sync_irq 0; evtq_irq is 40", NULL },
	{ "board_unit_message", board_unit_message_none, "evtq_irq must be a message of a unit", NULL },
	{ "board_unit_message", board_unit_message_device, "evtq_irq is 219", NULL },
	{ "board_unit_message", board_unit_message_gerr, "gerr_irq", NULL },
	{ "board_window_chipset", board_window_chipset, "a PCI window", NULL },
	{ "vm_first_region", vm_first_region, "partition monitor", NULL },
	{ "vm_first_region", vm_first_region_high, "below .ipa 4 GiB", "vm_entry_32" },
	{ "vm_first_region", vm_first_region_small, "partition bystander", NULL },
	{ "vm_entry_32", vm_entry_32, "below 4 GiB", NULL },
	{ "vm_entry_32", vm_entry_low, "from 1 MiB", NULL },
	{ "vm_start_page", vm_start_page, "add LOW_REGION()", NULL },
	{ "vm_start_page", vm_start_page_noexec, "0x8000", NULL },
	{ "vm_start_page", vm_start_page_elsewhere, "partition driver", NULL },
	{ "image_not_on_info", image_not_on_info, "partition monitor image monitor", NULL },
	{ "region_not_low", region_not_low, "0x8000", NULL },
	{ "region_not_low", region_not_low_device, "0xa0000", NULL },
	{ "region_not_chipset", region_not_chipset, "0xfed40000", NULL },
	{ "region_not_chipset", region_not_chipset_seen, "at 0xff000000", NULL },
	{ "allow_not_low", allow_not_low, "0x8000", NULL },
	{ "allow_not_chipset", allow_not_chipset, "an interrupt", NULL },
	{ "reserved_not_start", reserved_not_start, "0x8000", NULL },
	{ "fault_virq_valid", fault_virq_valid, ".fault_virq must be 32..95, not 96", NULL },
	{ "irq_range", irq_range, "32..63", "irq_not_ours" },
	{ "irq_not_ours", irq_not_ours, "uart_irq", NULL },
	{ "board_irq_range", board_irq_range, "32..223", "board_unit_message" },
	{ "board_window_overlap", board_window_overlap, "the local APICs and messages", "board_window_overlap" },
	{ "board_window_in_ram", board_window_in_ram, "a PCI window", NULL },
	{ "mmio_not_iommu", mmio_not_iommu, "the IOMMU", "region_not_chipset" },
	{ "machine_virt", machine_virt, "no SVM: start QEMU with -cpu max,+svm (-accel tcg)", NULL },
	{ "machine_intremap", machine_intremap, "add intremap=on to -device intel-iommu", NULL },
	{ "machine_apic", machine_apic, "ioapic.base", NULL },
	{ "machine_apic", machine_apic_local, "lapic.base", NULL },
	{ "machine_start_page", machine_start_page, "page at 0x8000", NULL },
	{ "machine_uart", machine_uart, "0x2f8", NULL },
	{ "machine_uart", machine_uart_irq, "interrupt 36, the machine 35", NULL },
	{ "machine_pci_window", machine_pci_window, "this machine has there memory", NULL },
	{ "machine_table", machine_table,
	  "no usable ACPI tables (QEMU: no acpi=off): there is no RSDP", NULL },
	{ "machine_unit", machine_unit,
	  "no VT-d unit at 0xfed90000, none at all: add -device intel-iommu,intremap=on to q35", NULL },
	{ "machine_ram", machine_ram, "start QEMU with -m 1G", NULL },
	{ "machine_cpu", machine_cpu, "-smp 4", NULL },
	{ "machine_pci_ecam", machine_pci_ecam, "change board.pci.ecam", NULL },
	{ "machine_unit_unreached", machine_unit_unreached, "a VT-d unit that nobody would block", NULL },
};

static void demo_is_clean(void **state)
{
	struct fix f;

	fix_init(&f);
	assert_int_equal(config_check(&hyp_config, NULL, collect, &f), 0);
	assert_int_equal(config_check(&f.cfg, &f.p, collect, &f), 0);
	if (f.count != 0) {
		fail_msg("%s: %s", f.rule[0], f.text[0]);
	}
}

/* Every way a rule can be broken names that rule, and none that has nothing to do with it. */
static void each_breakage_names_its_rule(void **state)
{
	struct fix f;

	for (unsigned i = 0; i < ARRAY_COUNT(breakage); i++) {
		const struct breakage *b = &breakage[i];
		bool machine = strncmp(b->rule, "machine_", 8) == 0;
		bool said = false;

		fix_init(&f);
		b->change(&f);
		assert_true(config_check(&f.cfg, machine ? &f.p : NULL, collect, &f) > 0);
		for (unsigned n = 0; n < f.count; n++) {
			bool own = strcmp(f.rule[n], b->rule) == 0;

			said = said || (own && strstr(f.text[n], b->says) != NULL);
			if (!own && (b->also == NULL || strcmp(f.rule[n], b->also) != 0)) {
				fail_msg("breaking %s (%u) also named %s: %s", b->rule, i, f.rule[n], f.text[n]);
			}
		}
		if (!said) {
			fail_msg("breaking %s (%u): \"%s\" does not say \"%s\"", b->rule, i, f.count ? f.text[0] : "",
				 b->says);
		}
	}
}

static void every_rule_is_broken_by_some_test(void **state)
{
	static const struct config_rule_table *const tables[] = { &arch_config_board, &arch_config_machine };

	for (unsigned t = 0; t < ARRAY_COUNT(tables); t++) {
		for (unsigned r = 0; r < tables[t]->count; r++) {
			bool found = false;

			for (unsigned i = 0; i < ARRAY_COUNT(breakage) && !found; i++) {
				found = strcmp(breakage[i].rule, tables[t]->rule[r].name) == 0;
			}
			if (!found) {
				fail_msg("no test breaks %s", tables[t]->rule[r].name);
			}
		}
	}
}

/* Words are constants, so that messages need no buffers: here they are compared with the numbers. */
static void words_say_the_numbers(void **state)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%d..%d", IRQ_SHARED, VIRQ_MAX - 1);
	assert_string_equal(text, ARCH_VIRQ_RANGE);
	(void)snprintf(text, sizeof(text), "%d..%d", IRQ_SHARED, IRQ_MSI_FIRST - 1);
	assert_string_equal(text, ARCH_IRQ_RANGE);
	(void)snprintf(text, sizeof(text), "%d..%d", IRQ_SHARED, IRQ_MAX - 1);
	assert_string_equal(text, ARCH_BOARD_IRQ_RANGE);
	assert_int_equal(hyp_config.board.unit[0].evtq_irq, IRQ_UNIT_FIRST);
}

/* A partition's memory may begin at 0, as a PC's does; the start information is at the end, whatever .arg is. */
static void start_information_is_at_the_end(void **state)
{
	struct fix f;
	struct cfg_region *r;

	fix_init(&f);
	r = &f.region[MONITOR][0];
	r->ipa = 0;
	f.image[MONITOR][0].ipa = f.vm[MONITOR].entry = MIB(1);
	f.vm[MONITOR].arg = 0x10; /* in its first page, where the image is */
	assert_int_equal(config_check(&f.cfg, NULL, collect, &f), 0);
	f.image[MONITOR][0].ipa = r->size - 0x1000;
	assert_true(config_check(&f.cfg, NULL, collect, &f) > 0);
	assert_string_equal(f.rule[0], "image_not_on_info");
}

/* Devices behind several units: each names its own, and only a firmware that says which confirms it. */
static void units_by_scope(void **state)
{
	struct fix f;

	fix_init(&f);
	f.cfg.board.unit[1] = f.cfg.board.unit[0];
	f.cfg.board.unit[1].base = 0xfed91000;
	f.cfg.board.unit[1].evtq_irq = IRQ_UNIT_FIRST + 1;
	f.p.board.unit[1] = f.cfg.board.unit[1];
	f.p.board.unit_count = f.cfg.board.unit_count = 2;
	f.device[0].unit = 1;
	assert_int_equal(config_check(&f.cfg, &f.p, collect, &f), 1);
	assert_string_equal(f.rule[0], "pci_sid_matches_iommu_map");
	f.cfg.board.pci.unit = PCI_UNIT_SCOPES;
	f.count = 0;
	assert_int_equal(config_check(&f.cfg, &f.p, collect, &f), 0);
	f.p.scopes = false;
	f.p.board.pci.iommu_mapped = true;
	assert_int_equal(config_check(&f.cfg, &f.p, collect, &f), 1);
	assert_string_equal(f.rule[0], "machine_pci_map");
}

/* Units found in another order are the same units: by index afterwards, and PCI and scopes still behind their own. */
static void units_are_ordered_as_configured(void **state)
{
	static struct hyp_config c = {
		.board = { .unit_count = 2, .unit = { { .base = 0x1000 }, { .base = 0x2000 } } } };
	static struct platform p = { .board = { .unit_count = 4, .pci.unit = 1 } };

	p.scope_count = 4;
	for (unsigned i = 0; i < 4; i++) {
		p.board.unit[i] = (struct board_unit){ .base = (uint64_t[]){ 0x9000, 0x2000, 0x8000, 0x1000 }[i],
						       .evtq_irq = 100 + i };
		p.scope[i].unit = (uint8_t)i;
	}
	platform_order_units(&p, &c);
	assert_int_equal(p.board.unit[0].base, 0x1000);
	assert_int_equal(p.board.unit[0].evtq_irq, 103);
	assert_int_equal(p.board.unit[1].base, 0x2000);
	assert_int_equal(p.board.pci.unit, 1);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(p.board.unit[p.scope[i].unit].evtq_irq, 100 + i);
	}
	assert_int_equal(p.board.unit[2].base + p.board.unit[3].base, 0x9000 + 0x8000);
	p.board.pci.unit = 0;
	c.board.unit[0].base = 0x2000;
	c.board.unit[1].base = 0x1000;
	platform_order_units(&p, &c);
	assert_int_equal(p.board.unit[0].base, 0x2000);
	assert_int_equal(p.board.pci.unit, 1); /* moved along */
	c.board.unit[1].base = 0x7000; /* not in this machine: the board check refuses it */
	platform_order_units(&p, &c);
	assert_int_equal(p.board.unit[0].base, 0x2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(demo_is_clean),
		cmocka_unit_test(each_breakage_names_its_rule),
		cmocka_unit_test(every_rule_is_broken_by_some_test),
		cmocka_unit_test(words_say_the_numbers),
		cmocka_unit_test(start_information_is_at_the_end),
		cmocka_unit_test(units_by_scope),
		cmocka_unit_test(units_are_ordered_as_configured),
	};

	return cmocka_run_group_tests_name("config_x86", tests, NULL, NULL);
}
