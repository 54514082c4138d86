/* SPDX-License-Identifier: Apache-2.0 */
/* Event records, overflow, global errors: everything a device can make the unit say [I6]. */
#include "smmuv3_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x20, QUEUE = 256 };

#define IOVA 0x40000000ull

static struct iommu_domain dom;

static void setup_one(const struct smmuv3_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(&dom, 0, 1);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom), 0);
	map(&dom, IOVA, TARGET_A, PAGE_SIZE, PROT_READ);
}

static struct iommu_fault next(void)
{
	struct iommu_fault f;
	bool lost;

	assert_true(iommu_hw_fault_next(U(0), &f, &lost));
	assert_false(lost);
	return f;
}

static void empty(void)
{
	struct iommu_fault f;
	bool lost;

	assert_false(iommu_hw_fault_next(U(0), &f, &lost));
	assert_false(lost);
}

struct expect {
	uint8_t type;
	const char *name;
	enum fault_reason reason;
	bool addr, access;
};

static const struct expect events[] = {
	{ 0x01, "F_UUT", FAULT_OTHER, true, true },
	{ 0x02, "C_BAD_STREAMID", FAULT_BLOCKED, false, false },
	{ 0x03, "F_STE_FETCH", FAULT_TABLE, false, false },
	{ 0x04, "C_BAD_STE", FAULT_TABLE, false, false },
	{ 0x05, "F_BAD_ATS_TREQ", FAULT_BLOCKED, true, false },
	{ 0x06, "F_STREAM_DISABLED", FAULT_BLOCKED, false, false },
	{ 0x07, "F_TRANSL_FORBIDDEN", FAULT_BLOCKED, true, true },
	{ 0x08, "C_BAD_SUBSTREAMID", FAULT_BLOCKED, false, false },
	{ 0x09, "F_CD_FETCH", FAULT_TABLE, false, false },
	{ 0x0a, "C_BAD_CD", FAULT_TABLE, false, false },
	{ 0x0b, "F_WALK_EABT", FAULT_TABLE, true, true },
	{ 0x10, "F_TRANSLATION", FAULT_UNMAPPED, true, true },
	{ 0x11, "F_ADDR_SIZE", FAULT_ADDRESS, true, true },
	{ 0x12, "F_ACCESS", FAULT_PERMISSION, true, true },
	{ 0x13, "F_PERMISSION", FAULT_PERMISSION, true, true },
	{ 0x20, "F_TLB_CONFLICT", FAULT_TABLE, true, true },
	{ 0x21, "F_CFG_CONFLICT", FAULT_TABLE, false, false },
	{ 0x24, "E_PAGE_REQUEST", FAULT_OTHER, true, false },
	{ 0x25, "F_VMS_FETCH", FAULT_TABLE, false, false },
};

static const struct expect *expected(unsigned type)
{
	static struct expect unknown = { 0, "UNKNOWN", FAULT_OTHER, false, false };
	static struct expect impdef = { 0, "IMPDEF_EVENT", FAULT_OTHER, false, false };
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(events); i++) {
		if (events[i].type == type) {
			return &events[i];
		}
	}
	return type >= 0xe0 && type <= 0xef ? &impdef : &unknown;
}

static void check_event(unsigned type, unsigned bits, uint8_t access)
{
	const struct expect *e = expected(type);
	uint64_t w[4] = { type | 0x20ull << 32, (uint64_t)bits << 33, 0xfffff123456789abull, 0x0123456789abcdefull };
	struct iommu_fault f;

	assert_true(smmuv3_model_event(0, w));
	f = next();
	assert_int_equal(f.unit, 0);
	assert_int_equal(f.sid, SID);
	assert_int_equal(f.sid_valid, e->type != 0);
	assert_string_equal(f.name, e->name);
	assert_int_equal(f.reason, e->reason);
	assert_int_equal(f.addr_valid, e->addr);
	assert_int_equal(f.addr, e->addr ? w[2] : 0);
	assert_int_equal(f.access, e->access ? access : 0);
	assert_memory_equal(f.hw, w, sizeof(w));
}

static void every_event(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	unsigned type;

	(void)state;
	setup_one(&o);
	for (type = 0; type < 0x100; type++) {
		check_event(type, 0, PROT_WRITE);
		check_event(type, 4, PROT_READ);      /* RnW, bit 35 */
		check_event(type, 4 | 2, PROT_EXEC);  /* and InD, bit 34 */
	}
	empty();
}

