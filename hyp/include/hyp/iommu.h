/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units, domains, endpoints: who may DMA where. hyp/iommu.c is the only caller of iommu_hw_*().
 * Client 0 is the hypervisor itself (allow sets); a partition is a client from smmu_init() to smmu_fini().
 * Locks: client->lock, then unit->lock; never two clients' at once. Which client an endpoint can belong to is
 * configuration, so no endpoint ever changes hands between clients and no lock is needed to find its client.
 * No vm is ever found by asking who runs on this CPU: the owner is always an argument.
 */
#pragma once

#include <bulkhead/abi.h>
#include <hyp/config.h>
#include <hyp/pgtable.h>
#include <hyp/spinlock.h>
#include <hyp/types.h>

struct vm;
struct vcpu;

enum {
	OBJECT_MAX = 16,      /* SMMU objects per client; (VM_MAX + 1) * OBJECT_MAX == DOMAIN_MAX */
	MAPPING_MAX = 256,    /* mapping records per client, shared by its objects */
	OVERLAP_MAX = 8192,   /* pages two mappings share, summed over all pairs of one client's mappings */
	UNMAPPED_MAX = 8,     /* recently removed mappings remembered for fault messages */
	FAULT_RING = 64,      /* records per client [smmu_xfer_status] */
	STORM_FAULTS = 64,    /* more faults than this of one endpoint … */
	STORM_WINDOW_US = 100000, /* … within this time mute it */
};

struct iommu_cap {
	uint8_t sid_bits;
	uint8_t in_bits;     /* device address */
	uint8_t out_bits;    /* physical address */
	uint8_t levels_min;  /* tables less deep it does not walk; 0: any */
	bool coherent;
	bool read_implied;   /* write permission implies read (stage 1 formats) */
	bool live_split;     /* a block may be replaced by a table without break-before-make */
	bool map_inv;        /* "nothing there" is cached as well: a new mapping needs an invalidation */
	bool one_reason;     /* its records do not tell FAULT_PERMISSION from FAULT_UNMAPPED: they say the latter */
	uint32_t domain_max; /* domain ids it can tell apart */
	const struct pgtable_fmt *fmt;
};

struct iommu_unit {
	unsigned id;        /* index into the board's units */
	uintptr_t base;     /* registers, mapped */
	uint64_t size;
	uint32_t irq[3];    /* event queue, global error, command sync; 0 = none */
	uint32_t timeout_us;
	bool failed;        /* a command was not completed in time, or a global error: blocks everything */
	bool reported;      /* ... and the console has said so */
	struct iommu_cap cap;
	struct spinlock lock; /* the command queue; held by hyp/iommu.c around iommu_hw_*() */
};

/* One I/O address space = one SMMU object. */
struct iommu_domain {
	uint16_t id;         /* VMID or ASID; 1..DOMAIN_MAX, unique in the image */
	bool used;
	uint32_t units;      /* bit n: some endpoint behind unit n is attached */
	struct pgtable pt;
};

enum fault_reason {
	FAULT_NONE = 0,
	FAULT_UNMAPPED = 1,   /* no mapping at this address */
	FAULT_PERMISSION = 2, /* a mapping, but not with this right */
	FAULT_ADDRESS = 3,    /* outside what the unit translates */
	FAULT_BLOCKED = 4,    /* the stream is attached to no object */
	FAULT_TABLE = 5,      /* the unit could not read or did not like an entry of ours */
	FAULT_BUS = 6,        /* the access itself failed beyond the unit */
	FAULT_OTHER = 7,
};

/* One refused access, in one shape for every kind of unit. */
struct iommu_fault {
	unsigned unit;
	sid_t sid;
	bool sid_valid;
	bool addr_valid;
	uint64_t addr;      /* device address */
	uint8_t access;     /* PROT_READ, PROT_WRITE, PROT_EXEC; 0 = not known */
	enum fault_reason reason;
	const char *name;   /* the specification's name of the event: "F_TRANSLATION" */
	uint64_t hw[4];     /* the raw record */
};

