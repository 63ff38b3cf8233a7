/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alerts-page.h"

#include <glib/gi18n.h>

#include "desk-alert.h"
#include "desk-glass.h"
#include "desk-live.h"
#include "desk-widgets.h"
#include "ui-text.h"

/* Acknowledged alerts are kept in sight this long. */
#define SHOWN_USEC (7 * ANX_USEC_PER_DAY)

/* So long the hub lets whoever answered call the room. */
#define TALK_USEC (2 * ANX_USEC_PER_HOUR)

static char *
describe_place (AnxDeskService *service,
                const AnxDeskAlert *alert)
{
  return g_strdup_printf ("%s, %s", anx_desk_service_name_centre (service, alert->centre),
                          anx_desk_service_name_room (service, alert->centre, alert->room));
}

static void
on_answers_opened (GtkExpander *expander,
                   GParamSpec *property,
                   AnxDeskService *service)
{
  if (gtk_expander_get_expanded (expander))
    anx_desk_service_note_reading (service, g_object_get_data (G_OBJECT (expander), "alert"), ANX_ACCESS_ALERT);
}

static void
append_screenings (AnxDeskService *service,
                   GtkWidget *card,
                   const AnxDeskAlert *alert)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  g_autoptr (GPtrArray) screenings = anx_desk_model_list_screenings_of (model, alert);

  for (guint i = 0; i < screenings->len; i++)
    {
      const AnxDeskScreening *screening = g_ptr_array_index (screenings, i);
      g_autofree char *when
          = anx_ui_format_time (screening->record->created_usec, anx_desk_service_get_zone (service));
      g_autofree char *text = g_strdup_printf (_ ("Answers given at this kiosk at %s"), when);
      GtkWidget *expander = gtk_expander_new (text);
      gtk_expander_set_child (GTK_EXPANDER (expander), anx_desk_screening_view_new (service, screening));
      g_object_set_data_full (G_OBJECT (expander), "alert", g_strdup (alert->id), g_free);
      g_signal_connect_object (expander, "notify::expanded", G_CALLBACK (on_answers_opened), service, 0);
      gtk_box_append (GTK_BOX (card), expander);
    }
}

static const char *
describe_step (const char *step)
{
  if (g_str_equal (step, "duty"))
    return _ ("on duty");
  if (g_str_equal (step, "lead"))
    return _ ("leads the centre");
  if (g_str_equal (step, "district"))
    return _ ("district");
  return step;
}

/* Who was called when, who answered, and who is next: so that nobody asks whether somebody else is going. */
static void
append_calls (AnxDeskService *service,
              GtkWidget *box,
              const AnxDeskAlert *alert)
{
  const char *zone = anx_desk_service_get_zone (service);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (service));

  for (guint i = 0; alert->calls != NULL && i < alert->calls->len; i++)
    {
      const AnxDeskCallOut *call = g_ptr_array_index (alert->calls, i);
      g_autofree char *when = anx_ui_format_time (call->at_usec, zone);
      const char *name = anx_desk_service_name_principal (service, call->principal);
      /* Translators: time, name, role: 10:02 Wang Fang (on duty) was called. */
      g_autofree char *text = g_strdup_printf (call->present ? _ ("%s  %s (%s) was called")
                                                             : _ ("%s  %s (%s) was called; the desk was not connected"),
                                               when, name, describe_step (call->step));
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, "caption"));
    }
  for (guint i = 0; alert->answers != NULL && i < alert->answers->len; i++)
    {
      const AnxDeskCallOut *answer = g_ptr_array_index (alert->answers, i);
      g_autofree char *when = anx_ui_format_time (answer->at_usec, zone);
      g_autofree char *text = g_strdup_printf (_ ("%s  %s said: I am going"), when,
                                               anx_desk_service_name_principal (service, answer->principal));
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, "caption"));
    }
  if (!alert->acknowledged && alert->next_usec > now)
    {
      g_autofree char *when = anx_ui_format_time (alert->next_usec, zone);
      g_autofree char *text = g_strdup_printf (_ ("If nobody answers, the next person is called at %s."), when);
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, "caption"));
    }
  if (!alert->acknowledged && alert->calls == NULL)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("The hub has not said yet whom it calls. Everybody on duty here is meant."),
                                                       "caption"));
}

