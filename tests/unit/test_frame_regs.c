/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace/frame_regs: trapframe to registers and back; C2-C8, C52-C59. */
#include "vmspace/frame_regs.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET(member, off)                                                    \
	{                                                                      \
#member, offsetof(struct trapframe, member), off               \
	}
static const struct {
	const char *name;
	size_t is, should;
} offsets[] = { OFFSET(tf_rdi, 0), OFFSET(tf_rsi, 8), OFFSET(tf_rdx, 16),
	OFFSET(tf_rcx, 24), OFFSET(tf_r8, 32), OFFSET(tf_r9, 40),
	OFFSET(tf_rax, 48), OFFSET(tf_rbx, 56), OFFSET(tf_rbp, 64),
	OFFSET(tf_r10, 72), OFFSET(tf_r11, 80), OFFSET(tf_r12, 88),
	OFFSET(tf_r13, 96), OFFSET(tf_r14, 104), OFFSET(tf_r15, 112),
	OFFSET(tf_xflags, 120), OFFSET(tf_trapno, 128), OFFSET(tf_addr, 136),
	OFFSET(tf_flags, 144), OFFSET(tf_err, 152), OFFSET(tf_rip, 160),
	OFFSET(tf_cs, 168), OFFSET(tf_rflags, 176), OFFSET(tf_rsp, 184),
	OFFSET(tf_ss, 192) };

START_TEST(test_member_has_the_kernels_offset)
{
	ck_assert_msg(offsets[_i].is == offsets[_i].should, "%s at %zu",
	    offsets[_i].name, offsets[_i].is);
}
END_TEST

START_TEST(test_structures_have_the_kernels_size)
{
	ck_assert_uint_eq(sizeof(struct trapframe), 200);
	ck_assert_uint_eq(_Alignof(struct trapframe), 8);
	ck_assert_uint_eq(sizeof(struct tls_info), 16);
	ck_assert_uint_eq(sizeof(struct savetls), 32);
	ck_assert_uint_eq(sizeof(struct vextframe), 32);
	ck_assert_uint_eq(offsetof(struct vextframe, vx_tls.info[1].base), 16);
}
END_TEST

/* Every member different, so that a swapped pair is seen. */
static void
fill_distinct(struct trapframe *tf, struct vextframe *vf)
{
	int64_t words[sizeof(*tf) / 8];

	for (size_t i = 0; i < sizeof(*tf) / 8; i++)
		words[i] = (int64_t)(0x0101010101010101 * (i + 1));
	memcpy(tf, words, sizeof(*tf));
	memset(vf, 0, sizeof(*vf));
	vf->vx_tls.info[0].base = (void *)(uintptr_t)0xf5f5f000;
	vf->vx_tls.info[1].base = (void *)(uintptr_t)0x65656000;
	vf->vx_tls.info[0].size = 17;
}

START_TEST(test_registers_survive_load_and_store)
{
	struct trapframe in, out;
	struct vextframe vf;
	struct cpu_regs regs;

	fill_distinct(&in, &vf);
	out = in;
	frame_load(&in, &vf, &regs);
	ck_assert_uint_eq(regs.rdi, (uint64_t)in.tf_rdi);
	ck_assert_uint_eq(regs.rip, (uint64_t)in.tf_rip);
	ck_assert_uint_eq(regs.r15, (uint64_t)in.tf_r15);
	ck_assert_uint_eq(regs.rsp, (uint64_t)in.tf_rsp);
	ck_assert_uint_eq(regs.fs_base, 0xf5f5f000);
	ck_assert_uint_eq(regs.gs_base, 0x65656000);
	memset(&out, 0xee, sizeof(out));
	frame_store(&regs, &out);
#define SAME(member, reg)                                                      \
	ck_assert_int_eq(out.member, in.member);                               \
	ck_assert_uint_eq(regs.reg, (uint64_t)in.member);
	FRAME_REGS(SAME)
#undef SAME
}
END_TEST

START_TEST(test_store_leaves_the_trap_alone_and_forces_selectors)
{
	struct trapframe in, out;
	struct vextframe vf;
	struct cpu_regs regs;

	fill_distinct(&in, &vf);
	frame_load(&in, &vf, &regs);
	out = in;
	frame_store(&regs, &out);
	ck_assert_int_eq(out.tf_xflags, in.tf_xflags);
	ck_assert_int_eq(out.tf_trapno, in.tf_trapno);
	ck_assert_int_eq(out.tf_addr, in.tf_addr);
	ck_assert_int_eq(out.tf_flags, in.tf_flags);
	ck_assert_int_eq(out.tf_err, in.tf_err);
	ck_assert_int_eq(out.tf_cs, 0x2b);
	ck_assert_int_eq(out.tf_ss, 0x23);
}
END_TEST

static const struct {
	const char *name;
	uint64_t in, cpu;
} flags[] = {
	{ "none", 0, 0x202 },
	{ "arithmetic", 0x8d5, 0xad7 },
	{ "direction, step", 0x500, 0x702 },
	{ "I/O privilege", 0x3000, 0x202 },
	{ "virtual interrupts", 0x180000, 0x202 },
	{ "above bit 21", 0xffffffffffc00000, 0x202 },
	{ "nested task, alignment, id", 0x244000, 0x244202 },
	{ "resume, VM86", 0x30000, 0x202 },
	{ "reserved zeros", 0x8028, 0x202 },
	{ "all", UINT64_MAX, 0x244fd7 },
};

START_TEST(test_flags_are_sanitised)
{
	struct trapframe tf = { .tf_rflags = (int64_t)flags[_i].in }, out = tf;
	struct vextframe vf = { 0 };
	struct cpu_regs regs;

	frame_load(&tf, &vf, &regs);
	ck_assert_msg(regs.rflags == flags[_i].cpu, "%s: %#jx", flags[_i].name,
	    (uintmax_t)regs.rflags);
	regs.rflags = flags[_i].in;
	frame_store(&regs, &out);
	ck_assert_int_eq(out.tf_rflags, (int64_t)flags[_i].cpu);
}
END_TEST

START_TEST(test_bad_flags_are_those_that_no_guest_can_have)
{
	struct trapframe tf = { .tf_rflags = 0x202 | 0x3000 | 0x100 };

	ck_assert_int_eq(frame_bad_flags(&tf), 0x3000);
	tf.tf_rflags = 0x2;
	ck_assert_int_eq(frame_bad_flags(&tf), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("frame_regs");
	TCase *tc = tcase_create("frame_regs");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, test_member_has_the_kernels_offset, 0,
	    sizeof(offsets) / sizeof(offsets[0]));
	tcase_add_test(tc, test_structures_have_the_kernels_size);
	tcase_add_test(tc, test_registers_survive_load_and_store);
	tcase_add_test(
	    tc, test_store_leaves_the_trap_alone_and_forces_selectors);
	tcase_add_loop_test(
	    tc, test_flags_are_sanitised, 0, sizeof(flags) / sizeof(flags[0]));
	tcase_add_test(tc, test_bad_flags_are_those_that_no_guest_can_have);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
