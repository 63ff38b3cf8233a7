/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "change-reason.h"
#include "desk-alert.h"
#include "desk-dialog.h"
#include "desk-widgets.h"
#include "desk-window-private.h"
#include "follow-up-dialog.h"
#include "glass-dialog.h"
#include "level-dialog.h"
#include "problem-page.h"
#include "referral-dialog.h"
#include "referral-file-dialog.h"
#include "referral-letter.h"
#include "talk-window.h"
#include "ui-text.h"

static void
show_page (GSimpleAction *action,
           GVariant *parameter,
           gpointer user_data)
{
  anx_desk_window_show_page (ANX_DESK_WINDOW (user_data), g_variant_get_string (parameter, NULL));
}

static void
open_booking (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  const char *booking = g_variant_get_string (parameter, NULL);
  const char *present = self->session != NULL ? anx_session_page_get_booking (self->session) : NULL;

  if (self->session == NULL || self->service == NULL)
    return;
  if (present != NULL && !g_str_equal (present, booking) && anx_session_page_is_calling (self->session))
    {
      anx_desk_window_toast (GTK_WINDOW (self), _ ("A call is open. Please end it before you open the next session."));
      anx_desk_window_show_page (self, "session");
      return;
    }
  anx_desk_alarm_silence (anx_desk_service_get_alarm (self->service), booking);
  anx_session_page_open (self->session, booking);
  anx_desk_window_show_page (self, "session");
  anx_desk_service_wake (self->service);
}

static gboolean
say_going (AnxDeskWindow *self,
           const char *alert)
{
  g_autoptr (GError) error = NULL;

  if (self->service == NULL)
    return FALSE;
  if (!anx_desk_service_acknowledge (self->service, alert, &error))
    {
      anx_desk_say_failure (GTK_WINDOW (self),
                            _ ("The answer could not be kept. The alert still rings; please go, and tell the others by voice."), error);
      return FALSE;
    }
  anx_desk_window_toast (GTK_WINDOW (self),
                         anx_client_get_state (anx_desk_service_get_client (self->service)) == ANX_CLIENT_ONLINE
                             ? _ ("The others and the kiosk are being told that you are going.")
                             : _ ("No connection: please tell the others by voice. It is sent as soon as possible."));
  anx_desk_window_show_page (self, "alerts");
  return TRUE;
}

static void
acknowledge (GSimpleAction *action,
             GVariant *parameter,
             gpointer user_data)
{
  say_going (ANX_DESK_WINDOW (user_data), g_variant_get_string (parameter, NULL));
}

static void
change_level (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service != NULL)
    anx_level_dialog_present (GTK_WINDOW (self), self->service, g_variant_get_string (parameter, NULL));
}

static void
break_glass (GSimpleAction *action,
             GVariant *parameter,
             gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service != NULL)
    anx_glass_dialog_present (GTK_WINDOW (self), self->service);
}

/* From the alert to the room's screen with one touch. */
static void
call_room (AnxDeskWindow *self,
           const char *alert)
{
  if (self->service == NULL)
    return;
  if (self->session != NULL && anx_session_page_is_calling (self->session))
    {
      anx_desk_window_toast (GTK_WINDOW (self), _ ("A call is open. Please end it before you call the room."));
      return;
    }
  anx_talk_window_present (GTK_WINDOW (self), self->service, alert, self->test_media);
}

static void
talk (GSimpleAction *action,
      GVariant *parameter,
      gpointer user_data)
{
  call_room (ANX_DESK_WINDOW (user_data), g_variant_get_string (parameter, NULL));
}

/* A room that is called as soon as the hub knows who answered: it lets nobody else call. */
typedef struct
{
  AnxDeskWindow *window;
  AnxDeskService *service;
  char *alert;
  gulong handler;
  guint limit_source;
} Calling;

#define CALLING_KEY "anx-calling"
#define CALLING_LIMIT_SECONDS 20

static void
calling_free (gpointer data)
{
  Calling *calling = data;
  g_clear_handle_id (&calling->limit_source, g_source_remove);
  g_signal_handler_disconnect (calling->service, calling->handler);
  g_object_unref (calling->service);
  g_free (calling->alert);
  g_free (calling);
}

static void
on_perhaps_known (Calling *calling)
{
  AnxDeskModel *model = anx_desk_service_get_model (calling->service);
  const AnxDeskAlert *alert = anx_desk_model_get_alert (model, calling->alert);
  AnxDeskWindow *window = calling->window;

  if (alert == NULL || !anx_desk_alert_hub_knows (alert, anx_desk_model_get_principal (model)))
    return;
  g_autofree char *id = g_strdup (calling->alert);
  g_object_set_data (G_OBJECT (window), CALLING_KEY, NULL);
  call_room (window, id);
}

static gboolean
on_calling_limit (gpointer user_data)
{
  Calling *calling = user_data;
  AnxDeskWindow *window = calling->window;

  calling->limit_source = 0;
  g_object_set_data (G_OBJECT (window), CALLING_KEY, NULL);
  anx_desk_window_toast (GTK_WINDOW (window), _ ("The room cannot be called yet. Please go; “Video with the room” stays beside the alert."));
  return G_SOURCE_REMOVE;
}

