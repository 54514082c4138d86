/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions: built once from the checked configuration, their stage 2 is constant from then on. Owns who may
 * reach which guest-physical address [I2, I3] and the partition's life: running, stopped, started again.
 */
#include <hyp/vm.h>

#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/time.h>
#include <bulkhead/errno.h>
#include <hyp/check.h>
#include <hyp/console.h>
#include <hyp/entry.h>
#include <hyp/hypercall.h>
#include <hyp/irq.h>
#include <hyp/log.h>
#include <hyp/pci.h>
#include <hyp/string.h>

enum { STOP_TIMEOUT_US = 2000000 };

struct vm vms[VM_MAX];
unsigned vm_count __sealed;

static struct vcpu *cpu_vcpu[CPU_MAX] __sealed; /* who runs on which CPU, for ever */
static unsigned running_count;

struct vcpu *vcpu_on_cpu(unsigned cpu)
{
	return cpu < CPU_MAX ? cpu_vcpu[cpu] : NULL;
}

static bool region_grants(const struct cfg_region *r, ipa_t addr, uint64_t size, unsigned prot)
{
	return range_inside(addr.v, size, r->ipa, r->size) && (r->prot & prot) == prot;
}

const struct cfg_region *vm_region_find(const struct vm *vm, ipa_t addr, uint64_t size, unsigned prot)
{
	if (!range_ok(addr.v, size)) {
		return NULL;
	}
	for (unsigned i = 0; i < vm->cfg->region_count; i++) {
		if (region_grants(&vm->cfg->region[i], addr, size, prot)) {
			return &vm->cfg->region[i];
		}
	}
	for (unsigned i = 0; i < vm->bar_count; i++) {
		if (region_grants(&vm->bar[i], addr, size, prot)) {
			return &vm->bar[i];
		}
	}
	return NULL;
}

void vm_pend_virq(struct vm *vm, uint32_t virq)
{
	if (vm->state == VM_RUNNING) {
		arch_vm_pend_virq(vm, virq);
	}
}

/* The pool was sized by a checked configuration: running out here is a mistake of ours. */
static void map_region(struct vm *vm, const struct cfg_region *r)
{
	bool blocks = ((r->ipa ^ r->pa) & (MIB(2) - 1)) == 0;
	uint64_t chunk = blocks ? GIB(1) : MIB(8);
	bool overlap;

	for (uint64_t done = 0; done < r->size; done += chunk) {
		uint64_t n = r->size - done < chunk ? r->size - done : chunk;
		int e = pgtable_prepare(&vm->s2, r->ipa + done, r->pa + done, n, &overlap);

		if (e != 0 || overlap) {
			hyp_panic("panic: partition %s: region %s at 0x%lx cannot be mapped (%d): raise pool_pages",
				  vm->cfg->name, r->name, r->ipa, e);
		}
		pgtable_map(&vm->s2, r->ipa + done, r->pa + done, n, r->prot);
	}
}

void vm_map_bar(struct vm *vm, const char *name, pa_t base, uint64_t size)
{
	struct cfg_region *r = &vm->bar[vm->bar_count];

	CHECK(vm->bar_count < VM_BAR_MAX);
	*r = (struct cfg_region){
		.name = name,
		.ipa = base.v,
		.pa = base.v,
		.size = size,
		.prot = PROT_READ | PROT_WRITE | PROT_DEVICE,
	};
	vm->bar_count++;
	map_region(vm, r);
}

void vm_trap_add(struct vm *vm, uint64_t addr, uint64_t size, unsigned kind)
{
	CHECK(vm->trap_count < VM_TRAP_MAX);
	vm->trap[vm->trap_count++] = (struct vm_trap){ addr, size, kind };
}

