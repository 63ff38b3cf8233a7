/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "directory-file.h"

#include "bounds.h"
#include "client-database.h"
#include "directory-heads.h"
#include "files.h"
#include "seal-error.h"

#define VERSION_SEEN "directory-version"

struct _AnxDirectoryFile
{
  char *path;
  AnxDatabase *database;
  AnxCertificate *authority;
  AnxDirectory *current; /* (nullable) */
};

/* A file that does not open is as good as none: the hub has another. But the version seen still holds. */
static void
load (AnxDirectoryFile *self)
{
  if (!g_file_test (self->path, G_FILE_TEST_EXISTS))
    return;
  g_autoptr (GBytes) der = anx_file_read (self->path, ANX_BOUND_DIRECTORY_BYTES, NULL);
  if (der == NULL)
    return;
  self->current = anx_directory_open (der, self->authority, NULL, NULL);
  if (self->current != NULL &&
      anx_directory_get_version (self->current) < anx_client_database_get_number (self->database, VERSION_SEEN))
    g_clear_pointer (&self->current, anx_directory_unref);
  /* It is there already unless the database was lost; without it only a comparison is missing. */
  if (self->current != NULL)
    anx_directory_heads_take_over (self->database, self->current, NULL);
}

/**
 * anx_directory_file_new:
 * @path: of `directory.der`
 * @database: the client's database, which remembers the newest version even if the file is put back
 * @authority: who must have signed
 *
 * Returns: (transfer full): the keeper, with the directory of the disk when there is a good one
 */
AnxDirectoryFile *
anx_directory_file_new (const char *path,
                        AnxDatabase *database,
                        AnxCertificate *authority)
{
  AnxDirectoryFile *self = g_new0 (AnxDirectoryFile, 1);
  self->path = g_strdup (path);
  self->database = g_object_ref (database);
  self->authority = anx_certificate_ref (authority);
  load (self);
  return self;
}

/**
 * anx_directory_file_free:
 * @self: (transfer full): the keeper
 */
void
anx_directory_file_free (AnxDirectoryFile *self)
{
  g_free (self->path);
  g_object_unref (self->database);
  anx_certificate_unref (self->authority);
  g_clear_pointer (&self->current, anx_directory_unref);
  g_free (self);
}

/**
 * anx_directory_file_get:
 * @self: the keeper
 *
 * Returns: (transfer none) (nullable): the directory in force
 */
AnxDirectory *
anx_directory_file_get (AnxDirectoryFile *self)
{
  return self->current;
}

/**
 * anx_directory_file_replace:
 * @self: the keeper
 * @der: what the hub offers
 * @error: return location, errors of %ANX_SEAL_ERROR, above all STALE; %ANX_BASE_ERROR_STORAGE, errors of %ANX_STORE_ERROR
 *
 * Takes @der over when it is of the authority and newer than all seen before. On %TRUE it is on the disk and in force; on
 * %FALSE the one before stands.
 *
 * Returns: whether it was taken over
 */
gboolean
anx_directory_file_replace (AnxDirectoryFile *self,
                            GBytes *der,
                            GError **error)
{
  g_autoptr (AnxDirectory) next = anx_directory_open (der, self->authority, self->current, error);
  if (next == NULL)
    return FALSE;
  gint64 seen = anx_client_database_get_number (self->database, VERSION_SEEN);
  gint64 version = anx_directory_get_version (next);
  if (version < seen)
    {
      g_set_error (error, ANX_SEAL_ERROR, ANX_SEAL_ERROR_STALE,
                   "The hub offers directory %" G_GINT64_FORMAT ", but %" G_GINT64_FORMAT " was seen before", version, seen);
      return FALSE;
    }
  gsize size;
  const char *data = g_bytes_get_data (der, &size);
  /* The file first: if only the number were written, the client would have no directory until the hub can be reached. */
  if (!anx_file_write (self->path, data, (gssize) size, error) ||
      !anx_client_database_set_number (self->database, VERSION_SEEN, version, error) ||
      !anx_directory_heads_take_over (self->database, next, error))
    return FALSE;
  g_clear_pointer (&self->current, anx_directory_unref);
  self->current = g_steal_pointer (&next);
  return TRUE;
}

/**
 * anx_directory_file_name_fault:
 * @self: the keeper
 * @der: what anx_directory_file_replace() refused
 * @out_version: (out): its version, 0 when it is not of the authority
 *
 * Returns: `directory-untrusted`, `directory-rollback` or `directory-fork`
 */
const char *
anx_directory_file_name_fault (AnxDirectoryFile *self,
                               GBytes *der,
                               gint64 *out_version)
{
  *out_version = 0;
  g_autoptr (AnxDirectory) offered = anx_directory_open (der, self->authority, NULL, NULL);
  if (offered == NULL)
    return "directory-untrusted";
  *out_version = anx_directory_get_version (offered);
  gint64 seen = anx_client_database_get_number (self->database, VERSION_SEEN);
  return *out_version < seen ? "directory-rollback" : "directory-fork";
}
