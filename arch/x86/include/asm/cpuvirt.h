/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU virtualization as the rest of the port sees it: SVM or VMX, chosen once at boot. The hot paths (hypercalls,
 * interrupts) are inside each; everything a guest can provoke that is not hot ends in exit.h, in terms of this table.
 */
#pragma once

#include <asm/vcpu.h>
#include <hyp/types.h>

struct vm;
struct vcpu;

enum vreg {
	VREG_RIP, VREG_RSP, VREG_RFLAGS, VREG_CR0, VREG_CR2, VREG_CR3, VREG_CR4, VREG_EFER, VREG_PAT,
	VREG_CPL,
	VREG_CS_BASE, VREG_CS_ATTR, VREG_SS_BASE, VREG_DS_BASE, VREG_ES_BASE, VREG_FS_BASE, VREG_GS_BASE,
	VREG_COUNT
};

/* VREG_CS_ATTR: as in a VMCB [APM 2 appendix B]: the descriptor's bits 55:52 and 47:40. */
#define CS_ATTR_L (1u << 9)
#define CS_ATTR_D (1u << 10)

struct cpuvirt {
	const char *name;                                   /* "SVM", "VMX" */
	void (*cpu_init)(void);                             /* each CPU, once */
	void (*vcpu_init)(struct vcpu *v);                  /* boot: control block, once */
	void (*vcpu_reset)(struct vcpu *v, enum vcpu_entry how, uint64_t pc, uint64_t arg);
	__noreturn void (*vcpu_run)(struct vcpu *v);
	uint64_t (*get)(const struct vcpu *v, enum vreg r);
	void (*set)(struct vcpu *v, enum vreg r, uint64_t value);
	void (*inject)(struct vcpu *v, unsigned vector, bool has_error, uint32_t error); /* at the next entry */
};

extern const struct cpuvirt *cpuvirt;       /* constant after cpuvirt_choose() */
extern const struct cpuvirt cpuvirt_svm;

/* Boot. False: no SVM, or switched off; VMX is not there yet. *why is one sentence with the option to set. */
bool cpuvirt_choose(const char **why);
