/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual interrupt controller as an operating system uses it: enable, pending by software, priorities and
 * masks, edge and level, affinity, SGIs between vCPUs, the timer, WFI. Also passes on the bare machine.
 */
#include "tap.h"
#include "timer.h"

enum { SPI_A = 100, SPI_B = 101, SGI_PING = 1, SGI_PONG = 2, PPI_FREE = 24, SETTLE_US = 2000, WAIT_US = 1000000 };

static volatile uint32_t count[IRQ_MAX];
static volatile uint32_t order[8], ordered;
static volatile uint32_t ponged, second_up, second_got;
static volatile uint32_t fired;

static void on_irq(uint32_t irq)
{
	count[irq]++;
	if (ordered < 8) {
		order[ordered++] = irq;
	}
}

static void settle(void)
{
	delay_us(SETTLE_US);
}

/* Another CPU takes part: as long as it takes, but not for ever. */
static void settle_for(const volatile uint32_t *flag)
{
	unsigned i;

	for (i = 0; i < 5000 && *flag == 0; i++) {
		delay_us(100);
	}
	settle(); /* and time for what should not come */
}

static void test_identity(void)
{
	uint32_t typer = mmio_read32(VIRT_GICD_BASE + 4);
	uint32_t pidr2 = mmio_read32(VIRT_GICD_BASE + 0xffe8);
	uint64_t redist = mmio_read64(VIRT_GICR_BASE + 8);

	tap_ok(irq_spi_count() >= 64, "GICD_TYPER: %u shared interrupts", irq_spi_count());
	tap_is(pidr2 >> 4 & 0xf, 3, "GICD_PIDR2: GICv3");
	tap_ok((typer >> 19 & 0x1f) >= 9, "GICD_TYPER.IDbits");
	tap_is((int64_t)(redist >> 32), 0, "GICR_TYPER of vCPU 0: its affinity");
	tap_ok((mmio_read32(VIRT_GICD_BASE) & 0x12) == 0x12, "GICD_CTLR: what was written");
}

static void test_enable(uint32_t irq)
{
	count[irq] = 0;
	irq_handler(irq, on_irq);
	irq_disable(irq);
	tap_ok(!irq_is_enabled(irq), "%u: disabled", irq);
	irq_set_pending(irq, true);
	settle();
	tap_is(count[irq], 0, "pending while disabled: not delivered");
	tap_ok(irq_is_pending(irq), "but pending");
	irq_enable(irq);
	settle();
	tap_ok(irq_is_enabled(irq) && count[irq] == 1, "enabled: delivered, once");
	tap_ok(!irq_is_pending(irq) && !irq_is_active(irq), "then neither pending nor active");
	irq_disable(irq);
	irq_set_pending(irq, true);
	irq_set_pending(irq, false);
	irq_enable(irq);
	settle();
	tap_is(count[irq], 1, "pending taken back: not delivered");
}

static void on_active(uint32_t irq)
{
	on_irq(irq);
	fired = irq_is_active(irq) ? 1 : 2;
}

static void test_active(void)
{
	fired = 0;
	irq_handler(SPI_A, on_active);
	irq_set_pending(SPI_A, true);
	settle();
	tap_is(fired, 1, "active while it is handled");
	irq_handler(SPI_A, on_irq);
}

static void test_priority(void)
{
	uint64_t daif;

	irq_set_priority(SPI_A, 0x80);
	tap_is(irq_priority(SPI_A) & 0xf0, 0x80, "priority: written and read");
	irq_set_priority(SPI_B, 0x40);
	ordered = 0;
	daif = irq_save();
	irq_set_pending(SPI_A, true);
	irq_set_pending(SPI_B, true);
	irq_restore(daif);
	settle();
	tap_ok(ordered == 2 && order[0] == SPI_B && order[1] == SPI_A, "the more urgent one comes first");
	count[SPI_A] = 0;
	irq_mask_below(0x60);
	irq_set_pending(SPI_A, true);
	settle();
	tap_is(count[SPI_A], 0, "priority mask: 0x80 is not urgent enough for 0x60");
	count[SPI_B] = 0;
	irq_set_pending(SPI_B, true);
	settle();
	tap_is(count[SPI_B], 1, "priority mask: 0x40 is");
	irq_mask_below(0xff);
	settle();
	tap_is(count[SPI_A], 1, "mask lifted: delivered");
}