static void
answer_and_call (GSimpleAction *action,
                 GVariant *parameter,
                 gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  const char *alert = g_variant_get_string (parameter, NULL);

  if (!say_going (self, alert))
    return;
  Calling *calling = g_new0 (Calling, 1);
  calling->window = self;
  calling->service = g_object_ref (self->service);
  calling->alert = g_strdup (alert);
  calling->handler = g_signal_connect_swapped (self->service, "changed", G_CALLBACK (on_perhaps_known), calling);
  calling->limit_source = g_timeout_add_seconds (CALLING_LIMIT_SECONDS, on_calling_limit, calling);
  g_object_set_data_full (G_OBJECT (self), CALLING_KEY, calling, calling_free);
}

static void
choose (GSimpleAction *action,
        GVariant *parameter,
        gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  g_autoptr (GError) error = NULL;
  AnxDeskRecord *record = self->service == NULL ? NULL
                                                : anx_desk_model_get_record (anx_desk_service_get_model (self->service),
                                                                             g_variant_get_string (parameter, NULL));
  if (record != NULL && !anx_desk_service_choose (self->service, record, &error))
    anx_desk_say_failure (GTK_WINDOW (self), _ ("The choice could not be kept"), error);
}

static void
make_letter (GSimpleAction *action,
             GVariant *parameter,
             gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service != NULL)
    anx_referral_letter_present (GTK_WINDOW (self), self->service, g_variant_get_string (parameter, NULL));
}

static void
export_referral (GSimpleAction *action,
                 GVariant *parameter,
                 gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service != NULL)
    anx_referral_file_present_export (GTK_WINDOW (self), self->service, g_variant_get_string (parameter, NULL));
}

static void
import_referral (GSimpleAction *action,
                 GVariant *parameter,
                 gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service != NULL)
    anx_referral_file_present_import (GTK_WINDOW (self), self->service);
}

/* The target is the latest record and the step. */
static void
step_follow_up (GSimpleAction *action,
                GVariant *parameter,
                gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  g_auto (GStrv) parts = g_strsplit (g_variant_get_string (parameter, NULL), " ", 2);

  if (self->service != NULL && g_strv_length (parts) == 2)
    anx_follow_up_dialog_step (GTK_WINDOW (self), self->service, parts[0], parts[1]);
}

/* The target is the referral's task and the action's code. */
static void
step_referral (GSimpleAction *action,
               GVariant *parameter,
               gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  g_auto (GStrv) parts = g_strsplit (g_variant_get_string (parameter, NULL), " ", 2);
  AnxReferralAction step;

  if (self->service != NULL && g_strv_length (parts) == 2 && anx_referral_action_from_string (parts[1], &step))
    anx_referral_dialog_present (GTK_WINDOW (self), self->service, parts[0], step);
}

