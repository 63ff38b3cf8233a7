/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyboard.h"

#include <glib/gi18n.h>

#include "bounds.h"
#include "pinyin-lookup.h"
#include "process.h"
#include "ui-text.h"

/*
 * States: plain (no letters wait) and composing (letters wait, candidates are shown).
 * I1: letters wait only in pinyin mode.
 * I2: text never has more than ANX_BOUND_NAME_CHARS characters.
 * I3: the names and titles of widgets never hold what was typed, except the field's and the candidates' own labels.
 */

#define SHOWN_CANDIDATES 6
/* What the keyboard would like to be high; it can be squeezed to what its keys need. */
#define NATURAL_HEIGHT_PX 780

struct _AnxKeyboard
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *field;
  GtkWidget *candidate_buttons[SHOWN_CANDIDATES];
  GtkLabel *candidate_labels[SHOWN_CANDIDATES];
  GtkLabel *hint;
  GtkWidget *candidate_box;
  GtkStack *strip;
  GtkWidget *earlier, *later;
  GtkWidget *letter_keys[26];
  GtkWidget *shift, *mode, *space;

  AnxPinyin *pinyin; /* (nullable) opened with the first letter; absent when the dictionary is missing */
  gboolean pinyin_failed;
  GString *text;
  GString *letters;
  GPtrArray *candidates; /* (nullable) (element-type AnxPinyinCandidate) */
  guint first_shown;
  char *prompt;
  gboolean latin;
  gboolean upper;
};

G_DEFINE_FINAL_TYPE (AnxKeyboard, anx_keyboard, GTK_TYPE_WIDGET)

enum
{
  TYPED,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
show_field (AnxKeyboard *self)
{
  gboolean empty = self->text->len == 0 && self->letters->len == 0;
  if (empty)
    {
      gtk_label_set_text (self->field, self->prompt);
      gtk_widget_add_css_class (GTK_WIDGET (self->field), "anx-field-empty");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->field), "anx-field-empty");
  g_autofree char *shown = g_strconcat (self->text->str, self->letters->str, NULL);
  PangoAttrList *attributes = pango_attr_list_new ();
  PangoAttribute *underline = pango_attr_underline_new (PANGO_UNDERLINE_SINGLE);
  underline->start_index = (guint) self->text->len;
  underline->end_index = (guint) (self->text->len + self->letters->len);
  pango_attr_list_insert (attributes, underline);
  gtk_label_set_text (self->field, shown);
  gtk_label_set_attributes (self->field, attributes);
  pango_attr_list_unref (attributes);
}

static void
show_candidates (AnxKeyboard *self)
{
  guint n = self->candidates != NULL ? self->candidates->len : 0;
  for (guint i = 0; i < SHOWN_CANDIDATES; i++)
    {
      guint index = self->first_shown + i;
      gboolean there = index < n;
      const char *text = there ? ((AnxPinyinCandidate *) g_ptr_array_index (self->candidates, index))->text : "";
      gtk_label_set_text (self->candidate_labels[i], text);
      anx_ui_set_accessible_name (self->candidate_buttons[i], text);
      /* Opacity and not visibility: the row must not jump while a finger is on its way. */
      gtk_widget_set_opacity (self->candidate_buttons[i], there ? 1 : 0);
      gtk_widget_set_sensitive (self->candidate_buttons[i], there);
    }
  gtk_widget_set_sensitive (self->earlier, self->first_shown > 0);
  gtk_widget_set_sensitive (self->later, self->first_shown + SHOWN_CANDIDATES < n);

  gboolean composing = self->letters->len > 0;
  gtk_stack_set_visible_child (self->strip, composing && n > 0 ? self->candidate_box : GTK_WIDGET (self->hint));
  if (self->latin)
    gtk_label_set_text (self->hint, "");
  else if (self->pinyin_failed)
    gtk_label_set_text (self->hint, _("Chinese characters cannot be typed here just now. Letters will do."));
  else if (composing)
    gtk_label_set_text (self->hint, _("Nothing found for these letters. Please erase one."));
  else if (self->text->len == 0)
    gtk_label_set_text (self->hint, _("Type the sounds, then touch the characters."));
  else
    gtk_label_set_text (self->hint, "");
}

