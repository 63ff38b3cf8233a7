/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call-text.h"

#include <glib/gi18n.h>

/* Older lines go: a call is a conversation, not an archive. */
#define MOST_LINES 200

/* Of one more who is in the session. */
typedef struct
{
  AnxCallText *text;
  AnxCall *call;
  char *name;
} Other;

struct _AnxCallText
{
  GtkWidget parent_instance;

  AnxCallCompany *company; /* (nullable) */
  char *first;             /* (nullable): whose call is "call" */
  AnxCallNameFunc name;
  gpointer user_data;
  GPtrArray *others;       /* Other*, with a call */

  AnxCall *call; /* (nullable) */
  char *other;   /* what the other side is called */
  GtkWidget *scrolled;
  GtkWidget *lines;
  guint n_lines;
};

G_DEFINE_FINAL_TYPE (AnxCallText, anx_call_text, GTK_TYPE_WIDGET)

enum
{
  HEARD,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
forget (AnxCallText *self)
{
  GtkWidget *line;

  while ((line = gtk_widget_get_first_child (self->lines)) != NULL)
    gtk_box_remove (GTK_BOX (self->lines), line);
  self->n_lines = 0;
}

static void
scroll_down (AnxCallText *self)
{
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  gtk_adjustment_set_value (place, gtk_adjustment_get_upper (place));
}

static void
add_line (AnxCallText *self,
          const char *who,
          const char *text,
          const char *css_class)
{
  /* Translators: who has written, and what. */
  g_autofree char *words = g_strdup_printf (_ ("%1$s: %2$s"), who, text);
  GtkWidget *line = gtk_label_new (words);

  if (self->n_lines == MOST_LINES)
    gtk_box_remove (GTK_BOX (self->lines), gtk_widget_get_first_child (self->lines));
  else
    self->n_lines++;
  gtk_label_set_wrap (GTK_LABEL (line), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (line), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (line), 0);
  gtk_widget_add_css_class (line, css_class);
  gtk_box_append (GTK_BOX (self->lines), line);
}

static void
on_text (AnxCallText *self,
         const char *text)
{
  add_line (self, self->other, text, "call-heard");
  g_signal_emit (self, signals[HEARD], 0);
}

static void
other_free (gpointer data)
{
  Other *other = data;

  g_signal_handlers_disconnect_by_data (other->call, other);
  g_object_unref (other->call);
  g_free (other->name);
  g_free (other);
}

static void
on_other_text (Other *other,
               const char *text)
{
  add_line (other->text, other->name, text, "call-heard");
  g_signal_emit (other->text, signals[HEARD], 0);
}

static void
on_state (AnxCallText *self)
{
  if (anx_call_get_state (self->call) == ANX_CALL_ENDED)
    forget (self);
}

static void
drop_company (AnxCallText *self)
{
  if (self->company != NULL)
    g_signal_handlers_disconnect_by_data (self->company, self);
  g_clear_object (&self->company);
  g_clear_pointer (&self->first, g_free);
  g_ptr_array_set_size (self->others, 0);
}

static void
anx_call_text_dispose (GObject *object)
{
  AnxCallText *self = ANX_CALL_TEXT (object);

  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  g_clear_object (&self->call);
  drop_company (self);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_pointer (&self->other, g_free);
  G_OBJECT_CLASS (anx_call_text_parent_class)->dispose (object);
}

static void
anx_call_text_finalize (GObject *object)
{
  g_ptr_array_unref (ANX_CALL_TEXT (object)->others);
  G_OBJECT_CLASS (anx_call_text_parent_class)->finalize (object);
}

static void
anx_call_text_class_init (AnxCallTextClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = anx_call_text_dispose;
  G_OBJECT_CLASS (klass)->finalize = anx_call_text_finalize;
  signals[HEARD] = g_signal_new ("heard", ANX_TYPE_CALL_TEXT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "calltext");
}

static void
anx_call_text_init (AnxCallText *self)
{
  self->others = g_ptr_array_new_with_free_func (other_free);
  self->lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_valign (self->lines, GTK_ALIGN_END);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->lines);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  /* The newest line stays in sight: the size is known only when it has been laid out. */
  g_signal_connect_swapped (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled)), "changed",
                            G_CALLBACK (scroll_down), self);
}

