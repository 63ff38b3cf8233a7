# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls over bad lines: two processes in two network namespaces, with `line` between them. Needs root and /dev/net/tun.

Each row: what the line does, the part of the pictures shown (30 a second are sent), the longest gap between two, their age on the screen.
"""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

SIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "call", "chromium", "side.py")
FPS = 30
SECONDS = float(os.environ.get("ANX_CALL_SECONDS", "20"))
ROWS = {
    "good line, 10 ms": "delay 5",
    "5 % loss, 20 ms": "delay 10\nloss 0.05",
    "5 % loss in runs of 3, 20 ms": "delay 10\nloss 0.05\nburst 3",
    "15 % loss, 20 ms": "delay 10\nloss 0.15",
    "5 % loss, 150 ms": "delay 75\nloss 0.05",
    "1 Mbit/s, 40 ms, jitter 30 ms": "delay 20\njitter 30\nrate 1000",
}
# The queue is deep, so that what keeps it short is the sender.
NARROW = "delay 10\nrate 300\nqueue 2000"
ADDRESSES = ("10.99.0.1", "10.99.0.2")
OTHER_ADDRESS = "10.99.0.3"
# What is measured is the line and not who else uses this machine: the two sides and the line go before all others.
FIRST = ["chrt", "-r", "10"]


class Net:
    """Two namespaces and the line between them."""

    def __init__(self, build):
        self.names = [f"anx{os.getpid()}a", f"anx{os.getpid()}b"]
        for name in self.names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
            # Else the two would find each other by link-local addresses too, which no change of address touches.
            subprocess.run(["ip", "netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"], check=True)
        self.line = subprocess.Popen([*FIRST, f"{build}/build-aux/measure/line", self.names[0], ADDRESSES[0], self.names[1], ADDRESSES[1]],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.line.stdout.readline() == "ready\n"
        # A browser without leave to use camera and microphone tells of the address of its default route only.
        for name in self.names:
            subprocess.run(["ip", "-n", name, "route", "add", "default", "dev", "line0"], check=True)

    def set(self, text):
        self.line.stdin.write(text + "\n")
        self.line.stdin.flush()

    def queued(self):
        self.set("report 1")
        return json.loads(self.line.stdout.readline())["queued"]

    def change_address(self):
        """The first side finds itself at another address, as after a change of network."""
        for words in (["-n", self.names[0], "addr", "del", ADDRESSES[0], "peer", ADDRESSES[1], "dev", "line0"],
                      ["-n", self.names[0], "addr", "add", OTHER_ADDRESS, "peer", ADDRESSES[1], "dev", "line0"],
                      ["-n", self.names[1], "route", "replace", OTHER_ADDRESS, "dev", "line0"]):
            subprocess.run(["ip", *words], check=True)

    def close(self):
        out, _ = self.line.communicate()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        return json.loads(out)


class Relay:
    """coturn beside the second side; nothing else leads from one to the other."""

    PORT = 3478
    SECRET = "measurement"

    def __init__(self, net):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", net.names[1], *FIRST, "turnserver", "-n", "--listening-ip", ADDRESSES[1], "--relay-ip", ADDRESSES[1],
             "--listening-port", str(self.PORT), "--realm", "anxin", "--use-auth-secret", "--static-auth-secret", self.SECRET, "--no-cli", "--no-tls",
             "--no-dtls", "--no-tcp", "--fingerprint", "--log-file", "stdout", "--pidfile", f"{self.folder.name}/pid", "--db", f"{self.folder.name}/db"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        username = f"{int(time.time()) + 3600}:anybody"
        credential = base64.b64encode(hmac.new(self.SECRET.encode(), username.encode(), hashlib.sha1).digest()).decode()
        self.environment = {"ANX_CALL_PEER_RELAY": "1", "ANX_CALL_PEER_ICE": json.dumps(
            [{"urls": [f"turn:{ADDRESSES[1]}:{self.PORT}?transport=udp"], "username": username, "credential": credential}])}

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()


class Peer:
    """One side; what it sends goes to `other`."""

    def __init__(self, build, namespace, browser, *words, **environment):
        command = [sys.executable, SIDE] if browser else [f"{build}/tests/call/call-peer", *(["a"] if "offer" in words else ["b"])]
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, *FIRST, *command, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=dict(os.environ, G_DEBUG="", **environment))
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


class Talk:
    """A net and its two sides, live; `browsers` of them are Chromium."""

    def __init__(self, build, settings, browsers=(), relayed=False):
        self.net = Net(build)
        self.relay = Relay(self.net) if relayed else None
        environment = self.relay.environment if relayed else {}
        self.net.set(settings)
        self.peers = [Peer(build, name, side in browsers, *(["offer"] if side == "offering" else []), **environment)
                      for name, side in zip(self.net.names, ("offering", "answering"))]
        self.peers[0].other, self.peers[1].other = self.peers[1], self.peers[0]
        self.live = wait(lambda: all(peer.numbers.get("firstFrame", -1) > 0 for peer in self.peers), 40)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.close()
        if self.relay is not None:
            self.relay.close()
        self.net.close()

    def count(self, seconds):
        for peer in self.peers:
            peer.write("mark")
        self.net.set("mark 1")
        begin = time.monotonic()
        cpu = [peer.numbers["cpu"] for peer in self.peers]
        time.sleep(seconds)
        passed = time.monotonic() - begin
        result = {}
        for side, peer, before, queued in zip(("offering", "answering"), self.peers, cpu, self.net.queued()):
            numbers = peer.numbers
            result[side] = {
                "shown": round(min(1, numbers["frames"] / (FPS * passed)), 3), "longestGap": round(numbers["longestGap"], 2), "gaps": numbers["gaps"],
                "age": round(numbers["age"], 3), "oldest": round(numbers["oldest"], 3), "attempts": numbers["attempt"],
                "cpu": round((numbers["cpu"] - before) / passed, 2), "pss": numbers.get("pss"), "firstFrame": round(numbers["firstFrame"], 2),
                "queued": queued}
        return result

    def back(self, seconds=40):
        """How long until both show pictures again."""
        begin = time.monotonic()
        time.sleep(0.05)
        before = [peer.numbers["frames"] for peer in self.peers]
        found = wait(lambda: all(peer.numbers["frames"] > frames + 2 for peer, frames in zip(self.peers, before)), seconds)
        return round(time.monotonic() - begin, 2) if found else None


def row(build, settings, seconds, browsers):
    """The line is good until both are live, and then as the row says; what it takes to find out about it does not count."""
    with Talk(build, settings.split("\n")[0], browsers) as talk:
        if not talk.live:
            return {"error": "no picture within 40 s"}
        time.sleep(2)
        talk.net.set(settings)
        time.sleep(6)
        return talk.count(seconds)


def narrow(build, seconds, browsers):
    """The line is narrow from the beginning; all of it counts."""
    with Talk(build, NARROW, browsers) as talk:
        return talk.count(seconds) if talk.live else {"error": "no picture within 40 s"}


def cut(build, seconds, browsers, relayed=False):
    """The line is cut; how long after it is back both sides see each other again."""
    with Talk(build, "delay 10", browsers, relayed) as talk:
        if not talk.live:
            return {"error": "no picture within 40 s"}
        time.sleep(2)
        talk.net.set("cut 1")
        time.sleep(seconds)
        talk.net.set("cut 0")
        return {"backAfter": talk.back()}


def move(build, browsers):
    """One side has another address from one moment to the next; how long no picture was shown."""
    with Talk(build, "delay 10", browsers) as talk:
        if not talk.live:
            return {"error": "no picture within 40 s"}
        time.sleep(2)
        for peer in talk.peers:
            peer.write("mark")
        time.sleep(0.5)
        talk.net.change_address()
        begin = [peer.numbers["frames"] for peer in talk.peers]
        time.sleep(15)
        return {side: {"longestGap": round(peer.numbers["longestGap"], 2), "attempts": peer.numbers["attempt"], "pictures": peer.numbers["frames"] - before}
                for side, peer, before in zip(("offering", "answering"), talk.peers, begin)}


def measure(build, browsers):
    wanted = os.environ.get("ANX_CALL_ROWS")
    todo = [(name, lambda settings=settings: row(build, settings, SECONDS, browsers)) for name, settings in ROWS.items()]
    todo += [("300 kbit/s, 20 ms", lambda: narrow(build, SECONDS, browsers)), ("address change", lambda: move(build, browsers))]
    todo += [(f"cut of {seconds} s", lambda seconds=seconds: cut(build, seconds, browsers)) for seconds in (4, 10)]
    if not browsers and shutil.which("turnserver"):
        todo.append(("cut of 10 s, relay only", lambda: cut(build, 10, browsers, True)))
    result = {}
    for name, function in todo:
        if wanted and not any(part in name for part in wanted.split(",")):
            continue
        result[name] = function()
        print(f"{'browsers' if browsers else 'ours':9} {name:30} {json.dumps(result[name])}", file=sys.stderr, flush=True)
    return result


def call(build):
    """Bad lines, one after the other: ours with ours and, with ANX_CALL_RIVAL=1, Chromium with Chromium."""
    subprocess.run(["ninja", "-C", build, "build-aux/measure/line", "tests/call/call-peer"], check=True, stdout=subprocess.DEVNULL)
    result = {"load": os.getloadavg()[0], "ours": measure(build, ())}
    if os.environ.get("ANX_CALL_RIVAL") == "1":
        result["chromium"] = measure(build, ("offering", "answering"))
    return result
