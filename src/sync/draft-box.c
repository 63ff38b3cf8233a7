/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draft-box.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "client-private.h"
#include "files.h"
#include "own-seal.h"
#include "sync-error.h"

#define FOLDER "drafts"
#define ENDING ".sealed"
/* More than the longest note of ANX_BOUND_NOTE_CHARS characters, four bytes each. */
#define MAX_BYTES (128 * 1024)
#define MAX_NAME_BYTES 120

/* A name is a file's name: words, digits, dashes, so that it leads nowhere else and says nothing of a person. */
static gboolean
name_is_valid (const char *name)
{
  gsize length = strlen (name);
  return length > 0 && length <= MAX_NAME_BYTES && strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static char *
build_path (AnxClient *client,
            const char *name)
{
  g_autofree char *file = g_strconcat (name, ENDING, NULL);
  return g_build_filename (anx_profile_get_folder (client->profile), FOLDER, file, NULL);
}

static char *
build_purpose (const char *name)
{
  return g_strconcat ("draft:", name, NULL);
}

static gboolean
check_name (const char *name,
            GError **error)
{
  if (name_is_valid (name))
    return TRUE;
  g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "A draft's name is of small letters, digits and dashes");
  return FALSE;
}

/**
 * anx_draft_keep:
 * @client: whose draft it is
 * @name: what it is a draft of, such as `note-` and a booking's id: small letters, digits and dashes, at most 120 bytes
 * @text: what was written so far, at most 128 KiB
 * @error: return location, %ANX_SYNC_ERROR_INVALID, errors of %ANX_SEAL_ERROR and %ANX_BASE_ERROR
 *
 * On %TRUE the text is sealed and on the disk; on %FALSE the draft kept before is untouched.
 *
 * Returns: whether it was kept
 */
gboolean
anx_draft_keep (AnxClient *client,
                const char *name,
                const char *text,
                GError **error)
{
  if (!check_name (name, error))
    return FALSE;
  if (strlen (text) > MAX_BYTES)
    {
      g_set_error_literal (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "A draft is longer than what may be written");
      return FALSE;
    }
  g_autofree char *folder = anx_profile_build_path (client->profile, FOLDER);
  if (!anx_directory_make_private (folder, error))
    return FALSE;
  g_autofree char *purpose = build_purpose (name);
  g_autofree char *path = build_path (client, name);
  g_autoptr (GBytes) plain = g_bytes_new_static (text, strlen (text));
  g_autoptr (GBytes) sealed = anx_own_seal (purpose, plain, client->sign_key, anx_profile_get_sign_certificate (client->profile),
                                            anx_profile_get_seal_certificate (client->profile), error);
  return sealed != NULL && anx_file_write (path, g_bytes_get_data (sealed, NULL), (gssize) g_bytes_get_size (sealed), error);
}

/**
 * anx_draft_dup:
 * @client: whose draft it is
 * @name: as of anx_draft_keep()
 * @error: return location, errors of %ANX_SEAL_ERROR and %ANX_BASE_ERROR
 *
 * Returns: (transfer full) (nullable): what was kept last, to be freed with anx_secret_free(); %NULL without an error when nothing was
 */
char *
anx_draft_dup (AnxClient *client,
               const char *name,
               GError **error)
{
  if (!check_name (name, error))
    return NULL;
  g_autofree char *path = build_path (client, name);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  g_autofree char *purpose = build_purpose (name);
  g_autoptr (GBytes) sealed = anx_file_read (path, MAX_BYTES + 16384, error);
  g_autoptr (GBytes) plain = sealed != NULL ? anx_record_reader_open_own (client->reader, purpose, sealed,
                                                                          anx_profile_get_sign_certificate (client->profile), error)
                                            : NULL;
  if (plain == NULL)
    return NULL;
  gsize size = 0;
  const char *bytes = g_bytes_get_data (plain, &size);
  return g_strndup (size > 0 ? bytes : "", size);
}

/**
 * anx_draft_drop:
 * @client: whose draft it is
 * @name: as of anx_draft_keep()
 * @error: return location, %ANX_SYNC_ERROR_INVALID
 *
 * To be called when what was drafted is kept as a record, or given up.
 *
 * Returns: whether there is none any more
 */
gboolean
anx_draft_drop (AnxClient *client,
                const char *name,
                GError **error)
{
  if (!check_name (name, error))
    return FALSE;
  g_autofree char *path = build_path (client, name);
  if (g_unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, ANX_SYNC_ERROR, ANX_SYNC_ERROR_INVALID, "The draft cannot be removed: %s", g_strerror (errno));
  return FALSE;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * anx_draft_list:
 * @client: whose drafts they are
 *
 * Returns: (transfer full): their names, in order
 */
char **
anx_draft_list (AnxClient *client)
{
  g_autofree char *folder = anx_profile_build_path (client->profile, FOLDER);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_suffix (file, ENDING))
        continue;
      g_autofree char *name = g_strndup (file, strlen (file) - strlen (ENDING));
      if (name_is_valid (name))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
