# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for what nobody may find: texts in files, in the forms in which programs and databases tend to write them."""

import base64
import json
import os


def forms_of(text):
    """The byte strings that would show the text to whoever searches. Those under six bytes would be met by chance."""
    raw = text.encode()
    forms = {raw, text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode("utf-32-le"), text.encode("gb18030"),
             json.dumps(text)[1:-1].encode(), raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        forms.add(base64.b64encode(b"\0" * shift + raw)[4 if shift else 0:][:-4])
    return {form for form in forms if len(form) >= 6}


def in_bytes(data, wanted):
    """Which of the texts (text → forms) stand in the bytes."""
    return {text for text, forms in wanted.items() if any(form in data for form in forms)}


def in_folders(folders, wanted):
    """Gives (files looked at, {file: texts found}); the names of files and folders count too."""
    found, files = {}, 0
    for folder in folders:
        for root, names, inside in os.walk(folder):
            for name in (*names, *inside):
                path = os.path.join(root, name)
                texts = in_bytes(name.encode(errors="surrogateescape"), wanted)
                if name in inside and os.path.isfile(path):
                    files += 1
                    with open(path, "rb") as file:
                        texts |= in_bytes(file.read(), wanted)
                if texts:
                    found[path] = texts
    return files, found