static void
append_levels (AnxDeskService *service,
               GtkWidget *box,
               const AnxDeskAlert *alert)
{
  const char *zone = anx_desk_service_get_zone (service);

  for (guint i = 0; alert->levels != NULL && i < alert->levels->len; i++)
    {
      const AnxDeskLevelChange *change = g_ptr_array_index (alert->levels, i);
      g_autofree char *when = anx_ui_format_time (change->record->created_usec, zone);
      /* Translators: time, name, new level, reason. */
      g_autofree char *text = g_strdup_printf (change->counts ? _ ("%s  %s set the level to “%s”: %s")
                                                              : _ ("%s  %s wanted the level “%s”; it does not count, because the directory names no such counsellor of this centre now: %s"),
                                               when,
                                               anx_desk_service_name_principal (service, change->record->author),
                                               anx_desk_level_text (change->level),
                                               change->reason != NULL ? change->reason : _ ("the reason is not for you to read"));
      gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, "caption"));
    }
}

static GtkWidget *
build_level_button (AnxDeskService *service,
                    const AnxDeskAlert *alert)
{
  /* The dialog lets only counsellors lower it. */
  static const char *const ROLES[] = { "counsellor", "duty", "staff", "lead" };
  gboolean allowed = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (ROLES); i++)
    allowed = allowed || anx_desk_service_has_role (service, ROLES[i]);
  GtkWidget *button = allowed ? anx_desk_button_new (_ ("Change the _level…"), "flat", "win.change-level", alert->id) : NULL;

  if (button != NULL)
    gtk_widget_set_halign (button, GTK_ALIGN_START);
  return button;
}

/* What colleagues wrote about somebody who is in danger now. */
static void
append_glass (AnxDeskService *service,
              GtkWidget *box,
              const AnxDeskAlert *alert)
{
  const char *centre = anx_desk_glass_get_centre (service);
  if (centre == NULL || g_strcmp0 (centre, alert->centre) != 0)
    return;
  GtkWidget *button = anx_desk_button_new (_ ("What a colleague _wrote before…"), NULL, "win.break-glass", NULL);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), button);
}

static GtkWidget *
build_open (AnxDeskService *service,
            const AnxDeskAlert *alert)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  gint64 minutes = MAX (0, anx_desk_model_now_usec (model) - alert->created_usec) / ANX_USEC_PER_MINUTE;
  g_autofree char *place = describe_place (service, alert);
  g_autofree char *when = anx_ui_format_day_time (alert->created_usec, anx_desk_service_get_zone (service));
  g_autofree char *passed = anx_desk_minutes_text (minutes);
  /* Translators: the time of the alert, then "for 7 minutes" or "just now". */
  g_autofree char *since = g_strdup_printf (_ ("Since %s (%s). Nobody has answered yet."), when, passed);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "padded");
  GtkWidget *chip = anx_desk_chip_new ("dialog-warning-symbolic", anx_desk_level_text (alert->level),
                                       alert->level == ANX_LEVEL_RED ? "bad" : "warn");
  gtk_widget_set_halign (chip, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (words), chip);
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (place, "title-3"));
  gtk_box_append (GTK_BOX (words), anx_desk_label_new (since, NULL));
  if (g_strcmp0 (alert->reason, "help-button") == 0)
    gtk_box_append (GTK_BOX (words), anx_desk_label_new (_ ("The resident pressed “I need help now”."), NULL));
  else if (g_strcmp0 (alert->reason, "call-dropped") == 0)
    gtk_box_append (GTK_BOX (words), anx_desk_label_new (_ ("The video line broke for a minute. The resident is alone in the room."),
                                                         NULL));
  append_calls (service, words, alert);
  append_levels (service, words, alert);
  GtkWidget *change = build_level_button (service, alert);
  if (change != NULL)
    gtk_box_append (GTK_BOX (words), change);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (head), words);
  if (anx_desk_service_may_answer (service, alert))
    {
      GtkWidget *button = anx_desk_button_new (_ ("I am _going"), "destructive-action", "win.acknowledge", alert->id);
      GtkWidget *both = anx_desk_button_new (_ ("I am going, and _call the room now"), "flat", "win.answer-and-call", alert->id);
      GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
      gtk_widget_add_css_class (button, "pill");
      gtk_widget_set_valign (buttons, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (buttons), button);
      gtk_box_append (GTK_BOX (buttons), both);
      gtk_box_append (GTK_BOX (head), buttons);
    }
  gtk_box_append (GTK_BOX (card), head);
  append_glass (service, card, alert);
  append_screenings (service, card, alert);
  return card;
}

