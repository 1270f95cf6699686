/* SPDX-License-Identifier: BSD-2-Clause */
/* That every number of the checklist has a row, or a reason not to. */
#ifndef TESTS_CONFORM_COVERAGE_H
#define TESTS_CONFORM_COVERAGE_H

#include <check.h>

#include "tests/conform/conform.h"

/* All groups, group_deviation last; ends with NULL. */
extern const struct row_group *const groups[];

TCase *coverage_tcase(void);

#endif
