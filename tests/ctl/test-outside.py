#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A case from outside with the real programs: JSON in, sealed to the staff of the centre, opened by nobody on the way; the same id is the same case;
kept while the hub is away. And a referral that comes as a file: shown, taken in once, given out again."""

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
DEPARTMENT = os.path.join(SESSION, "department")
TASK = "01940000-0000-7000-8000-000000000001"
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
    enrol("hotline", SENDER)


def enrol(who, folder):
    invitation = here("enrol", "invite", who).strip()
    machine = subprocess.Popen([CTL, "enrol", "join", "--folder", folder, "--hub-url", URL], stdin=subprocess.PIPE, text=True)
    machine.stdin.write(invitation + "\n")
    machine.stdin.close()
    here("enrol", "approve", who, "--wait", "20")
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
    expect_true("120" not in send(case())[2] and "120" in send(case(urgency="immediate"))[2], "who is in danger now needs a call as well")
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


def file_in():
    enrol("zhou-yun", DEPARTMENT)
    with open(os.path.join(SOURCE, "tests", "care", "corpus-referral-bundle", "whole.json"), encoding="utf-8") as file:
        bundle = json.loads(file.read().replace("city-hospital", "mental-health").replace("王芳", MARKERS[0]))
    path = os.path.join(SESSION, "in.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(bundle, file)
    for words in (("show", path), ("import", "--folder", DEPARTMENT, path)):
        code, out, message = ctl("referral", *words)
        expect(code, 0, message)
        expect_true(MARKERS[0] in out and "请评估睡眠。" in out and "已面诊，建议复诊。" in out, "the content is shown")
    expect(rows("SELECT count(*) FROM referral"), [(0,)], "shown, not taken over")
    for again in (5, 0):
        code, out, message = ctl("referral", "import", "--folder", DEPARTMENT, "--yes", path)
        expect((code, json.loads(out)), (0, {"task": TASK, "written": again}), message)
    expect(rows("SELECT task, author, addressee, status, business_status FROM referral"), [(TASK, "zhou-yun", "mental-health", "completed", "7.0")])
    bundle["entry"][2]["resource"]["doNotPerform"] = True
    with open(path, "w", encoding="utf-8") as file:
        json.dump(bundle, file)
    code, out, message = ctl("referral", "show", path)
    expect((code, out), (1, ""), message)
    expect_true("Bundle.entry[2].resource.ServiceRequest" in message and "doNotPerform" in message, message)


def file_out():
    path = os.path.join(SESSION, "out.json")
    words = ("referral", "export", "--folder", DEPARTMENT, TASK, path)
    expect(ctl(*words, stdin=" \n")[0], 1, "no reason")
    expect_true(not os.path.exists(path), "nothing was written")
    code, _, message = ctl(*words, stdin="由区中心转交\n")
    expect(code, 0, message)
    expect_true("not sealed" in message, message)
    expect(oct(os.stat(path).st_mode & 0o777), "0o600")
    expect(rows("SELECT author, kind FROM record WHERE kind = 'access'"), [("zhou-yun", "access")])
    expect(ctl("referral", "show", path)[0], 0)
    expect(ctl(*words, stdin="x\n")[0], 1, "nothing is written over")
    os.unlink(path)


def erase():
    """What may not be erased says why and until when; what may be is gone at the hub and, with the next contact, from the department's machine."""
    with open(os.path.join(FOLDER, "district.json"), encoding="utf-8") as file:
        recovery = next(p for p in json.load(file)["principals"] if p["id"] == "recovery")
    certificate = os.path.join(SESSION, "recovery-certificate.pem")
    with open(certificate, "w", encoding="ascii") as file:
        file.write(recovery["sealCertificate"])
    code, listed, message = ctl("subject", "list", "--config", os.path.join(FOLDER, "hub", "hub.ini"), "--key", os.path.join(SESSION, "recovery.pem"),
                                "--certificate", certificate, stdin=TASK + "\n")
    expect(code, 0, message)
    expect(sorted({line.split()[1] for line in listed.splitlines()}), ["access", "referral", "referral-event"])
    expect(len(listed.splitlines()), 6)
    expect(here("retention", "due"), "")
    for wrong in ("", "x\n", TASK):
        expect(ctl("retention", "erase", "--folder", FOLDER, "--reason", "because", stdin=wrong)[0], 1, wrong)
    code, out, message = ctl("retention", "erase", "--folder", FOLDER, "--reason", "asked", stdin=listed)
    expect((code, sorted({line.split()[1] for line in out.splitlines()})), (1, ["law"]), message)
    expect(rows("SELECT count(*) FROM record WHERE length (envelope) = 0"), [(0,)])
    code, out, message = ctl("retention", "erase", "--folder", FOLDER, "--reason", "unlawful", stdin=listed)
    expect((code, out), (0, ""), message)
    expect(rows("SELECT count(*) FROM record WHERE length (envelope) = 0"), [(6,)])
    code, out, message = ctl("hub", "verify", "--config", os.path.join(FOLDER, "hub", "hub.ini"))
    expect((code, json.loads(out)["erasedCount"], json.loads(out)["faultCount"]), (0, 6, 0), message)
    code, out, message = ctl("referral", "export", "--folder", DEPARTMENT, TASK, os.path.join(SESSION, "out.json"), stdin="x\n")
    expect((code, out), (1, ""), message)
    with sqlite3.connect(f"file:{os.path.join(DEPARTMENT, 'client.db')}?mode=ro", uri=True) as database:
        expect(database.execute("SELECT count(*) FROM record WHERE kind IN ('referral', 'referral-event', 'access') AND length (envelope) > 0").fetchall(), [(0,)])
    expect(ctl("retention", "erase", "--folder", FOLDER, "--reason", "unlawful", stdin=listed)[0], 0, "saying it again is harmless")


def nothing_readable():
    """Not on a disk of theirs, not at the hub."""
    os.unlink(os.path.join(SESSION, "in.json"))
    for folder in (SENDER, DEPARTMENT, FOLDER, os.path.join(SESSION, "home")):
        for root, _, files in os.walk(folder):
            for name in files:
                with open(os.path.join(root, name), "rb") as file:
                    data = file.read()
                for marker in MARKERS:
                    expect_true(marker.encode() not in data, f"{marker} in {os.path.join(root, name)}")


try:
    STATUS = run_all([set_up, refused, hand_in, again, without_hub, status, file_in, file_out, erase, nothing_readable])
finally:
    if hub is not None and hub.poll() is None:
        hub.kill()
sys.exit(STATUS)
