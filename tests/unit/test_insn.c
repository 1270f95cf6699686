/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of emu/insn.h, judged by Capstone and by hand-made rows. */
#include <capstone/capstone.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/insn.h"

static csh capstone;

static void
setup(void)
{
	ck_assert_int_eq(
	    cs_open(CS_ARCH_X86, CS_MODE_64, &capstone), CS_ERR_OK);
}

static void
teardown(void)
{
	cs_close(&capstone);
}

/* Where the two are meant to differ: VEX and later encodings, near branches
 * with 0x66, where the engine follows AMD, 3DNow and SSE4a; and call, ret imm16
 * and push imm with other prefixes, of which Capstone 4 gets some wrong. */
static bool
is_excused(const struct insn *insn)
{
	if (insn->vex || insn->invalid)
		return true;
	if (insn->map == 0 && insn->opcode == 0x8f)
		return insn->modrm & 0x38; /* XOP */
	if (insn->map == 0 &&
	    ((insn->opcode & 0xfe) == 0xe8 || insn->opcode == 0x68 ||
		(insn->opcode & 0xf7) == 0xc2))
		return insn->opsize || insn->addrsize;
	if (insn->map == 1 && insn->opcode == 0x78)
		return true;
	return insn->map == 1 &&
	       (insn->opcode == 0x0f || (insn->opcode & 0xf0) == 0x80) &&
	       (insn->opsize || insn->opcode == 0x0f);
}

static void
compare(const uint8_t *bytes)
{
	struct insn insn;
	cs_insn *theirs;
	char text[64] = "";
	size_t n = cs_disasm(capstone, bytes, INSN_MAX_BYTES, 0, 1, &theirs);

	if (n == 0)
		return;
	for (int i = 0; i < INSN_MAX_BYTES; i++)
		snprintf(text + 3 * i, 4, "%02x ", bytes[i]);
	ck_assert_msg(insn_decode(bytes, INSN_MAX_BYTES, &insn), "%s", text);
	if (!is_excused(&insn))
		ck_assert_msg(insn.length == theirs->size,
		    "%s %s: length %u, Capstone says %u", text,
		    theirs->mnemonic, insn.length, theirs->size);
	cs_free(theirs, n);
}

static uint32_t
random_next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*seed >> 33);
}

START_TEST(test_lengths_of_random_bytes)
{
	uint64_t seed = 20240601;
	uint8_t bytes[INSN_MAX_BYTES];

	for (int i = 0; i < 400000; i++) {
		for (int j = 0; j < INSN_MAX_BYTES; j++)
			bytes[j] = (uint8_t)random_next(&seed);
		compare(bytes);
	}
}
END_TEST

/* Every opcode of the one-byte and 0F maps, every reg and mod field, with
 * and without the prefixes that change a length. */
START_TEST(test_lengths_of_all_opcodes)
{
	static const char *prefixes[] = { "", "\x66", "\x67", "\x48",
		"\x66\x48", "\xf3", "\xf2", "\x41" };
	const char *prefix = prefixes[_i];
	uint8_t bytes[INSN_MAX_BYTES];
	size_t at = strlen(prefix);

	for (unsigned op = 0; op < 512; op++)
		for (unsigned modrm = 0; modrm < 256; modrm++) {
			memset(bytes, 0x25, sizeof(bytes));
			for (size_t i = 0; i < at; i++)
				bytes[i] = (uint8_t)prefix[i];
			bytes[at] = op < 256 ? (uint8_t)op : 0x0f;
			bytes[at + 1] = (uint8_t)(op < 256 ? modrm : op);
			if (op >= 256)
				bytes[at + 2] = (uint8_t)modrm;
			compare(bytes);
		}
}
END_TEST

