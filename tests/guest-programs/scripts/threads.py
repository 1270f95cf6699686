import queue, threading, time
total = 0
lock = threading.Lock()
def work(n):
    global total
    for i in range(n):
        with lock:
            total += i
threads = [threading.Thread(target=work, args=(500,)) for _ in range(6)]
for t in threads: t.start()
for t in threads: t.join()
print(total)
q, out = queue.Queue(5), []
def consume():
    while (x := q.get()) is not None:
        out.append(x * x)
c = threading.Thread(target=consume); c.start()
for i in range(200): q.put(i)
q.put(None); c.join(); print(sum(out))
e = threading.Event(); print(e.wait(0.01))
threading.Timer(0.02, e.set).start(); print(e.wait(5))
b = threading.Barrier(3); order = []
def meet(i):
    b.wait(); order.append(i)
ts = [threading.Thread(target=meet, args=(i,)) for i in range(3)]
for t in ts: t.start()
for t in ts: t.join()
print(sorted(order))
local = threading.local(); local.x = 1
t = threading.Thread(target=lambda: print(hasattr(local, "x"))); t.start(); t.join()
done = []
d = threading.Thread(target=lambda: [time.sleep(100)], daemon=True); d.start()
cond = threading.Condition(); ready = False
def waiter():
    with cond:
        while not ready: cond.wait()
    print("woken")
w = threading.Thread(target=waiter); w.start()
with cond:
    ready = True; cond.notify_all()
w.join()
stop = False
def spin():
    while not stop: pass
s = threading.Thread(target=spin); s.start(); stop = True; s.join()
print("end", threading.active_count())
