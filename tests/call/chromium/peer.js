// SPDX-License-Identifier: GPL-3.0-or-later
// One side of a call in a browser, with the messages of src/call/README.md. Sends three stripes, red, green and blue, and a tone of 660 Hz;
// reports what it sees and hears. Messages go by POST and long polling to the test that serves this page.

const CALL = "measurement";
const SECRET = "measurement";
const wishes = new URLSearchParams(location.search);
const offering = wishes.has("offer");
const measuring = wishes.has("measure");
const [WIDTH, HEIGHT] = (wishes.get("size") ?? "640x480").split("x").map(Number);
const codec = wishes.get("codec");
const encoder = new TextEncoder();
const report = {};

async function post(path, body) {
  await fetch(path, { method: "POST", body: JSON.stringify(body) });
}

// As the double of the keys in tests/call/pair.c: an HMAC in hexadecimal, a line break, the text; all in Base64.
async function tag(context, text) {
  const key = await crypto.subtle.importKey("raw", encoder.encode(SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(context + "\n" + text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function context(attempt, role) {
  return `session-description:${CALL}:${attempt}:${role}`;
}

async function sign(attempt, role, text) {
  return btoa((await tag(context(attempt, role), text)) + "\n" + text);
}

async function verify(attempt, role, statement) {
  const plain = atob(statement);
  const text = plain.slice(plain.indexOf("\n") + 1);
  if (plain.slice(0, plain.indexOf("\n")) !== (await tag(context(attempt, role), text)))
    throw new Error("not signed");
  return text;
}

// As in tests/call/call-peer.c: the time in milliseconds, 24 bits, a block each along the upper edge, and a block of inverse parity.
const STAMP_BITS = 24;
const STAMP_BLOCK = WIDTH / 26;

function parity(stamp) {
  let odd = false;
  for (; stamp !== 0; stamp &= stamp - 1)
    odd = !odd;
  return odd;
}

function drawStamp(drawing) {
  const stamp = Date.now() & 0xffffff;
  for (let bit = 0; bit <= STAMP_BITS; bit++) {
    const on = bit < STAMP_BITS ? (stamp >> (STAMP_BITS - 1 - bit)) & 1 : !parity(stamp);
    drawing.fillStyle = on ? "#ffffff" : "#000000";
    drawing.fillRect(bit * STAMP_BLOCK, 0, STAMP_BLOCK, STAMP_BLOCK);
  }
}

function makeStream(audio) {
  const canvas = document.getElementById("own");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const drawing = canvas.getContext("2d");
  let turn = 0;
  // Only a canvas that changes gives pictures.
  setInterval(() => {
    ["#ff0000", "#00ff00", "#0000ff"].forEach((colour, i) => {
      drawing.fillStyle = colour;
      drawing.fillRect((canvas.width * i) / 3, 0, canvas.width / 3, canvas.height);
    });
    drawing.fillStyle = "#ffffff";
    drawing.fillRect((turn++ * 8) % canvas.width, canvas.height - 16, 16, 16);
    drawStamp(drawing);
  }, 33);
  const stream = canvas.captureStream(30);
  const tone = new OscillatorNode(audio, { frequency: 660 });
  const gain = new GainNode(audio, { gain: 0.3 });
  const out = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 });
  tone.connect(gain).connect(out);
  tone.start();
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
}

const audio = new AudioContext({ sampleRate: 48000 });
const stream = makeStream(audio);
const video = document.getElementById("remote");
let connection = null;
let attempt = 0;
let early = [];
let analyser = null;

function open(number) {
  connection?.close();
  attempt = number;
  early = [];
  connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const mine = connection;
  for (const track of stream.getTracks())
    connection.addTrack(track, stream);
  if (codec) {
    const all = RTCRtpReceiver.getCapabilities("video").codecs;
    const wanted = all.filter((one) => one.mimeType === `video/${codec}`);
    const helpers = all.filter((one) => /rtx|red|ulpfec/.test(one.mimeType));
    connection.getTransceivers().find((one) => one.sender.track.kind === "video").setCodecPreferences([...wanted, ...helpers]);
  }
  connection.onicecandidate = (event) => {
    if (event.candidate && event.candidate.candidate)
      post("/send", { type: "candidate", attempt: number, mline: event.candidate.sdpMLineIndex, candidate: event.candidate.candidate });
  };
  connection.onconnectionstatechange = () => { report.state = mine.connectionState; };
  connection.ontrack = (event) => {
    if (event.track.kind === "video")
      video.srcObject = new MediaStream([event.track]);
    else {
      // Chromium gives sound to an analyser only when some element plays it.
      const element = new Audio();
      element.muted = true;
      element.srcObject = new MediaStream([event.track]);
      element.play();
      analyser = new AnalyserNode(audio, { fftSize: 16384 });
      new MediaStreamAudioSourceNode(audio, { mediaStream: element.srcObject }).connect(analyser);
    }
  };
}

async function offer() {
  open(attempt + 1);
  await connection.setLocalDescription();
  await post("/send", { type: "description", attempt, role: "offer", statement: await sign(attempt, "offer", connection.localDescription.sdp) });
}

async function remoteIsSet() {
  for (const candidate of early.splice(0))
    await connection.addIceCandidate(candidate);
}

async function receive(message) {
  if (message.type === "description" && message.role === "offer" && message.attempt > attempt) {
    const sdp = await verify(message.attempt, "offer", message.statement);
    open(message.attempt);
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription();
    await post("/send", { type: "description", attempt, role: "answer", statement: await sign(attempt, "answer", connection.localDescription.sdp) });
    await remoteIsSet();
  } else if (message.type === "description" && message.role === "answer" && message.attempt === attempt) {
    const sdp = await verify(attempt, "answer", message.statement);
    await connection.setRemoteDescription({ type: "answer", sdp });
    await remoteIsSet();
  } else if (message.type === "candidate" && message.attempt === attempt) {
    const candidate = { candidate: message.candidate, sdpMLineIndex: message.mline };
    if (connection.remoteDescription)
      await connection.addIceCandidate(candidate);
    else
      early.push(candidate);
  } else if (message.type === "restart" && offering && message.attempt === attempt) {
    await offer();
  } else if (message.type === "mark") {
    Object.assign(seen, { frames: 0, gaps: 0, longest: 0, aged: 0, age: 0, oldest: 0 });
  } else if (message.type === "end") {
    connection?.close();
    report.state = "ended";
  }
}

const seen = { frames: 0, gaps: 0, longest: 0, last: 0, aged: 0, age: 0, oldest: 0, first: -1, started: performance.now() };
const strip = document.createElement("canvas");
strip.width = 260;
strip.height = 1;
const stripDrawing = strip.getContext("2d", { willReadFrequently: true });

function readStamp() {
  const block = video.videoWidth / 26;
  stripDrawing.drawImage(video, 0, block / 2, video.videoWidth, 1, 0, 0, 260, 1);
  const row = stripDrawing.getImageData(0, 0, 260, 1).data;
  let stamp = 0;
  for (let bit = 0; bit < STAMP_BITS; bit++)
    stamp = (stamp << 1) | (row[4 * (bit * 10 + 5) + 1] > 128 ? 1 : 0);
  const age = (Date.now() - stamp) & 0xffffff;
  if ((row[4 * (STAMP_BITS * 10 + 5) + 1] > 128) === parity(stamp) || age > 60000)
    return;
  seen.aged++;
  seen.age += age;
  seen.oldest = Math.max(seen.oldest, age);
}

function onPicture(now) {
  video.requestVideoFrameCallback(onPicture);
  readStamp();
  if (seen.first < 0)
    seen.first = (now - seen.started) / 1000;
  if (seen.frames++ > 0) {
    const gap = (now - seen.last) / 1000;
    seen.longest = Math.max(seen.longest, gap);
    if (gap > 0.2)
      seen.gaps++;
  }
  seen.last = now;
  Object.assign(report, { frames: seen.frames, gaps: seen.gaps, longestGap: seen.longest, firstFrame: seen.first, attempt,
    age: seen.aged ? seen.age / seen.aged / 1000 : -1, oldest: seen.oldest / 1000, bitrate: 0 });
}
if (measuring)
  video.requestVideoFrameCallback(onPicture);

function look() {
  const canvas = document.createElement("canvas");
  canvas.width = 70;
  canvas.height = 10;
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  if (!video.videoWidth)
    return;
  drawing.drawImage(video, 0, 0, 70, 10);
  report.width = video.videoWidth;
  // The middle of each of seven bars, in the upper part.
  report.bars = [5, 15, 25, 35, 45, 55, 65].map((x) => Array.from(drawing.getImageData(x, 3, 1, 1).data.slice(0, 3)));
}

function listen() {
  if (!analyser)
    return;
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  let best = 0;
  for (let i = 1; i < levels.length; i++)
    if (levels[i] > levels[best])
      best = i;
  report.pitch = levels[best] > -60 ? (best * 48000) / analyser.fftSize : 0;
}

async function count() {
  if (!connection)
    return;
  for (const entry of (await connection.getStats()).values())
    if (entry.type === "inbound-rtp" && entry.kind === "video") {
      report.framesDecoded = entry.framesDecoded;
      report.freezeCount = entry.freezeCount;
      report.totalFreezesDuration = entry.totalFreezesDuration;
    } else if (entry.type === "codec" && entry.mimeType === "video/VP8")
      report.codec = entry.mimeType;
}

setInterval(async () => {
  look();
  listen();
  await count();
  await post("/report", report);
}, measuring ? 250 : 500);

await audio.resume();
if (offering)
  await offer();
for (;;) {
  const answer = await fetch("/next");
  if (answer.status === 200)
    await receive(await answer.json()).catch((error) => { report.error = String(error); });
}
