/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-alert.h"

#include <string.h>

#include "json.h"

/* Without the hub nobody calls the lead: the lead's desk rings by itself when nobody has answered for so long. */
#define LEAD_USEC ANX_USEC_PER_MINUTE
#define FIELD_BYTES 256
#define MOST_ENTRIES 100

static gboolean
is_called (const AnxDeskAlert *alert,
           const char *principal)
{
  for (guint i = 0; alert->calls != NULL && i < alert->calls->len; i++)
    if (strcmp (((AnxDeskCallOut *) g_ptr_array_index (alert->calls, i))->principal, principal) == 0)
      return TRUE;
  return FALSE;
}

/**
 * anx_desk_alert_rings:
 * @alert: an alert
 * @listener: whose desk, and what is known now
 *
 * Returns: whether it rings here now
 */
gboolean
anx_desk_alert_rings (const AnxDeskAlert *alert,
                      const AnxDeskListener *listener)
{
  gint64 age = listener->now_usec - alert->seen_usec;
  gboolean hub_told = alert->calls != NULL && alert->calls->len > 0;

  if (alert->acknowledged)
    return FALSE;
  if (is_called (alert, listener->principal))
    return TRUE;
  if (hub_told && listener->hub_reachable)
    return FALSE;
  if (listener->on_duty)
    return !listener->hub_reachable || listener->heard || age >= ANX_DESK_CALLS_GRACE_USEC;
  /* What came over the local network was heard by few: there the staff ring, too. */
  if (listener->staff && listener->heard)
    return TRUE;
  return listener->lead && (!listener->hub_reachable || !hub_told) && age >= LEAD_USEC;
}

/**
 * anx_desk_alert_may_answer:
 * @alert: an alert
 * @listener: whose desk
 *
 * Returns: whether this person may say "I am going": whoever is on duty or leads, the staff who heard it over the local
 *   network, and whoever was called
 */
gboolean
anx_desk_alert_may_answer (const AnxDeskAlert *alert,
                           const AnxDeskListener *listener)
{
  return listener->on_duty || listener->lead || (listener->staff && listener->heard) || is_called (alert, listener->principal);
}

/**
 * anx_desk_alert_is_answered_by:
 * @alert: an alert
 * @principal: a principal
 *
 * Returns: whether that person has said "I am going", as the first or as another
 */
gboolean
anx_desk_alert_is_answered_by (const AnxDeskAlert *alert,
                               const char *principal)
{
  return (alert->acknowledged && g_strcmp0 (alert->acknowledged_by, principal) == 0) || anx_desk_alert_hub_knows (alert, principal);
}

/**
 * anx_desk_alert_hub_knows:
 * @alert: an alert
 * @principal: a principal
 *
 * Returns: whether the hub has told that this person said "I am going": from then on it lets them call the room
 */
gboolean
anx_desk_alert_hub_knows (const AnxDeskAlert *alert,
                          const char *principal)
{
  for (guint i = 0; alert->answers != NULL && i < alert->answers->len; i++)
    if (strcmp (((AnxDeskCallOut *) g_ptr_array_index (alert->answers, i))->principal, principal) == 0)
      return TRUE;
  return FALSE;
}

static void
call_free (gpointer data)
{
  AnxDeskCallOut *call = data;
  g_free (call->principal);
  g_free (call->step);
  g_free (call);
}

static void
add_call (GPtrArray *calls,
          const char *principal,
          const char *step,
          gint64 at_usec,
          gboolean present)
{
  if (principal == NULL || strlen (principal) > FIELD_BYTES || at_usec <= 0)
    return;
  AnxDeskCallOut *call = g_new0 (AnxDeskCallOut, 1);
  call->principal = g_strdup (principal);
  call->step = g_strndup (step, FIELD_BYTES);
  call->at_usec = at_usec;
  call->present = present;
  g_ptr_array_add (calls, call);
}

/**
 * anx_desk_alert_take_calls:
 * @alert: an alert
 * @json: the alert as the hub answers it
 */
void
anx_desk_alert_take_calls (AnxDeskAlert *alert,
                           JsonObject *json)
{
  JsonArray *calls = anx_json_get_array (json, "calls");
  JsonArray *acknowledgements = anx_json_get_array (json, "acknowledgements");

  alert->next_usec = anx_json_get_int (json, "next", 0);
  if (calls == NULL)
    return;
  g_clear_pointer (&alert->calls, g_ptr_array_unref);
  g_clear_pointer (&alert->answers, g_ptr_array_unref);
  alert->calls = g_ptr_array_new_with_free_func (call_free);
  alert->answers = g_ptr_array_new_with_free_func (call_free);
  for (guint i = 0; i < MIN (json_array_get_length (calls), MOST_ENTRIES); i++)
    {
      JsonObject *call = anx_json_array_need_object (calls, i, NULL);
      if (call != NULL)
        add_call (alert->calls, anx_json_get_string (call, "principal", NULL), anx_json_get_string (call, "step", ""),
                  anx_json_get_int (call, "called", 0), anx_json_get_boolean (call, "present", TRUE));
    }
  for (guint i = 0; acknowledgements != NULL && i < MIN (json_array_get_length (acknowledgements), MOST_ENTRIES); i++)
    {
      JsonObject *one = anx_json_array_need_object (acknowledgements, i, NULL);
      if (one != NULL)
        add_call (alert->answers, anx_json_get_string (one, "by", NULL), "", anx_json_get_int (one, "at", 0), TRUE);
    }
}
