#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists includes that go upward, sideways between programs, or past a folder that alone may name a library. Must list none."""
import os
import re
import sys

# A folder may include its own headers and those of the folders named here (src/README.md has the same table).
MAY_SEE = {
    "base": [],
    "fhirpath": ["base"],
    "care": ["base", "fhirpath"],
    "seal": ["base"],
    "store": ["base"],
    "sync": ["base", "care", "seal", "store"],
    "call": ["base", "seal"],
    "ui": ["base", "care", "seal", "store", "sync", "call"],
    "hub": ["base", "care", "seal", "store"],
    "ctl": ["base", "care", "seal", "store", "sync"],
    "kiosk": ["base", "care", "seal", "store", "sync", "call", "ui"],
    "desk": ["base", "care", "seal", "store", "sync", "call", "ui"],
}
# Third-party headers that only these folders name.
AT_HOME = {
    r"sqlite3\.h": ["store"],
    r"openssl/": ["seal", "hub"],  # the hub reads the peer certificate of a TLS connection; it does no cryptography
    r"libsecret/": ["seal"],
    r"gst/": ["call"],
    r"libical/": ["care"],
    r"libsoup/": ["sync"],
    r"libwebsockets\.h|uv\.h": ["hub"],
    r"gtk/|gdk/": ["ui", "kiosk", "desk"],
    r"adwaita\.h": ["desk"],
    r"pinyin\.h|zinnia\.h": ["kiosk"],
    r"qrencode\.h": ["ui"],
}
src = os.path.join(sys.argv[1], "src")
owner, wrong = {}, []
for folder in sorted(os.listdir(src)):
    if not os.path.isdir(os.path.join(src, folder)):
        continue
    if folder not in MAY_SEE:
        wrong.append(f"src/{folder}: a folder that the layering table does not know")
    for name in sorted(os.listdir(os.path.join(src, folder))):
        if name.endswith(".h"):
            if name in owner:
                wrong.append(f"src/{folder}/{name}: the name is already used in src/{owner[name]}")
            owner[name] = folder
includes = 0
for folder in MAY_SEE:
    for name in sorted(os.listdir(os.path.join(src, folder))):
        if not name.endswith((".c", ".h")):
            continue
        with open(os.path.join(src, folder, name), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
                if not found:
                    continue
                includes += 1
                header, place = found.group(1), f"src/{folder}/{name}:{number}"
                if "/../" in header or header.startswith("../"):
                    wrong.append(f"{place}: reaches out with “{header}”")
                if header in owner and owner[header] != folder and owner[header] not in MAY_SEE[folder]:
                    wrong.append(f"{place}: includes “{header}” of src/{owner[header]}")
                for pattern, homes in AT_HOME.items():
                    if re.match(pattern, header) and folder not in homes:
                        wrong.append(f"{place}: names “{header}”, which belongs to {' or '.join(homes)} alone")
print("\n".join(wrong) or f"{includes} includes read, none upward")
sys.exit(1 if wrong or includes == 0 else 0)
