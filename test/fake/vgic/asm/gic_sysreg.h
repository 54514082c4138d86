/* SPDX-License-Identifier: Apache-2.0 */
/* The GIC's system registers of CPU fake_cpu, in test/model/gic_cpu_model.c. */
#pragma once

#include <hyp/types.h>

uint64_t gic_model_lr_read(unsigned n);
void gic_model_lr_write(unsigned n, uint64_t v);
void gic_model_apr_write(unsigned n, uint64_t v);

void icc_pmr_write(uint64_t v);
void icc_dir_write(uint64_t v);
void icc_sgi1r_write(uint64_t v);
uint64_t icc_iar1_read(void);
void icc_eoir1_write(uint64_t v);
void icc_bpr1_write(uint64_t v);
void icc_ctlr_write(uint64_t v);
void icc_sre_el1_write(uint64_t v);
void icc_igrpen1_write(uint64_t v);
uint64_t icc_sre_el2_read(void);
void icc_sre_el2_write(uint64_t v);
void ich_hcr_write(uint64_t v);
uint64_t ich_vtr_read(void);
uint64_t ich_eisr_read(void);
uint64_t ich_elrsr_read(void);
void ich_vmcr_write(uint64_t v);
void gic_sysreg_sync(void);

#define FAKE_LR(n)                                          \
	static inline uint64_t ich_lr##n##_read(void)       \
	{                                                   \
		return gic_model_lr_read(n);                \
	}                                                   \
	static inline void ich_lr##n##_write(uint64_t v)    \
	{                                                   \
		gic_model_lr_write(n, v);                   \
	}
FAKE_LR(0) FAKE_LR(1) FAKE_LR(2) FAKE_LR(3) FAKE_LR(4) FAKE_LR(5) FAKE_LR(6) FAKE_LR(7)
FAKE_LR(8) FAKE_LR(9) FAKE_LR(10) FAKE_LR(11) FAKE_LR(12) FAKE_LR(13) FAKE_LR(14) FAKE_LR(15)

#define FAKE_APR(name, n)                                   \
	static inline void ich_##name##_write(uint64_t v)   \
	{                                                   \
		gic_model_apr_write(n, v);                  \
	}
FAKE_APR(ap0r0, 0) FAKE_APR(ap0r1, 1) FAKE_APR(ap0r2, 2) FAKE_APR(ap0r3, 3)
FAKE_APR(ap1r0, 0) FAKE_APR(ap1r1, 1) FAKE_APR(ap1r2, 2) FAKE_APR(ap1r3, 3)
