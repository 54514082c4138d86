/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message-signalled interrupts: a device's own come where its driver wants them and nowhere else, and what a device
 * writes by DMA to where messages go, forged, reaches neither the hypervisor nor the other partition. arg 0: does all
 * this with edu0. 1: the other partition, with edu1; one message of its own must arrive, and nothing else. 2: with a
 * hypervisor that makes edu0 send edu1's message (test/system/inject/msi_foreign.c). [I3] [threats 35 to 37, 43]
 */
#include "dma.h"
#include "arch.h"

enum { MSI_ID = 5,
       MSI_CONTROL = 2,
       MSI_ADDR = 4,
       MSI_ADDR_HIGH = 8,
       MSI_DATA = 12,
       MSI_ENABLE = 1,
       MESSAGE = 96,
       SECOND_MESSAGE = 97,
       SETTLE_US = 3000,
       OTHER_WATCHES_US = 8000000 };

#define MESSAGES BOARD_LOCAL_IRQCHIP_BASE

static volatile uint32_t count[IRQ_MAX], at_vcpu[2], nmis, second_up;
static unsigned cap;

static void on_any(uint32_t irq)
{
	count[irq]++;
	at_vcpu[guest_vcpu() & 1]++;
}

static void on_nmi(uint32_t irq)
{
	nmis++;
}

static void on_line(uint32_t irq)
{
	count[irq]++;
	edu_irq_ack(&edu, edu_irq_status(&edu));
}

static void settle(void)
{
	rest_us(SETTLE_US);
}

static void second(uint64_t arg)
{
	static const volatile uint32_t never;

	second_up = 1;
	for (;;) {
		wait_flag(&never, WAIT_FOREVER);
	}
}

static unsigned cap_find(uint8_t id)
{
	unsigned pos = pci_read8(edu.bdf, PCI_CAPABILITIES);

	for (unsigned n = 0; n < 48 && pos != 0; n++) {
		if (pci_read8(edu.bdf, pos) == id) {
			return pos;
		}
		pos = pci_read8(edu.bdf, pos + 1);
	}
	return 0;
}

static void msi_enable(bool on)
{
	pci_write16(edu.bdf, cap + MSI_CONTROL, on ? MSI_ENABLE : 0);
}

static void msi_set(uint64_t addr, uint16_t data)
{
	msi_enable(false);
	pci_write32(edu.bdf, cap + MSI_ADDR, (uint32_t)addr);
	pci_write32(edu.bdf, cap + MSI_ADDR_HIGH, (uint32_t)(addr >> 32));
	pci_write16(edu.bdf, cap + MSI_DATA, data);
	msi_enable(true);
}

static uint64_t to_vcpu(unsigned n)
{
	return MESSAGES | n << 12;
}

/* How often MESSAGE comes when the device raises its interrupt once. */
static uint32_t raised(void)
{
	uint32_t before = count[MESSAGE];

	edu_irq_raise(&edu, 1);
	settle();
	edu_irq_ack(&edu, ~0u);
	return count[MESSAGE] - before;
}

static void test_capability(void)
{
	cap = cap_find(MSI_ID);
	if (cap == 0) {
		tap_bail("the device shows no MSI capability");
	}
	tap_is(pci_read16(edu.bdf, cap + MSI_CONTROL), 0x80, "one message, 64-bit address, off");
	pci_write32(edu.bdf, cap + MSI_ADDR, 0xfee12347);
	pci_write32(edu.bdf, cap + MSI_ADDR_HIGH, 0x89abcdef);
	pci_write16(edu.bdf, cap + MSI_DATA, 0x1234);
	tap_ok(pci_read32(edu.bdf, cap + MSI_ADDR) == 0xfee12344 &&
		       pci_read32(edu.bdf, cap + MSI_ADDR_HIGH) == 0x89abcdef &&
		       pci_read16(edu.bdf, cap + MSI_DATA) == 0x1234,
	       "address and data: what was written");
	pci_write16(edu.bdf, cap + MSI_CONTROL, 0xfffe);
	tap_is(pci_read16(edu.bdf, cap + MSI_CONTROL), 0x80, "more messages than there are cannot be had");
}

