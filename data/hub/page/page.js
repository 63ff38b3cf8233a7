// SPDX-License-Identifier: GPL-3.0-or-later
// A counsellor in a browser, in one session. The link brings the id of the invitation, which the hub knows, and a secret, which it does not.
// The page asks the counsellor's desk to name its key, and then calls the kiosk with the messages of src/call/README.md.

import * as trust from "./trust.js";

const WORDS = {
  zh: {
    title: "安心 · 加入这次会谈", ready: "请先打开摄像头和麦克风，再请您的工作台同意。", join: "打开设备并加入", asking: "请在您的工作台上核对这个数字，并点“同意”。",
    connecting: "正在连接咨询室……", live: "已接通。来访者看得见您，听得见您。", away: "线路断了，正在重新连接。", ended: "会谈已结束。摄像头和麦克风已关闭。",
    lost: "一分钟没有接通。请改用电话联系咨询室。", refused: "工作台没有同意。", untrusted: "对方的身份核对不上，会谈已停止。没有画面和声音发出。",
    absent: "您的工作台没有连线。请打开工作台后再试。", bad: "这个链接已失效。请在工作台重新生成。", devices: "摄像头和麦克风都打不开。请检查后再试。",
    camera: "摄像头", microphone: "麦克风", end: "结束会谈", send: "发送", write: "写给来访者，会谈结束后不保留", you: "您", resident: "来访者",
    privacy: "画面和声音直接传送并加密，不录制。关闭本页后，本页的密钥就不存在了。" },
  en: {
    title: "Anxin · join this session", ready: "First open camera and microphone, then let your desk agree.", join: "Open devices and join",
    asking: "Please compare this number on your desk, and approve there.", connecting: "Connecting to the room…", live: "Connected. The resident sees and hears you.",
    away: "The line broke and is being restored.", ended: "The session has ended. Camera and microphone are off.",
    lost: "No line for a minute. Please phone the room.", refused: "The desk did not agree.",
    untrusted: "The other side could not prove who it is. The session was stopped; nothing was sent.", absent: "Your desk is not connected. Please open it and try again.",
    bad: "This link does not work any more. Please make another at the desk.", devices: "Neither camera nor microphone could be opened. Please check them and try again.",
    camera: "Camera", microphone: "Microphone", end: "End session", send: "Send", write: "Write to the resident; gone after the session", you: "You", resident: "Resident",
    privacy: "Picture and sound go directly and encrypted; nothing is recorded. This page's key is gone when you close it." },
};
const words = navigator.language.startsWith("zh") ? WORDS.zh : WORDS.en;
const at = (id) => document.getElementById(id);

// The times of src/call: an attempt without media, and the call without any.
const ATTEMPT_MS = 12000;
const GIVE_UP_MS = 60000;
const QUIET_MS = 2000;
const LONGEST_TEXT = 1000;

const [id, secretText] = location.hash.slice(1).split(".");
let booking = "", counsellor = "", joinedAt = 0, awaySince = 0;
let secret, key, link, grant, stream, connection, channel, attempt = 0, early = [], state = "idle", since = 0, lastPackets = -1, lastHeard = 0;

// The secret must not stay in the history of a machine that others use.
history.replaceState(null, "", location.pathname);

function show(name, word) {
  state = name;
  document.body.dataset.state = name;
  at("state").textContent = words[word ?? name] ?? "";
  at("screen").classList.toggle("away", name !== "live");
  at("writing").hidden = name !== "live";
  at("end").hidden = name !== "connecting" && name !== "live" && name !== "away";
  at("number").hidden = name !== "asking";
}

function send(to, body) {
  link.send(JSON.stringify({ type: "signal", to, call: booking, body }));
}

function stop(word, name = "ended") {
  connection?.close();
  connection = null;
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  at("remote").srcObject = at("own").srcObject = null;
  at("screen").hidden = true;
  at("lines").replaceChildren();
  at("camera").hidden = at("microphone").hidden = true;
  show(name, word);
  link?.close();
}

function addLine(who, text) {
  const line = document.createElement("li");
  line.textContent = `${who}: ${text}`;
  at("lines").append(line);
  line.scrollIntoView();
}

function context(number, role) {
  return `session-description:${booking}:${number}:${role}`;
}

async function offer() {
  connection?.close();
  attempt++;
  early = [];
  since = performance.now();
  lastPackets = -1;
  const mine = connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: grant.ice ?? [] });
  const number = attempt;
  for (const kind of ["video", "audio"]) {
    const track = stream.getTracks().find((one) => one.kind === kind);
    if (track)
      mine.addTrack(track, stream);
    else
      mine.addTransceiver(kind, { direction: "recvonly" });
  }
  const received = new MediaStream();
  mine.ontrack = (event) => {
    received.addTrack(event.track);
    at("remote").srcObject = received;
  };
  channel = mine.createDataChannel("text");
  channel.onmessage = (event) => {
    if (state === "live" && typeof event.data === "string" && event.data.length <= LONGEST_TEXT * 4)
      addLine(words.resident, event.data);
  };
  const waiting = [];
  let described = false;
  const tell = (candidate) => send(grant.kiosk, { type: "candidate", attempt: number, mline: candidate.sdpMLineIndex, candidate: candidate.candidate });
  mine.onicecandidate = (event) => {
    if (!event.candidate || !event.candidate.candidate)
      return;
    if (described)
      tell(event.candidate);
    else
      waiting.push(event.candidate);
  };
  await mine.setLocalDescription();
  const statement = await trust.state(key, grant.delegation, context(number, "offer"), mine.localDescription.sdp);
  if (connection !== mine)
    return;
  send(grant.kiosk, { type: "description", attempt: number, role: "offer", statement });
  described = true;
  waiting.forEach(tell);
}

