/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub.h"

/*
 * The schema's history. A released step is never edited.
 *
 * delivery  one row for each reader of a record: its author, recipients and recipient groups. A reader's inbox is the rows of the
 *           reader and of the reader's groups, in the order of seq, which is the order of commits.
 * cell      what is occupied: 5 minutes of a counsellor, a room or a kiosk. Two bookings can't overlap because the second insert of a
 *           (resource, cell) fails. A cancelled booking's cells are deleted. (Its present form is in the second step.)
 * alert     due is when the next person is called, NULL once somebody has acknowledged. alert_call: who was called when, and whether their
 *           desk had a link. alert_acknowledgement: every one, also one that came before its alert, which happens when both were
 *           exchanged in the centre while the hub could not be reached. level_change: what a counsellor decided later.
 * booking   code_hash is SHA-256 of the code key, which itself is a slow key of the resident's code: the code can't be found from here.
 */
const char *const anx_hub_migrations[] = {
  "CREATE TABLE document (kind TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE enrolment (id TEXT PRIMARY KEY, principal TEXT NOT NULL, secret_hash TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,"
  " expires INTEGER NOT NULL, sign_request TEXT, seal_request TEXT, sign_certificate TEXT, seal_certificate TEXT) WITHOUT ROWID;"
  "CREATE TABLE record (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, author TEXT NOT NULL,"
  " place INTEGER NOT NULL, previous TEXT, digest TEXT NOT NULL, received INTEGER NOT NULL, envelope BLOB NOT NULL,"
  " UNIQUE (author, place));"
  "CREATE TABLE delivery (reader TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES record (seq), PRIMARY KEY (reader, seq)) WITHOUT ROWID;"
  "CREATE TABLE plan (counsellor TEXT PRIMARY KEY, body TEXT NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE booking (id TEXT PRIMARY KEY, service TEXT NOT NULL, counsellor TEXT NOT NULL, centre TEXT NOT NULL, room TEXT NOT NULL,"
  " kiosk TEXT, start INTEGER NOT NULL, end INTEGER NOT NULL, status TEXT NOT NULL, changed INTEGER NOT NULL, code_hash TEXT NOT NULL)"
  " WITHOUT ROWID;"
  "CREATE INDEX booking_by_centre ON booking (centre, start);"
  "CREATE INDEX booking_by_counsellor ON booking (counsellor, start);"
  "CREATE INDEX booking_by_code ON booking (code_hash);"
  "CREATE TABLE cell (resource TEXT NOT NULL, cell INTEGER NOT NULL, booking TEXT NOT NULL REFERENCES booking (id),"
  " PRIMARY KEY (resource, cell)) WITHOUT ROWID;"
  "CREATE INDEX cell_by_booking ON cell (booking);"
  "CREATE TABLE alert (id TEXT PRIMARY KEY, level TEXT NOT NULL, centre TEXT NOT NULL, room TEXT, kiosk TEXT NOT NULL, booking TEXT,"
  " created INTEGER NOT NULL, acknowledged INTEGER, acknowledged_by TEXT) WITHOUT ROWID;"
  "CREATE INDEX alert_by_centre ON alert (centre, created);"
  "CREATE TABLE referral (task TEXT PRIMARY KEY, author TEXT NOT NULL, centre TEXT NOT NULL, addressee TEXT NOT NULL,"
  " urgency TEXT NOT NULL, status TEXT NOT NULL, business_status TEXT NOT NULL, requested INTEGER NOT NULL, changed INTEGER NOT NULL,"
  " booking TEXT) WITHOUT ROWID;"
  "CREATE INDEX referral_by_booking ON referral (booking);",
  "ALTER TABLE alert ADD COLUMN due INTEGER;"
  "UPDATE alert SET due = created WHERE acknowledged IS NULL;"
  "CREATE INDEX alert_by_due ON alert (due) WHERE acknowledged IS NULL;"
  "CREATE TABLE alert_call (alert TEXT NOT NULL, number INTEGER NOT NULL, principal TEXT NOT NULL, step TEXT NOT NULL,"
  " called INTEGER NOT NULL, present INTEGER NOT NULL, PRIMARY KEY (alert, number)) WITHOUT ROWID;"
  "CREATE TABLE alert_acknowledgement (record TEXT PRIMARY KEY, alert TEXT NOT NULL, principal TEXT NOT NULL, created INTEGER NOT NULL,"
  " received INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX alert_acknowledgement_by_alert ON alert_acknowledgement (alert, created);"
  "CREATE TABLE level_change (record TEXT PRIMARY KEY, alert TEXT NOT NULL, principal TEXT NOT NULL, level TEXT NOT NULL,"
  " created INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX level_change_by_alert ON level_change (alert, created);",
  /*
   * holder    who a cell is occupied for: a booking, a lease or a hold, all UUIDs. `until` is set for a hold only: afterwards the cell counts
   *           as free, and the next claim takes it away.
   * lease     a slot that only its kiosk may sell: lent → sold | returned | reclaimed; stray when the kiosk came back without its memory.
   * booking_change  the history: who, when, what, why. Never deleted while the booking is there.
   * waiting, ticket, notice, feed, work_item  README.md, "Booking".
   */
  "CREATE TABLE occupied (resource TEXT NOT NULL, cell INTEGER NOT NULL, holder TEXT NOT NULL, until INTEGER, PRIMARY KEY (resource, cell))"
  " WITHOUT ROWID;"
  "INSERT INTO occupied SELECT resource, cell, booking, NULL FROM cell;"
  "DROP TABLE cell;"
  "ALTER TABLE occupied RENAME TO cell;"
  "CREATE INDEX cell_by_holder ON cell (holder);"
  "CREATE INDEX cell_until ON cell (until) WHERE until IS NOT NULL;"
  "ALTER TABLE booking ADD COLUMN mediator TEXT;"
  "ALTER TABLE booking ADD COLUMN series TEXT;"
  "ALTER TABLE booking ADD COLUMN origin TEXT NOT NULL DEFAULT 'kiosk';"
  "ALTER TABLE booking ADD COLUMN lease TEXT;"
  "ALTER TABLE booking ADD COLUMN late INTEGER NOT NULL DEFAULT 0;"
  "CREATE INDEX booking_by_series ON booking (series) WHERE series IS NOT NULL;"
  "CREATE TABLE booking_change (number INTEGER PRIMARY KEY AUTOINCREMENT, booking TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,"
  " what TEXT NOT NULL, status TEXT NOT NULL, start INTEGER NOT NULL, counsellor TEXT NOT NULL, room TEXT NOT NULL, reason TEXT);"
  "CREATE INDEX booking_change_by_booking ON booking_change (booking, number);"
  "CREATE TABLE hold (id TEXT PRIMARY KEY, owner TEXT NOT NULL, service TEXT NOT NULL, counsellor TEXT NOT NULL, mediator TEXT,"
  " centre TEXT NOT NULL, room TEXT NOT NULL, kiosk TEXT, start INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX hold_by_owner ON hold (owner);"
  "CREATE TABLE lease (id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, service TEXT NOT NULL, counsellor TEXT NOT NULL, mediator TEXT,"
  " centre TEXT NOT NULL, room TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, lent INTEGER NOT NULL, state TEXT NOT NULL,"
  " booking TEXT) WITHOUT ROWID;"
  "CREATE INDEX lease_by_kiosk ON lease (kiosk, state, start);"
  "CREATE INDEX lease_by_counsellor ON lease (counsellor, start);"
  "CREATE TABLE installation (kiosk TEXT PRIMARY KEY, mark TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE work_item (id TEXT PRIMARY KEY, centre TEXT NOT NULL, kind TEXT NOT NULL, booking TEXT, kiosk TEXT, created INTEGER NOT NULL,"
  " done INTEGER, done_by TEXT) WITHOUT ROWID;"
  "CREATE INDEX work_item_by_centre ON work_item (centre, created);"
  "CREATE TABLE plan_centre (centre TEXT NOT NULL, counsellor TEXT NOT NULL, PRIMARY KEY (centre, counsellor)) WITHOUT ROWID;"
  "INSERT OR IGNORE INTO plan_centre SELECT each.value, plan.counsellor FROM plan, json_each (plan.body, '$.centres') AS each;"
  "CREATE TABLE waiting (id TEXT PRIMARY KEY, centre TEXT NOT NULL, service TEXT NOT NULL, counsellor TEXT, wanted_from INTEGER NOT NULL,"
  " wanted_to INTEGER NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL, created INTEGER NOT NULL, notices INTEGER NOT NULL DEFAULT 0,"
  " noticed INTEGER, state TEXT NOT NULL DEFAULT 'open') WITHOUT ROWID;"
  "CREATE INDEX waiting_by_service ON waiting (centre, service, state, created);"
  "CREATE TABLE ticket (id TEXT PRIMARY KEY, centre TEXT NOT NULL, day TEXT NOT NULL, number INTEGER NOT NULL, service TEXT NOT NULL,"
  " state TEXT NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL, counsellor TEXT, room TEXT, booking TEXT,"
  " UNIQUE (centre, day, number)) WITHOUT ROWID;"
  "CREATE TABLE notice_address (booking TEXT PRIMARY KEY, channel TEXT NOT NULL, address TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE notice (number INTEGER PRIMARY KEY AUTOINCREMENT, template TEXT NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL,"
  " due INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, sent INTEGER);"
  "CREATE INDEX notice_waiting ON notice (due) WHERE sent IS NULL;"
  "CREATE TABLE feed (secret_hash TEXT PRIMARY KEY, counsellor TEXT NOT NULL UNIQUE, created INTEGER NOT NULL) WITHOUT ROWID;",
  "CREATE TABLE assignment (booking TEXT PRIMARY KEY REFERENCES booking (id), questionnaire TEXT NOT NULL, given INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE tally (centre TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (centre, day, kind))"
  " WITHOUT ROWID;",
  /*
   * accepted, closed  when it was first accepted, when it ended. forward: the department it should rather go to; part_of: the referral it follows.
   * legal     rests on an article of law instead of consent. hidden: the resident does not want to read about it at the kiosk.
   */
  "ALTER TABLE referral ADD COLUMN accepted INTEGER;"
  "ALTER TABLE referral ADD COLUMN closed INTEGER;"
  "ALTER TABLE referral ADD COLUMN forward TEXT;"
  "ALTER TABLE referral ADD COLUMN part_of TEXT;"
  "ALTER TABLE referral ADD COLUMN legal INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE referral ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;"
  "UPDATE referral SET accepted = changed WHERE status IN ('accepted', 'ready', 'in-progress', 'on-hold', 'completed', 'failed');"
  "UPDATE referral SET status = 'accepted', business_status = '3.0' WHERE status = 'ready';"
  "UPDATE referral SET closed = changed WHERE status IN ('rejected', 'completed', 'failed', 'cancelled', 'entered-in-error');"
  "CREATE INDEX referral_open ON referral (requested) WHERE closed IS NULL;",
  /* closure  a room, or with NULL all rooms of a centre, in which nobody is received for a time. */
  "CREATE TABLE closure (id TEXT PRIMARY KEY, centre TEXT NOT NULL, room TEXT, start INTEGER NOT NULL, end INTEGER NOT NULL, reason TEXT,"
  " made INTEGER NOT NULL, made_by TEXT NOT NULL, ended INTEGER, ended_by TEXT) WITHOUT ROWID;"
  "CREATE INDEX closure_by_centre ON closure (centre, end) WHERE ended IS NULL;"
  "CREATE INDEX booking_by_mediator ON booking (mediator, start) WHERE mediator IS NOT NULL;",
  /* called  when the staff's last call that counts was made, in vain. */
  "ALTER TABLE waiting ADD COLUMN called INTEGER;",
  /* What each record of a referral made of it: two may follow the same one, when their writers did not know of each other. */
  "CREATE TABLE referral_step (record TEXT PRIMARY KEY, task TEXT NOT NULL, author TEXT NOT NULL, predecessor TEXT, status TEXT NOT NULL,"
  " business_status TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX referral_step_by_task ON referral_step (task, predecessor);",
  /* intake  cases from outside, by the id of the sealed record. received: by the hub's clock. outcome: a word of intakes.c. */
  "CREATE TABLE intake (id TEXT PRIMARY KEY, author TEXT NOT NULL, centre TEXT NOT NULL, source TEXT NOT NULL, urgency TEXT NOT NULL,"
  " received INTEGER NOT NULL, taken INTEGER, taken_by TEXT, closed INTEGER, outcome TEXT) WITHOUT ROWID;"
  "CREATE INDEX intake_by_centre ON intake (centre, closed, received);"
  "CREATE INDEX intake_by_author ON intake (author, received);",
  /* promised  when the time was first held without a break: notice is judged by then. */
  "ALTER TABLE hold ADD COLUMN promised INTEGER NOT NULL DEFAULT 0;"
  "UPDATE hold SET promised = until - 300000000;",
  /*
   * behind_glass  records that a break-glass group can open: handed out through a door only. booking: empty when the record names none.
   * door          who is let in, by which record, until when.
   */
  "CREATE TABLE behind_glass (reader TEXT NOT NULL, booking TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES record (seq) ON DELETE CASCADE,"
  " PRIMARY KEY (reader, booking, seq)) WITHOUT ROWID;"
  "CREATE INDEX behind_glass_by_record ON behind_glass (seq);"
  "CREATE INDEX behind_glass_by_booking ON behind_glass (booking);"
  "CREATE TABLE door (record TEXT PRIMARY KEY, reader TEXT NOT NULL, booking TEXT NOT NULL, opened INTEGER NOT NULL, until INTEGER NOT NULL)"
  " WITHOUT ROWID;"
  "CREATE INDEX door_by_reader ON door (reader, booking);",
  /* waiting  its turn has not come: what it follows is not here yet. */
  "ALTER TABLE referral_step ADD COLUMN forward TEXT;"
  "ALTER TABLE referral_step ADD COLUMN created INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE referral_step ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;",
  /*
   * erased  what an order to erase named: the record that is or would be here, and by which order. The row of an erased record stays with an
   *         empty envelope, as the link of its author's chain; it has no readers any more.
   */
  "CREATE TABLE erased (record TEXT PRIMARY KEY, digest TEXT NOT NULL, erasure TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX record_by_age ON record (kind, received) WHERE length (envelope) > 0;",
  NULL,
};