/* A DMA source the configuration names. Guarded by client->lock, except what is constant after boot. */
struct endpoint {
	const struct cfg_device *cfg; /* constant */
	unsigned index;               /* constant: in hyp_config.device */
	struct vm *vm;                /* constant: partition that owns it and gets its faults; NULL: none */
	struct iommu_client *client;  /* constant: the only one that may attach it; NULL: nobody */
	struct smmu_object *object;   /* attached to; NULL: blocked */
	uint16_t next;                /* constant: chain of endpoint_find(), index + 1 */
	bool muted;
	uint64_t storm_start_us;
	uint32_t storm_count;
	uint64_t log_start_us;
	uint32_t log_count;
	uint64_t faults;              /* all of them, also those that were dropped or muted away */
};

/* One entry of a successful smmu_mapping_add(), or a reserved region of a device in the object. */
struct smmu_mapping {
	uint64_t iova;     /* as asked for, to the byte */
	uint64_t size;
	uint64_t delta;    /* source address (IPA or, for the hypervisor's own, PA) = iova + delta */
	uint8_t prot;      /* rights, and PROT_DEVICE */
	uint8_t object;    /* index */
	bool used;
	bool shared;       /* another mapping has, or once had, a page in common with this one */
	bool pending;      /* of the call that is just being checked */
	uint16_t tag;      /* who may remove it: MAPPING_GUEST, or 1 + endpoint index for a reserved region */
	uint16_t next;     /* hash or free chain, index + 1 */
	uint32_t serial;   /* "mapping n" of the messages: counts the client's successful adds */
};

enum { MAPPING_GUEST = 0, HASH_MAX = 64 };

struct object_stats {
	uint64_t maps, unmaps, invalidations, faults;
};

struct smmu_object {
	bool used;
	bool manual;         /* SOCF_RESERVED_MANUAL */
	bool is_static;      /* made by the configuration: no hypercall can change it */
	uint8_t index;       /* in its client; handle = index + 1 */
	const char *name;    /* allow set or "dma all"; NULL for a guest's */
	struct iommu_domain domain;
	struct object_stats stats;
} __attribute__((aligned(128))); /* a handle is turned into an address by a shift */

struct fault_record {
	struct iommu_fault fault;
	uint64_t time;       /* arch_time_ticks() */
	uint16_t endpoint;   /* index, or 0xffff: unknown device */
	uint8_t vm;          /* owner partition's index, or 0xff */
	bool dropped;        /* records were lost before this one */
	bool muted;          /* the device is muted from here on */
};

enum { FAULT_ENDPOINT_NONE = 0xffff, FAULT_VM_NONE = 0xff };

/* What one entry of a mapping call is going to do, between checking and writing it. */
struct map_step {
	uint64_t start;      /* rounded to pages */
	uint64_t size;
	uint64_t pa;         /* behind start */
	uint16_t record;     /* index of the mapping record, or MAPPING_MAX: nothing to do */
	uint8_t old_prot;    /* of a record that was there before */
	uint8_t type;        /* PROT_DEVICE or 0 */
	bool fresh;          /* the record is new */
	bool slow;           /* shares pages with other mappings: written segment by segment */
	bool pieces;         /* not one contiguous physical range */
};

/*
 * The partition's first region of plain memory, if every unit can address all of it and needs no invalidation after a
 * map, and none of it is ours: for the short path, which then has nothing else to check. size 0: there is none.
 * Constant after boot.
 */
struct client_ram {
	uint64_t ipa;
	uint64_t size;
	uint64_t pa;
	uint32_t prot;
};

struct iommu_client {
	struct vm *vm;       /* NULL: client 0 */
	struct pool *pool;   /* pages for its tables */
	bool attached;       /* between smmu_init() and smmu_fini() */
	bool collecting;     /* since the first registration */
	bool armed;          /* one-shot notification pending */
	bool dropped;
	uint8_t index;       /* 0: hypervisor, vm->index + 1 otherwise */
	uint32_t serial;
	uint32_t calls;      /* counts map and unmap calls, for "unmapped n calls ago" */
	uint32_t overlap;    /* <= OVERLAP_MAX */
	uint16_t ring_head, ring_count;
	uint16_t mapping_free; /* chain, index + 1 */
	uint16_t mapping_top;  /* records from here on were never used */
	struct spinlock lock;
	unsigned gone_next;
	struct client_ram ram;
	uint16_t hash[HASH_MAX];   /* index + 1 */
	struct smmu_object object[OBJECT_MAX];
	struct smmu_mapping gone[UNMAPPED_MAX]; /* the last removed ones; .serial = value of calls then */
	struct smmu_mapping mapping[MAPPING_MAX];
	struct fault_record ring[FAULT_RING];
	struct map_step step[BH_ARG_ENTRY_MAX]; /* scratch of the call in progress */
	uint16_t near[MAPPING_MAX];             /* scratch: records that share pages with one being looked at */
	unsigned near_count;
};

