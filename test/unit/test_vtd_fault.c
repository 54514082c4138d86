/* SPDX-License-Identifier: Apache-2.0 */
/* Fault records, overflow, the event message and global errors: everything a device can make the unit say [I6]. */
#include "vtd_setup.h"

#include <string.h>

enum { RW = PROT_READ | PROT_WRITE, SID = 0x20 };

#define IOVA 0x40000000ull

static struct iommu_domain dom;

static void setup_one(const struct vtd_model_opts *o)
{
	setup_each(NULL);
	setup_running(0, o);
	setup_domain(&dom, 0, 1);
	assert_int_equal(iommu_hw_attach(U(0), SID, &dom), 0);
	map_sync(0, &dom, IOVA, TARGET_A, PAGE_SIZE, PROT_READ);
	(void)vtd_model_irqs(0);
}

static struct iommu_fault next(void)
{
	struct iommu_fault f;
	bool lost = false;

	assert_true(iommu_hw_fault_next(U(0), &f, &lost));
	assert_false(lost);
	return f;
}

static void empty(void)
{
	struct iommu_fault f;
	bool lost = false;

	assert_false(iommu_hw_fault_next(U(0), &f, &lost));
	assert_false(lost);
}

/* --- what a record says [7.1, table 25; legacy mode and interrupt remapping] --- */

struct expect {
	uint8_t code;
	enum fault_reason reason; /* FAULT_NONE: left to the driver */
	bool addr;
};

static const struct expect reasons[] = {
	{ 0x1, FAULT_BLOCKED, false }, { 0x2, FAULT_BLOCKED, false }, { 0x3, FAULT_TABLE, false },
	{ 0x4, FAULT_ADDRESS, true }, { 0x5, FAULT_NONE, true }, { 0x6, FAULT_NONE, true },
	{ 0x7, FAULT_TABLE, false }, { 0x8, FAULT_TABLE, false }, { 0x9, FAULT_TABLE, false },
	{ 0xa, FAULT_TABLE, false }, { 0xb, FAULT_TABLE, false }, { 0xc, FAULT_TABLE, false },
	{ 0xd, FAULT_BLOCKED, false },
};

static void every_reason(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	unsigned code, i;

	(void)state;
	setup_one(&o);
	for (code = 0; code < 0x100; code++) {
		struct iommu_fault f;

		assert_true(vtd_model_fault(0, 0x1234, (uint8_t)code, 0xfffff12345678000ull, (code & 1) != 0));
		f = next();
		assert_int_equal(f.unit, 0);
		assert_true(f.sid_valid);
		assert_int_equal(f.sid, 0x1234);
		assert_non_null(f.name);
		assert_in_range(strlen(f.name), 1, 40);
		for (i = 0; i < ARRAY_COUNT(reasons) && reasons[i].code != code; i++) {
		}
		if (i < ARRAY_COUNT(reasons) && reasons[i].reason != FAULT_NONE) {
			assert_int_equal(f.reason, reasons[i].reason);
		}
		if (i < ARRAY_COUNT(reasons) && reasons[i].addr) {
			assert_true(f.addr_valid);
			assert_int_equal(f.addr, 0xfffff12345678000ull);
			assert_int_equal(f.access, (code & 1) != 0 ? PROT_READ : PROT_WRITE);
		}
		if (f.reason == FAULT_UNMAPPED || f.reason == FAULT_PERMISSION) {
			assert_true(code == 5 || code == 6);
		}
		/* An interrupt index is no address. */
		if (code >= 0x20 && code <= 0x26) {
			assert_false(f.addr_valid);
			assert_int_equal(f.addr, 0);
		}
		assert_memory_not_equal(f.hw, ((uint64_t[4]){ 0 }), sizeof(f.hw));
	}
	empty();
}

