/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hypervisor costs, in ticks of the counter: with `-cpu max` (1 GHz) under `-icount shift=0` one tick is one
 * instruction, exact and repeatable. Each line is an average over ROUNDS with the empty loop taken off:
 * `bench: name value`, value in tenths. Values that involve two vCPUs include what the other one executed meanwhile.
 */
#include "arch.h"
#include "dma.h"

enum { ROUNDS = 10000, MAP_ROUNDS = 1000, IPI_ROUNDS = 1000, TIMER_ROUNDS = 200, WARM_UP = 10, IPI_PING = 1,
       IPI_PONG = 2, BIG = 0x200000 };

static uint8_t big[BIG] __attribute__((aligned(BIG)));
static struct smmu_object *sop;
static uint64_t raw_object;
static volatile uint32_t ponged, second_up;

static void report(const char *name, uint64_t ticks, uint64_t empty, uint64_t rounds)
{
	uint64_t net = ticks > empty ? ticks - empty : 0;
	uint64_t tenths = (net * 10 + rounds / 2) / rounds;

	printf("bench: %s %lu.%lu\n", name, tenths / 10, tenths % 10);
}

/* rounds times the statement, in ticks; the loop is the same for all of them. */
#define MEASURE(rounds, statement)                                     \
	({                                                             \
		uint64_t m_start, m_i;                                 \
		for (m_i = 0; m_i < WARM_UP; m_i++) {                  \
			statement;                                     \
		}                                                      \
		m_start = time_ticks();                                \
		for (m_i = 0; m_i < (rounds); m_i++) {                 \
			statement;                                     \
		}                                                      \
		time_ticks() - m_start;                                \
	})

static void bench_calls(void)
{
	static const struct {
		const char *name;
		uint64_t fn;
	} call[] = {
		{ CALL_NAME "_version", BH_HC(BH_HC_VERSION) },
		{ CALL_NAME "_unknown_ours", BH_HC(0xffff) },
		{ CALL_NAME "_xfer_status_none", BH_HC(BH_HC_XFER_STATUS) },
		BENCH_CALLS,
	};
	uint64_t empty = MEASURE(ROUNDS, no_call(BH_HC(BH_HC_VERSION)));
	unsigned i;

	for (i = 0; i < sizeof(call) / sizeof(call[0]); i++) {
		uint64_t fn = call[i].fn;

		report(call[i].name, MEASURE(ROUNDS, bare_call(fn)), empty, ROUNDS);
	}
}

static void bench_traps(void)
{
	uint64_t empty = MEASURE(ROUNDS, (void)*(volatile uint32_t *)big);

	report(TRAP_A_NAME, MEASURE(ROUNDS, trap_a()), empty, ROUNDS);
	report(TRAP_B_NAME, MEASURE(ROUNDS, trap_b()), empty, ROUNDS);
	report(TRAP_C_NAME, MEASURE(ROUNDS, trap_c()), empty, ROUNDS);
	report("edu_register_read", MEASURE(ROUNDS, (void)mmio_read32(edu.regs)), empty, ROUNDS);
}

static int64_t raw_map(uint64_t flags, uint64_t size)
{
	struct bh_regs r = { { BH_HC(BH_HC_MAPPING_ADD), raw_object, flags, at(big), size, 0, 0, 0 } };

	return bh_call(&r);
}

static int64_t library_map(uint64_t flags, uint64_t size)
{
	return map(sop, (unsigned)flags, at(big), size);
}

/* Map and unmap in turn: every unmap invalidates and waits for the unit, because the device is attached. */
static void bench_map(const char *name, int64_t (*fn)(uint64_t flags, uint64_t size), uint64_t size)
{
	uint64_t map_ticks = 0, unmap_ticks = 0, t0, t1, empty;
	char text[40];
	unsigned i;

	empty = MEASURE(MAP_ROUNDS, (void)time_ticks());
	for (i = 0; i < MAP_ROUNDS; i++) {
		t0 = time_ticks();
		if (fn(SMF_READ | SMF_WRITE, size) != 0) {
			guest_die("bench: FAIL: map of 0x%lx", size);
		}
		t1 = time_ticks();
		if (fn(SMF_NONE, size) != 0) {
			guest_die("bench: FAIL: unmap of 0x%lx", size);
		}
		unmap_ticks += time_ticks() - t1;
		map_ticks += t1 - t0;
	}
	snprintf(text, sizeof(text), "map_%s", name);
	report(text, map_ticks, empty, MAP_ROUNDS);
	snprintf(text, sizeof(text), "unmap_%s", name);
	report(text, unmap_ticks, empty, MAP_ROUNDS);
}