static void
look_up (AnxKeyboard *self)
{
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  self->first_shown = 0;
  if (self->letters->len == 0)
    return;
  if (self->pinyin == NULL && !self->pinyin_failed)
    {
      self->pinyin = anx_pinyin_new (NULL);
      self->pinyin_failed = self->pinyin == NULL;
    }
  if (self->pinyin != NULL)
    self->candidates = anx_pinyin_look_up (self->pinyin, self->letters->str, self->text->len == 0);
}

static void
show_keys (AnxKeyboard *self)
{
  for (int i = 0; i < 26; i++)
    {
      char label[2] = { (char) ((self->latin && self->upper ? 'A' : 'a') + i), '\0' };
      gtk_button_set_label (GTK_BUTTON (self->letter_keys[i]), label);
    }
  gtk_widget_set_visible (self->shift, self->latin);
  gtk_button_set_label (GTK_BUTTON (self->mode), self->latin ? _("Chinese") : _("Letters"));
  gtk_button_set_label (GTK_BUTTON (self->space), self->latin ? _("Space") : _("First one"));
  gtk_widget_set_sensitive (self->space, self->latin || self->letters->len > 0);
}

static void
changed (AnxKeyboard *self)
{
  show_field (self);
  show_candidates (self);
  show_keys (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Keeps I2 by leaving off what would be too much: the field shows what is there, so nothing is lost unseen. */
static void
append_text (AnxKeyboard *self,
             const char *more)
{
  glong room = ANX_BOUND_NAME_CHARS - g_utf8_strlen (self->text->str, -1);
  for (const char *p = more; *p != '\0' && room > 0; p = g_utf8_next_char (p), room--)
    g_string_append_unichar (self->text, g_utf8_get_char (p));
}

/**
 * anx_keyboard_choose:
 * @self: the keyboard
 * @shown_index: which of the candidates now shown, from 0
 *
 * Writes the candidate in place of the letters it stands for; the letters behind them go on waiting.
 */
void
anx_keyboard_choose (AnxKeyboard *self,
                     guint shown_index)
{
  g_return_if_fail (ANX_IS_KEYBOARD (self));

  guint index = self->first_shown + shown_index;
  if (shown_index >= SHOWN_CANDIDATES || self->candidates == NULL || index >= self->candidates->len)
    return;
  AnxPinyinCandidate *candidate = g_ptr_array_index (self->candidates, index);
  append_text (self, candidate->text);
  g_string_erase (self->letters, 0, (gssize) MIN (candidate->n_letters, self->letters->len));
  while (self->letters->len > 0 && self->letters->str[0] == '\'')
    g_string_erase (self->letters, 0, 1);
  look_up (self);
  changed (self);
}

static void
erase (AnxKeyboard *self)
{
  if (self->letters->len > 0)
    {
      g_string_truncate (self->letters, self->letters->len - 1);
      look_up (self);
    }
  else if (self->text->len > 0)
    {
      const char *last = g_utf8_prev_char (self->text->str + self->text->len);
      g_string_truncate (self->text, (gsize) (last - self->text->str));
    }
}

static void
press_letter (AnxKeyboard *self,
              char letter)
{
  if (self->latin)
    {
      char text[2] = { self->upper ? g_ascii_toupper (letter) : letter, '\0' };
      append_text (self, text);
      self->upper = FALSE;
    }
  else if (self->letters->len < ANX_PINYIN_MAX_LETTERS)
    {
      g_string_append_c (self->letters, letter);
      look_up (self);
    }
}

/**
 * anx_keyboard_press:
 * @self: the keyboard
 * @key: a letter a to z, `" "`, `"·"`, `"-"`, `"'"`, `"erase"`, `"clear"`, `"shift"` or `"mode"`; others do nothing
 *
 * What touching the key does. In pinyin the space takes the first candidate, as everywhere in China.
 */
void
anx_keyboard_press (AnxKeyboard *self,
                    const char *key)
{
  g_return_if_fail (ANX_IS_KEYBOARD (self));
  g_return_if_fail (key != NULL);

  g_signal_emit (self, signals[TYPED], 0);
  if (g_ascii_islower (key[0]) && key[1] == '\0')
    press_letter (self, key[0]);
  else if (g_str_equal (key, "erase"))
    erase (self);
  else if (g_str_equal (key, "clear"))
    {
      g_string_truncate (self->text, 0);
      g_string_truncate (self->letters, 0);
      look_up (self);
    }
  else if (g_str_equal (key, "shift"))
    self->upper = !self->upper;
  else if (g_str_equal (key, "mode"))
    {
      anx_keyboard_set_latin (self, !self->latin);
      return;
    }
  else if (g_str_equal (key, "'"))
    {
      if (self->letters->len > 0 && self->letters->len < ANX_PINYIN_MAX_LETTERS)
        g_string_append_c (self->letters, '\'');
      look_up (self);
    }
  else if (self->letters->len > 0)
    {
      anx_keyboard_choose (self, 0);
      return;
    }
  else if (g_str_equal (key, " ") || g_str_equal (key, "·") || g_str_equal (key, "-"))
    {
      /* A name does not begin with a gap. */
      if (self->text->len > 0 && (self->latin || key[0] != ' '))
        append_text (self, key);
    }
  changed (self);
}

/**
 * anx_keyboard_get_text:
 * @self: the keyboard
 *
 * Returns: (transfer none): what is written so far, without letters that still wait; never %NULL
 */
const char *
anx_keyboard_get_text (AnxKeyboard *self)
{
  g_return_val_if_fail (ANX_IS_KEYBOARD (self), "");
  return self->text->str;
}

/**
 * anx_keyboard_set_text:
 * @self: the keyboard
 * @text: (nullable): UTF-8; what goes over ANX_BOUND_NAME_CHARS characters is left off
 *
 * Replaces what is written and forgets letters that wait.
 */
void
anx_keyboard_set_text (AnxKeyboard *self,
                       const char *text)
{
  g_return_if_fail (ANX_IS_KEYBOARD (self));

  g_string_truncate (self->text, 0);
  g_string_truncate (self->letters, 0);
  append_text (self, text != NULL ? text : "");
  look_up (self);
  changed (self);
}

/**
 * anx_keyboard_is_composing:
 * @self: the keyboard
 *
 * Returns: whether letters wait for their characters to be chosen
 */
gboolean
anx_keyboard_is_composing (AnxKeyboard *self)
{
  g_return_val_if_fail (ANX_IS_KEYBOARD (self), FALSE);
  return self->letters->len > 0;
}

/**
 * anx_keyboard_set_latin:
 * @self: the keyboard
 * @latin: %TRUE for letters as they are, %FALSE for pinyin
 *
 * Letters that wait are written as letters when pinyin is left.
 */
void
anx_keyboard_set_latin (AnxKeyboard *self,
                        gboolean latin)
{
  g_return_if_fail (ANX_IS_KEYBOARD (self));

  self->latin = latin;
  self->upper = latin && self->text->len == 0 && self->letters->len == 0;
  append_text (self, self->letters->str);
  g_string_truncate (self->letters, 0);
  look_up (self);
  changed (self);
}

/**
 * anx_keyboard_get_latin:
 * @self: the keyboard
 *
 * Returns: whether letters are written as they are
 */
gboolean
anx_keyboard_get_latin (AnxKeyboard *self)
{
  g_return_val_if_fail (ANX_IS_KEYBOARD (self), FALSE);
  return self->latin;
}

/**
 * anx_keyboard_list_shown:
 * @self: the keyboard
 *
 * Returns: (transfer full) (element-type utf8): the candidates on the buttons now, in their order
 */
GPtrArray *
anx_keyboard_list_shown (AnxKeyboard *self)
{
  g_return_val_if_fail (ANX_IS_KEYBOARD (self), NULL);

  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  for (guint i = self->first_shown; self->candidates != NULL && i < self->candidates->len && i < self->first_shown + SHOWN_CANDIDATES; i++)
    g_ptr_array_add (list, g_strdup (((AnxPinyinCandidate *) g_ptr_array_index (self->candidates, i))->text));
  return list;
}

static void
on_key_clicked (GtkButton *button,
                gpointer user_data)
{
  anx_keyboard_press (user_data, g_object_get_data (G_OBJECT (button), "anx-key"));
}

static void
on_candidate_clicked (GtkButton *button,
                      gpointer user_data)
{
  AnxKeyboard *self = user_data;
  g_signal_emit (self, signals[TYPED], 0);
  for (guint i = 0; i < SHOWN_CANDIDATES; i++)
    if (self->candidate_buttons[i] == GTK_WIDGET (button))
      {
        anx_keyboard_choose (self, i);
        return;
      }
}

static void
turn_candidates (AnxKeyboard *self,
                 int by)
{
  g_signal_emit (self, signals[TYPED], 0);
  guint n = self->candidates != NULL ? self->candidates->len : 0;
  if (by > 0 && self->first_shown + SHOWN_CANDIDATES < n)
    self->first_shown += SHOWN_CANDIDATES;
  else if (by < 0)
    self->first_shown -= MIN (self->first_shown, SHOWN_CANDIDATES);
  show_candidates (self);
}

static void
on_earlier_clicked (GtkButton *button,
                    gpointer user_data)
{
  turn_candidates (user_data, -1);
}

static void
on_later_clicked (GtkButton *button,
                  gpointer user_data)
{
  turn_candidates (user_data, 1);
}

/* Keys take no keyboard focus: a focus ring that walks over 26 letters says nothing, and reading aloud follows touch. */
static GtkWidget *
make_key (AnxKeyboard *self,
          const char *key,
          const char *label,
          const char *accessible_name)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_add_css_class (button, "anx-key");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_set_vexpand (button, TRUE);
  gtk_widget_set_focus_on_click (button, FALSE);
  g_object_set_data_full (G_OBJECT (button), "anx-key", g_strdup (key), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_key_clicked), self);
  if (accessible_name != NULL)
    anx_ui_set_accessible_name (button, accessible_name);
  return button;
}