static void what_the_model_refuses_is_told(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_fault f;

	(void)state;
	setup_one(&o);
	assert_int_equal(vtd_model_dma(0, SID, IOVA, true, NULL), VTD_DMA_BLOCKED);
	f = next();
	assert_true(f.reason == FAULT_PERMISSION || f.reason == FAULT_UNMAPPED);
	assert_int_equal(f.access, PROT_WRITE);
	assert_int_equal(f.addr, IOVA);
	assert_int_equal(vtd_model_dma(0, SID, IOVA + PAGE_SIZE + 5, false, NULL), VTD_DMA_BLOCKED);
	f = next();
	assert_true(f.reason == FAULT_PERMISSION || f.reason == FAULT_UNMAPPED);
	assert_int_equal(f.access, PROT_READ);
	assert_int_equal(f.addr, IOVA + PAGE_SIZE); /* the unit tells the page */
	assert_int_equal(vtd_model_dma(0, SID, 1ull << 50, false, NULL), VTD_DMA_BLOCKED);
	assert_int_equal(next().reason, FAULT_ADDRESS);
	/* Not attached, on a bus that has a table and on one that has none: both are "blocked". */
	assert_int_equal(vtd_model_dma(0, SID + 1, IOVA, true, NULL), VTD_DMA_BLOCKED);
	assert_int_equal(next().reason, FAULT_BLOCKED);
	assert_int_equal(vtd_model_dma(0, 0x7777, IOVA, true, NULL), VTD_DMA_BLOCKED);
	f = next();
	assert_int_equal(f.reason, FAULT_BLOCKED);
	assert_int_equal(f.sid, 0x7777);
	empty();
}

/* --- records of every count, from whichever index the unit has got to --- */

static void every_record_is_taken_in_any_position(void **state)
{
	uint8_t nfr;

	(void)state;
	for (nfr = 1; nfr <= 8; nfr++) {
		struct vtd_model_opts o = vtd_model_default();
		unsigned got, i, k, n;
		uint32_t seen;

		o.nfr = nfr;
		o.fro = (uint8_t)(0x20 + nfr);
		o.no_compress = (nfr & 1) != 0;
		setup_one(&o);
		for (i = 0; i < 100; i++) {
			n = 1 + i % nfr;
			for (k = 0; k < n; k++) {
				assert_true(vtd_model_fault(0, 0x100 + k, 6, k << 12, true));
			}
			for (got = 0, seen = 0; got < n; got++) {
				struct iommu_fault f = next();

				assert_in_range(f.sid, 0x100, 0x100 + n - 1);
				seen |= 1u << (f.sid - 0x100);
				assert_int_equal(f.addr, (uint64_t)(f.sid - 0x100) << 12);
			}
			assert_int_equal(seen, (1u << n) - 1);
			empty();
		}
	}
}

/* One record, one device after another: nobody is hidden for longer than one look. */
static void I6_one_device_does_not_hide_another(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_fault f;
	bool lost = false;
	unsigned i;

	(void)state;
	setup_one(&o);
	for (i = 0; i < 50; i++) {
		assert_true(vtd_model_fault(0, 0x111, 6, 0x1000, true));
		assert_false(vtd_model_fault(0, 0x222, 6, 0x2000, true)); /* no room: PFO */
		assert_false(vtd_model_fault(0, 0x111, 6, 0x3000, true));
		lost = false;
		assert_true(iommu_hw_fault_next(U(0), &f, &lost));
		assert_int_equal(f.sid, 0x111);
		if (!lost) {
			assert_false(iommu_hw_fault_next(U(0), &f, &lost));
		}
		assert_true(lost); /* somebody was not recorded: said */
		empty();
		assert_true(vtd_model_fault(0, 0x222, 6, 0x2000, true));
		f = next();
		assert_int_equal(f.sid, 0x222);
		empty();
	}
}

static void overflow_is_told_once(void **state)
{
	uint8_t nfr;

	(void)state;
	for (nfr = 1; nfr <= 8; nfr++) {
		struct vtd_model_opts o = vtd_model_default();
		unsigned i, n, told, round;

		o.nfr = nfr;
		setup_one(&o);
		for (round = 0; round < 3; round++) {
			struct iommu_fault f;
			bool lost;

			for (i = 0; i < nfr; i++) {
				assert_true(vtd_model_fault(0, 0x300 + i, 5, 0, false));
			}
			assert_false(vtd_model_fault(0, 0x400, 5, 0, false));
			assert_int_equal(vtd_model_irqs(0), 1);
			n = told = 0;
			do {
				lost = false;
				n += iommu_hw_fault_next(U(0), &f, &lost);
				told += lost;
			} while (n < nfr || told == 0);
			assert_int_equal(n, nfr);
			empty();
			assert_int_equal(told, 1);
		}
	}
}

