/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files hyp/iommu*.c share among themselves and nobody else includes. "Locked" in a comment means
 * that the caller holds the client's lock.
 */
#pragma once

#include <hyp/iommu.h>
#include <hyp/log.h>

/* --- hyp/iommu.c: units; the commit step ------------------------------------------------------ */

/* What all usable units have in common: every object is built so that every unit can walk it. */
extern struct iommu_cap iommu_common;

enum { CHANGE_MAX = 16 }; /* above this the whole domain is invalidated instead of its ranges */

struct change_list {
	unsigned count;
	bool all;
	struct pt_change c[CHANGE_MAX];
};

static inline void change_init(struct change_list *l)
{
	l->count = 0;
	l->all = false;
}

void change_note(struct change_list *l, const struct pt_change *c);

/*
 * Invalidates what the list says on every unit the object is used on, with one sync per unit [I4]. -BH_EIO: a unit
 * did not answer; it is failed and blocks everything.
 */
int domain_commit(struct smmu_object *o, const struct change_list *l);
int domain_commit_one(struct smmu_object *o, const struct pt_change *c); /* the same for one change */
int domain_flush(struct smmu_object *o); /* the whole domain; -BH_EIO as above */

void caps_merge(void); /* boot: fills iommu_common */
bool unit_usable(unsigned unit);
bool domain_broken(const struct smmu_object *o); /* attached behind a unit that has failed */
void unit_error(struct iommu_unit *u); /* handles and reports global errors, after the fault records are drained */
bool unit_fault_next(struct iommu_unit *u, struct iommu_fault *f, bool *lost);
int unit_mute(unsigned unit, sid_t sid, const struct iommu_domain *d, bool muted);
unsigned unit_entry_read(const struct endpoint *ep, uint64_t words[8], char *text, size_t size);

/* Locked. Complete on return. -BH_EIO, -BH_ENOMEM, -BH_ERANGE: blocked or where it was, see iommu_hw_attach(). */
int endpoint_attach(struct endpoint *ep, struct smmu_object *o) __must_check;
int endpoint_detach(struct endpoint *ep);
int endpoints_attach(const struct iommu_client *c); /* all of c's that were only remembered so far */

/* --- hyp/iommu_build.c: the tables of endpoints and clients, constant after boot -------------- */

extern const struct hyp_config *iommu_cfg;
extern struct iommu_client iommu_client0;

unsigned endpoint_count(void);

/* --- hyp/iommu_record.c: mapping records; all locked ------------------------------------------ */

static inline unsigned record_hash(uint64_t addr, unsigned object)
{
	uint64_t page = addr >> PAGE_SHIFT;

	return (unsigned)(page ^ (page >> 6) ^ object) % HASH_MAX;
}

static inline bool record_is(const struct smmu_mapping *m, unsigned object, uint64_t addr, uint64_t size, uint16_t tag)
{
	return m->iova == addr && m->size == size && m->object == object && m->tag == tag;
}

/* True if record_new() will find a place. */
static inline bool record_room(const struct iommu_client *c)
{
	return c->mapping_free != 0 || c->mapping_top < MAPPING_MAX;
}

/* The link that leads to the record of exactly this address and length, or to nothing: *link is 0 then. */
static inline uint16_t *record_link(struct iommu_client *c, unsigned object, uint64_t addr, uint64_t size,
				    uint16_t tag)
{
	uint16_t *link = &c->hash[record_hash(addr, object)];

	while (*link != 0 && !record_is(&c->mapping[*link - 1], object, addr, size, tag)) {
		link = &c->mapping[*link - 1].next;
	}
	return link;
}

/* Takes the record that link leads to out of its chain. */
static inline void record_unlink(struct iommu_client *c, uint16_t *link)
{
	uint16_t n = *link;
	struct smmu_mapping *m = &c->mapping[n - 1];

	*link = m->next;
	m->used = false;
	m->next = c->mapping_free;
	c->mapping_free = n;
}

/* A new one; there is room, and its place in the chain is link, which leads to nothing. */
static inline struct smmu_mapping *record_take(struct iommu_client *c, uint16_t *link)
{
	unsigned n = c->mapping_free;
	struct smmu_mapping *m;

	if (n != 0) {
		c->mapping_free = c->mapping[n - 1].next;
	} else {
		n = ++c->mapping_top;
	}
	m = &c->mapping[n - 1];
	m->next = *link;
	*link = (uint16_t)n;
	m->used = true;
	m->shared = false;
	return m;
}

/* Kept for "unmapped n calls ago". */
static inline void record_remember(struct iommu_client *c, const struct smmu_mapping *m)
{
	struct smmu_mapping *to = &c->gone[c->gone_next];

	*to = *m;
	to->serial = c->calls;
	c->gone_next = (c->gone_next + 1) % UNMAPPED_MAX;
}

struct smmu_mapping *record_find(struct iommu_client *c, unsigned object, const struct smmu_region *r, uint16_t tag);
struct smmu_mapping *record_new(struct iommu_client *c, unsigned object, const struct smmu_region *r, uint16_t tag);
void record_free(struct iommu_client *c, struct smmu_mapping *m);
void record_drop_object(struct iommu_client *c, unsigned object);

