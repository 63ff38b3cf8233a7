# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser as the other side of a call: each sees the other's picture and hears the other's tone. First the browser calls, then we do."""

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
SECONDS = 60


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
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def is_near(colour, wanted):
    return all(value > 130 if part else value < 110 for value, part in zip(colour, wanted))


# Of the test picture A: white, yellow, cyan, green, magenta, red, blue.
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1)]
STRIPES = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


def recognises(report, numbers):
    """What is still not right; empty when both see and hear each other."""
    wrong = []
    if len(report.get("bars", [])) != 7 or not all(is_near(*pair) for pair in zip(report["bars"], BARS)):
        wrong.append("the browser does not see the bars")
    if abs(report.get("pitch", 0) - 440) > 6:
        wrong.append("the browser does not hear 440 Hz")
    if len(numbers.get("picture", [])) != 3 or not all(is_near(*pair) for pair in zip(numbers["picture"], STRIPES)):
        wrong.append("we do not see the stripes")
    if abs(numbers.get("pitch", 0) - 660) > 6:
        wrong.append("we do not hear 660 Hz")
    return wrong


def call(build, chromium, browser_offers):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.to_browser, server.report = queue.Queue(), {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ours = subprocess.Popen([f"{build}/tests/call/call-peer", "a"] + ([] if browser_offers else ["offer"]), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, env=dict(os.environ, G_DEBUG=""))
    numbers = {}

    def to_us(body):
        ours.stdin.write(json.dumps(body) + "\n")
        ours.stdin.flush()

    def read():
        for text in ours.stdout:
            line = json.loads(text)
            if "send" in line:
                server.to_browser.put(line["send"])
            else:
                numbers.update(line["numbers"])

    server.to_us = to_us
    threading.Thread(target=read, daemon=True).start()
    page = f"http://127.0.0.1:{server.server_port}/peer.html" + ("?offer" if browser_offers else "")
    with tempfile.TemporaryDirectory() as home:
        browser = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--mute-audio",
             "--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns", page],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=home), start_new_session=True)
        try:
            until = time.monotonic() + SECONDS
            wrong = ["nothing yet"]
            while wrong and time.monotonic() < until and browser.poll() is None:
                time.sleep(0.2)
                wrong = recognises(server.report, numbers)
        finally:
            ours.stdin.close()
            ours.wait(20)
            os.killpg(browser.pid, 15)
            browser.wait(20)
            server.shutdown()
    if wrong:
        wrong += [f"browser: {server.report}", f"ours: {numbers}"]
    return wrong


def main():
    build = sys.argv[1]
    chromium = shutil.which("chromium")
    print("1..2")
    for number, (name, browser_offers) in enumerate((("browser-calls", True), ("browser-is-called", False)), 1):
        if chromium is None:
            print(f"ok {number} /call/chromium/{name} # SKIP the package chromium is not installed")
            continue
        wrong = call(build, chromium, browser_offers)
        for line in wrong:
            print("#", line)
        print("not ok" if wrong else "ok", number, f"/call/chromium/{name}", flush=True)


if __name__ == "__main__":
    main()
