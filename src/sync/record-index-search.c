/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "access.h"
#include "erasure.h"
#include "care-records.h"
#include "profile.h"
#include "record-index-private.h"

/* The tables in memory: who is in them, and what is found there. */

typedef struct
{
  const char *name;
  const char *phone;
  char *folded; /* of name and phone, for searching */
} Person;

static void
person_free (Person *self)
{
  g_free (self->folded);
  g_free (self);
}

/**
 * anx_record_index_make_tables:
 * @self: a new index
 */
void
anx_record_index_make_tables (AnxRecordIndex *self)
{
  self->entries = g_ptr_array_new_with_free_func (g_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->people = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) person_free);
  self->followers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * anx_record_index_free_tables:
 * @self: an index that ends
 */
void
anx_record_index_free_tables (AnxRecordIndex *self)
{
  g_hash_table_unref (self->followers);
  g_hash_table_unref (self->people);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->entries);
}

/**
 * anx_record_index_remove:
 * @self: an index
 * @entry: (transfer full): one of its entries
 */
void
anx_record_index_remove (AnxRecordIndex *self,
                         AnxIndexLine *entry)
{
  Person *person = g_hash_table_lookup (self->people, entry->shown.story);
  if (person != NULL && person->name == entry->shown.name)
    g_hash_table_remove (self->people, entry->shown.story);
  GPtrArray *followers = entry->shown.predecessor != NULL ? g_hash_table_lookup (self->followers, entry->shown.predecessor) : NULL;
  if (followers != NULL)
    {
      /* The key belongs to one of the followers, perhaps to this one. */
      g_autoptr (GPtrArray) kept = g_ptr_array_ref (followers);
      g_hash_table_remove (self->followers, entry->shown.predecessor);
      g_ptr_array_remove (kept, entry);
      if (kept->len > 0)
        g_hash_table_insert (self->followers, (gpointer) ((AnxIndexLine *) kept->pdata[0])->shown.predecessor, g_ptr_array_ref (kept));
    }
  g_hash_table_remove (self->by_id, entry->shown.id);
  g_ptr_array_remove (self->entries, entry);
  self->sorted = FALSE;
}

/**
 * anx_record_index_add:
 * @self: an index
 * @entry: (transfer full): a record that is not in it
 */
void
anx_record_index_add (AnxRecordIndex *self,
                      AnxIndexLine *entry)
{
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_id, (gpointer) entry->shown.id, entry);
  self->sorted = FALSE;
  if (entry->shown.predecessor != NULL)
    {
      GPtrArray *followers = g_hash_table_lookup (self->followers, entry->shown.predecessor);
      if (followers == NULL)
        {
          followers = g_ptr_array_new ();
          g_hash_table_insert (self->followers, (gpointer) entry->shown.predecessor, followers);
        }
      g_ptr_array_add (followers, entry);
    }
  if (entry->shown.name == NULL)
    return;
  Person *known = g_hash_table_lookup (self->people, entry->shown.story);
  if (known != NULL && !g_str_equal (entry->shown.kind, ANX_KIND_CONTACT))
    return;
  Person *person = g_new0 (Person, 1);
  g_autofree char *both = g_strconcat (entry->shown.name, "\n", entry->shown.phone, NULL);
  person->name = entry->shown.name;
  person->phone = entry->shown.phone;
  person->folded = g_utf8_casefold (both, -1);
  g_hash_table_replace (self->people, (gpointer) entry->shown.story, person);
}

/**
 * anx_record_index_count:
 * @self: an index
 *
 * Returns: how many records are listed
 */
guint
anx_record_index_count (AnxRecordIndex *self)
{
  return self->entries->len;
}

/**
 * anx_record_index_count_state:
 * @self: an index
 * @state: a state
 *
 * Returns: how many records are in it
 */
guint
anx_record_index_count_state (AnxRecordIndex *self,
                              AnxIndexState state)
{
  guint n = 0;
  for (guint i = 0; i < self->entries->len; i++)
    n += ((AnxIndexLine *) self->entries->pdata[i])->shown.state == state;
  return n;
}

/**
 * anx_record_index_get:
 * @self: an index
 * @id: a record's id
 *
 * Returns: (transfer none) (nullable): its entry
 */
const AnxIndexEntry *
anx_record_index_get (AnxRecordIndex *self,
                      const char *id)
{
  AnxIndexLine *entry = g_hash_table_lookup (self->by_id, id);
  return entry != NULL ? &entry->shown : NULL;
}

/**
 * anx_record_index_name_story:
 * @self: an index
 * @story: booking, task or alert
 *
 * Returns: (nullable): the resident's name, when a record that we may read tells it
 */
