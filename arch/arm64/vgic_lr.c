/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers: what the guest's CPU interface sees without us. Everything here runs on the vCPU's own CPU.
 * lr_used, lr_spi and lr_intid[] remember what was put where until it is taken back; the state itself is only
 * in the register, because the guest's acknowledge and end of interrupt never come to us. Where more is ready
 * than fits, the most urgent is loaded and the rest follows when list registers run dry [I6].
 * The fast paths (virtual timer in gicv3.c, SGIs here) fill registers without the lock; they use only words the
 * slow path published, and no register whose last interrupt vgic_flush() still has to see the end of.
 */
#include "vgic_state.h"

#include <asm/gic.h>
#include <asm/gic_sysreg.h>
#include <asm/gicv3_regs.h>
#include <hyp/bits.h>
#include <hyp/string.h>

enum { LR_NONE = VGIC_LR_MAX };

/* A candidate for a list register; the smallest key comes first. */
struct candidate {
	uint32_t key;
	uint32_t intid;
};

struct selection {
	unsigned count;
	unsigned max;
	bool more; /* some did not fit into the selection */
	struct candidate best[VGIC_LR_MAX];
};

/* --- access by number --------------------------------------------------------------------------------------- */

static uint64_t lr_read(unsigned n)
{
	switch (n) {
	case 0: return ich_lr0_read();
	case 1: return ich_lr1_read();
	case 2: return ich_lr2_read();
	case 3: return ich_lr3_read();
	case 4: return ich_lr4_read();
	case 5: return ich_lr5_read();
	case 6: return ich_lr6_read();
	case 7: return ich_lr7_read();
	case 8: return ich_lr8_read();
	case 9: return ich_lr9_read();
	case 10: return ich_lr10_read();
	case 11: return ich_lr11_read();
	case 12: return ich_lr12_read();
	case 13: return ich_lr13_read();
	case 14: return ich_lr14_read();
	default: return ich_lr15_read();
	}
}

static void lr_write(unsigned n, uint64_t v)
{
	switch (n) {
	case 0: ich_lr0_write(v); break;
	case 1: ich_lr1_write(v); break;
	case 2: ich_lr2_write(v); break;
	case 3: ich_lr3_write(v); break;
	case 4: ich_lr4_write(v); break;
	case 5: ich_lr5_write(v); break;
	case 6: ich_lr6_write(v); break;
	case 7: ich_lr7_write(v); break;
	case 8: ich_lr8_write(v); break;
	case 9: ich_lr9_write(v); break;
	case 10: ich_lr10_write(v); break;
	case 11: ich_lr11_write(v); break;
	case 12: ich_lr12_write(v); break;
	case 13: ich_lr13_write(v); break;
	case 14: ich_lr14_write(v); break;
	default: ich_lr15_write(v); break;
	}
}

static unsigned lr_count(void)
{
	return (unsigned)FIELD_GET(ICH_VTR_ListRegs, ich_vtr_read()) + 1;
}

/* The guest's active priorities; how many registers there are depends on the preemption bits [ICH_AP1R<n>_EL2]. */
static void apr_clear(void)
{
	uint64_t bits = FIELD_GET(ICH_VTR_PREbits, ich_vtr_read()) + 1;

	ich_ap0r0_write(0);
	ich_ap1r0_write(0);
	if (bits >= 6) {
		ich_ap0r1_write(0);
		ich_ap1r1_write(0);
	}
	if (bits >= 7) {
		ich_ap0r2_write(0);
		ich_ap0r3_write(0);
		ich_ap1r2_write(0);
		ich_ap1r3_write(0);
	}
}

void vgic_init_cpu(void)
{
	unsigned count = lr_count();

	if (count < 3 || count > VGIC_LR_MAX) { /* with two, ICH_HCR_EL2.UIE would never be quiet */
		hyp_panic("this CPU's GIC has %u list registers; 3 to 16 are needed", count);
	}
	ich_hcr_write(0);
	for (unsigned n = 0; n < count; n++) {
		lr_write(n, 0);
	}
	apr_clear();
	ich_vmcr_write(0);
}

