import mmap, os
m = mmap.mmap(-1, 8192); m[0:5] = b"hello"
if os.fork() == 0:
    m[0:5] = b"child"; os._exit(0)
os.wait(); print(m[0:5]); m.resize(16384) if hasattr(m, "resize") else None; print(len(m), m[0:5])
p = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE); p[0] = 1
if os.fork() == 0:
    p[0] = 2; os._exit(p[0])
print(os.waitstatus_to_exitcode(os.wait()[1]), p[0])
fd = os.memfd_create("x"); os.ftruncate(fd, 4096); f = mmap.mmap(fd, 4096); f[10:13] = b"abc"; os.lseek(fd, 10, 0); print(os.read(fd, 3)); f.flush(); f.close()
