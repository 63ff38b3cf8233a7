# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk with 10,000 records, its calendar with 2,000 bookings, and what sealing costs."""

import json
import os
import subprocess


def run(build, target, *arguments):
    subprocess.run(["ninja", "-C", build, target], check=True, stdout=subprocess.DEVNULL)
    # In memory: the disk of the machine is not what is measured, and 10,000 single commits would be all of it.
    environment = {**os.environ, "TMPDIR": "/dev/shm"}
    done = subprocess.run([os.path.join(build, target), *arguments], check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])


def desk(build):
    """Start and search with 10,000 real sealed records; the limits are 300 ms and 50 ms."""
    return run(build, "tests/sync/measure-index", "10000")


def calendar(build):
    """The staff's week with 2,000 bookings scrolled both ways, drawn in software; the limit is 33 ms a frame. "work" is processor time: on a machine that does
    nothing else a frame takes no longer, while the clock's time counts whatever else runs here."""
    target = "tests/desk/test-calendar"
    subprocess.run(["ninja", "-C", build, target], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([os.path.join(build, target), "-p", "/desk/calendar/scroll"], check=True, capture_output=True, text=True,
                          env={**os.environ, "GSK_RENDERER": "cairo", "ANX_FRAMES": "600"})
    line = next(line for line in done.stdout.splitlines() if line.startswith('# {"bookings"'))
    return json.loads(line[2:])


def seal(build):
    """Envelopes sealed and opened a second, and the share of the bare libcrypto operations' rate that is left."""
    return run(build, "build-aux/measure/seal-rate", "5", "3000")
