/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses that stage 2 does not allow: an emulated device, or nothing at all. Nothing is changed before the whole
 * instruction is known and fits the access the CPU reported: direction, and the place in the page of every byte [I5].
 * What is nobody's reads as all ones and swallows stores, as the bus of a PC does; it never reaches memory [I3].
 */
#include <asm/exit.h>

#include <asm/cpuvirt.h>
#include <asm/decode.h>
#include <asm/msr.h>
#include <hyp/entry.h>
#include <hyp/log.h>
#include <hyp/vm.h>

enum { ENC_RSP = 4 };

/* As encoded in instructions to our order; RSP is not ours. */
static const uint8_t gpr_index[16] = { G_RAX, G_RCX, G_RDX, G_RBX, G_COUNT, G_RBP, G_RSI, G_RDI,
				       G_R8,  G_R9,  G_R10, G_R11, G_R12,   G_R13, G_R14, G_R15 };

uint64_t gpr_get(const struct vcpu *v, unsigned reg)
{
	return reg == ENC_RSP ? cpuvirt->get(v, VREG_RSP) : v->arch.regs.x[gpr_index[reg & 15]];
}

void gpr_set(struct vcpu *v, unsigned reg, uint64_t value)
{
	if (reg == ENC_RSP) {
		cpuvirt->set(v, VREG_RSP, value);
	} else {
		v->arch.regs.x[gpr_index[reg & 15]] = value;
	}
}

unsigned insn_bits(const struct vcpu *v)
{
	uint64_t cs = cpuvirt->get(v, VREG_CS_ATTR);

	if ((cs & CS_ATTR_L) != 0 && (cpuvirt->get(v, VREG_EFER) & EFER_LMA) != 0) {
		return 64;
	}
	return (cs & CS_ATTR_D) != 0 ? 32 : 16;
}

static uint64_t cut(uint64_t v, unsigned bytes)
{
	return bytes >= 8 ? v : v & BITS64(8 * bytes - 1, 0);
}

void exit_advance(struct vcpu *v, unsigned bytes)
{
	uint64_t from = cpuvirt->get(v, VREG_RIP);
	uint64_t to = from + bytes;

	/* Whichever mode it is, nothing is cut off unless a carry leaves the low 16 bits. */
	if (((from ^ to) & ~(uint64_t)0xffff) != 0) {
		to = cut(to, insn_bits(v) / 8);
	}
	cpuvirt->set(v, VREG_RIP, to);
}

/* As many bytes of the instruction as there are: the page behind its own may not be there. */
unsigned guest_code(struct vcpu *v, unsigned bits, uint8_t bytes[INSN_MAX])
{
	uint64_t linear = cpuvirt->get(v, VREG_RIP);
	unsigned first, count = 0;
	uint64_t gpa;

	if (bits != 64) {
		linear = (uint32_t)(linear + cpuvirt->get(v, VREG_CS_BASE));
	}
	first = (unsigned)(PAGE_SIZE - (linear & PAGE_MASK));
	first = first < INSN_MAX ? first : INSN_MAX;
	if (guest_walk(v, linear, &gpa) && guest_read(v, gpa, bytes, first)) {
		count = first;
		if (first < INSN_MAX && guest_walk(v, linear + first, &gpa) &&
		    guest_read(v, gpa, bytes + first, INSN_MAX - first)) {
			count = INSN_MAX;
		}
	}
	return count;
}

static uint64_t segment_base(const struct vcpu *v, unsigned bits, unsigned seg)
{
	static const uint8_t reg[] = {
		[SEG_DS] = VREG_DS_BASE, [SEG_ES] = VREG_ES_BASE, [SEG_CS] = VREG_CS_BASE,
		[SEG_SS] = VREG_SS_BASE, [SEG_FS] = VREG_FS_BASE, [SEG_GS] = VREG_GS_BASE,
	};

	return bits == 64 && seg != SEG_FS && seg != SEG_GS ? 0 : cpuvirt->get(v, (enum vreg)reg[seg]);
}

