/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resident-window.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "directory-words.h"
#include "idle.h"
#include "lockdown.h"
#include "process.h"
#include "screen-shape.h"
#include "screening-run.h"
#include "session.h"
#include "speech.h"
#include "ui-text.h"

/* Leaving waits at most this long for what was already said to the shell to go out. */
#define LEAVE_LIMIT_SECONDS 2

/* Long enough to read one sentence slowly. */
#define SPEECH_NOTE_SECONDS 6

/* On lower screens margins give way first, before anything has to scroll. */
#define SHORT_HEIGHT_PX 1000

struct _AnxResidentWindow
{
  GtkWindow parent_instance;

  AnxResident *resident;
  AnxClock *clock;
  AnxIdle idle;
  guint tick_source;
  AnxPageStack *pages; /* (nullable) only while the window goes */
  int text_size; /* 0, 1, 2 */
  gboolean contrast;

  GtkWidget *overlay;
  GtkWidget *frame; /* header, host, footer */
  GtkWidget *clock_label;
  GtkWidget *host; /* holds the present page alone, so that nothing behind it can be reached */
  GtkWidget *status;
  GtkWidget *status_label;
  GtkWidget *back;
  GtkWidget *warning;
  GtkWidget *warning_label;
  GtkWidget *stay;      /* the first button of the warning */
  GtkWidget *focus;     /* (nullable) weak: where the keyboard was before the warning */
  GtkWidget *speak; /* the button */
};

G_DEFINE_FINAL_TYPE (AnxResidentWindow, anx_resident_window, GTK_TYPE_WINDOW)

static void anx_resident_window_build (AnxResidentWindow *self);

static void
on_idle_limit (AnxResidentWindow *self, AnxPage *page)
{
  anx_idle_start (&self->idle, anx_page_get_idle_limit (page), g_get_monotonic_time ());
}

/* Of the stack of pages: @page alone is on the screen. */
static void
show_page (AnxResidentWindow *self, GtkWidget *page)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->host)) != NULL)
    {
      g_signal_handlers_disconnect_by_func (child, on_idle_limit, self);
      gtk_box_remove (GTK_BOX (self->host), child);
    }
  /* What is read aloud belongs to the page before. */
  anx_speech_stop ();
  if (page == NULL)
    return;
  g_signal_connect_swapped (page, "idle-limit-changed", G_CALLBACK (on_idle_limit), self);
  on_idle_limit (self, ANX_PAGE (page));
  gtk_widget_set_vexpand (page, TRUE);
  gtk_widget_set_hexpand (page, TRUE);
  gtk_box_append (GTK_BOX (self->host), page);
  gtk_widget_set_visible (self->back, anx_page_stack_get_length (self->pages) > 1);
  anx_resident_mark_active (self->resident);
}

static void
anx_resident_window_update_status (AnxResidentWindow *self)
{
  guint queued = anx_resident_count_queued (self->resident);
  gboolean online = anx_resident_is_online (self->resident);
  g_autofree char *text = NULL;

  if (!online && queued == 0)
    text = g_strdup (_ ("No network just now. You can go on: what you do is kept safe here."));
  else if (!online)
    text = g_strdup_printf (ngettext ("%u thing is safe here and will be sent when the network is back.",
                                      "%u things are safe here and will be sent when the network is back.", queued),
                            queued);
  else if (queued > 0)
    text = g_strdup_printf (ngettext ("%u thing is on its way.", "%u things are on their way.", queued), queued);
  gtk_label_set_label (GTK_LABEL (self->status_label), text != NULL ? text : "");
  gtk_widget_set_visible (self->status, text != NULL);
}

static void
anx_resident_window_update_clock (AnxResidentWindow *self)
{
  g_autofree char *time = anx_ui_format_time (anx_clock_now_usec (self->clock), anx_resident_get_zone (self->resident));

  if (g_strcmp0 (time, gtk_label_get_label (GTK_LABEL (self->clock_label))) != 0)
    gtk_label_set_label (GTK_LABEL (self->clock_label), time);
}

