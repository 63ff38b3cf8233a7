/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "directory-words.h"
#include "screen-shape.h"
#include "session.h"
#include "ui-text.h"
#include "video-view.h"

/* The bar reaches from quiet to loud speech in front of the microphone; what passes the mark is surely a voice and not the room. */
#define QUIET_DB -60.0
#define VOICE_DB -35.0
/* The devices must not stay open because somebody went away. */
#define CHECK_IDLE_SECONDS 120

/*
 * The page has the devices open while it is on the screen and no longer: nothing of them leaves this machine, and nothing is kept. A counsellor who
 * calls meanwhile is answered, which takes the page away.
 */
typedef struct
{
  AnxResidentWindow *window; /* outlives every page */
  AnxSession *session;
  AnxCall *call; /* (nullable) */
  AnxPage *page;
  GtkWidget *level;
  GtkLabel *voice;
  GtkLabel *sound;
  GtkLabel *picture;
  GtkWidget *play;
  gboolean heard;
} DevicePage;

static void
device_page_free (gpointer data, GObject *page)
{
  DevicePage *self = data;

  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  anx_session_unref (self->session);
  g_free (self);
}

static guint
get_missing (DevicePage *self)
{
  guint missing = 0;

  g_object_get (self->call, "missing", &missing, NULL);
  return missing;
}

static void
on_done (GtkButton *button, DevicePage *self)
{
  anx_call_set_camera_on (self->call, (get_missing (self) & ANX_CALL_DEVICE_CAMERA) == 0);
  anx_resident_window_back (self->window);
}

static void
on_play (GtkButton *button, DevicePage *self)
{
  if (!anx_call_play_test_sound (self->call))
    return;
  gtk_widget_set_sensitive (self->play, FALSE);
  gtk_label_set_label (self->sound, _ ("Three rising tones are playing."));
}

static void
on_sound_over (DevicePage *self)
{
  gtk_widget_set_sensitive (self->play, TRUE);
  gtk_label_set_label (self->sound, _ ("Did you hear three tones? If not, please tell the staff."));
}

static void
on_level (DevicePage *self)
{
  double level = QUIET_DB;

  g_object_get (self->call, "local-level", &level, NULL);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (self->level), CLAMP ((level - QUIET_DB) / -QUIET_DB, 0, 1));
  if (self->heard || level < VOICE_DB)
    return;
  self->heard = TRUE;
  gtk_label_set_label (self->voice, _ ("Your voice is heard."));
}

/* Somebody whom nobody can hear still has the telephone. */
static char *
describe_telephone (DevicePage *self)
{
  AnxResident *resident = anx_resident_window_get_resident (self->window);
  const char *room = anx_words_telephone_of_room (resident), *centre = anx_words_telephone_of_centre (resident);

  if (room != NULL)
    /* Translators: a telephone number. */
    return g_strdup_printf (_ ("The microphone does not work. You can talk by the telephone in this room: %s. Please tell the staff."), room);
  if (centre != NULL)
    /* Translators: a telephone number. */
    return g_strdup_printf (_ ("The microphone does not work. You can talk by telephone: %s. Please tell the staff."), centre);
  return g_strdup (_ ("The microphone does not work. Please tell the staff: they show you the telephone."));
}

static void
on_missing (DevicePage *self)
{
  guint missing = get_missing (self);
  gboolean camera = (missing & ANX_CALL_DEVICE_CAMERA) == 0, microphone = (missing & ANX_CALL_DEVICE_MICROPHONE) == 0;
  gboolean speaker = (missing & ANX_CALL_DEVICE_SPEAKER) == 0;
  g_autofree char *telephone = microphone ? NULL : describe_telephone (self);

  gtk_label_set_label (self->picture, camera ? _ ("This is how your counsellor sees you.")
                                             : _ ("The camera does not work. You can talk with sound only."));
  gtk_widget_set_visible (self->level, microphone);
  if (!microphone)
    gtk_label_set_label (self->voice, telephone);
  else if (!self->heard)
    gtk_label_set_label (self->voice, _ ("Please say something: the bar moves when you are heard."));
  gtk_widget_set_visible (self->play, speaker);
  if (!speaker)
    gtk_label_set_label (self->sound, _ ("The loudspeaker does not work. Please tell the staff."));
  anx_page_set_primary (self->page, camera ? _ ("Done") : _ ("Go on with sound only"), "anx-check-symbolic", G_CALLBACK (on_done), self);
}

