/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The units. Owns iommu_units[] and is the only caller of iommu_hw_*(): every command goes through here under
 * the unit's lock, and a unit that does not answer is failed here: blocked for good, named once [I1][I4].
 * Lock order: client->lock, then unit->lock. Boot calls run on one CPU and take the locks all the same.
 */
#include <hyp/iommu_priv.h>

#include <arch/config.h>
#include <arch/mmu.h>
#include <bulkhead/errno.h>
#include <drv/iommu_hw.h>
#include <hyp/check.h>
#include <hyp/irq.h>
#include <hyp/vm.h>

enum {
	LEVELS = 3,              /* 39-bit device addresses: 512 GiB, three tables deep if every unit walks those */
	TIMEOUT_FOREVER_MS = 10000, /* what message-block-timeout 0 (no limit) means here: every wait ends */
};

struct iommu_unit iommu_units[UNIT_MAX];
unsigned iommu_unit_count __sealed;
struct iommu_cap iommu_common __sealed;
bool iommu_some_failed;

/* --- Boot ------------------------------------------------------------------------------------- */

static int unit_probe_and_block(struct iommu_unit *u, const struct board_unit *b)
{
	int err = arch_hyp_map(pa(b->base), b->size, PROT_READ | PROT_WRITE | PROT_DEVICE);

	if (err) {
		return err;
	}
	u->base = (uintptr_t)arch_va(pa(b->base));
	u->size = b->size;
	u->irq[0] = b->evtq_irq;
	u->irq[1] = b->gerr_irq;
	u->irq[2] = b->sync_irq;
	err = iommu_hw_probe(u);
	return err ? err : iommu_hw_block(u);
}

int iommu_probe_and_block(const struct board *b, uint32_t timeout_ms)
{
	int result = 0;

	iommu_unit_count = b->unit_count < UNIT_MAX ? b->unit_count : (unsigned)UNIT_MAX;
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		struct iommu_unit *u = &iommu_units[i];
		int err;

		u->id = i;
		u->timeout_us = (timeout_ms ? timeout_ms : TIMEOUT_FOREVER_MS) * 1000u;
		err = unit_probe_and_block(u, &b->unit[i]);
		if (err) {
			log_error(ARCH_UNIT " %u at 0x%lx: cannot be put into the blocking state (error %d)", i,
				  (unsigned long)b->unit[i].base, -err);
			u->failed = true;
			result = err;
		}
	}
	return result;
}

static uint8_t min8(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

static uint8_t max8(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* The first usable unit sets the table format; one that needs another format stays blocked and is reported. */
void caps_merge(void)
{
	struct iommu_cap *m = &iommu_common;

	m->fmt = NULL;
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		struct iommu_unit *u = &iommu_units[i];

		if (u->failed) {
			continue;
		}
		if (!m->fmt) {
			*m = u->cap;
			m->in_bits = min8(m->in_bits, PAGE_SHIFT + 9 * LEVELS);
			m->levels_min = LEVELS;
		} else if (u->cap.fmt != m->fmt) {
			log_error(ARCH_UNIT " %u wants tables of format %s, the others %s: it stays blocked", i,
				  u->cap.fmt->name, m->fmt->name);
			u->failed = true;
			continue;
		}
		m->in_bits = min8(m->in_bits, u->cap.in_bits);
		m->out_bits = min8(m->out_bits, u->cap.out_bits);
		m->levels_min = max8(m->levels_min, u->cap.levels_min);
		m->coherent = m->coherent && u->cap.coherent;
		m->read_implied = m->read_implied || u->cap.read_implied;
		m->live_split = m->live_split && u->cap.live_split;
		m->map_inv = m->map_inv || u->cap.map_inv;
		m->domain_max = m->domain_max < u->cap.domain_max ? m->domain_max : u->cap.domain_max;
	}
}

static int unit_enable(struct iommu_unit *u)
{
	int err;

	spin_lock(&u->lock);
	err = iommu_hw_enable(u);
	if (err) {
		u->failed = true;
		iommu_hw_block_now(u);
	}
	spin_unlock(&u->lock);
	for (unsigned i = 0; !err && i < ARRAY_COUNT(u->irq); i++) {
		if (u->irq[i] != 0) {
			irq_set_handler(u->irq[i], iommu_irq, IOMMU_IRQ_CPU, true);
		}
	}
	return err;
}

int endpoints_attach(const struct iommu_client *c)
{
	int result = 0;

	for (unsigned i = 0; i < endpoint_count(); i++) {
		struct endpoint *ep = endpoint_by_index(i);
		struct smmu_object *o = ep->object;
		int err;

		if (ep->client != c || !o) {
			continue;
		}
		ep->object = NULL;
		err = unit_usable(ep->cfg->unit) ? endpoint_attach(ep, o) : -BH_ENODEV;
		if (err) {
			log_error("device %s cannot be attached (error %d)", ep->cfg->name, -err);
			result = err;
		}
	}
	return result;
}

static int client_attach(struct iommu_client *c)
{
	int err;

	spin_lock(&c->lock);
	err = endpoints_attach(c);
	spin_unlock(&c->lock);
	return err;
}

/*
 * Every configured stream gets its (invalid) entry now, so that no later attach runs out of stream-table
 * memory, whatever streams nobody configured are muted until then.
 */
static int streams_reserve(void)
{
	int result = 0;

	for (unsigned i = 0; i < endpoint_count(); i++) {
		const struct cfg_device *d = endpoint_by_index(i)->cfg;
		int err = unit_usable(d->unit) ? unit_mute(d->unit, d->sid, NULL, false) : -BH_ENODEV;

		if (err) {
			log_error("device %s: no entry for " ARCH_SID " 0x%x in unit %u (error %d)", d->name,
				  d->sid, d->unit, -err);
			result = err;
		}
	}
	return result;
}

int iommu_enable(void)
{
	int result = 0;
	int err;

	for (unsigned i = 0; i < iommu_unit_count; i++) {
		err = iommu_units[i].failed ? -BH_ENODEV : unit_enable(&iommu_units[i]);
		if (err) {
			log_error(ARCH_UNIT " %u cannot be enabled (error %d)", i, -err);
			result = err;
		}
	}
	err = streams_reserve();
	result = err ? err : result;
	err = client_attach(&iommu_client0);
	result = err ? err : result;
	for (unsigned i = 0; i < vm_count; i++) {
		err = client_attach(&vms[i].client);
		result = err ? err : result;
	}
	return result;
}

void iommu_block_all(void)
{
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		iommu_hw_block_now(&iommu_units[i]);
	}
}

