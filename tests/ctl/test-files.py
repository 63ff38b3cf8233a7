#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that need neither hub nor keyring: records and questionnaires."""

import json
import os
import random
import subprocess
import sys
import tempfile

from ctl_testing import SOURCE, ctl, expect, expect_true, run_all

folder = tempfile.TemporaryDirectory(prefix="anxin-ctl-")
PHQ9 = os.path.join(SOURCE, "data", "questionnaires", "phq-9.json")


def path(name):
    return os.path.join(folder.name, name)


def open_record(envelope="envelope", key="key.pem", certificate="certificate.pem", authority="authority.pem"):
    return ctl("record", "open", "--key", path(key), "--certificate", path(certificate), "--authority", path(authority), path(envelope))


def record_open():
    subprocess.run([sys.argv[1], folder.name], check=True)
    code, out, message = open_record()
    expect(code, 0, message)
    payload = json.loads(out)
    expect(payload["resource"]["text"], "planted 植入")
    expect((payload["anxin"]["author"], payload["anxin"]["recipients"]), ("wang", ["wang"]))


def record_changed():
    """One bit anywhere: exit 1, no output. Every 7th byte, and every byte at both ends."""
    whole = open(path("envelope"), "rb").read()
    chance = random.Random(1)
    places = sorted(set(range(0, len(whole), 37)) | set(range(8)) | set(range(len(whole) - 8, len(whole))))
    for place in places:
        bad = bytearray(whole)
        bad[place] ^= 1 << chance.randrange(8)
        open(path("bad"), "wb").write(bad)
        code, out, _ = open_record("bad")
        expect((code, out), (1, ""), f"byte {place}")
    for bad in (b"", whole[:-1], whole + b"x", b"\0" * 300000):
        open(path("bad"), "wb").write(bad)
        expect(open_record("bad")[:2], (1, ""), f"{len(bad)} bytes")


def record_wrong_key():
    expect(open_record(key="other.pem")[:2], (1, ""))
    expect(open_record(authority="certificate.pem")[:2], (1, ""))
    expect(open_record(key="missing.pem")[:2], (1, ""))


def questionnaire_check():
    code, out, message = ctl("questionnaire", "check", PHQ9, os.path.join(SOURCE, "data", "questionnaires", "gad-7.json"))
    expect(code, 0, message)
    expect(len(out.splitlines()), 2)
    open(path("bad.json"), "w").write('{"resourceType":"Patient"}')
    expect(ctl("questionnaire", "check", PHQ9, path("bad.json"))[0], 1)
    expect(ctl("questionnaire", "check", path("missing.json"))[0], 1)


def questionnaire_check_in_chinese():
    """File, item and reason, with no English sentence left."""
    catalogue = path("zh_CN/LC_MESSAGES/anxin.mo")
    os.makedirs(os.path.dirname(catalogue))
    subprocess.run(["msgfmt", "-o", catalogue, os.path.join(SOURCE, "po", "zh_CN.po")], check=True)
    expression = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"}
    item = {"linkId": "q1", "type": "integer", "text": "Q"}
    for changes, said in [({"type": "question"}, "q1：不支持类型“question”"), ({"text": None}, "q1：题目没有文字"),
                          ({"type": "choice", "answerValueSet": "http://x"}, "q1：不支持文件之外的 answerValueSet"),
                          ({"extension": [{**expression, "valueExpression": {"language": "text/fhirpath", "expression": "1.resolve()"}}]},
                           "q1: calculatedExpression: 第 3 个字符：不支持函数“resolve”"), ({"initial": [{"valueString": "x"}]}, "q1：initial 不是这道题的答案")]:
        with open(path("one.json"), "w", encoding="utf-8") as file:
            changed = {name: value for name, value in {**item, **changes}.items() if value is not None}
            json.dump({"resourceType": "Questionnaire", "url": "urn:x", "status": "active", "item": [changed]}, file)
        code, _, message = ctl("questionnaire", "check", path("one.json"), LANGUAGE="zh_CN", ANX_LOCALE_DIR=folder.name)
        expect(code, 1, message)
        line = message.splitlines()[0]
        expect_true(line.startswith(path("one.json") + ": ") and line.endswith(said), line)


def items_of(questionnaire):
    for item in questionnaire.get("item", []):
        if item.get("answerOption"):
            yield item
        yield from items_of(item)


def response(choice):
    """Every item with an option answered by the option at @choice of each."""
    questionnaire = json.load(open(PHQ9))
    answers = []
    for item in items_of(questionnaire):
        option = item["answerOption"][min(choice, len(item["answerOption"]) - 1)]
        value = {key: value for key, value in option.items() if key.startswith("value")}
        answers.append({"linkId": item["linkId"], "answer": [value]})
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": answers,
            "questionnaire": questionnaire["url"] + "|" + questionnaire["version"]}


def score(choice):
    json.dump(response(choice), open(path("response.json"), "w"))
    code, out, message = ctl("questionnaire", "score", PHQ9, path("response.json"))
    expect(code, 0, message)
    result = json.loads(out)
    expect(sorted(result), ["safety", "scores"])
    for one in result["scores"]:
        expect(sorted(one), ["band", "code", "prorated", "value"])
    for one in result["safety"]:
        expect(sorted(one), ["item", "level", "rule"])
    return result


def questionnaire_score():
    """PHQ-9: nine items of 0 to 3, so the total is 0, 9, 18 or 27; any thought of death is a safety finding."""
    for choice, total in ((0, 0), (1, 9), (2, 18), (3, 27)):
        result = score(choice)
        expect_true(total in [one["value"] for one in result["scores"]], f"{total} in {result}")
        expect(bool(result["safety"]), choice > 0, result)


def questionnaire_unusable():
    for text in ("", "[]", '{"resourceType":"QuestionnaireResponse","item":7}', "\xff"):
        open(path("response.json"), "w").write(text)
        code, out, message = ctl("questionnaire", "score", PHQ9, path("response.json"))
        expect((code, out), (1, ""), text)
        expect_true(message, "a message")


sys.exit(run_all([record_open, record_changed, record_wrong_key, questionnaire_check, questionnaire_check_in_chinese, questionnaire_score, questionnaire_unusable]))
