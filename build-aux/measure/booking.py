# SPDX-License-Identifier: GPL-3.0-or-later
"""Booking. "race": claims a second when 64 clients race for some 500 slots through HTTPS at a hub on SQLite, beside threads that race for the same number
of rows of a table with nothing but a unique key. "slots": how long a question for free time takes with 50 counsellors and 60 days, against 100 ms."""

import json
import os
import re
import sqlite3
import subprocess
import tempfile
import threading
import time

CLIENTS, SLOTS, TRIES, SEARCH_LIMIT_MS = 64, 500, 24, 100


def _bare(folder):
    """Each claim a transaction of its own, synced as the hub's writer syncs; the second of two claims of a row fails by its key."""
    path = os.path.join(folder, "bare.db")
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE slot (id INTEGER PRIMARY KEY, who TEXT)")
    lock, won = threading.Lock(), []

    def race(number):
        for i in range(TRIES):
            with lock:
                try:
                    connection.execute("INSERT INTO slot VALUES (?, ?)", ((number * SLOTS // CLIENTS + i) % SLOTS, str(number)))
                    won.append(1)
                except sqlite3.IntegrityError:
                    pass

    threads = [threading.Thread(target=race, args=(number,)) for number in range(CLIENTS)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    if len(won) != SLOTS:
        raise RuntimeError(f"{len(won)} winners for {SLOTS} rows")
    return CLIENTS * TRIES / seconds


def race(build):
    program = os.path.join(build, "tests", "hub", "test-booking")
    subprocess.run(["ninja", "-C", build, "tests/hub/test-booking", "src/hub/anxin-hub"], capture_output=True, check=True)
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    done = subprocess.run([program, "-p", "/hub/booking/race"], capture_output=True, text=True, check=False,
                          env={**os.environ, "ANX_TOP_BUILD": build, "ANX_TOP_SOURCE": source})
    told = re.search(r"(\d+) claims of (\d+) clients for (\d+) slots: (\d+) won, (\d+) lost, (\d+) with alternatives, \d+ asked again; (\d+) claims/s", done.stdout)
    if done.returncode or told is None:
        raise RuntimeError("the race was not run to its end")
    claims, clients, slots, won, lost, helped, rate = map(int, told.groups())
    with tempfile.TemporaryDirectory() as folder:
        bare = _bare(folder)
    return {"clients": clients, "slots": slots, "claims": claims, "won": won, "lost": lost, "lost_with_alternatives": helped, "claims_per_s": rate,
            "bare_insert_per_s": round(bare), "ratio": round(rate / bare, 4)}


def slots(build):
    subprocess.run(["ninja", "-C", build, "build-aux/measure/slot-search"], capture_output=True, check=True)
    done = subprocess.run([os.path.join(build, "build-aux", "measure", "slot-search")], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("the search did not end well")
    figures = json.loads(done.stdout)
    return {**figures, "limit_ms": SEARCH_LIMIT_MS, "p99_ratio": round(figures["first_500_p99_ms"] / SEARCH_LIMIT_MS, 3)}
