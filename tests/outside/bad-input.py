#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the machine, the network and the administrator, made on purpose on the real programs: each has one clear message that says
what to do, and nothing that was confirmed is lost.

A kiosk's alert and a counsellor's note are confirmed while the hub is away. They wait on the disk through every fault that follows, and
must be at the hub at the end. Faults at the start of a program are made one after another behind the same window: "Try again" must go from
one message to the next, and at last to work, so that each step shows the mended fault gone and the new one named."""

import contextlib
import errno
import glob
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import screen
from district import COUNSELLOR, District, KIOSK, free_port
from stage import Stage, wait_for

SIZES = {KIOSK: "1080x1920", COUNSELLOR: "1440x900"}
NOTE = "已约下周再谈。"
SMALL_MB = 48
DAY_USEC = 24 * 3600 * 1000000


def say(what, message=""):
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}{': ' if message else ''}{' / '.join(message.split(chr(10)))}", flush=True)


BEGAN = time.monotonic()


# --- a small disk ------------------------------------------------------------------------------------------------------------------------


def enter_own_mounts():
    """The small disk is ours alone and goes with this process. A person without root gets the same in a user namespace of their own."""
    if "ANX_BAD_INPUT_MOUNTS" in os.environ:
        return os.environ["ANX_BAD_INPUT_MOUNTS"] == "yes"
    command = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    try:
        possible = subprocess.run([*command, "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, timeout=20, check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    os.environ["ANX_BAD_INPUT_MOUNTS"] = "yes" if possible else "no"
    if possible:
        os.execvp(command[0], [*command, sys.executable, *sys.argv])
    return False


class SmallDisk:
    def __init__(self, folder, mounted):
        self.folder = folder
        self.mounted = mounted
        os.makedirs(folder, mode=0o700)
        if mounted:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m,mode=0700", "none", folder], check=True)

    def fill(self):
        with open(os.path.join(self.folder, "ballast"), "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\1" * 65536)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def free(self):
        os.unlink(os.path.join(self.folder, "ballast"))

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=False)


# --- the hub as a client sees it ------------------------------------------------------------------------------------------------------------


class Caller:
    """Speaks to the hub with the key and certificate of one who is enrolled."""

    def __init__(self, stage, district, principal):
        self.stage = stage
        self.district = district
        key = stage.run("secret-tool", "lookup", "district", "lanling", "principal", principal, "use", "sign")[1]
        with open(os.path.join(district.profile(principal), "profile.json"), encoding="utf-8") as file:
            certificate = json.load(file)["signCertificate"]
        both = stage.path("run", f"{principal}.pem")
        with open(os.open(both, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(certificate + key)
        self.context = ssl.create_default_context(cafile=os.path.join(district.folder, "hub", "authority.pem"))
        self.context.load_cert_chain(both)
        os.unlink(both)

    def __call__(self, method, path, body=None):
        connection = http.client.HTTPSConnection(self.district.url.removeprefix("https://"), context=self.context, timeout=20)
        try:
            connection.request(method, "/v1" + path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()


class WrongClock:
    """Stands where the hub stood and passes everything on, as the one who calls; but the hub's time is a day off. A machine's own clock
    cannot be set here, and for a client the two cannot be told apart."""

    def __init__(self, district, callers, upstream):
        hub = os.path.join(district.folder, "hub")
        self.callers = callers
        self.upstream = upstream
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(hub, "hub.pem"), os.path.join(hub, "hub.key"))
        self.context.load_verify_locations(os.path.join(hub, "authority.pem"))
        self.context.verify_mode = ssl.CERT_OPTIONAL
        self.socket = socket.create_server(("127.0.0.1", int(district.url.rsplit(":", 1)[1])))
        self.asked = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as client:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = client.recv(65536)
                    if not more:
                        return
                    head += more
                if head.startswith(b"GET /v1/health "):
                    text = json.dumps({"status": "ok", "version": "0", "now": int(time.time() * 1000000) + DAY_USEC})
                    client.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
                    self.asked += 1
                    return
                self._pass_on(client, head)
        except (OSError, ssl.SSLError):
            pass

    def _pass_on(self, client, head):
        subject = dict(pair[0] for pair in (client.getpeercert() or {}).get("subject", ()))
        caller = self.callers.get(subject.get("commonName"))
        context = caller.context if caller else ssl.create_default_context(cafile=next(iter(self.callers.values())).authority)
        # One request a connection, so that every later question about the time comes to us.
        if b"upgrade: websocket" not in head.lower():
            head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head)
            head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", self.upstream), 20) as raw, context.wrap_socket(raw, server_hostname="127.0.0.1") as hub:
            hub.sendall(head)
            threading.Thread(target=_pump, args=(client, hub), daemon=True).start()
            _pump(hub, client)


def _pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except (OSError, ssl.SSLError):
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


# --- 1 the hub ------------------------------------------------------------------------------------------------------------------------------


class HubFaults:
    def __init__(self, stage, district, disk):
        self.stage = stage
        self.district = district
        self.disk = disk
        self.folder = os.path.join(district.folder, "hub")
        self.database = os.path.join(self.folder, "hub.db")
        with open(os.path.join(self.folder, "hub.ini"), encoding="utf-8") as file:
            self.config = file.read()

    def refuses(self, what, pattern, config=None, path=None):
        """The hub ends by itself, with exactly one line, which names what is wrong."""
        path = path or os.path.join(self.folder, "try.ini")
        if config is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(config)
        done = subprocess.run([self.stage.program("anxin-hub"), "--config", path], env={**self.stage.env, "LANGUAGE": ""}, capture_output=True,
                              text=True, timeout=20, check=False)
        lines = done.stderr.strip().splitlines()
        if done.returncode == 0 or done.stdout or len(lines) != 1 or not re.search(pattern, lines[0]):
            raise AssertionError(f"hub, {what}: status {done.returncode}, said {done.stdout + done.stderr!r}, wanted {pattern!r}")
        say(f"hub, {what}", lines[0])

    def set_value(self, key, value):
        changed = re.sub(rf"(?m)^{key}=.*$", f"{key}={value}", self.config)
        if changed == self.config:
            raise AssertionError(f"the configuration has no “{key}”")
        return changed

    def run(self, kiosk):
        start = self._book(kiosk)
        self.refuses("configuration missing", r"The configuration cannot be read\. .*absent\.ini", path=os.path.join(self.folder, "absent.ini"))
        self.refuses("unknown key", r"\[hub\] colour: there is no such key", self.config.replace("[hub]", "[hub]\ncolour=blue", 1))
        self.refuses("unusable value", r"\[limits\] connections: must be a whole number from 1 to ", self.config + "\n[limits]\nconnections=many\n")
        self.refuses("address in words", r"\[hub\] listen: must be ADDRESS:PORT", self.set_value("listen", "here"))
        self.refuses("certificate missing", r"\[hub\] certificate: the file .*absent\.pem cannot be used\. It must be PEM", self.set_value("certificate", "absent.pem"))
        self.refuses("key of another certificate", r"\[hub\] key: the file .* cannot be used", self._with_other_key())
        other = self.set_value("database", "sqlite:other.db")
        self.refuses("port in use", r"Cannot listen at 127\.0\.0\.1 port \d+\. Is another program using it", other)
        self.refuses("address of another machine", r"Cannot listen at 203\.0\.113\.7 port \d+\. .*address not of this machine",
                     re.sub(r"(?m)^listen=[^:]*", "listen=203.0.113.7", other))
        if self.disk.mounted:
            self.full_while_it_runs(kiosk, start)
        self.at_start(kiosk)

    def _with_other_key(self):
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", os.path.join(self.folder, "other.key")],
                       check=True, capture_output=True)
        return self.set_value("key", "other.key")

    def _book(self, kiosk):
        status, slots = kiosk("GET", "/slots?centre=yunhe&service=short&counsellor=li-wenjing&room=yunhe-1")
        if status != 200 or len(slots["slots"]) < 8:
            raise AssertionError(f"no free times for the test: {status}")
        self.starts = [slot["start"] for slot in slots["slots"]]
        self.code = make_code()
        self.booking = new_id()
        self.claim(kiosk, self.booking, self.starts[1], code_key(self.code), 201)
        return self.starts[4]

    def claim(self, kiosk, booking, start, key, expected, slug=None):
        status, answer = kiosk("PUT", f"/bookings/{booking}", {"service": "short", "counsellor": COUNSELLOR, "centre": "yunhe", "room": "yunhe-1",
                                                              "start": start, "codeKey": key})
        if status != expected or (slug and answer["type"] != f"urn:anxin:problem:{slug}"):
            raise AssertionError(f"a booking was answered with {status} {answer}, not {expected}")
        return answer

    def full_while_it_runs(self, kiosk, start):
        booking, key = new_id(), "c" * 64
        self.disk.fill()
        answer = self.claim(kiosk, booking, start, key, 507, "storage-full")
        if kiosk("GET", "/bookings")[0] != 200:
            raise AssertionError("a hub with a full disk does not even read")
        self.disk.free()
        self.claim(kiosk, booking, start, key, 201)
        say("hub, disk full while it runs", answer["detail"])

    def at_start(self, kiosk):
        before = self._bookings(kiosk)
        self.district.stop_hub()
        change_version(self.database, 7)
        self.refuses("database of a newer version", r"newer version of Anxin. Install that version again; nothing was changed", path=os.path.join(self.folder, "hub.ini"))
        change_version(self.database, -7)
        with Damaged(self.database):
            self.refuses("database damaged", r"is damaged or is not a database\. Nothing was changed\. Put it aside and restore the last backup",
                         path=os.path.join(self.folder, "hub.ini"))
        if self.disk.mounted:
            self.disk.fill()
            self.refuses("disk full at start", r"The disk is full\. Nothing that was confirmed is lost\. Free some space",
                         path=os.path.join(self.folder, "hub.ini"))
            self.disk.free()
        self.district.start_hub()
        if self._bookings(kiosk) != before:
            raise AssertionError("the hub has lost bookings")

    def _bookings(self, kiosk):
        return sorted(b["id"] for b in kiosk("GET", "/bookings")[1]["bookings"])


def change_version(path, step):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {db.execute('PRAGMA user_version').fetchone()[0] + step}")
    # Closed as the last one, so that the log is gone and the next to open the file needs room for a new one.
    if glob.glob(path + "-*"):
        raise AssertionError(f"somebody still has {path} open")


class Damaged:
    """The file is noise within the block; the program must leave even that untouched, and the right bytes come back afterwards."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        with open(self.path, "rb") as file:
            self.right = file.read()
        self.parts = {}
        for part in glob.glob(self.path + "-*"):
            with open(part, "rb") as file:
                self.parts[part] = file.read()
            os.unlink(part)
        self.wrong = os.urandom(4096) + self.right[4096:]
        with open(self.path, "wb") as file:
            file.write(self.wrong)

    def __exit__(self, kind, *_):
        with open(self.path, "rb") as file:
            untouched = file.read() == self.wrong
        for part in glob.glob(self.path + "-*"):
            os.unlink(part)
        with open(self.path, "wb") as file:
            file.write(self.right)
        for part, data in self.parts.items():
            with open(part, "wb") as file:
                file.write(data)
        if kind is None and not untouched:
            raise AssertionError(f"{os.path.basename(self.path)} was damaged, and then changed by the program")


