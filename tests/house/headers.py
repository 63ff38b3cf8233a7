#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every header compiles alone, with the include directories of its own folder's build and nothing else. Where a source of the build
includes its own header first, the build has shown that already; the others are compiled here."""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

source, build = sys.argv[1:3]
with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
    commands = json.load(file)
flags, built = {}, set()
for command in commands:
    path = os.path.normpath(os.path.join(command["directory"], command["file"]))
    folder = os.path.dirname(path)
    built.add(path)
    if folder.startswith(os.path.join(source, "src")) and folder not in flags:
        words = shlex.split(command["command"])
        flags[folder] = [w for w in words if w.startswith(("-I", "-D", "-std", "-isystem", "-pthread", "-f")) and "sanitize" not in w]


def check(path):
    words = ["cc", "-fsyntax-only", "-Wall", "-x", "c", path, *flags.get(os.path.dirname(path), [])]
    done = subprocess.run(words, cwd=build, capture_output=True, text=True, check=False)
    return path, done.stderr if done.returncode else ""


def shown_by_build(header):
    own = header[:-1] + "c"
    if own not in built:
        return False
    with open(own, encoding="utf-8") as file:
        first = re.search(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', file.read(), re.MULTILINE)
    return first is not None and first.group(1) == os.path.basename(header)


headers = [os.path.join(root, name) for root, _, names in os.walk(os.path.join(source, "src")) for name in names if name.endswith(".h")]
alone = [header for header in headers if not shown_by_build(header)]
with ThreadPoolExecutor(2) as pool:
    bad = [(path, text) for path, text in pool.map(check, alone) if text]
for path, text in bad:
    print(path, text, sep="\n")
print(f"{len(headers)} headers, {len(alone)} of them not the first of their own source; {len(bad)} do not compile alone")
sys.exit(1 if bad or not headers else 0)