static inline uint64_t mapping_start(const struct smmu_mapping *m)
{
	return m->iova & ~PAGE_MASK;
}

/* The last byte, rounded to pages: never wraps, whatever was asked for. */
static inline uint64_t mapping_last(const struct smmu_mapping *m)
{
	return (m->iova + (m->size - 1)) | PAGE_MASK;
}

/* Fills c->near with the other records of m's object that share pages with m; returns the pages, over all of them. */
uint64_t record_near(struct iommu_client *c, const struct smmu_mapping *m, bool count_pending);

/* A stretch of m's pages that the same set of near records covers. */
struct segment {
	uint64_t start;
	uint64_t size;
	unsigned prot;  /* union of the near records covering it */
	unsigned count; /* how many of them */
};

/* The segment at pos, which is in m; c->near was filled for m. */
struct segment record_segment(const struct iommu_client *c, const struct smmu_mapping *m, uint64_t pos);

/* --- hyp/iommu_map.c -------------------------------------------------------------------------- */

struct map_request {
	struct vm *vm;     /* source addresses are its IPAs; NULL: host physical */
	const struct smmu_region *r;
	unsigned count;
	unsigned prot;     /* rights; PROT_DEVICE if vm is NULL and the target is registers */
	uint64_t delta;    /* source = device address + delta */
	uint16_t tag;
};

/* Locked. All or nothing [I5]; -BH_EINVAL … as smmu_mapping_add(). */
int object_map(struct iommu_client *c, struct smmu_object *o, const struct map_request *q) __must_check;

/* Locked. Removes what is there under exactly these addresses and lengths; cannot fail but for -BH_EIO. */
int object_unmap(struct iommu_client *c, struct smmu_object *o, const struct smmu_region *r, unsigned count,
		 uint16_t tag);

/* --- hyp/iommu_map_check.c: the part of object_map() that may fail ---------------------------- */

/* The physical range behind [source, …) for q, at most left bytes; 0 or -BH_EACCES. */
struct piece {
	uint64_t pa;
	uint64_t size;
	unsigned type; /* PROT_DEVICE or 0 */
};

int map_piece(const struct map_request *q, uint64_t source, uint64_t left, struct piece *p) __must_check;
int map_check(struct iommu_client *c, const struct map_request *q) __must_check;
int map_reserve(struct iommu_client *c, struct smmu_object *o, const struct map_request *q) __must_check;
void map_release(struct iommu_client *c, const struct map_request *q, unsigned count);
int map_prepare(struct iommu_client *c, struct smmu_object *o, const struct map_request *q,
		struct change_list *l) __must_check;

/* --- hyp/iommu_obj.c -------------------------------------------------------------------------- */

struct iommu_client *client_of(struct vm *vm);
struct smmu_object *object_get(struct iommu_client *c, uint64_t handle); /* locked; NULL: no such object of theirs */
/* Locked. Puts empty table pages of all objects back into the pool; -BH_ENOMEM: there were none, -BH_EIO. */
int client_reclaim(struct iommu_client *c) __must_check;
int object_init(struct iommu_client *c, struct smmu_object *o) __must_check;

/* Locked. It is gone on return in any case; -BH_EIO: a unit did not confirm, it blocks everything now. */
int object_destroy(struct iommu_client *c, struct smmu_object *o);

/* --- hyp/iommu_dev.c -------------------------------------------------------------------------- */

/* Bit n: endpoint n matches. */
uint64_t devid_match(const struct smmu_devid *id);
bool devid_valid(const struct smmu_devid *id);
bool devid_wild(const struct smmu_devid *id);
int endpoint_enter(struct iommu_client *c, struct endpoint *ep, struct smmu_object *o) __must_check; /* locked */
int endpoint_leave(struct iommu_client *c, struct endpoint *ep);                                     /* locked */

/* --- hyp/iommu_fault.c ------------------------------------------------------------------------ */

enum { IOMMU_IRQ_CPU = 0 }; /* takes every unit's interrupts */

struct fault_totals {
	uint64_t lost;    /* times a unit said that it dropped records */
	uint64_t unknown; /* records that name no configured device */
};

struct fault_totals iommu_fault_totals(void);

/* --- hyp/iommu_ring.c ------------------------------------------------------------------------- */

/* Copies the record to the owner and to every monitor that listens; no lock held. */
void fault_record_send(const struct fault_record *rec, struct vm *owner);

/* A unit dropped records, nobody knows whose: everybody who listens is told that some were lost; no lock held. */
void fault_lost_send(void);
void ring_reset(struct iommu_client *c); /* locked */

/* --- hyp/fault_text.c: words ------------------------------------------------------------------ */

/* One line about the fault; ep may be NULL. Locked if the endpoint has a client. Returns the length needed. */
size_t fault_text(char *buf, size_t size, const struct hyp_config *cfg, const struct iommu_fault *f,
		  const struct endpoint *ep);

/* What is at this physical address, in words: "belongs to partition x (region y, +0x10)". */
size_t address_text(char *buf, size_t size, const struct hyp_config *cfg, uint64_t addr);
