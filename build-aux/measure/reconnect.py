# SPDX-License-Identifier: GPL-3.0-or-later
"""Kiosks that come back all at once after an outage. ANX_RECONNECT="1900 200" is a whole district; the default is a tenth of its kiosks."""

import json
import os
import subprocess


def reconnect(build):
    kiosks, records = os.environ.get("ANX_RECONNECT", "190 20").split()
    done = subprocess.run([os.path.join(build, "src", "ctl", "anxinctl"), "load", "--hub", os.path.join(build, "src", "hub", "anxin-hub"), "--kiosks", kiosks,
                           "--records", records], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[:300])
    return json.loads(done.stdout)