static void test_delivery(void)
{
	msi_set(to_vcpu(0), irq_vector(MESSAGE));
	tap_is(raised(), 1, "a message to vCPU 0");
	tap_ok(at_vcpu[0] == 1 && count[edu.irq] == 0, "arrived there, and the line stayed quiet");
	pci_write16(edu.bdf, cap + MSI_DATA, irq_vector(SECOND_MESSAGE));
	tap_ok(raised() == 0 && count[SECOND_MESSAGE] == 1, "another vector: that one");
	pci_write16(edu.bdf, cap + MSI_DATA, irq_vector(MESSAGE));
	msi_enable(false);
	irq_handler(edu.irq, on_line);
	irq_set_edge(edu.irq, false);
	irq_enable(edu.irq);
	tap_ok(raised() == 0 && count[edu.irq] == 1, "switched off: the line instead");
	irq_disable(edu.irq);
	msi_enable(true);
	pci_write16(edu.bdf, PCI_COMMAND, PCI_COMMAND_MEMORY);
	tap_is(raised(), 0, "no bus mastering: no message");
	pci_enable(edu.bdf);
	tap_is(raised(), 1, "on again: a message");
	count[MESSAGE] = 0;
	edu_dma_start(&edu, EDU_FROM_RAM, at(window), 0, 4, true);
	while (edu_busy(&edu)) {
		rest_us(10000);
	}
	settle();
	edu_irq_ack(&edu, ~0u);
	tap_is(count[MESSAGE], 1, "the end of a transfer: a message");
}

static void test_destinations(void)
{
	if (vcpu_start(1, second, 0) != 0) {
		tap_skip("destinations", "there is no second vCPU");
		return;
	}
	while (second_up == 0) {
	}
	at_vcpu[0] = 0;
	at_vcpu[1] = 0;
	msi_set(to_vcpu(1), irq_vector(MESSAGE));
	tap_ok(raised() == 1 && at_vcpu[1] == 1 && at_vcpu[0] == 0, "to vCPU 1: arrives there");
	msi_set(MESSAGES | 2 << 12 | 4, irq_vector(MESSAGE));
	tap_ok(raised() == 1 && at_vcpu[1] == 2 && at_vcpu[0] == 0, "to its logical id: there, too");
	msi_set(to_vcpu(77), irq_vector(MESSAGE));
	tap_is(raised(), 0, "to nobody: nowhere");
}

/* What a driver may write there and no machine would send. */
static void test_odd(void)
{
	static const uint16_t modes[] = { 0x200, 0x300, 0x600, 0x700 }; /* SMI, reserved, SIPI, ExtINT */
	static uint8_t victim[64] GUEST_PAGE;
	uint32_t sum = 0;

	msi_set(to_vcpu(0), 5);
	tap_is(raised(), 0, "vector 5: nothing");
	nmi_handler(on_nmi);
	msi_set(to_vcpu(0), 0x400 | irq_vector(MESSAGE));
	tap_ok(raised() == 0 && nmis == 1, "an NMI: to ourselves");
	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		msi_set(to_vcpu(0), modes[i] | irq_vector(MESSAGE));
		sum += raised();
	}
	tap_is(sum, 0, "other kinds: nothing");
	set_bytes(victim, 0x55, sizeof(victim));
	msi_set(at(victim), irq_vector(MESSAGE));
	tap_ok(raised() == 0 && is_filled(victim, 0x55, sizeof(victim)), "an address in memory: nothing is written");
	msi_set(BOARD_RAM(0x18000000), irq_vector(MESSAGE));
	tap_is(raised(), 0, "in another partition's memory: nothing");
	msi_set(BOARD_HYP_BASE, irq_vector(MESSAGE));
	tap_is(raised(), 0, "in the hypervisor's");
	for (unsigned i = 0; i < 128; i++) { /* of the remappable format, whatever it would name */
		msi_set(MESSAGES | 0x10 | i << 5, 0);
		(void)raised();
	}
	tap_ok(true, "the remappable format, every index: survived");
	msi_set(to_vcpu(0), irq_vector(MESSAGE));
	tap_is(raised(), 1, "and messages still come");
}

