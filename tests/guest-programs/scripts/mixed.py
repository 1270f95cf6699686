import collections, functools, hashlib, itertools, json, os, random, re, struct, subprocess, sys, tempfile, time
words = open("text.txt").read().split()
print(collections.Counter(w for w in words if w.isalpha()).most_common(3))
print(hashlib.sha256(open("bin.dat", "rb").read()).hexdigest())
print(re.sub(r"(\d+) (\w+)", r"\2=\1", "12 ab 34 cd"), struct.pack("<Hd", 5, 1.5))
random.seed(7); print([random.randrange(100) for _ in range(5)], random.random())
print(list(itertools.permutations("abc"))[:3], functools.reduce(lambda a, b: a * b, range(1, 30)))
r = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 5"], input=b"given", capture_output=True)
print(r.returncode, r.stdout, r.stderr)
p = subprocess.Popen(["sort", "-n"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(p.communicate("3\n1\n2\n"))
try:
    subprocess.run(["sleep", "10"], timeout=0.1)
except subprocess.TimeoutExpired:
    print("timed out")
try:
    subprocess.run(["/no/such"])
except FileNotFoundError as e:
    print(e.errno)
print(os.popen("echo popen").read(), os.system("exit 3") >> 8)
with tempfile.TemporaryDirectory() as d:
    open(d + "/x", "w").write("x"); print(os.listdir(d))
start = time.monotonic(); time.sleep(0.01); print(time.monotonic() - start >= 0.01)
print(sys.getrecursionlimit(), json.loads('{"a": [1, 2.5]}'))
class A:
    def __del__(self): print("deleted")
a = A(); del a
def gen():
    try:
        yield 1
    finally:
        print("closed")
g = gen(); next(g); g.close()
