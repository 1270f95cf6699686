/* SPDX-License-Identifier: BSD-2-Clause */
/* POPF cannot open the ports or close interrupts, and keeps ID and AC. */
#include "guest.h"

_start:
	mov	eax, 0x247dd7 ^ 0x100	/* all but TF, with IOPL 3 */
	and	eax, ~0x4200		/* neither IF nor NT */
	push	rax
	popfq
	pushfq
	pop	rax
	push	0x202
	popfq
	call	say_hex
	quit	0

	printers
