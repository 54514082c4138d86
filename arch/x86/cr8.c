/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MOV to CR8, which is the local APIC's task priority [APM 2 16.6.4, 15.21]. The processor could compare it with what
 * it is offered by itself; that is not used, because the comparison is ours to get right on every processor: QEMU 10
 * lets the same priority class through, and stops altogether when a guest lowers CR8 under a vector that waits.
 * Reading is not trapped.
 */
#include <asm/exit.h>

#include <asm/cpuvirt.h>
#include <asm/decode.h>
#include <hyp/vm.h>

enum { LOCK = 0xf0, REX = 0x40, REX_R = 4, REX_B = 1, CR8_MAX = 15 };

/* Prefixes that change nothing here: sizes, segments, repetitions. */
static bool harmless(uint8_t b)
{
	static const uint8_t prefix[] = { 0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf2, 0xf3 };

	for (unsigned i = 0; i < sizeof(prefix); i++) {
		if (b == prefix[i]) {
			return true;
		}
	}
	return false;
}

/* [prefixes] [REX] 0F 22 /r, register 8: REX.R, or LOCK and register 0 without a REX [APM 3, MOV CRn]. Length or 0. */
static unsigned decode(const uint8_t *b, unsigned count, unsigned *gpr)
{
	unsigned at = 0;
	bool lock = false;
	uint8_t rex = 0;

	for (; at < count && (b[at] == LOCK || harmless(b[at])); at++) {
		lock = lock || b[at] == LOCK;
	}
	if (at < count && (b[at] & 0xf0) == REX) {
		rex = b[at++];
	}
	if (count - at < 3 || b[at] != 0x0f || b[at + 1] != 0x22 || (b[at + 2] >> 3 & 7) != 0 ||
	    !(lock || (rex & REX_R))) {
		return 0;
	}
	*gpr = (b[at + 2] & 7u) + ((rex & REX_B) ? 8 : 0);
	return at + 3;
}

void exit_cr8(struct vcpu *v)
{
	uint8_t bytes[INSN_MAX];
	unsigned bits = insn_bits(v);
	unsigned gpr = 0;
	unsigned count = guest_code(v, bits, bytes);
	unsigned length = decode(bytes, count, &gpr);
	uint64_t value = gpr_get(v, gpr);

	if (bits != 64) {
		value = (uint32_t)value;
	}
	if (length == 0 || value > CR8_MAX) {
		cpuvirt->inject(v, EXC_GP, true, 0);
		return;
	}
	v->arch.apic.tpr = (uint32_t)value << 4;
	exit_advance(v, length);
}
