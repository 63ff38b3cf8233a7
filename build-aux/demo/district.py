# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings up the demonstration district on a stage with the product's own commands."""

import json
import os
import socket
import ssl
import subprocess
import urllib.request

from stage import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(os.path.dirname(HERE)), "data", "demo")

KIOSK = "kiosk-yunhe-1"
COUNSELLOR = "li-wenjing"
DUTY = "wang-jianping"
STAFF = "chen-fang"
DEPARTMENT = "zhou-yun"
PLANS = ("li-wenjing", "wang-jianping", "zhao-min")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class District:
    def __init__(self, stage):
        self.stage = stage
        self.folder = stage.path("district")
        self.url = None
        self.local_port = free_port()

    def ctl(self, *words, check=True):
        return self.stage.run(self.stage.program("anxinctl"), *words, check=check)

    def create(self):
        """Keys, hub configuration, hub, directory, working plans."""
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        self.ctl("district", "create", "--folder", self.folder, "--district", "lanling", "--name", "兰陵示范区", "--hub-url", self.url,
                 "--listen", f"127.0.0.1:{port}", "--administrator", "administrator", "--recovery-out", self.stage.path("recovery.pem"))
        self.start_hub()
        self.ctl("directory", "import", os.path.join(DATA, "district.json"), "--folder", self.folder)
        self.ctl("directory", "publish", "--folder", self.folder)
        for counsellor in PLANS:
            self.ctl("plan", "set", counsellor, os.path.join(DATA, "plans", f"{counsellor}.json"), "--folder", self.folder)

    def start_hub(self):
        self.stage.start("hub", [self.stage.program("anxin-hub"), "--config", os.path.join(self.folder, "hub", "hub.ini")])
        wait_for(self.health, "the hub")

    def stop_hub(self):
        return self.stage.stop("hub")

    def health(self):
        context = ssl.create_default_context(cafile=os.path.join(self.folder, "hub", "authority.pem"))
        try:
            with urllib.request.urlopen(f"{self.url}/v1/health", context=context, timeout=2) as answer:
                return json.load(answer)["status"] == "ok"
        except OSError:
            return False

    def invite(self, principal, minutes=30):
        """A one-time enrolment code."""
        out = self.ctl("enrol", "invite", principal, "--folder", self.folder, "--valid", str(minutes))[1]
        return out.strip().splitlines()[-1].split()[-1]

    def approve(self, principal, seconds=20):
        self.ctl("enrol", "approve", principal, "--folder", self.folder, "--wait", str(seconds))

    def enrol(self, principal):
        """Enrolment without a window: the code goes in by standard input, the administrator approves at the same time."""
        code = self.invite(principal)
        joining = self.stage.start(f"join-{principal}", [self.stage.program("anxinctl"), "enrol", "join", "--folder", self.profile(principal), "--hub-url", self.url],
                                   stdin=subprocess.PIPE)
        joining.stdin.write(code.encode() + b"\n")
        joining.stdin.close()
        self.approve(principal)
        if joining.wait(30) != 0:
            raise RuntimeError(f"{principal} could not be enrolled, see {self.stage.path('logs')}")
        del self.stage.processes[f"join-{principal}"]

    def profile(self, principal):
        """The folder of a kiosk or desk. Its local network is this machine's loopback: a demonstration must not call on the real one."""
        folder = self.stage.path("profiles", principal)
        settings = os.path.join(folder, "local.ini")
        if not os.path.exists(settings):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            with open(settings, "w", encoding="utf-8") as file:
                file.write(f"[local]\ninterface=lo\nport={self.local_port}\n")
        return folder