bool hyp_s2_fault(struct vcpu *vcpu, ipa_t addr, struct mmio *m)
{
	const struct vm *vm = vcpu->vm;

	for (unsigned i = 0; i < vm->trap_count; i++) {
		const struct vm_trap *t = &vm->trap[i];

		if (addr.v - t->ipa < t->size && t->size - (addr.v - t->ipa) >= m->size) {
			if (t->kind == VM_TRAP_ECAM) {
				pci_cfg_access(vcpu->vm, addr.v - t->ipa, m);
			} else if (t->kind == VM_TRAP_MSIX) {
				pci_msix_access(vcpu->vm, addr.v, m);
			} else {
				arch_vm_mmio(vcpu, t->kind, addr.v - t->ipa, m);
			}
			return true;
		}
	}
	return false;
}

/* By the GiB: argument pages of the run before may have left tables of pages in our map of each. */
static void region_map(const struct cfg_region *r)
{
	for (uint64_t done = 0, n; done < r->size; done += n) {
		n = GIB(1) - ((r->pa + done) & (GIB(1) - 1));
		n = n < r->size - done ? n : r->size - done;
		CHECK(arch_hyp_map(pa(r->pa + done), n, PROT_READ | PROT_WRITE) == 0);
	}
}

/* Clears the partition's RAM, so that nothing of a previous owner or run is left, and copies its images. */
static void load_memory(struct vm *vm)
{
	const struct cfg_vm *cfg = vm->cfg;

	for (unsigned i = 0; i < cfg->region_count; i++) {
		const struct cfg_region *r = &cfg->region[i];

		if (r->prot & PROT_DEVICE) {
			continue;
		}
		region_map(r);
		arch_mem_zero(arch_va(pa(r->pa)), r->size);
		/* The guest starts with its caches off, and a device may not look into ours. */
		arch_cache_clean_inv(arch_va(pa(r->pa)), r->size);
		for (unsigned n = 0; n < cfg->image_count; n++) {
			const struct cfg_image *img = &cfg->image[n];
			size_t size = (size_t)(img->end - img->start);

			if (range_inside(img->ipa, size, r->ipa, r->size)) {
				uint8_t *to = arch_va(pa(r->pa + (img->ipa - r->ipa)));

				memcpy(to, img->start, size);
				arch_cache_clean_inv(to, size);
			}
		}
		if (i == 0) {
			arch_vm_load(vm);
		}
		arch_hyp_unmap(pa(r->pa), r->size);
	}
}

static void build(struct vm *vm, const struct cfg_vm *cfg, unsigned index)
{
	vm->index = index;
	vm->cfg = cfg;
	vm->vcpu_count = cfg->cpu_count;
	CHECK(pool_init(&vm->pool, cfg->pool_pages) == 0);
	CHECK(pgtable_init(&vm->s2, &arch_s2_fmt, ARCH_S2_LEVELS, true, &vm->pool) == 0);
	for (unsigned i = 0; i < cfg->region_count; i++) {
		map_region(vm, &cfg->region[i]);
	}
	arch_vm_init(vm);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *v = &vm->vcpu[i];

		v->vm = vm;
		v->index = i;
		v->cpu = cfg->cpu[i];
		v->state = VCPU_OFF;
		cpu_vcpu[v->cpu] = v;
		arch_vcpu_init(v);
	}
	for (unsigned i = 0; i < cfg->irq_count; i++) {
		irq_set_owner(cfg->irq[i].irq, vm, cfg->irq[i].virq, cfg->irq[i].edge);
	}
	load_memory(vm);
}

static void start(struct vm *vm)
{
	vm->vcpu[0].start_pc = vm->cfg->entry;
	vm->vcpu[0].start_arg = vm->cfg->arg;
	__atomic_store_n(&vm->state, VM_RUNNING, __ATOMIC_RELEASE);
	__atomic_store_n(&vm->vcpu[0].state, VCPU_STARTING, __ATOMIC_RELEASE);
}

void vm_build_all(const struct hyp_config *cfg)
{
	for (unsigned i = 0; i < cfg->vm_count; i++) {
		build(&vms[i], &cfg->vm[i], i);
	}
	vm_count = cfg->vm_count;
}

void vm_start_all(void)
{
	running_count = vm_count;
	for (unsigned i = 0; i < vm_count; i++) {
		start(&vms[i]);
	}
}

