/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault records on their way to clients: a ring of FAULT_RING each. Full means that new records are dropped
 * and the next one handed out says so; nothing ever waits for a reader [I6]. A client collects from its first
 * registration on; the registration itself is one-shot, and registering while records wait delivers at once,
 * so that no wake-up is lost between the last smmu_xfer_status() and the next smmu_xfer_notify().
 */
#include <hyp/iommu_priv.h>

#include <arch/time.h>
#include <bulkhead/errno.h>
#include <hyp/vm.h>

void ring_reset(struct iommu_client *c)
{
	c->collecting = false;
	c->armed = false;
	c->dropped = false;
	c->ring_head = 0;
	c->ring_count = 0;
}

/* True: the client is to be told now. */
static bool ring_push(struct iommu_client *c, const struct fault_record *rec)
{
	bool tell;

	if (!c->attached || !c->collecting) {
		return false;
	}
	if (c->ring_count == FAULT_RING) {
		c->dropped = true;
		if (rec->muted) {
			/* That a device is silent from now on must be told: worth the last record of its storm. */
			c->ring[(c->ring_head + FAULT_RING - 1) % FAULT_RING] = *rec;
		}
	} else {
		c->ring[(c->ring_head + c->ring_count) % FAULT_RING] = *rec;
		c->ring_count++;
	}
	tell = c->armed;
	c->armed = false;
	return tell;
}

void fault_record_send(const struct fault_record *rec, struct vm *owner)
{
	for (unsigned i = 0; i < vm_count; i++) {
		struct vm *vm = &vms[i];
		bool tell;

		if (vm != owner && (vm->cfg->rights & CFG_VM_MONITOR) == 0) {
			continue;
		}
		spin_lock(&vm->client.lock);
		tell = ring_push(&vm->client, rec);
		spin_unlock(&vm->client.lock);
		if (tell) {
			vm_pend_virq(vm, vm->cfg->fault_virq);
		}
	}
}

void fault_lost_send(void)
{
	for (unsigned i = 0; i < vm_count; i++) {
		struct iommu_client *c = &vms[i].client;
		bool tell = false;

		spin_lock(&c->lock);
		if (c->attached && c->collecting) {
			c->dropped = true;
			tell = c->armed;
			c->armed = false;
		}
		spin_unlock(&c->lock);
		if (tell) {
			vm_pend_virq(&vms[i], vms[i].cfg->fault_virq);
		}
	}
}

int64_t smmu_xfer_notify(struct vm *vm, uint64_t arm)
{
	struct iommu_client *c = client_of(vm);
	bool tell = false;
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		if (arm > 1) {
			err = -BH_EINVAL;
		} else if (arm == 1 && vm->cfg->fault_virq == 0) {
			err = -BH_EPERM; /* the configuration gave it no interrupt to be told by */
		} else {
			err = 0;
			c->collecting = c->collecting || arm == 1;
			tell = arm == 1 && (c->ring_count > 0 || c->dropped);
			c->armed = arm == 1 && !tell;
		}
	}
	spin_unlock(&c->lock);
	if (tell) {
		vm_pend_virq(vm, vm->cfg->fault_virq);
	}
	return err;
}

int64_t smmu_xfer_status(struct vm *vm, struct fault_record *out)
{
	struct iommu_client *c = client_of(vm);
	int err = -BH_ENOTCONN;

	spin_lock(&c->lock);
	if (c->attached) {
		err = -BH_EAGAIN;
		if (c->ring_count > 0) {
			*out = c->ring[c->ring_head];
			out->dropped = c->dropped;
			c->dropped = false;
			c->ring_head = (uint16_t)((c->ring_head + 1) % FAULT_RING);
			c->ring_count--;
			err = 0;
		} else if (c->dropped) {
			/* The unit lost records, perhaps all of ours: said without a record to say it with. */
			*out = (struct fault_record){ .fault = { .reason = FAULT_OTHER }, .dropped = true,
						      .time = arch_time_ticks(), .endpoint = FAULT_ENDPOINT_NONE,
						      .vm = FAULT_VM_NONE };
			c->dropped = false;
			err = 0;
		}
	}
	spin_unlock(&c->lock);
	return err;
}