/* --- Failure ---------------------------------------------------------------------------------- */

bool unit_usable(unsigned unit)
{
	return unit < iommu_unit_count && !__atomic_load_n(&iommu_units[unit].failed, __ATOMIC_ACQUIRE);
}

/* u->lock held. From here on nothing behind this unit reaches memory, whatever its tables say [I1]. */
static void unit_fail(struct iommu_unit *u, const char *what)
{
	iommu_some_failed = true;
	if (u->reported) {
		return;
	}
	u->reported = true;
	if (!u->failed) {
		__atomic_store_n(&u->failed, true, __ATOMIC_RELEASE);
		iommu_hw_block_now(u);
	}
	log_error(ARCH_UNIT " %u: %s (waited up to %u ms): all its streams are blocked now", u->id, what,
		  u->timeout_us / 1000u);
}

bool domain_broken(const struct smmu_object *o)
{
	for (uint32_t left = o->domain.units; left; left &= left - 1) {
		if (!unit_usable((unsigned)__builtin_ctz(left))) {
			return true;
		}
	}
	return false;
}

void unit_error(struct iommu_unit *u)
{
	char text[120];
	bool fatal = false;
	bool found;

	spin_lock(&u->lock);
	found = !u->failed && iommu_hw_error(u, &fatal, text, sizeof(text));
	if (found && fatal) {
		unit_fail(u, text);
	}
	spin_unlock(&u->lock);
	if (found && !fatal) {
		log_warn(ARCH_UNIT " %u: %s", u->id, text);
	}
}

/* --- Commit: what the tables say becomes what the hardware does ------------------------------- */

/* Neighbouring ranges become one command: a sorted batch costs one invalidation, not hundreds. */
void change_note(struct change_list *l, const struct pt_change *c)
{
	struct pt_change *last = l->count ? &l->c[l->count - 1] : NULL;

	if (!c->stale) {
		return;
	}
	if (last && last->ia + last->size == c->ia) {
		last->size += c->size;
		last->tables = last->tables || c->tables;
		last->leaf |= c->leaf;
	} else if (l->count < CHANGE_MAX) {
		l->c[l->count++] = *c;
	} else {
		l->all = true;
	}
}

static int unit_commit(struct iommu_unit *u, const struct iommu_domain *d, const struct change_list *l)
{
	int err = -BH_EIO;

	spin_lock(&u->lock);
	if (!u->failed) {
		if (l->all) {
			iommu_hw_inv_domain(u, d);
		} else {
			for (unsigned i = 0; i < l->count; i++) {
				iommu_hw_inv_range(u, d, &l->c[i]);
			}
		}
		err = iommu_hw_sync(u);
		if (err) {
			unit_fail(u, "did not complete an invalidation");
			err = -BH_EIO;
		}
	}
	spin_unlock(&u->lock);
	return err;
}

int domain_commit(struct smmu_object *o, const struct change_list *l)
{
	int result = 0;

	if (l->count == 0 && !l->all) {
		return domain_broken(o) ? -BH_EIO : 0;
	}
	for (uint32_t left = o->domain.units; left; left &= left - 1) {
		int err = unit_commit(&iommu_units[__builtin_ctz(left)], &o->domain, l);

		result = err ? err : result;
		o->stats.invalidations += l->all ? 1 : l->count;
	}
	return result;
}

