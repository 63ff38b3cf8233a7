#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hub in hostile hands: whoever has it can put anything into its database and so into its answers. It reads nothing, and each trick is
noticed and named by a client that saw more."""

import base64
import http.server
import json
import os
import re
import shutil
import sqlite3
import ssl
import subprocess
import sys
import threading
import time

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

    def stored(self, query):
        with sqlite3.connect(self.database) as database:
            found = database.execute(query).fetchone()[0]
        database.close()
        return found

    def impersonate(self, answers, line="round"):
        """In the hub's place, with its TLS key, another program that answers as told: {path: body, or what makes a status and a body of the
        request's body}, until what LINE says is done."""
        self.tell("stop")
        with open(os.path.join(self.folder, "hub.ini"), encoding="utf-8") as file:
            host, port = re.search(r"listen=(.*):(\d+)", file.read()).groups()

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                answer = answers.get(path)
                said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = answer(said) if callable(answer) else (404, b"") if answer is None else (200, answer)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Type", "application/pkcs7-mime" if path == "/v1/directory" else "application/json")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer((host, int(port)), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder, "hub.pem"), os.path.join(self.folder, "hub.key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.tell(line)
        server.shutdown()
        server.server_close()

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


def it_reorders():
    with District() as district:
        district.falsify(*(f"UPDATE {table} SET seq = {step}" for table in ("record", "delivery") for step in ("-seq", "1000 + seq")))
        expect_true("duty:hub-went-back" in district.notices(), "named")


def answers_of(district, **changed):
    """What an honest hub says, but for what is changed."""
    chain = {"count": 0, "places": [], "more": False}
    inbox = {"records": [], "cursor": 0, "more": False}
    said = {"/v1/health": {"status": "ok", "version": "0", "now": time.time_ns() // 1000}, "/v1/chain": chain, "/v1/inbox": inbox}
    return {path: json.dumps(value).encode() for path, value in said.items()} | {"/v1/" + name: value for name, value in changed.items()}


def it_swaps_a_key():
    """The certificate of one member is put in the place of another's in the directory; both were issued by the authority."""
    with District(records=0) as district:
        directory = district.stored("SELECT body FROM document WHERE kind = 'directory'")
        certificates = sorted(re.findall(rb'"sealCertificate":("-----BEGIN.*?")', directory), key=len)
        # Signatures are not all of one length; with spaces behind it the shorter one fits, and the signed structure keeps its form.
        falsified = directory.replace(certificates[-1], certificates[0].ljust(len(certificates[-1])))
        expect_true(len(falsified) == len(directory) and falsified != directory, "the form of the directory")
        district.impersonate(answers_of(district, directory=falsified))
        found = district.notices()
        expect_true({"kiosk:directory-untrusted", "duty:directory-untrusted"} <= found, found)


def it_adds_a_reader():
    with District(records=0) as district:
        directory = district.stored("SELECT body FROM document WHERE kind = 'directory'")
        expect_true(b'"members":["wang"]' in directory, "the form of the directory")
        district.impersonate(answers_of(district, directory=directory.replace(b'"members":["wang"]', b'"members":["evil"]')))
        found = district.notices()
        expect_true({"kiosk:directory-untrusted", "duty:directory-untrusted"} <= found, found)


class Kept:
    """What a kiosk's records at the hub are, as the API tells them, and what is sent beside them."""

    def __init__(self, district):
        with sqlite3.connect(district.database) as database:
            self.rows = database.execute("SELECT id, place, digest, envelope FROM record WHERE author = 'kiosk-east-1' ORDER BY place").fetchall()
        database.close()
        self.sent, self.asked = [], 0
        self.last = self.rows[-1]
        encoded = [base64.b64encode(row[3]).decode() for row in self.rows]
        self.answers = answers_of(district, directory=district.stored("SELECT body FROM document WHERE kind = 'directory'"))
        self.say("chain", count=len(self.rows), head={"place": self.last[1], "id": self.last[0], "digest": self.last[2]},
                 places=[{"place": row[1], "digest": row[2]} for row in self.rows], more=False)
        self.say("inbox", records=[{"cursor": n, "envelope": text} for n, text in enumerate(encoded, 1)], cursor=len(encoded), more=False)
        self.answers["/v1/records"] = self.take
        self.answers["/v1/records/" + self.last[0]] = self.give

    def say(self, path, **what):
        self.answers["/v1/" + path] = json.dumps(what).encode()

    def take(self, body):
        envelopes = [base64.b64decode(text) for text in json.loads(body)["records"]]
        headers = [json.loads(re.search(rb'{"version":1,"id":.*?"routing":{[^}]*}}', envelope).group()) for envelope in envelopes]
        self.sent += headers
        return 200, json.dumps({"results": [{"id": header["id"], "status": "stored"} for header in headers]}).encode()

    def give(self, _):
        self.asked += 1
        if self.asked <= self.troubles:
            return 503, b""
        return 200, json.dumps({"envelope": base64.b64encode(self.last[3]).decode()}).encode()

    def meets(self, district, troubles):
        self.troubles = troubles
        district.tell("lose")
        district.impersonate(self.answers, "meet")
        expect([(header["sequence"], header["previous"]) for header in self.sent], [(4, self.last[2])])
        expect(district.notices(), {"kiosk:own-records-missing", "kiosk:own-chain-moved"})


def it_is_in_trouble_for_a_moment():
    """A kiosk that lost its database asks again for the end of its chain."""
    with District(records=3) as district:
        kept = Kept(district)
        kept.meets(district, troubles=1)
        expect(kept.asked, 2)


def it_fails_at_one_request():
    """All else goes on: the record comes with the others, and what waited is sent behind it."""
    with District(records=3) as district:
        Kept(district).meets(district, troubles=1000)


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
                  it_puts_one_in_the_place_of_another, it_claims_records_that_it_does_not_give, it_reorders, it_swaps_a_key, it_adds_a_reader,
                  it_is_in_trouble_for_a_moment, it_fails_at_one_request, it_goes_back]))
