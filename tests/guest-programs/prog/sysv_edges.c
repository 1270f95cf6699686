// SPDX-License-Identifier: BSD-2-Clause
// Shared memory, semaphores and message queues of System V.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

struct text {
	long type;
	char bytes[64];
};

static key_t key;

static void
memory(void)
{
	struct shmid_ds stat;
	int id = shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0640);

	SHOW(id >= 0);
	SHOW(shmget(key, 1, IPC_CREAT | IPC_EXCL | 0640));
	SHOW(shmget(key, 0, 0) == id);
	SHOW(shmget(key, 20000, 0));
	SHOW(shmget(key + 1, 10, 0));
	SHOW(shmget(IPC_PRIVATE, 0, 0600));
	char *at = shmat(id, NULL, 0), *again = shmat(id, NULL, SHM_RDONLY);
	SHOW(at != (void *)-1 && again != at);
	strcpy(at, "both");
	printf("%s\n", again);
	SHOW(shmctl(id, IPC_STAT, &stat));
	SHOW(stat.shm_nattch);
	SHOW(stat.shm_segsz);
	SHOW(stat.shm_perm.mode);
	SHOW(stat.shm_cpid == getpid() && stat.shm_lpid == getpid());
	SHOW((long)shmat(id, at, 0));
	SHOW((long)shmat(id, at + 1, 0));
	SHOW((long)shmat(id, NULL, SHM_REMAP));
	SHOW((char *)shmat(id, at + 1, SHM_RND | SHM_REMAP) == at);
	SHOW((long)shmat(99999, NULL, 0));
	IN_CHILD("child", {
		SHOW(shmctl(id, IPC_STAT, &stat));
		SHOW(stat.shm_nattch);
		strcpy(at + 9000, "from the child");
		SHOW(shmdt(at));
		SHOW(shmdt(at));
	});
	printf("%s\n", again + 9000);
	IN_CHILD("writer", again[0] = 1);
	SHOW(shmctl(id, IPC_STAT, &stat));
	SHOW(stat.shm_nattch);
	SHOW(shmdt(at + 1));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(key, 0, 0));
	SHOW(shmctl(id, IPC_STAT, &stat));
	SHOW(stat.shm_perm.mode);
	SHOW(shmdt(at));
	printf("%s\n", again);
	SHOW(shmdt(again));
	SHOW(shmctl(id, IPC_STAT, &stat));
	SHOW(shmctl(id, 77, &stat));
}

static long
op(int id, int number, int value, int flags)
{
	struct sembuf ops = { (unsigned short)number, (short)value,
		(short)flags };

	return semop(id, &ops, 1);
}

static void
wait_for_waiter(int id, int command)
{
	while (semctl(id, 0, command) != 1)
		usleep(1000);
}

static void
handler(int signal)
{
	(void)signal;
}

static void
semaphores(void)
{
	unsigned short values[3] = { 1, 2, 3 };
	struct semid_ds stat;
	struct timespec soon = { 0, 10000000 }, wrong = { 0, -1 };
	struct sembuf many[] = { { 0, -1, 0 }, { 1, -9, IPC_NOWAIT } },
		      both[] = { { 0, -1, 0 }, { 1, 5, 0 }, { 0, 0, 0 } };
	int status, id = semget(key, 3, IPC_CREAT | 0600);
	pid_t child;

	SHOW(id >= 0);
	SHOW(semget(key, 4, 0));
	SHOW(semget(key, 0, 0) == id);
	SHOW(semget(IPC_PRIVATE, 0, 0600));
	SHOW(semget(IPC_PRIVATE, -1, 0600));
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = values }));
	SHOW(semop(id, many, 2));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semop(id, both, 3));
	memset(values, 0, sizeof(values));
	SHOW(semctl(id, 0, GETALL, (union semun){ .array = values }));
	printf("%d %d %d\n", values[0], values[1], values[2]);
	SHOW(op(id, 3, 1, 0));
	SHOW(op(id, 0, 32767, 0));
	SHOW(op(id, 0, 1, 0));
	SHOW(op(id, 0, 0, IPC_NOWAIT));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 0 }));
	SHOW(semctl(id, 5, GETVAL));
	SHOW(semop(id, both, 0));
	SHOW(semop(id, both, 501));
	SHOW(semop(id, (void *)8, 1));
	SHOW(semop(-1, both, 1));
	SHOW(semtimedop(id, both, 1, &soon));
	SHOW(semtimedop(id, both, 1, &wrong));
	SHOW(semctl(id, 0, GETPID) == getpid());
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &stat }));
	SHOW(stat.sem_nsems);
	SHOW(stat.sem_otime != 0);

	IN_CHILD("undoes", {
		SHOW(op(id, 0, 3, SEM_UNDO));
		SHOW(op(id, 1, -2, SEM_UNDO));
		SHOW(semctl(id, 0, GETVAL));
	});
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(id, 1, GETVAL));

	child = fork();
	if (child == 0) {
		signal(SIGUSR1, handler);
		SHOW(op(id, 0, -2, 0));
		SHOW(op(id, 0, 0, 0));
		SHOW(op(id, 0, -1, 0));
		SHOW(op(id, 0, -1, 0));
		_exit(0);
	}
	wait_for_waiter(id, GETNCNT);
	SHOW(op(id, 0, 1, 0));
	SHOW(semctl(id, 0, GETVAL));
	/* What the waiter prints comes first. */
	int result = op(id, 0, 2, 0);
	wait_for_waiter(id, GETZCNT);
	SHOW(result);
	SHOW(semctl(id, 0, GETNCNT));
	result = op(id, 0, -1, 0);
	wait_for_waiter(id, GETNCNT);
	SHOW(result);
	kill(child, SIGUSR1);
	usleep(20000);
	wait_for_waiter(id, GETNCNT);
	result = semctl(id, 0, IPC_RMID);
	waitpid(child, &status, 0);
	SHOW(result);
	show_status("waiter", status);
	SHOW(op(id, 0, 1, 0));
}

