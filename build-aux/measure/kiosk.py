# SPDX-License-Identifier: GPL-3.0-or-later
"""Touch to first resident frame, and memory of the process tree, against Chromium in kiosk mode showing a page of the same size."""

import os
import shutil
import statistics
import time

from district import District, KIOSK
from eye import Eye, settled, until_changed
from stage import Stage, wait_for

SIZE = "1080x1920"
ROUNDS = 8


def pss_mb(pid):
    """Proportional set size of a process and all below it, MB."""
    total, todo = 0, [pid]
    while todo:
        p = todo.pop()
        try:
            with open(f"/proc/{p}/smaps_rollup", encoding="ascii") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children", encoding="ascii") as file:
                    todo += [int(c) for c in file.read().split()]
        except (OSError, StopIteration):
            pass
    return total / 1024


PAGE = """<!doctype html><meta charset=utf-8><title>k</title><style>body{margin:0;background:%s;font:48px 'Noto Sans CJK SC';text-align:center}
button,a{display:block;margin:60px auto;width:800px;padding:60px;font:inherit;background:%s;color:#fff;border:0;border-radius:24px;text-decoration:none}</style>
%s"""


def _chromium(stage, screen):
    folder = stage.path("chromium")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "home.html"), "w", encoding="utf-8") as file:
        file.write(PAGE % ("#fbf6ec", "#1f6f6b", "".join(f"<a>{t}</a>" for t in ("预约谈话", "填写问卷", "凭码签到", "查询结果"))))
    with open(os.path.join(folder, "start.html"), "w", encoding="utf-8") as file:
        file.write(PAGE % ("#12403e", "#1f6f6b", "<script>addEventListener('pointerup',()=>location.href='home.html')</script><div style='height:100vh'>轻触开始</div>"))
    stage.start("chromium", ["chromium", "--kiosk", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                             "--disable-sync", "--disable-quic", f"--user-data-dir={folder}/data", "--window-size=1080,1920", "--window-position=0,0",
                             f"file://{folder}/start.html"], env=screen)


def _kiosk(stage, district, screen):
    district.create()
    district.enrol(KIOSK)
    stage.start(KIOSK, [stage.program("anxin-kiosk"), "--profile", district.profile(KIOSK), "--size", SIZE], env=screen)


def _wait_drawn(eye):
    black = eye.strip()
    wait_for(lambda: eye.strip() != black, "the first picture", 30)
    return settled(eye)


def touch(build):
    if shutil.which("chromium") is None:
        raise RuntimeError("the rival is missing: apt-get install chromium")
    ours, rival = [], []
    with Stage(build, accessible=False) as stage:
        screen = stage.start_screen("kiosk", SIZE)
        eye = Eye(screen["DISPLAY"])
        district = District(stage)
        _kiosk(stage, district, screen)
        _wait_drawn(eye)
        for _ in range(ROUNDS):
            # A spare must be ready, as it is when people come one after another.
            time.sleep(2.5)
            before = settled(eye)
            begin = eye.click(540, 960)
            ours.append((until_changed(eye, before) - begin) * 1000)
            stage.stop(KIOSK)
            blank = eye.strip()
            stage.start(KIOSK, [stage.program("anxin-kiosk"), "--profile", district.profile(KIOSK), "--size", SIZE], env=screen)
            wait_for(lambda: eye.strip() != blank, "the attract screen", 20)
        stage.stop(KIOSK)
        other = stage.start_screen("chromium", SIZE)
        eye = Eye(other["DISPLAY"])
        for _ in range(ROUNDS):
            _chromium(stage, other)
            _wait_drawn(eye)
            time.sleep(2.5)
            before = settled(eye)
            begin = eye.click(540, 960)
            rival.append((until_changed(eye, before) - begin) * 1000)
            stage.stop("chromium")
    a, b = statistics.median(ours), statistics.median(rival)
    return {"anxin_ms": round(a, 1), "chromium_ms": round(b, 1), "ratio": round(a / b, 3), "anxin_range_ms": [round(min(ours), 1), round(max(ours), 1)],
            "chromium_range_ms": [round(min(rival), 1), round(max(rival), 1)], "rounds": ROUNDS}


def memory(build):
    if shutil.which("chromium") is None:
        raise RuntimeError("the rival is missing: apt-get install chromium")
    with Stage(build, accessible=False) as stage:
        screen = stage.start_screen("kiosk", SIZE)
        eye = Eye(screen["DISPLAY"])
        _kiosk(stage, District(stage), screen)
        before = _wait_drawn(eye)
        time.sleep(2.5)
        idle = pss_mb(stage.processes[KIOSK].pid)
        eye.click(540, 960)
        until_changed(eye, before)
        settled(eye)
        visit = pss_mb(stage.processes[KIOSK].pid)
        stage.stop(KIOSK)
        other = stage.start_screen("chromium", SIZE)
        eye = Eye(other["DISPLAY"])
        _chromium(stage, other)
        before = _wait_drawn(eye)
        eye.click(540, 960)
        until_changed(eye, before)
        settled(eye)
        rival = pss_mb(stage.processes["chromium"].pid)
    return {"anxin_idle_pss_mb": round(idle, 1), "anxin_visit_pss_mb": round(visit, 1), "chromium_pss_mb": round(rival, 1), "ratio": round(visit / rival, 3)}
