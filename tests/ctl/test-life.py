#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a district with the real programs, from nothing to a revoked counsellor."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

from ctl_testing import CTL, HUB, SOURCE, ctl, enter_private_session, expect, expect_true, run_all, unlock_keyring

enter_private_session()
FOLDER = os.path.join(os.environ["ANX_TEST_SESSION"], "district")
RECOVERY = os.path.join(os.environ["ANX_TEST_SESSION"], "recovery-key.pem")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
URL = f"https://127.0.0.1:{PORT}"
hub = None


def create(**environment):
    return ctl("district", "create", "--folder", FOLDER, "--district", "lanling", "--name", "兰陵", "--hub-url", URL, "--listen",
               f"127.0.0.1:{PORT}", "--administrator", "administrator", "--recovery-out", RECOVERY, **environment)


def here(*words, stdin=None):
    return ctl(*words, "--folder", FOLDER, stdin=stdin)


def profile(name):
    return os.path.join(os.environ["ANX_TEST_SESSION"], name)


def join(name, code):
    return ctl("enrol", "join", "--folder", profile(name), "--hub-url", URL, stdin=code + "\n")


def status():
    return json.loads(here("hub", "status")[1])


def no_keyring():
    code, out, message = create(DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    expect((code, out), (1, ""), message)
    expect_true(message.strip() and not os.path.exists(RECOVERY), "a message, and nothing made")


def create_district():
    unlock_keyring()
    code, out, message = create()
    expect(code, 0, message)
    expect(oct(os.stat(RECOVERY).st_mode & 0o777), "0o600")
    expect_true("PRIVATE KEY" in open(RECOVERY).read(), "the recovery key")
    for root, _, files in os.walk(FOLDER):
        for file in files:
            text = open(os.path.join(root, file), errors="replace").read()
            expect_true("PRIVATE KEY" not in text or file == "hub.key", f"no private key in {file}")


def create_twice():
    before = open(os.path.join(FOLDER, "authority.pem")).read()
    expect(create()[0], 1)
    expect(open(os.path.join(FOLDER, "authority.pem")).read(), before)


def usage_errors():
    for words in ((), ("bogus",), ("district", "bogus"), ("district", "create"), ("plan", "set", "x"), ("enrol", "approve", "--folder", FOLDER),
                  ("enrol", "invite", "x", "--folder", FOLDER, "--valid", "99999999"), ("hub", "status"), ("record", "open", "x")):
        expect(ctl(*words)[0], 2, words)
    for words in (("--help",), ("enrol", "--help"), ("enrol", "invite", "--help"), ("--version",)):
        code, out, _ = ctl(*words)
        expect(code, 0, words)
        expect_true(out, words)


def hub_away():
    code, out, message = here("directory", "publish")
    expect((code, out), (1, ""))
    expect_true("hub" in message, message)


def start_hub():
    global hub
    hub = subprocess.Popen([HUB, "--config", os.path.join(FOLDER, "hub", "hub.ini")], stdout=subprocess.PIPE, text=True)
    expect_true("listening" in hub.stdout.readline(), "the hub listens")


def import_refuses():
    good = json.load(open(os.path.join(SOURCE, "data", "demo", "district.json")))
    before = open(os.path.join(FOLDER, "district.json")).read()
    path = profile("bad.json")
    for change in ({"principals": [{"id": "x y", "kind": "person", "name": "x"}]}, {"principals": [{"id": "xx", "kind": "recovery"}]},
                   {"principals": [{"id": "xx", "kind": "person", "name": "x", "signCertificate": "y"}]},
                   {"principals": [{"id": "xx", "kind": "group", "name": "x", "members": ["nobody"]}]},
                   {"principals": [{"id": "xx", "kind": "person", "name": "x", "centre": "nowhere"}]},
                   {"services": [{"id": "xx", "minutes": 7}]}, {"centres": [{"id": "xx"}]}, {"principals": 7}):
        json.dump({**good, **change}, open(path, "w"))
        expect(here("directory", "import", path)[0], 1, change)
    expect(open(os.path.join(FOLDER, "district.json")).read(), before)


def publish():
    expect(here("directory", "import", os.path.join(SOURCE, "data", "demo", "district.json"))[0], 0)
    code, _, message = here("directory", "publish")
    expect(code, 0, message)
    expect_true("no duty group" not in message, message)
    expect(status()["directory"], 1)
    change, duty = profile("duty.json"), group("duty-songlin")
    json.dump({"principals": [{"id": "duty-songlin", "kind": "group", "name": duty["name"], "members": []}]}, open(change, "w"))
    expect(here("directory", "import", change)[0], 0)
    code, _, message = here("directory", "publish")
    expect(code, 0, message)
    expect_true("songlin has no duty group" in message and "yunhe has" not in message, message)
    json.dump({"principals": [{"id": "duty-songlin", "kind": "group", "name": duty["name"], "members": duty["members"]}]}, open(change, "w"))
    expect(here("directory", "import", change)[0], 0)
    expect(status()["directory"], 2)


def questionnaires():
    """Into the signed directory, counts once published; a version never changes; an approval can be taken back."""
    asq = os.path.join(SOURCE, "data", "questionnaires", "asq.json")
    data = {"ANX_DATA_DIR": os.path.join(SOURCE, "data")}

    def listed():
        code, out, message = ctl("questionnaire", "list", "--folder", FOLDER, **data)
        expect(code, 0, message)
        return [line.split("\t") for line in out.splitlines()]

    expect([line[2:6] for line in listed() if line[0] == "asq"], [["pending-review", "public-domain", "nobody", "-"]])
    expect(here("questionnaire", "import", "--approve", asq)[0], 0)
    expect(len([line for line in listed() if line[0] == "asq"]), 1, "not in force yet")
    expect(here("directory", "publish")[0], 0)
    expect([line[2:6] for line in listed() if line[0] == "asq"][-1], ["approved", "public-domain", "resident", "administrator"])
    digest = subprocess.run(["sha256sum", asq], capture_output=True, text=True, check=True).stdout.split()[0]
    expect([line[6] for line in listed() if line[0] == "asq"][-1], digest)

    changed = json.load(open(asq))
    changed["title"] += "."
    json.dump(changed, open(profile("changed.json"), "w"))
    code, _, message = here("questionnaire", "import", "--approve", profile("changed.json"))
    expect(code, 1, message)
    epds = os.path.join(SOURCE, "data", "questionnaires", "epds.json")
    expect(here("questionnaire", "import", "--approve", epds)[0], 1, "placeholders cannot be approved")
    open(profile("bad.json"), "w").write('{"resourceType":"Questionnaire"}')
    expect(here("questionnaire", "import", profile("bad.json"))[0], 1)

    expect(here("questionnaire", "import", asq)[0], 0)
    expect(here("directory", "publish")[0], 0)
    expect([line[4] for line in listed() if line[0] == "asq"][-1], "nobody", "the approval was taken back")

    phq9 = json.load(open(os.path.join(SOURCE, "data", "questionnaires", "phq-9.json")))
    score = next(e for e in phq9["extension"] if e["url"] == "urn:anxin:fhir:score")["extension"]
    bands = [e for e in score if e["url"] == "band"]
    own = {"type": "urn:anxin:cut-offs", "questionnaire": f"{phq9['url']}|{phq9['version']}", "reason": "A study in this district",
           "scores": [{"score": score[0]["valueCoding"]["code"], "extension": bands}]}
    for wrong in ({"reason": " "}, {"questionnaire": "urn:x|1"}, {"scores": [{"score": own["scores"][0]["score"], "extension": bands[1:]}]}):
        json.dump({**own, **wrong}, open(profile("cut-offs.json"), "w"))
        expect(ctl("questionnaire", "cut-offs", "--folder", FOLDER, profile("cut-offs.json"), **data)[0], 1, str(wrong)[:60])
    json.dump(own, open(profile("cut-offs.json"), "w"))
    code, _, message = ctl("questionnaire", "cut-offs", "--folder", FOLDER, profile("cut-offs.json"), **data)
    expect(code, 0, message)
    expect(here("directory", "publish")[0], 0)
    lines = [line for line in listed() if line[0] == "phq-9"]
    expect([(line[5], line[7]) for line in lines], [("-", "-"), ("administrator", "A study in this district")])

    path = os.path.join(FOLDER, "directory.der")
    whole = open(path, "rb").read()
    place = whole.index(b"urn:anxin:fhir:safety-rule")
    open(path, "wb").write(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
    code, out, message = ctl("questionnaire", "list", "--folder", FOLDER, **data)
    expect((code, out), (1, ""), message)
    open(path, "wb").write(whole)


def plans():
    plan = os.path.join(SOURCE, "data", "demo", "plans", "li-wenjing.json")
    code, _, message = here("plan", "set", "li-wenjing", plan)
    expect(code, 0, message)
    expect(here("plan", "set", "wang-jianping", plan)[0], 1)


def wrong_codes():
    expect(here("enrol", "invite", "nobody")[0], 1)
    expect(here("enrol", "invite", "staff-yunhe")[0], 1)
    code = here("enrol", "invite", "kiosk-yunhe-1")[1].strip()
    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    expect(join("wrong", swapped)[0], 1)
    expired = here("enrol", "invite", "kiosk-yunhe-1", "--valid", "0")[1].strip()
    time.sleep(0.01)
    expect(join("expired", expired)[0], 1)
    expect(here("enrol", "approve", "kiosk-yunhe-1")[0], 1)
    expect_true("open" in here("enrol", "list")[1] and "expired" in here("enrol", "list")[1], "the list")
    for name in ("wrong", "expired"):
        expect_true(not os.path.exists(os.path.join(profile(name), "profile.json")), name)


def enrol():
    code = here("enrol", "invite", "li-wenjing")[1].strip()
    machine = subprocess.Popen([CTL, "enrol", "join", "--folder", profile("li"), "--hub-url", URL], stdin=subprocess.PIPE, text=True)
    machine.stdin.write(code.lower() + "\n")
    machine.stdin.close()
    result, out, message = here("enrol", "approve", "li-wenjing", "--wait", "20")
    expect(result, 0, message)
    expect_true("li-wenjing" in out and "sign " in out, "the fingerprints")
    expect(machine.wait(20), 0)
    expect_true(os.path.exists(os.path.join(profile("li"), "profile.json")), "the profile")
    draft = json.load(open(os.path.join(FOLDER, "district.json")))
    entry = next(p for p in draft["principals"] if p["id"] == "li-wenjing")
    expect_true("CERTIFICATE" in entry["sealCertificate"], "the certificate in the draft")
    expect(join("li", code)[0], 1, "used again")


def group_keys():
    code = here("enrol", "invite", "wang-jianping")[1].strip()
    machine = subprocess.Popen([CTL, "enrol", "join", "--folder", profile("wang"), "--hub-url", URL], stdin=subprocess.PIPE, text=True)
    machine.stdin.write(code + "\n")
    machine.stdin.close()
    expect(here("enrol", "approve", "--all", "--wait", "20")[0], 0)
    expect(machine.wait(20), 0)
    draft = json.load(open(os.path.join(FOLDER, "district.json")))
    groups = {p["id"]: p for p in draft["principals"] if p["kind"] == "group"}
    expect(list(groups["duty-yunhe"]["wrapped"]), ["wang-jianping"])
    expect(list(groups["duty-songlin"]["wrapped"]), [])


def group(name):
    draft = json.load(open(os.path.join(FOLDER, "district.json")))
    return next(p for p in draft["principals"] if p["id"] == name)


def group_key_rotates():
    """Who joins reads nothing older, who leaves nothing newer; nothing changes while nobody comes or goes."""
    first = group("duty-yunhe")
    expect(here("directory", "publish")[0], 0)
    expect(group("duty-yunhe"), first, "no change")
    change = profile("members.json")
    json.dump({"principals": [{"id": "duty-yunhe", "kind": "group", "name": first["name"], "members": ["wang-jianping", "li-wenjing"]}]}, open(change, "w"))
    expect(here("directory", "import", change)[0], 0)
    expect(here("directory", "publish")[0], 0)
    joined = group("duty-yunhe")
    expect(sorted(joined["wrapped"]), ["li-wenjing", "wang-jianping"])
    expect_true(joined["sealCertificate"] != first["sealCertificate"], "another key")
    expect([(one["sealCertificate"], list(one["wrapped"])) for one in joined["former"]], [(first["sealCertificate"], ["wang-jianping"])])
    json.dump({"principals": [{"id": "duty-yunhe", "kind": "group", "name": first["name"], "members": ["wang-jianping"]}]}, open(change, "w"))
    expect(here("directory", "import", change)[0], 0)
    expect(here("directory", "publish")[0], 0)
    left = group("duty-yunhe")
    expect(list(left["wrapped"]), ["wang-jianping"])
    expect([(one["sealCertificate"], list(one["wrapped"])) for one in left["former"]],
           [(joined["sealCertificate"], ["wang-jianping"]), (first["sealCertificate"], ["wang-jianping"])])


def revoke():
    version = status()["directory"]
    expect(here("revoke", "nobody")[0], 1)
    expect(here("revoke", "wang-jianping")[0], 0)
    expect(status()["directory"], version + 1)
    expect(status()["crl"], 1)
    draft = json.load(open(os.path.join(FOLDER, "district.json")))
    expect(len(draft["revoked"]), 2)
    expect(here("enrol", "invite", "wang-jianping")[0], 1)
    groups = {p["id"]: p for p in draft["principals"] if p["kind"] == "group"}
    expect(list(groups["duty-yunhe"]["wrapped"]), [])


def public_health():
    context = ssl.create_default_context(cafile=os.path.join(FOLDER, "authority.pem"))
    with urllib.request.urlopen(f"{URL}/v1/health", context=context, timeout=5) as answer:
        expect(json.load(answer)["status"], "ok")


def stop_hub():
    hub.send_signal(signal.SIGTERM)
    expect(hub.wait(20), 0)


try:
    STATUS = run_all([no_keyring, create_district, create_twice, usage_errors, hub_away, start_hub, import_refuses, publish, questionnaires, plans, wrong_codes,
                      enrol, group_keys, group_key_rotates, revoke, public_health, stop_hub])
finally:
    if hub is not None and hub.poll() is None:
        hub.kill()
sys.exit(STATUS)
