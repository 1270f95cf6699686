// SPDX-License-Identifier: BSD-2-Clause
// System V shared memory, semaphores and message queues.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

struct text {
	long type;
	char bytes[100];
};

static int
one(int id, int number, int change, int flags)
{
	struct sembuf op = { (unsigned short)number, (short)change,
		(short)flags };

	return semop(id, &op, 1);
}

static void
segment_state(int id)
{
	struct shmid_ds ds;

	if (shmctl(id, IPC_STAT, &ds) != 0) {
		printf("segment: %s\n", strerror(errno));
		return;
	}
	printf("segment: %zu bytes, %lu attached, mode %o, creator %d\n",
	    ds.shm_segsz, (unsigned long)ds.shm_nattch, ds.shm_perm.mode,
	    ds.shm_cpid == getpid());
}

static void
memory(void)
{
	key_t key = 0x766d0000 + getpid() % 30000;
	int id = shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0640);

	SHOW(shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0600) == -1);
	SHOW(shmget(key, 10, 0) == id);
	SHOW(shmget(key, 20000, 0));
	SHOW(shmget(key + 1, 10, 0));
	SHOW(shmget(IPC_PRIVATE, 0, 0600));
	segment_state(id);
	char *first = shmat(id, NULL, 0);
	char *second = shmat(id, NULL, SHM_RDONLY);
	strcpy(first, "written");
	puts(second);
	segment_state(id);
	IN_CHILD("child", {
		segment_state(id);
		strcpy(first + 5000, "by the child");
		SHOW(shmdt(second));
		SHOW(shmdt(second));
	});
	puts(second + 5000);
	SHOW(shmat(id, first, 0) == (void *)-1);
	SHOW(shmat(id, first + 1, 0) == (void *)-1);
	SHOW(shmat(id, first + 1, SHM_RND | SHM_REMAP) == first);
	SHOW(shmat(id, NULL, SHM_REMAP) == (void *)-1);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(key, 10, 0));
	segment_state(id);
	char *third = shmat(id, NULL, 0);
	puts(third);
	SHOW(shmdt(first + 4096));
	SHOW(mprotect(first + 4096, 4096, PROT_READ));
	SHOW(shmdt(first));
	SHOW(shmdt(third));
	segment_state(id);
	SHOW(shmdt(second));
	segment_state(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(id, 99, NULL));
}

static void
faults(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	char *bytes = shmat(id, NULL, SHM_RDONLY);

	shmctl(id, IPC_RMID, NULL);
	IN_CHILD("writer", { bytes[0] = 1; });
}

static void
values(int id, const char *when)
{
	unsigned short all[3];

	SHOW(semctl(id, 0, GETALL, all));
	printf("%s: %d %d %d\n", when, all[0], all[1], all[2]);
	fflush(stdout);
}

static void
undone(int id)
{
	IN_CHILD("undo", {
		SHOW(one(id, 0, 5, SEM_UNDO));
		SHOW(one(id, 1, -1, SEM_UNDO));
		SHOW(one(id, 2, 4, 0));
		values(id, "in it");
	});
	values(id, "after it");
	SHOW(semctl(id, 0, GETPID) != getpid());
}

