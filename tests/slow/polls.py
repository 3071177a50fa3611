#!/usr/bin/env python3
"""What a poll that brings nothing new costs: a local server that answers 304, and a release build that polls it.

    cargo build --release && nice tests/slow/polls.py [--feeds 10000] [--rounds 2]

Prints for the first pass (everything is new) and for each further one (everything is 304): polls a second, CPU milliseconds a poll
(user and system, of the whole process, the opening and closing of the archive with them), peak memory, and syncs. Without a delay
between requests: it measures the program, not its manners.
"""
import argparse, http.server, os, re, resource, shutil, socketserver, subprocess, sys, tempfile, threading, time

parser = argparse.ArgumentParser()
parser.add_argument("--feeds", type=int, default=10_000)
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument("--program", default="target/release/wangqi")
parser.add_argument("--strace", action="store_true", help="count fsync and fdatasync (slow: the times mean nothing then)")
given = parser.parse_args()

counts = {200: 0, 304: 0}
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        tag = '"%s"' % self.path.strip("/")
        known = self.headers.get("If-None-Match") == tag
        body = b"" if known else FEED % {b"name": self.path.strip("/").encode()}
        head = "HTTP/1.1 %s\r\nETag: %s\r\nContent-Type: application/rss+xml\r\n" % ("304 Not Modified" if known else "200 OK", tag)
        head += "" if known else "Content-Length: %d\r\n" % len(body)
        self.wfile.write(head.encode() + b"\r\n" + body)
        with lock:
            counts[304 if known else 200] += 1

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>%(name)s</title><description>d</description></channel></rss>"

server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_address[1]
program = os.path.abspath(given.program)
folder = tempfile.mkdtemp(prefix="polls-")
try:
    with open(os.path.join(folder, "crawl.toml"), "w") as file:
        file.write('[fetch]\nallow_private = ["127.0.0.0/8"]\n[[site]]\nhost = "127.0.0.1"\ndelay = "0s"\nconcurrency = 16\n')
        for number in range(given.feeds):
            file.write('[[feed]]\nname = "f%d"\nurl = "http://127.0.0.1:%d/f%d"\n' % (number, port, number))
    for round in range(given.rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        asked = dict(counts)
        begun = time.monotonic()
        command = [program, "--config", os.path.join(folder, "crawl.toml"), "crawl", "--json"]
        if given.strace:
            command = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync,sync_file_range,msync"] + command
        with open(os.path.join(folder, "err"), "w") as err:
            child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
            peak = 0
            deadline = begun + 1800
            while child.poll() is None:
                if time.monotonic() > deadline:
                    child.kill()
                    sys.exit("it does not end")
                try:
                    status = open("/proc/%d/status" % child.pid).read()
                    peak = max(peak, int(re.search(r"VmHWM:\s*(\d+)", status).group(1)))
                except (OSError, AttributeError):
                    pass
                time.sleep(0.05)
        took = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        new = {status: counts[status] - asked[status] for status in counts}
        polls = sum(new.values())
        print(
            "pass %d: exit %d, %d polls (200: %d, 304: %d) in %.1f s = %.0f/s; %.3f CPU ms each; peak %.0f MB"
            % (round, child.returncode, polls, new[200], new[304], took, polls / took, cpu * 1000 / max(polls, 1), peak / 1024),
            flush=True,
        )
        if given.strace:
            print(open(os.path.join(folder, "err")).read()[-1500:], flush=True)
        assert polls == given.feeds, "each feed is asked once"
        assert round == 0 or new[200] == 0, "what was given is sent back"
finally:
    shutil.rmtree(folder)