/* --- the event message --- */

static void the_message_is_ours(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	o.left = VTD_LEFT_ALL;
	setup_one(&o);
	empty(); /* what was pending before us is not ours */
	assert_true(vtd_model_fault(0, SID, 6, 0, true));
	assert_int_equal(vtd_model_irqs(0), 1);
	assert_int_equal(vtd_model_msg_addr(0), 0xfee00000);
	assert_int_equal(vtd_model_msg_data(0), FAULT_IRQ(0));
}

static void a_unit_without_an_interrupt_sends_none(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	setup_unit(0, &o);
	U(0)->irq[0] = 0;
	assert_int_equal(iommu_hw_probe(U(0)), 0);
	assert_int_equal(iommu_hw_block(U(0)), 0);
	assert_int_equal(iommu_hw_enable(U(0)), 0);
	assert_true(vtd_model_fault(0, SID, 6, 0, true));
	assert_int_equal(vtd_model_irqs(0), 0);
	(void)next();
	empty();
}

/* A fault may come between any two register accesses of the handler. */
static struct {
	unsigned at, seen, sent;
	sid_t sid;
} intruder;

static void intrude(void *ctx)
{
	(void)ctx;
	if (++intruder.seen == intruder.at) {
		intruder.sent++;
		(void)vtd_model_fault(0, intruder.sid, 6, 0x9000, true);
	}
}

/* What an interrupt does. Returns how many records were taken. */
static unsigned handle(bool *lost)
{
	struct iommu_fault f;
	char text[120];
	unsigned n = 0;
	bool fatal;

	for (; n < 100; n++) {
		bool here = false;
		bool more = iommu_hw_fault_next(U(0), &f, &here);

		*lost = *lost || here;
		if (!more) {
			break;
		}
	}
	(void)iommu_hw_error(U(0), &fatal, text, sizeof(text));
	return n;
}

static void I6_no_fault_is_silently_lost(void **state)
{
	unsigned at, flavours;

	(void)state;
	for (flavours = 0; flavours < 8; flavours++) {
		for (at = 1; at < 60; at++) {
			struct vtd_model_opts o = vtd_model_default();
			unsigned taken, k;
			bool lost = false;

			o.nfr = (flavours & 1) != 0 ? 3 : 1;
			o.no_compress = (flavours & 2) != 0;
			setup_one(&o);
			memset(&intruder, 0, sizeof(intruder));
			intruder.at = at;
			intruder.sid = 0x999;
			assert_true(vtd_model_fault(0, 0x111, 6, 0, true));
			for (k = 0; k < o.nfr && (flavours & 4) != 0; k++) {
				(void)vtd_model_fault(0, 0x222 + k, 6, 0, true); /* the last one overflows */
			}
			assert_int_equal(vtd_model_irqs(0), 1);
			vtd_model_each_access(0, intrude, NULL);
			taken = handle(&lost);
			vtd_model_each_access(0, NULL, NULL);
			if (intruder.sent == 0) {
				break; /* the handler has fewer accesses than that */
			}
			/* A second interrupt, or it was taken already, or told to be lost. */
			while (vtd_model_irqs(0) > 0) {
				taken += handle(&lost);
			}
			assert_true(taken >= 2 || lost);
			/* Nothing was left behind, and the next one interrupts. */
			empty();
			assert_true(vtd_model_fault(0, 0x555, 6, 0, true));
			assert_int_equal(vtd_model_irqs(0), 1);
			assert_int_equal(handle(&lost), 1);
		}
		assert_in_range(at, 2, 59);
	}
}

