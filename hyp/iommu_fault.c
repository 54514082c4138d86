/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refused accesses: from a unit's interrupt to the record of its owner. Owns the storm counters. Bounded in every
 * direction [I6]: records per interrupt, records per device and window, console lines per second; a device above
 * its limit is muted, which means still blocked but no longer recorded, and everybody concerned is told once.
 */
#include <hyp/iommu_priv.h>

#include <arch/config.h>
#include <arch/cpu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <hyp/vm.h>

enum {
	BUDGET = 128,             /* records per interrupt; then other work gets its turn */
	UNKNOWN_MAX = 16,         /* streams without a configured device that are counted one by one */
	LOG_WINDOW_US = 1000000,
	LOG_PER_DEVICE = 4,       /* lines per window: the console is slow and its CPU runs a partition */
	LOG_TOTAL = 12,
	TEXT_MAX = 256,
};

/* A stream the configuration does not name. Only the CPU that takes the interrupts touches these. */
struct unknown {
	bool used;
	bool muted;
	unsigned unit;
	sid_t sid;
	uint64_t start_us;
	uint32_t count;
};

static struct unknown unknown[UNKNOWN_MAX];
static uint64_t log_start_us;
static uint32_t log_count;
static uint64_t faults_lost;    /* times a unit said that it dropped records */
static uint64_t faults_unknown; /* records that name no configured device */
static uint32_t backlog;        /* bit n: unit n had more than one budget of records */

/* Counts one more event in its window; true while it is within the limit. */
static bool window_admit(uint64_t *start, uint32_t *count, uint64_t now, uint32_t window, uint32_t limit)
{
	if (*count == 0 || now - *start > window) {
		*start = now;
		*count = 0;
	}
	if (*count > limit) {
		return false;
	}
	(*count)++;
	return *count <= limit;
}

static bool log_admit(uint64_t *start, uint32_t *count, uint64_t now)
{
	return window_admit(start, count, now, LOG_WINDOW_US, LOG_PER_DEVICE) &&
	       window_admit(&log_start_us, &log_count, now, LOG_WINDOW_US, LOG_TOTAL);
}

/*
 * Locked if there is an object. An invalid stream entry is how "attached to nothing" looks: the unit calls it a bad
 * entry, we do not. And where a unit only says "refused", the tables say why, as they are by now.
 */
static void reason_normalise(struct iommu_fault *f, const struct smmu_object *o)
{
	if (f->reason == FAULT_TABLE && !o && !f->addr_valid) {
		f->reason = FAULT_BLOCKED;
	}
	if (f->reason == FAULT_UNMAPPED && o && f->addr_valid && iommu_units[f->unit].cap.one_reason) {
		unsigned height;

		f->reason = pgtable_leaf(&o->domain.pt, f->addr, &height) != 0 ? FAULT_PERMISSION : FAULT_UNMAPPED;
	}
}

static struct fault_record record_make(const struct iommu_fault *f, const struct endpoint *ep, bool muted)
{
	struct fault_record r = { .fault = *f, .time = arch_time_ticks(), .muted = muted };

	r.endpoint = (uint16_t)(ep ? ep->index : FAULT_ENDPOINT_NONE);
	r.vm = (uint8_t)(ep && ep->vm ? ep->vm->index : FAULT_VM_NONE);
	return r;
}

/* --- Configured devices ----------------------------------------------------------------------- */

/* An endpoint that nobody may claim changes only here. */
static struct spinlock *endpoint_lock(const struct endpoint *ep)
{
	return ep->client ? &ep->client->lock : &iommu_client0.lock;
}

/* What has to be done after the lock is released. */
struct verdict {
	bool send;
	bool muted; /* by this record */
	bool log;
};

static void endpoint_mute(struct endpoint *ep, uint64_t now, struct verdict *v)
{
	const struct iommu_domain *d = ep->object ? &ep->object->domain : NULL;

	ep->storm_start_us = now;
	ep->storm_count = 0;
	ep->muted = unit_mute(ep->cfg->unit, ep->cfg->sid, d, true) == 0;
	v->muted = true;
}

/* Locked. */
static struct verdict endpoint_count_fault(struct endpoint *ep, char text[TEXT_MAX], struct iommu_fault *f)
{
	struct verdict v = { false, false, false };
	uint64_t now = arch_time_us();

	reason_normalise(f, ep->object);
	ep->faults++;
	if (ep->object) {
		ep->object->stats.faults++;
	}
	if (ep->muted) {
		return v; /* was on its way before the mute */
	}
	v.send = true;
	v.log = log_admit(&ep->log_start_us, &ep->log_count, now);
	if (!window_admit(&ep->storm_start_us, &ep->storm_count, now, STORM_WINDOW_US, STORM_FAULTS)) {
		endpoint_mute(ep, now, &v);
	}
	if (v.log) {
		(void)fault_text(text, TEXT_MAX, iommu_cfg, f, ep);
	}
	return v;
}

static void endpoint_fault(struct endpoint *ep, struct iommu_fault *f)
{
	struct spinlock *lock = endpoint_lock(ep);
	char text[TEXT_MAX];
	struct fault_record rec;
	struct verdict v;

	spin_lock(lock);
	v = endpoint_count_fault(ep, text, f);
	spin_unlock(lock);
	if (v.log) {
		log_info("fault: %s", text);
	}
	if (v.muted) {
		log_warn("device %s: more than %u faults in %u ms: muted, it stays blocked but is not recorded",
			 ep->cfg->name, STORM_FAULTS, STORM_WINDOW_US / 1000);
	}
	if (v.send) {
		rec = record_make(f, ep, v.muted);
		fault_record_send(&rec, ep->vm);
	}
}

