/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VT-d unit in legacy mode, written from the specification to be as unhelpful as it may be. Context cache, IOTLB,
 * paging-structure cache and interrupt entry cache hold everything that was ever visible until an invalidation of
 * exactly that (domain, device, address, index) has completed; an access is allowed if any legal combination of stale
 * values allows it. What it insists on, beside what the registers' descriptions say:
 *  - GCMD: one command per write, and only when the last one has shown in GSTS; a bit that is on is written as on.
 *  - A context entry is read word by word, at any time: between two context-cache invalidations of the device any
 *    mixture of the values each word has had may be in use. One that translates and never was in memory as a whole
 *    fails the test [I7] (so the high word of a blocked entry is best 0: AW = 0 is refused). A root entry is one word.
 *  - An interrupt remapping entry is read whole, but stores without a barrier between them arrive in any order.
 *  - IOTLB entries may be tagged with the requester and be looked up before its context entry [6.2.1]: what a device
 *    had goes away with the IOTLB invalidation of the old domain that follows the context-cache invalidation. A
 *    device-selective context-cache invalidation is for one device AND the domain of its old entry (0: not present).
 *  - Large pages may be cached in pieces: an invalidation drops the addresses that it names, no others.
 *  - IQH moves when a descriptor is fetched. It is done when the status of the wait descriptor behind it is written.
 *  - Queue and status are always coherent; root, context, interrupt and translation tables only if ECAP.C is set.
 *  - CCMD and IOTLB_REG are dead while QIES is set: ICC and IVT stay set for ever.
 */
#pragma once

#include <hyp/types.h>

enum { VTD_MODEL_MAX = 4, VTD_MODEL_SIZE = 0x1000 };

/* What firmware or a previous owner left behind; any combination. */
enum vtd_model_left {
	VTD_LEFT_TE = 1 << 0,     /* translation on, a root table that lets every second requester (even ids) through */
	VTD_LEFT_QI = 1 << 1,     /* queue on, garbage in it that has not been fetched yet */
	VTD_LEFT_IQE = 1 << 2,    /* with LEFT_QI: stopped in the middle by a queue error */
	VTD_LEFT_PMR = 1 << 3,    /* protected memory regions on, see vtd_model_pmr() */
	VTD_LEFT_IR = 1 << 4,     /* interrupt remapping on, every second entry (even index) open to everybody … */
	VTD_LEFT_CFI = 1 << 5,    /* … and compatibility format let through */
	VTD_LEFT_FAULTS = 1 << 6, /* all fault records full, PFO, IP and an unmasked event message of somebody else's */
	VTD_LEFT_ALL = (1 << 7) - 1,
};

struct vtd_model_opts {
	uint8_t version;      /* VER; from 6.0 on there are no invalidation registers */
	uint8_t sagaw;        /* CAP.SAGAW: bit 1 = 39-bit, bit 2 = 48-bit */
	uint8_t mgaw;         /* address bits: CAP.MGAW + 1 */
	uint8_t haw;          /* host address bits: above are reserved in every pointer */
	uint8_t sllps;        /* CAP.SLLPS: bit 0 = 2 MiB, bit 1 = 1 GiB */
	uint8_t nd;           /* CAP.ND: 2^(4 + 2 nd) domains */
	uint8_t nfr;          /* how many fault recording registers: 1..8 */
	uint8_t mamv;         /* CAP.MAMV */
	uint8_t mhmv;         /* ECAP.MHMV */
	uint8_t fro, iro;     /* CAP.FRO, ECAP.IRO: in units of 16 bytes */
	bool psi, cm, rwbf, plmr, phmr, esrtps, esirtps, drain; /* CAP; drain: DRD and DWD */
	bool coherent, qi, dt, ir, eim, pt, sc;                 /* ECAP */
	bool no_compress;     /* does not fold faults of one source into its pending record */
	uint64_t cap_xor, ecap_xor; /* anything else that is odd */
	unsigned left;        /* enum vtd_model_left */
};

/* Faults to inject; any time. */
struct vtd_model_inject {
	bool wait_never;      /* no wait descriptor completes any more */
	bool queue_error;     /* the next descriptor is refused: IQE */
	bool ite, ice;        /* the next wait descriptor ends in ITE, ICE: its status is never written */
	uint32_t gsts_stuck;  /* bits of GSTS that do not follow GCMD any more */
	bool ccmd_never;      /* ICC stays set */
	bool iotlb_never;     /* IVT stays set */
	bool refused;         /* CCMD, IOTLB_REG end with CAIG, IAIG = 0: nothing was done */
	bool pmr_stuck;       /* PRS does not follow EPM */
};

