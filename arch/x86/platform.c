/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arch_platform_read(): what the boot loader and ACPI say becomes struct platform and struct acpi_info, which it owns.
 * Firmware memory is not in our map: it is mapped a page at a time, copied, and unmapped, so that no table can change
 * between being checked and being believed, and nothing of it stays mapped. What it says is only ever compared with the
 * configuration, with one exception: the units that are to be blocked [I1]. Every loop is bounded by a constant [I6].
 */
#include <arch/platform.h>

#include <arch/mmu.h>
#include <arch/time.h>
#include <asm/cpuvirt.h>
#include <hyp/log.h>

#include "platform_acpi.h"

extern const uint8_t __image_start[], __image_end[]; /* linker/x86.ld.S */

struct acpi_info acpi_info __sealed;

void fw_note(struct platform *p, const char *text)
{
	for (unsigned i = 0; i < p->note_count; i++) {
		if (p->note[i] == text) {
			return;
		}
	}
	if (p->note_count < NOTE_MAX) {
		p->note[p->note_count++] = text;
	}
}

bool fw_copy(void *to, uint64_t from, uint64_t size)
{
	uint8_t *out = to;

	if (from == 0 || !range_ok(from, size) || from + (size - 1) >= BIT64(FW_ADDR_BITS)) {
		return false;
	}
	for (uint64_t done = 0, n; done < size; done += n) {
		uint64_t page = align_down(from + done, PAGE_SIZE);
		uint64_t off = from + done - page;

		n = PAGE_SIZE - off < size - done ? PAGE_SIZE - off : size - done;
		if (arch_hyp_map(pa(page), PAGE_SIZE, PROT_READ) != 0) {
			return false;
		}
		memcpy(out + done, (const uint8_t *)arch_va(pa(page)) + off, n);
		arch_hyp_unmap(pa(page), PAGE_SIZE);
	}
	return true;
}

uint8_t fw_sum(const uint8_t *bytes, uint64_t size)
{
	uint8_t sum = 0;

	for (uint64_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum;
}

bool fw_in_ram(const struct board *b, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < b->ram_count; i++) {
		if (range_overlaps(base, size, b->ram[i].base, b->ram[i].size)) {
			return true;
		}
	}
	return false;
}

static const char *read_all(struct platform *p)
{
	static struct firmware fw;

	fw = (struct firmware){ .p = p };

	const char *error = boot_read(&fw);

	return error != NULL ? error : acpi_read(&fw);
}

/* The first serial port of every PC; ACPI's SPCR could name another one, which the configuration would have to know. */
static void use_com1(struct board *b)
{
	b->uart = 0x3f8;
	b->uart_port = true;
	b->uart_irq = 32 + acpi_info.isa_gsi[4];
}

void arch_platform_read(uintptr_t boot_arg, struct platform *p)
{
	*p = (struct platform){ 0 };
	acpi_info = (struct acpi_info){ .ioapic_unit = 0xff };
	for (unsigned i = 0; i < ARRAY_COUNT(acpi_info.isa_gsi); i++) {
		acpi_info.isa_gsi[i] = i;
	}
	p->image.base = (uintptr_t)__image_start;
	p->image.size = (uintptr_t)__image_end - (uintptr_t)__image_start;
	p->no_virt = !cpuvirt_choose(&p->virt_why);
	p->error = read_all(p);
	p->valid = p->error == NULL;
	if (!p->valid) {
		p->board = (struct board){ 0 }; /* half a machine is not believed */
		p->scope_count = 0;
		p->reserved_count = 0;
		p->scopes = false;
		return;
	}
	use_com1(&p->board);
}

/*
 * There is no firmware to call: acpi_info says which ports do what. From here on units are counted as the configuration
 * counts them (platform_order_units()); a unit it does not name is nobody's, so it remaps nothing.
 */
void arch_platform_use(const struct platform *p)
{
	const struct board *b = &hyp_config.board;
	uint8_t unit = acpi_info.ioapic_unit;

	acpi_info.ioapic_unit = 0xff;
	for (uint8_t i = 0; p->valid && i < b->unit_count && unit < p->board.unit_count; i++) {
		if (b->unit[i].base == p->board.unit[unit].base) {
			acpi_info.ioapic_unit = i;
		}
	}
	if (!time_init(acpi_info.pm_timer)) {
		log_warn("the clock could not be measured: times are a guess");
	}
}
