/* SPDX-License-Identifier: BSD-2-Clause */
/* Events for people and for programs that read JSON.  Both show fields that
 * are not zero, under the names of the format. */
#ifndef VMS_TRACES_TEXT_H
#define VMS_TRACES_TEXT_H

#include <stdio.h>

#include "traces/event.h"

/* One line:
 *     @12 4711 call mmap proc=1 addr=0x1000 ... result=0x1000
 *     @13 4711 run lwp=1 insns=93 how=trap in[rip=0x401000 ...] out[rax=0x1]
 * @ its number, the instructions retired before it, the kind, the fields.  Of
 * the frame out only what differs from the frame in; of content its length and
 * XXH3-64, and up to 32 bytes themselves. */
void trace_event_print(FILE *file, const struct trace_event *event);

/* One object on one line.  Counts are numbers; what people read in base 16 is
 * a string "0x...". */
void trace_event_json(FILE *file, const struct trace_event *event);

#endif
