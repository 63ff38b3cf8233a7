#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hub, kiosk shell, resident process and desks are killed (SIGKILL) at random moments of the job and started again on the same data:
nothing that a screen acknowledged is lost or doubled.

Acknowledged is what a person saw: a slip with its code, the help page's words that the message is kept or sent, the desk's "Saved and
sealed", an alert that went quiet under the duty officer's hand; in a whole run also a questionnaire's result page, "checked in", the thanks
for a rating, a referral that is on its way and a department's answer to it. Actions that a kill cuts off begin again and count for nothing.

ANX_CRASHES kills (default 8), ANX_WHOLE=1 for a whole run, with screenings, calls, ratings and referrals, ANX_SEED repeats a run's choices (moments still depend on the machine), ANX_KEEP keeps the data in a folder."""

import base64
import collections
import contextlib
import hashlib
import json
import os
import random
import re
import secrets
import sqlite3
import sys
import threading
import time

import job
import screen
from district import COUNSELLOR, DATA, DEPARTMENT, DUTY, KIOSK
from stage import Stage, wait_for

KILLS = int(os.environ.get("ANX_CRASHES", "8"))
SEED = int(os.environ.get("ANX_SEED") or secrets.randbelow(10**9))
WHOLE = os.environ.get("ANX_WHOLE") == "1"
HUB, RESIDENT = "hub", "resident"
WRITERS = (KIOSK, COUNSELLOR, DUTY, *((DEPARTMENT,) if WHOLE else ()))
TARGETS = (HUB, RESIDENT, *WRITERS)
STANDING = ("booked", "checked-in", "arrived", "fulfilled")
SERVICE = "short"
HELP_KEPT = ("Someone has seen your message and is on the way. Please stay here.",
             "Your message has reached the people on duty. We will say here when someone is on the way.",
             "Your message is on its way to the people on duty.",
             "Your message is on a colleague's screen in this building. We will say here when someone is on the way. "
             "You can also go out to the staff, or call one of these numbers.",
             "The network is not there just now. Your message is kept and goes out as soon as it is back. "
             "Please do not wait for it: go out to the staff, or call one of these numbers now.")
HELP_NOT_SENT = ("The message could not be sent yet. Please go out to the staff, or call one of these numbers. This machine goes on trying.",
                 "The message could not be sent. Please go out to the staff now, or call one of these numbers.")
SAVED = "Saved and sealed to you. A colleague can open it only in an emergency, and you are told."
LIVE = "In the call. The other side sees and hears you."


def leaves(items):
    """The questions of a questionnaire in their order."""
    for item in items:
        yield item
        yield from leaves(item.get("item", []))


def find(value, key):
    """Every value of that member in a JSON value."""
    for name, inside in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name == key:
            yield inside
        yield from find(inside, key)


def answers(resource):
    """The answered questions of a response."""
    return [i for items in find(resource, "item") for i in items if i.get("answer")]


class Interrupted(Exception):
    """What this action stood on was killed."""


