#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Break-glass through the real desks and the real hub, by accessible names: a note is written; a colleague opens it for a reason; the author and the
supervision are told though the colleague's desk dies at once; nothing of it is on the colleague's disk; the time is over; without the hub it is
said that nobody can. By hand: it takes two minutes.

desk-glass.py BUILD [--out DIR] [--language zh_CN] [--text PERCENT] [--size 1440x900]
"""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "build-aux", "demo"))

import screen  # noqa: E402
from district import COUNSELLOR, DUTY, STAFF, District  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

SUPERVISOR = "gao-yuan"
NAME = "林小雨"
PHONE = "13900001234"
NOTE = "谈到最近的失眠，约好下周再来。琥珀七四二。"
WORDS = "她打来电话说撑不下去了，李文静今天请假，手机关机。"


def has(desk, part):
    return any(part in text for text in desk.texts())


class Run:
    def __init__(self, stage, arguments):
        self.stage = stage
        self.out = arguments.out
        self.text = arguments.text
        words = screen.Words(os.path.join(stage.build, "po"), arguments.language)
        self.district = District(stage)
        self.desks = {n: screen.Program(stage, n, stage.start_screen(n, arguments.size, managed=True), words) for n in (STAFF, COUNSELLOR, DUTY, SUPERVISOR)}
        self.shots = 0

    def picture(self, name, who=DUTY):
        if self.out:
            time.sleep(0.7)
            self.shots += 1
            self.desks[who].picture(os.path.join(self.out, f"{self.shots:02d}-{name}.png"))

    def start(self, name):
        # Larger texts, as the desktop's settings make them.
        if self.text != 100 and name != STAFF:
            subprocess.run(["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", f"Xft.dpi:\t{96 * self.text // 100}\n"],
                           env={**self.stage.env, **self.desks[name].env}, check=True)
        self.stage.start(name, [self.stage.program("anxin-desk"), "--profile", self.district.profile(name), "--test-media"], env=self.desks[name].env)

    def count(self, where):
        with sqlite3.connect(f"file:{os.path.join(self.district.folder, 'hub', 'hub.db')}?mode=ro", uri=True) as db:
            return db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]

    def page(self, who, name):
        desk = self.desks[who]
        word = desk.words(name)
        node = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and
                                      (screen.text_of(n) == word or screen.text_of(n).startswith(word + " ("))), None), f"the page “{word}”", 40)
        desk.press_node(node)

    def write_note(self):
        desk = self.desks[STAFF]
        desk.press("_Book for somebody…", 40)
        desk.type("Name of the resident", NAME)
        desk.type("Telephone of the resident", PHONE)
        desk.press("_Book", 30)
        desk.wait("Booked. This is the resident’s code:", 30)
        desk.press("_Close")
        counsellor = self.desks[COUNSELLOR]
        wait_for(lambda: has(counsellor, NAME), "the booking at the counsellor", 40)
        counsellor.press("_Open", 30)
        counsellor.type("Note, sealed to you", NOTE)
        counsellor.press("_Save note")
        counsellor.wait("Saved and sealed to you. A colleague can open it only in an emergency, and you are told.", 15)
        self.picture("note-saved", COUNSELLOR)
        wait_for(lambda: self.count("behind_glass") == 1, "the note at the hub", 30)

    def open_dialog(self):
        self.page(DUTY, "Records")
        self.desks[DUTY].press("A colleague’s record in an _emergency…", 20)

    def give_reason(self, pictures):
        desk = self.desks[DUTY]
        part = desk.words("Open…")
        node = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n).startswith(part + ":")), None),
                        "the session of the colleague", 30)
        if pictures:
            self.picture("sessions")
        desk.press_node(node)
        desk.wait("Please choose why.", 20)
        if pictures:
            self.picture("reason-empty")
        # The first choice has the focus; what GTK 4.8 calls a check box cannot be pressed by its name.
        subprocess.run(["xdotool", "key", "space"], env={**self.stage.env, **desk.env}, check=True)
        desk.wait("Please write in a few words what happened.", 10)
        desk.type("What happened", WORDS)
        if pictures:
            self.picture("reason")
        desk.press(self.open_label(), 20)

    def open_label(self):
        """The button says for how long, in a plural that gettext of Python does not look up."""
        desk = self.desks[DUTY]
        prefix = desk.words("_Open").replace("_", "").split("(")[0]
        return wait_for(lambda: next((screen.text_of(n) for n in desk.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n).startswith(prefix)
                                      and any(c.isdigit() for c in screen.text_of(n)) and ":" not in screen.text_of(n)), None), "the button that opens", 10)

    def nothing_on_the_disk(self):
        """Not sealed, not open: the record is in no file of the reader's."""
        with sqlite3.connect(f"file:{os.path.join(self.district.profile(DUTY), 'client.db')}?mode=ro", uri=True) as db:
            if db.execute("SELECT count(*) FROM record WHERE kind = 'note'").fetchone()[0] != 0:
                raise RuntimeError("the note is among the reader's records")
        for folder, _, names in os.walk(self.district.profile(DUTY)):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    if "琥珀七四二".encode() in file.read():
                        raise RuntimeError(f"what was read stands in {name}")

    def limit(self, minutes):
        """The district's own limit, in a file of the hub."""
        with open(os.path.join(ROOT, "data", "care", "break-glass.json"), encoding="utf-8") as file:
            rules = json.load(file)
        rules["minutes"] = minutes
        with open(os.path.join(self.district.folder, "hub", "break-glass.json"), "w", encoding="utf-8") as file:
            json.dump(rules, file)
        path = os.path.join(self.district.folder, "hub", "hub.ini")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("[hub]", "[hub]\nbreak-glass=break-glass.json", 1))

    def run(self):
        self.district.create()
        for who in self.desks:
            self.district.enrol(who)
            self.start(who)
        duty = self.desks[DUTY]
        self.write_note()
        if has(duty, NOTE):
            raise RuntimeError("the colleague reads the note without a door")
        self.open_dialog()
        self.give_reason(True)
        wait_for(lambda: has(duty, NOTE), "the note, open", 30)
        self.picture("reading")
        self.nothing_on_the_disk()
        # The reader's desk is gone at once: who has to know it is told all the same.
        os.kill(self.stage.processes[DUTY].pid, signal.SIGKILL)
        self.stage.stop(DUTY, 10)
        for who in (COUNSELLOR, SUPERVISOR):
            wait_for(lambda: has(self.desks[who], WORDS) or self.page(who, "Records"), f"the notice at {who}", 40, 1)
        self.picture("notice-supervision-records", SUPERVISOR)
        self.page(SUPERVISOR, "Referrals")
        wait_for(lambda: has(self.desks[SUPERVISOR], WORDS), "the notice at the supervision", 20)
        self.picture("notice-supervision", SUPERVISOR)
        self.page(COUNSELLOR, "My day")
        wait_for(lambda: has(self.desks[COUNSELLOR], WORDS), "the notice at the author", 20)
        self.picture("notice-author", COUNSELLOR)
        self.nothing_on_the_disk()
        # Within the time no second reason is asked for; another limit holds for the next door.
        self.start(DUTY)
        self.open_dialog()
        part = duty.words("Read again")
        node = wait_for(lambda: next((n for n in duty.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n).startswith(part)), None), "the open door", 40)
        duty.press_node(node)
        wait_for(lambda: has(duty, NOTE), "the note again", 30)
        if self.count("record WHERE kind = 'break-glass'") != 1:
            raise RuntimeError("a second reason was written")
        self.stage.stop(DUTY, 15)
        self.district.stop_hub()
        with sqlite3.connect(os.path.join(self.district.folder, "hub", "hub.db")) as db:
            db.execute("UPDATE door SET until = opened")
        self.limit(1)
        self.district.start_hub()
        self.start(DUTY)
        self.open_dialog()
        self.give_reason(False)
        wait_for(lambda: has(duty, NOTE), "the note, for a minute", 40)
        duty.wait("The time is over", 80)
        if has(duty, NOTE):
            raise RuntimeError("what was open is still shown")
        self.picture("over")
        self.nothing_on_the_disk()
        self.stage.stop(DUTY, 15)
        # Without the hub nobody can, and that is said.
        self.start(DUTY)
        self.page(DUTY, "Records")
        self.district.stop_hub()
        wait_for(lambda: has(duty, duty.words("○ Offline. You can go on working.").split(" ")[0]), "the desk to see that the hub is gone", 60)
        self.open_dialog()
        duty.wait("It cannot be opened", 20)
        self.picture("offline")
        self.district.start_hub()
        if self.count("record WHERE kind = 'break-glass'") != 2:
            raise RuntimeError("a reason was kept for later")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--out")
    parser.add_argument("--language", default="zh_CN")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--text", type=int, default=100)
    arguments = parser.parse_args()
    if arguments.out:
        os.makedirs(arguments.out, exist_ok=True)
    with Stage(arguments.build) as stage:
        stage.env["LANGUAGE"] = arguments.language
        screen.connect(stage.env)
        run = Run(stage, arguments)
        try:
            run.run()
        except BaseException:
            for name, desk in run.desks.items():
                if name in stage.processes:
                    run.picture(f"failure-{name}", name)
                    print(f"--- {name}: {stage.processes[name].poll()}\n{desk.dump()[-5000:]}", file=sys.stderr)
                    with open(stage.path("logs", f"{name}.log"), encoding="utf-8", errors="replace") as log:
                        print(log.read()[-2000:], file=sys.stderr)
            raise
    print("ok")


if __name__ == "__main__":
    main()
