/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The third architecture: what a test sees of it. Physical addresses are host addresses, the clock runs only
 * when it is read, registers belong to models, and memory that hardware walks has a memory of its own: the
 * values before the last barrier and before the last cache clean stay visible to a model that asks for them.
 */
#pragma once

#include <setjmp.h>

#include <hyp/types.h>

/* Everything back to the start: no models, no dirty memory, time 0, log empty. */
void fake_reset(void);

/* --- registers: an address no model owns fails the test --- */
typedef uint64_t fake_mmio_read_fn(void *ctx, uint64_t off, unsigned width);
typedef void fake_mmio_write_fn(void *ctx, uint64_t off, unsigned width, uint64_t v);
void fake_mmio_add(uintptr_t base, uint64_t size, fake_mmio_read_fn *rd, fake_mmio_write_fn *wr, void *ctx);
extern uint64_t fake_mmio_count; /* accesses so far */

/* --- time and CPUs --- */
extern uint64_t fake_time_us;
extern uint64_t fake_time_step_us; /* per look at arch_time_us(); 1 */
extern unsigned fake_cpu;

/* --- memory that hardware walks --- */
enum fake_view {
	FAKE_VIEW_NEW,   /* every store has arrived */
	FAKE_VIEW_WEAK,  /* the last store has arrived, others since the last barrier have not */
	FAKE_VIEW_STALE, /* nothing that was not cleaned from the caches has arrived (non-coherent only) */
};

typedef void fake_store_fn(void *ctx, const uint64_t *p, uint64_t before, uint64_t after);
/* Runs after each arch_hwmem_store(), and when a clean ends that an old value can be seen. */
void fake_store_hook_add(fake_store_fn *fn, void *ctx);
/* Runs before each arch_hwmem_load(): a device gets on with its work while somebody waits for what it writes. */
typedef void fake_load_fn(void *ctx);
void fake_load_hook_add(fake_load_fn *fn, void *ctx);
uint64_t fake_dev_load(uint64_t addr, enum fake_view view);
void fake_dev_store(uint64_t addr, uint64_t v, bool coherent); /* non-coherent: we see it after clean_inv */
bool fake_unordered(uint64_t addr, uint64_t size); /* stored to since the last barrier */
unsigned fake_unordered_count(void);
bool fake_dirty(uint64_t addr, uint64_t size);     /* stored to and not cleaned since */
uint64_t fake_store_count(void);

/* --- panic and log --- */
extern char fake_panic_text[256];
extern bool fake_panic_armed;
extern jmp_buf fake_panic_jmp;
#define EXPECT_PANIC(stmt)                                          \
	do {                                                        \
		fake_panic_armed = true;                            \
		if (setjmp(fake_panic_jmp) == 0) {                  \
			stmt;                                       \
			fake_fail("no panic: %s", #stmt);           \
		}                                                   \
		fake_panic_armed = false;                           \
	} while (0)

__noreturn void fake_fail(const char *fmt, ...) __printf(1, 2); /* fails the running test */

extern char fake_log[65536];        /* every line logged since fake_reset(), '\n' after each */
extern unsigned fake_log_count[4];  /* by enum log_level */
