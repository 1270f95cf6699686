import asyncio, signal, os, sys
async def handle(r, w):
    data = await r.readline(); w.write(data[::-1]); await w.drain(); w.close()
async def main():
    s = await asyncio.start_server(handle, "127.0.0.1", 0); port = s.sockets[0].getsockname()[1]
    async def ask(i):
        r, w = await asyncio.open_connection("127.0.0.1", port); w.write(b"q%d\n" % i); d = await r.read(); w.close(); return d
    print(await asyncio.gather(*(ask(i) for i in range(8))))
    p = await asyncio.create_subprocess_exec("sh", "-c", "read x; echo got $x; exit 4", stdin=-1, stdout=-1)
    print(await p.communicate(b"input\n"), p.returncode)
    try: await asyncio.wait_for(asyncio.sleep(10), 0.05)
    except asyncio.TimeoutError: print("timeout")
    done = asyncio.Event(); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, done.set)
    os.kill(os.getpid(), signal.SIGUSR1); await asyncio.wait_for(done.wait(), 5); print("signal")
    print(await asyncio.get_running_loop().run_in_executor(None, lambda: sum(range(100))))
    q = asyncio.Queue()
    async def put():
        for i in range(5): await q.put(i); await asyncio.sleep(0.001)
    t = asyncio.create_task(put()); print([await q.get() for _ in range(5)]); await t
    s.close(); await s.wait_closed()
asyncio.run(main())
