/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SMMUv3 written from the specification to be as unhelpful as it may be. Its TLB, its walk cache and its
 * configuration cache hold everything that was ever visible until exactly that is invalidated and a CMD_SYNC
 * is consumed; an entry may have been read one word at a time between any two stores of ours. An access is
 * allowed if any legal combination of stale values allows it.
 */
#pragma once

#include <hyp/types.h>

enum { SMMUV3_MODEL_MAX = 4, SMMUV3_MODEL_SIZE = 0x20000 };

enum smmuv3_model_reset {
	SMMUV3_RESET_BYPASS,  /* cold: SMMUEN=0, GBPA lets everything through (QEMU) */
	SMMUV3_RESET_ABORT,   /* cold: GBPA.ABORT=1 */
	SMMUV3_RESET_FOREIGN, /* warm: a previous owner left SMMUEN=1 with a stream table that bypasses */
};

struct smmuv3_model_opts {
	bool s1, s2;
	bool two_level;
	bool coherent;
	bool ril;          /* range invalidation */
	bool msi;
	bool wide_ids;     /* ASID16, VMID16 */
	bool hyp;
	uint8_t sid_bits;
	uint8_t cmdq_log2, evtq_log2; /* largest queue the unit takes */
	uint8_t oas;       /* IDR5.OAS code */
	uint8_t ttf;       /* IDR0.TTF: 2 = AArch64, 1 = AArch32, 3 = both */
	uint8_t ttendian;
	bool gran4k;
	uint8_t bbml;
	bool no_gbpa;      /* as QEMU before 8.0: GBPA reads 0 and takes nothing */
	uint32_t idr0_xor, idr1_xor; /* anything else that is odd */
	enum smmuv3_model_reset reset;
};

/* Faults to inject; any time. */
struct smmuv3_model_inject {
	bool sync_never;      /* CMD_SYNC is not consumed any more */
	bool cmd_error;       /* the next command is refused: CMDQ_ERR, CONS.ERR = 1 */
	bool gbpa_stuck;      /* GBPA.UPDATE never clears */
	bool cr0ack_stuck;    /* CR0ACK does not follow */
	bool irqack_stuck;    /* IRQ_CTRLACK does not follow */
	bool abt_not_ovflg;   /* a full event queue raises GERROR.EVENTQ_ABT_ERR, not OVFLG (QEMU) */
};

struct smmuv3_model_opts smmuv3_model_default(void); /* QEMU 10's nested unit with OAS 48, cold bypass */

/* Unit n with its registers at base. fake_reset() first. */
void smmuv3_model_create(unsigned n, uintptr_t base, const struct smmuv3_model_opts *o);
struct smmuv3_model_inject *smmuv3_model_inject(unsigned n);

enum smmuv3_model_result {
	SMMUV3_DMA_OK,     /* *pa_out: where it went */
	SMMUV3_DMA_BYPASS, /* not translated: it reached iova itself */
	SMMUV3_DMA_BLOCKED,
};

/* One access by a device; blocked ones are recorded as the unit would. pa_out may be NULL. */
enum smmuv3_model_result smmuv3_model_dma(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out);

/* As above without a trace: nothing is recorded or cached. For hooks that run between two stores. */
enum smmuv3_model_result smmuv3_model_peek(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out);

/* True if some cached or live path gets [iova] of this stream to pa. */
bool smmuv3_model_reaches(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa);

/* True if every legal view of the tables gets iova to pa: what has been set up must work, whatever is cached. */
bool smmuv3_model_certain(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa);

/* Lets the unit work on what is queued; it does so by itself whenever CMDQ_CONS is read. */
void smmuv3_model_run(unsigned n);

/* Called after every store to memory that hardware walks, for tests that probe each intermediate state. */
void smmuv3_model_each_store(void (*fn)(void *ctx), void *ctx);

/* Event record as the unit would write it. False: the queue was full. */
bool smmuv3_model_event(unsigned n, const uint64_t w[4]);
void smmuv3_model_gerror(unsigned n, uint32_t bits); /* toggles them, interrupts */

/* Interrupt edges since the last call: 0 event queue, 1 global error, 2 command sync. */
unsigned smmuv3_model_irqs(unsigned n, unsigned which);

/* Counters since creation. */
unsigned smmuv3_model_commands(unsigned n, uint8_t opcode); /* 0: all */
unsigned smmuv3_model_last_event(unsigned n);               /* type of the last refused access, 0 none */
bool smmuv3_model_enabled(unsigned n);
uint32_t smmuv3_model_reg32(unsigned n, uint64_t off);
void smmuv3_model_poke32(unsigned n, uint64_t off, uint32_t v); /* as hardware would change it */
