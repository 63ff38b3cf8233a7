# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration with windows on the present display."""

import sys
import threading
import time

from district import COUNSELLOR, DEPARTMENT, District, DUTY, KIOSK, STAFF
from stage import Stage

DESKS = (COUNSELLOR, DUTY, STAFF, DEPARTMENT)


def run_windows(build, language, keep):
    with Stage(build, keep=keep, display=True, accessible=False) as stage:
        stage.env["LANGUAGE"] = language
        stage.env.pop("GTK_A11Y", None)
        district = District(stage)
        print("Making the district's keys and starting the hub …", flush=True)
        district.create()
        for principal in (KIOSK, *DESKS):
            print(f"Enrolling {principal} …", flush=True)
            district.enrol(principal)
        stage.start(KIOSK, [stage.program("anxin-kiosk"), "--profile", district.profile(KIOSK), "--windowed", "--size", "900x1200", "--test-media"])
        for principal in DESKS:
            stage.start(principal, [stage.program("anxin-desk"), "--profile", district.profile(principal), "--test-media"])
        print("Hub, kiosk and four desks are running: a counsellor, the duty officer, a staff member, a department.\n"
              "Book at the kiosk, check in with the code, and see what rings where. Ctrl-C ends everything.", flush=True)
        try:
            while any(stage.processes[name].poll() is None for name in (KIOSK, *DESKS)):
                time.sleep(0.5)
            print("All windows were closed.")
        except KeyboardInterrupt:
            print("\nEnding everything …", flush=True)
    return 0
