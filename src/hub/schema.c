/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub.h"

/*
 * The schema's history. A released step is never edited.
 *
 * delivery  one row for each reader of a record: its author, recipients and recipient groups. A reader's inbox is the rows of the
 *           reader and of the reader's groups, in the order of seq, which is the order of commits.
 * cell      what is occupied: 5 minutes of a counsellor, a room or a kiosk. Two bookings can't overlap because the second insert of a
 *           (resource, cell) fails. A cancelled booking's cells are deleted.
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
  NULL,
};
