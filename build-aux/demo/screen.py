# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes and hands on a program from outside: the accessibility tree to find and press things, the X screen for pictures."""

import gettext
import os
import subprocess
import threading
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from stage import wait_for  # noqa: E402

BUTTONS = ("push button", "toggle button", "radio button", "check box", "button")


class Words:
    """The catalogue the programs use, so that a step can be written in English and run in any language."""

    def __init__(self, folder, language):
        self.language = language
        try:
            self.catalogue = gettext.translation("anxin", folder, [language])
        except FileNotFoundError:
            self.catalogue = gettext.NullTranslations()

    def __call__(self, text):
        """The text as a person sees it: translated, without the underscore of a keyboard mnemonic."""
        return self.catalogue.gettext(text).replace("_", "")


def connect(env):
    """Must be called once, with the stage's environment, before anything else here."""
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = env["DBUS_SESSION_BUS_ADDRESS"]
    os.environ["XDG_RUNTIME_DIR"] = env["XDG_RUNTIME_DIR"]
    os.environ.pop("AT_SPI_BUS_ADDRESS", None)
    Atspi.init()


def _safe(call, default=None):
    try:
        return call()
    except GLib.Error:
        return default


def walk(node, depth=0):
    if node is None or depth > 60:
        return
    yield node
    for i in range(_safe(node.get_child_count, 0)):
        yield from walk(_safe(lambda: node.get_child_at_index(i)), depth + 1)


def shown(node):
    """Whether the node and all above it are on the screen (hidden pages of a stack are not)."""
    states = _safe(node.get_state_set)
    return states is not None and states.contains(Atspi.StateType.VISIBLE)


def walk_shown(node, depth=0):
    if node is None or depth > 60:
        return
    yield node
    for i in range(_safe(node.get_child_count, 0)):
        child = _safe(lambda: node.get_child_at_index(i))
        if child is not None and shown(child):
            yield from walk_shown(child, depth + 1)


def role(node):
    """The node's role; nothing when it went away meanwhile."""
    return (_safe(node.get_role_name, "") or "") if node is not None else ""


def parent(node):
    """What the node is in; nothing when either went away meanwhile."""
    return _safe(node.get_parent) if node is not None else None


def checked(node):
    """Whether the node is the chosen one of its group."""
    states = _safe(node.get_state_set)
    return states is not None and states.contains(Atspi.StateType.CHECKED)


def text_of(node):
    name = _safe(node.get_name, "") or ""
    if not name:
        count = _safe(lambda: Atspi.Text.get_character_count(node), 0) or 0
        name = (_safe(lambda: Atspi.Text.get_text(node, 0, count), "") or "") if count else ""
    return name