/**
 * anx_call_text_new:
 *
 * Returns: (transfer floating): the text beside a call, empty
 */
GtkWidget *
anx_call_text_new (void)
{
  return g_object_new (ANX_TYPE_CALL_TEXT, NULL);
}

/**
 * anx_call_text_set_call:
 * @self: the text
 * @call: (nullable): the call it belongs to
 * @other: (nullable): what the other side is called
 *
 * Follows another call. What was written in the one before is gone.
 */
void
anx_call_text_set_call (AnxCallText *self,
                        AnxCall *call,
                        const char *other)
{
  g_return_if_fail (ANX_IS_CALL_TEXT (self));
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (self->call, self);
  forget (self);
  g_set_object (&self->call, call);
  g_free (self->other);
  self->other = g_strdup (other != NULL ? other : "");
  if (call == NULL)
    return;
  g_signal_connect_swapped (call, "text", G_CALLBACK (on_text), self);
  g_signal_connect_swapped (call, "notify::state", G_CALLBACK (on_state), self);
}

static void
on_company (AnxCallText *self)
{
  const char *const *peers = anx_call_company_get_peers (self->company);

  /* Their calls come and go; what was written stays until the first one ends. */
  g_ptr_array_set_size (self->others, 0);
  for (guint i = 0; peers[i] != NULL; i++)
    {
      AnxCall *call = anx_call_company_get_call (self->company, peers[i]);
      if (call == NULL || g_strcmp0 (peers[i], self->first) == 0)
        continue;
      Other *other = g_new0 (Other, 1);
      other->text = self;
      other->call = g_object_ref (call);
      other->name = self->name (peers[i], self->user_data);
      g_signal_connect_swapped (call, "text", G_CALLBACK (on_other_text), other);
      g_ptr_array_add (self->others, other);
    }
}

/**
 * anx_call_text_set_company:
 * @self: the text
 * @company: (nullable): the others of the session
 * @first: whose call is that of anx_call_text_set_call()
 * @name: what a principal is called
 * @user_data: for @name
 *
 * What is written goes to all of them, and what each writes is shown with the name.
 */
void
anx_call_text_set_company (AnxCallText *self,
                           AnxCallCompany *company,
                           const char *first,
                           AnxCallNameFunc name,
                           gpointer user_data)
{
  g_return_if_fail (ANX_IS_CALL_TEXT (self));
  drop_company (self);
  if (company == NULL)
    return;
  self->company = g_object_ref (company);
  self->first = g_strdup (first);
  self->name = name;
  self->user_data = user_data;
  g_signal_connect_swapped (company, "changed", G_CALLBACK (on_company), self);
  on_company (self);
}

/**
 * anx_call_text_say:
 * @self: the text
 * @text: what this side has written, UTF-8; blanks around it are left off
 *
 * Returns: whether it is on its way to the first call's side, without a first call to one of the others at least; if so, it is shown. Nothing
 *   at all is not sent.
 */
gboolean
anx_call_text_say (AnxCallText *self,
                   const char *text)
{
  g_return_val_if_fail (ANX_IS_CALL_TEXT (self) && text != NULL, FALSE);
  g_autofree char *words = g_strstrip (g_strdup (text));

  gboolean said = FALSE;

  if (*words == '\0')
    return FALSE;
  /* Whom a resident writes to is the counsellor: what only somebody else has got must not look as if it had been said. */
  if (self->call != NULL && !anx_call_send_text (self->call, words))
    return FALSE;
  said = self->call != NULL;
  for (guint i = 0; i < self->others->len; i++)
    said = anx_call_send_text (((Other *) g_ptr_array_index (self->others, i))->call, words) || said;
  if (!said)
    return FALSE;
  add_line (self, _ ("You"), words, "call-said");
  return TRUE;
}

/**
 * anx_call_text_is_empty:
 * @self: the text
 *
 * Returns: whether neither side has written anything
 */
gboolean
anx_call_text_is_empty (AnxCallText *self)
{
  g_return_val_if_fail (ANX_IS_CALL_TEXT (self), TRUE);
  return self->n_lines == 0;
}
