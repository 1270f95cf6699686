import http.server, threading, urllib.request, urllib.error, json
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/none": return self.send_error(404)
        body = json.dumps({"path": self.path, "n": list(range(5))}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201); self.end_headers(); self.wfile.write(data[::-1])
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
t = threading.Thread(target=s.serve_forever, args=(0.05,)); t.start()
base = "http://127.0.0.1:%d" % s.server_address[1]
print(json.load(urllib.request.urlopen(base + "/x?y=1")))
r = urllib.request.urlopen(base + "/p", data=b"abc" * 1000); print(r.status, len(r.read()))
try: urllib.request.urlopen(base + "/none")
except urllib.error.HTTPError as e: print(e.code)
s.shutdown(); t.join(); s.server_close()
