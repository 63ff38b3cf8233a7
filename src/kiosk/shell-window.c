/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell-window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "clock.h"
#include "directory-words.h"
#include "enrolment.h"
#include "json.h"
#include "lockdown.h"
#include "scene.h"
#include "tiles.h"
#include "ui-text.h"

/* A display controller has at most three buffers in turn. */
#define REDRAWS_AFTER_VISIT 3
#define MAX_ADDRESS_CHARS 120
#define MAX_CODE_CHARS 60

struct _AnxShellWindow
{
  GtkWindow parent_instance;

  AnxClock *clock;
  char *zone; /* (nullable) */
  char *note; /* (nullable) */
  gboolean resting;
  guint redraws_left;
  guint tick_source;
  GtkWidget *clock_label; /* (nullable) on the attract screen */
  GtkWidget *day_label;
  GtkWidget *note_label; /* (nullable) */
  GString *address;
  GString *code;
  GtkWidget *address_label; /* (nullable) on the enrolment screen */
  GtkWidget *code_label;
  gboolean typing_code;
};

G_DEFINE_FINAL_TYPE (AnxShellWindow, anx_shell_window, GTK_TYPE_WINDOW)

enum
{
  BEGIN,
  ENROL,
  CANCEL,
  RETRY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
anx_shell_window_dispose (GObject *object)
{
  AnxShellWindow *self = ANX_SHELL_WINDOW (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (anx_shell_window_parent_class)->dispose (object);
}

static void
anx_shell_window_finalize (GObject *object)
{
  AnxShellWindow *self = ANX_SHELL_WINDOW (object);

  g_free (self->zone);
  g_free (self->note);
  g_string_free (self->address, TRUE);
  g_string_free (self->code, TRUE);
  G_OBJECT_CLASS (anx_shell_window_parent_class)->finalize (object);
}

static void
anx_shell_window_class_init (AnxShellWindowClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = anx_shell_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_shell_window_finalize;
  /**
   * AnxShellWindow::begin:
   * @language: `zh` or `en`
   * @page: empty or `help`
   *
   * The first touch.
   */
  signals[BEGIN] = g_signal_new ("begin", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                 G_TYPE_STRING);
  /**
   * AnxShellWindow::enrol:
   * @hub_url: the hub's address
   * @code: the enrolment code, checked for its form
   *
   * Somebody wants this machine to become a kiosk of a district.
   */
  signals[ENROL] = g_signal_new ("enrol", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                 G_TYPE_STRING);
  /**
   * AnxShellWindow::cancel:
   *
   * The enrolment is not to go on.
   */
  signals[CANCEL] = g_signal_new ("cancel", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AnxShellWindow::retry:
   *
   * The fault may be mended: start again.
   */
  signals[RETRY] = g_signal_new ("retry", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
make_text (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  return label;
}

/* Whoever comes may read only one of the two languages. */
static char *
text_in (const char *language, const char *message)
{
  g_autofree char *present = g_strdup (anx_ui_get_language ());
  char *text;

  anx_ui_set_language (language);
  text = g_strdup (_ (message));
  anx_ui_set_language (present);
  return text;
}

static void
anx_shell_window_update_clock (AnxShellWindow *self)
{
  g_autofree char *time = NULL, *day = NULL;
  gint64 now_usec = anx_clock_now_usec (self->clock);

  if (self->clock_label == NULL)
    return;
  time = anx_ui_format_time (now_usec, self->zone);
  if (g_strcmp0 (time, gtk_label_get_label (GTK_LABEL (self->clock_label))) == 0)
    return;
  day = anx_ui_format_day (now_usec, self->zone);
  gtk_label_set_label (GTK_LABEL (self->clock_label), time);
  gtk_label_set_label (GTK_LABEL (self->day_label), day);
}

static gboolean
on_tick (gpointer data)
{
  anx_shell_window_update_clock (data);
  return G_SOURCE_CONTINUE;
}

static void
on_begin_default (AnxShellWindow *self)
{
  g_signal_emit (self, signals[BEGIN], 0, anx_ui_get_language (), "");
}

static void
on_begin_chinese (AnxShellWindow *self)
{
  g_signal_emit (self, signals[BEGIN], 0, "zh", "");
}

static void
on_begin_english (AnxShellWindow *self)
{
  g_signal_emit (self, signals[BEGIN], 0, "en", "");
}

static void
on_help (AnxShellWindow *self)
{
  g_signal_emit (self, signals[BEGIN], 0, anx_ui_get_language (), "help");
}

static void
on_retry (AnxShellWindow *self)
{
  g_signal_emit (self, signals[RETRY], 0);
}

static void
on_cancel (AnxShellWindow *self)
{
  g_signal_emit (self, signals[CANCEL], 0);
}

static void
anx_shell_window_set_content (AnxShellWindow *self, GtkWidget *content)
{
  GtkWidget *overlay = gtk_overlay_new (), *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scroller), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), content);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), anx_scene_new ());
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), scroller);
  gtk_window_set_child (GTK_WINDOW (self), overlay);
}

