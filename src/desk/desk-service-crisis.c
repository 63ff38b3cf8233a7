/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-service-private.h"

#include <glib/gi18n.h>

#include "care-error.h"
#include "crisis-records.h"
#include "desk-glass.h"
#include "id.h"

/* The duty groups of the alert's centre, as far as something can be sealed to them: nobody's answer fails for a group without a key. */
static void
add_duty (GPtrArray *recipients, AnxDirectory *directory, const char *centre)
{
  g_autoptr (GPtrArray) groups = anx_directory_list_principals (directory, ANX_PRINCIPAL_GROUP, "duty", centre);
  for (guint i = 0; i < groups->len; i++)
    {
      const AnxPrincipal *group = g_ptr_array_index (groups, i);
      if (group->seal_certificate != NULL)
        g_ptr_array_add (recipients, (gpointer) group->id);
    }
}

/**
 * anx_desk_service_acknowledge:
 * @self: a service
 * @alert: an open alert
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID when it is not an alert we know
 *
 * "I am going": tells the duty group and the kiosk. On %TRUE the acknowledgement is on this machine's disk and the
 * ringing ends.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_acknowledge (AnxDeskService *self, const char *alert, GError **error)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (self->model, alert);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (known == NULL || directory == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _ ("This alert is not known here any more."));
      return FALSE;
    }
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  add_duty (recipients, directory, known->centre);
  const AnxPrincipal *kiosk = known->kiosk != NULL ? anx_directory_get_principal (directory, known->kiosk) : NULL;
  if (kiosk != NULL && kiosk->active && kiosk->seal_certificate != NULL)
    g_ptr_array_add (recipients, (gpointer) kiosk->id);
  g_ptr_array_add (recipients, NULL);

  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", alert);
  g_autoptr (JsonObject) resource = anx_acknowledgement_build (alert, anx_desk_model_get_principal (self->model), now);
  g_autofree char *id = anx_uuid_new (now);
  return anx_desk_service_write (self, id, ANX_KIND_ALERT_ACKNOWLEDGEMENT, (const char *const *) recipients->pdata,
                                 NULL, routing, resource, error);
}

/**
 * anx_desk_service_change_level:
 * @self: a service
 * @alert: an alert
 * @level: the level from now on
 * @reason: why, for colleagues: 1 to ANX_BOUND_NOTE_CHARS characters
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_NOT_ALLOWED when somebody who is
 * no counsellor would lower it
 *
 * On %TRUE the change is sealed to the duty group and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_change_level (
    AnxDeskService *self, const char *alert, AnxLevel level, const char *reason, GError **error)
{
  const AnxDeskAlert *known = anx_desk_model_get_alert (self->model, alert);
  AnxDirectory *directory = anx_client_get_directory (self->client);
  const char *author = anx_desk_model_get_principal (self->model);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (known == NULL || directory == NULL)
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_INVALID, _ ("This alert is not known here any more."));
      return FALSE;
    }
  if (level < known->level && !anx_desk_service_has_role (self, "counsellor"))
    {
      g_set_error_literal (error, ANX_CARE_ERROR, ANX_CARE_ERROR_NOT_ALLOWED,
                           _ ("Only a counsellor may lower the level."));
      return FALSE;
    }
  if (!anx_note_check (reason, error))
    return FALSE;
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, (gpointer) author);
  add_duty (recipients, directory, known->centre);
  g_ptr_array_add (recipients, NULL);

  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "alert", alert);
  json_object_set_string_member (routing, "level", anx_level_to_string (level));
  g_autoptr (JsonObject) resource = anx_level_change_build (alert, level, reason, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return anx_desk_service_write (self, id, ANX_KIND_LEVEL_CHANGE, (const char *const *) recipients->pdata, NULL,
                                 routing, resource, error);
}

/**
 * anx_desk_service_save_plan:
 * @self: a service
 * @booking: the session's booking
 * @steps: (array fixed-size=6): what anx_safety_plan_check() passes
 * @readers: (nullable) (array zero-terminated=1): principals whom the author lets read it, too
 * @predecessor: (nullable): the plan that this one replaces
 * @error: return location: the client's errors, ANX_CARE_ERROR_INVALID, ANX_CARE_ERROR_TOO_LARGE
 *
 * On %TRUE the plan is sealed to its author, @readers and the break-glass group of the centre, if it has one, and on this machine's disk.
 *
 * Returns: whether it was written
 */
gboolean
anx_desk_service_save_plan (AnxDeskService *self,
                            const char *booking,
                            const char *const *steps,
                            const char *const *readers,
                            const char *predecessor,
                            GError **error)
{
  const char *author = anx_desk_model_get_principal (self->model);
  gint64 now = anx_desk_model_now_usec (self->model);

  if (!anx_safety_plan_check (steps, error))
    return FALSE;
  g_autoptr (GPtrArray) recipients = g_ptr_array_new ();
  g_ptr_array_add (recipients, (gpointer) author);
  for (guint i = 0; readers != NULL && readers[i] != NULL; i++)
    g_ptr_array_add (recipients, (gpointer) readers[i]);
  const AnxPrincipal *glass = anx_desk_glass_find_group (self, booking);
  if (glass != NULL)
    g_ptr_array_add (recipients, (gpointer) glass->id);
  g_ptr_array_add (recipients, NULL);
  g_autoptr (JsonObject) routing = json_object_new ();
  json_object_set_string_member (routing, "booking", booking);
  g_autoptr (JsonObject) resource = anx_safety_plan_build (steps, booking, author, now);
  g_autofree char *id = anx_uuid_new (now);
  return anx_desk_service_write (self, id, ANX_KIND_SAFETY_PLAN, (const char *const *) recipients->pdata, predecessor,
                                 routing, resource, error);
}
