/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-database.h"

/*
 * A record's bytes stand once, in `record`, whoever wrote it. `outbox` says what became of the own ones.
 * `refused` keeps what the hub offered but no reader may use: only why, so that it can be reported.
 * `notice` names what the hub did that an honest hub does not do, or does only after a loss; README.md has the names.
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
  /* confirmed: the hub had it once, so its place is final for ever, whatever the hub holds now. */
  "ALTER TABLE outbox ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;"
  "UPDATE outbox SET confirmed = 1 WHERE state = 'acknowledged';"
  "CREATE TABLE word (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE notice (name TEXT NOT NULL, detail TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1, reported INTEGER NOT NULL DEFAULT 0,"
  " PRIMARY KEY (name, detail)) WITHOUT ROWID;",
  /* What a kiosk can sell by itself and has sold: lease-book.c. */
  "CREATE TABLE booking_mark (mark TEXT NOT NULL);"
  "CREATE TABLE lease (id TEXT PRIMARY KEY, service TEXT NOT NULL, counsellor TEXT NOT NULL, mediator TEXT, room TEXT NOT NULL, start INTEGER NOT NULL,"
  " end INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('held', 'sold', 'returning'))) WITHOUT ROWID;"
  "CREATE TABLE sale (id TEXT PRIMARY KEY, lease TEXT UNIQUE, body TEXT NOT NULL, end INTEGER NOT NULL, status TEXT NOT NULL, made INTEGER NOT NULL,"
  " state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'refused')), problem TEXT) WITHOUT ROWID;"
  "CREATE INDEX sale_state ON sale (state, made);",
  /* The newest first, page by page: record-index.c. */
  "CREATE INDEX record_created ON record (created, arrival);",
  /* Which directory stands under which number, and who said so first: directory-heads.c. */
  "CREATE TABLE directory_head (version INTEGER NOT NULL, digest TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (version, digest)) WITHOUT ROWID;",
  /* A lease whose sale was refused is given back; once it stayed. */
  "UPDATE lease SET state = 'returning' WHERE state = 'sold' AND id IN (SELECT lease FROM sale WHERE state = 'refused');",
  /* Which orders to erase were obeyed: eraser.c. What they erased stays in record, without header and envelope. */
  "CREATE TABLE obeyed (erasure TEXT PRIMARY KEY) WITHOUT ROWID;",
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

/**
 * anx_client_database_dup_word:
 * @database: the client's database
 * @name: a literal of ours
 *
 * Returns: (transfer full) (nullable): the word last set
 */
char *
anx_client_database_dup_word (AnxDatabase *database,
                              const char *name)
{
  g_autoptr (AnxRows) rows = anx_database_query (database, NULL, "SELECT value FROM word WHERE name = ?", "s", name);
  return rows != NULL && anx_rows_next (rows, NULL) ? g_strdup (anx_rows_get_string (rows, 0)) : NULL;
}

/**
 * anx_client_database_set_word:
 * @database: the client's database
 * @name: a literal of ours
 * @value: (nullable): %NULL forgets it
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Within a transaction it is on the disk with its commit, else on return.
 *
 * Returns: whether it was written
 */
gboolean
anx_client_database_set_word (AnxDatabase *database,
                              const char *name,
                              const char *value,
                              GError **error)
{
  if (value == NULL)
    return anx_database_run (database, error, "DELETE FROM word WHERE name = ?", "s", name);
  return anx_database_run (database, error, "INSERT INTO word VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                           "ss", name, value);
}

/**
 * anx_client_database_notice:
 * @database: the client's database
 * @name: one of the names in README.md
 * @detail: ids, numbers and versions; never anything personal
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Keeps what was noticed, each once with how often; beyond %ANX_CLIENT_MOST_NOTICES different ones nothing more is kept, so that a
 * hostile hub cannot fill the disk with them.
 *
 * Returns: whether it was written
 */
gboolean
anx_client_database_notice (AnxDatabase *database,
                            const char *name,
                            const char *detail,
                            GError **error)
{
  if (!anx_database_run (database, error, "UPDATE notice SET times = times + 1 WHERE name = ? AND detail = ?", "ss", name, detail))
    return FALSE;
  if (anx_database_changes (database) > 0)
    return TRUE;
  return anx_database_run (database, error,
                           "INSERT INTO notice (name, detail) SELECT ?, ? WHERE (SELECT count(*) FROM notice) < ?", "ssi", name, detail,
                           (gint64) ANX_CLIENT_MOST_NOTICES);
}
