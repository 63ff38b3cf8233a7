/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk-look.h"

#include <adwaita.h>

#include "ui-text.h"

/* Frames until what was changed has its place: popovers and lists measure themselves more than once. */
#define FRAMES 12

void
anx_look_begin (void)
{
  if (g_getenv ("ANX_LOOK_DIR") == NULL)
    return;
  anx_ui_set_language (g_getenv ("ANX_LOOK_LANGUAGE"));
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_path (provider, STYLE_PATH);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static gboolean
count_frame (GtkWidget *widget,
             GdkFrameClock *clock,
             gpointer frames)
{
  return ++*(guint *) frames < FRAMES ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
draw (GtkWidget *widget,
      const char *file)
{
  guint frames = 0;

  gtk_widget_add_tick_callback (widget, count_frame, &frames, NULL);
  while (frames < FRAMES)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return;
  g_autoptr (GdkTexture) texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (widget)), node, NULL);
  g_assert_true (gdk_texture_save_to_png (texture, file));
}

void
anx_look_at (GtkWidget *native,
             const char *name)
{
  static const int percents[] = { 100, 125, 150 };
  const char *folder = g_getenv ("ANX_LOOK_DIR");
  GtkSettings *settings = gtk_settings_get_default ();
  int usual = 0;

  if (folder == NULL)
    return;
  g_object_get (settings, "gtk-xft-dpi", &usual, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (percents); i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%s-%s-%d.png", folder, name, anx_ui_get_language (), percents[i]);
      g_object_set (settings, "gtk-xft-dpi", 96 * 1024 * percents[i] / 100, NULL);
      draw (native, file);
    }
  g_object_set (settings, "gtk-xft-dpi", usual, NULL);
}
