/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer entry for the instruction decoder: first byte the mode, then code. What is accepted must describe a move
 * that is possible, be independent of the bytes behind it, and be refused when it is one byte shorter.
 */
#include <stdlib.h>
#include <string.h>

#include <asm/decode.h>

#define REQUIRE(x)               \
	do {                     \
		if (!(x)) {      \
			abort(); \
		}                \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool decode(const uint8_t *bytes, unsigned count, unsigned bits, struct insn *out)
{
	uint8_t *copy = malloc(count + 1);
	bool ok;

	REQUIRE(copy != NULL);
	memcpy(copy + 1, bytes, count); /* its end is the end of the allocation */
	memset(out, 0, sizeof(*out));
	ok = insn_decode(copy + 1, count, bits, out);
	free(copy);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct insn in, again;
	unsigned bits, count;

	if (size == 0 || size > 64) {
		return 0;
	}
	bits = 16u << (data[0] % 3);
	count = (unsigned)size - 1;
	if (!decode(data + 1, count, bits, &in)) {
		return 0;
	}
	REQUIRE(in.length >= 2 && in.length <= INSN_MAX && in.length <= count);
	REQUIRE(in.size == 1 || in.size == 2 || in.size == 4 || in.size == 8);
	REQUIRE(bits == 64 || (in.size < 8 && in.addr_size < 8 && in.reg < 8));
	REQUIRE(in.reg < 16 && (!in.high || (in.reg < 4 && in.size == 1)));
	REQUIRE(in.write || in.reg_size >= in.size);
	REQUIRE(!in.imm || in.write);
	REQUIRE(in.addr_size == 2 || in.addr_size == 4 || in.addr_size == 8);
	REQUIRE(in.base <= INSN_RIP || in.base == INSN_NO_REG);
	REQUIRE((in.index <= 15 && in.scale <= 3) || (in.index == INSN_NO_REG && in.scale == 0));
	REQUIRE(decode(data + 1, in.length, bits, &again) && memcmp(&in, &again, sizeof(in)) == 0);
	REQUIRE(!decode(data + 1, in.length - 1u, bits, &again));
	return 0;
}
