/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of one instruction to what it moves where [APM 3, chapter 1; SDM 2A, chapter 2]. A pure function of bytes a
 * guest chose: every byte is taken through next(), which ends at the given count, and nothing loops longer than that
 * [I6]. What is not a plain MOV between a register or constant and memory is refused, never guessed.
 */
#include <asm/decode.h>

#define REX_W 8u
#define REX_R 4u
#define REX_X 2u
#define REX_B 1u

struct cursor {
	const uint8_t *bytes;
	unsigned count;
	unsigned pos;
	unsigned bits;
	uint8_t rex;      /* 0: none */
	bool size_prefix; /* 66 */
	bool addr_prefix; /* 67 */
	bool seg_prefix;
	bool bad;         /* ran out of bytes, or not one of ours */
};

static uint8_t next(struct cursor *c)
{
	if (c->pos >= c->count) {
		c->bad = true;
		return 0;
	}
	return c->bytes[c->pos++];
}

/* size bytes, little endian, sign-extended. */
static uint64_t next_signed(struct cursor *c, unsigned size)
{
	uint64_t v = 0;
	uint8_t b = 0;

	for (unsigned i = 0; i < size; i++) {
		b = next(c);
		v |= (uint64_t)b << (8 * i);
	}
	return size < 8 && (b & 0x80) != 0 ? v | ~0ull << (8 * size) : v;
}

static uint64_t truncated(uint64_t v, unsigned size)
{
	return size >= 8 ? v : v & ((1ull << (8 * size)) - 1);
}

/* False: not a prefix. ES, CS, SS, DS mean nothing in 64-bit code [APM 3, 1.2.4]. */
static bool prefix(struct cursor *c, uint8_t b, struct insn *out)
{
	static const uint8_t old_seg[4] = { SEG_ES, SEG_CS, SEG_SS, SEG_DS };

	if (b == 0x66) {
		c->size_prefix = true;
	} else if (b == 0x67) {
		c->addr_prefix = true;
	} else if ((b & 0xe7) == 0x26) {
		if (c->bits != 64) {
			out->seg = old_seg[(b >> 3) & 3];
			c->seg_prefix = true;
		}
	} else if (b == 0x64 || b == 0x65) {
		out->seg = b == 0x64 ? SEG_FS : SEG_GS;
		c->seg_prefix = true;
	} else {
		return false;
	}
	return true;
}

/* Returns the first opcode byte. LOCK, REPNE, REP are opcodes we do not know. */
static uint8_t prefixes(struct cursor *c, struct insn *out)
{
	uint8_t b = next(c);

	while (!c->bad && prefix(c, b, out)) {
		b = next(c);
	}
	/* A REX prefix counts only directly before the opcode. */
	if (c->bits == 64 && (b & 0xf0) == 0x40) {
		c->rex = b;
		b = next(c);
	}
	return b;
}

static uint8_t operand_size(const struct cursor *c)
{
	if (c->rex & REX_W) {
		return 8;
	}
	return (c->bits == 16) != c->size_prefix ? 2 : 4;
}

static uint8_t address_size(const struct cursor *c)
{
	if (c->bits == 64) {
		return c->addr_prefix ? 4 : 8;
	}
	return (c->bits == 16) != c->addr_prefix ? 2 : 4;
}

/* RSP and RBP address the stack unless told otherwise. */
static void stack_default(const struct cursor *c, struct insn *out)
{
	if (!c->seg_prefix) {
		out->seg = SEG_SS;
	}
}

/* [APM 3 table A-34: 16-bit addressing] */
static void memory16(struct cursor *c, unsigned mod, unsigned rm, struct insn *out)
{
	static const uint8_t base[8] = { 3, 3, 5, 5, 6, 7, 5, 3 }; /* BX BX BP BP SI DI BP BX */
	static const uint8_t index[4] = { 6, 7, 6, 7 };            /* SI DI SI DI */

	if (mod == 0 && rm == 6) {
		out->disp = next_signed(c, 2);
		return;
	}
	out->base = base[rm];
	if (rm < 4) {
		out->index = index[rm];
	}
	if (out->base == 5) {
		stack_default(c, out);
	}
	if (mod != 0) {
		out->disp = next_signed(c, mod == 1 ? 1 : 2);
	}
}

/* The SIB byte; returns whether there is a base register. */
static bool sib(struct cursor *c, unsigned mod, struct insn *out)
{
	uint8_t b = next(c);
	unsigned index = ((b >> 3) & 7u) | (c->rex & REX_X ? 8u : 0);

	if (index != 4) {
		out->index = (uint8_t)index;
		out->scale = b >> 6;
	}
	if (mod == 0 && (b & 7) == 5) {
		return false;
	}
	out->base = (uint8_t)((b & 7u) | (c->rex & REX_B ? 8u : 0));
	return true;
}

