# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage the demonstration and the outside tests stand on: a throw-away home, a private session bus with the
accessibility bus and nothing else, an open keyring, virtual screens; and the certainty that nothing of it outlives us."""

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def wait_for(condition, what, seconds=20.0, step=0.05):
    """Polls until `condition` gives something true and returns that; raises TimeoutError naming `what`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(step)


class Stage:
    """Use as a context manager. `keep` names a folder that stays; else everything is removed at the end."""

    def __init__(self, build, keep=None, display=None, accessible=True, keyring=True):
        self.build = os.path.abspath(build)
        self.root = keep or tempfile.mkdtemp(prefix="anxin-")
        self.kept = keep is not None
        self.display = display
        self.accessible = accessible
        self.keyring = keyring
        self.processes = {}
        self.env = {}

    def path(self, *names):
        return os.path.join(self.root, *names)

    def __enter__(self):
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for name in ("home", "run", "logs"):
            os.makedirs(self.path(name), mode=0o700, exist_ok=True)
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "TERM", "WAYLAND_DISPLAY", "DISPLAY", "XAUTHORITY")}
        if self.display is None:
            keep.pop("WAYLAND_DISPLAY", None)
            keep.pop("DISPLAY", None)
        runtime = self.path("run")
        if self.display is not None and os.environ.get("WAYLAND_DISPLAY") and os.environ.get("XDG_RUNTIME_DIR"):
            keep["WAYLAND_DISPLAY"] = os.path.join(os.environ["XDG_RUNTIME_DIR"], os.environ["WAYLAND_DISPLAY"])
        self.env = {
            **keep,
            "HOME": self.path("home"),
            "XDG_RUNTIME_DIR": runtime,
            "XDG_DATA_HOME": self.path("home", "data"),
            "XDG_CONFIG_HOME": self.path("home", "config"),
            "XDG_CACHE_HOME": self.path("home", "cache"),
            "LANG": "C.UTF-8",
            "LANGUAGE": os.environ.get("ANX_DEMO_LANGUAGE", "zh_CN"),
            "GSETTINGS_BACKEND": "memory",
            "GTK_USE_PORTAL": "0",
            "ADW_DISABLE_PORTAL": "1",
            "GSK_RENDERER": "cairo",
            "GDK_DEBUG": "gl-disable,no-portals",
            "NO_AT_BRIDGE": "0",
            "ANX_LOCALE_DIR": os.path.join(self.build, "po"),
            "ANX_DATA_DIR": os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "data"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "GCOV_PREFIX"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        try:
            self._start_bus()
            if self.keyring:
                self._start_keyring()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def runs(self, name):
        return name in self.processes and self.processes[name].poll() is None

    def last_of_log(self, name):
        with open(self.path("logs", f"{name}.log"), encoding="utf-8", errors="replace") as log:
            return log.read()[-4096:]

    def start(self, name, command, env=None, **options):
        """Starts a program whose standard error goes to logs/NAME.log; it dies with us."""
        log = open(self.path("logs", f"{name}.log"), "ab")
        process = subprocess.Popen(command, env={**self.env, **(env or {})}, stderr=log, stdin=options.pop("stdin", subprocess.DEVNULL),
                                   stdout=options.pop("stdout", log), preexec_fn=_die_with_parent, **options)
        log.close()
        self.processes[name] = process
        return process

    def run(self, *command, check=True, env=None, stdin=None):
        """Runs a command to its end; gives (exit status, standard output, standard error)."""
        done = subprocess.run(command, env={**self.env, **(env or {})}, input=stdin, text=True, capture_output=True, timeout=120,
                              preexec_fn=_die_with_parent)
        if check and done.returncode != 0:
            raise RuntimeError(f"{os.path.basename(command[0])} {' '.join(command[1:3])} ended with {done.returncode}: {done.stderr.strip()}")
        return done.returncode, done.stdout, done.stderr

    def stop(self, name, seconds=10.0, how=signal.SIGTERM):
        """Ends a program and gives its exit status."""
        process = self.processes.pop(name, None)
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def program(self, name):
        folder = {"anxin-hub": "hub", "anxinctl": "ctl", "anxin-kiosk": "kiosk", "anxin-desk": "desk"}[name]
        return os.path.join(self.build, "src", folder, name)

    def _start_bus(self):
        services = self.path("run", "services")
        os.makedirs(services, exist_ok=True)
        if self.accessible:
            with open(os.path.join(services, "org.a11y.Bus.service"), "w", encoding="ascii") as file:
                file.write("[D-BUS Service]\nName=org.a11y.Bus\nExec=/usr/libexec/at-spi-bus-launcher\n")
        else:
            self.env["GTK_A11Y"] = "none"
        config = self.path("run", "bus.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write('<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" '
                       '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n'
                       f'<busconfig><type>session</type><keep_umask/><listen>unix:path={self.path("run", "bus")}</listen>'
                       f'<servicedir>{services}</servicedir><policy context="default"><allow send_destination="*" eavesdrop="true"/>'
                       '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n')
        if os.path.exists(self.path("run", "bus")):
            os.unlink(self.path("run", "bus"))
        self.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={self.path('run', 'bus')}"
        self.start("bus", ["dbus-daemon", f"--config-file={config}", "--nofork"])
        wait_for(lambda: os.path.exists(self.path("run", "bus")), "the session bus")

    def _start_keyring(self):
        secret = self.path("run", "keyring-password")
        if not os.path.exists(secret):
            with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(16))
        with open(secret, "rb") as stdin:
            self.start("keyring", ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], stdin=stdin)
        wait_for(lambda: self.run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login",
                                  "org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked", check=False)[1].count("boolean false"),
                 "the open keyring")

    def start_screen(self, name, size, managed=False):
        """A virtual X screen of its own; gives the environment for programs on it. A managed one has a window manager, as a desk has;
        the kiosk's screen has none, as in the field."""
        read, write = os.pipe()
        self.start(f"screen-{name}", ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-dpi", "96"], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start, see {self.path('logs')}")
        env = {"DISPLAY": f":{number}", "GDK_BACKEND": "x11"}
        if managed:
            self.start(f"manager-{name}", ["openbox", "--sm-disable"], env=env)
        return env

    def descendants(self):
        """Every process below this one, whoever started it."""
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                        parents[int(entry)] = int(file.read().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError, ValueError):
                    pass
        found, todo = [], [os.getpid()]
        while todo:
            parent = todo.pop()
            for pid, of in parents.items():
                if of == parent and pid not in found:
                    found.append(pid)
                    todo.append(pid)
        return found

    def close(self):
        for name in list(self.processes)[::-1]:
            self.stop(name, 8.0)
        # Services the bus started, and whatever a program left: we are their subreaper.
        for pid in self.descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                break
        if not self.kept:
            shutil.rmtree(self.root, ignore_errors=True)
