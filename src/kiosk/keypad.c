/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keypad.h"

#include <glib/gi18n.h>

#include "process.h"
#include "screen-shape.h"
#include "ui-text.h"

struct _AnxKeypad
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *field;
  GString *text;
  char *keys;
  char *prompt;
  guint max_chars;
  AnxKeypadForm form;
};

G_DEFINE_FINAL_TYPE (AnxKeypad, anx_keypad, GTK_TYPE_WIDGET)

enum
{
  TYPED,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/**
 * anx_keypad_format_phone:
 * @digits: a telephone number
 *
 * Returns: (transfer full): it grouped as people say it: mobile numbers 3-4-4
 */
char *
anx_keypad_format_phone (const char *digits)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; digits[i] != '\0'; i++)
    {
      if (digits[0] == '1' && (i == 3 || i == 7))
        g_string_append_c (out, ' ');
      g_string_append_c (out, digits[i]);
    }
  return g_string_free (out, FALSE);
}

/* Codes 4-4, with places for what is missing. */
static char *
format_text (AnxKeypad *self)
{
  if (self->form == ANX_KEYPAD_PHONE)
    return anx_keypad_format_phone (self->text->str);
  GString *out = g_string_new (NULL);
  gsize length = self->text->len;
  for (guint i = 0; i < self->max_chars; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append (out, "-");
      if (i < length)
        g_string_append_c (out, self->text->str[i]);
      else
        g_string_append (out, "_");
    }
  return g_string_free (out, FALSE);
}

static void
changed (AnxKeypad *self)
{
  gboolean prompt = self->text->len == 0 && self->form == ANX_KEYPAD_PHONE;
  anx_autosecret char *shown = format_text (self);
  gtk_label_set_text (self->field, prompt ? self->prompt : shown);
  if (prompt)
    gtk_widget_add_css_class (GTK_WIDGET (self->field), "anx-field-empty");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->field), "anx-field-empty");
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * anx_keypad_press:
 * @self: the keypad
 * @key: one of its keys, `"erase"` or `"clear"`; others do nothing
 *
 * What touching the key does.
 */
void
anx_keypad_press (AnxKeypad *self,
                  const char *key)
{
  g_return_if_fail (ANX_IS_KEYPAD (self));
  g_return_if_fail (key != NULL);

  g_signal_emit (self, signals[TYPED], 0);
  if (g_str_equal (key, "erase"))
    g_string_truncate (self->text, self->text->len > 0 ? self->text->len - 1 : 0);
  else if (g_str_equal (key, "clear"))
    g_string_truncate (self->text, 0);
  else if (key[0] != '\0' && key[1] == '\0' && strchr (self->keys, key[0]) != NULL && self->text->len < self->max_chars)
    g_string_append_c (self->text, key[0]);
  changed (self);
}

/**
 * anx_keypad_get_text:
 * @self: the keypad
 *
 * Returns: (transfer none): what was typed, without the gaps of the display; never %NULL
 */
const char *
anx_keypad_get_text (AnxKeypad *self)
{
  g_return_val_if_fail (ANX_IS_KEYPAD (self), "");
  return self->text->str;
}

/**
 * anx_keypad_set_text:
 * @self: the keypad
 * @text: (nullable): characters of its keys; others are left off, and what is too long
 *
 * Replaces what was typed.
 */
void
anx_keypad_set_text (AnxKeypad *self,
                     const char *text)
{
  g_return_if_fail (ANX_IS_KEYPAD (self));

  g_string_truncate (self->text, 0);
  for (const char *p = text; p != NULL && *p != '\0' && self->text->len < self->max_chars; p++)
    if (strchr (self->keys, *p) != NULL)
      g_string_append_c (self->text, *p);
  changed (self);
}

static void
on_key_clicked (GtkButton *button,
                gpointer user_data)
{
  anx_keypad_press (user_data, g_object_get_data (G_OBJECT (button), "anx-key"));
}

