# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser as one side of a call: a page served on this machine's loopback, the messages of the call by POST and long polling.

As a program it speaks as call-peer does: messages as JSON lines on standard input and output, "numbers" four times a second, "mark" to count anew.
    side.py [offer] [WIDTHxHEIGHT] [VP8|H264]
"""

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/send":
            self.server.to_us(body)
        else:
            self.server.report = body
        self.answer(204, b"", "text/plain")

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/next":
            try:
                self.answer(200, json.dumps(self.server.to_browser.get(timeout=5)).encode(), "application/json")
            except queue.Empty:
                self.answer(204, b"", "text/plain")
        elif path in ("/peer.html", "/peer.js"):
            with open(HERE + path, "rb") as file:
                self.answer(200, file.read(), "text/html" if path.endswith("html") else "text/javascript")
        else:
            self.answer(404, b"", "text/plain")

    def answer(self, status, body, kind):
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            pass  # the browser is gone: the test is over

    def log_message(self, *args):
        pass


class BrowserSide:
    """`to_us` is given what the page sends; `query` is the page's."""

    def __init__(self, to_us, query=""):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.to_browser, self.server.report, self.server.to_us = queue.Queue(), {}, to_us
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.home = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [shutil.which("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.home.name}", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--mute-audio",
             "--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns",
             f"http://127.0.0.1:{self.server.server_port}/peer.html?{query}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.home.name), start_new_session=True)

    @property
    def report(self):
        return self.server.report

    def give(self, message):
        self.server.to_browser.put(message)

    def usage(self):
        """Processor seconds and proportional memory (MiB) of the browser with all its processes."""
        ticks, pss = 0, 0
        for entry in os.listdir("/proc"):
            try:
                if not entry.isdigit() or os.getpgid(int(entry)) != self.process.pid:
                    continue
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
                with open(f"/proc/{entry}/smaps_rollup", encoding="ascii") as file:
                    pss += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            except (OSError, IndexError):
                continue
        return ticks / os.sysconf("SC_CLK_TCK"), pss / 1024

    def close(self):
        os.killpg(self.process.pid, 15)
        self.process.wait(20)
        self.server.shutdown()
        self.home.cleanup()


def main():
    words = sys.argv[1:]
    query = "measure" + ("&offer" if "offer" in words else "")
    for word in words:
        if "x" in word:
            query += f"&size={word}"
        elif word in ("VP8", "H264"):
            query += f"&codec={word}"
    lock = threading.Lock()

    def say(line):
        with lock:
            print(json.dumps(line), flush=True)

    side = BrowserSide(lambda body: say({"send": body}), query)
    stop = threading.Event()

    def tell():
        while not stop.wait(0.25):
            cpu, pss = side.usage()
            say({"numbers": dict(side.report, cpu=cpu, pss=round(pss))})

    threading.Thread(target=tell, daemon=True).start()
    try:
        for line in sys.stdin:
            side.give({"type": "mark"} if line.strip() == "mark" else json.loads(line))
    finally:
        stop.set()
        side.close()


if __name__ == "__main__":
    main()
