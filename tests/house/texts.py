#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every marked text has its Chinese; po/POTFILES names every source with marked texts; nothing fuzzy; placeholders agree."""
import os
import re
import subprocess
import sys
import tempfile

top = sys.argv[1]
wrong = []
marked = set()
for root, _, names in os.walk(os.path.join(top, "src")):
    for name in names:
        if name.endswith((".c", ".ui")):
            path = os.path.join(root, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if re.search(r'\b(N?C?_|ngettext|T_) ?\("', text) or 'translatable="yes"' in text:
                marked.add(os.path.relpath(path, top))
with open(os.path.join(top, "po", "POTFILES"), encoding="utf-8") as file:
    listed = {line.strip() for line in file if line.strip() and not line.startswith("#")}
wrong += [f"po/POTFILES lacks {name}" for name in sorted(marked - listed)]
wrong += [f"po/POTFILES names {name}, which has no marked text" for name in sorted(listed - marked)]

with tempfile.TemporaryDirectory() as work:
    pot = os.path.join(work, "anxin.pot")
    for language, ending in (("C", ".c"), ("Glade", ".ui")):
        subprocess.run(["xgettext", "--join-existing" if os.path.exists(pot) else "--from-code=UTF-8", "--from-code=UTF-8", f"--language={language}",
                        "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=T_", "--keyword=ngettext:1,2",
                        "--keyword=g_dngettext:2,3", "-o", pot, *sorted(n for n in listed & marked if n.endswith(ending))],
                       cwd=top, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    with open(pot, encoding="utf-8") as file:
        template = file.read().replace("charset=CHARSET", "charset=UTF-8")
    with open(pot, "w", encoding="utf-8") as file:
        file.write(template)
    po = os.path.join(top, "po", "zh_CN.po")
    missing = subprocess.run(["msgcmp", po, pot], capture_output=True, text=True, check=False)
    if missing.returncode:
        wrong.append(f"zh_CN.po is not complete:\n{missing.stderr.strip()}")
    check = subprocess.run(["msgfmt", "--check-format", "-o", os.path.join(work, "x.mo"), po], capture_output=True, text=True, check=False)
    if check.returncode:
        wrong.append(check.stderr.strip())
print("\n".join(wrong) or f"{len(marked)} sources with texts, all translated")
sys.exit(1 if wrong else 0)