/* Labels of the screen before must not be written to any more. */
static void
anx_shell_window_forget (AnxShellWindow *self)
{
  self->clock_label = self->day_label = self->note_label = self->address_label = self->code_label = NULL;
}

static GtkWidget *
make_begin_button (AnxShellWindow *self)
{
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");
  g_autofree char *first = text_in (chinese ? "zh_CN" : "en", N_ ("Touch to begin"));
  g_autofree char *second = text_in (chinese ? "en" : "zh_CN", N_ ("Touch to begin"));
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_widget_add_css_class (button, "begin");
  gtk_box_append (GTK_BOX (box), make_text (first, "begin-first"));
  gtk_box_append (GTK_BOX (box), make_text (second, "begin-second"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  anx_ui_set_accessible_name (button, first);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_begin_default), self);
  return button;
}

static GtkWidget *
make_languages (AnxShellWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  GtkWidget *chinese = gtk_button_new_with_label ("中文"), *english = gtk_button_new_with_label ("English");

  gtk_widget_add_css_class (chinese, "language");
  gtk_widget_add_css_class (english, "language");
  g_signal_connect_swapped (chinese, "clicked", G_CALLBACK (on_begin_chinese), self);
  g_signal_connect_swapped (english, "clicked", G_CALLBACK (on_begin_english), self);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), chinese);
  gtk_box_append (GTK_BOX (box), english);
  return box;
}

static GtkWidget *
make_help (AnxShellWindow *self)
{
  gboolean chinese = g_str_equal (anx_ui_get_language (), "zh");
  g_autofree char *first = text_in (chinese ? "zh_CN" : "en", N_ ("I need help now"));
  g_autofree char *second = text_in (chinese ? "en" : "zh_CN", N_ ("I need help now"));
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18), *icon;
  g_autofree char *both = g_strdup_printf ("%s  ·  %s", first, second);

  icon = gtk_image_new_from_icon_name ("anx-help-symbolic");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 44);
  gtk_widget_add_css_class (button, "emergency");
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), gtk_label_new (both));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  anx_ui_set_accessible_name (button, first);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_help), self);
  return button;
}

/* Wider than high: what would be stacked stands side by side, so that nothing has to scroll at 800 px. */
static gboolean
anx_shell_window_is_wide (AnxShellWindow *self)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  return width > height;
}

/* The same numbers as on the help page, one beside the other as far as there is room. */
static GtkWidget *
make_numbers (JsonArray *numbers, gboolean wide)
{
  GtkWidget *tiles = anx_tiles_new (4, wide ? 240 : 380);

  for (guint i = 0; numbers != NULL && i < json_array_get_length (numbers); i++)
    {
      JsonObject *entry = anx_json_array_need_object (numbers, i, NULL);
      const char *name = entry != NULL ? anx_json_get_string (entry, "name", "") : "";
      g_autofree char *text = NULL;

      if (entry == NULL)
        continue;
      if (g_str_equal (name, "centre"))
        name = _ ("Staff");
      else if (g_str_equal (name, "hotline"))
        name = _ ("Someone to talk to");
      else if (g_str_equal (name, "ambulance"))
        name = _ ("Ambulance");
      else if (g_str_equal (name, "police"))
        name = _ ("Police");
      text = g_strdup_printf ("%s  %s", name, anx_json_get_string (entry, "number", ""));
      anx_tiles_append (ANX_TILES (tiles), make_text (text, "attract-lines"));
    }
  return tiles;
}

