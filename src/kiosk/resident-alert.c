/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-private.h"

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
  guint number;          /* which one of this visit; a clock that is set back mixes up what ids say */
  AnxLevel level;
  char *reason;
  JsonObject *routing;
  GBytes *sealed;            /* (nullable) until it could be sealed, and with it: */
  char *id, *header;
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
  json_object_unref (rising->routing);
  g_free (rising->reason);
  g_free (rising->id);
  g_free (rising->header);
  g_free (rising);
}

static void
on_kept (Rising *rising)
{
  AnxResident *self = rising->resident;

  /* An earlier one that was written late is not what the page tells of. */
  if (rising->number > self->alert_number)
    {
      self->alert_number = rising->number;
      g_free (self->alert);
      self->alert = g_strdup (rising->id);
      self->alert_answered = FALSE;
      self->alert_nearby = FALSE;
      g_clear_pointer (&self->alert_helper, g_free);
    }
  g_ptr_array_remove (self->rising, rising);
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
static gboolean
rising_seal (Rising *rising)
{
  static const char *const ROLES[] = { "duty", "staff", NULL };
  AnxResident *self = rising->resident;
  gint64 now_usec = anx_clock_now_usec (self->clock);
  g_autoptr (GError) error = NULL;

  if (rising->sealed != NULL)
    return TRUE;
  for (guint i = 0; rising->sealed == NULL && i < G_N_ELEMENTS (ROLES); i++)
    {
      g_autofree char *group = ROLES[i] != NULL ? anx_resident_find_group (self, ROLES[i]) : NULL;
      const char *recipients[] = { group, NULL };
      const char *said = g_strcmp0 (ROLES[i], "staff") == 0 ? word_for_staff (rising->reason) : rising->reason;

      if (ROLES[i] != NULL && group == NULL)
        continue;
      g_clear_error (&error);
      g_clear_pointer (&rising->id, g_free);
      g_clear_pointer (&rising->header, g_free);
      g_autoptr (JsonObject) fhir = anx_alert_build (rising->level, said, anx_resident_get_room (self), now_usec);
      rising->sealed = anx_resident_seal (self, ANX_KIND_ALERT, recipients, NULL, rising->routing, fhir, &rising->id, &rising->header, &error);
    }
  if (rising->sealed == NULL)
    {
      g_message ("An alert could not be sealed and is tried again: %s %d", g_quark_to_string (error->domain), error->code);
      return FALSE;
    }
  g_hash_table_add (self->alerts, g_strdup (rising->id));
  return TRUE;
}

static void rising_try (Rising *rising);

static gboolean
on_again (gpointer data)
{
  Rising *rising = data;
  AnxResident *self = rising->resident;

  rising->again_source = 0;
  rising_try (rising);
  g_signal_emit_by_name (self, "alert-changed");
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
  if (rising->cancellable != NULL)
    return;
  g_clear_handle_id (&rising->again_source, g_source_remove);
  if (!rising_seal (rising))
    {
      rising->failed = TRUE;
      rising->again_source = g_timeout_add (AGAIN_MS, on_again, rising);
      return;
    }
  rising->cancellable = g_cancellable_new ();
  anx_shell1_call_submit (rising->resident->shell, rising->header, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, rising->sealed, TRUE),
                          rising->cancellable, on_submitted, rising);
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
  Rising *rising = g_new0 (Rising, 1);
  JsonObject *routing = json_object_new ();

  rising->resident = self;
  rising->number = ++self->n_alerts;
  rising->level = level;
  rising->reason = g_strdup (reason);
  rising->routing = routing;
  json_object_set_string_member (routing, "level", anx_level_to_string (level));
  json_object_set_string_member (routing, "centre", anx_resident_get_centre (self));
  json_object_set_string_member (routing, "room", anx_resident_get_room (self));
  if (self->booking != NULL && anx_json_get_string (self->booking, "id", NULL) != NULL)
    json_object_set_string_member (routing, "booking", anx_json_get_string (self->booking, "id", NULL));
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

/* (nullable): the last one raised, while it is not on the disk; what came before it is not what the page tells of. */
static Rising *
find_last_rising (AnxResident *self)
{
  Rising *last = self->rising != NULL && self->rising->len > 0 ? g_ptr_array_index (self->rising, self->rising->len - 1) : NULL;

  return last != NULL && last->number > self->alert_number ? last : NULL;
}

/**
 * anx_resident_is_alert_rising:
 * @self: the visit
 *
 * Returns: whether an alert was raised after that of anx_resident_get_alert() and is not on the disk yet
 */
gboolean
anx_resident_is_alert_rising (AnxResident *self)
{
  return find_last_rising (self) != NULL;
}

/**
 * anx_resident_is_alert_failing:
 * @self: the visit
 *
 * Returns: whether the alert of anx_resident_is_alert_rising() could not be put on the disk when it was last tried
 */
gboolean
anx_resident_is_alert_failing (AnxResident *self)
{
  Rising *last = find_last_rising (self);

  return last != NULL && last->failed;
}

/**
 * anx_resident_is_alert_unsealed:
 * @self: the visit
 *
 * Returns: whether the alert of anx_resident_is_alert_rising() could be sealed for nobody: what cannot be sealed here today may never be
 */
gboolean
anx_resident_is_alert_unsealed (AnxResident *self)
{
  Rising *last = find_last_rising (self);

  return last != NULL && last->sealed == NULL;
}

/**
 * anx_resident_confirm_alert:
 * @self: the visit
 * @id: an alert's record id
 *
 * Something is told of the alert that is true only of one that is on the disk: it overtook the answer that says so.
 */
void
anx_resident_confirm_alert (AnxResident *self, const char *id)
{
  for (guint i = 0; self->rising != NULL && i < self->rising->len; i++)
    {
      Rising *rising = g_ptr_array_index (self->rising, i);
      if (g_strcmp0 (rising->id, id) != 0)
        continue;
      on_kept (rising);
      g_signal_emit_by_name (self, "alert-changed");
      return;
    }
}

/**
 * anx_resident_settle_alerts:
 * @self: a visit that ends now
 *
 * What is not confirmed yet is handed over once more, waiting for the answer: an alert must not go with the process. One that the disk refuses
 * even then the shell has by now, and goes on trying; only one that can be sealed for nobody ends here. Blocks for at most 1.5 seconds an alert.
 */
void
anx_resident_settle_alerts (AnxResident *self)
{
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->shell), LEAVE_MS);
  for (guint i = 0; self->rising != NULL && i < self->rising->len; i++)
    {
      Rising *rising = g_ptr_array_index (self->rising, i);
      if (rising_seal (rising))
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
 * anx_resident_get_newest_alert:
 * @self: the visit
 *
 * Returns: (transfer none) (nullable): the id of the last alert of this visit that could be sealed, on the disk or on its way there
 */
const char *
anx_resident_get_newest_alert (AnxResident *self)
{
  Rising *last = find_last_rising (self);

  return last != NULL && last->sealed != NULL ? last->id : self->alert;
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