/* The keyboard goes with the eyes: what lies under the cover is not typed into, and has it again afterwards. */
static void
anx_resident_window_set_warning (AnxResidentWindow *self, gboolean shown)
{
  if (gtk_widget_get_visible (self->warning) == shown)
    return;
  if (shown)
    {
      g_set_weak_pointer (&self->focus, gtk_window_get_focus (GTK_WINDOW (self)));
      gtk_widget_set_visible (self->warning, TRUE);
      gtk_widget_set_can_focus (self->frame, FALSE);
      gtk_widget_grab_focus (self->stay);
      return;
    }
  gtk_widget_set_can_focus (self->frame, TRUE);
  gtk_widget_set_visible (self->warning, FALSE);
  if (self->focus != NULL && gtk_widget_get_mapped (self->focus))
    gtk_widget_grab_focus (self->focus);
  g_clear_weak_pointer (&self->focus);
}

static gboolean
on_tick (gpointer data)
{
  AnxResidentWindow *self = data;
  guint seconds = 0;
  AnxIdleState state = anx_idle_get_state (&self->idle, g_get_monotonic_time (), &seconds);

  anx_resident_window_update_clock (self);
  if (self->idle.limit_seconds != ANX_IDLE_LIMIT_SECONDS && state == ANX_IDLE_ACTIVE)
    {
      /* The shell's watchdog knows only the default limit; a page with a longer one vouches for its resident. */
      gint64 last_usec = self->idle.last_usec;
      anx_resident_mark_active (self->resident);
      self->idle.last_usec = last_usec;
    }
  if (state == ANX_IDLE_OVER)
    anx_resident_window_leave (self);
  if (state == ANX_IDLE_WARNING)
    {
      g_autofree char *text
          = g_strdup_printf (ngettext ("In %u second this page is cleared, for your privacy.",
                                       "In %u seconds this page is cleared, for your privacy.", seconds),
                             seconds);
      gtk_label_set_label (GTK_LABEL (self->warning_label), text);
    }
  anx_resident_window_set_warning (self, state == ANX_IDLE_WARNING);
  return G_SOURCE_CONTINUE;
}

static void
on_active (AnxResidentWindow *self)
{
  anx_idle_touch (&self->idle, g_get_monotonic_time ());
  if (self->warning != NULL)
    anx_resident_window_set_warning (self, FALSE);
}

static gboolean
on_event (GtkEventControllerLegacy *controller, GdkEvent *event, AnxResidentWindow *self)
{
  switch (gdk_event_get_event_type (event))
    {
    case GDK_BUTTON_PRESS:
    case GDK_TOUCH_BEGIN:
    case GDK_TOUCH_UPDATE:
    case GDK_KEY_PRESS:
    case GDK_SCROLL:
      /* While the warning is shown its own buttons decide. */
      if (!gtk_widget_get_visible (self->warning))
        anx_resident_mark_active (self->resident);
      break;
    default:
      break;
    }
  return FALSE;
}

static void
on_still_here (AnxResidentWindow *self)
{
  anx_resident_mark_active (self->resident);
}

static void
on_back (AnxResidentWindow *self)
{
  anx_resident_window_back (self);
}

static void
on_leave (AnxResidentWindow *self)
{
  anx_resident_window_leave (self);
}

static void
on_help (AnxResidentWindow *self)
{
  anx_resident_window_show_help (self, ANX_LEVEL_RED, "help-button");
}

static void
anx_resident_window_update_classes (AnxResidentWindow *self)
{
  const char *const sizes[] = { "size-1", "size-2", "size-3" };

  for (int i = 0; i < 3; i++)
    {
      if (i == self->text_size)
        gtk_widget_add_css_class (GTK_WIDGET (self), sizes[i]);
      else
        gtk_widget_remove_css_class (GTK_WIDGET (self), sizes[i]);
    }
  if (self->contrast)
    gtk_widget_add_css_class (GTK_WIDGET (self), "contrast");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "contrast");
  if (g_str_equal (anx_ui_get_language (), "en"))
    gtk_widget_add_css_class (GTK_WIDGET (self), "latin");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "latin");
}