static GtkWidget *
make_place_and_time (AnxShellWindow *self, const char *centre, const char *room)
{
  gboolean wide = anx_shell_window_is_wide (self);
  GtkWidget *top = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *place = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4), *time = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = make_text (centre, "attract-name"), *room_label = make_text (room, "attract-room");

  self->clock_label = make_text ("", "attract-clock");
  self->day_label = make_text ("", "attract-day");
  gtk_box_append (GTK_BOX (place), name);
  gtk_box_append (GTK_BOX (place), room_label);
  gtk_box_append (GTK_BOX (time), self->clock_label);
  gtk_box_append (GTK_BOX (time), self->day_label);
  gtk_widget_set_valign (place, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (place, TRUE);
  if (wide)
    {
      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_label_set_xalign (GTK_LABEL (room_label), 0);
    }
  gtk_box_append (GTK_BOX (top), place);
  gtk_box_append (GTK_BOX (top), time);
  return top;
}

static void
anx_shell_window_start_clock (AnxShellWindow *self)
{
  if (self->tick_source == 0 && !self->resting)
    self->tick_source = g_timeout_add_seconds (1, on_tick, self);
  anx_shell_window_update_clock (self);
}

/**
 * anx_shell_window_show_attract:
 * @self: the window
 * @centre: the centre's name
 * @room: the room's name
 * @zone: (nullable): IANA name of the centre's time zone
 * @help_numbers: (nullable): as in GetContext of org.anxin.Shell1
 * @ready: whether a touch may begin a visit
 *
 * Shows the screen that waits for a resident.
 */
void
anx_shell_window_show_attract (AnxShellWindow *self,
                               const char *centre,
                               const char *room,
                               const char *zone,
                               JsonArray *help_numbers,
                               gboolean ready)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18), *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);
  GtkWidget *bottom = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20);

  anx_shell_window_forget (self);
  g_free (self->zone);
  self->zone = g_strdup (zone);
  gtk_widget_add_css_class (box, "attract");
  if (anx_shell_window_is_wide (self))
    gtk_widget_add_css_class (box, "wide");
  gtk_box_append (GTK_BOX (middle), make_text (_ ("A quiet place to talk"), "attract-motto"));
  if (ready)
    {
      gtk_box_append (GTK_BOX (middle), make_begin_button (self));
      gtk_box_append (GTK_BOX (middle), make_languages (self));
    }
  else
    gtk_box_append (GTK_BOX (middle),
                    make_text (_ ("This place is being made ready. Please ask the staff; they are glad to help."),
                               "attract-room"));
  gtk_widget_set_vexpand (middle, TRUE);
  gtk_widget_set_valign (middle, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (middle, GTK_ALIGN_CENTER);

  if (ready)
    gtk_box_append (GTK_BOX (bottom), make_help (self));
  gtk_box_append (GTK_BOX (bottom), make_numbers (help_numbers, anx_shell_window_is_wide (self)));
  self->note_label = make_text (self->note != NULL ? self->note : "", "attract-note");
  gtk_widget_set_visible (self->note_label, self->note != NULL);
  gtk_box_append (GTK_BOX (bottom), self->note_label);

  gtk_box_append (GTK_BOX (box), make_place_and_time (self, centre, room));
  gtk_box_append (GTK_BOX (box), middle);
  gtk_box_append (GTK_BOX (box), bottom);
  anx_shell_window_set_content (self, box);
  anx_shell_window_start_clock (self);
}

/**
 * anx_shell_window_show_maintenance:
 * @self: the window
 * @what: what happened
 * @safe: what is safe
 * @todo: what to do
 *
 * Shows one calm page with "Try again". It is for the staff; a resident reads that they may ask for help, and the
 * numbers.
 */