static void
add_letter_row (AnxKeyboard *self,
                GtkGrid *grid,
                int row,
                int first_column,
                const char *letters)
{
  for (int i = 0; letters[i] != '\0'; i++)
    {
      char key[2] = { letters[i], '\0' };
      GtkWidget *button = make_key (self, key, key, NULL);
      self->letter_keys[letters[i] - 'a'] = button;
      gtk_grid_attach (grid, button, first_column + 2 * i, row, 2, 1);
    }
}

/* Twenty half-key columns, so that the rows stand shifted by half a key as on every keyboard. */
static GtkWidget *
make_keys (AnxKeyboard *self)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_widget_add_css_class (GTK_WIDGET (grid), "anx-keys");
  gtk_grid_set_column_homogeneous (grid, TRUE);
  gtk_grid_set_row_homogeneous (grid, TRUE);
  gtk_grid_set_column_spacing (grid, 4);
  gtk_grid_set_row_spacing (grid, 8);
  gtk_widget_set_vexpand (GTK_WIDGET (grid), TRUE);
  add_letter_row (self, grid, 0, 0, "qwertyuiop");
  add_letter_row (self, grid, 1, 1, "asdfghjkl");
  self->shift = make_key (self, "shift", "⇧", _("Capital letter"));
  gtk_grid_attach (grid, self->shift, 0, 2, 3, 1);
  add_letter_row (self, grid, 2, 3, "zxcvbnm");
  gtk_grid_attach (grid, make_key (self, "erase", "⌫", _("Erase one")), 17, 2, 3, 1);

  self->mode = make_key (self, "mode", "", NULL);
  gtk_grid_attach (grid, self->mode, 0, 3, 4, 1);
  gtk_grid_attach (grid, make_key (self, "·", "·", _("Dot between names")), 4, 3, 2, 1);
  self->space = make_key (self, " ", "", NULL);
  gtk_grid_attach (grid, self->space, 6, 3, 8, 1);
  gtk_grid_attach (grid, make_key (self, "-", "-", _("Hyphen")), 14, 3, 2, 1);
  gtk_grid_attach (grid, make_key (self, "clear", _("Clear"), NULL), 16, 3, 4, 1);
  gtk_widget_add_css_class (self->mode, "anx-key-word");
  gtk_widget_add_css_class (self->space, "anx-key-word");
  gtk_widget_add_css_class (gtk_grid_get_child_at (grid, 16, 3), "anx-key-word");
  return GTK_WIDGET (grid);
}