static void every_event_from_a_unit_that_is_not_coherent(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	unsigned type;

	(void)state;
	o.coherent = false;
	setup_one(&o);
	for (type = 0; type < 0x100; type++) {
		check_event(type, 4, PROT_READ);
	}
	empty();
}

static void what_the_model_refuses_is_told(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	struct iommu_fault f;

	(void)state;
	setup_one(&o);
	assert_int_equal(smmuv3_model_dma(0, SID, IOVA, true, NULL), SMMUV3_DMA_BLOCKED);
	f = next();
	assert_string_equal(f.name, "F_PERMISSION");
	assert_int_equal(f.access, PROT_WRITE);
	assert_int_equal(f.addr, IOVA);
	assert_int_equal(smmuv3_model_dma(0, SID, IOVA + PAGE_SIZE + 5, false, NULL), SMMUV3_DMA_BLOCKED);
	f = next();
	assert_string_equal(f.name, "F_TRANSLATION");
	assert_int_equal(f.access, PROT_READ);
	assert_int_equal(f.addr, IOVA + PAGE_SIZE + 5);
	/* Not attached, in a table and outside: both are "blocked", not "bad table". */
	assert_int_equal(smmuv3_model_dma(0, SID + 1, IOVA, true, NULL), SMMUV3_DMA_BLOCKED);
	f = next();
	assert_string_equal(f.name, "C_BAD_STE");
	assert_int_equal(f.reason, FAULT_BLOCKED);
	assert_int_equal(f.sid, SID + 1);
	assert_int_equal(smmuv3_model_dma(0, 0x7777, IOVA, true, NULL), SMMUV3_DMA_BLOCKED);
	f = next();
	assert_string_equal(f.name, "C_BAD_STREAMID");
	assert_int_equal(f.reason, FAULT_BLOCKED);
	assert_int_equal(f.sid, 0x7777);
	empty();
}

static void stream_ids_out_of_range_are_harmless(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	uint64_t w[4] = { 0x04 | 0xffffffffull << 32 };
	struct iommu_fault f;

	(void)state;
	setup_one(&o);
	assert_true(smmuv3_model_event(0, w));
	f = next();
	assert_int_equal(f.sid, 0xffffffffu);
	assert_int_equal(f.reason, FAULT_BLOCKED);
}

static void order_is_kept_over_many_turns(void **state)
{
	static const uint8_t log2[] = { 0, 1, 5, 8, 19 };
	unsigned k;

	(void)state;
	for (k = 0; k < ARRAY_COUNT(log2); k++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		uint64_t put = 0;
		uint64_t got = 0;
		unsigned i, n;

		o.evtq_log2 = log2[k];
		setup_one(&o);
		for (i = 0; i < 700; i++) {
			for (n = 0; n < (i % 5) + 1 && n < (1u << log2[k]); n++) {
				uint64_t w[4] = { 0x10, 0, put, 0 };

				assert_true(smmuv3_model_event(0, w));
				put++;
			}
			while (got < put) {
				assert_int_equal(next().addr, got);
				got++;
			}
		}
		empty();
	}
}

/* --- overflow --- */

static void check_overflow(bool abt)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	uint64_t w[4] = { 0x10 | 0x20ull << 32 };
	struct iommu_fault f;
	unsigned i, round;
	char text[80];
	bool fatal, lost;

	setup_one(&o);
	smmuv3_model_inject(0)->abt_not_ovflg = abt;
	for (round = 0; round < 3; round++) {
		unsigned lost_count = 0;

		for (i = 0; i < QUEUE; i++) {
			w[2] = i;
			assert_true(smmuv3_model_event(0, w));
		}
		assert_false(smmuv3_model_event(0, w));
		assert_false(smmuv3_model_event(0, w));
		assert_int_equal(smmuv3_model_irqs(0, 0), 1);
		if (abt) {
			assert_int_equal(smmuv3_model_irqs(0, 1), 1);
			assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
			assert_false(fatal);
			assert_string_equal(text, "EVENTQ_ABT_ERR");
		}
		for (i = 0; iommu_hw_fault_next(U(0), &f, &lost); i++) {
			assert_int_equal(f.addr, i);
			lost_count += lost;
		}
		lost_count += lost;
		assert_int_equal(i, QUEUE);
		assert_int_equal(lost_count, 1); /* said exactly once */
	}
	assert_true(smmuv3_model_event(0, w));
	(void)next();
}