/* --- taking back -------------------------------------------------------------------------------------------- */

static void lr_forget(struct vgic_cpu *vc, unsigned n)
{
	vc->lr_used &= (uint16_t)~BIT32(n);
	vc->lr_slow &= (uint16_t)~BIT32(n);
}

/* The guest has ended it: a line that is still high makes it ready again. */
static void lr_done(struct vcpu *vcpu, unsigned n)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t intid = vc->lr_intid[n];

	lr_write(n, 0);
	lr_forget(vc, n);
	vgic_irq_get(vcpu->vm, vcpu, intid)->flags &= (uint16_t)~(VIRQ_OF_LR | VIRQ_ASKED);
	vgic_update(vcpu->vm, vcpu, intid);
}

static void lr_reclaim(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t empty, done;

	gic_sysreg_sync(); /* a fast path may have written some a moment ago */
	empty = (uint32_t)ich_elrsr_read();
	if ((empty & BIT32(0)) == 0) { /* the timer's fast path does not say so */
		vc->lr_used |= (uint16_t)BIT32(0);
	}
	done = vc->lr_used & (empty | (uint32_t)ich_eisr_read());
	for (; done != 0; done &= done - 1) {
		lr_done(vcpu, (unsigned)__builtin_ctz(done));
	}
}

/* What the register says goes back into the interrupt's flags. Those who reload set it up again. */
static void lr_take(struct vcpu *vcpu, unsigned n)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t intid = vc->lr_intid[n];
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	uint64_t lr = lr_read(n);
	bool latched = (irq->flags & (VIRQ_EDGE | VIRQ_LATCHED)) != 0 || (lr & ICH_LR_HW) != 0;
	unsigned set = 0;

	lr_write(n, 0);
	lr_forget(vc, n);
	if ((lr & ICH_LR_HW) != 0 && (lr & ICH_LR_State) != 0) {
		set |= VIRQ_HWACT;
	}
	if ((lr & ICH_LR_Pending) != 0 && latched && (irq->flags & VIRQ_DROP_PEND) == 0) {
		set |= VIRQ_PENDING;
	}
	if ((lr & ICH_LR_Active) != 0 && (irq->flags & VIRQ_DROP_ACT) == 0) {
		set |= VIRQ_ACTIVE;
		irq->on = (uint8_t)vcpu->index;
	}
	irq->flags = (uint16_t)((irq->flags & ~VIRQ_OF_LR) | set);
	vgic_settle(irq, intid);
	vgic_update(vcpu->vm, vcpu, intid);
}

void vgic_lr_take(struct vcpu *vcpu, uint32_t first, uint32_t count)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;

	lr_reclaim(vcpu);
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		unsigned n = (unsigned)__builtin_ctz(used);

		if (vc->lr_intid[n] - first < count) {
			lr_take(vcpu, n);
		}
	}
}

/* Another vCPU changed something that list registers hold: everything is taken back and loaded again. */
static void resync(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;

	vc->resync = false;
	vgic_lr_take(vcpu, 0, VGIC_INTIDS);
	for (uint32_t intid = 0; intid < VGIC_PRIVATE; intid++) {
		vc->irq[intid].flags &= (uint16_t)~(VIRQ_DROP_PEND | VIRQ_DROP_ACT);
	}
	vgic_settle(&vc->irq[VGIC_VTIMER], VGIC_VTIMER);
	vgic_update(vcpu->vm, vcpu, VGIC_VTIMER);
}

/* --- loading ------------------------------------------------------------------------------------------------ */

