/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-model-private.h"

#include "crisis-records.h"
#include "desk-alert.h"
#include "id.h"
#include "json.h"

/* Answers given at the same kiosk this long around an alert without a booking are offered beside it. */
#define NEAR_ALERT_USEC (30 * ANX_USEC_PER_MINUTE)

static void
level_change_free (AnxDeskLevelChange *self)
{
  anx_desk_record_unref (self->record);
  g_free (self->reason);
  g_free (self);
}

/**
 * anx_desk_alert_free:
 * @self: (transfer full): an alert
 *
 * Frees it.
 */
void
anx_desk_alert_free (AnxDeskAlert *self)
{
  g_free (self->id);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->booking);
  g_free (self->reason);
  g_free (self->acknowledged_by);
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  g_clear_pointer (&self->levels, g_ptr_array_unref);
  g_free (self);
}

static AnxDeskAlert *
ensure_alert (AnxDeskModel *self, const char *id)
{
  AnxDeskAlert *alert = g_hash_table_lookup (self->alerts, id);
  if (alert != NULL)
    return alert;
  alert = g_new0 (AnxDeskAlert, 1);
  alert->id = g_strdup (id);
  alert->seen_usec = anx_clock_now_usec (self->clock);
  /* Until something says otherwise an alert counts as the worst. */
  alert->level = alert->raised = ANX_LEVEL_RED;
  g_hash_table_insert (self->alerts, g_strdup (id), alert);
  return alert;
}

/* Sources may arrive in any order; an acknowledgement once seen is never taken back. */
static void
acknowledge (AnxDeskAlert *alert, const char *by, gint64 when_usec)
{
  if (alert->acknowledged && alert->acknowledged_usec <= when_usec)
    return;
  alert->acknowledged = TRUE;
  alert->acknowledged_usec = when_usec;
  anx_desk_set_text (&alert->acknowledged_by, by);
}

static gboolean
has_any_role (AnxDeskModel *self, const char *principal, const char *centre)
{
  static const char *const HERE[] = { "counsellor", "duty", "staff", "lead" }, *const DISTRICT[] = { "district-duty", "supervisor" };

  for (gsize i = 0; i < G_N_ELEMENTS (HERE); i++)
    if (anx_directory_has_role (self->directory, principal, HERE[i], centre))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (DISTRICT); i++)
    if (anx_directory_has_role (self->directory, principal, DISTRICT[i], NULL))
      return TRUE;
  return FALSE;
}

/*
 * What a person decided stands above what a rule said, if that person may: everybody who may answer raises, only a counsellor lowers. The hub
 * refuses others, but a hub in hostile hands would not; so the directory is asked here, too. Whoever is not in it any more lowers nothing.
 */
static void
follow_levels (AnxDeskModel *self, AnxDeskAlert *alert)
{
  alert->level = alert->raised;
  for (guint i = 0; alert->levels != NULL && i < alert->levels->len; i++)
    {
      AnxDeskLevelChange *change = g_ptr_array_index (alert->levels, i);
      const char *author = change->record->author;
      if (self->directory == NULL)
        change->counts = change->level >= alert->level;
      else if (change->level < alert->level)
        change->counts = anx_directory_has_role (self->directory, author, "counsellor", alert->centre);
      else
        change->counts = has_any_role (self, author, alert->centre);
      if (change->counts)
        alert->level = change->level;
    }
}

/**
 * anx_desk_model_follow_levels:
 * @self: a model
 *
 * Judges every change of level by the directory now in force.
 */
void
anx_desk_model_follow_levels (AnxDeskModel *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->alerts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    follow_levels (self, value);
}