static void
on_language (AnxResidentWindow *self)
{
  anx_ui_set_language (g_str_equal (anx_ui_get_language (), "zh") ? "en" : "zh_CN");
  anx_page_stack_take_down (self->pages);
  anx_resident_window_build (self);
  anx_resident_window_update_classes (self);
  anx_page_stack_show (self->pages);
}

static void
on_size_toggled (GtkToggleButton *button, AnxResidentWindow *self)
{
  gboolean active = gtk_toggle_button_get_active (button);

  gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_CHECKED,
                               active ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  if (!active)
    return;
  self->text_size = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "anx-size"));
  anx_resident_window_update_classes (self);
}

static void
on_contrast (AnxResidentWindow *self)
{
  self->contrast = !self->contrast;
  anx_resident_window_update_classes (self);
}

static gboolean
on_speech_note_over (gpointer data)
{
  GtkWidget *popover = data;

  gtk_popover_popdown (GTK_POPOVER (popover));
  return G_SOURCE_REMOVE;
}

/* Says why nothing is heard, for a few seconds, beside the button that was touched. */
static void
show_speech_note (GtkWidget *button)
{
  GtkWidget *popover = g_object_get_data (G_OBJECT (button), "anx-note");
  GtkWidget *label = gtk_popover_get_child (GTK_POPOVER (popover));

  gtk_label_set_label (GTK_LABEL (label), _ ("This machine cannot read aloud just now. The staff will gladly read it to you."));
  gtk_popover_popup (GTK_POPOVER (popover));
  g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, SPEECH_NOTE_SECONDS, on_speech_note_over, g_object_ref (popover),
                              g_object_unref);
}

static void
on_spoken (AnxSpeechEnd end, gpointer user_data)
{
  g_autoptr (GtkWidget) button = user_data;

  if (end == ANX_SPEECH_UNAVAILABLE && gtk_widget_get_mapped (button))
    show_speech_note (button);
}

/* A second touch falls silent. */
static void
on_speak (AnxResidentWindow *self)
{
  g_autofree char *text = NULL;

  if (anx_speech_is_speaking ())
    {
      anx_speech_stop ();
      return;
    }
  text = anx_page_dup_texts (self->host);
  anx_speech_say (text, anx_ui_get_language (), on_spoken, g_object_ref (self->speak));
  anx_wipe (text, strlen (text));
}

static GtkWidget *
anx_resident_window_make_speak (AnxResidentWindow *self)
{
  GtkWidget *popover = gtk_popover_new (), *note = anx_page_make_text (NULL, "anx-speech-note");

  self->speak = gtk_button_new_from_icon_name ("anx-speak-symbolic");
  gtk_image_set_pixel_size (GTK_IMAGE (gtk_button_get_child (GTK_BUTTON (self->speak))), 36);
  gtk_widget_add_css_class (self->speak, "bar");
  anx_ui_set_accessible_name (self->speak, _ ("Read aloud"));
  g_signal_connect_swapped (self->speak, "clicked", G_CALLBACK (on_speak), self);
  gtk_label_set_max_width_chars (GTK_LABEL (note), 28);
  gtk_popover_set_child (GTK_POPOVER (popover), note);
  gtk_popover_set_autohide (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_parent (popover, self->speak);
  g_object_set_data (G_OBJECT (self->speak), "anx-note", popover);
  g_signal_connect_swapped (self->speak, "destroy", G_CALLBACK (gtk_widget_unparent), popover);
  return self->speak;
}

static GtkWidget *
make_bar_button (const char *icon_name, const char *label, const char *css_class)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);

  if (icon_name != NULL)
    {
      GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);
      gtk_image_set_pixel_size (GTK_IMAGE (icon), 36);
      gtk_box_append (GTK_BOX (box), icon);
    }
  gtk_box_append (GTK_BOX (box), gtk_label_new (label));
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, css_class);
  anx_ui_set_accessible_name (button, label);
  return button;
}

