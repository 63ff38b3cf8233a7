// SPDX-License-Identifier: GPL-3.0-or-later
// node scoring.js QUESTIONNAIRE FILE: scores the first responses of FILE with fhirpath.js, the engine inside LHC-Forms; prints JSON.
const fs = require("fs"), fhirpath = require("fhirpath"), r4 = require("fhirpath/fhir-context/r4");
const questionnaire = JSON.parse(fs.readFileSync(process.argv[2]));
const lines = fs.readFileSync(process.argv[3], "utf8").trim().split("\n").slice(0, Number(process.argv[4]));
const total = fhirpath.compile("%resource.repeat(item).answer.weight().sum()", r4);
let sum = 0;
const begin = process.cpuUsage();
for (const line of lines) {
  const response = JSON.parse(line);
  sum += total(response, { resource: response, questionnaire })[0] || 0;
}
const used = process.cpuUsage(begin), spent = used.user + used.system;
console.log(JSON.stringify({ responses: lines.length, seconds: spent / 1e6, sum }));
