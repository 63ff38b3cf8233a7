/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "directory-words.h"
#include "session.h"
#include "ui-text.h"
#include "video-view.h"

/* After a call that ended by error nobody is on the line any more. */
#define ENDED_IDLE_SECONDS 120

typedef struct
{
  AnxResidentWindow *window;
  AnxPage *page;
  AnxSession *session;
  AnxCall *call; /* (nullable) */
  GtkWidget *camera;
  GtkWidget *microphone;
} CallPage;

static void
call_page_free (gpointer data, GObject *page)
{
  CallPage *self = data;

  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  anx_session_unref (self->session);
  g_free (self);
}

static void
on_end (GtkButton *button, CallPage *self)
{
  if (self->call != NULL && anx_call_get_state (self->call) != ANX_CALL_ENDED)
    anx_call_end (self->call);
  else
    anx_resident_window_home (self->window);
}

static void
on_wait_again (GtkButton *button, CallPage *self)
{
  anx_resident_window_replace (self->window, anx_waiting_page_make, anx_session_ref (self->session), anx_session_unref);
}

static void
set_device (GtkWidget *button, const char *icon_name, const char *text, const char *action)
{
  GtkWidget *box = gtk_button_get_child (GTK_BUTTON (button)), *icon = gtk_widget_get_first_child (box);
  GtkWidget *label = gtk_widget_get_next_sibling (icon);

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), icon_name);
  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, action, -1);
}

static void
call_page_update_devices (CallPage *self)
{
  gboolean camera = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->camera));
  gboolean microphone = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->microphone));

  set_device (self->camera, camera ? "anx-camera-symbolic" : "anx-camera-off-symbolic",
              camera ? _ ("Camera is on") : _ ("Camera is off"),
              camera ? _ ("Touch to turn the camera off") : _ ("Touch to turn the camera on"));
  set_device (self->microphone, microphone ? "anx-microphone-symbolic" : "anx-microphone-off-symbolic",
              microphone ? _ ("Microphone is on") : _ ("Microphone is off"),
              microphone ? _ ("Touch to turn the microphone off") : _ ("Touch to turn the microphone on"));
}

static void
on_device (GtkToggleButton *button, CallPage *self)
{
  anx_call_set_camera_on (self->call, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->camera)));
  anx_call_set_microphone_on (self->call, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->microphone)));
  call_page_update_devices (self);
}

static GtkWidget *
make_device (void)
{
  GtkWidget *button = gtk_toggle_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14),
            *icon = gtk_image_new ();

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 36);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  gtk_widget_add_css_class (button, "device");
  return button;
}

static void
on_state (CallPage *self)
{
  AnxCallState state = anx_call_get_state (self->call);

  if (state == ANX_CALL_RECONNECTING)
    anx_page_set_line (self->page, _ ("The line broke. It connects again by itself; please stay."));
  else if (state == ANX_CALL_LIVE)
    {
      guint quality = 0;
      const char *problem = anx_call_get_problem (self->call);

      g_object_get (self->call, "quality", &quality, NULL);
      /* A device that is missing, while the call goes on; else a line so weak that it is noticed. */
      anx_page_set_line (self->page,
                         problem == NULL && quality > 0 && quality < 3 ? anx_call_quality_to_words (quality) : problem);
    }
  else
    anx_page_set_line (self->page, NULL);
  if (state != ANX_CALL_ENDED || anx_call_get_end_reason (self->call) != ANX_CALL_ENDED_BY_ERROR)
    return;
  anx_resident_window_set_idle_limit (self->window, ENDED_IDLE_SECONDS);
  anx_page_show_problem (self->page,
                         anx_call_get_problem (self->call) != NULL ? anx_call_get_problem (self->call)
                                                                   : _ ("The line broke and could not be made again."),
                         _ ("Wait for the counsellor again"), G_CALLBACK (on_wait_again), self);
}

static void
call_page_fill (CallPage *self)
{
  GtkBox *content = anx_page_get_content (self->page);
  GtkWidget *video = anx_video_view_new (), *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20);

  gtk_widget_set_vexpand (video, TRUE);
  anx_video_view_set_call (ANX_VIDEO_VIEW (video), self->call);
  gtk_box_append (content, video);
  self->camera = make_device ();
  self->microphone = make_device ();
  call_page_update_devices (self);
  g_signal_connect (self->camera, "toggled", G_CALLBACK (on_device), self);
  g_signal_connect (self->microphone, "toggled", G_CALLBACK (on_device), self);
  gtk_widget_set_halign (bar, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (bar), self->camera);
  gtk_box_append (GTK_BOX (bar), self->microphone);
  gtk_box_append (content, bar);
}

/**
 * anx_call_page_make:
 * @window: the window
 * @data: (type AnxSession): the session
 *
 * The picture of the counsellor, what of ours is on, and the way out. While it is live nobody has to touch the screen.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_call_page_make (AnxResidentWindow *window, gpointer data)
{
  AnxSession *session = data;
  CallPage *self = g_new0 (CallPage, 1);
  g_autofree char *heading = g_strdup_printf (
      /* Translators: a counsellor's name. */
      _ ("Talking with %s"),
      anx_words_of_principal (anx_resident_window_get_resident (window), anx_session_get_counsellor (session)));

  self->window = window;
  self->session = anx_session_ref (session);
  self->page = ANX_PAGE (anx_page_new (heading, NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->page), "call");
  /* When the widget is gone, its handlers on the call must be, too: the call may live on for a moment. */
  g_object_weak_ref (G_OBJECT (self->page), call_page_free, self);
  g_set_object (&self->call, anx_session_get_call (session));
  if (self->call == NULL)
    {
      anx_page_show_problem (self->page,
                             anx_session_get_problem (session) != NULL ? anx_session_get_problem (session)
                                                                       : _ ("The session has ended"),
                             _ ("Wait for the counsellor again"), G_CALLBACK (on_wait_again), self);
      return GTK_WIDGET (self->page);
    }
  call_page_fill (self);
  anx_page_set_primary (self->page, _ ("End session"), "anx-end-symbolic", G_CALLBACK (on_end), self);
  anx_resident_window_set_idle_limit (window, 0);
  g_signal_connect_swapped (self->call, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect_swapped (self->call, "notify::problem", G_CALLBACK (on_state), self);
  g_signal_connect_swapped (self->call, "notify::quality", G_CALLBACK (on_state), self);
  on_state (self);
  return GTK_WIDGET (self->page);
}
