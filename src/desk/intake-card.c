/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake-card.h"

#include <glib/gi18n.h>

#include "booking-dialog.h"
#include "desk-dialog.h"
#include "desk-problem.h"
#include "desk-widgets.h"
#include "ui-text.h"
#include "wrap-line.h"

/* What a button of a card needs, after the card itself was drawn anew. */
typedef struct
{
  AnxDeskService *service;
  AnxDeskBookings *bookings;
  GtkLabel *answer;
  char *id;
} Card;

static Card *
card_new (AnxDeskService *service,
          const char *id,
          GtkLabel *answer)
{
  Card *card = g_new0 (Card, 1);
  card->service = g_object_ref (service);
  card->bookings = g_object_ref (anx_desk_bookings_get (service));
  card->answer = g_object_ref (answer);
  card->id = g_strdup (id);
  return card;
}

static void
card_free (gpointer data)
{
  Card *card = data;
  g_object_unref (card->service);
  g_object_unref (card->bookings);
  g_object_unref (card->answer);
  g_free (card->id);
  g_free (card);
}

static void
on_answered (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (GtkLabel) label = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = anx_desk_bookings_finish (ANX_DESK_BOOKINGS (source), result, &error);
  g_autofree char *reason = answer == NULL ? anx_desk_problem_explain (error) : NULL;

  gtk_label_set_text (label, reason != NULL ? reason : "");
}

static void
on_take (GtkButton *button,
         Card *card)
{
  anx_desk_bookings_intake_async (card->bookings, card->id, NULL, on_answered, g_object_ref (card->answer));
}

static GtkWindow *
find_window (GtkButton *button)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));
}

static void
on_book (GtkButton *button,
         Card *card)
{
  anx_booking_dialog_present_outreach (find_window (button), card->service, card->id);
}

static void
on_outcome (AdwMessageDialog *dialog,
            const char *response,
            Card *card)
{
  if (!g_str_equal (response, "keep"))
    anx_desk_bookings_intake_async (card->bookings, card->id, response, on_answered, g_object_ref (card->answer));
}

/* The card may be drawn anew while the question stands. */
static void
on_close (GtkButton *button,
          Card *card)
{
  GtkWidget *dialog = adw_message_dialog_new (find_window (button), _ ("How did it end?"),
                                              _ ("Whoever sent it is told that it is closed, and nothing more."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep it open"), "reached", _ ("We _spoke with the person"), "not-reached",
                                    _ ("The person could _not be reached"), "elsewhere", _ ("_Another service looks after the person"), NULL);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_outcome), card_new (card->service, card->id, card->answer), (GClosureNotify) card_free, 0);
  anx_desk_dialog_present (dialog);
}

static void
add_button (GtkWidget *line,
            const char *label,
            const char *style,
            GCallback callback,
            Card *card)
{
  GtkWidget *button = anx_desk_button_new (label, style, NULL, NULL);
  g_autofree char *name = g_strdup_printf ("%s %s", label, card->id);

  gtk_widget_set_name (button, name);
  g_signal_connect_data (button, "clicked", callback, card_new (card->service, card->id, card->answer), (GClosureNotify) card_free, 0);
  anx_wrap_line_append (ANX_WRAP_LINE (line), button);
}

static GtkWidget *
build_source (const char *source)
{
  if (g_str_equal (source, "hotline"))
    return anx_desk_chip_new ("call-start-symbolic", _ ("From the hotline"), NULL);
  if (g_str_equal (source, "grid"))
    return anx_desk_chip_new ("avatar-default-symbolic", _ ("From a grid worker"), NULL);
  return anx_desk_chip_new ("alarm-symbolic", _ ("From an alarm"), NULL);
}

static void
add_text (GtkWidget *box,
          const char *text,
          const char *style)
{
  if (text != NULL && *text != '\0')
    gtk_box_append (GTK_BOX (box), anx_desk_label_new (text, style));
}

static void
add_content (GtkWidget *box,
             const AnxIntake *content)
{
  add_text (box, content->name != NULL ? content->name : _ ("Nobody knows the name"), "title-3");
  add_text (box, content->phone, "title-3");
  add_text (box, content->address, NULL);
  add_text (box, content->reported, NULL);
  add_text (box, content->agreed ? _ ("The person knows of it and wants to be called.") : _ ("The person does not know that we were asked. Please say first who you are."), NULL);
  if (content->reporter == NULL && content->reporter_phone == NULL)
    return;
  g_autofree char *who = g_strdup_printf ("%s %s", content->reporter != NULL ? content->reporter : "", content->reporter_phone != NULL ? content->reporter_phone : "");
  g_autofree char *text = g_strdup_printf (_ ("Reported by: %s. Please do not tell the person who it was."), g_strstrip (who));
  add_text (box, text, NULL);
}

/**
 * anx_intake_card_new:
 * @service: the service
 * @intake: an open case
 * @answer: where a refusal is said
 *
 * Returns: (transfer floating): the card
 */
GtkWidget *
anx_intake_card_new (AnxDeskService *service,
                     const AnxDeskIntake *intake,
                     GtkLabel *answer)
{
  const AnxIntake *content = anx_desk_bookings_read_intake (anx_desk_bookings_get (service), intake->id);
  const char *zone = anx_desk_service_get_zone (service);
  gint64 now = anx_desk_model_now_usec (anx_desk_service_get_model (service));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *chips = anx_wrap_line_new (6);
  GtkWidget *buttons = anx_wrap_line_new (6);
  AnxUrgency urgency = ANX_URGENCY_IMMEDIATE;
  Card *card = card_new (service, intake->id, answer);

  anx_urgency_from_string (intake->urgency, &urgency);
  gtk_widget_add_css_class (box, "padded");
  gtk_box_append (GTK_BOX (box), anx_desk_label_new (_ ("Somebody should be looked after"), "heading"));
  anx_wrap_line_append (ANX_WRAP_LINE (chips), build_source (intake->source));
  anx_wrap_line_append (ANX_WRAP_LINE (chips), anx_desk_chip_new ("appointment-soon-symbolic", anx_desk_urgency_text (urgency), NULL));
  anx_wrap_line_append (ANX_WRAP_LINE (chips), anx_desk_light_new (anx_level_from_string (intake->light), intake->due_usec, now, zone));
  gtk_box_append (GTK_BOX (box), chips);
  if (content != NULL)
    add_content (box, content);
  else
    add_text (box, _ ("What is written in it is not here yet, or is not for you to read."), "dim-label");
  if (intake->taken_by != NULL)
    {
      g_autofree char *when = anx_ui_format_day_time (intake->taken_usec, zone);
      g_autofree char *text
        = g_strdup_printf (_ ("%s looks after it since %s"), anx_desk_service_name_principal (service, intake->taken_by), when);
      add_text (box, text, NULL);
      add_button (buttons, _ ("Book for this person…"), "suggested-action", G_CALLBACK (on_book), card);
      add_button (buttons, _ ("Close…"), NULL, G_CALLBACK (on_close), card);
    }
  else
    add_button (buttons, _ ("I look after it"), "suggested-action", G_CALLBACK (on_take), card);
  gtk_box_append (GTK_BOX (box), buttons);
  card_free (card);
  return box;
}
