#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every marked text has its Chinese; po/POTFILES names every source with marked texts; nothing fuzzy; placeholders agree; nothing that a
resident reads is a verdict: not on the kiosk, in its data, in the browser, on paper, nor in a district's own names of services. The questionnaires'
words are held to the same by care/instrument-texts."""
import json
import os
import re
import subprocess
import sys
import tempfile

# What no resident may read, neither in words of ours nor as the name of a result. The two sentences that say "no diagnosis" may.
FORBIDDEN = ("抑郁", "焦虑", "精神病", "确诊", "诊断", "患者", "患有", "您很安全", "五失", "风险等级", "depress", "anxiety", "disorder", "diagnos", "patient", "disease",
             "illness", "you are safe", "phq", "gad-7", "综合征", "综合症", "syndrome", "您是安全的", "红色", "高风险", "high risk")
# A share of anything reads as a risk.
SHARE = re.compile(r"\d\s?[%％]")
PRINTED = ("src/desk/plan-dialog.c",)
ALLOWED = ("不是诊断", "not a diagnosis")


def verdicts(text):
    """The forbidden words in a text."""
    text = text.lower()
    for allowed in ALLOWED:
        text = text.replace(allowed, "")
    return [word for word in FORBIDDEN if word in text] + SHARE.findall(text)


def extract(pot, names):
    """The marked texts of some sources as a template."""
    for language, ending in (("C", ".c"), ("Glade", ".ui")):
        sources = sorted(n for n in names if n.endswith(ending))
        if sources:
            subprocess.run(["xgettext", *(["--join-existing"] if os.path.exists(pot) else []), "--from-code=UTF-8", f"--language={language}",
                            "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=T_", "--keyword=ngettext:1,2",
                            "--keyword=g_dngettext:2,3", "-o", pot, *sources], cwd=top, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    with open(pot, encoding="utf-8") as file:
        template = file.read().replace("charset=CHARSET", "charset=UTF-8")
    with open(pot, "w", encoding="utf-8") as file:
        file.write(template)


def kiosk_texts(work, po):
    """English and Chinese of every text in the sources of the kiosk, of the widgets it shares, and of what a desk prints for a resident."""
    pot = os.path.join(work, "kiosk.pot")
    extract(pot, {n for n in listed & marked if n.startswith(("src/kiosk/", "src/ui/")) or n in PRINTED})
    merged = subprocess.run(["msgmerge", "--no-fuzzy-matching", "--no-wrap", "-q", po, pot, "-o", "-"], capture_output=True, text=True, check=True).stdout
    merged = subprocess.run(["msgattrib", "--no-obsolete", "--no-wrap", "-"], input=merged, capture_output=True, text=True, check=True).stdout
    return re.findall(r'^msg(?:id|id_plural|str(?:\[\d\])?) "(.+)"$', merged, re.M)


def strings_in(value):
    """Every string value of a JSON file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inside)


def is_prose(text):
    """Whether it is read by people: names of files and codes have no blank and no Chinese."""
    return re.search(r"[\u4e00-\u9fff]| ", text)


def data_texts():
    """File and text of everything outside the sources that a resident reads."""
    for root, _, names in os.walk(os.path.join(top, "data", "kiosk")):
        for name in names:
            if name.endswith(".json"):
                with open(os.path.join(root, name), encoding="utf-8") as file:
                    yield from ((name, text) for text in strings_in(json.load(file)))
    with open(os.path.join(top, "data", "demo", "district.json"), encoding="utf-8") as file:
        district = json.load(file)
    for kind in ("centres", "services"):
        yield from (("district.json", text) for text in strings_in(district[kind]))
    for name in ("page.html", "page.js"):
        with open(os.path.join(top, "data", "hub", "page", name), encoding="utf-8") as file:
            yield from ((name, "".join(found)) for found in re.findall(r"""\"([^"\n]+)"|'([^'\n]+)'|`([^`]+)`|>([^<>\n]+)<""", file.read()))


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
    extract(pot, listed & marked)
    po = os.path.join(top, "po", "zh_CN.po")
    missing = subprocess.run(["msgcmp", po, pot], capture_output=True, text=True, check=False)
    if missing.returncode:
        wrong.append(f"zh_CN.po is not complete:\n{missing.stderr.strip()}")
    check = subprocess.run(["msgfmt", "--check-format", "-o", os.path.join(work, "x.mo"), po], capture_output=True, text=True, check=False)
    if check.returncode:
        wrong.append(check.stderr.strip())
    texts = kiosk_texts(work, po)
    wrong += [f"the kiosk says “{text}”: {', '.join(verdicts(text))}" for text in texts if verdicts(text)]
    if len(texts) < 400:
        wrong.append(f"only {len(texts)} texts of the kiosk were read")
read = {}
for name, text in data_texts():
    if is_prose(text):
        read[name] = read.get(name, 0) + 1
        if verdicts(text):
            wrong.append(f"{name}: “{text}”: {', '.join(verdicts(text))}")
# What was not found was not read: a file that moved must not pass.
for name, least in {"learn.json": 40, "district.json": 15, "page.js": 20}.items():
    if read.get(name, 0) < least:
        wrong.append(f"only {read.get(name, 0)} texts of {name} were read")
print("\n".join(wrong) or f"{len(marked)} sources with texts, all translated")
sys.exit(1 if wrong else 0)