static uint64_t lr_make(const struct vm *vm, struct vgic_irq *irq, uint32_t intid)
{
	uint64_t lr = intid | FIELD(ICH_LR_Priority, irq->priority) |
		      ((irq->flags & VIRQ_GROUP1) != 0 ? ICH_LR_Group : 0);
	bool active = (irq->flags & VIRQ_ACTIVE) != 0;
	bool hw = (irq->flags & VIRQ_HWACT) != 0;

	if (active) {
		lr |= ICH_LR_Active;
	}
	if (hw) {
		lr |= ICH_LR_HW | FIELD(ICH_LR_pINTID, vgic_hwirq(irq, intid));
	} else if ((irq->flags & VIRQ_EDGE) == 0) {
		lr |= ICH_LR_EOI; /* then we look at the line again */
	}
	/* Active and pending at once is not allowed with HW = 1: what is pending waits. [ICH_LR<n>_EL2.State] */
	if (vgic_is_pending(irq) && vgic_is_open(vm, irq) && !(active && hw)) {
		lr |= ICH_LR_Pending;
	}
	return lr;
}

static void lr_load(struct vcpu *vcpu, unsigned n, uint32_t intid)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	uint64_t lr = lr_make(vcpu->vm, irq, intid);
	unsigned set = (irq->flags & VIRQ_ASKED) != 0 ? VIRQ_EXACT : 0;
	unsigned clear = VIRQ_HWACT | VIRQ_ACTIVE | VIRQ_HELD | VIRQ_ASKED;

	if ((lr & ICH_LR_Pending) != 0) {
		set |= (irq->flags & VIRQ_PENDING) != 0 ? VIRQ_LATCHED : 0;
		clear |= VIRQ_PENDING;
	}
	if ((lr & ICH_LR_Active) != 0) {
		set |= VIRQ_LR_ACTIVE;
	}
	if (intid != VGIC_VTIMER || (lr & ICH_LR_HW) == 0) { /* the timer's fast path stays open */
		set |= VIRQ_LOADED;
	}
	irq->flags = (uint16_t)((irq->flags & ~clear) | set);
	irq->on = (uint8_t)vcpu->index;
	vc->lr_intid[n] = (uint16_t)intid;
	vc->lr_used |= (uint16_t)BIT32(n);
	vc->lr_slow |= (uint16_t)BIT32(n);
	lr_write(n, lr);
	vgic_update(vcpu->vm, vcpu, intid);
}

static unsigned lr_find(const struct vgic_cpu *vc, uint32_t intid)
{
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		unsigned n = (unsigned)__builtin_ctz(used);

		if (vc->lr_intid[n] == intid) {
			return n;
		}
	}
	return LR_NONE;
}

/* A free register, or one whose interrupt the guest has not taken yet and which is less urgent. */
static unsigned lr_room(struct vcpu *vcpu, uint32_t key, bool *more)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t usable = (uint32_t)(BIT64(vc->lr_count) - 1) & ~BIT32(0);
	unsigned found = LR_NONE;
	uint64_t worst = key; /* keys are priorities + 1: only a strictly greater priority gives way */

	if ((usable & ~(uint32_t)vc->lr_used) != 0) {
		return (unsigned)__builtin_ctz(usable & ~(uint32_t)vc->lr_used);
	}
	*more = true;
	for (uint32_t used = usable; used != 0; used &= used - 1) {
		unsigned n = (unsigned)__builtin_ctz(used);
		uint64_t lr = lr_read(n);

		if ((lr & ICH_LR_State) == ICH_LR_Pending && FIELD_GET(ICH_LR_Priority, lr) + 1 > worst) {
			worst = FIELD_GET(ICH_LR_Priority, lr) + 1;
			found = n;
		}
	}
	if (found != LR_NONE) {
		lr_take(vcpu, found);
	}
	return found;
}

/*
 * It is in a register already and came again. False: it has to wait for the end of the first, because with
 * HW = 1 there is no pending and active, and because a register without HW would not end the physical one.
 */