static GtkWidget *
anx_resident_window_make_sizes (AnxResidentWindow *self)
{
  const char *const names[] = { N_ ("Normal text"), N_ ("Larger text"), N_ ("Largest text") };
  const char *const labels[] = { "A", "A+", "A++" };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *group = NULL;

  gtk_widget_add_css_class (box, "sizes");
  for (int i = 0; i < 3; i++)
    {
      GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "accessible-role", GTK_ACCESSIBLE_ROLE_RADIO, "label",
                                        labels[i], NULL);

      g_object_set_data (G_OBJECT (button), "anx-size", GINT_TO_POINTER (i));
      gtk_widget_add_css_class (button, "bar");
      anx_ui_set_accessible_name (button, _ (names[i]));
      if (group != NULL)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (group));
      group = button;
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), i == self->text_size);
      g_signal_connect (button, "toggled", G_CALLBACK (on_size_toggled), self);
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
anx_resident_window_make_header (AnxResidentWindow *self)
{
  /* Beside each other the tools would leave a high screen no room for the names. */
  gboolean wide = anx_screen_is_wide (GTK_WIDGET (self));
  GtkWidget *header = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, 16);
  GtkWidget *place = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16), *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16);
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *centre = gtk_label_new (anx_words_of_centre (self->resident));
  GtkWidget *room = gtk_label_new (anx_words_of_room (self->resident, anx_resident_get_room (self->resident)));
  /* Each language is named in itself: who needs it can read no other. */
  GtkWidget *language = make_bar_button ("anx-language-symbolic",
                                         g_str_equal (anx_ui_get_language (), "zh") ? "English" : "中文", "bar");
  GtkWidget *contrast = gtk_button_new_from_icon_name ("anx-contrast-symbolic");

  gtk_widget_add_css_class (header, "header");
  gtk_widget_add_css_class (centre, "centre");
  gtk_widget_add_css_class (room, "room");
  gtk_label_set_xalign (GTK_LABEL (centre), 0);
  gtk_label_set_xalign (GTK_LABEL (room), 0);
  gtk_label_set_wrap (GTK_LABEL (centre), TRUE);
  gtk_label_set_lines (GTK_LABEL (centre), 2);
  gtk_label_set_ellipsize (GTK_LABEL (centre), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (room), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (names, TRUE);
  gtk_widget_set_valign (names, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (names), centre);
  gtk_box_append (GTK_BOX (names), room);
  gtk_box_append (GTK_BOX (place), names);

  self->clock_label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->clock_label, "clock");
  gtk_box_append (GTK_BOX (place), self->clock_label);
  gtk_widget_set_hexpand (place, TRUE);
  gtk_box_append (GTK_BOX (header), place);
  gtk_box_append (GTK_BOX (header), tools);

  g_signal_connect_swapped (language, "clicked", G_CALLBACK (on_language), self);
  gtk_box_append (GTK_BOX (tools), language);
  gtk_box_append (GTK_BOX (tools), anx_resident_window_make_sizes (self));
  gtk_image_set_pixel_size (GTK_IMAGE (gtk_button_get_child (GTK_BUTTON (contrast))), 36);
  gtk_widget_add_css_class (contrast, "bar");
  anx_ui_set_accessible_name (contrast, _ ("High contrast"));
  g_signal_connect_swapped (contrast, "clicked", G_CALLBACK (on_contrast), self);
  gtk_box_append (GTK_BOX (tools), contrast);
  gtk_box_append (GTK_BOX (tools), anx_resident_window_make_speak (self));
  return header;
}

static GtkWidget *
anx_resident_window_make_status (AnxResidentWindow *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("anx-kept-symbolic");

  self->status = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 14);
  self->status_label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->status, "status");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  gtk_label_set_wrap (GTK_LABEL (self->status_label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->status_label), 0);
  gtk_widget_set_hexpand (self->status_label, TRUE);
  gtk_box_append (GTK_BOX (self->status), icon);
  gtk_box_append (GTK_BOX (self->status), self->status_label);
  return self->status;
}

