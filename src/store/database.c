/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store-error.h"

/*
 * Invariants
 *  I1 What anx_database_commit() returned TRUE for survives kill -9 and power loss: WAL with synchronous=FULL syncs the log at each COMMIT.
 *  I2 A transaction is all or nothing. When SQLite had to roll it back by itself (disk full, I/O error), every further statement and
 *     the COMMIT fail until anx_database_rollback() is called, so that later statements can't be committed one by one.
 *  I3 A file of a newer version is not written to: the version is compared before anything else is.
 *  I4 A bound value leaves the statement when the statement is reset: nothing of one resident waits in a cache for the next.
 */

/* How long a statement waits for another process's lock before it gives up with BUSY. */
#define BUSY_TIMEOUT_MS 2000
/* The log is cut back to this after a checkpoint; a burst must not hold disk space for ever. */
#define LOG_LIMIT_BYTES "67108864"

struct _AnxDatabase
{
  GObject parent_instance;

  sqlite3 *handle;
  char *path;
  GHashTable *statements; /* literal's address → sqlite3_stmt, owned */
  gboolean in_transaction; /* between begin and commit or rollback, whatever SQLite did meanwhile (I2) */
};

struct _AnxRows
{
  AnxDatabase *database;
  sqlite3_stmt *statement;
  gboolean shared; /* belongs to the cache */
  gboolean done;
};

G_DEFINE_FINAL_TYPE (AnxDatabase, anx_database, G_TYPE_OBJECT)

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

static void
anx_database_finalize (GObject *object)
{
  AnxDatabase *self = ANX_DATABASE (object);
  g_clear_pointer (&self->statements, g_hash_table_unref);
  if (self->handle != NULL)
    sqlite3_close_v2 (self->handle);
  g_free (self->path);
  G_OBJECT_CLASS (anx_database_parent_class)->finalize (object);
}

static void
anx_database_class_init (AnxDatabaseClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = anx_database_finalize;
}

static void
anx_database_init (AnxDatabase *self)
{
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);
}

static gboolean
is_out_of_space (AnxDatabase *self,
                 int code)
{
  if ((code & 0xff) == SQLITE_FULL)
    return TRUE;
  if ((code & 0xff) != SQLITE_IOERR || self->handle == NULL)
    return FALSE;
  /* SQLite knows ENOSPC at write(), but not quotas, file size limits, nor a full disk met while the shared index grows. A COMMIT that
     failed overwrites errno while it rolls back; the log's file remembers its own. */
  int reasons[2] = { sqlite3_system_errno (self->handle), 0 };
  sqlite3_file *log = NULL;
  if (sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log != NULL && log->pMethods != NULL)
    log->pMethods->xFileControl (log, SQLITE_FCNTL_LAST_ERRNO, &reasons[1]);
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i] == ENOSPC || reasons[i] == EDQUOT || reasons[i] == EFBIG)
      return TRUE;
  return FALSE;
}

static void
set_error (AnxDatabase *self,
           GError **error,
           int code)
{
  if (is_out_of_space (self, code))
    {
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_FULL,
                   "The disk is full. Nothing that was confirmed is lost. Free some space for %s, then try again.", self->path);
      return;
    }
  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_BUSY,
                   "Another program is using the database %s. Nothing was changed. Close it, then try again.", self->path);
      return;
    case SQLITE_CONSTRAINT:
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CONSTRAINT, "A rule of the database refused the row: %s",
                   self->handle != NULL ? sqlite3_errmsg (self->handle) : "");
      return;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_CORRUPT,
                   "The database %s is damaged or is not a database. Nothing was changed. Put it aside and restore the last backup.",
                   self->path);
      return;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
    case SQLITE_MISMATCH:
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_SCHEMA, "A statement does not fit the database %s: %s", self->path,
                   self->handle != NULL ? sqlite3_errmsg (self->handle) : "");
      return;
    default:
      g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_IO, "The database %s could not be read or written: %s. "
                   "Check the disk and the folder's permissions.", self->path, sqlite3_errstr (code));
      return;
    }
}

/* I2: TRUE while the transaction the caller believes in is gone. */
static gboolean
transaction_was_lost (AnxDatabase *self,
                      GError **error)
{
  if (!self->in_transaction || sqlite3_get_autocommit (self->handle) == 0)
    return FALSE;
  g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_IO,
               "The changes to %s were rolled back because an earlier step failed. Nothing that was confirmed is lost.", self->path);
  return TRUE;
}

