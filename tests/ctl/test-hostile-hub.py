#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub in hostile hands: whoever has it can put anything into its database and so into its answers. It reads nothing, and each trick is
noticed and named by a client that saw more."""

import os
import shutil
import sqlite3
import subprocess
import sys

from ctl_testing import expect, expect_true, run_all


class District:
    """A hub with a kiosk and a duty officer, both at rest, after a few records."""

    def __init__(self, records=6):
        self.process = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.folder = self.process.stdout.readline().strip()
        self.database = os.path.join(self.folder, "hub.db")
        self.tell(f"write {records}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def falsify(self, *statements):
        self.tell("stop")
        with sqlite3.connect(self.database) as database:
            for statement in statements:
                database.execute(statement)
        database.close()
        self.tell("start")

    def notices(self):
        return set(self.tell("notices")) - {"done"}


def an_honest_hub_is_not_suspected():
    with District() as district:
        district.falsify()
        expect(district.notices(), set())


def it_reads_nothing():
    with District() as district:
        district.tell("stop")
        for name in os.listdir(district.folder):
            if name.startswith("hub.db"):
                expect_true(b"planted-marker" not in open(os.path.join(district.folder, name), "rb").read(), name)
        district.tell("start")


def it_drops():
    with District() as district:
        district.falsify("DELETE FROM delivery WHERE seq IN (SELECT seq FROM record WHERE place > 4)", "DELETE FROM record WHERE place > 4")
        found = district.notices()
        expect_true({"kiosk:hub-lost-records", "kiosk:hub-went-back", "duty:hub-went-back"} <= found, found)


def it_drops_one_of_many():
    with District() as district:
        district.falsify("DELETE FROM delivery WHERE seq = (SELECT seq FROM record WHERE place = 3)", "DELETE FROM record WHERE place = 3")
        expect_true("kiosk:hub-lost-records" in district.notices(), "named")


def it_changes_a_record():
    """A reader that comes later gets it; one that has it already keeps what it has."""
    with District() as district:
        district.falsify("UPDATE record SET envelope = substr(envelope, 1, 900) || x'00' || substr(envelope, 902), digest = 'aa' WHERE place = 6")
        found = district.notices()
        expect_true({"duty:hub-went-back", "duty:record-not-genuine"} <= found, found)


def it_puts_one_in_the_place_of_another():
    with District() as district:
        district.falsify("UPDATE record SET envelope = (SELECT envelope FROM record WHERE place = 1), digest = 'aa' WHERE place = 6")
        expect_true({"duty:hub-went-back", "kiosk:hub-lost-records"} <= district.notices(), "named")


def it_claims_records_that_it_does_not_give():
    with District() as district:
        district.falsify("INSERT INTO record (id, kind, author, place, previous, digest, received, envelope)"
                         " VALUES ('0190a0a0-0000-7000-8000-000000000000', 'screening', 'kiosk-east-1', 7, '', 'bb', 0, x'3000')")
        expect_true("kiosk:hub-withholds-own" in district.notices(), "named")


def it_goes_back():
    with District() as district:
        district.tell("stop")
        kept = district.database + ".kept"
        with sqlite3.connect(district.database) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        shutil.copy(district.database, kept)
        district.tell("start")
        district.tell("write 4")
        district.tell("stop")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(district.database + end):
                os.unlink(district.database + end)
        shutil.copy(kept, district.database)
        district.tell("start")
        expect_true("kiosk:hub-lost-records" in district.notices(), "named by the author, who offers them again")


sys.exit(run_all([an_honest_hub_is_not_suspected, it_reads_nothing, it_drops, it_drops_one_of_many, it_changes_a_record,
                  it_puts_one_in_the_place_of_another, it_claims_records_that_it_does_not_give, it_goes_back]))