static GtkWidget *
make_turn_button (AnxKeyboard *self,
                  const char *label,
                  const char *accessible_name,
                  GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_add_css_class (button, "anx-key");
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_size_request (button, 72, -1);
  anx_ui_set_accessible_name (button, accessible_name);
  g_signal_connect (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
make_strip (AnxKeyboard *self)
{
  self->candidate_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->earlier = make_turn_button (self, "‹", _("Earlier characters"), G_CALLBACK (on_earlier_clicked));
  self->later = make_turn_button (self, "›", _("More characters"), G_CALLBACK (on_later_clicked));
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  gtk_widget_set_hexpand (row, TRUE);
  for (guint i = 0; i < SHOWN_CANDIDATES; i++)
    {
      self->candidate_labels[i] = GTK_LABEL (gtk_label_new (""));
      gtk_label_set_ellipsize (self->candidate_labels[i], PANGO_ELLIPSIZE_END);
      self->candidate_buttons[i] = gtk_button_new ();
      gtk_button_set_child (GTK_BUTTON (self->candidate_buttons[i]), GTK_WIDGET (self->candidate_labels[i]));
      gtk_widget_add_css_class (self->candidate_buttons[i], "anx-candidate");
      gtk_widget_set_focus_on_click (self->candidate_buttons[i], FALSE);
      g_signal_connect (self->candidate_buttons[i], "clicked", G_CALLBACK (on_candidate_clicked), self);
      gtk_box_append (GTK_BOX (row), self->candidate_buttons[i]);
    }
  gtk_box_append (GTK_BOX (self->candidate_box), self->earlier);
  gtk_box_append (GTK_BOX (self->candidate_box), row);
  gtk_box_append (GTK_BOX (self->candidate_box), self->later);

  self->hint = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->hint), "anx-keyboard-hint");
  gtk_label_set_wrap (self->hint, TRUE);
  self->strip = GTK_STACK (gtk_stack_new ());
  anx_ui_hide_covered_pages (self->strip);
  gtk_widget_add_css_class (GTK_WIDGET (self->strip), "anx-candidates");
  gtk_stack_add_child (self->strip, GTK_WIDGET (self->hint));
  gtk_stack_add_child (self->strip, self->candidate_box);
  return GTK_WIDGET (self->strip);
}

