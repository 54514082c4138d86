/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical GICv3. Owns the distributor, every CPU's redistributor and the EL2 CPU interface. Everything is
 * group 1 and EOImode is 1: we drop the priority of what we took at once and deactivate separately, so that an
 * interrupt passed to a guest in a list register stays active, and therefore silent, until the guest ends it.
 * No interrupt is enabled that nobody owns [I3]; waits have deadlines and one entry takes one interrupt [I6].
 * Locks: gic.lock is a leaf; it orders changes of one shared interrupt's configuration.
 */
#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <asm/gic.h>
#include <asm/gic_sysreg.h>
#include <asm/gicv3_regs.h>
#include <bulkhead/errno.h>
#include <hyp/config.h>
#include <hyp/entry.h>
#include <hyp/irq.h>
#include <hyp/log.h>
#include <hyp/mmio.h>
#include <hyp/spinlock.h>
#include <hyp/string.h>
#include <hyp/vm.h>

enum {
	RWP_DEADLINE_US = 100000,
	FRAME_MAX = 512,       /* redistributor frames looked at */
	PRIO_IPI = 0x60,       /* lower is more urgent */
	PRIO_TIMER = 0x80,
	PRIO_SPI = 0xa0,
	PRIO_MASK_NONE = 0xff, /* ICC_PMR_EL1: everything may come */
};

static struct {
	uint32_t vtimer;  /* first: gic_irq_entry() looks at it first */
	uint32_t maint;
	uint32_t intids;  /* INTIDs below this are implemented */
	bool ready;       /* gic_init_dist() has succeeded */
	bool cpu_ready[CPU_MAX];
	uintptr_t gicd;
	uintptr_t gicr[CPU_MAX];
	uint64_t route[CPU_MAX]; /* GICD_IROUTER value */
	uint64_t sgi1r[CPU_MAX]; /* ICC_SGI1R_EL1 value but for the INTID */
	uint32_t icfgr[(GIC_INTID_MAX + 1 + 15) / 16]; /* shadow of GICD_ICFGR<n> */
	struct spinlock lock;
} gic;

/* --- registers ---------------------------------------------------------------------------------------------- */

static void gicd_write(uint32_t off, uint32_t v)
{
	reg_write32(gic.gicd, (reg32_t){ off }, v);
}

static uint32_t gicd_read(uint32_t off)
{
	return reg_read32(gic.gicd, (reg32_t){ off });
}

/* The register of 32 one-bit fields that holds irq's. */
static uint32_t bit_reg(uint32_t first, uint32_t irq)
{
	return first + irq / 32 * 4;
}

/* Waits until earlier writes to this frame's registers have taken effect. [GICD_CTLR.RWP, GICR_CTLR.RWP] */
static bool rwp_wait(uintptr_t frame, uint32_t ctlr, uint32_t rwp)
{
	uint64_t start = arch_time_us();

	while ((reg_read32(frame, (reg32_t){ ctlr }) & rwp) != 0) {
		if (arch_time_us() - start > RWP_DEADLINE_US) {
			return false;
		}
		arch_cpu_relax();
	}
	return true;
}

static bool gicd_wait(void)
{
	return rwp_wait(gic.gicd, GICD_CTLR, GICD_CTLR_RWP);
}

/* True for GICv3 and GICv4, which all frames say at the same offset. */
static bool is_gicv3(uintptr_t frame)
{
	uint64_t rev = FIELD_GET(GIC_PIDR2_ArchRev, reg_read32(frame, (reg32_t){ GICD_PIDR2 }));

	return rev == 3 || rev == 4;
}

/* --- boot --------------------------------------------------------------------------------------------------- */

/* Every SPI: ours to enable later, silent until then, whatever firmware left. */
static void spi_reset_all(uint64_t route)
{
	for (uint32_t irq = GIC_PRIVATE; irq < gic.intids; irq += 32) {
		gicd_write(bit_reg(GICD_ICENABLER, irq), ~0u);
		gicd_write(bit_reg(GICD_ICPENDR, irq), ~0u);
		gicd_write(bit_reg(GICD_ICACTIVER, irq), ~0u);
		gicd_write(bit_reg(GICD_IGROUPR, irq), ~0u);
		gicd_write(GICD_ICFGR + irq / 16 * 4, 0);
		gicd_write(GICD_ICFGR + irq / 16 * 4 + 4, 0);
	}
	for (uint32_t irq = GIC_PRIVATE; irq < gic.intids; irq++) {
		if (irq % 4 == 0) {
			gicd_write(GICD_IPRIORITYR + irq, PRIO_SPI * 0x01010101u);
		}
		if (irq <= GIC_INTID_MAX) {
			reg_write64(gic.gicd, (reg64_t){ GICD_IROUTER + 8 * irq }, route);
		}
	}
	memset(gic.icfgr, 0, sizeof(gic.icfgr));
}