static gboolean
put_alert (AnxDeskModel *self, JsonObject *json)
{
  const char *id = anx_desk_get_field (json, "id");
  gint64 created = anx_json_get_int (json, "created", 0);

  if (id == NULL || !anx_uuid_is_valid (id) || created <= 0)
    return FALSE;
  AnxDeskAlert *alert = ensure_alert (self, id);
  /* Changed levels are in their records, for those who get them; against a kiosk's own record the hub's word lowers nothing. */
  AnxLevel said = anx_level_from_string (anx_desk_get_field (json, "level"));
  alert->raised = alert->recorded ? MAX (alert->raised, said) : said;
  alert->created_usec = created;
  /* Nor does it say where the room is: whose counsellor may lower the level, and where somebody goes, hangs on that. */
  if (!alert->recorded)
    {
      anx_desk_set_text (&alert->centre, anx_desk_get_field (json, "centre"));
      anx_desk_set_text (&alert->room, anx_desk_get_field (json, "room"));
      anx_desk_set_text (&alert->kiosk, anx_desk_get_field (json, "kiosk"));
    }
  anx_desk_set_text (&alert->booking, anx_desk_get_field (json, "booking"));
  gint64 acknowledged = anx_json_get_int (json, "acknowledged", 0);
  if (acknowledged > 0)
    acknowledge (alert, anx_desk_get_field (json, "acknowledgedBy"), acknowledged);
  anx_desk_alert_take_calls (alert, json);
  follow_levels (self, alert);
  return TRUE;
}

/**
 * anx_desk_model_take_alerts:
 * @self: a model
 * @alerts: the hub's answer
 *
 * Adds to what records told already: an alert that only a record names stays.
 *
 * Returns: how many elements were unusable and left out
 */
guint
anx_desk_model_take_alerts (AnxDeskModel *self, JsonArray *alerts)
{
  guint unusable = anx_desk_model_put_all (self, alerts, put_alert);
  anx_desk_model_emit_changed (self);
  return unusable;
}

/**
 * anx_desk_model_forget_alert_words:
 * @self: a model
 * @record: that was erased, an alert or a change of its level; others are left alone
 *
 * Why there was a call, or why its level was changed, is not shown any more. That there was one, and what its level is, stays.
 */
void
anx_desk_model_forget_alert_words (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *id = g_str_equal (record->kind, ANX_KIND_ALERT) ? record->id : anx_desk_get_field (record->routing, "alert");
  AnxDeskAlert *alert = id != NULL ? g_hash_table_lookup (self->alerts, id) : NULL;
  if (alert == NULL)
    return;
  if (alert->id != NULL && g_str_equal (alert->id, record->id))
    g_clear_pointer (&alert->reason, g_free);
  for (guint i = 0; alert->levels != NULL && i < alert->levels->len; i++)
    {
      AnxDeskLevelChange *change = g_ptr_array_index (alert->levels, i);
      if (g_str_equal (change->record->id, record->id))
        g_clear_pointer (&change->reason, g_free);
    }
}

static int
compare_level_changes (gconstpointer a, gconstpointer b)
{
  const AnxDeskLevelChange *one = *(const AnxDeskLevelChange *const *) a;
  const AnxDeskLevelChange *other = *(const AnxDeskLevelChange *const *) b;
  if (one->record->created_usec != other->record->created_usec)
    return one->record->created_usec < other->record->created_usec ? -1 : 1;
  return g_strcmp0 (one->record->id, other->record->id);
}

/**
 * anx_desk_model_take_level_change:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Joins it to its alert.
 */
void
anx_desk_model_take_level_change (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *id = anx_desk_get_field (record->routing, "alert");
  g_autofree char *named = NULL;
  if (id == NULL || !anx_uuid_is_valid (id))
    return;
  AnxDeskAlert *alert = ensure_alert (self, id);
  AnxDeskLevelChange *change = g_new0 (AnxDeskLevelChange, 1);
  change->record = anx_desk_record_ref (record);
  change->level = anx_level_from_string (anx_desk_get_field (record->routing, "level"));
  if (record->resource != NULL)
    anx_level_change_read (record->resource, &named, &change->level, &change->reason, NULL);
  if (alert->levels == NULL)
    alert->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) level_change_free);
  for (guint i = 0; i < alert->levels->len; i++)
    if (g_str_equal (((AnxDeskLevelChange *) g_ptr_array_index (alert->levels, i))->record->id, record->id))
      {
        g_ptr_array_remove_index (alert->levels, i);
        break;
      }
  g_ptr_array_add (alert->levels, change);
  g_ptr_array_sort (alert->levels, compare_level_changes);
  follow_levels (self, alert);
}

