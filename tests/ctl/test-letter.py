#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A referral letter is verified from the PDF and from paper; what is not genuine, or of another, is refused without a word on standard output."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile

from ctl_testing import ctl, expect, expect_true, run_all

FOLDER = tempfile.mkdtemp(prefix="anxin-letter-")
atexit.register(shutil.rmtree, FOLDER)
subprocess.run([sys.argv[1], FOLDER], check=True)


def path(name):
    return os.path.join(FOLDER, name)


def verify(file, *words):
    return ctl("letter", "verify", "--directory", path("directory.der"), "--authority", path("authority.pem"), *words, file)


def usage():
    expect(ctl("letter", "verify")[0], 2)
    expect(ctl("letter", "verify", path("good.pdf"))[0], 2)
    expect(verify(path("nothing.pdf"))[0], 1)


def genuine():
    for name, form in (("good.pdf", "pdf"), ("good.txt", "paper")):
        status, out, err = verify(path(name), "--record", path("record.json"))
        expect(status, 0, err)
        letter = json.loads(out)
        expect((letter["form"], letter["from"], letter["to"], letter["fromActive"], letter["issued"]),
               (form, "li-wei", "duty-one", True, "2026-11-01T00:00:00Z"), name)
        expect(len(letter["digest"]), 64)


def refused():
    for name in ("another-hand", "no-counsellor", "foreign"):
        for ending in (".pdf", ".txt"):
            status, out, err = verify(path(name + ending))
            expect((status, out), (1, ""), name + ending)
            expect_true(err.strip(), "a reason")
    for name in ("good.pdf", "good.txt"):
        expect(verify(path(name), "--record", path("other.json"))[:2], (1, ""), "another record")


def changed():
    """Here and there; that it is so for every byte is tested where the signature is made."""
    for name in ("good.pdf", "good.txt"):
        with open(path(name), "rb") as file:
            data = file.read()
        for at in range(0, len(data), max(1, len(data) // 12)):
            with open(path("changed"), "wb") as file:
                file.write(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
            expect(verify(path("changed"))[:2], (1, ""), f"{name}, byte {at}")


if __name__ == "__main__":
    sys.exit(run_all([usage, genuine, refused, changed]))
