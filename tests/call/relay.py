# SPDX-License-Identifier: GPL-3.0-or-later
"""Two sides that find no way but through a relay server (coturn), let in for a time by the secret it shares with the hub."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SECRET = "not for anybody else"
# The relay stands at an address of an interface of a network namespace of its own: ICE leaves loopback out.
ADDRESS = "10.99.0.1"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def is_taken(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return True
    return False


def server(port, seconds, secret):
    username = f"{int(time.time()) + seconds}:anybody"
    credential = base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
    return json.dumps([{"urls": [f"turn:{ADDRESS}:{port}?transport=udp"], "username": username, "credential": credential}])


class Side:
    def __init__(self, build, ice, *words):
        environment = dict(os.environ, G_DEBUG="", ANX_CALL_PEER_RELAY="1", ANX_CALL_PEER_ICE=ice)
        self.process = subprocess.Popen([f"{build}/tests/call/call-peer", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        self.numbers, self.candidates, self.other = {}, [], None

    def start(self):
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            if "numbers" in line:
                self.numbers = line["numbers"]
                continue
            if line["send"]["type"] == "candidate":
                self.candidates.append(line["send"]["candidate"])
            try:
                self.other.process.stdin.write(json.dumps(line["send"]) + "\n")
                self.other.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                pass

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


def call(build, ice, seconds):
    """Whether both became live, and the candidates they told each other of. Both must have run to their end."""
    answering, offering = Side(build, ice, "b"), Side(build, ice, "a", "offer")
    answering.other, offering.other = offering, answering
    answering.start()
    offering.start()
    until = time.monotonic() + seconds
    live = False
    while not live and time.monotonic() < until:
        time.sleep(0.1)
        live = all(side.numbers.get("live") and side.numbers.get("frames", 0) > 10 for side in (offering, answering))
    for side in (offering, answering):
        side.close()
        if side.process.returncode != 0 or not side.numbers:
            raise AssertionError(f"a side ended with status {side.process.returncode} and told {side.numbers or 'nothing'}")
    return live, offering.candidates + answering.candidates


def make_network():
    """Why there can be none; None when there is one."""
    for words in ("link set lo up", "link add left type veth peer name right", f"addr add {ADDRESS}/24 dev left", "link set left up",
                  "link set right up"):
        done = subprocess.run(["ip", *words.split()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return "no network of its own: " + done.stderr.strip()
    return None


def main():
    build = sys.argv[1]
    names = ["good", "wrong-secret", "expired"]
    inside = len(sys.argv) > 2
    if not inside and subprocess.run(["unshare", "-r", "-n", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.execvp("unshare", ["unshare", "-r", "-n", sys.executable, __file__, build, "inside"])
    print(f"1..{len(names)}")
    turnserver = shutil.which("turnserver")
    reason = "the package coturn is not installed" if turnserver is None else make_network() if inside else "this machine allows no network namespaces"
    if reason is not None:
        for number, name in enumerate(names, 1):
            print(f"ok {number} /call/relay/{name} # SKIP {reason}")
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        relay = subprocess.Popen(
            [turnserver, "-n", "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=anxin", f"--listening-ip={ADDRESS}",
             f"--relay-ip={ADDRESS}", f"--listening-port={port}", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout",
             f"--pidfile={folder}/pid", f"--userdb={folder}/db"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 20
            while not is_taken(port) and relay.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            live, candidates = call(build, server(port, 600, SECRET), 30)
            relayed = bool(candidates) and all(" typ relay" in text for text in candidates)
            print("#", "live" if live else "not live", candidates[:2])
            print("ok" if live and relayed else "not ok", "1 /call/relay/good", flush=True)
            # Nobody is let in, so that there is no candidate to tell of; five times what the good call needs.
            servers = [server(port, 600, "something else that is long"), server(port, -60, SECRET)]
            with concurrent.futures.ThreadPoolExecutor() as both:
                refused = list(both.map(lambda ice: call(build, ice, 6), servers))
            for number, (live, candidates) in enumerate(refused, 2):
                good = not live and not candidates and relay.poll() is None
                print("ok" if good else "not ok", number, f"/call/relay/{names[number - 1]}", flush=True)
        finally:
            relay.terminate()
            relay.wait(20)


if __name__ == "__main__":
    main()
