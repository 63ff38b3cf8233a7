/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-database.h"

/*
 * A record's bytes stand once, in `record`, whoever wrote it. `outbox` says what became of the own ones.
 * `refused` keeps what the hub offered but no reader may use: only why, so that it can be reported.
 */
static const char *const migrations[] = {
  "CREATE TABLE record ("
  "  arrival INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  id TEXT NOT NULL UNIQUE,"
  "  kind TEXT NOT NULL,"
  "  author TEXT NOT NULL,"
  "  sequence INTEGER NOT NULL,"
  "  created INTEGER NOT NULL,"
  "  digest TEXT NOT NULL,"
  "  header TEXT NOT NULL,"
  "  envelope BLOB NOT NULL);"
  "CREATE INDEX record_chain ON record (author, sequence);"
  "CREATE INDEX record_kind ON record (kind, created);"
  "CREATE TABLE outbox ("
  "  id TEXT PRIMARY KEY REFERENCES record (id),"
  "  sequence INTEGER NOT NULL UNIQUE,"
  "  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'acknowledged', 'set-aside')),"
  "  problem TEXT) WITHOUT ROWID;"
  "CREATE INDEX outbox_state ON outbox (state, sequence);"
  "CREATE TABLE refused (digest TEXT PRIMARY KEY, problem TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;",
  NULL
};

/**
 * anx_client_database_open:
 * @path: of `client.db`
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Returns: (transfer full) (nullable): the database, of the newest form
 */
AnxDatabase *
anx_client_database_open (const char *path,
                          GError **error)
{
  return anx_database_open (path, migrations, error);
}

/**
 * anx_client_database_get_number:
 * @database: the client's database
 * @name: a literal of ours
 *
 * Returns: the value last set, 0 when there is none
 */
gint64
anx_client_database_get_number (AnxDatabase *database,
                                const char *name)
{
  return anx_database_query_int (database, 0, NULL, "SELECT value FROM number WHERE name = ?", "s", name);
}

/**
 * anx_client_database_set_number:
 * @database: the client's database
 * @name: a literal of ours
 * @value: any
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Within a transaction it is on the disk with its commit, else on return.
 *
 * Returns: whether it was written
 */
gboolean
anx_client_database_set_number (AnxDatabase *database,
                                const char *name,
                                gint64 value,
                                GError **error)
{
  return anx_database_run (database, error,
                           "INSERT INTO number VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", "si",
                           name, value);
}
