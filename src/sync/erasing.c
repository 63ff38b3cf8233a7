/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-private.h"
#include "draft-box.h"
#include "eraser.h"

/* A thread of the index just reads; it is done in a moment. */
#define CLEAN_AGAIN_MS 200

static gboolean
on_clean_again (gpointer user_data)
{
  AnxClient *self = user_data;
  if (!anx_eraser_clean (self->database))
    return G_SOURCE_CONTINUE;
  self->clean_id = 0;
  return G_SOURCE_REMOVE;
}

/* What somebody was writing about it can quote it: the correction of a note begins with its words. */
static void
drop_drafts (AnxClient *self,
             const char *booking)
{
  g_auto (GStrv) names = anx_draft_list (self);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_has_suffix (names[i], booking))
      anx_draft_drop (self, names[i], NULL);
}

/**
 * anx_client_erase_ordered:
 * @self: a client
 * @error: return location, errors of %ANX_STORE_ERROR
 *
 * Obeys the orders to erase that are here: rows, drafts, then "record-erased" for the index and whoever shows it, then the log.
 *
 * Returns: whether all that can be obeyed now is obeyed
 */
gboolean
anx_client_erase_ordered (AnxClient *self,
                          GError **error)
{
  AnxDirectory *directory = anx_client_get_directory (self);
  if (directory == NULL)
    return TRUE;
  g_autoptr (GPtrArray) items = anx_eraser_obey (self->database, directory, error);
  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const AnxEraserItem *item = items->pdata[i];
      if (item->booking != NULL)
        drop_drafts (self, item->booking);
      g_signal_emit (self, anx_client_signals[ANX_CLIENT_RECORD_ERASED], 0, item->id);
    }
  if (self->clean_id == 0 && !anx_eraser_clean (self->database))
    self->clean_id = g_timeout_add (CLEAN_AGAIN_MS, on_clean_again, self);
  return items != NULL;
}
