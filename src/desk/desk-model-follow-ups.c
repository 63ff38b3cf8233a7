/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include "json.h"

/**
 * anx_desk_follow_up_free:
 * @self: (transfer full): a follow-up
 *
 * Frees it.
 */
void
anx_desk_follow_up_free (AnxDeskFollowUp *self)
{
  g_clear_pointer (&self->chain, anx_desk_chain_free);
  g_clear_pointer (&self->now, anx_follow_up_free);
  g_free (self);
}

/* What is pressing first; within a list the day that comes first. */
static int
compare (gconstpointer a,
         gconstpointer b)
{
  static const int places[] = { [ANX_FOLLOW_UP_OVERDUE] = 0, [ANX_FOLLOW_UP_DUE] = 1, [ANX_FOLLOW_UP_LOST] = 2,
                                [ANX_FOLLOW_UP_COMING] = 3, [ANX_FOLLOW_UP_OVER] = 4 };
  const AnxDeskFollowUp *one = *(const AnxDeskFollowUp *const *) a;
  const AnxDeskFollowUp *other = *(const AnxDeskFollowUp *const *) b;

  if (one->state != other->state)
    return places[one->state] - places[other->state];
  if (one->state == ANX_FOLLOW_UP_OVER)
    return one->now->written_usec > other->now->written_usec ? -1 : 1;
  if (one->now->due_usec != other->now->due_usec)
    return one->now->due_usec < other->now->due_usec ? -1 : 1;
  return g_strcmp0 (one->chain->tip->id, other->chain->tip->id);
}

static const char *
get_booking (const AnxDeskRecord *record)
{
  return anx_json_get_string (record->routing, "booking", "");
}

static GPtrArray *
need_group (GHashTable *groups,
            const char *booking)
{
  GPtrArray *group = g_hash_table_lookup (groups, booking);

  if (group == NULL)
    {
      group = g_ptr_array_new ();
      g_hash_table_insert (groups, (gpointer) booking, group);
    }
  return group;
}

/**
 * anx_desk_model_list_follow_ups:
 * @self: a model
 * @zone: (nullable): the centre's zone, whose days count; %NULL means Asia/Shanghai
 *
 * Returns: (transfer full) (element-type AnxDeskFollowUp): overdue ones, those of today, the lost, the coming, then those that have ended
 */
GPtrArray *
anx_desk_model_list_follow_ups (AnxDeskModel *self,
                                const char *zone)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_follow_up_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  /* By booking, so that a chain is looked for among few. */
  g_autoptr (GHashTable) by_booking = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_equal (((AnxDeskRecord *) value)->kind, ANX_KIND_FOLLOW_UP) && ((AnxDeskRecord *) value)->resource != NULL)
      {
        g_ptr_array_add (records, value);
        g_ptr_array_add (need_group (by_booking, get_booking (value)), value);
      }
  for (guint i = 0; i < records->len; i++)
    {
      AnxDeskRecord *first = g_ptr_array_index (records, i);
      if (first->predecessor != NULL && g_hash_table_contains (self->records, first->predecessor))
        continue;
      g_autoptr (AnxDeskChain) chain = anx_desk_chain_follow (first, g_hash_table_lookup (by_booking, get_booking (first)));
      g_autoptr (AnxFollowUp) now = anx_follow_up_read (chain->tip->resource, NULL);
      if (now == NULL)
        continue;
      AnxDeskFollowUp *one = g_new0 (AnxDeskFollowUp, 1);
      one->state = anx_follow_up_get_state (now, zone, anx_clock_now_usec (self->clock));
      one->now = g_steal_pointer (&now);
      one->chain = g_steal_pointer (&chain);
      g_ptr_array_add (list, one);
    }
  g_ptr_array_sort (list, compare);
  return list;
}

/**
 * anx_desk_model_get_calendar:
 * @self: a model
 *
 * Returns: (transfer none) (nullable): the public calendar
 */
AnxCalendar *
anx_desk_model_get_calendar (AnxDeskModel *self)
{
  return self->calendar;
}