/* Affinity as in MPIDR_EL1 [39:32], [23:0] → the forms other registers want. */
static void cpu_names_make(unsigned cpu, uint64_t mpidr)
{
	uint64_t aff0 = mpidr & 0xff;

	gic.route[cpu] = mpidr & GICD_IROUTER_AFF;
	gic.sgi1r[cpu] = FIELD(ICC_SGI1R_Aff3, (mpidr >> 32) & 0xff) | FIELD(ICC_SGI1R_Aff2, (mpidr >> 16) & 0xff) |
			 FIELD(ICC_SGI1R_Aff1, (mpidr >> 8) & 0xff) | FIELD(ICC_SGI1R_RS, aff0 >> 4) |
			 FIELD(ICC_SGI1R_TargetList, BIT64(aff0 & 15));
}

/* The chain of redistributor frames ends with Last; firmware's size and a constant bound it as well. */
static void redist_find_all(const struct board *b)
{
	uint64_t off = 0;

	memset(gic.gicr, 0, sizeof(gic.gicr));
	for (unsigned n = 0; n < FRAME_MAX && off + GICR_FRAME_SIZE <= b->gicr.size; n++) {
		uintptr_t frame = (uintptr_t)(b->gicr.base + off);
		uint64_t typer;

		if (!is_gicv3(frame)) {
			return;
		}
		typer = reg_read64(frame, (reg64_t){ GICR_TYPER });
		for (unsigned cpu = 0; cpu < b->cpu_count && cpu < CPU_MAX; cpu++) {
			uint64_t id = b->cpu_id[cpu];
			uint64_t aff = ((id >> 32) & 0xff) << 24 | (id & BITS64(23, 0));

			if (FIELD_GET(GICR_TYPER_Affinity_Value, typer) == aff) {
				gic.gicr[cpu] = frame;
			}
		}
		if ((typer & GICR_TYPER_Last) != 0) {
			return;
		}
		off += (typer & GICR_TYPER_VLPIS) != 0 ? GICR_FRAME_SIZE_VLPIS : GICR_FRAME_SIZE;
	}
}

static int dist_start(void)
{
	if (!is_gicv3(gic.gicd)) {
		log_error("no GICv3 at 0x%lx: start QEMU with -M virt,gic-version=3, or correct the board's gicd",
			  (uint64_t)gic.gicd);
		return -BH_ENODEV;
	}
	gicd_write(GICD_CTLR, GICD_CTLR_ARE);
	if (!gicd_wait()) {
		log_error("the GIC distributor at 0x%lx does not react", (uint64_t)gic.gicd);
		return -BH_EIO;
	}
	gic.intids = 32 * ((uint32_t)FIELD_GET(GICD_TYPER_ITLinesNumber, gicd_read(GICD_TYPER)) + 1);
	spi_reset_all(gic.route[arch_cpu_this()]);
	if (!gicd_wait()) {
		log_error("the GIC distributor at 0x%lx does not finish its reset", (uint64_t)gic.gicd);
		return -BH_EIO;
	}
	gicd_write(GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_EnableGrp1);
	return 0;
}

int gic_init_dist(const struct board *b)
{
	int err = arch_hyp_map(pa(b->gicd.base), b->gicd.size, PROT_READ | PROT_WRITE | PROT_DEVICE);

	if (err == 0) {
		err = arch_hyp_map(pa(b->gicr.base), b->gicr.size, PROT_READ | PROT_WRITE | PROT_DEVICE);
	}
	if (err != 0) {
		return err;
	}
	gic.gicd = (uintptr_t)b->gicd.base;
	gic.vtimer = b->vtimer_irq;
	gic.maint = b->maint_irq;
	if (gic.vtimer / 16 != 1 || gic.maint / 16 != 1) {
		log_error("timer interrupt %u and maintenance interrupt %u must be PPIs, 16 to 31", gic.vtimer,
			  gic.maint);
		return -BH_EINVAL;
	}
	for (unsigned cpu = 0; cpu < b->cpu_count && cpu < CPU_MAX; cpu++) {
		cpu_names_make(cpu, b->cpu_id[cpu]);
	}
	err = dist_start();
	if (err != 0) {
		return err;
	}
	redist_find_all(b);
	for (unsigned cpu = 0; cpu < b->cpu_count && cpu < CPU_MAX; cpu++) {
		if (gic.gicr[cpu] == 0) {
			log_error("CPU %u (affinity 0x%lx) has no GIC redistributor", cpu, b->cpu_id[cpu]);
			return -BH_ENODEV;
		}
	}
	gic.ready = true;
	return 0;
}

