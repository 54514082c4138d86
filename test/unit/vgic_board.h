/* SPDX-License-Identifier: Apache-2.0 */
/* Two partitions on the GIC model: `a` with three vCPUs on CPUs 0 to 2, `b` with one on CPU 3. */
#pragma once

#include <hyp/vm.h>

enum {
	HW_LEVEL = 40, /* physical SPIs of partition a, virtual 50 and 51 */
	HW_EDGE = 41,
	VIRQ_HW_LEVEL = 50,
	VIRQ_HW_EDGE = 51,
	OURS = 45,     /* physical SPI with a handler of the hypervisor */
	LRS = 4,
};

#define GICD VM_TRAP_GICD
#define GICR VM_TRAP_GICR
#define A0 (&board_a()->vcpu[0])
#define A1 (&board_a()->vcpu[1])
#define A2 (&board_a()->vcpu[2])
#define B0 (&board_b()->vcpu[0])
#define NONE GIC_MODEL_NONE

extern struct vm vms[VM_MAX];
extern unsigned ours_count;  /* calls of that handler */
extern unsigned kicks;       /* hyp_ipi() */
extern unsigned parked;      /* CPUs that were told to park */

struct vm *board_a(void);
struct vm *board_b(void);

int board_setup(void **state);     /* everything initialised, guests have their groups enabled */
void board_registers(void);        /* only the model and the configuration */
void board_config_cpus(unsigned n); /* how many CPUs the configuration claims */

/* One guest access, with what follows an exit: flush, then physical interrupts. */
uint64_t guest_read(struct vcpu *vcpu, unsigned kind, uint64_t off, uint8_t size);
void guest_write(struct vcpu *vcpu, unsigned kind, uint64_t off, uint8_t size, uint64_t v);
void guest_sgi(struct vcpu *vcpu, uint64_t value);

/* Register `reg` of one bit per interrupt, with only the bit of this SPI, or of this private interrupt of `whose`. */
void spi_bit(struct vcpu *by, uint32_t reg, uint32_t intid);
bool spi_is(struct vcpu *by, uint32_t reg, uint32_t intid);
void private_bit(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid);
bool private_is(struct vcpu *by, const struct vcpu *whose, uint32_t reg, uint32_t intid);
uint64_t frame(const struct vcpu *vcpu); /* its SGI_base */
void spi_priority(struct vcpu *by, uint32_t intid, uint8_t prio);
void spi_edge(struct vcpu *by, uint32_t intid);
void spi_route(struct vcpu *by, uint32_t intid, uint64_t to);
void sgis_enable(void);

/* Made pending, or its line driven, by code of ours that runs on another CPU, as the fault path does. */
void pend(struct vm *vm, uint32_t virq, unsigned from);
void level(struct vm *vm, uint32_t virq, bool high);

/* Every CPU takes what it can until nothing is left; fails if that never ends. */
void run_all(void);
void run(unsigned cpu);

/* The guest takes one interrupt and ends it; returns its INTID. */
uint32_t guest_take(struct vcpu *vcpu);