static gboolean
execute (AnxDatabase *self,
         const char *script,
         GError **error)
{
  int code = sqlite3_exec (self->handle, script, NULL, NULL, NULL);
  if (code == SQLITE_OK)
    return TRUE;
  set_error (self, error, sqlite3_extended_errcode (self->handle));
  return FALSE;
}

static sqlite3_stmt *
prepare (AnxDatabase *self,
         const char *sql,
         gboolean *out_shared,
         GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);
  /* A statement still being stepped through by an outer loop can't be used twice: the inner one gets a copy of its own. */
  if (statement != NULL && !sqlite3_stmt_busy (statement))
    {
      *out_shared = TRUE;
      return statement;
    }

  gboolean share = statement == NULL;
  int code = sqlite3_prepare_v3 (self->handle, sql, -1, share ? SQLITE_PREPARE_PERSISTENT : 0, &statement, NULL);
  if (code != SQLITE_OK)
    {
      set_error (self, error, sqlite3_extended_errcode (self->handle));
      return NULL;
    }
  if (share)
    g_hash_table_insert (self->statements, (gpointer) sql, statement);
  *out_shared = share;
  return statement;
}

static void
bind_all (sqlite3_stmt *statement,
          const char *types,
          va_list args)
{
  g_assert (sqlite3_bind_parameter_count (statement) == (int) strlen (types));
  for (int i = 0; types[i] != '\0'; i++)
    switch (types[i])
      {
      case 's':
        sqlite3_bind_text (statement, i + 1, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
        break;
      case 'i':
        sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
        break;
      case 'b':
        {
          GBytes *bytes = va_arg (args, GBytes *);
          gsize size = 0;
          const void *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
          if (bytes == NULL)
            sqlite3_bind_null (statement, i + 1);
          else if (size == 0)
            sqlite3_bind_zeroblob (statement, i + 1, 0);
          else
            sqlite3_bind_blob64 (statement, i + 1, data, size, SQLITE_TRANSIENT);
          break;
        }
      default:
        g_assert_not_reached ();
      }
}

static AnxRows *
query_va (AnxDatabase *self,
          GError **error,
          const char *sql,
          const char *types,
          va_list args)
{
  gboolean shared = FALSE;
  if (transaction_was_lost (self, error))
    return NULL;
  sqlite3_stmt *statement = prepare (self, sql, &shared, error);
  if (statement == NULL)
    return NULL;

  bind_all (statement, types != NULL ? types : "", args);
  AnxRows *rows = g_new0 (AnxRows, 1);
  rows->database = g_object_ref (self);
  rows->statement = statement;
  rows->shared = shared;
  return rows;
}

static gboolean
open_handle (AnxDatabase *self,
             int flags,
             GError **error)
{
  int code = sqlite3_open_v2 (self->path, &self->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (code != SQLITE_OK)
    {
      set_error (self, error, code);
      return FALSE;
    }
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  /* The file may have been in other hands: its schema must not be able to make the connection do more than hold data. */
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return TRUE;
}

/* Makes an empty private file and its entry in the folder durable, so that SQLite never creates one with the umask's mode. */
static gboolean
make_private_file (AnxDatabase *self,
                   GError **error)
{
  int fd = open (self->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      /* An existing file is not opened here: closing a second descriptor would drop this process's locks on it. */
      if (errno == EEXIST)
        {
          if (g_chmod (self->path, 0600) == 0 || errno == EPERM)
            return TRUE;
        }
      int code = errno;
      g_set_error (error, ANX_STORE_ERROR,
                   code == ENOSPC || code == EDQUOT ? ANX_STORE_ERROR_FULL : ANX_STORE_ERROR_IO,
                   "Cannot make the database %s: %s. Check the folder, its permissions and the free space.", self->path,
                   g_strerror (code));
      return FALSE;
    }
  close (fd);

  g_autofree char *folder = g_path_get_dirname (self->path);
  int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd >= 0)
    {
      fsync (folder_fd);
      close (folder_fd);
    }
  return TRUE;
}

static gboolean
migrate (AnxDatabase *self,
         const char *const *migrations,
         GError **error)
{
  gint64 newest = 0;
  while (migrations[newest] != NULL)
    newest++;

  gint64 version = anx_database_get_version (self);
  for (; version < newest; version++)
    {
      g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT, version + 1);
      if (!anx_database_begin (self, error))
        return FALSE;
      /* Another process may have taken this step while we waited for the lock. */
      if (anx_database_get_version (self) != version)
        {
          anx_database_rollback (self);
          version = anx_database_get_version (self) - 1;
          continue;
        }
      if (!execute (self, migrations[version], error) || !execute (self, mark, error))
        {
          anx_database_rollback (self);
          return FALSE;
        }
      if (!anx_database_commit (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
version_is_known (AnxDatabase *self,
                  const char *const *migrations,
                  GError **error)
{
  g_autoptr (GError) inner = NULL;
  gint64 newest = 0;
  while (migrations[newest] != NULL)
    newest++;

  gint64 version = anx_database_query_int (self, -1, &inner, "PRAGMA user_version", "");
  if (inner != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
  if (version <= newest)
    return TRUE;
  g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_VERSION,
               "The database %s was written by a newer version of Anxin. Install that version again; nothing was changed.", self->path);
  return FALSE;
}

/**
 * anx_database_open:
 * @path: a file; its folder must exist
 * @migrations: (array zero-terminated=1): the schema's history; the script at index i brings version i to i + 1
 * @error: return location, %ANX_STORE_ERROR_VERSION, %ANX_STORE_ERROR_CORRUPT, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_IO,
 *   %ANX_STORE_ERROR_BUSY, or %ANX_STORE_ERROR_SCHEMA for a script that SQLite refuses
 *
 * Opens or creates the database with mode 0600. On return the newest schema is on the disk; after an error each step is either
 * whole or not there, and a database of a newer version is untouched.
 *
 * Returns: (transfer full) (nullable): the connection, for the calling thread
 */
AnxDatabase *
anx_database_open (const char *path,
                   const char *const *migrations,
                   GError **error)
{
  g_return_val_if_fail (path != NULL && migrations != NULL, NULL);
  g_autoptr (AnxDatabase) self = g_object_new (ANX_TYPE_DATABASE, NULL);
  self->path = g_strdup (path);

  if (!make_private_file (self, error) || !open_handle (self, SQLITE_OPEN_READWRITE, error))
    return NULL;
  if (!version_is_known (self, migrations, error))
    return NULL;
  if (!execute (self,
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = " LOG_LIMIT_BYTES,
                error))
    return NULL;
  if (!migrate (self, migrations, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * anx_database_open_reader:
 * @path: an existing database
 * @error: return location, %ANX_STORE_ERROR_CORRUPT, %ANX_STORE_ERROR_IO, %ANX_STORE_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): a connection that can't change the database, for the calling thread
 */
AnxDatabase *
anx_database_open_reader (const char *path,
                          GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autoptr (AnxDatabase) self = g_object_new (ANX_TYPE_DATABASE, NULL);
  g_autoptr (GError) inner = NULL;
  self->path = g_strdup (path);

  if (!open_handle (self, SQLITE_OPEN_READONLY, error))
    return NULL;
  anx_database_query_int (self, 0, &inner, "SELECT count(*) FROM sqlite_schema", "");
  if (inner == NULL)
    return g_steal_pointer (&self);
  g_propagate_error (error, g_steal_pointer (&inner));
  return NULL;
}

/**
 * anx_database_get_version:
 * @self: a connection
 *
 * Returns: how many migrations the database has been through, 0 when it can't be read
 */
gint64
anx_database_get_version (AnxDatabase *self)
{
  return anx_database_query_int (self, 0, NULL, "PRAGMA user_version", "");
}

/**
 * anx_database_begin:
 * @self: a connection without an open transaction
 * @error: return location, %ANX_STORE_ERROR_BUSY, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_IO
 *
 * Takes the database's write lock at once, so that no later statement of the transaction can meet another writer.
 *
 * Returns: whether the transaction is open
 */
gboolean
anx_database_begin (AnxDatabase *self,
                    GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && !self->in_transaction, FALSE);
  if (!execute (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  self->in_transaction = TRUE;
  return TRUE;
}

/**
 * anx_database_commit:
 * @self: a connection with an open transaction
 * @error: return location, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_IO, %ANX_STORE_ERROR_BUSY
 *
 * Ends the transaction. On %TRUE all of it is on the disk, synced; on %FALSE none of it.
 *
 * Returns: whether it was committed
 */
gboolean
anx_database_commit (AnxDatabase *self,
                     GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && self->in_transaction, FALSE);
  if (transaction_was_lost (self, error) || !execute (self, "COMMIT", error))
    {
      anx_database_rollback (self);
      return FALSE;
    }
  self->in_transaction = FALSE;
  return TRUE;
}

/**
 * anx_database_rollback:
 * @self: a connection
 *
 * Takes back the open transaction; without one, nothing happens.
 */
void
anx_database_rollback (AnxDatabase *self)
{
  g_return_if_fail (ANX_IS_DATABASE (self));
  if (sqlite3_get_autocommit (self->handle) == 0)
    sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
  self->in_transaction = FALSE;
}

/**
 * anx_database_savepoint:
 * @self: a connection with an open transaction
 * @error: return location, as for anx_database_run()
 *
 * Begins a part of the transaction that can be taken back by itself. Parts do not nest.
 *
 * Returns: whether the part has begun
 */
gboolean
anx_database_savepoint (AnxDatabase *self,
                        GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && self->in_transaction, FALSE);
  return !transaction_was_lost (self, error) && execute (self, "SAVEPOINT part", error);
}

/**
 * anx_database_release:
 * @self: a connection inside a part begun with anx_database_savepoint()
 * @error: return location, as for anx_database_run()
 *
 * Ends the part and keeps it; the transaction's COMMIT decides about it.
 *
 * Returns: whether it was kept
 */
gboolean
anx_database_release (AnxDatabase *self,
                      GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self), FALSE);
  return !transaction_was_lost (self, error) && execute (self, "RELEASE part", error);
}

/**
 * anx_database_rollback_to_savepoint:
 * @self: a connection inside a part begun with anx_database_savepoint()
 *
 * Ends the part and takes it back; the rest of the transaction stands.
 */
void
anx_database_rollback_to_savepoint (AnxDatabase *self)
{
  g_return_if_fail (ANX_IS_DATABASE (self));
  if (sqlite3_get_autocommit (self->handle) == 0)
    sqlite3_exec (self->handle, "ROLLBACK TO part; RELEASE part", NULL, NULL, NULL);
}

/**
 * anx_database_check:
 * @self: a connection
 * @error: return location, %ANX_STORE_ERROR_CORRUPT, %ANX_STORE_ERROR_IO
 *
 * Reads the whole database and compares tables with indexes. Takes seconds for a large one.
 *
 * Returns: whether it is sound
 */
gboolean
anx_database_check (AnxDatabase *self,
                    GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self), FALSE);
  g_autoptr (GError) inner = NULL;
  g_autoptr (AnxRows) rows = anx_database_query (self, error, "PRAGMA integrity_check(1)", "");
  if (rows == NULL)
    return FALSE;
  if (anx_rows_next (rows, &inner) && g_strcmp0 (anx_rows_get_string (rows, 0), "ok") == 0)
    return TRUE;
  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  else
    set_error (self, error, SQLITE_CORRUPT);
  return FALSE;
}

static gboolean
sync_path (const char *path,
           int flags)
{
  int fd = open (path, flags | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;
  if (fd >= 0)
    close (fd);
  return synced;
}

static gboolean
copy_pages (AnxDatabase *self,
            AnxDatabase *copy,
            GError **error)
{
  sqlite3_backup *backup = sqlite3_backup_init (copy->handle, "main", self->handle, "main");
  if (backup == NULL)
    {
      set_error (copy, error, sqlite3_extended_errcode (copy->handle));
      return FALSE;
    }
  sqlite3_backup_step (backup, -1);
  int code = sqlite3_backup_finish (backup);
  if (code == SQLITE_OK)
    return TRUE;
  set_error (copy, error, code);
  return FALSE;
}

/**
 * anx_database_backup:
 * @self: a connection
 * @path: where to put the copy; an older one there is replaced
 * @error: return location, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_IO, %ANX_STORE_ERROR_BUSY
 *
 * Copies the database while it is in use. On return the copy is whole and synced, mode 0600; after an error or a crash the older
 * copy stands.
 *
 * Returns: whether the copy is there
 */
gboolean
anx_database_backup (AnxDatabase *self,
                     const char *path,
                     GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && path != NULL, FALSE);
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_unlink (part);

  {
    g_autoptr (AnxDatabase) copy = g_object_new (ANX_TYPE_DATABASE, NULL);
    copy->path = g_strdup (part);
    if (!make_private_file (copy, error) || !open_handle (copy, SQLITE_OPEN_READWRITE, error) || !copy_pages (self, copy, error))
      {
        g_unlink (part);
        return FALSE;
      }
  }
  /* The content first, then the name, then the folder that holds the name. */
  if (sync_path (part, O_RDONLY) && g_rename (part, path) == 0 && sync_path (folder, O_RDONLY | O_DIRECTORY))
    return TRUE;
  g_set_error (error, ANX_STORE_ERROR, ANX_STORE_ERROR_IO, "Cannot write the backup %s: %s", path, g_strerror (errno));
  g_unlink (part);
  return FALSE;
}

/**
 * anx_database_empty_log:
 * @self: a connection without an open transaction
 * @error: return location, %ANX_STORE_ERROR_BUSY while somebody reads or writes, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_IO
 *
 * Brings the log into the database and cuts it to nothing, so that what was deleted is not left in it. Does not wait for others. On %TRUE
 * both files are synced.
 *
 * Returns: whether the log is empty
 */
gboolean
anx_database_empty_log (AnxDatabase *self,
                        GError **error)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && !self->in_transaction, FALSE);
  sqlite3_busy_timeout (self->handle, 0);
  int code = sqlite3_wal_checkpoint_v2 (self->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  if (code == SQLITE_OK)
    return TRUE;
  set_error (self, error, code);
  return FALSE;
}