static bool redist_wake(uintptr_t frame)
{
	uint64_t start = arch_time_us();

	reg_write32(frame, (reg32_t){ GICR_WAKER }, 0);
	while ((reg_read32(frame, (reg32_t){ GICR_WAKER }) & GICR_WAKER_ChildrenAsleep) != 0) {
		if (arch_time_us() - start > RWP_DEADLINE_US) {
			return false;
		}
		arch_cpu_relax();
	}
	return true;
}

static void redist_reset(uintptr_t frame)
{
	uint32_t ours = BIT32(GIC_SGI_KICK) | BIT32(GIC_SGI_PARK) | BIT32(GIC_SGI_VGIC) | BIT32(gic.vtimer) |
			BIT32(gic.maint);

	reg_write32(frame, (reg32_t){ GICR_ICENABLER0 }, ~0u);
	reg_write32(frame, (reg32_t){ GICR_ICPENDR0 }, ~0u);
	reg_write32(frame, (reg32_t){ GICR_ICACTIVER0 }, ~0u);
	reg_write32(frame, (reg32_t){ GICR_IGROUPR0 }, ~0u);
	reg_write32(frame, (reg32_t){ GICR_ICFGR1 }, 0);
	for (uint32_t irq = 0; irq < GIC_PRIVATE; irq += 4) {
		uint32_t prio = irq < GIC_SGI_COUNT ? PRIO_IPI : PRIO_TIMER;

		reg_write32(frame, (reg32_t){ GICR_IPRIORITYR + irq }, prio * 0x01010101u);
	}
	if (!rwp_wait(frame, GICR_CTLR, GICR_CTLR_RWP)) {
		hyp_panic("the GIC redistributor at 0x%lx does not finish its reset", (uint64_t)frame);
	}
	reg_write32(frame, (reg32_t){ GICR_ISENABLER0 }, ours);
}

void gic_init_cpu(void)
{
	unsigned cpu = arch_cpu_this();

	icc_sre_el2_write(ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB | ICC_SRE_Enable);
	gic_sysreg_sync();
	if ((icc_sre_el2_read() & ICC_SRE_SRE) == 0) {
		hyp_panic("CPU %u: firmware has not given us the GIC's system registers (ICC_SRE_EL3.Enable)", cpu);
	}
	icc_sre_el1_write(ICC_SRE_SRE | ICC_SRE_DFB | ICC_SRE_DIB);
	if (!redist_wake(gic.gicr[cpu])) {
		hyp_panic("CPU %u: its GIC redistributor does not wake up", cpu);
	}
	redist_reset(gic.gicr[cpu]);
	icc_pmr_write(PRIO_MASK_NONE);
	icc_bpr1_write(0);
	icc_ctlr_write(ICC_CTLR_EOImode);
	icc_igrpen1_write(1);
	vgic_init_cpu();
	gic_sysreg_sync();
	gic.cpu_ready[cpu] = true;
}

/* --- shared interrupts, for the core ------------------------------------------------------------------------ */

static bool spi_ok(uint32_t irq)
{
	return irq >= GIC_PRIVATE && irq < gic.intids && irq <= GIC_INTID_MAX;
}

static void spi_disable(uint32_t irq)
{
	gicd_write(bit_reg(GICD_ICENABLER, irq), BIT32(irq % 32));
	if (!gicd_wait()) {
		log_error("the GIC distributor does not confirm that interrupt %u is off", irq);
	}
}

void arch_irq_enable(uint32_t irq, unsigned cpu, bool edge)
{
	uint32_t bit = BIT32(2 * (irq % 16) + 1);
	uint32_t cfg;

	if (!spi_ok(irq)) {
		log_error("interrupt %u does not exist on this board: it can never come", irq);
		return;
	}
	spin_lock(&gic.lock);
	cfg = edge ? gic.icfgr[irq / 16] | bit : gic.icfgr[irq / 16] & ~bit;
	if (cfg != gic.icfgr[irq / 16]) { /* never while enabled [GICD_ICFGR<n>: UNPREDICTABLE] */
		spi_disable(irq);
		gic.icfgr[irq / 16] = cfg;
		gicd_write(GICD_ICFGR + irq / 16 * 4, cfg);
	}
	reg_write64(gic.gicd, (reg64_t){ GICD_IROUTER + 8 * irq }, gic.route[cpu]);
	gicd_write(bit_reg(GICD_ISENABLER, irq), BIT32(irq % 32));
	spin_unlock(&gic.lock);
}

