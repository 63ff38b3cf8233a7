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

from ctl_testing import SOURCE, ctl, expect, expect_true, run_all

FOLDER = tempfile.mkdtemp(prefix="anxin-subject-")
HERS, OTHER = "019aa000-0000-7000-8000-00000000000a", "019aa000-0000-7000-8000-00000000000b"
TASK, FORWARDED = "019aa000-0000-7000-8000-00000000000c", "019aa000-0000-7000-8000-00000000000d"
PHONE = "13800138000"


def path(name):
    return os.path.join(FOLDER, name)


def prepare():
    """A hub's database with real envelopes: one person's records of every kind under one booking; a referral under no booking, its step, and the one that
    followed it with another phone; a rating and a contact under another's booking; and something that is no record."""
    os.mkdir(path("payloads"))
    for program in sys.argv[2:]:
        subprocess.run([program], env=dict(os.environ, ANX_PAYLOADS=path("payloads")), stdout=subprocess.DEVNULL, check=True)
    os.mkdir(path("chosen"))
    for name in os.listdir(path("payloads")):
        kind = name[:-len(".json")]
        shutil.copy(path(f"payloads/{name}"), path(f"chosen/{kind}~{TASK if kind.startswith('referral') else OTHER if kind == 'rating' else HERS}.json"))
    rewrite("contact", f"contact~{OTHER}", "王芳", "李强")
    rewrite("referral", f"referral~{FORWARDED}~{TASK}", PHONE, "13900139999")
    subprocess.run([sys.argv[1], FOLDER, *sorted(glob.glob(path("chosen/*.json")))], check=True)
    database = sqlite3.connect(path("hub.db"))
    database.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, envelope BLOB NOT NULL)")
    database.execute("CREATE TABLE document (kind TEXT PRIMARY KEY, version INTEGER, body BLOB)")
    for name in sorted(glob.glob(path("*.envelope"))):
        with open(name, "rb") as file:
            database.execute("INSERT INTO record (envelope) VALUES (?)", (file.read(),))
    database.execute("INSERT INTO record (envelope) VALUES (x'3000')")
    database.commit()
    database.close()
    with open(path("hub.ini"), "w", encoding="ascii") as file:
        file.write("[hub]\ndatabase=sqlite:hub.db\nauthority=authority.pem\n")


def rewrite(kind, name, before, after):
    with open(path(f"payloads/{kind}.json"), encoding="utf-8") as file:
        text = file.read()
    expect_true(before in text, "the form of the payload")
    with open(path(f"chosen/{name}.json"), "w", encoding="utf-8") as file:
        file.write(text.replace(before, after))


def export(out, asked, key="recovery-key.pem", certificate="recovery.pem"):
    return ctl("subject", "export", "--config", path("hub.ini"), "--key", path(key), "--certificate", path(certificate), path(out), stdin=asked,
               ANX_DATA_DIR=os.path.join(SOURCE, "data"))


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
    expect(json.loads(out), {"records": HER_RECORDS, "searched": HER_RECORDS + 3, "unreadable": 1})
    expect(len(kinds("hers")), HER_RECORDS)
    with open(path("hers/records.json"), encoding="utf-8") as file:
        expect_true("RelatedPerson" not in file.read(), "who reported the case is named")
    expect([oct(os.stat(path(name)).st_mode & 0o777) for name in ("hers", "hers/records.json", "hers/records.pdf")], ["0o700", "0o600", "0o600"])
    text = words("hers")
    expect_true(text is None or ("王芳" in text and PHONE in text and "李强" not in text), "the paper is of another person")
    if text is not None:
        flat = " ".join(text.split())
        expect_true("no answer at the door" in flat and "Building 3" in flat and " Li " not in flat, "a case from outside, without who reported it")
        expect_true("only in the file" not in flat, "every kind has its words")
        for said in ("Follow-up visit", "没人接", "declined", "不在辖区", "Need: Medical assessment", "How urgent it was:", "Without consent, by law: Shandong", "the button for help",
                     "Somebody looked at it", "although it was put away by its age", "Records were erased", "By which law", "A colleague opened it"):
            expect_true(said in flat, said)
    expect_true("王芳" not in message and PHONE not in message, "what was asked is repeated")


def by_a_shared_phone():
    """Without a name the phone alone decides: both people of the phone, all of their records."""
    expect(json.loads(export("both", PHONE + "\n")[1])["records"], HER_RECORDS + 2)


def by_booking():
    expect(export("other", OTHER + "\n")[0], 0)
    expect(kinds("other"), ["Observation", "Patient"])


def nobody():
    for number, asked in enumerate((f"{PHONE} 张三\n", "13900139000\n", "019aa000-0000-7000-8000-00000000000f\n", "", "\n\n", "no phone\n")):
        expect(export(f"nobody-{number}", asked)[0], 1, asked)
        expect_true(not os.path.exists(path(f"nobody-{number}")), "something was written for nobody")


def too_much():
    """What is cut off behind the phone would ask for everybody with it."""
    line = f"{PHONE} 王芳\n"
    for asked in (line * 400, " " * (4095 - len(PHONE)) + line, line.rjust(4095)):
        expect(export("much", asked)[0], 1, len(asked))
        expect_true(not os.path.exists(path("much")), "something was written")


def forged_directory():
    """Names come from what the authority signed, or the export says so."""
    with sqlite3.connect(path("hub.db")) as database:
        database.execute("INSERT INTO document VALUES ('directory', 1, x'3000')")
    expect(export("forged", HERS + "\n")[0], 1)
    with sqlite3.connect(path("hub.db")) as database:
        database.execute("DELETE FROM document")
    database.close()


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
HER_RECORDS = len(glob.glob(path("chosen/*.json"))) - 2
try:
    sys.exit(run_all([by_phone_and_name, by_a_shared_phone, by_booking, nobody, too_much, forged_directory, other_key, nothing_is_written_over, usage]))
finally:
    shutil.rmtree(FOLDER)