static void test_many(void)
{
	uint64_t daif = irq_save();
	uint32_t irq, got = 0;

	for (irq = 64; irq < 96; irq++) { /* more than any set of list registers holds */
		count[irq] = 0;
		irq_handler(irq, on_irq);
		irq_set_edge(irq, true);
		irq_enable(irq);
		irq_set_pending(irq, true);
	}
	irq_restore(daif);
	settle();
	for (irq = 64; irq < 96; irq++) {
		got += count[irq];
		irq_disable(irq);
	}
	tap_is(got, 32, "32 interrupts pending at once: each delivered once");
}

static void test_trigger(void)
{
	irq_set_edge(SPI_A, true);
	tap_ok(irq_is_edge(SPI_A), "SPI configured as edge");
	irq_set_edge(SPI_A, false);
	tap_ok(!irq_is_edge(SPI_A), "SPI configured as level");
	count[SPI_A] = 0;
	irq_set_pending(SPI_A, true);
	settle();
	tap_is(count[SPI_A], 1, "level, set pending by software: delivered");
	irq_set_pending(SPI_A, false);
	irq_set_edge(SPI_A, true);
}

static void test_sgi(void)
{
	count[SGI_PING] = 0;
	irq_handler(SGI_PING, on_irq);
	ipi_send(0, SGI_PING);
	settle();
	tap_is(count[SGI_PING], 1, "an SGI to oneself");
	irq_set_pending(SGI_PING, true);
	settle();
	tap_is(count[SGI_PING], 2, "an SGI set pending in GICR_ISPENDR0");
	tap_ok(irq_is_edge(SGI_PING), "SGIs are edge");
}

static void on_ping(uint32_t irq)
{
	second_got++;
	ipi_send(0, SGI_PONG);
}

static void on_pong(uint32_t irq)
{
	ponged = 1;
}

static void on_routed(uint32_t irq)
{
	fired = 1 + guest_vcpu();
}

static void second(uint64_t arg)
{
	static const volatile uint32_t never;

	irq_handler(SGI_PING, on_ping);
	second_up = 1;
	for (;;) {
		wait_flag(&never, WAIT_FOREVER);
	}
}

static void test_second(void)
{
	unsigned i, rounds = 0;

	irq_handler(SGI_PONG, on_pong);
	if (vcpu_start(1, second, 0) != PSCI_SUCCESS) {
		tap_skip("interrupts between vCPUs", "there is no second vCPU");
		return;
	}
	while (second_up == 0) {
	}
	for (i = 0; i < 1000; i++) {
		ponged = 0;
		ipi_send(1, SGI_PING);
		if (!wait_flag(&ponged, WAIT_US)) {
			break;
		}
		rounds++;
	}
	tap_is(rounds, 1000, "1,000 SGIs to vCPU 1 and back, both asleep in WFI between");
	tap_is(second_got, 1000, "none lost, none twice");
	fired = 0;
	irq_handler(SPI_A, on_routed);
	irq_route(SPI_A, 1);
	irq_set_pending(SPI_A, true);
	settle_for(&fired);
	tap_is(fired, 2, "an SPI routed to vCPU 1 arrives there");
	fired = 0;
	irq_route(SPI_A, 0);
	irq_set_pending(SPI_A, true);
	settle_for(&fired);
	tap_is(fired, 1, "routed back: arrives here");
	second_got = 0;
	sysreg_write(S3_0_C12_C11_5, (uint64_t)SGI_PING << 24 | 1ull << 40); /* ICC_SGI1R_EL1.IRM [40] */
	settle_for(&second_got);
	tap_is(second_got, 1, "an SGI to all but oneself");
}

void guest_main(uint64_t arg)
{
	irq_handler(SPI_B, on_irq);
	irq_set_edge(SPI_A, true);
	irq_set_edge(SPI_B, true);
	irq_enable(SPI_B);
	test_identity();
	test_enable(SPI_A);
	test_enable(SGI_PING);
	test_enable(PPI_FREE);
	test_active();
	test_priority();
	test_trigger();
	test_many();
	test_sgi();
	test_timer();
	test_second();
	tap_done();
}