static const struct hazard_row {
	const char *name, *bytes;
	size_t len;
	enum insn_hazard hazard;
	bool killer, rmw;
} rows[] = {
	{ "nop", "\x90", 1, INSN_SAFE, false, false },
	{ "in al,dx", "\xec", 1, INSN_PORT, false, false },
	{ "rep outsb", "\xf3\x6e", 2, INSN_PORT, false, false },
	{ "in eax,imm8", "\xe5\x10", 2, INSN_PORT, false, false },
	{ "out imm8,al", "\xe6\x10", 2, INSN_PORT, false, false },
	{ "iretd", "\xcf", 1, INSN_IRETD, false, false },
	{ "iretq", "\x48\xcf", 2, INSN_SAFE, false, false },
	{ "iretw", "\x66\xcf", 2, INSN_SAFE, false, false },
	{ "rex that does not count", "\x48\x2e\xcf", 3, INSN_IRETD, false,
	    false },
	{ "sysenter", "\x0f\x34", 2, INSN_SYSENTER, false, false },
	{ "int 0x80", "\xcd\x80", 2, INSN_SAFE, false, false },
	{ "int 0x80 with prefix", "\x66\xcd\x80", 3, INSN_LONG_INT, false,
	    false },
	{ "lock nop", "\xf0\x90", 2, INSN_UNDEFINED, false, false },
	{ "lock inc mem", "\xf0\xff\x00", 3, INSN_SAFE, false, true },
	{ "lock inc reg", "\xf0\xff\xc0", 3, INSN_UNDEFINED, false, false },
	{ "lock cmp mem", "\xf0\x39\x00", 3, INSN_UNDEFINED, false, false },
	{ "lock add mem", "\xf0\x01\x00", 3, INSN_SAFE, false, true },
	{ "lock shl mem", "\xf0\xd1\x20", 3, INSN_UNDEFINED, false, true },
	{ "lock xchg mem", "\xf0\x87\x00", 3, INSN_SAFE, false, true },
	{ "lock mov mem", "\xf0\x89\x00", 3, INSN_UNDEFINED, false, false },
	{ "lock bt mem", "\xf0\x0f\xa3\x00", 4, INSN_UNDEFINED, false, false },
	{ "lock bts mem", "\xf0\x0f\xab\x00", 4, INSN_SAFE, false, true },
	{ "lock bts reg", "\xf0\x0f\xab\xc0", 4, INSN_UNDEFINED, true, false },
	{ "lock bt reg", "\xf0\x0f\xa3\xff", 4, INSN_UNDEFINED, true, false },
	{ "lock btr reg,imm", "\xf0\x0f\xba\xf0\x01", 5, INSN_UNDEFINED, true,
	    false },
	{ "66 lock rex btc reg", "\x66\xf0\x48\x0f\xbb\xc0", 6, INSN_UNDEFINED,
	    true, false },
	{ "lock cmpxchg8b", "\xf0\x0f\xc7\x08", 4, INSN_SAFE, false, true },
	{ "lock xadd", "\xf0\x0f\xc1\x00", 4, INSN_SAFE, false, true },
	{ "lock cmpxchg reg", "\xf0\x0f\xb1\xc0", 4, INSN_UNDEFINED, false,
	    false },
	{ "not mem", "\xf7\x10", 2, INSN_SAFE, false, true },
	{ "test mem", "\xf7\x00\x01\x02\x03\x04", 6, INSN_SAFE, false, false },
	{ "mov mem,reg", "\x89\x00", 2, INSN_SAFE, false, false },
	{ "ret imm16 after 66 48", "\x66\x48\xc2\x01\x02", 5, INSN_SAFE, false,
	    false },
	{ "call after 67 48", "\x67\x48\xe8\x01\x02\x03\x04", 7, INSN_SAFE,
	    false, false },
	{ "call after 66", "\x66\xe8\x01\x02", 4, INSN_SAFE, false, false },
	{ "push imm after 66", "\x66\x68\x01\x02", 4, INSN_SAFE, false, false },
	{ "vzeroupper", "\xc5\xf8\x77", 3, INSN_UNDEFINED, false, false },
	{ "pop mem", "\x8f\x00", 2, INSN_SAFE, false, false },
	{ "xop", "\x8f\x08", 2, INSN_UNDEFINED, false, false },
	{ "mov mem,imm with reg 1", "\xc6\x08\x01", 3, INSN_UNDEFINED, false,
	    false },
	{ "movmskps from memory", "\x0f\x50\x48\xcf", 4, INSN_UNDEFINED, false,
	    false },
	{ "shld mem", "\x0f\xa4\x00\x01", 4, INSN_SAFE, false, true },
};

