// SPDX-License-Identifier: GPL-3.0-or-later
// One side of a call in a browser, with the messages of src/call/README.md. Sends three stripes, red, green and blue, and a tone of 660 Hz;
// reports what it sees and hears. Messages go by POST and long polling to the test that serves this page.

const CALL = "measurement";
const SECRET = "measurement";
const offering = new URLSearchParams(location.search).has("offer");
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

function makeStream(audio) {
  const canvas = document.getElementById("own");
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
  } else if (message.type === "end") {
    connection?.close();
    report.state = "ended";
  }
}

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
}, 500);

await audio.resume();
if (offering)
  await offer();
for (;;) {
  const answer = await fetch("/next");
  if (answer.status === 200)
    await receive(await answer.json()).catch((error) => { report.error = String(error); });
}
