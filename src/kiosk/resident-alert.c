/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-private.h"

#include <string.h>

#include "care-records.h"
#include "envelope.h"
#include "json.h"

/* The call for help goes beside what the screen shows: nothing waits for a disk before somebody in distress sees the page with the numbers. */

/* A full disk or a busy shell is asked again so soon, and for as long as the visit lasts. */
#define AGAIN_MS 2000
/* Who leaves while an alert is still on its way to the disk: so long at most; leaving itself ends after two seconds. */
#define LEAVE_MS 1500

/* An alert that the shell has not confirmed yet. */
typedef struct
{
  AnxResident *resident; /* its owner */
  char *id;
  AnxLevel level;
  char *header;
  GBytes *sealed;            /* (nullable) it could be sealed for nobody */
  GCancellable *cancellable; /* (nullable) while the shell is asked */
  guint again_source;
  gboolean failed;           /* the last time it was tried */
} Rising;

static void
rising_free (gpointer data)
{
  Rising *rising = data;

  g_clear_handle_id (&rising->again_source, g_source_remove);
  /* The answer that still comes touches nothing. */
  if (rising->cancellable != NULL)
    g_cancellable_cancel (rising->cancellable);
  g_clear_object (&rising->cancellable);
  g_clear_pointer (&rising->sealed, g_bytes_unref);
  g_free (rising->id);
  g_free (rising->header);
  g_free (rising);
}

static void
on_kept (Rising *rising)
{
  AnxResident *self = rising->resident;

  /* An earlier one that was written late is not what the page tells of; ids are in the order of time. */
  if (self->alert == NULL || strcmp (rising->id, self->alert) > 0)
    {
      g_free (self->alert);
      self->alert = g_strdup (rising->id);
      self->alert_answered = FALSE;
      self->alert_nearby = FALSE;
      g_clear_pointer (&self->alert_helper, g_free);
    }
  g_ptr_array_remove (self->rising, rising);
}

static void rising_try (Rising *rising);

static gboolean
on_again (gpointer data)
{
  Rising *rising = data;

  rising->again_source = 0;
  rising_try (rising);
  return G_SOURCE_REMOVE;
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Rising *rising = user_data;
  g_autoptr (GError) error = NULL;
  gboolean kept = anx_shell1_call_submit_finish (ANX_SHELL1 (source), result, &error);

  /* The visit is gone, and this alert with it. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  AnxResident *self = rising->resident;
  g_clear_object (&rising->cancellable);
  if (kept)
    on_kept (rising);
  else
    {
      g_message ("An alert could not be queued and is tried again: %s %d", g_quark_to_string (error->domain), error->code);
      rising->failed = TRUE;
      rising->again_source = g_timeout_add (AGAIN_MS, on_again, rising);
    }
  g_signal_emit_by_name (self, "alert-changed");
}

/* The same id each time: the shell knows an alert again whose confirmation was lost. */
static void
rising_try (Rising *rising)
{
  if (rising->sealed == NULL || rising->cancellable != NULL)
    return;
  g_clear_handle_id (&rising->again_source, g_source_remove);
  rising->cancellable = g_cancellable_new ();
  anx_shell1_call_submit (rising->resident->shell, rising->header, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, rising->sealed, TRUE),
                          rising->cancellable, on_submitted, rising);
}

/* Which answer was a danger is not for staff to know. */
static const char *
word_for_staff (const char *reason)
{
  return g_str_equal (reason, "help-button") || g_str_equal (reason, "call-dropped") ? reason : "danger-answer";
}

/*
 * To the duty group; to the staff of a centre that has none it can be sealed for; else to recovery alone: its clear routing fields ring the
 * desks all the same.
 */
static void
rising_seal (Rising *rising, JsonObject *routing, const char *reason)
{
  static const char *const ROLES[] = { "duty", "staff", NULL };
  AnxResident *self = rising->resident;
  gint64 now_usec = anx_clock_now_usec (self->clock);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; rising->sealed == NULL && i < G_N_ELEMENTS (ROLES); i++)
    {
      g_autofree char *group = ROLES[i] != NULL ? anx_resident_find_group (self, ROLES[i]) : NULL;
      const char *recipients[] = { group, NULL };
      const char *said = g_strcmp0 (ROLES[i], "staff") == 0 ? word_for_staff (reason) : reason;

      if (ROLES[i] != NULL && group == NULL)
        continue;
      g_clear_error (&error);
      g_clear_pointer (&rising->id, g_free);
      g_clear_pointer (&rising->header, g_free);
      g_autoptr (JsonObject) fhir = anx_alert_build (rising->level, said, anx_resident_get_room (self), now_usec);
      rising->sealed = anx_resident_seal (self, ANX_KIND_ALERT, recipients, NULL, routing, fhir, &rising->id, &rising->header, &error);
    }
  if (rising->sealed == NULL)
    g_message ("An alert could not be sealed: %s %d", g_quark_to_string (error->domain), error->code);
}

