/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include <string.h>

#include "break-glass.h"
#include "crisis-records.h"
#include "intake.h"
#include "json.h"

/* Longest text accepted in a field of the hub's answers: ids and codes. */
#define FIELD_BYTES 256

G_DEFINE_FINAL_TYPE (AnxDeskModel, anx_desk_model, G_TYPE_OBJECT)

static guint changed_signal;

static void
anx_desk_model_finalize (GObject *object)
{
  AnxDeskModel *self = ANX_DESK_MODEL (object);
  g_free (self->principal);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->calendar, anx_calendar_free);
  g_clear_pointer (&self->limits, anx_referral_limits_free);
  g_clear_pointer (&self->directory, anx_directory_unref);
  g_hash_table_unref (self->bookings);
  g_hash_table_unref (self->contacts);
  g_hash_table_unref (self->alerts);
  g_hash_table_unref (self->referrals);
  g_hash_table_unref (self->screenings);
  g_hash_table_unref (self->records);
  G_OBJECT_CLASS (anx_desk_model_parent_class)->finalize (object);
}

static void
anx_desk_model_class_init (AnxDeskModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = anx_desk_model_finalize;
  changed_signal
      = g_signal_new ("changed", ANX_TYPE_DESK_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GHashTable *
new_table (GDestroyNotify free_value)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

static void
anx_desk_model_init (AnxDeskModel *self)
{
  self->bookings = new_table ((GDestroyNotify) anx_desk_booking_free);
  self->contacts = new_table ((GDestroyNotify) anx_desk_contact_free);
  self->alerts = new_table ((GDestroyNotify) anx_desk_alert_free);
  self->referrals = new_table ((GDestroyNotify) anx_desk_loop_free);
  self->screenings = new_table ((GDestroyNotify) anx_desk_screening_free);
  self->records = new_table ((GDestroyNotify) anx_desk_record_unref);
}

/**
 * anx_desk_model_new:
 * @principal: whose desk it is
 * @clock: the service's time
 *
 * Returns: (transfer full): an empty model
 */
AnxDeskModel *
anx_desk_model_new (const char *principal, AnxClock *clock)
{
  AnxDeskModel *self = g_object_new (ANX_TYPE_DESK_MODEL, NULL);
  self->principal = g_strdup (principal);
  self->clock = g_object_ref (clock);
  return self;
}

/**
 * anx_desk_model_set_directory:
 * @self: a model
 * @directory: (nullable): the directory in force, verified; a reference is held
 *
 * By it is judged whose change of a level counts. Without one, only those that raise it do.
 */
void
anx_desk_model_set_directory (AnxDeskModel *self, AnxDirectory *directory)
{
  AnxDirectory *before = self->directory;

  self->directory = directory != NULL ? anx_directory_ref (directory) : NULL;
  g_clear_pointer (&before, anx_directory_unref);
  anx_desk_model_follow_levels (self);
  anx_desk_model_emit_changed (self);
}

/**
 * anx_desk_model_get_principal:
 * @self: a model
 *
 * Returns: whose desk it is
 */
const char *
anx_desk_model_get_principal (AnxDeskModel *self)
{
  return self->principal;
}

/**
 * anx_desk_model_now_usec:
 * @self: a model
 *
 * Returns: the service's time, microseconds of UTC
 */
gint64
anx_desk_model_now_usec (AnxDeskModel *self)
{
  return anx_clock_now_usec (self->clock);
}

/**
 * anx_desk_pages_for_roles:
 * @roles: (nullable): the roles of a person in the directory
 *
 * Returns: the pages this person works with, none for roles a desk has no work for
 */
AnxDeskPages
anx_desk_pages_for_roles (const char *const *roles)
{
  static const struct
  {
    const char *role;
    AnxDeskPages pages;
  } table[] = {
    { "counsellor", ANX_DESK_PAGE_DAY | ANX_DESK_PAGE_FOLLOW_UPS | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { "duty", ANX_DESK_PAGE_ALERTS },
    { "lead", ANX_DESK_PAGE_ALERTS | ANX_DESK_PAGE_REFERRALS },
    { "district-duty", ANX_DESK_PAGE_ALERTS },
    { "staff", ANX_DESK_PAGE_BOOKINGS | ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
    { "department", ANX_DESK_PAGE_DEPARTMENT },
    { "supervisor", ANX_DESK_PAGE_REFERRALS | ANX_DESK_PAGE_ALERTS },
  };
  AnxDeskPages pages = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (table) && roles != NULL; i++)
    if (g_strv_contains (roles, table[i].role))
      pages |= table[i].pages;
  return pages;
}

/**
 * anx_desk_get_field:
 * @object: an answer of the hub, or a routing header
 * @member: its name
 *
 * Returns: (transfer none) (nullable): the text; %NULL when it is absent, of another type or longer than any id or code
 */
const char *
anx_desk_get_field (JsonObject *object, const char *member)
{
  const char *text = anx_json_get_string (object, member, NULL);
  return text != NULL && strlen (text) <= FIELD_BYTES ? text : NULL;
}

/**
 * anx_desk_model_emit_changed:
 * @self: a model
 *
 * Tells the pages to look again.
 */
void
anx_desk_model_emit_changed (AnxDeskModel *self)
{
  g_signal_emit (self, changed_signal, 0);
}

/**
 * anx_desk_model_put_all:
 * @self: a model
 * @array: elements of an answer of the hub
 * @put: takes one of them
 *
 * Returns: how many were unusable and left out
 */
guint
anx_desk_model_put_all (AnxDeskModel *self, JsonArray *array, AnxDeskPutFunc put)
{
  guint unusable = 0;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (node) || !put (self, json_node_get_object (node)))
        unusable++;
    }
  return unusable;
}

/**
 * anx_desk_set_text:
 * @place: (inout): an owned text
 * @text: (nullable): another; %NULL leaves what is there
 *
 * Replaces what is there.
 */
void
anx_desk_set_text (char **place, const char *text)
{
  if (text == NULL || g_strcmp0 (*place, text) == 0)
    return;
  g_free (*place);
  *place = g_strdup (text);
}

/**
 * anx_desk_model_take_record:
 * @self: a model
 * @record: a record of the inbox, opened or not; the same id again replaces, so that a record opened later fills in
 *
 * Returns: whether its kind is one a desk shows
 */
gboolean
anx_desk_model_take_record (AnxDeskModel *self, AnxDeskRecord *record)
{
  static const struct
  {
    const char *kind;
    void (*take) (AnxDeskModel *self, AnxDeskRecord *record);
  } table[] = {
    { ANX_KIND_CONTACT, anx_desk_model_take_contact },
    { ANX_KIND_SCREENING, anx_desk_model_take_screening },
    { ANX_KIND_ALERT, anx_desk_model_take_alert },
    { ANX_KIND_ALERT_ACKNOWLEDGEMENT, anx_desk_model_take_acknowledgement },
    { ANX_KIND_LEVEL_CHANGE, anx_desk_model_take_level_change },
    { ANX_KIND_SAFETY_PLAN, NULL },
    { ANX_KIND_REFERRAL, anx_desk_model_take_referral },
    { ANX_KIND_MANDATORY_REPORT, anx_desk_model_take_referral },
    { ANX_KIND_REFERRAL_EVENT, anx_desk_model_take_referral_event },
    { ANX_KIND_NOTE, NULL },
    { ANX_KIND_FOLLOW_UP, NULL },
    { ANX_KIND_INTAKE, NULL },
    { ANX_KIND_BREAK_GLASS, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (!g_str_equal (table[i].kind, record->kind))
        continue;
      g_hash_table_replace (self->records, g_strdup (record->id), anx_desk_record_ref (record));
      if (table[i].take != NULL)
        table[i].take (self, record);
      anx_desk_model_emit_changed (self);
      return TRUE;
    }
  return FALSE;
}

/**
 * anx_desk_model_forget_record:
 * @self: a model
 * @id: a record that was erased
 *
 * Nothing of what it said is shown any more. What the hub says of bookings, alerts and referrals stays.
 */
void
anx_desk_model_forget_record (AnxDeskModel *self, const char *id)
{
  AnxDeskRecord *record = g_hash_table_lookup (self->records, id);

  if (record == NULL)
    return;
  const char *booking = anx_json_get_string (record->routing, "booking", NULL);
  const char *task = anx_json_get_string (record->routing, "task", NULL);
  const AnxDeskContact *contact = booking != NULL ? g_hash_table_lookup (self->contacts, booking) : NULL;
  if (g_str_equal (record->kind, ANX_KIND_CONTACT) && contact != NULL && contact->created_usec == record->created_usec)
    g_hash_table_remove (self->contacts, booking);
  if (task != NULL)
    g_hash_table_remove (self->referrals, task);
  anx_desk_model_forget_alert_words (self, record);
  g_hash_table_remove (self->screenings, id);
  g_hash_table_remove (self->records, id);
  anx_desk_model_emit_changed (self);
}

/**
 * anx_desk_model_get_record:
 * @self: a model
 * @id: a record's id
 *
 * Returns: (transfer none) (nullable): the record, as it was taken last
 */
AnxDeskRecord *
anx_desk_model_get_record (AnxDeskModel *self, const char *id)
{
  return g_hash_table_lookup (self->records, id);
}

/**
 * anx_desk_model_find_newest:
 * @self: a model
 * @kind: a record kind
 * @booking: a booking's id
 *
 * Returns: (transfer none) (nullable): the record of that kind that was written last for this booking
 */
AnxDeskRecord *
anx_desk_model_find_newest (AnxDeskModel *self, const char *kind, const char *booking)
{
  AnxDeskRecord *newest = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskRecord *record = value;
      if (g_str_equal (record->kind, kind)
          && g_strcmp0 (anx_json_get_string (record->routing, "booking", NULL), booking) == 0
          && (newest == NULL || record->created_usec > newest->created_usec))
        newest = record;
    }
  return newest;
}