static bool lr_merge(struct vcpu *vcpu, unsigned n, uint32_t intid)
{
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, intid);
	uint64_t lr = lr_read(n);

	if ((lr & (ICH_LR_HW | ICH_LR_Active)) == (ICH_LR_HW | ICH_LR_Active)) {
		return false;
	}
	if ((irq->flags & VIRQ_HWACT) != 0) {
		lr_write(n, lr | ICH_LR_EOI); /* tell us */
		return false;
	}
	irq->flags = (uint16_t)((irq->flags & ~(unsigned)VIRQ_PENDING) | VIRQ_LATCHED);
	lr_write(n, lr | ICH_LR_Pending);
	vgic_update(vcpu->vm, vcpu, intid);
	return true;
}

/* False: no room, or not all of it can be told now; it stays ready. */
static bool place(struct vcpu *vcpu, const struct candidate *c, bool *more)
{
	struct vgic_irq *irq = vgic_irq_get(vcpu->vm, vcpu, c->intid);
	unsigned n = lr_find(&vcpu->arch.vgic, c->intid);

	if (n != LR_NONE) {
		return lr_merge(vcpu, n, c->intid);
	}
	if ((irq->flags & (VIRQ_HELD | VIRQ_EDGE | VIRQ_ACTIVE)) == VIRQ_HELD &&
	    !gic_irq_pending(vgic_hwirq(irq, c->intid))) { /* the device gave up while the guest did not listen */
		irq->flags &= (uint16_t)~VIRQ_PENDING;
		vgic_settle(irq, c->intid);
		vgic_update(vcpu->vm, vcpu, c->intid);
		return true;
	}
	n = c->intid == VGIC_VTIMER ? 0 : lr_room(vcpu, c->key, more);
	if (n == LR_NONE) {
		return false;
	}
	lr_load(vcpu, n, c->intid);
	return !vgic_wants_lr(vcpu->vm, irq);
}

/* Keeps the smallest keys, in order; equal ones in order of arrival, which is by INTID. */
static void select_add(struct selection *s, const struct vgic_irq *irq, uint32_t intid)
{
	uint32_t key = (irq->flags & VIRQ_ACTIVE) != 0 ? 0 : irq->priority + 1u;
	unsigned at;

	if (s->count == s->max) {
		s->more = true;
		if (key >= s->best[s->count - 1].key) {
			return;
		}
		s->count--;
	}
	for (at = s->count; at > 0 && s->best[at - 1].key > key; at--) {
		s->best[at] = s->best[at - 1];
	}
	s->best[at] = (struct candidate){ key, intid };
	s->count++;
}

static void select_all(struct vcpu *vcpu, struct selection *s)
{
	struct vm *vm = vcpu->vm;
	const struct vgic_cpu *vc = &vcpu->arch.vgic;
	const struct vgic *v = &vm->arch.vgic;

	for (uint32_t bits = vc->ready; bits != 0; bits &= bits - 1) {
		uint32_t intid = (uint32_t)__builtin_ctz(bits);

		select_add(s, &vc->irq[intid], intid);
	}
	for (uint32_t words = v->ready_words; words != 0; words &= words - 1) {
		uint32_t word = (uint32_t)__builtin_ctz(words);

		for (uint64_t bits = v->ready[word]; bits != 0; bits &= bits - 1) {
			uint32_t n = word * 64 + (uint32_t)__builtin_ctzll(bits);

			if (vgic_home(vm, &v->spi[n]) == vcpu->index) {
				select_add(s, &v->spi[n], n + VGIC_PRIVATE);
			}
		}
	}
}

/*
 * The order of the two loops matters: what is selected first is the most urgent, and it may push a less urgent
 * one out of its register but never the other way round, so each register is refilled at most once.
 */
