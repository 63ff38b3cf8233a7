# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/bench: measurements against rivals in the same run; one JSON line each."""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "demo")]

import booking  # noqa: E402
import call  # noqa: E402
import crisis  # noqa: E402
import desk  # noqa: E402
import hub  # noqa: E402
import kiosk  # noqa: E402
import reconnect  # noqa: E402
import records  # noqa: E402
import scoring  # noqa: E402

MEASUREMENTS = {"call": call.call, "hub": hub.hub, "touch": kiosk.touch, "memory": kiosk.memory, "records": records.records,
                "reconnect": reconnect.reconnect, "scoring": scoring.scoring, "desk": desk.desk, "calendar": desk.calendar, "race": booking.race,
                "slots": booking.slots, "seal": desk.seal, "crisis": crisis.crisis}


def main():
    parser = argparse.ArgumentParser(prog="build-aux/bench")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(MEASUREMENTS))
    arguments = parser.parse_args()
    failed = False
    for name in arguments.names or MEASUREMENTS:
        if name not in MEASUREMENTS:
            parser.error(f"no measurement named {name}")
        try:
            print(json.dumps({"bench": name, **MEASUREMENTS[name](arguments.build)}), flush=True)
        except Exception as error:  # a measurement that cannot run must be seen, and must not hide the others
            failed = True
            print(json.dumps({"bench": name, "error": f"{type(error).__name__}: {error}"}), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
