# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser as the other side of a call: each sees the other's picture and hears the other's tone. First the browser calls, then we do."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time

from side import BrowserSide

SECONDS = 60


def is_near(colour, wanted):
    return all(value > 130 if part else value < 110 for value, part in zip(colour, wanted))


# Of the test picture A: white, yellow, cyan, green, magenta, red, blue.
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1)]
STRIPES = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


def recognises(report, numbers):
    """What is still not right; empty when both see and hear each other."""
    wrong = []
    if len(report.get("bars", [])) != 7 or not all(is_near(*pair) for pair in zip(report["bars"], BARS)):
        wrong.append("the browser does not see the bars")
    if abs(report.get("pitch", 0) - 440) > 6:
        wrong.append("the browser does not hear 440 Hz")
    if len(numbers.get("picture", [])) != 3 or not all(is_near(*pair) for pair in zip(numbers["picture"], STRIPES)):
        wrong.append("we do not see the stripes")
    if abs(numbers.get("pitch", 0) - 660) > 6:
        wrong.append("we do not hear 660 Hz")
    return wrong


def call(build, browser_offers):
    ours = subprocess.Popen([f"{build}/tests/call/call-peer", "a"] + ([] if browser_offers else ["offer"]), stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, env=dict(os.environ, G_DEBUG=""))
    numbers = {}

    def to_us(body):
        ours.stdin.write(json.dumps(body) + "\n")
        ours.stdin.flush()

    browser = BrowserSide(to_us, "offer" if browser_offers else "")

    def read():
        for text in ours.stdout:
            line = json.loads(text)
            if "send" in line:
                browser.give(line["send"])
            else:
                numbers.update(line["numbers"])

    threading.Thread(target=read, daemon=True).start()
    try:
        until = time.monotonic() + SECONDS
        wrong = ["nothing yet"]
        while wrong and time.monotonic() < until and browser.process.poll() is None:
            time.sleep(0.2)
            wrong = recognises(browser.report, numbers)
    finally:
        ours.stdin.close()
        ours.wait(20)
        browser.close()
    if wrong:
        wrong += [f"browser: {browser.report}", f"ours: {numbers}"]
    return wrong


def main():
    build = sys.argv[1]
    print("1..2")
    for number, (name, browser_offers) in enumerate((("browser-calls", True), ("browser-is-called", False)), 1):
        if shutil.which("chromium") is None:
            print(f"ok {number} /call/chromium/{name} # SKIP the package chromium is not installed")
            continue
        wrong = call(build, browser_offers)
        for line in wrong:
            print("#", line)
        print("not ok" if wrong else "ok", number, f"/call/chromium/{name}", flush=True)


if __name__ == "__main__":
    main()