/**
 * anx_desk_model_take_alert:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Joins it with what the hub told of it.
 */
void
anx_desk_model_take_alert (AnxDeskModel *self, AnxDeskRecord *record)
{
  AnxDeskAlert *alert = ensure_alert (self, record->id);
  AnxLevel level;
  g_autofree char *reason = NULL;

  alert->raised = anx_level_from_string (anx_json_get_string (record->routing, "level", NULL));
  alert->recorded = TRUE;
  alert->created_usec = record->created_usec;
  anx_desk_set_text (&alert->centre, anx_desk_get_field (record->routing, "centre"));
  anx_desk_set_text (&alert->room, anx_desk_get_field (record->routing, "room"));
  anx_desk_set_text (&alert->booking, anx_desk_get_field (record->routing, "booking"));
  anx_desk_set_text (&alert->kiosk, record->author);
  if (record->resource != NULL && anx_alert_read (record->resource, &level, &reason, NULL))
    {
      anx_desk_set_text (&alert->reason, reason);
      /* The sealed content can't be changed on the way; of the two levels the higher counts. */
      alert->raised = MAX (alert->raised, level);
    }
  follow_levels (self, alert);
}

/**
 * anx_desk_model_take_acknowledgement:
 * @self: a model
 * @record: a record of that kind, opened or not
 *
 * Joins it to its alert.
 */
void
anx_desk_model_take_acknowledgement (AnxDeskModel *self, AnxDeskRecord *record)
{
  const char *id = anx_desk_get_field (record->routing, "alert");
  if (id == NULL || !anx_uuid_is_valid (id))
    return;
  AnxDeskAlert *alert = ensure_alert (self, id);
  if (alert->created_usec == 0)
    alert->created_usec = record->created_usec;
  acknowledge (alert, record->author, record->created_usec);
}

/**
 * anx_desk_model_list_screenings_of:
 * @self: a model
 * @alert: an alert
 *
 * The answers that may belong to an alert: of the same booking; without one, those given at the same kiosk within half
 * an hour. The second is nearness, not proof, and the screen says so.
 *
 * Returns: (transfer container) (element-type AnxDeskScreening): newest first
 */
GPtrArray *
anx_desk_model_list_screenings_of (AnxDeskModel *self, const AnxDeskAlert *alert)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->screenings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      AnxDeskScreening *screening = value;
      const char *booking = anx_json_get_string (screening->record->routing, "booking", NULL);
      gint64 apart = ABS (screening->record->created_usec - alert->created_usec);
      gboolean near = g_strcmp0 (screening->record->author, alert->kiosk) == 0 && apart <= NEAR_ALERT_USEC;
      if (alert->booking != NULL && booking != NULL ? g_str_equal (alert->booking, booking) : near)
        g_ptr_array_add (list, screening);
    }
  return list;
}

static int
compare_alerts (gconstpointer a, gconstpointer b)
{
  const AnxDeskAlert *one = *(const AnxDeskAlert *const *) a;
  const AnxDeskAlert *other = *(const AnxDeskAlert *const *) b;
  if (one->acknowledged != other->acknowledged)
    return one->acknowledged ? 1 : -1;
  if (!one->acknowledged && one->level != other->level)
    return one->level > other->level ? -1 : 1;
  gboolean earlier = one->created_usec < other->created_usec;
  return earlier == one->acknowledged ? 1 : -1;
}

/**
 * anx_desk_model_list_alerts:
 * @self: a model
 *
 * Returns: (transfer container) (element-type AnxDeskAlert): open ones first, red before yellow, the longest waiting
 * first; then the acknowledged ones, newest first
 */
GPtrArray *
anx_desk_model_list_alerts (AnxDeskModel *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->alerts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (list, value);
  g_ptr_array_sort (list, compare_alerts);
  return list;
}

/**
 * anx_desk_model_get_alert:
 * @self: a model
 * @id: an alert's id
 *
 * Returns: (transfer none) (nullable): the alert
 */
const AnxDeskAlert *
anx_desk_model_get_alert (AnxDeskModel *self, const char *id)
{
  return g_hash_table_lookup (self->alerts, id);
}