/* Where in its page the operand begins: the same whether the address is cut to 16, 32 or 64 bits. */
static uint64_t operand_offset(const struct vcpu *v, unsigned bits, const struct insn *in)
{
	uint64_t a = in->disp;

	if (in->base == INSN_RIP) {
		a += cpuvirt->get(v, VREG_RIP) + in->length;
	} else if (in->base != INSN_NO_REG) {
		a += gpr_get(v, in->base);
	}
	if (in->index != INSN_NO_REG) {
		a += gpr_get(v, in->index) << in->scale;
	}
	return (segment_base(v, bits, in->seg) + a) & PAGE_MASK;
}

/*
 * The instruction must be the one that made this access: same direction, operand at the same place in its page, all of
 * it in that page. So neither a walk of the guest's tables through a device, nor the second half of an access that
 * began in memory, nor code another vCPU has just replaced is emulated as something it was not.
 */
static bool fits(const struct vcpu *v, unsigned bits, const struct insn *in, uint64_t gpa, bool write)
{
	uint64_t off = operand_offset(v, bits, in);

	return in->write == write && off == (gpa & PAGE_MASK) && off + in->size <= PAGE_SIZE;
}

static uint64_t store_value(const struct vcpu *v, const struct insn *in)
{
	uint64_t value = in->imm ? in->value : gpr_get(v, in->reg);

	return cut(in->high ? value >> 8 : value, in->size);
}

/* 32-bit results clear the upper half of the register, shorter ones leave the rest alone [APM 1, 3.1.2]. */
static void load_result(struct vcpu *v, const struct insn *in, uint64_t value)
{
	unsigned shift = 64 - 8u * in->size;
	unsigned low = in->high ? 8 : 0;
	uint64_t mask = cut(~0ull, in->reg_size) << low;

	value = in->sign ? (uint64_t)((int64_t)(value << shift) >> shift) : cut(value, in->size);
	if (in->reg_size == 4) {
		gpr_set(v, in->reg, (uint32_t)value);
	} else {
		gpr_set(v, in->reg, (gpr_get(v, in->reg) & ~mask) | ((value << low) & mask));
	}
}

static void emulate(struct vcpu *v, const struct insn *in, uint64_t gpa)
{
	struct mmio m = {
		.size = in->size,
		.write = in->write,
		.value = in->write ? store_value(v, in) : 0,
	};

	if (!hyp_s2_fault(v, ipa(gpa), &m)) {
		log_debug("partition %s vcpu %u: %s of 0x%lx at rip 0x%lx: not in its memory", v->vm->cfg->name,
			  v->index, in->write ? "write" : "read", gpa, cpuvirt->get(v, VREG_RIP));
		m.value = ~0ull;
	}
	if (!in->write) {
		load_result(v, in, m.value);
	}
	exit_advance(v, in->length);
}

/* A PC would fetch 0xff bytes there: an undefined instruction. */
static void fetch_nowhere(struct vcpu *v, uint64_t gpa)
{
	log_debug("partition %s vcpu %u: fetch from 0x%lx at rip 0x%lx: not in its memory", v->vm->cfg->name, v->index,
		  gpa, cpuvirt->get(v, VREG_RIP));
	cpuvirt->inject(v, EXC_UD, false, 0);
}

void exit_npf(struct vcpu *v, uint64_t gpa, bool write, bool fetch)
{
	unsigned bits = insn_bits(v);
	uint8_t bytes[INSN_MAX];
	struct insn in;

	if (fetch) {
		fetch_nowhere(v, gpa);
	} else if (insn_decode(bytes, guest_code(v, bits, bytes), bits, &in) && fits(v, bits, &in, gpa, write)) {
		emulate(v, &in, gpa);
	} else {
		log_debug("partition %s vcpu %u: %s of 0x%lx at rip 0x%lx: not an access that is emulated",
			  v->vm->cfg->name, v->index, write ? "write" : "read", gpa, cpuvirt->get(v, VREG_RIP));
		cpuvirt->inject(v, EXC_GP, true, 0);
	}
}
