/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-record.h"

#include "care-records.h"
#include "json.h"

/**
 * anx_desk_record_new:
 * @id: the record's id
 * @kind: its kind, as in the routing header
 * @author: the principal that signed it
 * @predecessor: (nullable): the record it corrects or answers
 * @created_usec: when it was written, microseconds of UTC
 * @routing: (nullable): the clear routing fields
 * @resource: (nullable): the opened content; %NULL when none of our keys opens it
 *
 * Returns: (transfer full): the record
 */
AnxDeskRecord *
anx_desk_record_new (const char *id,
                     const char *kind,
                     const char *author,
                     const char *predecessor,
                     gint64 created_usec,
                     JsonObject *routing,
                     JsonObject *resource)
{
  AnxDeskRecord *self = g_new0 (AnxDeskRecord, 1);
  g_atomic_ref_count_init (&self->references);
  self->id = g_strdup (id);
  self->kind = g_strdup (kind);
  self->author = g_strdup (author);
  self->predecessor = g_strdup (predecessor);
  self->created_usec = created_usec;
  self->routing = routing != NULL ? json_object_ref (routing) : json_object_new ();
  self->resource = resource != NULL ? json_object_ref (resource) : NULL;
  return self;
}

/**
 * anx_desk_record_ref:
 * @self: a record
 *
 * Returns: (transfer full): @self
 */
AnxDeskRecord *
anx_desk_record_ref (AnxDeskRecord *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * anx_desk_record_unref:
 * @self: (transfer full): a record
 */
void
anx_desk_record_unref (AnxDeskRecord *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->id);
  g_free (self->kind);
  g_free (self->author);
  g_free (self->predecessor);
  json_object_unref (self->routing);
  g_clear_pointer (&self->resource, json_object_unref);
  g_free (self);
}

/* Two members of one department may both press "accept": that is one statement said twice, not a contradiction. */
static gboolean
says_the_same (AnxDeskRecord *a,
               AnxDeskRecord *b)
{
  if (g_strcmp0 (a->kind, b->kind) != 0)
    return FALSE;
  if (g_str_equal (a->kind, ANX_KIND_REFERRAL_EVENT))
    return g_strcmp0 (anx_json_get_string (a->routing, "status", NULL),
                      anx_json_get_string (b->routing, "status", NULL)) == 0
           && g_strcmp0 (anx_json_get_string (a->routing, "businessStatus", NULL),
                         anx_json_get_string (b->routing, "businessStatus", NULL)) == 0
           && g_strcmp0 (anx_json_get_string (a->routing, "forward", NULL),
                         anx_json_get_string (b->routing, "forward", NULL)) == 0;
  if (a->resource == NULL || b->resource == NULL)
    return FALSE;
  g_autofree char *one = anx_json_object_to_text (a->resource);
  g_autofree char *other = anx_json_object_to_text (b->resource);
  return g_str_equal (one, other);
}

static int
compare_created (gconstpointer a,
                 gconstpointer b)
{
  const AnxDeskRecord *one = *(const AnxDeskRecord *const *) a;
  const AnxDeskRecord *other = *(const AnxDeskRecord *const *) b;
  if (one->created_usec != other->created_usec)
    return one->created_usec < other->created_usec ? -1 : 1;
  return g_strcmp0 (one->id, other->id);
}

static GPtrArray *
list_successors (AnxDeskRecord *record,
                 GPtrArray *records)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_record_unref);
  for (guint i = 0; i < records->len; i++)
    {
      AnxDeskRecord *candidate = g_ptr_array_index (records, i);
      if (candidate != record && g_strcmp0 (candidate->predecessor, record->id) == 0)
        g_ptr_array_add (found, anx_desk_record_ref (candidate));
    }
  g_ptr_array_sort (found, compare_created);
  return found;
}

static gboolean
all_say_the_same (GPtrArray *successors)
{
  for (guint i = 1; i < successors->len; i++)
    if (!says_the_same (g_ptr_array_index (successors, 0), g_ptr_array_index (successors, i)))
      return FALSE;
  return TRUE;
}

/* The successor a person chose: the only one that was continued after the last of the contradicting ones was written.
 */
static AnxDeskRecord *
find_chosen (GPtrArray *successors,
             GPtrArray *records)
{
  AnxDeskRecord *last = g_ptr_array_index (successors, successors->len - 1);
  AnxDeskRecord *chosen = NULL;

  for (guint i = 0; i < successors->len; i++)
    {
      AnxDeskRecord *candidate = g_ptr_array_index (successors, i);
      g_autoptr (GPtrArray) next = list_successors (candidate, records);
      if (next->len == 0)
        continue;
      if (((AnxDeskRecord *) g_ptr_array_index (next, next->len - 1))->created_usec < last->created_usec)
        continue;
      if (chosen != NULL)
        return NULL;
      chosen = candidate;
    }
  return chosen;
}

/* Among successors that say the same, the one that was continued; else the oldest. */
static AnxDeskRecord *
find_continued (GPtrArray *successors,
                GPtrArray *records)
{
  for (guint i = 0; i < successors->len; i++)
    {
      g_autoptr (GPtrArray) next = list_successors (g_ptr_array_index (successors, i), records);
      if (next->len > 0)
        return g_ptr_array_index (successors, i);
    }
  return g_ptr_array_index (successors, 0);
}

/**
 * anx_desk_chain_follow:
 * @first: the record the chain begins with
 * @records: (element-type AnxDeskRecord): all records that may follow, in any order
 *
 * Follows the predecessors' links to what stands now. Where two successors contradict one another and no person has
 * continued just one of them since, the chain stops before them and both are given as a conflict. Links that
 * form a ring end the walk.
 *
 * Returns: (transfer full): the chain
 */
AnxDeskChain *
anx_desk_chain_follow (AnxDeskRecord *first,
                       GPtrArray *records)
{
  AnxDeskChain *self = g_new0 (AnxDeskChain, 1);
  AnxDeskRecord *at = first;

  self->path = g_ptr_array_new_with_free_func ((GDestroyNotify) anx_desk_record_unref);
  g_ptr_array_add (self->path, anx_desk_record_ref (first));
  while (self->path->len <= records->len + 1)
    {
      g_autoptr (GPtrArray) successors = list_successors (at, records);
      if (successors->len == 0)
        break;
      AnxDeskRecord *next = all_say_the_same (successors) ? find_continued (successors, records)
                                                          : find_chosen (successors, records);
      if (next == NULL)
        {
          self->conflict = g_steal_pointer (&successors);
          break;
        }
      if (g_ptr_array_find (self->path, next, NULL))
        break;
      g_ptr_array_add (self->path, anx_desk_record_ref (next));
      at = next;
    }
  self->tip = at;
  return self;
}

/**
 * anx_desk_chain_free:
 * @self: (transfer full): a chain
 */
void
anx_desk_chain_free (AnxDeskChain *self)
{
  g_clear_pointer (&self->path, g_ptr_array_unref);
  g_clear_pointer (&self->conflict, g_ptr_array_unref);
  g_free (self);
}