extern struct iommu_unit iommu_units[UNIT_MAX];
extern bool iommu_some_failed; /* some unit has failed since boot */
extern unsigned iommu_unit_count;

/* Boot, in this order. */
int iommu_probe_and_block(const struct board *b, uint32_t timeout_ms) __must_check; /* every unit [I1] */
void iommu_build(const struct hyp_config *cfg); /* endpoints, allow sets, dma-all; config was checked */
int iommu_enable(void) __must_check;            /* translation and fault interrupts on, static objects attached */

/* Afterwards. */
void iommu_irq(uint32_t irq);             /* any of a unit's interrupts */
void iommu_poll(void);                    /* goes on where an interrupt's budget ended; from hyp_ipi() */
void iommu_vm_stop(struct vm *vm);        /* everything the client had is undone, its devices are blocked */
void iommu_vm_start(struct vm *vm);       /* stopped before, runs again: its dma-all object as at boot */
void iommu_block_all(void);               /* Design Safe State; takes no lock, cannot fail */
void iommu_report(void);                  /* units, partitions, endpoints, live entries on the console */
struct endpoint *endpoint_find(unsigned unit, sid_t sid);
struct endpoint *endpoint_by_index(unsigned index); /* NULL if out of range */

/* The calls behind the hypercalls; arguments are checked here, results are negative -BH_E…. */
enum { DEVID_ANY = 0xffffffffu };

struct smmu_devid {
	uint32_t type;        /* CFG_DEV_PCI, CFG_DEV_MMIO */
	uint32_t bus, dev, func; /* DEVID_ANY = any */
	uint64_t phys;
	uint32_t length;
};

struct smmu_region {
	uint64_t addr;
	uint64_t size;
};

struct smmu_stats {
	struct object_stats object;
	uint64_t pages_free;
};

int64_t smmu_init(struct vm *vm, uint64_t flags);
int64_t smmu_fini(struct vm *vm);
int64_t smmu_obj_create(struct vm *vm, uint64_t flags); /* → handle ≥ 1 */
int64_t smmu_obj_destroy(struct vm *vm, uint64_t handle);
int64_t smmu_device_add(struct vm *vm, uint64_t handle, const struct smmu_devid *id); /* handle 0: remove */
int64_t smmu_mapping_add(struct vm *vm, uint64_t handle, uint64_t flags, const struct smmu_region *r,
			 unsigned count, uint64_t target);

/* smmu_mapping_add() of one entry without a target, where it is simple; 1: it is not, nothing was changed. */
int smmu_mapping_try(struct vm *vm, uint64_t handle, uint64_t flags, uint64_t addr, uint64_t size);
int64_t smmu_device_report_reserved(struct vm *vm, const struct smmu_devid *id, uint64_t offset,
				    struct smmu_region *out, unsigned out_count);
int64_t smmu_xfer_notify(struct vm *vm, uint64_t arm); /* 1: arm, 0: cancel */
int64_t smmu_xfer_status(struct vm *vm, struct fault_record *out);
int64_t smmu_device_unmute(struct vm *vm, const struct smmu_devid *id);
int64_t smmu_obj_stats(struct vm *vm, uint64_t handle, struct smmu_stats *out);

/* A monitor's questions: id must name one device, of any partition. -BH_EINVAL, -BH_ENOENT; -BH_ENODEV no unit. */
int endpoint_get(const struct smmu_devid *id, struct endpoint **out) __must_check;

/* Raw words of the live stream entry, their meaning in words; returns how many. */
int endpoint_entry(const struct endpoint *ep, uint64_t words[8], char *text, size_t size);

struct walk_result {
	uint64_t entry[4]; /* from the root down */
	unsigned levels;
	uint64_t pa;
	unsigned prot;     /* enum prot; 0: not mapped */
};

/* The hardware's walk of one device address. -BH_ENOENT: attached to nothing. */
int endpoint_walk(struct endpoint *ep, uint64_t addr, struct walk_result *out);
