/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controlling what devices may do with memory: the client side. A client (here: a partition) creates SMMU
 * objects, puts its devices into them and maps memory into them; every device of an object reaches every
 * mapping of the object with the mapping's rights, and nothing else. Accesses that are refused arrive as
 * fault records. Link with libsmmu.a.
 *
 * Order of calls: smmu_init, smmu_obj_create, smmu_device_add_*, smmu_mapping_add, …, smmu_obj_destroy, smmu_fini.
 * Results: -1 or NULL with errno set (see <bulkhead/guest_errno.h>) unless stated otherwise. Numbers in
 * brackets name the behaviour rules in guest-api/README.md.
 * Any of these also sets ENOSYS if the hypervisor is older than this library and has no such call.
 * Threads and vCPUs: different objects may be used at the same time; one object by one caller at a time. A
 * thread must stay on its vCPU during smmu_mapping_add() of more than one entry and
 * smmu_device_report_reserved(), and no interrupt handler may call these two meanwhile (argument page).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <bulkhead/guest_errno.h>
#include <bulkhead/sigevent.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Abilities. On a system with processes a client acquires them before smmu_init(); here they are rights that
 * the configuration gives to a partition, and the names are for source compatibility.
 */
#define SMMU_ABILITY_ATTACH_NAME "smmu/attach"
#define SMMU_ABILITY_TARGET_NAME "smmu/target"

/* Kinds of device id. SDT_NUM_TYPES in a fault record: the unit could not tell which device it was. */
enum smmu_devid_type {
	SDT_PCI = 0,
	SDT_MMIO = 1,
	SDT_NUM_TYPES = 2
};

/* Wildcard for bus, dev or func. */
#define SMMU_PCI_FIELD_ANY (~0u)

/* Mapping flags. */
#define SMF_NONE   0x00u /* no right at all: the regions are removed */
#define SMF_READ   0x01u /* devices may read */
#define SMF_WRITE  0x02u /* devices may write; some units then let them read too [4.15] */
#define SMF_EXEC   0x04u /* devices may fetch instructions */
#define SMF_VIRT   0x08u /* reserved for future use: EINVAL */
#define SMF_TARGET 0x10u /* use the target argument */

enum smmu_obj_create_flags {
	SOCF_NONE = 0x0000,           /* reserved regions of devices are added and removed automatically */
	SOCF_RESERVED_MANUAL = 0x0001 /* the client maps them itself; needs the ability smmu/target */
};

/* struct smmu_status.flags: at least one record was dropped before this one. Lower bits: BH_FAULT_* of abi.h. */
#define SSF_DROPPED_FAULTS 0x80000000u

/* Results of smmu_safety(). */
#define SMMUMAN_SAFETY_ERROR (-1)
#define SMMUMAN_SAFETY_NO    0
#define SMMUMAN_SAFETY_YES   0xffff

/* A PCI function. */
struct smmu_devid_pci {
	unsigned type; /* SDT_PCI */
	unsigned bus;  /* 0..255 or SMMU_PCI_FIELD_ANY */
	unsigned dev;  /* 0..31 or SMMU_PCI_FIELD_ANY */
	unsigned func; /* 0..7 or SMMU_PCI_FIELD_ANY */
};

/* A device known by its register window (not by memory it uses). */
struct smmu_devid_mmio {
	unsigned type;   /* SDT_MMIO */
	unsigned length; /* bytes */
	uint64_t phys;
};

union smmu_devid {
	unsigned type; /* enum smmu_devid_type: says which member is meant */
	struct smmu_devid_pci pci;
	struct smmu_devid_mmio mmio;
	uint64_t __spacer[4];
};

/* A region. Only phys and len count; the other names of the first member are for future use. */
struct smmu_map_entry {
	union {
		void *virt;
		uint32_t virt32;
		uint64_t virt64;
		uint64_t phys; /* guest-physical address; with SMF_TARGET the device address */
	};
	uint64_t len; /* bytes */
};

