/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "code-key.h"
#include "json.h"
#include "process.h"
#include "session.h"

/* One try to check in, from the code to the hub's answer. The page holds it; leaving the page stops it. */
typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxResident *resident;
  GCancellable *cancellable;
  AnxPage *page; /* (nullable) while it is shown */
  char *code;
} CheckIn;

static void check_in_ask (CheckIn *self);

static void
check_in_clear (gpointer data)
{
  CheckIn *self = data;

  g_clear_object (&self->cancellable);
  g_clear_object (&self->resident);
  g_clear_pointer (&self->code, anx_secret_free);
}

static void
check_in_unref (gpointer data)
{
  g_rc_box_release_full (data, check_in_clear);
}

static void
check_in_abandon (gpointer data)
{
  CheckIn *self = data;

  g_cancellable_cancel (self->cancellable);
  check_in_unref (self);
}

static void
on_problem_other_code (GtkButton *button, CheckIn *self)
{
  anx_resident_window_replace (self->window, anx_check_in_page_make, NULL, NULL);
}

static void
on_problem_again (GtkButton *button, CheckIn *self)
{
  check_in_ask (self);
}

/* What the hub says about a booking that exists but cannot be checked in now. */
static const char *
describe_conflict (GAsyncResult *result)
{
  JsonObject *problem = anx_resident_get_problem (result);
  const char *type = problem != NULL ? anx_json_get_string (problem, "type", "") : "";

  if (g_str_has_suffix (type, ":not-yet"))
    return _ (
        "Your session is on another day. Please come back shortly before it begins, or ask the staff to move it.");
  if (g_str_has_suffix (type, ":over"))
    return _ (
        "The time of this session has passed. Nothing is wrong with that: please book another, or ask the staff.");
  return _ (
      "This booking cannot be checked in any more: it was ended or cancelled. Please ask the staff, they will help.");
}

static void
on_checked_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CheckIn *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = anx_resident_request_finish (ANX_RESIDENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_cancellable_is_cancelled (self->cancellable))
    ;
  else if (answer != NULL && JSON_NODE_HOLDS_OBJECT (answer))
    {
      anx_resident_set_booking (self->resident, json_node_get_object (answer), self->code);
      /* In the place of this page, wherever that lies by now: the resident may have touched help meanwhile. */
      anx_page_stack_exchange (anx_resident_window_get_pages (self->window), self, anx_waiting_page_make, anx_session_new (self->window),
                               anx_session_unref);
    }
  else if (self->page != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    anx_page_show_problem (self->page, error->message, _ ("Enter the code again"), G_CALLBACK (on_problem_other_code),
                           self);
  else if (self->page != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    anx_page_show_problem (self->page, describe_conflict (result), NULL, NULL, NULL);
  else if (self->page != NULL)
    anx_page_show_problem (self->page,
                           error != NULL
                               ? error->message
                               : _ ("The district's computer did not accept this. Please ask the staff to help."),
                           _ ("Try again"), G_CALLBACK (on_problem_again), self);
  check_in_unref (self);
}

static void
on_key (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CheckIn *self = user_data;
  g_autoptr (GError) error = NULL;
  anx_autosecret char *key = anx_code_key_derive_finish (result, &error);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (key == NULL)
    {
      if (self->page != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        anx_page_show_problem (self->page, _ ("This machine could not check the code just now. Please try again, or tell the staff."),
                               _ ("Try again"), G_CALLBACK (on_problem_again), self);
      check_in_unref (self);
      return;
    }
  body = json_object_new ();
  json_object_set_string_member (body, "codeKey", key);
  node = anx_json_node_from_object (body);
  anx_resident_request_async (self->resident, "POST", "/v1/check-ins", node, self->cancellable, on_checked_in, self);
}

static void
check_in_ask (CheckIn *self)
{
  anx_page_set_busy (self->page, _ ("Looking for your booking…"));
  anx_code_key_derive_async (self->code, anx_directory_get_district (anx_resident_get_directory (self->resident)),
                             self->cancellable, on_key, g_rc_box_acquire (self));
}

static void
on_page_gone (CheckIn *self)
{
  self->page = NULL;
}

static GtkWidget *
check_in_progress_make (AnxResidentWindow *window, gpointer data)
{
  CheckIn *self = data;
  GtkWidget *page = anx_page_new (_ ("Check in"), NULL);

  self->page = ANX_PAGE (page);
  g_signal_connect_data (page, "destroy", G_CALLBACK (on_page_gone), g_rc_box_acquire (self),
                         (GClosureNotify) (void (*) (void)) check_in_unref, G_CONNECT_SWAPPED);
  check_in_ask (self);
  return page;
}

static void
on_code (AnxResidentWindow *window, const char *code, gpointer user_data)
{
  CheckIn *self = g_rc_box_new0 (CheckIn);

  self->window = window;
  self->resident = g_object_ref (anx_resident_window_get_resident (window));
  self->cancellable = g_cancellable_new ();
  self->code = g_strdup (code);
  anx_resident_window_replace (window, check_in_progress_make, self, check_in_abandon);
}

/**
 * anx_check_in_page_make:
 * @window: the window
 * @data: unused
 *
 * Asks for the code, checks in at the hub, and goes on to the waiting page. The code stays in this process.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_check_in_page_make (AnxResidentWindow *window, gpointer data)
{
  return anx_code_page_make (window, _ ("Please enter your code"), on_code, NULL);
}
