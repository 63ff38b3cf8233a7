/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "desk-dialog.h"
#include "test-display.h"

/* A form in a real window: what was written in it is not lost by one key. */

typedef struct
{
  GtkWidget *parent;
  GtkTextView *text;
  gboolean freed;
  guint sent;
} Fixture;

static gboolean
on_send (gpointer data,
         GError **error)
{
  Fixture *f = data;
  f->sent++;
  return TRUE;
}

static void
on_freed (gpointer data)
{
  ((Fixture *) data)->freed = TRUE;
}

static const AnxDeskFormKind kind = { "It could not be kept", on_send, on_freed };

static void
set_up (Fixture *f,
        gconstpointer data)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  f->parent = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->parent));
  f->text = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (f->text), "as it was", -1);
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (f->text));
  anx_desk_form_present (GTK_WINDOW (f->parent), &kind, "The form", "Why", "_Send", content, f);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->parent));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (f->freed);
}

/* The only dialog there is; NULL when there is none. */
static AdwMessageDialog *
find_dialog (void)
{
  AdwMessageDialog *found = NULL;
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  for (GList *at = windows; at != NULL; at = at->next)
    if (ADW_IS_MESSAGE_DIALOG (at->data) && gtk_widget_get_visible (at->data))
      {
        g_assert_null (found);
        found = at->data;
      }
  return found;
}

static void
assert_form (Fixture *f,
             const char *written)
{
  AdwMessageDialog *dialog = find_dialog ();
  GtkTextIter start, end;
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (f->text);
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog), ==, "The form");
  g_assert_true (gtk_widget_get_root (GTK_WIDGET (f->text)) == GTK_ROOT (dialog));
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  g_assert_cmpstr (text, ==, written);
}

static void
assert_question (void)
{
  g_assert_cmpstr (adw_message_dialog_get_heading (find_dialog ()), ==, "What you wrote is not saved");
}

/* As Escape does. */
static void
close_dialog (void)
{
  gtk_window_close (GTK_WINDOW (find_dialog ()));
}

static GtkWidget *
find_button (GtkWidget *widget,
             const char *label)
{
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  GtkWidget *found = NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_button (child, label);
  return found;
}

static void
press (const char *label)
{
  GtkWidget *button = find_button (GTK_WIDGET (find_dialog ()), label);
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

static void
test_untouched (Fixture *f,
                gconstpointer data)
{
  assert_form (f, "as it was");
  close_dialog ();
  g_assert_null (find_dialog ());
}

static void
test_written (Fixture *f,
              gconstpointer data)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (f->text), "much work", -1);
  anx_desk_form_set_ready (gtk_widget_get_parent (GTK_WIDGET (f->text)), TRUE);
  /* Escape asks, Escape again leads back; the button too. */
  close_dialog ();
  assert_question ();
  close_dialog ();
  assert_form (f, "much work");
  press ("_Go back");
  assert_question ();
  press ("_Go back");
  assert_form (f, "much work");
  g_assert_false (f->freed);
  if (data != NULL)
    press ("_Send");
  else
    {
      close_dialog ();
      press ("_Close without saving");
    }
  g_assert_cmpuint (f->sent, ==, data != NULL);
  g_assert_null (find_dialog ());
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!anx_test_display_open (800, 600))
    {
      g_test_skip ("no Xvfb");
      return 77;
    }
  adw_init ();
  g_test_add ("/desk/dialog/untouched", Fixture, NULL, set_up, test_untouched, tear_down);
  g_test_add ("/desk/dialog/left", Fixture, NULL, set_up, test_written, tear_down);
  g_test_add ("/desk/dialog/sent", Fixture, "send", set_up, test_written, tear_down);
  return g_test_run ();
}
