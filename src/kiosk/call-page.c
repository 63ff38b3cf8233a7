/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "call-error.h"
#include "call-text.h"
#include "call-tiles.h"
#include "directory-words.h"
#include "json.h"
#include "keyboard.h"
#include "screen-shape.h"
#include "session.h"
#include "ui-text.h"

/* After a call that ended by error nobody is on the line any more. */
#define ENDED_IDLE_SECONDS 120

typedef struct
{
  AnxResidentWindow *window;
  AnxPage *page;
  AnxSession *session;
  AnxCall *call; /* (nullable) */
  AnxCallCompany *company; /* (nullable): the others of a joint session */
  GtkWidget *camera;
  GtkWidget *microphone;
  GtkWidget *write;    /* the switch beside them */
  GtkWidget *side;     /* what is written, and the keys */
  AnxCallText *text;
  AnxKeyboard *keyboard;
  GtkWidget *keys;
  GtkWidget *send;
} CallPage;

static void
call_page_free (gpointer data, GObject *page)
{
  CallPage *self = data;

  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  if (self->company != NULL)
    g_signal_handlers_disconnect_by_data (self->company, self);
  g_clear_object (&self->company);
  anx_session_unref (self->session);
  g_free (self);
}

static void
on_end (GtkButton *button, CallPage *self)
{
  if (self->call != NULL && anx_call_get_state (self->call) != ANX_CALL_ENDED)
    anx_call_end (self->call);
  else if (anx_session_is_for_alert (self->session))
    anx_resident_window_back (self->window);
  else
    anx_resident_window_home (self->window);
}

static const char *
again_text (CallPage *self)
{
  return anx_session_is_for_alert (self->session) ? _ ("Back to the page before") : _ ("Wait for the counsellor again");
}

static void
on_wait_again (GtkButton *button, CallPage *self)
{
  if (anx_session_is_for_alert (self->session))
    {
      anx_resident_window_back (self->window);
      return;
    }
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

/* Camera and microphone are open while anybody is there to see and hear. */
static gboolean
call_page_is_live (CallPage *self)
{
  const char *const *peers = self->company != NULL ? anx_call_company_get_peers (self->company) : NULL;
  gboolean live = anx_call_get_state (self->call) == ANX_CALL_LIVE;

  for (guint i = 0; peers != NULL && peers[i] != NULL && !live; i++)
    {
      AnxCall *call = anx_call_company_get_call (self->company, peers[i]);
      live = call != NULL && anx_call_get_state (call) == ANX_CALL_LIVE;
    }
  return live;
}

static void
call_page_update_devices (CallPage *self)
{
  /* Nothing is open before the other side is there; whether it will be then can be chosen before. */
  AnxCallState state = anx_call_get_state (self->call);
  gboolean live = call_page_is_live (self), ended = state == ANX_CALL_ENDED;
  gboolean camera = !ended && anx_call_is_camera_on (self->call), microphone = !ended && anx_call_is_microphone_on (self->call);

  set_device (self->camera, live && camera ? "anx-camera-symbolic" : "anx-camera-off-symbolic",
              live || ended ? (camera ? _ ("Camera is on") : _ ("Camera is off")) : camera ? _ ("Camera on soon") : _ ("Camera stays off"),
              camera ? _ ("Touch to turn the camera off") : _ ("Touch to turn the camera on"));
  set_device (self->microphone, live && microphone ? "anx-microphone-symbolic" : "anx-microphone-off-symbolic",
              live || ended ? (microphone ? _ ("Microphone is on") : _ ("Microphone is off"))
              : microphone  ? _ ("Microphone on soon")
                            : _ ("Microphone stays off"),
              microphone ? _ ("Touch to turn the microphone off") : _ ("Touch to turn the microphone on"));
  gtk_widget_set_sensitive (self->camera, !ended);
  gtk_widget_set_sensitive (self->microphone, !ended);
}

static void
on_camera (GtkToggleButton *button, CallPage *self)
{
  anx_call_set_camera_on (self->call, gtk_toggle_button_get_active (button));
  if (self->company != NULL)
    anx_call_company_set_camera_on (self->company, gtk_toggle_button_get_active (button));
  call_page_update_devices (self);
}

static void
on_microphone (GtkToggleButton *button, CallPage *self)
{
  anx_call_set_microphone_on (self->call, gtk_toggle_button_get_active (button));
  if (self->company != NULL)
    anx_call_company_set_microphone_on (self->company, gtk_toggle_button_get_active (button));
  call_page_update_devices (self);
}

/* Sending is possible only while the other side is there: what is written stays in the field until then. */
static void
call_page_update_send (CallPage *self)
{
  gtk_widget_set_sensitive (self->send, anx_call_get_state (self->call) == ANX_CALL_LIVE
                                          && !anx_keyboard_is_composing (self->keyboard)
                                          && *anx_keyboard_get_text (self->keyboard) != '\0');
}

static void
on_text_sent (GtkButton *button, CallPage *self)
{
  if (anx_call_text_say (self->text, anx_keyboard_get_text (self->keyboard)))
    anx_keyboard_set_text (self->keyboard, "");
}

static void
on_typed (AnxKeyboard *keyboard, CallPage *self)
{
  anx_resident_mark_active (anx_resident_window_get_resident (self->window));
}

static void
call_page_update_side (CallPage *self)
{
  gboolean writing = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->write));

  gtk_widget_set_visible (self->keys, writing);
  gtk_widget_set_visible (self->side, writing || !anx_call_text_is_empty (self->text));
}

