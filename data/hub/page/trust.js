// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and signatures of a counsellor's browser. The page's own key never leaves WebCrypto and is gone with the page. What the kiosk states is a
// CMS SignedData (RFC 5652) whose signer's public key the counsellor's desk has named.

const encoder = new TextEncoder();
const EC = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };

export function toBase64(bytes) {
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

// Text of any language, in Base64.
function textToBase64(text) {
  return toBase64(encoder.encode(text));
}

export async function makeKey() {
  const pair = await crypto.subtle.generateKey(EC, false, ["sign", "verify"]);
  return { private: pair.privateKey, public: toBase64(await crypto.subtle.exportKey("spki", pair.publicKey)) };
}

// The secret stands in the link's fragment: browser and desk know it, the hub does not.
export async function importSecret(hex) {
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

export async function makeTag(secret, ...parts) {
  const tag = new Uint8Array(await crypto.subtle.sign("HMAC", secret, encoder.encode(parts.join("\n"))));
  return Array.from(tag, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Six digits that both screens show, so that the counsellor sees which browser asks.
export async function numberOf(publicKey) {
  const digest = new DataView(await crypto.subtle.digest("SHA-256", encoder.encode(publicKey)));
  return String(digest.getUint32(0) % 1000000).padStart(6, "0");
}

export async function state(key, delegation, context, text) {
  const signature = toBase64(await crypto.subtle.sign(SIGN, key.private, encoder.encode(context + "\n" + text)));
  return textToBase64(JSON.stringify({ delegation, signature, text }));
}

// One DER element (X.690) at a place: its tag, where its content begins and where it ends.
function element(bytes, at, end) {
  if (at + 2 > end)
    throw new Error("cut off");
  let length = bytes[at + 1], start = at + 2;
  if (length > 127) {
    const count = length & 127;
    if (count < 1 || count > 3 || start + count > end)
      throw new Error("not DER");
    length = 0;
    for (let i = 0; i < count; i++)
      length = length * 256 + bytes[start++];
  }
  if (start + length > end)
    throw new Error("cut off");
  return { tag: bytes[at], at, start, end: start + length };
}

function children(bytes, parent) {
  const found = [];
  for (let at = parent.start; at < parent.end;) {
    const child = element(bytes, at, parent.end);
    found.push(child);
    at = child.end;
  }
  return found;
}

function hexOf(bytes, part) {
  return Array.from(bytes.subarray(part.start, part.end), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const MESSAGE_DIGEST = "2a864886f70d010904";
// 2.25.147696107625034929956490797030148438675.2, of src/seal.
const STATEMENT_CONTEXT = "6981de9d9e94d1a0f2adf99daac8b98fa781f51302";

// r and s as 32 bytes each, out of SEQUENCE { INTEGER r, INTEGER s }.
function plainSignature(bytes, part) {
  const signature = new Uint8Array(64);
  children(bytes, element(bytes, part.start, part.end)).forEach((number, i) => {
    let start = number.start;
    while (start < number.end && bytes[start] === 0)
      start++;
    if (i > 1 || number.end - start > 32)
      throw new Error("not a P-256 signature");
    signature.set(bytes.subarray(start, number.end), 32 * (i + 1) - (number.end - start));
  });
  return signature;
}

// What the holder of `publicKey` stated in this context; an error otherwise.
export async function verify(statement, context, publicKey) {
  const bytes = fromBase64(statement);
  const info = children(bytes, element(bytes, 0, bytes.length));
  const data = children(bytes, children(bytes, info[1])[0]);
  const content = children(bytes, children(bytes, data[2])[1])[0];
  const signers = children(bytes, data[data.length - 1]);
  if (signers.length !== 1)
    throw new Error("not one signer");
  const signer = children(bytes, signers[0]);
  const attributes = signer.find((part) => part.tag === 0xa0);
  const signature = signer.filter((part) => part.tag === 0x04).pop();
  const values = new Map();
  for (const attribute of children(bytes, attributes)) {
    const [type, set] = children(bytes, attribute);
    values.set(hexOf(bytes, type), children(bytes, set)[0]);
  }
  const text = bytes.slice(content.start, content.end);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const named = values.get(MESSAGE_DIGEST), occasion = values.get(STATEMENT_CONTEXT);
  if (!named || named.end - named.start !== 32 || digest.some((byte, i) => byte !== bytes[named.start + i]))
    throw new Error("the content was changed");
  if (!occasion || new TextDecoder().decode(bytes.subarray(occasion.start, occasion.end)) !== context)
    throw new Error("made for another occasion");
  // The attributes are signed as a SET, whatever tag they are sent with (RFC 5652 section 5.4).
  const signed = bytes.slice(attributes.at, attributes.end);
  signed[0] = 0x31;
  const key = await crypto.subtle.importKey("spki", fromBase64(publicKey), EC, false, ["verify"]);
  if (!await crypto.subtle.verify(SIGN, key, plainSignature(bytes, signature), signed))
    throw new Error("the signature is wrong");
  return new TextDecoder().decode(text);
}
