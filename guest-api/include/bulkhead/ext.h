/* SPDX-License-Identifier: Apache-2.0 */
/* What Bulkhead offers beyond <smmu.h>. Same conventions: -1 with errno, thread rules as there. */
#pragma once

#include <smmu.h>

#include <bulkhead/abi.h>

struct bh_version {
	uint32_t abi;        /* BH_ABI_VERSION of the hypervisor: major << 16 | minor */
	uint64_t features;   /* none defined so far */
	unsigned partition;  /* index of this partition in the configuration */
	unsigned fault_virq; /* interrupt number that SIGEV_VIRQ delivers */
};

/* Who is below us. ENOENT: not Bulkhead. */
int bh_version(struct bh_version *v);

/* The fault interrupt's number, or -1. */
int bh_fault_virq(void);

/* A whole fault record; struct smmu_status holds the part that is portable. */
struct bh_fault {
	uint64_t addr;
	union smmu_devid devid;
	unsigned flags;     /* BH_FAULT_* */
	unsigned partition; /* owner of the device, 0xff none */
	uint64_t hw[2];     /* first two raw words of the unit's record */
	uint64_t time;      /* of the physical counter (CNTPCT_EL0, TSC) */
};

/* As smmu_xfer_status(). */
int bh_xfer_status(struct bh_fault *f);

/*
 * Records faults of a muted device again. ENOENT no such device · EPERM not yours · EINVAL malformed id · EAGAIN muted
 * less than 100 ms ago, come back later · ENOTCONN.
 */
int bh_device_unmute(const union smmu_devid *devid);

struct bh_stats {
	uint64_t maps;          /* of this object */
	uint64_t unmaps;
	uint64_t invalidations;
	uint64_t faults;
	uint64_t pages_free;    /* of the partition's page pool */
};

/* EBADF not an object · ENOTCONN. */
int bh_object_stats(struct smmu_object *sop, struct bh_stats *s);

/* For partitions with the right MONITOR (else EPERM): live hardware state. Texts are for people. */
struct bh_stream {
	uint64_t word[8]; /* the stream's entry as it is in memory now */
	char text[512];
};

struct bh_walk {
	uint64_t phys;      /* where the access would go */
	unsigned rights;    /* SMF_READ, SMF_WRITE, SMF_EXEC */
	unsigned levels;    /* entries read, from the root */
	uint64_t entry[4];
};

/* EPERM no monitor · EINVAL malformed id · EFAULT argument page refused · ENOENT no such device. */
int bh_debug_stream(const union smmu_devid *devid, struct bh_stream *out);
int bh_debug_walk(const union smmu_devid *devid, uint64_t addr, struct bh_walk *out);

/* The hypervisor prints its report on the board's console. */
int bh_debug_report(void);