static void
add_key (AnxKeypad *self,
         GtkGrid *grid,
         int position,
         int columns,
         const char *key,
         const char *label,
         const char *accessible_name)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_add_css_class (button, "anx-key");
  gtk_widget_add_css_class (button, "anx-keypad-key");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_vexpand (button, TRUE);
  gtk_widget_set_focus_on_click (button, FALSE);
  if (accessible_name != NULL)
    anx_ui_set_accessible_name (button, accessible_name);
  g_object_set_data_full (G_OBJECT (button), "anx-key", g_strdup (key), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_key_clicked), self);
  gtk_grid_attach (grid, button, position % columns, position / columns, 1, 1);
}

static void
anx_keypad_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  AnxKeypad *self = ANX_KEYPAD (widget);
  gtk_widget_measure (self->box, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *natural = MAX (*natural, 700);
  *minimum_baseline = *natural_baseline = -1;
}

static void
anx_keypad_size_allocate (GtkWidget *widget,
                          int width,
                          int height,
                          int baseline)
{
  gtk_widget_allocate (ANX_KEYPAD (widget)->box, width, height, baseline, NULL);
}

static void
anx_keypad_dispose (GObject *object)
{
  AnxKeypad *self = ANX_KEYPAD (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (anx_keypad_parent_class)->dispose (object);
}

static void
anx_keypad_finalize (GObject *object)
{
  AnxKeypad *self = ANX_KEYPAD (object);
  anx_secret_free (g_string_free (self->text, FALSE));
  g_free (self->keys);
  g_free (self->prompt);
  G_OBJECT_CLASS (anx_keypad_parent_class)->finalize (object);
}

static void
anx_keypad_class_init (AnxKeypadClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  object_class->dispose = anx_keypad_dispose;
  object_class->finalize = anx_keypad_finalize;
  widget_class->measure = anx_keypad_measure;
  widget_class->size_allocate = anx_keypad_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "anxkeypad");
  signals[TYPED] = g_signal_new ("typed", ANX_TYPE_KEYPAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_KEYPAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_keypad_init (AnxKeypad *self)
{
  self->text = g_string_new (NULL);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

/**
 * anx_keypad_new:
 * @keys: the characters of the keys, ASCII, in their order
 * @columns: keys in a row, 1 or more
 * @max_chars: so many can be typed
 * @form: how the field shows them
 * @prompt: what the empty field of a phone number says
 *
 * Two keys more stand at the end: "Clear" and "Erase one". With digits in three columns the 0 stands between them, as on a telephone; on a low
 * screen these stand beside the field.
 *
 * Returns: (transfer floating): the keypad
 */
GtkWidget *
anx_keypad_new (const char *keys,
                int columns,
                guint max_chars,
                AnxKeypadForm form,
                const char *prompt)
{
  g_return_val_if_fail (keys != NULL && columns > 0, NULL);

  AnxKeypad *self = g_object_new (ANX_TYPE_KEYPAD, NULL);
  self->keys = g_strdup (keys);
  self->prompt = g_strdup (prompt);
  self->max_chars = max_chars;
  self->form = form;

  self->field = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->field), "anx-field");
  gtk_widget_add_css_class (GTK_WIDGET (self->field), "anx-field-code");
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->field));
  gboolean telephone = columns == 3 && strlen (keys) == 10;
  /* A telephone's four rows and the field above them would be higher than a low screen. */
  if (telephone && anx_screen_is_low (GTK_WIDGET (self)))
    {
      gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box), GTK_ORIENTATION_HORIZONTAL);
      gtk_box_set_homogeneous (GTK_BOX (self->box), TRUE);
      gtk_widget_set_valign (GTK_WIDGET (self->field), GTK_ALIGN_START);
    }

  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_homogeneous (grid, TRUE);
  gtk_grid_set_row_homogeneous (grid, TRUE);
  gtk_grid_set_column_spacing (grid, 12);
  gtk_grid_set_row_spacing (grid, 12);
  gtk_widget_set_vexpand (GTK_WIDGET (grid), TRUE);
  int n = (int) strlen (keys);
  for (int i = 0; i < n; i++)
    {
      char key[2] = { keys[i], '\0' };
      add_key (self, grid, telephone && i == 9 ? 10 : i, columns, key, key, NULL);
    }
  add_key (self, grid, telephone ? 9 : n, columns, "clear", _("Clear"), NULL);
  add_key (self, grid, telephone ? 11 : n + 1, columns, "erase", "⌫", _("Erase one"));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (grid));
  changed (self);
  return GTK_WIDGET (self);
}