START_TEST(test_hazards)
{
	const struct hazard_row *row = &rows[_i];
	struct insn insn;

	ck_assert_msg(insn_decode((const uint8_t *)row->bytes, row->len, &insn),
	    "%s", row->name);
	ck_assert_msg(insn.length == row->len, "%s", row->name);
	ck_assert_msg(insn_hazard(&insn) == row->hazard, "%s", row->name);
	ck_assert_msg(insn_is_killer(&insn) == row->killer, "%s", row->name);
	ck_assert_msg(insn_is_rmw(&insn) == row->rmw, "%s", row->name);
	ck_assert_msg(
	    !insn_decode((const uint8_t *)row->bytes, row->len - 1, &insn),
	    "%s: one byte short", row->name);
}
END_TEST

static const struct stack_row {
	const char *name, *bytes;
	size_t len;
	bool stack;
} stack_rows[] = {
	/* rsp and rbp are not canonical, rax neither, rbx is. */
	{ "push", "\x50", 1, true },
	{ "ret", "\xc3", 1, true },
	{ "call", "\xe8\x00\x00\x00\x00", 5, true },
	{ "leave", "\xc9", 1, true },
	{ "mov (rsp)", "\x8b\x04\x24", 3, true },
	{ "mov (rbp)", "\x8b\x45\x00", 3, true },
	{ "mov (rax)", "\x8b\x00", 2, false },
	{ "mov fs:(rsp)", "\x64\x8b\x04\x24", 4, false },
	{ "mov (rbx)", "\x8b\x03", 2, false },
	{ "push (rax)", "\xff\x30", 2, false },
	{ "push (rbx)", "\xff\x33", 2, true },
	{ "mov 32-bit (esp)", "\x67\x8b\x04\x24", 4, false },
	{ "cli", "\xfa", 1, false },
};

START_TEST(test_stack_faults)
{
	const struct cpu_regs regs = { .rsp = UINT64_C(1) << 60,
		.rbp = UINT64_C(1) << 59,
		.rax = UINT64_C(1) << 58,
		.rbx = 0x1000 };
	const struct stack_row *row = &stack_rows[_i];
	struct insn insn;

	ck_assert(insn_decode((const uint8_t *)row->bytes, row->len, &insn));
	ck_assert_msg(
	    insn_stack_fault(&insn, &regs) == row->stack, "%s", row->name);
}
END_TEST

START_TEST(test_more_than_15_bytes_is_refused)
{
	uint8_t bytes[20];
	struct insn insn;

	memset(bytes, 0x66, sizeof(bytes));
	bytes[14] = 0x90;
	ck_assert(insn_decode(bytes, sizeof(bytes), &insn));
	ck_assert_uint_eq(insn.length, 15);
	bytes[14] = 0x66;
	bytes[15] = 0x90;
	ck_assert(!insn_decode(bytes, sizeof(bytes), &insn));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("insn");
	TCase *tc = tcase_create("insn");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_lengths_of_random_bytes);
	tcase_add_loop_test(tc, test_lengths_of_all_opcodes, 0, 8);
	tcase_add_loop_test(
	    tc, test_hazards, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tc, test_stack_faults, 0,
	    (int)(sizeof(stack_rows) / sizeof(stack_rows[0])));
	tcase_add_test(tc, test_more_than_15_bytes_is_refused);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