/**
 * anx_database_is_in_use:
 * @path: a database; need not exist
 *
 * While it is open, each connection of a database in WAL mode holds a shared lock on 510 bytes behind the first gigabyte
 * (https://www.sqlite.org/fileformat2.html, "The Lock-Byte Page").
 *
 * Returns: whether another process has it open
 */
gboolean
anx_database_is_in_use (const char *path)
{
  g_return_val_if_fail (path != NULL, FALSE);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510 };
  int fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  gboolean in_use = fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  close (fd);
  return in_use;
}

/**
 * anx_database_changes:
 * @self: a connection
 *
 * Returns: how many rows the last anx_database_run() changed
 */
gint64
anx_database_changes (AnxDatabase *self)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self), 0);
  return sqlite3_changes64 (self->handle);
}

/**
 * anx_database_run:
 * @self: a connection
 * @error: return location, %ANX_STORE_ERROR_CONSTRAINT, %ANX_STORE_ERROR_FULL, %ANX_STORE_ERROR_BUSY, %ANX_STORE_ERROR_IO,
 *   %ANX_STORE_ERROR_CORRUPT, %ANX_STORE_ERROR_SCHEMA
 * @sql: one statement, a literal
 * @types: one letter a parameter: `s`, `i` or `b`
 * @...: the parameters: `const char *` (nullable), #gint64, #GBytes (nullable)
 *
 * Runs a statement to its end. Outside a transaction its effect is on the disk, synced, on return; inside one, after the commit.
 *
 * Returns: whether it ran
 */