async function receive(body) {
  if (body.type === "description" && body.role === "answer" && body.attempt === attempt && connection.signalingState === "have-local-offer") {
    let sdp;
    try {
      sdp = await trust.verify(body.statement, context(attempt, "answer"), grant.kioskKey);
    } catch {
      send(grant.kiosk, { type: "end", reason: "untrusted" });
      stop("untrusted");
      return;
    }
    await connection.setRemoteDescription({ type: "answer", sdp });
    for (const candidate of early.splice(0))
      await connection.addIceCandidate(candidate);
  } else if (body.type === "candidate" && body.attempt === attempt) {
    const candidate = { candidate: body.candidate, sdpMLineIndex: body.mline };
    if (connection.remoteDescription)
      await connection.addIceCandidate(candidate);
    else if (early.length < 64)
      early.push(candidate);
  } else if (body.type === "restart" && body.attempt === attempt) {
    if (state === "live")
      show("away");
    await offer();
  } else if (body.type === "end")
    stop(body.reason === "untrusted" ? "untrusted" : body.reason === "connection" ? "lost" : "ended");
}

// Packets that come make it live; two seconds without any, and it is away; then another attempt, for a minute.
async function look() {
  if (!connection || !["connecting", "live", "away"].includes(state))
    return;
  const mine = connection;
  let packets = 0;
  for (const entry of (await mine.getStats()).values())
    if (entry.type === "inbound-rtp")
      packets += entry.packetsReceived;
  if (mine !== connection)
    return;
  const now = performance.now();
  if (packets > lastPackets && packets > 0) {
    lastHeard = now;
    if (state !== "live")
      show("live");
  }
  lastPackets = packets;
  if (state === "live" && now - lastHeard > QUIET_MS) {
    awaySince = now;
    show("away");
    await offer();
  } else if (state !== "live" && now - (awaySince || joinedAt) > GIVE_UP_MS) {
    send(grant.kiosk, { type: "end", reason: "connection" });
    stop("lost");
  } else if (state !== "live" && now - since > ATTEMPT_MS)
    await offer();
  if (state === "live")
    awaySince = 0;
}

async function take(message) {
  if (message.type === "hello") {
    booking = message.call;
    counsellor = message.from;
    send(counsellor, { type: "join-ask", key: key.public, tag: await trust.makeTag(secret, "ask", key.public) });
    at("number").textContent = await trust.numberOf(key.public);
    show("asking");
  } else if (message.type === "signal-failed") {
    if (state === "asking")
      stop("absent");
  } else if (message.type === "signal" && message.from === counsellor && message.body.type === "join-grant" && state === "asking") {
    const { delegation, kiosk, kioskKey, ice } = message.body;
    if (message.body.tag !== await trust.makeTag(secret, "grant", key.public, delegation, kiosk, kioskKey)) {
      stop("untrusted");
      return;
    }
    grant = { delegation, kiosk, kioskKey, ice };
    joinedAt = performance.now();
    show("connecting");
    at("screen").hidden = false;
    await offer();
  } else if (message.type === "signal" && message.from === counsellor && message.body.type === "join-refuse" && state === "asking") {
    stop("refused");
  } else if (message.type === "signal" && grant && message.from === grant.kiosk && connection)
    await receive(message.body);
}

async function openDevices() {
  for (const wish of [{ audio: { echoCancellation: true, noiseSuppression: true }, video: { width: 640, height: 480, frameRate: 30 } }, { audio: true }, { video: true }])
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch {
      // The next, smaller wish.
    }
  return null;
}

function toggle(button, kind) {
  const track = stream?.getTracks().find((one) => one.kind === kind);
  button.hidden = !track;
  button.onclick = () => {
    track.enabled = !track.enabled;
    button.setAttribute("aria-pressed", track.enabled);
  };
}

async function join() {
  at("join").hidden = true;
  stream = await openDevices();
  if (!stream) {
    at("join").hidden = false;
    show("idle", "devices");
    return;
  }
  at("own").srcObject = stream;
  toggle(at("camera"), "video");
  toggle(at("microphone"), "audio");
  secret = await trust.importSecret(secretText);
  key = await trust.makeKey();
  link = new WebSocket(`wss://${location.host}/v1/joins/${id}/link`, "anxin.link.v1");
  // One after the other: a candidate must not overtake the answer whose signature is being checked.
  let queue = Promise.resolve();
  link.onmessage = (event) => {
    queue = queue.then(() => take(JSON.parse(event.data))).catch(() => stop("untrusted"));
  };
  link.onclose = () => {
    if (state === "idle" || state === "asking")
      stop("bad");
  };
}

document.documentElement.lang = words === WORDS.zh ? "zh-CN" : "en";
for (const name of ["title", "privacy", "join", "camera", "microphone", "end", "send"])
  at(name).textContent = words[name];
at("text").placeholder = words.write;
at("text").setAttribute("aria-label", words.write);
show("idle", "ready");
if (!/^[0-9a-f]{32}$/.test(id) || !/^[0-9a-f]{64}$/.test(secretText ?? "")) {
  at("join").hidden = true;
  show("ended", "bad");
}
at("join").onclick = join;
at("end").onclick = () => {
  send(grant.kiosk, { type: "end", reason: "hangup" });
  stop("ended");
};
at("writing").onsubmit = (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text && channel?.readyState === "open") {
    channel.send(text);
    addLine(words.you, text);
    at("text").value = "";
  }
};
setInterval(look, 500);
