/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that must be compiled with DragonFly's headers. */
#ifndef TESTS_CONFORM_DROPIN_API_H
#define TESTS_CONFORM_DROPIN_API_H

void dropin_c1(void);
void dropin_c2(void);
void dropin_c7(void);
void dropin_c9(void);
void dropin_c10(void);
void dropin_c11(void);

/* What a new image finds of its predecessor's registry: the errno of
 * vmspace_destroy(), or 0. */
int dropin_after_exec(void);

#endif