/* --- Everything else -------------------------------------------------------------------------- */

/* The stream's counters; the one that was quiet for longest makes room. */
static struct unknown *unknown_get(unsigned unit, sid_t sid)
{
	struct unknown *oldest = &unknown[0];

	for (unsigned i = 0; i < UNKNOWN_MAX; i++) {
		struct unknown *u = &unknown[i];

		if (u->used && u->unit == unit && u->sid == sid) {
			return u;
		}
		if (oldest->used && (!u->used || u->start_us < oldest->start_us)) {
			oldest = u;
		}
	}
	*oldest = (struct unknown){ .used = true, .unit = unit, .sid = sid };
	return oldest;
}

static void unknown_fault(struct iommu_fault *f)
{
	struct unknown *u = unknown_get(f->unit, f->sid_valid ? f->sid : ~(sid_t)0);
	uint64_t now = arch_time_us();
	char text[TEXT_MAX];
	struct fault_record rec;
	bool storm = false;

	faults_unknown++;
	reason_normalise(f, NULL);
	if (u->muted) {
		return;
	}
	if (u->count < LOG_PER_DEVICE && window_admit(&log_start_us, &log_count, now, LOG_WINDOW_US, LOG_TOTAL)) {
		(void)fault_text(text, sizeof(text), iommu_cfg, f, NULL);
		log_info("fault: %s", text);
	}
	if (!window_admit(&u->start_us, &u->count, now, STORM_WINDOW_US, STORM_FAULTS)) {
		storm = true;
		/* Also where the unit cannot be told (no such entry): then at least nobody is told again. */
		u->muted = true;
		if (f->sid_valid) {
			(void)unit_mute(f->unit, f->sid, NULL, true);
		}
		if (window_admit(&log_start_us, &log_count, now, LOG_WINDOW_US, LOG_TOTAL)) {
			log_warn("unknown device (unit %u, " ARCH_SID " 0x%x): more than %u faults in %u ms: muted",
				 f->unit, f->sid, STORM_FAULTS, STORM_WINDOW_US / 1000);
		}
	}
	rec = record_make(f, NULL, storm);
	fault_record_send(&rec, NULL);
}

static void fault_handle(struct iommu_fault *f)
{
	struct endpoint *ep = f->sid_valid ? endpoint_find(f->unit, f->sid) : NULL;

	if (ep) {
		endpoint_fault(ep, f);
	} else {
		unknown_fault(f);
	}
}

/* --- Interrupt -------------------------------------------------------------------------------- */

static void unit_drain(struct iommu_unit *u)
{
	struct iommu_fault f;
	bool lost = false;
	bool more = true;

	for (unsigned n = 0; more && n < BUDGET; n++) {
		bool dropped = false;

		more = unit_fault_next(u, &f, &dropped);
		lost = lost || dropped;
		if (more) {
			fault_handle(&f);
		}
	}
	backlog = more ? backlog | 1u << u->id : backlog & ~(1u << u->id);
	if (lost) {
		faults_lost++;
		fault_lost_send();
		if (window_admit(&log_start_us, &log_count, arch_time_us(), LOG_WINDOW_US, LOG_TOTAL)) {
			log_warn(ARCH_UNIT " %u dropped fault records: too many at once", u->id);
		}
	}
	unit_error(u);
}

/* The unit does not interrupt again for records it has already announced: we remind ourselves. */
static void backlog_remind(void)
{
	if (backlog != 0) {
		arch_ipi_send(arch_cpu_this());
	}
}

void iommu_irq(uint32_t irq)
{
	for (unsigned i = 0; i < iommu_unit_count; i++) {
		struct iommu_unit *u = &iommu_units[i];

		if (irq == u->irq[0] || irq == u->irq[1] || irq == u->irq[2]) {
			unit_drain(u);
		}
	}
	backlog_remind();
}

void iommu_poll(void)
{
	uint32_t left = backlog;

	if (left == 0 || arch_cpu_this() != IOMMU_IRQ_CPU) {
		return;
	}
	for (; left; left &= left - 1) {
		unit_drain(&iommu_units[__builtin_ctz(left)]);
	}
	backlog_remind();
}

struct fault_totals iommu_fault_totals(void)
{
	return (struct fault_totals){ .lost = faults_lost, .unknown = faults_unknown };
}

/* --- Un-muting -------------------------------------------------------------------------------- */

static int endpoint_unmute(struct endpoint *ep)
{
	const struct iommu_domain *d = ep->object ? &ep->object->domain : NULL;
	int err;

	if (!ep->muted) {
		return 0;
	}
	/* Otherwise un-muting in a loop would let one device's storm go on at another partition's expense [I6]. */
	if (arch_time_us() - ep->storm_start_us < STORM_WINDOW_US) {
		return -BH_EAGAIN;
	}
	err = unit_mute(ep->cfg->unit, ep->cfg->sid, d, false);
	if (!err) {
		ep->muted = false;
		ep->storm_count = 0;
	}
	return err;
}

int64_t smmu_device_unmute(struct vm *vm, const struct smmu_devid *id)
{
	struct endpoint *ep;
	int err;

	if (!vm->client.attached) {
		return -BH_ENOTCONN;
	}
	err = endpoint_get(id, &ep);
	if (err) {
		return err;
	}
	if (ep->vm != vm && (vm->cfg->rights & CFG_VM_MONITOR) == 0) {
		return -BH_EPERM;
	}
	spin_lock(endpoint_lock(ep));
	err = endpoint_unmute(ep);
	spin_unlock(endpoint_lock(ep));
	return err;
}
