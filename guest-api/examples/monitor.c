/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Demonstration, the partition that watches: it owns no device, has the right MONITOR, sleeps until the fault
 * interrupt comes, and says in words what each record tells. Ends when the attack on the bystander was reported
 * and half a second went by without another record.
 */
#include <bulkhead/ext.h>
#include <bulkhead/guest.h>

#include "demo.h"

enum { QUIET_US = 500000, PATIENCE_US = 10000000 };

static volatile uint32_t event;
static unsigned records, attacks;

static const char *const reasons[] = {
	"no reason given", "nothing is mapped there", "it is mapped, but not with this right",
	"the address is outside what the unit translates", "the device is in no object",
	"the unit found a bad table entry", "the access failed beyond the unit", "another reason",
};

static void on_fault(uint32_t irq)
{
	event = 1;
}

static const char *partition_name(unsigned index)
{
	return index < DEMO_PARTITIONS ? demo_partition[index] : "nobody";
}

static const char *access_name(unsigned flags)
{
	return (flags & BH_FAULT_WRITE) != 0  ? "write"
	       : (flags & BH_FAULT_EXEC) != 0 ? "execute"
	       : (flags & BH_FAULT_READ) != 0 ? "read"
					      : "access";
}

static bool in_victim(const struct bh_fault *f)
{
	return (f->flags & BH_FAULT_ADDR_VALID) != 0 && f->addr >= DEMO_VICTIM_BASE &&
	       f->addr < DEMO_VICTIM_BASE + DEMO_VICTIM_SIZE;
}

static void describe(const struct bh_fault *f)
{
	char device[40] = "an unknown device";
	unsigned reason = f->flags & BH_FAULT_REASON_MASK;

	if (f->devid.type == SDT_PCI) {
		snprintf(device, sizeof(device), "PCI device %02x:%02x.%u", f->devid.pci.bus, f->devid.pci.dev,
			 f->devid.pci.func);
	} else if (f->devid.type == SDT_MMIO) {
		snprintf(device, sizeof(device), "the device at 0x%lx", f->devid.mmio.phys);
	}
	printf("%s of %s: %s at 0x%lx refused: %s%s\n", device, partition_name(f->partition),
	       access_name(f->flags), f->addr, reasons[reason < 8 ? reason : 7],
	       in_victim(f) ? " (the bystander's memory)" : "");
	if ((f->flags & BH_FAULT_DROPPED) != 0) {
		printf("  records before this one were lost\n");
	}
	if ((f->flags & BH_FAULT_MUTED) != 0) {
		printf("  too many faults: the device is muted, and still blocked\n");
	}
}

/* Registration first, then everything that is there: a record that comes in between fires again. */
static void drain(const struct sigevent *ev)
{
	struct bh_fault f;

	event = 0;
	if (smmu_xfer_notify(ev) < 0) {
		guest_die("demo: FAIL: smmu_xfer_notify: errno %d", errno);
	}
	while (bh_xfer_status(&f) == 0) {
		records++;
		attacks += in_victim(&f) ? 1 : 0;
		describe(&f);
	}
}

void guest_main(uint64_t arg)
{
	uint64_t patience = time_us() + PATIENCE_US;
	struct sigevent ev = { 0 };
	int virq = bh_fault_virq();

	if (smmu_init(0) < 0 || virq < 0) {
		guest_die("demo: FAIL: smmu_init: errno %d", errno);
	}
	SIGEV_VIRQ_INIT(&ev);
	irq_handler((uint32_t)virq, on_fault);
	irq_set_edge((uint32_t)virq, true);
	irq_enable((uint32_t)virq);
	drain(&ev);
	printf("asleep until virtual interrupt %d\n", virq);
	while (time_us() < patience) {
		if (wait_flag(&event, QUIET_US)) {
			drain(&ev);
		} else if (attacks >= 2) {
			break;
		}
	}
	smmu_fini();
	printf("demo: %s: %u records, %u of them about the bystander's memory\n",
	       attacks >= 2 ? "PASS" : "FAIL", records, attacks);
}