static void raw_begin(void)
{
	struct bh_regs r = { { BH_HC(BH_HC_OBJ_CREATE), 0, 0, 0, 0, 0, 0, 0 } };

	raw_object = (uint64_t)bh_call(&r);
	if (bh_hc(BH_HC_DEVICE_ADD, raw_object, edu_devid(), 0) < 0) {
		guest_die("bench: FAIL: no object with edu");
	}
}

static void bench_batch(void)
{
	static struct smmu_map_entry e[64];
	uint64_t map_ticks = 0, unmap_ticks = 0, t0, t1;
	unsigned i;

	for (i = 0; i < 64; i++) {
		e[i].phys = at(big) + 2 * i * PAGE;
		e[i].len = PAGE;
	}
	for (i = 0; i < MAP_ROUNDS / 10; i++) {
		t0 = time_ticks();
		smmu_mapping_add(sop, SMF_READ, 0, 64, e, 0);
		t1 = time_ticks();
		smmu_mapping_add(sop, SMF_NONE, 0, 64, e, 0);
		map_ticks += t1 - t0;
		unmap_ticks += time_ticks() - t1;
	}
	report("map_64_pages_batch", map_ticks, 0, MAP_ROUNDS / 10);
	report("unmap_64_pages_batch", unmap_ticks, 0, MAP_ROUNDS / 10);
}

static void on_ping(uint32_t irq)
{
	ipi_send(0, IPI_PONG);
}

static void on_pong(uint32_t irq)
{
	ponged = 1;
}

static void second(uint64_t arg)
{
	static const volatile uint32_t never;

	irq_handler(IPI_PING, on_ping);
	second_up = 1;
	wait_flag(&never, WAIT_FOREVER);
}

static void bench_ipi(void)
{
	uint64_t t0;
	unsigned i;

	irq_handler(IPI_PONG, on_pong);
	if (vcpu_start(1, second, 0) != 0) {
		printf("# bench: no second vCPU\n");
		return;
	}
	while (second_up == 0) {
	}
	delay_us(1000);
	t0 = time_ticks();
	for (i = 0; i < IPI_ROUNDS; i++) {
		ponged = 0;
		ipi_send(1, IPI_PING);
		wait_flag(&ponged, WAIT_FOREVER);
	}
	report(IPI_NAME "_round_trip", time_ticks() - t0, 0, IPI_ROUNDS);
}

static volatile uint32_t shot;
static volatile uint64_t latency;

static void on_timer(uint32_t irq)
{
	latency = irq_entry_ticks() - timer_deadline();
	shot = 1;
}

/*
 * From the time that was asked for to one of the first instructions of the guest's vector. busy: the CPU executing;
 * else asleep. On x86 a part of this is before the expiry: the timer counts from when it is written, in its own,
 * coarser clock.
 */
static void bench_timer(const char *name, bool busy)
{
	uint64_t sum = 0, worst = 0;
	unsigned i;

	for (i = 0; i < TIMER_ROUNDS; i++) {
		shot = 0;
		timer_in_us(20 + i % 7, on_timer);
		while (busy && shot == 0) {
		}
		wait_flag(&shot, WAIT_FOREVER);
		sum += latency;
		worst = latency > worst ? latency : worst;
	}
	report(name, sum, 0, TIMER_ROUNDS);
	printf("bench: %s_worst %lu.0\n", name, worst);
}

void guest_main(uint64_t arg)
{
	uint64_t boot = time_ticks();

	printf("bench: boot %lu.0\n", boot); /* the counter starts at reset */
	printf("# bench: counter %lu Hz\n", time_hz());
	dma_begin();
	bench_calls();
	bench_traps();
	raw_begin();
	bench_map("2m", raw_map, BIG); /* first: one leaf, no table of pages there yet */
	bench_map("4k", raw_map, PAGE);
	bench_map("64k", raw_map, 16 * PAGE);
	sop = smmu_obj_create(0);
	if (sop == NULL || edu_into(sop) < 0) {
		guest_die("bench: FAIL: no object with edu");
	}
	bench_map("4k_libsmmu", library_map, PAGE);
	bench_batch();
	bench_timer("timer_to_vector", true);
	bench_timer("timer_" IDLE_NAME "_to_vector", false);
	bench_ipi();
	smmu_fini();
	printf("bench: done\n");
}