/* One refused access. */
struct smmu_status {
	uint64_t hw_specific;   /* first raw word of the unit's record */
	uint64_t fault_addr;    /* device address, if flags has BH_FAULT_ADDR_VALID */
	union smmu_devid devid; /* the device; type SDT_NUM_TYPES: not known */
	unsigned flags;         /* SSF_DROPPED_FAULTS, BH_FAULT_* */
};

struct smmu_object; /* opaque */

#define SMMU_LAYOUT(cond) _Static_assert(cond, "layout of the smmu API: " #cond)
#ifndef __cplusplus
SMMU_LAYOUT(sizeof(struct smmu_devid_pci) == 16);
SMMU_LAYOUT(offsetof(struct smmu_devid_pci, type) == 0);
SMMU_LAYOUT(offsetof(struct smmu_devid_pci, bus) == 4);
SMMU_LAYOUT(offsetof(struct smmu_devid_pci, dev) == 8);
SMMU_LAYOUT(offsetof(struct smmu_devid_pci, func) == 12);
SMMU_LAYOUT(sizeof(struct smmu_devid_mmio) == 16);
SMMU_LAYOUT(offsetof(struct smmu_devid_mmio, type) == 0);
SMMU_LAYOUT(offsetof(struct smmu_devid_mmio, length) == 4);
SMMU_LAYOUT(offsetof(struct smmu_devid_mmio, phys) == 8);
SMMU_LAYOUT(sizeof(union smmu_devid) == 32);
SMMU_LAYOUT(_Alignof(union smmu_devid) == 8);
SMMU_LAYOUT(sizeof(struct smmu_map_entry) == 16);
SMMU_LAYOUT(offsetof(struct smmu_map_entry, phys) == 0);
SMMU_LAYOUT(offsetof(struct smmu_map_entry, len) == 8);
SMMU_LAYOUT(sizeof(struct smmu_status) == 56);
SMMU_LAYOUT(offsetof(struct smmu_status, hw_specific) == 0);
SMMU_LAYOUT(offsetof(struct smmu_status, fault_addr) == 8);
SMMU_LAYOUT(offsetof(struct smmu_status, devid) == 16);
SMMU_LAYOUT(offsetof(struct smmu_status, flags) == 48);
#endif
#undef SMMU_LAYOUT

/*
 * Connects this partition to the service. flags: must be 0. Again while connected: no effect, 0.
 * Returns 0. EINVAL flags not 0 · EPERM the partition has not the ability smmu/attach · ENOENT there is no
 * Bulkhead below this guest, or one with another major ABI version. [4.1]
 */
int smmu_init(unsigned flags);

/* Ends the connection. Objects still there are destroyed, the registration and all fault records are gone. [4.8] */
void smmu_fini(void);

/*
 * Whether the service and what it depends on are safety-certified: SMMUMAN_SAFETY_YES, SMMUMAN_SAFETY_NO
 * (always, so far), or SMMUMAN_SAFETY_ERROR with errno. Needs no smmu_init().
 */
int smmu_safety(void);

/*
 * A new object: no devices, no mappings. flags: SOCF_*.
 * Returns NULL and errno on failure. EINVAL unknown flag · EPERM SOCF_RESERVED_MANUAL without the ability
 * smmu/target · ENOMEM BH_OBJECT_MAX objects exist, or the partition's page pool is empty · ENOTCONN no smmu_init().
 */
struct smmu_object *smmu_obj_create(unsigned flags);

/* Its devices lose all access, its mappings vanish; on return the unit has confirmed both. NULL: no effect. [4.8] */
void smmu_obj_destroy(struct smmu_object *sop);

/*
 * Puts the device into sop, out of any other object of this partition; sop NULL: out of any, it then reaches
 * nothing. A wildcard PCI id means all matching devices of this partition, all or none. [4.10, 4.13, 4.14]
 * Returns 0; or +1: done, but repeat smmu_mapping_add() for this object's mappings (not by this version). [4.2]
 * EINVAL devid NULL, unknown type, or a field out of range · EBADF sop is not an object · ENOENT add: no such
 * device behind any unit; remove: not in an object of this partition · EBUSY owned by another partition or
 * by the configuration, or given to nobody · EIO the unit did not confirm in time, or failed before: it blocks
 * everything · ENODEV the device's unit is not there · ENOMEM page pool or mapping records used up by the
 * device's reserved regions · ENOTCONN.
 */
