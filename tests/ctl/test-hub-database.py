#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup, check and restoration of the hub's database; each way of falsifying it is found and named."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

from ctl_testing import HUB, ctl, expect, expect_true, run_all

hub = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
FOLDER = hub.stdout.readline().strip()
CONFIG = os.path.join(FOLDER, "hub.ini")
DATABASE = os.path.join(FOLDER, "hub.db")
BACKUP = os.path.join(FOLDER, "backup.db")


def tell(line):
    hub.stdin.write(line + "\n")
    hub.stdin.flush()
    expect(hub.stdout.readline(), "done\n", line)


def here(verb, *words):
    return ctl("hub", verb, "--config", CONFIG, *words)


def verify(*words):
    code, out, message = here("verify", *words)
    return code, json.loads(out) if out else None, message


def usage():
    expect(ctl("hub", "verify")[0], 2)
    expect(here("backup")[0], 2)
    expect(here("restore")[0], 2)
    for verb in ("backup", "verify", "restore"):
        expect(ctl("hub", verb, "--help")[0], 0)
    expect(ctl("hub", "verify", "--config", os.path.join(FOLDER, "none.ini"))[0], 1)


def verify_while_running():
    tell("write 6")
    code, found, message = verify()
    expect(code, 0, message)
    expect((found["records"], found["authors"], found["faultCount"], found["gapCount"], found["directory"]), (6, 1, 0, 0, 1))


def backup_while_running():
    expect(here("backup", BACKUP)[0], 0)
    expect(oct(os.stat(BACKUP).st_mode & 0o777), "0o600")
    expect(verify(BACKUP)[1]["records"], 6)
    before = open(BACKUP, "rb").read()
    expect(here("backup", BACKUP)[0], 1, "an older backup is not written over")
    expect(open(BACKUP, "rb").read(), before)


def restore_refused_while_running():
    code, _, message = here("restore", BACKUP)
    expect(code, 1)
    expect_true("running" in message, message)


def falsified(*statements):
    """The names of the faults found in a copy changed in this way."""
    path = os.path.join(FOLDER, "changed.db")
    shutil.copy(BACKUP, path)
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    code, found, _ = verify(path)
    expect(code, 1, statements)
    os.unlink(path)
    return {fault["what"] for fault in found["faults"]}


def each_falsification_is_named():
    flip = "UPDATE record SET envelope = substr(envelope, 1, {0}) || x'00' || substr(envelope, {0} + 2) WHERE place = 3"
    for place in (40, 400, 1200):
        expect_true("record-not-genuine" in falsified(flip.format(place)), place)
    expect_true("columns-differ" in falsified("UPDATE record SET kind = 'note' WHERE place = 2"))
    expect_true("columns-differ" in falsified("UPDATE record SET author = 'wang' WHERE place = 2"))
    expect_true("columns-differ" in falsified("UPDATE record SET digest = 'aa' WHERE place = 2"))
    expect_true("columns-differ" in falsified("UPDATE record SET place = 9 WHERE place = 6"))
    expect_true("columns-differ" in falsified("UPDATE record SET envelope = (SELECT envelope FROM record WHERE place = 2) WHERE place = 5"))
    expect_true("not-delivered" in falsified("DELETE FROM delivery WHERE seq = 2 AND reader = 'duty-east'"))
    expect_true("delivered-to-another" in falsified("INSERT INTO delivery VALUES ('nobody', 2)"))
    expect_true("delivery-without-record" in falsified("DELETE FROM record WHERE place = 6"))
    expect_true("document-not-genuine" in falsified("UPDATE document SET body = x'3000'"))
    expect_true("columns-differ" in falsified("UPDATE document SET version = 7"))


def gap_is_told():
    path = os.path.join(FOLDER, "gap.db")
    shutil.copy(BACKUP, path)
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM delivery WHERE seq = (SELECT seq FROM record WHERE place = 4)")
        database.execute("DELETE FROM record WHERE place = 4")
    database.close()
    expect(verify(path)[1]["gaps"], [{"author": "kiosk-east-1", "after": 3, "before": 5}])


def damaged_file():
    path = os.path.join(FOLDER, "damaged.db")
    data = bytearray(open(BACKUP, "rb").read())
    for place in range(4096, len(data), 4096):
        data[place:place + 64] = os.urandom(64)
    open(path, "wb").write(data)
    expect(verify(path)[0], 1)
    tell("stop")
    before = open(DATABASE, "rb").read()
    expect(here("restore", path)[0], 1)
    expect(open(DATABASE, "rb").read(), before, "nothing was changed")
    tell("start")


def restore():
    tell("write 5")
    tell("stop")
    code, _, message = here("restore", BACKUP)
    expect(code, 0, message)
    expect(verify()[1]["records"], 6)
    kept = [name for name in os.listdir(FOLDER) if name.startswith("hub.db.before-")]
    expect(len(kept), 1)
    expect(verify(os.path.join(FOLDER, kept[0]))[1]["records"], 11)
    tell("start")
    code, found, message = verify()
    expect((code, found["records"], found["gapCount"]), (0, 11, 0), message)
    tell("write 3")
    expect(verify()[1]["records"], 14)


def load():
    expect(ctl("load", "--kiosks", "0")[0], 2)
    expect(ctl("load", "--hub", os.path.join(FOLDER, "none"))[0], 1)
    code, out, message = ctl("load", "--hub", HUB, "--kiosks", "3", "--records", "12")
    expect(code, 0, message)
    found = json.loads(out)
    expect((found["stored"], found["verified"], found["faults"], found["refused"]), (36, 36, 0, 0))
    expect_true(found["hubRssBytes"] > 0 and found["slowestKioskSeconds"] >= found["medianKioskSeconds"] > 0, out)


try:
    STATUS = run_all([usage, verify_while_running, backup_while_running, restore_refused_while_running, each_falsification_is_named, gap_is_told,
                      damaged_file, restore, load])
finally:
    hub.stdin.close()
    hub.wait(30)
sys.exit(STATUS)