/**
 * anx_resident_raise_alert:
 * @self: the visit
 * @level: %ANX_LEVEL_YELLOW or %ANX_LEVEL_RED
 * @reason: a safety rule's code, `help-button`, or `call-dropped`
 *
 * Seals the alert and hands it to the shell, with or without network, and returns at once. It is on the disk when anx_resident_get_alert()
 * names it, which #AnxResident::alert-changed tells; until then it is tried again by itself.
 */
void
anx_resident_raise_alert (AnxResident *self, AnxLevel level, const char *reason)
{
  g_autoptr (JsonObject) routing = json_object_new ();
  Rising *rising = g_new0 (Rising, 1);

  rising->resident = self;
  rising->level = level;
  json_object_set_string_member (routing, "level", anx_level_to_string (level));
  json_object_set_string_member (routing, "centre", anx_resident_get_centre (self));
  json_object_set_string_member (routing, "room", anx_resident_get_room (self));
  if (self->booking != NULL && anx_json_get_string (self->booking, "id", NULL) != NULL)
    json_object_set_string_member (routing, "booking", anx_json_get_string (self->booking, "id", NULL));
  rising_seal (rising, routing, reason);
  rising->failed = rising->sealed == NULL;
  if (rising->id != NULL)
    g_hash_table_add (self->alerts, g_strdup (rising->id));
  if (self->rising == NULL)
    self->rising = g_ptr_array_new_with_free_func (rising_free);
  g_ptr_array_add (self->rising, rising);
  self->alert_level = level;
  rising_try (rising);
  g_signal_emit_by_name (self, "alert-changed");
}

/* A call of at least this level that nobody has answered yet, on the disk or on its way there. */
static gboolean
anx_resident_is_calling (AnxResident *self, AnxLevel level)
{
  gboolean rising = self->rising != NULL && self->rising->len > 0;

  return (rising || (self->alert != NULL && !self->alert_answered)) && self->alert_level >= level;
}

/**
 * anx_resident_call_help:
 * @self: the visit
 * @level: %ANX_LEVEL_YELLOW or %ANX_LEVEL_RED
 * @reason: as of anx_resident_raise_alert()
 *
 * Raises an alert as anx_resident_raise_alert() does. While one of this level is unanswered no second one is raised, because whoever is on duty
 * must see one person once; what could not be written yet is tried again at once.
 */
void
anx_resident_call_help (AnxResident *self, AnxLevel level, const char *reason)
{
  if (!anx_resident_is_calling (self, level))
    {
      anx_resident_raise_alert (self, level, reason);
      return;
    }
  for (guint i = 0; self->rising != NULL && i < self->rising->len; i++)
    rising_try (g_ptr_array_index (self->rising, i));
}

/**
 * anx_resident_is_alert_failing:
 * @self: the visit
 *
 * Returns: whether an alert could not be put on the disk when it was last tried
 */
gboolean
anx_resident_is_alert_failing (AnxResident *self)
{
  for (guint i = 0; self->rising != NULL && i < self->rising->len; i++)
    if (((Rising *) g_ptr_array_index (self->rising, i))->failed)
      return TRUE;
  return FALSE;
}

/**
 * anx_resident_settle_alerts:
 * @self: a visit that ends now
 *
 * What is not confirmed yet is handed over once more, waiting for the answer: an alert must not go with the process. Blocks for at most
 * 1.5 seconds an alert.
 */
void
anx_resident_settle_alerts (AnxResident *self)
{
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->shell), LEAVE_MS);
  for (guint i = 0; self->rising != NULL && i < self->rising->len; i++)
    {
      Rising *rising = g_ptr_array_index (self->rising, i);
      if (rising->sealed != NULL)
        anx_shell1_call_submit_sync (self->shell, rising->header,
                                     g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, rising->sealed, TRUE), NULL, NULL);
    }
}

/**
 * anx_resident_get_alert:
 * @self: the visit
 *
 * Returns: (nullable): the record id of the last alert that is on the disk; %NULL when there is none
 */
const char *
anx_resident_get_alert (AnxResident *self)
{
  return self->alert;
}

/**
 * anx_resident_get_alert_level:
 * @self: the visit
 *
 * Returns: the level of the last alert that was raised; %ANX_LEVEL_GREEN without one
 */
AnxLevel
anx_resident_get_alert_level (AnxResident *self)
{
  return self->alert_level;
}

/**
 * anx_resident_is_alert_answered:
 * @self: the visit
 *
 * Returns: whether a person has acknowledged the alert of anx_resident_get_alert()
 */
gboolean
anx_resident_is_alert_answered (AnxResident *self)
{
  return self->alert_answered;
}

/**
 * anx_resident_is_alert_nearby:
 * @self: the visit
 *
 * Returns: whether a desk of this centre has the alert of anx_resident_get_alert(), over the local network
 */
gboolean
anx_resident_is_alert_nearby (AnxResident *self)
{
  return self->alert_nearby;
}

/**
 * anx_resident_get_alert_helper:
 * @self: the visit
 *
 * Returns: (nullable): the work name of whoever is going, where the centre wants it shown
 */
const char *
anx_resident_get_alert_helper (AnxResident *self)
{
  return self->alert_helper;
}