class Program:
    """One running program, found by its process id (and those of its children: the kiosk's resident process)."""

    def __init__(self, stage, name, screen_env, words):
        self.stage = stage
        self.name = name
        self.env = screen_env
        self.words = words
        self.awaited = None  # finds the nodes that were waited for last

    def pids(self):
        process = self.stage.processes.get(self.name)
        if process is None:
            return []
        out = [process.pid]
        todo = [process.pid]
        while todo:
            parent = todo.pop()
            try:
                with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                    children = [int(p) for p in file.read().split()]
            except OSError:
                children = []
            out += children
            todo += children
        return out

    def windows(self):
        """What a person sees: the kiosk's shell stays mapped behind a visit, so windows of child processes hide the program's own."""
        found = list(self._all_windows())
        own = self.stage.processes[self.name].pid if self.name in self.stage.processes else None
        visits = [window for pid, window in found if pid != own]
        return visits or [window for _, window in found]

    def _all_windows(self):
        pids = self.pids()
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        for i in range(_safe(desktop.get_child_count, 0)):
            app = _safe(lambda: desktop.get_child_at_index(i))
            if app is not None and _safe(app.get_process_id, -1) in pids:
                for k in range(_safe(app.get_child_count, 0)):
                    window = _safe(lambda: app.get_child_at_index(k))
                    if window is not None and shown(window):
                        yield app.get_process_id(), window

    def all(self):
        for window in list(self.windows())[::-1]:
            yield from walk_shown(window)

    def find(self, text, roles=None, exact=True):
        wanted = self.words(text)
        for node in self.all():
            if roles and role(node) not in roles:
                continue
            name = text_of(node)
            if (name == wanted) if exact else (wanted in name):
                return node
        return None

    def texts(self):
        return [t for t in (text_of(n) for n in self.all()) if t]

    def dump(self):
        out = []
        for node in self.all():
            out.append(f"{_safe(node.get_role_name, '?')}: {text_of(node)!r}")
        return "\n".join(out)

    def wait(self, text, seconds=15.0, roles=None, exact=False):
        return self._await(lambda node: not roles or role(node) in roles, self.words(text), exact, f"“{self.words(text)}” on {self.name}", seconds)

    def wait_text(self, text, what, seconds=15.0):
        """Waits for a text that is no message of the programs: a name, what somebody wrote."""
        return self._await(lambda _: True, text, False, what, seconds)

    def _await(self, fits, text, exact, what, seconds):
        def found():
            return (n for n in self.all() if fits(n) and (text_of(n) == text if exact else text in text_of(n)))
        self.awaited = found
        return wait_for(lambda: next(found(), None), what, seconds)

    def shows_awaited(self):
        """Whether what was waited for last, where it still is on the page, is on the screen and not above or below what is scrolled into view."""
        nodes = list(self.awaited()) if self.awaited is not None else []
        return not nodes or any(self.is_in_sight(n) for n in nodes)

    def is_in_sight(self, node):
        """Whether the node's middle lies within its window."""
        window = node
        while role(parent := _safe(window.get_parent)) != "application":
            if parent is None:
                return False
            window = parent
        frame, box = (_safe(lambda: Atspi.Component.get_extents(n, Atspi.CoordType.WINDOW)) for n in (window, node))
        if frame is None or box is None:
            return False
        x, y = box.x + box.width / 2, box.y + box.height / 2
        return frame.x <= x < frame.x + frame.width and frame.y <= y < frame.y + frame.height

    def wait_gone(self, text, seconds=15.0):
        # GTK 4.8 falls over when it is asked for a window by its number in the moment in which that window goes (gtkatspiroot.c, GetChildAtIndex:
        # a number beyond the last gives a window without a path). So nobody asks in that moment.
        time.sleep(1)
        # Nothing is in sight of a program that has ended either.
        wait_for(lambda: self.find(text, None, False) is None and self.stage.runs(self.name), f"“{self.words(text)}” to go from {self.name}", seconds)

    def ready(self, text, exact=True):
        """The button of that name, when it is there and can be pressed."""
        node = self.find(text, BUTTONS, exact)
        states = _safe(node.get_state_set) if node is not None else None
        return node if states is not None and states.contains(Atspi.StateType.SENSITIVE) else None

    def press(self, text, seconds=15.0, exact=True):
        """Presses the button of that name once it is there and can be pressed."""
        def pressed():
            node = self.ready(text, exact)
            try:
                if node is not None:
                    self.press_node(node)
                return node
            except (GLib.Error, RuntimeError):
                return None  # the page was replaced between looking and pressing: look again
        return wait_for(pressed, f"the button “{self.words(text)}” on {self.name}", seconds)

    def press_node(self, node):
        for i in range(_safe(lambda: Atspi.Action.get_n_actions(node), 0) or 0):
            if _safe(lambda: Atspi.Action.get_action_name(node, i)) in ("click", "activate", "toggle", "press"):
                Atspi.Action.do_action(node, i)
                return
        raise RuntimeError(f"“{text_of(node)}” on {self.name} cannot be pressed from outside")

    def type(self, label, text, seconds=15.0):
        """Puts text into the entry with that label."""
        wanted = self.words(label)

        def entry():
            for node in self.all():
                if (role(node) in ("text", "entry", "password text") and wanted in text_of_label(node) and
                        _safe(lambda: Atspi.Accessible.get_editable_text_iface(node)) is not None):
                    return node
            return None
        node = wait_for(entry, f"the field “{wanted}” on {self.name}", seconds)
        Atspi.EditableText.set_text_contents(node, text)
        return node

    def picture(self, path):
        """A PNG of this program's screen."""
        self.take_picture(path)()

    def take_picture(self, path):
        """Takes the picture now and packs it meanwhile; what this gives returns once the PNG is on the disk. Not by xwd: it leaves out a
        dialog whose visual differs from the root's."""
        shot = subprocess.run(["import", "-silent", "-window", "root", "ppm:-"], env={**self.stage.env, **self.env}, capture_output=True, check=True, timeout=60)
        # Packing takes longer than looking, and need not be waited for.
        packing = subprocess.Popen(["convert", "ppm:-", "-bordercolor", "black", "-border", "1", "-trim", "+repage", path],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=self.stage.env)
        feeding = threading.Thread(target=packing.communicate, args=(shot.stdout,))
        feeding.start()

        def finish():
            feeding.join(60)
            if packing.poll() != 0 or not os.path.exists(path):
                raise RuntimeError(f"{os.path.basename(path)} could not be written")
        return finish


def text_of_label(node):
    return _safe(node.get_name, "") or ""
