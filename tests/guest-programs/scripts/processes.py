import multiprocessing as mp, os, signal, time
def square(x): return x * x
def child(conn):
    conn.send([1, "two"]); print(conn.recv(), flush=True); conn.close()
def add(v, l):
    for _ in range(50):
        with l: v.value += 1
if __name__ == "__main__":
    mp.set_start_method("fork")
    with mp.Pool(3) as p: print(sum(p.map(square, range(50))))
    a, b = mp.Pipe(); p = mp.Process(target=child, args=(b,)); p.start()
    print(a.recv(), flush=True); a.send("reply"); p.join(); print(p.exitcode)
    v, l = mp.Value("i", 0), mp.Lock()
    ps = [mp.Process(target=add, args=(v, l)) for _ in range(3)]
    for p in ps: p.start()
    for p in ps: p.join()
    print(v.value, flush=True)
    pid = os.fork()
    if pid == 0: os._exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    r, w = os.pipe(); pid = os.fork()
    if pid == 0:
        os.dup2(w, 1); os.execvp("sh", ["sh", "-c", "echo piped"])
    os.close(w); print(os.read(r, 100)); os.waitpid(pid, 0)
    pid = os.fork()
    if pid == 0: time.sleep(100)
    os.kill(pid, signal.SIGTERM); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    q = mp.Queue(); p = mp.Process(target=q.put, args=(list(range(5)),)); p.start(); print(q.get()); p.join()
    print(mp.get_context("spawn").Process is not None)