/* --- Forged by DMA ------------------------------------------------------------------------------------------------ */

static void forge(uint64_t addr, uint32_t data)
{
	*(volatile uint32_t *)window = data;
	transfer(EDU_FROM_RAM, at(window), 0, 4);
	transfer(EDU_TO_RAM, addr, 0, 4);
	settle();
}

static uint64_t remappable(uint32_t index)
{
	return MESSAGES | (index & 0x7fff) << 5 | 0x10;
}

static uint32_t all_counts(void)
{
	uint32_t n = nmis;

	for (unsigned i = 32; i < IRQ_MAX; i++) {
		n += count[i];
	}
	return n;
}

/*
 * QEMU's unit lets the compatibility format pass and takes the remappable one from DMA without asking who wrote it: so
 * this keeps to what software can still refuse there. Hardware refuses all of it.
 */
static void test_forged(void)
{
	static const uint32_t closed[] = { 120, 120, 121, 150 }; /* messages that nobody has */
	uint32_t before;

	msi_enable(false);
	fault_events = 0;
	before = all_counts();
	for (unsigned i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		forge(to_vcpu(i % 3), closed[i] + 16);
	}
	tap_is(all_counts() - before, 0, "compatibility format, vectors of nobody: nothing arrives");
	for (unsigned v = 0x10; v < 0x20; v += 5) {
		forge(to_vcpu(0), v);
	}
	tap_ok(true, "vectors of exceptions: the hypervisor takes none for one of its own");
	forge(to_vcpu(0), 0xff);
	forge(to_vcpu(2), 0x400); /* an NMI to the other's CPU */
	tap_ok(true, "the spurious vector, an NMI: survived");
	forge(remappable(36), 0); /* the console's line */
	forge(remappable(64), 0); /* the unit's own message has no entry */
	forge(remappable(250), 0);
	forge(remappable(0x7fff), 0);
	forge(remappable(250) | 8, 3); /* with a subhandle: the third behind it */
	tap_is(all_counts() - before, 0, "remappable format, entries of others or of nobody: nothing arrives");
	msi_set(to_vcpu(0), irq_vector(MESSAGE));
	tap_is(raised(), 1, "and our own messages still come");
}

static void the_other(void)
{
	uint64_t end = time_us() + OTHER_WATCHES_US;
	uint32_t others = 0;

	if (!edu_open(&edu, 0)) {
		tap_bail("no device");
	}
	for (unsigned irq = 0; irq < IRQ_MAX; irq++) {
		if (irq != IRQ_TIMER) {
			irq_handler(irq, on_any);
		}
	}
	nmi_handler(on_nmi);
	cap = cap_find(MSI_ID);
	msi_set(to_vcpu(0), irq_vector(MESSAGE));
	tap_is(raised(), 1, "the other's own message");
	while (time_us() < end) {
		settle();
	}
	for (unsigned irq = 0; irq < IRQ_MAX; irq++) {
		others += irq == IRQ_TIMER ? 0 : count[irq];
	}
	tap_is(others, 1, "and no other interrupt");
	tap_is(nmis, 0, "no NMI");
	tap_done();
}

/* The device sends what is the other's: the unit knows whose it is by the source. */
static void foreign_index(void)
{
	uint32_t sum = 0;

	cap = cap_find(MSI_ID);
	msi_set(to_vcpu(0), irq_vector(MESSAGE));
	for (unsigned i = 0; i < 5; i++) {
		sum += raised();
	}
	tap_is(sum, 0, "the other's message sent five times by our device: nothing here");
	tap_done();
}

void guest_main(uint64_t arg)
{
	if (arg == 1) {
		the_other();
	}
	dma_begin();
	if (arg == 2) {
		irq_handler(MESSAGE, on_any);
		foreign_index();
	}
	(void)dma_object();
	irq_handler(MESSAGE, on_any);
	irq_handler(SECOND_MESSAGE, on_any);
	test_capability();
	test_delivery();
	test_destinations();
	test_odd();
	test_forged();
	tap_done();
}