static void
anx_keyboard_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  AnxKeyboard *self = ANX_KEYBOARD (widget);
  gtk_widget_measure (self->box, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *natural = MAX (*natural, NATURAL_HEIGHT_PX);
  *minimum_baseline = *natural_baseline = -1;
}

static void
anx_keyboard_size_allocate (GtkWidget *widget,
                            int width,
                            int height,
                            int baseline)
{
  gtk_widget_allocate (ANX_KEYBOARD (widget)->box, width, height, baseline, NULL);
}

static void
anx_keyboard_dispose (GObject *object)
{
  AnxKeyboard *self = ANX_KEYBOARD (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  g_clear_pointer (&self->pinyin, anx_pinyin_free);
  G_OBJECT_CLASS (anx_keyboard_parent_class)->dispose (object);
}

static void
anx_keyboard_finalize (GObject *object)
{
  AnxKeyboard *self = ANX_KEYBOARD (object);
  anx_secret_free (g_string_free (self->text, FALSE));
  anx_secret_free (g_string_free (self->letters, FALSE));
  g_free (self->prompt);
  G_OBJECT_CLASS (anx_keyboard_parent_class)->finalize (object);
}

static void
anx_keyboard_class_init (AnxKeyboardClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  object_class->dispose = anx_keyboard_dispose;
  object_class->finalize = anx_keyboard_finalize;
  widget_class->measure = anx_keyboard_measure;
  widget_class->size_allocate = anx_keyboard_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "anxkeyboard");
  signals[TYPED] = g_signal_new ("typed", ANX_TYPE_KEYBOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHANGED] = g_signal_new ("changed", ANX_TYPE_KEYBOARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
anx_keyboard_init (AnxKeyboard *self)
{
  self->text = g_string_new (NULL);
  self->letters = g_string_new (NULL);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  self->field = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->field), "anx-field");
  gtk_label_set_xalign (self->field, 0);
  /* The end stays visible: that is where people type. */
  gtk_label_set_ellipsize (self->field, PANGO_ELLIPSIZE_START);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->field));
  gtk_box_append (GTK_BOX (self->box), make_strip (self));
  gtk_box_append (GTK_BOX (self->box), make_keys (self));
}

/**
 * anx_keyboard_new:
 * @prompt: what the empty field says
 *
 * Pinyin first when the language of the screen is Chinese, else letters.
 *
 * Returns: (transfer floating): the keyboard
 */
GtkWidget *
anx_keyboard_new (const char *prompt)
{
  AnxKeyboard *self = g_object_new (ANX_TYPE_KEYBOARD, NULL);
  self->prompt = g_strdup (prompt);
  self->latin = !g_str_equal (anx_ui_get_language (), "zh");
  self->upper = self->latin;
  changed (self);
  return GTK_WIDGET (self);
}