class Killer(threading.Thread):
    """Kills and starts again. The thread stays until the stage is taken down: what it starts dies with it."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.random = random.Random(SEED)
        self.kills = collections.Counter()
        self.aimed = threading.Event()
        self.done = threading.Event()
        self.leave = threading.Event()
        self.error = None

    def run(self):
        try:
            # Each target in turn before any comes twice, so that a short run meets all of them.
            bag = []
            for _ in range(KILLS):
                if not bag:
                    bag = self.random.sample(TARGETS, len(TARGETS))
                self.wait_for_the_moment()
                if self.leave.is_set():
                    return
                self.kill(bag.pop())
        except Exception as error:
            self.error = error
        finally:
            self.done.set()
        self.leave.wait()

    def wait_for_the_moment(self):
        """Half of the kills fall anywhere, half shortly after a button that writes something was pressed."""
        if self.random.random() < 0.5:
            self.leave.wait(self.random.uniform(0.5, 5.0))
            return
        self.aimed.clear()
        self.aimed.wait(20.0)
        self.leave.wait(self.random.uniform(0.0, 0.7) ** 2)

    def kill(self, target):
        stage = self.work.stage
        if target == RESIDENT:
            # The oldest child is the visit, when there is one; else the spare.
            children = self.work.kiosk.pids()[1:]
            if children:
                self.kills[target] += 1
                os.kill(children[0], 9)
            return
        process = stage.processes[target]
        if process.poll() is not None:
            raise AssertionError(f"{target} had ended by itself with {process.returncode}")
        self.kills[target] += 1
        process.kill()
        process.wait()
        # A short absence and a long one are different stories for the others.
        self.leave.wait(self.random.choice((0.0, 0.3, 3.0)))
        if target == HUB:
            self.work.district.start_hub()
        else:
            self.work.start(target)


class Crash(job.Job):
    def __init__(self, stage):
        super().__init__(stage, stage.path("logs"), stage.env["LANGUAGE"], 0)
        self.random = random.Random(SEED + 1)
        self.killer = Killer(self)
        self.watching = ()
        self.before = 0
        self.slips, self.alerts, self.notes, self.answered = [], set(), [], set()
        self.arriving, self.arrived, self.live = set(), set(), 0
        self.screenings, self.ratings, self.referrals, self.events, self.feedback = {}, set(), [], set(), []
        self.cut = collections.Counter()
        self.problems = []
        screen.wait_for = job.wait_for = self.wait

    # --- waiting that ends when what it waits for is gone ------------------------------------------------------------------

    def count_kills(self):
        return sum(self.killer.kills[t] for t in self.watching)

    def wait(self, condition, what, seconds=20.0, step=0.05):
        def look():
            if self.count_kills() != self.before:
                raise Interrupted(what)
            try:
                return condition()
            except screen.GLib.Error:
                return None
        return wait_for(look, what, seconds, step)

    def act(self, name, action, *watching):
        self.watching = watching
        self.before = self.count_kills()
        try:
            action()
        except (Interrupted, TimeoutError, RuntimeError, screen.GLib.Error) as error:
            self.cut[name] += 1
            print(f"  {name} cut off: {type(error).__name__}: {error}", flush=True)

    def strike(self, program, text, exact=True):
        """Presses a button that writes, with the killer told a little before or right after."""
        node = self.wait(lambda: program.ready(text, exact), f"the button “{self.words(text)}”")
        early = self.random.random() < 0.5
        if early:
            self.killer.aimed.set()
        program.press_node(node)
        if not early:
            self.killer.aimed.set()

    # --- the work ----------------------------------------------------------------------------------------------------------------

    def set_up(self):
        self.district.create()
        for principal in WRITERS:
            self.district.enrol(principal)
            self.start(principal)
        self.kiosk.wait("Touch to begin", 40)

    def attract(self):
        """Leaves the visit there may be. The attract screen is always there, under the visit's window."""
        def there():
            if self.kiosk.find("This machine is resting", None, False):
                raise AssertionError("the kiosk rests: " + " / ".join(self.kiosk.texts()))
            leave = self.kiosk.find("Leave", screen.BUTTONS)
            if leave is not None:
                self.kiosk.press_node(leave)
                return False
            return self.kiosk.find("Touch to begin", screen.BUTTONS, False)
        self.wait(there, "the attract screen", 40, 0.3)

    def begin(self):
        """Touches again where the touch fell into the moment in which the visit before ended."""
        def home():
            if self.kiosk.find("What can we do for you?"):
                return True
            if self.kiosk.find("Leave", screen.BUTTONS) is None:
                touch = self.kiosk.find("Touch to begin", screen.BUTTONS, False)
                if touch is not None:
                    self.kiosk.press_node(touch)
            return None
        self.wait(home, "the first page", 40, 0.4)

    def until(self, shown, what, seconds):
        """Touches "Try again" as a resident would while the hub is away."""
        def look():
            found = shown()
            if found:
                return found
            again = self.kiosk.find("Try again", screen.BUTTONS)
            if again is not None:
                self.kiosk.press_node(again)
            return None
        return self.wait(look, what, seconds, 0.3)

    def book(self, soon=False):
        """`soon`: at the first time there is, so that one can check in at once."""
        phone = "1" + "".join(self.random.choices("3456789", k=2)) + f"{self.random.randrange(10**8):08d}"
        self.attract()
        self.begin()
        self.choose_service()
        self.choose_counsellor_of_service()
        days = self.until(self._dated, "days with free times", 30)
        self.kiosk.press_node(days[0] if soon else self.random.choice(days[:6]))
        self.kiosk.wait("At what time?")
        times = self.wait(self._times, "free times")
        self.kiosk.press_node(times[0] if soon else self.random.choice(times))
        self.kiosk.wait("What may we call you?")
        self.keys("wang")
        self.kiosk.press("王")
        self.kiosk.press("Next")
        self.kiosk.wait("Where can we call you?")
        self.keys(phone)
        self.kiosk.press("Next")
        self.kiosk.wait("Is everything right?")
        self.strike(self.kiosk, "Book this time")
        self.until(lambda: self.kiosk.find("Your time is booked", None, False), "the slip", 60)
        code = self.wait(lambda: next((t.strip() for t in self.kiosk.texts() if re.fullmatch(r"[A-Z0-9]{4}[-– ][A-Z0-9]{4}", t.strip())), None), "the code")
        self.slips.append((re.sub("[^A-Z0-9]", "", code), phone))

    def choose_counsellor_of_service(self):
        self.choose_counsellor_page()
        self.kiosk.press({"zh": "李文静", "en": "Li Wenjing"}[self.zh()])
        self.kiosk.wait("Which day suits you?")

    def choose_service(self):
        self.kiosk.press("Book a counsellor")
        self.kiosk.wait("What would you like?")

    def choose_counsellor_page(self):
        self.kiosk.press({"zh": "二十分钟短谈", "en": "A short talk"}[self.zh()])
        self.kiosk.wait("When, and with whom?")

    def help(self):
        # A press from outside takes effect 250 ms later: what an action pressed that was cut off may happen in this one.
        since = (time.time() - 2) * 1e6
        self.attract()
        if self.random.random() < 0.5:
            self.begin()
        self.strike(self.kiosk, "I need help now", exact=False)

        def told():
            texts = self.kiosk.texts()
            return [w for w in (*HELP_KEPT, *HELP_NOT_SENT) if any(self.words(w) in t for t in texts)]
        said = self.wait(told, "what became of the message")
        if any(w in said for w in HELP_NOT_SENT):
            raise RuntimeError("the page says that it could not send")
        self.keep_alert(since, f"“{said[0]}”")

    def keep_alert(self, since, what):
        """Each page that says so stands for one alert of its own; check_counts() finds those that stand for none."""
        own = [r[0] for r in self.rows(KIOSK, "SELECT id FROM record WHERE kind = 'alert' AND created >= ? ORDER BY sequence DESC", int(since))
               if r[0] not in self.alerts]
        if own:
            self.alerts.add(own[0])
        else:
            self.problems.append(f"the help page after {what}, and the outbox had no new alert")

    def note(self):
        desk = self.session()
        text = f"第{len(self.notes) + 1}次：{self.random.getrandbits(64):016x}"
        desk.type("Note, sealed to you", text)
        desk.wait("Not yet saved")
        self.strike(desk, "_Save note")
        desk.wait(SAVED, 15)
        self.notes.append(text)

    def session(self):
        """The counsellor's desk with a session open, of somebody whose name is there: a kill may have come between the time and the name."""
        desk = self.on[COUNSELLOR]
        label = self.words("Note, sealed to you")
        nameless = self.words("Name not yet here")

        def has_name(button):
            row = button
            for _ in range(4):
                row = screen.parent(row)
                if screen.role(row) == "list item":
                    break
            return any("王" in screen.text_of(n) for n in screen.walk_shown(row))

        def editor():
            if any(screen.text_of_label(n) == label for n in desk.all()):
                if nameless not in desk.texts():
                    return True
                desk.press("My day")
            button = next((n for n in desk.all() if screen.role(n) in screen.BUTTONS and screen.text_of(n) == self.words("Open") and has_name(n)), None)
            if button is not None:
                desk.press_node(button)
            return None
        self.wait(editor, "a session on the desk", 25, 0.4)
        return desk

    def answer(self):
        """The duty officer goes; the alarm moves on to the next or is quiet."""
        desk = self.on[DUTY]
        before = self.ids(DUTY, "alert-acknowledgement")
        button = desk.find("I am _going", screen.BUTTONS)
        if button is None:
            return
        self.strike(desk, "I am _going")
        self.answered |= self.wait(lambda: self.ids(DUTY, "alert-acknowledgement") - before, "the answer to an alert", 10)

    # --- and in a whole run ------------------------------------------------------------------------------------------------------

    def new_ids(self, principal, kind, before, what):
        return self.wait(lambda: self.ids(principal, kind) - before, what, 10)

    def screening(self):
        """A resident who books answers the short questionnaire; one in four so that the long one and its question about danger follow."""
        danger = self.random.random() < 0.25
        before = self.ids(KIOSK, "screening")
        self.book()
        self.kiosk.press("Fill in a questionnaire now")
        self.kiosk.wait("Before you begin")
        self.kiosk.press("Yes")
        self.kiosk.press("Begin")
        given = {}
        if danger:
            self.danger(since=(time.time() - 2) * 1e6)
        else:
            with open(os.path.join(DATA, "..", "questionnaires", "phq-4.json"), encoding="utf-8") as file:
                items = [i for i in leaves(json.load(file)["item"]) if i.get("answerOption")]
            for item in items:
                # A sum so low that nothing more is asked.
                chosen = self.random.randrange(2)
                given[item["linkId"]] = item["answerOption"][chosen]["valueCoding"]["code"]
                if item is items[-1]:
                    self.killer.aimed.set()
                self.answer_to(self.kiosk_question(item), chosen)
        self.kiosk.wait("Thank you for your answers", 30)
        for record in self.new_ids(KIOSK, "screening", before, "the screening in the outbox"):
            self.screenings[record] = given

    def kiosk_question(self, item):
        """The words of a question, once they are on the page."""
        text = item["text"] if self.zh() == "en" else next(p["valueString"] for e in item["_text"]["extension"] for p in e["extension"] if p["url"] == "content")
        self.kiosk.wait_text(text, "the question", 20)
        return text

    def answer_to(self, question, index):
        self.radio(index)
        self.wait(lambda: question not in self.kiosk.texts(), "the next page")

    def danger(self, since):
        """To the question about danger and past the help page that its answer brings."""
        danger = self._item("phq-9", "44260-8")
        self._answer_until(danger, lambda *_: 2)
        self.killer.aimed.set()
        self.radio(1)
        self.wait(lambda: any(self.words(w) in t for w in HELP_KEPT for t in self.kiosk.texts()), "what became of the message")
        self.keep_alert(since, "an answer that shows danger")
        self.kiosk.press("Go on with the questions", exact=False)
        self._answer_until(self.words("Thank you for your answers"), lambda *_: 1)

    def call(self):
        """A resident checks in, is called, and rates the talk; the killer is told when the call lives."""
        desk = self.on[COUNSELLOR]
        end = desk.find("_End call", screen.BUTTONS)
        if end is not None:
            desk.press_node(end)
        self.book(soon=True)
        code, phone = self.slips[-1]
        self.attract()
        self.begin()
        self.kiosk.press("I have a code: check in")
        self.keys(code)
        self.arriving.add(code)
        self.strike(self.kiosk, "Next")
        self.until(lambda: self.kiosk.find("You are checked in", None, False), "that the kiosk has checked in", 40)
        self.arrived.add(code)
        self.open_who_waits(desk, phone)
        desk.press("Start _call", 40)
        desk.wait(LIVE, 180)
        self.live += 1
        self.killer.aimed.set()
        if self.random.random() < 0.5:
            # Some calls last until one of their ends is killed, at most a while.
            with contextlib.suppress(TimeoutError):
                self.wait(lambda: False, "the end of a call", 6)
        desk.press("_End call", 60)
        self.kiosk.wait("How was the talk?", 30)
        before = self.ids(KIOSK, "rating")
        self.radio(self.random.randrange(5))
        self.strike(self.kiosk, "Send")
        self.kiosk.wait("Thank you, and take care", 20)
        self.ratings |= self.new_ids(KIOSK, "rating", before, "the rating in the outbox")

    def open_who_waits(self, desk, phone):
        """Answers the ring. Who checked in before, and whose visit was killed, rings first: their session is finished, nobody is there."""
        ring = self.words("%s is here and waiting") % "王"
        for _ in range(KILLS + 1):
            self.wait(lambda: any(ring in t for t in desk.texts()), "the desk to ring", 40)
            desk.press("_Open")
            with contextlib.suppress(TimeoutError):
                self.wait(lambda: any(phone in t for t in desk.texts()), "the session of who is there", 6)
                return
            desk.press("_Finish session")
            self.wait(lambda: desk.find("_Finish session", screen.BUTTONS) is None, "the end of a session without anybody", 20)
        raise AssertionError("the desk never rings for who is there")

    def refer(self):
        desk = self.on[COUNSELLOR]
        cancel = desk.find("_Cancel", screen.BUTTONS) if desk.find("Who receives it") else None
        if cancel is not None:
            desk.press_node(cancel)
        self.session()
        before = self.ids(COUNSELLOR, "referral")
        reason = f"事由{len(self.referrals) + 1}：{self.random.getrandbits(64):016x}"
        desk.press("_Refer onward…")
        desk.wait("Who receives it", 15)
        desk.press(self.words("Choose %s") % {"zh": "区精神卫生中心", "en": "District Mental Health Centre"}[self.zh()])
        desk.type("Reason", reason)
        asked = self.words("I have asked: %s agrees that %s receives what is marked above").split("%s")[0]
        switch = self.wait(lambda: next((n for n in desk.all() if screen.role(n) in ("toggle button", "switch", "check box") and
                                         asked in screen.text_of(n)), None), "the consent switch")
        desk.press_node(switch)
        self.strike(desk, "_Send")
        time.sleep(1)  # as in wait_gone()
        self.wait(lambda: desk.find("Who receives it") is None, "the form to go", 20)
        self.new_ids(COUNSELLOR, "referral", before, "the referral in the outbox")
        self.referrals.append(reason)

    def department(self):
        """The next step of a referral: accepts it, begins, completes it with feedback."""
        desk = self.on[DEPARTMENT]
        before = self.ids(DEPARTMENT, "referral-event")
        for step in ("_Accept", "_Begin"):
            if desk.find(step, screen.BUTTONS) is not None:
                self.strike(desk, step)
                self.events |= self.new_ids(DEPARTMENT, "referral-event", before, "the step in the outbox")
                return
        if desk.find("_Complete with feedback…", screen.BUTTONS) is None:
            return
        feedback = f"反馈{len(self.feedback) + 1}：{self.random.getrandbits(64):016x}"
        desk.press("_Complete with feedback…")
        entry = self.wait(lambda: next((n for n in desk.all() if screen.role(n) in ("text", "entry") and n.get_editable_text_iface()), None),
                          "the feedback field")
        screen.Atspi.EditableText.set_text_contents(entry, feedback)
        self.strike(desk, "_Send feedback", exact=False)
        self.events |= self.new_ids(DEPARTMENT, "referral-event", before, "the feedback in the outbox")
        self.feedback.append(feedback)

    def choose(self):
        """What is done next: first everything once, then by chance."""
        if WHOLE:
            actions = {"book": (self.slips, 2), "help": (self.alerts, 2), "note": (self.notes, 3), "screening": (self.screenings, 3),
                       "refer": (self.referrals, 4), "call": (self.ratings, 3)}
        else:
            actions = {"book": (self.slips, 4), "help": (self.alerts, 3), "note": (self.notes, 4)}
        missing = [name for name, (done, _) in actions.items() if not done]
        return missing[0] if missing else self.random.choices(list(actions), [weight for _, weight in actions.values()])[0]

    def everything_once(self):
        done = [self.slips, self.alerts, self.notes, self.answered]
        return all(done + ([self.screenings, self.ratings, self.referrals, self.events, self.feedback] if WHOLE else []))

    def work(self):
        self.killer.start()
        end = time.monotonic() + (600 + KILLS * 60 if WHOLE else 90 + KILLS * 20)
        watching = {"note": (COUNSELLOR,), "refer": (COUNSELLOR,), "call": (KIOSK, RESIDENT, COUNSELLOR)}
        while not (self.killer.done.is_set() and self.everything_once()):
            if time.monotonic() > end:
                raise AssertionError(f"too slow: {self.acknowledged()}, cut off {dict(self.cut)}")
            name = self.choose()
            self.act(name, getattr(self, name), *watching.get(name, (KIOSK, RESIDENT)))
            if self.random.random() < 0.7:
                self.act("answer", self.answer, DUTY)
            if WHOLE:
                self.act("department", self.department, DEPARTMENT)
        if self.killer.error:
            raise self.killer.error
        self.watching = ()
        self.before = 0

    # --- the proof --------------------------------------------------------------------------------------------------------------------

    def rows(self, where, sql, *values):
        path = os.path.join(self.district.folder, "hub", "hub.db") if where == HUB else os.path.join(self.district.profile(where), "client.db")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(sql, values).fetchall()

    def ids(self, principal, kind):
        return {r[0] for r in self.rows(principal, "SELECT id FROM record WHERE kind = ? AND author = ?", kind, principal)}

    def check(self, true, words):
        if not true:
            self.problems.append(words)

    def all_run(self):
        for name in (HUB, *WRITERS):
            self.check(self.stage.processes[name].poll() is None, f"{name} has ended by itself with {self.stage.processes[name].returncode}")
        self.attract()

    def drained(self):
        for name in WRITERS:
            try:
                self.wait(lambda: not self.rows(name, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sent')"), f"{name}'s outbox to drain", 150, 0.2)
            except TimeoutError as error:
                self.problems.append(str(error))

    def check_records(self):
        """What stands in an outbox stands at the hub, once and the same; the hub has nothing of these authors that they did not write."""
        for name in WRITERS:
            mine = self.rows(name, "SELECT id, outbox.sequence, digest, envelope, state, problem FROM outbox JOIN record USING (id)")
            theirs = collections.defaultdict(list)
            for row in self.rows(HUB, "SELECT id, place, digest, envelope FROM record WHERE author = ?", name):
                theirs[row[0]].append(row[1:])
            for record, sequence, digest, envelope, state, problem in mine:
                self.check(state == "acknowledged", f"{name}'s record {sequence} is {state}: {problem}")
                self.check(len(theirs[record]) == 1, f"{name}'s record {sequence} stands {len(theirs[record])} times at the hub")
                self.check(theirs[record][:1] == [(sequence, digest, envelope)], f"{name}'s record {sequence} is another at the hub")
                self.check(hashlib.sha256(envelope).hexdigest() == digest, f"{name}'s record {sequence} has another digest")
            self.check(sorted(r[1] for r in mine) == list(range(1, len(mine) + 1)), f"{name}'s places have gaps or doubles")
            for record in set(theirs) - {r[0] for r in mine}:
                self.problems.append(f"the hub has a record of {name} that its outbox does not know")

    def opener(self, principal):
        """Opens envelopes with that person's key."""
        folder = self.stage.path("opened")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        names = {n: os.path.join(folder, n) for n in ("key.pem", "certificate.pem", "envelope.der")}
        with open(names["key.pem"], "w", encoding="ascii") as file:
            file.write(self.stage.run("secret-tool", "lookup", "district", "lanling", "principal", principal, "use", "seal")[1])
        with open(os.path.join(self.district.profile(principal), "profile.json"), encoding="utf-8") as profile, \
                open(names["certificate.pem"], "w", encoding="ascii") as file:
            file.write(json.load(profile)["sealCertificate"])

        def read(envelope):
            with open(names["envelope.der"], "wb") as file:
                file.write(envelope)
            return json.loads(self.district.ctl("record", "open", "--key", names["key.pem"], "--certificate", names["certificate.pem"], "--authority",
                                                os.path.join(self.district.folder, "hub", "authority.pem"), names["envelope.der"])[1])["resource"]
        return read

    def at_hub(self, author, kind):
        """(routing header, envelope) of each record of that kind at the hub."""
        headers = {r[0]: json.loads(r[1])["routing"] for r in self.rows(author, "SELECT id, header FROM record WHERE kind = ? AND author = ?", kind, author)}
        return [(headers.get(r[0], {}), r[1]) for r in self.rows(HUB, "SELECT id, envelope FROM record WHERE kind = ? AND author = ?", kind, author)]

    def check_slips(self, read):
        contacts = collections.defaultdict(list)
        for routing, envelope in self.at_hub(KIOSK, "contact"):
            contacts[routing.get("booking")].append(envelope)
        bookings = self.rows(HUB, "SELECT id, status, code_hash FROM booking")
        for number, (code, phone) in enumerate(self.slips, 1):
            key = hashlib.scrypt(code.encode(), salt=b"lanling", n=2**15, r=8, p=1, maxmem=2**26, dklen=32).hex()
            found = [b for b in bookings if b[2] == hashlib.sha256(key.encode()).hexdigest()]
            wanted = STANDING[1:] if code in self.arrived else STANDING if code in self.arriving else ("booked",)
            self.check(len(found) == 1 and found[0][1] in wanted, f"slip {number} has {len(found)} bookings: {[b[1] for b in found]}")
            for booking in found:
                sealed = contacts[booking[0]]
                self.check(len(sealed) == 1, f"slip {number} has {len(sealed)} contacts")
                self.check(all(read(e)["telecom"][0]["value"] == phone for e in sealed), f"the contact of slip {number} is somebody else's")
        self.check(set(contacts) <= {b[0] for b in bookings}, "a contact names a booking that the hub does not have")
        return len(bookings) - len(self.slips)

    def check_cells(self):
        """Each booking that stands holds its counsellor, room and kiosk for its minutes and buffers, and nobody else holds them."""
        with open(os.path.join(DATA, "district.json"), encoding="utf-8") as file:
            service = next(s for s in json.load(file)["services"] if s["id"] == SERVICE)
        held = collections.defaultdict(set)
        for resource, cell, booking in self.rows(HUB, "SELECT resource, cell, holder FROM cell"):
            held[booking].add((resource, cell))
        taken = collections.Counter()
        for booking, counsellor, centre, room, kiosk, start in self.rows(HUB, f"SELECT id, counsellor, centre, room, kiosk, start FROM booking WHERE status IN {STANDING}"):
            minute = start // 60_000_000
            cells = range((minute - service["before"]) // 5, (minute + service["minutes"] + service["after"] + 4) // 5)
            wanted = {(r, c) for r in (f"counsellor:{counsellor}", f"room:{centre}/{room}", f"kiosk:{kiosk}") for c in cells}
            taken.update(wanted)
            self.check(held.pop(booking, set()) == wanted, "a booking holds other cells than its own")
        leases = {row[0] for row in self.rows(HUB, "SELECT id FROM lease WHERE state IN ('lent', 'stray')")}
        holds = {row[0] for row in self.rows(HUB, "SELECT id FROM hold")}
        self.check(set(held) <= leases | holds, "cells are held by no booking that stands, no lease and no hold")
        self.check(all(n == 1 for n in taken.values()), "two bookings share a cell")

    def check_notes(self, read):
        texts = collections.Counter()
        for _, envelope in self.at_hub(COUNSELLOR, "note"):
            texts[base64.b64decode(read(envelope)["content"][0]["attachment"]["data"]).decode()] += 1
        for number, text in enumerate(self.notes, 1):
            self.check(texts[text] == 1, f"note {number} opens {texts[text]} times")
        self.check(all(n == 1 for n in texts.values()), "a note is doubled")

    def check_alerts(self):
        known = collections.Counter(r[0] for r in self.rows(HUB, "SELECT id FROM alert"))
        stored = collections.Counter(r[0] for r in self.rows(HUB, "SELECT id FROM record WHERE kind = 'alert'"))
        self.check(known == stored, "the hub's alerts are not its records of alerts")
        for alert in self.alerts:
            self.check(known[alert] == 1, f"an alert stands {known[alert]} times at the hub")
        answers = collections.Counter(routing.get("alert") for routing, _ in self.at_hub(DUTY, "alert-acknowledgement"))
        self.check(all(n == 1 for n in answers.values()), "an alert was answered twice")
        answered = {r[0] for r in self.rows(HUB, "SELECT id FROM alert WHERE acknowledged IS NOT NULL")}
        self.check(set(answers) == answered, "the hub does not know who answered which alert")
        stored = {r[0] for r in self.rows(HUB, "SELECT id FROM record WHERE kind = 'alert-acknowledgement'")}
        self.check(self.answered <= stored, "an answer to an alert is lost")

    def check_screenings(self, read):
        """Each acknowledged screening is at the hub once and holds the answers given; no booking has a questionnaire twice."""
        mine = dict(self.rows(HUB, "SELECT id, envelope FROM record WHERE kind = 'screening'"))
        for number, (record, given) in enumerate(self.screenings.items(), 1):
            self.check(record in mine, f"screening {number} is lost")
            if record in mine and given:
                said = {i["linkId"]: i["answer"][0]["valueCoding"]["code"] for i in answers(read(mine[record]))}
                self.check(said == given, f"screening {number} has other answers than were given")
        told = collections.Counter((r.get("booking"), next(find(read(e), "questionnaire"), None)) for r, e in self.at_hub(KIOSK, "screening"))
        self.check(all(n == 1 for n in told.values()), "a screening is doubled")

    def check_referrals(self, read):
        """Each acknowledged referral and each answer to it opens once; the hub's status of a referral is the last that was written."""
        for kind, author, texts, what in (("referral", COUNSELLOR, self.referrals, "referral"), ("referral-event", DEPARTMENT, self.feedback, "feedback")):
            opened = [json.dumps(read(envelope), ensure_ascii=False) for _, envelope in self.at_hub(author, kind)]
            for number, text in enumerate(texts, 1):
                count = sum(text in one for one in opened)
                self.check(count == 1, f"{what} {number} opens {count} times")
        status = dict(self.rows(HUB, "SELECT task, status FROM referral"))
        written = [routing.get("task") for routing, _ in self.at_hub(COUNSELLOR, "referral")]
        self.check(sorted(written) == sorted(status), "the hub's referrals are not its records of referrals")
        steps = collections.defaultdict(list)
        for routing, _ in self.at_hub(DEPARTMENT, "referral-event"):
            steps[routing["task"]].append(routing["status"])
        for task, taken in steps.items():
            self.check(len(taken) == len(set(taken)), f"a referral was answered twice: {taken}")
            self.check(status.get(task) in taken and ("completed" not in taken or status[task] == "completed"), "the hub has another status than the department")
        stored = {r[0] for r in self.rows(HUB, "SELECT id FROM record WHERE kind = 'referral-event'")}
        self.check(self.events <= stored, "an answer of the department is lost")

    def check_ratings(self):
        stored = {r[0] for r in self.rows(HUB, "SELECT id FROM record WHERE kind = 'rating'")}
        self.check(self.ratings <= stored, "a rating is lost")
        rated = collections.Counter(routing.get("booking") for routing, _ in self.at_hub(KIOSK, "rating"))
        self.check(all(n == 1 for n in rated.values()), "a session was rated twice")

    def check_counts(self):
        """What was cut off may have been written once, and never twice."""
        books, helps = ("book", "screening", "call"), ("help", "screening")
        for names, table, condition, acknowledged in ((books, "booking", "1", self.slips), (books, "record", "kind = 'contact'", self.slips),
                                                      (helps, "alert", "1", self.alerts), (("note",), "record", "kind = 'note'", self.notes),
                                                      (("refer",), "record", "kind = 'referral'", self.referrals),
                                                      (("call",), "record", "kind = 'rating'", self.ratings)):
            count = self.rows(HUB, f"SELECT count(*) FROM {table} WHERE {condition}")[0][0]
            most = len(acknowledged) + sum(self.cut[name] for name in names)
            self.check(count <= most, f"{count} rows in {table} ({condition}), though {', '.join(names)} were begun at most {most} times")

    def acknowledged(self):
        counts = {"slips": self.slips, "alerts": self.alerts, "notes": self.notes, "answers": self.answered, "checkIns": self.arrived,
                  "screenings": self.screenings, "ratings": self.ratings, "referrals": self.referrals, "departmentSteps": self.events}
        return {name: len(what) for name, what in counts.items() if WHOLE or what} | ({"callsLive": self.live} if WHOLE else {})

    def prove(self):
        self.all_run()
        self.drained()
        self.check_records()
        read = self.opener(COUNSELLOR)
        without_slip = self.check_slips(read)
        self.check_cells()
        self.check_notes(read)
        self.check_alerts()
        if WHOLE:
            self.check_screenings(read)
            self.check_referrals(read)
            self.check_ratings()
        self.check_counts()
        for name in (HUB, *WRITERS):
            self.check(self.rows(name, "PRAGMA integrity_check") == [("ok",)], f"{name}'s database is damaged")
        print(json.dumps({"seed": SEED, "kills": dict(self.killer.kills),
                          "acknowledged": self.acknowledged(),
                          "cutOff": dict(self.cut), "bookingsWithoutSlip": without_slip, "records": self.rows(HUB, "SELECT count(*) FROM record")[0][0],
                          "problems": len(self.problems)}), flush=True)


def main(build):
    print(f"ANX_CRASHES={KILLS} ANX_SEED={SEED}", flush=True)
    with Stage(build, keep=os.environ.get("ANX_KEEP")) as stage:
        crash = Crash(stage)
        try:
            crash.set_up()
            crash.work()
            crash.prove()
        finally:
            crash.killer.leave.set()
    for problem in crash.problems:
        print(f"FAIL {problem}")
    return 1 if crash.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
