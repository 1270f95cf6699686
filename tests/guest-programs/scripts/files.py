import fcntl, glob, mmap, os, pathlib, shutil, stat, tempfile
p = pathlib.Path("new"); p.mkdir(); (p / "a").write_text("text"); (p / "a").chmod(0o640); os.symlink("a", p / "l"); os.link(p / "a", p / "h")
print(sorted(os.listdir(p)), os.readlink(p / "l"), (p / "a").stat().st_nlink, stat.filemode(os.stat(p / "a").st_mode))
print([(d, sorted(s), sorted(f)) for d, s, f in sorted(os.walk("tree"))])
shutil.copytree("tree", "copy", symlinks=True); shutil.rmtree("copy/d0"); shutil.move("copy", "moved"); print(sorted(glob.glob("moved/**/*.txt", recursive=True)))
with open("sparse", "wb") as f: f.seek(100000); f.write(b"end"); f.flush(); print(os.fstat(f.fileno()).st_size)
fd = os.open("lock", os.O_RDWR | os.O_CREAT); fcntl.flock(fd, fcntl.LOCK_EX); fcntl.lockf(fd, fcntl.LOCK_EX)
if os.fork() == 0:
    try: fcntl.lockf(os.open("lock", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e: os._exit(e.errno)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.wait()[1]))
with open("text.txt", "r+b") as f, mmap.mmap(f.fileno(), 0) as m: print(m.find(b"omega"), m[:10]); m[0:4] = b"MMAP"
print(open("text.txt").read(10)); os.utime("lock", (1e9, 1e9)); print(os.stat("lock").st_mtime)
for e in (lambda: open("none"), lambda: os.rmdir("tree"), lambda: os.mkdir("tree"), lambda: os.listdir("text.txt")):
    try: e()
    except OSError as x: print(type(x).__name__, x.errno)
r, w = os.pipe(); os.write(w, b"pipe"); print(os.read(r, 9)); print(os.sendfile(w, fd, 0, 10), os.path.samefile("tree/link", "text.txt"))
with os.scandir("tree") as it: print(sorted((e.name, e.is_dir(), e.is_symlink()) for e in it))
os.truncate("sparse", 3); os.rename("sparse", "small"); print(os.path.getsize("small"), os.access("tree/script", os.X_OK)); os.umask(0o77); open("private", "w").close()