static GtkWidget *
anx_resident_window_make_footer (AnxResidentWindow *self)
{
  GtkWidget *footer = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20), *spacer = gtk_label_new (NULL);
  GtkWidget *leave = make_bar_button ("anx-leave-symbolic", _ ("Leave"), "foot");
  GtkWidget *help = make_bar_button ("anx-help-symbolic", _ ("I need help now"), "emergency");

  self->back = make_bar_button ("anx-back-symbolic", _ ("Back"), "foot");
  gtk_widget_add_css_class (footer, "footer");
  gtk_widget_set_hexpand (spacer, TRUE);
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (on_back), self);
  g_signal_connect_swapped (leave, "clicked", G_CALLBACK (on_leave), self);
  g_signal_connect_swapped (help, "clicked", G_CALLBACK (on_help), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (leave), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ ("Clears everything on this screen and goes back to the beginning"), -1);
  gtk_box_append (GTK_BOX (footer), self->back);
  gtk_box_append (GTK_BOX (footer), leave);
  gtk_box_append (GTK_BOX (footer), spacer);
  gtk_box_append (GTK_BOX (footer), help);
  return footer;
}

/* Opaque: who comes by while a resident is away reads nothing of theirs. The button for help is where it always is. */
static GtkWidget *
anx_resident_window_make_warning (AnxResidentWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 40), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 32);
  GtkWidget *heading = gtk_label_new (_ ("Are you still here?"));
  GtkWidget *leave = gtk_button_new_with_label (_ ("Leave now"));
  GtkWidget *cover = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 20);
  GtkWidget *help = make_bar_button ("anx-help-symbolic", _ ("I need help now"), "emergency");

  self->stay = gtk_button_new_with_label (_ ("I am still here"));

  gtk_widget_add_css_class (cover, "warning");
  gtk_widget_add_css_class (heading, "page-heading");
  self->warning_label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->warning_label), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->warning_label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->stay, "primary");
  gtk_widget_add_css_class (leave, "secondary");
  gtk_widget_add_css_class (foot, "footer");
  g_signal_connect_swapped (self->stay, "clicked", G_CALLBACK (on_still_here), self);
  g_signal_connect_swapped (leave, "clicked", G_CALLBACK (on_leave), self);
  g_signal_connect_swapped (help, "clicked", G_CALLBACK (on_help), self);
  gtk_widget_set_halign (help, GTK_ALIGN_END);
  gtk_widget_set_hexpand (help, TRUE);
  gtk_box_append (GTK_BOX (foot), help);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), leave);
  gtk_box_append (GTK_BOX (buttons), self->stay);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (box, TRUE);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), self->warning_label);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_box_append (GTK_BOX (cover), box);
  gtk_box_append (GTK_BOX (cover), foot);
  gtk_widget_set_visible (cover, FALSE);
  return cover;
}

/* Everything around the page, in the present language; called again when that changes. */
static void
anx_resident_window_build (AnxResidentWindow *self)
{
  if (self->warning != NULL)
    gtk_overlay_remove_overlay (GTK_OVERLAY (self->overlay), self->warning);
  self->frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->frame), anx_resident_window_make_header (self));
  self->host = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->host, "host");
  gtk_widget_set_vexpand (self->host, TRUE);
  gtk_box_append (GTK_BOX (self->frame), self->host);
  gtk_box_append (GTK_BOX (self->frame), anx_resident_window_make_status (self));
  gtk_box_append (GTK_BOX (self->frame), anx_resident_window_make_footer (self));
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->frame);
  self->warning = anx_resident_window_make_warning (self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->warning);
  anx_resident_window_update_clock (self);
  anx_resident_window_update_status (self);
}

