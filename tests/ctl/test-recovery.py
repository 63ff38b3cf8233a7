#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal: the recovery key goes onto paper, some officers bring theirs, and a record is opened with what comes out."""

import atexit
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from ctl_testing import ctl, expect, expect_true, run_all

FOLDER = tempfile.mkdtemp(prefix="anxin-recovery-")
atexit.register(shutil.rmtree, FOLDER)
subprocess.run([sys.argv[1], FOLDER], check=True)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def path(name):
    return os.path.join(FOLDER, name)


def papers(*numbers):
    return [path(f"papers/share-{number}.txt") for number in numbers]


def groups(number):
    return "".join(re.findall(r"^    ([0-9A-Z-]+)$", open(papers(number)[0]).read(), re.M))


def combine(*files, out=None, stdin=None):
    words = ["recovery", "combine", "--certificate", path("recovery.pem")]
    if out:
        words += ["--out", path(out)]
    return ctl(*words, *files, stdin=stdin)


def usage():
    expect(ctl("recovery", "split")[0], 2)
    expect(ctl("recovery", "combine")[0], 2)
    for shares, threshold in ((3, 4), (3, 1), (17, 3), (0, 0)):
        expect(ctl("recovery", "split", "--key", path("recovery-key.pem"), "--certificate", path("recovery.pem"), "--shares", str(shares),
                   "--threshold", str(threshold), "--out", path("none"))[0], 2, (shares, threshold))
    expect(ctl("recovery", "split", "--key", path("key.pem"), "--certificate", path("recovery.pem"), "--shares", "3", "--threshold", "2",
               "--out", path("none"))[0], 1, "another key")
    expect_true(not os.path.exists(path("none")), "nothing was written")


def split():
    code, out, message = ctl("recovery", "split", "--key", path("recovery-key.pem"), "--certificate", path("recovery.pem"), "--shares", "5",
                             "--threshold", "3", "--out", path("papers"))
    expect((code, out), (0, ""), message)
    expect(sorted(os.listdir(path("papers"))), [f"share-{number}.txt" for number in range(1, 6)])
    for number in range(1, 6):
        expect(oct(os.stat(papers(number)[0]).st_mode & 0o777), "0o600")
        expect(len(groups(number)), 18 * 4 + 17)
        expect_true(max(len(line) for line in open(papers(number)[0]).read().splitlines()) <= 100, "fits on paper")


def any_three_give_it_back():
    for numbers in itertools.combinations(range(1, 6), 3):
        expect(combine(*papers(*numbers))[0], 0, numbers)
    expect(combine(*papers(5, 1, 4, 2, 3))[0], 0)


def fewer_or_wrong_do_not():
    for numbers in ((), (1,), (1, 2), (1, 1, 2), (2, 2, 2)):
        code, out, message = combine(*papers(*numbers), out="never.pem", stdin="")
        expect((code, out), (1, ""), numbers)
        expect_true(message, numbers)
    expect_true(not os.path.exists(path("never.pem")), "no key was written")


def shares_of_two_sets():
    expect(ctl("recovery", "split", "--key", path("recovery-key.pem"), "--certificate", path("recovery.pem"), "--shares", "5", "--threshold", "3",
               "--out", path("again"))[0], 0)
    expect(combine(*papers(1, 2), path("again/share-3.txt"))[0], 1)


def each_wrong_character_is_found():
    good = groups(2)
    for place in range(len(good)):
        if good[place] == "-":
            continue
        wrong = good[:place] + ALPHABET[(ALPHABET.index(good[place]) + 1) % 32] + good[place + 1:]
        code, _, message = combine(stdin=f"{groups(1)}\n\n{split_lines(wrong)}\n\n{groups(3)}\n")
        expect(code, 1, place)
    expect_true("2" in message or "1" in message, message)


def split_lines(text):
    return "\n".join(text[start:start + 30] for start in range(0, len(text), 30))


def typed_in():
    """As a tired person types: lower case, letters for digits, spaces around."""
    typed = "\n\n".join("  " + split_lines(groups(number)).lower().replace("0", "o").replace("1", "l") + "  " for number in (4, 2, 5))
    code, _, message = combine(out="typed.pem", stdin=typed + "\n")
    expect(code, 0, message)


def a_record_opens():
    expect(combine(*papers(1, 3, 5), out="back.pem")[0], 0)
    expect(oct(os.stat(path("back.pem")).st_mode & 0o777), "0o600")
    code, out, message = ctl("record", "open", "--key", path("back.pem"), "--certificate", path("recovery.pem"), "--authority",
                             path("authority.pem"), path("envelope"))
    expect(code, 0, message)
    expect(json.loads(out)["resource"]["text"], "planted 植入")
    expect(combine(*papers(1, 3, 5), out="back.pem")[0], 1, "a key is not written over")


def multiply(a, b):
    """In GF(2^8) with x^8+x^4+x^3+x^2+1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11d if a & 0x80 else 0)
        b >>= 1
    return product


def invert(a):
    return next(b for b in range(1, 256) if multiply(a, b) == 1)


def an_independent_program_gives_the_same():
    """Lagrange's interpolation at zero, written from the description in src/seal/README.md."""
    shares = []
    for number in (2, 3, 5):
        bits = "".join(f"{ALPHABET.index(character):05b}" for character in groups(number) if character != "-")
        data = bytes(int(bits[start:start + 8], 2) for start in range(0, len(bits), 8))
        expect((data[0], data[1], data[2], data[3]), (1, 3, 5, number))
        shares.append((number, data[8:40]))
    scalar = bytearray(32)
    for x, data in shares:
        factor = 1
        for other, _ in shares:
            if other != x:
                factor = multiply(factor, multiply(other, invert(other ^ x)))
        for index, byte in enumerate(data):
            scalar[index] ^= multiply(factor, byte)
    text = subprocess.run(["openssl", "pkey", "-in", path("recovery-key.pem"), "-noout", "-text"], capture_output=True, text=True, check=True).stdout
    private = "".join(text.split("priv:")[1].split("pub:")[0].replace(":", "").split())
    expect(bytes(scalar).hex(), private.rjust(64, "0")[-64:])


sys.exit(run_all([usage, split, any_three_give_it_back, fewer_or_wrong_do_not, shares_of_two_sets, each_wrong_character_is_found, typed_in,
                  a_record_opens, an_independent_program_gives_the_same]))
