/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "care-records.h"
#include "clock.h"
#include "json.h"
#include "session.h"
#include "ui-text.h"

#define STARS 5

typedef struct
{
  AnxSession *session; /* the page belongs to it */
  AnxResidentWindow *window;
  AnxResident *resident;
  AnxPage *page;
  GtkWidget *stars[STARS];
  int chosen; /* 0 = none */
} RatingPage;

static void
rating_page_free (gpointer data)
{
  RatingPage *self = data;

  anx_session_unref (self->session);
  g_free (self);
}

static void
on_done (GtkButton *button, AnxResidentWindow *window)
{
  anx_resident_window_home (window);
}

static void
on_leave (GtkButton *button, AnxResidentWindow *window)
{
  anx_resident_window_leave (window);
}

static GtkWidget *
anx_thanks_page_make (AnxResidentWindow *window, gpointer data)
{
  GtkWidget *page
      = anx_page_new (_ ("Thank you, and take care"), _ ("You can come back at any time, also without a booking."));

  anx_page_set_secondary (ANX_PAGE (page), _ ("Something else"), G_CALLBACK (on_done), window);
  anx_page_set_primary (ANX_PAGE (page), _ ("Leave"), "anx-leave-symbolic", G_CALLBACK (on_leave), window);
  return page;
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) page = user_data;
  RatingPage *self = g_object_get_data (G_OBJECT (page), "anx-rating");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = anx_resident_submit_finish (ANX_RESIDENT (source), result, &error);

  /* The resident may have gone on meanwhile; what they opened upon this page stays. */
  if (id != NULL)
    anx_page_stack_exchange (anx_resident_window_get_pages (self->window), self->session, anx_thanks_page_make, NULL, NULL);
  else
    anx_page_show_problem (self->page, error->message, _ ("Go on without rating"), G_CALLBACK (on_done), self->window);
}

static void
on_send (GtkButton *button, RatingPage *self)
{
  JsonObject *booking = anx_resident_get_booking (self->resident);
  const char *booking_id = booking != NULL ? anx_json_get_string (booking, "id", NULL) : NULL;
  g_autofree char *staff = anx_resident_find_group (self->resident, "staff");
  const char *recipients[] = { staff, NULL };
  g_autoptr (AnxClock) clock = anx_clock_new_system ();
  g_autoptr (JsonObject) routing = json_object_new (), rating = NULL;

  if (staff == NULL || self->chosen == 0)
    {
      anx_resident_window_replace (self->window, anx_thanks_page_make, NULL, NULL);
      return;
    }
  if (booking_id != NULL)
    json_object_set_string_member (routing, "booking", booking_id);
  rating = anx_rating_build (self->chosen, booking_id, anx_clock_now_usec (clock));
  anx_page_set_busy (self->page, _ ("Keeping your answer…"));
  anx_resident_submit_async (self->resident, ANX_KIND_RATING, recipients, NULL, routing, rating, on_submitted,
                             g_object_ref (self->page));
}

static void
on_skip (GtkButton *button, RatingPage *self)
{
  anx_resident_window_replace (self->window, anx_thanks_page_make, NULL, NULL);
}

static void
on_star (GtkToggleButton *button, RatingPage *self)
{
  gboolean active = gtk_toggle_button_get_active (button);

  gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_CHECKED,
                               active ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  if (!active)
    return;
  self->chosen = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-stars"));
  for (int i = 0; i < STARS; i++)
    gtk_image_set_from_icon_name (GTK_IMAGE (gtk_button_get_child (GTK_BUTTON (self->stars[i]))),
                                  i < self->chosen ? "anx-star-symbolic" : "anx-star-empty-symbolic");
  anx_page_set_primary_sensitive (self->page, TRUE);
}

static GtkWidget *
make_stars (RatingPage *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20);

  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  for (int i = 0; i < STARS; i++)
    {
      GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, NULL);
      GtkWidget *image = gtk_image_new_from_icon_name ("anx-star-empty-symbolic");
      g_autofree char *name = g_strdup_printf (ngettext ("%d star of 5", "%d stars of 5", (gulong) (i + 1)), i + 1);

      gtk_image_set_pixel_size (GTK_IMAGE (image), 88);
      gtk_button_set_child (GTK_BUTTON (button), image);
      gtk_widget_add_css_class (button, "star");
      anx_ui_set_accessible_name (button, name);
      g_object_set_data (G_OBJECT (button), "anx-stars", GINT_TO_POINTER (i + 1));
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (self->stars[0]));
      self->stars[i] = button;
      g_signal_connect (button, "toggled", G_CALLBACK (on_star), self);
      gtk_box_append (GTK_BOX (row), button);
    }
  return row;
}

/**
 * anx_rating_page_make:
 * @window: the window
 * @data: (type AnxSession): the session that ended
 *
 * One question after a session. The answer goes sealed to the staff of the centre, not to the counsellor.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_rating_page_make (AnxResidentWindow *window, gpointer data)
{
  GtkWidget *page = anx_page_new (_ ("How was the talk?"),
                                  _ ("Only the staff of this centre read your answer, not your counsellor."));
  RatingPage *self = g_new0 (RatingPage, 1);
  GtkBox *content = anx_page_get_content (ANX_PAGE (page));
  GtkWidget *ends = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *low = gtk_label_new (_ ("Not so good")),
            *high = gtk_label_new (_ ("Very good"));

  self->session = anx_session_ref (data);
  self->window = window;
  self->resident = anx_resident_window_get_resident (window);
  self->page = ANX_PAGE (page);
  g_object_set_data_full (G_OBJECT (page), "anx-rating", self, rating_page_free);
  gtk_box_append (content, make_stars (self));
  gtk_widget_set_hexpand (low, TRUE);
  gtk_widget_set_halign (low, GTK_ALIGN_START);
  gtk_widget_add_css_class (low, "page-line");
  gtk_widget_add_css_class (high, "page-line");
  gtk_box_append (GTK_BOX (ends), low);
  gtk_box_append (GTK_BOX (ends), high);
  gtk_box_append (content, ends);
  anx_page_set_secondary (ANX_PAGE (page), _ ("Skip"), G_CALLBACK (on_skip), self);
  anx_page_set_primary (ANX_PAGE (page), _ ("Send"), "anx-check-symbolic", G_CALLBACK (on_send), self);
  anx_page_set_primary_sensitive (ANX_PAGE (page), FALSE);
  return page;
}