static void
on_status_set (GObject *source,
               GAsyncResult *result,
               gpointer user_data)
{
  g_autoptr (AnxDeskWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!anx_desk_service_set_status_finish (ANX_DESK_SERVICE (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    anx_desk_say_failure (GTK_WINDOW (self), _ ("The booking was not changed"), error);
}

typedef struct
{
  AnxDeskWindow *window;
  char *booking;
  char *status;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;
  g_object_unref (change->window);
  g_free (change->booking);
  g_free (change->status);
  g_free (change);
}

static void
on_reason (const char *reason,
           gpointer user_data)
{
  const Change *change = user_data;

  if (change->window->service != NULL)
    anx_desk_service_set_status_async (change->window->service, change->booking, change->status, reason, on_status_set,
                                       g_object_ref (change->window));
}

static void
set_booking_status (GSimpleAction *action,
                    GVariant *parameter,
                    gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  g_auto (GStrv) parts = g_strsplit (g_variant_get_string (parameter, NULL), " ", 2);

  if (self->service == NULL || g_strv_length (parts) != 2)
    return;
  gboolean cancel = g_str_equal (parts[1], "cancelled");
  if (!cancel && !g_str_equal (parts[1], "noshow"))
    {
      anx_desk_service_set_status_async (self->service, parts[0], parts[1], NULL, on_status_set, g_object_ref (self));
      return;
    }
  Change *change = g_new0 (Change, 1);
  change->window = g_object_ref (self);
  change->booking = g_strdup (parts[0]);
  change->status = g_strdup (parts[1]);
  anx_change_reason_ask (GTK_WINDOW (self), cancel ? ANX_CHANGE_CANCEL : ANX_CHANGE_MISSED,
                         cancel ? _ ("Cancel this booking?") : _ ("The resident did not come?"), on_reason, change, change_free);
}

static void
refresh (GSimpleAction *action,
         GVariant *parameter,
         gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);

  if (self->service == NULL)
    return;
  anx_desk_service_refresh (self->service);
  anx_desk_window_toast (GTK_WINDOW (self), _ ("Asking the hub…"));
}

static void
try_again (GSimpleAction *action,
           GVariant *parameter,
           gpointer user_data)
{
  anx_desk_window_try_start (ANX_DESK_WINDOW (user_data));
}

/* Keys of the session work from anywhere in the window, when a session is open. */
static void
in_session (AnxDeskWindow *self,
            const char *action)
{
  if (self->session == NULL || anx_session_page_get_booking (self->session) == NULL)
    return;
  anx_desk_window_show_page (self, "session");
  gtk_widget_activate_action (GTK_WIDGET (self->session), action, NULL);
}

static void
save_note (GSimpleAction *action,
           GVariant *parameter,
           gpointer user_data)
{
  in_session (ANX_DESK_WINDOW (user_data), "session.save");
}

static void
refer (GSimpleAction *action,
       GVariant *parameter,
       gpointer user_data)
{
  in_session (ANX_DESK_WINDOW (user_data), "session.refer");
}

/* The button of the alarm bar, by one key from anywhere. */
static void
answer_alarm (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  AnxDeskAlarm *alarm = self->service != NULL ? anx_desk_service_get_alarm (self->service) : NULL;

  if (alarm == NULL || anx_desk_alarm_get_state (alarm) == ANX_DESK_ALARM_QUIET)
    return;
  g_autofree char *id = g_strdup (anx_desk_alarm_get_id (alarm));
  g_action_group_activate_action (G_ACTION_GROUP (self),
                                  anx_desk_alarm_get_state (alarm) == ANX_DESK_ALARM_CRISIS ? "acknowledge"
                                                                                            : "open-booking",
                                  g_variant_new_string (id));
}

static void
show_problem (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  AnxClient *client = self->service != NULL ? anx_desk_service_get_client (self->service) : NULL;
  GtkWidget *old = gtk_stack_get_child_by_name (self->content, "hub-problem");

  if (client == NULL)
    return;
  if (old != NULL)
    gtk_stack_remove (self->content, old);
  AnxDeskProblem problem = ANX_DESK_PROBLEM_CLOCK;
  if (anx_client_is_hub_untrusted (client))
    problem = ANX_DESK_PROBLEM_HUB_UNTRUSTED;
  else if (anx_client_get_state (client) == ANX_CLIENT_PROBLEM)
    problem = ANX_DESK_PROBLEM_HUB;
  gtk_stack_add_named (self->content, anx_problem_page_new (problem, anx_client_get_problem (client)), "hub-problem");
  anx_desk_window_show_page (self, "hub-problem");
}

/* The n-th button of the sidebar. */
static void
show_nth (GSimpleAction *action,
          GVariant *parameter,
          gpointer user_data)
{
  AnxDeskWindow *self = ANX_DESK_WINDOW (user_data);
  GtkWidget *place = gtk_widget_get_first_child (GTK_WIDGET (self->sidebar));
  GtkWidget *box = adw_bin_get_child (ADW_BIN (place));
  GtkWidget *button = box != NULL ? gtk_widget_get_first_child (box) : NULL;

  for (int i = g_variant_get_int32 (parameter); i > 1 && button != NULL; i--)
    button = gtk_widget_get_next_sibling (button);
  if (button != NULL)
    anx_desk_window_show_page (self,
                               g_variant_get_string (gtk_actionable_get_action_target_value (GTK_ACTIONABLE (button)),
                                                     NULL));
}

/**
 * anx_desk_window_install_actions:
 * @self: the window
 *
 * Everything that buttons and keys do.
 */
void
anx_desk_window_install_actions (AnxDeskWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "page", .activate = show_page, .parameter_type = "s", .state = "''" },
    { .name = "nth-page", .activate = show_nth, .parameter_type = "i" },
    { .name = "open-booking", .activate = open_booking, .parameter_type = "s" },
    { .name = "acknowledge", .activate = acknowledge, .parameter_type = "s" },
    { .name = "change-level", .activate = change_level, .parameter_type = "s" },
    { .name = "break-glass", .activate = break_glass },
    { .name = "talk", .activate = talk, .parameter_type = "s" },
    { .name = "answer-and-call", .activate = answer_and_call, .parameter_type = "s" },
    { .name = "choose", .activate = choose, .parameter_type = "s" },
    { .name = "follow-up", .activate = step_follow_up, .parameter_type = "s" },
    { .name = "referral-export", .activate = export_referral, .parameter_type = "s" },
    { .name = "referral-import", .activate = import_referral },
    { .name = "referral-letter", .activate = make_letter, .parameter_type = "s" },
    { .name = "referral-step", .activate = step_referral, .parameter_type = "s" },
    { .name = "booking-status", .activate = set_booking_status, .parameter_type = "s" },
    { .name = "refresh", .activate = refresh },
    { .name = "try-again", .activate = try_again },
    { .name = "save-note", .activate = save_note },
    { .name = "refer", .activate = refer },
    { .name = "answer-alarm", .activate = answer_alarm },
    { .name = "show-problem", .activate = show_problem },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
