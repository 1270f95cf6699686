/* SPDX-License-Identifier: BSD-2-Clause */
/* Lets compilers that can check the arguments of printf-like functions. */
#ifndef VMS_BASE_FORMAT_H
#define VMS_BASE_FORMAT_H

#if defined(__GNUC__)
#define VMS_PRINTF(at, args) __attribute__((format(printf, at, args)))
#else
#define VMS_PRINTF(at, args)
#endif

#endif