/* On the screen again, also after another page stood over this one. */
static void
on_map (DevicePage *self)
{
  anx_call_check_devices (self->call);
  on_missing (self);
}

static void
on_unmap (DevicePage *self)
{
  if (anx_call_get_state (self->call) == ANX_CALL_CHECKING)
    anx_call_wait (self->call);
}

static GtkLabel *
add_label (GtkWidget *box, const char *text)
{
  GtkWidget *label = anx_page_make_text (text, "device-words");

  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkWidget *
make_controls (DevicePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);

  self->picture = add_label (box, NULL);
  self->voice = add_label (box, NULL);
  self->level = gtk_level_bar_new ();
  gtk_widget_add_css_class (self->level, "voice");
  anx_ui_set_accessible_name (self->level, _ ("How loud you are heard"));
  gtk_box_append (GTK_BOX (box), self->level);
  self->play = gtk_button_new_with_label (_ ("Play a sound"));
  gtk_widget_set_halign (self->play, GTK_ALIGN_START);
  g_signal_connect (self->play, "clicked", G_CALLBACK (on_play), self);
  self->sound = add_label (box, _ ("Touch to hear whether the loudspeaker works."));
  gtk_box_append (GTK_BOX (box), self->play);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

static void
device_page_fill (DevicePage *self)
{
  GtkBox *content = anx_page_get_content (self->page);
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (self->window));
  GtkWidget *split = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, 32);
  GtkWidget *view = anx_video_view_new ();

  gtk_widget_set_size_request (view, 400, 300);
  gtk_widget_set_vexpand (view, !wide);
  anx_video_view_set_call (ANX_VIDEO_VIEW (view), self->call);
  gtk_box_append (GTK_BOX (split), view);
  gtk_box_append (GTK_BOX (split), make_controls (self));
  gtk_box_append (content, split);
}

/**
 * anx_device_page_make:
 * @window: the window
 * @data: (type AnxSession): a session that waits
 *
 * Own picture, own voice as a bar, a sound to hear: tried before the counsellor sees or hears anything.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
anx_device_page_make (AnxResidentWindow *window, gpointer data)
{
  DevicePage *self = g_new0 (DevicePage, 1);

  self->window = window;
  self->session = anx_session_ref (data);
  self->page = ANX_PAGE (anx_page_new (_ ("Try picture and sound"), _ ("Only you see and hear this. Nothing is sent or recorded.")));
  g_object_weak_ref (G_OBJECT (self->page), device_page_free, self);
  g_set_object (&self->call, anx_session_get_waiting_call (self->session));
  if (self->call == NULL)
    {
      anx_page_show_problem (self->page, anx_session_get_problem (self->session), NULL, NULL, NULL);
      return GTK_WIDGET (self->page);
    }
  device_page_fill (self);
  g_signal_connect_swapped (self->page, "map", G_CALLBACK (on_map), self);
  g_signal_connect_swapped (self->page, "unmap", G_CALLBACK (on_unmap), self);
  g_signal_connect_swapped (self->call, "notify::missing", G_CALLBACK (on_missing), self);
  g_signal_connect_swapped (self->call, "notify::local-level", G_CALLBACK (on_level), self);
  g_signal_connect_swapped (self->call, "test-sound-over", G_CALLBACK (on_sound_over), self);
  anx_page_set_idle_limit (self->page, CHECK_IDLE_SECONDS);
  return GTK_WIDGET (self->page);
}
