/* SPDX-License-Identifier: BSD-2-Clause */
/* Errno values of the host as Linux numbers, and their names. */
#ifndef VMS_VKERNEL_ERRNO_MAP_H
#define VMS_VKERNEL_ERRNO_MAP_H

/* LX_EIO when Linux knows no such error. */
int errno_to_linux(int host);
/* And back: the host's value, EIO when it has none. */
int errno_of_linux(int number);

/* "ENOENT" and "No such file or directory" of a Linux number; NULL: none. */
const char *errno_name(int number);
const char *errno_text(int number);

#endif
