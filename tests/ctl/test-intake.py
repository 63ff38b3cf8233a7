#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A case from outside with the real programs: JSON in, sealed to the staff of the centre, opened by nobody on the way; the same id is the same case;
kept while the hub is away; the sender may do nothing else."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys

from ctl_testing import CTL, HUB, SOURCE, ctl, enter_private_session, expect, expect_true, run_all, unlock_keyring

enter_private_session()
SESSION = os.environ["ANX_TEST_SESSION"]
FOLDER = os.path.join(SESSION, "district")
SENDER = os.path.join(SESSION, "sender")
ID, LATER = "01930000-0000-7000-8000-000000000001", "01930000-0000-7000-8000-000000000002"
MARKERS = ("赵钱孙李", "13811112222", "几天没有出门的记号")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
URL = f"https://127.0.0.1:{PORT}"
hub = None


def here(*words):
    code, out, message = ctl(*words, "--folder", FOLDER)
    expect(code, 0, message)
    return out


def case(**changes):
    return json.dumps({"id": ID, "centre": "yunhe", "source": "hotline", "urgency": "urgent", "name": MARKERS[0], "phone": MARKERS[1],
                       "reported": MARKERS[2], **changes}, ensure_ascii=False)


def send(text, *words):
    return ctl("intake", "send", "--folder", SENDER, *words, stdin=text)


def start_hub():
    global hub
    hub = subprocess.Popen([HUB, "--config", os.path.join(FOLDER, "hub", "hub.ini")], stdout=subprocess.PIPE, text=True)
    expect_true("listening" in hub.stdout.readline(), "the hub listens")


def stop_hub():
    hub.send_signal(signal.SIGTERM)
    expect(hub.wait(20), 0)


def rows(sql):
    with sqlite3.connect(f"file:{os.path.join(FOLDER, 'hub', 'hub.db')}?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def set_up():
    unlock_keyring()
    code, _, message = ctl("district", "create", "--folder", FOLDER, "--district", "lanling", "--name", "兰陵", "--hub-url", URL, "--listen",
                           f"127.0.0.1:{PORT}", "--administrator", "administrator", "--recovery-out", os.path.join(SESSION, "recovery.pem"))
    expect(code, 0, message)
    start_hub()
    for change in ({"roles": ["intake", "staff"]}, {"roles": ["intake"], "kind": "group", "members": []}):
        add = os.path.join(SESSION, "bad.json")
        json.dump({"principals": [{"id": "hotline", "kind": "person", "name": {"zh": "热线", "en": "Hotline"}, **change}]}, open(add, "w"))
        expect(ctl("directory", "import", add, "--folder", FOLDER)[0], 1, change)
    add = os.path.join(SESSION, "hotline.json")
    json.dump({"principals": [{"id": "hotline", "kind": "person", "name": {"zh": "热线", "en": "Hotline"}, "roles": ["intake"]}]}, open(add, "w"))
    here("directory", "import", os.path.join(SOURCE, "data", "demo", "district.json"))
    here("directory", "import", add)
    here("directory", "publish")
    invitation = here("enrol", "invite", "hotline").strip()
    machine = subprocess.Popen([CTL, "enrol", "join", "--folder", SENDER, "--hub-url", URL], stdin=subprocess.PIPE, text=True)
    machine.stdin.write(invitation + "\n")
    machine.stdin.close()
    here("enrol", "approve", "hotline", "--wait", "20")
    expect(machine.wait(20), 0)


def refused():
    for text in ("", "[]", "{}", case(source="radio"), case(phone="", address=""), case(more=1), "x" * 70000):
        code, out, message = send(text)
        expect((code, out), (1, ""), message)
        expect_true(message.strip() and not any(marker in message for marker in MARKERS), message)
    code, out, message = send(case(centre="nowhere"))
    expect((code, out), (1, ""), message)
    expect(send(case(), "--wait", "0")[0], 2)
    expect(rows("SELECT count(*) FROM intake"), [(0,)])


def hand_in():
    code, out, message = send(case())
    expect(code, 0, message)
    answer = json.loads(out)
    expect((answer["id"], answer["centre"], answer["source"], answer["urgency"], answer["status"]), (ID, "yunhe", "hotline", "urgent", "received"))
    expect_true(answer["due"] > answer["received"], "a time until when somebody looks after it")
    expect(rows("SELECT id, author, centre FROM intake"), [(ID, "hotline", "yunhe")])
    expect(rows("SELECT reader FROM delivery JOIN record USING (seq) WHERE id = '" + ID + "' ORDER BY reader"), [("hotline",), ("staff-yunhe",)])


def again():
    """The same id is the same case, whatever the rest says, also from a machine that has lost what it knew."""
    expect(json.loads(send(case())[1])["id"], ID)
    expect(json.loads(send(case(reported="x"))[1])["id"], ID)
    for name in os.listdir(SENDER):
        if name.startswith("client.db"):
            os.unlink(os.path.join(SENDER, name))
    code, out, message = send(case())
    expect((code, json.loads(out)["id"]), (0, ID), message)
    expect(rows("SELECT count(*) FROM intake"), [(1,)])


def without_hub():
    stop_hub()
    code, out, message = send(case(id=LATER), "--wait", "1")
    expect((code, out), (1, json.dumps({"id": LATER, "status": "waiting"}, separators=(",", ":")) + "\n"), message)
    start_hub()
    code, out, message = send(case(id=LATER))
    expect(code, 0, message)
    expect(json.loads(out)["status"], "received")
    expect(rows("SELECT count(*) FROM intake"), [(2,)])


def status():
    code, out, message = ctl("intake", "status", "--folder", SENDER)
    expect(code, 0, message)
    expect([json.loads(line)["id"] for line in out.splitlines()], [LATER, ID])
    code, out, message = ctl("intake", "status", "--folder", SENDER, LATER)
    expect([json.loads(line)["id"] for line in out.splitlines()], [LATER], message)
    expect(ctl("intake", "status", "--folder", SENDER, "01930000-0000-7000-8000-000000000009")[0], 1)


def nothing_readable():
    """Not on the sender's disk, not at the hub."""
    for folder in (SENDER, FOLDER, os.path.join(SESSION, "home")):
        for root, _, files in os.walk(folder):
            for name in files:
                with open(os.path.join(root, name), "rb") as file:
                    data = file.read()
                for marker in MARKERS:
                    expect_true(marker.encode() not in data, f"{marker} in {os.path.join(root, name)}")


try:
    STATUS = run_all([set_up, refused, hand_in, again, without_hub, status, nothing_readable])
finally:
    if hub is not None and hub.poll() is None:
        hub.kill()
sys.exit(STATUS)
