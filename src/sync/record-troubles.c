/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record-troubles.h"

#include "client-private.h"

static void
trouble_free (gpointer data)
{
  AnxRecordTrouble *self = data;
  g_free (self->id);
  g_free (self->problem);
  g_free (self);
}

static void
add (GPtrArray *list,
     AnxTroubleKind kind,
     const char *id,
     const char *problem)
{
  AnxRecordTrouble *trouble = g_new0 (AnxRecordTrouble, 1);
  trouble->kind = kind;
  trouble->id = g_strdup (id);
  trouble->problem = g_strdup (problem);
  g_ptr_array_add (list, trouble);
}

static void
add_rows (GPtrArray *list,
          AnxTroubleKind kind,
          AnxRows *rows)
{
  while (rows != NULL && anx_rows_next (rows, NULL))
    add (list, kind, anx_rows_get_string (rows, 0), anx_rows_get_string (rows, 1));
}

/**
 * anx_record_troubles_list:
 * @client: the client
 * @index: its index
 * @most: at most so many of each kind
 *
 * Returns: (transfer full) (element-type AnxRecordTrouble): what was set aside, then what was refused, then what does not open
 */
GPtrArray *
anx_record_troubles_list (AnxClient *client,
                          AnxRecordIndex *index,
                          guint most)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (trouble_free);
  AnxRows *rows = anx_database_query (client->database, NULL, "SELECT id, problem FROM outbox WHERE state = 'set-aside' ORDER BY sequence LIMIT ?",
                                      "i", (gint64) most);
  add_rows (list, ANX_TROUBLE_SET_ASIDE, rows);
  g_clear_pointer (&rows, anx_rows_free);
  rows = anx_database_query (client->database, NULL, "SELECT digest, problem FROM refused ORDER BY digest LIMIT ?", "i", (gint64) most);
  add_rows (list, ANX_TROUBLE_REFUSED, rows);
  g_clear_pointer (&rows, anx_rows_free);
  if (anx_record_index_count_state (index, ANX_INDEX_POISONED) == 0)
    return list;
  g_autoptr (GPtrArray) all = anx_record_index_search (index, NULL, NULL, G_MAXUINT, NULL);
  for (guint i = 0, n = 0; i < all->len && n < most; i++)
    {
      const AnxIndexEntry *entry = all->pdata[i];
      if (entry->state != ANX_INDEX_POISONED)
        continue;
      add (list, ANX_TROUBLE_POISONED, entry->id, NULL);
      n++;
    }
  return list;
}