/* A child waits until the parent has seen that it does. */
static void
waits(int id, int change)
{
	pid_t child = fork();

	if (child == 0) {
		int answer = one(id, 0, change, 0);
		_exit(answer == 0 ? 0 : errno);
	}
	while (semctl(id, 0, change == 0 ? GETZCNT : GETNCNT) == 0)
		usleep(1000);
	if (change == 0)
		SHOW(semctl(id, 0, SETVAL, 0));
	else if (change == -1)
		SHOW(one(id, 0, 1, 0));
	else
		SHOW(semctl(id, 0, IPC_RMID));
	int status;
	waitpid(child, &status, 0);
	printf("waiter: %s\n", strerror(WEXITSTATUS(status)));
	fflush(stdout);
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
semaphores(void)
{
	unsigned short start[3] = { 0, 3, 5 };
	struct timespec soon = { 0, 20000000 };
	struct sembuf both[] = { { 1, -1, 0 }, { 0, -1, IPC_NOWAIT } };
	struct sembuf late = { 0, -1, 0 };
	struct semid_ds ds;
	int id = semget(IPC_PRIVATE, 3, 0600);

	SHOW(semctl(id, 0, SETALL, start));
	SHOW(semop(id, both, 2));
	values(id, "nothing done");
	SHOW(one(id, 1, -3, IPC_NOWAIT));
	SHOW(one(id, 1, 0, IPC_NOWAIT));
	SHOW(one(id, 2, 0, IPC_NOWAIT));
	SHOW(one(id, 3, 1, 0));
	SHOW(one(id, 0, 32767, 0));
	SHOW(one(id, 0, 1, 0));
	SHOW(semctl(id, 0, SETVAL, 32768));
	SHOW(semctl(id, 0, SETVAL, 1));
	SHOW(semctl(id, 3, GETVAL));
	SHOW(semop(id, both, 0));
	SHOW(semop(id, both, 501));
	SHOW(semctl(id, 1, SETVAL, 7));
	undone(id);
	SHOW(semctl(id, 0, SETVAL, 0));
	SHOW(semtimedop(id, &late, 1, &soon));
	struct sigaction action = { .sa_handler = on_alarm,
		.sa_flags = SA_RESTART };
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	SHOW(semop(id, &late, 1));
	waits(id, -1);
	SHOW(semctl(id, 0, SETVAL, 3));
	waits(id, 0);
	SHOW(semctl(id, 0, IPC_STAT, &ds));
	printf("%lu semaphores, mode %o\n", (unsigned long)ds.sem_nsems,
	    ds.sem_perm.mode);
	waits(id, -2);
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semget(IPC_PRIVATE, 0, 0600));
}

static void
receive(int id, size_t room, long type, int flags)
{
	struct text text = { 0 };
	ssize_t size = msgrcv(id, &text, room, type, flags);

	if (size < 0)
		printf("receive %ld: %s\n", type, strerror(errno));
	else
		printf("receive %ld: %ld %.*s\n", type, text.type, (int)size,
		    text.bytes);
	fflush(stdout);
}

static void
send_text(int id, long type, const char *bytes)
{
	struct text text = { .type = type };

	strcpy(text.bytes, bytes);
	SHOW(msgsnd(id, &text, strlen(bytes), IPC_NOWAIT));
}

static void
messages(void)
{
	static struct {
		long type;
		char bytes[8193];
	} big = { 1, "" };
	struct msqid_ds ds;
	int id = msgget(IPC_PRIVATE, 0600);

	receive(id, 100, 0, IPC_NOWAIT);
	send_text(id, 3, "three");
	send_text(id, 2, "two");
	send_text(id, 5, "five");
	send_text(id, 2, "two again");
	send_text(id, 0, "none");
	receive(id, 2, 5, IPC_NOWAIT);
	receive(id, 100, -4, IPC_NOWAIT);
	receive(id, 100, 3, IPC_NOWAIT | MSG_EXCEPT);
	receive(id, 2, 2, IPC_NOWAIT | MSG_NOERROR);
	receive(id, 100, 7, IPC_NOWAIT);
	receive(id, 100, 0, IPC_NOWAIT);
	SHOW(msgsnd(id, &big, 8193, IPC_NOWAIT));
	SHOW(msgsnd(id, &big, 8192, IPC_NOWAIT));
	SHOW(msgsnd(id, &big, 8192, IPC_NOWAIT));
	SHOW(msgsnd(id, &big, 1, IPC_NOWAIT));
	SHOW(msgctl(id, IPC_STAT, &ds));
	printf("%lu messages, limit %lu\n", (unsigned long)ds.msg_qnum,
	    (unsigned long)ds.msg_qbytes);
	pid_t child = fork();
	if (child == 0) {
		big.type = 9;
		_exit(msgsnd(id, &big, 10, 0) == 0 ? 0 : errno);
	}
	SHOW(msgrcv(id, &big, 8192, 1, 0));
	receive(id, 100, 9, 0);
	int status;
	waitpid(child, &status, 0);
	child = fork();
	if (child == 0) {
		msgrcv(id, &big, 100, 4, 0);
		_exit(errno == EIDRM || errno == EINVAL);
	}
	usleep(50000);
	SHOW(msgctl(id, IPC_RMID, NULL));
	waitpid(child, &status, 0);
	printf("removed: %d\n", WEXITSTATUS(status));
	SHOW(msgctl(id, IPC_RMID, NULL));
}

int
main(void)
{
	memory();
	faults();
	semaphores();
	messages();
	return 0;
}