void
anx_shell_window_show_maintenance (AnxShellWindow *self, const char *what, const char *safe, const char *todo)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 32), *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  GtkWidget *retry = gtk_button_new_with_label (_ ("Try again"));
  const char *const texts[] = { what, safe, todo };
  const char *const icons[] = { "anx-info-symbolic", "anx-kept-symbolic", "anx-person-symbolic" };

  anx_shell_window_forget (self);
  gtk_widget_add_css_class (box, "attract");
  gtk_widget_add_css_class (card, "card");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24), *icon = gtk_image_new_from_icon_name (icons[i]);
      GtkWidget *label = make_text (texts[i], "maintenance-text");
      gtk_image_set_pixel_size (GTK_IMAGE (icon), 44);
      gtk_widget_add_css_class (icon, "choice-chevron");
      gtk_widget_set_valign (icon, GTK_ALIGN_START);
      gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_LEFT);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (row), icon);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (card), row);
    }
  gtk_widget_add_css_class (retry, "primary");
  gtk_widget_set_halign (retry, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (retry, "clicked", G_CALLBACK (on_retry), self);
  gtk_box_append (GTK_BOX (box), make_text (_ ("This machine is resting"), "maintenance-heading"));
  gtk_box_append (GTK_BOX (box), card);
  gtk_box_append (GTK_BOX (box), retry);
  gtk_box_append (
      GTK_BOX (box),
      make_text (
          _ ("If you need somebody now: staff are in this building. Call 12356 to talk, 120 or 110 in an emergency."),
          "attract-lines"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  anx_shell_window_set_content (self, box);
}

static void
anx_shell_window_update_fields (AnxShellWindow *self)
{
  if (self->address_label == NULL)
    return;
  gtk_label_set_label (GTK_LABEL (self->address_label), self->address->str);
  gtk_label_set_label (GTK_LABEL (self->code_label), self->code->str);
  if (self->typing_code)
    {
      gtk_widget_add_css_class (gtk_widget_get_parent (self->code_label), "chosen");
      gtk_widget_remove_css_class (gtk_widget_get_parent (self->address_label), "chosen");
    }
  else
    {
      gtk_widget_add_css_class (gtk_widget_get_parent (self->address_label), "chosen");
      gtk_widget_remove_css_class (gtk_widget_get_parent (self->code_label), "chosen");
    }
}

static void
anx_shell_window_type (AnxShellWindow *self, const char *key)
{
  GString *field = self->typing_code ? self->code : self->address;
  gsize limit = self->typing_code ? MAX_CODE_CHARS : MAX_ADDRESS_CHARS;

  if (g_str_equal (key, "erase"))
    {
      if (field->len > 0)
        g_string_truncate (field, field->len - 1);
    }
  else if (field->len < limit)
    {
      g_autofree char *shown = self->typing_code ? g_ascii_strup (key, -1) : g_strdup (key);
      g_string_append (field, shown);
      /* Codes are written in groups of four; the reader ignores the dashes. */
      if (self->typing_code && field->len % 5 == 4 && strcmp (key, "-") != 0 && field->len < 42)
        g_string_append_c (field, '-');
    }
  anx_shell_window_update_fields (self);
}

static void
on_key_clicked (GtkButton *button, AnxShellWindow *self)
{
  anx_shell_window_type (self, g_object_get_data (G_OBJECT (button), "anx-key"));
}

static gboolean
on_typed (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, AnxShellWindow *self)
{
  gunichar c = gdk_keyval_to_unicode (keyval);
  char text[2] = { 0, 0 };

  if (self->address_label == NULL)
    return FALSE;
  if (keyval == GDK_KEY_Tab)
    {
      self->typing_code = !self->typing_code;
      anx_shell_window_update_fields (self);
      return TRUE;
    }
  if (keyval == GDK_KEY_BackSpace)
    {
      anx_shell_window_type (self, "erase");
      return TRUE;
    }
  if (c < 33 || c > 126)
    return FALSE;
  text[0] = (char) c;
  anx_shell_window_type (self, text);
  return TRUE;
}

static void
on_choose_field (GtkButton *button, AnxShellWindow *self)
{
  self->typing_code = g_object_get_data (G_OBJECT (button), "anx-code") != NULL;
  anx_shell_window_update_fields (self);
}

static void
on_enrol (AnxShellWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pin = NULL, *secret = NULL, *address = g_strdup (self->address->str),
                  *code = g_strdup (self->code->str);

  if (!g_str_has_prefix (address, "https://") || strlen (address) < 10)
    {
      anx_shell_window_show_enrolment (
          self, _ ("The hub's address begins with https:// and is written on the enrolment slip."));
      return;
    }
  if (!anx_enrolment_code_parse (code, &pin, &secret, &error))
    {
      anx_shell_window_show_enrolment (
          self, _ ("This is not a complete code. Please compare it with the slip, group by group."));
      return;
    }
  g_signal_emit (self, signals[ENROL], 0, address, code);
}

static GtkWidget *
make_field (AnxShellWindow *self, const char *name, gboolean code, GtkWidget **out_label)
{
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new (NULL),
            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *title = gtk_label_new (name);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "enrol-text");
  gtk_widget_add_css_class (button, "enrol-display");
  gtk_button_set_child (GTK_BUTTON (button), label);
  g_object_set_data (G_OBJECT (button), "anx-code", code ? self : NULL);
  g_signal_connect (button, "clicked", G_CALLBACK (on_choose_field), self);
  anx_ui_set_accessible_name (button, name);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), button);
  *out_label = label;
  return box;
}