gboolean
anx_database_run (AnxDatabase *self,
                  GError **error,
                  const char *sql,
                  const char *types,
                  ...)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && sql != NULL, FALSE);
  g_autoptr (GError) inner = NULL;
  va_list args;

  va_start (args, types);
  g_autoptr (AnxRows) rows = query_va (self, error, sql, types, args);
  va_end (args);
  if (rows == NULL)
    return FALSE;
  while (anx_rows_next (rows, &inner))
    ;
  if (inner == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&inner));
  return FALSE;
}

/**
 * anx_database_query:
 * @self: a connection
 * @error: return location, as for anx_database_run()
 * @sql: one statement, a literal
 * @types: one letter a parameter: `s`, `i` or `b`
 * @...: the parameters, as for anx_database_run()
 *
 * Returns: (transfer full) (nullable): the rows, before the first; free them before the connection's transaction ends
 */
AnxRows *
anx_database_query (AnxDatabase *self,
                    GError **error,
                    const char *sql,
                    const char *types,
                    ...)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && sql != NULL, NULL);
  va_list args;

  va_start (args, types);
  AnxRows *rows = query_va (self, error, sql, types, args);
  va_end (args);
  return rows;
}

/**
 * anx_rows_next:
 * @self: rows
 * @error: return location, as for anx_database_run(); set only when the step failed
 *
 * Returns: whether there is a further row; %FALSE without @error at the end
 */
