# SPDX-License-Identifier: GPL-3.0-or-later
"""Durable sealed records a second into the hub, against a bare SQLite group commit of the same envelopes on the same disk."""

import base64
import http.client
import json
import os
import sqlite3
import ssl
import statistics
import subprocess
import threading
import time

from district import free_port
from stage import Stage, wait_for

AUTHORS, BATCHES, RECORDS = 16, 10, 20
GROUP = 64
ROUNDS = 3


def _connection(folder, port, author):
    context = ssl.create_default_context(cafile=os.path.join(folder, "authority.pem"))
    if author is not None:
        context.load_cert_chain(os.path.join(folder, f"author-{author}.pem"))
    return http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)


def _request(connection, method, path, body=None, kind="application/json"):
    connection.request(method, path, body, {"Content-Type": kind} if body else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def _hub(build, stage, folder, port, bodies):
    stage.start("hub", [stage.program("anxin-hub"), "--config", os.path.join(folder, "hub.ini")])

    def ready():
        try:
            return _request(_connection(folder, port, None), "GET", "/v1/health")[0] == 200
        except OSError:
            return False
    wait_for(ready, "the hub")
    with open(os.path.join(folder, "directory.der"), "rb") as file:
        status, text = _request(_connection(folder, port, 0), "PUT", "/v1/directory", file.read(), "application/pkcs7-mime")
    if status >= 300:
        raise RuntimeError(f"the directory was refused: {text[:300]}")
    problems = []

    def send(author):
        connection = _connection(folder, port, author)
        for body in bodies[author]:
            status, text = _request(connection, "POST", "/v1/records", body)
            if status != 200 or any(r["status"] != "stored" for r in json.loads(text)["results"]):
                problems.append(text[:300])
                return
    threads = [threading.Thread(target=send, args=(a,)) for a in range(AUTHORS)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    stage.stop("hub")
    if problems:
        raise RuntimeError(f"a batch was refused: {problems[0]}")
    return seconds


def _sqlite(folder, envelopes):
    db = sqlite3.connect(os.path.join(folder, "bare.db"), isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE rec (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    begin = time.monotonic()
    for start in range(0, len(envelopes), GROUP):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO rec (id, body) VALUES (?, ?)", [(str(start + i), body) for i, body in enumerate(envelopes[start:start + GROUP])])
        db.execute("COMMIT")
    seconds = time.monotonic() - begin
    db.close()
    return seconds


def records(build):
    ratios, ours, bare = [], [], []
    total = AUTHORS * BATCHES * RECORDS
    size = 0
    for _ in range(ROUNDS):
        with Stage(build, accessible=False, keyring=False) as stage:
            folder, port = stage.path("bench"), free_port()
            os.makedirs(folder)
            made = subprocess.run([os.path.join(build, "build-aux", "measure", "make-records"), folder, str(port), str(AUTHORS), str(BATCHES), str(RECORDS)],
                                  capture_output=True, text=True, check=True)
            size = int(made.stdout)
            bodies = []
            for author in range(AUTHORS):
                bodies.append([])
                for batch in range(BATCHES):
                    with open(os.path.join(folder, f"batch-{author}-{batch}.json"), "rb") as file:
                        bodies[author].append(file.read())
            envelopes = [base64.b64decode(e) for author in bodies for body in author for e in json.loads(body)["records"]]
            hub_seconds = _hub(build, stage, folder, port, bodies)
            bare_seconds = _sqlite(folder, envelopes)
            ours.append(total / hub_seconds)
            bare.append(total / bare_seconds)
            ratios.append(bare_seconds / hub_seconds)
    return {"records": total, "envelope_bytes": size, "clients": AUTHORS, "batch": RECORDS, "hub_per_second": round(statistics.median(ours)),
            "bare_sqlite_per_second": round(statistics.median(bare)), "ratio": round(statistics.median(ratios), 3), "rounds": ROUNDS}
