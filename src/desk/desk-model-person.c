/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include "json.h"

/**
 * anx_desk_screening_free:
 * @self: (transfer full): a screening
 *
 * Frees it.
 */
void
anx_desk_screening_free (AnxDeskScreening *self)
{
  anx_desk_record_unref (self->record);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_free (self);
}

/**
 * anx_desk_model_take_screening:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Keeps it, when our keys open it.
 */
void
anx_desk_model_take_screening (AnxDeskModel *self, AnxDeskRecord *record)
{
  AnxLevel level = ANX_LEVEL_GREEN;

  if (record->resource == NULL)
    return;
  g_autoptr (GPtrArray) parts = anx_screening_read (record->resource, &level, NULL);
  if (parts == NULL)
    return;
  AnxDeskScreening *screening = g_new0 (AnxDeskScreening, 1);
  screening->record = anx_desk_record_ref (record);
  screening->level = level;
  screening->parts = g_steal_pointer (&parts);
  g_hash_table_replace (self->screenings, g_strdup (record->id), screening);
}

/**
 * anx_desk_model_get_screening:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the newest screening shared for this booking
 */
const AnxDeskScreening *
anx_desk_model_get_screening (AnxDeskModel *self, const char *booking)
{
  AnxDeskScreening *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      if (g_strcmp0 (booking, anx_json_get_string (screening->record->routing, "booking", NULL)) != 0)
        continue;
      if (newest == NULL || screening->record->created_usec > newest->record->created_usec)
        newest = screening;
    }
  return newest;
}

/* Two bookings of one person, as far as can be known: the same one, or the same real name with the same number. */
static gboolean
is_same_person (AnxDeskModel *self, const char *booking, const char *other)
{
  const AnxDeskContact *one = g_hash_table_lookup (self->contacts, booking);
  const AnxDeskContact *two = other != NULL ? g_hash_table_lookup (self->contacts, other) : NULL;
  if (g_strcmp0 (booking, other) == 0)
    return TRUE;
  return one != NULL && two != NULL && !one->alias && !two->alias && *one->phone != '\0'
         && g_str_equal (one->phone, two->phone) && g_str_equal (one->name, two->name);
}

/**
 * anx_desk_model_find_plan:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the safety plan of this resident that was written last, of those that our keys
 * open; bookings are taken together as in anx_desk_model_list_history()
 */
AnxDeskRecord *
anx_desk_model_find_plan (AnxDeskModel *self, const char *booking)
{
  AnxDeskRecord *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (booking != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (record->resource != NULL && g_str_equal (record->kind, ANX_KIND_SAFETY_PLAN)
          && is_same_person (self, booking, anx_json_get_string (record->routing, "booking", NULL))
          && (newest == NULL || record->created_usec > newest->created_usec))
        newest = record;
    }
  return newest;
}

static int
compare_screenings (gconstpointer a, gconstpointer b)
{
  const AnxDeskScreening *one = *(const AnxDeskScreening *const *) a;
  const AnxDeskScreening *other = *(const AnxDeskScreening *const *) b;
  if (one->record->created_usec != other->record->created_usec)
    return one->record->created_usec < other->record->created_usec ? -1 : 1;
  return g_strcmp0 (one->record->id, other->record->id);
}

/* A screening that grows is sent again and names the one before: only the last of such a row counts. */
static gboolean
is_superseded (AnxDeskModel *self, const AnxDeskScreening *screening)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((AnxDeskScreening *) value)->record->predecessor, screening->record->id) == 0)
      return TRUE;
  return FALSE;
}

/**
 * anx_desk_model_list_history:
 * @self: a model
 * @booking: a booking's id
 *
 * The screenings of the booking's resident that this desk may read. A resident has no account: bookings are taken
 * together when the real name and the telephone number are the same, and the screen says so.
 *
 * Returns: (transfer container) (element-type AnxDeskScreening): oldest first
 */
GPtrArray *
anx_desk_model_list_history (AnxDeskModel *self, const char *booking)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (booking != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      if (is_same_person (self, booking, anx_json_get_string (screening->record->routing, "booking", NULL))
          && !is_superseded (self, screening))
        g_ptr_array_add (list, screening);
    }
  g_ptr_array_sort (list, compare_screenings);
  return list;
}

static int
compare_chains (gconstpointer a, gconstpointer b)
{
  const AnxDeskChain *one = *(const AnxDeskChain *const *) a;
  const AnxDeskChain *other = *(const AnxDeskChain *const *) b;
  return one->tip->created_usec < other->tip->created_usec ? -1 : one->tip->created_usec > other->tip->created_usec;
}

/**
 * anx_desk_model_list_note_chains:
 * @self: a model
 * @booking: a booking's id
 *
 * Returns: (transfer full) (element-type AnxDeskChain): the notes of a booking, each with its corrections, oldest first
 */
GPtrArray *
anx_desk_model_list_note_chains (AnxDeskModel *self, const char *booking)
{
  GPtrArray *chains = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_chain_free);
  g_autoptr (GPtrArray) notes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (g_str_equal (record->kind, ANX_KIND_NOTE)
          && g_strcmp0 (booking, anx_json_get_string (record->routing, "booking", NULL)) == 0)
        g_ptr_array_add (notes, record);
    }
  for (guint i = 0; i < notes->len; i++)
    {
      AnxDeskRecord *note = g_ptr_array_index (notes, i);
      if (note->predecessor == NULL || !g_hash_table_contains (self->records, note->predecessor))
        g_ptr_array_add (chains, anx_desk_chain_follow (note, notes));
    }
  g_ptr_array_sort (chains, compare_chains);
  return chains;
}