int domain_commit_one(struct smmu_object *o, const struct pt_change *c)
{
	int result = 0;

	for (uint32_t left = o->domain.units; left; left &= left - 1) {
		struct iommu_unit *u = &iommu_units[__builtin_ctz(left)];
		int err = -BH_EIO;

		spin_lock(&u->lock);
		if (!u->failed) {
			iommu_hw_inv_range(u, &o->domain, c);
			err = iommu_hw_sync(u);
			if (err) {
				unit_fail(u, "did not complete an invalidation");
				err = -BH_EIO;
			}
		}
		spin_unlock(&u->lock);
		result = err ? err : result;
		o->stats.invalidations++;
	}
	return result;
}

int domain_flush(struct smmu_object *o)
{
	struct change_list l;

	change_init(&l);
	l.all = true;
	return domain_commit(o, &l);
}

/* --- Streams ---------------------------------------------------------------------------------- */

/* True if another endpoint than ep uses the object behind this unit. */
static bool unit_shared(const struct endpoint *ep, const struct smmu_object *o, unsigned unit)
{
	for (unsigned i = 0; i < endpoint_count(); i++) {
		const struct endpoint *e = endpoint_by_index(i);

		if (e != ep && e->object == o && e->cfg->unit == unit) {
			return true;
		}
	}
	return false;
}

/*
 * The last endpoint behind this unit has left the object: what the unit still caches of its domain must go now, because
 * later changes will not be sent there, and the endpoint may come back [I4].
 */
static int unit_forget(const struct endpoint *ep, struct smmu_object *o)
{
	unsigned unit = ep->cfg->unit;
	struct change_list l;
	int err;

	if (unit_shared(ep, o, unit)) {
		return 0;
	}
	change_init(&l);
	l.all = true;
	err = unit_commit(&iommu_units[unit], &o->domain, &l);
	o->domain.units &= ~(1u << unit);
	return err;
}

static int hw_attach(struct endpoint *ep, const struct iommu_domain *d)
{
	struct iommu_unit *u = &iommu_units[ep->cfg->unit];
	sid_t sid = ep->cfg->sid;
	int err = -BH_EIO;

	spin_lock(&u->lock);
	if (!u->failed) {
		err = d ? iommu_hw_attach(u, sid, d) : iommu_hw_detach(u, sid);
		if (!err && ep->muted) {
			err = iommu_hw_mute(u, sid, d, true);
		}
		if (err == -BH_EIO || err == -BH_ETIMEDOUT) {
			unit_fail(u, "did not confirm a change of a stream");
			err = -BH_EIO;
		}
	}
	spin_unlock(&u->lock);
	return err;
}

int endpoint_attach(struct endpoint *ep, struct smmu_object *o)
{
	struct smmu_object *old = ep->object;
	uint32_t bit = 1u << ep->cfg->unit;
	bool had = (o->domain.units & bit) != 0;
	int err;

	/* Before the unit may cache anything of this domain, so that no change can miss it. */
	o->domain.units |= bit;
	err = hw_attach(ep, &o->domain);
	if (err) {
		if (!had) {
			o->domain.units &= ~bit;
		}
		return err;
	}
	ep->object = o;
	return old ? unit_forget(ep, old) : 0;
}

int endpoint_detach(struct endpoint *ep)
{
	struct smmu_object *old = ep->object;
	int err;
	int forget;

	if (!old) {
		return 0;
	}
	err = hw_attach(ep, NULL);
	CHECK(err == 0 || err == -BH_EIO);
	ep->object = NULL;
	forget = unit_forget(ep, old);
	return err ? err : forget;
}

int unit_mute(unsigned unit, sid_t sid, const struct iommu_domain *d, bool muted)
{
	struct iommu_unit *u = &iommu_units[unit];
	int err = -BH_EIO;

	spin_lock(&u->lock);
	if (!u->failed) {
		err = iommu_hw_mute(u, sid, d, muted);
		if (err == -BH_EIO || err == -BH_ETIMEDOUT) {
			unit_fail(u, "did not confirm a change of a stream");
			err = -BH_EIO;
		}
	}
	spin_unlock(&u->lock);
	return err;
}

bool unit_fault_next(struct iommu_unit *u, struct iommu_fault *f, bool *lost)
{
	bool found;

	spin_lock(&u->lock);
	found = !u->failed && iommu_hw_fault_next(u, f, lost);
	spin_unlock(&u->lock);
	return found;
}

unsigned unit_entry_read(const struct endpoint *ep, uint64_t words[8], char *text, size_t size)
{
	struct iommu_unit *u = &iommu_units[ep->cfg->unit];
	unsigned n;

	spin_lock(&u->lock);
	n = iommu_hw_entry_read(u, ep->cfg->sid, words, text, size);
	spin_unlock(&u->lock);
	return n;
}
