#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`anxinctl subject export`: all that hangs together with one person, and nothing of another. Usage: test-subject.py MAKE-RECORD PROGRAM… (tests that
write payloads to ANX_PAYLOADS)."""

import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from ctl_testing import ctl, expect, expect_true, run_all

FOLDER = tempfile.mkdtemp(prefix="anxin-subject-")
HERS, OTHER = "019aa000-0000-7000-8000-00000000000a", "019aa000-0000-7000-8000-00000000000b"
PHONE = "13800138000"


def path(name):
    return os.path.join(FOLDER, name)


def prepare():
    """A hub's database with real envelopes: one person's contact, screening and note under one booking, a rating and a contact under another's."""
    os.mkdir(path("payloads"))
    for program in sys.argv[2:]:
        subprocess.run([program, "-p", "/care/care-records/damaged"], env=dict(os.environ, ANX_PAYLOADS=path("payloads")), stdout=subprocess.DEVNULL, check=True)
    os.mkdir(path("chosen"))
    for kind in ("contact", "screening", "note"):
        shutil.copy(path(f"payloads/{kind}.json"), path(f"chosen/{kind}~{HERS}.json"))
    shutil.copy(path("payloads/rating.json"), path(f"chosen/rating~{OTHER}.json"))
    with open(path("payloads/contact.json"), encoding="utf-8") as file:
        contact = json.load(file)
    contact["name"][0]["text"] = "李强"
    with open(path(f"chosen/contact~{OTHER}.json"), "w", encoding="utf-8") as file:
        json.dump(contact, file)
    subprocess.run([sys.argv[1], FOLDER, *sorted(glob.glob(path("chosen/*.json")))], check=True)
    database = sqlite3.connect(path("hub.db"))
    database.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, envelope BLOB NOT NULL)")
    database.execute("CREATE TABLE document (kind TEXT PRIMARY KEY, version INTEGER, body BLOB)")
    for name in sorted(glob.glob(path("*.envelope"))):
        with open(name, "rb") as file:
            database.execute("INSERT INTO record (envelope) VALUES (?)", (file.read(),))
    database.commit()
    database.close()
    with open(path("hub.ini"), "w", encoding="ascii") as file:
        file.write("[hub]\ndatabase=sqlite:hub.db\nauthority=authority.pem\n")


def export(out, asked, key="recovery-key.pem", certificate="recovery.pem"):
    return ctl("subject", "export", "--config", path("hub.ini"), "--key", path(key), "--certificate", path(certificate), path(out), stdin=asked)


def kinds(out):
    with open(path(f"{out}/records.json"), encoding="utf-8") as file:
        bundle = json.load(file)
    expect((bundle["resourceType"], bundle["type"]), ("Bundle", "collection"))
    entries = bundle["entry"]
    for record, provenance in zip(entries[::2], entries[1::2]):
        expect(provenance["resource"]["resourceType"], "Provenance")
        expect(provenance["resource"]["target"], [{"reference": record["fullUrl"]}])
    return sorted(entry["resource"]["resourceType"] for entry in entries[::2])


def words(out):
    """The text of the paper, where poppler is there to read it."""
    with open(path(f"{out}/records.pdf"), "rb") as file:
        expect(file.read(5), b"%PDF-")
    if shutil.which("pdftotext") is None:
        return None
    return subprocess.run(["pdftotext", path(f"{out}/records.pdf"), "-"], capture_output=True, text=True, encoding="utf-8", check=True).stdout


def by_phone_and_name():
    code, out, message = export("hers", f"{PHONE} 王芳\n")
    expect(code, 0, message)
    expect(json.loads(out), {"records": 3, "searched": 5, "unreadable": 0})
    expect(kinds("hers"), ["Bundle", "DocumentReference", "Patient"])
    expect([oct(os.stat(path(name)).st_mode & 0o777) for name in ("hers", "hers/records.json", "hers/records.pdf")], ["0o700", "0o600", "0o600"])
    text = words("hers")
    expect_true(text is None or ("王芳" in text and PHONE in text and "李强" not in text), "the paper is of another person")
    expect_true("王芳" not in message and PHONE not in message, "what was asked is repeated")


def by_a_shared_phone():
    """Without a name the phone alone decides: both people of the phone, all of their records."""
    expect(json.loads(export("both", PHONE + "\n")[1])["records"], 5)


def by_booking():
    expect(export("other", OTHER + "\n")[0], 0)
    expect(kinds("other"), ["Observation", "Patient"])


def nobody():
    for number, asked in enumerate((f"{PHONE} 张三\n", "13900139000\n", "019aa000-0000-7000-8000-00000000000f\n", "", "\n\n", "no phone\n")):
        expect(export(f"nobody-{number}", asked)[0], 1, asked)
        expect_true(not os.path.exists(path(f"nobody-{number}")), "something was written for nobody")


def other_key():
    expect(export("closed", f"{PHONE} 王芳\n", key="other.pem", certificate="certificate.pem")[0], 1)
    expect(export("closed", HERS + "\n", key="other.pem", certificate="certificate.pem")[0], 1)
    expect_true(not os.path.exists(path("closed")), "something was written that could not be opened")


def nothing_is_written_over():
    with open(path("hers/records.json"), "rb") as file:
        before = file.read()
    expect(export("hers", OTHER + "\n")[0], 1)
    with open(path("hers/records.json"), "rb") as file:
        expect(file.read(), before)


def usage():
    expect(ctl("subject", "export", path("x"))[0], 2)
    expect(ctl("subject", "export", "--help")[0], 0)


prepare()
try:
    sys.exit(run_all([by_phone_and_name, by_a_shared_phone, by_booking, nobody, other_key, nothing_is_written_over, usage]))
finally:
    shutil.rmtree(FOLDER)