static void
anx_resident_window_dispose (GObject *object)
{
  AnxResidentWindow *self = ANX_RESIDENT_WINDOW (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_weak_pointer (&self->focus);
  if (self->resident != NULL)
    g_signal_handlers_disconnect_by_data (self->resident, self);
  g_clear_pointer (&self->pages, anx_page_stack_free);
  g_clear_object (&self->resident);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (anx_resident_window_parent_class)->dispose (object);
}

static void
anx_resident_window_class_init (AnxResidentWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_resident_window_dispose;
}

static void
anx_resident_window_init (AnxResidentWindow *self)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();

  self->pages = anx_page_stack_new (self, show_page);
  self->clock = anx_clock_new_system ();
  self->overlay = gtk_overlay_new ();
  gtk_window_set_child (GTK_WINDOW (self), self->overlay);
  /* A window's title may be kept by the compositor: it never says more than this. */
  gtk_window_set_title (GTK_WINDOW (self), "Anxin");
  gtk_widget_add_css_class (GTK_WIDGET (self), "kiosk");
  if (anx_screen_is_low (GTK_WIDGET (self)))
    gtk_widget_add_css_class (GTK_WIDGET (self), "low");
  anx_lockdown_window (GTK_WINDOW (self));
  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  g_signal_connect (events, "event", G_CALLBACK (on_event), self);
  gtk_widget_add_controller (GTK_WIDGET (self), events);
  anx_resident_window_update_classes (self);
}

/**
 * anx_resident_window_new:
 * @resident: the visit; a reference is held
 *
 * The window of one visit with the home page in it, not shown yet.
 *
 * Returns: (transfer none): the window, which GTK owns
 */
GtkWidget *
anx_resident_window_new (AnxResident *resident)
{
  AnxResidentWindow *self = g_object_new (ANX_TYPE_RESIDENT_WINDOW, NULL);

  self->resident = g_object_ref (resident);
  g_signal_connect_swapped (resident, "active", G_CALLBACK (on_active), self);
  g_signal_connect_swapped (resident, "link-state-changed", G_CALLBACK (anx_resident_window_update_status), self);
  anx_resident_window_build (self);
  anx_resident_window_push (self, anx_home_page_make, NULL, NULL);
  g_object_set_data_full (G_OBJECT (self), "anx-alert-session", anx_session_new_for_alert (self), anx_session_unref);
  return GTK_WIDGET (self);
}

/**
 * anx_resident_window_get_resident:
 * @self: the window
 *
 * Returns: (transfer none): whose window this is
 */
AnxResident *
anx_resident_window_get_resident (AnxResidentWindow *self)
{
  return self->resident;
}

/**
 * anx_resident_window_prepare:
 * @self: the window
 * @width: pixels; 0 = the monitor's
 * @height: pixels; 0 = the monitor's
 *
 * Realizes and lays out the window at its later size while nobody sees it: fonts, styles and glyphs are ready when the
 * first touch comes (25 ms to the first picture instead of 78 ms).
 */
void
anx_resident_window_prepare (AnxResidentWindow *self, int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int minimum;

  if (width <= 0 || height <= 0)
    {
      g_autoptr (GdkMonitor) monitor
          = g_list_model_get_item (gdk_display_get_monitors (gtk_widget_get_display (widget)), 0);
      GdkRectangle area = { 0, 0, 1920, 1080 };
      if (monitor != NULL)
        gdk_monitor_get_geometry (monitor, &area);
      width = area.width;
      height = area.height;
    }
  if (height < SHORT_HEIGHT_PX)
    gtk_widget_add_css_class (widget, "short");
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  gtk_widget_realize (widget);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
  gtk_widget_size_allocate (widget, &(GtkAllocation){ 0, 0, width, height }, -1);
}

/**
 * anx_resident_window_begin:
 * @self: the window
 * @language: `zh` or `en`
 * @page: empty for the home page, `help` when help was asked for before the visit began
 *
 * The first touch: shows the window and begins to count idleness.
 */
void
anx_resident_window_begin (AnxResidentWindow *self, const char *language, const char *page)
{
  if (self->tick_source != 0)
    return;
  if (!g_str_equal (language, anx_ui_get_language ()))
    on_language (self);
  anx_idle_start (&self->idle, ANX_IDLE_LIMIT_SECONDS, g_get_monotonic_time ());
  anx_resident_window_update_clock (self);
  self->tick_source = g_timeout_add_seconds (1, on_tick, self);
  gtk_window_present (GTK_WINDOW (self));
  if (g_str_equal (page, "help"))
    on_help (self);
}

