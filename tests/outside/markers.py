#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a resident has booked and left, no byte of what they typed or saw is in any process's memory, argument or environment, on the disk or
in a file that somebody still has open; nor on the disk of the desk that has received it, nor at the hub. No program may leave a core dump.

The pages are walked twice: first through the accessibility tree, to learn where each button stands; then, with accessibility off as in
production, by pointer alone at those places. Each search proves itself: it must find the markers in the resident process before the resident
leaves, and in every place where one is planted."""

import contextlib
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

import screen
import traces
from district import COUNSELLOR, District, KIOSK
from eye import Eye, settled, until_changed
from stage import Stage, wait_for

SIZE = "1080x1920"
NAME, LETTERS, PHONE = "欧阳修", "ouyangxiu", f"139{random.randrange(10**8):08d}"
WANTED = {text: traces.forms_of(text) for text in (NAME, LETTERS, PHONE)}
# In memory the forms in which programs hold text; each more costs a search through everything.
IN_MEMORY = {text: {text.encode(), text.encode("utf-16-le"), text.encode("utf-32-le")} for text in WANTED}


def start_kiosk(stage, district, env):
    stage.start(KIOSK, [stage.program("anxin-kiosk"), "--profile", district.profile(KIOSK), "--size", SIZE], env={**env, "ANX_ALLOW_INSPECTION": "1"})


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(p) for p in file.read().split()]
    except OSError:
        return []


def in_memory(pid):
    """Which markers stand in that process's memory."""
    found = set()
    try:
        with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
            for line in maps:
                parts = line.split()
                if "r" not in parts[1] or (len(parts) > 5 and parts[5].startswith(("[vv", "[vs"))):
                    continue
                # A file mapped read-only holds what is on the disk, which is searched there; the pinyin dictionary knows every name.
                if "w" not in parts[1] and len(parts) > 5 and parts[5].startswith("/"):
                    continue
                begin, end = (int(x, 16) for x in parts[0].split("-"))
                try:
                    mem.seek(begin)
                    data = mem.read(end - begin)
                except OSError:
                    continue
                found |= traces.in_bytes(data, IN_MEMORY)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def in_process_files(pid):
    """Which markers stand in what everybody of the account may see of a process, and in the files it may write, deleted ones too."""
    found = set()
    for name in ("cmdline", "environ", "comm"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/{name}", "rb") as file:
            found |= traces.in_bytes(file.read(), WANTED)
    with contextlib.suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError, ValueError, StopIteration):
                path = f"/proc/{pid}/fd/{number}"
                with open(f"/proc/{pid}/fdinfo/{number}", encoding="ascii") as info:
                    writable = int(next(line for line in info if line.startswith("flags:")).split()[1], 8) & (os.O_WRONLY | os.O_RDWR)
                # What is in memory only is searched there, with the resident's own window left out while they are there.
                if writable and os.path.isfile(path) and not os.readlink(path).startswith(("/memfd:", "/dev/")):
                    with open(path, "rb") as file:
                        found |= traces.in_bytes(file.read(), WANTED)
    return found