static void overflow_is_told_once(void **state)
{
	(void)state;
	check_overflow(false);
}

static void overflow_as_an_abort_is_told_once(void **state)
{
	(void)state;
	check_overflow(true);
}

/* More records than the queue has places: nothing of it is believed, and it is said. */
static void I6_impossible_prod_is_bounded(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	uint64_t w[4] = { 0x10 | 0x20ull << 32 };
	uint32_t ahead;

	(void)state;
	setup_one(&o);
	for (ahead = QUEUE + 1; ahead < 2 * QUEUE; ahead += 5) {
		uint32_t cons = smmuv3_model_reg32(0, 0x100ac);
		struct iommu_fault f;
		bool lost;

		smmuv3_model_poke32(0, 0x100a8, (cons + ahead) & (2 * QUEUE - 1));
		assert_false(iommu_hw_fault_next(U(0), &f, &lost));
		assert_true(lost);
		empty();
		assert_true(smmuv3_model_event(0, w)); /* and goes on */
		(void)next();
	}
	/* Bits above the index and the wrap are not an index. */
	smmuv3_model_poke32(0, 0x100a8, smmuv3_model_reg32(0, 0x100ac) | 0x7ffffe00);
	empty();
}

static void nothing_before_enable(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();

	(void)state;
	o.reset = SMMUV3_RESET_FOREIGN;
	setup_unit(0, &o);
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	smmuv3_model_poke32(0, 0x100a8, 77);
	empty();
}

/* --- global errors --- */

static void every_global_error(void **state)
{
	static const struct {
		uint32_t bit;
		bool fatal;
		const char *text;
	} errors[] = {
		{ 1u << 0, true, "CMDQ_ERR, CERROR_NONE" }, { 1u << 2, false, "EVENTQ_ABT_ERR" },
		{ 1u << 3, false, "PRIQ_ABT_ERR" }, { 1u << 4, false, "MSI_CMDQ_ABT_ERR" },
		{ 1u << 5, false, "MSI_EVENTQ_ABT_ERR" }, { 1u << 6, false, "MSI_PRIQ_ABT_ERR" },
		{ 1u << 7, false, "MSI_GERROR_ABT_ERR" }, { 1u << 8, true, "SFM_ERR" },
		{ 1u << 9, true, "CMDQP_ERR" }, { 1u << 10, true, "DPT_ERR" },
		{ 1u << 20, false, "unknown GERROR bit" },
		{ (1u << 8) | (1u << 2), true, "EVENTQ_ABT_ERR, SFM_ERR" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(errors); i++) {
		struct smmuv3_model_opts o = smmuv3_model_default();
		char text[120];
		bool fatal;

		setup_one(&o);
		assert_false(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
		smmuv3_model_gerror(0, errors[i].bit);
		assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
		assert_int_equal(fatal, errors[i].fatal);
		assert_string_equal(text, errors[i].text);
		assert_false(iommu_hw_error(U(0), &fatal, text, sizeof(text))); /* acknowledged */
		assert_false(fatal);
		smmuv3_model_gerror(0, errors[i].bit);
		/* Seen again: a toggle, not a level. */
		assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
	}
}

static void error_text_fits_any_buffer(void **state)
{
	struct smmuv3_model_opts o = smmuv3_model_default();
	size_t size;

	(void)state;
	for (size = 0; size < 40; size++) {
		char text[41];
		bool fatal;

		setup_one(&o);
		memset(text, 'x', sizeof(text));
		smmuv3_model_gerror(0, 0x7fd);
		assert_true(iommu_hw_error(U(0), &fatal, text, size));
		assert_int_equal(text[size], 'x');
		assert_true(size == 0 || memchr(text, 0, size) != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_event), T(every_event_from_a_unit_that_is_not_coherent), T(what_the_model_refuses_is_told),
		T(stream_ids_out_of_range_are_harmless), T(order_is_kept_over_many_turns), T(overflow_is_told_once),
		T(overflow_as_an_abort_is_told_once), T(I6_impossible_prod_is_bounded), T(nothing_before_enable),
		T(every_global_error), T(error_text_fits_any_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