void vgic_flush(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	struct vgic *v = &vcpu->vm->arch.vgic;
	struct selection s = { .max = vc->lr_count };
	bool more = false;
	bool again = false;

	CHECK(vc->lr_count != 0); /* vgic_vcpu_reset() was here */
	spin_lock(&v->lock);
	if (vc->resync) {
		resync(vcpu);
	} else {
		lr_reclaim(vcpu);
	}
	vgic_inbox_fold(vcpu);
	select_all(vcpu, &s);
	for (unsigned i = 0; i < s.count; i++) {
		if (!place(vcpu, &s.best[i], &more)) {
			again = true;
		}
	}
	more = more || s.more;
	ich_hcr_write(ICH_HCR_En | (more ? ICH_HCR_UIE : 0));
	__atomic_store_n(&vc->dirty, more || again, __ATOMIC_RELAXED); /* who sets it holds the lock */
	spin_unlock(&v->lock);
}

/* --- SGIs --------------------------------------------------------------------------------------------------- */

/* True if it is in a list register now. empty: registers known to be empty, reduced here. */
static inline bool sgi_load(struct vgic_cpu *vc, uint32_t sgi, uint32_t *empty)
{
	uint64_t lr = __atomic_load_n(&vc->sgi_lr[sgi], __ATOMIC_RELAXED);
	uint32_t room = *empty & ~(uint32_t)vc->lr_slow & ~BIT32(0);
	unsigned n;

	if (lr == 0) {
		return false;
	}
	for (uint32_t busy = vc->lr_used & ~*empty; busy != 0; busy &= busy - 1) {
		n = (unsigned)__builtin_ctz(busy);
		if (vc->lr_intid[n] == sgi) {
			lr_write(n, lr_read(n) | ICH_LR_Pending);
			return true;
		}
	}
	if (room == 0) {
		return false;
	}
	n = (unsigned)__builtin_ctz(room);
	*empty &= ~BIT32(n);
	vc->lr_used |= (uint16_t)BIT32(n);
	vc->lr_intid[n] = (uint16_t)sgi;
	if (n == 1) { /* nearly always: no need to find the register's accessor */
		ich_lr1_write(lr);
	} else {
		lr_write(n, lr);
	}
	return true;
}

/* Disabled, already pending, or no room: vgic_flush() decides. */
static __attribute__((noinline)) void sgi_defer(struct vcpu *vcpu, uint32_t sgis)
{
	spin_lock(&vcpu->vm->arch.vgic.lock);
	__atomic_fetch_or(&vcpu->arch.vgic.sgi_inbox, sgis, __ATOMIC_RELAXED);
	vgic_inbox_fold(vcpu);
	spin_unlock(&vcpu->vm->arch.vgic.lock);
}

void vgic_sgi_take(struct vcpu *vcpu)
{
	struct vgic_cpu *vc = &vcpu->arch.vgic;
	uint32_t sgis = __atomic_exchange_n(&vc->sgi_inbox, 0, __ATOMIC_ACQUIRE);
	uint32_t empty = (uint32_t)ich_elrsr_read();
	uint32_t slow = 0;

	for (; sgis != 0; sgis &= sgis - 1) {
		uint32_t sgi = (uint32_t)__builtin_ctz(sgis);

		if (!sgi_load(vc, sgi, &empty)) {
			slow |= BIT32(sgi);
		}
	}
	if (slow != 0) {
		sgi_defer(vcpu, slow);
	}
}

/* --- a vCPU's beginning ------------------------------------------------------------------------------------- */

void vgic_vcpu_reset(struct vcpu *vcpu)
{
	vgic_vcpu_off(vcpu);
	spin_lock(&vcpu->vm->arch.vgic.lock);
	vcpu->arch.vgic.lr_count = (uint8_t)lr_count();
	apr_clear();
	ich_vmcr_write(0);
	ich_hcr_write(ICH_HCR_En);
	vgic_kick(vcpu);
	spin_unlock(&vcpu->vm->arch.vgic.lock);
}
