#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The referral loop through the real desks and the real hub, by accessible names: refer, ask back, answer, appointment, missed, complete;
a contradiction and its end; follow-up visits; sent back; what the district sees; a report by law without the hub. By hand: it takes minutes.

desk-referral.py BUILD [--out DIR] [--language zh_CN] [--size 1440x900] [--scale 1.0]
"""

import argparse
import os
import re
import sqlite3
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "build-aux", "demo"))

import screen  # noqa: E402
from district import COUNSELLOR, DEPARTMENT, STAFF, District  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

SUPERVISOR = "gao-yuan"
NAME = "林小雨"
PHONE = "13900001234"
REASON = "近一个月入睡困难，希望做医疗评估。"
QUESTION = "是否正在服药？"
REPLY = "没有服药，近期未就诊。"
OUTCOME = "已面诊，建议每周复诊一次。"


def has(desk, part):
    return any(part in text for text in desk.texts())


class Run:
    def __init__(self, stage, arguments):
        self.stage = stage
        self.out = arguments.out
        words = screen.Words(os.path.join(stage.build, "po"), arguments.language)
        self.chinese = arguments.language.startswith("zh")
        self.district = District(stage)
        self.desks = {n: screen.Program(stage, n, stage.start_screen(n, arguments.size, managed=True), words)
                      for n in (STAFF, COUNSELLOR, DEPARTMENT, SUPERVISOR)}
        self.shots = 0

    def picture(self, name, who=COUNSELLOR):
        if not self.out:
            return
        time.sleep(0.7)
        self.shots += 1
        self.desks[who].picture(os.path.join(self.out, f"{self.shots:02d}-{name}.png"))

    def start(self, name):
        self.stage.start(name, [self.stage.program("anxin-desk"), "--profile", self.district.profile(name), "--test-media"], env=self.desks[name].env)

    def count(self, where):
        with sqlite3.connect(f"file:{os.path.join(self.district.folder, 'hub', 'hub.db')}?mode=ro", uri=True) as db:
            return db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]

    def scroll_down(self, who):
        """To the end of the page under the pointer, for a picture."""
        if self.out:
            env = {**self.stage.env, **self.desks[who].env}
            subprocess.run(["xdotool", "mousemove", "700", "500"], env=env, check=False)
            subprocess.run(["xdotool", "click", "--repeat", "60", "5"], env=env, check=False)

    def page(self, who, name):
        """One of the pages at the side; its button may tell a number behind the name."""
        desk = self.desks[who]
        word = desk.words(name)
        node = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and
                                      (screen.text_of(n) == word or screen.text_of(n).startswith(word + " ("))), None), f"the page “{word}”", 40)
        desk.press_node(node)

    # --- what people do ---

    def book(self):
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
        counsellor.wait("_Refer onward…", 30, screen.BUTTONS, True)

    def session(self):
        """Back to the session: its page is named with the person; after a new start it is opened from the records."""
        desk = self.desks[COUNSELLOR]
        word = desk.words("Session: %s") % NAME
        node = next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n) == word), None)
        if node is None:
            self.page(COUNSELLOR, "Records")
            desk.press("Open session", 20)
        else:
            desk.press_node(node)
        desk.wait("_Refer onward…", 20, screen.BUTTONS, True)

    def refer(self, department, pictures=False):
        desk = self.desks[COUNSELLOR]
        desk.press("_Refer onward…", 30)
        desk.wait("Who receives it", 30)
        if pictures:
            self.picture("refer-form")
        desk.press(desk.words("Choose %s") % department)
        desk.type("Reason", REASON)
        if pictures:
            self.scroll_down(COUNSELLOR)
            self.picture("refer-form-end")
        part = desk.words("I have asked: %s agrees that %s receives what is marked above").split("%s")[0]
        switch = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("toggle button", "switch", "check box") and part in screen.text_of(n)), None),
                          "the consent switch")
        desk.press_node(switch)
        told = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("toggle button", "switch", "check box") and
                                      desk.words("The resident wants to read at the kiosk how it stands") in screen.text_of(n)), None), "the switch for the kiosk")
        desk.press_node(told)
        desk.press("_Send")
        desk.wait_gone("Who receives it", 20)

    def words_for(self, who, action, send, text, picture=None):
        """An action that asks for words."""
        desk = self.desks[who]
        desk.press(action, 30)
        wait_for(lambda: desk.find(send, screen.BUTTONS), f"“{desk.words(send)}”", 20)
        # The dialog, which comes first, is there by now: the window below may have fields, too.
        entry = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("text", "entry") and n.get_editable_text_iface()), None), "the field", 20)
        if text:
            screen.Atspi.EditableText.set_text_contents(entry, text)
        if picture:
            self.picture(picture, who)
        desk.press(send, 20)

    def as_file(self):
        """Given out with a reason, which is recorded; what stands in the file is shown before anything is written, and all of it is here already."""
        counsellor, department = self.desks[COUNSELLOR], self.desks[DEPARTMENT]
        path = os.path.join(self.stage.path(), "given-out.json")
        self.page(COUNSELLOR, "Referrals")
        counsellor.press("As a _file…", 30)
        counsellor.wait("Why is it given out as a file?", 20)
        entry = wait_for(lambda: next((n for n in counsellor.all() if screen.text_of(n) == counsellor.words("Why it is given out as a file") or
                                       (screen.role(n) == "text" and n.get_editable_text_iface())), None), "the field", 20)
        screen.Atspi.EditableText.set_text_contents(entry, "对方没有工作台，电话约好用文件。")
        self.picture("file-why")
        counsellor.press("_Save as file…", 20)
        time.sleep(1.5)  # the system's own dialog: nothing in it is ours to wait for
        self.type_path(COUNSELLOR, path, True)
        wait_for(lambda: os.path.exists(path), "the file", 20)
        if os.stat(path).st_mode & 0o777 != 0o600:
            raise AssertionError("others can read the file")
        wait_for(lambda: self.count("record WHERE kind = 'access' AND author = 'li-wenjing'") >= 1, "the record that it was given out", 40)
        department.press("_Take over from a file…", 20)
        time.sleep(1.5)
        self.type_path(DEPARTMENT, path, False)
        department.wait("Take this referral over?", 20)
        wait_for(lambda: has(department, REASON), "what stands in the file", 20)
        self.picture("file-shown", DEPARTMENT)
        events = self.count("record")
        department.press("_Take it over", 20)
        department.wait("All of it was here already. Nothing was changed.", 20)
        if self.count("record") != events:
            raise AssertionError("something was written twice")

    def type_path(self, who, path, whole):
        """Into the system's file dialog, which has the keyboard; a name that is proposed is replaced."""
        env = {**self.stage.env, **self.desks[who].env}
        if whole:
            subprocess.run(["xdotool", "key", "ctrl+a"], env=env, check=True)
        subprocess.run(["xdotool", "type", "--delay", "20", path], env=env, check=True)
        time.sleep(0.5)
        subprocess.run(["xdotool", "key", "Return"], env=env, check=True)

    def run(self):
        mental = {True: "区精神卫生中心", False: "District Mental Health Centre"}[self.chinese]
        legal = {True: "司法所法律援助", False: "Legal Aid"}[self.chinese]
        self.district.create()
        for who in self.desks:
            self.district.enrol(who)
            self.start(who)
        counsellor, department = self.desks[COUNSELLOR], self.desks[DEPARTMENT]
        self.book()
        self.refer(mental, True)
        wait_for(lambda: has(department, NAME), "the referral at the department", 40)
        self.picture("session-after", COUNSELLOR)
        self.picture("department-new", DEPARTMENT)
        self.words_for(DEPARTMENT, "As_k back…", "_Ask", QUESTION, "ask-back")
        wait_for(lambda: has(counsellor, QUESTION), "the question", 40)
        self.page(COUNSELLOR, "Referrals")
        self.picture("referrals-asked")
        self.words_for(COUNSELLOR, "_Answer the question…", "_Answer", REPLY, "reply")
        wait_for(lambda: has(department, REPLY), "the answer", 40)
        department.press("_Accept", 30)
        self.words_for(DEPARTMENT, "_Appointment…", "_Make it", "", "appointment")
        # What was chosen is what is read, whatever zone this machine is set to.
        wait_for(lambda: any(re.search(r"\b0?9:00", text) for text in counsellor.texts()), "nine o'clock at the counsellor", 40)
        department.press("Did _not come", 30)
        self.picture("unattended", DEPARTMENT)
        self.words_for(DEPARTMENT, "_Appointment…", "_Make it", "")
        department.press("The resident _was there", 30)
        # The card is made anew with each step: what is pressed in that moment is gone.
        wait_for(lambda: self.count("referral WHERE business_status = '5.1.4'") == 1, "the attendance at the hub", 40)
        self.words_for(DEPARTMENT, "_Complete with feedback…", "_Send feedback", OUTCOME, "complete")
        wait_for(lambda: has(counsellor, OUTCOME), "the outcome", 40)
        self.picture("referrals-done")
        self.as_file()
        # A contradiction: the department asks while the counsellor, who does not know it yet, withdraws.
        self.session()
        self.refer(mental)
        wait_for(lambda: self.count("referral WHERE status = 'requested'") == 1, "the second referral at the hub", 40)
        wait_for(lambda: department.find("_Accept", screen.BUTTONS), "the second referral at the department", 40)
        self.district.stop_hub()
        self.page(COUNSELLOR, "Referrals")
        self.words_for(COUNSELLOR, "_Withdraw…", "_Withdraw", "来访者撤回同意。", "withdraw")
        counsellor.wait("Withdrawn", 20)
        self.stage.stop(COUNSELLOR, 15)
        self.words_for(DEPARTMENT, "As_k back…", "_Ask", QUESTION)
        self.district.start_hub()
        wait_for(lambda: self.count("referral WHERE status = 'on-hold'") == 1, "the question at the hub", 60)
        self.start(COUNSELLOR)
        wait_for(lambda: self.count("referral WHERE status = 'cancelled'") == 1, "the withdrawal at the hub", 60)
        self.page(COUNSELLOR, "Records")
        counsellor.wait("Nothing was lost: both are kept. Please say which one holds.", 40)
        self.picture("records-conflict")
        self.page(COUNSELLOR, "Referrals")
        self.picture("referrals-conflict")
        self.page(COUNSELLOR, "Records")
        events = self.count("record WHERE kind = 'referral-event'")
        counsellor.press("This one holds", 20)
        wait_for(lambda: self.count("record WHERE kind = 'referral-event'") == events + 1, "the choice at the hub", 40)
        self.picture("records-after")
        # Somebody is to be called on again; nobody answers; then reached.
        self.session()
        self.words_for(COUNSELLOR, "Follow _up…", "_Plan it", "一周后问问睡眠。", "follow-up-plan")
        self.page(COUNSELLOR, "Follow-ups")
        counsellor.wait("Coming", 20)
        self.picture("follow-ups-coming")
        for tries in range(3):
            counsellor.press("_Not reached", 20)
            wait_for(lambda: self.count("record WHERE kind = 'follow-up'") == tries + 2, "the try at the hub", 40)
        counsellor.wait("Lost", 20)
        self.picture("follow-ups-lost")
        self.words_for(COUNSELLOR, "_Reached…", "_Keep", "接到电话，睡眠好些。", "follow-up-reached")
        counsellor.wait("Coming", 20)
        self.words_for(COUNSELLOR, "_End…", "_End it", "情况稳定。")
        counsellor.wait("Ended", 20)
        self.picture("follow-ups-ended")
        # Forwarded, and what the district sees of all.
        self.session()
        self.refer(mental)
        self.words_for(DEPARTMENT, "Belongs _elsewhere…", "_Send back", "属于法律问题。", "forward")
        wait_for(lambda: self.count("referral WHERE forward IS NOT NULL") == 1, "what was sent back", 40)
        self.page(COUNSELLOR, "Referrals")
        wait_for(lambda: has(counsellor, legal), "the hint where it belongs", 40)
        self.picture("forwarded")
        self.picture("department-end", DEPARTMENT)
        self.picture("supervision", SUPERVISOR)
        self.page(COUNSELLOR, "Records")
        self.picture("records")
        self.picture("staff", STAFF)
        self.report_without_hub(mental)

    def report_without_hub(self, department):
        """What the law wants at once has not gone out: that is said, with what to do instead; and it goes out by itself."""
        desk = self.desks[COUNSELLOR]
        self.session()
        self.district.stop_hub()
        wait_for(lambda: has(desk, desk.words("○ Offline. You can go on working.").split(" ")[0]), "the desk to see that the hub is gone", 60)
        before = self.count("record WHERE kind = 'mandatory-report'")
        desk.press("Report by la_w…", 20)
        desk.wait("Whom it is about", 20)
        part = desk.words("Choose %s").split("%s")[0].strip()
        case = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n).startswith(part)), None),
                        "the first case", 20)
        desk.press_node(case)
        desk.press(desk.words("Choose %s") % department)
        desk.type("Name, or “not known”", NAME)
        desk.type("What you know", REASON)
        self.picture("report-form")
        desk.press("_Send")
        desk.wait("The report has not gone out yet", 20)
        self.picture("report-kept")
        desk.press("_Go back", 20)
        self.district.start_hub()
        wait_for(lambda: self.count("record WHERE kind = 'mandatory-report'") == before + 1, "the report at the hub", 60)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--out")
    parser.add_argument("--language", default="zh_CN")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--scale", default="1")
    arguments = parser.parse_args()
    if arguments.out:
        os.makedirs(arguments.out, exist_ok=True)
    with Stage(arguments.build) as stage:
        stage.env["LANGUAGE"] = arguments.language
        stage.env["GDK_DPI_SCALE"] = arguments.scale
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