int smmu_device_add_generic(struct smmu_object *sop, const union smmu_devid *devid);

/*
 * The regions of memory a device needs for itself (firmware tables or `reserved` in the configuration): skips
 * offset regions, fills resv[] with at most nresv. Returns the number there are from offset on, which may be
 * more than nresv; 0: offset is past the last, or the device is not this partition's; (unsigned)-1 and errno on
 * failure: EINVAL devid NULL, unknown type, field out of range, resv NULL with nresv not 0 · ENOENT no such
 * device · EFAULT the argument page was refused · ENOTCONN. A wildcard means all that match. [4.12]
 */
unsigned smmu_device_report_reserved(const union smmu_devid *devid, unsigned offset,
				     struct smmu_map_entry *resv, unsigned nresv);

/*
 * flags with SMF_READ, SMF_WRITE or SMF_EXEC: maps the regions for every device in the object, now and later.
 * Without: removes them; pass exactly the pairs that were added; removing what is not there is no error [4.6].
 * Start is rounded down and end up to 4 KiB [4.4]. pid: pass 0. target: 0, or with SMF_TARGET the
 * guest-physical address of the first region, the next follow at the sum of the lengths before them [4.7].
 * Removal has taken effect on the unit when the call returns.
 * Returns 0. On failure nothing of the request stays (an add of more than one hypercall's worth is taken back;
 * a removal goes on and reports the first error).
 * EINVAL entries NULL, num_entries 0, a len of 0, address + len wraps, unknown flag, SMF_VIRT, pid not 0, rights
 * this unit's tables cannot express (SMF_EXEC alone), SMF_TARGET with entry and target at different offsets in
 * their page, a page that is mapped to another target already · EBADF not an object · EPERM SMF_TARGET without
 * the ability smmu/target · EACCES not in the partition's memory or its devices' registers, or not with these
 * rights · ERANGE device address outside what the unit translates (39 bits) · ENOMEM page pool or mapping records
 * used up · E2BIG the request needs more page-table entries in one piece than one call may touch: pass smaller
 * regions · EIO the unit did not confirm in time; the object's devices behind it are blocked · EFAULT the argument page
 * was refused · ENOTCONN.
 */
int smmu_mapping_add(struct smmu_object *sop, unsigned flags, pid_t pid, unsigned num_entries,
		     const struct smmu_map_entry *entries, uint64_t target);

/*
 * Asks for one event when a fault record is available; if one is already there the event comes at once. One-shot:
 * ask again after each. evp->sigev_notify: SIGEV_VIRQ; the interrupt's number is the configuration's. NULL: cancel.
 * The first call starts the collection of records. Returns 1. EINVAL another sigev_notify · EPERM the configuration
 * gives this partition no fault interrupt · ENOTCONN. [4.11]
 */
int smmu_xfer_notify(const struct sigevent *evp);

/*
 * Takes the oldest fault record out into *ssp. Returns 0. EAGAIN there is none · EINVAL ssp NULL · ENOTCONN. [4.11]
 */
int smmu_xfer_status(struct smmu_status *ssp);

/* As smmu_device_add_generic() for the device whose registers are at phys, len bytes. sop NULL: removes it. */
static inline int smmu_device_add_mmio(struct smmu_object *const sop, uint64_t const phys, unsigned const len)
{
	union smmu_devid id;

	id.mmio.type = SDT_MMIO;
	id.mmio.length = len;
	id.mmio.phys = phys;
	return smmu_device_add_generic(sop, &id);
}

/* As smmu_device_add_generic() for a PCI function; each field may be SMMU_PCI_FIELD_ANY. sop NULL: removes it. */
static inline int smmu_device_add_pci(struct smmu_object *const sop, unsigned const pbus, unsigned const pdev,
				      unsigned const pfunc)
{
	union smmu_devid id;

	id.pci.type = SDT_PCI;
	id.pci.bus = pbus;
	id.pci.dev = pdev;
	id.pci.func = pfunc;
	return smmu_device_add_generic(sop, &id);
}

#ifdef __cplusplus
}
#endif
