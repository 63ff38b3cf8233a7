#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a resident has left, no byte of what they typed or saw is in any process's memory or on the disk.

The pages are walked twice: first through the accessibility tree, to learn where each button stands; then, with accessibility off as in
production, by pointer alone at those places. Then the memory of everything that runs is searched for what was typed. The search proves
itself first: it must find the markers in the resident process before the resident leaves."""

import os
import re
import sys
import tempfile

import screen
from district import COUNSELLOR, District, KIOSK
from eye import Eye, settled, until_changed
from stage import Stage, wait_for

SIZE = "1080x1920"
NAME, LETTERS, PHONE = "欧阳修", "ouyangxiu", "13978206541"
MARKERS = {"name": NAME, "letters": LETTERS, "phone": PHONE}
FORMS = {what: {text.encode(), text.encode("utf-16-le"), text.encode("utf-32-le")} for what, text in MARKERS.items()}


def start_kiosk(stage, district, env):
    stage.start(KIOSK, [stage.program("anxin-kiosk"), "--profile", district.profile(KIOSK), "--size", SIZE], env={**env, "ANX_ALLOW_INSPECTION": "1"})


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(p) for p in file.read().split()]
    except OSError:
        return []


def search(pid):
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
                for what, forms in FORMS.items():
                    if any(form in data for form in forms):
                        found.add(what)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


class Learner:
    """Presses through the accessibility tree and keeps where."""

    def __init__(self, kiosk):
        self.kiosk = kiosk
        self.places = []

    def keep(self, node):
        box = screen.Atspi.Component.get_extents(node, screen.Atspi.CoordType.WINDOW)
        if box.width <= 0 or box.height <= 0:
            raise AssertionError(f"“{screen.text_of(node)}” has no place on the screen")
        self.places.append((box.x + box.width // 2, box.y + box.height // 2))
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
        check(build, root, url, places)


def check(build, root, url, places):
    """The second walk, as in production, and the search."""
    with Stage(build, keep=root, accessible=False) as stage:
        district = District(stage)
        district.url = url
        district.start_hub()
        env = stage.start_screen("second", SIZE)
        start_kiosk(stage, district, env)
        eye = Eye(env["DISPLAY"])
        blank = eye.strip()
        wait_for(lambda: eye.strip() != blank, "the attract screen", 20)
        settled(eye)
        shell = stage.processes[KIOSK].pid
        resident = wait_for(lambda: children(shell), "the spare resident process")[0]
        wait_for(lambda: not search(resident), "a spare without markers", 5)
        settled(eye)
        *steps, leave = places
        for number, (x, y) in enumerate(steps):
            before = eye.strip()
            eye.click(x, y)
            try:
                # Keys change little; pages change much. Either way the next press waits until the picture rests.
                until_changed(eye, before, 1.0) if number < 6 else None
            except TimeoutError:
                pass
            settled(eye, 3)
        found = search(resident)
        # The letters are gone once the characters were chosen; name and phone stand on the page.
        if not {"name", "phone"} <= found:
            raise AssertionError(f"the search does not prove itself: the resident process shows only {sorted(found)}")
        eye.click(*leave)
        wait_for(lambda: not os.path.exists(f"/proc/{resident}"), "the resident process to go", 10)
        wait_for(lambda: children(shell), "the next spare", 15)
        settled(eye)
        everything = [os.getpid()] + stage.descendants()
        names = {}
        for pid in everything[1:]:
            try:
                with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                    names[pid] = file.read().strip()
            except OSError:
                pass
        left = {names[pid]: sorted(search(pid)) for pid in names if search(pid)}
        if left:
            raise AssertionError(f"still there after the resident left: {left}")
        for folder in (district.profile(KIOSK), os.path.join(district.folder, "hub"), stage.path("home"), stage.path("logs")):
            for root, _, files in os.walk(folder):
                for name in files:
                    with open(os.path.join(root, name), "rb") as file:
                        data = file.read()
                    for what, forms in FORMS.items():
                        if any(form in data for form in forms):
                            raise AssertionError(f"the {what} is on the disk in {name}")
        print(f"markers found while the resident was there, none in {len(names)} processes after: {', '.join(sorted(set(names.values())))}")


if __name__ == "__main__":
    main(sys.argv[1])
