/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan-book.h"

#include "journal.h"
#include "json.h"

#define PLAN_BYTES (64 * 1024)
/* Of a district with its whole staff; beyond it the book starts anew. */
#define MOST_ENTRIES 20000

typedef struct
{
  char *text;
  AnxPlan *plan; /* (nullable) when the text is no plan */
} Entry;

struct _AnxPlanBook
{
  GMutex lock;
  GHashTable *entries; /* name → Entry */
  AnxCalendar *calendar;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_free (entry->text);
  anx_plan_free (entry->plan);
  g_free (entry);
}

/**
 * anx_plan_book_new:
 * @calendar: (transfer none) (nullable): public holidays; must outlive the book
 *
 * Returns: (transfer full): an empty book
 */
AnxPlanBook *
anx_plan_book_new (AnxCalendar *calendar)
{
  AnxPlanBook *self = g_new0 (AnxPlanBook, 1);
  g_mutex_init (&self->lock);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->calendar = calendar;
  return self;
}

/**
 * anx_plan_book_free:
 * @self: (transfer full) (nullable): a book
 */
void
anx_plan_book_free (AnxPlanBook *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
find (AnxPlanBook *self,
      const char *name,
      const char *text,
      AnxPlan **out_plan)
{
  Entry *entry = g_hash_table_lookup (self->entries, name);
  if (entry == NULL || !g_str_equal (entry->text, text))
    return FALSE;
  *out_plan = entry->plan != NULL ? anx_plan_ref (entry->plan) : NULL;
  return TRUE;
}

static void
keep (AnxPlanBook *self,
      const char *name,
      const char *text,
      AnxPlan *plan)
{
  Entry *entry = g_new0 (Entry, 1);
  entry->text = g_strdup (text);
  entry->plan = plan != NULL ? anx_plan_ref (plan) : NULL;
  if (g_hash_table_size (self->entries) >= MOST_ENTRIES)
    g_hash_table_remove_all (self->entries);
  g_hash_table_replace (self->entries, g_strdup (name), entry);
}

/* Once a text, because what came of it is kept. No name, and not the message, which may quote the plan. */
static void
tell_unreadable (const GError *error)
{
  g_autofree char *code = g_strdup_printf ("%s:%d", g_quark_to_string (error->domain), error->code);
  anx_journal ("anxin-hub", "plan-unreadable", "code", code, NULL);
}

/**
 * anx_plan_book_get:
 * @self: a book
 * @counsellor: whose plan
 * @body: its JSON
 *
 * Returns: (transfer full) (nullable): the plan, closed on holidays; %NULL when @body is none
 */
AnxPlan *
anx_plan_book_get (AnxPlanBook *self,
                   const char *counsellor,
                   const char *body)
{
  AnxPlan *plan = NULL;
  g_mutex_lock (&self->lock);
  if (!find (self, counsellor, body, &plan))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) json = anx_json_parse_object (body, -1, PLAN_BYTES, &error);
      plan = json != NULL ? anx_plan_parse (json, &error) : NULL;
      if (plan != NULL)
        anx_plan_close_on (plan, self->calendar);
      else
        tell_unreadable (error);
      keep (self, counsellor, body, plan);
    }
  g_mutex_unlock (&self->lock);
  return plan;
}

/**
 * anx_plan_book_get_opening:
 * @self: a book
 * @directory: the current directory
 * @centre: one of its centres
 *
 * The member `opening` of a centre in the directory, in the form of anx_plan_parse_opening(). A centre without it is open
 * whenever its counsellors work; one whose `opening` cannot be read is open as well, because the directory was checked when it was
 * signed and a closed centre would turn people away.
 *
 * Returns: (transfer full) (nullable): its opening hours
 */
AnxPlan *
anx_plan_book_get_opening (AnxPlanBook *self,
                           AnxDirectory *directory,
                           const char *centre)
{
  JsonObject *json = anx_directory_get_centre (directory, centre);
  JsonObject *opening = json != NULL ? anx_json_get_object (json, "opening") : NULL;
  if (opening == NULL)
    return NULL;
  g_autofree char *name = g_strconcat ("centre:", centre, NULL);
  AnxPlan *plan = NULL;
  g_mutex_lock (&self->lock);
  if (!find (self, name, anx_directory_get_digest (directory), &plan))
    {
      g_autoptr (GError) error = NULL;
      plan = anx_plan_parse_opening (opening, anx_json_get_string (json, "timezone", "Asia/Shanghai"), &error);
      if (plan != NULL)
        anx_plan_close_on (plan, self->calendar);
      else
        tell_unreadable (error);
      keep (self, name, anx_directory_get_digest (directory), plan);
    }
  g_mutex_unlock (&self->lock);
  return plan;
}
