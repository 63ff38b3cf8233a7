/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>
#include <string.h>

#include "json.h"
#include "resident-window.h"
#include "screen-shape.h"

/* Who asks for help may sit quietly for long; the screen stays for them. */
#define HELP_IDLE_SECONDS 600
/* Characters of a number that leave room for a name beside it, in the largest letters: on half a low screen, and across a high one. */
#define SHORT_NUMBER 6
#define LONG_NUMBER 14

/*
 * The truth about the last call, whatever became of those before: whether it can be written at all; then, in the order of what a person wants
 * to hear, somebody is coming; it has arrived; it waits, and what to do meanwhile.
 */
static char *
describe_alert (AnxResident *resident)
{
  const char *alert = anx_resident_get_alert (resident);

  if (anx_resident_is_alert_unsealed (resident))
    return g_strdup (_ ("The message could not be sent. Please go out to the staff now, or call one of these numbers."));
  if (anx_resident_is_alert_failing (resident))
    return g_strdup (_ ("The message could not be sent yet. Please go out to the staff, or call one of these numbers. This "
                        "machine goes on trying."));
  if (alert == NULL || anx_resident_is_alert_rising (resident))
    return g_strdup (_ ("Your message is being handed on. You can also go out to the staff, or call one of these numbers."));
  if (anx_resident_is_alert_answered (resident))
    {
      const char *helper = anx_resident_get_alert_helper (resident);
      if (helper == NULL)
        return g_strdup (_ ("Someone has seen your message and is on the way. Please stay here."));
      /* Translators: %s is the name of a member of staff. */
      return g_strdup_printf (_ ("%s has seen your message and is on the way. Please stay here."), helper);
    }
  if (anx_resident_is_acknowledged (resident, alert))
    return g_strdup (_ ("Your message has reached the people on duty. We will say here when someone is on the way."));
  if (anx_resident_is_alert_nearby (resident))
    return g_strdup (_ ("Your message is on a colleague's screen in this building. We will say here when someone is on "
                        "the way. You can also go out to the staff, or call one of these numbers."));
  if (anx_resident_is_online (resident))
    return g_strdup (_ ("Your message is on its way to the people on duty."));
  return g_strdup (_ ("The network is not there just now. Your message is kept and goes out as soon as it is back. "
                      "Please do not wait for it: go out to the staff, or call one of these numbers now."));
}

static void
on_alert_changed (GtkWidget *label)
{
  AnxResident *resident = g_object_get_data (G_OBJECT (label), "anx-resident");
  g_autofree char *text = describe_alert (resident);

  gtk_label_set_label (GTK_LABEL (label), text);
}

static GtkWidget *
make_state (AnxResident *resident)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 28),
            *icon = gtk_image_new_from_icon_name ("anx-person-symbolic");
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (card, "calm");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 64);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  g_object_set_data_full (G_OBJECT (label), "anx-resident", g_object_ref (resident), g_object_unref);
  g_signal_connect_object (resident, "alert-changed", G_CALLBACK (on_alert_changed), label, G_CONNECT_SWAPPED);
  g_signal_connect_object (resident, "acknowledged", G_CALLBACK (on_alert_changed), label, G_CONNECT_SWAPPED);
  g_signal_connect_object (resident, "alert-answered", G_CALLBACK (on_alert_changed), label, G_CONNECT_SWAPPED);
  g_signal_connect_object (resident, "link-state-changed", G_CALLBACK (on_alert_changed), label, G_CONNECT_SWAPPED);
  on_alert_changed (label);
  gtk_box_append (GTK_BOX (card), icon);
  gtk_box_append (GTK_BOX (card), label);
  return card;
}

static const char *
name_of_number (const char *name)
{
  if (g_str_equal (name, "centre"))
    return _ ("The staff of this centre");
  if (g_str_equal (name, "hotline"))
    return _ ("Someone to talk to, by telephone");
  if (g_str_equal (name, "ambulance"))
    return _ ("Ambulance");
  if (g_str_equal (name, "police"))
    return _ ("Police");
  return name;
}

/* Whose number it is stands beside it, or below where both have no room: a number is never cut off. */
static GtkWidget *
make_number (const char *name, const char *number, gboolean narrow)
{
  gboolean below = strlen (number) > (narrow ? SHORT_NUMBER : LONG_NUMBER);
  GtkWidget *card = gtk_box_new (below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL, below ? 4 : 28);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20);
  GtkWidget *icon = gtk_image_new_from_icon_name ("anx-phone-symbolic"), *digits = gtk_label_new (number),
            *words = gtk_label_new (name);

  gtk_widget_add_css_class (card, "number-card");
  gtk_widget_add_css_class (digits, "number");
  gtk_widget_add_css_class (words, "number-name");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 44);
  gtk_widget_add_css_class (icon, "choice-chevron");
  gtk_label_set_xalign (GTK_LABEL (digits), 0);
  gtk_label_set_wrap (GTK_LABEL (digits), below);
  gtk_label_set_wrap_mode (GTK_LABEL (digits), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_wrap (GTK_LABEL (words), TRUE);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), digits);
  gtk_box_append (GTK_BOX (card), row);
  gtk_box_append (GTK_BOX (card), words);
  return card;
}

static GtkWidget *
make_numbers (AnxResident *resident, gboolean wide)
{
  GtkWidget *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, wide ? 10 : 20);
  JsonArray *numbers = anx_json_get_array (anx_resident_get_context (resident), "helpNumbers");

  for (guint i = 0; numbers != NULL && i < json_array_get_length (numbers); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonObject *entry = anx_json_array_need_object (numbers, i, &error);
      if (entry == NULL)
        continue;
      const char *name = name_of_number (anx_json_get_string (entry, "name", ""));
      gtk_box_append (GTK_BOX (list), make_number (name, anx_json_get_string (entry, "number", ""), wide));
    }
  return list;
}

static void
on_go_on (GtkButton *button, AnxResidentWindow *window)
{
  anx_resident_window_back (window);
}

/**
 * anx_help_page_make:
 * @window: the window
 * @data: (nullable): why help was called, as in anx_resident_window_show_help()
 *
 * What somebody in distress sees: what is true about the call for help, and the numbers that always work. Calm, no red.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_help_page_make (AnxResidentWindow *window, gpointer data)
{
  AnxResident *resident = anx_resident_window_get_resident (window);
  GtkWidget *page = anx_page_new (_ ("We are here for you"),
                                  _ ("It is good that you said so. You do not have to bear this alone."));
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));

  /* Beside each other on a wide screen, so that no number is below the edge. */
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (window));
  GtkWidget *split = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, wide ? 32 : 28);
  GtkWidget *state = make_state (resident);

  gtk_box_set_homogeneous (GTK_BOX (split), wide);
  gtk_widget_set_valign (state, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (split), state);
  gtk_box_append (GTK_BOX (split), make_numbers (resident, wide));
  gtk_box_append (content, split);
  /* An answer brought us here, not the button: whoever wants to may go on answering, now or after talking to somebody.
   */
  if (data != NULL && !g_str_equal (data, "help-button"))
    anx_page_set_secondary (ANX_PAGE (page), _ ("Go on with the questions"), G_CALLBACK (on_go_on), window);
  anx_page_set_idle_limit (ANX_PAGE (page), HELP_IDLE_SECONDS);
  return page;
}
