#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of record, written by the product, is verified and opened by a CMS library that shares no code with it: Bouncy Castle, where Debian's
libbcpkix-java and a JDK are installed (else skipped). Usage: test-independent.py MAKE-RECORD PROGRAM… (tests that write payloads to ANX_PAYLOADS)."""

import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

JARS = ["/usr/share/java/bcprov.jar", "/usr/share/java/bcutil.jar", "/usr/share/java/bcpkix.jar"]
HERE = os.path.dirname(os.path.abspath(__file__))
# Over what the author's signature covers: recipients, ciphertext, header. The rest is fixed by the product alone, which builds the structure
# again and compares; its own test takes every byte.
FLIPS = 40


def open_all(folder, envelopes):
    java = [shutil.which("java"), "-cp", ":".join(JARS), os.path.join(HERE, "OpenRecords.java")]
    done = subprocess.run([*java, *(os.path.join(folder, name) for name in ("key.pem", "certificate.pem", "authority.pem")), *envelopes],
                          capture_output=True, text=True, encoding="utf-8", timeout=120)
    if done.returncode != 0:
        raise SystemExit(f"Bail out! {done.stderr[-2000:]}")
    return [line.split("\t", 1) for line in done.stdout.splitlines()]


def flip(path, folder):
    with open(path, "rb") as file:
        whole = file.read()
    inner = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", path, "-CAfile", os.path.join(folder, "authority.pem"), "-purpose",
                            "any", "-binary"], capture_output=True, check=True).stdout
    start, header = whole.index(inner), whole.index(b'{"version":')
    signed = [*range(start, start + len(inner)), *range(header, header + 40)]
    for number in range(FLIPS):
        place = random.choice(signed)
        name = os.path.join(folder, f"flipped-{number}-at-{place}")
        with open(name, "wb") as file:
            file.write(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1:])
        yield name


def main(make_record, programs):
    if shutil.which("java") is None or shutil.which("javac") is None or not all(map(os.path.exists, JARS)):
        print("1..0 # SKIP libbcpkix-java or a JDK is not there")
        return 0
    kinds = set()
    for path in glob.glob(os.path.join(os.environ["ANX_TOP_SOURCE"], "src", "care", "*.h")):
        with open(path, encoding="utf-8") as header:
            kinds |= set(re.findall(r'#define ANX_KIND_\w+ "([a-z-]+)"', header.read()))
    with tempfile.TemporaryDirectory(prefix="anxin-independent-") as folder:
        payloads = os.path.join(folder, "payloads")
        os.mkdir(payloads)
        for program in programs:
            subprocess.run([program], env=dict(os.environ, ANX_PAYLOADS=payloads), stdout=subprocess.DEVNULL, check=True)
        files = sorted(glob.glob(os.path.join(payloads, "*.json")))
        subprocess.run([make_record, folder, *files], check=True)
        names = [os.path.basename(file)[:-len(".json")] for file in files]
        envelopes = [os.path.join(folder, name + ".envelope") for name in names]
        flipped = list(flip(envelopes[0], folder))
        answers = open_all(folder, [*envelopes, *flipped])
        print(f"1..{len(names) + 2}")
        failed = 0

        def say(number, good, what):
            nonlocal failed
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} /ctl/independent/{what}", flush=True)

        for number, (name, file, answer) in enumerate(zip(names, files, answers), 1):
            good = answer[0] != "refused"
            if good:
                header, payload = json.loads(answer[0]), json.loads(answer[1])
                with open(file, encoding="utf-8") as text:
                    good = payload["resource"] == json.load(text)
                inner = {member: header[member] for member in ("version", "id", "kind", "author", "recipients", "predecessor")}
                good = good and header["kind"] == name and payload["anxin"] == inner and set(payload) == {"anxin", "resource"}
            else:
                print(f"# {answer[1]}")
            say(number, good, name)
        say(len(names) + 1, all(answer[0] == "refused" for answer in answers[len(names):]) and len(answers) == len(names) + FLIPS, "flipped-bits")
        missing = kinds - set(names)
        if missing:
            print(f"# no payload of {sorted(missing)}")
        say(len(names) + 2, not missing, "every-kind")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
