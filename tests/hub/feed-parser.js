// SPDX-License-Identifier: GPL-3.0-or-later
// A counsellor's calendar as an independent reader sees it: the npm package "ical.js" (NODE_PATH tells where it is).
// Usage: node feed-parser.js PROGRAM (test-booking, which writes the feed and what is in it to the folder ANX_FEED). Exit 77 when the package is not there.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

let ICAL;
try {
  ICAL = require('ical.js');
  ICAL = ICAL.default || ICAL;
} catch (error) {
  console.log('the npm package "ical.js" is not there');
  process.exit(77);
}

/* What differs from what was booked, in words. */
function compare(text, expected) {
  const wrong = [];
  ICAL.design.strict = true;
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents('vevent').map((component) => new ICAL.Event(component));
  if (calendar.name !== 'vcalendar' || events.length !== Object.keys(expected).length)
    wrong.push(`${events.length} events, ${Object.keys(expected).length} were booked`);
  for (const event of events) {
    const booked = expected[event.uid];
    if (!booked) {
      wrong.push(`${event.uid} was not booked`);
      continue;
    }
    const found = {
      start: event.startDate.toJSDate().getTime() * 1000,
      end: event.endDate.toJSDate().getTime() * 1000,
      status: event.component.getFirstPropertyValue('status'),
      summary: event.summary,
    };
    for (const member of Object.keys(found))
      if (found[member] !== booked[member])
        wrong.push(`${event.uid}: ${member} is ${found[member]}, booked was ${booked[member]}`);
    if (!(event.component.getFirstPropertyValue('dtstamp') instanceof ICAL.Time))
      wrong.push(`${event.uid} has no DTSTAMP`);
  }
  return wrong;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'feed-'));
let failed = false;
try {
  execFileSync(process.argv[2], ['-p', '/hub/booking/feed'], { env: { ...process.env, ANX_FEED: folder }, stdio: 'ignore' });
  const text = fs.readFileSync(path.join(folder, 'feed.ics'), 'utf8');
  const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json')));
  const wrong = compare(text, expected);
  wrong.forEach((line) => console.log(line));
  /* It must be able to say no: an hour later, an event less. */
  const later = text.replace(/DTSTART:(\d{8}T)(\d{2})/, (all, day, hour) => `DTSTART:${day}${String((Number(hour) + 1) % 24).padStart(2, '0')}`);
  const fewer = text.replace(/BEGIN:VEVENT[^]*?END:VEVENT\r\n/, '');
  const noticed = compare(later, expected).length > 0 && compare(fewer, expected).length > 0;
  console.log(`${Object.keys(expected).length} events, ${wrong.length} differences; changed ones are ${noticed ? '' : 'not '}noticed`);
  failed = wrong.length > 0 || !noticed || Object.keys(expected).length === 0;
} finally {
  fs.rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
