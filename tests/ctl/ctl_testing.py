# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of anxinctl share: run it, report in TAP, private session bus and keyring."""

import os
import subprocess
import sys
import tempfile

BUILD = os.environ["ANX_TOP_BUILD"]
SOURCE = os.environ["ANX_TOP_SOURCE"]
CTL = os.path.join(BUILD, "src", "ctl", "anxinctl")
HUB = os.path.join(BUILD, "src", "hub", "anxin-hub")


def ctl(*words, stdin=None, **environment):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([CTL, *words], input=stdin, capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, **environment))
    return done.returncode, done.stdout, done.stderr


def enter_private_session():
    """Runs this script again on a session bus, HOME and keyring of its own; returns in the second run."""
    if os.environ.get("ANX_TEST_SESSION"):
        return
    with tempfile.TemporaryDirectory(prefix="anxin-ctl-") as folder:
        environment = dict(os.environ, ANX_TEST_SESSION=folder, HOME=os.path.join(folder, "home"),
                           XDG_RUNTIME_DIR=os.path.join(folder, "run"))
        environment.pop("DISPLAY", None)
        environment.pop("WAYLAND_DISPLAY", None)
        for name in ("home", "run"):
            os.mkdir(os.path.join(folder, name), 0o700)
        sys.exit(subprocess.run(["dbus-run-session", "--", sys.executable, *sys.argv], env=environment).returncode)


def unlock_keyring():
    subprocess.run(["gnome-keyring-daemon", "--unlock", "--components=secrets"], input="password", text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def run_all(tests):
    """Each of the functions in order; a later one may build on an earlier one."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", "-")
        try:
            test()
            print(f"ok {number} /ctl/{name}", flush=True)
        except Exception as error:  # each failure is reported, the rest still runs
            failed += 1
            for line in f"{type(error).__name__}: {error}".splitlines():
                print(f"# {line}")
            print(f"not ok {number} /ctl/{name}", flush=True)
    return 1 if failed else 0


def expect(actual, wanted, what=""):
    if actual != wanted:
        raise AssertionError(f"{what}: {actual!r} instead of {wanted!r}")


def expect_true(condition, what=""):
    if not condition:
        raise AssertionError(what)