static char *
name_of (const char *peer, gpointer window)
{
  return g_strdup (anx_words_of_principal (anx_resident_window_get_resident (window), peer));
}

static void
call_page_fill_side (CallPage *self)
{
  self->side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->text = ANX_CALL_TEXT (anx_call_text_new ());
  self->keys = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->keyboard = ANX_KEYBOARD (anx_keyboard_new (_ ("Write here")));
  self->send = gtk_button_new_with_label (_ ("Send"));
  anx_call_text_set_call (self->text, self->call,
                          anx_words_of_principal (anx_resident_window_get_resident (self->window),
                                                  anx_session_get_counsellor (self->session)));
  if (self->company != NULL)
    anx_call_text_set_company (self->text, self->company, anx_session_get_counsellor (self->session), name_of, self->window);
  gtk_widget_add_css_class (self->send, "primary");
  gtk_widget_set_vexpand (GTK_WIDGET (self->text), TRUE);
  gtk_widget_set_hexpand (self->side, TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (self->text), 320, 90);
  gtk_box_append (GTK_BOX (self->keys), GTK_WIDGET (self->keyboard));
  gtk_box_append (GTK_BOX (self->keys), self->send);
  gtk_box_append (GTK_BOX (self->side), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (self->side), self->keys);
  g_signal_connect (self->send, "clicked", G_CALLBACK (on_text_sent), self);
  g_signal_connect (self->keyboard, "typed", G_CALLBACK (on_typed), self);
  g_signal_connect_swapped (self->keyboard, "changed", G_CALLBACK (call_page_update_send), self);
  g_signal_connect_swapped (self->text, "heard", G_CALLBACK (call_page_update_side), self);
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

/* The line has been tried for a minute: the ways that are left. */
static char *
describe_way_out (CallPage *self)
{
  AnxResident *resident = anx_resident_window_get_resident (self->window);
  /* In the language of the screen now; and it is not the resident who calls. */
  gboolean lost = g_error_matches (anx_call_get_error (self->call), ANX_CALL_ERROR, ANX_CALL_ERROR_CONNECTION);
  const char *problem = lost ? NULL : anx_call_get_problem (self->call);
  const char *number = anx_words_telephone_of_centre (resident);
  const char *told = anx_resident_get_alert (resident) != NULL ? _ ("The staff have been told and come to you.")
                                                               : _ ("The staff outside help you at once.");
  GString *text = g_string_new (problem != NULL ? problem : _ ("The line broke and could not be made again."));

  g_string_append_printf (text, "\n%s", told);
  if (number != NULL)
    {
      /* Translators: a telephone number. */
      g_autofree char *call = g_strdup_printf (_ ("You can go on by phone: %s"), number);
      g_string_append_printf (text, "\n%s", call);
    }
  return g_string_free (text, FALSE);
}

static void
on_state (CallPage *self)
{
  AnxCallState state = anx_call_get_state (self->call);
  gboolean in_call = state == ANX_CALL_CONNECTING || state == ANX_CALL_LIVE || state == ANX_CALL_RECONNECTING;

  call_page_update_send (self);
  call_page_update_devices (self);
  /* A page of a call that is over, or has not begun, does not stay for the next person, wherever among the pages it lies. */
  anx_page_set_idle_limit (self->page, in_call ? 0 : ENDED_IDLE_SECONDS);
  if (state == ANX_CALL_RECONNECTING)
    anx_page_set_line (self->page, _ ("The line broke. It connects again by itself; please stay."));
  else if (state == ANX_CALL_LIVE)
    {
      guint quality = 0;
      const char *problem = anx_call_get_problem (self->call);

      g_object_get (self->call, "quality", &quality, NULL);
      /* A device that is missing, while the call goes on; else a line so weak that it is noticed. */
      anx_page_set_line (self->page,
                         problem == NULL && quality > 0 && quality < 3 ? anx_call_quality_to_words (quality)
                         : problem == NULL && anx_session_is_delegated (self->session)
                             ? _ ("Your counsellor is speaking from a web page and has confirmed it.")
                             : problem);
    }
  else
    anx_page_set_line (self->page, NULL);
  if (state != ANX_CALL_ENDED || anx_call_get_end_reason (self->call) != ANX_CALL_ENDED_BY_ERROR)
    return;
  g_autofree char *way_out = describe_way_out (self);
  anx_page_show_problem (self->page, way_out, again_text (self), G_CALLBACK (on_wait_again), self);
}

static void
call_page_fill (CallPage *self)
{
  GtkBox *content = anx_page_get_content (self->page);
  GtkWidget *video, *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20);
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (self->window));
  GtkWidget *split = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, 20);

  video = anx_call_tiles_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_vexpand (split, TRUE);
  gtk_widget_set_vexpand (video, TRUE);
  gtk_widget_set_hexpand (video, TRUE);
  anx_call_tiles_set_call (ANX_CALL_TILES (video), self->call);
  if (self->company != NULL)
    anx_call_tiles_set_company (ANX_CALL_TILES (video), self->company, anx_session_get_counsellor (self->session), name_of, self->window);
  call_page_fill_side (self);
  gtk_box_append (GTK_BOX (split), video);
  gtk_box_append (GTK_BOX (split), self->side);
  gtk_box_append (content, split);
  self->camera = make_device ();
  self->microphone = make_device ();
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->camera), anx_call_is_camera_on (self->call));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->microphone), anx_call_is_microphone_on (self->call));
  call_page_update_devices (self);
  g_signal_connect (self->camera, "toggled", G_CALLBACK (on_camera), self);
  g_signal_connect (self->microphone, "toggled", G_CALLBACK (on_microphone), self);
  gtk_widget_set_halign (bar, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (bar), self->camera);
  gtk_box_append (GTK_BOX (bar), self->microphone);
  self->write = make_device ();
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->write), FALSE);
  set_device (self->write, "anx-form-symbolic", _ ("Write"), _ ("Touch to write to the counsellor"));
  g_signal_connect_swapped (self->write, "toggled", G_CALLBACK (call_page_update_side), self);
  gtk_box_append (GTK_BOX (bar), self->write);
  call_page_update_side (self);
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
  g_set_object (&self->company, anx_session_get_company (session));
  if (self->call == NULL)
    {
      anx_page_show_problem (self->page,
                             anx_session_get_problem (session) != NULL ? anx_session_get_problem (session)
                                                                       : _ ("The session has ended"),
                             again_text (self), G_CALLBACK (on_wait_again), self);
      return GTK_WIDGET (self->page);
    }
  call_page_fill (self);
  anx_page_set_primary (self->page, _ ("End session"), "anx-end-symbolic", G_CALLBACK (on_end), self);
  g_signal_connect_swapped (self->call, "notify::state", G_CALLBACK (on_state), self);
  if (self->company != NULL)
    g_signal_connect_swapped (self->company, "changed", G_CALLBACK (on_state), self);
  g_signal_connect_swapped (self->call, "notify::problem", G_CALLBACK (on_state), self);
  g_signal_connect_swapped (self->call, "notify::quality", G_CALLBACK (on_state), self);
  on_state (self);
  return GTK_WIDGET (self->page);
}