gboolean
anx_rows_next (AnxRows *self,
               GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);
  /* Stepping a finished statement would start it again. */
  if (self->done)
    return FALSE;
  int code = sqlite3_step (self->statement);
  if (code == SQLITE_ROW)
    return TRUE;
  self->done = TRUE;
  if (code == SQLITE_DONE)
    return FALSE;

  AnxDatabase *database = self->database;
  set_error (database, error, sqlite3_extended_errcode (database->handle));
  if ((code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CORRUPT)
    {
      /* SQLite rolls back in most of these cases; doing it in all of them makes I2 hold whichever it was. */
      sqlite3_reset (self->statement);
      if (sqlite3_get_autocommit (database->handle) == 0)
        sqlite3_exec (database->handle, "ROLLBACK", NULL, NULL, NULL);
    }
  return FALSE;
}

/**
 * anx_rows_get_string:
 * @self: rows, at one
 * @column: from 0
 *
 * Returns: (transfer none) (nullable): the text, until the next step
 */
const char *
anx_rows_get_string (AnxRows *self,
                     int column)
{
  g_return_val_if_fail (self != NULL, NULL);
  return (const char *) sqlite3_column_text (self->statement, column);
}

/**
 * anx_rows_get_int:
 * @self: rows, at one
 * @column: from 0
 *
 * Returns: the integer, 0 for NULL
 */
