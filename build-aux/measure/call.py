# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls over bad lines: two processes in two network namespaces, with `line` between them. Needs root and /dev/net/tun.

Each row: what the line does, the part of the pictures shown (30 a second are sent), the longest gap between two, their age on the screen.
"""

import json
import os
import subprocess
import sys
import threading
import time

FPS = 30
SECONDS = float(os.environ.get("ANX_CALL_SECONDS", "20"))
ROWS = {
    "good line, 10 ms": "delay 5",
    "5 % loss, 20 ms": "delay 10\nloss 0.05",
    "5 % loss in runs of 3, 20 ms": "delay 10\nloss 0.05\nburst 3",
    "15 % loss, 20 ms": "delay 10\nloss 0.15",
    "5 % loss, 150 ms": "delay 75\nloss 0.05",
    "300 kbit/s, 20 ms": "delay 10\nrate 300\nqueue 500",
    "1 Mbit/s, 40 ms, jitter 30 ms": "delay 20\njitter 30\nrate 1000",
}


def need(name):
    return any(os.access(os.path.join(folder, name), os.X_OK) for folder in ["/usr/sbin", "/sbin", "/usr/bin", "/bin"])


class Net:
    """Two namespaces and the line between them."""

    def __init__(self, build):
        self.names = [f"anx{os.getpid()}a", f"anx{os.getpid()}b"]
        for name in self.names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        self.line = subprocess.Popen([f"{build}/build-aux/measure/line", self.names[0], "10.99.0.1", self.names[1], "10.99.0.2"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.line.stdout.readline() == "ready\n"

    def set(self, text):
        self.line.stdin.write(text + "\n")
        self.line.stdin.flush()

    def close(self):
        out, _ = self.line.communicate()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        return json.loads(out)


class Peer:
    """One side; what it sends goes to `other`."""

    def __init__(self, build, namespace, *words):
        environment = dict(os.environ, G_DEBUG="")
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, f"{build}/tests/call/call-peer", *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)
        self.other = None
        self.numbers = {}
        self.history = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            if "numbers" in line:
                self.numbers = line["numbers"]
                self.history.append(dict(line["numbers"], at=time.monotonic()))
            elif self.other is not None:
                self.other.write(json.dumps(line["send"]))

    def write(self, text):
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def wait(condition, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def row(build, settings, seconds=SECONDS):
    net = Net(build)
    try:
        net.set(settings.split("\n")[0])
        answering = Peer(build, net.names[1], "b")
        time.sleep(0.5)
        offering = Peer(build, net.names[0], "a", "offer")
        peers = [offering, answering]
        offering.other, answering.other = answering, offering
        if not wait(lambda: all(peer.numbers.get("firstFrame", -1) > 0 for peer in peers), 30):
            return {"error": "no picture within 30 s"}
        time.sleep(2)
        net.set(settings)
        # What it takes to find out about a line does not count; the steady state does.
        time.sleep(4)
        for peer in peers:
            peer.write("mark")
        begin = time.monotonic()
        cpu = [peer.numbers["cpu"] for peer in peers]
        time.sleep(seconds)
        passed = time.monotonic() - begin
        result = {}
        for side, peer, cpu_before in zip(("offering", "answering"), peers, cpu):
            numbers = peer.numbers
            result[side] = {
                "shown": round(min(1, numbers["frames"] / (FPS * passed)), 3), "longestGap": round(numbers["longestGap"], 2), "gaps": numbers["gaps"],
                "age": round(numbers["age"], 3), "oldest": round(numbers["oldest"], 3), "bitrate": numbers["bitrate"],
                "attempts": numbers["attempt"], "cpu": round((numbers["cpu"] - cpu_before) / passed, 2)}
        for peer in peers:
            peer.close()
        return result
    finally:
        net.close()


def cut(build, seconds=10):
    """The line is cut; how long after it is back both sides see each other again."""
    net = Net(build)
    try:
        net.set("delay 10")
        answering = Peer(build, net.names[1], "b")
        time.sleep(0.5)
        offering = Peer(build, net.names[0], "a", "offer")
        peers = [offering, answering]
        offering.other, answering.other = answering, offering
        if not wait(lambda: all(peer.numbers.get("firstFrame", -1) > 0 for peer in peers), 30):
            return {"error": "no picture within 30 s"}
        time.sleep(2)
        net.set("cut 1")
        time.sleep(seconds)
        net.set("cut 0")
        begin = time.monotonic()
        # A change of state is told at once, with the numbers.
        back = wait(lambda: all(peer.numbers["state"] == 2 and peer.numbers["attempt"] > 1 for peer in peers), 30)
        result = {"backAfter": round(time.monotonic() - begin, 2) if back else None, "attempts": offering.numbers["attempt"]}
        for peer in peers:
            peer.close()
        return result
    finally:
        net.close()


def call(build):
    """Bad lines, one after the other."""
    subprocess.run(["ninja", "-C", build, "build-aux/measure/line", "tests/call/call-peer"], check=True, stdout=subprocess.DEVNULL)
    result = {"load": os.getloadavg()[0]}
    wanted = os.environ.get("ANX_CALL_ROWS")
    for name, settings in ROWS.items():
        if wanted and not any(part in name for part in wanted.split(",")):
            continue
        result[name] = row(build, settings)
        if sys.stderr.isatty() or os.environ.get("ANX_CALL_VERBOSE"):
            for side, numbers in result[name].items():
                print(f"{name:32} {side:10} {numbers}", file=sys.stderr, flush=True)
    for seconds in (4, 10):
        if not wanted or "cut" in wanted:
            result[f"cut of {seconds} s"] = cut(build, seconds)
            print(f"cut of {seconds} s", result[f"cut of {seconds} s"], file=sys.stderr, flush=True)
    return result
