# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, driven from outside through the accessibility interface: what README.md promises, seen to happen."""

import glob
import json
import os
import re
import sqlite3
import time
import traceback

import screen
import traces
from district import COUNSELLOR, DATA, DEPARTMENT, District, DUTY, KIOSK, STAFF
from stage import Stage, wait_for

# What residents and counsellors enter. None of it may be readable in any file of hub or kiosk afterwards.
NAME = "王晓明"
NAME_KEYS = (("wangxiaoming", "王晓明"),)
PHONE = "13905551234"
NOTE = "来访者近两周睡眠差，已约下周再谈。"
REASON = "睡眠与情绪需要医疗评估"
FEEDBACK = "已安排周四上午门诊，家属陪同。"
SECRETS = (NAME, PHONE, NOTE, REASON, FEEDBACK)

SIZES = {KIOSK: "1080x1920", COUNSELLOR: "1440x900", DUTY: "1440x900", STAFF: "1440x900", DEPARTMENT: "1440x900"}


class Job:
    def __init__(self, stage, out, language, pause):
        self.stage = stage
        self.out = out
        self.pause = pause
        self.steps = []
        self.district = District(stage)
        self.words = screen.Words(stage.env["ANX_LOCALE_DIR"], language)
        screen.connect(stage.env)
        self.on = {name: screen.Program(stage, name, stage.start_screen(name, size, managed=name != KIOSK), self.words)
                   for name, size in SIZES.items()}
        self.kiosk = self.on[KIOSK]
        self.code = None
        self.packing = []

    # --- running a step -------------------------------------------------------------------------------------------------

    def step(self, name, action, *shots):
        """Runs one step, takes a picture of each named program, keeps what happened. The job ends with the first that fails. What the step
        waited for last on a program must be in sight on its picture."""
        begin = time.monotonic()
        entry = {"name": name, "ok": False}
        for program in self.on.values():
            program.awaited = None
        try:
            detail = action()
            for program in (self.on[n] for n in shots):
                wait_for(program.shows_awaited, f"what was waited for to be in sight on {program.name}", 3)
            entry["ok"] = True
            if detail:
                entry["detail"] = detail
        except Exception as error:
            entry["error"] = f"{type(error).__name__}: {error}"
            with open(os.path.join(self.out, f"{len(self.steps) + 1:02d}-{name}.failure.txt"), "w", encoding="utf-8") as file:
                traceback.print_exc(file=file)
                for program in self.on.values():
                    if program.name in self.stage.processes:
                        file.write(f"\n--- {program.name}\n{program.dump()}\n--- its log\n{self.stage.last_of_log(program.name)}\n")
            shots = [n for n in self.on if n in self.stage.processes]
        entry["ms"] = round((time.monotonic() - begin) * 1000)
        entry["pictures"] = []
        if shots:
            time.sleep(0.4)  # one picture shows the page at rest, not in the middle of its transition
        for shot in shots:
            picture = f"{len(self.steps) + 1:02d}-{name}-{shot}.png"
            try:
                self.packing.append(self.on[shot].take_picture(os.path.join(self.out, picture)))
                entry["pictures"].append(picture)
            except Exception as error:
                entry.setdefault("error", f"no picture of {shot}: {error}")
                entry["ok"] = False
        self.steps.append(entry)
        with open(os.path.join(self.out, "run.json"), "w", encoding="utf-8") as file:
            json.dump({"steps": self.steps}, file, ensure_ascii=False, indent=1)
        print(f"{'ok  ' if entry['ok'] else 'FAIL'} {entry['ms']:>6} ms  {name}  {entry.get('error', '')}", flush=True)
        if not entry["ok"]:
            raise SystemExit(1)

    # --- small hands ----------------------------------------------------------------------------------------------------

    def start(self, name):
        program = "anxin-kiosk" if name == KIOSK else "anxin-desk"
        command = [self.stage.program(program), "--profile", self.district.profile(name), "--test-media"]
        if name == KIOSK:
            command += ["--size", SIZES[name]]
        self.stage.start(name, command, env=self.on[name].env)

    def radio(self, index, end=None):
        """Chooses the answer at that place on the kiosk's page; gives False when the page with the heading `end` has come instead."""
        def choices():
            nodes = list(self.kiosk.all())
            if end is not None and any(screen.text_of(n) == self.words(end) for n in nodes):
                return [None]
            found = [n for n in nodes if screen.role(n) in ("radio button", "toggle button") and screen.text_of_label(n) not in self._bar_names()]
            return found if len(found) > abs(index) else None

        def chosen():
            found = choices()
            if found is None or found == [None]:
                return found
            try:
                self.kiosk.press_node(found[index])
                return [True]
            except (screen.GLib.Error, RuntimeError):
                return None  # the page was replaced between looking and pressing: look again
        return wait_for(chosen, "the answers on the kiosk") == [True]

    def chosen(self):
        """The place of the answer that is chosen on the kiosk's page."""
        found = [n for n in self.kiosk.all() if screen.role(n) in ("radio button", "toggle button") and screen.text_of_label(n) not in self._bar_names()]
        return next((i for i, n in enumerate(found) if screen.checked(n)), None)

    def _bar_names(self):
        return {self.words(t) for t in ("Normal text", "Larger text", "Largest text", "High contrast")} | {"中文", "English"}

    def keys(self, text):
        """Touches key after key. GTK lets a button that was pressed from outside go only after 250 ms and ignores it until then."""
        keys = wait_for(lambda: self._keys_of(text), f"the keys for {len(text)} characters on the kiosk")
        free = {}
        for letter in text:
            time.sleep(max(0.0, free.get(letter, 0) - time.monotonic()))
            self.kiosk.press_node(keys[letter])
            free[letter] = time.monotonic() + 0.32
        time.sleep(0.32)

    def _keys_of(self, text):
        found = {screen.text_of(n): n for n in self.kiosk.all() if screen.role(n) in screen.BUTTONS and len(screen.text_of(n)) == 1}
        return found if set(text) <= set(found) else None

    def enter_code(self):
        self.keys(self.code)
        self.kiosk.press("Next")

    # --- 1 administrator ------------------------------------------------------------------------------------------------

    def make_district(self):
        self.district.create()

    def kiosk_wrong_code(self):
        self.start(KIOSK)
        self.kiosk.wait("Set up this kiosk")
        self.keys(self.district.url.removeprefix("https://")) if self._address_has_scheme() else self.keys(self.district.url)
        self.kiosk.press("Enrolment code")
        good = self.district.invite(KIOSK).replace("-", "")
        self.kiosk_code = good
        # One character is wrong: the code's own check catches it before anything is sent.
        self.keys(good[:-1].lower() + ("0" if good[-1] != "0" else "1"))
        self.kiosk.press("Connect this kiosk")
        self.kiosk.wait("This is not a complete code. Please compare it with the slip, group by group.")

    def _address_has_scheme(self):
        return any(t.startswith("https://") for t in self.kiosk.texts())

    def enrol_kiosk(self):
        self.kiosk.press("Enrolment code")
        self.kiosk.press("Erase")
        self.keys(self.kiosk_code[-1].lower())
        self.kiosk.press("Connect this kiosk")
        self.kiosk.wait("Connecting to the district")
        self.district.approve(KIOSK)
        self.kiosk.wait("Touch to begin", 30)

    def desk_used_code(self):
        """The kiosk's code is used up; a code whose time is over is refused too."""
        self.start(COUNSELLOR)
        desk = self.on[COUNSELLOR]
        self._desk_code(desk, self.kiosk_code)
        desk.wait("This code was already used on another computer. If that was not you, tell the administrator at once. Ask for a new code.", 20)

    def desk_expired_code(self):
        desk = self.on[COUNSELLOR]
        code = self.district.invite(COUNSELLOR, 0)
        self._desk_code(desk, code)
        desk.wait("The hub does not know this code, or its time is over. Compare it with the letter, or ask the administrator for a new one.", 20)

    def _desk_code(self, desk, code):
        desk.type("Address of the hub", self.district.url)
        desk.type("Enrolment code", code)
        desk.press("_Enrol this computer")

    def enrol_desk(self, principal):
        def action():
            if principal != COUNSELLOR:
                self.start(principal)
            desk = self.on[principal]
            self._desk_code(desk, self.district.invite(principal))
            self.district.approve(principal, 30)
            desk.wait_gone("Set up this desk", 30)
            desk.wait_gone("No work has been assigned to you yet", 30)
        return action

    # --- 2 the resident books -------------------------------------------------------------------------------------------

    def begin(self):
        self.kiosk.press("Touch to begin", exact=False)
        self.kiosk.wait("What can we do for you?")

    def choose_service(self):
        self.kiosk.press("Book a counsellor")
        self.kiosk.wait("What would you like?")

    def choose_counsellor(self):
        self.kiosk.press({"zh": "二十分钟短谈", "en": "A short talk"}[self.zh()])
        self.kiosk.wait("When, and with whom?")

    def choose_day(self):
        self.kiosk.press({"zh": "李文静", "en": "Li Wenjing"}[self.zh()])
        self.kiosk.wait("Which day suits you?")
        wait_for(lambda: self._dated(), "days with free times")

    def zh(self):
        return "zh" if self.words.language.startswith("zh") else "en"

    def _dated(self):
        pattern = r"\d+月\d+日" if self.zh() == "zh" else r"\d{1,2} [A-Z][a-z]+"
        return [n for n in self.kiosk.all() if screen.role(n) in screen.BUTTONS and re.search(pattern, screen.text_of(n))]

    def _times(self):
        return [n for n in self.kiosk.all() if screen.role(n) in screen.BUTTONS and re.fullmatch(r"\d{1,2}:\d\d", screen.text_of(n).strip())]

    def choose_time(self):
        self.kiosk.press_node(self._dated()[0])
        self.kiosk.wait("At what time?")
        wait_for(self._times, "free times")

    def enter_name(self):
        # The second, where there is one: the first may begin while the name is typed, and is over then.
        times = self._times()
        self.kiosk.press_node(times[min(1, len(times) - 1)])
        self.kiosk.wait("What may we call you?")
        # The keyboard begins with letters where the visit is in English.
        if self.zh() == "en":
            self.kiosk.press("Chinese")
        for letters, characters in NAME_KEYS:
            self.keys(letters)
            self.kiosk.press(characters)
        self.kiosk.wait_text(NAME, "the name on the screen")

    def enter_phone(self):
        self.kiosk.press("Next")
        self.kiosk.wait("Where can we call you?")
        self.keys(PHONE)

    def review(self):
        self.kiosk.press("Next")
        self.kiosk.wait("Is everything right?")
        self.kiosk.wait_text(NAME, "the name on the review")

    def confirm(self):
        self.kiosk.press("Book this time")
        self.kiosk.wait("Your time is booked", 30)
        self.code = next(re.sub("[^A-Z0-9]", "", t) for t in self.kiosk.texts() if re.fullmatch(r"[A-Z0-9]{4}[-– ][A-Z0-9]{4}", t.strip()))

    # --- 3 screening and the crisis path, with the hub away in the middle -------------------------------------------------

    def consent(self):
        self.kiosk.press("Fill in a questionnaire now")
        self.kiosk.wait("Before you begin")

    def first_items(self):
        self.kiosk.press("Yes")
        self.kiosk.press("Begin")
        self.kiosk.wait(self.words("Question %u of %u") % (1, 4), exact=False)
        # So much that the longer questionnaires follow.
        for _ in range(3):
            self._answer(2)

    def _item(self, questionnaire, link_id):
        """The words of one question, in the language of the job."""
        with open(os.path.join(DATA, "..", "questionnaires", questionnaire + ".json"), encoding="utf-8") as file:
            waiting = list(json.load(file)["item"])
        while waiting:
            item = waiting.pop()
            waiting += item.get("item", [])
            if item["linkId"] == link_id:
                break
        if self.zh() == "en":
            return item["text"]
        return next(part["valueString"] for extension in item["_text"]["extension"] for part in extension["extension"] if part["url"] == "content")

    def _progress(self):
        return self._progress_in(self.kiosk.texts())

    def _progress_in(self, texts):
        pattern = re.escape(self.words("Question %u of %u")).replace("%u", r"(\d+)")
        found = next(filter(None, (re.search(pattern, text) for text in texts)), None)
        return tuple(int(g) for g in found.groups()) if found else None

    def _at(self):
        """Where we are; between two pages there is no number for a moment."""
        return wait_for(self._progress, "the number of the question")

    def _answer(self, index, end=None, texts=None):
        """Chooses an answer and waits for what follows. `texts`: what the page says, when that is known; each look costs a walk of the tree."""
        before = self._page(texts or self.kiosk.texts())
        if self.radio(index, end):
            wait_for(lambda: self._page(self.kiosk.texts()) != before, "the next page")

    def _page(self, texts):
        return self._progress_in(texts), tuple(t for t in texts if len(t) > 3)[:12]

    def back_keeps(self):
        """Going back shows the answer given and loses nothing."""
        at = self._at()
        self.kiosk.press("Back")
        wait_for(lambda: self._at()[0] == at[0] - 1, "the question before")
        wait_for(lambda: self.chosen() == 2, "the answer that was given")

    def hub_away(self):
        at = self._at()
        self._answer(2)
        wait_for(lambda: self._at()[0] == at[0] + 1, "the question again")
        self.district.stop_hub()
        self.kiosk.wait("No network just now. You can go on: what you do is kept safe here.", 40)

    def _answer_until(self, end, choose, seconds=120):
        """Answers page after page until one has the text `end`; `choose` gives the answer's place from the page's texts and number."""
        def there():
            texts = self.kiosk.texts()
            if end in texts:
                return True
            # The number of a page that is going may be read once more after its answer.
            progress = self._progress_in(texts)
            if progress:
                self._answer(choose(texts, progress), end, texts)
            return False
        wait_for(there, f"“{end}” among the questions", seconds)

    def danger_answer(self):
        danger, declined = self._item("phq-9", "44260-8"), self._item("phq-9", "44251-7")
        self._answer_until(danger, lambda texts, progress: -1 if declined in texts else 2 if progress == (4, 4) else 1)
        began = time.monotonic()
        self.radio(1)
        self.kiosk.wait("We are here for you", 5)
        return {"help_screen_ms": round((time.monotonic() - began) * 1000)}

    def help_offline(self):
        """Without the hub, over the centre's own network."""
        time.sleep(self.pause)
        self.kiosk.wait("Your message is on a colleague's screen in this building. We will say here when someone is on the way. "
                        "You can also go out to the staff, or call one of these numbers.", 10)

    def alert_rings(self):
        self.on[DUTY].wait("I am _going", 20)
        self.district.start_hub()

    def alert_answered(self):
        self.on[DUTY].press("I am _going")
        self.kiosk.wait("Someone has seen your message and is on the way. Please stay here.", 30)

    def room_called(self):
        """One touch at the duty desk; nothing runs at the kiosk before the resident has answered."""
        self.on[DUTY].press("_Video with the room", 30)
        self.kiosk.wait("A colleague would like to talk with you", 40)
        if self._video_view(self.kiosk) is not None:
            raise AssertionError("a picture before the resident has answered")

    def room_not_now(self):
        self.kiosk.press("Not now")
        self.kiosk.wait("We are here for you", 10)
        self.on[DUTY].wait("The other side has ended the call. Camera and microphone are off.", 20)

    def room_answers(self):
        desk = self.on[DUTY]
        desk.press("Start _call")
        self.kiosk.wait("A colleague would like to talk with you", 40)
        self.kiosk.press("Answer")
        state = desk.wait("In the call. The other side sees and hears you.", 60)
        wait_for(lambda: self._video_view(self.kiosk), "the picture on the kiosk", 60)
        desk.press("_End call", 60)
        wait_for(lambda: screen.text_of(state) == self.words("Call ended. Camera and microphone are off."), "the call to end", 30)
        self.kiosk.wait("We are here for you", 20)
        desk.press("_Close")

    def go_on(self):
        self.kiosk.press("Go on with the questions", exact=False)
        wait_for(self._progress, "the next question")

    def gad7(self):
        self._answer_until(self.words("Thank you for your answers"), lambda *_: 1)
        self.kiosk.wait("Thank you for your answers")

    def screening_sent(self):
        wait_for(lambda: self._hub_count("record", "kind = 'screening'") == 2, "both parts of the screening at the hub", 40)
        self.kiosk.press("Done")
        self.leave_if_there()

    def _hub_count(self, table, where):
        with sqlite3.connect(f"file:{os.path.join(self.district.folder, 'hub', 'hub.db')}?mode=ro", uri=True) as db:
            return db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]

    # --- 4 check-in and call ----------------------------------------------------------------------------------------------

    def check_in(self):
        self.begin()
        self.kiosk.press("I have a code: check in")
        self.enter_code()
        self.kiosk.wait("You are checked in", 20)

    def desk_rings(self):
        ringing = self.words("%s is here and waiting") % NAME
        self.on[COUNSELLOR].wait(ringing, 30)

    def open_entry(self):
        desk = self.on[COUNSELLOR]
        desk.press("_Open")
        # The answer that was declined is told as such, not counted as nothing.
        desk.wait("Preferred not to say", 40)
        desk.wait("Shared answers")

    def call(self):
        """While a picture is drawn thirty times a second each question to the program waits for its turn: the two widgets that tell are found once."""
        desk = self.on[COUNSELLOR]
        self.call_state = desk.wait("Ready to call. Camera and microphone are off.", 30)
        views = {COUNSELLOR: self._video_view(desk)}
        began = time.monotonic()
        desk.press("Start _call")
        wait_for(lambda: screen.text_of(self.call_state) == self.words("In the call. The other side sees and hears you."), "the call to be live", 120)
        joined = time.monotonic() - began
        views[KIOSK] = wait_for(lambda: self._video_view(self.kiosk), "the picture on the kiosk", 120)
        # Each side sends a picture and a tone of its own; the other side's must be what arrives.
        told = {}
        for name, pitch in ((COUNSELLOR, 440), (KIOSK, 880)):
            def arrives():
                told[name] = views[name].get_description() or ""
                return re.search(r"\d+\s*[×x]\s*\d+", told[name]) and any(abs(int(n) - pitch) <= 20 for n in re.findall(r"\d+", told[name]))
            wait_for(arrives, f"the picture and the tone of the other side at {name}", 120)
        return {"live_ms": round(joined * 1000), "pictures": told}

    def _video_view(self, program):
        return next((n for n in program.all() if screen.role(n) == "image" and screen.text_of(n) == self.words("Video")), None)

    def end_call(self):
        self.on[COUNSELLOR].press("_End call", 120)
        wait_for(lambda: screen.text_of(self.call_state) == self.words("Call ended. Camera and microphone are off."), "the call to end", 30)

    def rate(self):
        self.kiosk.wait("How was the talk?", 20)
        self.radio(4)

    def rating_sent(self):
        self.kiosk.press("Send")
        self.kiosk.wait("Thank you, and take care", 20)
        wait_for(lambda: self._hub_count("record", "kind = 'rating'") == 1, "the rating at the hub", 30)
        self.leave_if_there()

    def leave_if_there(self):
        """Back to the attract screen, whether or not the page has left by itself."""
        def attract():
            leave = self.kiosk.find("Leave", screen.BUTTONS)
            if leave is not None:
                self.kiosk.press_node(leave)
                time.sleep(0.3)
            return leave is None and self.kiosk.find("Touch to begin", screen.BUTTONS, False)
        wait_for(attract, "the attract screen", 20)

    # --- 5 note and referral, with the hub away in the middle ----------------------------------------------------------------

    def note_offline(self):
        self.district.stop_hub()
        desk = self.on[COUNSELLOR]
        desk.type("Note, sealed to you", NOTE)
        desk.press("_Save note")
        desk.wait("Saved and sealed to you. A colleague can open it only in an emergency, and you are told.", 15)

    def referral_dialog(self):
        desk = self.on[COUNSELLOR]
        desk.press("_Refer onward…")
        desk.wait("Who receives it", 15)
        department = {"zh": "区精神卫生中心", "en": "District Mental Health Centre"}[self.zh()]
        desk.press(self.words("Choose %s") % department)
        desk.type("Reason", REASON)
        wait_for(lambda: desk.find("To send: ask for consent and record it. Without it nothing is passed on.", None, False), "that consent is asked for")

    def referral_sent(self):
        desk = self.on[COUNSELLOR]
        switch = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("toggle button", "switch", "check box") and
                                        self.words("I have asked: %s agrees that %s receives what is marked above").split("%s")[0] in screen.text_of(n)), None),
                          "the consent switch")
        desk.press_node(switch)
        told = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("toggle button", "switch", "check box") and
                                      self.words("The resident wants to read at the kiosk how it stands") in screen.text_of(n)), None),
                        "the switch for the kiosk")
        desk.press_node(told)
        desk.press("_Send")
        desk.wait_gone("Who receives it", 15)
        time.sleep(self.pause)

    def queued_shown(self):
        desk = self.on[COUNSELLOR]
        wait_for(lambda: any(re.search(r"[23]", t) and ("安全" in t or "safe" in t) for t in desk.texts()), "what is queued on the desk", 30)

    def all_arrives(self):
        self.district.start_hub()
        wait_for(lambda: self._hub_count("record", "kind IN ('note', 'referral')") == 2, "note and referral at the hub", 60)

    # --- 6 the department -------------------------------------------------------------------------------------------------------

    def department_inbox(self):
        desk = self.on[DEPARTMENT]
        desk.wait_text(NAME, "the referral at the department", 40)
        desk.press("_Accept")
        desk.wait("Accepted", 30)

    def department_writes(self):
        desk = self.on[DEPARTMENT]
        if desk.find("_Begin", screen.BUTTONS):
            desk.press("_Begin")
        desk.press("_Complete with feedback…", 20)
        entry = wait_for(lambda: next((n for n in desk.all() if screen.role(n) in ("text", "entry") and n.get_editable_text_iface()), None), "the feedback field")
        screen.Atspi.EditableText.set_text_contents(entry, FEEDBACK)

    def department_sends(self):
        desk = self.on[DEPARTMENT]
        desk.press("_Send feedback", exact=False)
        desk.wait("Completed", 30)

    def counsellor_sees(self):
        desk = self.on[COUNSELLOR]
        wait_for(lambda: any(FEEDBACK in t for t in desk.texts()), "the feedback with the session", 40)
        # There it stands below what the window has room for; among the referrals it is at the top.
        desk.press("Referrals")
        desk.wait("Referrals, the most pressing first")
        desk.wait_text(FEEDBACK, "the feedback among the referrals")

    def staff_sees_status(self):
        desk = self.on[STAFF]
        desk.press("Referrals")
        desk.wait("Completed", 30)
        if any(secret in t for t in desk.texts() for secret in (REASON, FEEDBACK, NOTE)):
            raise AssertionError("staff see content that is not theirs")

    # --- 8 the resident looks up --------------------------------------------------------------------------------------------------

    def look_up(self):
        self.begin()
        self.kiosk.press("Look up my booking or referral")
        self.enter_code()
        self.kiosk.wait("It is done. Your counsellor has the answer.", 20)

    def leave(self):
        self.kiosk.press("Done")
        self.leave_if_there()

    # --- afterwards ------------------------------------------------------------------------------------------------------------------

    def nothing_readable(self):
        """No file of hub or kiosk holds a name, phone, note, reason, feedback or code, in any of the usual encodings."""
        folders = (os.path.join(self.district.folder, "hub"), self.district.profile(KIOSK), self.stage.path("logs"))
        files, found = traces.in_folders(folders, {secret: traces.forms_of(secret) for secret in (*SECRETS, self.code)})
        if found:
            raise AssertionError("; ".join(f"{texts} can be read in {os.path.relpath(path, self.stage.root)}" for path, texts in found.items()))
        if files < 6:
            raise AssertionError(f"only {files} files were looked at")
        return {"files": files}

    def openssl_opens(self):
        """The kiosk's screening opens with the openssl command given the counsellor's key, and not with another's; a changed bit is refused."""
        with sqlite3.connect(f"file:{os.path.join(self.district.folder, 'hub', 'hub.db')}?mode=ro", uri=True) as db:
            envelope = db.execute("SELECT envelope FROM record WHERE kind = 'screening'").fetchone()[0]
        folder = self.stage.path("openssl")
        os.makedirs(folder, mode=0o700)

        def write(name, data):
            with open(os.path.join(folder, name), "wb" if isinstance(data, bytes) else "w") as file:
                file.write(data)
            return os.path.join(folder, name)
        env = write("envelope.der", envelope)
        authority = os.path.join(self.district.folder, "hub", "authority.pem")

        def verify(source, target):
            return self.stage.run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", source, "-CAfile", authority, "-purpose", "any", "-out", target, check=False)[0]

        def decrypt(principal):
            key = write(f"{principal}.key", self.stage.run("secret-tool", "lookup", "district", "lanling", "principal", principal, "use", "seal")[1])
            with open(os.path.join(self.district.profile(principal), "profile.json"), encoding="utf-8") as file:
                certificate = write(f"{principal}.pem", json.load(file)["sealCertificate"])
            status, text, _ = self.stage.run("openssl", "cms", "-decrypt", "-inform", "DER", "-in", os.path.join(folder, "inner.der"), "-inkey", key, "-recip", certificate, check=False)
            os.unlink(key)
            return status, text
        if verify(env, os.path.join(folder, "inner.der")) != 0:
            raise AssertionError("openssl does not verify the envelope")
        status, text = decrypt(COUNSELLOR)
        if status != 0 or "QuestionnaireResponse" not in text:
            raise AssertionError("openssl does not open the envelope with the counsellor's key")
        status, text = decrypt(STAFF)
        if status == 0 or "QuestionnaireResponse" in text:
            raise AssertionError("somebody who is no recipient can open the envelope")
        changed = bytearray(envelope)
        changed[len(changed) // 2] ^= 1
        if verify(write("changed.der", bytes(changed)), os.path.join(folder, "changed-inner.der")) == 0:
            raise AssertionError("a changed envelope is accepted")

    def end(self):
        for finish in self.packing:
            finish()
        for name in (*self.on, "hub"):
            status = self.stage.stop(name, 15)
            if status not in (0, -15):
                raise AssertionError(f"{name} ended with status {status}")

    def run(self):
        s, k, c, d, f, p = self.step, KIOSK, COUNSELLOR, DUTY, STAFF, DEPARTMENT
        s("district-keys-directory-hub", self.make_district)
        s("kiosk-wrong-code-refused", self.kiosk_wrong_code, k)
        s("kiosk-enrolled", self.enrol_kiosk, k)
        s("desk-used-code-refused", self.desk_used_code, c)
        s("desk-expired-code-refused", self.desk_expired_code, c)
        for principal in (c, d, f, p):
            s(f"desk-enrolled-{principal}", self.enrol_desk(principal), principal)
        s("resident-begins", self.begin, k)
        s("book-service", self.choose_service, k)
        s("book-counsellor", self.choose_counsellor, k)
        s("book-day", self.choose_day, k)
        s("book-time", self.choose_time, k)
        s("book-name-pinyin", self.enter_name, k)
        s("book-phone", self.enter_phone, k)
        s("book-review", self.review, k)
        s("book-confirmed-slip", self.confirm, k)
        s("screening-consent", self.consent, k)
        s("screening-first-items", self.first_items, k)
        s("screening-back-keeps", self.back_keeps, k)
        s("hub-away-screening", self.hub_away, k)
        s("danger-answer-help", self.danger_answer, k)
        s("help-offline-truthful", self.help_offline, k)
        s("alert-rings-after-restart", self.alert_rings, d)
        s("alert-acknowledged", self.alert_answered, k, d)
        s("room-called", self.room_called, k, d)
        s("room-not-now", self.room_not_now, k, d)
        s("room-answers", self.room_answers, k)
        s("screening-goes-on", self.go_on, k)
        s("screening-result", self.gad7, k)
        s("screening-sent", self.screening_sent, k)
        s("check-in", self.check_in, k)
        s("counsellor-rings", self.desk_rings, c)
        s("lobby-entry-screening", self.open_entry, c)
        s("call-live", self.call, k, c)
        s("call-ended", self.end_call, c)
        s("session-rated", self.rate, k)
        s("rating-sent", self.rating_sent, k)
        s("hub-away-note", self.note_offline, c)
        s("referral-consent", self.referral_dialog, c)
        s("referral-queued", self.referral_sent, c)
        s("queued-shown", self.queued_shown, c)
        s("all-arrives", self.all_arrives, c)
        s("department-accepts", self.department_inbox, p)
        s("department-writes-feedback", self.department_writes, p)
        s("department-completes", self.department_sends, p)
        s("counsellor-sees-feedback", self.counsellor_sees, c)
        s("staff-sees-status-only", self.staff_sees_status, f)
        s("resident-looks-up", self.look_up, k)
        s("resident-leaves", self.leave, k)
        s("nothing-readable", self.nothing_readable)
        s("openssl-opens", self.openssl_opens)
        s("all-ends", self.end)


def run_job(build, out, language, keep, pause):
    for old in glob.glob(os.path.join(out, "*.png")) + glob.glob(os.path.join(out, "*.failure.txt")):
        os.unlink(old)
    with Stage(build, keep=keep) as stage:
        stage.env["LANGUAGE"] = language
        job = Job(stage, out, language, pause)
        try:
            job.run()
        except SystemExit:
            return False
        return True
