# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/run: the demonstration district, with windows or unattended. See build-aux/run --help."""

import argparse
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stage import Stage  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="build-aux/run", description="Brings up a demonstration district and runs Anxin's main job on it.")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--headless", action="store_true", help="drive the programs unattended on virtual screens")
    parser.add_argument("--out", metavar="DIR", help="where to leave pictures and run.json (with --headless)")
    parser.add_argument("--language", default="zh_CN", choices=["zh_CN", "en"], help="language of the windows (default zh_CN)")
    parser.add_argument("--keep", metavar="DIR", help="keep the district's data in this folder")
    parser.add_argument("--pause", type=float, default=5.0, metavar="SECONDS", help="how long the hub stays away in the outage steps (default 5; 60 shows a minute)")
    arguments = parser.parse_args()
    # Whatever ends us, the stage's clean-up runs.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))

    if arguments.headless:
        if not arguments.out:
            parser.error("--headless needs --out DIR")
        from job import run_job
        os.makedirs(arguments.out, exist_ok=True)
        return 0 if run_job(arguments.build, os.path.abspath(arguments.out), arguments.language, arguments.keep, arguments.pause) else 1

    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        print("There is no display here. Run  build-aux/run --headless --out DIR  to see the job in pictures.", file=sys.stderr)
        return 1
    from windows import run_windows
    return run_windows(arguments.build, arguments.language, arguments.keep)


if __name__ == "__main__":
    sys.exit(main())
