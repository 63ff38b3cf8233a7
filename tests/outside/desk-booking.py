#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Staff's work with bookings through the real desk and the real hub, by accessible names: book for somebody, find, move by keys,
check in, missed and taken back, walk-ins with the board, a closed room, the waiting list, a time sold without the hub, a working plan; a
counsellor's calendar address.

desk-booking.py BUILD [--out DIR] [--language zh_CN] [--dark] [--text PERCENT] [--size 1440x900]
"""

import argparse
import datetime
import json
import os
import sqlite3
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "build-aux", "demo"))

import screen  # noqa: E402
from district import COUNSELLOR, STAFF, District  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

NAME = "林小雨"
PHONE = "13900001234"
WAITS = "赵秋"
OFFLINE = "周夏"
HOTLINE = "hotline"
SOUGHT = "冯春"
REPORTED = "来电说邻居几天没有出门，敲门不应。"


def has(desk, part):
    return any(part in text for text in desk.texts())


def told(desk, template, seconds=20):
    """Waits for the fixed part of a text that has a placeholder."""
    part = max(desk.words(template).replace("%s", "\0").split("\0"), key=len)
    wait_for(lambda: has(desk, part), f"“{part}”", seconds)


class Run:
    def __init__(self, stage, out, language, size, text):
        self.stage = stage
        self.out = out
        self.text = text
        words = screen.Words(os.path.join(stage.build, "po"), language)
        self.district = District(stage)
        self.desks = {n: screen.Program(stage, n, stage.start_screen(n, size, managed=True), words) for n in (STAFF, COUNSELLOR)}
        self.shots = 0

    def picture(self, name, who=STAFF):
        time.sleep(0.5)
        self.shots += 1
        if self.out:
            self.desks[who].picture(os.path.join(self.out, f"{self.shots:02d}-{name}.png"))

    def start(self, name):
        # Larger texts, as the desktop's settings make them. Not before the window manager is there: a screen that its last program leaves forgets them.
        if self.text != 100:
            subprocess.run(["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", f"Xft.dpi:\t{96 * self.text // 100}\n"],
                           env={**self.stage.env, **self.desks[name].env}, check=True)
        self.stage.start(name, [self.stage.program("anxin-desk"), "--profile", self.district.profile(name), "--test-media"], env=self.desks[name].env)

    def key(self, *names, who=STAFF):
        for name in names:
            subprocess.run(["xdotool", "key", name], env={**self.stage.env, **self.desks[who].env}, check=True)
            time.sleep(0.15)

    def leave(self, text):
        """Escape closes the window with that text. A key that comes while the window before it is just going reaches nobody, so once more."""
        self.key("Escape")
        try:
            self.desks[STAFF].wait_gone(text, 2)
        except TimeoutError:
            self.key("Escape")
            self.desks[STAFF].wait_gone(text)

    def book(self, name, which=0):
        desk = self.desks[STAFF]
        desk.press("_Book for somebody…")
        desk.type("Name of the resident", name)
        desk.type("Telephone of the resident", PHONE)
        desk.press("_Book", 30)
        desk.wait("Booked. This is the resident’s code:", 30)
        self.picture(f"code-{which}")
        desk.press("_Close")
        wait_for(lambda: has(desk, name), "the booking in the calendar", 30)

    def find_time(self):
        """A free time by keys: in this week, or in the next, as late in a week none may be left in it."""
        keys = ("Down", "Up", "Left", "Right", "Next", "Down", "Up", "Left", "Right")
        for i, name in enumerate(keys):
            self.key(name)
            wait_for(lambda: not has(self.desks[STAFF], self.desks[STAFF].words("asking…")), "the rule's answer", 20)
            try:
                told(self.desks[STAFF], "%s. Enter or another click puts it here, Escape leaves it.", 1 if i < len(keys) - 1 else 20)
                return
            except TimeoutError:
                if i == len(keys) - 1:
                    raise

    def close_and_wait(self):
        """The only room with a kiosk is closed for long: nothing is free, so somebody waits; open again, the person is booked from the list."""
        desk = self.desks[STAFF]
        desk.press("Closed rooms…", exact=False)
        desk.wait("No room is closed")
        # From the beginning of the day: at night somebody is booked before the hour that the form proposes.
        desk.type("Closed from what time", "0:00")
        desk.type("Last day", (datetime.date.today() + datetime.timedelta(days=100)).isoformat())
        self.picture("close-room")
        desk.press("_Close the room")
        desk.wait("Open again", 20, screen.BUTTONS)
        told(desk, "Nothing new is booked there. Bookings that stand there stay until you have spoken with the residents. Sessions by telephone go on.")
        self.picture("room-closed")
        self.key("Escape")
        desk.wait("A room is closed while somebody is booked there", 20)
        self.picture("work")
        desk.press("_Book for somebody…")
        desk.wait("Nothing is free in the next three months. Try another person or service, or the waiting list.", 20)
        desk.type("Name of the resident", WAITS)
        desk.type("Telephone of the resident", PHONE)
        self.picture("nothing-free")
        desk.press("Put on the waiting _list")
        desk.wait("On the waiting list for four weeks. When a time becomes free, it says so under “Needs a look”.", 20)
        self.picture("on-the-list")
        self.key("Escape")
        desk.press("Closed rooms…", exact=False)
        desk.press("Open again", exact=False)
        desk.wait("No room is closed", 20)
        self.key("Escape")
        desk.press("Waiting list…", exact=False)
        desk.wait_text(WAITS, "who waits")
        desk.wait("Nothing has become free yet.", 20)
        if desk.find("Called, no answer yet", screen.BUTTONS, False) is not None:
            raise AssertionError("nobody is to be called, and yet the desk asks whether they were")
        self.picture("waiting")
        desk.press("Book…", exact=False)
        wait_for(lambda: desk.ready("_Book"), "a free time", 20)
        self.picture("from-the-list")
        desk.press("_Book")
        desk.wait("Booked. This is the resident’s code:", 30)
        desk.press("_Close")
        desk.wait("Nobody waits for a time", 20)
        self.leave("Nobody waits for a time")

    def without_hub(self):
        """A time that is lent to this desk is sold while the hub is away, and is at the hub when that is back."""
        desk = self.desks[STAFF]
        self.district.stop_hub()
        desk.press("_Book for somebody…")
        desk.wait("The hub cannot be reached. These times are kept for this desk: what you book now holds.", 30)
        desk.type("Name of the resident", OFFLINE)
        self.picture("without-hub")
        desk.press("_Book")
        desk.wait("Booked. This is the resident’s code:", 30)
        desk.press("_Close")
        # It may lie in another week than the one that is shown.
        desk.type("Search bookings by name or telephone", OFFLINE)
        wait_for(lambda: has(desk, OFFLINE), "the booking among what was found", 20)
        self.picture("sold-without-hub")
        desk.type("Search bookings by name or telephone", "")
        self.district.start_hub()
        wait_for(lambda: self.count_sold() == 1, "the booking at the hub", 60)

    def from_outside(self):
        """The hotline hands in a case; the staff take it on, book for the person, and the hotline learns that it is closed."""
        desk = self.desks[STAFF]
        profile = self.district.profile(HOTLINE)
        case = {"centre": "yunhe", "source": "hotline", "urgency": "immediate", "name": SOUGHT, "phone": PHONE, "address": "云河街道 3 号楼 2 单元",
                "reported": REPORTED, "reporter": "李四", "reporterPhone": "13900005678"}
        handed = json.loads(self.stage.run(self.stage.program("anxinctl"), "intake", "send", "--folder", profile, stdin=json.dumps(case))[1])
        desk.wait("Somebody should be looked after", 20)
        wait_for(lambda: has(desk, SOUGHT) and has(desk, REPORTED), "what was handed in", 20)
        self.picture("from-outside")
        desk.press("I look after it")
        desk.press("Book for this person…", 20)
        wait_for(lambda: desk.ready("_Book"), "a free time", 20)
        self.picture("from-outside-book")
        desk.press("_Book")
        desk.wait("Booked. This is the resident’s code:", 30)
        desk.press("_Close")
        desk.wait_gone("Somebody should be looked after", 20)
        status = json.loads(self.stage.run(self.stage.program("anxinctl"), "intake", "status", "--folder", profile, handed["id"])[1])
        if (handed["status"], status["status"]) != ("received", "closed"):
            raise AssertionError(f"the hotline was told {handed['status']}, then {status['status']}")
        with sqlite3.connect(f"file:{os.path.join(self.district.folder, 'hub', 'hub.db')}?mode=ro", uri=True) as database:
            found = database.execute("SELECT outcome FROM intake").fetchall() + database.execute("SELECT 1 FROM booking WHERE origin = 'outreach'").fetchall()
        if found != [("booked",), (1,)]:
            raise AssertionError(f"at the hub: {found}")

    def count_sold(self):
        path = os.path.join(self.district.folder, "hub", "hub.db")
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM booking WHERE lease IS NOT NULL AND status = 'booked' AND origin = 'staff'").fetchone()[0]

    def run(self):
        desk = self.desks[STAFF]
        self.district.create()
        for who in (STAFF, COUNSELLOR):
            self.district.enrol(who)
            self.start(who)
        self.district.enrol(HOTLINE)
        desk.wait("By counsellor", 40)
        self.picture("empty")
        self.book(NAME)
        self.book("王大明", 1)
        self.picture("week")
        desk.press("Day")
        self.picture("day")
        desk.press("List")
        self.picture("list")
        desk.press("Week")
        # A lost code: found by the telephone number, then shown in the pane.
        desk.type("Search bookings by name or telephone", PHONE[-4:])
        wait_for(lambda: has(desk, "139"), "what was found", 10)
        self.picture("found")
        node = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and NAME in screen.text_of(n)), None), "the found booking")
        desk.press_node(node)
        desk.wait("Check in now", 10)
        told(desk, "Made: %s")
        desk.type("Search bookings by name or telephone", "")
        self.picture("pane")
        # Moved by keys: the next free time, Enter puts it there.
        before = [t for t in desk.texts() if NAME in t]
        desk.press("_Move…")
        told(desk, "%s. Click a time or use the arrow keys, Page Up and Page Down for other weeks; Escape leaves it.")
        wait_for(lambda: not has(desk, desk.words("asking…")), "the rule's answer", 20)
        self.find_time()
        self.picture("moving")
        self.key("Return")
        told(desk, "The old time becomes free for others. Please tell the resident yourself.")
        self.picture("why-moved")
        desk.press("Mo_ve it")
        desk.wait("Moved. Please tell the resident.", 20)
        wait_for(lambda: [t for t in desk.texts() if NAME in t] != before, "another time in the calendar")
        told(desk, "Moved to %s, %s")
        wait_for(lambda: has(desk, desk.words("The resident wishes it")), "why it was moved", 20)
        self.picture("moved")
        desk.press("Did not come…")
        told(desk, "The time becomes free for others. It can be taken back, and nobody loses a right by it.")
        self.picture("why-missed")
        desk.press("_Did not come")
        desk.press("Take back: not missed", 20)
        desk.press("Check in now", 20)
        desk.wait("Waiting", 20)
        self.picture("checked-in")
        # Walk-ins: numbers, not names.
        desk.press("Walk-ins", exact=False)
        for _ in range(3):
            desk.press("New ticket")
            time.sleep(0.6)
        wait_for(lambda: has(desk, "(3)") or has(desk, "（3）"), "three who wait", 20)
        desk.press("Call _next")
        desk.press("Skip", exact=False)
        desk.press("Call _next")
        self.picture("queue")
        desk.press("Board for a second screen")
        desk.wait("Called numbers (F11: whole screen)", 20)
        self.picture("board")
        self.key("Escape")
        desk.press("Needs a look", exact=False)
        self.from_outside()
        self.close_and_wait()
        self.without_hub()
        desk.press("Working _plans…")
        told(desk, "Beginnings in the next two weeks: %s")
        self.picture("plan")
        desk.press("Add _hours")
        self.picture("plan-more")
        desk.press("_Save plan")
        desk.wait("Saved. Bookings that exist stay as they are; please look whether any lies outside the new hours.", 20)
        other = self.desks[COUNSELLOR]
        wait_for(lambda: other.find("Calendar on my telephone", screen.BUTTONS, False), "the address of the calendar", 30)
        self.picture("my-day", COUNSELLOR)
        other.press("Calendar on my telephone", exact=False)
        other.press("_Make a new address")
        wait_for(lambda: any("/v1/calendars/" in t for t in other.texts()), "the address", 20)
        self.picture("address", COUNSELLOR)
        other.press("_End the address")
        wait_for(lambda: not any("/v1/calendars/" in t for t in other.texts()), "the end of the address", 20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--out")
    parser.add_argument("--language", default="zh_CN")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--text", type=int, default=100)
    parser.add_argument("--size", default="1440x900")
    arguments = parser.parse_args()
    if arguments.out:
        os.makedirs(arguments.out, exist_ok=True)
    with Stage(arguments.build) as stage:
        stage.env["LANGUAGE"] = arguments.language
        if arguments.dark:
            stage.env["GTK_THEME"] = "Adwaita:dark"
            stage.env["ADW_DEBUG_COLOR_SCHEME"] = "prefer-dark"
        screen.connect(stage.env)
        run = Run(stage, arguments.out, arguments.language, arguments.size, arguments.text)
        try:
            run.run()
        except BaseException:
            if arguments.out:
                for name, desk in run.desks.items():
                    if name in stage.processes:
                        run.picture("failure", name)
                        print(desk.dump()[-6000:], file=sys.stderr)
            raise
    print("ok")


if __name__ == "__main__":
    main()