/* 32- and 64-bit addressing [APM 3 tables 1-10 to 1-15] */
static void memory32(struct cursor *c, unsigned mod, unsigned rm, struct insn *out)
{
	bool has_base = true;

	if (rm == 4) {
		has_base = sib(c, mod, out);
	} else if (mod == 0 && rm == 5) {
		has_base = false;
		if (c->bits == 64) {
			out->base = INSN_RIP;
		}
	} else {
		out->base = (uint8_t)(rm | (c->rex & REX_B ? 8u : 0));
	}
	if (has_base && (out->base == 4 || out->base == 5)) {
		stack_default(c, out);
	}
	if (mod == 1) {
		out->disp = next_signed(c, 1);
	} else if (mod == 2 || !has_base) {
		out->disp = next_signed(c, 4);
	}
}

/* ModRM with a memory operand; the register operand goes into out->reg. */
static void modrm(struct cursor *c, struct insn *out)
{
	uint8_t b = next(c);
	unsigned mod = b >> 6;

	out->reg = (uint8_t)(((b >> 3) & 7u) | (c->rex & REX_R ? 8u : 0));
	if (mod == 3) {
		c->bad = true; /* register to register: nothing that traps */
	} else if (out->addr_size == 2) {
		memory16(c, mod, b & 7, out);
	} else {
		memory32(c, mod, b & 7, out);
	}
}

/* MOV 88 89 8A 8B: the register is as wide as the memory. */
static void mov_register(struct cursor *c, uint8_t op, struct insn *out)
{
	out->size = op & 1 ? operand_size(c) : 1;
	out->reg_size = out->size;
	out->write = (op & 2) == 0;
	modrm(c, out);
	if (out->size == 1 && c->rex == 0 && out->reg >= 4) {
		out->high = true;
		out->reg -= 4;
	}
}

/* MOV A0..A3: accumulator and an absolute address. */
static void mov_offset(struct cursor *c, uint8_t op, struct insn *out)
{
	out->size = op & 1 ? operand_size(c) : 1;
	out->reg_size = out->size;
	out->write = (op & 2) != 0;
	out->reg = 0;
	out->disp = truncated(next_signed(c, out->addr_size), out->addr_size);
}

/* MOV C6 /0, C7 /0: a constant of at most four bytes. */
static void mov_constant(struct cursor *c, uint8_t op, struct insn *out)
{
	out->size = op & 1 ? operand_size(c) : 1;
	out->write = true;
	out->imm = true;
	modrm(c, out);
	if ((out->reg & 7) != 0) {
		c->bad = true; /* XABORT, XBEGIN, undefined */
	}
	out->reg = 0;
	out->value = truncated(next_signed(c, out->size == 8 ? 4 : out->size), out->size);
}

/* MOVZX B6 B7, MOVSX BE BF, MOVSXD. size: bytes of memory */
static void mov_extend(struct cursor *c, uint8_t size, bool sign, struct insn *out)
{
	out->size = size;
	out->reg_size = operand_size(c);
	out->sign = sign;
	modrm(c, out);
}

static void opcode_0f(struct cursor *c, struct insn *out)
{
	uint8_t op = next(c);

	if ((op & 0xf6) == 0xb6) {
		mov_extend(c, op & 1 ? 2 : 1, (op & 8) != 0, out);
	} else {
		c->bad = true;
	}
}

static void opcode(struct cursor *c, uint8_t op, struct insn *out)
{
	if (op >= 0x88 && op <= 0x8b) {
		mov_register(c, op, out);
	} else if (op >= 0xa0 && op <= 0xa3) {
		mov_offset(c, op, out);
	} else if (op == 0xc6 || op == 0xc7) {
		mov_constant(c, op, out);
	} else if (op == 0x63 && c->bits == 64 && operand_size(c) != 2) { /* with 66 vendors differ */
		mov_extend(c, 4, true, out);
	} else if (op == 0x0f) {
		opcode_0f(c, out);
	} else {
		c->bad = true;
	}
}

bool insn_decode(const uint8_t *bytes, unsigned count, unsigned bits, struct insn *out)
{
	struct cursor c = {
		.bytes = bytes,
		.count = count < INSN_MAX ? count : INSN_MAX,
		.bits = bits,
	};
	uint8_t op;

	*out = (struct insn){ .base = INSN_NO_REG, .index = INSN_NO_REG, .seg = SEG_DS };
	op = prefixes(&c, out);
	out->addr_size = address_size(&c);
	opcode(&c, op, out);
	out->length = (uint8_t)c.pos;
	return !c.bad;
}
