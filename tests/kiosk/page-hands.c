/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "page-hands.h"

#include <string.h>

#include "lockdown.h"
#include "ui-text.h"

/* Only a failure waits so long: a loaded machine needs seconds to make a key out of a code. */
#define LIMIT_USEC (60 * G_USEC_PER_SEC)

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
anx_hands_wait_until (gboolean (*holds) (gpointer),
                      gpointer data)
{
  gint64 end = g_get_monotonic_time () + LIMIT_USEC;
  /* The double works in another thread; the main context has to be woken for what it changes. */
  guint source = g_timeout_add (20, wake, NULL);
  while (!holds (data) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  g_assert_true (holds (data));
}

typedef gboolean (*Test) (GtkWidget *widget, const char *text);

static GtkWidget *
search (GtkWidget *widget,
        Test test,
        const char *text)
{
  if (test (widget, text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = search (child, test, text);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_text (GtkWidget *widget,
         const char *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
is_exact_text (GtkWidget *widget,
               const char *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

static gboolean
is_button (GtkWidget *widget,
           const char *text)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) && gtk_widget_is_sensitive (widget)
         && search (widget, is_exact_text, text) != NULL;
}

/* The header has a button “A” too. */
static gboolean
is_key (GtkWidget *widget,
        const char *text)
{
  return gtk_widget_has_css_class (widget, "anx-key") && is_button (widget, text);
}

gboolean
anx_hands_see (AnxHands *self,
               const char *text)
{
  return search (GTK_WIDGET (self->window), is_text, text) != NULL;
}

typedef struct
{
  AnxHands *hands;
  const char *text;
} Sought;

static gboolean
sees (gpointer data)
{
  Sought *sought = data;
  return anx_hands_see (sought->hands, sought->text);
}

void
anx_hands_wait_for (AnxHands *self,
                    const char *text)
{
  Sought sought = { self, text };
  g_test_message ("wait for “%s”", text);
  anx_hands_wait_until (sees, &sought);
}

GtkWidget *
anx_hands_find (AnxHands *self,
                const char *text)
{
  return search (GTK_WIDGET (self->window), is_button, text);
}

static gboolean
finds (gpointer data)
{
  Sought *sought = data;
  return anx_hands_find (sought->hands, sought->text) != NULL;
}

void
anx_hands_touch (AnxHands *self,
                 const char *text)
{
  Sought sought = { self, text };
  g_test_message ("touch “%s”", text);
  anx_hands_wait_until (finds, &sought);
  g_signal_emit_by_name (anx_hands_find (self, text), "clicked");
}

static gboolean
is_icon_button (GtkWidget *widget,
                const char *icon_name)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), icon_name) == 0;
}

void
anx_hands_touch_icon (AnxHands *self,
                      const char *icon_name)
{
  GtkWidget *button = search (GTK_WIDGET (self->window), is_icon_button, icon_name);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

void
anx_hands_type (AnxHands *self,
                const char *letters)
{
  for (const char *p = letters; *p != '\0'; p++)
    {
      char key[2] = { *p, '\0' };
      GtkWidget *button = search (GTK_WIDGET (self->window), is_key, key);
      g_assert_nonnull (button);
      g_signal_emit_by_name (button, "clicked");
    }
}

static gboolean
is_drawn (gpointer data)
{
  GtkWidget *window = data;
  return gtk_widget_get_mapped (window) && gtk_widget_get_width (window) > 0;
}

static gboolean
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
rest (void)
{
  gboolean late = FALSE;
  g_timeout_add (200, set_true, &late);
  while (!late)
    g_main_context_iteration (NULL, TRUE);
}

/* Text size and contrast as the one who looks wants them; a change of language sets those of the resident again. */
static void
dress (AnxHands *self)
{
  g_auto (GStrv) classes = g_strsplit (g_getenv ("ANX_LOOK_CLASSES") != NULL ? g_getenv ("ANX_LOOK_CLASSES") : "", " ", -1);
  for (guint i = 0; classes[i] != NULL && *classes[i] != '\0'; i++)
    gtk_widget_add_css_class (GTK_WIDGET (self->window), classes[i]);
}

void
anx_hands_look (AnxHands *self,
                const char *name)
{
  const char *folder = g_getenv ("ANX_LOOK_DIR");
  if (folder == NULL)
    return;
  /* In the other language; what is made anew by the change is what a resident sees who changes it here. */
  gboolean translate = g_strcmp0 (g_getenv ("ANX_LOOK_LANGUAGE"), "zh") == 0;
  if (translate)
    anx_hands_touch (self, "中文");
  dress (self);
  anx_hands_wait_until (is_drawn, self->window);
  GtkWidget *window = GTK_WIDGET (self->window);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GskRenderNode) node = NULL;
  /* Some frames of the cairo renderer, so that what was just shown has its size; a window that waits for one gives no picture. */
  while (node == NULL)
    {
      rest ();
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window), gtk_widget_get_height (window));
      node = gtk_snapshot_free_to_node (snapshot);
    }
  g_autoptr (GdkTexture) texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  g_autofree char *file = g_strdup_printf ("%s/%s-%02u-%s.png", folder, self->story, self->n_pictures++, name);
  g_assert_true (gdk_texture_save_to_png (texture, file));
  if (translate)
    {
      anx_hands_touch (self, "English");
      rest ();
    }
}

static gboolean
is_named (GtkWidget *widget,
          const char *text)
{
  const char *name = gtk_widget_get_name (widget), *tooltip = gtk_widget_get_tooltip_text (widget);
  return (name != NULL && strstr (name, text) != NULL) || (tooltip != NULL && strstr (tooltip, text) != NULL);
}

gboolean
anx_hands_is_named (AnxHands *self,
                    const char *text)
{
  const char *title = gtk_window_get_title (GTK_WINDOW (self->window));
  return (title != NULL && strstr (title, text) != NULL) || search (GTK_WIDGET (self->window), is_named, text) != NULL;
}

static void
open_window (AnxHands *self)
{
  g_autoptr (GError) error = NULL;
  self->resident = anx_resident_new (anx_shell_double_get_client (self->shell), &error);
  g_assert_no_error (error);
  self->window = ANX_RESIDENT_WINDOW (anx_resident_window_new (self->resident));
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GdkMonitor) monitor = g_list_model_get_item (gdk_display_get_monitors (display), 0);
  GdkRectangle place;
  gdk_monitor_get_geometry (monitor, &place);
  gtk_window_set_decorated (GTK_WINDOW (self->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), place.width, place.height);
  gtk_window_present (GTK_WINDOW (self->window));
  dress (self);
  anx_hands_wait_until (is_drawn, self->window);
}

static void
close_window (AnxHands *self)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->resident);
}

void
anx_hands_start (AnxHands *self,
                 const char *story,
                 const char *language)
{
  memset (self, 0, sizeof *self);
  self->story = story;
  anx_ui_set_language (language);
  /* Who only looks is not stopped by a pixel that GTK misses. */
  if (g_getenv ("ANX_LOOK_DIR") != NULL)
    g_log_set_always_fatal (G_LOG_FATAL_MASK);
  self->shell = anx_shell_double_new ();
  open_window (self);
  anx_shell_double_set_online (self->shell, TRUE);
}

void
anx_hands_next_resident (AnxHands *self)
{
  close_window (self);
  open_window (self);
  /* As the shell does when a visit begins. */
  anx_shell_double_set_online (self->shell, anx_shell_double_is_online (self->shell));
}

void
anx_hands_stop (AnxHands *self)
{
  close_window (self);
  anx_shell_double_free (self->shell);
}