static void
messages(void)
{
	struct text text = { 3, "three" }, got;
	struct msqid_ds stat;
	int status, id = msgget(key, IPC_CREAT | 0600);

	SHOW(id >= 0);
	SHOW(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(msgsnd(id, &text, 6, 0));
	text = (struct text){ 1, "one" };
	SHOW(msgsnd(id, &text, 4, 0));
	text = (struct text){ 2, "two" };
	SHOW(msgsnd(id, &text, 4, 0));
	text.type = 0;
	SHOW(msgsnd(id, &text, 4, 0));
	SHOW(msgsnd(id, (void *)8, 4, 0));
	SHOW(msgsnd(id, &text, 9000, 0));
	SHOW(msgctl(id, IPC_STAT, &stat));
	SHOW(stat.msg_qnum);
	SHOW(stat.__msg_cbytes);
	SHOW(stat.msg_qbytes);
	SHOW(msgrcv(id, &got, 2, -2, 0));
	SHOW(msgrcv(id, &got, 2, -2, MSG_NOERROR));
	SHOW(got.type);
	SHOW(msgrcv(id, &got, 64, 3, MSG_EXCEPT));
	SHOW(got.type);
	SHOW(msgrcv(id, &got, 64, 7, IPC_NOWAIT));
	SHOW(msgrcv(id, &got, 64, 0, 0));
	printf("%s\n", got.bytes);
	SHOW(msgrcv(id, &got, (size_t)-1, 0, 0));

	pid_t child = fork();
	if (child == 0) {
		SHOW(msgrcv(id, &got, 64, 5, 0));
		printf("%s\n", got.bytes);
		SHOW(msgrcv(id, &got, 64, 5, 0));
		_exit(0);
	}
	text = (struct text){ 4, "not this" };
	SHOW(msgsnd(id, &text, 9, 0));
	text = (struct text){ 5, "this" };
	msgsnd(id, &text, 5, 0);
	usleep(50000);
	msgctl(id, IPC_RMID, NULL);
	waitpid(child, &status, 0);
	show_status("receiver", status);

	id = msgget(IPC_PRIVATE, 0600);
	stat.msg_qbytes = 9;
	SHOW(msgctl(id, IPC_STAT, &stat));
	stat.msg_qbytes = 9;
	SHOW(msgctl(id, IPC_SET, &stat));
	SHOW(msgsnd(id, &text, 5, 0));
	SHOW(msgsnd(id, &text, 5, IPC_NOWAIT));
	child = fork();
	if (child == 0)
		_exit(msgsnd(id, &text, 5, 0) != 0);
	usleep(20000);
	SHOW(msgrcv(id, &got, 64, 0, 0));
	waitpid(child, &status, 0);
	show_status("sender", status);
	SHOW(msgrcv(id, &got, 64, 0, 0));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, IPC_RMID, NULL));
}

int
main(void)
{
	key = (key_t)(0x10000000 + getpid());
	memory();
	semaphores();
	messages();
	return 0;
}
