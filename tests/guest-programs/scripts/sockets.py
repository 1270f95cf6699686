import os, select, selectors, socket, socketserver, threading
class H(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line.upper())
class S(socketserver.ThreadingTCPServer):
    allow_reuse_address = True; daemon_threads = True
with S(("127.0.0.1", 0), H) as s:
    t = threading.Thread(target=s.serve_forever, args=(0.05,)); t.start()
    for i in range(3):
        with socket.create_connection(s.server_address) as c:
            c.sendall(b"line %d\nmore\n" % i); f = c.makefile("rb"); print(f.readline(), f.readline())
    s.shutdown(); t.join()
a, b = socket.socketpair()
if os.fork() == 0:
    a.close(); b.sendall(b"x" * 300000); os._exit(0)
b.close(); n = 0
while d := a.recv(65536): n += len(d)
print(n); os.wait()
u, v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0)); v.sendto(b"datagram", u.getsockname()); print(u.recvfrom(100)[0])
u.settimeout(0.02)
try: u.recv(1)
except socket.timeout: print("timeout")
l = socket.socket(socket.AF_UNIX); l.bind("s.sock"); l.listen()
c = socket.socket(socket.AF_UNIX); c.connect("s.sock"); d, _ = l.accept()
r, w = os.pipe(); socket.send_fds(c, [b"fd"], [r]); m, fds, _, _ = socket.recv_fds(d, 10, 2)
os.write(w, b"via"); print(m, os.read(fds[0], 10)); os.unlink("s.sock")
print(select.select([d], [c], [], 0)[1] == [c])
c.send(b"."); sel = selectors.DefaultSelector(); sel.register(d, selectors.EVENT_READ, "data")
print([k.data for k, _ in sel.select(1)], d.getpeername() == "", d.recv(5))
try: socket.create_connection(("127.0.0.1", 1), 1)
except ConnectionRefusedError: print("refused")
print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4], socket.inet_aton("1.2.3.4"))