struct vtd_model_opts vtd_model_default(void); /* QEMU 10's unit */

/* Unit n with its registers at base. fake_reset() first. */
void vtd_model_create(unsigned n, uintptr_t base, const struct vtd_model_opts *o);
struct vtd_model_inject *vtd_model_inject(unsigned n);

/* --- What can this device reach? --- */

enum vtd_model_result {
	VTD_DMA_OK,     /* *pa_out: where it went */
	VTD_DMA_BYPASS, /* not translated: it reached iova itself */
	VTD_DMA_BLOCKED,
};

/* One access by a device; blocked ones are recorded as the unit would. pa_out may be NULL. */
enum vtd_model_result vtd_model_dma(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out);

/* As above without a trace: nothing is recorded. For hooks that run between two stores. */
enum vtd_model_result vtd_model_peek(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t *pa_out);

/* True if some cached or live path gets [iova] of this stream to pa. */
bool vtd_model_reaches(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa);

/* True if every legal view of the tables gets iova to pa: what has been set up must work, whatever is cached. */
bool vtd_model_certain(unsigned n, sid_t sid, uint64_t iova, bool write, uint64_t pa);

/* A request that has been translated and is on its way until it is drained [6.5.4]; how many are still on theirs. */
void vtd_model_posted(unsigned n, bool write);
unsigned vtd_model_in_flight(unsigned n);

/* The page LEFT_PMR protects; other addresses are open. */
uint64_t vtd_model_pmr(unsigned n);

/* --- What can this requester raise? --- */

enum vtd_msi_result {
	VTD_MSI_BLOCKED,
	VTD_MSI_REMAPPED, /* an entry said so: see struct vtd_msi */
	VTD_MSI_DIRECT,   /* as the device wrote it: remapping is off, or compatibility format passes */
};

struct vtd_msi {
	uint8_t vector;
	uint32_t dest;
	bool level;
	bool logical;     /* destination mode */
	uint8_t mode;     /* delivery mode, 0 = fixed */
};

/* One message by a device, 0xfee….; refused ones are recorded. out may be NULL. */
enum vtd_msi_result vtd_model_msi(unsigned n, sid_t sid, uint64_t addr, uint32_t data, struct vtd_msi *out);
enum vtd_msi_result vtd_model_msi_peek(unsigned n, sid_t sid, uint64_t addr, uint32_t data, struct vtd_msi *out);
bool vtd_model_msi_certain(unsigned n, sid_t sid, uint64_t addr, uint32_t data, const struct vtd_msi *want);
uint64_t vtd_model_msi_addr(uint32_t index); /* remappable format, SHV = 0 */

/* --- Hooks, records, counters --- */

/* Lets the unit work on what is queued; it does so by itself when registers or hardware-walked memory are read. */
void vtd_model_run(unsigned n);

/* Called after every store to memory that hardware walks, for tests that probe each intermediate state. */
void vtd_model_each_store(void (*fn)(void *ctx), void *ctx);

/* Grows with every write to a register, every store, everything that completes; until then no answer changes. */
unsigned vtd_model_changes(unsigned n);

/* Called before every access to registers of unit n. */
void vtd_model_each_access(unsigned n, void (*fn)(void *ctx), void *ctx);

/* A fault as the unit would record it. False: it was dropped, or folded into one that is pending. */
bool vtd_model_fault(unsigned n, sid_t sid, uint8_t reason, uint64_t info, bool read);
void vtd_model_error(unsigned n, uint32_t fsts); /* IQE, ICE, ITE */

/* Fault event messages since the last call; the last one's address and data. */
unsigned vtd_model_irqs(unsigned n);
uint64_t vtd_model_msg_addr(unsigned n);
uint32_t vtd_model_msg_data(unsigned n);

/* Descriptors by type: 1 context cache, 2 IOTLB, 4 interrupt entry cache, 5 wait; 0: all. */
unsigned vtd_model_descs(unsigned n, uint8_t type);
unsigned vtd_model_reg_invs(unsigned n);           /* invalidations through CCMD and IOTLB_REG */
uint64_t vtd_model_iotlb_lo(unsigned n, unsigned back); /* words of the last IOTLB descriptor, or the one before … */
uint64_t vtd_model_iotlb_hi(unsigned n, unsigned back);
unsigned vtd_model_last_fault(unsigned n);         /* reason of the last refused access, 0 none */
bool vtd_model_enabled(unsigned n);                /* TES */
bool vtd_model_remapping(unsigned n);              /* IRES */
uint32_t vtd_model_reg32(unsigned n, uint64_t off);
uint64_t vtd_model_reg64(unsigned n, uint64_t off);
