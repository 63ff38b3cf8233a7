/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * One connection to an SQLite database: WAL, synchronous=FULL, foreign keys on, secure_delete on. Owned by the thread that
 * opened it; a second thread opens its own. Prepared statements are kept and reused.
 */
#define ANX_TYPE_DATABASE (anx_database_get_type ())
G_DECLARE_FINAL_TYPE (AnxDatabase, anx_database, ANX, DATABASE, GObject)

/* One step of the schema's history: the step at index i brings version i to i + 1. NULL-terminated list of SQL scripts. */
typedef const char *const AnxMigration;

/* Opens or creates @path (mode 0600) and brings it to the newest version, each step in its own transaction. VERSION, CORRUPT, FULL, IO, BUSY. */
AnxDatabase *anx_database_open (const char *path, const char *const *migrations, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A second, read-only connection of an existing database. */
AnxDatabase *anx_database_open_reader (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gint64       anx_database_get_version (AnxDatabase *self);

gboolean anx_database_begin (AnxDatabase *self, GError **error);          /* IMMEDIATE */
gboolean anx_database_commit (AnxDatabase *self, GError **error);         /* on the disk when it returns TRUE; on FALSE it was rolled back */
void     anx_database_rollback (AnxDatabase *self);
gboolean anx_database_savepoint (AnxDatabase *self, GError **error);
gboolean anx_database_release (AnxDatabase *self, GError **error);
void     anx_database_rollback_to_savepoint (AnxDatabase *self);
gboolean anx_database_check (AnxDatabase *self, GError **error);          /* PRAGMA integrity_check */
gboolean anx_database_backup (AnxDatabase *self, const char *path, GError **error); /* online backup, synced when it returns */
gboolean anx_database_empty_log (AnxDatabase *self, GError **error);      /* after deleting what must be gone from the disk */
gboolean anx_database_is_in_use (const char *path);
gint64   anx_database_changes (AnxDatabase *self);

/*
 * Statements. @sql is a literal (kept by address). @types has one letter a parameter: 's' const char* (NULL = NULL),
 * 'i' gint64, 'b' GBytes* (NULL = NULL).
 *   anx_database_run (db, &error, "INSERT INTO t VALUES (?, ?)", "si", "a", (gint64) 1)
 *   g_autoptr (AnxRows) rows = anx_database_query (db, &error, "SELECT a FROM t WHERE b = ?", "i", (gint64) 1);
 *   while (anx_rows_next (rows, &error)) anx_rows_get_string (rows, 0);
 */
gboolean anx_database_run (AnxDatabase *self, GError **error, const char *sql, const char *types, ...);

typedef struct _AnxRows AnxRows;
AnxRows    *anx_database_query (AnxDatabase *self, GError **error, const char *sql, const char *types, ...) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_rows_next (AnxRows *self, GError **error);                 /* FALSE at the end, or with error set */
const char *anx_rows_get_string (AnxRows *self, int column);               /* (nullable), until the next step */
gint64      anx_rows_get_int (AnxRows *self, int column);
GBytes     *anx_rows_get_bytes (AnxRows *self, int column) G_GNUC_WARN_UNUSED_RESULT;
gboolean    anx_rows_is_null (AnxRows *self, int column);
void        anx_rows_free (AnxRows *self);                                 /* resets the statement for its next use */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnxRows, anx_rows_free)

/* A single integer: the first column of the first row, @fallback when there is none or on error (error set). */
gint64 anx_database_query_int (AnxDatabase *self, gint64 fallback, GError **error, const char *sql, const char *types, ...);

G_END_DECLS
