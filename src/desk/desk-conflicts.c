/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-conflicts.h"

/* Deeper than any story; ends rings. */
#define MOST_STEPS 1000

/* The record the chain begins with, as far as it is on this machine. */
static const char *
find_root (AnxRecordIndex *index,
           const char *id)
{
  for (guint i = 0; i < MOST_STEPS; i++)
    {
      const AnxIndexEntry *entry = anx_record_index_get (index, id);
      if (entry == NULL || entry->predecessor == NULL || anx_record_index_get (index, entry->predecessor) == NULL)
        break;
      id = entry->predecessor;
    }
  return id;
}

/* FALSE when one of them is not opened yet. */
static gboolean
collect (AnxDeskModel *model,
         AnxRecordIndex *index,
         const char *root,
         GPtrArray *records)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean whole = TRUE;

  g_ptr_array_add (waiting, (gpointer) root);
  for (guint i = 0; i < waiting->len && i < MOST_STEPS; i++)
    {
      const char *id = g_ptr_array_index (waiting, i);
      const AnxIndexEntry *entry = anx_record_index_get (index, id);
      AnxDeskRecord *record = anx_desk_model_get_record (model, id);
      if (!g_hash_table_add (seen, (gpointer) id) || entry == NULL)
        continue;
      if (record != NULL)
        g_ptr_array_add (records, record);
      else
        {
          whole = FALSE;
          anx_record_index_open_story (index, entry->story);
        }
      g_autoptr (GPtrArray) next = anx_record_index_list_successors (index, id);
      for (guint k = 0; k < next->len; k++)
        g_ptr_array_add (waiting, (gpointer) ((const AnxIndexEntry *) g_ptr_array_index (next, k))->id);
    }
  return whole;
}

/**
 * anx_desk_conflicts_list:
 * @model: what is opened
 * @index: what is listed
 *
 * Follows each story in which two records have the same one before them. A story whose first record is not on this machine is followed
 * only from where it is.
 *
 * Returns: (transfer full) (element-type AnxDeskChain): those that end in a contradiction no person has ended
 */
GPtrArray *
anx_desk_conflicts_list (AnxDeskModel *model,
                         AnxRecordIndex *index)
{
  GPtrArray *conflicts = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_chain_free);
  g_autoptr (GPtrArray) forks = anx_record_index_list_forks (index);
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < forks->len; i++)
    {
      const char *root = find_root (index, g_ptr_array_index (forks, i));
      g_autoptr (GPtrArray) records = g_ptr_array_new ();
      if (!g_hash_table_add (done, g_strdup (root)) || !collect (model, index, root, records) || records->len == 0)
        continue;
      AnxDeskChain *chain = anx_desk_chain_follow (g_ptr_array_index (records, 0), records);
      if (chain->conflict != NULL)
        g_ptr_array_add (conflicts, chain);
      else
        anx_desk_chain_free (chain);
    }
  return conflicts;
}