static GtkWidget *
make_keys (AnxShellWindow *self)
{
  const char *const rows[] = { "1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:/" };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 10);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 10);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (int row = 0; row < 4; row++)
    for (int column = 0; column < 11; column++)
      {
        g_autofree char *key = column < 10 ? g_strndup (rows[row] + column, 1) : g_strdup ("erase");
        GtkWidget *button;

        if (column == 10 && row > 0)
          continue;
        button
            = column < 10 ? gtk_button_new_with_label (key) : gtk_button_new_from_icon_name ("anx-backspace-symbolic");
        if (column == 10)
          {
            gtk_image_set_pixel_size (GTK_IMAGE (gtk_button_get_child (GTK_BUTTON (button))), 36);
            anx_ui_set_accessible_name (button, _ ("Erase"));
          }
        gtk_widget_add_css_class (button, "key");
        g_object_set_data_full (G_OBJECT (button), "anx-key", g_steal_pointer (&key), g_free);
        g_signal_connect (button, "clicked", G_CALLBACK (on_key_clicked), self);
        gtk_widget_set_hexpand (button, TRUE);
        gtk_grid_attach (GTK_GRID (grid), button, column, row, 1, 1);
      }
  return grid;
}

/**
 * anx_shell_window_show_enrolment:
 * @self: the window
 * @problem: (nullable): why the last try failed
 *
 * Asks whoever sets the machine up for the hub's address and the code. What was typed stays.
 */
void
anx_shell_window_show_enrolment (AnxShellWindow *self, const char *problem)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 20),
            *enrol = gtk_button_new_with_label (_ ("Connect this kiosk"));
  gboolean wide = anx_shell_window_is_wide (self);
  GtkWidget *fields = gtk_box_new (wide ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL, 20);

  gtk_box_set_homogeneous (GTK_BOX (fields), wide);
  if (wide)
    gtk_widget_add_css_class (box, "wide");
  anx_shell_window_forget (self);
  gtk_widget_add_css_class (box, "attract");
  gtk_box_append (GTK_BOX (box), make_text (_ ("Set up this kiosk"), "maintenance-heading"));
  gtk_box_append (GTK_BOX (box),
                  make_text (_ ("Enter what stands on the enrolment slip from the district's administrator."),
                             "attract-lines"));
  if (problem != NULL)
    {
      GtkWidget *text = make_text (problem, "card");
      gtk_box_append (GTK_BOX (box), text);
    }
  gtk_box_append (GTK_BOX (fields), make_field (self, _ ("Address of the hub"), FALSE, &self->address_label));
  gtk_box_append (GTK_BOX (fields), make_field (self, _ ("Enrolment code"), TRUE, &self->code_label));
  gtk_box_append (GTK_BOX (box), fields);
  gtk_box_append (GTK_BOX (box), make_keys (self));
  gtk_widget_add_css_class (enrol, "primary");
  g_signal_connect_swapped (enrol, "clicked", G_CALLBACK (on_enrol), self);
  gtk_box_append (GTK_BOX (box), enrol);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (box, wide ? 1180 : 980, -1);
  anx_shell_window_set_content (self, box);
  anx_shell_window_update_fields (self);
}