/* A record that cannot be cleared, a status that cannot be acknowledged: bounded, and the caller gets on. */
static uint64_t stuck_read(void *ctx, uint64_t off, unsigned width)
{
	(void)ctx;
	if (off >= 0x220 && off < 0x230) {
		return width == 4 ? ~0u : ~0ull;
	}
	if (off == 0x34) {
		return 0xff03;
	}
	return width == 4 ? vtd_model_reg32(0, off) : vtd_model_reg64(0, off);
}

static void stuck_write(void *ctx, uint64_t off, unsigned width, uint64_t v)
{
	(void)ctx;
	(void)off;
	(void)width;
	(void)v;
}

static void I6_a_call_is_bounded_whatever_the_unit_says(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	struct iommu_fault f;
	unsigned i;

	(void)state;
	setup_one(&o);
	fake_reset();
	fake_mmio_add(UNIT_BASE(0), VTD_MODEL_SIZE, stuck_read, stuck_write, NULL);
	for (i = 0; i < 1000; i++) {
		char text[120];
		bool lost, fatal;

		fake_mmio_count = 0;
		(void)iommu_hw_fault_next(U(0), &f, &lost);
		(void)iommu_hw_error(U(0), &fatal, text, sizeof(text));
		assert_true(fake_mmio_count < 100);
	}
}

static void nothing_before_enable(void **state)
{
	struct vtd_model_opts o = vtd_model_default();

	(void)state;
	o.left = VTD_LEFT_ALL;
	setup_blocked(0, &o);
	empty();
	assert_int_equal(vtd_model_irqs(0), 0);
}

/* Muted or blocked by the last resort: the unit may go on recording, but nobody is interrupted for ever. */
static void every_left_over_is_cleared(void **state)
{
	unsigned left;

	(void)state;
	for (left = 0; left <= VTD_LEFT_ALL; left++) {
		struct vtd_model_opts o = vtd_model_default();
		struct iommu_fault f;

		o.nfr = 4;
		o.left = left;
		setup_one(&o);
		empty();
		assert_true(vtd_model_fault(0, 0x42, 6, 0, true));
		assert_int_equal(vtd_model_irqs(0), 1);
		f = next();
		assert_int_equal(f.sid, 0x42);
		empty();
	}
}

/* --- global errors --- */

static void every_global_error(void **state)
{
	static const struct {
		uint32_t bits;
		const char *text;
	} errors[] = { { 1 << 4, "IQE" }, { 1 << 5, "ICE" }, { 1 << 6, "ITE" }, { 7 << 4, "IQE" } };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(errors); i++) {
		struct vtd_model_opts o = vtd_model_default();
		char text[120];
		bool fatal;

		setup_one(&o);
		assert_false(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
		vtd_model_error(0, errors[i].bits);
		assert_int_equal(vtd_model_irqs(0), 1);
		assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
		assert_true(fatal);
		assert_non_null(strstr(text, errors[i].text));
		assert_false(iommu_hw_error(U(0), &fatal, text, sizeof(text))); /* acknowledged */
		assert_int_equal(vtd_model_reg32(0, 0x34) & 0x70, 0);
		vtd_model_error(0, errors[i].bits);
		assert_true(iommu_hw_error(U(0), &fatal, text, sizeof(text)));
	}
}

static void error_text_fits_any_buffer(void **state)
{
	struct vtd_model_opts o = vtd_model_default();
	size_t size;

	(void)state;
	for (size = 0; size < 40; size++) {
		char text[41];
		bool fatal;

		setup_one(&o);
		memset(text, 'x', sizeof(text));
		vtd_model_error(0, 0x70);
		assert_true(iommu_hw_error(U(0), &fatal, text, size));
		assert_int_equal(text[size], 'x');
		assert_true(size == 0 || memchr(text, 0, size) != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_reason), T(what_the_model_refuses_is_told), T(every_record_is_taken_in_any_position),
		T(I6_one_device_does_not_hide_another), T(overflow_is_told_once), T(the_message_is_ours),
		T(a_unit_without_an_interrupt_sends_none), T(I6_no_fault_is_silently_lost),
		T(I6_a_call_is_bounded_whatever_the_unit_says), T(nothing_before_enable), T(every_left_over_is_cleared),
		T(every_global_error), T(error_text_fits_any_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
