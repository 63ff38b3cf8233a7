// SPDX-License-Identifier: GPL-3.0-or-later
// Every payload against FHIR R4 as an independent validator reads it: the npm package "fhir" (NODE_PATH tells where it is).
// Usage: node fhir-validator.js PROGRAM… (tests that write their payloads to the folder ANX_PAYLOADS). Exit 77 when the package is not there.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

let Fhir;
try {
  Fhir = require('fhir').Fhir;
} catch (error) {
  console.log('the npm package "fhir" is not there');
  process.exit(77);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'payloads-'));
let wrong = 0;
let seen = 0;
const validator = new Fhir();

function check(name, resource) {
  seen++;
  for (const message of validator.validate(resource, { errorOnUnexpected: true }).messages)
    if (message.severity === 'error' || message.severity === 'fatal') {
      wrong++;
      console.log(`${name}: ${resource.resourceType}: ${message.location}: ${message.message}`);
    }
}

try {
  for (const program of process.argv.slice(2))
    execFileSync(program, { env: { ...process.env, ANX_PAYLOADS: folder }, stdio: 'ignore' });
  for (const file of fs.readdirSync(folder)) {
    const resource = JSON.parse(fs.readFileSync(path.join(folder, file)));
    check(file, resource);
    for (const entry of resource.entry || [])
      check(file, entry.resource);
    /* It must be able to say no. */
    const bad = { ...resource, noSuchMember: 1 };
    if (validator.validate(bad, { errorOnUnexpected: true }).messages.length === 0) {
      wrong++;
      console.log(`${file}: an unknown member is not noticed`);
    }
  }
} finally {
  fs.rmSync(folder, { recursive: true });
}
console.log(`${seen} resources, ${wrong} errors`);
process.exit(wrong > 0 || seen < 11 ? 1 : 0);
