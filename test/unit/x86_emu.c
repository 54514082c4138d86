/* SPDX-License-Identifier: Apache-2.0 */
/* See x86_emu.h. */
#include "x86_emu.h"

#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <asm/decode.h>
#include <asm/exit.h>
#include <asm/msr.h>
#include <asm/time.h>
#include <hyp/console.h>
#include <hyp/entry.h>
#include <fake/fake.h>

#define RAM_PA  0x40000000ull
#define RAM2_PA 0x7700000000ull

struct emu emu;
struct vm emu_vm;
struct vcpu *const emu_v = &emu_vm.vcpu[0];
uint64_t fake_tsc;
uint64_t tsc_khz;
emu_cpuid_fn *emu_cpuid;
jmp_buf emu_jmp;

const struct hyp_config hyp_config = { .board = { .pci = { .present = true, .ecam = EMU_ECAM, .ecam_size = 0x7f00000,
							   .bus_first = 1, .bus_last = 127 } } };

static const struct cfg_region regions[] = {
	{ "ram", 0, RAM_PA, EMU_RAM, PROT_READ | PROT_WRITE | PROT_EXEC },
	{ "ram2", EMU_RAM2, RAM2_PA, PAGE_SIZE, PROT_READ | PROT_WRITE },
	{ "device", EMU_DEVICE, 0x90000000, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_DEVICE },
};
static const struct cfg_vm cfg = { .name = "guest", .cpu_count = 2, .region_count = 3, .region = regions };

static unsigned index_of(const struct vcpu *v)
{
	assert_true(v->index < 2);
	return v->index;
}

static uint64_t reg_get(const struct vcpu *v, enum vreg r)
{
	return emu.reg[index_of(v)][r];
}

static void reg_set(struct vcpu *v, enum vreg r, uint64_t value)
{
	emu.rip_set += r == VREG_RIP;
	emu.reg[index_of(v)][r] = value;
}

static void inject(struct vcpu *v, unsigned vector, bool has_error, uint32_t error)
{
	emu.injected++;
	emu.vector = vector;
	emu.has_error = has_error;
	emu.error = error;
}

static const struct cpuvirt virt = { .name = "fake", .get = reg_get, .set = reg_set, .inject = inject };
const struct cpuvirt *cpuvirt = &virt;

static struct cpuid_regs no_cpuid(uint32_t leaf, uint32_t sub)
{
	return (struct cpuid_regs){ 0 };
}

int emu_setup(void **state)
{
	fake_reset();
	memset(&emu, 0, sizeof(emu));
	memset(&emu_vm, 0, sizeof(emu_vm));
	emu_vm.cfg = &cfg;
	emu_vm.vcpu_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		emu_vm.vcpu[i].vm = &emu_vm;
		emu_vm.vcpu[i].index = i;
		emu.reg[i][VREG_CS_ATTR] = CS_ATTR_L;
		emu.reg[i][VREG_RIP] = 0x1000;
	}
	emu_cpuid = no_cpuid;
	tsc_khz = 1000000;
	fake_tsc = 0;
	return 0;
}

enum emu_outcome emu_end(unsigned injected, unsigned rip_set)
{
	injected = emu.injected - injected;
	rip_set = emu.rip_set - rip_set;
	assert_int_equal(injected + rip_set, 1);
	assert_int_equal(emu_vm.arch.port_lock.next, emu_vm.arch.port_lock.serving);
	assert_int_equal(emu_vm.arch.uart.lock.next, emu_vm.arch.uart.lock.serving);
	return injected != 0 ? EMU_EXCEPTION : EMU_ADVANCED;
}

void emu_expect_gp(enum emu_outcome how)
{
	assert_int_equal(how, EMU_EXCEPTION);
	assert_int_equal(emu.vector, EXC_GP);
	assert_true(emu.has_error);
	assert_int_equal(emu.error, 0);
}

void emu_expect_next(enum emu_outcome how, uint64_t rip)
{
	assert_int_equal(how, EMU_ADVANCED);
	assert_int_equal(emu.reg[0][VREG_RIP], rip);
}

/* --- memory: one window, whose page before is gone --- */

const struct cfg_region *vm_region_find(const struct vm *vm, ipa_t addr, uint64_t size, unsigned prot)
{
	for (unsigned i = 0; range_ok(addr.v, size) && i < ARRAY_COUNT(regions); i++) {
		if (range_inside(addr.v, size, regions[i].ipa, regions[i].size) && (regions[i].prot & prot) == prot) {
			return &regions[i];
		}
	}
	return NULL;
}

const void *window_map(pa_t page)
{
	static uint8_t window[PAGE_SIZE];

	assert_int_equal(page.v & PAGE_MASK, 0);
	if (page.v == RAM2_PA) {
		memcpy(window, emu.ram2, PAGE_SIZE);
	} else {
		assert_in_range(page.v, RAM_PA, RAM_PA + EMU_RAM - 1);
		memcpy(window, emu.ram + (page.v - RAM_PA), PAGE_SIZE);
	}
	return window;
}

/* --- recorders --- */

static void record(struct emu_access *a, uint64_t where, struct mmio *m)
{
	a->count++;
	a->where = where;
	a->m = *m;
	if (!m->write) {
		m->value = a->reply;
	}
}

bool hyp_s2_fault(struct vcpu *vcpu, ipa_t addr, struct mmio *m)
{
	assert_ptr_equal(vcpu->vm, &emu_vm);
	if (!emu.no_pci && range_inside(addr.v, m->size, EMU_ECAM, hyp_config.board.pci.ecam_size)) {
		record(&emu.pci, addr.v - EMU_ECAM, m);
	} else if (range_inside(addr.v, m->size, EMU_WINDOW, PAGE_SIZE)) {
		record(&emu.bus, addr.v, m);
	} else {
		emu.nowhere++;
		return false;
	}
	return true;
}

bool vlapic_msr(struct vcpu *v, uint32_t msr, bool write, uint64_t *value)
{
	struct mmio m = { .value = *value, .write = write };

	record(&emu.apic, msr, &m);
	*value = m.value;
	return !emu.apic.refuse;
}

void vioapic_set_line(struct vm *vm, uint32_t virq, bool level)
{
	assert_int_equal(virq, 36);
	emu.edges += level && !emu.line;
	emu.line = level;
}

void console_vm_putc(struct vm *vm, char c)
{
	assert_true(emu.out_count < sizeof(emu.out) - 1);
	emu.out[emu.out_count++] = c;
}

void vm_stop(struct vcpu *self, const char *why)
{
	assert_string_equal(why, "powered itself off");
	assert_int_equal(emu_vm.arch.port_lock.next, emu_vm.arch.port_lock.serving);
	longjmp(emu_jmp, EMU_STOPPED);
}

void vm_restart(struct vcpu *self)
{
	assert_int_equal(emu_vm.arch.port_lock.next, emu_vm.arch.port_lock.serving);
	longjmp(emu_jmp, EMU_RESTARTED);
}

/* --- the processor --- */

struct cpuid_regs cpuid_read(uint32_t leaf, uint32_t sub)
{
	return emu_cpuid(leaf, sub);
}

uint64_t msr_read(uint32_t msr)
{
	assert_int_equal(msr, MSR_TSC_AUX);
	return emu.tsc_aux;
}

void msr_write(uint32_t msr, uint64_t v)
{
	assert_int_equal(msr, MSR_TSC_AUX);
	emu.msr_writes++;
	emu.tsc_aux = v;
}

void xsetbv(uint32_t xcr, uint64_t v)
{
	assert_int_equal(xcr, 0);
	emu.xsetbvs++;
	emu.xcr0 = v;
}
