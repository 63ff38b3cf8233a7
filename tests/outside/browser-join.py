# SPDX-License-Identifier: GPL-3.0-or-later
"""The resident tries picture and sound; then the counsellor joins from a browser: the real hub serves the page, the real desk names the browser's key, the
real kiosk answers it. Each side must recognise the other's picture and tone; a browser with the link but without the desk's agreement gets nothing.

With ANX_JOIN_TEXT=1 text beside the call, too. ANX_JOIN_LANGUAGE and ANX_JOIN_SIZE ("Larger text") say how the kiosk's screen is to look."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "build-aux", "demo"))

import array  # noqa: E402
import math  # noqa: E402

import job  # noqa: E402
import screen  # noqa: E402
from district import COUNSELLOR, KIOSK  # noqa: E402
from stage import Stage, wait_for  # noqa: E402

# Nobody else is needed.
job.SIZES = {name: job.SIZES[name] for name in (KIOSK, COUNSELLOR)}
TONE_HZ = 660
# Of the kiosk's test picture: white, yellow, cyan, green, magenta, red, blue.
BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1)]
LOOK = """(() => {
  const video = document.getElementById("remote");
  if (!video.videoWidth) return "[]";
  const canvas = document.createElement("canvas");
  canvas.width = 70; canvas.height = 10;
  const drawing = canvas.getContext("2d");
  drawing.drawImage(video, 0, 0, 70, 10);
  return JSON.stringify([5, 15, 25, 35, 45, 55, 65].map((x) => Array.from(drawing.getImageData(x, 3, 1, 1).data.slice(0, 3))));
})()"""
LISTEN = """(async () => {
  const audio = new AudioContext({ sampleRate: 48000 });
  await audio.resume();
  const hear = new AnalyserNode(audio, { fftSize: 16384 });
  new MediaStreamAudioSourceNode(audio, { mediaStream: new MediaStream(document.getElementById("remote").srcObject.getAudioTracks()) }).connect(hear);
  await new Promise((done) => setTimeout(done, 1500));
  const levels = new Float32Array(hear.frequencyBinCount);
  hear.getFloatFrequencyData(levels);
  let best = 1;
  levels.forEach((level, i) => { if (i > 0 && level > levels[best]) best = i; });
  await audio.close();
  return levels[best] > -70 ? best * 48000 / 16384 : 0;
})()"""


class Browser:
    """Chromium, spoken to over its debugging pipe; camera and microphone are files."""

    def __init__(self, home, picture, sound):
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-dev-shm-usage", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
                 "--disable-features=WebRtcHideLocalIpsWithMdns", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                 f"--use-file-for-fake-video-capture={picture}", f"--use-file-for-fake-audio-capture={sound}", "--ignore-certificate-errors",
                 "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(["bash", "-c", f"exec chromium \"$@\" 3<&{to_read} 4>&{to_write}", "chromium", *flags], pass_fds=(to_read, to_write),
                                        env=dict(os.environ, HOME=home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.rest = b""
        self.number = 0
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                data = os.read(self.back, 65536)
                if not data:
                    raise AssertionError("the browser has gone")
                self.rest += data
            one, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(one)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(answer["error"]["message"])
                return answer["result"]

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)["result"].get("value")

    def state(self):
        return self.value("document.body ? document.body.dataset.state : ''")

    def words(self):
        return self.value("document.body.innerText")

    def picture(self, path):
        import base64
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    def close(self):
        os.killpg(self.process.pid, 15)
        self.process.wait(20)


def make_media(folder):
    """Three stripes, red, green, blue, and a tone, in the forms that Chromium takes for camera and microphone. The tone comes and goes as a voice does:
    what sounds on and on is noise to the browser, which takes it out of its microphone."""
    picture, sound = os.path.join(folder, "stripes.y4m"), os.path.join(folder, "tone.wav")
    colours = [(82, 90, 240), (145, 54, 34), (41, 240, 110)]
    with open(picture, "wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        rows = [b"".join(bytes([c[plane]]) * n for c, n in zip(colours, widths)) for plane, widths in ((0, (213, 213, 214)), (1, (107, 106, 107)), (2, (107, 106, 107)))]
        for _ in range(30):
            file.write(b"FRAME\n" + rows[0] * 480 + rows[1] * 240 + rows[2] * 240)
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(array.array("h", (int(9000 * math.sin(2 * math.pi * TONE_HZ * i / 48000)) if i % 36000 < 24000 else 0 for i in range(36000 * 4))).tobytes())
    return picture, sound


class JoinJob(job.Job):
    def try_devices(self):
        """The page with the own picture, voice and loudspeaker: open while it is shown, closed when it is left."""
        kiosk = self.kiosk
        if os.environ.get("ANX_JOIN_SIZE"):
            kiosk.press(os.environ["ANX_JOIN_SIZE"])
        self.picture_of_page("waiting")
        kiosk.press("Try picture and sound")
        kiosk.wait("This is how your counsellor sees you.", 20)
        kiosk.wait("Your voice is heard.", 20)
        view = wait_for(lambda: self._video_view(kiosk), "the own picture on the kiosk", 20)
        numbers = wait_for(lambda: [n for n in re.findall(r"\d+", view.get_description() or "") if int(n) > 100], "a picture in it", 20)
        kiosk.press("Play a sound")
        kiosk.wait("Did you hear three tones? If not, please tell the staff.", 20)
        self.picture_of_page("device-check")
        kiosk.press("Done")
        kiosk.wait("You are checked in", 20)
        return {"own": numbers[:2]}

    def picture_of_page(self, name):
        if os.environ.get("ANX_JOIN_SIZE") or os.environ.get("ANX_JOIN_LANGUAGE"):
            time.sleep(0.6)
            self.kiosk.picture(os.path.join(self.out, f"{name}.png"))

    def open_browser(self):
        self.media = tempfile.mkdtemp(prefix="anx-browser-", dir=self.stage.root)
        self.browser = Browser(os.path.join(self.media, "home"), *make_media(self.media))

    def ask_to_join(self):
        desk = self.on[COUNSELLOR]
        desk.press("_Open")
        desk.press("Join from a _browser", 30)
        link = wait_for(lambda: next((t for t in desk.texts() if "/v1/join/page.html#" in t), None), "the link on the desk", 20)
        self.browser.ask("Page.navigate", url=link)
        wait_for(lambda: self.browser.state() == "idle", "the page", 20)
        if "#" in self.browser.value("location.href"):
            raise AssertionError("the secret stays in the address")
        self.browser.value("document.getElementById('join').click()")
        wait_for(lambda: self.browser.state() == "asking", "the page to ask", 30)
        number = self.browser.value("document.getElementById('number').textContent")
        wait_for(lambda: any(number in t for t in desk.texts()), "the browser's number on the desk", 20)
        # Before the desk has agreed nothing reaches the kiosk.
        if self._video_view(self.kiosk) is not None:
            raise AssertionError("the kiosk is in a call before the desk agreed")

    def agree(self):
        began = time.monotonic()
        self.on[COUNSELLOR].press("Let it _join")
        wait_for(lambda: self.browser.state() == "live", "the page to be live", 60)
        live = time.monotonic() - began
        view = wait_for(lambda: self._video_view(self.kiosk), "the picture on the kiosk", 60)
        told = {}

        def kiosk_hears():
            told["kiosk"] = view.get_description() or ""
            return re.search(r"[1-9]\d+\s*[×x]\s*[1-9]\d+", told["kiosk"]) and any(abs(int(n) - TONE_HZ) <= 20 for n in re.findall(r"\d+", told["kiosk"]))
        wait_for(kiosk_hears, "the browser's picture and tone on the kiosk", 60)

        def browser_sees():
            told["bars"] = json.loads(self.browser.value(LOOK))
            return len(told["bars"]) == 7 and all(all(v > 130 if part else v < 110 for v, part in zip(c, w)) for c, w in zip(told["bars"], BARS))
        wait_for(browser_sees, "the kiosk's picture in the browser", 60)

        def browser_hears():
            told["pitch"] = self.browser.value(LISTEN)
            return abs(told["pitch"] - 440) <= 8
        wait_for(browser_hears, "the kiosk's 440 Hz in the browser", 30)
        self.kiosk.wait("Your counsellor is speaking from a web page and has confirmed it.", 20)
        self.browser.picture(os.path.join(self.out, "browser-live.png"))
        return {"live_ms": round(live * 1000), **told}

    def write_beside(self):
        self.browser.value("document.getElementById('text').value = '我在这里'; document.getElementById('writing').requestSubmit()")
        self.kiosk.wait("我在这里", 20)
        self.kiosk.press("Write")
        self.keys_latin("Ok")
        wait_for(lambda: "ok" in self.browser.words().lower(), "the kiosk's text in the browser", 20)

    def keys_latin(self, text):
        if self.kiosk.find("Letters", screen.BUTTONS) is not None:
            self.kiosk.press("Letters")
            self.kiosk.wait("Chinese", 5, screen.BUTTONS)
        for letter in text:
            # The first is a capital, and the keys say so; then they change.
            self.keys(letter)
        self.kiosk.press("Send")

    def end_browser(self):
        self.browser.value("document.getElementById('end').click()")
        self.kiosk.wait("How was the talk?", 30)
        if self.browser.value("document.getElementById('lines').children.length") != 0:
            raise AssertionError("what was written is still there")

    def enrol_kiosk(self):
        self.start(KIOSK)
        self.kiosk.wait("Set up this kiosk")
        self.keys(self.district.url if not self._address_has_scheme() else self.district.url.removeprefix("https://"))
        self.kiosk.press("Enrolment code")
        self.keys(self.district.invite(KIOSK).replace("-", "").lower())
        self.kiosk.press("Connect this kiosk")
        self.kiosk.wait("Connecting to the district")
        self.district.approve(KIOSK)
        self.kiosk.wait("Touch to begin", 30)

    def enrol_counsellor(self):
        self.start(COUNSELLOR)
        self.enrol_desk(COUNSELLOR)()

    def book(self):
        for name in ("begin", "choose_service", "choose_counsellor", "choose_day", "choose_time", "enter_name", "enter_phone", "review", "confirm",
                     "leave_if_there"):
            getattr(self, name)()

    def run(self):
        s, k, c = self.step, KIOSK, COUNSELLOR
        s("district", self.make_district)
        s("kiosk", self.enrol_kiosk)
        s("desk", self.enrol_counsellor)
        s("booked", self.book)
        s("check-in", self.check_in)
        s("device-check", self.try_devices)
        s("counsellor-rings", self.desk_rings)
        s("browser", self.open_browser)
        s("browser-asks", self.ask_to_join, c)
        s("browser-live", self.agree, k, c)
        if os.environ.get("ANX_JOIN_TEXT") == "1":
            s("browser-text", self.write_beside, k)
        s("browser-ends", self.end_browser, k)
        s("all-ends", self.end)


def main():
    build, out = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="anx-join-")
    if shutil.which("chromium") is None:
        print("the package chromium is not installed")
        return 77
    os.makedirs(out, exist_ok=True)
    with Stage(build) as stage:
        stage.env["LANGUAGE"] = os.environ.get("ANX_JOIN_LANGUAGE", "en")
        join = JoinJob(stage, out, os.environ.get("ANX_JOIN_LANGUAGE", "en"), 1)
        try:
            join.run()
        finally:
            if hasattr(join, "browser"):
                join.browser.close()
            if len(sys.argv) <= 2:
                shutil.rmtree(out, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