int vcpu_start(struct vm *vm, unsigned index, uint64_t pc, uint64_t arg)
{
	enum vcpu_state off = VCPU_OFF;
	struct vcpu *v;

	if (index >= vm->vcpu_count) {
		return -BH_EINVAL;
	}
	v = &vm->vcpu[index];
	/* Claim it first: two callers may race for the same CPU. */
	if (!__atomic_compare_exchange_n(&v->state, &off, VCPU_CLAIMED, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		return -BH_EBUSY;
	}
	/* The stopper sets the state first and then looks for claimed CPUs: one of us two sees the other. */
	if (__atomic_load_n(&vm->state, __ATOMIC_SEQ_CST) != VM_RUNNING) {
		__atomic_store_n(&v->state, VCPU_OFF, __ATOMIC_SEQ_CST);
		return -BH_EBUSY;
	}
	v->start_pc = pc;
	v->start_arg = arg;
	__atomic_store_n(&v->state, VCPU_STARTING, __ATOMIC_RELEASE);
	arch_ipi_send(v->cpu);
	return 0;
}

void vcpu_off(struct vcpu *self)
{
	arch_vcpu_off(self);
	self->stop = false;
	__atomic_store_n(&self->state, VCPU_OFF, __ATOMIC_SEQ_CST);
	arch_vcpu_run(self);
}

void hyp_ipi(void)
{
	struct vcpu *v = cpu_vcpu[arch_cpu_this()];

	iommu_poll();
	/* One that is only claimed is still its claimer's, who will see that the partition stops. */
	if (v && __atomic_load_n(&v->stop, __ATOMIC_ACQUIRE) &&
	    __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) >= VCPU_STARTING) {
		vcpu_off(v);
	}
}

/* After this no other vCPU of the partition executes: its guest code can change nothing any more. */
static void stop_others(struct vm *vm, const struct vcpu *self)
{
	uint64_t end = arch_time_us() + STOP_TIMEOUT_US;

	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *v = &vm->vcpu[i];

		if (v == self) {
			continue;
		}
		__atomic_store_n(&v->stop, true, __ATOMIC_RELEASE);
		arch_ipi_send(v->cpu);
		/* The longest call is bounded, but a slow console can make it long: waited for, and said. */
		while (__atomic_load_n(&v->state, __ATOMIC_SEQ_CST) != VCPU_OFF) {
			if (arch_time_us() > end) {
				log_warn("partition %s: vcpu %u is slow to stop", vm->cfg->name, v->index);
				end = UINT64_MAX;
			}
			arch_cpu_relax();
		}
		v->stop = false;
	}
}

/* Everything the partition had is taken back, DMA first [I1]. Only one vCPU gets past the first line. */
static void take_down(struct vcpu *self)
{
	struct vm *vm = self->vm;
	enum vm_state running = VM_RUNNING;

	if (!__atomic_compare_exchange_n(&vm->state, &running, VM_STOPPED, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		vcpu_off(self); /* another vCPU was first */
	}
	stop_others(vm, self);
	iommu_vm_stop(vm);
	pci_vm_stop(vm);
	irq_vm_stop(vm);
	console_vm_flush(vm);
	hypercall_vm_stop(vm);
}

void vm_stop(struct vcpu *self, const char *why)
{
	struct vm *vm = self->vm;

	take_down(self);
	log_info("partition %s stopped: %s", vm->cfg->name, why);
	if (__atomic_sub_fetch(&running_count, 1, __ATOMIC_SEQ_CST) == 0) {
		hyp_power_off("every partition has stopped");
	}
	vcpu_off(self);
}

void vm_restart(struct vcpu *self)
{
	struct vm *vm = self->vm;

	take_down(self);
	arch_vcpu_off(self);
	log_info("partition %s restarts", vm->cfg->name);
	load_memory(vm);
	arch_vm_reset(vm);
	pci_vm_start(vm);
	iommu_vm_start(vm);
	irq_vm_start(vm);
	self->state = VCPU_OFF;
	start(vm);
	arch_ipi_send(vm->vcpu[0].cpu);
	arch_vcpu_run(self);
}
