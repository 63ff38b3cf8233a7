#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second scorer, written from the published keys alone; it knows nothing of our files. It looks whether vectors/*.tsv cover every edge,
item, gap and rule, then draws random answers and lets test-instruments compare them with the engine, some through anxinctl as well.

Answers stand in the printed order of the questions: the number of the ticked answer from 0 on, y, n, a value; x is refused, - is nothing."""
import collections
import fractions
import json
import math
import os
import random
import subprocess
import sys
import tempfile

Score = collections.namedtuple("Score", "code items bands gaps times finish least", defaults=((), 0, 1, None, None))
Danger = collections.namedtuple("Danger", "rule item level ticks")
FREQUENCY, REVERSED, YES, NO = [0, 1, 2, 3], [3, 2, 1, 0], {"y": 1, "n": 0}, {"y": 0, "n": 1}
BANDS5 = "normal mild moderate severe extremely-severe*"


def edges(names, *firsts):
    """edges("a b*", 0, 5): a from 0 up, green; b from 5 up, yellow as the star says."""
    return [(low, name.rstrip("*") + (":yellow" if name.endswith("*") else ":green")) for name, low in zip(names.split(), firsts)]


class Instrument:
    """@points: of each item, by the number of its answer or by y and n; for a value that is typed, a set of tokens to try. @whole computes
    what is more than a sum: all answers in, code to value out."""

    def __init__(self, points, scores, dangers=(), asked=lambda answers: [True] * len(answers), whole=None):
        self.points, self.scores, self.dangers, self.asked, self.whole = points, scores, dangers, asked, whole

    def score(self, answers):
        if self.whole:
            return self.whole(answers)
        asked = self.asked(answers)
        return {s.code: self.one(s, answers, asked) for s in self.scores}

    def one(self, score, answers, asked):
        known, missing = [], 0
        for item in score.items:
            token = answers[item - 1]
            if not asked[item - 1]:
                known.append(0)
            elif token in "x-":
                missing += 1
            else:
                points = self.points[item - 1]
                point = points[token] if isinstance(points, dict) else points[int(token)]
                known.append(point if score.least is None else int(point >= score.least))
        if missing > score.gaps or not known:
            return None
        value = (sum(known) + missing * sum(known) / len(known)) * score.times
        return score.finish(value) if score.finish else value

    def band(self, score, value):
        name = None
        for low, name_from_here in score.bands:
            if value >= low:
                name = name_from_here
        return name

    def danger(self, answers):
        asked = self.asked(answers)
        return sorted({(d.rule, d.item, d.level) for d in self.dangers if asked[d.item - 1] and answers[d.item - 1] in d.ticks})


def simple(n, points, code, names, *firsts, dangers=(), **more):
    return Instrument([points] * n, [Score(code, range(1, n + 1), edges(names, *firsts), **more)], dangers)


def keyed(n, forward, backward, turned):
    return [backward if i in turned else forward for i in range(1, n + 1)]


def audit_asked(answers):
    drinks = answers[0] != "0"
    more = drinks and not (answers[1] == "0" and answers[2] == "0")
    return [True, drinks, drinks] + [more] * 5 + [True, True]


def asq_asked(answers):
    return [True] * 4 + [any(a in "yx-" for a in answers[:4])]


def trauma_asked(answers):
    return [True] + [answers[0] == "y"] * 5


def asq_outcome(answers):
    if answers[4] in "yx" and asq_asked(answers)[4]:
        return {"asq-outcome": 2}
    if any(a in "yx" for a in answers[:4]):
        return {"asq-outcome": 1 if answers[4] == "n" else None}
    return {"asq-outcome": 0 if answers[:4] == ["n"] * 4 else None}


def steps(value, *limits):
    """How many of the limits the value has passed; nothing stays nothing."""
    return None if value is None else sum(value > limit for limit in limits)


def psqi(answers):
    """Buysse 1989: minutes in exact numbers, so that 85 in 100 is 85."""
    said = [None if a in "x-" else a for a in answers]
    number = [int(a) if a is not None else None for a in said[4:]]
    plus = lambda *parts: None if None in parts else sum(parts)
    minutes = None if said[1] is None else int(said[1])
    hours = None if said[3] is None else fractions.Fraction(said[3])
    efficiency = None
    if None not in (said[0], said[2], hours):
        bed, rise = (int(said[i][:2]) * 60 + int(said[i][3:5]) for i in (0, 2))
        efficiency = hours * 6000 / ((rise - bed) % 1440) if rise != bed else None
    asleep = steps(minutes, 15, 30, 60)
    parts = {"c1-quality": number[10], "c2-latency": steps(plus(asleep, number[0]), 0, 2, 4),
             "c3-duration": None if hours is None else 0 if hours > 7 else 1 if hours >= 6 else 2 if hours >= 5 else 3,
             "c4-efficiency": None if efficiency is None else 0 if efficiency >= 85 else 1 if efficiency >= 75 else 2 if efficiency >= 65 else 3,
             "c5-disturbance": steps(plus(*number[1:10]), 0, 9, 18), "c6-medication": number[11], "c7-daytime": steps(plus(number[12], number[13]), 0, 2, 4)}
    return {f"psqi-{k}": v for k, v in parts.items()} | {"psqi-fall-asleep": asleep, "psqi-global": plus(*parts.values())}


DASS = {"depression": ((3, 5, 10, 13, 16, 17, 21), (0, 10, 14, 21, 28)), "anxiety": ((2, 4, 7, 9, 15, 19, 20), (0, 8, 10, 15, 20)),
        "stress": ((1, 6, 8, 11, 12, 14, 18), (0, 15, 19, 26, 34))}
CLUSTERS = {"b": range(1, 6), "c": range(6, 8), "d": range(8, 15), "e": range(15, 21)}
FACTORS = {"somatization": (1, 4, 12, 27, 40, 42, 48, 49, 52, 53, 56, 58), "obsessive-compulsive": (3, 9, 10, 28, 38, 45, 46, 51, 55, 65),
           "interpersonal": (6, 21, 34, 36, 37, 41, 61, 69, 73), "depression": (5, 14, 15, 20, 22, 26, 29, 30, 31, 32, 54, 71, 79),
           "anxiety": (2, 17, 23, 33, 39, 57, 72, 78, 80, 86), "hostility": (11, 24, 63, 67, 74, 81), "phobic": (13, 25, 47, 50, 70, 75, 82),
           "paranoid": (8, 18, 43, 68, 76, 83), "psychoticism": (7, 16, 35, 62, 77, 84, 85, 87, 88, 90), "additional": (19, 44, 59, 60, 64, 66, 89)}
SDS_TURNED, SAS_TURNED = (2, 5, 6, 11, 12, 14, 16, 17, 18, 20), (5, 9, 13, 17, 19)
AUDIT = [[0, 1, 2, 3, 4]] * 8 + [[0, 2, 4]] * 2


def zung(name, turned, norm, dangers=()):
    return Instrument(keyed(20, [1, 2, 3, 4], [4, 3, 2, 1], turned),
                      [Score(f"{name}-raw", range(1, 21)), Score(f"{name}-index", range(1, 21), edges("below-norm norm-reached", 25, norm), times=1.25, finish=math.floor)], dangers)


INSTRUMENTS = {
    "phq-9": simple(9, FREQUENCY, "44261-6", "minimal mild moderate moderately-severe* severe*", 0, 5, 10, 15, 20, gaps=2,
                    dangers=[Danger("self-harm-thoughts", 9, "yellow", "123x")]),
    "gad-7": simple(7, FREQUENCY, "70274-6", "minimal mild moderate severe*", 0, 5, 10, 15),
    "phq-2": simple(2, FREQUENCY, "55758-7", "negative positive", 0, 3),
    "gad-2": simple(2, FREQUENCY, "gad-2-total", "negative positive", 0, 3),
    "phq-4": Instrument([FREQUENCY] * 4, [Score("phq-4-total", range(1, 5), edges("normal mild moderate severe*", 0, 3, 6, 9)),
                                          Score("gad-2-total", (1, 2), edges("negative positive", 0, 3)), Score("55758-7", (3, 4), edges("negative positive", 0, 3))]),
    "asq": Instrument([YES] * 5, [Score("asq-outcome", (), [(0, "negative:green"), (1, "non-acute-positive:yellow"), (2, "acute-positive:red")])], [Danger("asq-wished-dead", 1, "yellow", "yx"), Danger("asq-better-off-dead", 2, "yellow", "yx"), Danger("asq-thoughts", 3, "yellow", "yx"),
                                      Danger("asq-attempt", 4, "yellow", "yx"), Danger("asq-acute", 5, "red", "yx")], asq_asked, asq_outcome),
    "pc-ptsd-5": Instrument([{"y": 0, "n": 0}] + [YES] * 5, [Score("pc-ptsd-5-total", range(1, 7), edges("negative positive-women positive", 0, 3, 4))], (), trauma_asked),
    "pcl-5": Instrument([[0, 1, 2, 3, 4]] * 20, [Score("101698-9", range(1, 21), edges("below-cut-point cut-point-reached*", 0, 33))]
                        + [Score(f"pcl-5-cluster-{k}", v) for k, v in CLUSTERS.items()] + [Score(f"pcl-5-count-{k}", v, least=2) for k, v in CLUSTERS.items()]),
    "gds-15": Instrument(keyed(15, YES, NO, (1, 5, 7, 11, 13)), [Score("48545-8", range(1, 16), edges("normal mild moderate severe*", 0, 5, 9, 12))]),
    "ces-d": Instrument(keyed(20, FREQUENCY, REVERSED, (4, 8, 12, 16)), [Score("ces-d-total", range(1, 21), edges("below-cut-point cut-point-reached", 0, 16))]),
    "k10": simple(10, [1, 2, 3, 4, 5], "k10-total", "well mild moderate severe*", 10, 20, 25, 30),
    "k6": simple(6, [0, 1, 2, 3, 4], "k6-total", "low moderate serious*", 0, 5, 13),
    "who-5": Instrument([[5, 4, 3, 2, 1, 0]] * 5, [Score("who-5-raw", range(1, 6)), Score("who-5-index", range(1, 6), edges("low* lower good", 0, 29, 51), times=4)]),
    "srq-20": simple(20, YES, "srq-20-total", "below-cut-point cut-point-reached", 0, 7, dangers=[Danger("thoughts-of-ending-life", 17, "yellow", "yx")]),
    "audit": Instrument(AUDIT, [Score("75624-7", range(1, 11), edges("zone-1 zone-2 zone-3* zone-4*", 0, 8, 16, 20))], (), audit_asked),
    "audit-c": Instrument(AUDIT[:3], [Score("75626-2", range(1, 4), edges("negative positive-women positive", 0, 3, 4))], (), lambda a: audit_asked(a)[:3]),
    "dass-21": Instrument([FREQUENCY] * 21, [Score(f"dass-21-{k}", items, edges(BANDS5, *firsts), times=2) for k, (items, firsts) in DASS.items()]
                          + [Score("dass-21-meaning", (21,), edges("no-prompt ask-further", 0, 2))]),
    "epds": Instrument(keyed(10, REVERSED, FREQUENCY, (1, 2, 4)), [Score("epds-total", range(1, 11), edges("unlikely possible probable*", 0, 10, 13))],
                       [Danger("self-harm-thoughts", 10, "yellow", "012x")]),
    "ais": simple(8, FREQUENCY, "ais-total", "none mild moderate severe*", 0, 6, 10, 16),
    "psqi": Instrument([{"22:00:00": 0, "23:00:00": 0, "00:00:00": 0, "01:30:00": 0}, {m: 0 for m in ("0", "15", "16", "30", "31", "60", "61", "90")},
                        {"06:00:00": 0, "07:00:00": 0, "08:00:00": 0}, {h: 0 for h in ("3.5", "4.9", "5", "5.2", "5.9", "6", "6.8", "7", "7.5", "8")}] + [FREQUENCY] * 14,
                       [Score(f"psqi-{k}", ()) for k in ("c1-quality", "fall-asleep", "c2-latency", "c3-duration", "c4-efficiency", "c5-disturbance", "c6-medication", "c7-daytime")]
                       + [Score("psqi-global", (), edges("good poor", 0, 6))], whole=psqi),
    "sds": zung("sds", SDS_TURNED, 53, [Danger("others-better-off", 19, "yellow", "123x")]),
    "sas": zung("sas", SAS_TURNED, 50),
    "scl-90": Instrument([[1, 2, 3, 4, 5]] * 90, [Score("scl-90-total", range(1, 91), edges("below-norm norm-reached", 90, 160)),
                                                  Score("scl-90-positive", range(1, 91), edges("below-norm norm-reached", 0, 43), least=2)]
                         + [Score(f"scl-90-{k}", v, edges("below-norm norm-reached", 1, 2), times=1 / len(v)) for k, v in FACTORS.items()],
                         [Danger("thoughts-of-ending-life", 15, "yellow", "1234x")]),
}


def choices(points):
    return list(points) if isinstance(points, dict) else [str(i) for i in range(len(points))]


def row(name, answers, source):
    """One line as test-instruments reads it: answers, scores, dangers, source, with tabulators between."""
    instrument = INSTRUMENTS[name]
    asked = instrument.asked(answers)
    answers = [a if on else "-" for a, on in zip(answers, asked)]
    scores = []
    for score in instrument.scores:
        value = instrument.score(answers)[score.code]
        band = instrument.band(score, value) if value is not None else None
        scores.append(f"{score.code}=absent" if value is None else f"{score.code}={value:.12g}" + (f":{band}" if band else ""))
    found = " ".join(f"{rule}@{item}:{level}" for rule, item, level in instrument.danger(answers))
    return "\t".join([" ".join(answers), " ".join(scores) or "-", found or "-", source])


def values_of(instrument, score):
    """All values the score can take, without gaps."""
    if instrument.whole:
        return list(range(22)) if score.code == "psqi-global" else list(range(3 if score.code == "asq-outcome" else 4))
    sums = {0}
    for item in score.items:
        points = instrument.points[item - 1]
        points = set(points.values() if isinstance(points, dict) else points)
        points = points if score.least is None else {int(p >= score.least) for p in points}
        sums = {s + p for s in sums for p in points}
    finish = score.finish or (lambda v: v)
    return sorted({finish(s * score.times) for s in sums})


def read_table(path):
    rows, keys = [], set()
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("# [") and "] " in line:
                keys.add(line[3:line.index("]")])
            elif line and not line.startswith("#"):
                rows.append(line.split("\t"))
    return rows, keys


def uncovered(name, path):
    """What the table of this instrument leaves untried."""
    instrument = INSTRUMENTS[name]
    rows, keys = read_table(path)
    wrong = [f"{r[0]}: no source “{r[3]}”" for r in rows if r[3] not in keys]
    tried = [r[0].split(" ") for r in rows]
    told = [dict(s.split("=", 1) for s in r[1].split(" ")) if r[1] != "-" else {} for r in rows]
    for score in instrument.scores:
        given = [t[score.code] for t in told if score.code in t]
        if "absent" not in given:
            wrong.append(f"{score.code}: never absent")
        if score.gaps and not any(t[score.code] != "absent" and any(a[i - 1] in "x-" for i in score.items) for a, t in zip(tried, told) if score.code in t):
            wrong.append(f"{score.code}: never with a gap")
        values = values_of(instrument, score)
        if not score.bands:
            wrong += [f"{score.code}: {v} is missing" for v in values if instrument.whole and f"{v}" not in given]
        for band in {b for _, b in score.bands}:
            inside = [v for v in values if instrument.band(score, v) == band]
            wrong += [f"{score.code}: edge {v:.12g} of {band} is missing" for v in (inside[0], inside[-1]) if f"{v:.12g}:{band}" not in given]
    alone = set()
    for k, a in enumerate(tried):
        for b in tried[:k]:
            differ = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
            if len(differ) == 1 and not {a[differ[0]], b[differ[0]]} & {"x", "-"}:
                alone.add(differ[0])
    for i, points in enumerate(instrument.points):
        for tick in choices(points):
            for score in instrument.scores:
                if i + 1 in score.items and not any(a[i] == tick and t.get(score.code, "absent") != "absent" for a, t in zip(tried, told)):
                    wrong.append(f"item {i + 1}: answer {tick} is not tried for {score.code}")
        counts = len(set(points.values() if isinstance(points, dict) else points)) > 1
        if counts and i not in alone and instrument.scores:
            wrong.append(f"item {i + 1}: no two rows that differ in it alone")
    for danger in instrument.dangers:
        for tick in choices(instrument.points[danger.item - 1]) + ["x", "-"]:
            if not any(a[danger.item - 1] == tick for a in tried):
                wrong.append(f"{danger.rule}: answer {tick} is not tried")
    return [f"{os.path.basename(path)}: {w}" for w in wrong]


def bands_off(name, questionnaire):
    """Bands of the file that begin elsewhere than the published ones, or do not end with the greatest value."""
    instrument, wrong = INSTRUMENTS[name], []
    for score in instrument.scores:
        for extension in questionnaire["extension"]:
            parts = extension.get("extension", []) if extension["url"] == "urn:anxin:fhir:score" else []
            if any(p.get("valueCoding", {}).get("code") == score.code for p in parts) and score.bands:
                froms, tos = ([q["valueDecimal"] for p in parts if p["url"] == "band" for q in p["extension"] if q["url"] == end] for end in ("from", "to"))
                if froms != [low for low, _ in score.bands] or tos[-1] != round(values_of(instrument, score)[-1], 9):
                    wrong.append(f"{name}: {score.code}: bands begin at {froms} and end at {tos[-1]}")
    return wrong


def draw(name, rng):
    instrument = INSTRUMENTS[name]
    mood = rng.random()
    answers = []
    for points in instrument.points:
        ticks = choices(points)
        if rng.random() < 0.02:
            answers.append(rng.choice("x-"))
        else:
            answers.append(rng.choice(ticks) if rng.random() < 0.4 else ticks[min(int(mood * len(ticks)), len(ticks) - 1)])
    return answers


def through_ctl(ctl, top, name, line, work):
    """The same row as FHIR through anxinctl: the scores it prints must be the ones of the row."""
    with open(os.path.join(top, "data", "questionnaires", name + ".json"), encoding="utf-8") as file:
        questionnaire = json.load(file)
    answers, scores, found, _ = line.split("\t")
    items, tokens = [], iter(answers.split(" "))

    def walk(parent):
        for item in parent.get("item", []):
            if item["type"] == "group":
                walk(item)
            elif item["type"] != "display":
                token = next(tokens)
                if token == "x":
                    items.append({"linkId": item["linkId"], "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "asked-declined"}]})
                elif item["type"] == "boolean" and token != "-":
                    items.append({"linkId": item["linkId"], "answer": [{"valueBoolean": token == "y"}]})
                elif token != "-":
                    value = {"time": lambda: {"valueTime": token}, "integer": lambda: {"valueInteger": int(token)}, "decimal": lambda: {"valueDecimal": float(token)},
                             "choice": lambda: {"valueCoding": item["answerOption"][int(token)]["valueCoding"]}}[item["type"]]()
                    items.append({"linkId": item["linkId"], "answer": [value]})
    walk(questionnaire)
    path = os.path.join(work, "response.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}", "item": items}, file)
    done = subprocess.run([ctl, "questionnaire", "score", os.path.join(top, "data", "questionnaires", name + ".json"), path], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{name}: anxinctl: {done.stderr.strip()}"
    said = json.loads(done.stdout)
    mine = {}
    for part in scores.split(" ") if scores != "-" else []:
        code, rest = part.split("=", 1)
        mine[code] = None if rest == "absent" else float(rest.split(":")[0])
    theirs = {s["code"]: s["value"] for s in said["scores"]}
    for code, value in mine.items():
        if (theirs.get(code) is None) != (value is None) or value is not None and abs(theirs[code] - value) > 1e-9:
            return f"{name}: {answers}: {code} is {theirs.get(code)}, not {value}"
    rules = sorted(f["rule"] for f in said["safety"])
    wanted = sorted(f.split("@")[0] for f in found.split(" ")) if found != "-" else []
    return None if rules == wanted else f"{name}: {answers}: safety {rules}, not {wanted}"


def main():
    top, program, ctl = sys.argv[1:4]
    folder = os.path.join(top, "tests", "care", "vectors")
    wrong = []
    for name in INSTRUMENTS:
        path = os.path.join(folder, name + ".tsv")
        wrong += uncovered(name, path) if os.path.exists(path) else [f"{name}: no vectors"]
        with open(os.path.join(top, "data", "questionnaires", name + ".json"), encoding="utf-8") as file:
            wrong += bands_off(name, json.load(file))
    rng = random.Random(int(os.environ.get("ANX_SEED", "20261122")))
    number = int(os.environ.get("ANX_RANDOM_ANSWERS", "150"))
    with tempfile.TemporaryDirectory() as work:
        for name in INSTRUMENTS:
            lines = [row(name, draw(name, rng), "drawn") for _ in range(number)]
            with open(os.path.join(work, name + ".tsv"), "w", encoding="utf-8") as file:
                file.write("# [drawn] at random, scored by scoring.py\n" + "\n".join(lines) + "\n")
            wrong += filter(None, [through_ctl(ctl, top, name, line, work) for line in lines[:2]])
        done = subprocess.run([program, "-p", "/care/instruments/vectors"], env={**os.environ, "ANX_VECTORS": work}, capture_output=True, text=True, check=False)
        if done.returncode:
            wrong.append(done.stdout + done.stderr)
    print("\n".join(wrong) or f"{len(INSTRUMENTS)} instruments, {number} random rows each, agree with the engine")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
