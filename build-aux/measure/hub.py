# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty hub: from start to listening against 0.3 s, memory against 30 MB."""

import os
import statistics
import subprocess
import time

from district import free_port
from stage import Stage

START_LIMIT_MS, MEMORY_LIMIT_MB, ROUNDS = 300, 30, 7


def hub(build):
    starts, memory = [], []
    for _ in range(ROUNDS):
        with Stage(build, accessible=False, keyring=False) as stage:
            folder = stage.path("bench")
            os.makedirs(folder)
            subprocess.run([os.path.join(build, "build-aux", "measure", "make-records"), folder, str(free_port()), "1", "1", "1"], capture_output=True, check=True)
            begin = time.monotonic()
            process = stage.start("hub", [stage.program("anxin-hub"), "--config", os.path.join(folder, "hub.ini")], stdout=subprocess.PIPE)
            line = process.stdout.readline()
            starts.append((time.monotonic() - begin) * 1000)
            if b"listening" not in line:
                raise RuntimeError("the hub did not start")
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                memory.append(next(int(text.split()[1]) for text in file if text.startswith("VmRSS:")) / 1024)
            stage.stop("hub")
            process.stdout.close()
    start, rss = statistics.median(starts), statistics.median(memory)
    return {"start_ms": round(start, 1), "start_range_ms": [round(min(starts), 1), round(max(starts), 1)], "start_limit_ms": START_LIMIT_MS,
            "start_ratio": round(start / START_LIMIT_MS, 3), "rss_mb": round(rss, 1), "rss_limit_mb": MEMORY_LIMIT_MB,
            "rss_ratio": round(rss / MEMORY_LIMIT_MB, 3), "rounds": ROUNDS}