static GtkWidget *
build_done (AnxDeskService *service,
            const AnxDeskAlert *alert)
{
  const char *zone = anx_desk_service_get_zone (service);
  g_autofree char *place = describe_place (service, alert);
  g_autofree char *raised = anx_ui_format_day_time (alert->created_usec, zone);
  g_autofree char *answered = anx_ui_format_time (alert->acknowledged_usec, zone);
  g_autofree char *title = g_strdup_printf ("%s · %s", place, raised);
  g_autofree char *subtitle
      = g_strdup_printf (_ ("%s is going, answered at %s"),
                         anx_desk_service_name_principal (service, alert->acknowledged_by), answered);
  GtkWidget *row = adw_expander_row_new ();

  /* Names may hold what markup would take for itself. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_autofree char *escaped = g_markup_escape_text (subtitle, -1);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), escaped);
  GtkWidget *history = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *change = build_level_button (service, alert);

  gtk_widget_set_margin_start (history, 12);
  gtk_widget_set_margin_bottom (history, 8);
  append_calls (service, history, alert);
  append_levels (service, history, alert);
  if (change != NULL)
    gtk_box_append (GTK_BOX (history), change);
  append_glass (service, history, alert);
  append_screenings (service, history, alert);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), history);
  AnxDeskModel *model = anx_desk_service_get_model (service);
  if (anx_desk_alert_is_answered_by (alert, anx_desk_model_get_principal (model))
      && anx_desk_model_now_usec (model) - alert->created_usec < TALK_USEC)
    {
      GtkWidget *talk = anx_desk_button_new (_ ("_Video with the room"), "suggested-action", "win.talk", alert->id);
      gtk_widget_set_valign (talk, GTK_ALIGN_CENTER);
      adw_expander_row_add_action (ADW_EXPANDER_ROW (row), talk);
    }
  adw_expander_row_add_action (ADW_EXPANDER_ROW (row),
                               anx_desk_chip_new ("object-select-symbolic", anx_desk_level_text (alert->level), "quiet"));
  return row;
}

static GtkWidget *
build (AnxDeskService *service)
{
  AnxDeskModel *model = anx_desk_service_get_model (service);
  gint64 oldest = anx_desk_model_now_usec (model) - SHOWN_USEC;
  g_autoptr (GPtrArray) alerts = anx_desk_model_list_alerts (model);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *list = anx_desk_list_new ();
  guint open = 0;
  guint done = 0;

  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Open alerts")));
  for (guint i = 0; i < alerts->len; i++)
    {
      const AnxDeskAlert *alert = g_ptr_array_index (alerts, i);
      if (!alert->acknowledged)
        {
          gtk_box_append (GTK_BOX (box), build_open (service, alert));
          open++;
        }
      else if (alert->created_usec >= oldest)
        {
          gtk_list_box_append (GTK_LIST_BOX (list), build_done (service, alert));
          done++;
        }
    }
  if (open == 0)
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("No open alerts."), "dim-label"));
  gtk_box_append (GTK_BOX (box), anx_desk_heading_new (_ ("Answered in the last seven days")));
  if (done == 0)
    gtk_list_box_append (GTK_LIST_BOX (list), anx_desk_row_new (_ ("None"), NULL));
  gtk_box_append (GTK_BOX (box), list);
  return box;
}

/**
 * anx_alerts_page_new:
 * @service: the service
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_alerts_page_new (AnxDeskService *service)
{
  return anx_desk_page_new (anx_desk_live_new (service, build), 900);
}