class Learner:
    """Presses through the accessibility tree and keeps where, and whether it was a key."""

    def __init__(self, kiosk):
        self.kiosk = kiosk
        self.places = []

    def keep(self, node):
        box = screen.Atspi.Component.get_extents(node, screen.Atspi.CoordType.WINDOW)
        if box.width <= 0 or box.height <= 0:
            raise AssertionError(f"“{screen.text_of(node)}” has no place on the screen")
        self.places.append((box.x + box.width // 2, box.y + box.height // 2, len(screen.text_of(node)) == 1))
        self.kiosk.press_node(node)

    def press(self, text):
        """The button, once it can be pressed."""
        def ready():
            node = self.kiosk.find(text, screen.BUTTONS)
            return node if node is not None and node.get_state_set().contains(screen.Atspi.StateType.SENSITIVE) else None
        self.keep(wait_for(ready, f"“{text}”"))

    def press_first(self, pattern):
        self.keep(wait_for(lambda: next((n for n in self.kiosk.all() if screen.role(n) in screen.BUTTONS and
                                         re.search(pattern, screen.text_of(n).strip())), None), pattern))


def walk(learner, kiosk):
    """From the attract screen to a page that holds name and phone; gives what was pressed, in order."""
    learner.keep(wait_for(lambda: kiosk.find("Touch to begin", screen.BUTTONS, False), "the attract screen"))
    kiosk.wait("What can we do for you?")
    learner.press("Book a counsellor")
    learner.press("二十分钟短谈")
    learner.press("李文静")
    kiosk.wait("Which day suits you?")
    learner.press_first(r"\d+月\d+日")
    kiosk.wait("At what time?")
    learner.press_first(r"^\d{1,2}:\d\d$")
    kiosk.wait("What may we call you?")
    for letter in LETTERS:
        learner.press(letter)
    learner.press(NAME)
    wait_for(lambda: NAME in [screen.text_of(n) for n in kiosk.all() if screen.role(n) == "label"] and not kiosk.find(NAME, screen.BUTTONS), "the name to be taken")
    learner.press("Next")
    kiosk.wait("Where can we call you?")
    for digit in PHONE:
        learner.press(digit)
    learner.press("Next")
    kiosk.wait("Is everything right?")
    learner.press("Book this time")
    kiosk.wait("Your time is booked", 30)
    learner.press("Leave")
    kiosk.wait("Touch to begin", 20)


def learn(build, root):
    """The first walk: makes the district, gives its address and the places that were pressed."""
    with Stage(build, keep=root) as stage:
        district = District(stage)
        district.create()
        for principal in (KIOSK, COUNSELLOR):
            district.enrol(principal)
        screen.connect(stage.env)
        env = stage.start_screen("first", SIZE)
        start_kiosk(stage, district, env)
        kiosk = screen.Program(stage, KIOSK, env, screen.Words(stage.env["ANX_LOCALE_DIR"], "zh_CN"))
        learner = Learner(kiosk)
        walk(learner, kiosk)
        return district.url, learner.places


def main(build):
    with tempfile.TemporaryDirectory(prefix="anxin-markers-") as root:
        url, places = learn(build, root)
        Search(build, root, url, places).run()


class Search:
    """The second walk, as in production, and the search."""

    def __init__(self, build, root, url, places):
        self.stage = Stage(build, keep=root, accessible=False)
        self.district = District(self.stage)
        self.district.url = url
        self.places = places

    def run(self):
        with self.stage as stage:
            # Where a program puts what it needs for a moment.
            stage.env["TMPDIR"] = stage.path("tmp")
            os.makedirs(stage.env["TMPDIR"], exist_ok=True)
            self.district.start_hub()
            stage.start(COUNSELLOR, [stage.program("anxin-desk"), "--profile", self.district.profile(COUNSELLOR)],
                        env=stage.start_screen("desk", "1440x900", managed=True))
            env = stage.start_screen("second", SIZE)
            start_kiosk(stage, self.district, env)
            self.visit(Eye(env["DISPLAY"]))
            wait_for(lambda: self.contacts(os.path.join(self.district.profile(COUNSELLOR), "client.db")) == 2, "the bookings' contacts at the desk", 30)
            names = self.check_processes()
            files = self.check_folders()
            self.check_planted()
            print(f"markers found while the resident was there and wherever they were planted; none in {files} files and {len(names)} processes after: "
                  f"{', '.join(sorted(set(names.values())))}")

    def contacts(self, path):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM record WHERE kind = 'contact'").fetchone()[0]

    def visit(self, eye):
        blank = eye.strip()
        wait_for(lambda: eye.strip() != blank, "the attract screen", 20)
        settled(eye)
        shell = self.stage.processes[KIOSK].pid
        resident = wait_for(lambda: children(shell), "the spare resident process")[0]
        wait_for(lambda: not in_memory(resident), "a spare without markers", 5)
        self.check_cores()
        settled(eye)
        *steps, book, leave = self.places
        for number, (x, y, key) in enumerate(steps):
            before = eye.strip()
            eye.click(x, y)
            # Keys wait in the program's queue; what they bring, and a page, must be there before the next press.
            if number < 6:
                with contextlib.suppress(TimeoutError):
                    until_changed(eye, before, 1.0)
            settled(eye, 3, 0.2 if key and number + 1 < len(steps) and steps[number + 1][2] else 0.7)
        # The letters are gone once the characters were chosen; name and phone stand on the page.
        found = in_memory(resident)
        if not {NAME, PHONE} <= found:
            raise AssertionError(f"the search does not prove itself: the resident process shows only {sorted(found)}")
        seen = {pid: in_process_files(pid) for pid in self.stage.descendants()}
        if any(seen.values()):
            raise AssertionError(f"seen from outside while the resident is there: {seen}")
        eye.click(*book[:2])
        wait_for(lambda: self.contacts(os.path.join(self.district.folder, "hub", "hub.db")) == 2, "the booking's contact at the hub", 30)
        settled(eye, 3)
        eye.click(*leave[:2])
        wait_for(lambda: not os.path.exists(f"/proc/{resident}"), "the resident process to go", 10)
        wait_for(lambda: children(shell), "the next spare", 15)
        settled(eye)

    def check_cores(self):
        """The programs and their children leave no core dump, whatever the machine's own setting is."""
        programs = [self.stage.processes[name].pid for name in ("hub", KIOSK, COUNSELLOR)]
        for pid in programs + children(programs[1]):
            with open(f"/proc/{pid}/limits", encoding="ascii") as file:
                limit = next(line.split()[4:6] for line in file if line.startswith("Max core file size"))
            if limit != ["0", "0"]:
                raise AssertionError(f"a program may leave a core dump: {limit}")

    def check_processes(self):
        """Gives the names of the processes that were searched."""
        names, left = {}, {}
        desk = self.stage.processes[COUNSELLOR].pid
        for pid in self.stage.descendants():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", encoding="ascii") as file:
                names[pid] = file.read().strip()
                # The counsellor reads name and phone on the desk's screen; what is on its disk and in its arguments counts all the same.
                found = in_process_files(pid) | (in_memory(pid) if pid != desk else set())
                if found:
                    left[names[pid]] = sorted(found)
        if left:
            raise AssertionError(f"still there after the resident left: {left}")
        return names

    def folders(self):
        return [self.district.profile(KIOSK), self.district.profile(COUNSELLOR), os.path.join(self.district.folder, "hub"),
                *(self.stage.path(name) for name in ("home", "logs", "run", "tmp"))]

    def check_folders(self):
        files, found = traces.in_folders(self.folders(), WANTED)
        if found:
            raise AssertionError(f"on the disk: {found}")
        return files

    def check_planted(self):
        """A marker in each of these places would have been found."""
        for folder in self.folders():
            for name, data in (("planted", NAME.encode("utf-16-le")), (f"planted-{PHONE}", b"")):
                path = os.path.join(folder, name)
                with open(path, "wb") as file:
                    file.write(b"\0" * 5000 + data)
                if path not in traces.in_folders(self.folders(), WANTED)[1]:
                    raise AssertionError(f"a marker planted in {folder} is not found")
                os.unlink(path)
        # One that has it in its arguments, one in its environment, one in a file that is deleted and still open.
        with tempfile.TemporaryFile(dir=self.stage.path("tmp")) as deleted:
            deleted.write(NAME.encode("gb18030"))
            deleted.flush()
            for what, options in {"arguments": {"args": ["sleep", "60", PHONE]}, "environment": {"args": ["sleep", "60"], "env": {"WHO": NAME}},
                                  "deleted file": {"args": ["sleep", "60"], "stdout": deleted}}.items():
                process = subprocess.Popen(options.pop("args"), **options)
                try:
                    wait_for(lambda: in_process_files(process.pid), f"a marker in the {what} to be found", 5)
                finally:
                    process.kill()
                    process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