/**
 * anx_resident_window_get_pages:
 * @self: the window
 *
 * Returns: (transfer none): the pages of the visit
 */
AnxPageStack *
anx_resident_window_get_pages (AnxResidentWindow *self)
{
  return self->pages;
}

/**
 * anx_resident_window_push:
 * @self: the window
 * @maker: makes the page, now and after each change of language
 * @data: for @maker; what the page belongs to
 * @destroy: (nullable): frees @data when the page leaves the stack
 *
 * Goes forward to a page; "Back" returns to the present one, which is kept as it is.
 */
void
anx_resident_window_push (AnxResidentWindow *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy)
{
  anx_page_stack_push (self->pages, maker, data, destroy);
}

/**
 * anx_resident_window_back:
 * @self: the window
 *
 * Returns to the page before; on the first page nothing happens.
 */
void
anx_resident_window_back (AnxResidentWindow *self)
{
  anx_page_stack_back (self->pages);
}

/**
 * anx_resident_window_home:
 * @self: the window
 *
 * Goes to the home page and forgets the pages in between with their data.
 */
void
anx_resident_window_home (AnxResidentWindow *self)
{
  anx_page_stack_home (self->pages);
}

/**
 * anx_resident_window_replace:
 * @self: the window
 * @maker: makes the page
 * @data: for @maker; what the page belongs to
 * @destroy: (nullable): frees @data
 *
 * Goes forward so that "Back" never returns to the present page: it is forgotten with its data. The first page stays.
 */
void
anx_resident_window_replace (AnxResidentWindow *self, AnxPageMaker maker, gpointer data, GDestroyNotify destroy)
{
  anx_page_stack_replace (self->pages, maker, data, destroy);
}

/**
 * anx_resident_window_get_idle_limit:
 * @self: the window
 *
 * Returns: seconds that the present page may stay untouched before the warning; 0 = for ever
 */
guint
anx_resident_window_get_idle_limit (AnxResidentWindow *self)
{
  return self->idle.limit_seconds;
}

/**
 * anx_resident_window_show_help:
 * @self: the window
 * @level: how urgent
 * @reason: a safety rule's code, or `help-button`
 *
 * Calls for help and shows the help page, which waits for nothing and tells by itself how far the alert has come. While an alert of this level
 * is unanswered no second one is raised.
 */
void
anx_resident_window_show_help (AnxResidentWindow *self, AnxLevel level, const char *reason)
{
  anx_resident_call_help (self->resident, level, reason);
  if (anx_page_stack_is_at (self->pages, anx_help_page_make))
    anx_resident_window_replace (self, anx_help_page_make, g_strdup (reason), g_free);
  else
    anx_resident_window_push (self, anx_help_page_make, g_strdup (reason), g_free);
}

/**
 * anx_resident_window_leave:
 * @self: the window
 *
 * Overwrites what the visit brought and ends the process at once; the kernel takes the window, the memory and the
 * clipboard with it. Does not return.
 */
void
anx_resident_window_leave (AnxResidentWindow *self)
{
  anx_resident_window_wind_up (self);
  _exit (0);
}

/**
 * anx_resident_window_wind_up:
 * @self: the window
 *
 * All of anx_resident_window_leave() but the end of the process, which must end now.
 */
void
anx_resident_window_wind_up (AnxResidentWindow *self)
{
  /* Should the shell not take the last bytes, the alarm ends the process instead. */
  alarm (LEAVE_LIMIT_SECONDS);
  /* With its page a talk ends: whoever is at the other side is told, and does not wait for a line that comes back. */
  anx_session_leave (self->resident);
  anx_screening_run_leave (self);
  g_clear_pointer (&self->pages, anx_page_stack_free);
  anx_resident_wipe (self->resident);
}
