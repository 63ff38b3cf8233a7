# SPDX-License-Identifier: GPL-3.0-or-later
"""PHQ-9 responses scored a second, against fhirpath.js (the evaluator inside LHC-Forms) on the same file; pages of a 1,000-item form against
the 16 ms of one frame. Processor time on both sides, so that what else runs does not count."""

import json
import os
import shutil
import subprocess
import tempfile

RESPONSES = 100000
RIVAL_RESPONSES = 2000
FHIRPATH_JS = "fhirpath@4"
PAGE_LIMIT_MS = 16
HERE = os.path.dirname(os.path.abspath(__file__))
PHQ_9 = os.path.join(HERE, "..", "..", "data", "questionnaires", "phq-9.json")


def _run(command, **options):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout)


def _rival(folder, responses):
    """Seconds a response and the sum of the totals, or None where npm cannot install it."""
    if shutil.which("npm") is None:
        return None
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, FHIRPATH_JS], capture_output=True)
    if done.returncode != 0:
        return None
    script = shutil.copy(os.path.join(HERE, "scoring.js"), folder)
    return _run(["node", script, PHQ_9, responses, str(RIVAL_RESPONSES)])


def scoring(build):
    program = os.path.join(build, "build-aux", "measure", "score-forms")
    subprocess.run(["ninja", "-C", build, "build-aux/measure/score-forms"], check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as folder:
        responses = os.path.join(folder, "responses")
        subprocess.run([program, "write", PHQ_9, str(RESPONSES), responses], check=True)
        ours = min((_run([program, "score", PHQ_9, responses]) for _ in range(3)), key=lambda r: r["seconds"])
        result = {"responses": ours["responses"], "seconds": ours["seconds"], "per_second": round(ours["responses"] / ours["seconds"])}
        rival = _rival(folder, responses)
        if rival is not None:
            result["fhirpath_js_per_second"] = round(rival["responses"] / rival["seconds"])
            result["ratio"] = round(result["per_second"] / result["fhirpath_js_per_second"], 2)
            few = os.path.join(folder, "few")
            with open(responses, encoding="utf-8") as source, open(few, "w", encoding="utf-8") as target:
                target.writelines(line for _, line in zip(range(RIVAL_RESPONSES), source))
            result["same_totals"] = _run([program, "score", PHQ_9, few])["sum"] == rival["sum"]
    result["page_limit_ms"] = PAGE_LIMIT_MS
    result["pages"] = _run([program, "pages", "1000", "0"])
    result["pages_with_expressions"] = _run([program, "pages", "1000", "3"])
    result["pages_asked_by_expressions"] = _run([program, "pages", "1000", "100", "asks"])
    result["pages_ratio"] = round(result["pages_asked_by_expressions"]["page_p99_ms"] / PAGE_LIMIT_MS, 3)
    return result
