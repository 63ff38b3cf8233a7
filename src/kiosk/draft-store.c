/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draft-store.h"

#include <glib/gstdio.h>
#include <string.h>

#include "files.h"
#include "shell-error.h"

#define TAG_CHARS 64
#define MAX_SEALED_BYTES (300 * 1024)
/* Far more than the residents of one day; who fills the disk on purpose stops here. */
#define MAX_DRAFTS 200
#define MAX_HOURS 72
/* D2: 5, 10, 20 … seconds, at most a quarter of an hour; after an hour of quiet it begins anew. */
#define FREE_TRIES 3
#define FIRST_WAIT_SECONDS 5
#define MAX_WAIT_SECONDS 900
#define FORGET_USEC ANX_USEC_PER_HOUR

struct _AnxDraftStore
{
  char *folder;
  AnxClock *clock;
  guint n_wrong;
  gint64 last_wrong_usec;
};

/**
 * anx_draft_store_new:
 * @folder: where the files are; made when the first one is kept
 * @clock: the time; a reference is held
 *
 * Returns: (transfer full): the store
 */
AnxDraftStore *
anx_draft_store_new (const char *folder,
                     AnxClock *clock)
{
  AnxDraftStore *self = g_new0 (AnxDraftStore, 1);
  self->folder = g_strdup (folder);
  self->clock = g_object_ref (clock);
  return self;
}

/**
 * anx_draft_store_free:
 * @self: (transfer full): a store
 *
 * Frees it; the files stay.
 */
void
anx_draft_store_free (AnxDraftStore *self)
{
  g_free (self->folder);
  g_clear_object (&self->clock);
  g_free (self);
}

static gboolean
is_tag (const char *tag)
{
  return strlen (tag) == TAG_CHARS && strspn (tag, "0123456789abcdef") == TAG_CHARS;
}

/* A file is named TAG.SECONDS, the second of UTC when its time is over. */
static gint64
get_end_usec (const char *name)
{
  const char *dot = strchr (name, '.');
  return dot != NULL && dot - name == TAG_CHARS ? g_ascii_strtoll (dot + 1, NULL, 10) * G_USEC_PER_SEC : 0;
}

static char *
find_file (AnxDraftStore *self,
           const char *tag)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL; name = g_dir_read_name (dir))
    if (g_str_has_prefix (name, tag) && name[TAG_CHARS] == '.')
      return g_build_filename (self->folder, name, NULL);
  return NULL;
}

/**
 * anx_draft_store_sweep:
 * @self: a store
 *
 * Erases what has no time left (D1); also files that are none of ours, since nothing else belongs into this folder.
 *
 * Returns: how many drafts are left
 */
guint
anx_draft_store_sweep (AnxDraftStore *self)
{
  guint left = 0;
  gint64 now_usec = anx_clock_now_usec (self->clock);
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  for (const char *name = dir != NULL ? g_dir_read_name (dir) : NULL; name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      gint64 end_usec = get_end_usec (name);
      /* A clock that was set back must not prolong a draft's life without end. */
      if (end_usec <= now_usec || end_usec > now_usec + MAX_HOURS * ANX_USEC_PER_HOUR)
        g_unlink (path);
      else
        left++;
    }
  return left;
}

/**
 * anx_draft_store_keep:
 * @self: a store
 * @tag: 64 lower-case hex digits
 * @sealed: 1 byte to 300 KiB
 * @hours: 1 to 72
 * @error: %ANX_SHELL_ERROR_REFUSED (not of that form), %ANX_SHELL_ERROR_BUSY (too many are kept), %ANX_SHELL_ERROR_STORAGE
 *
 * Returns: whether it is on the disk
 */
gboolean
anx_draft_store_keep (AnxDraftStore *self,
                      const char *tag,
                      GBytes *sealed,
                      guint hours,
                      GError **error)
{
  gsize length = g_bytes_get_size (sealed);
  if (!is_tag (tag) || length == 0 || length > MAX_SEALED_BYTES || hours == 0 || hours > MAX_HOURS)
    {
      g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_REFUSED, "This is no draft");
      return FALSE;
    }
  if (anx_draft_store_sweep (self) >= MAX_DRAFTS)
    {
      g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_BUSY, "Too many drafts are kept");
      return FALSE;
    }
  gint64 end = anx_clock_now_usec (self->clock) / G_USEC_PER_SEC + (gint64) hours * 3600;
  g_autofree char *name = g_strdup_printf ("%s.%" G_GINT64_FORMAT, tag, end);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) local = NULL;
  if (!anx_directory_make_private (self->folder, &local)
      || !anx_file_write (path, g_bytes_get_data (sealed, NULL), (gssize) length, &local))
    {
      g_set_error_literal (error, ANX_SHELL_ERROR, ANX_SHELL_ERROR_STORAGE, local->message);
      return FALSE;
    }
  return TRUE;
}

static guint
get_wait_seconds (AnxDraftStore *self)
{
  gint64 now_usec = anx_clock_now_usec (self->clock), since_usec = now_usec - self->last_wrong_usec;
  if (since_usec >= FORGET_USEC)
    self->n_wrong = 0;
  if (self->n_wrong < FREE_TRIES)
    return 0;
  guint doublings = MIN (self->n_wrong - FREE_TRIES, 16);
  gint64 wait_usec = MIN ((gint64) FIRST_WAIT_SECONDS << doublings, MAX_WAIT_SECONDS) * G_USEC_PER_SEC;
  /* A clock that was set back shows a negative time: the wait begins anew. */
  if (since_usec < 0)
    self->last_wrong_usec = now_usec;
  return since_usec >= wait_usec ? 0 : (guint) ((wait_usec - MAX (since_usec, 0) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

/**
 * anx_draft_store_take:
 * @self: a store
 * @tag: from the code that was typed
 * @out_wait_seconds: (out): 0, or so long nobody may try again (D2)
 *
 * Gives a draft and erases its file.
 *
 * Returns: (transfer full) (nullable): what was kept, or %NULL
 */
GBytes *
anx_draft_store_take (AnxDraftStore *self,
                      const char *tag,
                      guint *out_wait_seconds)
{
  *out_wait_seconds = get_wait_seconds (self);
  if (*out_wait_seconds > 0)
    return NULL;
  anx_draft_store_sweep (self);
  g_autofree char *path = is_tag (tag) ? find_file (self, tag) : NULL;
  GBytes *sealed = path != NULL ? anx_file_read (path, MAX_SEALED_BYTES, NULL) : NULL;
  if (path != NULL)
    g_unlink (path);
  if (sealed != NULL)
    {
      self->n_wrong = 0;
      return sealed;
    }
  self->n_wrong++;
  self->last_wrong_usec = anx_clock_now_usec (self->clock);
  return NULL;
}