gint64
anx_rows_get_int (AnxRows *self,
                  int column)
{
  g_return_val_if_fail (self != NULL, 0);
  return sqlite3_column_int64 (self->statement, column);
}

/**
 * anx_rows_get_bytes:
 * @self: rows, at one
 * @column: from 0
 *
 * Returns: (transfer full): a copy of the blob, empty for NULL
 */
GBytes *
anx_rows_get_bytes (AnxRows *self,
                    int column)
{
  g_return_val_if_fail (self != NULL, NULL);
  const void *data = sqlite3_column_blob (self->statement, column);
  return g_bytes_new (data, (gsize) sqlite3_column_bytes (self->statement, column));
}

/**
 * anx_rows_is_null:
 * @self: rows, at one
 * @column: from 0
 *
 * Returns: whether the column is NULL
 */
gboolean
anx_rows_is_null (AnxRows *self,
                  int column)
{
  g_return_val_if_fail (self != NULL, TRUE);
  return sqlite3_column_type (self->statement, column) == SQLITE_NULL;
}

/**
 * anx_rows_free:
 * @self: (transfer full) (nullable): rows
 *
 * Ends the query and makes its statement ready for the next use.
 */
void
anx_rows_free (AnxRows *self)
{
  if (self == NULL)
    return;
  sqlite3_reset (self->statement);
  sqlite3_clear_bindings (self->statement);
  if (!self->shared)
    sqlite3_finalize (self->statement);
  g_object_unref (self->database);
  g_free (self);
}

/**
 * anx_database_query_int:
 * @self: a connection
 * @fallback: what to return without a row
 * @error: return location, as for anx_database_run()
 * @sql: one statement, a literal
 * @types: one letter a parameter: `s`, `i` or `b`
 * @...: the parameters, as for anx_database_run()
 *
 * Returns: the first column of the first row; @fallback when there is no row or on error
 */
gint64
anx_database_query_int (AnxDatabase *self,
                        gint64 fallback,
                        GError **error,
                        const char *sql,
                        const char *types,
                        ...)
{
  g_return_val_if_fail (ANX_IS_DATABASE (self) && sql != NULL, fallback);
  va_list args;

  va_start (args, types);
  g_autoptr (AnxRows) rows = query_va (self, error, sql, types, args);
  va_end (args);
  return rows != NULL && anx_rows_next (rows, error) ? anx_rows_get_int (rows, 0) : fallback;
}