def new_id():
    """A UUIDv7 (RFC 9562 section 5.7)."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return str(uuid.UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62))


CODE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"


def make_code():
    """A booking code with its check character, as the kiosk makes it."""
    values = [v % 23 for v in os.urandom(7)]
    total = sum((i + 1) * v for i, v in enumerate(values))
    return "".join(CODE_ALPHABET[v] for v in values) + CODE_ALPHABET[-total % 23 * 3 % 23]


def code_key(code):
    return hashlib.scrypt(code.encode(), salt=b"lanling", n=32768, r=8, p=1, maxmem=64 * 1024 * 1024, dklen=32).hex()


# --- 2 kiosk and desk ---------------------------------------------------------------------------------------------------------------------------

KEPT = "What residents gave before is sealed on this machine's disk and is not lost."
# For each fault at the start: what the kiosk says (what, safe, to do), what the desk says.
MESSAGES = {
    "profile damaged": (
        ("The kiosk's settings are missing or damaged.", KEPT,
         "Please restore them from the backup, or enrol the kiosk anew with the district's administrator."),
        ("The data folder of this desk is damaged or belongs to another district", "Nothing was changed. Your keys are still in the key store.",
         "Do not delete the folder. Ask the administrator to restore it from a backup, or to enrol this desk again.")),
    "key store missing": (
        ("This machine's key cabinet (Secret Service) is not running.", KEPT,
         "Please restart the machine. If this page comes back, tell the district's administrator."),
        ("The key store of this computer is not running",
         "Your records are safe: they stay sealed on this computer and at the hub. Nobody can open them without your keys.",
         "Sign out of the computer and sign in again, so that its password store (Secret Service) starts. If that does not help, ask the administrator.")),
    "keys missing": (
        ("This machine's keys are not in its key cabinet.", KEPT, "The kiosk must be enrolled anew. Please tell the district's administrator."),
        ("Your keys are not in this computer’s key store",
         "Nothing is lost: records at the hub stay sealed to you. They can be opened again with your keys, or by the recovery officers.",
         "Sign in to the computer account you enrolled with. If the account was set up anew, ask the administrator for a new enrolment code.")),
    "key store locked": (
        ("This machine's key cabinet (Secret Service) is locked.", KEPT, "Please unlock it with the kiosk's login, then try again."),
        ("The key store of this computer is locked", "Your keys and records are safe. Nothing was changed.",
         "Unlock the password store with your sign-in password, then try again.")),
    "database of a newer version": (
        ("The data were written by a newer version of the program.", KEPT, "Please install the newer version again."),
        ("The data on this computer were written by a newer version of Anxin", "Nothing was changed, so that nothing is lost.",
         "Install the newer version of Anxin on this computer, then start again.")),
    "database damaged": (
        ("The file that keeps records on their way is damaged.",
         "Everything that had reached the district is safe there. The damaged file is left as it is.",
         "Please do not delete anything, and tell the district's administrator."),
        ("The data file on this computer is damaged", "What the hub has confirmed is safe at the hub. The damaged file was left as it is.",
         "Do not delete anything. Ask the administrator: records not yet sent may be rescued from the file.")),
    "disk full": (
        ("This machine's disk is full.", KEPT, "Please free some space, then try again."),
        ("The disk of this computer is full", "What you saved before is safe. Nothing was half written.",
         "Delete files you no longer need or empty the waste basket, then try again.")),
}


class ClientFaults:
    def __init__(self, stage, district, disk, hub, callers):
        self.stage = stage
        self.district = district
        self.disk = disk
        self.hub = hub
        self.callers = callers
        self.words = screen.Words(stage.env["ANX_LOCALE_DIR"], "zh_CN")
        screen.connect(stage.env)
        self.on = {name: screen.Program(stage, name, stage.start_screen(name, size), self.words) for name, size in SIZES.items()}
        self.kiosk, self.desk = self.on[KIOSK], self.on[COUNSELLOR]

    def start(self, name, *more):
        program = "anxin-kiosk" if name == KIOSK else "anxin-desk"
        size = ["--size", SIZES[name]] if name == KIOSK else []
        self.stage.start(name, [self.stage.program(program), "--profile", self.district.profile(name), *size, *more], env=self.on[name].env)

    def file(self, name, part):
        return os.path.join(self.district.profile(name), part)

    def count(self, name, where):
        with contextlib.closing(sqlite3.connect(f"file:{self.file(name, 'client.db')}?mode=ro", uri=True)) as db:
            return db.execute(f"SELECT count(*) FROM outbox WHERE {where}").fetchone()[0]

    def waiting(self):
        return {name: self.count(name, "state IN ('queued', 'sent')") for name in SIZES}

    def at_hub(self, kind):
        with contextlib.closing(sqlite3.connect(f"file:{self.hub.database}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM record WHERE kind = ?", (kind,)).fetchone()[0]

    def shows_only(self, fault):
        """Both programs show the fault's message, all three parts of it, and that of no other fault."""
        for index, name in enumerate((KIOSK, COUNSELLOR)):
            what, *rest = MESSAGES[fault][index]
            program = self.on[name]
            program.wait(what, 25)
            for part in rest:
                program.wait(part, 3)
            others = [other for other in MESSAGES if other != fault and program.find(MESSAGES[other][index][0], None, False)]
            if others:
                raise AssertionError(f"{name} shows “{fault}” and “{others[0]}” at once")
            say(f"{'kiosk' if name == KIOSK else 'desk'}, {fault}", f"{self.words(what)} {self.words(rest[-1])}")

    # What is confirmed before the faults.

    def confirm_offline(self):
        """The counsellor writes a note and the resident asks for help while the hub is away; first with a full disk, which must not pretend."""
        self.start(KIOSK, "--test-media")
        self.start(COUNSELLOR, "--test-media")
        self.kiosk.wait("Touch to begin", 30)
        self.desk.wait("● Online", 30)
        self.desk.press("_Open", 20)
        self.desk.wait("_Save note")
        self.district.stop_hub()
        wait_for(self.desk_is_offline, "the desk to say that it is offline", 30)
        if self.disk.mounted:
            self.disk.fill()
            self.write_note()
            said = self.words("Not saved. Your text is still here. %s").split("%s")[0]
            wait_for(lambda: any(t.startswith(said) and self.words(MESSAGES["disk full"][1][2]) in t for t in self.desk.texts()),
                     "the desk to say that the note is not saved, and what to do")
            if self.note_in_editor() != NOTE:
                raise AssertionError("the text of the note is gone from the editor")
            say("desk, disk full while it runs", next(t for t in self.desk.texts() if t.startswith(said)))
            self.help("The message could not be sent yet. Please go out to the staff, or call one of these numbers. This machine goes on trying.")
            if self.waiting() != {KIOSK: 0, COUNSELLOR: 0}:
                raise AssertionError(f"something was half written: {self.waiting()}")
            self.disk.free()
            wait_for(lambda: self.waiting() == {KIOSK: 1, COUNSELLOR: 0}, "the kiosk to write the call for help of who has left")
            self.alerts = 1
        else:
            self.write_note()
            self.alerts = 0
        self.desk.press("_Save note")
        self.desk.wait("Saved and sealed to you. A colleague can open it only in an emergency, and you are told.")
        self.help("The network is not there just now. Your message is kept and goes out as soon as it is back. "
                  "Please do not wait for it: go out to the staff, or call one of these numbers now.")
        self.alerts += 1
        if self.waiting() != {KIOSK: self.alerts, COUNSELLOR: 1}:
            raise AssertionError(f"confirmed, but not in the outbox: {self.waiting()}")

    def desk_is_offline(self):
        starts = (self.words("○ Offline: bookings as of %s. You can go on working.").split("%s")[0], self.words("○ Offline. You can go on working."))
        return any(t.startswith(starts) for t in self.desk.texts())

    def note_in_editor(self):
        editor = next(n for n in self.desk.all() if screen.role(n) == "text" and screen.text_of(n) == self.words("Note, sealed to you"))
        return screen.Atspi.Text.get_text(editor, 0, screen.Atspi.Text.get_character_count(editor))

    def write_note(self):
        self.desk.type("Note, sealed to you", NOTE)
        self.desk.press("_Save note")

    def help(self, expected):
        self.kiosk.press("I need help now", exact=False)
        self.kiosk.wait("We are here for you", 20)
        self.kiosk.wait(expected, 15)
        say("kiosk, help", self.words(expected))
        self.kiosk.press("Leave")
        self.kiosk.wait("Touch to begin", 20)

    # Faults at the start, one behind the other.

    def chain(self):
        for name in SIZES:
            self.stage.stop(name)
        started = False
        for fault in MESSAGES:
            if fault == "disk full" and not self.disk.mounted:
                continue
            with self.fault(fault):
                for name in SIZES:
                    if not started:
                        self.start(name, "--test-media")
                    else:
                        self.on[name].press("Try again" if name == KIOSK else "_Try again")
                started = True
                self.shows_only(fault)
        self.kiosk.press("Try again")
        self.desk.press("_Try again")
        self.kiosk.wait("Touch to begin", 30)
        wait_for(self.desk_is_offline, "the desk to say that it is offline", 30)
        if self.waiting() != {KIOSK: self.alerts, COUNSELLOR: 1}:
            raise AssertionError(f"the outbox is not what it was: {self.waiting()}")
        wait_for(lambda: any("1" in t and self.is_waiting_text(t) for t in self.desk.texts()), "the desk to say that a record waits")

    def is_waiting_text(self, text):
        plural = self.words.catalogue.ngettext("%u record waiting to be sent; it is safe on this computer",
                                               "%u records waiting to be sent; they are safe on this computer", 1)
        return plural.split("%u")[-1] in text

    def fault(self, name):
        return {"profile damaged": self.profile_damaged, "key store missing": self.key_store_missing, "keys missing": self.keys_missing,
                "key store locked": self.key_store_locked, "database of a newer version": self.database_newer,
                "database damaged": self.database_damaged, "disk full": self.disk_full}[name]()

    def profile_damaged(self):
        right = {}
        for name in SIZES:
            with open(self.file(name, "profile.json"), "rb") as file:
                right[name] = file.read()

        def make():
            for name, text in right.items():
                with open(self.file(name, "profile.json"), "wb") as file:
                    file.write(text[:len(text) // 2])

        def mend():
            for name, text in right.items():
                with open(self.file(name, "profile.json"), "rb") as file:
                    if file.read() != text[:len(text) // 2]:
                        raise AssertionError("a damaged profile was changed by the program")
                with open(self.file(name, "profile.json"), "wb") as file:
                    file.write(text)
        return Fault(make, mend)

    def key_store_missing(self):
        return Fault(lambda: self.stage.stop("keyring"), self.stage._start_keyring)

    def keys_missing(self):
        """The account is new: a key store is there and open, and empty."""
        folder = os.path.join(self.stage.env["XDG_DATA_HOME"], "keyrings")

        def make():
            self.stage.stop("keyring")
            os.rename(folder, folder + ".away")
            self.stage._start_keyring()

        def mend():
            self.stage.stop("keyring")
            shutil.rmtree(folder)
            os.rename(folder + ".away", folder)
            self.stage._start_keyring()
        return Fault(make, mend)

    def key_store_locked(self):
        def make():
            self.stage.run("gdbus", "call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets",
                           "--method", "org.freedesktop.Secret.Service.Lock", "['/org/freedesktop/secrets/collection/login']")

        def mend():
            self.stage.stop("keyring")
            self.stage._start_keyring()
        return Fault(make, mend)

    def _set_version(self, step):
        for name in SIZES:
            change_version(self.file(name, "client.db"), step)

    def database_newer(self):
        return Fault(lambda: self._set_version(9), lambda: self._set_version(-9))

    def database_damaged(self):
        both = [Damaged(self.file(name, "client.db")) for name in SIZES]
        return Fault(lambda: [d.__enter__() for d in both], lambda: [d.__exit__(None) for d in both])

    def disk_full(self):
        return Fault(self.disk.fill, self.disk.free)

    # Faults of the hub as the clients see them.

    def hub_of_another_authority(self, stranger):
        self.stage.start("stranger", [self.stage.program("anxin-hub"), "--config", os.path.join(stranger, "hub", "hub.ini")])
        self.ask_again()
        text = ("The hub's certificate is not of this district's authority. Nothing was sent; what was written is kept here. "
                "Tell the administrator: the hub was changed, or somebody stands in between")
        for program in self.on.values():
            program.wait(text, 70)
        self.desk.press("What to do")
        self.desk.wait("The hub cannot prove that it belongs to your district")
        self.desk.wait("Do not go on by another way. Call the administrator and say that the hub’s certificate has changed.")
        self.kiosk.wait("Touch to begin")
        say("kiosk and desk, the hub's certificate changed", self.words(text))
        if self.waiting() != {KIOSK: self.alerts, COUNSELLOR: 1}:
            raise AssertionError("something left the outbox for a hub of another authority")
        self.stage.stop("stranger")

    def ask_again(self):
        """Restarting is what a person would do next, and spares the test a pause that grows with each failure."""
        for name in SIZES:
            self.stage.stop(name)
            self.start(name, "--test-media")
        self.kiosk.wait("Touch to begin", 30)

    def wrong_clock(self):
        upstream = free_port()
        config = os.path.join(self.hub.folder, "clock.ini")
        with open(config, "w", encoding="utf-8") as file:
            file.write(self.hub.set_value("listen", f"127.0.0.1:{upstream}"))
        proxy = WrongClock(self.district, self.callers, upstream)
        self.stage.start("hub", [self.stage.program("anxin-hub"), "--config", config])
        self.ask_again()
        text = "This machine's clock is wrong. The hub's time is used; nothing is lost. Please set the machine's date and time."
        for program in self.on.values():
            program.wait(text, 40)
        self.desk.wait("● Online", 20)
        self.desk.press("What to do")
        self.desk.wait("The clock of this computer is wrong")
        if proxy.asked == 0:
            raise AssertionError("nobody asked for the time")
        say("kiosk and desk, the clock is off by a day", self.words(text))
        wait_for(lambda: self.at_hub("alert") == self.alerts and self.at_hub("note") == 1, "what was confirmed before all faults at the hub", 40)
        wait_for(lambda: self.waiting() == {KIOSK: 0, COUNSELLOR: 0}, "empty outboxes", 20)
        say("alert and note, confirmed before, are at the hub")
        self.district.stop_hub()
        proxy.close()
        self.district.start_hub()
        self.ask_again()
        self.desk.wait("● Online", 30)
        for program in self.on.values():
            program.wait_gone(text)

    # The camera.

    def no_camera(self):
        """This machine has neither camera nor microphone; test pictures and tones stand for the mended cables."""
        self.stage.stop(COUNSELLOR)
        self.start(COUNSELLOR)
        self.kiosk.press("Touch to begin", exact=False)
        self.kiosk.press("I have a code: check in")
        self.keys(self.hub.code)
        self.kiosk.press("Next")
        self.kiosk.wait("You are checked in", 20)
        self.desk.press("_Open", 30)
        self.desk.press("Start _call", 20)
        nothing = "No camera and no microphone were found, or another program is using them. Please check the cables, then call again."
        self.desk.wait(nothing, 20)
        say("desk, neither camera nor microphone", self.words(nothing))
        self.kiosk.wait("You are checked in")
        self.stage.stop(COUNSELLOR)
        self.start(COUNSELLOR, "--test-media")
        self.desk.press("Open", 30)
        self.desk.press("Start _call", 20)
        # While pictures are drawn thirty times a second each question to the program waits for its turn.
        self.desk.wait("In the call. The other side sees and hears you.", 120)
        self.desk.press("_End call", 60)
        self.desk.wait("Call ended. Camera and microphone are off.", 60)
        self.kiosk.wait("How was the talk?", 20)

    def keys(self, text):
        """GTK lets a button that was pressed from outside go only after 250 ms and ignores it until then."""
        def found():
            keys = {screen.text_of(n): n for n in self.kiosk.all() if screen.role(n) in screen.BUTTONS and len(screen.text_of(n)) == 1}
            return keys if set(text) <= set(keys) else None
        keys = wait_for(found, "the keys for a code")
        for letter in text:
            self.kiosk.press_node(keys[letter])
            time.sleep(0.32)

    def run(self, stranger):
        self.confirm_offline()
        self.chain()
        self.hub_of_another_authority(stranger)
        self.wrong_clock()
        self.no_camera()
        for name in (KIOSK, COUNSELLOR):
            status = self.stage.stop(name, 15)
            if status not in (0, -signal.SIGTERM):
                raise AssertionError(f"{name} ended with status {status}")


class Fault:
    def __init__(self, make, mend):
        self.make, self.mend = make, mend

    def __enter__(self):
        self.make()

    def __exit__(self, kind, *_):
        if kind is None:
            self.mend()


def main(build, mounted):
    root = tempfile.mkdtemp(prefix="anxin-")
    disk = SmallDisk(os.path.join(root, "small"), mounted)
    try:
        with Stage(build, keep=root) as stage:
            district = District(stage)
            district.folder = os.path.join(disk.folder, "district")
            district.profile = lambda principal: os.path.join(disk.folder, "profiles", principal)
            os.makedirs(os.path.join(disk.folder, "profiles"), mode=0o700)
            district.create()
            for name in SIZES:
                district.enrol(name)
            stranger = stage.path("stranger")
            district.ctl("district", "create", "--folder", stranger, "--district", "elsewhere", "--name", "别处", "--hub-url", district.url, "--listen",
                         district.url.removeprefix("https://"), "--administrator", "somebody", "--recovery-out", stage.path("elsewhere.pem"))
            callers = {name: Caller(stage, district, name) for name in SIZES}
            for caller in callers.values():
                caller.authority = os.path.join(district.folder, "hub", "authority.pem")
            if not mounted:
                say("a small disk cannot be mounted here, so faults of a full disk are left out")
            hub = HubFaults(stage, district, disk)
            hub.run(callers[KIOSK])
            clients = ClientFaults(stage, district, disk, hub, callers)
            try:
                clients.run(stranger)
            except BaseException:
                for program in clients.on.values():
                    if program.name in stage.processes:
                        print(f"--- {program.name}\n{program.dump()}", file=sys.stderr)
                raise
            status = stage.stop("hub", 15)
            if status != 0:
                raise AssertionError(f"the hub ended with status {status}")
            say("all faults named, nothing lost")
    finally:
        disk.close()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], enter_own_mounts())
