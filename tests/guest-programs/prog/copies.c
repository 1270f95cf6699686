// SPDX-License-Identifier: BSD-2-Clause
// sendfile, splice, tee, vmsplice and copy_file_range.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

int
main(void)
{
	int text = open("text.txt", O_RDONLY), ends[2], more[2], pair[2];
	int out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char buffer[5000];
	off_t offset = 10;
	loff_t from = 5, to = 20;

	signal(SIGPIPE, SIG_IGN);
	pipe(ends);
	pipe(more);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	SHOW(sendfile(out, text, &offset, 1000));
	SHOW(offset);
	SHOW(lseek(text, 0, SEEK_CUR));
	SHOW(sendfile(pair[0], text, NULL, 500));
	SHOW(lseek(text, 0, SEEK_CUR));
	SHOW(read(pair[1], buffer, sizeof(buffer)));
	SHOW(sendfile(out, 99, NULL, 5));
	SHOW(sendfile(out, ends[0], NULL, 5));

	SHOW(splice(text, &from, ends[1], NULL, 300, 0));
	SHOW(from);
	SHOW(tee(ends[0], more[1], 100, 0));
	SHOW(splice(ends[0], NULL, out, &to, 300, 0));
	SHOW(to);
	SHOW(read(more[0], buffer, sizeof(buffer)));
	SHOW(splice(ends[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK));
	SHOW(splice(text, NULL, out, NULL, 10, 0));
	SHOW(splice(ends[0], &from, out, NULL, 10, 0));
	SHOW(tee(text, ends[1], 10, 0));
	struct iovec vector = { "from memory", 11 };
	SHOW(vmsplice(ends[1], &vector, 1, 0));
	SHOW(splice(ends[0], NULL, pair[0], NULL, 100, 0));
	SHOW(read(pair[1], buffer, sizeof(buffer)));
	// What the pipe does not take is left, without waiting.
	static _Alignas(4096) char much[100000];
	struct iovec large = { much, sizeof(much) };
	int fresh[2];
	pipe(fresh);
	SHOW(fcntl(fresh[1], F_SETPIPE_SZ, 4096));
	memset(much, 1, sizeof(much));
	SHOW(vmsplice(fresh[1], &large, 1, 0));
	SHOW(vmsplice(fresh[1], &large, 1, SPLICE_F_NONBLOCK));

	from = 100;
	SHOW(lseek(out, 0, SEEK_END));
	SHOW(copy_file_range(text, &from, out, NULL, 2000, 0));
	SHOW(from);
	SHOW(copy_file_range(text, NULL, out, NULL, 10, 1));
	from = 100000000;
	SHOW(copy_file_range(text, &from, out, NULL, 10, 0));
	SHOW(lseek(out, 0, SEEK_END));
	// A guest without inotify says so and goes on.
	int notify = inotify_init1(0);
	if (notify >= 0 || errno == ENOSYS)
		puts("inotify is there or ENOSYS");
	return 0;
}