const char *
anx_record_index_name_story (AnxRecordIndex *self,
                             const char *story)
{
  Person *person = g_hash_table_lookup (self->people, story);
  return person != NULL ? person->name : NULL;
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  const AnxIndexLine *one = *(const AnxIndexLine *const *) a;
  const AnxIndexLine *other = *(const AnxIndexLine *const *) b;
  if (one->shown.created_usec != other->shown.created_usec)
    return one->shown.created_usec > other->shown.created_usec ? -1 : 1;
  return strcmp (other->shown.id, one->shown.id);
}

static int
compare_oldest_first (gconstpointer a,
                      gconstpointer b)
{
  return compare_newest_first (b, a);
}

static void
need_sorted (AnxRecordIndex *self)
{
  if (!self->sorted)
    g_ptr_array_sort (self->entries, compare_newest_first);
  self->sorted = TRUE;
}

static gboolean
has_all (const char *folded,
         char **words)
{
  for (gsize i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && strstr (folded, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

/**
 * anx_record_index_search:
 * @self: an index
 * @words: (nullable): parts of a name or number, apart by spaces, in any case; all must be there. %NULL or empty: every record
 * @kind: (nullable): only of this kind; %NULL: all but what says that this person looked, of which there is one for each session
 * @most: how many are given
 * @out_total: (out) (optional): how many there are
 *
 * A record is found by what the contact or the referral of its story tells. Takes a few milliseconds at 10,000 records.
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): newest first
 */
GPtrArray *
anx_record_index_search (AnxRecordIndex *self,
                         const char *words,
                         const char *kind,
                         guint most,
                         guint *out_total)
{
  g_autofree char *folded = g_utf8_casefold (words != NULL ? words : "", -1);
  g_auto (GStrv) parts = g_strsplit (g_strstrip (folded), " ", -1);
  gboolean everybody = *folded == '\0';
  const char *interned = kind != NULL ? g_intern_string (kind) : NULL;
  const char *access = g_intern_string (ANX_KIND_ACCESS);
  const char *erasure = g_intern_string (ANX_KIND_ERASURE);
  const char *own = g_intern_string (anx_profile_get_principal (anx_client_get_profile (self->client)));
  GPtrArray *found = g_ptr_array_new ();
  guint total = 0;

  need_sorted (self);
  for (guint i = 0; i < self->entries->len; i++)
    {
      AnxIndexEntry *entry = &((AnxIndexLine *) self->entries->pdata[i])->shown;
      /* What was erased is nobody's story. */
      if (interned != NULL ? entry->kind != interned : entry->kind == erasure || (entry->kind == access && entry->author == own))
        continue;
      Person *person = everybody ? NULL : g_hash_table_lookup (self->people, entry->story);
      if (!everybody && (person == NULL || !has_all (person->folded, parts)))
        continue;
      if (total++ < most)
        g_ptr_array_add (found, entry);
    }
  if (out_total != NULL)
    *out_total = total;
  return found;
}

/**
 * anx_record_index_list_story:
 * @self: an index
 * @story: booking, task or alert
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): its records, oldest first
 */
GPtrArray *
anx_record_index_list_story (AnxRecordIndex *self,
                             const char *story)
{
  GPtrArray *found = g_ptr_array_new ();
  need_sorted (self);
  for (guint i = self->entries->len; i > 0; i--)
    {
      AnxIndexEntry *entry = &((AnxIndexLine *) self->entries->pdata[i - 1])->shown;
      if (g_str_equal (entry->story, story))
        g_ptr_array_add (found, entry);
    }
  return found;
}

/**
 * anx_record_index_list_successors:
 * @self: an index
 * @id: a record's id, on this machine or not
 *
 * Returns: (transfer container) (element-type AnxIndexEntry): those that name it as the record before, oldest first
 */
GPtrArray *
anx_record_index_list_successors (AnxRecordIndex *self,
                                  const char *id)
{
  GPtrArray *followers = g_hash_table_lookup (self->followers, id);
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; followers != NULL && i < followers->len; i++)
    g_ptr_array_add (found, followers->pdata[i]);
  g_ptr_array_sort (found, compare_oldest_first);
  return found;
}

/**
 * anx_record_index_list_forks:
 * @self: an index
 *
 * Whether those that follow contradict one another only their content tells.
 *
 * Returns: (transfer container) (element-type utf8): ids that two or more records follow
 */
GPtrArray *
anx_record_index_list_forks (AnxRecordIndex *self)
{
  GPtrArray *forks = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, self->followers);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((GPtrArray *) value)->len > 1)
      g_ptr_array_add (forks, key);
  return forks;
}