/**
 * anx_shell_window_show_enrolling:
 * @self: the window
 *
 * The keys are made and the code is claimed; the administrator's signature is being waited for.
 */
void
anx_shell_window_show_enrolling (AnxShellWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 36), *spinner = gtk_spinner_new ();
  GtkWidget *cancel = gtk_button_new_with_label (_ ("Cancel"));

  anx_shell_window_forget (self);
  gtk_widget_add_css_class (box, "attract");
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_size_request (spinner, 64, 64);
  gtk_widget_add_css_class (cancel, "secondary");
  gtk_widget_set_halign (cancel, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (on_cancel), self);
  gtk_box_append (GTK_BOX (box), make_text (_ ("Connecting to the district"), "maintenance-heading"));
  gtk_box_append (GTK_BOX (box), spinner);
  gtk_box_append (
      GTK_BOX (box),
      make_text (_ ("The administrator now confirms this kiosk. It goes on by itself; you may leave it alone."),
                 "attract-lines"));
  gtk_box_append (GTK_BOX (box), cancel);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  anx_shell_window_set_content (self, box);
}

/**
 * anx_shell_window_set_note:
 * @self: the window
 * @note: (nullable): one line for the staff
 *
 * A quiet line at the bottom of the attract screen, for what staff should know and residents need not mind.
 */
void
anx_shell_window_set_note (AnxShellWindow *self, const char *note)
{
  g_free (self->note);
  self->note = g_strdup (note);
  if (self->note_label == NULL)
    return;
  gtk_label_set_label (GTK_LABEL (self->note_label), note != NULL ? note : "");
  gtk_widget_set_visible (self->note_label, note != NULL);
}

static gboolean
on_redraw (GtkWidget *widget, GdkFrameClock *frame_clock, gpointer user_data)
{
  AnxShellWindow *self = ANX_SHELL_WINDOW (widget);

  gtk_widget_queue_draw (widget);
  self->redraws_left--;
  return self->redraws_left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/**
 * anx_shell_window_set_resting:
 * @self: the window
 * @resting: whether a resident process is above
 *
 * Stops the clock while nobody can see it; afterwards draws everything three times, once for each buffer a display may
 * have.
 */
void
anx_shell_window_set_resting (AnxShellWindow *self, gboolean resting)
{
  if (self->resting == resting)
    return;
  self->resting = resting;
  if (resting)
    {
      g_clear_handle_id (&self->tick_source, g_source_remove);
      return;
    }
  anx_shell_window_start_clock (self);
  if (self->redraws_left == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), on_redraw, NULL, NULL);
  self->redraws_left = REDRAWS_AFTER_VISIT;
}

static void
anx_shell_window_init (AnxShellWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->clock = anx_clock_new_system ();
  self->address = g_string_new ("https://");
  self->code = g_string_new (NULL);
  gtk_window_set_title (GTK_WINDOW (self), "Anxin");
  gtk_widget_add_css_class (GTK_WIDGET (self), "kiosk");
  anx_lockdown_window (GTK_WINDOW (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_typed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

/**
 * anx_shell_window_new:
 *
 * Returns: (transfer none): the window, empty, which GTK owns
 */
GtkWidget *
anx_shell_window_new (void)
{
  return g_object_new (ANX_TYPE_SHELL_WINDOW, NULL);
}
