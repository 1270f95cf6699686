import os, signal, time, threading, faulthandler
got = []
for s in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM): signal.signal(s, lambda n, f: got.append(n))
os.kill(os.getpid(), signal.SIGUSR1); signal.raise_signal(signal.SIGUSR2)
signal.alarm(1); signal.pause(); print(got)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01); n = len(got)
while len(got) < n + 5: time.sleep(0.005)
signal.setitimer(signal.ITIMER_REAL, 0)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]), signal.sigtimedwait([signal.SIGUSR1], 0.01))
r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w); signal.raise_signal(signal.SIGUSR2); print(os.read(r, 10))
signal.set_wakeup_fd(-1)
def slow(n, f): raise TimeoutError
signal.signal(signal.SIGALRM, slow); signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True: got.append(0)
except TimeoutError: print("broke the loop")
pid = os.fork()
if pid == 0:
    try: time.sleep(100)
    except KeyboardInterrupt: os._exit(9)
time.sleep(0.2); os.kill(pid, signal.SIGINT); print(os.waitpid(pid, 0)[1] >> 8)
pid = os.fork()
if pid == 0:
    import ctypes; ctypes.string_at(0)
print(os.waitpid(pid, 0)[1] & 127)
