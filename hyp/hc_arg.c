/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Argument pages: one page of the partition's own memory per vCPU, mapped for us while it is registered. Owns
 * vcpu->arg_page. A page may be registered by several vCPUs of one partition but never by two partitions, and it
 * must not be shared memory, so that nothing another partition does can take it away under our hands [I3].
 */
#include <hyp/hypercall.h>

#include <arch/mmu.h>
#include <hyp/spinlock.h>

/*
 * Each 2 MiB of addresses with an argument page in it costs us one table page for ever: a partition may use
 * this many, so that it cannot use up the hypervisor's pool.
 */
enum { WINDOW_MAX = 4 };

static struct spinlock lock; /* arg_page of all vCPUs, window[] */
static uint64_t window[VM_MAX][WINDOW_MAX]; /* base + 1; 0: free */

uint64_t arg_word_read(const struct vcpu *vcpu, unsigned index)
{
	return ((const volatile uint64_t *)vcpu->arg_page)[index];
}

void arg_word_write(const struct vcpu *vcpu, unsigned index, uint64_t v)
{
	((volatile uint64_t *)vcpu->arg_page)[index] = v;
}

static bool window_take(const struct vm *vm, uint64_t addr)
{
	uint64_t base = align_down(addr, MIB(2)) + 1;

	for (unsigned i = 0; i < WINDOW_MAX; i++) {
		uint64_t *w = &window[vm->index][i];

		if (*w == 0 || *w == base) {
			*w = base;
			return true;
		}
	}
	return false;
}

static bool page_used(const struct vm *vm, const void *page)
{
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpu[i].arg_page == page) {
			return true;
		}
	}
	return false;
}

/* Shared memory: another partition's restart clears it through a map of its own. */
static bool page_foreign(const struct vm *vm, uint64_t addr)
{
	for (unsigned v = 0; v < vm_count; v++) {
		for (unsigned i = 0; &vms[v] != vm && i < vms[v].cfg->region_count; i++) {
			const struct cfg_region *r = &vms[v].cfg->region[i];

			if (range_overlaps(addr, PAGE_SIZE, r->pa, r->size)) {
				return true;
			}
		}
	}
	return false;
}

/* The page behind ipa, or NULL if it is not the partition's own plain memory. */
static void *page_find(const struct vm *vm, uint64_t addr)
{
	const struct cfg_region *r;
	uint64_t host;

	if (addr & PAGE_MASK) {
		return NULL;
	}
	r = vm_region_find(vm, ipa(addr), PAGE_SIZE, PROT_READ | PROT_WRITE);
	if (!r || (r->prot & PROT_DEVICE)) {
		return NULL;
	}
	host = r->pa + (addr - r->ipa);
	return page_foreign(vm, host) ? NULL : arch_va(pa(host));
}

static void page_drop(struct vcpu *vcpu)
{
	void *old = vcpu->arg_page;

	vcpu->arg_page = NULL;
	if (old && !page_used(vcpu->vm, old)) {
		arch_hyp_unmap(arch_pa(old), PAGE_SIZE);
	}
}

static int64_t page_register(struct vcpu *vcpu, uint64_t addr)
{
	void *page = addr ? page_find(vcpu->vm, addr) : NULL;
	int err = 0;

	if (addr && !page) {
		return -BH_EFAULT;
	}
	if (page && page == vcpu->arg_page) {
		return 0;
	}
	if (page && !page_used(vcpu->vm, page)) {
		err = window_take(vcpu->vm, arch_pa(page).v) ?
			      arch_hyp_map(arch_pa(page), PAGE_SIZE, PROT_READ | PROT_WRITE) : -BH_ENOMEM;
	}
	if (err) {
		return err == -BH_ENOMEM ? err : -BH_EFAULT;
	}
	page_drop(vcpu);
	vcpu->arg_page = page;
	return 0;
}

void hc_arg_page(struct vcpu *vcpu)
{
	int64_t err;

	spin_lock(&lock);
	err = page_register(vcpu, arch_vcpu_hc_arg(vcpu, 0));
	spin_unlock(&lock);
	hc_status(vcpu, err);
}

void hypercall_vm_stop(struct vm *vm)
{
	spin_lock(&lock);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		page_drop(&vm->vcpu[i]);
	}
	spin_unlock(&lock);
}
