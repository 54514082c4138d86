/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device tree readers of interrupt controller, timer, UART, SMMU and of the DMA masters no SMMU controls.
 * Owns nothing; the first node of a kind counts, more of them are noted. Nothing here touches a device [I6].
 */
#include "platform_dt.h"

void dt_read_gicv3(struct dt *dt)
{
	struct board *b = &dt->p->board;

	if (dt_node(dt) != dt->gic) {
		dt_note(dt->p, "more than one GIC: only the first is used");
		return;
	}
	b->gic_version = 3;
	if (dt_u32(dt->fdt, dt->gic, "#redistributor-regions", 1) != 1) {
		dt_note(dt->p, "the GIC has more than one redistributor region: only the first is used");
	}
	if (!dt_reg(dt, 0, &b->gicd) || !dt_reg(dt, 1, &b->gicr)) {
		b->gicd = b->gicr = (struct cfg_range){ 0 };
		dt_note(dt->p, "the GIC's registers cannot be read from its node");
	}
	b->maint_irq = dt_irq(dt, 0);
}

void dt_read_gicv2(struct dt *dt)
{
	struct board *b = &dt->p->board;

	if (dt_node(dt) != dt->gic) {
		dt_note(dt->p, "more than one GIC: only the first is used");
		return;
	}
	b->gic_version = 2;
	if (!dt_reg(dt, 0, &b->gicd)) {
		b->gicd = (struct cfg_range){ 0 };
	}
	b->maint_irq = dt_irq(dt, 0);
}

void dt_read_its(struct dt *dt)
{
	struct board *b = &dt->p->board;

	if (b->its.size != 0) {
		dt_note(dt->p, "more than one ITS: only the first is known");
		return;
	}
	if (!dt_reg(dt, 0, &b->its)) {
		b->its = (struct cfg_range){ 0 };
	}
}

/* Binding arm,armv8-timer: secure physical, physical, virtual, hypervisor. */
void dt_read_timer(struct dt *dt)
{
	if (dt->p->board.vtimer_irq == 0) {
		dt->p->board.vtimer_irq = dt_irq(dt, 2);
	}
}

/* stdout-path names the console; without one it is the first PL011. */
void dt_read_uart(struct dt *dt)
{
	struct cfg_range r;

	if (dt->console != NULL ? !dt_path_is(dt, dt->console, dt->console_size) : dt->p->board.uart != 0) {
		return;
	}
	if (dt_reg(dt, 0, &r)) {
		dt->p->board.uart = r.base;
		dt->p->board.uart_irq = dt_irq(dt, 0);
	}
}

/* True if the string at that place of a list of size bytes is name. */
static bool name_is(const char *list, uint32_t size, uint32_t at, const char *name)
{
	size_t len = strlen(name) + 1;

	return size - at >= len && memcmp(list + at, name, len) == 0;
}

static void read_smmu_irqs(const struct dt *dt, struct board_unit *u)
{
	uint32_t size;
	const char *list = dt_prop(dt, "interrupt-names", &size);
	uint32_t at = 0;

	for (uint32_t n = 0; list != NULL && n < 8 && at < size; n++) {
		if (name_is(list, size, at, "eventq")) {
			u->evtq_irq = dt_irq(dt, n);
		} else if (name_is(list, size, at, "gerror")) {
			u->gerr_irq = dt_irq(dt, n);
		} else if (name_is(list, size, at, "cmdq-sync")) {
			u->sync_irq = dt_irq(dt, n);
		}
		at += (uint32_t)strnlen(list + at, size - at) + 1;
	}
}

void dt_read_smmu(struct dt *dt)
{
	struct board *b = &dt->p->board;
	struct cfg_range r;

	if (!dt_reg(dt, 0, &r)) {
		dt->p->unit_unreached = true;
		return;
	}
	if (b->unit_count == UNIT_MAX) {
		dt->p->unit_unreached = true;
		return;
	}
	struct board_unit *u = &b->unit[b->unit_count];

	*u = (struct board_unit){ .base = r.base, .size = r.size };
	u->coherent = dt_flag_inherited(dt, "dma-coherent", "dma-noncoherent");
	read_smmu_irqs(dt, u);
	dt->unit_phandle[b->unit_count] = dt_u32(dt->fdt, dt_node(dt), "phandle", 0);
	b->unit_count++;
}

static void bypass_add(struct dt *dt, const char *what)
{
	struct platform *p = dt->p;
	struct cfg_range r;

	if (!dt_reg(dt, 0, &r)) {
		return;
	}
	if (p->bypass_count == BYPASS_MAX) {
		dt_note(p, "more DMA masters without an SMMU than can be listed (40)");
		return;
	}
	/* Until somebody looked, there is something. */
	p->bypass[p->bypass_count++] = (struct bypass_device){ what, r.base, r.size, true };
}

void dt_read_virtio(struct dt *dt)
{
	bypass_add(dt, "virtio-mmio");
}

void dt_read_fw_cfg(struct dt *dt)
{
	bypass_add(dt, "fw_cfg");
}