void arch_irq_disable(uint32_t irq)
{
	if (!spi_ok(irq)) {
		return;
	}
	spin_lock(&gic.lock);
	spi_disable(irq);
	spin_unlock(&gic.lock);
}

void arch_irq_eoi(uint32_t irq)
{
	icc_dir_write(irq);
}

void gic_irq_route(uint32_t irq, unsigned cpu)
{
	if (spi_ok(irq)) {
		reg_write64(gic.gicd, (reg64_t){ GICD_IROUTER + 8 * irq }, gic.route[cpu]);
	}
}

bool gic_irq_pending(uint32_t irq)
{
	uint32_t word = 0;

	if (irq < GIC_PRIVATE) {
		word = reg_read32(gic.gicr[arch_cpu_this()], (reg32_t){ GICR_ISPENDR0 });
	} else if (spi_ok(irq)) {
		word = gicd_read(bit_reg(GICD_ISPENDR, irq));
	}
	return (word & BIT32(irq % 32)) != 0;
}

/* --- between CPUs ------------------------------------------------------------------------------------------- */

void gic_sgi_send(unsigned cpu, enum gic_sgi sgi)
{
	arch_mb(); /* what the other CPU shall see is there before it looks */
	icc_sgi1r_write(gic.sgi1r[cpu] | (uint64_t)sgi << 24);
	gic_sysreg_sync();
}

void arch_ipi_send(unsigned cpu)
{
	if (gic.ready) {
		gic_sgi_send(cpu, GIC_SGI_KICK);
	}
}

/* May come at any time, also before there is a GIC: then the others are not running either. */
void arch_ipi_park_others(void)
{
	if (gic.ready && gic.cpu_ready[arch_cpu_this()]) {
		arch_mb();
		icc_sgi1r_write(ICC_SGI1R_IRM | FIELD(ICC_SGI1R_INTID, GIC_SGI_PARK));
		gic_sysreg_sync();
	}
}

/* --- interrupts to EL2 -------------------------------------------------------------------------------------- */

/* A private interrupt without a guest that could end it: off for good on this CPU. */
static void private_off(uint32_t intid)
{
	reg_write32(gic.gicr[arch_cpu_this()], (reg32_t){ GICR_ICENABLER0 }, BIT32(intid));
	icc_dir_write(intid);
}

static void private_irq(struct vcpu *vcpu, uint32_t intid)
{
	if (intid == gic.vtimer && vcpu != NULL) {
		vgic_vtimer(vcpu);
		return;
	}
	if (intid == GIC_SGI_KICK) {
		icc_dir_write(intid);
		hyp_ipi();
	} else if (intid == GIC_SGI_PARK) {
		arch_cpu_park();
	} else if (intid == gic.maint && vcpu != NULL) {
		icc_dir_write(intid);
		vgic_maintenance(vcpu);
	} else {
		private_off(intid);
	}
}

/* The guest's end of interrupt will deactivate the physical one, which cannot fire again until then. */
static inline bool vtimer_inject(const struct vgic_cpu *vgic)
{
	uint64_t lr = __atomic_load_n(&vgic->vtimer_lr, __ATOMIC_RELAXED);

	if (lr == 0) {
		return false;
	}
	ich_lr0_write(lr);
	return true;
}

/*
 * One interrupt per entry: if more are waiting, the CPU comes back here before the guest's next instruction,
 * and the usual case of exactly one does not pay for asking. The timer and the interrupts between vCPUs come
 * first: they are what a guest measures.
 */
void gic_irq_entry(struct vcpu *vcpu)
{
	uint32_t intid = (uint32_t)icc_iar1_read();

	if (intid == gic.vtimer && vcpu != NULL && vtimer_inject(&vcpu->arch.vgic)) {
		icc_eoir1_write(intid);
		return;
	}
	if (intid == GIC_SGI_VGIC && vcpu != NULL) {
		icc_eoir1_write(intid);
		icc_dir_write(intid);
		vgic_sgi_take(vcpu);
		return;
	}
	if (intid >= GIC_INTID_SPECIAL && intid < GIC_SPECIAL_END) {
		return;
	}
	icc_eoir1_write(intid);
	if (intid >= GIC_PRIVATE) {
		hyp_irq(intid);
	} else {
		private_irq(vcpu, intid);
	}
}
